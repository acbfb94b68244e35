package iv

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/internal/absorb"
	"github.com/fieldexp/fieldexp/internal/dist"
	"github.com/fieldexp/fieldexp/internal/moments"
	"github.com/fieldexp/fieldexp/internal/symmetric"
)

// correctRows computes the sandwiches of independent errors that are corrected for leverage, where
// one is asked for.
func (s *sample) correctRows(ctx context.Context, m *model, regressions []*regression, fits []*fit) error {
	if m.covariance.Kind != HC2 && m.covariance.Kind != HC3 {
		return nil
	}
	effects, err := absorb.Leverage(ctx, s.rows.n, s.weights, s.groups)
	if err != nil {
		return s.tooMany(err, m.covariance.Kind)
	}
	for i, r := range regressions {
		k := len(r.problem.Score)
		hat := moments.Hat{Bread: make([]float64, 0, k*k), Effects: effects}
		if m.spec.WeightKind == Frequency {
			hat.Frequency = s.weights
		}
		bread := symmetric.Sandwich(r.fitted.T(), r.projected)
		for j := range k {
			hat.Bread = append(hat.Bread, mat.Row(nil, j, bread)...)
		}
		meat, err := moments.RobustMeats(ctx, s.source, r.problem, hat)
		if err != nil {
			return err
		}
		fits[i].hc2 = symmetric.Sandwich(fits[i].influence.T(), mat.NewSymDense(k, meat.Root))
		fits[i].hc3 = symmetric.Sandwich(fits[i].influence.T(), mat.NewSymDense(k, meat.Whole))
		fits[i].ones = meat.Ones
	}
	return nil
}

// hotelling refers a Wald statistic to the approximate Hotelling distribution.
func (r *Result) hotelling(t Test, restrictions *mat.Dense) Test {
	nu := r.standard.Degrees(restrictions).DF
	t.DF2 = nu - t.DF1 + 1
	if !(t.DF2 > 0) {
		t.Reason = fmt.Sprintf("the clusters carry %.3g degrees of freedom, too few to test %.0f restrictions at once", nu, t.DF1)
		t.Statistic = math.NaN()
		return t
	}
	t.Statistic *= t.DF2 / (nu * t.DF1)
	t.P = dist.FTail(t.Statistic, t.DF1, t.DF2)
	return t
}

// Satterthwaite reports whether every coefficient and contrast has its own degrees of freedom.
func (r *Result) Satterthwaite() bool { return r.standard != nil }

// fewDegrees is the number of Satterthwaite degrees of freedom below which the approximation is
// not to be trusted (Tipton 2015).
const fewDegrees = 4

// warnDegrees warns of coefficients with too few degrees of freedom.
func (r *Result) warnDegrees() {
	var names []string
	least := math.Inf(1)
	for i, df := range r.df {
		if df < fewDegrees {
			names = append(names, r.Terms[i])
			least = min(least, df)
		}
	}
	if len(names) == 0 {
		return
	}
	r.warn("few-degrees", "use a wild cluster bootstrap or randomisation inference",
		"Satterthwaite degrees of freedom of %s are down to %.1f, and below %d the approximation fails, since few clusters tell of them",
		few(names), least, fewDegrees)
}

// warnLost warns of clusters that determine coefficients alone.
func (r *Result) warnLost(lost [][]bool, cov Covariance) {
	clusters, first := 0, 0
	terms := make([]bool, len(r.Terms))
	for g, list := range lost {
		if list == nil {
			continue
		}
		if clusters++; clusters == 1 {
			first = g
		}
		for j, l := range list {
			terms[j] = terms[j] || l
		}
	}
	if clusters == 0 {
		return
	}
	var names []string
	for j, l := range terms {
		if l {
			names = append(names, r.Terms[j])
		}
	}
	r.warn("leverage-one", "use randomisation inference",
		"%d of %d clusters of %q (the first is %s) determine coefficients alone: without one of them, %s cannot be estimated. Their residuals say nothing of these coefficients' errors, and %s leaves them out, so that standard errors are too small",
		clusters, r.Clusters[0].Count, r.Clusters[0].Column, r.fit.clusters.at(first), few(names), cov.Kind)
}

// warnRows warns of rows that determine their own fit.
func (r *Result) warnRows(cov Covariance) {
	if (cov.Kind == HC2 || cov.Kind == HC3) && r.fit.ones > 0 {
		r.warn("leverage-one", "", "%d of %d rows have a leverage of one (they are alone in an absorbed group, or alone with a value of a column): their residuals are zero, and %s leaves them out",
			r.fit.ones, r.N, cov.Kind)
	}
}

// few quotes up to five names and counts the others.
func few(names []string) string {
	if len(names) > 5 {
		return quoted(names[:5]) + fmt.Sprintf(" and %d more", len(names)-5)
	}
	return quoted(names)
}
