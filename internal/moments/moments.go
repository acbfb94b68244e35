// Package moments computes what linear models need from rows: cross-products, by cluster and in
// total, and the scores and residual sums of fitted models. Work is cut into chunks at fixed places
// (of whole clusters, where rows lie in their order), and chunks are merged in their order, so that
// results are the same to the last bit whatever the number of goroutines.
//
// Rows come from a Source in tiles that fit in the cache, column by column. A source may compute
// them as they are asked for; nothing here holds more than a tile for each goroutine.
package moments

import (
	"context"

	"github.com/fieldexp/fieldexp/internal/parallel"
)

// Source delivers the rows of a matrix in runs, column by column. Several goroutines may ask at
// once.
type Source interface {
	// Size is the number of rows and columns.
	Size() (rows, columns int)
	// Fill writes rows from to to-1 of column j into columns[j], which has room for just these.
	Fill(from, to int, columns [][]float64)
}

// Matrix is a dense matrix of N rows and P columns, row after row.
type Matrix struct {
	N, P int
	X    []float64
}

// Row is row i.
func (m Matrix) Row(i int) []float64 { return m.X[i*m.P : (i+1)*m.P] }

// Size is the number of rows and columns.
func (m Matrix) Size() (rows, columns int) { return m.N, m.P }

// Fill copies rows from to to-1, column by column.
func (m Matrix) Fill(from, to int, columns [][]float64) {
	for i := from; i < to; i++ {
		for j, v := range m.Row(i) {
			columns[j][i-from] = v
		}
	}
}

// Collect holds all rows of a source.
func Collect(ctx context.Context, src Source) (Matrix, error) {
	n, p := src.Size()
	m := Matrix{N: n, P: p, X: make([]float64, n*p)}
	part := Blocks(n)
	tiles := newTiles(src)
	return m, parallel.For(ctx, part.Len(), func(b int) {
		t := tiles.Get()
		defer tiles.Put(t)
		t.walk(src, part.Starts[b], part.Starts[b+1], func() {
			for j, column := range t.columns {
				for i, v := range column {
					m.X[(t.from+i)*p+j] = v
				}
			}
		})
	})
}

// tileRows is the number of rows of a tile: some tens of columns of it stay in a core's cache.
const tileRows = 512

// tile is a run of rows, and room for a residual, a product and a place of each.
type tile struct {
	from, to   int
	columns    [][]float64
	u, product []float64
	full       [][]float64
	places     []int // where what a row adds to is
	varied     []int // columns that are not zero
}

// newTiles lends tiles for a source's columns.
func newTiles(src Source) *parallel.Scratch[*tile] {
	_, p := src.Size()
	return parallel.NewScratch(func() *tile {
		t := &tile{columns: make([][]float64, p), full: make([][]float64, p+2), places: make([]int, tileRows)}
		memory := make([]float64, (p+2)*tileRows)
		for j := range t.full {
			t.full[j] = memory[j*tileRows : (j+1)*tileRows]
		}
		return t
	})
}

// walk calls body for each tile of rows from to to-1.
func (t *tile) walk(src Source, from, to int, body func()) {
	p := len(t.columns)
	for ; from < to; from += tileRows {
		t.from, t.to = from, min(from+tileRows, to)
		n := t.to - t.from
		for j := range t.columns {
			t.columns[j] = t.full[j][:n]
		}
		t.u, t.product = t.full[p][:n], t.full[p+1][:n]
		src.Fill(t.from, t.to, t.columns)
		body()
	}
}
