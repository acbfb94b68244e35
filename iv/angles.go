package iv

import (
	"cmp"
	"math"
	"slices"

	"github.com/fieldexp/fieldexp/internal/invert"
)

// crossings lists the angles from -pi/2 to pi/2 at which the determinant of limit V - g g' is zero:
// no fewer than those at which the Anderson-Rubin statistic crosses the limit, since it is below where that
// matrix is positive definite.
func (q *linearMoments) crossings(limit float64) ([]float64, bool) {
	m := q.polynomial(limit)
	if q.l == 1 {
		return quadraticAngles(m[0].At(0, 0), m[1].At(0, 0), m[2].At(0, 0)), true
	}
	if angles, ok := q.singularAngles(m); ok {
		return angles, true
	}
	return q.signChanges(&contrast{q: q, a: limit})
}

// levels lists the angles from -pi/2 to pi/2 at which Kleibergen's statistic N^2/M is a + b times the
// Anderson-Rubin statistic A, with N = D'V^-1 g and M = D'V^-1 D.
func (q *linearMoments) levels(a, b float64) ([]float64, bool) {
	if angles, ok := q.eigenLevels(a, b); ok {
		return angles, true
	}
	return q.signChanges(&contrast{q: q, a: a, b: b, lm: true})
}

// signChanges lists the angles from -pi/2 to pi/2 at which a contrast changes its sign. It takes longer than
// eigenvalues and cannot fail, but where V is singular at most angles.
func (q *linearMoments) signChanges(f *contrast) ([]float64, bool) {
	const arcs = 8
	return invert.SignChanges(f, -math.Pi/2, math.Pi/2, arcs)
}

// verdict is what a test says of an angle.
type verdict int

const (
	rejected verdict = iota
	accepted
	undefined
)

// set is the effects at whose angles excess is not above zero, where it changes its sign at or near the roots.
func (q *linearMoments) set(roots []float64, level float64, excess func(angle float64) float64) Set {
	test := func(angle float64) verdict {
		switch x := excess(angle); {
		case math.IsNaN(x):
			return undefined
		case x <= 0:
			return accepted
		}
		return rejected
	}
	first, changes := invert.Changes(roots, true, test)
	unknown := func(c invert.Change[verdict]) bool { return c.After == undefined }
	if first == undefined || slices.ContainsFunc(changes, unknown) {
		return Set{Level: level, Reason: singularSet + " at some values of the effect"}
	}
	// Changes may have been located beyond the right angle that infinity is at: they go back to the line.
	for i := range changes {
		angle := changes[i].Locate(test)
		changes[i].Angle = angle - math.Pi*math.Round(angle/math.Pi)
	}
	slices.SortFunc(changes, func(a, b invert.Change[verdict]) int { return cmp.Compare(a.Angle, b.Angle) })
	ends := make([]float64, len(changes))
	for i, c := range changes {
		ends[i], first = q.Effect(c.Angle), c.After // at last, what is found at infinity
	}
	return Set{Level: level, Pieces: invert.Pieces(first == accepted, ends)}
}
