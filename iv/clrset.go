package iv

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// ConditionalLRSet is the set of the effects that ConditionalLR does not reject, at the result's level,
// for one endogenous column. With one instrument it is AndersonRubinSet.
//
// The joint Wald statistic W of reduced form and first stage is the Anderson-Rubin statistic A at any
// value plus the strength S that the test conditions on, and so a value is in the set where Kleibergen's
// statistic is no more than a function of A: with m(S) the critical value,
//
//	LM <= K(A) = m (m + W - 2A) / (W - A),   m = m(W-A).
//
// The whole line is in it where W is no more than m(0), the quantile of chi-squared with L degrees of
// freedom. Elsewhere all values with A <= a0 are in it, where a0 = m(W-a0), and none with A > a1, where
// K(a1) = 0.
//
// With a classical covariance the set is exact (Mikusheva 2010): A <= W - s, where s + m(s) is the largest
// Anderson-Rubin statistic of any value. It is an interval, two rays or the whole line, and
// contains LIML. With others it can also have several pieces, or be empty. K is then replaced by 16
// chords from a0 to a1, for which the ends of the set are eigenvalues; the pieces between these are
// tested by the exact p-value, and ends taken to the last digits. A piece, or a hole, can be missed only
// where Kleibergen's statistic is nearer K throughout than the chords are, which is 0.5% of m.
func (r *Result) ConditionalLRSet() Set {
	e, q, reason := r.oneEffect("KleibergenLM")
	switch {
	case reason != "":
		return Set{Level: r.Level, Reason: reason}
	case e.l == 1:
		return r.AndersonRubinSet()
	}
	all := mat.NewVecDense(2*e.l, append(mat.Col(nil, 0, e.coef), mat.Col(nil, 1, e.coef)...))
	c := &conditional{l: e.l, alpha: 1 - r.Level, total: form(all, e.joint)}
	switch {
	case math.IsNaN(c.total):
		return Set{Level: r.Level, Reason: "the covariance of the first stage given the tested moments is singular"}
	case c.total <= c.critical(0):
		return wholeLine(r.Level)
	case r.Covariance.Kind == Classical:
		return q.within(c.classical(q.largest()), r.Level)
	}
	return q.withinLR(c)
}

// withinLR is the set of the effects that the conditional likelihood-ratio test does not reject.
func (q *linearMoments) withinLR(c *conditional) Set {
	roots, ok := q.boundaries(c)
	if !ok {
		return Set{Level: 1 - c.alpha, Reason: singularSet}
	}
	return q.set(roots, 1-c.alpha, func(angle float64) float64 { return c.alpha - c.p(q.statistics(angle)) })
}
