package bootstrap

import (
	"context"
	"math"

	"github.com/fieldexp/fieldexp/internal/parallel"
)

// productWithEndogenous is the product of outcome and endogenous column, less what the outcome was
// centred by.
func (m *instrumental) productWithEndogenous() (float64, error) {
	cp, err := m.result.AsUsed.CrossProducts()
	if err != nil {
		return 0, err
	}
	k := len(cp.Regressors)
	block, scores := make([]float64, k*k), make([]float64, k+len(cp.Kept))
	sum := 0.0
	for g := range cp.Clusters {
		cp.Block(g, cp.Regressors, block)
		cp.Scores(g, scores)
		sum += scores[0] + dot(block[:k], cp.Estimates)
	}
	return sum, nil
}

// result sums the draws up.
func (w *wre) result(ctx context.Context, spec WildSpec, plan drawing) (*WildResult, error) {
	m := w.m
	value := spec.Null[0].Value
	spec.Draws = plan.draws
	res := &WildResult{Outcome: m.result.Outcome, Null: spec.Null[0].String(), Method: "wild restricted efficient bootstrap of two-stage least squares",
		Estimate: m.estimate.Estimate, Value: value, SE: m.estimate.SE, Statistic: (m.estimate.Estimate - value) / m.estimate.SE,
		Level: spec.Level, Clusters: w.groups, Spec: spec}
	res.Statistics = w.statistics(value)
	res.Counts = w.count(res.Statistics, res.Statistic, plan)
	res.judge()
	if err := res.warnDesign(m.result); err != nil {
		return nil, err
	}
	if !spec.NoSet {
		var err error
		if res.Set, err = w.set(ctx, &spec, plan); err != nil {
			return nil, err
		}
	}
	return res, nil
}

// statistics are those of all draws under a null, with the small-sample factor of the result.
func (w *wre) statistics(r float64) []float64 {
	p := w.under(r)
	f, h := make([]float64, w.size), make([]float64, w.l)
	draws := make([]float64, len(w.c)/((2+w.l)*w.l))
	root := math.Sqrt(w.m.result.Factor)
	for b := range draws {
		draws[b] = w.statistic(p, b, f, h) / root
	}
	return draws
}

func (w *wre) count(draws []float64, data float64, plan drawing) Counts {
	c := Counts{Draws: plan.draws, Enumerated: plan.enumerated}
	for _, draw := range draws {
		c.add(draw, data)
	}
	return c
}

// set looks for the steps of the p-value over the level.
func (w *wre) set(ctx context.Context, spec *WildSpec, plan drawing) (Set, error) {
	origin, unit := w.m.estimate.Estimate, w.m.estimate.SE
	inside := func(r float64) bool {
		c := w.count(w.statistics(r), (origin-r)/unit, plan)
		p := spec.symmetric(&c)
		if spec.Tail == EqualTailed {
			p = spec.equalTailed(&c)
		}
		return p > (1-spec.Level)*(1+1e-12)
	}
	// Nulls at equal steps of an angle cover the line, most densely around the estimate.
	const half = 400
	null := func(i int) float64 {
		return origin + 4*unit*math.Tan(math.Pi/2*float64(i-half)/(half+1))
	}
	kept := make([]bool, 2*half+1)
	if err := parallel.For(ctx, len(kept), func(i int) { kept[i] = inside(null(i)) }); err != nil {
		return nil, err
	}
	var set Set
	if kept[0] {
		set = append(set, Interval{math.Inf(-1), math.Inf(1)})
	}
	for i := 1; i < len(kept); i++ {
		was, now := kept[i-1], kept[i]
		if now == was {
			continue
		}
		out, in := null(i-1), null(i)
		if was {
			out, in = in, out
		}
		for range 200 {
			middle := in + (out-in)/2
			if middle == in || middle == out {
				break
			}
			if inside(middle) {
				in = middle
			} else {
				out = middle
			}
		}
		if now {
			set = append(set, Interval{in, math.Inf(1)})
		} else {
			set[len(set)-1].High = in
		}
	}
	return set, ctx.Err()
}
