package data

import (
	"math"
	"strconv"
	"time"
)

// formatFloat writes a number with as few digits as read back to the same value. Whole numbers are
// written in digits as long as float64 holds them all; larger ones with an exponent, by which
// ReadCSV tells them from identifiers.
func formatFloat(v float64) string { return string(appendFloat(nil, v)) }

func appendFloat(dst []byte, v float64) []byte {
	switch a := math.Abs(v); {
	case math.IsInf(v, 1):
		return append(dst, "Inf"...)
	case a == 0 || a >= 1e-5 && a <= 1<<53:
		return strconv.AppendFloat(dst, v, 'f', -1, 64)
	}
	return strconv.AppendFloat(dst, v, 'e', -1, 64)
}

// floatLabels writes numbers, all of them in one string.
func floatLabels(values []float64) []string {
	return labels(len(values), func(dst []byte, i int) []byte { return appendFloat(dst, values[i]) })
}

// labels are n texts that write appends: parts of one string, for the collector's sake.
func labels(n int, write func(dst []byte, i int) []byte) []string {
	if n == 0 {
		return nil
	}
	var text []byte
	ends := make([]int, n)
	for i := range n {
		text = write(text, i)
		ends[i] = len(text)
	}
	all, start := string(text), 0
	labels := make([]string, n)
	for i, end := range ends {
		labels[i] = all[start:end]
		start = end
	}
	return labels
}

// timeLayout is the shortest layout that shows all the instants in full.
func timeLayout(ts []int64) string {
	const day = int64(24 * time.Hour)
	layout := time.DateOnly
	for _, t := range ts {
		switch {
		case t == MissingTime || t%day == 0:
		case t%int64(time.Second) == 0:
			layout = time.DateTime
		default:
			return time.DateTime + ".999999999"
		}
	}
	return layout
}

// timeLabels writes instants in the shortest layout for all of them.
func timeLabels(ts []int64) []string {
	layout := timeLayout(ts)
	return labels(len(ts), func(dst []byte, i int) []byte { return time.Unix(0, ts[i]).UTC().AppendFormat(dst, layout) })
}
