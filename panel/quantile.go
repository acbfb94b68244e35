package panel

import (
	"errors"
	"fmt"
	"math"
	"slices"
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
		return nil, errors.New("panel: no quantile of no values")
	}
	slices.Sort(sorted)
	out := make([]float64, len(probabilities))
	for i, p := range probabilities {
		if !(p >= 0 && p <= 1) {
			return nil, fmt.Errorf("panel: quantile at %v; a probability is between 0 and 1", p)
		}
		out[i] = quantileSorted(sorted, p)
	}
	return out, nil
}

// quantileSorted interpolates in the very steps that R takes, positions counted from one: a cut point
// that is a value of the sample must come out as it does there, or the value changes its group.
func quantileSorted(sorted []float64, p float64) float64 {
	at := 1 + float64(float64(len(sorted)-1)*p)
	below := math.Floor(at)
	low, high := sorted[int(below)-1], sorted[int(math.Ceil(at))-1]
	if low == high {
		return low
	}
	weight := at - below
	return float64((1-weight)*low) + float64(weight*high)
}
