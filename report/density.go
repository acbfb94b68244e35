package report

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
)

const densityPoints = 512

// density estimates the density of sorted values with a Gaussian kernel and R's default bandwidth
// (bw.nrd0: Silverman's rule of thumb), at points that reach three bandwidths beyond the values.
func density(sorted []float64) (x, y []float64) {
	// A kernel narrower than can be seen would fall between the points.
	h := math.Max(bandwidth(sorted), (sorted[len(sorted)-1]-sorted[0])/200)
	lo, hi := sorted[0]-3*h, sorted[len(sorted)-1]+3*h
	x = floats.Span(make([]float64, densityPoints), lo, hi)
	step := x[1] - x[0]
	mass := make([]float64, densityPoints)
	for _, v := range sorted { // each value shared between the two points next to it
		at := (v - lo) / step
		i := min(int(at), densityPoints-2)
		part := at - float64(i)
		mass[i] += 1 - part
		mass[i+1] += part
	}
	reach := int(math.Ceil(4 * h / step))
	kernel := make([]float64, reach+1)
	total := -1.0
	for i := range kernel {
		z := float64(i) * step / h
		kernel[i] = math.Exp(-z * z / 2)
		total += 2 * kernel[i]
	}
	// Scaled by its own sum, the kernel has mass one.
	floats.Scale(1/(total*step*float64(len(sorted))), kernel)
	y = make([]float64, densityPoints)
	for i := range y {
		for j := max(0, i-reach); j <= min(densityPoints-1, i+reach); j++ {
			y[i] += mass[j] * kernel[max(i-j, j-i)]
		}
	}
	return x, y
}

// bandwidth is 0.9 times the smaller of the standard deviation and the interquartile range over
// 1.34, over the fifth root of n; where the values are alike, it is as wide as they are large.
func bandwidth(sorted []float64) float64 {
	n := float64(len(sorted))
	spread := 0.0
	if len(sorted) > 1 {
		spread = stat.StdDev(sorted, nil)
		if q := (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / 1.34; q > 0 {
			spread = math.Min(spread, q)
		}
	}
	const least = 1e-300 // below this, steps of a hundredth of it are no longer numbers
	if spread < least {
		spread = math.Abs(sorted[0])
	}
	if spread < least {
		spread = 1
	}
	return 0.9 * spread * math.Pow(n, -0.2)
}

// quantile is R's type 7 quantile of sorted values.
func quantile(sorted []float64, p float64) float64 {
	at := p * float64(len(sorted)-1)
	i := min(int(at), len(sorted)-2)
	if i < 0 {
		return sorted[0]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

// cumulative is the empirical distribution function at its steps or, where there are very many,
// at evenly spaced points.
func cumulative(sorted []float64) (x, y []float64) {
	distinct := slices.Compact(slices.Clone(sorted))
	if len(distinct) > densityPoints {
		distinct = floats.Span(make([]float64, densityPoints), sorted[0], sorted[len(sorted)-1])
	}
	x, y = []float64{distinct[0]}, []float64{0}
	for _, v := range distinct {
		after, _ := slices.BinarySearchFunc(sorted, v, func(a, b float64) int {
			if a <= b {
				return -1
			}
			return 1
		})
		x, y = append(x, v), append(y, float64(after)/float64(len(sorted)))
	}
	return x, y
}

// bins are the edges of a histogram of all samples: around each whole number where the values are
// a few whole numbers, otherwise evenly spaced at round numbers.
func bins(samples [][]float64, about int) []float64 {
	var all span
	whole := true
	most := 0
	for _, s := range samples {
		all.add(s[0], s[len(s)-1])
		most = max(most, len(s))
		whole = whole && !slices.ContainsFunc(s, func(x float64) bool { return x != math.Trunc(x) })
	}
	if about <= 0 {
		about = min(max(int(math.Sqrt(float64(most))), 5), 30)
		if whole && all.max-all.min < 30 {
			return edges(all.min-0.5, 1, int(all.max-all.min)+1)
		}
	}
	width := all.max - all.min
	if width <= 1e-9*math.Abs(all.max) {
		padded := all.padded(0)
		return []float64{padded.min, padded.max}
	}
	step, _ := niceStep(width / float64(about))
	first := math.Floor(all.min/step + 1e-9)
	n := max(int(math.Ceil(all.max/step-first-1e-9)), 1)
	return edges(first*step, step, n)
}

func edges(first, step float64, n int) []float64 {
	e := make([]float64, n+1)
	for i := range e {
		e[i] = first + step*float64(i)
	}
	return e
}

// shares are the parts of a sorted sample within each pair of edges; the last includes its end.
func shares(sorted, edges []float64) []float64 {
	part := make([]float64, len(edges)-1)
	i := 0
	for _, v := range sorted {
		for i < len(part)-1 && v >= edges[i+1] {
			i++
		}
		part[i] += 1 / float64(len(sorted))
	}
	return part
}
