package iv

import (
	"encoding/json"
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
	return s.Text(func(x float64) string { return fmt.Sprintf("%.6g", x) })
}

// Text is String with ends written by number.
func (s Set) Text(number func(x float64) string) string {
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
		low, high := "["+number(p[0]), number(p[1])+"]"
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

// jsonSet is how a set is written: an end is null where it is infinite, and the level where it is not a number.
type jsonSet struct {
	Pieces [][2]*float64 `json:"pieces"`
	Level  *float64      `json:"level"`
	Reason string        `json:"reason,omitempty"`
}

// MarshalJSON writes pieces as [low, high] with null for infinite ends, and the level; with the reason and no piece
// where the set could not be computed.
func (s Set) MarshalJSON() ([]byte, error) {
	finite := func(x float64) *float64 {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return nil
		}
		return &x
	}
	j := jsonSet{Pieces: make([][2]*float64, len(s.Pieces)), Level: finite(s.Level), Reason: s.Reason}
	for i, p := range s.Pieces {
		j.Pieces[i] = [2]*float64{finite(p[0]), finite(p[1])}
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (s *Set) UnmarshalJSON(text []byte) error {
	var j jsonSet
	if err := json.Unmarshal(text, &j); err != nil {
		return err
	}
	number := func(x *float64, missing float64) float64 {
		if x == nil {
			return missing
		}
		return *x
	}
	*s = Set{Level: number(j.Level, math.NaN()), Reason: j.Reason}
	for _, p := range j.Pieces {
		s.Pieces = append(s.Pieces, [2]float64{number(p[0], math.Inf(-1)), number(p[1], math.Inf(1))})
	}
	return nil
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
