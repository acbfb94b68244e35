package bootstrap

import "math"

// Counts says how the draws compare with the data. A draw whose statistic has no positive
// variance counts as more extreme on every side, and in Undefined.
type Counts struct {
	Draws      int
	Enumerated bool // the draws are all sign vectors, once each
	Larger     int  // draws of larger absolute value (or F)
	Ties       int  // draws of equal absolute value
	Above      int  // draws above the data, with their sign
	Below      int
	Undefined  int
}

// add compares a draw's statistic with the data's.
func (c *Counts) add(draw, data float64) {
	if math.IsNaN(draw) {
		c.Undefined++
		c.Larger++
		c.Above++
		c.Below++
		return
	}
	switch order(math.Abs(draw), math.Abs(data)) {
	case 1:
		c.Larger++
	case 0:
		c.Ties++
	}
	switch order(draw, data) {
	case 1:
		c.Above++
	case -1:
		c.Below++
	}
}

// order is the sign of a - b, or 0 where they are equal up to the tolerance.
func order(a, b float64) int {
	within := tieTolerance * math.Max(1, math.Max(math.Abs(a), math.Abs(b)))
	switch {
	case a > b+within:
		return 1
	case a < b-within:
		return -1
	}
	return 0
}

// p turns a count of extreme draws into a p-value.
func (s *WildSpec) p(extreme int, c *Counts) float64 {
	if s.PRule == PlusOne && !c.Enumerated {
		return float64(extreme+1) / float64(c.Draws+1)
	}
	return float64(extreme) / float64(c.Draws)
}

// symmetric is the p-value of absolute values.
func (s *WildSpec) symmetric(c *Counts) float64 {
	if s.Ties == TiesCount {
		return s.p(c.Larger+c.Ties, c)
	}
	return s.p(c.Larger, c)
}

// equalTailed is twice the smaller one-sided p-value.
func (s *WildSpec) equalTailed(c *Counts) float64 {
	above, below := c.Above, c.Below
	if s.Ties == TiesCount {
		above, below = c.Draws-c.Below, c.Draws-c.Above
		if c.Undefined > 0 { // they are in both
			above, below = above+c.Undefined, below+c.Undefined
		}
	}
	return math.Min(1, 2*s.p(min(above, below), c))
}

// standardError is the Monte Carlo standard error of a p-value: nothing for an enumeration.
func standardError(p float64, tail Tail, c *Counts) float64 {
	if c.Enumerated {
		return 0
	}
	if tail == EqualTailed {
		return 2 * math.Sqrt(p/2*(1-p/2)/float64(c.Draws))
	}
	return math.Sqrt(p * (1 - p) / float64(c.Draws))
}
