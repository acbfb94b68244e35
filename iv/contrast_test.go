package iv

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/internal/dist"
)

// randomEvidence is evidence of two to four instruments about one effect, from irrelevant to strong ones, that agree
// or do not, under a covariance that is classical, robust, or of few clusters.
func randomEvidence(rng *rand.Rand, kind CovarianceKind) *evidence {
	l := 2 + rng.IntN(3)
	joint := mat.NewSymDense(2*l, nil)
	groups := 400 // independent contributions to the covariance
	switch kind {
	case Classical:
		rho, inverse := 1.8*rng.Float64()-0.9, mat.NewSymDense(l, nil)
		r := 1.8*rng.Float64() - 0.9
		for i := range l {
			for j := range l {
				inverse.SetSym(i, j, math.Pow(r, math.Abs(float64(i-j))))
			}
		}
		joint = kronecker(mat.NewSymDense(2, []float64{1, rho, rho, rho*rho + 0.1 + rng.Float64()}), inverse)
		groups = 0
	case CR1:
		groups = 2*l + 1 + rng.IntN(10)
	}
	scores := make([]float64, 2*l)
	for range groups {
		common, spread := rng.NormFloat64(), math.Exp(rng.NormFloat64())
		for i := range scores {
			scores[i] = spread * (rng.NormFloat64() + common)
		}
		v := mat.NewVecDense(2*l, scores)
		joint.SymRankOne(joint, 1/float64(groups), v)
	}
	strength := math.Pow(10, 4*rng.Float64()-1)
	effect, disagreement := rng.NormFloat64(), math.Pow(10, 2*rng.Float64()-1.5)
	coef := mat.NewDense(l, 2, nil)
	for i := range l {
		first := rng.NormFloat64() + strength*rng.Float64()
		coef.SetRow(i, []float64{effect*first + disagreement*rng.NormFloat64(), first})
	}
	return &evidence{system: &system{coef: coef}, l: l, p: 1, joint: joint}
}

// TestSetsWithoutEigenvalues: where the routine for eigenvalues gives up, or panics, sets are what they are with it,
// and their ends are where the statistic is at its critical value.
func TestSetsWithoutEigenvalues(t *testing.T) {
	models := 700 // of each kind
	if testing.Short() {
		models = 30
	}
	for _, kind := range []CovarianceKind{Classical, HC1, CR1} {
		t.Run(kind.String(), func(t *testing.T) {
			t.Parallel()
			withoutEigenvalues(t, kind, models)
		})
	}
}

func withoutEigenvalues(t *testing.T, kind CovarianceKind, models int) {
	rng := rand.New(rand.NewPCG(8, uint64(kind)))
	ends := 0
	for i := range models {
		e := randomEvidence(rng, kind)
		level := []float64{0.5, 0.9, 0.95, 0.99}[rng.IntN(4)]
		with, ok := e.linearMoments()
		if !ok {
			t.Fatalf("model %d has no moments", i)
		}
		without := *with
		called := false
		without.eigen = func(*mat.Dense) []complex128 {
			called = true
			if i%2 == 0 {
				panic("bad length")
			}
			return nil
		}
		ar, lm := dist.ChiSquaredQuantile(level, float64(e.l)), dist.ChiSquaredQuantile(level, 1)
		tests := []struct {
			name  string
			set   func(q *linearMoments) Set
			ratio func(ar, lm float64) float64 // of the statistic to its critical value
		}{
			{"Anderson-Rubin", func(q *linearMoments) Set { return q.within(ar, level) }, func(a, _ float64) float64 { return a / ar }},
			{"LM", func(q *linearMoments) Set { return q.withinLM(lm, level) }, func(_, k float64) float64 { return k / lm }},
		}
		if i%100 == 0 { // 33 searches each
			all := mat.NewVecDense(2*e.l, append(mat.Col(nil, 0, e.coef), mat.Col(nil, 1, e.coef)...))
			c := &conditional{l: e.l, alpha: 1 - level, total: form(all, e.joint)}
			if c.total > c.critical(0) {
				tests = append(tests, struct {
					name  string
					set   func(q *linearMoments) Set
					ratio func(ar, lm float64) float64
				}{"conditional LR", func(q *linearMoments) Set { return q.withinLR(c) }, func(a, k float64) float64 { return c.p(a, k) / c.alpha }})
			}
		}
		for _, test := range tests {
			want, got := test.set(with), test.set(&without)
			what := fmt.Sprintf("%s, model %d, %d instruments", test.name, i, e.l)
			if got.Reason != "" || len(got.Pieces) != len(want.Pieces) {
				t.Errorf("%s: set %v, want %v", what, got, want)
				continue
			}
			for j, piece := range got.Pieces {
				for side, end := range piece {
					if math.Abs(with.Angle(end)-with.Angle(want.Pieces[j][side])) > 1e-9 {
						t.Errorf("%s: set %v, want %v", what, got, want)
					}
					if math.IsInf(end, 0) {
						continue
					}
					ends++
					ratio := func(effect float64) float64 { return test.ratio(with.statistics(with.Angle(effect))) }
					// Between neighbours among numbers a steep statistic changes by more than the tolerance.
					const ulps = 4
					steps := math.Abs(ratio(end*(1+ulps*0x1p-52)) - ratio(end*(1-ulps*0x1p-52)))
					if off := ratio(end) - 1; !(math.Abs(off) <= 1e-8+steps) {
						t.Errorf("%s: the statistic is off its critical value by %g of it at %g", what, off, end)
					}
				}
			}
		}
		if !called {
			t.Fatal("no eigenvalues were asked for")
		}
	}
	if ends < models {
		t.Errorf("%d ends; the test covers too little", ends)
	}
}

// TestTaylorOfContrast: derivatives are what differences say, and bounds hold on the fourth.
func TestTaylorOfContrast(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 9))
	for i := range 300 {
		q, ok := randomEvidence(rng, []CovarianceKind{Classical, HC1, CR1}[i%3]).linearMoments()
		if !ok {
			t.Fatal("no moments")
		}
		f := &contrast{q: q, a: 3, b: -0.4, lm: i%2 == 0}
		if !f.lm {
			f.b = 0
		}
		angle := math.Pi * (rng.Float64() - 0.5)
		reach := math.Pow(10, -1-4*rng.Float64())
		d, fourth, rounding := f.Taylor(angle, reach)
		if math.IsInf(fourth, 1) {
			continue
		}
		ar, lm := q.statistics(angle)
		if want := f.a - ar; !f.lm && math.Abs(d[0]-want) > rounding {
			t.Errorf("a contrast of %g, want %g", d[0], want)
		}
		if f.lm && math.Abs(d[0]) > rounding && d[0] < 0 != (lm > f.a+f.b*ar) {
			t.Errorf("a contrast of %g where Kleibergen's statistic is %g and the other %g", d[0], lm, ar)
		}
		for _, share := range []float64{-1, -0.3, 0.5, 1} {
			x := share * reach
			at, _, noise := f.Taylor(angle+x, reach)
			series := d[0] + x*(d[1]+x/2*(d[2]+x/3*d[3]))
			if off := math.Abs(at[0] - series); off > fourth*math.Pow(x, 4)/24+rounding+noise {
				t.Errorf("Taylor's series is off by %g, more than %g", off, fourth*math.Pow(x, 4)/24)
			}
		}
	}
}
