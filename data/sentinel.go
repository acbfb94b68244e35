package data

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/refuse"
)

// SentinelWatch looks in a column of numbers for values that are used as codes for missing: -1, -7 to -9, 77 to 99, 777 to
// 999 and 9999, and the negatives of these. A column may be given in parts.
type SentinelWatch struct {
	Column string

	low, high float64 // of the other values
	rows      int
	codes     int   // values that could be codes
	counts    []int // of these, by slot
}

// Add takes in values, NaN where missing.
func (s *SentinelWatch) Add(values []float64) {
	if s.counts == nil {
		s.low, s.high, s.counts = math.Inf(1), math.Inf(-1), make([]int, 2*sentinelSlots)
	}
	const block = 4096 // stays in the cache, should it be looked at twice
	for len(values) > block {
		s.add(values[:block])
		values = values[block:]
	}
	s.add(values)
	s.low, s.high = s.low+0, s.high+0 // zero has no sign
}

// add takes in a block. Codes within the range of its other values are among these, and need not be counted: where neither the
// least value nor the greatest could be a code, no other need be looked at.
func (s *SentinelWatch) add(values []float64) {
	low, high := extremes(values)
	s.rows += len(values)
	if codeOf(low) < 0 && codeOf(high) < 0 {
		s.low, s.high = min(s.low, low), max(s.high, high)
		return
	}
	for _, v := range values {
		if v >= 0 && v < leastCode {
			s.low, s.high = min(s.low, v), max(s.high, v)
		} else if i := codeOf(v); i >= 0 {
			s.counts[i]++
			s.codes++
		} else if v == v {
			s.low, s.high = min(s.low, v), max(s.high, v)
		}
	}
}

// extremes are the lowest and the highest value that is not missing. Two of each are kept side by side, which no comparison
// has to wait for.
func extremes(values []float64) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	low2, high2 := low, high
	for ; len(values) >= 2; values = values[2:] { // no comparison is true of a missing value
		v, w := values[0], values[1]
		if v < low {
			low = v
		}
		if w < low2 {
			low2 = w
		}
		if v > high {
			high = v
		}
		if w > high2 {
			high2 = w
		}
	}
	for _, v := range values {
		if v < low {
			low = v
		}
		if v > high {
			high = v
		}
	}
	return min(low, low2), max(high, high2)
}

// leastCode is the least of the positive codes.
const leastCode = 77

// codeOf is the slot of a value that could be a code, -1 for others.
func codeOf(v float64) int {
	k := int(v)
	if float64(k) != v || k >= 0 && k < leastCode {
		return -1
	}
	return sentinelSlot(k)
}

// sentinelSlots is the number of codes of one sign.
const sentinelSlots = 4 + 23 + 223 + 1

// sentinelSlot numbers the whole numbers outside 0 to 76 that are used as codes; it is -1 for others.
func sentinelSlot(k int) int {
	a, base := k, 0
	if k < 0 {
		a, base = -k, sentinelSlots
	}
	switch {
	case a == 1:
		return base
	case a >= 7 && a <= 9:
		return base + a - 6
	case a >= 77 && a <= 99:
		return base + 4 + a - 77
	case a >= 777 && a <= 999:
		return base + 27 + a - 777
	case a == 9999:
		return base + 250
	}
	return -1
}

// sentinelAt is the code of a slot.
func sentinelAt(slot int) int {
	sign, i := 1, slot
	if slot >= sentinelSlots {
		sign, i = -1, slot-sentinelSlots
	}
	switch {
	case i == 0:
		return sign
	case i < 4:
		return sign * (i + 6)
	case i < 27:
		return sign * (i - 4 + 77)
	case i < 250:
		return sign * (i - 27 + 777)
	}
	return sign * 9999
}

// count is in how many cells a code is.
func (s *SentinelWatch) count(k int) int { return s.counts[sentinelSlot(k)] }

// fewOthers is how many rows without codes there must be to tell that a value is far from the others.
const fewOthers = 5

// Found lists the values that look like codes: at least one of them in two cells, and so far from the other values that
// the gap is wider than these are apart; or negative, in at most half of the rows, where no other value is.
func (s *SentinelWatch) Found() []float64 {
	if s.rows-s.codes < fewOthers || s.low >= s.high || s.codes == 0 {
		return nil
	}
	var above, below []int // from the innermost outwards
	for slot, n := range s.counts {
		if n == 0 {
			continue
		}
		k := sentinelAt(slot)
		switch v := float64(k); {
		case v > s.high:
			above = append(above, k)
		case v < s.low:
			below = append(below, k)
		}
	}
	slices.Sort(above)
	slices.SortFunc(below, func(a, b int) int { return b - a })
	found := append(s.far(above, s.high, 1), s.far(below, s.low, -1)...)
	if negative := s.negative(below); s.low >= 0 && len(negative) > 0 {
		found = append(s.far(above, s.high, 1), negative...)
	}
	var list []float64
	for _, k := range found {
		list = append(list, float64(k))
	}
	slices.Sort(list)
	return list
}

// far are the values beyond the widest gap, in the direction of side, that is wider than what is inside of it.
func (s *SentinelWatch) far(values []int, edge, side float64) []int {
	for i, k := range values {
		width := s.high - s.low + side*(edge-s.edge(side))
		if side*(float64(k)-edge) > width && s.twice(values[i:]) {
			return values[i:]
		}
		edge = float64(k)
	}
	return nil
}

// edge is the outermost of the other values on a side.
func (s *SentinelWatch) edge(side float64) float64 {
	if side > 0 {
		return s.high
	}
	return s.low
}

// negative are the negative values where they are few.
func (s *SentinelWatch) negative(below []int) []int {
	total := 0
	for _, k := range below {
		if k >= 0 {
			return nil
		}
		total += s.count(k)
	}
	if 2*total > s.rows || !s.twice(below) {
		return nil
	}
	return below
}

// twice reports whether one of the values is in two cells.
func (s *SentinelWatch) twice(values []int) bool {
	return slices.ContainsFunc(values, func(k int) bool { return s.count(k) > 1 })
}

// Warning says what was found; ok is false if nothing was.
func (s *SentinelWatch) Warning() (w fieldexp.Warning, ok bool) {
	found := s.Found()
	if len(found) == 0 {
		return w, false
	}
	var parts, texts []string
	for _, v := range found {
		texts = append(texts, formatFloat(v))
		parts = append(parts, fmt.Sprintf("%s in %s", formatFloat(v), refuse.Count(s.count(int(v)))))
	}
	return fieldexp.Warning{Code: "sentinel",
		Message: fmt.Sprintf("column %s has %s of %s, and values from %s to %s otherwise", quote(s.Column), strings.Join(parts, ", "), refuse.Of(s.rows, "row"),
			formatFloat(s.low), formatFloat(s.high)),
		Remedy: "if this is a code for missing, read it as missing by " + fieldexp.Setting("MissingValues", "", texts...)}, true
}
