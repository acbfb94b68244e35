package late

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
)

// Estimate estimates the local average treatment effect of usage on each outcome: two-stage least
// squares of the outcome on usage, controls and absorbed effects, with assignment as the instrument
// of usage (Stata's ivregress and ivreghdfe, R's estimatr::iv_robust and fixest::feols). Beside it
// stand the first stage, the reduced form (the intention-to-treat effect) and the as-used
// regression by ordinary least squares, which takes usage as if it had been assigned.
//
// The effect is that on compliers, those whom assignment moved to use (Imbens and Angrist 1994). It
// takes random assignment, that assignment matters through usage alone (exclusion), and that it
// makes nobody use less. With one-sided uptake it is the effect on those who used among the
// assigned. Where usage is a share or a dose, it is per unit of usage, averaged over the levels
// that assignment moved units through (Angrist and Imbens 1995).
//
// The error is a *fieldexp.Error, or that of ctx.
func Estimate(ctx context.Context, f *data.Frame, spec Spec) (*Result, error) {
	d, err := itt.NewDesign(f, spec.Spec)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil { // between passes over the rows
		return nil, err
	}
	weights, err := spec.weights(f)
	if err != nil {
		return nil, err
	}
	u, err := readUsage(d, spec.Usage, weights)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r := &Result{Design: d, Usage: spec.Usage, Term: d.Terms[0],
		lowest: min(u.exposed.lowest, u.spared.lowest), highest: max(u.exposed.highest, u.spared.highest)}
	model := d.Model()
	r.shares = make(map[string]Shares)
	var mutex sync.Mutex
	var failed error
	model.Sampled = func(outcomes []string, n int, row func(i int) int) []string {
		alone := d.Count(outcomes, n, row)
		s, err := u.shares(n, row, weights)
		mutex.Lock()
		defer mutex.Unlock()
		failed = cmp.Or(failed, err)
		for _, outcome := range outcomes {
			r.shares[outcome] = s
		}
		return alone
	}
	model.Endogenous, model.Instruments = []string{spec.Usage}, d.Terms
	model.Estimator, model.FullerAlpha = spec.Estimator, spec.FullerAlpha
	if r.Fits, err = iv.Estimate(ctx, d.Frame, model); err != nil {
		return nil, u.explain(err)
	}
	if failed != nil {
		return nil, failed
	}
	r.Shares = r.shares[spec.Outcomes[0]]
	if err := u.checkFirstStages(r.Fits); err != nil {
		return nil, err
	}
	clusters := 0
	if len(r.Fits[0].Clusters) > 0 {
		clusters = r.Fits[0].Clusters[0].Count
	}
	if w, is := u.uneven(r.Fits[0].N, clusters); is {
		r.uneven = []fieldexp.Warning{w}
	}
	return r, r.warn()
}

// explain says in terms of usage why the model was refused, where assignment leaves too little.
func (u *usage) explain(err error) error {
	var e *fieldexp.Error
	if errors.As(err, &e) && e.Problem == fieldexp.IllConditioned && slices.Contains(e.Columns, u.column) {
		return u.noFirstStage("", err)
	}
	return u.design.Explain(err)
}

func (u *usage) noFirstStage(outcome string, cause error) error {
	over := ""
	if outcome != "" {
		over = fmt.Sprintf(" over the rows of outcome %q", outcome)
	}
	return &fieldexp.Error{Op: "late", Problem: fieldexp.NoFirstStage, Columns: []string{u.column, u.design.Spec.Assignment}, Err: cause,
		Message: fmt.Sprintf("assignment %q does not move usage %q%s", u.design.Spec.Assignment, u.column, over),
		Remedy:  []fieldexp.Hint{"check the two columns, since an effect of usage can be told only from usage that assignment brought about"}}
}

// checkFirstStages refuses fits that lost an instrument, or whose first stage is zero but for
// rounding.
func (u *usage) checkFirstStages(fits []*iv.Result) error {
	const rounding = 1e-12 // F of a coefficient a millionth of its standard error
	for _, fit := range fits {
		if err := u.design.CheckTerms(fit.ReducedForm); err != nil {
			return err
		}
		if f := fit.PartialF()[0]; f.Statistic < rounding {
			return u.noFirstStage(fit.Outcome, nil)
		}
	}
	return nil
}

// warn collects the warnings of the fits, of the design and of usage.
func (r *Result) warn() error {
	reduced := make([]*iv.Result, len(r.Fits))
	for i, fit := range r.Fits {
		reduced[i] = fit.ReducedForm
		for _, w := range fit.Warnings {
			r.Warnings = brief.AddWarning(r.Warnings, w)
		}
	}
	list, err := r.Design.Warnings(reduced)
	if err != nil {
		return err
	}
	for _, w := range list {
		r.Warnings = brief.AddWarning(r.Warnings, w)
	}
	for _, w := range r.uneven {
		r.Warnings = brief.AddWarning(r.Warnings, w)
	}
	r.warnWeak()
	if r.lowest < 0 || r.highest > 1 {
		r.Warnings = brief.AddWarning(r.Warnings, fieldexp.Warning{Code: "usage-outside", Message: fmt.Sprintf(
			"usage %q runs from %g to %g, so it is not a share: the effect is per unit of it, averaged over the units and levels that assignment moved", r.Usage, r.lowest, r.highest)})
	}
	if r.Shares.Compliers < 0 && !math.IsNaN(r.Shares.Compliers) {
		r.Warnings = brief.AddWarning(r.Warnings, fieldexp.Warning{Code: "usage-lowered", Message: fmt.Sprintf(
			"mean usage %q is lower with assignment (%.4g) than without it (%.4g): the effect is that on those whom assignment kept from using", r.Usage, r.Shares.MeanAssigned, r.Shares.MeanNotAssigned)})
	}
	return nil
}
