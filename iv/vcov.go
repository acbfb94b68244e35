package iv

import (
	"context"
	"fmt"
	"math"
	"math/bits"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/moments"
	"github.com/fieldexp/fieldexp/internal/parallel"
	"github.com/fieldexp/fieldexp/internal/symmetric"
)

// fit is what a result keeps so that other covariances can be computed without the rows: the
// scores and cross-products by cluster, and the sandwiches that they make.
type fit struct {
	// basis maps estimates on the working columns to estimates on the original ones.
	basis *mat.Dense
	// bread is the inverse of the (projected) cross-products of the original regressors.
	bread *mat.SymDense
	// influence maps the sum of score columns times residuals to the estimates.
	influence *mat.Dense
	// x lists the working columns of the regressors, in the order of Terms, and working holds the
	// estimates on them.
	x       []int
	working []float64
	score   []int
	// scores holds, by cluster of the first clustering, the score columns times residuals.
	scores []float64
	grams  *moments.Grams // nil where there are no clusters or they are tiny

	robust   *mat.SymDense // the heteroskedasticity-robust sandwich; nil with clusters
	hc2, hc3 *mat.SymDense // the same corrected for leverage; nil unless one was asked for
	ones     int           // rows of leverage one, which these leave out
	sandwich []sandwich    // the clustered one: one part for each set of clusterings

	adjuster  *adjuster       // nil where covariances that correct for leverage are not to be had
	byCluster []clusterScores // one for each of its designs
	clusters  clusterLabels   // of the first clustering
	total     []float64       // sums of scores over all clusters
	evenness  float64         // number of equal clusters that are as unequal as the first clustering's
	exact     bool            // whether residuals are rounding
	alone     []bool          // of each term, whether its estimate rests on one cluster; nil for none
	frameRows int             // of the frame that the model was estimated over all or some rows of
}

// sandwich is a part of the inclusion-exclusion sum of multi-way clustering.
type sandwich struct {
	sign   float64
	groups int
	v      *mat.SymDense
}

func (s *sample) newFit(r *regression, grams *moments.Grams) *fit {
	k := len(r.x)
	f := &fit{basis: mat.NewDense(k, k, nil), influence: &mat.Dense{}, x: r.x, working: r.problem.B, score: r.problem.Score, grams: grams}
	for i, c := range r.x {
		for j, d := range r.x {
			f.basis.Set(i, j, s.basis[c*s.p+d])
		}
	}
	f.influence.Product(f.basis, r.bread, r.fitted.T())
	f.bread = symmetric.Sandwich(f.basis.T(), r.bread)
	return f
}

// sandwiches sums up the scores of each regression by every set of clusterings.
func (s *sample) sandwiches(ctx context.Context, regressions []*regression, fits []*fit) error {
	if len(s.clusters) == 0 {
		for i, r := range regressions {
			k := len(r.problem.Score)
			fits[i].robust = symmetric.Sandwich(fits[i].influence.T(), mat.NewSymDense(k, r.problem.Meats))
		}
		return nil
	}
	groupings := s.groupings()
	sets := len(groupings)
	for i := range fits {
		fits[i].sandwich = make([]sandwich, sets)
		fits[i].scores = regressions[i].problem.Groups
	}
	return parallel.For(ctx, len(fits)*sets, func(job int) {
		i, set := job/sets, job%sets+1
		p := regressions[i].problem
		scores := p.Groups
		if set != 1 {
			scores = p.ScatterScores(s.source, groupings[set-1].Codes, groupings[set-1].Len())
		}
		k := len(p.Score)
		meat := mat.NewSymDense(k, moments.Outer(scores, k))
		fits[i].sandwich[set-1] = sandwich{setSign(set), groupings[set-1].Len(), symmetric.Sandwich(fits[i].influence.T(), meat)}
	})
}

// groupings lists the intersections of the clusterings: that of set is at set-1, where bit d of set
// stands for clustering d.
func (s *sample) groupings() []data.Grouping {
	sets := 1<<len(s.clusters) - 1
	groupings := make([]data.Grouping, sets)
	for set := 1; set <= sets; set++ {
		last := bits.Len(uint(set)) - 1
		groupings[set-1] = s.clusters[last]
		if rest := set &^ (1 << last); rest != 0 {
			groupings[set-1] = cross(groupings[rest-1], s.clusters[last])
		}
	}
	return groupings
}

// setSign is the sign of a set of clusterings in the inclusion-exclusion sum.
func setSign(set int) float64 {
	if bits.OnesCount(uint(set))%2 == 0 {
		return -1
	}
	return 1
}

// With is the result with another covariance, computed from what the result keeps and not from
// the rows. A clustered result can change among CR0, CR1 and Classical and among their small-sample
// conventions, one that is not among Classical, HC0 and HC1 (and HC2 and HC3, if it was estimated for
// one of these). CR2, CR3 and Jackknife are to be had where the result was estimated for one of them,
// and also where every absorbed effect is nested in a single clustering, there are no analytic
// weights, and clusters hold more rows than the model has columns; elsewhere the error is a
// *fieldexp.Error that says NotAvailable. First stages, reduced form and the as-used regression
// change with it.
func (r *Result) With(cov Covariance) (*Result, error) {
	if cov.Kind == Default {
		cov.Kind = HC1
		if len(r.Clusters) > 0 {
			cov.Kind = CR1
		}
	}
	changed := *r
	changed.Warnings = append([]fieldexp.Warning(nil), r.Warnings...)
	if err := changed.infer(cov); err != nil {
		return nil, err
	}
	changed.FirstStages = make([]*Result, len(r.FirstStages))
	for _, sub := range []struct{ from, to **Result }{{&r.ReducedForm, &changed.ReducedForm}, {&r.AsUsed, &changed.AsUsed}} {
		if *sub.from == nil {
			continue
		}
		var err error
		if *sub.to, err = (*sub.from).With(cov); err != nil {
			return nil, err
		}
	}
	for i, first := range r.FirstStages {
		var err error
		if changed.FirstStages[i], err = first.With(cov); err != nil {
			return nil, err
		}
	}
	return &changed, nil
}

// infer computes the covariance, its factor and the degrees of freedom.
func (r *Result) infer(cov Covariance) error {
	n := float64(r.N)
	r.Covariance, r.K, r.influences = cov, r.params(cov), nil
	r.forgetCovariance()
	r.warnClusters(cov)
	k := float64(r.K)
	if n <= k && cov.RowFactor.or(cov.Kind.rowFactor()) {
		return &fieldexp.Error{Op: "iv", Problem: fieldexp.FewRows, Count: r.N,
			Message: fmt.Sprintf("%d observations for %d parameters", r.N, r.K),
			Remedy:  []fieldexp.Hint{"use fewer controls or coarser effects"}}
	}
	smallest := math.Inf(1)
	for _, c := range r.Clusters {
		smallest = min(smallest, float64(c.Count))
	}
	r.DF = n - k
	if cov.Kind.Clustered() && cov.DF != DFResidual && cov.DF != DFNormal {
		r.DF = smallest - 1
	} else if cov.DF == DFNormal {
		r.DF = math.Inf(1)
	}
	r.Factor = 1
	switch {
	case cov.Kind == Classical:
		if cov.RowFactor.or(true) {
			r.Factor = n / (n - k)
		}
		r.Vcov = mat.NewSymDense(len(r.Terms), nil)
		r.Vcov.ScaleSym(r.Factor*r.RSS/n, r.fit.bread)
	case !cov.Kind.Clustered():
		robust := r.fit.white(cov.Kind)
		if robust == nil && len(r.Clusters) > 0 {
			return r.notAvailable(cov.Kind, "estimate again without {Cluster}")
		}
		if robust == nil {
			return r.notAvailable(cov.Kind, "estimate again with HC2 or HC3 in {Covariance}")
		}
		if cov.RowFactor.or(cov.Kind == HC1) {
			r.Factor = n / (n - k)
		}
		r.Vcov = mat.NewSymDense(len(r.Terms), nil)
		r.Vcov.ScaleSym(r.Factor, robust)
		r.warnRows(cov)
	case cov.Kind.corrects():
		if err := r.corrected(cov, smallest); err != nil {
			return err
		}
	default:
		if r.fit.sandwich == nil {
			return r.notAvailable(cov.Kind, "estimate again with the clusters in {Cluster}")
		}
		r.sum(cov, r.fit.sandwich, smallest)
	}
	r.dropRounding()
	return r.judgeEach(cov)
}

// white is the sandwich of independent errors; nil where the fit does not hold it.
func (f *fit) white(kind CovarianceKind) *mat.SymDense {
	switch kind {
	case HC2:
		return f.hc2
	case HC3:
		return f.hc3
	}
	return f.robust
}

func (r *Result) notAvailable(kind CovarianceKind, remedy fieldexp.Hint) error {
	have := "without clusters"
	if len(r.Clusters) > 0 {
		have = "with clusters"
	}
	return &fieldexp.Error{Op: "iv", Problem: fieldexp.NotAvailable,
		Message: fmt.Sprintf("%s standard errors of a result that was estimated %s", kind, have),
		Remedy:  []fieldexp.Hint{remedy}}
}

// sum adds up the parts of the clustered covariance.
func (r *Result) sum(cov Covariance, parts []sandwich, smallest float64) {
	rowFactor := 1.0
	if cov.RowFactor.or(cov.Kind.rowFactor()) {
		n, k := float64(r.N), float64(r.K)
		rowFactor = (n - 1) / (n - k)
	}
	v := mat.NewSymDense(len(r.Terms), nil)
	var part mat.SymDense
	for i, s := range parts {
		factor := rowFactor
		if cov.ClusterFactor.or(cov.Kind == CR1 || cov.Kind == Jackknife) {
			g := smallest
			if cov.Groups == PerComponent {
				g = float64(s.groups)
			}
			if cov.Kind == Jackknife {
				factor *= (g - 1) / g
			} else {
				factor *= g / (g - 1)
			}
		}
		if i == 0 {
			r.Factor = factor
		}
		part.ScaleSym(s.sign*factor, s.v)
		v.AddSym(v, &part)
	}
	if len(r.Clusters) > 1 && cov.Repair.or(true) {
		if repaired, done := repair(v, r.fit.bread); done {
			v = repaired
			r.warn("repaired", "",
				"the multi-way covariance was not positive semi-definite; its negative eigenvalues were set to zero (Cameron, Gelbach and Miller 2011)")
		}
	}
	r.Vcov = v
}

// repair sets the negative eigenvalues of v to zero, and reports whether there were any beyond
// rounding. Eigenvalues depend on units, and so v is first brought to those in which the
// classical variances are equal.
func repair(v, classical *mat.SymDense) (*mat.SymDense, bool) {
	n := v.SymmetricDim()
	units, inverse := mat.NewDense(n, n, nil), mat.NewDense(n, n, nil)
	for i := range n {
		unit := math.Sqrt(classical.At(i, i))
		units.Set(i, i, unit)
		inverse.Set(i, i, 1/unit)
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(symmetric.Sandwich(inverse.T(), v), true) {
		return v, false
	}
	values := eigen.Values(nil)
	if values[0] >= -1e-12*math.Abs(values[n-1]) {
		return v, false
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	vectors.Mul(units, &vectors)
	positive := mat.NewSymDense(n, nil)
	for i, e := range values {
		positive.SetSym(i, i, max(e, 0))
	}
	return symmetric.Sandwich(vectors.T(), positive), true
}

// params counts the parameters of the factor.
func (r *Result) params(cov Covariance) int {
	k := len(r.Terms)
	if cov.Params == CountCoefficients {
		return k
	}
	leaveNested := cov.Kind.Clustered() && (cov.Params == CountNotNested || cov.Params == CountOnePerEffect)
	nested, redundant := 0, 0
	for _, e := range r.Effects {
		if e.Nested && leaveNested {
			nested++
			continue
		}
		k += e.Levels
		redundant += e.Redundant
	}
	if cov.Params == CountOnePerEffect {
		return k + nested - max(len(r.Effects)-1, 0)
	}
	return k - redundant + min(nested, 1)
}
