package iv

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/internal/dist"
)

// conditional is the conditional likelihood-ratio test at a level, as a function of the Anderson-Rubin
// statistic and Kleibergen's.
type conditional struct {
	l     int     // instruments
	alpha float64 // 1-level
	total float64 // the Anderson-Rubin statistic plus the strength that the test conditions on, at every value
}

// p is the p-value.
func (c *conditional) p(ar, lm float64) float64 {
	if math.IsNaN(ar) || math.IsNaN(lm) {
		return math.NaN()
	}
	strength := max(c.total-ar, 0)
	rest := ar - strength
	return conditionalTail((rest+math.Sqrt(rest*rest+4*lm*strength))/2, strength, c.l)
}

// critical is the critical value given the strength: it falls from the quantile of chi-squared with as many
// degrees of freedom as there are instruments to that with one, more slowly than the strength rises
// (Mikusheva 2010, lemma 1).
func (c *conditional) critical(strength float64) float64 {
	return rootBetween(dist.ChiSquaredQuantile(1-c.alpha, 1), dist.ChiSquaredQuantile(1-c.alpha, float64(c.l)), func(m float64) float64 {
		return c.alpha - conditionalTail(m, strength, c.l)
	})
}

// limit is what Kleibergen's statistic does not exceed where the test does not reject.
func (c *conditional) limit(ar float64) float64 {
	m := c.critical(c.total - ar)
	return m * (m + c.total - 2*ar) / (c.total - ar)
}

// between are the Anderson-Rubin statistic up to which the test never rejects, and that from which on it
// always does.
func (c *conditional) between() (low, high float64) {
	low = rootBetween(0, c.total, func(a float64) float64 { return a - c.critical(c.total-a) })
	high = rootBetween(c.total/2, c.total, func(a float64) float64 { return 2*a - c.total - c.critical(c.total-a) })
	return low, high
}

// classical is the Anderson-Rubin statistic up to which the test does not reject where the covariance is a
// Kronecker product and the largest Anderson-Rubin statistic of any value is as given (Mikusheva 2010).
func (c *conditional) classical(largest float64) float64 {
	if largest <= c.critical(0) {
		return c.total
	}
	return c.total - rootBetween(0, largest, func(s float64) float64 { return s + c.critical(s) - largest })
}

// chords is the number of chords that stand for limit.
const chords = 16

// nodes are the Anderson-Rubin statistics between which limit is replaced by a chord, and the limits at them:
// with constant critical values, they make the chords' errors equal.
func (c *conditional) nodes() (at, limits [chords + 1]float64) {
	low, high := c.between()
	from, to := 1/math.Sqrt(c.total-low), 1/math.Sqrt(c.total-high)
	for i := range at {
		root := from + (to-from)*float64(i)/chords
		at[i] = c.total - 1/(root*root)
		limits[i] = c.limit(at[i])
	}
	at[0], limits[0] = low, low
	at[chords], limits[chords] = high, 0
	return at, limits
}

// boundaries lists angles between which the test changes its mind at most within the error of the chords.
func (q *linearMoments) boundaries(c *conditional) (angles []float64, ok bool) {
	at, limits := c.nodes()
	for i := range at {
		more, ok := q.crossings(at[i])
		if !ok {
			return nil, false
		}
		angles = append(angles, more...)
		if i == 0 {
			continue
		}
		slope := (limits[i] - limits[i-1]) / (at[i] - at[i-1])
		if more, ok = q.levels(limits[i]-slope*at[i], slope); !ok {
			return nil, false
		}
		angles = append(angles, more...)
	}
	return angles, true
}

// largest is the largest Anderson-Rubin statistic of any value where the covariance is a Kronecker product,
// and so the identity at every angle.
func (q *linearMoments) largest() float64 {
	dd, dp, pp := mat.Dot(q.d, q.d), mat.Dot(q.d, q.p), mat.Dot(q.p, q.p)
	return (dd+pp)/2 + math.Hypot((dd-pp)/2, dp)
}

// rootBetween is where a function that is not above zero at low and not below at high crosses zero, by the
// Illinois form of false position.
func rootBetween(low, high float64, f func(x float64) float64) float64 {
	below, above := f(low), f(high)
	if below >= 0 {
		return low
	}
	if above <= 0 {
		return high
	}
	side := 0
	for {
		x := (low*above - high*below) / (above - below)
		if !(x > low && x < high) || high-low <= 1e-14*(math.Abs(low)+math.Abs(high)) {
			return x
		}
		switch y := f(x); {
		case y == 0:
			return x
		case y < 0:
			low, below = x, y
			if side < 0 {
				above /= 2
			}
			side = -1
		default:
			high, above = x, y
			if side > 0 {
				below /= 2
			}
			side = 1
		}
	}
}
