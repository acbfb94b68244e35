package iv

import (
	"fmt"
	"math"
	"math/cmplx"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/internal/symmetric"
)

// AndersonRubinSet is the set of the effects that AndersonRubin does not reject, at the result's level,
// for one endogenous column. It is exact: the statistic is a ratio of polynomials of degree 2L in
// the effect, with L instruments; their real roots cut the line into pieces, and each piece is
// tested. With one instrument the polynomial is quadratic and solved in closed form.
//
// The set contains the two-stage estimate where there is one instrument; with several it contains
// the value at which the statistic is smallest, or is empty.
func (r *Result) AndersonRubinSet() Set { return r.AndersonRubinSetGiven() }

// AndersonRubinSetGiven is AndersonRubinSet when instruments have the given direct effects on the
// outcome, beside those through the endogenous column: one for each of Instruments, or none for zero
// throughout. It says what is left of a conclusion when exclusion fails by as much (Conley, Hansen and
// Rossi 2012).
func (r *Result) AndersonRubinSetGiven(direct ...float64) Set {
	e, reason := r.evidence()
	if reason == "" && len(direct) > 0 {
		e, reason = e.less(direct)
	}
	if reason == "" && e.p > 1 {
		reason = fmt.Sprintf("the set is computed for one endogenous column, and there are %d; the Anderson-Rubin test takes values of all", e.p)
	}
	if reason != "" {
		return Set{Level: r.Level, Reason: reason}
	}
	q, ok := e.plane()
	if !ok {
		return Set{Level: r.Level, Reason: singularSet}
	}
	return q.within(e.limit(r.Level, e.l), r.Level)
}

const singularSet = "the covariance of the instruments' coefficients is singular"

// within is the set of the effects at which the Anderson-Rubin statistic is at most limit.
func (q *plane) within(limit, level float64) Set {
	roots, ok := q.crossings(limit)
	if !ok {
		return Set{Level: level, Reason: singularSet}
	}
	return q.set(roots, level, func(angle float64) float64 {
		ar, _ := q.statistics(angle)
		return ar/limit - 1
	})
}

// crossings lists the angles from -pi/2 to pi/2 at which the determinant of limit V - g g' is zero:
// no fewer than those at which the Anderson-Rubin statistic crosses the limit, since it is below where that
// matrix is positive definite.
func (q *plane) crossings(limit float64) ([]float64, bool) {
	m := q.polynomial(limit)
	if q.l == 1 {
		return quadraticAngles(m[0].At(0, 0), m[1].At(0, 0), m[2].At(0, 0)), true
	}
	return eigenAngles(m)
}

// polynomial holds the matrices of limit V - g g' at (c, s): c c m0 + c s m1 + s s m2.
func (q *plane) polynomial(limit float64) (m [3]*mat.SymDense) {
	for i := range m {
		m[i] = mat.NewSymDense(q.l, nil)
	}
	for a := range q.l {
		for b := a; b < q.l; b++ {
			da, db, pa, pb := q.d.AtVec(a), q.d.AtVec(b), q.p.AtVec(a), q.p.AtVec(b)
			m[0].SetSym(a, b, limit*q.dd.At(a, b)-da*db)
			m[1].SetSym(a, b, da*pb+pa*db-limit*(q.dp.At(a, b)+q.dp.At(b, a)))
			m[2].SetSym(a, b, limit*q.pp.At(a, b)-pa*pb)
		}
	}
	return m
}

// less is the evidence once direct effects of the instruments are taken out of the reduced form.
func (e *evidence) less(direct []float64) (rest *evidence, reason string) {
	if len(direct) != e.l {
		return nil, fmt.Sprintf("%d direct effect(s) for %d instrument(s)", len(direct), e.l)
	}
	left := *e
	left.system = &system{coef: mat.DenseCopyOf(e.coef)}
	for i, v := range direct {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Sprintf("%g is not a direct effect", v)
		}
		left.coef.Set(i, 0, left.coef.At(i, 0)-v)
	}
	return &left, ""
}

// quadraticAngles solves c c m0 + c s m1 + s s m2 = 0 for the angle.
func quadraticAngles(m0, m1, m2 float64) []float64 {
	root := m1*m1 - 4*m0*m2
	if root < 0 || m0 == 0 && m1 == 0 && m2 == 0 {
		return nil
	}
	// tan = half/m2 and tan = m0/half, without cancellation.
	half := -(m1 + math.Copysign(math.Sqrt(root), m1)) / 2
	return []float64{lineAngle(m2, half), lineAngle(half, m0)}
}

// lineAngle is the angle of the direction (c, s), between -pi/2 and pi/2.
func lineAngle(c, s float64) float64 {
	if c < 0 {
		c, s = -c, -s
	}
	return math.Atan2(s, c)
}

// eigenAngles finds where c c m0 + c s m1 + s s m2 is singular: a quadratic eigenvalue problem. It is turned
// so that the matrix of the square is far from singular, and solved by its companion matrix.
func eigenAngles(m [3]*mat.SymDense) ([]float64, bool) {
	const turns = 16
	at := func(angle float64) *mat.SymDense {
		s, c := math.Sincos(angle)
		return blend(m, c*c, c*s, s*s)
	}
	best, turn := -1.0, 0.0
	for i := range turns {
		angle := math.Pi * float64(i) / turns
		values, _, ok := symmetric.Eigen(at(angle))
		if !ok {
			return nil, false
		}
		smallest, largest := math.Inf(1), 0.0
		for _, v := range values {
			smallest, largest = min(smallest, math.Abs(v)), max(largest, math.Abs(v))
		}
		if share := smallest / largest; share > best {
			best, turn = share, angle
		}
	}
	l := m[0].SymmetricDim()
	s, c := math.Sincos(turn)
	// Directions t (c, s) + (-s, c): the matrices of 1, t and t t.
	constant, linear, square := blend(m, s*s, -c*s, c*c), blend(m, -2*c*s, c*c-s*s, 2*c*s), at(turn)
	var lower, upper mat.Dense
	if lower.Solve(square, constant) != nil || upper.Solve(square, linear) != nil {
		return nil, false
	}
	companion := mat.NewDense(2*l, 2*l, nil)
	for i := range l {
		companion.Set(i, l+i, 1)
		for j := range l {
			companion.Set(l+i, j, -lower.At(i, j))
			companion.Set(l+i, l+j, -upper.At(i, j))
		}
	}
	return turnedAngles(companion, c, s)
}

// turnedAngles lists the angles of the directions t (c, s) + (-s, c) for the real eigenvalues t of a
// matrix.
func turnedAngles(a *mat.Dense, c, s float64) ([]float64, bool) {
	var roots mat.Eigen
	if !roots.Factorize(a, mat.EigenNone) {
		return nil, false
	}
	var angles []float64
	for _, t := range roots.Values(nil) {
		// A pair of nearly equal roots may come out as complex by rounding. Roots that are not
		// crossings do no harm: the pieces on both sides are tested.
		if math.Abs(imag(t)) <= 1e-5*(1+cmplx.Abs(t)) {
			angles = append(angles, lineAngle(real(t)*c-s, real(t)*s+c))
		}
	}
	return angles, true
}

func blend(m [3]*mat.SymDense, weights ...float64) *mat.SymDense {
	sum := mat.NewSymDense(m[0].SymmetricDim(), nil)
	var part mat.SymDense
	for i, w := range weights {
		part.ScaleSym(w, m[i])
		sum.AddSym(sum, &part)
	}
	return sum
}
