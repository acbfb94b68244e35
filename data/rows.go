package data

import (
	"context"
	"math"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/parallel"
	"github.com/fieldexp/fieldexp/internal/refuse"
)

// Select returns a frame of some columns, in the order given. The values are shared, not copied.
// The error is a *fieldexp.Error when a column is not there or is named twice.
func (f *Frame) Select(names ...string) (*Frame, error) {
	if f == nil {
		return nil, noFrame()
	}
	g := &Frame{n: f.n}
	for _, name := range names {
		c, err := f.column(name)
		if err != nil {
			return nil, err
		}
		if g.Has(name) {
			return nil, refuse.Column("data", fieldexp.BadColumn, name, 0, "is selected twice", "name it once")
		}
		if err := g.set(*c, f.n); err != nil {
			return nil, err
		}
	}
	g.groups = f.groups
	return g, nil
}

// Filter returns a frame of the rows for which keep is true, in their order. Levels of text that no
// row holds any more are kept.
func (f *Frame) Filter(keep func(row int) bool) *Frame {
	var rows []int
	for row := range f.Len() {
		if keep(row) {
			rows = append(rows, row)
		}
	}
	return f.Take(rows)
}

// Take returns a frame of the given rows, in the order given; a row may be given more than once. A
// negative row makes a row of missing values. Rows at or past Len are out of range, as in a slice.
func (f *Frame) Take(rows []int) *Frame {
	if f == nil {
		return nil
	}
	g := f.Clone()
	g.n, g.groups = len(rows), newGroupCache()
	// The background is never cancelled, and so there is no error.
	_ = parallel.For(context.Background(), len(g.cols), func(i int) { g.cols[i] = g.cols[i].take(rows) })
	return g
}

// take returns the column's cells at the given rows.
func (c column) take(rows []int) column {
	switch c.kind {
	case Float:
		c.floats = takeCells(c.floats, rows, math.NaN())
	case Categorical:
		c.codes = takeCells(c.codes, rows, -1)
	case Time:
		c.times = takeCells(c.times, rows, MissingTime)
	}
	c.lookOnce()
	return c
}

func takeCells[T any](values []T, rows []int, missing T) []T {
	taken := make([]T, len(rows))
	for i, row := range rows {
		if row < 0 {
			taken[i] = missing
		} else {
			taken[i] = values[row]
		}
	}
	return taken
}
