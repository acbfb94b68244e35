package iv

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Joint is the estimates of several models over the same rows together with their joint
// covariance, so that coefficients of different models can be compared. It is Stata's suest.
type Joint struct {
	stacked Result
	offset  []int // place of each model's first term among the stacked ones
}

// Join stacks results that were estimated over the same rows of one frame, with the same clusters.
// Each cluster's scores are carried over to the estimates of all models, and their products summed
// over clusters make the joint covariance: its diagonal blocks are the models' own, and a block
// between two models has the geometric mean of their small-sample factors. With CR2, CR3 or Jackknife,
// the influence of clusters is corrected for their leverage in each model. Degrees of freedom
// are the smallest of the models', G-1 with these too.
//
// The error is a *ModelError where results differ in their rows or clusters (singletons that one
// of them dropped: set KeepSingletons), and where their covariance is not clustered by a single
// clustering (to compare models without clusters, cluster by a column that numbers the rows).
func Join(results ...*Result) (*Joint, error) {
	if len(results) == 0 {
		return nil, &ModelError{Problem: BadSpec, Message: "no result to join", Remedy: "name the results to compare"}
	}
	first := results[0]
	j := &Joint{}
	var influences []*mat.Dense
	for _, r := range results {
		if err := r.joins(first); err != nil {
			return nil, err
		}
		j.offset = append(j.offset, len(j.stacked.Terms))
		j.stacked.Terms = append(j.stacked.Terms, r.Terms...)
		j.stacked.Coef = append(j.stacked.Coef, r.Coef...)
		influences = append(influences, r.clusterInfluences())
	}
	j.stacked.Outcome, j.stacked.Covariance, j.stacked.Clusters = first.Outcome, first.Covariance, first.Clusters
	j.stacked.Level, j.stacked.DF = first.Level, first.DF
	for _, r := range results {
		j.stacked.DF = min(j.stacked.DF, r.DF)
	}
	j.stacked.Vcov = mat.NewSymDense(len(j.stacked.Terms), nil)
	var block mat.Dense
	for a, left := range influences {
		for b := a; b < len(influences); b++ {
			block.Reset()
			block.Mul(left.T(), influences[b])
			rows, cols := block.Dims()
			for i := range rows {
				for k := range cols {
					if a < b || k >= i {
						j.stacked.Vcov.SetSym(j.offset[a]+i, j.offset[b]+k, block.At(i, k))
					}
				}
			}
		}
	}
	return j, nil
}

// joins refuses a result that cannot be stacked on the first.
func (r *Result) joins(first *Result) error {
	if !r.Covariance.Kind.Clustered() || len(r.Clusters) != 1 {
		return &ModelError{Problem: NotAvailable, Columns: []string{r.Outcome},
			Message: fmt.Sprintf("the joint covariance of models with %s standard errors by %d clusterings", r.Covariance.Kind, len(r.Clusters)),
			Remedy:  "estimate with one column in Spec.Cluster, and CR0 to CR3"}
	}
	sameRows := r.Outcome != first.Outcome || r.MeanY == first.MeanY
	if r.Rows != first.Rows || r.N != first.N || r.Clusters[0] != first.Clusters[0] || !sameRows {
		return &ModelError{Problem: NotAvailable, Columns: []string{first.Outcome, r.Outcome}, Count: r.N,
			Message: fmt.Sprintf("models over different rows: %d observations in %d clusters of %q, and %d in %d of %q",
				first.N, first.Clusters[0].Count, first.Clusters[0].Column, r.N, r.Clusters[0].Count, r.Clusters[0].Column),
			Remedy: "estimate over the same rows and clusters; KeepSingletons keeps rows that one model's effects would drop"}
	}
	return nil
}

// clusterInfluences has a row for each cluster of the first clustering: what the cluster adds to
// the error of each estimate, times the root of the small-sample factor. The sum of the products
// of its rows is the covariance.
func (r *Result) clusterInfluences() *mat.Dense {
	var m mat.Dense
	if r.influences != nil {
		m.Scale(math.Sqrt(r.Factor), r.influences)
		return &m
	}
	m.Mul(mat.NewDense(r.Clusters[0].Count, len(r.fit.score), r.fit.scores), r.fit.influence.T())
	m.Scale(math.Sqrt(r.Factor), &m)
	return &m
}

// Combine is a linear combination of coefficients, under the given name: weights[i] holds those of
// the i-th model's terms. A difference between models has weights of opposite sign.
func (j *Joint) Combine(name string, weights ...map[string]float64) (Coefficient, error) {
	c, err := j.row(weights)
	if err != nil {
		return Coefficient{}, err
	}
	v := mat.NewVecDense(len(c), c)
	return j.stacked.judge(name, mat.Dot(v, mat.NewVecDense(len(c), j.stacked.Coef)), mat.Inner(v, j.stacked.Vcov, v)), nil
}

// WaldZero tests that linear combinations of coefficients are all zero; each is given as to
// Combine. Null is the hypothesis as a sentence.
func (j *Joint) WaldZero(null string, combinations ...[]map[string]float64) (Test, error) {
	if len(combinations) == 0 {
		return Test{}, &ModelError{Problem: BadSpec, Message: "a test of no combination", Remedy: "name the combinations to test"}
	}
	rows := mat.NewDense(len(combinations), len(j.stacked.Terms), nil)
	for i, weights := range combinations {
		c, err := j.row(weights)
		if err != nil {
			return Test{}, err
		}
		rows.SetRow(i, c)
	}
	return j.stacked.Wald(null, rows, nil), nil
}

// row lays weights out in the order of the stacked terms.
func (j *Joint) row(weights []map[string]float64) ([]float64, error) {
	if len(weights) > len(j.offset) {
		return nil, &ModelError{Problem: BadSpec, Count: len(weights),
			Message: fmt.Sprintf("weights for %d models, of which %d were joined", len(weights), len(j.offset)), Remedy: "give a map of weights for each model, in their order"}
	}
	c := make([]float64, len(j.stacked.Terms))
	for m, terms := range weights {
		end := len(j.stacked.Terms)
		if m+1 < len(j.offset) {
			end = j.offset[m+1]
		}
		one := Result{Outcome: j.stacked.Outcome, Terms: j.stacked.Terms[j.offset[m]:end]}
		for name, w := range terms {
			at, err := one.term(name)
			if err != nil {
				return nil, err
			}
			c[j.offset[m]+at] = w
		}
	}
	return c, nil
}
