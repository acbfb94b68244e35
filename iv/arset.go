package iv

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
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
	q, ok := e.linearMoments()
	if !ok {
		return Set{Level: r.Level, Reason: singularSet}
	}
	return q.within(e.limit(r.Level, e.l), r.Level)
}

const singularSet = "the covariance of the instruments' coefficients is singular"

// within is the set of the effects at which the Anderson-Rubin statistic is at most limit.
func (q *linearMoments) within(limit, level float64) Set {
	roots, ok := q.crossings(limit)
	if !ok {
		return Set{Level: level, Reason: singularSet}
	}
	return q.set(roots, level, func(angle float64) float64 {
		ar, _ := q.statistics(angle)
		return ar/limit - 1
	})
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
