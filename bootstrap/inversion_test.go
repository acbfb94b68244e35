package bootstrap_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/iv"
)

// TestDeterminant compares with gonum's.
func TestDeterminant(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for size := 1; size < 7; size++ {
		a := make([]float64, size*size)
		for i := range a {
			a[i] = rng.NormFloat64()
		}
		a[0] = 0
		want := mat.Det(mat.NewDense(size, size, append([]float64(nil), a...)))
		near(t, fmt.Sprint("of size ", size), bootstrap.Determinant(a, size), want, 1e-12)
	}
}

// TestSetsAgainstNulls inverts tests null by null: on a dense grid and close to the ends of each set, the set
// holds the nulls that the test does not reject, at many levels.
func TestSetsAgainstNulls(t *testing.T) {
	long(t)
	strong := smallPanel(t, 7)
	if err := strong.SetFloats("noise", floats(t, strong, "x3")); err != nil {
		t.Fatal(err)
	}
	type test func(t testing.TB, r *iv.Result, spec bootstrap.WildSpec) *bootstrap.WildResult
	pieces, unbounded, empty := 0, 0, 0
	for _, c := range []struct {
		name        string
		test        test
		instruments []string
		spec        bootstrap.WildSpec
	}{
		{"WRE", wre, []string{"z1"}, bootstrap.WildSpec{}},
		{"WRE/equal tails", wre, []string{"z1"}, bootstrap.WildSpec{Tail: bootstrap.EqualTailed}},
		{"WRE/ties excluded", wre, []string{"z1"}, bootstrap.WildSpec{Ties: bootstrap.TiesExcluded}},
		{"WRE/weak", wre, []string{"noise"}, bootstrap.WildSpec{}},
		{"WRE/weak/equal tails", wre, []string{"noise"}, bootstrap.WildSpec{Tail: bootstrap.EqualTailed}},
		{"WRE/two", wre, []string{"z1", "z2"}, bootstrap.WildSpec{}},
		{"WRE/two/Webb", wre, []string{"z1", "noise"}, bootstrap.WildSpec{Weights: bootstrap.Webb, Draws: 199}},
		{"WRE/three", wre, []string{"z1", "z2", "noise"}, bootstrap.WildSpec{Tail: bootstrap.EqualTailed}},
		{"AR/one", andersonRubin, []string{"z1"}, bootstrap.WildSpec{Tail: bootstrap.EqualTailed}},
		{"AR/two", andersonRubin, []string{"z1", "z2"}, bootstrap.WildSpec{}},
		{"AR/two/normal", andersonRubin, []string{"z1", "noise"}, bootstrap.WildSpec{Weights: bootstrap.Normal, Draws: 199}},
		{"AR/two/unrestricted", andersonRubin, []string{"z1", "z2"}, bootstrap.WildSpec{Unrestricted: true}},
		{"AR/three", andersonRubin, []string{"z1", "z2", "noise"}, bootstrap.WildSpec{Ties: bootstrap.TiesExcluded}},
		{"AR/three/weak", andersonRubin, []string{"noise", "x4", "x5"}, bootstrap.WildSpec{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(2, 3))
			for _, extra := range []string{"x4", "x5"} {
				column := make([]float64, strong.Len())
				for i := range column {
					column[i] = rng.NormFloat64()
				}
				if err := strong.SetFloats(extra, column); err != nil {
					t.Fatal(err)
				}
			}
			res := twoStage(t, strong, c.instruments...)
			spec := c.spec
			spec.Term, spec.Seed = "d", 8
			p := func(null float64) float64 {
				at := spec
				at.Value, at.NoSet = null, true
				return c.test(t, res, at).P
			}
			estimate, err := res.Coefficient("d")
			if err != nil {
				t.Fatal(err)
			}
			const grid = 401
			nulls, ps := make([]float64, grid), make([]float64, grid)
			for i := range nulls {
				nulls[i] = estimate.Estimate + estimate.SE*math.Tan(math.Pi*((float64(i)+0.5)/grid-0.5))
				ps[i] = p(nulls[i])
			}
			for _, level := range []float64{0.3, 0.6, 0.8, 0.9, 0.95, 0.98} {
				spec.Level = level
				w := c.test(t, res, spec)
				alpha := (1 - level) * (1 + 1e-12)
				for i, null := range nulls {
					if w.Set.Contains(null) != (ps[i] > alpha) {
						t.Errorf("level %g: null %g has p %g and set %v", level, null, ps[i], w.Set)
					}
				}
				// Ties count up to a distance of the order of 1e-8 from the ends.
				checkSteps(t, w, p)
				if len(w.Set.Pieces) > 1 {
					pieces++
				}
				if !w.Set.Bounded() {
					unbounded++
				}
				if len(w.Set.Pieces) == 0 {
					empty++
				}
			}
		})
	}
	if pieces == 0 || unbounded == 0 || empty == 0 {
		t.Errorf("%d sets of several pieces, %d unbounded, %d empty: the cases do not cover all shapes", pieces, unbounded, empty)
	}
}

// TestSetsAreInvariant: sets move with the outcome's scale and with what of the endogenous column is added to it.
func TestSetsAreInvariant(t *testing.T) {
	f := smallPanel(t, 9)
	moved := f.Clone()
	const by, plus, units = 1e7, 1e3, 1e-5
	y, d := vector(t, f, "y"), vector(t, f, "d")
	y.AddScaledVec(y, plus, d)
	y.ScaleVec(by, y)
	d.ScaleVec(1/units, d)
	for name, v := range map[string]*mat.VecDense{"y": y, "d": d} {
		if err := moved.SetFloats(name, v.RawVector().Data); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]func(t testing.TB, r *iv.Result, spec bootstrap.WildSpec) *bootstrap.WildResult{"WRE": wre, "AR": andersonRubin} {
		for _, instruments := range [][]string{{"z1"}, {"z1", "z2"}, {"z1", "z2", "x3"}} {
			spec := bootstrap.WildSpec{Term: "d"}
			want := test(t, twoStage(t, f, instruments...), spec).Set.Pieces
			spec.Value = by * units * plus
			got := test(t, twoStage(t, moved, instruments...), spec)
			if len(want) == 0 || len(got.Set.Pieces) != len(want) {
				t.Fatalf("%s %v: set %v, want that of %v", name, instruments, got.Set, want)
			}
			for i, piece := range want {
				for _, end := range [][2]float64{{got.Set.Pieces[i][0], piece[0]}, {got.Set.Pieces[i][1], piece[1]}} {
					if math.IsInf(end[1], 0) {
						if end[0] != end[1] {
							t.Errorf("%s %v: end %g, want %g", name, instruments, end[0], end[1])
						}
						continue
					}
					near(t, fmt.Sprint(name, instruments), end[0]/(by*units)-plus, end[1], 1e-8)
				}
			}
		}
	}
}

// TestNoSetOfManyInstruments: beyond eight instruments there is a test, and the reason why there is no set.
func TestNoSetOfManyInstruments(t *testing.T) {
	f := smallPanel(t, 14)
	rng := rand.New(rand.NewPCG(4, 4))
	instruments := []string{"z1"}
	for i := range 8 {
		column := make([]float64, f.Len())
		for r := range column {
			column[r] = rng.NormFloat64()
		}
		instruments = append(instruments, fmt.Sprint("extra", i))
		if err := f.SetFloats(instruments[i+1], column); err != nil {
			t.Fatal(err)
		}
	}
	many := andersonRubin(t, twoStage(t, f, instruments...), bootstrap.WildSpec{Term: "d", Draws: 199})
	if many.Set.Reason == "" || many.Set.Pieces != nil || !(many.P > 0) {
		t.Errorf("p %g, set %v (%q)", many.P, many.Set, many.Set.Reason)
	}
	if eight := andersonRubin(t, twoStage(t, f, instruments[:8]...), bootstrap.WildSpec{Term: "d", Draws: 199}); eight.Set.Reason != "" {
		t.Errorf("no set with eight instruments: %s", eight.Set.Reason)
	}
}

// TestAgreement: the p-value is that of an effect, and no effect has a larger one.
func TestAgreement(t *testing.T) {
	f := smallPanel(t, 9)
	for _, instruments := range [][]string{{"z1", "z2"}, {"z1", "x3"}, {"x3", "z1", "z2"}} {
		res := twoStage(t, f, instruments...)
		spec := bootstrap.WildSpec{Term: "d", Value: 3}
		got, err := bootstrap.Agreement(ctx, res, spec)
		if err != nil {
			t.Fatal(err)
		}
		spec.NoSet, spec.Value = true, got.Value
		if at := andersonRubin(t, res, spec); at.P != got.P || at.Statistic != got.Statistic {
			t.Errorf("%v: p %g (F %g), and %g (%g) at its effect", instruments, got.P, got.Statistic, at.P, at.Statistic)
		}
		for i := range 301 {
			spec.Value = got.Estimate + got.SE*math.Tan(math.Pi*((float64(i)+0.5)/301-0.5))
			if at := andersonRubin(t, res, spec); at.P > got.P {
				t.Errorf("%v: p %g at %g is larger than %g", instruments, at.P, spec.Value, got.P)
			}
		}
		for _, level := range []float64{1 - 1.01*got.P, 1 - 0.99*got.P} {
			w := andersonRubin(t, res, bootstrap.WildSpec{Term: "d", Level: level})
			if (len(w.Set.Pieces) == 0) != (1-level > got.P) {
				t.Errorf("%v: p %g, and at level %g the set is %v", instruments, got.P, level, w.Set)
			}
		}
	}
	if _, err := bootstrap.Agreement(ctx, twoStage(t, f, "z1"), bootstrap.WildSpec{Term: "d"}); err == nil {
		t.Error("one instrument agrees with itself")
	}
}

// TestSetsOfStrongInstruments: with many rows and a strong instrument sets are narrow beside the distance over which the
// restricted first stage changes, and their ends are as exact.
func TestSetsOfStrongInstruments(t *testing.T) {
	f := experiment(t, 200, 20, 10)
	rng := rand.New(rand.NewPCG(6, 6))
	luck := make([]float64, f.Len())
	for i := range luck {
		luck[i] = rng.NormFloat64()
	}
	if err := f.SetFloats("luck", luck); err != nil {
		t.Fatal(err)
	}
	for _, instruments := range [][]string{{"assigned"}, {"assigned", "luck"}} {
		res := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"used"}, Exogenous: []string{"c1", "c2"}, Instruments: instruments, Cluster: []string{"agent"}})
		for name, test := range map[string]func(t testing.TB, r *iv.Result, spec bootstrap.WildSpec) *bootstrap.WildResult{"WRE": wre, "AR": andersonRubin} {
			spec := bootstrap.WildSpec{Term: "used", Draws: 199}
			w := test(t, res, spec)
			p := func(null float64) float64 {
				at := spec
				at.Value, at.NoSet = null, true
				return test(t, res, at).P
			}
			if len(w.Set.Pieces) == 0 || !w.Set.Bounded() {
				t.Errorf("%s %v: set %v", name, instruments, w.Set)
			}
			checkSteps(t, w, p)
			for i := range 60 {
				null := w.Estimate + w.SE*math.Tan(math.Pi*((float64(i)+0.5)/60-0.5))
				if at := p(null); w.Set.Contains(null) != (at > 0.05*(1+1e-12)) {
					t.Errorf("%s %v: null %g has p %g and set %v", name, instruments, null, at, w.Set)
				}
			}
		}
	}
}
