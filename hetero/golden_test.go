package hetero_test

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/hetero"
)

type studyFit struct {
	Table, Outcome string
	N              int
	Terms          []struct {
		Term         string
		Estimate, SE float64
	}
}

// studyFits reads the fits of a table of the simulated study, made by R's fixest 0.12.2.
func studyFits(t *testing.T, table string) []studyFit {
	t.Helper()
	text, err := os.ReadFile(shared(t, "golden", "study", "fixest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all, fits []studyFit
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		if f.Table == table {
			fits = append(fits, f)
		}
	}
	return fits
}

// TestStudy makes the panel from the chats and compares all fits by quintile, in both
// specifications, with fixest's.
func TestStudy(t *testing.T) {
	for table, rule := range map[string]hetero.TimeEffects{"hetero_common": hetero.Common, "hetero_group": hetero.GroupSpecific} {
		t.Run(table, func(t *testing.T) {
			want := studyFits(t, table)
			if len(want) != 16 {
				t.Fatalf("%d fits of %s in the reference, want 16", len(want), table)
			}
			var outcomes []string
			for _, w := range want {
				outcomes = append(outcomes, w.Outcome)
			}
			spec := studySpec(rule, outcomes...)
			spec.SkipConsistency = true
			r := estimate(t, studyPanel(t), spec)
			for i, w := range want {
				compareFit(t, &r.Fits[i], w)
			}
		})
	}
}

// compareFit compares the impacts and the controls with those of a reference fit.
//
// The effects of worker and of day x quintile are those of five separate panels, so that five of
// the latter's levels are redundant. The parameters K of the small-sample factor count what is not
// redundant; fixest takes one level for redundant in every effect after the first, which makes
// its K greater by four, and its standard errors by the root of (N-K)/(N-K-4).
func compareFit(t *testing.T, fit *hetero.Fit, want studyFit) {
	t.Helper()
	factor := 1.0
	if want.Table == "hetero_group" {
		free := float64(fit.Model.N - fit.Model.K)
		factor = math.Sqrt(free / (free - 4))
	}
	if fit.Outcome != want.Outcome || fit.Model.N != want.N {
		t.Errorf("%s with %d observations, want %s with %d", fit.Outcome, fit.Model.N, want.Outcome, want.N)
	}
	impacts := map[string]int{"fit_q::1:usage": 0, "fit_q::2:usage": 1, "fit_q::3:usage": 2, "fit_q::4:usage": 3, "fit_q::5:usage": 4}
	for _, term := range want.Terms {
		what := strings.Join([]string{want.Table, want.Outcome, term.Term}, " ")
		got, err := fit.Model.Coefficient(term.Term)
		if k, ok := impacts[term.Term]; ok {
			got, err = fit.Impacts[k], nil
		}
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		near(t, what, got.Estimate, term.Estimate, study, term.SE)
		near(t, what+" (standard error)", factor*got.SE, term.SE, study, 0)
	}
	if len(want.Terms) != len(fit.Impacts)+2 {
		t.Errorf("%s: %d terms in the reference", want.Outcome, len(want.Terms))
	}
}
