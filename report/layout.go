package report

import (
	"slices"
	"strings"
)

// A grid is a table laid out in rows and columns of tokens: what every format for reading shares.
type grid struct {
	title    string // with the table's number
	stub     string
	heads    [][]head // from the top; the columns of each row in order, without gaps
	align    []Align  // of each leaf column
	sections []gridSection
	notes    []string // sentences
	refusal  string   // a sentence in the place of all but the title; there are no columns then
}

// A head is a heading over the leaf columns from to to, both included.
type head struct {
	text     string
	from, to int
	rule     bool // a thin rule beneath it
}

type gridSection struct {
	title string
	rows  []gridRow
}

// A gridRow is a row of the table: one line of tokens or more.
type gridRow struct {
	label  string
	indent int
	lines  [][]token // each has a token for every leaf column
}

// layout turns the table into a grid.
func (t *Table) layout() (*grid, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	if t.Refusal != "" {
		return &grid{title: t.caption(), refusal: sentence(t.Refusal), notes: t.notes()}, nil
	}
	split := t.splitColumns()
	first := make([]int, len(t.Columns)+1) // first leaf column of each column
	g := &grid{title: t.caption(), stub: tidy(t.Stub), notes: t.notes()}
	for j := range t.Columns {
		first[j+1] = first[j] + 1
		if split[j] {
			first[j+1]++
		}
		for range first[j+1] - first[j] {
			g.align = append(g.align, t.Columns[j].Align)
		}
	}
	g.heads = t.heads(first, split)
	for _, s := range t.Sections {
		section := gridSection{title: tidy(s.Title)}
		for _, r := range s.Rows {
			section.rows = append(section.rows, t.gridRow(r, first, split))
		}
		g.sections = append(g.sections, section)
	}
	return g, nil
}

// caption is the number and title on one line.
func (t *Table) caption() string {
	number, title := tidy(t.Number), tidy(t.Title)
	switch {
	case number == "":
		return title
	case title == "":
		return "Table " + number
	}
	return "Table " + number + ". " + title
}

// splitColumns reports which columns have published cells beside the computed ones.
func (t *Table) splitColumns() []bool {
	split := make([]bool, len(t.Columns))
	for _, s := range t.Sections {
		for _, r := range s.Rows {
			for j, c := range r.Cells {
				split[j] = split[j] || c.Published != nil
			}
		}
	}
	return split
}

// heads are the rows of headings: spanners, headers, numbers, and computed beside published.
func (t *Table) heads(first []int, split []bool) [][]head {
	var rows [][]head
	for _, level := range t.spannerLevels() {
		rows = append(rows, fill(level, first))
	}
	last := first[len(first)-1]
	headers, numbers, halves := []head{}, []head{}, []head{}
	for j, c := range t.Columns {
		from, to := first[j], first[j+1]-1
		headers = append(headers, head{text: tidy(c.Header), from: from, to: to, rule: split[j] && t.Unnumbered})
		numbers = append(numbers, head{text: tidy(t.columnNumber(j)), from: from, to: to, rule: split[j]})
		if split[j] {
			halves = append(halves,
				head{text: or(tidy(t.Computed), "Computed"), from: from, to: from},
				head{text: or(tidy(t.Published), "Published"), from: to, to: to})
		} else {
			halves = append(halves, head{from: from, to: to})
		}
	}
	if slices.ContainsFunc(headers, func(h head) bool { return h.text != "" }) || t.Unnumbered {
		rows = append(rows, headers)
	}
	if !t.Unnumbered {
		rows = append(rows, numbers)
	}
	if last > len(t.Columns) {
		rows = append(rows, halves)
	}
	return rows
}

// spannerLevels stacks spanners that overlap: the wider ones in the rows above.
func (t *Table) spannerLevels() [][]Spanner {
	spanners := slices.Clone(t.Spanners)
	slices.SortStableFunc(spanners, func(a, b Spanner) int { return (a.To - a.From) - (b.To - b.From) })
	var levels [][]Spanner // from the columns up
	for _, s := range spanners {
		level := 0
		for i, l := range levels {
			if slices.ContainsFunc(l, func(o Spanner) bool { return s.From <= o.To && o.From <= s.To }) {
				level = i + 1
			}
		}
		if level == len(levels) {
			levels = append(levels, nil)
		}
		levels[level] = append(levels[level], s)
	}
	slices.Reverse(levels)
	return levels
}

// fill makes a row of heads of one level of spanners, with empty ones over the other columns.
func fill(level []Spanner, first []int) []head {
	slices.SortFunc(level, func(a, b Spanner) int { return a.From - b.From })
	var row []head
	next := 0
	blanks := func(until int) {
		for ; next < until; next++ {
			row = append(row, head{from: first[next], to: first[next+1] - 1})
		}
	}
	for _, s := range level {
		blanks(s.From)
		row = append(row, head{text: tidy(s.Label), from: first[s.From], to: first[s.To+1] - 1, rule: true})
		next = s.To + 1
	}
	blanks(len(first) - 1)
	return row
}

// gridRow lays out a row: as many lines as its tallest cell.
func (t *Table) gridRow(r Row, first []int, split []bool) gridRow {
	row := gridRow{label: tidy(r.Label), indent: max(r.Indent, 0)}
	width := first[len(first)-1]
	put := func(c Cell, leaf int, align Align) {
		for i, line := range t.tokens(c) {
			if line.place == placeCentre && align == AlignLeft {
				line.place = placeLeft
			}
			for len(row.lines) <= i {
				row.lines = append(row.lines, make([]token, width))
			}
			row.lines[i][leaf] = line
		}
	}
	put(Cell{}, 0, AlignDecimal) // a row without cells has one line all the same
	for j, c := range r.Cells {
		put(c, first[j], t.Columns[j].Align)
		if split[j] && c.Published != nil {
			put(*c.Published, first[j]+1, t.Columns[j].Align)
		}
	}
	return row
}

// tidy makes a label fit on a line: white space becomes single blanks, other control characters
// and broken UTF-8 go.
func tidy(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			if strings.ContainsRune("\t\n\v\f\r\u0085", r) {
				return ' '
			}
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
