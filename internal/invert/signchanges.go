package invert

import "math"

// Function is a smooth function of an angle.
type Function interface {
	// Taylor is the function and its first three derivatives at an angle, with a bound on the fourth derivative
	// no farther than reach from it and one on the rounding error of the function. The first bound is infinite
	// where it is not known.
	Taylor(angle, reach float64) (d [4]float64, fourth, rounding float64)
}

// mostArcs is how many arcs are looked at before a search is given up. Hundreds are usual.
const mostArcs = 10_000

// SignChanges are the angles between from and to at which a function changes its sign, in increasing order. None
// is missed: the range, cut into some arcs, is halved until bounds on what is left of the Taylor series show, for
// every arc, that there is no root in it or that the function is monotone. Arcs on which the function does not
// differ from zero by more than rounding, or which cannot be halved, are listed by their middle; Changes tests both
// sides of each place. It reports false for a function that has no bounds on much of the range.
func SignChanges(f Function, from, to float64, arcs int) (places []float64, ok bool) {
	s := search{f: f, left: mostArcs}
	start, low := from, s.sign(from)
	for i := range arcs {
		end := from + (to-from)*float64(i+1)/float64(arcs)
		high := s.sign(end)
		s.arc(start, end, low, high)
		start, low = end, high
	}
	return s.found, s.left > 0
}

// search looks for the roots of a function.
type search struct {
	f     Function
	found []float64
	left  int // arcs until it is given up
}

// sign is -1 or 1; zero counts as positive.
func (s *search) sign(angle float64) int {
	d, _, _ := s.f.Taylor(angle, 0)
	return signOf(d[0])
}

func signOf(v float64) int {
	if v < 0 {
		return -1
	}
	return 1
}

// arc adds the roots between from and to, where the function has the given signs.
func (s *search) arc(from, to float64, low, high int) {
	if s.left--; s.left <= 0 {
		return
	}
	middle, half := from+(to-from)/2, (to-from)/2
	d, fourth, rounding := s.f.Taylor(middle, half)
	sign := signOf(d[0])
	for i, v := range d {
		d[i] = math.Abs(v)
	}
	// How far the function, and its slope, may be from where they are in the middle.
	reach := half * (d[1] + half/2*(d[2]+half/3*(d[3]+half/4*fourth)))
	curved := half * (d[2] + half/2*(d[3]+half/3*fourth))
	switch {
	case d[0]-reach > rounding:
	case d[0]+reach <= 2*rounding, middle <= from, middle >= to:
		s.found = append(s.found, middle)
	case d[1] > curved:
		if low != high {
			s.found = append(s.found, s.root(from, to, low))
		}
	default:
		s.arc(from, middle, low, sign)
		s.arc(middle, to, sign, high)
	}
}

// root is where the monotone function changes from the sign low: Newton's method, held within the arc by
// bisection.
func (s *search) root(from, to float64, low int) float64 {
	x := from + (to-from)/2
	const most = 100
	for range most {
		d, _, _ := s.f.Taylor(x, 0)
		if d[0] < 0 == (low < 0) {
			from = x
		} else {
			to = x
		}
		next := x - d[0]/d[1]
		if !(next > from && next < to) {
			next = from + (to-from)/2
		}
		if math.Abs(next-x) <= 1e-15 || next == from || next == to {
			return next
		}
		x = next
	}
	return x
}
