package itt

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/panel"
)

// EventSpec says which event study to estimate. Outcome, Assignment, Unit and Period are
// required, and Launch where Period holds times.
type EventSpec struct {
	Outcome    string
	Assignment string // two arms
	Unit       string // who is observed over time; its effects are absorbed
	// Period is the column of the panel's periods, whose effects are absorbed: times, counted from
	// the launch in steps, or whole numbers that count from the launch already (0 is its period).
	Period string
	Launch time.Time
	Step   panel.Period // length of a period of times; a day by default
	// Reference is the period, relative to the launch, with which the others are compared; 0
	// stands for -1, the last before the launch.
	Reference int

	Controls       []string
	Absorb         []iv.Effect // beside those of unit and period
	KeepSingletons bool
	// Cluster is the unit unless it names others, or unless Covariance names a kind without
	// clusters.
	Cluster       []string
	MixedClusters bool
	Weights       string
	WeightKind    iv.WeightKind
	Covariance    iv.Covariance
	Level         float64
	Progress      func(done, total int)
}

// EventResult holds the effects of assignment by period relative to the launch.
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
	Warnings []iv.Warning
}

// EventStudy estimates the effect of assignment in each period before and after the launch,
// relative to the reference period: the coefficients of assignment x period in a regression with
// unit and period effects (R's fixest i(period, assignment, ref)). Effects before the launch show
// whether the arms moved alike without treatment; those after it, how the effect came about.
//
// Periods in which an arm has no row have no estimate: they are left out and named in a warning.
// The error is an *Error, an *iv.ModelError, a *data.ColumnError or that of ctx.
func EventStudy(ctx context.Context, f *data.Frame, spec EventSpec) (*EventResult, error) {
	if spec.Reference == 0 {
		spec.Reference = -1
	}
	if len(spec.Cluster) == 0 && (spec.Covariance.Kind == iv.Default || spec.Covariance.Kind.Clustered()) {
		spec.Cluster = []string{spec.Unit}
	}
	e, err := newEvents(f, spec)
	if err != nil {
		return nil, err
	}
	fits, err := iv.Estimate(ctx, e.frame, iv.Spec{
		Outcomes: []string{spec.Outcome}, Exogenous: append([]string{e.column}, spec.Controls...),
		Absorb: append([]iv.Effect{{spec.Unit}, {spec.Period}}, spec.Absorb...), KeepSingletons: spec.KeepSingletons,
		Cluster: spec.Cluster, Weights: spec.Weights, WeightKind: spec.WeightKind,
		Covariance: spec.Covariance, Level: spec.Level, Progress: spec.Progress,
	})
	var refusal *iv.ModelError
	if errors.As(err, &refusal) && refusal.Problem == iv.Collinear {
		return nil, &Error{Problem: Spanned, Columns: []string{spec.Assignment, spec.Period}, Err: err,
			Message: fmt.Sprintf("controls and absorbed effects leave nothing of %s by %s", spec.Assignment, spec.Period),
			Remedy:  "absorb effects of unit and period only, or coarser ones beside them"}
	}
	if err != nil {
		return nil, err
	}
	return e.result(fits[0])
}

// term names the coefficient of a period.
func (e *events) term(period int) string { return e.column + "=" + strconv.Itoa(period) }

// result reads the effects off the fit.
func (e *events) result(fit *iv.Result) (*EventResult, error) {
	r := &EventResult{Outcome: fit.Outcome, Reference: e.spec.Reference, Fit: fit, Warnings: slices.Clone(fit.Warnings)}
	var before, absent []string
	for _, period := range e.periods {
		if period == e.spec.Reference {
			continue
		}
		term := e.term(period)
		if !slices.Contains(fit.Terms, term) {
			if rows := e.rows[period]; rows[0] > 0 && rows[1] > 0 {
				return nil, &Error{Problem: Spanned, Columns: []string{e.spec.Assignment, e.spec.Period},
					Message: fmt.Sprintf("the effect of period %d cannot be told from those of the other columns over the rows used", period),
					Remedy:  "take out controls or effects that vary with assignment and period, or set another Reference"}
			}
			absent = append(absent, strconv.Itoa(period))
			continue
		}
		c, err := fit.Coefficient(term)
		if err != nil {
			return nil, err
		}
		r.Periods = append(r.Periods, period)
		r.Coefficients = append(r.Coefficients, c)
		if period < 0 {
			before = append(before, term)
		}
	}
	if len(absent) > 0 {
		r.Warnings = brief.AddWarning(r.Warnings, iv.Warning{Code: "periods-absent",
			Message: fmt.Sprintf("no estimate for period %s: only one arm has rows with outcome %q and all controls there", strings.Join(absent, ", "), fit.Outcome)})
	}
	var err error
	r.PreTrend, err = preTrend(fit, before)
	return r, err
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
