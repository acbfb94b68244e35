package report

import (
	"bytes"
	"strings"
)

const (
	textRule       = "─"
	textGap        = 2  // blanks between columns
	textIndent     = 2  // blanks for each level of indent
	textHeaderWrap = 14 // headers wider than this, and than their column, are broken
	textLeftWrap   = 40 // text in a left-aligned column is never broken; its header is, here
	textNotesWidth = 60 // notes of a narrow table are wrapped here

	textRefusalWidth = 100 // what stands in the place of a table is wrapped here
)

var textDialect = dialect{number: realMinus, symbol: same, words: same, stars: asterisks}

// A textCell is a printed token, cut at its decimal point.
type textCell struct {
	place       place
	left, right string // of the alignment point; all in left where there is none
}

// A textTable is a grid with its strings and widths settled.
type textTable struct {
	stub   int
	align  []Align
	widths []int
	blocks []textBlock
	heads  [][]textHead
}

// A textBlock holds the widths that the numbers of one column need.
type textBlock struct{ left, right, whole int }

type textHead struct {
	head
	lines []string
}

// writeText writes the grid as aligned text, with rules as wide as the table.
func writeText(b *bytes.Buffer, g *grid) {
	if g.refusal != "" {
		for _, text := range []string{g.title, g.refusal, paragraph(g.notes)} {
			for _, l := range wrap(text, textRefusalWidth) {
				if l != "" {
					b.WriteString(l + "\n")
				}
			}
		}
		return
	}
	cells := textCells(g)
	t := measure(g, cells)
	total := t.total()
	line := func(s string) { b.WriteString(strings.TrimRight(s, " ") + "\n") }
	rule := func() { line(strings.Repeat(textRule, total)) }

	if g.title != "" {
		for _, l := range wrap(g.title, max(total, textNotesWidth)) {
			line(l)
		}
	}
	rule()
	t.writeHeads(line, g.stub)
	rule()
	row := 0
	for i, s := range g.sections {
		if i > 0 {
			rule()
		}
		if s.title != "" {
			line(s.title)
		}
		for _, r := range s.rows {
			label := strings.Repeat(" ", textIndent*r.indent) + r.label
			for range r.lines {
				out := padRight(label, t.stub)
				for j, c := range cells[row] {
					out += strings.Repeat(" ", textGap) + t.print(c, j)
				}
				line(out)
				label = ""
				row++
			}
		}
	}
	rule()
	if notes := paragraph(g.notes); notes != "" {
		for _, l := range wrap(notes, max(total, textNotesWidth)) {
			line(l)
		}
	}
}

// textCells prints the tokens of all lines, in order.
func textCells(g *grid) [][]textCell {
	var rows [][]textCell
	for _, s := range g.sections {
		for _, r := range s.rows {
			for _, tokens := range r.lines {
				row := make([]textCell, len(tokens))
				for j, t := range tokens {
					row[j] = cut(t)
				}
				rows = append(rows, row)
			}
		}
	}
	return rows
}

// cut prints a token in two parts, which meet where numbers line up: before the decimal point or,
// without one, after the last digit.
func cut(t token) textCell {
	s := textDialect.cell(t)
	if t.place != placeDecimal {
		return textCell{t.place, s, ""}
	}
	if i := strings.IndexByte(s, '.'); i >= 0 {
		return textCell{t.place, s[:i], s[i:]}
	}
	if i := strings.LastIndexAny(s, "0123456789"); i >= 0 {
		return textCell{t.place, s[:i+1], s[i+1:]}
	}
	return textCell{t.place, s, ""}
}

// measure settles the widths of the columns and breaks headings to fit them.
func measure(g *grid, cells [][]textCell) *textTable {
	t := &textTable{
		stub:   displayWidth(g.stub),
		align:  g.align,
		widths: make([]int, len(g.align)),
		blocks: make([]textBlock, len(g.align)),
	}
	for _, s := range g.sections {
		for _, r := range s.rows {
			t.stub = max(t.stub, displayWidth(r.label)+textIndent*r.indent)
		}
	}
	for _, row := range cells {
		for j, c := range row {
			w, b := displayWidth(c.left), &t.blocks[j]
			switch c.place {
			case placeDecimal:
				b.left, b.right = max(b.left, w), max(b.right, displayWidth(c.right))
			case placeRight:
				b.whole = max(b.whole, w)
			}
			t.widths[j] = max(t.widths[j], w, b.left+b.right, b.whole)
		}
	}
	for _, row := range g.heads {
		var heads []textHead
		for _, h := range row {
			room := t.width(h.from, h.to)
			limit := max(room, textHeaderWrap)
			if g.align[h.from] == AlignLeft {
				limit = max(room, textLeftWrap)
			}
			heads = append(heads, textHead{h, wrap(h.text, limit)})
		}
		t.heads = append(t.heads, heads)
	}
	for i := len(t.heads) - 1; i >= 0; i-- { // narrow headings first: they are the lower ones
		for _, h := range t.heads[i] {
			t.widen(h.from, h.to, widest(h.lines))
		}
	}
	return t
}

// width is that of the columns from to to with the gaps between them.
func (t *textTable) width(from, to int) int {
	w := textGap * (to - from)
	for _, c := range t.widths[from : to+1] {
		w += c
	}
	return w
}

// total is the width of the whole table.
func (t *textTable) total() int { return t.stub + textGap + t.width(0, len(t.widths)-1) }

// widen spreads what a heading lacks over its columns.
func (t *textTable) widen(from, to, need int) {
	for j := from; t.width(from, to) < need; j++ {
		if j > to {
			j = from
		}
		t.widths[j]++
	}
}

// writeHeads writes the rows of headings, each set on its lowest line, and the rules under
// spanners.
func (t *textTable) writeHeads(line func(string), stub string) {
	for i, row := range t.heads {
		height, ruled := 1, false
		for _, h := range row {
			height = max(height, len(h.lines))
			ruled = ruled || h.rule
		}
		for k := range height {
			label := ""
			if i == len(t.heads)-1 && k == height-1 {
				label = stub
			}
			out := padRight(label, t.stub)
			for _, h := range row {
				s := ""
				if at := k - (height - len(h.lines)); at >= 0 {
					s = h.lines[at]
				}
				out += strings.Repeat(" ", textGap) + t.place(s, h.head)
			}
			line(out)
		}
		if !ruled {
			continue
		}
		out := strings.Repeat(" ", t.stub)
		for _, h := range row {
			mark := " "
			if h.rule {
				mark = textRule
			}
			out += strings.Repeat(" ", textGap) + strings.Repeat(mark, t.width(h.from, h.to))
		}
		line(out)
	}
}

// place sets a line of a heading over its columns.
func (t *textTable) place(s string, h head) string {
	if h.from == h.to && t.align[h.from] == AlignLeft {
		return padRight(s, t.width(h.from, h.to))
	}
	return centre(s, t.width(h.from, h.to))
}

// print pads a cell to the width of column j: the block of aligned numbers is centred in the
// column, and so is what stands alone.
func (t *textTable) print(c textCell, j int) string {
	b, w := t.blocks[j], t.widths[j]
	switch c.place {
	case placeDecimal:
		left := strings.Repeat(" ", b.left-displayWidth(c.left)) + c.left
		return centre(left+padRight(c.right, b.right), w)
	case placeRight:
		return centre(strings.Repeat(" ", b.whole-displayWidth(c.left))+c.left, w)
	case placeLeft:
		return padRight(c.left, w)
	}
	return centre(c.left, w)
}
