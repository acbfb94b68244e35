package study

import (
	"context"
	"slices"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/late"
	"github.com/fieldexp/fieldexp/report"
)

// judgeMore is what some kinds of tables want beside the evidence on effects.
type judgeMore struct {
	direct []float64   // effects of usage: bounds under direct effects of assignment between these
	groups *groupTests // effects by group: where to put the tests that compare them
}

// judge adds the evidence that the study asks for to the effects of a table, which has as many of
// each outcome. Inference that a method of estimation does not have is told of in the notes.
func (r *run) judge(ctx context.Context, k modelKey, outcomes []string, effects []*testedEffect, more judgeMore) ([]string, []fieldexp.Warning, error) {
	q := r.study.Inference
	each := len(effects) / len(outcomes)
	from := resampler{
		Refit: func(ctx context.Context, cov iv.Covariance) ([]*iv.Result, error) {
			other := k
			other.covariance = cov
			fitted, err := r.fit(ctx, other, outcomes)
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
	if more.groups != nil {
		from.WildByGroup = func(ctx context.Context, spec bootstrap.WildSpec) (*groupTests, error) {
			other := k
			other.covariance = forDraws
			fitted, err := r.fit(ctx, other, outcomes)
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
			tests, err := wildByGroup(ctx, &shown, spec, q.stepsDown())
			if err == nil {
				*more.groups = *tests
			}
			return tests, err
		}
	}
	if len(more.direct) > 0 {
		from.Violate = func(outcome string) (late.Violation, error) {
			fitted, err := r.fit(ctx, k, outcomes)
			if err != nil {
				return late.Violation{}, err
			}
			return fitted.usage[outcomes[0]].Violate(outcome, more.direct[0], more.direct[1])
		}
	}
	var lacks []string
	q.AR = q.AR && k.method == ofUsage
	q.Permute = q.Permute && k.method == ofAssignment
	if q.stepsDown() && !q.Wild && !q.Permute {
		lacks = append(lacks, "P-values are not adjusted by "+stepMethods[q.Adjust].String()+": there are no draws for this table.")
		q.Adjust = ""
	}
	notes, warnings, err := q.judge(ctx, effects, from)
	return append(notes, lacks...), warnings, err
}

// permute draws assignment again for some outcomes of a model, in draws common to all.
func (r *run) permute(ctx context.Context, k modelKey, outcomes []string, spec bootstrap.PermuteSpec) ([]bootstrap.PermuteEffect, *bootstrap.PermuteResult, error) {
	fitted, err := r.fit(ctx, k, outcomes)
	if err != nil {
		return nil, nil, err
	}
	if cluster := r.study.Model.Cluster; len(cluster) > 0 {
		spec.Unit = cluster[0]
	}
	var effects []bootstrap.PermuteEffect
	var result *bootstrap.PermuteResult
	for len(outcomes) > 0 {
		// Those that were estimated together, of which a table may show some, share the work of their draws.
		of := fitted.assignment[outcomes[0]]
		together := slices.IndexFunc(outcomes, func(name string) bool { return fitted.assignment[name] != of })
		if together < 0 {
			together = len(outcomes)
		}
		design := *of.Design
		design.Spec.Outcomes = nil
		for _, name := range outcomes[:together] {
			design.Spec.Outcomes = append(design.Spec.Outcomes, r.study.outcome(name).column(k))
		}
		if result, err = permuteDesign(ctx, &design, spec); err != nil {
			return nil, nil, err
		}
		effects, outcomes = append(effects, result.Effects...), outcomes[together:]
	}
	return effects, result, nil
}

// Below are the lines to print beneath effects, by their names.
func linesBeneath(effects []*testedEffect) map[string][]report.Line {
	lines := make(map[string][]report.Line)
	for _, e := range effects {
		lines[e.Name] = e.lines()
	}
	return lines
}
