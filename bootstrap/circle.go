package bootstrap

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/fieldexp/fieldexp/internal/parallel"
)

// circle is the nulls of a test whose statistics, or their squares, are ratios of forms: a
// null is origin + unit tan(angle), with infinity at a right angle, and the statistic is a form in the
// angle's cosine and sine over another. Where those of a draw and of the data are equal, another form
// is zero, which is a wave in the doubled angle.
type circle struct {
	origin, unit float64
	order        int // of the wave of crossings: half the degree of its form
	draws        int
	// forms writes the statistics of draws from..to-1 at an angle, or their squares, as forms, and data
	// gives that of the data. A numerator of one times the denominator of the other is of degree 2 order.
	forms   func(at direction, from, to int, into []ratio)
	data    func(at direction) ratio
	squared bool // squares of statistics
	// extreme says whether a draw counts as above the data at an angle, and whether as below.
	extreme func(draw int, at direction) (above, below int)
}

type ratio struct{ numerator, denominator float64 }

// direction is an angle with its cosine and sine.
type direction struct{ angle, cos, sin float64 }

func toward(angle float64) direction {
	sin, cos := math.Sincos(angle)
	return direction{angle, cos, sin}
}

// turn is a change of how a draw counts: it does so at an angle between two others, on both sides of
// which its counts are known.
type turn struct {
	angle, from, to float64
	draw            int
	above, below    int // what is added to the counts
	was             [2]int
}

// set holds the nulls that a test does not reject, by turns of the counts of draws. Between two
// turns the p-value is constant, and no turn is missed (see wave.changes): the set is exact, and ends
// are located to the last digits.
func (c *circle) set(ctx context.Context, s *WildSpec, enumerated bool) (Set, error) {
	alpha := (1 - s.Level) * (1 + 1e-12)
	var set Set
	was := false
	err := c.walk(ctx, s, enumerated, func(p float64, from, _ *turn) {
		switch now := p > alpha; {
		case now && !was:
			low := math.Inf(-1)
			if from != nil {
				low = c.end(from)
			}
			set, was = append(set, Interval{low, math.Inf(1)}), true
		case was && !now:
			set[len(set)-1].High, was = c.end(from), false
		}
	})
	return set, err
}

// peak is a null at which the p-value is largest.
func (c *circle) peak(ctx context.Context, s *WildSpec, enumerated bool) (float64, error) {
	largest, angle := -1.0, 0.0
	err := c.walk(ctx, s, enumerated, func(p float64, from, to *turn) {
		if p <= largest {
			return
		}
		low, high := -math.Pi/2, math.Pi/2
		if from != nil {
			low = from.angle
		}
		if to != nil {
			high = to.angle
		}
		largest, angle = p, low+(high-low)/2
	})
	return c.origin + c.unit*math.Tan(angle), err
}

// walk visits the arcs between turns with their p-values, from minus infinity to infinity. The turns at their ends
// are nil there.
func (c *circle) walk(ctx context.Context, s *WildSpec, enumerated bool, visit func(p float64, from, to *turn)) error {
	turns, above, below, err := c.turns(ctx, s)
	if err != nil {
		return err
	}
	count := Counts{Draws: c.draws, Enumerated: enumerated}
	const together = 1e-12 // turns no farther apart are those of draws that are each other's mirror image
	var from *turn
	for i := 0; ; {
		p := s.p(above, &count)
		if s.Tail == EqualTailed {
			p = 2 * s.p(min(above, below), &count)
		}
		if i == len(turns) {
			visit(p, from, nil)
			return ctx.Err()
		}
		visit(p, from, &turns[i])
		from = &turns[i]
		for ; i < len(turns) && turns[i].angle <= from.angle+together; i++ {
			above, below = above+turns[i].above, below+turns[i].below
		}
	}
}

// turns lists those of all draws from minus infinity to infinity, and the counts at minus infinity.
func (c *circle) turns(ctx context.Context, s *WildSpec) (turns []turn, above, below int, err error) {
	w := newWaves(c.order)
	steps := make([]direction, w.steps())
	data := make([]ratio, w.steps())
	for j := range steps {
		steps[j] = toward(w.angle(j))
		data[j] = c.data(steps[j])
	}
	blocks := make([][]turn, (c.draws+drawBlock-1)/drawBlock)
	counts := make([][2]int, len(blocks))
	err = parallel.For(ctx, len(blocks), func(block int) {
		from, to := block*drawBlock, min((block+1)*drawBlock, c.draws)
		forms := make([][]ratio, len(steps))
		for j, at := range steps {
			forms[j] = make([]ratio, to-from)
			c.forms(at, from, to, forms[j])
		}
		values := make([]float64, len(steps))
		for b := range to - from {
			var angles []float64
			for _, tolerance := range s.tolerances() {
				stretch := 1 + tolerance
				if c.squared {
					stretch *= stretch
				}
				for j, list := range forms {
					values[j] = stretch*list[b].numerator*data[j].denominator - data[j].numerator*list[b].denominator
				}
				for _, doubled := range w.through(values).changes() {
					if doubled > math.Pi {
						doubled -= 2 * math.Pi
					}
					angles = append(angles, doubled/2)
				}
			}
			slices.Sort(angles)
			list, at := c.ofDraw(from+b, angles)
			blocks[block] = append(blocks[block], list...)
			counts[block][0], counts[block][1] = counts[block][0]+at[0], counts[block][1]+at[1]
		}
	})
	for block, list := range blocks {
		turns = append(turns, list...)
		above, below = above+counts[block][0], below+counts[block][1]
	}
	slices.SortFunc(turns, func(a, b turn) int { return cmp.Or(cmp.Compare(a.angle, b.angle), cmp.Compare(a.draw, b.draw)) })
	return turns, above, below, err
}

// aside is where an arc is tested, as a share of it. The middle would do, if that of a symmetric arc were not the
// estimate, at which the data's statistic is zero and ties with it drown in rounding.
const aside = 0.382

// ofDraw tests the arcs between the angles at which a draw may turn. It returns the turns, and the
// counts in the first arc.
func (c *circle) ofDraw(draw int, angles []float64) (turns []turn, first [2]int) {
	counts := func(angle float64) (n [2]int) {
		n[0], n[1] = c.extreme(draw, toward(angle))
		return n
	}
	// A draw that never turns counts as it does anywhere but at infinity, where variances may vanish.
	from := -math.Pi / 4
	if len(angles) > 0 {
		from = (angles[0] - math.Pi/2) / 2
	}
	was := counts(from)
	first = was
	for i, angle := range angles {
		next := math.Pi / 2
		if i+1 < len(angles) {
			next = angles[i+1]
		}
		to := angle + aside*(next-angle)
		if now := counts(to); now != was {
			turns = append(turns, turn{angle, from, to, draw, now[0] - was[0], now[1] - was[1], was})
			was = now
		}
		from = to
	}
	return turns, first
}

// end is the null at a turn, located by bisection.
func (c *circle) end(t *turn) float64 {
	from, to := t.from, t.to
	for _, width := range []float64{1e-13, 1e-10, 1e-7} { // around what the wave says, where that holds it
		low, high := max(t.angle-width, from), min(t.angle+width, to)
		if c.still(t, low) && !c.still(t, high) {
			from, to = low, high
			break
		}
	}
	for {
		middle := from + (to-from)/2
		if middle <= from || middle >= to {
			return c.origin + c.unit*math.Tan(middle)
		}
		if c.still(t, middle) {
			from = middle
		} else {
			to = middle
		}
	}
}

// still reports whether the draw counts at an angle as it did before the turn.
func (c *circle) still(t *turn, angle float64) bool {
	above, below := c.extreme(t.draw, toward(angle))
	return [2]int{above, below} == t.was
}
