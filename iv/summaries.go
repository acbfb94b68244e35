package iv

import (
	"context"
	"slices"

	"gonum.org/v1/gonum/floats"

	"github.com/fieldexp/fieldexp/internal/parallel"
)

// summaries describes the columns of a sample before anything is taken out of them.
type summaries struct {
	mass    float64 // sum of weights
	anchors []float64
	mean    []float64
	raw     []float64 // weighted sums of squares
	squares []float64 // the same around the mean
	// levels holds, for each effect, the weighted sums by level of each column less its anchor: that
	// of column j over level l is at l*p+j.
	levels [][]float64
}

// anchors are values near the middle of each column, from a few of its rows: sums of what lies
// around them keep their digits.
func (s *sample) anchors() []float64 {
	const few = 9
	anchors := make([]float64, s.p)
	for j := range anchors {
		if s.isConstant(j) {
			continue
		}
		values := make([]float64, few)
		for k := range values {
			values[k] = s.columns[j].at(s.rows.at(k * (s.rows.n - 1) / (few - 1)))
		}
		slices.Sort(values)
		anchors[j] = values[few/2]
	}
	return anchors
}

// columnSums are sums over a run of rows of a column less its anchor.
type columnSums struct {
	sum, square float64
	layers      [][]float64 // by layer and group
}

// summarise passes over the rows once, column by column.
func (s *sample) summarise(ctx context.Context, anchors []float64) (*summaries, error) {
	all := &summaries{anchors: anchors, mean: make([]float64, s.p), raw: make([]float64, s.p), squares: make([]float64, s.p)}
	for _, e := range s.groups {
		all.levels = append(all.levels, make([]float64, e.Levels*s.p))
	}
	groups := 0
	for _, l := range s.layers {
		groups += l.groups
	}
	all.mass = float64(s.rows.n)
	if s.weights != nil {
		all.mass = 0
		for _, w := range s.weights {
			all.mass += w
		}
	}
	// Pieces of rows are as many as are worth the sums by level that each of them needs.
	pieces := max(1, min(16, s.rows.n/max(1<<14, 8*groups)))
	parts := make([]columnSums, s.p*pieces)
	source := &rowSource{rows: s.rows, columns: s.columns, shift: anchors}
	err := parallel.For(ctx, len(parts), func(i int) {
		j, piece := i/pieces, i%pieces
		parts[i] = s.addUp(source, j, piece*s.rows.n/pieces, (piece+1)*s.rows.n/pieces)
	})
	if err != nil {
		return nil, err
	}
	for j := range s.p {
		sum, square := 0.0, 0.0
		for _, part := range parts[j*pieces : (j+1)*pieces] {
			sum += part.sum
			square += part.square
			for l, values := range part.layers {
				for _, of := range s.layers[l].parts {
					into := all.levels[of.effect]
					for g, level := range of.of {
						into[int(level)*s.p+j] += values[g]
					}
				}
			}
		}
		a := anchors[j]
		all.mean[j] = a + sum/all.mass
		all.raw[j] = square + 2*a*sum + a*a*all.mass
		all.squares[j] = max(0, square-sum*sum/all.mass)
		if s.isConstant(j) {
			all.squares[j] = all.mass
		}
	}
	return all, nil
}

// addUp sums up column j of the source over rows from to to-1.
func (s *sample) addUp(source *rowSource, j, from, to int) (c columnSums) {
	for _, l := range s.layers {
		c.layers = append(c.layers, make([]float64, l.groups))
	}
	const run = 512
	buffer, weighted := make([]float64, run), make([]float64, run)
	for ; from < to; from += run {
		end := min(from+run, to)
		values := buffer[:end-from]
		source.gather(j, from, end, values)
		products := values
		if s.weights != nil {
			products = weighted[:len(values)]
			floats.MulTo(products, s.weights[from:end], values)
		}
		c.sum += floats.Sum(products)
		c.square += floats.Dot(products, values)
		sumUp(s.layers, from, products, c.layers)
	}
	return c
}
