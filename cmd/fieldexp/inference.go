package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/late"
	"github.com/fieldexp/fieldexp/study"
)

// checkInference refuses what the model that is asked for does not have.
func (fl *fitFlags) checkInference() error {
	q := &fl.inference
	if err := q.Check(); err != nil {
		return err
	}
	switch {
	case q.Seed != 0 && !q.Wild && !q.Permute && fl.splits == 0:
		return errors.New("--seed is of draws and splits: ask for --wild, --permute or --splits as well, or leave it out")
	case (len(q.Strata) > 0 || q.Pairs != "") && !q.Permute && fl.design != "means":
		return errors.New("--strata and --pairs say how assignment was drawn: ask for --permute or --design means as well")
	case q.AR && (fl.usage == "" || fl.by != ""):
		return errors.New("--ar is of the effect of usage: give --usage, and leave --by out")
	case q.Permute && (fl.usage != "" || fl.by != ""):
		return errors.New("--permute tests effects of assignment: leave --usage and --by out")
	case q.Wild && len(fl.cluster) != 1:
		return fmt.Errorf("--wild draws a weight for each cluster, and there are %d columns of clusters: name one, the level of assignment, with --cluster", len(fl.cluster))
	}
	return nil
}

// judge adds the evidence that the flags ask for to the effects of interest. The model is estimated
// again with another covariance where draws need what that one keeps.
func (r *fitResult) judge(ctx context.Context, bar *bar, frame *data.Frame, refit func(iv.Covariance) (*fitResult, error)) (err error) {
	r.list()
	from := r.source(frame, refit)
	from.Progress = func(done, total int) { bar.show("drawing", int64(done), int64(total)) }
	r.notes, r.warnings, err = r.flags.inference.Judge(ctx, r.effects, from)
	return err
}

// source estimates again what draws need.
func (r *fitResult) source(frame *data.Frame, refit func(iv.Covariance) (*fitResult, error)) study.Source {
	fl := r.flags
	from := study.Source{
		Level: fl.level,
		Refit: func(_ context.Context, cov iv.Covariance) ([]*iv.Result, error) {
			other, err := refit(cov)
			if err != nil {
				return nil, err
			}
			other.list()
			fits := make([]*iv.Result, len(other.effects))
			for i, e := range other.effects {
				fits[i] = e.Fit
			}
			return fits, nil
		},
		Permute: func(ctx context.Context, spec bootstrap.PermuteSpec) ([]bootstrap.PermuteEffect, *bootstrap.PermuteResult, error) {
			result, err := r.permute(ctx, frame, spec)
			if err != nil {
				return nil, nil, err
			}
			return result.Effects, result, nil
		},
	}
	if r.groups != nil {
		from.WildByGroup = func(ctx context.Context, spec bootstrap.WildSpec) (*study.GroupTests, error) {
			other, err := refit(study.ForDraws)
			if err != nil {
				return nil, err
			}
			tests, err := study.WildByGroup(ctx, other.groups, spec, fl.inference.StepsDown())
			if err == nil {
				r.tests = *tests
			}
			return tests, err
		}
	}
	if len(fl.direct) > 0 {
		from.Violate = func(outcome string) (late.Violation, error) {
			return r.usage.Violate(outcome, fl.direct[0], fl.direct[1])
		}
	}
	return from
}

// permute draws assignment again.
func (r *fitResult) permute(ctx context.Context, frame *data.Frame, spec bootstrap.PermuteSpec) (*bootstrap.PermuteResult, error) {
	if r.means != nil {
		return study.PermuteMeans(ctx, frame, r.means.Spec, spec)
	}
	if len(r.flags.cluster) > 0 {
		spec.Unit = r.flags.cluster[0]
	}
	return study.Permute(ctx, r.assignment.Design, spec)
}

// list lists the effects of interest: of assignment, of each arm where there are several; of usage; or
// in each group.
func (r *fitResult) list() {
	switch {
	case r.splits != nil: // which stand alone
	case r.means != nil:
		r.effects = study.MeansEffects(r.means)
	case r.groups != nil:
		for i := range r.groups.Fits {
			r.effects = append(r.effects, study.GroupEffects(r.groups, &r.groups.Fits[i])...)
		}
	case r.usage != nil:
		for _, fit := range r.usage.Fits {
			r.effects = append(r.effects, &study.Judged{Fit: fit, Term: r.usage.Usage, Name: r.usage.Usage})
		}
	default:
		for _, fit := range r.assignment.Fits {
			for _, term := range r.assignment.Design.Terms {
				r.effects = append(r.effects, &study.Judged{Fit: fit, Term: term, Name: term})
			}
		}
	}
}

// of are the effects on an outcome, by its place.
func (r *fitResult) of(outcome int) []*study.Judged {
	each := len(r.effects) / len(r.flags.outcomes)
	return r.effects[outcome*each : (outcome+1)*each]
}
