package leverage

import (
	"context"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/internal/absorb"
	"github.com/fieldexp/fieldexp/internal/moments"
)

// With weights W and errors of equal variance, the covariance of a cluster's residuals is not a
// block of the residual maker but
//
//	B_g = I - H_gg - H_gg' + (HH')_gg,   H = F M F'W,
//
// which moves errors within the span of C_g = [F_g, W_g F_g] alone: B_g = I + C_g J C_g'. What
// is needed of a cluster is a triangular root of the cross-products C_g'C_g. Nested effects D no longer
// partial out, since D'W^2 F is not zero: they are columns too, but only of their own cluster.

// unequal holds that root over the leading columns, the kept columns of the cluster's support and the
// nested levels of the cluster, and over the same columns times weights. It comes from the rows and not
// from their products, which would lose half the digits.
type unequal struct {
	root   *mat.Dense
	nested int
}

// Reweigh prepares the blocks for errors of equal variance in spite of weights. The error is
// *absorb.TooManyLevels where a cluster holds more nested levels than can be dealt with, or that
// of ctx.
func (b *Blocks) Reweigh(ctx context.Context, m moments.Matrix) error {
	b.unequal = make([]unequal, b.Len())
	tooMany := make([]int, b.Len())
	err := b.each(ctx, func(g int, _ *scratch) {
		places, nested := b.localPlaces(g)
		n := b.Grams.K + len(b.groups[g].support) + nested
		if n > absorb.DirectLimit {
			tooMany[g] = n
			return
		}
		b.unequal[g] = unequal{b.localRoot(m, g, n, places), nested}
	})
	if err != nil {
		return err
	}
	for _, n := range tooMany {
		if n > 0 {
			return &absorb.TooManyLevels{Levels: n}
		}
	}
	return nil
}

// localRoot is a matrix R with R'R the cross-products of the cluster's n columns and of the same
// times weights: the rows themselves, or where there are more rows than columns, what reflections
// make of them.
func (b *Blocks) localRoot(m moments.Matrix, g, n int, places localPlaces) *mat.Dense {
	rows := b.rows.of(g)
	size := min(len(rows), 6*n)
	stack := mat.NewDense(size, 2*n, nil)
	filled := 0
	values := make([]float64, n)
	for _, i := range rows {
		if filled == size {
			filled = triangle(stack)
		}
		into, w := stack.RawRowView(filled), b.effects.weight(i)
		clear(into)
		clear(values)
		b.localRow(m, i, places, values)
		for a, v := range values {
			into[a], into[n+a] = v, w*v
		}
		filled++
	}
	if filled <= 2*n {
		return mat.DenseCopyOf(stack.Slice(0, filled, 0, 2*n))
	}
	clear(stack.RawMatrix().Data[filled*2*n:])
	return mat.DenseCopyOf(stack.Slice(0, triangle(stack), 0, 2*n))
}

// triangle replaces the rows of a tall matrix by the triangular factor, and returns its rows.
func triangle(stack *mat.Dense) int {
	_, columns := stack.Dims()
	var qr mat.QR
	qr.Factorize(stack)
	var r mat.Dense
	qr.RTo(&r)
	stack.Slice(0, columns, 0, columns).(*mat.Dense).Copy(r.Slice(0, columns, 0, columns))
	return columns
}

// localPlaces numbers the kept columns of the cluster's support and then its nested levels: places
// has those by kept column, and by nested effect and level.
func (b *Blocks) localPlaces(g int) (places localPlaces, nested int) {
	places = localPlaces{kept: map[int]int{}}
	for at, l := range b.groups[g].support {
		places.kept[int(l)] = at
	}
	t := len(b.groups[g].support)
	for _, e := range b.effects.Nested {
		levels := map[int32]int{}
		for _, i := range b.rows.of(g) {
			if _, ok := levels[e.Codes[i]]; !ok {
				levels[e.Codes[i]] = t + nested
				nested++
			}
		}
		places.nested = append(places.nested, levels)
	}
	return places, nested
}

type localPlaces struct {
	kept   map[int]int
	nested []map[int32]int
}

// of lists the places of a row's indicators.
func (l *localPlaces) of(b *Blocks, row int32) (list []int) {
	for _, c := range b.columns(row) {
		if at, ok := l.kept[c]; ok {
			list = append(list, at)
		}
	}
	for e, levels := range l.nested {
		list = append(list, levels[b.effects.Nested[e].Codes[row]])
	}
	return list
}

// localRow writes a row's values, without the root of its weight, over zeros.
func (b *Blocks) localRow(m moments.Matrix, row int32, places localPlaces, values []float64) {
	k, root := b.Grams.K, b.effects.root(row)
	for j, v := range m.Row(int(row))[:k] {
		values[j] = v / root
	}
	for _, place := range places.of(b, row) {
		values[k+place] = 1
	}
}

// localScores sums up a cluster's score columns, kept columns and nested levels times residuals:
// first without weights, then with them.
func (b *Blocks) localScores(g int, m moments.Matrix, p *moments.Problem) []float64 {
	places, nested := b.localPlaces(g)
	s := len(p.Score)
	n := s + len(b.groups[g].support) + nested
	sums := make([]float64, 2*n)
	for _, i := range b.rows.of(g) {
		w, root := b.effects.weight(i), b.effects.root(i)
		u := p.Residual(m, int(i)) / root
		row := m.Row(int(i))
		for j, c := range p.Score {
			v := row[c] / root * u
			sums[j] += v
			sums[n+j] += w * v
		}
		for _, at := range places.of(b, i) {
			sums[s+at] += u
			sums[n+s+at] += w * u
		}
	}
	return sums
}

// keptScores are the kept columns times residuals among what Scores gives of a cluster, for a
// model with s score columns.
func (b *Blocks) keptScores(g, s int, kept []float64) []float64 {
	if b.unequal == nil {
		return kept
	}
	from := len(kept)/2 + s
	return kept[from : from+len(b.groups[g].support)]
}
