package iv_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// inversions are the sets and the tests that they invert.
var inversions = map[string]struct {
	set func(*iv.Result) iv.Set
	p   func(*iv.Result, float64) float64
}{
	"Anderson-Rubin": {(*iv.Result).AndersonRubinSet, func(r *iv.Result, b float64) float64 { return r.AndersonRubin(b).P }},
	"LM":             {(*iv.Result).KleibergenLMSet, func(r *iv.Result, b float64) float64 { return r.KleibergenLM(b).P }},
	"conditional LR": {(*iv.Result).ConditionalLRSet, func(r *iv.Result, b float64) float64 { return r.ConditionalLR(b).P }},
}

// checkInversions compares the sets of a result with the tests on a dense grid of the whole line, which
// is spread around the estimate in units of its standard error, and returns their shapes.
func checkInversions(t rapid.TB, res *iv.Result) map[string]string {
	t.Helper()
	shapes := map[string]string{}
	for name, inversion := range inversions {
		set := inversion.set(res)
		if set.Reason != "" {
			t.Errorf("%s: no set: %s", name, set.Reason)
			continue
		}
		alpha := 1 - res.Level
		ends := 0
		for _, piece := range set.Pieces {
			for _, end := range piece {
				if !math.IsInf(end, 0) {
					ends++
					near(t, fmt.Sprintf("%s: p at the end %g of %v", name, end, set), inversion.p(res, end), alpha, 1e-6, 0)
				}
			}
		}
		margin := 1e-9
		if name == "conditional LR" && res.Covariance.Kind != iv.Classical {
			margin = 1e-3 // what ConditionalLRSet can miss
		}
		c := res.Coefficients()[0]
		const points = 150
		for i := range points {
			b := c.Estimate + 3*c.SE*math.Tan(math.Pi*(float64(i)+0.5)/points-math.Pi/2)
			if p := inversion.p(res, b); math.Abs(p-alpha) > margin && set.Contains(b) != (p > alpha) {
				t.Errorf("%s: %g has p = %g, and is it in %v? %v", name, b, p, set, set.Contains(b))
			}
		}
		shapes[name] = shapeOf(set, ends)
	}
	return shapes
}

func shapeOf(set iv.Set, ends int) string {
	switch n := len(set.Pieces); {
	case n == 0:
		return "empty"
	case set.Whole():
		return "whole line"
	case n == 1 && set.Bounded():
		return "interval"
	case n == 2 && ends == 2:
		return "two rays"
	case n == 1:
		return "ray"
	}
	return "several pieces"
}

// noisyFrame is an experiment with columns that have little to do with usage, and one whose coefficients have a
// very different covariance from the others'.
func noisyFrame(t rapid.TB, seed uint64) *data.Frame {
	f := experiment(t, seed, 300, 20)
	derive(t, f, "noise", []string{"day", "hour", "agent"}, func(x []float64) float64 { return math.Sin(7*x[0] + 3*x[1] + x[2]*x[0]) })
	derive(t, f, "noise2", []string{"day", "hour", "agent"}, func(x []float64) float64 { return math.Cos(5*x[0] - x[1]*x[2]) })
	derive(t, f, "burst", []string{"c3", "y", "used"}, func(x []float64) float64 { return x[0]*x[0]*x[0] + 0.3*x[1]*x[2] })
	return f
}

// TestSetsInvertTests: the sets are the values that the tests do not reject, for strong and weak instruments,
// under covariances of every kind and at several levels.
func TestSetsInvertTests(t *testing.T) {
	long(t)
	seen := map[string]map[string]int{}
	record := func(t rapid.TB, res *iv.Result) {
		for name, shape := range checkInversions(t, res) {
			if seen[name] == nil {
				seen[name] = map[string]int{}
			}
			seen[name][shape]++
		}
	}
	r := rand.New(rand.NewPCG(21, 22)) // the same models every time, so that every shape is among them
	for range 120 {
		f := noisyFrame(t, r.Uint64())
		instruments := [][]string{{"noise"}, {"noise", "noise2"}, {"noise", "noise2", "hour", "c3"}, {"assigned", "noise", "noise2"}, {"assigned", "also"}, {"burst", "assigned", "noise"}}
		s := iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"used"}, Exogenous: []string{"c1"},
			Instruments: oneOf(r, instruments), Level: oneOf(r, []float64{0.5, 0.9, 0.95, 0.99}),
			Covariance: iv.Covariance{Kind: oneOf(r, []iv.CovarianceKind{iv.Classical, iv.HC1, iv.CR1})}}
		if s.Covariance.Kind == iv.CR1 {
			s.Cluster = []string{"agent"}
		}
		record(t, estimate(t, f, s))
	}
	// A set whose upper end is next to infinity, which the search for it finds on the other side.
	record(t, estimate(t, noisyFrame(t, 0x46282d90), iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"used"}, Exogenous: []string{"c1"},
		Instruments: []string{"noise", "noise2"}, Cluster: []string{"agent"}, Level: 0.5}))
	forEachInstrumented(t, func(t *testing.T, f *data.Frame, s iv.Spec) {
		s.Covariance.Repair = iv.Usual
		record(t, estimate(t, f, s))
	})
	for name, shapes := range map[string][]string{
		"Anderson-Rubin": {"empty", "interval", "two rays", "whole line"}, "LM": {"interval", "several pieces", "two rays", "whole line"},
		"conditional LR": {"interval", "two rays", "whole line"},
	} {
		for _, shape := range shapes {
			if seen[name][shape] == 0 {
				t.Errorf("no %s set was of the shape %q; the test covers too little: %v", name, shape, seen[name])
			}
		}
	}
}

func oneOf[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// TestClassicalSets: with a classical covariance the conditional LR set is an interval, two rays or the
// line, and contains LIML; so does the LM set. With one instrument all sets are one.
func TestClassicalSets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := experiment(t, rapid.Uint64().Draw(t, "seed"), 200, 20)
		derive(t, f, "noise", []string{"day", "hour", "agent"}, func(x []float64) float64 { return math.Sin(7*x[0] + 3*x[1] + x[2]*x[0]) })
		s := iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"used"}, Exogenous: []string{"c1"}, Estimator: iv.LIML, Covariance: iv.Covariance{Kind: iv.Classical},
			Instruments: rapid.SampledFrom([][]string{{"noise"}, {"assigned"}, {"noise", "hour"}, {"assigned", "noise", "hour"}}).Draw(t, "instruments")}
		res := estimate(t, f, s)
		lr, lm := res.ConditionalLRSet(), res.KleibergenLMSet()
		if !lr.Contains(res.Coef[0]) || !lm.Contains(res.Coef[0]) {
			t.Errorf("LIML %g is not in %v and %v", res.Coef[0], lr, lm)
		}
		if shape := len(lr.Pieces); shape == 0 || shape > 2 || shape == 2 && lr.Bounded() {
			t.Errorf("a conditional LR set %v", lr)
		}
		if ar := res.AndersonRubinSet(); len(s.Instruments) == 1 && (ar.String() != lr.String() || ar.String() != lm.String()) {
			t.Errorf("sets %v, %v and %v with one instrument", ar, lm, lr)
		}
	})
}
