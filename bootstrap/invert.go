package bootstrap

import (
	"cmp"
	"math"
	"slices"
)

// curve is a t statistic as a function of the null, n(z)/sqrt(d(z)), with n linear and d quadratic.
type curve struct {
	n [2]float64
	d [3]float64
}

func (c *curve) at(z float64) float64 {
	d := c.d[0] + z*(c.d[1]+z*c.d[2])
	if !(d > 0) {
		return math.NaN()
	}
	return (c.n[0] + z*c.n[1]) / math.Sqrt(d)
}

// crossings are the nulls at which the absolute values of two statistics are equal, once the
// first is multiplied by 1+tolerance: the roots of a quartic.
func (c *curve) crossings(data *curve, tolerance float64) []float64 {
	n, n0 := polynomial(c.n[:]), polynomial(data.n[:])
	stretch := (1 + tolerance) * (1 + tolerance)
	f := n.times(n).times(data.d[:])
	return f.plus(-1/stretch, n0.times(n0).times(c.d[:])).roots()
}

// step is a change in the numbers of draws that count as extreme, at a null.
type step struct {
	z            float64
	above, below int
}

// invert is the confidence set: the nulls at which the p-value is above 1 - level. Each draw's
// statistic and that of the data are functions of the null that cross at the roots of a quartic.
// Between all crossings of all draws the p-value is constant, so that the set is exact: its ends
// are crossings, and no piece of it can be missed. With an equal-tailed p-value, draws above and below
// are counted apart; with a symmetric one, draws above are those of larger absolute value.
func (s *WildSpec) invert(data *curve, draws int, draw func(b int) curve, enumerated bool) Set {
	count := Counts{Draws: draws, Enumerated: enumerated}
	var above, below int
	var steps []step
	for b := range draws {
		c := draw(b)
		var at []float64
		for _, tolerance := range s.tolerances() {
			at = append(at, c.crossings(data, tolerance)...)
		}
		slices.Sort(at)
		z := before(at)
		wasAbove, wasBelow := s.extreme(c.at(z), data.at(z))
		above, below = above+wasAbove, below+wasBelow
		for i, z := range at {
			next := after(at, i)
			nowAbove, nowBelow := s.extreme(c.at(next), data.at(next))
			if nowAbove != wasAbove || nowBelow != wasBelow {
				steps = append(steps, step{z, nowAbove - wasAbove, nowBelow - wasBelow})
			}
			wasAbove, wasBelow = nowAbove, nowBelow
		}
	}
	slices.SortFunc(steps, func(a, b step) int { return cmp.Compare(a.z, b.z) })
	alpha := (1 - s.Level) * (1 + 1e-12)
	inside := func() bool {
		if s.Tail == EqualTailed {
			return 2*s.p(min(above, below), &count) > alpha
		}
		return s.p(above, &count) > alpha
	}
	var set Set
	if inside() {
		set = append(set, Interval{math.Inf(-1), math.Inf(1)})
	}
	was := inside()
	for i := 0; i < len(steps); {
		z := steps[i].z
		for ; i < len(steps) && steps[i].z <= z+1e-10*(1+math.Abs(z)); i++ {
			above += steps[i].above
			below += steps[i].below
		}
		now := inside()
		if now && !was {
			set = append(set, Interval{z, math.Inf(1)})
		} else if was && !now {
			set[len(set)-1].High = z
		}
		was = now
	}
	return set
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

// before is a point below all of at, and after one between at[i] and the next.
func before(at []float64) float64 {
	if len(at) == 0 {
		return 0
	}
	return at[0] - 1 - math.Abs(at[0])
}

func after(at []float64, i int) float64 {
	if i == len(at)-1 {
		return at[i] + 1 + math.Abs(at[i])
	}
	return at[i] + (at[i+1]-at[i])/2
}
