package itt

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

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

	design   *Design
	assigned *iv.Result // the regression of assignment on the variables; nil where Joint has a Reason
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
	r := &BalanceResult{Arms: d.Arms, design: d}
	if r.Rows, err = d.describe(spec.Variables); err != nil {
		return nil, err
	}
	fits, err := r.estimate(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.joint(ctx); err != nil {
		return nil, err
	}
	return r, r.read(fits)
}

// estimate regresses the variables that vary on assignment.
func (r *BalanceResult) estimate(ctx context.Context) ([]*iv.Result, error) {
	d := r.design
	model := d.Model()
	model.Exogenous, model.Outcomes = slices.Clone(d.Terms), r.comparable()
	if len(model.Outcomes) == 0 {
		return nil, nil
	}
	fits, err := iv.Estimate(ctx, d.Frame, model)
	if err != nil {
		return nil, d.Explain(err)
	}
	return fits, d.checkIdentified(ctx, fits)
}

// read takes differences, the joint test and warnings from the regressions.
func (r *BalanceResult) read(fits []*iv.Result) (err error) {
	if r.Warnings, err = r.design.Warnings(fits); err != nil {
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
		row.N, row.Differences = row.Fit.N, nil
		for _, term := range r.design.Terms {
			c, err := row.Fit.Coefficient(term)
			if err != nil {
				return err
			}
			row.Differences = append(row.Differences, c)
		}
	}
	if r.assigned == nil {
		return nil
	}
	for _, w := range r.assigned.Warnings {
		r.Warnings = brief.AddWarning(r.Warnings, w)
	}
	null := r.Joint.Null
	r.Joint, r.JointN = r.assigned.OverallF(), r.assigned.N
	r.Joint.Null = null
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
func (r *BalanceResult) joint(ctx context.Context) error {
	d := r.design
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
	r.assigned = fits[0]
	return nil
}

// Fit is the regression of a variable on assignment. The error says why there is none.
func (r *BalanceResult) Fit(variable string) (*iv.Result, error) {
	row, err := r.row(variable)
	if err != nil {
		return nil, err
	}
	return row.Fit, nil
}

// row is that of a variable that is compared.
func (r *BalanceResult) row(variable string) (*BalanceRow, error) {
	for i := range r.Rows {
		row := &r.Rows[i]
		if row.Variable == variable && row.Fit == nil {
			return nil, &fieldexp.Error{Op: "itt", Problem: fieldexp.NotAvailable, Columns: []string{variable},
				Message: fmt.Sprintf("%q is not compared: %s", variable, row.Reason)}
		}
		if row.Variable == variable {
			return row, nil
		}
	}
	return nil, &fieldexp.Error{Op: "itt", Problem: fieldexp.BadSpec, Columns: []string{variable},
		Message: fmt.Sprintf("there is no comparison of variable %q", variable),
		Remedy:  []fieldexp.Hint{fieldexp.Hint("the variables compared are " + strings.Join(r.comparable(), ", "))}}
}

// Effect is the difference between the arms in a variable: what assignment would have to do with it, if it were not
// from before. With several arms it is refused: use ArmEffect.
func (r *BalanceResult) Effect(variable string) (iv.Coefficient, error) {
	if len(r.Arms) > 2 {
		return iv.Coefficient{}, severalArms(r.design.Spec.Assignment, r.Arms)
	}
	row, err := r.row(variable)
	if err != nil {
		return iv.Coefficient{}, err
	}
	return row.Differences[0], nil
}

// ArmEffect is the difference of an arm from control in a variable.
func (r *BalanceResult) ArmEffect(variable, arm string) (iv.Coefficient, error) {
	row, err := r.row(variable)
	if err != nil {
		return iv.Coefficient{}, err
	}
	i, err := armAt(r.design.Spec.Assignment, r.Arms, arm)
	if err != nil {
		return iv.Coefficient{}, err
	}
	return row.Differences[i-1], nil
}

// Effects lists the differences in the order of the variables that are compared and, within a variable, of the
// arms.
func (r *BalanceResult) Effects() (list []iv.Coefficient) {
	for _, row := range r.Rows {
		list = append(list, row.Differences...)
	}
	return list
}

// With is the result with another covariance, computed without the rows; see iv.Result.With.
func (r *BalanceResult) With(cov iv.Covariance) (*BalanceResult, error) {
	changed := *r
	changed.design, changed.Rows = r.design.With(cov), slices.Clone(r.Rows)
	var fits []*iv.Result
	for _, row := range r.Rows {
		if row.Fit == nil {
			continue
		}
		fit, err := row.Fit.With(cov)
		if err != nil {
			return nil, err
		}
		fits = append(fits, fit)
	}
	if r.assigned != nil {
		var err error
		if changed.assigned, err = r.assigned.With(cov); err != nil {
			return nil, err
		}
	}
	return &changed, changed.read(fits)
}
