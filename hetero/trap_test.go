package hetero_test

import (
	"math"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/internal/studytest"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
)

// worldSpec estimates effects of usage by group in a world.
func worldSpec(rule hetero.TimeEffects) hetero.Spec {
	return hetero.Spec{
		Spec: itt.Spec{
			Outcomes:      []string{"y"},
			Assignment:    "treat",
			Absorb:        iv.Effects("unit"),
			Cluster:       []string{"unit"},
			MixedClusters: true,
		},
		Usage:       "use",
		Group:       "q",
		Period:      "period",
		TimeEffects: rule,
	}
}

// TestTheTrap: in a world without any effect, whose units are sorted by a noisy baseline, common
// period effects find a steep gradient and reject equality nearly always; group-specific ones
// find nothing. The check tells them apart.
func TestTheTrap(t *testing.T) {
	t.Parallel()
	const replications = 60
	type tally struct{ equality, trend, drift, differs, slope, lowest, highest float64 }
	run := func(rule hetero.TimeEffects) (sum tally) {
		for seed := range uint64(replications) {
			f := world{seed: seed, units: 100, periods: 12, skill: 1, noise: 2}.frame(t)
			fit := estimate(t, f, worldSpec(rule)).Fits[0]
			count := func(into *float64, yes bool) {
				if yes {
					*into += 1.0 / replications
				}
			}
			count(&sum.equality, fit.Equality.P < 0.05)
			count(&sum.trend, fit.Trend.P < 0.05)
			count(&sum.drift, hasWarning(fit.Warnings, "drift"))
			count(&sum.differs, hasWarning(fit.Warnings, "pooled-differs"))
			sum.slope += fit.Trend.Estimate / replications
			sum.lowest += fit.Impacts[0].Estimate / replications
			sum.highest += fit.Impacts[4].Estimate / replications
		}
		return sum
	}
	common, own := run(hetero.Common), run(hetero.GroupSpecific)
	t.Logf("common: %+v", common)
	t.Logf("group-specific: %+v", own)
	if common.equality < 0.5 || common.trend < 0.8 {
		t.Errorf("common period effects reject equality in a share of %.2f and a flat trend in %.2f, want most", common.equality, common.trend)
	}
	if common.slope > -0.7 || common.lowest < 1 || common.highest > -1 {
		t.Errorf("common period effects find a slope of %.2f, from %.2f to %.2f; want a steep fall", common.slope, common.lowest, common.highest)
	}
	if common.drift < 0.8 {
		t.Errorf("the check warned in a share of %.2f, want most", common.drift)
	}
	if own.equality > 0.15 || own.trend > 0.15 || own.differs > 0.15 {
		t.Errorf("group-specific period effects reject equality in a share of %.2f, a flat trend in %.2f and the pooled effect in %.2f; want about 0.05",
			own.equality, own.trend, own.differs)
	}
	if math.Abs(own.slope) > 0.15 {
		t.Errorf("group-specific period effects find a slope of %.2f, want about 0", own.slope)
	}
	if own.drift != 0 {
		t.Error("group-specific period effects were warned of")
	}
}

// TestTrueHeterogeneity: where the effect does rise with the baseline and that is measured well,
// both specifications find it and the check is quiet.
func TestTrueHeterogeneity(t *testing.T) {
	f := world{seed: 4, units: 200, periods: 12, skill: 1, noise: 0.1, effect: 1, gradient: 0.5}.frame(t)
	for _, rule := range []hetero.TimeEffects{hetero.Common, hetero.GroupSpecific} {
		fit := estimate(t, f, worldSpec(rule)).Fits[0]
		if !(fit.Equality.P < 1e-6) || fit.Trend.Low < 0.15 || fit.Trend.High > 0.5 {
			t.Errorf("%v: equality p %v, trend %+v; want a trend near 0.33", rule, fit.Equality.P, fit.Trend)
		}
		if hasWarning(fit.Warnings, "drift") || hasWarning(fit.Warnings, "pooled-differs") {
			t.Errorf("%v: %v, want no warning", rule, fit.Warnings)
		}
	}
}

// TestStudyTrap: of the sixteen outcomes of the simulated study, in which the effect is the same
// for all, the check warns of the two that made the quintiles and of no other.
func TestStudyTrap(t *testing.T) {
	f := studyPanel(t)
	var outcomes []string
	for _, w := range studytest.Fits(t, "hetero_common") {
		outcomes = append(outcomes, w.Outcome)
	}
	common := estimate(t, f, studySpec(hetero.Common, outcomes...))
	own := estimate(t, f, studySpec(hetero.GroupSpecific, outcomes...))
	for i := range common.Fits {
		fit, other := &common.Fits[i], &own.Fits[i]
		sorted := fit.Outcome == "rating" || fit.Outcome == "dissat"
		if hasWarning(fit.Warnings, "drift") != sorted {
			t.Errorf("%s: warned of drift %v, want %v (contrast of trends %+v)", fit.Outcome, !sorted, sorted, fit.Consistency.Gradient)
		}
		if hasWarning(other.Warnings, "drift") || sorted && len(other.Warnings) > 0 {
			t.Errorf("%s with group-specific effects: %v, want no warning", fit.Outcome, other.Warnings)
		}
		if sorted && (fit.Equality.P > 0.001 || other.Equality.P < 0.1) {
			t.Errorf("%s: equality has p %v with common and %v with group-specific effects", fit.Outcome, fit.Equality.P, other.Equality.P)
		}
	}
	text := common.String()
	for _, want := range []string{"rating: do not read these differences", "from 2.222 to -2.102", "from 0.6450 to 0.08408", "use GroupSpecific"} {
		if !strings.Contains(text, want) {
			t.Errorf("the summary does not say %q:\n%s", want, text)
		}
	}
}
