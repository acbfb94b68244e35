package bootstrap

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/iv"
)

// PermuteResult is the outcome of randomisation inference. Its fields are for reading.
type PermuteResult struct {
	Term    string          // the regressor of interest
	Effects []PermuteEffect // of each outcome, in the order of the spec

	Units  int // units of assignment
	Strata int // within which they were drawn; 1 where assignment was complete
	// FixedStrata counts strata in which all units were assigned the same, which stay as they are.
	FixedStrata int
	Draws       int
	Enumerated  bool        // the draws are all assignments that could have been drawn
	Spec        PermuteSpec // as used, with its defaults filled in
	Warnings    []fieldexp.Warning
}

// PermuteEffect is the effect of assignment on one outcome.
type PermuteEffect struct {
	Outcome  string
	Estimate float64
	SE       float64 // of the data, CR1 or HC1
	// Statistic is Estimate over SE.
	Statistic float64
	// P is the p-value that the spec asked for; Symmetric and EqualTailed are both kinds.
	P, Symmetric, EqualTailed float64
	// MonteCarloSE is the standard error that P has because draws are random; zero for an
	// enumeration.
	MonteCarloSE float64
	Counts       Counts
	// Set is the confidence set of a constant effect at Level; its reason says where it was not asked for.
	Set   iv.Set
	Level float64
	// Statistics holds the statistic of each draw: t or, for Plain, the draw's coefficient over SE.
	// It is NaN where it is undefined.
	Statistics []float64
	// Fit is the model of the data.
	Fit *iv.Result
}

// result sums the draws up.
func (m *permuteModel) result(ctx context.Context, plan *redraw, fits []*iv.Result, tests []*permuteTest) (*PermuteResult, error) {
	res := &PermuteResult{Term: m.spec.term(), Effects: make([]PermuteEffect, len(fits)), Units: len(plan.value), Strata: len(plan.strata),
		FixedStrata: plan.fixed, Draws: plan.draws, Enumerated: plan.enumerated}
	spec := *m.spec
	spec.Draws = plan.draws
	res.Spec = spec
	for _, t := range tests {
		for i, o := range t.outcomes {
			var err error
			if res.Effects[o], err = m.effect(ctx, plan, fits[o], t.kernel.at[i], t.kernel.se[i], t.drawn[i]); err != nil {
				return nil, err
			}
		}
	}
	res.warn(plan.value)
	return res, nil
}

// effect judges one outcome.
func (m *permuteModel) effect(ctx context.Context, plan *redraw, fit *iv.Result, estimate, se float64, d *permuteDraws) (e PermuteEffect, err error) {
	rule := m.spec.rule()
	e = PermuteEffect{Outcome: fit.Outcome, Estimate: estimate, SE: se, Statistic: estimate / se,
		Set: notInverted(m.spec.Level, false), Level: m.spec.Level, Statistics: d.t, Fit: fit}
	e.Counts = Counts{Draws: plan.draws, Enumerated: plan.enumerated}
	for _, draw := range d.t {
		e.Counts.add(draw, e.Statistic)
	}
	e.Symmetric, e.EqualTailed = rule.symmetric(&e.Counts), rule.equalTailed(&e.Counts)
	e.P = e.Symmetric
	if m.spec.Tail == EqualTailed {
		e.P = e.EqualTailed
	}
	e.MonteCarloSE = standardError(e.P, m.spec.Tail, &e.Counts)
	if !m.spec.NoSet {
		seen := &curve{n: [2]float64{0, -1}, d: [3]float64{1, 0, 0}}
		e.Set, err = rule.invert(ctx, estimate, se, fewSE, seen, plan.draws, d.curve, plan.enumerated)
	}
	return e, err
}

// warn says what the reader should know of the draws and of the assignment of the units.
func (r *PermuteResult) warn(assigned []float64) {
	add := func(code, format string, args ...any) {
		r.Warnings = append(r.Warnings, fieldexp.Warning{Code: code, Message: fmt.Sprintf(format, args...)})
	}
	if r.Enumerated && r.Draws < 200 {
		add("few-assignments", "only %d assignments could have been drawn: no p-value is below %.2g", r.Draws, 1/float64(r.Draws))
	}
	r.warnArms(assigned)
	if r.FixedStrata > 0 {
		add("fixed-strata",
			"in %d of %d strata all units have one assignment: they stay as they are in every draw, and add nothing to the test",
			r.FixedStrata, r.Strata)
	}
	for _, e := range r.Effects {
		if e.Counts.Undefined > 0 {
			add("undefined-draws",
				"%s: %d of %d draws have no variance to be studentised by, or an assignment that controls and effects span, and count as extreme",
				e.Outcome, e.Counts.Undefined, r.Draws)
		}
	}
}

// Effect is the effect on an outcome. The error is a *fieldexp.Error that lists the outcomes that there are.
func (r *PermuteResult) Effect(outcome string) (*PermuteEffect, error) {
	for i := range r.Effects {
		if r.Effects[i].Outcome == outcome {
			return &r.Effects[i], nil
		}
	}
	return nil, bad(fieldexp.BadSpec, fmt.Sprintf("outcome %q was not tested", outcome),
		fieldexp.Hint("name one of "+strings.Join(r.Spec.Outcomes, ", ")))
}

// Common hands out what StepDown and Simultaneous take: the statistic of each outcome and, for each,
// those of the draws. The draws are in the order of the outcomes and common to them.
func (r *PermuteResult) Common() (observed []float64, draws [][]float64) {
	for i := range r.Effects {
		observed, draws = append(observed, r.Effects[i].Statistic), append(draws, r.Effects[i].Statistics)
	}
	return observed, draws
}

// StepSpec is the step-down spec that goes with the draws.
func (r *PermuteResult) StepSpec(method StepMethod) StepSpec {
	return StepSpec{Method: method, PRule: r.Spec.PRule, Ties: r.Spec.Ties, Enumerated: r.Enumerated}
}

// Notes says, in sentences for the foot of a table, how the p-values were computed.
func (r *PermuteResult) Notes() []string {
	s := &r.Spec
	units := brief.Count(r.Units) + " rows"
	if s.Unit != "" {
		units = fmt.Sprintf("%s units of %s", brief.Count(r.Units), s.Unit)
	}
	how := "over " + units
	switch {
	case s.Own != nil:
		how += ", as given by the analyst"
	case s.Pairs != "":
		how += fmt.Sprintf(" in %s matched pairs", brief.Count(r.Strata))
	case len(s.Strata) > 0:
		how += fmt.Sprintf(" within %s strata of %s", brief.Count(r.Strata), strings.Join(s.Strata, " x "))
	}
	draws := fmt.Sprintf("%s draws, seed %d", brief.Count(r.Draws), s.Seed)
	switch {
	case r.Enumerated:
		draws = fmt.Sprintf("all %s assignments", brief.Count(r.Draws))
	case s.Own != nil:
		draws = brief.Count(r.Draws) + " draws"
	}
	rule := "(c+1)/(B+1)"
	if s.PRule == Share || r.Enumerated {
		rule = "c/B"
	}
	ties := "count as extreme"
	if s.Ties == TiesExcluded {
		ties = "do not count"
	}
	notes := []string{
		fmt.Sprintf("P-values: randomisation inference on the %s, assignment re-drawn %s, %s.", s.Statistic, how, draws),
		fmt.Sprintf("The p-value is %s and %s, where c counts extreme draws; ties (a difference of at most 1e-9 standard errors, relative above one) %s.", s.Tail, rule, ties),
	}
	if !s.NoSet {
		notes = append(notes, fmt.Sprintf("%g%% confidence sets hold the constant effects that the test does not reject.", 100*s.Level))
	}
	if !r.Enumerated {
		most := 0.0
		for _, e := range r.Effects {
			most = math.Max(most, e.MonteCarloSE)
		}
		notes = append(notes, fmt.Sprintf("Monte Carlo standard errors of p-values are at most %.2g.", most))
	}
	return notes
}

// String is a plain summary of the tests.
func (r *PermuteResult) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "effect of %s\n", r.Term)
	for _, e := range r.Effects {
		fmt.Fprintf(&b, "%s: %.6g (s.e. %.6g), t = %.4f, p = %.4f", e.Outcome, e.Estimate, e.SE, e.Statistic, e.P)
		if e.Set.Reason == "" {
			fmt.Fprintf(&b, ", %g%% confidence set %s", 100*e.Level, brief.Set(e.Set))
		}
		b.WriteString("\n")
	}
	b.WriteString(strings.Join(r.Notes(), "\n") + "\n")
	for _, w := range r.Warnings {
		b.WriteString("Warning: " + w.Message + "\n")
	}
	return b.String()
}
