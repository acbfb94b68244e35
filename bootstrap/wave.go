package bootstrap

import "math"

// wave is a trigonometric polynomial: its constant, then the cosine and sine coefficient of each order.
// A form of degree 2m in (cos a, sin a), which is what a polynomial of degree 2m in tan a becomes when
// infinity is a value like others, is a wave of order m in the doubled angle 2a.
type wave []float64

// waves turns the values of waves at equal steps of the angle into their coefficients: 2m+1 values
// determine a wave of order m, and no digits are lost on the way.
type waves struct {
	order    int
	cos, sin []float64 // of step j times order k: at j*order+k-1
}

func newWaves(order int) *waves {
	n := 2*order + 1
	w := &waves{order: order, cos: make([]float64, n*order), sin: make([]float64, n*order)}
	for j := range n {
		for k := 1; k <= order; k++ {
			w.sin[j*order+k-1], w.cos[j*order+k-1] = math.Sincos(2 * math.Pi * float64(j*k%n) / float64(n))
		}
	}
	return w
}

// steps is the number of values.
func (w *waves) steps() int { return 2*w.order + 1 }

// angle is that of step j, of a form.
func (w *waves) angle(j int) float64 { return math.Pi * float64(j) / float64(w.steps()) }

// through is the wave that has these values at the steps.
func (w *waves) through(values []float64) wave {
	n := float64(w.steps())
	c := make(wave, w.steps())
	for j, v := range values {
		c[0] += v / n
		for k := range w.order {
			c[1+2*k] += 2 / n * v * w.cos[j*w.order+k]
			c[2+2*k] += 2 / n * v * w.sin[j*w.order+k]
		}
	}
	return c
}

// at is the wave and its first three derivatives at x.
func (c wave) at(x float64) (d [4]float64) {
	sin1, cos1 := math.Sincos(x)
	d[0] = c[0]
	s, o := 0.0, 1.0
	for i := 1; i < len(c); i += 2 {
		s, o = s*cos1+o*sin1, o*cos1-s*sin1
		order := float64(i/2 + 1)
		even, odd := c[i]*o+c[i+1]*s, order*(c[i+1]*o-c[i]*s)
		d[0] += even
		d[1] += odd
		d[2] -= order * order * even
		d[3] -= order * order * odd
	}
	return d
}

// changes are the places from 0 to 2 pi at which the wave changes its sign, in increasing order. None is missed:
// the circle is cut in halves until bounds on what is left of the Taylor series show, for every arc,
// that there is no root in it or that the wave is monotone. Arcs on which the wave does not differ from
// zero by more than rounding are listed by their middle; who uses the list tests the sides of each place.
func (c wave) changes() []float64 {
	size, bend := math.Abs(c[0]), 0.0
	for i := 1; i < len(c); i += 2 {
		order, amplitude := float64(i/2+1), math.Hypot(c[i], c[i+1])
		size += amplitude
		bend += order * order * order * order * amplitude
	}
	if !(size > 0) || math.IsInf(size, 1) {
		return nil // zero throughout, or undefined
	}
	s := search{wave: c, bend: bend, noise: 4e-16 * float64(len(c)) * size}
	arcs := len(c)
	low := c.sign(0)
	for i := range arcs {
		from, to := 2*math.Pi*float64(i)/float64(arcs), 2*math.Pi*float64(i+1)/float64(arcs)
		high := c.sign(to)
		s.arc(from, to, low, high)
		low = high
	}
	return s.found
}

// sign is -1 or 1; zero counts as positive.
func (c wave) sign(x float64) int {
	if c.at(x)[0] < 0 {
		return -1
	}
	return 1
}

// search looks for the roots of a wave.
type search struct {
	wave  wave
	bend  float64 // bound on the fourth derivative
	noise float64 // what rounding makes of zero
	found []float64
}

// arc adds the roots between from and to, where the wave has the given signs.
func (s *search) arc(from, to float64, low, high int) {
	middle, half := from+(to-from)/2, (to-from)/2
	d := s.wave.at(middle)
	for i, v := range d {
		d[i] = math.Abs(v)
	}
	// How far the wave, and its slope, may be from where they are in the middle.
	reach := half * (d[1] + half/2*(d[2]+half/3*(d[3]+half/4*s.bend)))
	curved := half * (d[2] + half/2*(d[3]+half/3*s.bend))
	switch {
	case d[0]-reach > s.noise:
	case d[0]+reach <= 2*s.noise:
		s.found = append(s.found, middle)
	case d[1] > curved:
		if low != high {
			s.found = append(s.found, s.root(from, to, low))
		}
	default:
		sign := s.wave.sign(middle)
		s.arc(from, middle, low, sign)
		s.arc(middle, to, sign, high)
	}
}

// root is where the monotone wave changes from the sign low: Newton's method, held within the arc by
// bisection.
func (s *search) root(from, to float64, low int) float64 {
	x := from + (to-from)/2
	const most = 100
	for range most {
		d := s.wave.at(x)
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
