package itt

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// Lin estimates the intention-to-treat effect of assignment on each outcome with controls that
// have their own slopes in every arm: ordinary least squares of the outcome on assignment, the
// controls less their means, and the products of both. The coefficient of assignment is then the
// difference between the arms' separate regressions, each taken at the controls' means over all
// rows used, and so an average effect however effects vary with the controls: adjusted like this,
// an estimate is in large samples at least as precise as the difference in means, also where arms
// are of unequal size, and robust standard errors are right or too large (Lin 2013; Freedman 2008
// for what can go wrong without the products). Means and slopes are weighted where there are
// weights, and taken over each outcome's own rows.
//
// Text controls enter as indicators of their levels but the first. With the blocks within which
// assignment was drawn as such a control, the effect is the mean of the blocks' effects weighted
// by their size; see DifferenceInMeans.
//
// The terms of the fits are named assigned, x_c and assigned:x_c, as in R's estimatr::lm_lin, which
// gives the same numbers. Its defaults are HC2 and CR2; here they are HC1 and CR1, as for Estimate, and
// Spec.Covariance asks for others. Means of controls count as given, as they are for the effect on
// the units at hand.
//
// Absorb, Time and Launch are refused. So are controls whose slope in an arm is unknown, since they
// do not vary there or repeat others. Errors are those of Estimate.
func Lin(ctx context.Context, f *data.Frame, spec Spec) (*Result, error) {
	if err := checkLin(spec); err != nil {
		return nil, err
	}
	if spec.Rows != nil { // means of controls are those of these rows
		f, spec.Rows = f.Filter(spec.Rows), nil
	}
	d, err := NewDesign(f, spec)
	if err != nil {
		return nil, err
	}
	d.interacted = true
	samples, err := d.samples()
	if err != nil {
		return nil, err
	}
	r := &Result{Design: d, Term: d.Terms[0], Fits: make([]*iv.Result, len(spec.Outcomes))}
	for i, s := range samples {
		if err := d.linFits(ctx, s, r.Fits); err != nil {
			return nil, err
		}
		if spec.Progress != nil {
			spec.Progress(i+1, len(samples))
		}
	}
	r.Warnings, err = d.Warnings(r.Fits)
	return r, err
}

// checkLin refuses parts of a Spec that have no meaning for the interacted estimator.
func checkLin(spec Spec) error {
	if len(spec.Outcomes) == 0 {
		return &fieldexp.Error{Op: "itt", Problem: fieldexp.BadSpec,
			Message: "no outcome is named",
			Remedy:  []fieldexp.Hint{"set {Outcomes}"}}
	}
	if len(spec.Absorb) > 0 {
		return &fieldexp.Error{Op: "itt", Problem: fieldexp.BadSpec, Columns: spec.Absorb[0],
			Message: fmt.Sprintf("Lin's estimator with absorbed effects of %s, whose products with assignment it needs", spec.Absorb[0]),
			Remedy:  []fieldexp.Hint{"name the strata among {Controls}, as a column of text, and absorb nothing", "use {Estimate}"}}
	}
	if spec.differences() {
		return &fieldexp.Error{Op: "itt", Problem: fieldexp.BadSpec, Columns: []string{spec.Assignment}, Message: "Lin's estimator of a difference-in-differences",
			Remedy: []fieldexp.Hint{"leave {Launch} out and name the outcome before the launch among {Controls}", "use {Estimate}"}}
	}
	return nil
}

// linFits fits the outcomes of a sample.
func (d *Design) linFits(ctx context.Context, s *linSample, fits []*iv.Result) error {
	frame := d.Frame.Clone()
	columns, err := d.linColumns(frame, s.rows)
	if err != nil {
		return err
	}
	model := d.Model()
	model.Outcomes, model.Progress = nil, nil
	for _, o := range s.outcomes {
		model.Outcomes = append(model.Outcomes, d.Spec.Outcomes[o])
	}
	model.Exogenous = slices.Concat(d.Terms, columns.centred, columns.names())
	found, err := iv.Estimate(ctx, frame, model)
	if err != nil {
		return d.Explain(err)
	}
	if err := d.checkIdentified(ctx, found); err != nil {
		return err
	}
	for i, fit := range found {
		if err := d.checkOverlap(fit, columns); err != nil {
			return err
		}
		fits[s.outcomes[i]] = fit
	}
	return nil
}

// checkOverlap refuses a fit in which a control has a slope in some arms only.
func (d *Design) checkOverlap(fit *iv.Result, columns *linColumns) error {
	var controls, arms []string
	for _, p := range columns.products {
		if slices.Contains(fit.Dropped.Collinear, p.name) && !slices.Contains(fit.Dropped.Collinear, p.centred) {
			controls = append(controls, fmt.Sprintf("%q", strings.TrimSuffix(p.centred, "_c")))
			arms = append(arms, d.Arms[p.arm].Label)
		}
	}
	if len(controls) == 0 {
		return nil
	}
	slices.Sort(controls)
	slices.Sort(arms)
	return &fieldexp.Error{Op: "itt", Problem: fieldexp.NoOverlap, Columns: []string{d.Spec.Assignment}, Count: len(controls),
		Message: fmt.Sprintf("for outcome %q, control(s) %s do not vary or repeat other controls within arm(s) %s or within control, so that a slope there is unknown",
			fit.Outcome, strings.Join(slices.Compact(controls), ", "), strings.Join(slices.Compact(arms), ", ")),
		Remedy: []fieldexp.Hint{"leave them out", "merge rare levels of a text control", "use {Estimate}, which takes slopes to be the same in every arm"}}
}
