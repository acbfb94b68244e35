package iv

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/leverage"
)

// ClusterInfluence says how much one cluster has to do with an estimate.
type ClusterInfluence struct {
	Cluster string // its label
	// Leverage is the trace of the cluster's block of the hat matrix; over all clusters it adds up to
	// the number of coefficients and of absorbed effects that are not nested in the clusters.
	Leverage float64
	// Partial is the cluster's share of the variation in the term's regressor that is left after
	// all other columns: its partial leverage. It adds up to one.
	Partial float64
	// Without is the estimate without the cluster; NaN where it is not identified then.
	Without float64
}

// Influence lists what each cluster of the first clustering contributes to the estimate of a term
// (MacKinnon, Nielsen and Webb 2023; summclust in Stata and R). In a model with endogenous columns,
// leverages are those of the fitted regressors, and both stages are estimated anew without each
// cluster, with the root of LIML that is then the smallest. The error is a *fieldexp.Error that says
// NotAvailable where With(CR3) would be.
func (r *Result) Influence(term string) ([]ClusterInfluence, error) {
	j, err := r.term(term)
	if err != nil {
		return nil, err
	}
	cov := Covariance{Kind: CR3, Working: r.Covariance.Working}
	adjusted, err := r.adjusted(cov)
	if err != nil {
		return nil, err
	}
	influences, lost, err := r.leaveOut(0, adjusted[0])
	if err != nil {
		return nil, err
	}
	list := make([]ClusterInfluence, len(adjusted[0].Leverage))
	partial := r.fit.adjuster.designs[0].Shares(j)
	for g := range list {
		list[g] = ClusterInfluence{r.fit.clusters.at(g), adjusted[0].Leverage[g], partial[g], r.Coef[j] - influences.At(g, j)}
	}
	for g := range lost {
		if lost[g] != nil && lost[g][j] {
			list[g].Without = math.NaN()
		}
	}
	return list, nil
}

// leaveOut has a row for each cluster of a clustering: what it adds to the estimates, which is
// exactly what leaving it out takes from them. Lost reports the estimates that are not identified
// without it.
func (r *Result) leaveOut(set int, adjusted *leverage.Adjusted) (rows *mat.Dense, lost [][]bool, err error) {
	scores := r.fit.byCluster[set]
	if r.Estimator == OLS {
		return adjusted.Influences(scores.scores, scores.kept), adjusted.Lost, nil
	}
	in := leverage.Instrumented{X: r.fit.x, Basis: r.fit.basis, Total: r.fit.total, Scores: scores.scores, Kept: scores.kept, LIML: scores.liml}
	return r.fit.adjuster.designs[set].LeaveOut(context.Background(), in)
}

// influencesOn has a row for each cluster of a clustering: its corrected influence on the estimates.
func (r *Result) influencesOn(set int, adjusted *leverage.Adjusted, cov Covariance) (rows *mat.Dense, lost [][]bool, err error) {
	if cov.Kind != Jackknife {
		scores := r.fit.byCluster[set]
		return adjusted.Influences(scores.scores, scores.kept), adjusted.Lost, nil
	}
	if rows, lost, err = r.leaveOut(set, adjusted); err == nil && cov.Centre == CentreMean {
		centre(rows)
	}
	return rows, lost, err
}

// EffectiveClustersAt is the effective number of clusters of a term where errors of one cluster
// are correlated by rho with each other: G/(1+V), where V is the squared coefficient of variation
// over clusters of their variances c'B F_g'O_g F_g B c, with O_g = (1-rho) I + rho 11' (Carter,
// Schnepel and Steigerwald 2017). EffectiveClusters is the case of independent errors, rho = 0;
// rho = 1 is their worst case. It needs what With(CR2) needs.
func (r *Result) EffectiveClustersAt(term string, rho float64) (float64, error) {
	j, err := r.term(term)
	if err != nil {
		return 0, err
	}
	if !(rho >= 0 && rho <= 1) {
		return 0, &fieldexp.Error{Op: "iv", Problem: fieldexp.BadSpec,
			Message: fmt.Sprintf("an intracluster correlation of %g", rho),
			Remedy:  []fieldexp.Hint{"give a number from 0 to 1"}}
	}
	if _, err := r.adjusted(Covariance{DF: DFSatterthwaite, Working: r.Covariance.Working}); err != nil {
		return 0, err
	}
	design := r.fit.adjuster.designs[0]
	variances, sums := design.Variances(j), design.Sums(j)
	if sums == nil {
		return 0, &fieldexp.Error{Op: "iv", Problem: fieldexp.NotAvailable, Columns: []string{term},
			Message: "sums of the regressors by cluster, which were not kept",
			Remedy:  []fieldexp.Hint{"estimate again with CR2"}}
	}
	sum, squares := 0.0, 0.0
	for g, v := range variances {
		gamma := (1-rho)*v + rho*sums[g]*sums[g]
		sum += gamma
		squares += gamma * gamma
	}
	return sum * sum / squares, nil
}
