package iv

import (
	"cmp"
	"math"
	"slices"
)

// set is the effects at whose angles excess is not above zero, where it changes sign at or near the roots: the
// middles of the arcs between them are tested, and the crossings between middles of different sign found.
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
	var borders []border
	for i, root := range roots {
		before, after := i, (i+1)%len(middles)
		if inside[before] != inside[after] {
			borders = append(borders, newBorder(refineAngle(root, middles[before], middles[after], excess), inside[before]))
		}
	}
	if len(borders) == 0 {
		if inside[0] {
			return wholeLine(level)
		}
		return set
	}
	slices.SortFunc(borders, func(a, b border) int { return cmp.Compare(a.angle, b.angle) })
	from := math.Inf(-1)
	for _, b := range borders {
		at := q.effect(b.angle)
		if b.ends {
			set.Pieces = append(set.Pieces, [2]float64{from, at})
		}
		from = at
	}
	if !borders[len(borders)-1].ends {
		set.Pieces = append(set.Pieces, [2]float64{from, math.Inf(1)})
	}
	return set
}

// border is where the statistic crosses its limit: from within the set to without, or the other way.
type border struct {
	angle float64 // between -pi/2 and pi/2
	ends  bool
}

// newBorder brings the angle of a border, which may have been found beyond the right angle, to the line.
func newBorder(angle float64, ends bool) border {
	return border{angle - math.Pi*math.Round(angle/math.Pi), ends}
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
