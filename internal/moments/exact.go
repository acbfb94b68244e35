package moments

import "math"

// Pair is the unevaluated sum of two floats: a number with about 32 decimal digits.
type Pair struct{ High, Low float64 }

// Add adds v.
func (p *Pair) Add(v float64) {
	sum := p.High + v
	back := sum - p.High
	p.Low += (p.High - (sum - back)) + (v - back)
	p.High = sum
}

// AddProduct adds a times b.
func (p *Pair) AddProduct(a, b float64) {
	product := float64(a * b) // the conversion keeps the compiler from fusing it into an addition
	p.Add(product)
	p.Low += math.FMA(a, b, -product)
}

// Value is the sum rounded to one float.
func (p Pair) Value() float64 { return p.High + p.Low }

// ExactGradient is X'(y - X b) for the columns x and the outcome y of m, with residuals and sums
// held in pairs, so that it is right to the last digits however much of it cancels.
func ExactGradient(m Matrix, y int, x []int, b []float64) []float64 {
	sums := make([]Pair, len(x))
	for i := range m.N {
		row := m.Row(i)
		u := Pair{High: row[y]}
		for j, c := range x {
			u.AddProduct(-b[j], row[c])
		}
		high := u.High + u.Low
		low := u.Low - (high - u.High)
		for j, c := range x {
			sums[j].AddProduct(high, row[c])
			sums[j].AddProduct(low, row[c])
		}
	}
	gradient := make([]float64, len(x))
	for j := range sums {
		gradient[j] = sums[j].Value()
	}
	return gradient
}
