package study

import (
	"context"
	"slices"

	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/report"
)

// judge adds the evidence that the study asks for to the effects of a table, which has as many of
// each outcome. Inference that a method of estimation does not have is told of in the notes.
func (r *run) judge(ctx context.Context, k modelKey, outcomes []string, effects []*Judged) ([]string, []iv.Warning, error) {
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
		Progress: func(done, total int) { r.opt.Progress("drawing", int64(done), int64(total)) },
	}
	var lacks []string
	q.AR = q.AR && k.method == ofUsage
	q.Permute = q.Permute && k.method == ofAssignment
	if q.Wild && k.method == ofUsageByGroup {
		q.Wild, lacks = false, append(lacks, "There is no wild bootstrap of effects of usage by group; see those of assignment by group.")
	}
	if _, steps := stepMethods[q.Adjust]; steps && !q.Wild && !q.Permute {
		lacks = append(lacks, "P-values are not adjusted by "+stepMethods[q.Adjust].String()+": there are no draws for this table.")
		q.Adjust = ""
	}
	notes, warnings, err := q.Judge(ctx, effects, from)
	return append(notes, lacks...), warnings, err
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
