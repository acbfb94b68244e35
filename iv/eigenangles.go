package iv

import (
	"math"
	"math/cmplx"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/internal/invert"
	"github.com/fieldexp/fieldexp/internal/symmetric"
)

// polynomial holds the matrices of limit V - g g' at (c, s): c c m0 + c s m1 + s s m2.
func (q *linearMoments) polynomial(limit float64) (m [3]*mat.SymDense) {
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

// quadraticAngles solves c c m0 + c s m1 + s s m2 = 0 for the angle.
func quadraticAngles(m0, m1, m2 float64) []float64 {
	root := m1*m1 - 4*m0*m2
	if root < 0 || m0 == 0 && m1 == 0 && m2 == 0 {
		return nil
	}
	// tan = half/m2 and tan = m0/half, without cancellation.
	half := -(m1 + math.Copysign(math.Sqrt(root), m1)) / 2
	return []float64{invert.AngleOf(m2, half), invert.AngleOf(half, m0)}
}

// singularAngles finds where c c m0 + c s m1 + s s m2 is singular: a quadratic eigenvalue problem. It is turned
// so that the matrix of the square is far from singular, and solved by its companion matrix.
func (q *linearMoments) singularAngles(m [3]*mat.SymDense) ([]float64, bool) {
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
	return q.eigenAngles(companion, c, s)
}

// eigenAngles lists the angles of the directions t (c, s) + (-s, c) for the real eigenvalues t of a matrix.
func (q *linearMoments) eigenAngles(a *mat.Dense, c, s float64) (angles []float64, ok bool) {
	values := q.eigenvalues(a)
	for _, t := range values {
		// A pair of nearly equal roots may come out as complex by rounding. Roots that are not
		// crossings do no harm: the pieces on both sides are tested.
		if math.Abs(imag(t)) <= 1e-5*(1+cmplx.Abs(t)) {
			angles = append(angles, invert.AngleOf(real(t)*c-s, real(t)*s+c))
		}
	}
	return angles, values != nil
}

// eigenvalues are those of a matrix, or none where they cannot be computed: on rare matrices the QR iteration does
// not converge, and the library's way out of that panics.
func (q *linearMoments) eigenvalues(a *mat.Dense) (values []complex128) {
	defer func() {
		if recover() != nil {
			values = nil
		}
	}()
	return q.eigen(a)
}

func qrEigenvalues(a *mat.Dense) []complex128 {
	var e mat.Eigen
	if !e.Factorize(a, mat.EigenNone) {
		return nil
	}
	return e.Values(nil)
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
