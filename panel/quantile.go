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

// between is the ranks of the values, of n, that a quantile is at or between, and the weight of the second. A
// position within rounding of a rank is that rank.
func between(n int, p float64) (low, high int, weight float64) {
	at := float64(n-1) * p
	if rank := math.Round(at); math.Abs(at-rank) <= 0x1p-50*rank {
		return int(rank), int(rank), 0
	}
	below := math.Floor(at)
	return int(below), int(math.Ceil(at)), at - below
}

// betweenParts is between at k/parts, in whole numbers: a value of the sample that lies on a cut point is the cut point,
// where (n-1)*(k/parts) would miss it by rounding and put the value in the next group.
func betweenParts(n, k, parts int) (low, high int, weight float64) {
	low, rest := (n-1)*k/parts, (n-1)*k%parts
	if rest == 0 {
		return low, low, 0
	}
	return low, low + 1, float64(rest) / float64(parts)
}

// interpolate is between two values.
func interpolate(low, high, weight float64) float64 {
	if low == high {
		return low
	}
	return float64((1-weight)*low) + float64(weight*high)
}
