package bootstrap

import (
	"fmt"
	"math"
	"strings"
)

// Interval is the values from Low to High; infinite ends are open.
type Interval struct{ Low, High float64 }

// Set is a confidence set: the values of the coefficient that the test does not reject. It is a
// list of intervals in increasing order that do not meet; it can be of several pieces, and reach to
// infinity.
type Set []Interval

// Contains reports whether v is in the set.
func (s Set) Contains(v float64) bool {
	for _, i := range s {
		if v >= i.Low && v <= i.High {
			return true
		}
	}
	return false
}

// Bounded reports whether the set is of finite length.
func (s Set) Bounded() bool {
	return len(s) == 0 || !math.IsInf(s[0].Low, -1) && !math.IsInf(s[len(s)-1].High, 1)
}

// String writes the pieces in braces, as in {[-0.2, 1.4]} or {(-Inf, 0.1], [2.3, +Inf)}.
func (s Set) String() string {
	pieces := make([]string, len(s))
	for i, piece := range s {
		open, end := "[", "]"
		if math.IsInf(piece.Low, -1) {
			open = "("
		}
		if math.IsInf(piece.High, 1) {
			end = ")"
		}
		pieces[i] = fmt.Sprintf("%s%.4g, %.4g%s", open, piece.Low, piece.High, end)
	}
	return "{" + strings.Join(pieces, ", ") + "}"
}
