package bootstrap

import (
	"context"
	"math"

	"github.com/fieldexp/fieldexp/internal/invert"
	"github.com/fieldexp/fieldexp/iv"
)

// curve is a t statistic as a function of the null, n(z)/sqrt(d(z)), with n linear and d quadratic.
type curve struct {
	n [2]float64
	d [3]float64
}

// form is the square of the statistic in a direction, where z is the tangent of the angle times step.
func (c *curve) form(at invert.Direction, step float64) ratio {
	n, d := c.toward(at, step)
	return ratio{n * n, d}
}

// toward is the cosine times n, and its square times d.
func (c *curve) toward(at invert.Direction, step float64) (n, d float64) {
	cos, sin := at.Cos, step*at.Sin
	return cos*c.n[0] + sin*c.n[1], cos*cos*c.d[0] + cos*sin*c.d[1] + sin*sin*c.d[2]
}

// t is the statistic in a direction; NaN where it has no variance.
func (c *curve) t(at invert.Direction, step float64) float64 {
	n, d := c.toward(at, step)
	if !(d > 0) {
		return math.NaN()
	}
	return n / math.Sqrt(d)
}

// invert is the confidence set of statistics that are curves in z, where the null is origin + unit z and
// statistics change over a distance of about step: the nulls at which the p-value is above 1 - level. The
// squares of a draw's statistic and of the data's are equal where a quartic is zero.
func (s *WildSpec) invert(
	ctx context.Context, origin, unit, step float64, data *curve, draws int, draw func(b int) curve, enumerated bool,
) (iv.Set, error) {
	v := &inversion{Scale: invert.Scale{Origin: origin, Unit: unit * step}, order: 2, draws: draws, squared: true,
		forms: func(at invert.Direction, from, to int, into []ratio) {
			for b := range to - from {
				one := draw(from + b)
				into[b] = one.form(at, step)
			}
		},
		data: func(at invert.Direction) ratio { return data.form(at, step) },
		extreme: func(b int, at invert.Direction) (above, below int) {
			one := draw(b)
			return s.extreme(one.t(at, step), data.t(at, step))
		},
	}
	return v.set(ctx, s, enumerated)
}

// extreme says whether a draw's statistic counts beside the data's: above or below it or, with a symmetric
// p-value, as larger, which is called above.
func (s *WildSpec) extreme(draw, seen float64) (above, below int) {
	if math.IsNaN(draw) {
		return 1, 1
	}
	within := tieTolerance * math.Max(math.Abs(draw), math.Abs(seen))
	if s.Ties == TiesExcluded {
		within = -within
	}
	if s.Tail == Symmetric {
		draw, seen = math.Abs(draw), math.Abs(seen)
	}
	if draw >= seen-within {
		above = 1
	}
	if s.Tail == EqualTailed && draw <= seen+within {
		below = 1
	}
	return above, below
}

// tolerances are those by which ties are decided: one for each border between more extreme, tied and
// less extreme that matters.
func (s *WildSpec) tolerances() []float64 {
	switch {
	case s.Tail == EqualTailed:
		return []float64{-tieTolerance, tieTolerance}
	case s.Ties == TiesExcluded:
		return []float64{-tieTolerance}
	}
	return []float64{tieTolerance}
}
