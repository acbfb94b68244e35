package brief

import (
	"cmp"
	"strconv"
)

// CompareLevels orders the levels of text: numbers as numbers, and otherwise by their letters.
func CompareLevels(a, b string) int {
	x, err := strconv.ParseFloat(a, 64)
	y, other := strconv.ParseFloat(b, 64)
	if err == nil && other == nil && x != y {
		return cmp.Compare(x, y)
	}
	return cmp.Compare(a, b)
}
