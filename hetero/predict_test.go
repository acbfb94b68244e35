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
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/panel"
)

// survey draws an experiment without a past: units with one row each, half of them assigned, who take up
// (take) in part, and k covariates of which the first alone matters.
func survey(t *testing.T, seed uint64, units, k int) *data.Frame {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 9))
	columns := make([][]float64, k)
	id, z, take, y := make([]float64, units), make([]float64, units), make([]float64, units), make([]float64, units)
	for u := range units {
		for j := range columns {
			columns[j] = append(columns[j], r.NormFloat64())
		}
		id[u], z[u] = float64(u), float64(u%2)
		take[u] = z[u] * math.Round(0.2+0.8*r.Float64())
		y[u] = 0.3*columns[0][u] + r.NormFloat64()
	}
	var f data.Frame
	if err := errors.Join(f.SetFloats("id", id), f.SetFloats("z", z), f.SetFloats("take", take), f.SetFloats("y", y)); err != nil {
		t.Fatal(err)
	}
	for j, c := range columns {
		if err := f.SetFloats(fmt.Sprintf("x%d", j+1), c); err != nil {
			t.Fatal(err)
		}
	}
	return &f
}

func covariates(k int) (names []string) {
	for j := range k {
		names = append(names, fmt.Sprintf("x%d", j+1))
	}
	return names
}

func predict(t *testing.T, f *data.Frame, spec hetero.PredictSpec) *hetero.Prediction {
	t.Helper()
	p, err := hetero.Predict(f, spec)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestLeaveOneOut: a control is predicted by the regression over the other controls, a treated unit by
// that over all of them.
func TestLeaveOneOut(t *testing.T) {
	f := survey(t, 1, 40, 3)
	spec := hetero.PredictSpec{Outcome: "y", Assignment: "z", Unit: "id", Covariates: covariates(3)}
	p := predict(t, f, spec)
	if p.Controls != 20 || p.Units != 40 || p.Unknown != 0 || p.Name != "predicted y" {
		t.Errorf("%+v", p)
	}
	spec.Name, spec.InSample = "fitted", true
	predict(t, f, spec)
	loo, fitted := studytest.Floats(t, f, "predicted y"), studytest.Floats(t, f, "fitted")
	by := func(leave int, at int) float64 {
		m := fitOne(t, f.Filter(func(row int) bool { return row%2 == 0 && row != leave }), iv.Spec{Outcomes: []string{"y"}, Exogenous: covariates(3)})
		sum := coefficient(t, m, iv.Constant).Estimate
		for _, name := range covariates(3) {
			sum += coefficient(t, m, name).Estimate * studytest.Floats(t, f, name)[at]
		}
		return sum
	}
	for _, u := range []int{0, 6, 38} {
		near(t, "a control, left out", loo[u], by(u, u), same, 1)
		near(t, "a control, in sample", fitted[u], by(-1, u), same, 1)
	}
	near(t, "a treated unit", loo[7], by(-1, 7), same, 1)
	near(t, "a treated unit, in sample", fitted[7], loo[7], same, 1)
	m := fitOne(t, f.Filter(func(row int) bool { return row%2 == 0 }), iv.Spec{Outcomes: []string{"y"}, Exogenous: covariates(3)})
	near(t, "R2", p.R2, m.R2, same, 0)
}

// TestPredictPanel: in a panel units count once, by the mean of their outcome after the launch.
func TestPredictPanel(t *testing.T) {
	f := world{seed: 71, units: 30, periods: 6, groups: 2, skill: 1, noise: 1, effect: 1}.frame(t)
	predict(t, f, hetero.PredictSpec{Outcome: "y", Assignment: "treat", Unit: "unit", Covariates: []string{"base"}, PreColumn: "pre"})
	units, _, err := f.Codes("unit")
	if err != nil {
		t.Fatal(err)
	}
	y, pre, base := studytest.Floats(t, f, "y"), studytest.Floats(t, f, "pre"), studytest.Floats(t, f, "base")
	mean, x := make([]float64, 30), make([]float64, 30)
	for i, u := range units {
		x[u] = base[i]
		if pre[i] == 0 {
			mean[u] += y[i] / 3
		}
	}
	var own data.Frame
	if err := errors.Join(own.SetFloats("y", mean), own.SetFloats("x", x)); err != nil {
		t.Fatal(err)
	}
	m := fitOne(t, own.Filter(func(row int) bool { return row%2 == 0 }), iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"x"}})
	for i, got := range studytest.Floats(t, f, "predicted y") {
		if units[i] == 3 {
			near(t, "u3", got, coefficient(t, m, iv.Constant).Estimate+coefficient(t, m, "x").Estimate*x[3], same, 1)
		}
	}
}

// TestOverfit: groups by a prediction that knows the controls' outcomes show a gradient where there is no
// effect on anyone, for effects of assignment and of usage; leave-one-out predictions and split samples
// do not (Abadie, Chingos and West 2018).
func TestOverfit(t *testing.T) {
	t.Parallel()
	const replications, k = 80, 12
	type tally struct{ rejected, slope float64 }
	sums := map[string]*tally{}
	add := func(kind string, trend iv.Coefficient) {
		s := sums[kind]
		if s == nil {
			s = &tally{}
			sums[kind] = s
		}
		s.slope += trend.Estimate / replications
		if trend.P < 0.05 {
			s.rejected += 1.0 / replications
		}
	}
	for seed := range uint64(replications) {
		f := survey(t, seed, 120, k)
		for _, usage := range []string{"", "take"} {
			spec := hetero.Spec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "z", Cluster: []string{"id"}}, Usage: usage, SkipConsistency: true}
			for kind, inSample := range map[string]bool{"in sample": true, "leave-one-out": false} {
				g := f.Clone()
				predict(t, g, hetero.PredictSpec{Outcome: "y", Assignment: "z", Unit: "id", Covariates: covariates(k), Name: "p", InSample: inSample})
				if _, err := panel.Groups(g, panel.GroupSpec{Value: "p", Unit: "id", N: 3, Name: "g"}); err != nil {
					t.Fatal(err)
				}
				spec.Group = "g"
				add(kind+usage, estimate(t, g, spec).Fits[0].Trend)
			}
			spec.Group = ""
			split := splitEstimate(t, f, hetero.SplitSpec{Spec: spec, Unit: "id", Baseline: "y", Covariates: covariates(k), N: 3, Splits: 3, Seed: seed})
			add("split"+usage, split.Fits[0].Trend)
		}
	}
	for kind, s := range sums {
		t.Logf("%s: %+v", kind, *s)
		steepest, mostly := 0.1, 0.14 // four standard errors of the share above 0.05 are 0.15
		switch {
		case strings.HasPrefix(kind, "in sample"):
			if s.rejected < 0.2 || s.slope > -0.3 {
				t.Errorf("%s: a flat trend is rejected in %.2f, slope %.2f; want a spurious fall", kind, s.rejected, s.slope)
			}
			continue
		case strings.HasPrefix(kind, "leave-one-out"):
			steepest = 0.15 // a small rise is left
		}
		if s.rejected > mostly || math.Abs(s.slope) > steepest {
			t.Errorf("%s: a flat trend is rejected in %.2f, slope %.2f; want about 0.05 and 0", kind, s.rejected, s.slope)
		}
	}
}

func TestPredictRefusals(t *testing.T) {
	f := survey(t, 2, 40, 3)
	studytest.Derive(t, f, "constant", []string{"y"}, func([]float64) float64 { return 2 })
	studytest.Derive(t, f, "twice", []string{"x1"}, func(x []float64) float64 { return 2 * x[0] })
	row := -1
	studytest.Derive(t, f, "only", []string{"y"}, func([]float64) float64 {
		if row++; row == 4 {
			return 1
		}
		return 0
	})
	for _, c := range []struct {
		name    string
		change  func(s *hetero.PredictSpec)
		problem fieldexp.Problem
		says    string
	}{
		{"no unit", func(s *hetero.PredictSpec) { s.Unit = "" }, fieldexp.BadSpec, "set Outcome"},
		{"no covariate", func(s *hetero.PredictSpec) { s.Covariates = nil }, fieldexp.BadSpec, "in Covariates"},
		{"a taken name", func(s *hetero.PredictSpec) { s.Name = "x1" }, fieldexp.ColumnTaken, "set Name"},
		{"a constant", func(s *hetero.PredictSpec) { s.Covariates = []string{"constant"} }, fieldexp.BadSpec, "does not vary"},
		{"collinear covariates", func(s *hetero.PredictSpec) { s.Covariates = []string{"x1", "twice"} }, fieldexp.Spanned, "collinear"},
		{"one unit's own indicator", func(s *hetero.PredictSpec) { s.Covariates = []string{"x1", "only"} }, fieldexp.Spanned, "not identified"},
	} {
		t.Run(c.name, func(t *testing.T) {
			spec := hetero.PredictSpec{Outcome: "y", Assignment: "z", Unit: "id", Covariates: []string{"x1"}}
			c.change(&spec)
			_, err := hetero.Predict(f.Clone(), spec)
			var e *fieldexp.Error
			if !errors.As(err, &e) || e.Problem != c.problem || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v", err)
			}
		})
	}
	small := f.Filter(func(row int) bool { return row < 8 })
	_, err := hetero.Predict(small, hetero.PredictSpec{Outcome: "y", Assignment: "z", Unit: "id", Covariates: covariates(3)})
	if err == nil || !strings.Contains(err.Error(), "4 control units") {
		t.Errorf("as many coefficients as controls: %v", err)
	}
}
