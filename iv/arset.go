package iv

import (
	"fmt"
	"math"
	"math/cmplx"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/internal/dist"
)

// AndersonRubinSet is the set of the effects that AndersonRubin does not reject, at the result's level,
// for one endogenous column. It is exact: the statistic is a ratio of polynomials of degree 2L in
// the effect, with L instruments; their real roots cut the line into pieces, and each piece is
// tested. With one instrument the polynomial is quadratic and solved in closed form.
//
// The set contains the two-stage estimate where there is one instrument; with several it contains
// the value at which the statistic is smallest, or is empty.
func (r *Result) AndersonRubinSet() Set { return r.AndersonRubinSetGiven() }

// AndersonRubinSetGiven is AndersonRubinSet when instruments have the given direct effects on the
// outcome, beside those through the endogenous column: one for each of Instruments, or none for zero
// throughout. It says what is left of a conclusion when exclusion fails by as much (Conley, Hansen and
// Rossi 2012).
func (r *Result) AndersonRubinSetGiven(direct ...float64) Set {
	e, reason := r.evidence()
	if reason == "" && len(direct) > 0 {
		reason = e.subtract(direct)
	}
	if reason == "" && e.p > 1 {
		reason = fmt.Sprintf("the set is computed for one endogenous column, and there are %d; AndersonRubin tests values of all", e.p)
	}
	if reason != "" {
		return Set{Level: r.Level, Reason: reason}
	}
	limit := float64(e.l) * dist.FQuantile(r.Level, float64(e.l), e.df)
	q := e.inequality(limit)
	roots, ok := q.roots()
	if !ok {
		return Set{Level: r.Level, Reason: "the covariance of the instruments' coefficients is singular"}
	}
	return q.pieces(roots, r.Level)
}

// subtract takes direct effects of the instruments out of the reduced form.
func (e *evidence) subtract(direct []float64) (reason string) {
	if len(direct) != e.l {
		return fmt.Sprintf("%d direct effect(s) for %d instrument(s)", len(direct), e.l)
	}
	changed := *e.system
	changed.coef = mat.DenseCopyOf(changed.coef)
	for i, v := range direct {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Sprintf("%g is not a direct effect", v)
		}
		changed.coef.Set(i, 0, changed.coef.At(i, 0)-v)
	}
	e.system = &changed
	return ""
}

// inequality is the condition that a value b of the effect is in the set: that limit V(b) - g(b) g(b)' is
// positive semidefinite, where g(b) = d - b p are the instruments' coefficients at b, and V(b) their
// covariance. Values are angles: b = unit tan(angle), so that infinity is a value like others, at a
// right angle. Instruments are scaled to first stages of variance one, which changes nothing but
// keeps digits.
type inequality struct {
	l     int
	unit  float64
	limit float64
	d, p  *mat.VecDense
	v     [3]*mat.SymDense // of d, between d and p (twice the symmetric part), of p
}

func (e *evidence) inequality(limit float64) *inequality {
	q := &inequality{l: e.l, limit: limit, d: mat.NewVecDense(e.l, nil), p: mat.NewVecDense(e.l, nil)}
	size := make([]float64, e.l)
	for i := range size {
		size[i] = math.Sqrt(e.joint.At(e.l+i, e.l+i))
		q.unit += e.joint.At(i, i) / (size[i] * size[i]) / float64(e.l)
	}
	q.unit = math.Sqrt(q.unit)
	for i := range q.v {
		q.v[i] = mat.NewSymDense(e.l, nil)
	}
	for a := range e.l {
		q.d.SetVec(a, e.coef.At(a, 0)/size[a])
		q.p.SetVec(a, q.unit*e.coef.At(a, 1)/size[a])
		for b := a; b < e.l; b++ {
			scale := size[a] * size[b]
			q.v[0].SetSym(a, b, e.joint.At(a, b)/scale)
			q.v[1].SetSym(a, b, q.unit*(e.joint.At(a, e.l+b)+e.joint.At(b, e.l+a))/scale)
			q.v[2].SetSym(a, b, q.unit*q.unit*e.joint.At(e.l+a, e.l+b)/scale)
		}
	}
	return q
}

// at is the coefficients and their covariance for the outcome times c less the endogenous column
// times s (in units).
func (q *inequality) at(c, s float64) (g *mat.VecDense, v *mat.SymDense) {
	g = mat.NewVecDense(q.l, nil)
	g.AddScaledVec(g, c, q.d)
	g.AddScaledVec(g, -s, q.p)
	v = mat.NewSymDense(q.l, nil)
	var part mat.SymDense
	for i, x := range []float64{c * c, -c * s, s * s} {
		part.ScaleSym(x, q.v[i])
		v.AddSym(v, &part)
	}
	return g, v
}

// excess is the statistic less its limit at an angle, over the limit.
func (q *inequality) excess(angle float64) float64 {
	s, c := math.Sincos(angle)
	return form(q.at(c, s))/q.limit - 1
}

// roots lists the angles from -pi/2 to pi/2 at which the determinant of limit V - g g' is zero: no
// fewer than those at which the statistic crosses its limit.
func (q *inequality) roots() ([]float64, bool) {
	m := q.polynomial()
	if q.l == 1 {
		return quadraticAngles(m[0].At(0, 0), m[1].At(0, 0), m[2].At(0, 0)), true
	}
	return eigenAngles(m)
}

// polynomial holds the matrices of limit V - g g' at (c, s): c c m0 + c s m1 + s s m2.
func (q *inequality) polynomial() (m [3]*mat.SymDense) {
	var outer [3]mat.Dense
	outer[0].Outer(1, q.d, q.d)
	outer[1].Outer(1, q.d, q.p)
	outer[2].Outer(1, q.p, q.p)
	for i, sign := range []float64{1, -1, 1} {
		m[i] = mat.NewSymDense(q.l, nil)
		for a := range q.l {
			for b := a; b < q.l; b++ {
				gg := outer[i].At(a, b)
				if i == 1 {
					gg += outer[i].At(b, a)
				}
				m[i].SetSym(a, b, sign*(q.limit*q.v[i].At(a, b)-gg))
			}
		}
	}
	return m
}

// quadraticAngles solves c c m0 + c s m1 + s s m2 = 0 for the angle.
func quadraticAngles(m0, m1, m2 float64) []float64 {
	root := m1*m1 - 4*m0*m2
	if root < 0 || m0 == 0 && m1 == 0 && m2 == 0 {
		return nil
	}
	// tan = half/m2 and tan = m0/half, without cancellation.
	half := -(m1 + math.Copysign(math.Sqrt(root), m1)) / 2
	return []float64{lineAngle(m2, half), lineAngle(half, m0)}
}

// lineAngle is the angle of the direction (c, s), between -pi/2 and pi/2.
func lineAngle(c, s float64) float64 {
	if c < 0 {
		c, s = -c, -s
	}
	return math.Atan2(s, c)
}

// eigenAngles finds where c c m0 + c s m1 + s s m2 is singular: a quadratic eigenvalue problem. It is turned
// so that the matrix of the square is far from singular, and solved by its companion matrix.
func eigenAngles(m [3]*mat.SymDense) ([]float64, bool) {
	const turns = 16
	at := func(angle float64) *mat.SymDense {
		s, c := math.Sincos(angle)
		return blend(m, c*c, c*s, s*s)
	}
	best, turn := -1.0, 0.0
	for i := range turns {
		angle := math.Pi * float64(i) / turns
		values, _, ok := eigen(at(angle))
		if !ok {
			return nil, false
		}
		smallest, largest := math.Inf(1), 0.0
		for _, v := range values {
			smallest, largest = min(smallest, math.Abs(v)), max(largest, math.Abs(v))
		}
		if share := smallest / largest; share > best {
			best, turn = share, angle
		}
	}
	l := m[0].SymmetricDim()
	s, c := math.Sincos(turn)
	// Directions t (c, s) + (-s, c): the matrices of 1, t and t t.
	constant, linear, square := blend(m, s*s, -c*s, c*c), blend(m, -2*c*s, c*c-s*s, 2*c*s), at(turn)
	var lower, upper mat.Dense
	if lower.Solve(square, constant) != nil || upper.Solve(square, linear) != nil {
		return nil, false
	}
	companion := mat.NewDense(2*l, 2*l, nil)
	for i := range l {
		companion.Set(i, l+i, 1)
		for j := range l {
			companion.Set(l+i, j, -lower.At(i, j))
			companion.Set(l+i, l+j, -upper.At(i, j))
		}
	}
	var roots mat.Eigen
	if !roots.Factorize(companion, mat.EigenNone) {
		return nil, false
	}
	var angles []float64
	for _, t := range roots.Values(nil) {
		// A pair of nearly equal roots may come out as complex by rounding. Roots that are not
		// crossings do no harm: the pieces on both sides are tested.
		if math.Abs(imag(t)) <= 1e-5*(1+cmplx.Abs(t)) {
			angles = append(angles, lineAngle(real(t)*c-s, real(t)*s+c))
		}
	}
	return angles, true
}

func blend(m [3]*mat.SymDense, weights ...float64) *mat.SymDense {
	sum := mat.NewSymDense(m[0].SymmetricDim(), nil)
	var part mat.SymDense
	for i, w := range weights {
		part.ScaleSym(w, m[i])
		sum.AddSym(sum, &part)
	}
	return sum
}

// pieces tests the arcs between the roots, and joins those that are in the set.
func (q *inequality) pieces(roots []float64, level float64) Set {
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
		x := q.excess(m)
		if math.IsNaN(x) {
			return Set{Level: level, Reason: "the covariance of the instruments' coefficients is singular at some values of the effect"}
		}
		inside[i] = x <= 0
	}
	if len(roots) == 0 {
		if inside[0] {
			set.Pieces = [][2]float64{{math.Inf(-1), math.Inf(1)}}
		}
		return set
	}
	var borders []float64 // where the statistic crosses its limit
	for i, root := range roots {
		before, after := i, (i+1)%len(middles)
		if inside[before] != inside[after] {
			borders = append(borders, q.unit*math.Tan(q.refine(root, middles[before], middles[after])))
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

// refine takes a root to the last digits by bisection between the middles of the arcs on both sides,
// on which the statistic lies on different sides of its limit.
func (q *inequality) refine(root, before, after float64) float64 {
	for before > root {
		before -= math.Pi
	}
	for after < root {
		after += math.Pi
	}
	sign := q.excess(before) <= 0
	// Start with a narrow bracket around the root, where that brackets it.
	for _, width := range []float64{1e-11, 1e-8, 1e-5} {
		low, high := max(before, root-width), min(after, root+width)
		if (q.excess(low) <= 0) == sign && (q.excess(high) <= 0) != sign {
			before, after = low, high
			break
		}
	}
	for {
		middle := before + (after-before)/2
		if middle <= before || middle >= after {
			return middle
		}
		if (q.excess(middle) <= 0) == sign {
			before = middle
		} else {
			after = middle
		}
	}
}
