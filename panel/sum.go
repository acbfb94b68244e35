package panel

import "math"

// sum is a running sum kept in two numbers: high is the sum as it is usually taken, low the sum of
// what rounding took from it (Neumaier 1974, with Knuth's exact error of an addition). Its error
// is of the order of the square of a single sum's, so that the rounded total does not depend, in
// practice, on the order of the values or on how they were split into chunks.
type sum struct{ high, low float64 }

// add adds one value.
func (s *sum) add(v float64) {
	t := s.high + v
	part := t - s.high
	s.low += (s.high - (t - part)) + (v - part)
	s.high = t
}

// addSquare adds the square of a value, with the rounding error of the product.
func (s *sum) addSquare(v float64) {
	square := float64(v * v) // the conversion keeps the compiler from fusing it into an addition
	s.low += math.FMA(v, v, -square)
	s.add(square)
}

// merge adds another sum.
func (s *sum) merge(o sum) {
	s.add(o.high)
	s.low += o.low
}

// total is the sum, rounded once.
func (s sum) total() float64 { return s.high + s.low }

// limits on the values of a column: past them sums, or sums of squares, would overflow.
const (
	largest       = 1e300
	largestSquare = 1e150
)

// spread is the standard deviation of n values from their sum and sum of squares:
// n * sum of squares - square of sum, in twice the working precision, so that the
// cancellation for values far from zero does no harm. It is zero when all are equal, that is,
// when their spread is below what the two sums can show.
func spread(n int64, values, squares sum) float64 {
	if n < 2 {
		return math.NaN()
	}
	count := float64(n)
	v, vLow := values.split()
	q, qLow := squares.split()
	a := float64(count * q)
	aLow := math.FMA(count, q, -a) + count*qLow
	b := float64(v * v)
	bLow := math.FMA(v, v, -b) + 2*v*vLow
	d := sum{high: a}
	d.add(-b)
	d.low += aLow - bLow
	m := d.total()
	if m <= a*count*0x1p-100 {
		return 0
	}
	return math.Sqrt(m / (count * (count - 1)))
}

// split is the sum as a rounded number and the rest.
func (s sum) split() (high, low float64) {
	high = s.high + s.low
	return high, (s.high - high) + s.low
}
