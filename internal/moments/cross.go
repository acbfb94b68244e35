package moments

import (
	"context"

	"gonum.org/v1/gonum/floats"

	"github.com/fieldexp/fieldexp/internal/parallel"
)

// Cross is two fitted problems over the same rows with the same Score columns z, whose residuals u
// and v are to be multiplied. Crosses and FromProducts compute the second half of its fields from
// the first.
type Cross struct {
	A, B *Problem
	Meat bool // whether the sum of u v z z' over rows is wanted

	Dot   float64   // sum of u v
	Meats []float64 // sum of u v z z' over rows (full square)
}

// Crosses fills in the sums of each pair in one pass over the rows. Dots are exact for any weights;
// meats divide by the given row weights, if any, as in Scores.
func Crosses(ctx context.Context, src Source, frequency []float64, pairs []*Cross) error {
	rows, _ := src.Size()
	bounds := runs(rows)
	type sums struct {
		dot  []float64
		meat [][]float64
	}
	parts := make([]sums, len(bounds)-1)
	problems, place := distinct(pairs)
	tiles := newTiles(src)
	err := parallel.For(ctx, len(parts), func(c int) {
		t := tiles.Get()
		defer tiles.Put(t)
		s := sums{dot: make([]float64, len(pairs)), meat: make([][]float64, len(pairs))}
		for q, p := range pairs {
			if p.Meat {
				s.meat[q] = make([]float64, len(p.A.Score)*len(p.A.Score))
			}
		}
		residuals := make([]float64, len(problems)*tileRows)
		t.walk(src, bounds[c], bounds[c+1], func() {
			of := func(p *Problem) []float64 {
				at := place[p] * tileRows
				return residuals[at : at+t.to-t.from]
			}
			for _, p := range problems {
				t.residuals(p, of(p))
			}
			for q, p := range pairs {
				s.dot[q] += floats.Dot(of(p.A), of(p.B))
				if p.Meat {
					floats.MulTo(t.u, of(p.A), of(p.B))
					t.addMeat(s.meat[q], p.A.Score, frequency)
				}
			}
		})
		parts[c] = s
	})
	if err != nil {
		return err
	}
	for q, p := range pairs {
		k := len(p.A.Score)
		p.Dot, p.Meats = 0, nil
		if p.Meat {
			p.Meats = make([]float64, k*k)
		}
		for _, s := range parts {
			p.Dot += s.dot[q]
			if p.Meat {
				floats.Add(p.Meats, s.meat[q])
			}
		}
		if p.Meat {
			mirror(p.Meats, k)
		}
	}
	return nil
}

// FromProducts computes the sum of products of the residuals from cross-products alone. The problems'
// regressors are among the first k columns, and so is one of their outcomes, or they have the same.
func (c *Cross) FromProducts(total []float64, columns int) {
	at := func(i, j int) float64 { return total[min(i, j)*columns+max(i, j)] }
	// What problem A's residual is orthogonal to is not presumed: estimates need not be those of
	// least squares.
	with := func(d int) float64 { // sum of A's residual times column d
		sum := at(c.A.Y, d)
		for i, x := range c.A.X {
			sum -= c.A.B[i] * at(x, d)
		}
		return sum
	}
	c.Dot, c.Meats = with(c.B.Y), nil
	for j, x := range c.B.X {
		c.Dot -= c.B.B[j] * with(x)
	}
}

// distinct lists the problems of the pairs, each once, and the place of each.
func distinct(pairs []*Cross) (problems []*Problem, place map[*Problem]int) {
	place = make(map[*Problem]int)
	for _, pair := range pairs {
		for _, p := range []*Problem{pair.A, pair.B} {
			if _, known := place[p]; !known {
				place[p] = len(problems)
				problems = append(problems, p)
			}
		}
	}
	return problems, place
}
