package moments

import (
	"context"

	"gonum.org/v1/gonum/floats"

	"github.com/fieldexp/fieldexp/internal/parallel"
)

// Products computes the cross-products of the first k columns with all columns in total, and the
// sum of squares of the others: the upper triangle of a P x P matrix, with zeros for the products
// of different columns beyond the first k. With a positive width it also keeps, for every group,
// the cross-products of the first k columns with the first width; of scattered groups, columns beyond
// width have no products in total either.
func Products(ctx context.Context, src Source, part Partition, k, width int) (total []float64, grams *Grams, err error) {
	switch {
	case width == 0:
		total, err = totals(ctx, src, k)
	case part.Starts == nil:
		total, grams, err = scattered(ctx, src, part, k, width)
	default:
		total, grams, err = consecutive(ctx, src, part, k, width)
	}
	return total, grams, err
}

// totals computes the cross-products in total.
func totals(ctx context.Context, src Source, k int) ([]float64, error) {
	rows, p := src.Size()
	bounds := runs(rows)
	parts := make([][]float64, len(bounds)-1)
	tiles := newTiles(src)
	err := parallel.For(ctx, len(parts), func(c int) {
		t := tiles.Get()
		defer tiles.Put(t)
		sum := make([]float64, p*p)
		t.walk(src, bounds[c], bounds[c+1], func() { t.addProducts(sum, t.from, t.to, k) })
		parts[c] = sum
	})
	return merge(parts, p*p), err
}

// merge adds up what chunks computed, in their order.
func merge(parts [][]float64, size int) []float64 {
	total := make([]float64, size)
	for _, sum := range parts {
		if sum != nil {
			floats.Add(total, sum)
		}
	}
	return total
}

// consecutive computes the cross-products of groups of consecutive rows, group after group.
func consecutive(ctx context.Context, src Source, part Partition, k, width int) ([]float64, *Grams, error) {
	_, p := src.Size()
	bounds := part.chunks()
	grams := newGrams(part.Len(), k, width)
	parts := make([][]float64, len(bounds)-1)
	tiles := newTiles(src)
	err := parallel.For(ctx, len(parts), func(c int) {
		t := tiles.Get()
		defer tiles.Put(t)
		sum, own, group := make([]float64, p*p), make([]float64, p*p), bounds[c]
		t.walk(src, part.Starts[bounds[c]], part.Starts[bounds[c+1]], func() {
			group = part.segments(group, t.from, t.to, func(g, from, to int) {
				t.addProducts(own, from, to, k)
				if to == part.Starts[g+1] {
					grams.set(g, own, p)
					floats.Add(sum, own)
					clear(own)
				}
			})
		})
		parts[c] = sum
	})
	return merge(parts, p*p), grams, err
}

// mostPieces is how many sets of cross-products of all groups may be summed up at once, and so the
// number of goroutines that scattered groups can use.
const mostPieces = 16

// Scatters reports whether cross-products of scattered groups are to be had in less memory than a
// column of the rows takes. Where it is not so, rows have to be brought into the order of their groups.
func Scatters(rows, groups, k, width int) bool { return 2*groups*triangle(k, width) <= rows }

// scattered computes the cross-products of groups whose rows lie anywhere: each row is added to its
// group, in a few pieces of the rows.
func scattered(ctx context.Context, src Source, part Partition, k, width int) ([]float64, *Grams, error) {
	rows, p := src.Size()
	grams := newGrams(part.Groups, k, width)
	pieces := max(1, min(mostPieces, rows/max(1, len(grams.data))))
	parts, squares := make([]*Grams, pieces), make([][]float64, pieces)
	tiles := newTiles(src)
	err := parallel.For(ctx, pieces, func(c int) {
		t := tiles.Get()
		defer tiles.Put(t)
		parts[c], squares[c] = newGrams(part.Groups, k, width), make([]float64, p)
		t.walk(src, c*rows/pieces, (c+1)*rows/pieces, func() {
			t.scatterProducts(parts[c], part.Codes[t.from:t.to])
			for j := k; j < p; j++ {
				squares[c][j] += floats.Dot(t.columns[j], t.columns[j])
			}
		})
	})
	total := make([]float64, p*p)
	if err != nil {
		return total, grams, err
	}
	for c := range pieces {
		floats.Add(grams.data, parts[c].data)
		for j, v := range squares[c] {
			total[j*p+j] += v
		}
	}
	for g := range part.Groups {
		packed := grams.group(g)
		for a := range k {
			floats.Add(total[a*p+a:a*p+width], packed[:width-a])
			packed = packed[width-a:]
		}
	}
	return total, grams, nil
}

// scatterProducts adds the cross-products of each row of the tile to its group: four neighbouring ones
// at a time, row after row, which keeps more of them on their way than to finish each row would.
func (t *tile) scatterProducts(grams *Grams, codes []int32) {
	places := t.places[:len(codes)]
	for i, g := range codes {
		places[i] = int(g) * grams.size()
	}
	into := grams.data
	for a := range grams.K {
		x := t.columns[a][:len(codes)]
		b := a
		for ; b+4 <= grams.Width; b += 4 {
			y, z := t.columns[b][:len(codes)], t.columns[b+1][:len(codes)]
			v, w := t.columns[b+2][:len(codes)], t.columns[b+3][:len(codes)]
			for i, at := range places {
				four := into[at : at+4 : at+4]
				four[0] += x[i] * y[i]
				four[1] += x[i] * z[i]
				four[2] += x[i] * v[i]
				four[3] += x[i] * w[i]
			}
			into = into[4:]
		}
		for ; b < grams.Width; b++ {
			y := t.columns[b][:len(codes)]
			for i, at := range places {
				into[at] += x[i] * y[i]
			}
			into = into[1:]
		}
	}
}

// set takes a group's cross-products from a full square matrix.
func (s *Grams) set(g int, products []float64, p int) {
	into := s.group(g)
	for i := range s.K {
		into = into[copy(into, products[i*p+i:i*p+s.Width]):]
	}
}

// addProducts adds the cross-products of the first k columns with all, over rows from to to-1, to
// the upper triangle of sum, and the squares of the others. Columns that are zero in all these rows,
// as those of other groups than a cluster's are, cost no more than their squares.
func (t *tile) addProducts(sum []float64, from, to, k int) {
	p := len(t.columns)
	from, to = from-t.from, to-t.from
	t.varied = t.varied[:0]
	for a, column := range t.columns {
		x := column[from:to]
		if square := floats.Dot(x, x); square != 0 {
			sum[a*p+a] += square
			t.varied = append(t.varied, a)
		}
	}
	for i, a := range t.varied {
		if a >= k {
			break
		}
		x, into := t.columns[a][from:to], sum[a*p:(a+1)*p]
		for _, b := range t.varied[i+1:] {
			into[b] += floats.Dot(x, t.columns[b][from:to])
		}
	}
}
