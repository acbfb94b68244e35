package data

import (
	"math"

	"github.com/fieldexp/fieldexp/internal/csvscan"
)

// gathered is a column that is put together from chunks.
type gathered struct {
	kind   csvscan.Kind // Infer as long as every cell is missing
	rows   int
	expect int  // rows to make room for
	torn   bool // chunks differ in kind: the column is text, and must be read again

	floats []float64
	times  []int64
	codes  []int32
	levels csvscan.Dictionary
}

// progress is how far a reader has come.
type progress struct {
	rows  int
	bytes int64
	size  int64 // bytes in all, 0 if unknown
}

// add counts a chunk.
func (p *progress) add(c *csvscan.Chunk) {
	p.rows += c.Rows
	p.bytes += int64(c.Bytes)
}

// expect guesses the number of rows in all from those so far, and a little more; 0 where the size is
// not known.
func (p *progress) expect() int {
	if p.size == 0 {
		return 0
	}
	rest := float64(max(0, p.size-p.bytes)) / float64(p.bytes)
	return p.rows + int(float64(p.rows)*rest*(1+1./64))
}

// add appends a chunk of a column. It reports whether the column need not be scanned further.
func (g *gathered) add(c *csvscan.Column, rows int) (enough bool) {
	g.rows += rows
	switch {
	case g.torn || c.Kind == csvscan.Skip:
		return false
	case c.Kind == csvscan.Infer:
		g.addMissing(rows)
		return false
	case g.kind == csvscan.Infer:
		g.kind = c.Kind
		g.makeRoom()
		g.addMissing(g.rows - rows)
	case g.kind != c.Kind:
		*g = gathered{rows: g.rows, expect: g.expect, torn: true}
		return true
	}
	switch g.kind {
	case csvscan.Number:
		g.floats = appendCells(g.floats, c.Floats, g.expect)
	case csvscan.Instant:
		g.times = appendCells(g.times, c.Times, g.expect)
	case csvscan.Text:
		g.levels.Recode(c)
		g.codes = appendCells(g.codes, c.Codes, g.expect)
	}
	return false
}

// appendCells appends cells to a column. One that is full is moved to where there is room for as
// many as are expected, and a little more: append alone would take a quarter more.
func appendCells[T any](column, cells []T, expect int) []T {
	if n := len(column) + len(cells); n > cap(column) && expect > 0 {
		column = append(make([]T, 0, max(expect, n+n/16)), column...)
	}
	return append(column, cells...)
}

// makeRoom allocates for the rows that are expected.
func (g *gathered) makeRoom() {
	n := max(g.expect, g.rows)
	switch g.kind {
	case csvscan.Number:
		g.floats = make([]float64, 0, n)
	case csvscan.Instant:
		g.times = make([]int64, 0, n)
	case csvscan.Text:
		g.codes = make([]int32, 0, n)
	}
}

// addMissing appends rows without a value.
func (g *gathered) addMissing(rows int) {
	for range rows {
		switch g.kind {
		case csvscan.Number:
			g.floats = append(g.floats, math.NaN())
		case csvscan.Instant:
			g.times = append(g.times, MissingTime)
		case csvscan.Text:
			g.codes = append(g.codes, -1)
		}
	}
}

// settle prepares a second pass, and reports whether one is needed: columns that proved to be text
// after they had begun as something else are read again as text, and no other.
func (sc *schema) settle(columns []gathered) bool {
	again := false
	for f := range columns {
		sc.fields[f].Kind = csvscan.Skip
		if columns[f].torn {
			again = true
			sc.fields[f].Kind = csvscan.Text
			columns[f] = gathered{expect: columns[f].rows}
		}
	}
	return again
}

// frame makes a frame of the columns.
func (sc *schema) frame(columns []gathered, rows int) *Frame {
	f := &Frame{n: rows, index: make(map[string]int, len(sc.order)), groups: newGroupCache()}
	for i, at := range sc.order {
		g := &columns[at]
		if g.kind == csvscan.Infer { // nothing but missing values
			g.kind = csvscan.Number
			g.makeRoom()
			g.addMissing(rows)
		}
		c := column{name: sc.names[at], origin: &sc.from, named: sc.named[at]}
		switch g.kind {
		case csvscan.Number:
			c.kind, c.floats = Float, g.floats
		case csvscan.Instant:
			c.kind, c.times = Time, g.times
		case csvscan.Text:
			c.kind, c.codes, c.levels = Categorical, g.codes, g.levels.Levels()
		}
		c.lookOnce()
		f.index[c.name] = i
		f.cols = append(f.cols, c)
	}
	return f
}
