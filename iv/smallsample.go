package iv

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/absorb"
	"github.com/fieldexp/fieldexp/internal/leverage"
	"github.com/fieldexp/fieldexp/internal/moments"
)

// adjuster computes, once for all models with the same regressors, what covariances that correct
// for leverage need.
type adjuster struct {
	designs []*leverage.Design // one for each set of clusterings
	working WorkingModel       // for which the designs are made, where there are analytic weights
	mutex   sync.Mutex
	done    map[leverage.Power][]*leverage.Adjusted
}

// at is the clusters' maps from scores to influence.
func (a *adjuster) at(ctx context.Context, power leverage.Power) ([]*leverage.Adjusted, error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if list, ok := a.done[power]; ok {
		return list, nil
	}
	list := make([]*leverage.Adjusted, len(a.designs))
	for i, d := range a.designs {
		var err error
		if list[i], err = d.Adjust(ctx, power); ctx.Err() != nil {
			return nil, ctx.Err()
		} else if err != nil {
			return nil, &fieldexp.Error{Op: "iv", Problem: fieldexp.IllConditioned,
				Message: "the leverage of clusters cannot be computed",
				Remedy:  []fieldexp.Hint{"rescale the columns", "drop a control that others nearly span"},
				Err:     err}
		}
	}
	a.done[power] = list
	return list, nil
}

// clusterScores are a model's scores by one set of clusterings: those of its score columns, and
// those of the columns of the kept effects.
type clusterScores struct {
	sign   float64
	scores []float64
	kept   [][]float64
	liml   *leverage.LIML // nil but for LIML and Fuller
}

// adjust prepares the fits for covariances that correct for the leverage of clusters.
func (s *sample) adjust(ctx context.Context, m *model, regressions []*regression, fits []*fit, grams *moments.Grams) error {
	if len(s.clusters) == 0 {
		return nil
	}
	for i := range fits {
		fits[i].clusters = s.labels
	}
	var blocks []*leverage.Blocks
	switch {
	case m.covariance.adjusts():
		var err error
		if blocks, err = s.blocks(ctx, m, grams); err != nil {
			return err
		}
	case grams != nil && len(s.clusters) == 1 && s.allNested() && !s.analytic(m):
		blocks = []*leverage.Blocks{leverage.Plain(grams)}
	default:
		return nil
	}
	shared := map[string]*adjuster{}
	for i, r := range regressions {
		key := fmt.Sprint(r.estimator, r.kappa, r.x, r.problem.Score)
		a, ok := shared[key]
		if !ok {
			a = &adjuster{working: m.covariance.Working, done: map[leverage.Power][]*leverage.Adjusted{}}
			for _, b := range blocks {
				a.designs = append(a.designs, r.design(b, fits[i].basis))
			}
			shared[key] = a
			if m.covariance.adjusts() {
				if _, err := a.at(ctx, m.covariance.Kind.power()); err != nil {
					return err
				}
			}
		}
		fits[i].adjuster = a
		fits[i].total = r.problem.Total
		for set, b := range blocks {
			scores := r.problem.Groups
			if set > 0 {
				g := s.groupings()[set]
				scores = r.problem.ScatterScores(s.source, g.Codes, g.Len())
			}
			own := clusterScores{sign: setSign(set + 1), scores: scores, kept: b.Scores(s.held, r.problem)}
			if r.turn != nil {
				own.liml = s.liml(m, r, s.groupings()[set], scores)
			}
			fits[i].byCluster = append(fits[i].byCluster, own)
		}
	}
	return ctx.Err()
}

// design is the regression over the blocks of a clustering. Leverage is that of the fitted regressors X^: the
// influence on the estimates is B X^'u, whatever the bread B, and that of two-stage least squares is
// (X^'X^)^-1 X^'u, so that B X^'X^ leads from the one to the other.
func (r *regression) design(b *leverage.Blocks, basis *mat.Dense) *leverage.Design {
	d := &leverage.Design{Blocks: b, Score: r.problem.Score, Fitted: r.fitted, Bread: r.projected, Basis: basis}
	if r.turn != nil {
		d.Basis = &mat.Dense{}
		d.Basis.Mul(basis, r.turn)
	}
	return d
}

// adjustExogeneity prepares the regression on the first stages' residuals for covariances that correct for
// leverage, where the model itself is prepared for them: over the same blocks.
func (s *sample) adjustExogeneity(main *fit, st *stages) {
	if main.adjuster == nil {
		return
	}
	columns, k, p := st.exogeneity.Score, len(st.twoStage.x), len(s.endog)
	regressors := mat.NewDense(len(columns), k+p, nil)
	for i, c := range st.twoStage.x {
		regressors.Set(place(columns, c), i, 1)
	}
	regressors.Slice(0, len(columns), k, k+p).(*mat.Dense).Copy(st.residual.T())
	a := &adjuster{working: main.adjuster.working, done: map[leverage.Power][]*leverage.Adjusted{}}
	for set, d := range main.adjuster.designs {
		a.designs = append(a.designs, &leverage.Design{Blocks: d.Blocks, Score: columns, Fitted: regressors, Bread: st.fit.bread, Basis: identity(k + p)})
		scores := st.exogeneity.Groups
		if set > 0 {
			g := s.groupings()[set]
			scores = st.exogeneity.ScatterScores(s.source, g.Codes, g.Len())
		}
		st.fit.byCluster = append(st.fit.byCluster, clusterScores{sign: setSign(set + 1), scores: scores, kept: d.Blocks.Scores(s.held, st.exogeneity)})
	}
	st.fit.adjuster, st.fit.clusters, st.fit.total = a, main.clusters, st.exogeneity.Total
}

// liml is what it takes to compute a k-class regression anew without each group, given its scores by group:
// regressors are among the score columns, and u'u = y'u - b'X'u. What Fuller's estimator takes off the root stays
// that of the whole sample.
func (s *sample) liml(m *model, r *regression, g data.Grouping, scores []float64) *leverage.LIML {
	outcome := moments.Problem{Y: r.problem.Y, X: r.x, B: r.problem.B, Score: []int{r.problem.Y}}
	n := len(r.problem.Score)
	l := &leverage.LIML{Instruments: n - len(s.endog), Squares: outcome.ScatterScores(s.source, g.Codes, g.Len())}
	for j, c := range r.x {
		at := place(r.problem.Score, c)
		for group := range l.Squares {
			l.Squares[group] -= r.problem.B[j] * scores[group*n+at]
		}
	}
	for _, v := range l.Squares {
		l.Sum += v
	}
	if r.estimator == Fuller {
		l.Less = s.fuller(m)
	}
	return l
}

// fuller is what Fuller's estimator takes off the root of LIML.
func (s *sample) fuller(m *model) float64 {
	alpha := m.spec.FullerAlpha
	if alpha == 0 {
		alpha = 1
	}
	return alpha / float64(s.n-len(s.regressors(s.instr))-s.absorbed())
}

// analytic reports whether there are weights that say how precise rows are.
func (s *sample) analytic(m *model) bool { return s.weights != nil && m.spec.WeightKind == Analytic }

func (s *sample) allNested() bool {
	for _, e := range s.effects {
		if !e.Nested {
			return false
		}
	}
	return true
}

// blocks computes the cross-products of the clusters of every set of clusterings.
func (s *sample) blocks(ctx context.Context, m *model, grams *moments.Grams) ([]*leverage.Blocks, error) {
	var list []*leverage.Blocks
	for set, g := range s.groupings() {
		effects := leverage.Effects{Weights: s.weights}
		for _, e := range s.groups {
			if nested(e.Codes, g.Codes, e.Levels) {
				effects.Nested = append(effects.Nested, e)
			} else {
				effects.Kept = append(effects.Kept, e)
			}
		}
		rows := leverage.GroupRows(g.Codes, g.Len())
		if set > 0 {
			grams = moments.GroupProducts(s.held, rows.Order, rows.Starts, s.first)
		}
		b, err := leverage.Build(ctx, s.held, rows, grams, effects)
		if err != nil {
			return nil, s.tooMany(err, m.covariance.Kind)
		}
		if s.analytic(m) && m.covariance.Working == EqualVariances {
			if err := b.Reweigh(ctx, s.held); err != nil {
				return nil, s.tooMany(err, m.covariance.Kind)
			}
		}
		list = append(list, b)
	}
	return list, nil
}

// tooMany explains that effects have too many levels to be kept as columns.
func (s *sample) tooMany(err error, kind CovarianceKind) error {
	var many *absorb.TooManyLevels
	if !errors.As(err, &many) {
		return err
	}
	var names []string
	for _, e := range s.effects {
		names = append(names, e.Effect.String())
	}
	return &fieldexp.Error{Op: "iv", Problem: fieldexp.NotAvailable, Columns: names, Count: many.Levels, Err: err,
		Message: fmt.Sprintf("%s standard errors need the absorbed effects that are not nested in the clusters as columns, and these have %d levels of the %d allowed", kind, many.Levels, absorb.DirectLimit),
		Remedy:  []fieldexp.Hint{"use CR1 or HC1", "absorb coarser effects"}}
}

// power is the power of the residual maker that the kind multiplies residuals by.
func (k CovarianceKind) power() leverage.Power {
	switch k {
	case CR2:
		return leverage.InverseRoot
	case CR3, Jackknife:
		return leverage.InverseWhole
	}
	return leverage.None
}

// adjusted hands out the maps of the result's clusters, or says why there are none.
func (r *Result) adjusted(cov Covariance) ([]*leverage.Adjusted, error) {
	refuse := func(why string, remedy fieldexp.Hint) error {
		what := cov.Kind.String() + " standard errors"
		if !cov.Kind.corrects() {
			what = "Satterthwaite degrees of freedom"
		}
		return &fieldexp.Error{Op: "iv", Problem: fieldexp.NotAvailable, Columns: []string{r.Outcome},
			Message: fmt.Sprintf("%s of the model of %q: %s", what, r.Outcome, why),
			Remedy:  []fieldexp.Hint{remedy}}
	}
	switch f := r.fit; {
	case len(r.Clusters) == 0:
		return nil, refuse("it was estimated without clusters", "estimate again with the clusters in {Cluster}")
	case f.adjuster == nil:
		return nil, refuse("it was estimated for another covariance and did not keep what they need",
			"estimate again with this {Covariance}")
	case r.Weights != "" && r.WeightKind == Analytic && f.adjuster.working != cov.Working:
		return nil, refuse(fmt.Sprintf("it was estimated for %s as the working model and not for %s", f.adjuster.working, cov.Working),
			"estimate again with this {Covariance}")
	}
	return r.fit.adjuster.at(context.Background(), cov.Kind.power())
}

// corrected computes the covariances that correct for leverage.
func (r *Result) corrected(cov Covariance, smallest float64) error {
	list, err := r.adjusted(cov)
	if err != nil {
		return err
	}
	var parts []sandwich
	for i, a := range list {
		influences, lost, err := r.influencesOn(i, a, cov)
		if err != nil {
			return err
		}
		groups, _ := influences.Dims()
		var v mat.SymDense
		v.SymOuterK(1, influences.T())
		parts = append(parts, sandwich{r.fit.byCluster[i].sign, groups, &v})
		if i == 0 {
			r.influences = influences
			r.warnLost(lost, cov)
		}
	}
	r.sum(cov, parts, smallest)
	return nil
}

// centre subtracts the mean of each column.
func centre(m *mat.Dense) {
	rows, columns := m.Dims()
	for j := range columns {
		mean := mat.Sum(m.ColView(j)) / float64(rows)
		for i := range rows {
			m.Set(i, j, m.At(i, j)-mean)
		}
	}
}

// judgeEach gives each coefficient its degrees of freedom.
func (r *Result) judgeEach(cov Covariance) error {
	r.df, r.standard = nil, nil
	if !cov.satterthwaite(len(r.Clusters)) {
		return nil
	}
	list, err := r.adjusted(cov)
	if err != nil {
		return err
	}
	r.standard = list[0]
	if r.df, err = r.standard.Each(context.Background()); err != nil {
		return err
	}
	r.warnDegrees()
	return nil
}
