package report

import (
	"slices"
	"strings"
)

// notes are the sentences under the table: the user's, then why a number is a dash, then what
// stars mean. A sentence that is there already is not said twice.
func (t *Table) notes() []string {
	var notes []string
	add := func(s string) {
		if s = sentence(s); s != "" && !slices.Contains(notes, s) {
			notes = append(notes, s)
		}
	}
	for _, n := range t.Notes {
		add(n)
	}
	unexplained, stars := false, false
	t.eachCell(func(c Cell) {
		missing, reason := c.unavailable()
		if missing && reason != "" {
			add(dash + ": " + reason)
		}
		unexplained = unexplained || missing && reason == ""
		stars = stars || c.Kind == KindEstimate || c.Stars > 0
	})
	if unexplained {
		add(dash + ": could not be computed")
	}
	if stars {
		add(starsNote)
	}
	return notes
}

const starsNote = "* p<.10, ** p<.05, *** p<.01"

// eachCell visits the cells, published ones included, in reading order.
func (t *Table) eachCell(visit func(Cell)) {
	for _, s := range t.Sections {
		for _, r := range s.Rows {
			for _, c := range r.Cells {
				visit(c)
				if c.Published != nil {
					visit(*c.Published)
				}
			}
		}
	}
}

// sentence ends a note with a full stop, unless it has an end of its own.
func sentence(s string) string {
	s = tidy(s)
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?:;") || strings.HasSuffix(s, "。") {
		return s
	}
	return s + "."
}

// paragraph joins the notes for printing.
func paragraph(notes []string) string {
	if len(notes) == 0 {
		return ""
	}
	return "Notes: " + strings.Join(notes, " ")
}
