package iv

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// contrast is a function of the angle that is positive where a test does not reject and negative where it does:
// a - A, with the Anderson-Rubin statistic A, or (a + b A) M - N^2, with Kleibergen's statistic N^2/M.
type contrast struct {
	q    *linearMoments
	a, b float64
	lm   bool
}

// Taylor is as invert.Function says. Instruments are combined so that V is the identity at the angle. At x from
// there V is
//
//	I - sin(x) cos(x) (C + C') + sin(x)^2 (H - I)
//
// with the covariances C of h with g and H of h there, and g, h and their covariance are as simple; the series of
// V^-1 g and V^-1 D follow term by term. These are analytic for complex x up to a radius within which norms show
// that V is not singular, and norms bound the contrast there too, and so, by Cauchy's formula, its derivatives.
func (f *contrast) Taylor(angle, reach float64) (d [4]float64, fourth, rounding float64) {
	q := f.q
	s, c := math.Sincos(angle)
	var chol mat.Cholesky
	var lower, triangle mat.TriDense
	fourth = math.Inf(1)
	if !chol.Factorize(q.own(c*c, c*s, s*s)) {
		return d, fourth, 0
	}
	chol.LTo(&lower)
	if triangle.InverseTri(&lower) != nil {
		return d, fourth, 0
	}
	inverse := mat.DenseCopyOf(&triangle)
	white := func(m mat.Matrix) *mat.Dense {
		var w mat.Dense
		w.Product(inverse, m, inverse.T())
		return &w
	}
	w := whitened{across: white(q.across(c*c, c*s, s*s)), more: white(q.own(s*s, -c*s, c*c)), both: new(mat.Dense)}
	w.both.Add(w.across, w.across.T())
	for i := range q.l {
		w.more.Set(i, i, w.more.At(i, i)-1)
	}
	g, h := product(inverse, q.tested(c, s).RawVector().Data), product(inverse, q.rest(c, s).RawVector().Data)
	gs := series{g, scaled(-1, h), scaled(-1./2, g), scaled(1./6, h)}
	x := w.solve(gs)
	ar := gs.dot(x)
	if f.lm {
		rest := w.rest(series{h, g, scaled(-1./2, h), scaled(-1./6, g)}, x)
		n, m := rest.dot(x), rest.dot(w.solve(rest))
		for k := range d {
			for i := range k + 1 {
				d[k] += f.b*ar[i]*m[k-i] - n[i]*n[k-i]
			}
			d[k] += f.a * m[k]
		}
	} else {
		d = [4]float64{f.a - ar[0], -ar[1], -ar[2], -ar[3]}
	}
	d[2], d[3] = 2*d[2], 6*d[3]
	if reach == 0 {
		return d, fourth, 0
	}
	bound := f.bound(floats.Norm(g, 2), floats.Norm(h, 2), mat.Norm(w.across, 2), mat.Norm(w.both, 2), mat.Norm(w.more, 2))
	for times := 3.0; times < 1e5; times *= 2 { // the radius, in reaches
		fourth = min(fourth, 24*bound(times*reach)/math.Pow((times-1)*reach, 4))
	}
	return d, fourth, 1e-14 * bound(0)
}

// bound is how large the contrast can be for complex x up to a radius, given the norms at zero.
func (f *contrast) bound(g, h, across, both, more float64) func(radius float64) float64 {
	return func(radius float64) float64 {
		s, c := math.Sinh(radius), math.Cosh(radius)
		apart := s*c*both + s*s*more // of V from the identity
		if !(apart < 0.9) {
			return math.Inf(1)
		}
		tested := c*g + s*h
		x := tested / (1 - apart)
		if !f.lm {
			return math.Abs(f.a) + tested*x
		}
		rest := c*h + s*g + (s*c*more+(s*s+c*c)*across)*x
		return (math.Abs(f.a)+math.Abs(f.b)*tested*x)*rest*rest/(1-apart) + rest*rest*x*x
	}
}

// whitened holds covariances where instruments are combined so that that of g is the identity.
type whitened struct {
	across, both, more *mat.Dense // C, C + C' and H - I
}

// series is the first terms of a power series of vectors.
type series [4][]float64

// solve is V^-1 b.
func (w *whitened) solve(b series) (x series) {
	var both, more series
	for k := range x {
		x[k] = slices.Clone(b[k])
		if k >= 1 {
			floats.Add(x[k], both[k-1])
		}
		if k >= 2 {
			floats.Sub(x[k], more[k-2])
		}
		if k >= 3 {
			floats.AddScaled(x[k], -2./3, both[k-3])
		}
		both[k], more[k] = product(w.both, x[k]), product(w.more, x[k])
	}
	return x
}

// rest is h less the covariance of h with g times x.
func (w *whitened) rest(h, x series) (d series) {
	for k := range d {
		d[k] = slices.Clone(h[k])
		floats.Sub(d[k], product(w.across, x[k]))
		if k >= 1 {
			floats.Add(d[k], product(w.more, x[k-1]))
		}
		if k >= 2 {
			floats.Add(d[k], product(w.both, x[k-2]))
		}
		if k >= 3 {
			floats.AddScaled(d[k], -2./3, product(w.more, x[k-3]))
		}
	}
	return d
}

// dot is the product of vectors.
func (a series) dot(b series) (p [4]float64) {
	for k := range p {
		for i := range k + 1 {
			p[k] += floats.Dot(a[i], b[k-i])
		}
	}
	return p
}

func product(m *mat.Dense, x []float64) []float64 {
	y := make([]float64, len(x))
	for i := range y {
		y[i] = floats.Dot(m.RawRowView(i), x)
	}
	return y
}

func scaled(by float64, x []float64) []float64 {
	return floats.ScaleTo(make([]float64, len(x)), by, x)
}
