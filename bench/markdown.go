package main

import (
	"strings"
	"unicode/utf8"
)

// markdown is a table in Markdown, its columns padded so that it reads as text too.
type markdown struct {
	left []bool // columns that are set to the left
	rows [][]string
}

// newMarkdown starts a table. The first column is set to the left, and so are those whose title
// begins with "<".
func newMarkdown(titles ...string) *markdown {
	m := &markdown{left: make([]bool, len(titles))}
	for j, title := range titles {
		titles[j] = strings.TrimPrefix(title, "<")
		m.left[j] = j == 0 || titles[j] != title
	}
	m.rows = [][]string{titles}
	return m
}

// add adds a row.
func (m *markdown) add(cells ...string) { m.rows = append(m.rows, cells) }

// String is the table, or nothing if it has no row.
func (m *markdown) String() string {
	if len(m.rows) == 1 {
		return ""
	}
	width := make([]int, len(m.left))
	for _, row := range m.rows {
		for j, cell := range row {
			width[j] = max(width[j], utf8.RuneCountInString(cell), 2)
		}
	}
	var b strings.Builder
	for i, row := range m.rows {
		for j, cell := range row {
			pad := strings.Repeat(" ", width[j]-utf8.RuneCountInString(cell))
			if m.left[j] {
				b.WriteString("| " + cell + pad + " ")
			} else {
				b.WriteString("| " + pad + cell + " ")
			}
		}
		b.WriteString("|\n")
		if i > 0 {
			continue
		}
		for j, left := range m.left {
			if rule := strings.Repeat("-", width[j]+1); left {
				b.WriteString("|" + rule + "-")
			} else {
				b.WriteString("|" + rule + ":")
			}
		}
		b.WriteString("|\n")
	}
	return b.String()
}
