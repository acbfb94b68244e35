package bootstrap_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/bootstrap"
)

// correlated draws statistics with a common part.
func correlated(seed uint64, hypotheses, draws int, share float64) [][]float64 {
	rng := rand.New(rand.NewPCG(seed, 2))
	list := make([][]float64, hypotheses)
	for range draws {
		common := rng.NormFloat64()
		for h := range list {
			list[h] = append(list[h], math.Sqrt(share)*common+math.Sqrt(1-share)*rng.NormFloat64())
		}
	}
	return list
}

func stepDown(t testing.TB, observed []float64, draws [][]float64, spec bootstrap.StepSpec) *bootstrap.StepResult {
	t.Helper()
	res, err := bootstrap.StepDown(observed, draws, spec)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// TestStepDownByDefinition computes both procedures the slow way.
func TestStepDownByDefinition(t *testing.T) {
	const b = 199
	observed := []float64{0.3, -2.8, 2.1, 1.9, 2.1}
	draws := correlated(1, len(observed), b, 0.4)
	draws[2][7] = math.NaN() // counts as extreme
	draws[4][8] = 2.1        // a tie, which counts
	size := func(v float64) float64 {
		if math.IsNaN(v) {
			return 1e300
		}
		return math.Abs(v)
	}
	// The p-value of a statistic among all of its hypothesis.
	share := func(h int, v float64) float64 {
		count := 0
		for _, w := range append(slices.Clone(draws[h]), observed[h]) {
			if size(w) >= size(v) {
				count++
			}
		}
		return float64(count)
	}
	strength := map[bootstrap.StepMethod]func(h int, v float64) float64{
		bootstrap.RomanoWolf:    func(_ int, v float64) float64 { return size(v) },
		bootstrap.WestfallYoung: func(h int, v float64) float64 { return -share(h, v) },
	}
	for method, strength := range strength {
		res := stepDown(t, observed, draws, bootstrap.StepSpec{Method: method})
		left := map[int]bool{0: true, 1: true, 2: true, 3: true, 4: true}
		least := 0.0
		for range observed {
			best := -1
			for h := range observed {
				if left[h] && (best < 0 || strength(h, observed[h]) > strength(best, observed[best])) {
					best = h
				}
			}
			count := 1
			for i := range b {
				most := math.Inf(-1)
				for h := range left {
					most = math.Max(most, strength(h, draws[h][i]))
				}
				if most >= strength(best, observed[best]) {
					count++
				}
			}
			least = math.Max(least, float64(count)/(b+1))
			near(t, method.String(), res.P[best], least, 1e-14)
			delete(left, best)
		}
		for h := range observed {
			near(t, "unadjusted", res.Unadjusted[h], share(h, observed[h])/(b+1), 1e-14)
			near(t, "Monte Carlo standard error", res.MonteCarloSE[h], math.Sqrt(res.P[h]*(1-res.P[h])/b), 1e-14)
		}
		if res.Order[0] != 1 || res.Order[4] != 0 {
			t.Errorf("%s: order %v", method, res.Order)
		}
	}
}

// TestStepDownKnowsDependence: copies of one hypothesis cost nothing, independent ones what Holm and
// Sidak's method says.
func TestStepDownKnowsDependence(t *testing.T) {
	one := correlated(2, 1, 9999, 0)[0]
	observed := []float64{2.2, 2.2, 2.2}
	for _, method := range []bootstrap.StepMethod{bootstrap.RomanoWolf, bootstrap.WestfallYoung} {
		res := stepDown(t, observed, [][]float64{one, one, one}, bootstrap.StepSpec{Method: method})
		if res.P[0] != res.Unadjusted[0] || res.P[2] != res.P[0] {
			t.Errorf("%s: copies have p %v, alone %v", method, res.P, res.Unadjusted)
		}
		independent := []float64{2.7, 2.2, 1.1}
		res = stepDown(t, independent, correlated(3, 3, 9999, 0), bootstrap.StepSpec{Method: method})
		for i, want := range adjusted(t, res.Unadjusted, bootstrap.HolmSidak) {
			if math.Abs(res.P[i]-want) > 4*res.MonteCarloSE[i] {
				t.Errorf("%s: p %g, want %g within four of %g", method, res.P[i], want, res.MonteCarloSE[i])
			}
		}
	}
}

func TestStepDownRules(t *testing.T) {
	draws := [][]float64{{2, 1, 3, -2}}
	for _, c := range []struct {
		spec bootstrap.StepSpec
		want float64
	}{
		{bootstrap.StepSpec{}, 4.0 / 5},
		{bootstrap.StepSpec{PRule: bootstrap.Share}, 3.0 / 4},
		{bootstrap.StepSpec{Ties: bootstrap.TiesExcluded}, 2.0 / 5},
		{bootstrap.StepSpec{Enumerated: true}, 3.0 / 4},
	} {
		res := stepDown(t, []float64{-2}, draws, c.spec)
		if res.P[0] != c.want || res.Unadjusted[0] != c.want || c.spec.Enumerated != (res.MonteCarloSE[0] == 0) {
			t.Errorf("%+v: p %v, want %g", c.spec, res, c.want)
		}
	}
}

// TestSimultaneous: the share of draws that all intervals hold at once is the level.
func TestSimultaneous(t *testing.T) {
	estimates, se := []float64{1, 2, 3}, []float64{0.1, 1, 10}
	draws := correlated(4, 3, 999, 0.5)
	intervals, multiple, err := bootstrap.Simultaneous(estimates, se, draws, 0.95)
	must(t, err)
	held := 0
	for b := range 999 {
		if math.Abs(draws[0][b]) <= multiple && math.Abs(draws[1][b]) <= multiple && math.Abs(draws[2][b]) <= multiple {
			held++
		}
	}
	if held != 950 {
		t.Errorf("%d of 999 draws are held, want 950", held)
	}
	for i, interval := range intervals {
		near(t, "low", interval.Low, estimates[i]-multiple*se[i], 1e-15)
		near(t, "high", interval.High, estimates[i]+multiple*se[i], 1e-15)
	}
	if multiple < 1.96 {
		t.Errorf("the multiple %g is below that of a single interval", multiple)
	}
}

func TestStepDownBadInput(t *testing.T) {
	three := [][]float64{{1, 2, 3}}
	for name, c := range map[string]struct {
		observed []float64
		draws    [][]float64
		spec     bootstrap.StepSpec
		want     string
	}{
		"nothing":       {nil, nil, bootstrap.StepSpec{}, "no hypothesis"},
		"other number":  {[]float64{1, 2}, three, bootstrap.StepSpec{}, "draws of 1 hypotheses, statistics of 2"},
		"ragged":        {[]float64{1, 2}, [][]float64{{1, 2}, {1}}, bootstrap.StepSpec{}, "1 draws of hypothesis 2 and 2 of the first"},
		"no draws":      {[]float64{1}, [][]float64{{}}, bootstrap.StepSpec{}, "no draws"},
		"no statistic":  {[]float64{math.NaN()}, three, bootstrap.StepSpec{}, "is not a number"},
		"unknown rules": {[]float64{1}, three, bootstrap.StepSpec{Method: 7}, "unknown method"},
	} {
		if _, err := bootstrap.StepDown(c.observed, c.draws, c.spec); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
	if _, _, err := bootstrap.Simultaneous([]float64{1}, []float64{1}, three, 0.95); err == nil || !strings.Contains(err.Error(), "ask for at least 19") {
		t.Errorf("three draws for 95%%: %v", err)
	}
	if _, _, err := bootstrap.Simultaneous([]float64{1}, nil, three, 0.5); err == nil {
		t.Error("no standard errors are accepted")
	}
	if _, _, err := bootstrap.Simultaneous([]float64{1}, []float64{1}, three, 1); err == nil {
		t.Error("a level of one is accepted")
	}
}
