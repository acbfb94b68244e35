package bootstrap

import (
	"context"

	"github.com/fieldexp/fieldexp/internal/invert"
	"github.com/fieldexp/fieldexp/iv"
)

// result sums the draws up.
func (w *wre) result(ctx context.Context, spec WildSpec, plan drawing) (*WildResult, error) {
	m := w.m
	value := spec.Null[0].Value
	spec.Draws = plan.draws
	res := &WildResult{Outcome: m.result.Outcome, Null: spec.Null[0].String(), Method: "wild restricted efficient bootstrap of two-stage least squares",
		Estimate: m.estimate.Estimate, Value: value, SE: m.estimate.SE, Statistic: (m.estimate.Estimate - value) / m.estimate.SE,
		Set: notInverted(spec.Level, false), Level: spec.Level, Clusters: w.groups, Spec: spec}
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
func (w *wre) statistics(null float64) []float64 {
	at := w.direction(null)
	p, space := w.under(at), w.newSpace()
	draws := make([]float64, len(w.c)/((2+w.l)*w.l))
	for b := range draws {
		draws[b] = w.t(p, b, space) / at.Cos
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

// set inverts the test. Times the cosine, the data's statistic, the estimate's distance from the null in
// standard errors, is minus the sine in units of nulls.
func (w *wre) set(ctx context.Context, spec *WildSpec, plan drawing) (iv.Set, error) {
	order := 7
	if w.l == 1 {
		order = 3
	}
	unit := w.Unit / w.m.estimate.SE
	v := &inversion{Scale: w.Scale, order: order, draws: plan.draws, squared: true,
		forms: func(at invert.Direction, from, to int, into []ratio) {
			p, space := w.under(at), w.newSpace()
			for b := range to - from {
				numerator, variance := w.statistic(p, from+b, space)
				into[b] = ratio{numerator * numerator, variance * w.m.result.Factor}
			}
		},
		data: func(at invert.Direction) ratio { return ratio{at.Sin * at.Sin * unit * unit, 1} },
		extreme: func(b int, at invert.Direction) (above, below int) {
			return spec.extreme(w.t(w.under(at), b, w.newSpace()), -at.Sin*unit)
		},
	}
	return v.set(ctx, spec, plan.enumerated)
}
