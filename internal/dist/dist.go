// Package dist has the tail probabilities and quantiles that tests and intervals need, accurate
// far into the tails.
package dist

import (
	"math"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// TwoSided is P(|T| > |t|) for Student's t with df degrees of freedom; an infinite df stands for
// the normal distribution.
func TwoSided(t, df float64) float64 {
	switch {
	case math.IsNaN(t) || math.IsNaN(df):
		return math.NaN()
	case math.IsInf(t, 0):
		return 0
	case math.IsInf(df, 1):
		return math.Erfc(math.Abs(t) / math.Sqrt2)
	case t*t < 1:
		// Near the centre the other half of the beta integral is the one that keeps its digits.
		return 1 - mathext.RegIncBeta(0.5, df/2, t*t/(df+t*t))
	}
	return mathext.RegIncBeta(df/2, 0.5, df/(df+t*t))
}

// TQuantile is the t below which a share p of Student's distribution with df degrees of freedom
// lies; an infinite df stands for the normal distribution.
func TQuantile(p, df float64) float64 {
	if math.IsInf(df, 1) {
		return distuv.UnitNormal.Quantile(p)
	}
	if p == 0.5 {
		return 0
	}
	if p < 0.5 {
		return -TQuantile(1-p, df)
	}
	law := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}
	t := law.Quantile(p)
	// Newton's steps on the tail probability restore the digits that the inverse of the
	// incomplete beta function loses.
	for range 3 {
		density := law.Prob(t)
		if density == 0 || math.IsInf(t, 0) || math.IsNaN(t) {
			break
		}
		t += (TwoSided(t, df)/2 - (1 - p)) / density
	}
	return t
}

// FTail is P(F > f) for df1 and df2 degrees of freedom; an infinite df2 stands for chi-squared(df1)
// over df1.
func FTail(f, df1, df2 float64) float64 {
	switch {
	case math.IsNaN(f) || df1 <= 0 || df2 <= 0:
		return math.NaN()
	case f <= 0:
		return 1
	case math.IsInf(f, 1):
		return 0
	case math.IsInf(df2, 1):
		return ChiSquaredTail(f*df1, df1)
	case f < 1:
		return 1 - mathext.RegIncBeta(df1/2, df2/2, df1*f/(df2+df1*f))
	}
	return mathext.RegIncBeta(df2/2, df1/2, df2/(df2+df1*f))
}

// ChiSquaredTail is P(X > x) for a chi-squared variable with df degrees of freedom.
func ChiSquaredTail(x, df float64) float64 {
	switch {
	case math.IsNaN(x) || df <= 0:
		return math.NaN()
	case x <= 0:
		return 1
	case math.IsInf(x, 1):
		return 0
	}
	return mathext.GammaIncRegComp(df/2, x/2)
}
