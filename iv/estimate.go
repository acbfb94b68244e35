package iv

import (
	"context"
	"math"
	"sync"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/moments"
	"github.com/fieldexp/fieldexp/internal/parallel"
)

// Estimate estimates the model of the spec for each of its outcomes, over the rows in which
// nothing of that model is missing, and returns one result for each in their order. Outcomes
// with the same missing values share the absorption of effects and the cross-products.
//
// Without endogenous columns the estimator is ordinary least squares (R's lm, Stata's regress
// and areg, fixest's feols); with them it is two-stage least squares, LIML or Fuller (Stata's
// ivregress). Every coefficient is that of the regression with all absorbed indicators written
// out. Collinear exogenous columns and instruments are dropped and reported.
//
// The error is a *fieldexp.Error that says what to mend, or that of ctx.
func Estimate(ctx context.Context, f *data.Frame, spec Spec) ([]*Result, error) {
	m, err := newModel(f, spec)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil { // the frame has been looked at
		return nil, err
	}
	samples, err := m.samples(ctx)
	if err != nil {
		return nil, err
	}
	results := make([]*Result, len(m.outs))
	problems := make([]error, len(samples))
	var mutex sync.Mutex
	done, left := 0, false
	err = parallel.Leave(ctx, func() error {
		return parallel.For(ctx, len(samples), func(i int) {
			problems[i] = samples[i].estimate(ctx, m, results)
			samples[i] = nil // what it holds beyond results can go
			if spec.Progress != nil {
				mutex.Lock()
				defer mutex.Unlock()
				if done++; !left {
					spec.Progress(done, len(samples))
				}
			}
		})
	})
	mutex.Lock()
	left = true
	mutex.Unlock()
	if ctx.Err() != nil { // the work may still write
		return nil, ctx.Err()
	}
	for _, problem := range problems { // the first outcome's, whichever came first
		if problem != nil {
			return nil, problem
		}
	}
	return results, err
}

// models holds the regressions of one outcome; the last two are nil without endogenous columns.
type models struct {
	main, reducedForm, asUsed *regression
}

// estimate fills in the results of the sample's outcomes.
func (s *sample) estimate(ctx context.Context, m *model, results []*Result) error {
	s.ordered = m.covariance.adjusts()
	if err := s.prepare(ctx, m); err != nil {
		return err
	}
	s.evenness = evenness(s.partition)
	total, grams, err := s.products(ctx, m)
	if err != nil {
		return err
	}
	var all, first []*regression
	for _, d := range s.endog {
		r, err := leastSquares(total, s.p, d, s.regressors(s.instr), s.columns)
		if err != nil {
			return err
		}
		first = append(first, r)
	}
	all = append(all, first...)
	outcomes := make([]models, len(s.outs))
	for i := range s.outs {
		if outcomes[i], err = s.outcomeModels(m, total, s.first+i); err != nil {
			return err
		}
		all = append(all, outcomes[i].main)
		if outcomes[i].reducedForm != nil {
			all = append(all, outcomes[i].reducedForm, outcomes[i].asUsed)
		}
	}
	var frequency []float64
	if m.spec.WeightKind == Frequency {
		frequency = s.weights
	}
	for _, r := range all {
		r.problem.Meat = len(s.clusters) == 0
	}
	if err := refine(ctx, s, frequency, all); err != nil {
		return err
	}
	if s.small() {
		for _, r := range all {
			s.polish(r)
		}
	}
	fits, err := s.fits(ctx, m, all, grams.Leading())
	if err != nil {
		return err
	}
	report := make(map[*regression]*Result, len(all))
	for i, r := range all {
		if report[r], err = s.result(m, r, fits[i]); err != nil {
			return err
		}
	}
	for i, o := range s.outs {
		r := report[outcomes[i].main]
		if outcomes[i].reducedForm != nil {
			r.ReducedForm, r.AsUsed = report[outcomes[i].reducedForm], report[outcomes[i].asUsed]
			for _, f := range first {
				r.FirstStages = append(r.FirstStages, report[f])
			}
		}
		results[o] = r
	}
	if len(s.endog) == 0 || m.spec.SkipInstrumentTests {
		return nil
	}
	return s.systems(ctx, m, total, first, outcomes, report)
}

// outcomeModels sets up the regressions of the outcome in column y.
func (s *sample) outcomeModels(m *model, total []float64, y int) (set models, err error) {
	x, z := s.regressors(s.endog), s.regressors(s.instr)
	if len(s.endog) == 0 {
		set.main, err = leastSquares(total, s.p, y, x, s.columns)
		return set, err
	}
	kappa := 1.0
	if m.spec.Estimator == LIML || m.spec.Estimator == Fuller {
		if kappa, err = limlKappa(total, s.p, y, s.endog, s.exog, z, s.columns); err != nil {
			return set, err
		}
	}
	if m.spec.Estimator == Fuller {
		kappa -= s.fuller(m)
	}
	if set.main, err = instrumented(total, s.p, y, x, z, s.columns, kappa); err != nil {
		return set, err
	}
	set.main.estimator = m.spec.Estimator
	if set.reducedForm, err = leastSquares(total, s.p, y, z, s.columns); err != nil {
		return set, err
	}
	set.asUsed, err = leastSquares(total, s.p, y, x, s.columns)
	return set, err
}

// absorbed counts the parameters of the absorbed effects.
func (s *sample) absorbed() (count int) {
	for _, e := range s.effects {
		count += e.Levels - e.Redundant
	}
	return count
}

// result reports a regression in the terms of the original columns.
func (s *sample) result(m *model, r *regression, f *fit) (*Result, error) {
	y := r.problem.Y
	res := &Result{
		Outcome: s.columns[y].name, Estimator: r.estimator, Kappa: r.kappa,
		Covariance: m.covariance, Level: m.level, N: s.n, Rows: m.rows.n, Effects: s.effects,
		RSS: r.problem.RSS, MeanY: s.mean[y], Weights: m.spec.Weights, WeightKind: m.spec.WeightKind,
		Dropped: s.dropped, Absorbing: s.absorbing, WithinR2: math.NaN(), fit: f,
	}
	for d, g := range s.clusters {
		res.Clusters = append(res.Clusters, ClusterCount{m.spec.Cluster[d], g.Len()})
	}
	for _, c := range r.x {
		res.Terms = append(res.Terms, s.columns[c].name)
	}
	res.Coef = s.original(r, f)
	centred := m.constant || len(s.effects) > 0
	all := len(r.x) + s.absorbed()
	res.Sigma = math.Sqrt(res.RSS / float64(s.n-all))
	res.R2 = 1 - res.RSS/s.tss[y]
	around := float64(s.n)
	if centred {
		around--
	}
	res.AdjR2 = 1 - (1-res.R2)*around/float64(s.n-all)
	if len(s.effects) > 0 {
		res.WithinR2 = 1 - res.RSS/s.inner[y]
	}
	within := s.tss[y]
	if len(s.effects) > 0 {
		within = s.inner[y]
	}
	f.alone = s.restOnOne(m, res.Terms)
	f.exact = exact(r.problem.RSS, s.tss[y], within)
	if len(s.dropped.Collinear) > 0 {
		res.warn("collinear", "", "dropped because other columns or the absorbed effects span them: %s", quoted(s.dropped.Collinear))
	}
	f.evenness, f.frameRows = s.evenness, m.frameRows
	return res, res.infer(m.covariance)
}

// fits computes the sandwiches of all regressions.
func (s *sample) fits(ctx context.Context, m *model, regressions []*regression, grams *moments.Grams) ([]*fit, error) {
	fits := make([]*fit, len(regressions))
	for i, r := range regressions {
		fits[i] = s.newFit(r, grams)
	}
	if err := s.sandwiches(ctx, regressions, fits); err != nil {
		return nil, err
	}
	if err := s.correctRows(ctx, m, regressions, fits); err != nil {
		return nil, err
	}
	return fits, s.adjust(ctx, m, regressions, fits, grams)
}
