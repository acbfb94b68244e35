package iv

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/internal/dist"
	"github.com/fieldexp/fieldexp/internal/symmetric"
)

// AndersonRubin tests that the effects of the endogenous columns are the given values, one for each in
// their order: that the instruments have no coefficient in the regression of the outcome less the
// values times the endogenous columns on instruments and exogenous columns (Anderson and Rubin
// 1949). It has its level however weak the instruments. The statistic is F under the result's
// covariance and the reduced form's degrees of freedom, or chi-squared where these are infinite; with
// Satterthwaite degrees of freedom (CR2, CR3) it is the approximate Hotelling test of Result.Wald, whose
// degrees of freedom are the same for all values. The test of zero is that of the instruments in the
// reduced form.
//
// It is the Anderson-Rubin Wald test of Stata's ivreg2 and weakiv.
func (r *Result) AndersonRubin(values ...float64) Test {
	null := r.effectsAre(values)
	e, reason := r.evidenceAt(values)
	if reason != "" {
		return noTest(null, reason)
	}
	g, v := e.combined(against(values))
	return e.wald(null, form(g, v), e.l)
}

// effectsAre is the hypothesis that the effects have values, as a sentence.
func (r *Result) effectsAre(values []float64) string {
	if r.system == nil || len(values) != len(r.system.endogenous) {
		return "the effects have given values"
	}
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = fmt.Sprintf("the effect of %s is %g", r.system.endogenous[i], v)
	}
	return strings.Join(list, " and ")
}

// evidenceAt is evidence for tests of values of the effects.
func (r *Result) evidenceAt(values []float64) (*evidence, string) {
	e, reason := r.evidence()
	if reason == "" && len(values) != e.p {
		return nil, fmt.Sprintf("%d value(s) for %d endogenous column(s)", len(values), e.p)
	}
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Sprintf("%g is not an effect", v)
		}
	}
	return e, reason
}

// limit is what a quadratic form in k coefficients exceeds with probability 1-level.
func (e *evidence) limit(level float64, k int) float64 {
	return float64(k) * dist.FQuantile(level, float64(k), e.df) / e.share
}

// wald refers a quadratic form in k coefficients to F with the reduced form's degrees of freedom, or
// to chi-squared.
func (e *evidence) wald(null string, statistic float64, k int) Test {
	t := Test{Null: null, Statistic: statistic, DF1: float64(k), DF2: e.df}
	switch {
	case math.IsNaN(statistic):
		return noTest(null, "the covariance of the instruments' coefficients is singular at these values")
	case math.IsInf(e.df, 1):
		t.P = dist.ChiSquaredTail(statistic, t.DF1)
	default:
		t.Statistic *= e.share / t.DF1
		t.P = dist.FTail(t.Statistic, t.DF1, t.DF2)
	}
	return t
}

// KleibergenLM tests the same hypothesis by the combination of instruments that the first stage says
// is the most telling, estimated so that it is independent of the test (Kleibergen 2002, 2005): the
// LM statistic of Moreira and of Andrews, Moreira and Stock (2006). It has its level however
// weak the instruments, and more power than AndersonRubin where there are more of them than
// endogenous columns; with equal numbers it is the same. Its power can fade at some wrong values;
// ConditionalLR does not have that fault. It refers to F with the degrees of freedom of AndersonRubin
// in the denominator.
//
// It is the K (or LM) test of Stata's weakiv.
func (r *Result) KleibergenLM(values ...float64) Test {
	null := r.effectsAre(values)
	e, reason := r.evidenceAt(values)
	if reason != "" {
		return noTest(null, reason)
	}
	d, ok := e.decompose(values)
	if !ok {
		return noTest(null, "the covariance of the instruments' coefficients is singular at these values")
	}
	return e.wald(null, d.lm, e.p)
}

// decomposition splits the Anderson-Rubin statistic at some values of the effects.
type decomposition struct {
	ar, lm float64
	// first is the first stages' coefficients less what of them moves with the tested moments, and
	// covariance that of the first of them.
	first      *mat.Dense
	covariance *mat.SymDense
}

func (e *evidence) decompose(values []float64) (d decomposition, ok bool) {
	h := against(values)
	g, v := e.combined(h)
	inverse, err := inverseOf(mat.DenseCopyOf(v))
	if err != nil {
		return d, false
	}
	var scaled mat.VecDense
	scaled.MulVec(inverse, g)
	d.ar = mat.Dot(g, &scaled)
	d.first = e.first()
	for j := range e.p {
		with := mat.NewDense(e.l, e.l, nil) // covariance of first stage j with g
		var part mat.Dense
		for i, x := range h {
			part.Scale(x, e.block(1+j, i))
			with.Add(with, &part)
		}
		var explained mat.VecDense
		explained.MulVec(with, &scaled)
		for a := range e.l {
			d.first.Set(a, j, d.first.At(a, j)-explained.AtVec(a))
		}
		if j == 0 {
			part.Product(with, inverse, with.T())
			part.Sub(e.block(1, 1), &part)
			d.covariance = symmetric.Of(&part)
		}
	}
	var score mat.VecDense
	score.MulVec(d.first.T(), &scaled)
	information := symmetric.Sandwich(d.first, inverse)
	d.lm = form(&score, information)
	return d, !math.IsNaN(d.lm)
}

// ConditionalLR is the conditional likelihood-ratio test of Moreira (2003) of one effect, in the form
// that is robust under the result's covariance (Kleibergen 2005; Andrews, Moreira and Stock 2006,
// section 9): among tests that have their level however weak the instruments, it is close to the most
// powerful. P is the probability of a larger statistic given the strength of the first stage, by the
// integral of Andrews, Moreira and Stock (2007); it refers to the normal distribution. With one
// instrument it is AndersonRubin.
//
// It is the CLR test of Stata's weakiv and condivreg.
func (r *Result) ConditionalLR(value float64) Test {
	null := r.effectsAre([]float64{value})
	e, reason := r.evidenceAt([]float64{value})
	if reason != "" {
		return noTest(null, reason)
	}
	if e.l == 1 {
		return r.AndersonRubin(value)
	}
	d, ok := e.decompose([]float64{value})
	if !ok {
		return noTest(null, "the covariance of the instruments' coefficients is singular at this value")
	}
	strength := form(mat.VecDenseCopyOf(d.first.ColView(0)), d.covariance)
	if math.IsNaN(strength) {
		return noTest(null, "the covariance of the first stage given the tested moments is singular")
	}
	rest := d.ar - strength
	lr := (rest + math.Sqrt(rest*rest+4*d.lm*strength)) / 2
	return Test{Null: null, Statistic: lr, DF1: 1, DF2: math.Inf(1), P: conditionalTail(lr, strength, e.l)}
}
