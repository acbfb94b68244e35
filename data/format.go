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
	labels := make([]string, len(ts))
	for i, t := range ts {
		labels[i] = time.Unix(0, t).UTC().Format(layout)
	}
	return labels
}
