package moments

import (
	"context"

	"gonum.org/v1/gonum/floats"

	"github.com/fieldexp/fieldexp/internal/parallel"
)

// Products computes the cross-products of the first k columns with all columns in total, and the
// sum of squares of the others: the upper triangle of a P x P matrix, with zeros for the products
// of different columns beyond the first k. With a positive width it also keeps, for every group,
// the cross-products of the first k columns with the first width.
func Products(ctx context.Context, src Source, part Partition, k, width int) (total []float64, grams *Grams, err error) {
	_, p := src.Size()
	bounds := part.chunks()
	if width > 0 {
		grams = newGrams(part.Len(), k, width)
	}
	parts := make([][]float64, len(bounds)-1)
	tiles := newTiles(src)
	err = parallel.For(ctx, len(parts), func(c int) {
		t := tiles.Get()
		defer tiles.Put(t)
		sum := make([]float64, p*p)
		parts[c] = sum
		from, to := part.Starts[bounds[c]], part.Starts[bounds[c+1]]
		if grams == nil {
			t.walk(src, from, to, func() { t.addProducts(sum, t.from, t.to, k) })
			return
		}
		own := make([]float64, p*p)
		group := bounds[c]
		t.walk(src, from, to, func() {
			group = part.segments(group, t.from, t.to, func(g, from, to int) {
				t.addProducts(own, from, to, k)
				if to == part.Starts[g+1] {
					grams.set(g, own, p)
					floats.Add(sum, own)
					clear(own)
				}
			})
		})
	})
	total = make([]float64, p*p)
	for _, sum := range parts {
		if sum != nil {
			floats.Add(total, sum)
		}
	}
	return total, grams, err
}

// set takes a group's cross-products from a full square matrix.
func (s *Grams) set(g int, products []float64, p int) {
	into := s.group(g)
	for i := range s.K {
		into = into[copy(into, products[i*p+i:i*p+s.Width]):]
	}
}

// addProducts adds the cross-products of the first k columns with all, over rows from to to-1, to
// the upper triangle of sum, and the squares of the others.
func (t *tile) addProducts(sum []float64, from, to, k int) {
	p := len(t.columns)
	from, to = from-t.from, to-t.from
	for a, column := range t.columns {
		x, into := column[from:to], sum[a*p:(a+1)*p]
		if a >= k {
			into[a] += floats.Dot(x, x)
			continue
		}
		for b := a; b < p; b++ {
			into[b] += floats.Dot(x, t.columns[b][from:to])
		}
	}
}
