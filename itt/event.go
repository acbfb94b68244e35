package itt

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/panel"
)

// EventSpec says which event studies to estimate. Outcomes, Assignment, Unit and Period are
// required, and Launch where Period holds times.
type EventSpec struct {
	// Spec names Outcomes, each of which has an event study (the work that they share is done once), an
	// Assignment with two arms, and the launch: Time is the column of the panel's periods, whose fixed
	// effects are absorbed, of times with a Launch or of whole numbers with a LaunchPeriod (0, its default, is
	// that of periods counted from the launch). Absorb is beside the fixed effects of unit and period. Cluster is
	// the unit unless it names others, or unless Covariance names a kind without clusters.
	Spec
	Unit string       // who is observed over time; its fixed effects are absorbed
	Step panel.Period // length of a period of times; a day by default
	// Reference is the period, relative to the launch, with which the others are compared. 0 stands for the last whole
	// period before the launch in which both arms are observed: -1, unless there is a gap, or the launch falls within
	// that period. Each outcome has its own.
	Reference int
}

// EventResult holds the effects of assignment on an outcome by period relative to the launch.
type EventResult struct {
	Outcome   string
	Reference int // the period whose effect is zero by construction
	// Periods are those with an estimate, ascending; Coefficients are in their order.
	Periods      []int
	Coefficients []iv.Coefficient
	// PreTrend tests that the effects of all periods before the launch are zero. Where there is
	// none to test it carries the reason.
	PreTrend iv.Test
	Fit      *iv.Result
	Warnings []fieldexp.Warning // those of the fit, and of periods without an estimate

	terms  []string           // of Fit, by period
	absent []fieldexp.Warning // of periods
}

// EventStudy estimates the effect of assignment on each outcome in each period before and after the
// launch, relative to the reference period: the coefficients of assignment x period in a regression
// with unit and period effects (R's fixest i(period, assignment, ref)). Effects before the launch show
// whether the arms moved alike without treatment; those after it, how the effect came about. There is
// one result for each outcome, in their order.
//
// Periods in which an arm has no row have no estimate: they are left out and named in a warning.
// The error is a *fieldexp.Error, or that of ctx.
func EventStudy(ctx context.Context, f *data.Frame, spec EventSpec) ([]*EventResult, error) {
	if len(spec.Cluster) == 0 && (spec.Covariance.Kind == iv.Default || spec.Covariance.Kind.Clustered()) {
		spec.Cluster = []string{spec.Unit}
	}
	e, err := newEvents(f, spec)
	if err != nil {
		return nil, err
	}
	timelines, err := e.timelines()
	if err != nil {
		return nil, err
	}
	done := make(map[string]*EventResult)
	for _, t := range timelines {
		fits, err := e.estimate(ctx, t, len(done))
		if err != nil {
			return nil, err
		}
		for i, fit := range fits {
			if done[fit.Outcome], err = e.result(fit, t, t.rows[i]); err != nil {
				return nil, err
			}
		}
	}
	results := make([]*EventResult, len(spec.Outcomes))
	for i, outcome := range spec.Outcomes {
		results[i] = done[outcome]
	}
	return results, nil
}

// MostPeriods is how many periods an event study may have.
const MostPeriods = 1000

// estimate regresses the outcomes of a timeline on its column. Some are done before.
func (e *events) estimate(ctx context.Context, t *timeline, before int) ([]*iv.Result, error) {
	s := &e.spec
	frame := e.frame.Clone()
	codes, levels := e.codes(t)
	if len(levels) > MostPeriods {
		return nil, &fieldexp.Error{Op: "itt", Problem: fieldexp.BadSpec, Columns: []string{s.Time}, Count: len(levels),
			Message: fmt.Sprintf("an event study of %d periods of %q, more than %d, each with an effect of its own", len(levels)-1, s.Time, MostPeriods),
			Remedy:  []fieldexp.Hint{"sum up by longer periods in {Period}"}}
	}
	if err := frame.SetCodes(e.column, codes, levels); err != nil {
		return nil, err
	}
	model := iv.Spec{
		Outcomes: t.outcomes, Exogenous: append([]string{e.column}, s.Controls...), Rows: s.Rows,
		Absorb: append([]iv.Effect{{s.Unit}, {s.Time}}, s.Absorb...), KeepSingletons: s.KeepSingletons,
		Cluster: s.Cluster, Weights: s.Weights, WeightKind: s.WeightKind, Covariance: s.Covariance, Level: s.Level,
	}
	d := &Design{Spec: s.Spec, Frame: frame, Arms: e.assigned.arms, assigned: e.assigned, counted: new(counted)}
	for _, level := range levels {
		d.Terms = append(d.Terms, e.column+"="+level)
	}
	model.Sampled = d.Count
	if s.Progress != nil {
		model.Progress = func(done, total int) { s.Progress(before+done*len(t.outcomes)/total, len(s.Outcomes)) }
	}
	fits, err := iv.Estimate(ctx, frame, model)
	var refusal *fieldexp.Error
	if errors.As(err, &refusal) && refusal.Problem == fieldexp.Collinear {
		return nil, &fieldexp.Error{Op: "itt", Problem: fieldexp.Spanned, Columns: []string{s.Assignment, s.Time}, Err: err,
			Message: fmt.Sprintf("controls and absorbed effects leave nothing of %s by %s", s.Assignment, s.Time),
			Remedy:  []fieldexp.Hint{"absorb effects of unit and period only, or coarser ones beside them"}}
	}
	return fits, err
}

// result reads the effects off the fit of an outcome of a timeline, of which rows counts by period and arm.
func (e *events) result(fit *iv.Result, t *timeline, rows [][2]int) (*EventResult, error) {
	r := &EventResult{Outcome: fit.Outcome, Reference: t.reference}
	var absent []string
	for p, period := range e.periods {
		if period == t.reference || rows[p] == [2]int{} {
			continue
		}
		term := e.column + "=" + strconv.Itoa(period)
		if slices.Contains(fit.Terms, term) {
			r.Periods, r.terms = append(r.Periods, period), append(r.terms, term)
			continue
		}
		if rows[p][0] > 0 && rows[p][1] > 0 {
			return nil, &fieldexp.Error{Op: "itt", Problem: fieldexp.Spanned,
				Columns: []string{e.spec.Assignment, e.spec.Time},
				Message: fmt.Sprintf("the effect of period %d cannot be told from those of the other columns over the rows used", period),
				Remedy:  []fieldexp.Hint{"take out controls or effects that vary with assignment and period", "set another {Reference}"}}
		}
		absent = append(absent, strconv.Itoa(period))
	}
	if len(absent) > 0 {
		r.absent = []fieldexp.Warning{{Code: "periods-absent",
			Message: fmt.Sprintf("no estimate for period %s: only one arm has rows with outcome %q and all controls there", strings.Join(absent, ", "), fit.Outcome)}}
	}
	return r, r.read(fit)
}

// read takes the effects and the test of those before the launch from a fit.
func (r *EventResult) read(fit *iv.Result) error {
	r.Fit, r.Warnings, r.Coefficients = fit, slices.Clone(fit.Warnings), nil
	for _, w := range r.absent {
		r.Warnings = brief.AddWarning(r.Warnings, w)
	}
	var before []string
	for i, term := range r.terms {
		c, err := fit.Coefficient(term)
		if err != nil {
			return err
		}
		r.Coefficients = append(r.Coefficients, c)
		if r.Periods[i] < 0 {
			before = append(before, term)
		}
	}
	var err error
	r.PreTrend, err = preTrend(fit, before)
	return err
}

// Effect is the effect in a period relative to the launch. The error names those that have one.
func (r *EventResult) Effect(period int) (iv.Coefficient, error) {
	if i := slices.Index(r.Periods, period); i >= 0 {
		return r.Coefficients[i], nil
	}
	return iv.Coefficient{}, &fieldexp.Error{Op: "itt", Problem: fieldexp.BadSpec, Columns: []string{r.Outcome},
		Message: fmt.Sprintf("there is no effect on %q in period %d", r.Outcome, period),
		Remedy:  []fieldexp.Hint{fieldexp.Hint("name one of the periods with an effect: " + strings.Trim(fmt.Sprint(r.Periods), "[]"))}}
}

// Effects lists the effects in the order of Periods.
func (r *EventResult) Effects() []iv.Coefficient { return slices.Clone(r.Coefficients) }

// With is the result with another covariance, computed without the rows; see iv.Result.With.
func (r *EventResult) With(cov iv.Covariance) (*EventResult, error) {
	fit, err := r.Fit.With(cov)
	if err != nil {
		return nil, err
	}
	changed := *r
	return &changed, changed.read(fit)
}

// preTrend tests the effects before the launch.
func preTrend(fit *iv.Result, before []string) (iv.Test, error) {
	const null = "the arms moved alike before the launch"
	if len(before) == 0 {
		return iv.Test{Null: null, Statistic: math.NaN(), P: math.NaN(), Reason: "no period before the launch has an estimate beside the reference"}, nil
	}
	test, err := fit.WaldZero(before...)
	test.Null = null
	return test, err
}
