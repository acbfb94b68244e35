package data

import (
	"fmt"
	"slices"
	"strings"
)

// ColumnError says what is wrong with a column, where, and what to do about it.
type ColumnError struct {
	Source  string // file that was read, if any
	Line    int    // line of the file, counted from 1; 0 when it does not apply
	Row     int    // row of the frame, counted from 1; 0 when it does not apply
	Column  string
	Problem string
	Remedy  string // what the user can do, if anything is known
	Err     error  // the cause, if there is one
}

// Error reads: data: chats.csv, line 12, column "rating": "n/a" is not a number; ...
func (e *ColumnError) Error() string {
	var at []string
	if e.Source != "" {
		at = append(at, e.Source)
	}
	if e.Line > 0 {
		at = append(at, fmt.Sprintf("line %d", e.Line))
	}
	if e.Row > 0 {
		at = append(at, fmt.Sprintf("row %d", e.Row))
	}
	s := "data: "
	if e.Column != "" {
		at = append(at, fmt.Sprintf("column %q", e.Column))
	}
	s += strings.Join(at, ", ")
	if len(at) > 0 {
		if e.Source == "" && e.Line == 0 && e.Row == 0 {
			s += " "
		} else {
			s += ": "
		}
	}
	s += e.Problem
	if e.Remedy != "" {
		s += "; " + e.Remedy
	}
	return s
}

// Unwrap returns the cause.
func (e *ColumnError) Unwrap() error { return e.Err }

// suggest names the column that the user may have meant, or the columns that there are.
func (f *Frame) suggest(name string) string { return suggestName(name, f.Names()) }

// suggestName names the one of names that the user may have meant, or all of them.
func suggestName(name string, names []string) string {
	best, distance := "", 3
	for _, other := range names {
		if d := editDistance(strings.ToLower(name), strings.ToLower(other)); d < distance {
			best, distance = other, d
		}
	}
	if best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	if len(names) == 0 {
		return "there are no columns"
	}
	if len(names) > 12 {
		names = append(slices.Clone(names[:12]), fmt.Sprintf("and %d more", len(names)-12))
	}
	return "there are " + strings.Join(names, ", ")
}

// editDistance counts the single-character edits between two names.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			diagonal = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
