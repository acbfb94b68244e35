package iv

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/leverage"
	"github.com/fieldexp/fieldexp/internal/moments"
)

// CrossProducts is what replication methods (bootstraps, permutations) need of a least-squares
// result: for each cluster of the first clustering, the cross-products of the model's columns and
// the scores at the estimates. With them a replicate costs the same whatever the number of rows.
//
// The columns are the working columns of the model: centred, with absorbed effects taken out,
// nearly collinear ones made orthogonal, rows multiplied by the root of their weight. Basis leads
// back to the terms. The results of one estimation (a two-stage result with its first stages,
// reduced form and as-used regression; outcomes with the same missing values) share their columns.
type CrossProducts struct {
	// Clusters is the number of clusters.
	Clusters int
	// Labels names the clusters in their order, that of their first rows; nil for the cells of Cells.
	Labels []string
	// Regressors lists the working column of each regressor, in the order of the result's Terms.
	Regressors []int
	// Kept lists the columns of absorbed effects that are not nested in the clusters. They are
	// regressors too; the others are orthogonal to them in total, but not within a cluster.
	Kept []int
	// Estimates holds the estimates on the working columns, in the order of Regressors; those of
	// Kept are zero, since the outcome is orthogonal to them.
	Estimates []float64
	// Basis maps estimates on the working columns to estimates of the Terms. Where there is a
	// constant, that of the Terms also holds what the outcome was centred by.
	Basis *mat.Dense

	scores []float64
	grams  *moments.Grams
	blocks *leverage.Blocks // of the kept columns; nil when there are none
	kept   [][]float64      // their scores, by cluster, on its support
}

// CrossProducts hands out the result's cross-products by cluster. The error is a *fieldexp.Error with
// the problem NotAvailable for a result without clusters, for one that is not least squares (ask its
// ReducedForm, FirstStages and AsUsed), and where the result did not keep what it takes: an absorbed
// effect that is not nested in the clusters has to be among the columns, since what it takes out of one
// cluster depends on the others, and clusters of a few rows have cross-products only on request. An
// estimation with a Covariance of the kind CR2, CR3 or Jackknife keeps both.
func (r *Result) CrossProducts() (*CrossProducts, error) {
	refuse := func(message string, columns []string, remedy ...fieldexp.Hint) (*CrossProducts, error) {
		return nil, &fieldexp.Error{Op: "iv", Problem: fieldexp.NotAvailable, Columns: columns, Message: message, Remedy: remedy}
	}
	const keep fieldexp.Hint = "estimate with {CR2}, {CR3} or {Jackknife}, which keep what it takes ({With} leads back to {CR1})"
	if len(r.Clusters) == 0 {
		return refuse(fmt.Sprintf("cross-products by cluster of the model of %q, which has no clusters", r.Outcome),
			[]string{r.Outcome}, "name the level of assignment in {Cluster} (a column that numbers the rows makes each row a cluster)")
	}
	if r.Estimator != OLS {
		return refuse(fmt.Sprintf("cross-products by cluster of the %s model of %q", r.Estimator, r.Outcome),
			[]string{r.Outcome}, "use those of its {ReducedForm}, {FirstStages} and {AsUsed}")
	}
	f := r.fit
	if f.grams == nil {
		return refuse(fmt.Sprintf("the %d clusters of %q have so few of the %d observations that their cross-products were not kept", r.Clusters[0].Count, r.Clusters[0].Column, r.N),
			[]string{r.Clusters[0].Column}, keep)
	}
	c := &CrossProducts{Clusters: r.Clusters[0].Count, Labels: f.clusters.list(), Regressors: slices.Clone(f.x), Estimates: slices.Clone(f.working),
		Basis: mat.DenseCopyOf(f.basis), scores: f.scores, grams: f.grams}
	for _, e := range r.Effects {
		if e.Nested {
			continue
		}
		if f.adjuster == nil {
			return refuse(fmt.Sprintf("the absorbed effect %s is not nested in the clusters of %q, and was not kept among the columns", e.Effect, r.Clusters[0].Column),
				e.Effect, keep, "name it in {Exogenous} as a column of text")
		}
		c.blocks, c.kept = f.adjuster.designs[0].Blocks, f.byCluster[0].kept
	}
	if c.blocks != nil {
		if c.blocks.Reweighed() {
			return refuse(fmt.Sprintf("the effects of %q were kept for a working model of %s", r.Outcome, f.adjuster.working),
				[]string{r.Weights}, "set {Working} to {InverseWeights}")
		}
		c.listKept()
	}
	return c, nil
}

// listKept lists the kept columns that some cluster touches and that others do not span.
func (c *CrossProducts) listKept() {
	touched := make([]bool, c.blocks.Levels())
	for g := range c.Clusters {
		support, _, _ := c.blocks.Kept(g)
		for _, l := range support {
			touched[l] = true
		}
	}
	for l, is := range touched {
		if is {
			c.Kept = append(c.Kept, c.grams.K+l)
		}
	}
}

// SharesColumns reports whether two results are of one estimation and have the same regressors over the same
// rows, so that Block gives the same for both.
func (c *CrossProducts) SharesColumns(other *CrossProducts) bool {
	return c.grams == other.grams && c.blocks == other.blocks && slices.Equal(c.Regressors, other.Regressors) && slices.Equal(c.Kept, other.Kept)
}

// Scores writes the sum over the rows of cluster g of each column times the residual: of the
// Regressors and then the Kept.
func (c *CrossProducts) Scores(g int, into []float64) {
	k := copy(into, c.scores[g*len(c.Regressors):(g+1)*len(c.Regressors)])
	if len(c.Kept) == 0 {
		return
	}
	clear(into[k:])
	support, _, _ := c.blocks.Kept(g)
	for i, l := range support {
		at, _ := slices.BinarySearch(c.Kept, c.grams.K+int(l))
		into[k+at] = c.kept[g][i]
	}
}

// Block writes the cross-products of the listed working columns (Regressors, Kept, and those of
// other results of the estimation) over the rows of cluster g into a full square matrix, row after
// row.
func (c *CrossProducts) Block(g int, columns []int, into []float64) {
	if len(c.Kept) == 0 {
		c.grams.Block(g, columns, into)
		return
	}
	support, cross, own := c.blocks.Kept(g)
	t, n := len(support), len(columns)
	place := make([]int, n) // of a kept column on the support; -1 where it is none, -2 off the support
	leading := make([]int, n)
	for i, column := range columns {
		place[i], leading[i] = -1, column
		if column >= c.grams.K {
			leading[i] = 0
			at, found := slices.BinarySearch(support, int32(column-c.grams.K))
			if place[i] = at; !found {
				place[i] = -2
			}
		}
	}
	c.grams.Block(g, leading, into)
	for i, a := range place {
		for j, b := range place {
			switch {
			case a == -1 && b == -1:
			case a == -2 || b == -2:
				into[i*n+j] = 0
			case a == -1:
				into[i*n+j] = cross[columns[i]*t+b]
			case b == -1:
				into[i*n+j] = cross[columns[j]*t+a]
			default:
				into[i*n+j] = own[a*t+b]
			}
		}
	}
}
