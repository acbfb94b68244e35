package iv

import (
	"math"
	"slices"
)

// set is the effects at whose angles excess is not above zero, where it can cross zero at the roots
// alone: the arcs between them are tested, and those that are in the set joined.
func (q *plane) set(roots []float64, level float64, excess func(angle float64) float64) Set {
	set := Set{Level: level}
	slices.Sort(roots)
	middles := []float64{0}
	if n := len(roots); n > 0 {
		// Arcs: the one that ends at the first root has its middle between the last and the first.
		middles = []float64{(roots[n-1] + roots[0] + math.Pi) / 2}
		if middles[0] > math.Pi/2 {
			middles[0] -= math.Pi
		}
		for i := range n - 1 {
			middles = append(middles, (roots[i]+roots[i+1])/2)
		}
	}
	inside := make([]bool, len(middles))
	for i, m := range middles {
		x := excess(m)
		if math.IsNaN(x) {
			return Set{Level: level, Reason: "the covariance of the instruments' coefficients is singular at some values of the effect"}
		}
		inside[i] = x <= 0
	}
	if len(roots) == 0 {
		if inside[0] {
			return wholeLine(level)
		}
		return set
	}
	var borders []float64 // where the statistic crosses its limit
	for i, root := range roots {
		before, after := i, (i+1)%len(middles)
		if inside[before] != inside[after] {
			borders = append(borders, q.effect(refineAngle(root, middles[before], middles[after], excess)))
		}
	}
	slices.Sort(borders)
	// The arc through the right angle is inside[0]: on the line, it is what lies beyond all roots.
	in, from := inside[0], math.Inf(-1)
	for _, b := range borders {
		if in {
			set.Pieces = append(set.Pieces, [2]float64{from, b})
		}
		in, from = !in, b
	}
	if in {
		set.Pieces = append(set.Pieces, [2]float64{from, math.Inf(1)})
	}
	return set
}

// refineAngle takes a root to the last digits by bisection between the middles of the arcs on both sides,
// at which excess has different signs.
func refineAngle(root, before, after float64, excess func(angle float64) float64) float64 {
	for before > root {
		before -= math.Pi
	}
	for after < root {
		after += math.Pi
	}
	sign := excess(before) <= 0
	// Start with a narrow bracket around the root, where that brackets it.
	for _, width := range []float64{1e-11, 1e-8, 1e-5} {
		low, high := max(before, root-width), min(after, root+width)
		if (excess(low) <= 0) == sign && (excess(high) <= 0) != sign {
			before, after = low, high
			break
		}
	}
	for {
		middle := before + (after-before)/2
		if middle <= before || middle >= after {
			return middle
		}
		if (excess(middle) <= 0) == sign {
			before = middle
		} else {
			after = middle
		}
	}
}
