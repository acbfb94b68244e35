package moments

import (
	"math/big"
	"math/rand/v2"
	"testing"
)

// The gradient is compared with one computed in 200 bits, on columns and coefficients so large
// that sums in double precision would keep no digit of it.
func TestExactGradientAgainstLongArithmetic(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	m := Matrix{N: 50, P: 3, X: make([]float64, 150)}
	b := []float64{1e9 / 3, -7e8 / 11}
	for i := range m.N {
		row := m.Row(i)
		row[0], row[1] = 1e7*rng.NormFloat64(), 1e7*rng.NormFloat64()
		row[2] = row[0]*b[0] + row[1]*b[1] // the residual is what rounding leaves
	}
	got := ExactGradient(m, 2, []int{0, 1}, b)
	long := func(v float64) *big.Float { return new(big.Float).SetPrec(200).SetFloat64(v) }
	for j := range b {
		sum := long(0)
		for i := range m.N {
			row := m.Row(i)
			u := long(row[2])
			for k := range b {
				u.Sub(u, new(big.Float).Mul(long(row[k]), long(b[k])))
			}
			sum.Add(sum, u.Mul(u, long(row[j])))
		}
		want, _ := sum.Float64()
		if want == 0 {
			t.Fatal("the residuals are zero: the test shows nothing")
		}
		if diff := got[j]/want - 1; diff > 1e-10 || diff < -1e-10 {
			t.Errorf("gradient %d = %.17g, want %.17g", j, got[j], want)
		}
	}
}
