package invert

import "math"

// Polynomial is a trigonometric polynomial. A form of degree 2m in (cos a, sin a), which is what a polynomial of
// degree 2m in tan a becomes when infinity is a value like others, is one of order m in the doubled angle 2a.
type Polynomial struct {
	c            []float64 // the constant, then the cosine and sine coefficient of each order
	size, fourth float64   // bounds on it and on its fourth derivative
}

// Interpolation turns the values of trigonometric polynomials at equal steps of the angle into their
// coefficients: 2m+1 values determine one of order m, and no digits are lost on the way.
type Interpolation struct {
	order    int
	cos, sin []float64 // of step j times order k: at j*order+k-1
}

// NewInterpolation is that of polynomials of an order.
func NewInterpolation(order int) *Interpolation {
	n := 2*order + 1
	w := &Interpolation{order: order, cos: make([]float64, n*order), sin: make([]float64, n*order)}
	for j := range n {
		for k := 1; k <= order; k++ {
			w.sin[j*order+k-1], w.cos[j*order+k-1] = math.Sincos(2 * math.Pi * float64(j*k%n) / float64(n))
		}
	}
	return w
}

// Steps is the number of values.
func (w *Interpolation) Steps() int { return 2*w.order + 1 }

// Angle is that of step j, of a form.
func (w *Interpolation) Angle(j int) float64 { return math.Pi * float64(j) / float64(w.Steps()) }

// Through is the polynomial that has these values at the steps.
func (w *Interpolation) Through(values []float64) *Polynomial {
	n := float64(w.Steps())
	c := make([]float64, w.Steps())
	for j, v := range values {
		c[0] += v / n
		for k := range w.order {
			c[1+2*k] += 2 / n * v * w.cos[j*w.order+k]
			c[2+2*k] += 2 / n * v * w.sin[j*w.order+k]
		}
	}
	size, fourth := math.Abs(c[0]), 0.0
	for i := 1; i < len(c); i += 2 {
		order, amplitude := float64(i/2+1), math.Hypot(c[i], c[i+1])
		size += amplitude
		fourth += order * order * order * order * amplitude
	}
	return &Polynomial{c, size, fourth}
}

// Taylor is as Function says.
func (p *Polynomial) Taylor(x, _ float64) (d [4]float64, fourth, rounding float64) {
	sin1, cos1 := math.Sincos(x)
	c := p.c
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
	return d, p.fourth, 4e-16 * float64(len(c)) * p.size
}

// SignChanges are the places from 0 to 2 pi at which the polynomial changes its sign.
func (p *Polynomial) SignChanges() []float64 {
	if !(p.size > 0) || math.IsInf(p.size, 1) {
		return nil // zero throughout, or undefined
	}
	places, _ := SignChanges(p, 0, 2*math.Pi, len(p.c))
	return places
}
