package bootstrap

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/parallel"
	"github.com/fieldexp/fieldexp/iv"
)

// Permute tests the effect of assignment on each outcome by randomisation inference: it draws the
// assignment again as it was drawn, computes the statistic of every draw as if that had been the
// assignment, and counts how many are as extreme as the data's. No model of the errors is needed, only
// that assignment was drawn as the spec says.
//
// The model is ordinary least squares of the outcome on assignment (times Post), controls and absorbed
// effects. All outcomes are compared in the same draws, so that they can be tested jointly (Joint)
// and adjusted for their number (StepDown). Where the assignments that could have been drawn are no
// more than the draws asked for, each is used once instead.
//
// A confidence set holds the constant effects that are not rejected: an effect t is tested by taking t
// times the regressor off the outcome. The statistic of each draw is a known function of t, so that
// the set is exact.
//
// After some passes over the rows a draw costs what the units and clusters cost, whatever the
// number of rows. Effects within the units of assignment are demeaned out, and so are the largest
// ones around them (strata); other effects and controls are columns, up to 1,000.
//
// It is Stata's and R's ritest and R's ri2, with studentised statistics by default (see Statistic).
// The error is a *fieldexp.Error, or that of ctx.
func Permute(ctx context.Context, f *data.Frame, spec PermuteSpec) (*PermuteResult, error) {
	if err := spec.check(f); err != nil {
		return nil, err
	}
	assigned, err := newDrawn(f, &spec)
	if err != nil {
		return nil, err
	}
	plan, err := newRedraw(assigned, &spec)
	if err != nil {
		return nil, err
	}
	frame, model, err := spec.model(f)
	if err != nil {
		return nil, err
	}
	fits, err := iv.Estimate(ctx, frame, model)
	if err != nil {
		return nil, err
	}
	m, err := newPermuteModel(f, &spec, assigned)
	if err != nil {
		return nil, err
	}
	tests, err := m.tests(ctx, plan, fits)
	if err != nil {
		return nil, err
	}
	if err := permuteAll(ctx, plan, tests, spec.Progress); err != nil {
		return nil, err
	}
	return m.result(ctx, plan, fits, tests)
}

// permuteTest is the outcomes of one pattern of rows on their way through the draws.
type permuteTest struct {
	outcomes []int // places in the spec
	kernel   *permuteKernel
	plain    bool
	drawn    []*permuteDraws // of each outcome
}

// permuteDraws is what the draws leave of one outcome.
type permuteDraws struct {
	t []float64
	// As functions of the null's distance z from the estimate, in standard errors of the data: the
	// numerator n0 + n1 z and the variance d0 + d1 z + d2 z^2. Empty where no set is wanted.
	n0, n1, d0, d1, d2 []float64
}

// tests prepares the outcomes of every pattern of rows.
func (m *permuteModel) tests(ctx context.Context, plan *redraw, fits []*iv.Result) ([]*permuteTest, error) {
	rows, outcomes, err := m.patterns(ctx)
	if err != nil {
		return nil, err
	}
	tests := make([]*permuteTest, len(rows))
	for i := range rows {
		sums, err := m.newPermuteSums(ctx, rows[i], outcomes[i])
		if err != nil {
			return nil, err
		}
		t := &permuteTest{outcomes: outcomes[i], plain: m.spec.Statistic == Plain, kernel: newPermuteKernel(sums, m.spec)}
		tests[i] = t
		for _, o := range t.outcomes {
			c, err := fits[o].Coefficient(m.spec.term())
			if err != nil {
				return nil, err
			}
			if exact := slices.ContainsFunc(fits[o].Warnings, func(w fieldexp.Warning) bool { return w.Code == "exact-fit" }); exact || !(c.SE > 0) {
				return nil, bad(fieldexp.Degenerate,
					fmt.Sprintf("assignment and controls reproduce outcome %q exactly, so that no statistic can be studentised", fits[o].Outcome),
					"check how it was made")
			}
			t.kernel.at, t.kernel.se = append(t.kernel.at, c.Estimate), append(t.kernel.se, c.SE)
			t.kernel.factor = fits[o].Factor
			t.drawn = append(t.drawn, newPermuteDraws(plan.draws, !m.spec.NoSet))
		}
		if err := t.agrees(plan, fits); err != nil {
			return nil, err
		}
	}
	return tests, nil
}

func newPermuteDraws(draws int, set bool) *permuteDraws {
	d := &permuteDraws{t: make([]float64, draws)}
	if set {
		for _, into := range []*[]float64{&d.n0, &d.n1, &d.d0, &d.d1, &d.d2} {
			*into = make([]float64, draws)
		}
	}
	return d
}

// agrees makes sure that the assignment of the data, treated as a draw, gives the estimates that the
// model has for the data: the draws' way of computing them squares the condition of the columns.
func (t *permuteTest) agrees(plan *redraw, fits []*iv.Result) error {
	k := t.kernel
	space := k.newSpace()
	k.take(space, plan.value, 0, 1)
	k.estimates(space, 1)
	if !t.plain {
		k.variances(space, 1)
	}
	for i, o := range t.outcomes {
		const tolerance = 1e-6
		off := math.Abs(space.slope[i]-k.at[i]) / k.se[i]
		if !t.plain {
			off = math.Max(off, math.Abs(k.standardError(space, i, 0, 1)/k.se[i]-1))
		}
		if !(off <= tolerance) {
			return bad(fieldexp.Degenerate,
				fmt.Sprintf("the controls of %q are too nearly collinear to compute draws from their cross-products", fits[o].Outcome),
				"drop controls that repeat others", "centre them")
		}
	}
	return nil
}

// standardError is that of outcome i in a draw.
func (k *permuteKernel) standardError(s *permuteSpace, i, draw, n int) float64 {
	return math.Sqrt(k.factor*s.d[i*4*n+draw]) / s.den[draw]
}

// permuteAll draws, and computes the statistics of every outcome in every draw.
func permuteAll(ctx context.Context, plan *redraw, tests []*permuteTest, progress func(done, total int)) error {
	width := drawBlock
	for _, t := range tests {
		width = min(width, t.kernel.width)
	}
	type worker struct {
		dealer *dealer
		spaces []*permuteSpace
	}
	idle := parallel.NewScratch(func() *worker {
		w := &worker{dealer: plan.newDealer()}
		for _, t := range tests {
			w.spaces = append(w.spaces, t.kernel.newSpace())
		}
		return w
	})
	var report sync.Mutex
	done := 0
	return parallel.For(ctx, plan.blocks(), func(block int) {
		w := idle.Get()
		defer idle.Put(w)
		w.dealer.start(block)
		from, to := plan.bounds(block)
		for at := from; at < to && ctx.Err() == nil; at += width {
			n := min(width, to-at)
			for b := range n {
				hand := w.dealer.deal(at + b)
				for i, t := range tests {
					t.kernel.take(w.spaces[i], hand, b, n)
				}
			}
			for i, t := range tests {
				t.compute(w.spaces[i], at, n)
			}
		}
		if progress != nil {
			report.Lock()
			defer report.Unlock()
			done += to - from
			progress(done, plan.draws)
		}
	})
}

// compute fills in the statistics of n draws from draw at on.
func (t *permuteTest) compute(s *permuteSpace, at, n int) {
	k := t.kernel
	k.estimates(s, n)
	if !t.plain {
		k.variances(s, n)
	}
	for i, d := range t.drawn {
		for b := range n {
			slope := s.slope[i*n+b]
			// The variance of a draw that reproduces the outcome is a rounding error.
			const least = 1e-12
			se := k.se[i]
			if !t.plain {
				if se = k.standardError(s, i, b, n); !(se > least*k.se[i]) {
					se = math.NaN()
				}
			}
			d.t[at+b] = slope / se
			if d.n0 == nil {
				continue
			}
			with := s.slope[len(t.drawn)*n+b] // of the data's regressor on the draw's
			d.n0[at+b], d.n1[at+b] = (slope-k.at[i]*with)/k.se[i], -with
			if t.plain {
				d.d0[at+b] = 1
				continue
			}
			unit := k.factor / (s.den[b] * s.den[b])
			sums := s.d[i*4*n:]
			d.d0[at+b], d.d1[at+b], d.d2[at+b] = unit*sums[n+b], 2*unit*sums[2*n+b], unit*sums[3*n+b]
		}
	}
}

// curve is the statistic of draw b as a function of the null.
func (d *permuteDraws) curve(b int) curve {
	return curve{n: [2]float64{d.n0[b], d.n1[b]}, d: [3]float64{d.d0[b], d.d1[b], d.d2[b]}}
}
