package iv

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/internal/dist"
)

// chiSquared is a test whose statistic refers to chi-squared.
func chiSquared(null string, statistic float64, df int) Test {
	return Test{Null: null, Statistic: statistic, DF1: float64(df), DF2: math.Inf(1), P: dist.ChiSquaredTail(statistic, float64(df))}
}

// Overidentification tests that the instruments agree about the effects, where there are more of
// them than endogenous columns. With a classical covariance it is Sargan's (1958) statistic,
// N u'Pu / u'u with the residuals of the result's estimator; otherwise it is Hansen's (1982) J, the
// minimum of the efficient GMM criterion weighted by the robust or clustered covariance of the
// moments at the estimates, without a small-sample factor, which equals Wooldridge's (1995) robust
// score statistic. Covariances that correct for leverage have no part in it: it is the same with CR2 as with
// CR0. It refers to chi-squared with L-p degrees of freedom.
//
// A rejection says that instruments are invalid or that they move people whose effects differ.
//
// It is the Sargan or Hansen J of Stata's ivreg2 and of estat overid, the Sargan of R's ivreg, and
// diagnostics of R's estimatr (which ignores clusters there).
func (r *Result) Overidentification() Test {
	const null = "the instruments agree about the effects"
	if reason := r.uninstrumented(); reason != "" {
		return noTest(null, reason)
	}
	l, p := r.system.coef.Dims()
	if p--; l == p {
		return noTest(null, "as many instruments as endogenous columns: there is nothing to compare")
	}
	e, reason := r.uncovered()
	if reason != "" {
		return noTest(null, reason)
	}
	if r.Covariance.Kind == Classical {
		g := e.tested(against(r.Coef[:p]))
		return chiSquared(null, mat.Inner(g, e.gram, g)/(r.RSS/e.n), l-p)
	}
	j, ok := leastForm(mat.VecDenseCopyOf(e.coef.ColView(0)), e.first(), plain(r.system.second))
	if !ok {
		return noTest(null, "the covariance of the moments is singular")
	}
	return chiSquared(null, j, l-p)
}

// leastForm is the minimum over b of (y - x b)' v^-1 (y - x b).
func leastForm(y *mat.VecDense, x *mat.Dense, v *mat.SymDense) (float64, bool) {
	inverse, err := inverseOf(mat.DenseCopyOf(v))
	if err != nil {
		return 0, false
	}
	var weighted, xx mat.Dense
	var xy, b, rest mat.VecDense
	weighted.Mul(x.T(), inverse)
	xx.Mul(&weighted, x)
	xy.MulVec(&weighted, y)
	xxInverse, err := inverseOf(&xx)
	if err != nil {
		return 0, false
	}
	b.MulVec(xxInverse, &xy)
	rest.MulVec(x, &b)
	rest.SubVec(y, &rest)
	return mat.Inner(&rest, inverse, &rest), true
}

// WuHausman tests that the endogenous columns need no instruments: that the residuals of the first
// stages have no coefficient when they are added to the regressors (Wu 1973, Hausman 1978). The
// statistic is F under the result's covariance and its degrees of freedom, with K counting the
// coefficients that were added and CR2 and CR3 correcting for the leverage of all of them. Where effects differ among people, a rejection may also say that
// least squares and two-stage least squares average them differently.
//
// It is the Wu-Hausman of R's ivreg and the endogeneity diagnostic of estimatr's iv_robust; Stata's
// estat endogenous has it for classical errors.
func (r *Result) WuHausman() Test {
	null := "usage needs no instrument"
	if reason := r.uninstrumented(); reason != "" {
		return noTest(null, reason)
	}
	null = fmt.Sprintf("%s needs no instrument", quoted(r.system.endogenous))
	if r.system.exogeneity == nil {
		return noTest(null, "a first stage fits exactly and leaves no residual")
	}
	e := *r.system.exogeneity
	e.Weights, e.WeightKind = r.Weights, r.WeightKind
	if err := e.infer(r.Covariance); err != nil {
		return noTest(null, err.Error())
	}
	test, err := e.WaldZero(e.Terms[len(r.Terms):]...)
	if err != nil {
		return noTest(null, err.Error())
	}
	test.Null = null
	return test
}

// DifferenceInJ tests the same hypothesis by the difference of two J statistics: that of the model in
// which the endogenous columns are instruments too, and that of the model as it is, both weighted
// by the covariance of the moments at the as-used estimates (Hayashi 2000, pp. 218-221). It uses the
// result's covariance without a small-sample factor or correction for leverage, and refers to chi-squared
// with as many degrees of freedom as there are endogenous columns. With a classical covariance it is Durbin's
// (1954) statistic.
//
// It is the endog() test of Stata's ivreg2, and Durbin's of estat endogenous.
func (r *Result) DifferenceInJ() Test {
	null := "usage needs no instrument"
	e, reason := r.uncovered()
	if reason != "" {
		return noTest(null, reason)
	}
	null = fmt.Sprintf("%s needs no instrument", quoted(r.system.endogenous))
	// The moments are (Z'Z)^-1 Z'u and V'u, with V the first stages' residuals: they span what
	// instruments and endogenous columns do.
	size := e.l + e.p
	y, x := mat.NewVecDense(size, nil), mat.NewDense(size, e.p, nil)
	for i := range e.l {
		y.SetVec(i, e.coef.At(i, 0))
		for j := range e.p {
			x.Set(i, j, e.coef.At(i, 1+j))
		}
	}
	for i := range e.p {
		y.SetVec(e.l+i, e.errors.At(0, 1+i))
		for j := range e.p {
			x.Set(e.l+i, j, e.errors.At(1+i, 1+j))
		}
	}
	v := plain(r.system.pooled)
	if r.Covariance.Kind == Classical {
		v.Zero()
		for i := range size {
			for j := i; j < size; j++ {
				if j < e.l {
					v.SetSym(i, j, e.inverse.At(i, j))
				} else if i >= e.l {
					v.SetSym(i, j, e.errors.At(1+i-e.l, 1+j-e.l))
				}
			}
		}
		v.ScaleSym(r.AsUsed.RSS/e.n, v)
	}
	all, ok := leastForm(y, x, v)
	if !ok {
		return noTest(null, "the covariance of the moments is singular")
	}
	part := mat.NewSymDense(e.l, nil)
	part.CopySym(v.SliceSym(0, e.l))
	some := 0.0
	if e.l > e.p {
		if some, ok = leastForm(mat.VecDenseCopyOf(y.SliceVec(0, e.l)), e.first(), part); !ok {
			return noTest(null, "the covariance of the moments is singular")
		}
	}
	return chiSquared(null, max(all-some, 0), e.p)
}

// Instruments lists the instruments that stayed in the model; it is empty for OLS.
func (r *Result) Instruments() []string {
	if len(r.FirstStages) == 0 {
		return nil
	}
	terms := r.FirstStages[0].Terms // the instruments that stayed, then the exogenous columns
	return slices.Clone(terms[:len(terms)-(len(r.Terms)-len(r.FirstStages))])
}
