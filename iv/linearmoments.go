package iv

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/internal/invert"
	"github.com/fieldexp/fieldexp/internal/symmetric"
)

// linearMoments are the moment conditions about the effect of one endogenous column, which are linear in it: the
// coefficients d of the instruments in the reduced form and p in the first stage with their joint covariance, in
// units in which the average of the instruments' covariances in d and in p is the identity. A value of the effect is
// the slope of a direction (c, s), so that infinity is a value like others, at a right angle. The moments, and
// what is left of the evidence, are
//
//	g = c d - s p,   h = s d + c p
//
// with covariance V of g and C of h with g, where s/c = (effect-Origin)/Unit. The Anderson-Rubin statistic g'V^-1 g
// and Kleibergen's are the same for every multiple of g, and of h, and whatever multiple of g is added to h.
type linearMoments struct {
	invert.Scale
	l          int
	d, p       *mat.VecDense
	dd, dp, pp *mat.Dense                      // covariances of d, of d with p, of p
	eigen      func(a *mat.Dense) []complex128 // the eigenvalues of a matrix, or none; it may panic
}

// linearMoments standardises the evidence about one endogenous column. It reports false where the covariance of the
// instruments' coefficients is singular at every value of the effect.
func (e *evidence) linearMoments() (*linearMoments, bool) {
	q := &linearMoments{l: e.l, eigen: qrEigenvalues, d: mat.NewVecDense(e.l, nil), p: mat.NewVecDense(e.l, nil)}
	q.d.CopyVec(e.coef.ColView(0))
	q.p.CopyVec(e.coef.ColView(1))
	q.dd, q.dp, q.pp = e.block(0, 0), e.block(0, 1), e.block(1, 1)
	precision, err := inverseOf(q.pp)
	if err != nil {
		return nil, false
	}
	mean := func(block *mat.Dense) float64 {
		var m mat.Dense
		m.Mul(precision, block)
		return mat.Trace(&m) / float64(q.l)
	}
	q.Origin = mean(q.dp)
	q.Unit = math.Sqrt(mean(q.dd) - q.Origin*q.Origin)
	if !(q.Unit > 0) {
		return nil, false
	}
	q.shear()
	return q, q.whiten()
}

// shear takes Origin times p out of d, and divides by Unit.
func (q *linearMoments) shear() {
	q.d.AddScaledVec(q.d, -q.Origin, q.p)
	q.d.ScaleVec(1/q.Unit, q.d)
	for a := range q.l {
		for b := range q.l {
			v := q.dd.At(a, b) - q.Origin*(q.dp.At(a, b)+q.dp.At(b, a)) + q.Origin*q.Origin*q.pp.At(a, b)
			q.dd.Set(a, b, v/(q.Unit*q.Unit))
		}
	}
	for a := range q.l {
		for b := range q.l {
			q.dp.Set(a, b, (q.dp.At(a, b)-q.Origin*q.pp.At(a, b))/q.Unit)
		}
	}
}

// whiten combines the instruments so that the mean of their covariances in d and in p is the identity.
func (q *linearMoments) whiten() bool {
	var sum mat.Dense
	sum.Add(q.dd, q.pp)
	sum.Scale(0.5, &sum)
	var chol mat.Cholesky
	var lower, inverse mat.TriDense
	if !chol.Factorize(symmetric.Of(&sum)) {
		return false
	}
	chol.LTo(&lower)
	if inverse.InverseTri(&lower) != nil {
		return false
	}
	for _, v := range []*mat.VecDense{q.d, q.p} {
		var turned mat.VecDense
		turned.MulVec(&inverse, v)
		v.CopyVec(&turned)
	}
	for _, m := range []*mat.Dense{q.dd, q.dp, q.pp} {
		var turned mat.Dense
		turned.Product(&inverse, m, inverse.T())
		m.Copy(&turned)
	}
	return true
}

// tested is g at (c, s).
func (q *linearMoments) tested(c, s float64) *mat.VecDense {
	g := mat.NewVecDense(q.l, nil)
	g.AddScaledVec(g, c, q.d)
	g.AddScaledVec(g, -s, q.p)
	return g
}

// rest is h at (c, s).
func (q *linearMoments) rest(c, s float64) *mat.VecDense { return q.tested(s, -c) }

// own is V, the covariance of g at (c, s), given c c, c s and s s.
func (q *linearMoments) own(cc, cs, ss float64) *mat.SymDense {
	v := mat.NewSymDense(q.l, nil)
	for a := range q.l {
		for b := a; b < q.l; b++ {
			v.SetSym(a, b, cc*q.dd.At(a, b)-cs*(q.dp.At(a, b)+q.dp.At(b, a))+ss*q.pp.At(a, b))
		}
	}
	return v
}

// across is C, the covariance of h with g.
func (q *linearMoments) across(cc, cs, ss float64) *mat.Dense {
	v := mat.NewDense(q.l, q.l, nil)
	for a := range q.l {
		for b := range q.l {
			v.Set(a, b, cs*(q.dd.At(a, b)-q.pp.At(a, b))-ss*q.dp.At(a, b)+cc*q.dp.At(b, a))
		}
	}
	return v
}

// statistics is the Anderson-Rubin statistic g'V^-1 g and Kleibergen's (D'V^-1 g)^2 / D'V^-1 D at an
// angle, as quadratic forms, with D = h - C V^-1 g; NaN where V is singular.
func (q *linearMoments) statistics(angle float64) (ar, lm float64) {
	s, c := math.Sincos(angle)
	inverse, err := inverseOf(mat.DenseCopyOf(q.own(c*c, c*s, s*s)))
	if err != nil {
		return math.NaN(), math.NaN()
	}
	g, d := q.tested(c, s), q.rest(c, s)
	var scaled, explained mat.VecDense
	scaled.MulVec(inverse, g)
	explained.MulVec(q.across(c*c, c*s, s*s), &scaled)
	d.SubVec(d, &explained)
	score := mat.Dot(d, &scaled)
	return mat.Dot(g, &scaled), score * score / mat.Inner(d, inverse, d)
}
