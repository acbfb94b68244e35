package bootstrap

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/parallel"
	"github.com/fieldexp/fieldexp/iv"
)

// Score tests a coefficient by the score bootstrap of Kline and Santos (2012): the clusters' scores
// at the estimates that obey the null are multiplied by random weights, and nothing is estimated again.
// The statistic is the Lagrange multiplier t, with the scores centred at their mean in its variance; the
// data's is Stata's scoretest. The confidence set is exact. It is cheaper than Wild and, with few clusters,
// less reliable. Spec.Type must be Type11, and the null is always imposed.
func Score(ctx context.Context, r *iv.Result, spec WildSpec) (*WildResult, error) {
	if r == nil {
		return nil, noResult()
	}
	if err := spec.check(r.Level); err != nil {
		return nil, err
	}
	spec.Null, spec.Term, spec.Value = spec.restrictions(), "", 0
	switch {
	case len(spec.Null) > 1:
		return nil, bad(fieldexp.NotAvailable, "the score bootstrap of a joint hypothesis", "use {Wild}")
	case spec.Unrestricted || spec.Type != Type11:
		return nil, bad(fieldexp.NotAvailable, "an unrestricted score bootstrap, or another type than 11",
			"leave {Unrestricted} and {Type} out")
	case len(r.Clusters) > 1:
		return nil, bad(fieldexp.NotAvailable,
			fmt.Sprintf("the model of %q is clustered in %d ways", r.Outcome, len(r.Clusters)),
			"estimate with one clustering")
	}
	m, err := newLinear(r)
	if err != nil {
		return nil, err
	}
	t, err := m.test(spec)
	if err != nil {
		return nil, err
	}
	t.method = "score bootstrap"
	influence := t.kernel.meats[0].a
	sums := scoreSums{influence[0], influence[1], t.kernel.meats[0].factor}
	ones := make([]float64, m.cp.Clusters)
	for g := range ones {
		ones[g] = 1
	}
	t.m = newMoments(1)
	sums.add(ones, 1, t.m, 0, t.kernel.at)
	t.seen.curve = t.curve(0)
	t.seen.variance = mat.NewSymDense(1, t.m.d)
	if !(t.m.d[0] > 0) {
		return nil, bad(fieldexp.Degenerate, "the scores of "+t.null.text+" do not differ between clusters", "use {Wild}")
	}
	plan := newDrawing(spec.Weights, spec.Seed, spec.Draws, m.cp.Clusters)
	t.m = newMoments(plan.draws)
	report := reporter(spec.Progress, plan.draws)
	err = parallel.For(ctx, plan.blocks(), func(block int) {
		from, to := plan.bounds(block)
		weights := make([]float64, plan.clusters*(to-from))
		plan.fill(block, weights)
		sums.add(weights, to-from, t.m, from, t.kernel.at)
		report(to - from)
	})
	if err != nil {
		return nil, err
	}
	return t.result(ctx, plan)
}

// scoreSums are the clusters' scores of a coefficient as linear functions of the null: a0 + z a1.
type scoreSums struct {
	a0, a1 []float64
	factor float64
}

// add computes the moments of n draws from their weights.
func (s scoreSums) add(weights []float64, n int, m *moments, from int, at float64) {
	for g, a0 := range s.a0 {
		a1 := s.a1[g]
		for b, v := range weights[g*n : (g+1)*n] {
			x, y := v*a0, v*a1
			m.n0[from+b] += x
			m.n1[from+b] += y
			m.d00[from+b] += x * x
			m.d01[from+b] += x * y
			m.d11[from+b] += y * y
		}
	}
	groups := float64(len(s.a0))
	for b := from; b < from+n; b++ {
		n0, n1 := m.n0[b], m.n1[b]
		m.d00[b] = s.factor * (m.d00[b] - n0*n0/groups)
		m.d01[b] = s.factor * (m.d01[b] - n0*n1/groups)
		m.d11[b] = s.factor * (m.d11[b] - n1*n1/groups)
		m.n[b] = n0 + at*n1
		m.d[b] = m.d00[b] + at*(2*m.d01[b]+at*m.d11[b])
	}
}
