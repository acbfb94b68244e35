package iv

import (
	"fmt"
	"math"
	"sync"

	"gonum.org/v1/gonum/mat"
)

// evidence is a system under the covariance of a result.
type evidence struct {
	*system
	l, p int           // instruments, endogenous columns
	n    float64       // observations
	gram *mat.SymDense // Z'Z, the inverse of inverse

	joint *mat.SymDense // of the columns of coef, one below the other
	// A quadratic form in k instruments' coefficients, times share/k, refers to F with k and df degrees of
	// freedom, or to chi-squared where df is infinite.
	df, share float64
}

// uncovered is the evidence without the joint covariance. The reason says why it cannot be had; it is empty
// otherwise.
func (r *Result) uncovered() (e *evidence, reason string) {
	if reason := r.uninstrumented(); reason != "" {
		return nil, reason
	}
	e = &evidence{system: r.system, n: float64(r.N)}
	e.l, e.p = r.system.coef.Dims()
	e.p--
	gram, err := inverseOf(mat.DenseCopyOf(r.system.inverse))
	if err != nil {
		return nil, "the instruments are too nearly collinear"
	}
	e.gram = gram
	for _, c := range r.Clusters {
		if kind := r.Covariance.Kind; kind.Clustered() && c.Count <= e.l {
			return nil, fmt.Sprintf("%d clusters of %q cannot test %d instruments at once", c.Count, c.Column, e.l)
		}
	}
	return e, ""
}

// evidences keeps a system's evidence under the covariances that were asked for.
type evidences struct {
	mutex sync.Mutex
	done  map[Covariance]*evidence
}

// evidence puts the joint covariance of reduced form and first stages together as the result's
// covariance says. With several clusterings it is repaired as a whole, where that is asked for, and so
// can differ in late digits from repaired covariances of single regressions.
func (r *Result) evidence() (e *evidence, reason string) {
	if reason := r.uninstrumented(); reason != "" {
		return nil, reason
	}
	cache := &r.system.evidences
	cache.mutex.Lock()
	defer cache.mutex.Unlock()
	if e, ok := cache.done[r.Covariance]; ok {
		return e, ""
	}
	if e, reason = r.covered(); reason != "" {
		return nil, reason
	}
	if cache.done == nil {
		cache.done = map[Covariance]*evidence{}
	}
	cache.done[r.Covariance] = e
	return e, ""
}

// covered is evidence before it is kept.
func (r *Result) covered() (e *evidence, reason string) {
	if e, reason = r.uncovered(); reason != "" {
		return nil, reason
	}
	switch kind := r.Covariance.Kind; {
	case kind == Classical:
		e.joint = kronecker(r.system.errors, r.system.inverse)
		e.joint.ScaleSym(r.ReducedForm.Factor/e.n, e.joint)
	case kind == HC2 || kind == HC3:
		return nil, fmt.Sprintf("the joint covariance of reduced form and first stages is not computed with %s; use HC1, or cluster by a column that numbers the rows and use CR2 or CR3", kind)
	default:
		parts := r.system.joint
		if kind.corrects() {
			var err error
			if parts, err = r.correctedJoint(e.l); err != nil {
				return nil, err.Error()
			}
		}
		e.joint = r.ReducedForm.scaled(parts)
		if len(r.Clusters) > 1 && r.Covariance.Repair.or(true) {
			e.joint, _ = repair(e.joint, kronecker(r.system.errors, r.system.inverse))
		}
	}
	for i, equation := range append([]*Result{r.ReducedForm}, r.FirstStages...) {
		for a := range e.l {
			if equation.Vcov.At(a, a) != 0 {
				continue
			}
			for b := range e.l * (1 + e.p) { // zero by construction
				e.joint.SetSym(i*e.l+a, b, 0)
			}
		}
	}
	return e, e.freedom(r.ReducedForm)
}

// freedom sets the degrees of freedom: those of the reduced form or, with Satterthwaite's, of the approximate
// Hotelling test of its instruments. These depend on instruments and clusters alone, and so are the same
// for every combination of reduced form and first stages.
func (e *evidence) freedom(reduced *Result) (reason string) {
	e.df, e.share = reduced.DF, 1
	if reduced.standard == nil {
		return ""
	}
	rows := mat.NewDense(e.l, len(reduced.Terms), nil)
	for i := range e.l {
		rows.Set(i, i, 1)
	}
	nu := reduced.standard.Degrees(rows).DF
	e.df = nu - float64(e.l) + 1
	if e.share = e.df / nu; !(e.df > 0) {
		return fmt.Sprintf("the clusters carry %.3g degrees of freedom, too few to test %d instruments at once", nu, e.l)
	}
	return ""
}

// correctedJoint is the parts of the joint covariance that the influences of clusters make which are corrected
// for leverage: reduced form and first stages have the same regressors, of which the l instruments come first.
func (r *Result) correctedJoint(l int) ([]sandwich, error) {
	equations := append([]*Result{r.ReducedForm}, r.FirstStages...)
	adjusted, err := r.ReducedForm.adjusted(r.Covariance)
	if err != nil {
		return nil, err
	}
	parts := make([]sandwich, len(adjusted))
	for set, a := range adjusted {
		var all *mat.Dense
		for i, equation := range equations {
			influences := equation.influences // those of the first clustering are kept
			if set > 0 {
				if influences, _, err = equation.influencesOn(set, a, r.Covariance); err != nil {
					return nil, err
				}
			}
			groups, _ := influences.Dims()
			if all == nil {
				all = mat.NewDense(groups, l*len(equations), nil)
			}
			all.Slice(0, groups, i*l, (i+1)*l).(*mat.Dense).Copy(influences.Slice(0, groups, 0, l))
		}
		groups, n := all.Dims()
		v := mat.NewSymDense(n, nil)
		v.SymOuterK(1, all.T())
		parts[set] = sandwich{r.ReducedForm.fit.byCluster[set].sign, groups, v}
	}
	return parts, nil
}

// uninstrumented is the reason why the result has no system; it is empty where it has one.
func (r *Result) uninstrumented() string {
	switch {
	case r.system != nil:
		return ""
	case r.FirstStages != nil:
		return "the model was estimated without the tests of instruments"
	}
	return "nothing is endogenous in this model"
}

// scaled adds up the parts of a covariance with the factors of the result's convention.
func (r *Result) scaled(parts []sandwich) *mat.SymDense {
	v := plain(parts)
	v.ScaleSym(r.Factor, v)
	kind := r.Covariance.Kind
	if len(parts) == 1 || r.Covariance.Groups == MinG || !r.Covariance.ClusterFactor.or(kind == CR1 || kind == Jackknife) {
		return v
	}
	// Factor is that of the first part; each has its own G/(G-1), or (G-1)/G.
	ratio := func(p sandwich) float64 {
		if kind == Jackknife {
			return float64(p.groups-1) / float64(p.groups)
		}
		return float64(p.groups) / float64(p.groups-1)
	}
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

// tested is the coefficients of the instruments in the regression of h[0] times the outcome plus the
// sum of h[1+j] times endogenous column j.
func (e *evidence) tested(h []float64) *mat.VecDense {
	g := mat.NewVecDense(e.l, nil)
	g.MulVec(e.coef, mat.NewVecDense(len(h), h))
	return g
}

// combined is tested, with the covariance.
func (e *evidence) combined(h []float64) (g *mat.VecDense, v *mat.SymDense) {
	g, v = e.tested(h), mat.NewSymDense(e.l, nil)
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
	inverse, err := inverseOf(mat.DenseCopyOf(v))
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
