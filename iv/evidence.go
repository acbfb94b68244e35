package iv

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// evidence is a system under the covariance of a result.
type evidence struct {
	*system
	l, p  int           // instruments, endogenous columns
	n     float64       // observations
	joint *mat.SymDense // of the columns of coef, one below the other
	df    float64       // of the reduced form
	gram  *mat.SymDense // Z'Z, the inverse of inverse
}

// evidence puts the joint covariance of reduced form and first stages together as the result's
// covariance says. With several clusterings it is repaired as a whole, where that is asked for, and so
// can differ in late digits from repaired covariances of single regressions. The reason says why the
// covariance cannot be had; it is empty otherwise.
func (r *Result) evidence() (e *evidence, reason string) {
	if reason := r.uninstrumented(); reason != "" {
		return nil, reason
	}
	e = &evidence{system: r.system, n: float64(r.N), df: r.ReducedForm.DF}
	e.l, e.p = r.system.coef.Dims()
	e.p--
	gram, err := invert(mat.DenseCopyOf(r.system.inverse))
	if err != nil {
		return nil, "the instruments are too nearly collinear"
	}
	e.gram = gram
	switch kind := r.Covariance.Kind; {
	case kind == Classical:
		e.joint = kronecker(r.system.errors, r.system.inverse)
		e.joint.ScaleSym(r.ReducedForm.Factor/e.n, e.joint)
	case kind == HC0 || kind == HC1 || kind == CR0 || kind == CR1:
		e.joint = r.ReducedForm.scaled(r.system.joint)
		if len(r.Clusters) > 1 && r.Covariance.Repair.or(true) {
			e.joint, _ = repair(e.joint, kronecker(r.system.errors, r.system.inverse))
		}
	default:
		return nil, fmt.Sprintf("the joint covariance of reduced form and first stages is not computed with %s; use Result.With and CR1, HC1 or Classical", kind)
	}
	for _, c := range r.Clusters {
		if kind := r.Covariance.Kind; kind.Clustered() && c.Count <= e.l {
			return nil, fmt.Sprintf("%d clusters of %q cannot test %d instruments at once", c.Count, c.Column, e.l)
		}
	}
	return e, ""
}

// uninstrumented is the reason why the result has no system; it is empty where it has one.
func (r *Result) uninstrumented() string {
	if r.system == nil {
		return "nothing is endogenous in this model"
	}
	return ""
}

// scaled adds up the parts of a covariance with the factors of the result's convention.
func (r *Result) scaled(parts []sandwich) *mat.SymDense {
	v := plain(parts)
	v.ScaleSym(r.Factor, v)
	if len(parts) == 1 || r.Covariance.Groups == MinG || !r.Covariance.ClusterFactor.or(r.Covariance.Kind == CR1) {
		return v
	}
	// Factor is that of the first part; each has its own G/(G-1).
	ratio := func(p sandwich) float64 { return float64(p.groups) / float64(p.groups-1) }
	v.Zero()
	for _, p := range parts {
		var part mat.SymDense
		part.ScaleSym(p.sign*r.Factor*ratio(p)/ratio(parts[0]), p.v)
		v.AddSym(v, &part)
	}
	return v
}

// plain adds up the parts of a covariance without any factor.
func plain(parts []sandwich) *mat.SymDense {
	v := mat.NewSymDense(parts[0].v.SymmetricDim(), nil)
	for _, p := range parts {
		var part mat.SymDense
		part.ScaleSym(p.sign, p.v)
		v.AddSym(v, &part)
	}
	return v
}

func kronecker(a, b *mat.SymDense) *mat.SymDense {
	n, m := a.SymmetricDim(), b.SymmetricDim()
	k := mat.NewSymDense(n*m, nil)
	for i := range n * m {
		for j := i; j < n*m; j++ {
			k.SetSym(i, j, a.At(i/m, j/m)*b.At(i%m, j%m))
		}
	}
	return k
}

// block is the covariance of column i of coef with column j.
func (e *evidence) block(i, j int) *mat.Dense {
	b := mat.NewDense(e.l, e.l, nil)
	for a := range e.l {
		for c := range e.l {
			b.Set(a, c, e.joint.At(i*e.l+a, j*e.l+c))
		}
	}
	return b
}

// first is the coefficients of the first stages, L x p.
func (e *evidence) first() *mat.Dense {
	return mat.DenseCopyOf(e.coef.Slice(0, e.l, 1, 1+e.p))
}

// combined is the coefficients of the instruments in the regression of the outcome less the
// endogenous columns times weights, with their covariance: those of h[0] outcome + sum of
// h[1+j] endogenous column j.
func (e *evidence) combined(h []float64) (g *mat.VecDense, v *mat.SymDense) {
	g = mat.NewVecDense(e.l, nil)
	g.MulVec(e.coef, mat.NewVecDense(len(h), h))
	v = mat.NewSymDense(e.l, nil)
	for a := range e.l {
		for c := a; c < e.l; c++ {
			sum := 0.0
			for i, x := range h {
				for j, y := range h {
					sum += x * y * e.joint.At(i*e.l+a, j*e.l+c)
				}
			}
			v.SetSym(a, c, sum)
		}
	}
	return g, v
}

// form is g'v^-1 g; NaN where v is singular.
func form(g *mat.VecDense, v *mat.SymDense) float64 {
	inverse, err := invert(mat.DenseCopyOf(v))
	if err != nil {
		return math.NaN()
	}
	return mat.Inner(g, inverse, g)
}

// against is the weights of combined for the hypothesis that the coefficients of the endogenous
// columns are b.
func against(b []float64) []float64 {
	h := make([]float64, 1+len(b))
	h[0] = 1
	for i, v := range b {
		h[1+i] = -v
	}
	return h
}
