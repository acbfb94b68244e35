package iv

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/internal/dist"
)

// serial leaves a test without goroutines out in short mode, which the race detector runs in.
func serial(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("nothing runs at the same time here")
	}
}

// TestConditionalCritical: the critical values that the confidence set is made of fall, but more slowly than
// the strength rises, from one quantile of chi-squared to the other.
func TestConditionalCritical(t *testing.T) {
	serial(t)
	for _, l := range []int{2, 3, 5, 12, 40} {
		for _, alpha := range []float64{0.5, 0.05, 0.001} {
			c := &conditional{l: l, alpha: alpha}
			before, at := c.critical(0), 0.0
			if want := dist.ChiSquaredQuantile(1-alpha, float64(l)); math.Abs(before-want) > 1e-9*want {
				t.Errorf("%d instruments, level %g: critical value %g without strength, want %g", l, 1-alpha, before, want)
			}
			for s := 0.01; s < 1e5; s *= 2 {
				m := c.critical(s)
				if p := conditionalTail(m, s, l); math.Abs(p-alpha) > 1e-10 {
					t.Fatalf("%d instruments, strength %g: p = %g at the critical value %g of %g", l, s, p, m, alpha)
				}
				if m > before+1e-10 || s+m < at+before-1e-10 {
					t.Fatalf("%d instruments, level %g: critical value %g at strength %g, after %g at %g", l, 1-alpha, m, s, before, at)
				}
				before, at = m, s
			}
			if want := dist.ChiSquaredQuantile(1-alpha, 1); math.Abs(before-want) > 1e-2*want {
				t.Errorf("%d instruments, level %g: critical value %g of very strong ones, want near %g", l, 1-alpha, before, want)
			}
		}
	}
}

// TestChords: the chords that stand for the limit of Kleibergen's statistic are off by less than 0.5% of the
// critical value, as ConditionalLRSet says, and the p-value at the limit is the level.
func TestChords(t *testing.T) {
	serial(t)
	worst := 0.0
	for _, l := range []int{2, 40} {
		for _, alpha := range []float64{0.5, 0.05} {
			for _, more := range []float64{0.3, 30, 1e4} {
				c := &conditional{l: l, alpha: alpha}
				c.total = c.critical(0) + more
				at, limits := c.nodes()
				for i := range chords {
					if !(at[i] < at[i+1]) {
						t.Fatalf("%d instruments, total %g: nodes at %v", l, c.total, at)
					}
					middle := (at[i] + at[i+1]) / 2
					worst = max(worst, math.Abs((limits[i]+limits[i+1])/2-c.limit(middle))/c.critical(c.total-middle))
				}
				for _, end := range []struct{ ar, lm float64 }{{at[0], at[0]}, {at[chords], 0}, {at[5], limits[5]}} {
					if p := c.p(end.ar, end.lm); math.Abs(p-alpha) > 1e-8 {
						t.Errorf("%d instruments, total %g: p = %g at the limit %g of %g, want %g", l, c.total, p, end.lm, end.ar, alpha)
					}
				}
			}
		}
	}
	if t.Logf("chords are off by up to %.2g of the critical value", worst); !(worst < 5e-3) {
		t.Errorf("chords are off by %g of the critical value", worst)
	}
}

// TestConditionalFormsAgree: where the covariance is a Kronecker product, Mikusheva's form of the conditional LR
// set and the search for its boundary give the same.
func TestConditionalFormsAgree(t *testing.T) {
	serial(t)
	rng := rand.New(rand.NewPCG(5, 5))
	bounded := 0
	for range 25 {
		l, strength := 2+rng.IntN(4), 4*rng.Float64()
		coef := mat.NewDense(l, 2, nil)
		for i := range l {
			first := rng.NormFloat64() + strength
			coef.SetRow(i, []float64{first + rng.NormFloat64(), first})
		}
		errors, inverse := mat.NewSymDense(2, []float64{1, 0.6, 0.6, 0.8}), mat.NewSymDense(l, nil)
		for i := range l {
			for j := range l {
				inverse.SetSym(i, j, math.Pow(0.3, math.Abs(float64(i-j))))
			}
		}
		e := &evidence{system: &system{coef: coef}, l: l, p: 1, joint: kronecker(errors, inverse)}
		q, ok := e.linearMoments()
		if !ok {
			t.Fatal("no linear moments")
		}
		c := &conditional{l: l, alpha: 0.05, total: form(mat.NewVecDense(2*l, append(mat.Col(nil, 0, coef), mat.Col(nil, 1, coef)...)), e.joint)}
		if c.total <= c.critical(0) {
			continue
		}
		want := q.within(c.classical(q.largest()), 0.95)
		roots, ok := q.boundaries(c)
		if !ok {
			t.Fatal("no roots")
		}
		got := q.set(roots, 0.95, func(angle float64) float64 { return c.alpha - c.p(q.statistics(angle)) })
		if len(got.Pieces) != len(want.Pieces) {
			t.Fatalf("sets %v and %v", got, want)
		}
		for i, piece := range want.Pieces {
			for side, end := range piece {
				if d := got.Pieces[i][side] - end; math.Abs(d) > 1e-7*(1+math.Abs(end)) {
					t.Errorf("sets %v and %v", got, want)
				}
			}
		}
		if want.Bounded() {
			bounded++
		}
	}
	if bounded < 4 || bounded > 21 {
		t.Errorf("%d of the sets are bounded; the test covers too little", bounded)
	}
}
