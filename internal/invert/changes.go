package invert

import (
	"math"
	"slices"
)

// Change is where the finding of a test changes from Before to After, at or near an angle.
type Change[T comparable] struct {
	Angle         float64
	Before, After T
	from, to      float64 // angles on both sides at which the test was evaluated
}

// aside is where an arc is tested, as a share of it. The middle would do, if that of a symmetric arc were not the
// estimate, at which the statistic of the data is zero and ties with it drown in rounding.
const aside = 0.382

// Changes evaluates a test on the arcs between the angles at which its finding may change, which it sorts: from
// -pi/2 to pi/2 or, where the test finds the same in opposite directions (periodic), once around from within the arc
// that holds infinity, so that a change next to infinity may lie on its other side. It returns the finding on the
// first arc and the changes in order.
func Changes[T comparable](angles []float64, periodic bool, test func(angle float64) T) (first T, changes []Change[T]) {
	slices.Sort(angles)
	last := len(angles) - 1
	low := -math.Pi / 2
	around := periodic && last >= 0
	if around {
		low = angles[last] - math.Pi
	}
	// within is an angle between one and the next of angles.
	within := func(from float64, next int) float64 {
		to := math.Pi / 2
		if next <= last {
			to = angles[next]
		}
		return from + aside*(to-from)
	}
	start := within(low, 0)
	first = test(start)
	from, was := start, first
	for i, angle := range angles {
		to, now := start+math.Pi, first
		if !around || i < last {
			to = within(angle, i+1)
			now = test(to)
		}
		if now != was {
			changes = append(changes, Change[T]{angle, was, now, from, to})
		}
		from, was = to, now
	}
	return first, changes
}

// Locate is the angle of a change to the last digit, by bisection. It starts with a narrow bracket around the
// angle at which the change was expected, where that holds it.
func (c *Change[T]) Locate(test func(angle float64) T) float64 {
	before := func(angle float64) bool { return test(angle) == c.Before }
	from, to := c.from, c.to
	for _, width := range []float64{1e-13, 1e-10, 1e-7} {
		low, high := max(c.Angle-width, from), min(c.Angle+width, to)
		if before(low) && !before(high) {
			from, to = low, high
			break
		}
	}
	for {
		middle := from + (to-from)/2
		if middle <= from || middle >= to {
			return middle
		}
		if before(middle) {
			from = middle
		} else {
			to = middle
		}
	}
}

// Pieces lists the pieces of the line that are in a set, given whether minus infinity is and the ends at which the
// set is entered and left in turn, in increasing order.
func Pieces(inside bool, ends []float64) (pieces [][2]float64) {
	from := math.Inf(-1)
	for _, end := range ends {
		if inside {
			pieces = append(pieces, [2]float64{from, end})
		}
		from, inside = end, !inside
	}
	if inside {
		pieces = append(pieces, [2]float64{from, math.Inf(1)})
	}
	return pieces
}
