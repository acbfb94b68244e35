package study

import (
	"context"
	"slices"

	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/late"
	"github.com/fieldexp/fieldexp/report"
)

// judge adds the evidence that the study asks for to the effects of a table, which has as many of
// each outcome; of effects of usage also the bounds under direct effects of assignment, if there may be any.
// Inference that a method of estimation does not have is told of in the notes.
func (r *run) judge(ctx context.Context, k modelKey, outcomes []string, effects []*Judged, direct ...float64) ([]string, []iv.Warning, error) {
	q := r.study.Inference
	each := len(effects) / len(outcomes)
	from := Source{
		Refit: func(ctx context.Context, cov iv.Covariance) ([]*iv.Result, error) {
			other := k
			other.covariance = cov
			fitted, err := r.fit(ctx, other)
			if err != nil {
				return nil, err
			}
			var fits []*iv.Result
			for _, name := range outcomes {
				fit, err := fitted.model(k, name, r.study.outcome(name).column(k))
				if err != nil {
					return nil, err
				}
				fits = append(fits, slices.Repeat([]*iv.Result{fit}, each)...)
			}
			return fits, nil
		},
		Permute: func(ctx context.Context, spec bootstrap.PermuteSpec) ([]bootstrap.PermuteEffect, *bootstrap.PermuteResult, error) {
			return r.permute(ctx, k, outcomes, spec)
		},
		Level:    r.study.Model.Level,
		Progress: func(done, total int) { r.opt.Progress("drawing", int64(done), int64(total)) },
	}
	if k.method == ofUsageByGroup {
		from.WildByGroup = func(ctx context.Context, spec bootstrap.WildSpec) ([]*bootstrap.WildResult, error) {
			other := k
			other.covariance = ForDraws
			fitted, err := r.fit(ctx, other)
			if err != nil {
				return nil, err
			}
			shown := *fitted.groups[outcomes[0]] // of outcomes that may be more than a table shows
			shown.Fits = nil
			for _, name := range outcomes {
				fit, err := fitted.groups[name].Fit(name)
				if err != nil {
					return nil, err
				}
				shown.Fits = append(shown.Fits, *fit)
			}
			return WildByGroup(ctx, &shown, spec, q.StepsDown())
		}
	}
	if len(direct) > 0 {
		from.Violate = func(outcome string) (late.Violation, error) {
			fitted, err := r.fit(ctx, k)
			if err != nil {
				return late.Violation{}, err
			}
			return fitted.usage[outcomes[0]].Violate(outcome, direct[0], direct[1])
		}
	}
	var lacks []string
	q.AR = q.AR && k.method == ofUsage
	q.Permute = q.Permute && k.method == ofAssignment
	if q.StepsDown() && !q.Wild && !q.Permute {
		lacks = append(lacks, "P-values are not adjusted by "+stepMethods[q.Adjust].String()+": there are no draws for this table.")
		q.Adjust = ""
	}
	notes, warnings, err := q.Judge(ctx, effects, from)
	return append(notes, lacks...), warnings, err
}

// WildByGroup tests effects of usage by group by the wild bootstrap of those of assignment: outcomes one by one
// or, to step down over their draws, together.
func WildByGroup(ctx context.Context, result *hetero.Result, spec bootstrap.WildSpec, together bool) (tests []*bootstrap.WildResult, err error) {
	each := 1
	if together {
		each = len(result.Fits)
	}
	for fits := range slices.Chunk(result.Fits, each) {
		some := *result
		some.Fits = fits
		wild, err := some.Wild(ctx, spec)
		if err != nil {
			return nil, err
		}
		for _, fit := range wild.Fits {
			tests = append(tests, fit.Impacts...)
		}
	}
	return tests, nil
}

// permute draws assignment again for some outcomes of a model, in draws common to all.
func (r *run) permute(ctx context.Context, k modelKey, outcomes []string, spec bootstrap.PermuteSpec) ([]bootstrap.PermuteEffect, *bootstrap.PermuteResult, error) {
	fitted, err := r.fit(ctx, k)
	if err != nil {
		return nil, nil, err
	}
	if cluster := r.study.Model.Cluster; len(cluster) > 0 {
		spec.Unit = cluster[0]
	}
	var effects []bootstrap.PermuteEffect
	var result *bootstrap.PermuteResult
	for _, name := range outcomes {
		// One outcome at a time: those of a model may be more than a table shows.
		design := *fitted.assignment[name].Design
		design.Spec.Outcomes = []string{r.study.outcome(name).column(k)}
		if result, err = Permute(ctx, &design, spec); err != nil {
			return nil, nil, err
		}
		effects = append(effects, result.Effects...)
	}
	return effects, result, nil
}

// Below are the lines to print beneath effects, by their names.
func Below(effects []*Judged) map[string][]report.Line {
	lines := make(map[string][]report.Line)
	for _, e := range effects {
		lines[e.Name] = e.Lines()
	}
	return lines
}
