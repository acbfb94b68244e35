package brief

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
)

// levelKey is a level of text as it is ordered: numbers as numbers, before what is none, and digits within text as numbers.
type levelKey struct {
	number float64
	text   string
}

func newLevelKey(level string) levelKey {
	number, err := strconv.ParseFloat(level, 64)
	if err != nil || math.IsNaN(number) {
		number = math.Inf(1)
	}
	return levelKey{number, level}
}

func (k levelKey) compare(o levelKey) int {
	return cmp.Or(cmp.Compare(k.number, o.number), compareNatural(k.text, o.text), cmp.Compare(k.text, o.text))
}

// compareNatural compares texts by their letters, and runs of digits in them as numbers: u9 is before u10.
func compareNatural(a, b string) int {
	for a != "" && b != "" {
		x, y := digits(a), digits(b)
		if x == 0 || y == 0 {
			if a[0] != b[0] {
				return cmp.Compare(a[0], b[0])
			}
			a, b = a[1:], b[1:]
			continue
		}
		m, n := strings.TrimLeft(a[:x], "0"), strings.TrimLeft(b[:y], "0")
		if c := cmp.Or(cmp.Compare(len(m), len(n)), cmp.Compare(m, n)); c != 0 {
			return c
		}
		a, b = a[x:], b[y:]
	}
	return cmp.Compare(len(a), len(b))
}

// digits counts those that a text begins with.
func digits(text string) int {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return i
		}
	}
	return len(text)
}

// CompareLevels orders the levels of text: numbers as numbers, and otherwise by their letters.
func CompareLevels(a, b string) int { return newLevelKey(a).compare(newLevelKey(b)) }

// OrderLevels lists the places of levels in their order.
func OrderLevels(levels []string) []int {
	keys, places := make([]levelKey, len(levels)), make([]int, len(levels))
	for i, level := range levels {
		keys[i], places[i] = newLevelKey(level), i
	}
	slices.SortFunc(places, func(a, b int) int { return keys[a].compare(keys[b]) })
	return places
}
