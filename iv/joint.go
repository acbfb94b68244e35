package iv

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp"
)

// Joint is the estimates of several models together with their joint covariance, so that coefficients
// of different models can be compared. It is Stata's suest.
type Joint struct {
	stacked Result
	offset  []int // place of each model's first term among the stacked ones
}

// Join stacks results that were estimated over one frame with the same cluster column. The models may
// differ in all else, the rows that they use included: outcomes missing in different rows, or other
// Spec.Rows.
//
// The joint covariance is the sum over clusters of the products of what each contributes to the errors
// of all estimates. Clusters are told by their labels, and one that a model lacks contributes nothing to
// it: models without a common cluster are uncorrelated. The diagonal blocks are the models' own
// covariances, and the block between two models has the geometric mean of their small-sample factors.
// With CR2, CR3 or Jackknife, contributions are corrected for the leverage of clusters in each model.
//
// Degrees of freedom are the smallest of the models', G-1 of the model with the fewest clusters (with
// CR2 and CR3 too, whose Satterthwaite degrees of freedom are those of one model), even where a
// comparison rests on more.
//
// The error is a *fieldexp.Error where results are over frames of different numbers of rows or have
// different cluster columns, and where their covariance is not clustered by a single clustering (to
// compare models without clusters, cluster by a column that numbers the rows).
func Join(results ...*Result) (*Joint, error) {
	if len(results) == 0 || slices.Contains(results, nil) {
		return nil, &fieldexp.Error{Op: "iv", Problem: fieldexp.BadSpec,
			Message: "no result to join",
			Remedy:  []fieldexp.Hint{"name the results to compare"}}
	}
	first := results[0]
	j := &Joint{}
	for _, r := range results {
		if err := r.joins(first); err != nil {
			return nil, err
		}
		j.offset = append(j.offset, len(j.stacked.Terms))
		j.stacked.Terms = append(j.stacked.Terms, r.Terms...)
		j.stacked.Coef = append(j.stacked.Coef, r.Coef...)
	}
	places, clusters, err := alignClusters(results)
	if err != nil {
		return nil, err
	}
	influences := mat.NewDense(clusters, len(j.stacked.Terms), nil)
	for i, r := range results {
		for g, place := range places[i] {
			r.clusterInfluence(g, influences.RawRowView(int(place))[j.offset[i]:][:len(r.Terms)])
		}
	}
	j.stacked.Vcov = &mat.SymDense{}
	j.stacked.Vcov.SymOuterK(1, influences.T())
	j.stacked.Outcome, j.stacked.Covariance = first.Outcome, first.Covariance
	j.stacked.Clusters = []ClusterCount{{first.Clusters[0].Column, clusters}}
	j.stacked.Level, j.stacked.DF = first.Level, first.DF
	for _, r := range results {
		j.stacked.DF = min(j.stacked.DF, r.DF)
	}
	return j, nil
}

// joins refuses a result that cannot be stacked on the first.
func (r *Result) joins(first *Result) error {
	refuse := func(message string, remedy fieldexp.Hint) error {
		return &fieldexp.Error{Op: "iv", Problem: fieldexp.NotAvailable, Columns: []string{first.Outcome, r.Outcome},
			Message: message, Remedy: []fieldexp.Hint{remedy}}
	}
	if !r.Covariance.Kind.Clustered() || len(r.Clusters) != 1 {
		return &fieldexp.Error{Op: "iv", Problem: fieldexp.NotAvailable, Columns: []string{r.Outcome},
			Message: fmt.Sprintf("the joint covariance of models with %s standard errors by %d clusterings", r.Covariance.Kind, len(r.Clusters)),
			Remedy:  []fieldexp.Hint{"estimate with one column in {Cluster}, and CR0 to CR3"}}
	}
	if was, is := first.Clusters[0].Column, r.Clusters[0].Column; was != is {
		return refuse(fmt.Sprintf("the model of %q is clustered by %q and that of %q by %q",
			first.Outcome, was, r.Outcome, is), "cluster both by one column")
	}
	if was, is := first.fit.frameRows, r.fit.frameRows; was != is {
		return refuse(fmt.Sprintf("the model of %q is over a frame of %d rows and that of %q over one of %d",
			first.Outcome, was, r.Outcome, is), "estimate both over one frame, with {Rows} for a part of it")
	}
	return nil
}

// alignClusters numbers the clusters that occur in any of the results: places[i][g] is the number of
// cluster g of the i-th result.
func alignClusters(results []*Result) (places [][]int32, count int, err error) {
	places = make([][]int32, len(results))
	index := labelIndex{labels: results[0].fit.clusters.all}
	for i, r := range results {
		if places[i] = index.codes(r.fit.clusters); places[i] == nil {
			column := r.Clusters[0].Column
			return nil, 0, &fieldexp.Error{Op: "iv", Problem: fieldexp.NotAvailable, Columns: []string{column},
				Message: fmt.Sprintf("two clusters of %q have one label, and cannot be told apart in another model",
					column),
				Remedy: []fieldexp.Hint{"give each cluster a label of its own"}}
		}
	}
	number := make([]int32, index.count()) // of each code, from one on
	for _, codes := range places {
		for g, c := range codes {
			if number[c] == 0 {
				count++
				number[c] = int32(count)
			}
			codes[g] = number[c] - 1
		}
	}
	return places, count, nil
}

// labelIndex has a code for each label of a cluster column.
type labelIndex struct {
	labels []string         // of one result, whose codes are their places
	code   map[string]int32 // of these and of others; nil until a result has other labels
}

// count is the number of codes.
func (x *labelIndex) count() int { return max(len(x.labels), len(x.code)) }

// codes are those of the clusters that occur in a result, or nil where labels repeat. The results of
// one frame mostly share its labels, and then no label need be looked at.
func (x *labelIndex) codes(clusters clusterLabels) []int32 {
	codes := make([]int32, clusters.count())
	if len(clusters.all) == len(x.labels) && &clusters.all[0] == &x.labels[0] {
		for g := range codes {
			codes[g] = clusters.code(g)
		}
		return codes
	}
	if x.code == nil {
		x.code = make(map[string]int32, len(x.labels))
		for c, label := range x.labels {
			x.code[label] = int32(c)
		}
		if len(x.code) < len(x.labels) {
			return nil
		}
	}
	seen := make(map[int32]bool, len(codes))
	for g := range codes {
		label := clusters.at(g)
		c, known := x.code[label]
		if !known {
			c = int32(len(x.code))
			x.code[label] = c
		}
		if seen[c] {
			return nil
		}
		seen[c], codes[g] = true, c
	}
	return codes
}

// clusterInfluence is what cluster g adds to the error of each estimate, times the root of the small-sample
// factor. The sum over clusters of its products is the covariance.
func (r *Result) clusterInfluence(g int, into []float64) {
	root := math.Sqrt(r.Factor)
	if r.influences != nil {
		floats.ScaleTo(into, root, r.influences.RawRowView(g))
		return
	}
	n := len(r.fit.score)
	for i := range into {
		if r.Vcov.At(i, i) == 0 { // zero by construction
			into[i] = 0
			continue
		}
		into[i] = root * floats.Dot(r.fit.influence.RawRowView(i), r.fit.scores[g*n:(g+1)*n])
	}
}

// Combine is a linear combination of coefficients, under the given name: weights[i] holds those of
// the i-th model's terms. A difference between models has weights of opposite sign.
func (j *Joint) Combine(name string, weights ...map[string]float64) (Coefficient, error) {
	c, err := j.row(weights)
	if err != nil {
		return Coefficient{}, err
	}
	v := mat.NewVecDense(len(c), c)
	variance := mat.Inner(v, j.stacked.Vcov, v)
	if j.stacked.vanishes(v, variance) {
		variance = 0
	}
	return j.stacked.judge(name, mat.Dot(v, mat.NewVecDense(len(c), j.stacked.Coef)), variance), nil
}

// WaldZero tests that linear combinations of coefficients are all zero; each is given as to
// Combine. Null is the hypothesis as a sentence.
func (j *Joint) WaldZero(null string, combinations ...[]map[string]float64) (Test, error) {
	if len(combinations) == 0 {
		return Test{}, &fieldexp.Error{Op: "iv", Problem: fieldexp.BadSpec,
			Message: "a test of no combination",
			Remedy:  []fieldexp.Hint{"name the combinations to test"}}
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
		return nil, &fieldexp.Error{Op: "iv", Problem: fieldexp.BadSpec, Count: len(weights),
			Message: fmt.Sprintf("weights for %d models, of which %d were joined", len(weights), len(j.offset)), Remedy: []fieldexp.Hint{"give a map of weights for each model, in their order"}}
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
