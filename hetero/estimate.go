package hetero

import (
	"context"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// Estimate estimates the effect of assignment or, with Spec.Usage, of usage on each outcome in
// each group. One model holds all groups, with a regressor for each: usage in the group is
// instrumented by assignment in the group (R's fixest: i(q, usage) ~ i(q, treat)), so that the
// effects and their covariance come from one fit, and their differences have exact standard
// errors. Each group has its own level, and its own period effects unless Spec.TimeEffects is
// Common. Controls and the other absorbed effects are common to the groups; without them, and
// with GroupSpecific periods, the effects are those of separate regressions.
//
// The error is a *fieldexp.Error, which names the group and its counts if it is about one, or that of
// ctx.
func Estimate(ctx context.Context, f *data.Frame, spec Spec) (*Result, error) {
	d, err := newDesign(f, spec)
	if err != nil {
		return nil, err
	}
	counter, err := d.newCounter()
	if err != nil {
		return nil, err
	}
	counts, err := counter.counts(ctx)
	if err != nil {
		return nil, err
	}
	fits := make([]Fit, len(spec.Outcomes))
	for i, outcome := range spec.Outcomes {
		fits[i] = Fit{Outcome: outcome, Groups: d.describe(counts[i])}
	}
	steps := d.newSteps()
	models, err := steps.estimate(ctx, d.byGroup(spec.TimeEffects))
	if err != nil {
		return nil, d.explain(err)
	}
	for i := range fits {
		if err := fits[i].fill(d, models[i]); err != nil {
			return nil, err
		}
	}
	if !spec.SkipConsistency {
		if err := d.checkConsistency(ctx, steps, fits); err != nil {
			return nil, err
		}
	}
	return d.result(fits)
}

// result collects the fits and what concerns all of them.
func (d *design) result(fits []Fit) (*Result, error) {
	r := &Result{Regressor: d.regressor, GroupColumn: d.spec.Group, Groups: d.groups.labels,
		TimeEffects: d.spec.TimeEffects, Period: d.spec.period(), Fits: fits}
	r.Ungrouped.Rows = d.groups.none
	if len(d.spec.Cluster) > 0 {
		clusters, err := d.assignment.Group(iv.Effects(d.spec.Cluster[0])[0])
		if err != nil {
			return nil, err
		}
		r.Ungrouped.Clusters = d.groups.without(clusters)
	}
	r.design = d.light()
	r.collectWarnings()
	return r, nil
}

// light is the design without what has a row for each of the frame's.
func (d *design) light() *design {
	l := *d
	l.frame, l.assignment = nil, nil
	l.groups = &groups{column: d.groups.column, labels: d.groups.labels}
	return &l
}

// steps estimates models one after the other and reports progress over all of them.
type steps struct {
	d           *design
	done, total int // estimations
}

// newSteps counts the estimations to come; checkDrift may find that it needs one more.
func (d *design) newSteps() *steps {
	s := &steps{d: d, total: 1}
	if d.spec.SkipConsistency {
		return s
	}
	s.total++
	if d.averageDiffers() {
		s.total++
	}
	if d.hasDrift() {
		s.total++
	}
	return s
}

// estimate estimates a model of every outcome.
func (s *steps) estimate(ctx context.Context, model iv.Spec) ([]*iv.Result, error) {
	if s.d.spec.Progress != nil {
		outcomes := len(model.Outcomes)
		before := s.done * outcomes
		s.total = max(s.total, s.done+1)
		model.Progress = func(done, total int) {
			s.d.spec.Progress(before+outcomes*done/total, s.total*outcomes)
		}
	}
	s.done++
	return iv.Estimate(ctx, s.d.frame, model)
}
