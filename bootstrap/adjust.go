package bootstrap

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/fieldexp/fieldexp"
)

// Adjustment is a way to allow for many hypotheses when all that is known is their p-values.
type Adjustment int

const (
	// Bonferroni multiplies by the number of hypotheses. Like Holm it controls the chance of any
	// false rejection, whatever the dependence.
	Bonferroni Adjustment = iota
	// Holm steps down, and rejects whatever Bonferroni does (Holm 1979).
	Holm
	// Hochberg steps up: for p-values that are independent or positively dependent (Hochberg 1988).
	Hochberg
	// Hommel rejects whatever Hochberg does, under the same condition (Hommel 1988).
	Hommel
	// Sidak is exact for independent p-values.
	Sidak
	// HolmSidak steps down with Sidak's correction.
	HolmSidak
	// BH controls the expected share of false rejections among all, for p-values that are
	// independent or positively dependent (Benjamini and Hochberg 1995).
	BH
	// BY does so whatever the dependence (Benjamini and Yekutieli 2001).
	BY
	// SharpenedQ is the sharpened two-stage q-value of Benjamini, Krieger and Yekutieli (2006) as
	// in Anderson (2008): the smallest false discovery rate at which their two-stage procedure
	// rejects. A first stage estimates how many hypotheses are true, so that q-values can be
	// smaller than the p-values. They are computed exactly, where Anderson's program goes through
	// a grid of thousandths.
	SharpenedQ
)

var adjustments = [...]string{"Bonferroni", "Holm", "Hochberg", "Hommel", "Sidak", "Holm-Sidak", "Benjamini-Hochberg", "Benjamini-Yekutieli", "sharpened q"}

// String is the name that tables print.
func (a Adjustment) String() string {
	if a < Bonferroni || a > SharpenedQ {
		return fmt.Sprintf("Adjustment(%d)", int(a))
	}
	return adjustments[a]
}

// Adjust adjusts p-values for their number, in the order given. An adjusted p-value (or q-value) is
// the smallest level at which the method rejects that hypothesis. All but Sidak, HolmSidak and
// SharpenedQ are R's p.adjust.
//
// The methods do not know how the p-values depend on each other. StepDown does, from draws that the
// hypotheses have in common, and rejects more.
//
// The error is a *fieldexp.Error for what is no p-value.
func Adjust(p []float64, method Adjustment) ([]float64, error) {
	if method < Bonferroni || method > SharpenedQ {
		return nil, bad(fieldexp.BadSpec, method.String()+" is not an adjustment",
			"use {Bonferroni}, {Holm}, {Hochberg}, {Hommel}, {Sidak}, {HolmSidak}, {BH}, {BY} or {SharpenedQ}")
	}
	sorted, err := sortP(p)
	if err != nil {
		return nil, err
	}
	values := make([]float64, len(p))
	for rank, i := range sorted {
		values[rank] = p[i]
	}
	adjusted := adjust(values, method)
	out := make([]float64, len(p))
	for rank, i := range sorted {
		out[i] = math.Min(1, adjusted[rank])
	}
	return out, nil
}

// TwoStageQ adjusts p-values by the two-stage procedure of Benjamini, Krieger and Yekutieli (2006) at
// one level: hypotheses whose adjusted value is at most the level are rejected by it, and values
// mean nothing at other levels. It is statsmodels' fdr_tsbky; SharpenedQ serves all levels.
//
// The error is a *fieldexp.Error for what is no p-value and no level.
func TwoStageQ(p []float64, level float64) ([]float64, error) {
	if !(level > 0 && level < 1) {
		return nil, bad(fieldexp.BadSpec, fmt.Sprintf("a false discovery rate of %g", level),
			"give a share between 0 and 1, such as 0.05")
	}
	q, err := Adjust(p, BH)
	if err != nil {
		return nil, err
	}
	rejected := 0
	for _, v := range q {
		if v <= level/(1+level) {
			rejected++
		}
	}
	for i := range q {
		q[i] = math.Min(1, q[i]*(1+level)*float64(len(q)-rejected)/float64(len(q)))
	}
	return q, nil
}

// sortP lists the places of the p-values, the smallest first.
func sortP(p []float64) ([]int, error) {
	order := make([]int, len(p))
	for i, v := range p {
		if !(v >= 0 && v <= 1) {
			return nil, bad(fieldexp.BadSpec, fmt.Sprintf("p-value %d of %d is %g", i+1, len(p), v),
				"give p-values between 0 and 1, and leave out hypotheses that could not be tested")
		}
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	return order, nil
}

// adjust adjusts p-values in increasing order.
func adjust(p []float64, method Adjustment) []float64 {
	n := float64(len(p))
	switch method {
	case Bonferroni:
		return each(p, func(_ int, v float64) float64 { return n * v })
	case Holm:
		return rising(each(p, func(i int, v float64) float64 { return (n - float64(i)) * v }))
	case Hochberg:
		return falling(each(p, func(i int, v float64) float64 { return (n - float64(i)) * v }))
	case Hommel:
		return hommel(p)
	case Sidak:
		return each(p, func(_ int, v float64) float64 { return anyOf(v, n) })
	case HolmSidak:
		return rising(each(p, func(i int, v float64) float64 { return anyOf(v, n-float64(i)) }))
	case BY:
		harmonic := 0.0
		for i := range p {
			harmonic += 1 / float64(i+1)
		}
		return falling(each(p, func(i int, v float64) float64 { return harmonic * n / float64(i+1) * v }))
	}
	bh := falling(each(p, func(i int, v float64) float64 { return n / float64(i+1) * v }))
	if method == SharpenedQ {
		return sharpen(bh)
	}
	return bh
}

func each(p []float64, f func(i int, v float64) float64) []float64 {
	out := make([]float64, len(p))
	for i, v := range p {
		out[i] = f(i, v)
	}
	return out
}

// anyOf is the chance that one of n independent p-values or more is at most v.
func anyOf(v, n float64) float64 { return -math.Expm1(n * math.Log1p(-v)) }

// rising replaces each value by the largest up to it.
func rising(v []float64) []float64 {
	for i := 1; i < len(v); i++ {
		v[i] = math.Max(v[i], v[i-1])
	}
	return v
}

// falling replaces each value by the smallest from it on.
func falling(v []float64) []float64 {
	for i := len(v) - 2; i >= 0; i-- {
		v[i] = math.Min(v[i], v[i+1])
	}
	return v
}

// hommel is the smallest level at which Simes's test rejects every intersection that a hypothesis
// is in. An intersection of m hypotheses is hardest to reject when it holds the largest p-values;
// hypothesis i is in the hardest of size m or stands in for the smallest of it.
func hommel(p []float64) []float64 {
	n := len(p)
	adjusted := slices.Clone(p)
	for m := 2; m <= n; m++ {
		simes := math.Inf(1) // of the m-1 largest, in the ranks that they have among m
		for j := 2; j <= m; j++ {
			simes = math.Min(simes, float64(m)/float64(j)*p[n-m+j-1])
		}
		for i := range p {
			at := math.Min(float64(m)*p[min(i, n-m)], simes)
			adjusted[i] = math.Max(adjusted[i], at)
		}
	}
	return adjusted
}

// sharpen turns p-values adjusted by Benjamini and Hochberg's method into sharpened q-values. At the
// rate q the first stage rejects the r values that are at most s = q/(1+q), and the second those that
// are at most s n/(n-r). Both grow with s, so that a value c is first rejected at the least, over r,
// of the larger of the r-th value and c(n-r)/n.
func sharpen(bh []float64) []float64 {
	n := float64(len(bh))
	return each(bh, func(_ int, c float64) float64 {
		s := c
		for r, v := range bh {
			s = math.Min(s, math.Max(v, c*(n-float64(r+1))/n))
		}
		return math.Min(1, s/math.Max(0, 1-s))
	})
}
