package moments_test

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/fieldexp/fieldexp/internal/moments"
)

// TestCrosses compares products of two models' residuals with their definition, row by row, and
// checks that they are the same to the last bit whatever the number of processors.
func TestCrosses(t *testing.T) {
	const n, p = 20000, 5
	r := rand.New(rand.NewPCG(3, 4))
	m := moments.Matrix{N: n, P: p, X: make([]float64, n*p)}
	for i := range m.X {
		m.X[i] = r.NormFloat64()
	}
	frequency := make([]float64, n)
	for i := range frequency {
		frequency[i] = float64(1 + r.IntN(3))
	}
	a := &moments.Problem{Y: 4, X: []int{0, 1}, B: []float64{0.3, -1}, Score: []int{0, 1, 2}}
	b := &moments.Problem{Y: 3, X: []int{1}, B: []float64{2}, Score: []int{0, 1, 2}}
	var first []*moments.Cross
	for _, procs := range []int{1, 2} {
		before := runtime.GOMAXPROCS(procs)
		pairs := []*moments.Cross{{A: a, B: b, Meat: true}, {A: a, B: a}}
		if err := moments.Crosses(context.Background(), m, frequency, pairs); err != nil {
			t.Fatal(err)
		}
		runtime.GOMAXPROCS(before)
		if first == nil {
			first = pairs
			continue
		}
		for q := range pairs {
			if pairs[q].Dot != first[q].Dot {
				t.Errorf("pair %d: %v with one processor, %v with two", q, first[q].Dot, pairs[q].Dot)
			}
			for i := range pairs[q].Meats {
				if pairs[q].Meats[i] != first[q].Meats[i] {
					t.Errorf("pair %d: meats differ with the number of processors", q)
				}
			}
		}
	}
	var dots [2]float64
	var meat [9]float64
	for i := range n {
		u, v, row := a.Residual(m, i), b.Residual(m, i), m.Row(i)
		dots[0] += u * v
		dots[1] += u * u
		for j := range 3 {
			for k := range 3 {
				meat[j*3+k] += u * v * row[j] * row[k] / frequency[i]
			}
		}
	}
	for q, want := range dots {
		if got := first[q].Dot; math.Abs(got-want) > 1e-9*n {
			t.Errorf("pair %d: sum of products %v, want %v", q, got, want)
		}
	}
	for i, want := range meat {
		if got := first[0].Meats[i]; math.Abs(got-want) > 1e-9*n {
			t.Errorf("element %d of the meat: %v, want %v", i, got, want)
		}
	}
	if first[1].Meats != nil {
		t.Error("a meat that was not asked for")
	}
}
