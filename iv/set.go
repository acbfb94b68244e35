package iv

import (
	"fmt"
	"math"
	"strings"
)

// Set is a confidence set of one effect: pieces of the line in ascending order, which need not be one
// interval. An interval is usual. Two rays or the whole line say that the instruments are too weak
// to bound the effect; no piece says that no effect agrees with all of the instruments.
type Set struct {
	Pieces [][2]float64 // from low to high; the first may start at -Inf, the last end at +Inf
	Level  float64
	Reason string // why the set could not be computed; Pieces is nil then
}

// wholeLine is the set of all effects.
func wholeLine(level float64) Set {
	return Set{Level: level, Pieces: [][2]float64{{math.Inf(-1), math.Inf(1)}}}
}

// Empty reports that the set was computed and has no piece.
func (s Set) Empty() bool { return s.Reason == "" && len(s.Pieces) == 0 }

// Whole reports that the set is the whole line.
func (s Set) Whole() bool {
	return len(s.Pieces) == 1 && math.IsInf(s.Pieces[0][0], -1) && math.IsInf(s.Pieces[0][1], 1)
}

// Bounded reports that the set was computed and has a lower and an upper bound.
func (s Set) Bounded() bool {
	n := len(s.Pieces)
	return s.Reason == "" && (n == 0 || !math.IsInf(s.Pieces[0][0], -1) && !math.IsInf(s.Pieces[n-1][1], 1))
}

// Contains reports whether a value is in the set.
func (s Set) Contains(v float64) bool {
	for _, p := range s.Pieces {
		if p[0] <= v && v <= p[1] {
			return true
		}
	}
	return false
}

// String is as in [0.1, 0.5], (-inf, -2] or [3, inf), whole line, or empty.
func (s Set) String() string {
	switch {
	case s.Reason != "":
		return "not available: " + s.Reason
	case len(s.Pieces) == 0:
		return "empty"
	case s.Whole():
		return "whole line"
	}
	list := make([]string, len(s.Pieces))
	for i, p := range s.Pieces {
		low, high := fmt.Sprintf("[%.6g", p[0]), fmt.Sprintf("%.6g]", p[1])
		if math.IsInf(p[0], -1) {
			low = "(-inf"
		}
		if math.IsInf(p[1], 1) {
			high = "inf)"
		}
		list[i] = low + ", " + high
	}
	return strings.Join(list, " or ")
}

// Scaled is the set of the effect times a factor.
func (s Set) Scaled(factor float64) Set {
	scaled := Set{Level: s.Level, Reason: s.Reason}
	for _, p := range s.Pieces {
		low, high := p[0]*factor, p[1]*factor
		if factor < 0 {
			scaled.Pieces = append([][2]float64{{high, low}}, scaled.Pieces...)
		} else {
			scaled.Pieces = append(scaled.Pieces, [2]float64{low, high})
		}
	}
	return scaled
}
