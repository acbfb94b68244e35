package study

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/internal/parallel"
	"github.com/fieldexp/fieldexp/itt"
)

// levelCounts counts the cells of columns of text of which indicators are derived, by level.
type levelCounts struct {
	what   string // is counted, in the singular
	counts map[string]map[string]int
}

// ofText reports whether a derivation compares a column with a text.
func ofText(d data.Derivation) bool {
	return d.Op == data.OpIndicator && d.Quoted && (d.Compare == data.Equal || d.Compare == data.NotEqual)
}

// add counts the levels in a frame, or in a chunk of one.
func (l *levelCounts) add(f *data.Frame, derivations []data.Derivation) error {
	done := make(map[string]bool)
	for _, d := range derivations {
		if !ofText(d) || done[d.Columns[0]] {
			continue
		}
		column := d.Columns[0]
		done[column] = true
		if kind, err := f.Kind(column); err != nil || kind != data.Categorical {
			continue
		}
		codes, levels, err := f.Codes(column)
		if err != nil {
			return err
		}
		if l.counts == nil {
			l.counts = make(map[string]map[string]int)
		}
		if l.counts[column] == nil {
			l.counts[column] = make(map[string]int)
		}
		for level, n := range parallel.Count(codes, len(levels)) {
			if n > 0 {
				l.counts[column][levels[level]] += n
			}
		}
	}
	return nil
}

// sayDerived says which levels indicators of text take for 1 and which for 0. It refuses an indicator that takes one
// spelling of a level for 1 and leaves another for 0.
func (r *run) sayDerived(l *levelCounts, derivations []data.Derivation) error {
	named := make(map[string][]string) // levels that derivations name, by column
	for _, d := range derivations {
		if ofText(d) {
			named[d.Columns[0]] = append(named[d.Columns[0]], d.Text)
		}
	}
	for _, d := range derivations {
		counts := l.counts[firstOf(d.Columns)]
		if !ofText(d) || len(counts) == 0 {
			continue
		}
		column := d.Columns[0]
		alike := []string{d.Text}
		for _, level := range sortedKeys(counts) {
			if itt.SameSpelling(level, d.Text) && !slices.Contains(named[column], level) {
				alike = append(alike, level)
			}
		}
		if len(alike) > 1 {
			return &fieldexp.Error{Op: "study", Problem: fieldexp.BadValues, Columns: []string{column}, Count: len(alike),
				Message: fmt.Sprintf("column %q has levels that differ by case or blanks only, and %q tells them apart: %s", column, d.Name, l.list(counts, alike)),
				Remedy: []fieldexp.Hint{"write each in one way in the file",
					fieldexp.Hint(fmt.Sprintf("add them up in {Derive}, as in a = %[1]s == %[2]q, b = %[1]s == %[3]q, c = a + b", column, alike[0], alike[1]))}}
		}
		l.say(r, d, counts)
	}
	return nil
}

func firstOf(columns []string) string {
	if len(columns) == 0 {
		return ""
	}
	return columns[0]
}

// say says which levels are 1 and which 0, and warns where control is made of several, or a level is not there.
func (l *levelCounts) say(r *run, d data.Derivation, counts map[string]int) {
	ones, zeros := []string{d.Text}, make([]string, 0, len(counts))
	for _, level := range sortedKeys(counts) {
		if level != d.Text {
			zeros = append(zeros, level)
		}
	}
	slices.SortStableFunc(zeros, func(a, b string) int { return cmp.Compare(counts[b], counts[a]) })
	if counts[d.Text] == 0 {
		r.remark("No %s has %s %q, of which %s is derived: its levels are %s.", l.what, d.Columns[0], d.Text, d.Name, l.list(counts, zeros))
		return
	}
	if d.Compare == data.NotEqual {
		ones, zeros = zeros, ones
	}
	text := fmt.Sprintf("%s is 1 where %s is %s, and 0 where it is %s", d.Name, d.Columns[0], l.list(counts, ones), l.list(counts, zeros))
	switch {
	case len(zeros) == 0:
	case d.Name == r.study.Roles.Assignment && len(zeros) > 1:
		r.remark("Control is made of several arms: %s.", text)
	default:
		r.say(capital(text) + ".")
	}
}

// list names levels with their counts, ten at most.
func (l *levelCounts) list(counts map[string]int, levels []string) string {
	var parts []string
	for i, level := range levels {
		if i == 10 && len(levels) > 11 {
			parts = append(parts, brief.Count(len(levels)-i)+" more")
			break
		}
		what := l.what
		if counts[level] != 1 {
			what += "s"
		}
		parts = append(parts, fmt.Sprintf("%q (%s %s)", level, brief.Count(counts[level]), what))
	}
	return strings.Join(parts, ", ")
}
