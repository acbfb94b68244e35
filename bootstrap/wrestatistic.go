package bootstrap

import (
	"math"

	"github.com/fieldexp/fieldexp/internal/invert"
)

// process is what draws are made from under a null, which is the ratio of sine and cosine of a direction. Its
// numbers are forms in the two, tau and first of degree one and spread of degree two.
type process struct {
	at       invert.Direction
	tau      []float64 // what the instruments move the outcome less the null's effect by
	spread   float64   // sum of squares of the structural residual
	ofD, ofY float64   // its products with the residuals of endogenous column and outcome
	first    []float64 // spread over cosine times the coefficients of the first stage, net of the residual
}

// under is the process that obeys a null: outcome less the null times the endogenous column regressed
// on the exogenous columns, and the endogenous column on all columns and that regression's residual.
func (w *wre) under(at invert.Direction) *process {
	c, s := at.Cos, at.Sin
	p := &process{at: at, tau: make([]float64, w.l), first: make([]float64, w.l),
		spread: c*c - 2*c*s*w.yd + s*s, ofD: c*w.yd - s, ofY: c - s*w.yd}
	for i := range w.l {
		p.tau[i] = c*w.py[i] - s*w.pd[i]
		p.first[i] = p.ofY*w.pd[i] - p.ofD*w.py[i]
	}
	return p
}

// wreSpace is the scratch memory of one goroutine.
type wreSpace struct{ f, a, h, g, e []float64 }

func (w *wre) newSpace() *wreSpace {
	of := func(n int) []float64 { return make([]float64, n) }
	return &wreSpace{of(w.size), of(w.l), of(w.l), of(w.l), of(w.l)}
}

// statistic is the cosine times the t of draw b under a process, without a small-sample factor, as a numerator
// and the square of its denominator. With several instruments they are forms of degree 7 and 12. With
// one, where powers of what it moves the endogenous column by cancel, they are of degree 3 and 4.
//
// With h and g what the instruments move the drawn endogenous column and outcome by, both times
// spread, and a what they move the outcome less the null's effect by, the estimate is h'g/h'h and the
// numerator h'a h'h. A power of the cosine cancels in every cluster's score, and has been left out.
func (w *wre) statistic(p *process, b int, space *wreSpace) (numerator, variance float64) {
	l, c, s := w.l, p.at.Cos, p.at.Sin
	sums := w.c[b*(2+l)*l:]
	a, h, g, e := space.a, space.h, space.g, space.e
	for i := range l {
		shock := 0.0 // of the structural residual's dependence on the instruments
		for j, tau := range p.tau {
			shock += tau * sums[(2+j)*l+i]
		}
		y, d := w.py[i]+sums[i], w.pd[i]+sums[l+i]
		a[i] = c*sums[i] - s*sums[l+i] + shock
		h[i] = p.spread*d + p.ofD*(shock-p.tau[i])
		g[i] = p.spread*y + p.ofY*(shock-p.tau[i])
		e[i] = p.ofY*d - p.ofD*y
	}
	ha, hh, hg, he := a[0], h[0], g[0], e[0]
	if l == 1 {
		h[0] = 1
	} else {
		ha, hh, hg, he = dot(h, a), dot(h, h), dot(h, g), dot(h, e)
	}
	f := space.f
	for i := range l {
		f[i] = h[i] * hh
		f[l+i] = -h[i] * hg
		for j, tau := range p.tau {
			f[(2+j)*l+i] = h[i] * tau * he
			f[(2+l)*l+i*l+j] = -ha * h[i] * p.first[j]
		}
	}
	return ha * hh, w.form(f, b)
}

// form is the quadratic form of draw b in weights of the clusters' pieces.
func (w *wre) form(f []float64, b int) float64 {
	sum, at := 0.0, b*w.size*(w.size+1)/2
	for i, x := range f {
		row := w.squares[at : at+i+1]
		for j, square := range row[:i] {
			sum += 2 * x * f[j] * square
		}
		sum += x * x * row[i]
		at += i + 1
	}
	return sum
}

// t is the statistic times the cosine, with the small-sample factor of the result; NaN where it has no
// variance.
func (w *wre) t(p *process, b int, space *wreSpace) float64 {
	numerator, variance := w.statistic(p, b, space)
	if !(variance > 0) {
		return math.NaN()
	}
	return numerator / math.Sqrt(variance*w.m.result.Factor)
}
