package iv

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp"
)

// A variance that is zero by construction is no measure of error: that of an estimate whose score is zero in every cluster
// whatever the errors are (clusters that are the arms; as many users in each assigned cluster), or of rows that are fitted
// exactly. What is computed for it is the rounding of its sums. A score counts as zero below rounding times the sum of its
// absolute terms. The sum of squares of these is at most (X'X)^-1 times the sum of squared residuals, by Cauchy and Schwarz,
// and a variance below rounding squared times that is one of zero scores: nothing has to be summed up for it, and units do not
// matter.
const rounding = 1e-10

// lost is the share of the absolute terms of a variance of a combination below which it is what rounding left of them.
const lost = 1e-13

// exact reports whether residuals are the rounding of what they are the rest of, given their sum of squares and that of the
// outcome, in all and within the absorbed effects.
func exact(rss, total, within float64) bool {
	return rss <= 1e-26*total || rss <= rounding*rounding*within
}

// dropRounding sets to zero what the covariance holds of estimates whose variance is zero by construction, and warns of them.
func (r *Result) dropRounding() {
	var zero []string
	for j, term := range r.Terms {
		if v := math.Abs(r.Vcov.At(j, j)); !(v <= r.roundingOf(r.fit.bread.At(j, j))) && !r.isAlone(j) {
			continue
		}
		zero = append(zero, term)
		for i := range r.Terms {
			r.Vcov.SetSym(i, j, 0)
		}
	}
	if len(zero) == 0 {
		return
	}
	if r.Covariance.Kind.Clustered() && !r.fit.exact { // other covariances of the same clusters are no remedy
		r.Warnings = slices.DeleteFunc(r.Warnings, func(w fieldexp.Warning) bool {
			return slices.Contains([]string{"few-clusters", "unequal-clusters", "leverage-one"}, w.Code)
		})
	}
	r.warn("no-variance", r.noVarianceRemedy(), "no standard error of %s: %s", few(zero), r.noVariance())
}

// roundingOf is the variance below which an estimate's is rounding, given its classical variance over that of the errors.
func (r *Result) roundingOf(bread float64) float64 {
	if r.fit.exact {
		return math.Inf(1)
	}
	return rounding * rounding * bread * r.RSS * max(r.Factor, 1)
}

// isAlone reports whether an estimate rests on one cluster, under a covariance by clusters.
func (r *Result) isAlone(j int) bool {
	return r.fit != nil && j < len(r.fit.alone) && r.fit.alone[j] && r.Covariance.Kind.Clustered()
}

// restOnOne marks the terms that vary with one cluster alone: regressors, or endogenous columns whose instruments do.
func (s *sample) restOnOne(m *model, terms []string) []bool {
	if len(s.alone) == 0 {
		return nil
	}
	marks := make([]bool, len(terms))
	any := false
	for j, term := range terms {
		marks[j] = slices.Contains(s.alone, term)
		if slices.Contains(m.spec.Endogenous, term) {
			marks[j] = slices.ContainsFunc(m.spec.Instruments, func(name string) bool { return slices.Contains(s.alone, name) })
		}
		any = any || marks[j]
	}
	if !any {
		return nil
	}
	return marks
}

// noVariance says why a variance is zero by construction.
func (r *Result) noVariance() string {
	switch {
	case r.fit != nil && r.fit.exact:
		return fmt.Sprintf("the regressors reproduce %q exactly, and leave no residuals to tell errors by", r.Outcome)
	case r.fit != nil && r.fit.alone != nil && r.Covariance.Kind.Clustered():
		return fmt.Sprintf("an arm is a single cluster of %q, so that no differences between clusters tell how far it may be off", r.Clusters[0].Column)
	case r.Covariance.Kind.Clustered() && len(r.Clusters) > 0:
		return fmt.Sprintf("the residuals of each of the %d clusters of %q balance, whatever the errors are, and so say nothing of how far it may be off", r.Clusters[0].Count, r.Clusters[0].Column)
	}
	return "the rows that it rests on are fitted exactly, and leave no residuals to tell how far it may be off"
}

// noVarianceRemedy is what works where clusters say nothing.
func (r *Result) noVarianceRemedy() fieldexp.Hint {
	if r.fit.exact || !r.Covariance.Kind.Clustered() {
		return ""
	}
	return "cluster by the unit that was assigned, and use randomisation inference where these are few"
}

// vanishes reports whether the variance of a combination of estimates is zero by construction, or what rounding left of a
// difference.
func (r *Result) vanishes(c *mat.VecDense, variance float64) bool {
	terms := 0.0
	for i := range c.Len() {
		if c.AtVec(i) != 0 && r.isAlone(i) {
			return true
		}
		for j := range c.Len() {
			terms += math.Abs(c.AtVec(i) * r.Vcov.At(i, j) * c.AtVec(j))
		}
	}
	if math.Abs(variance) <= lost*terms {
		return true
	}
	return r.fit != nil && r.fit.bread != nil && variance >= 0 && variance <= r.roundingOf(mat.Inner(c, r.fit.bread, c))
}
