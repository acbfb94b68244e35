package iv_test

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// designs are models of every make over the columns of experiment: what holds must hold for all.
func designs() map[string]iv.Spec {
	y, controls := []string{"y"}, []string{"c1", "c2", "c3"}
	return map[string]iv.Spec{
		"OLS":             {Outcomes: y, Exogenous: union([]string{"assigned"}, controls)},
		"OLS weighted":    {Outcomes: y, Exogenous: union([]string{"assigned"}, controls), Weights: "w"},
		"OLS no constant": {Outcomes: y, Exogenous: union([]string{"assigned"}, controls), NoConstant: true},
		"OLS effects":     {Outcomes: y, Exogenous: union([]string{"assigned"}, controls), Absorb: iv.Effects("day", "topic"), KeepSingletons: true},
		"2SLS":            {Outcomes: y, Endogenous: []string{"used"}, Instruments: []string{"assigned"}, Exogenous: controls},
		"2SLS effects":    {Outcomes: y, Endogenous: []string{"used"}, Instruments: []string{"assigned"}, Exogenous: controls, Absorb: iv.Effects("day^topic"), KeepSingletons: true},
		"2SLS over":       {Outcomes: y, Endogenous: []string{"share"}, Instruments: []string{"assigned", "also"}, Exogenous: controls, Weights: "w"},
		"2SLS two":        {Outcomes: y, Endogenous: []string{"used", "share"}, Instruments: []string{"assigned", "also"}, Exogenous: controls},
		"LIML":            {Outcomes: y, Endogenous: []string{"share"}, Instruments: []string{"assigned", "also"}, Exogenous: controls, Estimator: iv.LIML},
		"Fuller effects":  {Outcomes: y, Endogenous: []string{"share"}, Instruments: []string{"assigned", "also"}, Exogenous: controls, Estimator: iv.Fuller, Absorb: iv.Effects("day"), KeepSingletons: true},
	}
}

// forEachDesign runs a test for every model, without clusters and with one and two clusterings.
func forEachDesign(t *testing.T, run func(t *testing.T, f *data.Frame, s iv.Spec)) {
	t.Helper()
	f := experiment(t, 3, 900, 40)
	for name, spec := range designs() {
		for _, clusters := range [][]string{nil, {"agent"}, {"agent", "day"}} {
			s := spec
			s.Cluster = clusters
			t.Run(fmt.Sprintf("%s by %v", name, clusters), func(t *testing.T) { run(t, f, s) })
		}
	}
}

// columnsOf lists the columns of numbers that a model uses.
func columnsOf(s iv.Spec) []string {
	return union(s.Outcomes, s.Exogenous, s.Endogenous, s.Instruments)
}

func TestRowOrderDoesNotMatter(t *testing.T) {
	forEachDesign(t, func(t *testing.T, f *data.Frame, s iv.Spec) {
		want := estimate(t, f, s)
		got := estimate(t, take(t, f, shuffled(5, f.Len())), s)
		sameFit(t, "shuffled", got, want, same)
		near(t, "R2", got.R2, want.R2, same, 0)
		near(t, "K", float64(got.K), float64(want.K), 0, 0)
	})
}

func TestClusterLabelsDoNotMatter(t *testing.T) {
	forEachDesign(t, func(t *testing.T, f *data.Frame, s iv.Spec) {
		if s.Cluster == nil {
			t.Skip("nothing is clustered")
		}
		want := estimate(t, f, s)
		asNumbers, asText := f.Clone(), f.Clone()
		agents := floats(t, f, "agent")
		perm := shuffled(9, 1000)
		labels := make([]string, len(agents))
		for i, g := range agents {
			labels[i] = "agent " + strconv.Itoa(perm[int(g)])
		}
		derive(t, asNumbers, "agent", []string{"agent"}, func(x []float64) float64 { return -3.7 * float64(perm[int(x[0])]) })
		if err := asText.SetStrings("agent", labels); err != nil {
			t.Fatal(err)
		}
		sameFit(t, "other numbers", estimate(t, asNumbers, s), want, same)
		sameFit(t, "text", estimate(t, asText, s), want, same)
	})
}

// TestColumnScaleDoesNotMatter changes the unit of one column at a time: its estimate changes in
// inverse proportion, everything else not at all.
func TestColumnScaleDoesNotMatter(t *testing.T) {
	long(t)
	forEachDesign(t, func(t *testing.T, f *data.Frame, s iv.Spec) {
		want := estimate(t, f, s)
		for _, column := range columnsOf(s) {
			for _, unit := range []float64{1e-9, 1e-4, -1, 1e5, 1e9} {
				compareScaled(t, f, s, want, column, unit, same)
			}
		}
	})
}

func compareScaled(t rapid.TB, f *data.Frame, s iv.Spec, want *iv.Result, column string, unit, tol float64) {
	t.Helper()
	scaled := f.Clone()
	derive(t, scaled, column, []string{column}, func(x []float64) float64 { return unit * x[0] })
	got := estimate(t, scaled, s)
	if !slices.Equal(got.Terms, want.Terms) {
		t.Errorf("%s in units of %g: terms %v, want %v", column, unit, got.Terms, want.Terms)
		return
	}
	for _, name := range want.Terms {
		factor := 1.0
		if name == column {
			factor /= unit
		}
		if slices.Contains(s.Outcomes, column) {
			factor *= unit
		}
		g, w := coefficient(t, got, name), coefficient(t, want, name)
		what := fmt.Sprintf("%s in units of %g: %s", column, unit, name)
		near(t, what, g.Estimate/factor, w.Estimate, tol, w.SE)
		near(t, what+": standard error", g.SE/math.Abs(factor), w.SE, tol, 0)
		near(t, what+": p", g.P, w.P, tail, tailFrom)
	}
	near(t, "R2", got.R2, want.R2, tol, 0)
	for i := range want.FirstStages {
		near(t, column+" scaled: first-stage F", got.PartialF()[i].Statistic, want.PartialF()[i].Statistic, 10*tol, 0)
	}
}

// TestUnitsProperty draws the model, the column, its unit and a shift of the outcome.
func TestUnitsProperty(t *testing.T) {
	specs := designs()
	var names []string
	for name := range specs {
		names = append(names, name)
	}
	slices.Sort(names)
	rapid.Check(t, func(t *rapid.T) {
		s := specs[rapid.SampledFrom(names).Draw(t, "design")]
		if rapid.Bool().Draw(t, "clustered") {
			s.Cluster = []string{"agent"}
		}
		f := experiment(t, rapid.Uint64().Draw(t, "seed"), rapid.IntRange(150, 400).Draw(t, "rows"), rapid.IntRange(8, 40).Draw(t, "clusters"))
		column := rapid.SampledFrom(columnsOf(s)).Draw(t, "column")
		unit := math.Pow(10, rapid.Float64Range(-9, 9).Draw(t, "log10 of unit"))
		want := estimate(t, f, s)
		compareScaled(t, f, s, want, column, unit, sameDrawn)

		if s.NoConstant {
			return
		}
		shift := rapid.Float64Range(-1e4, 1e4).Draw(t, "shift")
		shifted := f.Clone()
		derive(t, shifted, "y", []string{"y"}, func(x []float64) float64 { return x[0] + shift })
		sameFit(t, "shifted outcome", estimate(t, shifted, s), want, sameDrawn, slopes(want)...)
	})
}

// TestControlShiftDoesNotMatter moves the zero of controls and usage far away: the constant takes it up.
func TestControlShiftDoesNotMatter(t *testing.T) {
	forEachDesign(t, func(t *testing.T, f *data.Frame, s iv.Spec) {
		if s.NoConstant {
			t.Skip("there is no constant to take it up")
		}
		s.Covariance.Repair = iv.Off // which moves with the constant
		want := estimate(t, f, s)
		moved := f.Clone()
		for _, name := range union(s.Exogenous, s.Endogenous, s.Instruments) {
			derive(t, moved, name, []string{name}, func(x []float64) float64 { return x[0] + 5000 })
		}
		sameFit(t, "moved", estimate(t, moved, s), want, 1e-8, slopes(want)...)
	})
}

// TestInstrumentBasisDoesNotMatter replaces instruments by combinations of them, and of the controls.
func TestInstrumentBasisDoesNotMatter(t *testing.T) {
	forEachDesign(t, func(t *testing.T, f *data.Frame, s iv.Spec) {
		if len(s.Instruments) == 0 {
			t.Skip("there are no instruments")
		}
		want := estimate(t, f, s)
		mixed := f.Clone()
		derive(t, mixed, "z1", []string{s.Instruments[0], "c1"}, func(x []float64) float64 { return 1e4*x[0] + 3*x[1] })
		s.Instruments = union([]string{"z1"}, s.Instruments[1:])
		if len(s.Instruments) == 2 {
			derive(t, mixed, "z2", []string{"z1", "also", "c2"}, func(x []float64) float64 { return 1e-4*x[0] - 0.3*x[1] + x[2] })
			s.Instruments[1] = "z2"
		}
		sameFit(t, "mixed instruments", estimate(t, mixed, s), want, 1e-8)
	})
}
