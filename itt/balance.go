package itt

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/iv"
)

// BalanceSpec says which variables, measured before treatment, to compare between arms. Variables
// and Assignment are required.
type BalanceSpec struct {
	// Spec names the Assignment, and the strata within which it was drawn in Absorb; Cluster is the unit
	// that was assigned, where rows are finer than that (chats of agents). Outcomes, Controls and a launch have
	// no place in it.
	Spec
	Variables []string // columns of numbers
}

// BalanceResult compares variables between arms.
type BalanceResult struct {
	Arms []Arm        // the first is control
	Rows []BalanceRow // in the order of BalanceSpec.Variables
	// Joint tests that the variables together do not predict assignment: the F of all slopes in the
	// regression of assignment on them over the JointN rows in which none is missing. Where it
	// cannot be computed it carries the reason.
	Joint  iv.Test
	JointN int
	// Warnings are those of all regressions, each once.
	Warnings []fieldexp.Warning
}

// BalanceRow compares one variable. Arms and Differences are in the order of BalanceResult.Arms;
// the differences, from control, leave out control itself.
type BalanceRow struct {
	Variable    string
	N           int
	Arms        []Moments
	Differences []iv.Coefficient
	// Normalized are the differences of the arms' means, over the root of the mean of their
	// variances (Imbens and Rubin 2015, 14.2): free of units and of the sample's size. Beyond about
	// a quarter, regression adjustment depends on its functional form.
	Normalized []float64
	// Reason says why there is no difference: the variable does not vary, or an arm has no value.
	Reason string
	Fit    *iv.Result // nil where there is a Reason
}

// Moments describe a variable in an arm.
type Moments struct {
	N        int // observations
	Mean, SD float64
}

// Balance compares baseline variables between arms, as the first table of a field experiment does.
// The difference of each is the coefficient of assignment in a regression of the variable on it and
// on absorbed strata, with the standard error of the spec's covariance, so that its p-value is that
// of Estimate with the variable as outcome. Means, standard deviations and counts are over the same
// rows, but for rows that are alone in a stratum.
//
// A variable that cannot be compared has a row with the reason. The error is a
// *fieldexp.Error, or that of ctx.
func Balance(ctx context.Context, f *data.Frame, spec BalanceSpec) (*BalanceResult, error) {
	if len(spec.Variables) == 0 {
		return nil, &fieldexp.Error{Op: "itt", Problem: fieldexp.NoVariables,
			Message: "no variable is named",
			Remedy:  []fieldexp.Hint{"name columns in {Variables}"}}
	}
	if len(spec.Outcomes) > 0 || len(spec.Controls) > 0 || spec.differences() {
		return nil, &fieldexp.Error{Op: "itt", Problem: fieldexp.BadSpec, Message: "a balance table with outcomes, controls or a launch",
			Remedy: []fieldexp.Hint{"name what is compared in {Variables}, and leave {Outcomes}, {Controls}, {Time} and {Launch} out"}}
	}
	d, err := NewDesign(f, spec.Spec)
	if err != nil {
		return nil, err
	}
	r := &BalanceResult{Arms: d.Arms}
	if r.Rows, err = d.describe(spec.Variables); err != nil {
		return nil, err
	}
	if err := r.compare(ctx, d); err != nil {
		return nil, err
	}
	return r, r.joint(ctx, d)
}

// compare regresses the variables that vary on assignment.
func (r *BalanceResult) compare(ctx context.Context, d *Design) error {
	model := d.Model()
	model.Exogenous, model.Outcomes = slices.Clone(d.Terms), r.comparable()
	if len(model.Outcomes) == 0 {
		return nil
	}
	fits, err := iv.Estimate(ctx, d.Frame, model)
	if err != nil {
		return d.Explain(err)
	}
	if err := d.checkIdentified(ctx, fits); err != nil {
		return err
	}
	if r.Warnings, err = d.Warnings(fits); err != nil {
		return err
	}
	for i := range r.Rows {
		row := &r.Rows[i]
		if row.Reason != "" {
			continue
		}
		if row.Fit, err = pick(fits, row.Variable); err != nil {
			return err
		}
		row.N = row.Fit.N
		for _, term := range d.Terms {
			c, err := row.Fit.Coefficient(term)
			if err != nil {
				return err
			}
			row.Differences = append(row.Differences, c)
		}
	}
	return nil
}

// comparable lists the variables without a reason not to compare them.
func (r *BalanceResult) comparable() (names []string) {
	for _, row := range r.Rows {
		if row.Reason == "" {
			names = append(names, row.Variable)
		}
	}
	return names
}

// joint regresses assignment on the variables.
func (r *BalanceResult) joint(ctx context.Context, d *Design) error {
	r.Joint = iv.Test{Null: "the variables do not predict assignment", Statistic: math.NaN(), P: math.NaN()}
	variables := r.comparable()
	if len(d.Terms) > 1 {
		r.Joint.Reason = fmt.Sprintf("assignment has %d arms; compare two at a time", len(d.Arms))
		return nil
	}
	if len(variables) == 0 {
		r.Joint.Reason = "no variable can be compared"
		return nil
	}
	model := d.Model()
	model.Outcomes, model.Exogenous, model.Progress = d.Terms, variables, nil
	fits, err := iv.Estimate(ctx, d.Frame, model)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		r.Joint.Reason = err.Error()
		return nil
	}
	fit := fits[0]
	for _, w := range fit.Warnings {
		r.Warnings = brief.AddWarning(r.Warnings, w)
	}
	null := r.Joint.Null
	r.Joint, r.JointN = fit.OverallF(), fit.N
	r.Joint.Null = null
	return nil
}
