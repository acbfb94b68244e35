package iv

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// eigenLevels is levels by eigenvalues: the zeros of
//
//	det [a + b A, N; N, M].
//
// At t (c, s) + (-s, c) that matrix, which takes inputs u1 and u2 to two outputs, is that of the rows
//
//	a u1 + (b-1) g'z + g'x2,   h'x2 - g'x3
//
// where V z = g u1, V x1 = g u2, V x2 = h u2 + g u1 - C x1 and V x3 = C'x2. V, C, g and h are polynomials in
// t of degrees 2, 2, 1 and 1, and so each system is t times a state = a matrix times state and
// inputs. Inputs that make both outputs zero are a matrix times the state too, and what the state is
// multiplied by then has the zeros for eigenvalues.
func (q *linearMoments) eigenLevels(a, b float64) ([]float64, bool) {
	turn := q.apart(a, b)
	s, c := math.Sincos(turn)
	y := &cascade{l: q.l, next: mat.NewDense(8*q.l, 8*q.l+2, nil)}
	for i, x := range [3][3]float64{{s * s, -c * s, c * c}, {-2 * c * s, c*c - s*s, 2 * c * s}, {c * c, c * s, s * s}} {
		y.own[i], y.across[i] = q.own(x[0], x[1], x[2]), q.across(x[0], x[1], x[2])
	}
	inverse, err := inverseOf(mat.DenseCopyOf(y.own[2]))
	if err != nil {
		return nil, false
	}
	y.inverse = inverse
	g1, h1 := q.tested(c, s), q.rest(c, s)
	g0, h0 := q.tested(-s, c), q.rest(-s, c)

	z, tz := y.solve(0, y.input(g1, 0), y.input(g0, 0))
	x1, tx1 := y.solve(1, y.input(g1, 1), y.input(g0, 1))
	x2, tx2 := y.solve(2,
		add(y.input(h1, 1), y.input(g1, 0), times(-1, y.across[2], tx1), times(-1, y.across[1], x1)),
		add(y.input(h0, 1), y.input(g0, 0), times(-1, y.across[0], x1)))
	x3, tx3 := y.solve(3,
		add(times(1, y.across[2].T(), tx2), times(1, y.across[1].T(), x2)), times(1, y.across[0].T(), x2))
	first := add(times(b-1, g1.T(), tz), times(b-1, g0.T(), z), times(1, g1.T(), tx2), times(1, g0.T(), x2))
	first.Set(0, 8*q.l, first.At(0, 8*q.l)+a)
	second := add(times(1, h1.T(), tx2), times(1, h0.T(), x2), times(-1, g1.T(), tx3), times(-1, g0.T(), x3))
	zeros, ok := y.closed(first, second)
	if !ok {
		return nil, false
	}
	return q.eigenAngles(zeros, c, s)
}

// apart is an angle at which the statistic is far from a + b times the other, and the covariance far
// from singular.
func (q *linearMoments) apart(a, b float64) (turn float64) {
	const turns = 16
	best := -1.0
	for i := range turns {
		angle := math.Pi * float64(i) / turns
		ar, lm := q.statistics(angle)
		level := a + b*ar
		if share := math.Abs(lm-level) / (lm + math.Abs(level)); share > best {
			best, turn = share, angle
		}
	}
	return turn
}

// cascade is the four systems of eigenLevels. Quantities are rows of coefficients on the state, four pairs of
// a solution x and q, and on the two inputs.
type cascade struct {
	l       int
	own     [3]*mat.SymDense // V by powers of t
	across  [3]*mat.Dense    // C
	inverse *mat.SymDense    // of the square's matrix of V
	next    *mat.Dense       // t times the state
}

// input is a vector times an input.
func (y *cascade) input(v *mat.VecDense, input int) *mat.Dense {
	m := mat.NewDense(y.l, 8*y.l+2, nil)
	m.SetCol(8*y.l+input, v.RawVector().Data)
	return m
}

// solve is x and t x where V x = t e1 + e0: with q = V2 t x + V1 x - e1, t x = V2^-1 (q - V1 x + e1) and
// t q = e0 - V0 x.
func (y *cascade) solve(place int, e1, e0 *mat.Dense) (x, tx *mat.Dense) {
	l := y.l
	x, q := mat.NewDense(l, 8*l+2, nil), mat.NewDense(l, 8*l+2, nil)
	for i := range l {
		x.Set(i, 2*place*l+i, 1)
		q.Set(i, (2*place+1)*l+i, 1)
	}
	tx = times(1, y.inverse, add(q, times(-1, y.own[1], x), e1))
	y.next.Slice(2*place*l, (2*place+1)*l, 0, 8*l+2).(*mat.Dense).Copy(tx)
	y.next.Slice((2*place+1)*l, (2*place+2)*l, 0, 8*l+2).(*mat.Dense).Sub(e0, times(1, y.own[0], x))
	return x, tx
}

// closed is what multiplies the state when the inputs make both outputs zero.
func (y *cascade) closed(first, second *mat.Dense) (*mat.Dense, bool) {
	n := 8 * y.l
	outputs := mat.NewDense(2, n+2, nil)
	outputs.SetRow(0, first.RawRowView(0))
	outputs.SetRow(1, second.RawRowView(0))
	var feedback, loop mat.Dense
	if feedback.Solve(outputs.Slice(0, 2, n, n+2), outputs.Slice(0, 2, 0, n)) != nil {
		return nil, false
	}
	loop.Mul(y.next.Slice(0, n, n, n+2), &feedback)
	loop.Sub(y.next.Slice(0, n, 0, n), &loop)
	return &loop, true
}

// times is a factor times a matrix product.
func times(factor float64, a, b mat.Matrix) *mat.Dense {
	var m mat.Dense
	m.Mul(a, b)
	m.Scale(factor, &m)
	return &m
}

// add is a sum of matrices.
func add(list ...*mat.Dense) *mat.Dense {
	sum := mat.DenseCopyOf(list[0])
	for _, m := range list[1:] {
		sum.Add(sum, m)
	}
	return sum
}
