package itt

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/iv"
)

// Estimate estimates the intention-to-treat effect of assignment on each outcome: ordinary least
// squares of the outcome on assignment, controls and absorbed effects (Stata's areg or reghdfe, R's
// fixest::feols and estimatr::lm_robust). With a Time and a Launch it is the
// difference-in-differences whose regressor is assignment from the launch on.
//
// The effect is that of being assigned, not of using what was assigned, and is causal by the
// randomisation of assignment alone. Controls and strata make it more precise; a
// difference-in-differences of a randomised assignment does so by each unit's own past.
//
// The error is a *fieldexp.Error, or that of ctx. An effect that cannot be estimated is an error, never absent
// from the result.
func Estimate(ctx context.Context, f *data.Frame, spec Spec) (*Result, error) {
	d, err := NewDesign(f, spec)
	if err != nil {
		return nil, err
	}
	model := d.Model()
	model.Exogenous, model.Sampled = slices.Concat(d.Terms, model.Exogenous), d.Count
	fits, err := iv.Estimate(ctx, d.Frame, model)
	if err != nil {
		return nil, d.Explain(err)
	}
	if err := d.checkIdentified(ctx, fits); err != nil {
		return nil, err
	}
	warnings, err := d.Warnings(fits)
	if err != nil {
		return nil, err
	}
	return &Result{Design: d, Term: d.Terms[0], Fits: fits, Warnings: warnings}, nil
}

// Model is the linear model of the design without its regressors of interest: outcomes, main
// effects and controls as exogenous columns, absorbed effects, clusters, weights. Its Exogenous
// slice is the caller's to extend.
func (d *Design) Model() iv.Spec {
	s := &d.Spec
	return iv.Spec{
		Outcomes: s.Outcomes, Exogenous: slices.Concat(d.MainEffects, s.Controls),
		Rows: s.Rows, Absorb: s.Absorb, KeepSingletons: s.KeepSingletons, Cluster: s.Cluster,
		Weights: s.Weights, WeightKind: s.WeightKind, Covariance: s.Covariance, Level: s.Level, Progress: s.Progress,
	}
}

// Explain says in the words of the design why iv.Estimate refused its model, where the reason is
// that nothing is left of assignment. Other errors are returned as they are.
func (d *Design) Explain(err error) error {
	var e *fieldexp.Error
	if !errors.As(err, &e) || e.Problem != fieldexp.Collinear && e.Problem != fieldexp.UnderIdentified {
		return err
	}
	for _, term := range d.Terms {
		if !slices.Contains(e.Columns, term) {
			continue
		}
		for _, outcome := range d.Spec.Outcomes {
			if empty := d.emptyArm(outcome); empty != nil {
				return empty
			}
		}
		return d.spanned(term, "", err)
	}
	return err
}

// emptyArm explains that an outcome is known in some arms only; nil where it is known in all.
func (d *Design) emptyArm(outcome string) error {
	known, err := knownRows(d.Frame, []string{outcome})
	if err != nil {
		return err
	}
	rows := make([]int, len(d.Arms))
	for i, arm := range d.assigned.codes {
		if arm >= 0 && known[i] {
			rows[arm]++
		}
	}
	for arm, n := range rows {
		if n == 0 {
			return &fieldexp.Error{Op: "itt", Problem: fieldexp.OneArm, Columns: []string{d.Spec.Assignment, outcome}, Count: d.Arms[arm].Rows,
				Message: fmt.Sprintf("outcome %q is missing in all %s rows of arm %s of assignment %q", outcome, brief.Count(d.Arms[arm].Rows), d.Arms[arm].Label, d.Spec.Assignment),
				Remedy:  []fieldexp.Hint{"check how it was measured and joined, since an effect of assignment needs the outcome in every arm"}}
		}
	}
	return nil
}

// spanned explains that, over the rows of an outcome, nothing is left of a regressor.
func (d *Design) spanned(term, outcome string, cause error) error {
	e := &fieldexp.Error{Op: "itt", Problem: fieldexp.Spanned, Columns: []string{d.Spec.Assignment}, Err: cause}
	e.Message = fmt.Sprintf("the controls and absorbed effects span %q", term)
	if outcome != "" {
		e.Message += fmt.Sprintf(" over the rows in which %q and the other columns are known", outcome)
	} else {
		e.Message += " over the rows without a missing value"
	}
	remedy := "take out the controls or effects that repeat it, and check that the rows used have both arms"
	if d.post != nil {
		remedy += " before and after the launch"
	}
	e.Remedy = []fieldexp.Hint{fieldexp.Hint(remedy)}
	return e
}

// checkIdentified refuses fits that dropped a regressor of interest. Where columns are collinear
// iv.Estimate keeps those named first, which the regressors of interest are; so outcomes of which
// it dropped a control are fitted again with the regressors of interest last, which shows whether
// the controls span them.
func (d *Design) checkIdentified(ctx context.Context, fits []*iv.Result) error {
	var again []string
	for _, fit := range fits {
		if err := d.CheckTerms(fit); err != nil {
			return err
		}
		if len(fit.Dropped.Collinear) > 0 {
			again = append(again, fit.Outcome)
		}
	}
	if len(again) == 0 {
		return nil
	}
	model := d.Model()
	model.Outcomes, model.Progress = again, nil
	model.Exogenous = append(model.Exogenous, d.Terms...)
	fits, err := iv.Estimate(ctx, d.Frame, model)
	if err != nil {
		return d.Explain(err)
	}
	for _, fit := range fits {
		if err := d.CheckTerms(fit); err != nil {
			return err
		}
	}
	return nil
}

// CheckTerms refuses a fit from which a regressor of interest was dropped as collinear.
func (d *Design) CheckTerms(fit *iv.Result) error {
	for _, term := range d.Terms {
		if !slices.Contains(fit.Terms, term) {
			if err := d.emptyArm(fit.Outcome); err != nil {
				return err
			}
			return d.spanned(term, fit.Outcome, nil)
		}
	}
	return nil
}
