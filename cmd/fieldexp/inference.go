package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/study"
)

// checkInference refuses what the model that is asked for does not have.
func (fl *fitFlags) checkInference() error {
	q := &fl.inference
	if err := q.Check(); err != nil {
		return err
	}
	switch {
	case q.AR && (fl.usage == "" || fl.by != ""):
		return errors.New("--ar is of the effect of usage: give --usage, and leave --by out")
	case q.Permute && (fl.usage != "" || fl.by != ""):
		return errors.New("--permute tests effects of assignment: leave --usage and --by out")
	case q.Wild && fl.usage != "" && fl.by != "":
		return errors.New("--wild has no bootstrap of effects of usage by group: leave --usage or --by out")
	case q.Wild && len(fl.cluster) != 1:
		return fmt.Errorf("--wild draws a weight for each cluster, and there are %d columns of clusters: name one, the level of assignment, with --cluster", len(fl.cluster))
	}
	return nil
}

// judge adds the evidence that the flags ask for to the effects of interest. The model is estimated
// again with another covariance where draws need what that one keeps.
func (r *fitResult) judge(ctx context.Context, bar *bar, refit func(iv.Covariance) (*fitResult, error)) (err error) {
	r.list()
	r.notes, r.warnings, err = r.flags.inference.Judge(ctx, r.effects, study.Source{
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
			if len(r.flags.cluster) > 0 {
				spec.Unit = r.flags.cluster[0]
			}
			result, err := study.Permute(ctx, r.assignment.Design, spec)
			if err != nil {
				return nil, nil, err
			}
			return result.Effects, result, nil
		},
		Progress: func(done, total int) { bar.show("drawing", int64(done), int64(total)) },
	})
	return err
}

// list lists the effects of interest: of assignment, of each arm where there are several; of usage; or
// in each group.
func (r *fitResult) list() {
	switch {
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
