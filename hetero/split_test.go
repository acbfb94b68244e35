package hetero_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/internal/studytest"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/panel"
)

// splitSpec estimates effects of usage in a world by groups of the past of y, splitting it.
func splitSpec(rule hetero.TimeEffects, usage string) hetero.SplitSpec {
	s := hetero.SplitSpec{Spec: worldSpec(rule), Unit: "unit", Baseline: "y", PreColumn: "pre", Splits: 1, Seed: 7}
	s.Group, s.Usage = "", usage
	return s
}

func splitEstimate(t *testing.T, f *data.Frame, spec hetero.SplitSpec) *hetero.SplitResult {
	t.Helper()
	r, err := hetero.SplitEstimate(t.Context(), f, spec)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// pastHalves draws the first split anew: by row, 0 or 1 for the half that it defines, 2 for rows that
// always enter.
func pastHalves(t *testing.T, f *data.Frame, seed uint64) []int {
	t.Helper()
	units, err := f.Group("unit")
	if err != nil {
		t.Fatal(err)
	}
	half := make([]int, f.Len())
	past := make([][]int, units.Len())
	for i, pre := range studytest.Floats(t, f, "pre") {
		half[i] = 2
		if pre == 1 {
			past[units.Codes[i]] = append(past[units.Codes[i]], i)
		}
	}
	random := rand.New(rand.NewPCG(seed, 0))
	for _, rows := range past {
		if len(rows) < 2 {
			rows = nil
		}
		random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		for at, row := range rows {
			half[row] = at / max(1, len(rows)/2)
			half[row] = min(half[row], 1)
		}
	}
	return half
}

// TestSplitLeavesRowsOut: the models of a split are those of Estimate on the rows that are left, with the
// groups made of those that are not.
func TestSplitLeavesRowsOut(t *testing.T) {
	f := world{seed: 61, units: 60, periods: 9, groups: 3, skill: 1, noise: 1, effect: 1, seen: 0.8}.frame(t)
	half := pastHalves(t, f, 7)
	for _, rule := range []hetero.TimeEffects{hetero.GroupSpecific, hetero.Common} {
		for _, usage := range []string{"", "use"} {
			spec := splitSpec(rule, usage)
			spec.N, spec.Controls = 3, []string{"c1"}
			got := splitEstimate(t, f, spec)
			fit := got.Fits[0]
			if len(fit.Estimates) != 2 || got.Undivided == 0 || got.Units+got.Undivided != 60 {
				t.Fatalf("%d models; %d units, %d undivided", len(fit.Estimates), got.Units, got.Undivided)
			}
			ses := make([]float64, 3)
			for h := range 2 {
				one := spec.Spec
				one.Group, one.KeepSingletons = "half group", true
				want := estimate(t, inHalf(t, f, half, h), one).Fits[0]
				for k, c := range want.Impacts {
					near(t, fmt.Sprintf("%v %s half %d %s", rule, usage, h, c.Name), fit.Estimates[h][k], c.Estimate, same, c.SE)
					ses[k] += c.SE / 2
				}
			}
			for k, c := range fit.Impacts {
				near(t, c.Name, c.Estimate, (fit.Estimates[0][k]+fit.Estimates[1][k])/2, same, c.SE)
				// An average varies no more than its parts do on average.
				if c.SE > 1.02*ses[k] || c.SE < 0.5*ses[k] {
					t.Errorf("%s: s.e. %v, on average over halves %v", c.Name, c.SE, ses[k])
				}
			}
			near(t, "interaction", fit.Interactions[1].Estimate, fit.Impacts[2].Estimate-fit.Impacts[0].Estimate, same, fit.Impacts[0].SE)
			near(t, "trend", fit.Trend.Estimate, (fit.Impacts[2].Estimate-fit.Impacts[0].Estimate)/2, same, fit.Impacts[0].SE)
			near(t, "trend against the interaction", fit.Trend.P, fit.Interactions[1].P, same, 0)
			if fit.Equality.DF1 != 2 || (usage == "") != (fit.FirstStages == nil) {
				t.Errorf("equality %+v, first stages %v", fit.Equality, fit.FirstStages)
			}
		}
	}
}

// TestSplitOfUnabsorbedUnits: without unit effects rows are kept out all the same.
func TestSplitOfUnabsorbedUnits(t *testing.T) {
	f := world{seed: 62, units: 50, periods: 8, groups: 2, skill: 1, noise: 1}.frame(t)
	half := pastHalves(t, f, 7)
	spec := splitSpec(hetero.Common, "")
	spec.N, spec.Absorb = 2, nil
	got := splitEstimate(t, f, spec).Fits[0]
	byUnit := map[int32][2]float64{}
	units, _, err := f.Codes("unit")
	if err != nil {
		t.Fatal(err)
	}
	for i, y := range studytest.Floats(t, f, "y") {
		if half[i] == 0 {
			s := byUnit[units[i]]
			byUnit[units[i]] = [2]float64{s[0] + y, s[1] + 1}
		}
	}
	values := make([]float64, f.Len())
	for i, u := range units {
		values[i] = byUnit[u][0] / byUnit[u][1]
	}
	if err := f.SetFloats("half base", values); err != nil {
		t.Fatal(err)
	}
	if _, err := panel.Groups(f, panel.GroupSpec{Value: "half base", Unit: "unit", N: 2, Name: "half group"}); err != nil {
		t.Fatal(err)
	}
	one := spec.Spec
	one.Group = "half group"
	want := estimate(t, f.Filter(func(row int) bool { return half[row] != 0 }), one).Fits[0]
	for k, c := range want.Impacts {
		near(t, c.Name, got.Estimates[0][k], c.Estimate, same, c.SE)
	}
}

// TestSplitAgain: the same seed gives the same bits, another other splits; CR2 takes part.
func TestSplitAgain(t *testing.T) {
	f := world{seed: 63, units: 60, periods: 8, groups: 3, skill: 1, noise: 1, effect: 1}.frame(t)
	spec := splitSpec(hetero.GroupSpecific, "use")
	spec.N, spec.Splits, spec.Cluster = 3, 3, nil
	calls := 0
	spec.Progress = func(done, total int) { calls = max(calls, done*100/total) }
	first, again := splitEstimate(t, f, spec), splitEstimate(t, f, spec)
	if calls != 100 {
		t.Errorf("progress ended at %d%%", calls)
	}
	if a, b := fmt.Sprint(first.Fits), fmt.Sprint(again.Fits); a != b {
		t.Errorf("two runs differ:\n%s\n%s", a, b)
	}
	spec.Seed++
	other := splitEstimate(t, f, spec)
	if other.Fits[0].Impacts[0].Estimate == first.Fits[0].Impacts[0].Estimate {
		t.Error("another seed gave the same splits")
	}
	spec.Seed--
	spec.Covariance.Kind = iv.CR2
	corrected := splitEstimate(t, f, spec)
	for k, c := range corrected.Fits[0].Impacts {
		was := first.Fits[0].Impacts[k]
		near(t, c.Name, c.Estimate, was.Estimate, same, was.SE)
		if !(c.SE > was.SE) || c.SE > 1.2*was.SE {
			t.Errorf("%s: s.e. %v with CR2, %v with CR1", c.Name, c.SE, was.SE)
		}
	}
	notes := strings.Join(corrected.Notes(), "\n")
	for _, want := range []string{"3 by mean y in a random half", "60 units", "3 splits", "seed 7", "CR2", "clustered by unit", "group-specific"} {
		if !strings.Contains(notes, want) {
			t.Errorf("the notes do not say %q:\n%s", want, notes)
		}
	}
	text := other.String()
	for _, want := range []string{"Effects of use by group, average over splits", "\nimpact on Q3: ", "; first stage 0.", "; Monte Carlo s.e. 0.", "Equal effects: F(2, 59) ", "Warning: y: the average in Q"} {
		if !strings.Contains(text, want) {
			t.Errorf("the summary does not say %q:\n%s", want, text)
		}
	}
	if !hasWarning(other.Warnings, "few-splits") {
		t.Errorf("three splits were not warned of: %v, Monte Carlo %v", other.Warnings, other.Fits[0].MonteCarloSE)
	}
}

func TestSplitRefusals(t *testing.T) {
	f := world{seed: 64, units: 40, periods: 6, groups: 2, skill: 1, noise: 1}.frame(t)
	for _, c := range []struct {
		name    string
		change  func(s *hetero.SplitSpec)
		problem fieldexp.Problem
		says    string
	}{
		{"no unit", func(s *hetero.SplitSpec) { s.Unit = "" }, fieldexp.BadSpec, "set Unit"},
		{"no baseline", func(s *hetero.SplitSpec) { s.Baseline = "" }, fieldexp.BadSpec, "set Baseline"},
		{"a group", func(s *hetero.SplitSpec) { s.Group = "q" }, fieldexp.BadSpec, "leave Group out"},
		{"no launch", func(s *hetero.SplitSpec) { s.PreColumn = "" }, fieldexp.BadSpec, "PreColumn"},
		{"a mark of 2", func(s *hetero.SplitSpec) { s.PreColumn = "period" }, fieldexp.BadSpec, `column "period" is 2 in row 3`},
		{"one group", func(s *hetero.SplitSpec) { s.N = 1 }, fieldexp.BadSpec, "make 2 to 50"},
		{"no split", func(s *hetero.SplitSpec) { s.Splits = -1 }, fieldexp.BadSpec, "-1 splits"},
		{"two clusterings", func(s *hetero.SplitSpec) { s.Cluster = []string{"unit", "period"} }, fieldexp.BadSpec, "one column in Cluster"},
		{"no past", func(s *hetero.SplitSpec) { s.PreColumn = "treat"; s.Baseline = "empty" }, fieldexp.NoGroup, "two known values"},
		{"a covariate that varies", func(s *hetero.SplitSpec) { s.Covariates = []string{"c1"} }, fieldexp.BadSpec, `"c1" varies within unit u0`},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, spec := f.Clone(), splitSpec(hetero.GroupSpecific, "")
			spec.N = 2
			studytest.Derive(t, g, "empty", []string{"y"}, func([]float64) float64 { return math.NaN() })
			c.change(&spec)
			_, err := hetero.SplitEstimate(t.Context(), g, spec)
			var e *fieldexp.Error
			if !errors.As(err, &e) || e.Op != "hetero" || e.Problem != c.problem || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v", err)
			}
		})
	}
	r := splitEstimate(t, f, func() hetero.SplitSpec { s := splitSpec(hetero.GroupSpecific, ""); s.N = 2; return s }())
	if _, err := r.Fit("nothing"); err == nil || !strings.Contains(err.Error(), "name one of y") {
		t.Errorf("an unknown outcome: %v", err)
	}
	if fit, err := r.Fit("y"); err != nil || fit.Outcome != "y" || !math.IsNaN(fit.MonteCarloSE[0]) {
		t.Errorf("%+v, %v", fit, err)
	}
}
