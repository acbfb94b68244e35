package bootstrap

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/fieldexp/fieldexp/internal/invert"
	"github.com/fieldexp/fieldexp/internal/parallel"
	"github.com/fieldexp/fieldexp/iv"
)

// inversion is the inversion of a test whose statistics, or their squares, are ratios of forms: a null is the slope
// of a direction on a scale, and the statistic is a form in the direction's cosine and sine over another. Where
// those of a draw and of the data are equal, another form is zero, which is a trigonometric polynomial.
type inversion struct {
	invert.Scale
	order int // of that polynomial: half the degree of its form
	draws int
	// forms writes the statistics of draws from..to-1 in a direction, or their squares, as forms, and data
	// gives that of the data. A numerator of one times the denominator of the other is of degree 2 order.
	forms   func(at invert.Direction, from, to int, into []ratio)
	data    func(at invert.Direction) ratio
	squared bool // squares of statistics
	// extreme says whether a draw counts as above the data in a direction, and whether as below.
	extreme func(draw int, at invert.Direction) (above, below int)
}

type ratio struct{ numerator, denominator float64 }

// counts says whether a draw counts as above the data and whether as below: 0 or 1 each.
type counts struct{ above, below int }

// change is where the counts of a draw change.
type change struct {
	invert.Change[counts]
	draw int
}

// set holds the nulls that a test does not reject. Between the changes of the draws' counts the p-value is constant,
// and no change is missed: the set is exact, and ends are located to the last digits.
func (v *inversion) set(ctx context.Context, s *WildSpec, enumerated bool) (iv.Set, error) {
	alpha := (1 - s.Level) * (1 + 1e-12)
	var ends []float64
	first, was := false, false
	err := v.walk(ctx, s, enumerated, func(p float64, from, _ *change) {
		now := p > alpha
		if from == nil {
			first, was = now, now
		}
		if now != was {
			ends, was = append(ends, v.end(from)), now
		}
	})
	return iv.Set{Pieces: invert.Pieces(first, ends), Level: s.Level}, err
}

// peak is a null at which the p-value is largest.
func (v *inversion) peak(ctx context.Context, s *WildSpec, enumerated bool) (float64, error) {
	largest, angle := -1.0, 0.0
	err := v.walk(ctx, s, enumerated, func(p float64, from, to *change) {
		if p <= largest {
			return
		}
		low, high := -math.Pi/2, math.Pi/2
		if from != nil {
			low = from.Angle
		}
		if to != nil {
			high = to.Angle
		}
		largest, angle = p, low+(high-low)/2
	})
	return v.Effect(angle), err
}

// walk visits the arcs between changes with their p-values, from minus infinity to infinity. The changes at their
// ends are nil there.
func (v *inversion) walk(
	ctx context.Context, s *WildSpec, enumerated bool, visit func(p float64, from, to *change),
) error {
	changes, sum, err := v.changes(ctx, s)
	if err != nil {
		return err
	}
	count := Counts{Draws: v.draws, Enumerated: enumerated}
	const together = 1e-12 // changes no farther apart are those of draws that are each other's mirror image
	var from *change
	for i := 0; ; {
		p := s.p(sum.above, &count)
		if s.Tail == EqualTailed {
			p = 2 * s.p(min(sum.above, sum.below), &count)
		}
		if i == len(changes) {
			visit(p, from, nil)
			return ctx.Err()
		}
		visit(p, from, &changes[i])
		from = &changes[i]
		for ; i < len(changes) && changes[i].Angle <= from.Angle+together; i++ {
			sum.above += changes[i].After.above - changes[i].Before.above
			sum.below += changes[i].After.below - changes[i].Before.below
		}
	}
}

// changes lists those of all draws from minus infinity to infinity, and the sums of counts at minus infinity.
func (v *inversion) changes(ctx context.Context, s *WildSpec) (changes []change, sum counts, err error) {
	w := invert.NewInterpolation(v.order)
	steps := make([]invert.Direction, w.Steps())
	data := make([]ratio, w.Steps())
	for j := range steps {
		steps[j] = invert.Toward(w.Angle(j))
		data[j] = v.data(steps[j])
	}
	blocks := make([][]change, (v.draws+drawBlock-1)/drawBlock)
	sums := make([]counts, len(blocks))
	err = parallel.For(ctx, len(blocks), func(block int) {
		from, to := block*drawBlock, min((block+1)*drawBlock, v.draws)
		forms := make([][]ratio, len(steps))
		for j, at := range steps {
			forms[j] = make([]ratio, to-from)
			v.forms(at, from, to, forms[j])
		}
		values := make([]float64, len(steps))
		for b := range to - from {
			var angles []float64
			for _, tolerance := range s.tolerances() {
				stretch := 1 + tolerance
				if v.squared {
					stretch *= stretch
				}
				for j, list := range forms {
					values[j] = stretch*list[b].numerator*data[j].denominator - data[j].numerator*list[b].denominator
				}
				for _, doubled := range w.Through(values).SignChanges() {
					if doubled > math.Pi {
						doubled -= 2 * math.Pi
					}
					angles = append(angles, doubled/2)
				}
			}
			first, list := invert.Changes(angles, false, v.counts(from+b))
			for _, c := range list {
				blocks[block] = append(blocks[block], change{c, from + b})
			}
			sums[block].above, sums[block].below = sums[block].above+first.above, sums[block].below+first.below
		}
	})
	for block, list := range blocks {
		changes = append(changes, list...)
		sum.above, sum.below = sum.above+sums[block].above, sum.below+sums[block].below
	}
	slices.SortFunc(changes, func(a, b change) int {
		return cmp.Or(cmp.Compare(a.Angle, b.Angle), cmp.Compare(a.draw, b.draw))
	})
	return changes, sum, err
}

// counts are those of a draw at an angle.
func (v *inversion) counts(draw int) func(angle float64) counts {
	return func(angle float64) (n counts) {
		n.above, n.below = v.extreme(draw, invert.Toward(angle))
		return n
	}
}

// end is the null at a change, located by bisection.
func (v *inversion) end(c *change) float64 { return v.Effect(c.Locate(v.counts(c.draw))) }
