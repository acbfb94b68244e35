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
// is needed of a cluster are the cross-products of its columns with weights to the powers 0, 1
// and 2. Nested effects D no longer partial out, since D'W^2 F is not zero: they are columns too, but
// only of their own cluster.

// unequal holds those cross-products over the leading columns, the kept columns of the cluster's
// support, and the nested levels of the cluster.
type unequal struct {
	products [3]*mat.SymDense
	nested   int
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
		u := unequal{nested: nested}
		for p := range u.products {
			u.products[p] = mat.NewSymDense(n, nil)
		}
		values := make([]float64, n)
		for _, i := range b.rows.of(g) {
			w, at := b.effects.weight(i), b.localRow(m, i, places, values)
			power := 1.0
			for p := range u.products {
				data := u.products[p].RawSymmetric().Data
				for x, a := range at {
					v := power * values[a]
					for _, c := range at[x:] {
						data[min(a, c)*n+max(a, c)] += v * values[c]
					}
				}
				power *= w
			}
		}
		b.unequal[g] = u
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

// localRow writes a row's values, without the root of its weight, and lists the places written.
func (b *Blocks) localRow(m moments.Matrix, row int32, places localPlaces, values []float64) (at []int) {
	k, root := b.Grams.K, b.effects.root(row)
	for j, v := range m.Row(int(row))[:k] {
		values[j] = v / root
		at = append(at, j)
	}
	for _, place := range places.of(b, row) {
		values[k+place] = 1
		at = append(at, k+place)
	}
	return at
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
