package data

import (
	"fmt"
	"strings"
)

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
		return "did you mean " + quote(best) + "?"
	}
	if len(names) == 0 {
		return "there are no columns"
	}
	if len(names) > 12 {
		return "name one of " + listed(names[:12]) + fmt.Sprintf(", and %d more", len(names)-12)
	}
	return "name one of " + listed(names)
}

// listed lists names: as they are where they are plain and short, and else in quotes and cut.
func listed(names []string) string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = name
		if shown := quote(name); len(shown) != len(name)+2 || strings.ContainsAny(name, ",;{}") {
			list[i] = shown
		}
	}
	return strings.Join(list, ", ")
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
