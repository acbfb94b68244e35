package panel

import (
	"fmt"
	"math"
	"slices"

	"github.com/fieldexp/fieldexp"
)

// Quantile returns sample quantiles of the values at the probabilities, as R's quantile does by
// default (type 7: linear interpolation between order statistics, with the smallest value at 0
// and the largest at 1). Missing values (NaN) are left out; values need not be sorted. The error
// says when no value is left, or when a probability is not between 0 and 1.
//
// R. J. Hyndman and Y. Fan, "Sample quantiles in statistical packages", 1996, definition 7.
func Quantile(values []float64, probabilities ...float64) ([]float64, error) {
	sorted := make([]float64, 0, len(values))
	for _, v := range values {
		if v == v {
			sorted = append(sorted, v)
		}
	}
	if len(sorted) == 0 {
		return nil, refuse(fieldexp.BadSpec, "a quantile of no values", "give at least one")
	}
	slices.Sort(sorted)
	out := make([]float64, len(probabilities))
	for i, p := range probabilities {
		if !(p >= 0 && p <= 1) {
			return nil, refuse(fieldexp.BadSpec, fmt.Sprintf("a quantile at %v", p), "give a probability between 0 and 1")
		}
		out[i] = quantileSorted(sorted, p)
	}
	return out, nil
}

// quantileSorted is a quantile of sorted values.
func quantileSorted(sorted []float64, p float64) float64 {
	low, high, weight := between(len(sorted), p)
	return interpolate(sorted[low], sorted[high], weight)
}

// between is the ranks of the values, of n, that a quantile is at or between, and the weight of the second: in the
// very steps that R takes, with positions counted from one. A cut point that is a value of the sample must come out
// as it does there, or the value changes its group.
func between(n int, p float64) (low, high int, weight float64) {
	at := 1 + float64(float64(n-1)*p)
	below := math.Floor(at)
	return int(below) - 1, int(math.Ceil(at)) - 1, at - below
}

// interpolate is between two values.
func interpolate(low, high, weight float64) float64 {
	if low == high {
		return low
	}
	return float64((1-weight)*low) + float64(weight*high)
}
