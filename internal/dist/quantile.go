package dist

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// FQuantile is the f below which a share p of the F distribution with df1 and df2 degrees of
// freedom lies; an infinite df2 stands for chi-squared(df1) over df1.
func FQuantile(p, df1, df2 float64) float64 {
	if df1 == 1 {
		t := TQuantile(0.5+p/2, df2)
		return t * t
	}
	return upperQuantile(p, func(f float64) float64 { return FTail(f, df1, df2) })
}

// ChiSquaredQuantile is the x below which a share p of the chi-squared distribution with df degrees
// of freedom lies.
func ChiSquaredQuantile(p, df float64) float64 { return df * FQuantile(p, df, math.Inf(1)) }

// NoncentralChiSquaredTail is P(X > x) for a chi-squared variable with df degrees of freedom, which
// need not be whole, and a noncentrality parameter: the tails of chi-squared variables with
// df, df+2, df+4, ... degrees of freedom, weighted by Poisson probabilities.
func NoncentralChiSquaredTail(x, df, noncentrality float64) float64 {
	switch {
	case math.IsNaN(x) || math.IsNaN(noncentrality) || df <= 0 || noncentrality < 0:
		return math.NaN()
	case x <= 0:
		return 1
	case noncentrality == 0:
		return ChiSquaredTail(x, df)
	case df == 1: // the square of a normal variable
		mean := math.Sqrt(noncentrality)
		return (math.Erfc((math.Sqrt(x)-mean)/math.Sqrt2) + math.Erfc((math.Sqrt(x)+mean)/math.Sqrt2)) / 2
	}
	half := noncentrality / 2
	weight := func(j float64) float64 {
		log, _ := math.Lgamma(j + 1)
		return math.Exp(j*math.Log(half) - half - log)
	}
	middle, sum := math.Floor(half), 0.0
	for j := middle; ; j++ {
		w := weight(j)
		sum += w * mathext.GammaIncRegComp(df/2+j, x/2)
		if w < 1e-17 {
			break
		}
	}
	for j := middle - 1; j >= 0; j-- {
		w := weight(j)
		sum += w * mathext.GammaIncRegComp(df/2+j, x/2)
		if w < 1e-17 {
			break
		}
	}
	return sum
}

// NoncentralChiSquaredQuantile is the x below which a share p of that distribution lies.
func NoncentralChiSquaredQuantile(p, df, noncentrality float64) float64 {
	return upperQuantile(p, func(x float64) float64 { return NoncentralChiSquaredTail(x, df, noncentrality) })
}

// upperQuantile finds the positive x at which a decreasing tail probability is 1-p: it doubles
// an upper bound until the tail is smaller, and bisects until no float lies between.
func upperQuantile(p float64, tail func(x float64) float64) float64 {
	switch {
	case !(p >= 0 && p <= 1) || math.IsNaN(tail(1)):
		return math.NaN()
	case p == 0:
		return 0
	case p == 1:
		return math.Inf(1)
	}
	low, high := 0.0, 1.0
	for tail(high) > 1-p {
		low, high = high, 2*high
		if math.IsInf(high, 1) {
			return math.NaN()
		}
	}
	for {
		middle := low + (high-low)/2
		if middle <= low || middle >= high {
			return middle
		}
		if tail(middle) > 1-p {
			low = middle
		} else {
			high = middle
		}
	}
}
