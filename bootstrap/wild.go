package bootstrap

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/parallel"
	"github.com/fieldexp/fieldexp/iv"
)

// Hypothesis is a null about the coefficients of one result.
type Hypothesis struct {
	Result *iv.Result
	Null   []Restriction // several are tested jointly
}

// Wild tests a hypothesis about a least-squares result by the wild cluster bootstrap, over the
// clusters of the result, and inverts the test of a single coefficient into a confidence set.
//
// The restricted bootstrap (WCR, the default) draws outcomes from the estimates that obey the null,
// with the residuals of each cluster multiplied by a random weight; the unrestricted one (WCU) draws from
// the estimates themselves. Where the sign vectors of Rademacher weights are no more than the draws
// asked for, all are used once instead.
//
// It is Stata's boottest (Roodman, MacKinnon, Nielsen and Webb 2019) and R's fwildclusterboot, with
// the types of MacKinnon, Nielsen and Webb (2023), but for p-values (see PRule and Ties) and
// confidence sets, which are exact. Absorbed effects must be nested in the clusters; others must be
// columns of the model.
//
// The error is a *fieldexp.Error, or that of ctx.
func Wild(ctx context.Context, r *iv.Result, spec WildSpec) (*WildResult, error) {
	if r == nil {
		return nil, noResult()
	}
	if err := spec.check(r.Level); err != nil {
		return nil, err
	}
	results, err := WildAll(ctx, []Hypothesis{{r, spec.restrictions()}}, spec)
	if err != nil {
		return nil, err
	}
	return results[0], nil
}

// WildAll tests several hypotheses, about one result or several, with the same weights: the draws
// of the results are those of one resampled experiment, and can be compared. The spec's Term, Value
// and Null are not used.
//
// The results must be clustered by the same column. Clusters are told by their labels, and those of all results
// together are drawn for: where outcomes are missing in some clusters, each result has the weights of
// its own. Sign vectors are enumerated where those of all clusters are no more than the draws asked for.
func WildAll(ctx context.Context, list []Hypothesis, spec WildSpec) ([]*WildResult, error) {
	if len(list) == 0 {
		return nil, bad(fieldexp.BadSpec, "no hypothesis to test", "name at least one")
	}
	models := map[*iv.Result]*linear{}
	tests := make([]*wildTest, len(list))
	drawn := newRoster()
	for i, h := range list {
		if h.Result == nil {
			return nil, noResult()
		}
		one := spec
		one.Term, one.Value, one.Null = "", 0, h.Null
		if err := one.check(h.Result.Level); err != nil {
			return nil, err
		}
		if err := checkTogether(h.Result, list[0].Result); err != nil {
			return nil, err
		}
		m := models[h.Result]
		if m == nil {
			var err error
			if m, err = newLinearBeside(h.Result, models); err != nil {
				return nil, err
			}
			models[h.Result] = m
			drawn.enter(m)
		}
		test, err := m.test(one)
		if err != nil {
			return nil, err
		}
		test.places = drawn.places[m]
		tests[i] = test
	}
	plan := newDrawing(spec.Weights, spec.Seed, tests[0].spec.Draws, drawn.count())
	if err := run(ctx, plan, tests, spec.Progress); err != nil {
		return nil, err
	}
	results, problems := make([]*WildResult, len(tests)), make([]error, len(tests))
	err := parallel.For(ctx, len(tests), func(i int) {
		if results[i], problems[i] = tests[i].result(ctx, plan); problems[i] == nil {
			problems[i] = results[i].warnDesign(tests[i].model)
		}
	})
	for _, problem := range problems { // the first test's, whichever came first
		if problem != nil {
			return nil, problem
		}
	}
	return results, err
}

// checkTogether refuses results that are not for this bootstrap, or not for common draws with the first.
func checkTogether(r, first *iv.Result) error {
	switch {
	case r.ReducedForm != nil:
		return bad(fieldexp.NotAvailable,
			fmt.Sprintf("the wild cluster bootstrap of least squares for the %s model of %q", r.Estimator, r.Outcome),
			"use {WRE} or {AndersonRubin}", "test its {ReducedForm}")
	case len(r.Clusters) > 1:
		return bad(fieldexp.NotAvailable,
			fmt.Sprintf("the model of %q is clustered in %d ways", r.Outcome, len(r.Clusters)),
			"estimate with one column of clusters in {Cluster}", "use {WildCells} for several")
	case len(r.Clusters) == 1 && len(first.Clusters) == 1 && r.Clusters[0].Column != first.Clusters[0].Column:
		return bad(fieldexp.NotAvailable, fmt.Sprintf("the model of %q is clustered by %q and that of %q by %q", first.Outcome, first.Clusters[0].Column, r.Outcome, r.Clusters[0].Column),
			"cluster all by one column", "test one by one")
	}
	return nil
}

// roster is the clusters of several results by their labels, numbered as they come.
type roster struct {
	place  map[string]int32
	places map[*linear][]int32 // of the clusters of each result
}

func newRoster() *roster {
	return &roster{place: map[string]int32{}, places: map[*linear][]int32{}}
}

func (r *roster) count() int { return len(r.place) }

// enter adds the clusters of a result.
func (r *roster) enter(m *linear) {
	places := make([]int32, m.cp.Clusters)
	for g, label := range m.cp.Labels {
		at, known := r.place[label]
		if !known {
			at = int32(len(r.place))
			r.place[label] = at
		}
		places[g] = at
	}
	r.places[m] = places
}

// wildTest is a hypothesis on its way through the draws.
type wildTest struct {
	spec   WildSpec
	model  *iv.Result
	method string
	null   *null
	kernel *kernel
	seen   *observed
	// origin and unit lead from the scale on which the kernel has the null to values of the
	// coefficient; statistics change over a distance of about step on that scale.
	origin, unit, step float64
	m                  *moments // of the draws of a single restriction
	joint              []float64
	// places are those of the test's clusters among all that are drawn for; nil where these are the test's.
	places []int32
	// instrumental is the model of an Anderson-Rubin test.
	instrumental *instrumental
	set          *arSet // of the Anderson-Rubin test with several instruments; nil where no set is wanted
}

// test prepares the hypothesis of the spec.
func (m *linear) test(spec WildSpec) (*wildTest, error) {
	h, err := m.hypothesis(spec.Null)
	if err != nil {
		return nil, err
	}
	t := &wildTest{spec: spec, model: m.result, null: h, method: "wild cluster bootstrap"}
	if len(spec.Null) > 1 {
		t.kernel, t.seen, err = m.kernel(h.r, []part{{m.scores, h.gap}}, 0, &spec)
		return t, err
	}
	// The null is measured from the estimate.
	se := m.standardError(h.r)
	if !(se > 0) {
		return nil, bad(fieldexp.Degenerate,
			fmt.Sprintf("the estimate of %s has a standard error of %g", h.text, se),
			"check that the outcome is not reproduced exactly")
	}
	t.origin, t.unit, t.step = h.estimate[0], 1, fewSE*se
	parts := []part{{m.scores, []float64{0}}, {nil, []float64{-1}}}
	t.kernel, t.seen, err = m.kernel(h.r, parts, -h.gap[0], &spec)
	return t, err
}

// fewSE is the number of standard errors over which statistics change.
const fewSE = 4

// standardError is that of a combination of the estimates, without a small-sample factor.
func (m *linear) standardError(r *mat.Dense) float64 {
	sum := 0.0
	for g := range m.cp.Clusters {
		e := dot(r.RawRowView(0), m.scores[g*m.k:(g+1)*m.k])
		sum += e * e
	}
	return math.Sqrt(sum)
}

// run draws, and computes the statistics of every test in every draw.
func run(ctx context.Context, plan drawing, tests []*wildTest, progress func(done, total int)) error {
	for _, t := range tests {
		if t.kernel.q == 1 {
			t.m = newMoments(plan.draws)
		} else {
			t.joint = make([]float64, plan.draws)
		}
		if t.set != nil {
			t.set.drawn = newARForms(t.kernel.q, plan.draws)
		}
	}
	signed, rosters, others := newSignDraws(plan.law, tests)
	type worker struct {
		blocks *workspace
		signs  *signSpace
	}
	idle := parallel.NewScratch(func() *worker {
		w := newWorkspace(plan, tests)
		return &worker{w, newSignSpace(signed, len(rosters), w)}
	})
	report := reporter(progress, plan.draws)
	each := 1 // blocks at once
	if len(signed) > 0 {
		each = signBatch / drawBlock
	}
	return parallel.For(ctx, (plan.blocks()+each-1)/each, func(batch int) {
		w := idle.Get()
		defer idle.Put(w)
		first, _ := plan.bounds(batch * each)
		end := first
		for block := batch * each; block < min((batch+1)*each, plan.blocks()) && ctx.Err() == nil; block++ {
			from, to := plan.bounds(block)
			plan.fill(block, w.blocks.all)
			w.blocks.compute(others, from, to-from)
			for i, places := range rosters {
				w.blocks.gather(places, to-from)
				clusters := plan.clusters
				if places != nil {
					clusters = len(places)
				}
				signCodes(w.signs.packed[i], w.blocks.weights, clusters, signed[0].middle, from-first, to-from)
			}
			end = to
		}
		for _, d := range signed {
			if ctx.Err() == nil {
				d.batch(w.signs, first, end-first)
			}
		}
		report(end - first)
	})
}

// compute computes the draws from..from+n-1 of tests, whose weights are there.
func (w *workspace) compute(tests []*wildTest, from, n int) {
	for i, t := range tests {
		if i == 0 || !slices.Equal(t.places, tests[i-1].places) {
			w.gather(t.places, n)
		}
		switch {
		case t.set != nil:
			t.kernel.arBlock(w, t.set.drawn, from, t.joint[from:from+n])
		case t.m == nil:
			t.kernel.jointBlock(w, t.joint[from:from+n])
		default:
			t.kernel.addBlock(w, t.m, from, n)
		}
	}
}

// reporter adds up draws that are done and passes the sum on, from one goroutine at a time.
func reporter(progress func(done, total int), draws int) func(n int) {
	if progress == nil {
		return func(int) {}
	}
	var mutex sync.Mutex
	done := 0
	return func(n int) {
		mutex.Lock()
		defer mutex.Unlock()
		done += n
		progress(done, draws)
	}
}

// statistic is the data's: t for one restriction, F for several.
func (t *wildTest) statistic() float64 {
	q := t.kernel.q
	if q == 1 {
		return t.seen.gap[0] / math.Sqrt(t.seen.variance.At(0, 0))
	}
	var v []float64
	for i := range q {
		for j := range i + 1 {
			v = append(v, t.seen.variance.At(i, j))
		}
	}
	return wald(v, append([]float64(nil), t.seen.gap...)) / float64(q)
}

// statistics are those of the draws.
func (t *wildTest) statistics() []float64 {
	if t.m == nil {
		return t.joint
	}
	draws := make([]float64, len(t.m.n))
	least := 1e-24 * t.seen.variance.At(0, 0)
	for b, n := range t.m.n {
		if draws[b] = n / math.Sqrt(t.m.d[b]); !(t.m.d[b] > least) {
			draws[b] = math.NaN()
		}
	}
	return draws
}

// curve is the statistic of draw b as a function of the null.
func (t *wildTest) curve(b int) curve {
	return curve{n: [2]float64{t.m.n0[b], t.m.n1[b]}, d: [3]float64{t.m.d00[b], 2 * t.m.d01[b], t.m.d11[b]}}
}
