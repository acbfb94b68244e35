package panel

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// exactBits hold the sum of any numbers, from the largest to the smallest, and of their squares.
const exactBits = 4300

// exact computes the sum and the standard deviation without rounding on the way.
func exact(values []float64) (total, sd float64) {
	number := func() *big.Float { return new(big.Float).SetPrec(exactBits) }
	s, q := number(), number()
	for _, v := range values {
		x := number().SetFloat64(v)
		s.Add(s, x)
		q.Add(q, number().Mul(x, x))
	}
	total, _ = s.Float64()
	n := number().SetInt64(int64(len(values)))
	m := number().Sub(number().Mul(n, q), number().Mul(s, s))
	m.Quo(m, number().Mul(n, number().SetInt64(int64(len(values)-1))))
	variance, _ := m.Float64()
	return total, math.Sqrt(variance)
}

func sums(values []float64) (s, q sum) {
	for _, v := range values {
		s.add(v)
		q.addSquare(v)
	}
	return s, q
}

// Values a billion times larger than their spread keep it, in whatever order they come.
func TestSumsAgainstExactArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scale := math.Pow(10, float64(rapid.IntRange(-9, 9).Draw(t, "scale")))
		centre := rapid.Float64Range(-1e9, 1e9).Draw(t, "centre")
		values := rapid.SliceOfN(rapid.Float64Range(-1, 1), 2, 60).Draw(t, "values")
		for i := range values {
			if values[i] = (centre + values[i]) * scale; math.Abs(values[i]) < 1e-130 {
				values[i] = 0 // squares of such numbers underflow: see TestSpread
			}
		}
		wantTotal, wantSD := exact(values)
		s, q := sums(values)
		if got := s.total(); math.Abs(got-wantTotal) > 1e-15*math.Abs(wantTotal)+1e-24*math.Abs(centre)*scale {
			t.Fatalf("sum %v, want %v", got, wantTotal)
		}
		// Below the resolution of the values the spread is reported as none.
		floor := 1e-13 * math.Abs(centre) * scale
		if got := spread(int64(len(values)), s, q); math.Abs(got-wantSD) > 1e-12*wantSD+floor {
			t.Fatalf("sd %v, want %v", got, wantSD)
		}

		reversed := make([]float64, len(values))
		for i, v := range values {
			reversed[len(values)-1-i] = v
		}
		rs, rq := sums(reversed)
		if a, b := s.total(), rs.total(); math.Abs(a-b) > 1e-15*math.Abs(a)+1e-24*math.Abs(centre)*scale {
			t.Fatalf("sum %v, in reverse %v", a, b)
		}
		if a, b := spread(int64(len(values)), s, q), spread(int64(len(values)), rs, rq); math.Abs(a-b) > 1e-12*a+floor {
			t.Fatalf("sd %v, in reverse %v", a, b)
		}
	})
}

func TestSumOfWhatPlainSumsLose(t *testing.T) {
	s, _ := sums([]float64{1, 1e100, 1, -1e100})
	if got := s.total(); got != 2 {
		t.Errorf("1 + 1e100 + 1 - 1e100 = %v, want 2", got)
	}
}

func TestSpread(t *testing.T) {
	for _, c := range []struct {
		name   string
		values []float64
		want   float64
	}{
		{"none", nil, nan},
		{"one", []float64{3}, nan},
		{"equal", []float64{0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}, 0},
		{"equal and far from zero", []float64{1e9 + 0.1, 1e9 + 0.1, 1e9 + 0.1}, 0},
		{"zeros", []float64{0, 0}, 0},
		{"squares underflow", []float64{1e-170, -1e-170}, 0},
		{"NIST NumAcc4", append([]float64{10000000.2}, alternating(1000, 10000000.1, 10000000.3)...), 0.1},
		{"one step apart", []float64{1, 1 + 0x1p-40}, 0x1p-40 / math.Sqrt2},
	} {
		s, q := sums(c.values)
		if got := spread(int64(len(c.values)), s, q); !near(got, c.want, 1e-8*c.want) {
			t.Errorf("%s: sd %v, want %v", c.name, got, c.want)
		}
	}
}

// alternating is the tail of the NIST data sets NumAcc3 and NumAcc4.
func alternating(n int, a, b float64) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = a
		if i%2 == 1 {
			v[i] = b
		}
	}
	return v
}
