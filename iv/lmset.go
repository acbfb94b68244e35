package iv

import "fmt"

// KleibergenLMSet is the set of the effects that KleibergenLM does not reject, at the result's level,
// for one endogenous column. It is exact: the statistic is a ratio of polynomials of degree 8L-2 in the
// effect, with L instruments; the real values at which it crosses its critical value are eigenvalues
// of a matrix with 8L rows, and cut the line into pieces that are each tested. With one instrument it
// is AndersonRubinSet.
//
// The set contains every value at which the Anderson-Rubin statistic is at a minimum or a maximum, the
// continuously updated GMM estimate among them (LIML, with a classical covariance). A piece around a
// maximum is an artefact of the test, whose power fades there; ConditionalLRSet leaves it out where the
// instruments tell such values from the others at all.
func (r *Result) KleibergenLMSet() Set {
	e, q, reason := r.oneEffect("KleibergenLM")
	switch {
	case reason != "":
		return Set{Level: r.Level, Reason: reason}
	case e.l == 1:
		return r.AndersonRubinSet()
	}
	return q.withinLM(e.limit(r.Level, 1), r.Level)
}

// withinLM is the set of the effects at which Kleibergen's statistic is at most limit.
func (q *linearMoments) withinLM(limit, level float64) Set {
	roots, ok := q.levels(limit, 0)
	if !ok {
		return Set{Level: level, Reason: singularSet}
	}
	return q.set(roots, level, func(angle float64) float64 {
		_, lm := q.statistics(angle)
		return lm/limit - 1
	})
}

// oneEffect is the evidence about the effect of one endogenous column, or why there is none.
func (r *Result) oneEffect(test string) (e *evidence, q *linearMoments, reason string) {
	e, reason = r.evidence()
	if reason == "" && e.p > 1 {
		reason = fmt.Sprintf("the set is computed for one endogenous column, and there are %d; %s tests values of all", e.p, test)
	}
	if reason != "" {
		return nil, nil, reason
	}
	q, ok := e.linearMoments()
	if !ok {
		return nil, nil, singularSet
	}
	return e, q, ""
}
