package moments

import (
	"context"

	"github.com/fieldexp/fieldexp/internal/parallel"
)

// Cross is two fitted problems over the same rows with the same Score columns z, whose residuals u
// and v are to be multiplied. Crosses computes the second half of its fields from the first.
type Cross struct {
	A, B *Problem
	Meat bool // whether the sum of u v z z' over rows is wanted

	Dot   float64   // sum of u v
	Meats []float64 // sum of u v z z' over rows (full square)
}

// Crosses fills in the sums of each pair in one pass over the rows. Dots are exact for any weights;
// meats divide by the given row weights, if any, as in Scores.
func Crosses(ctx context.Context, m Matrix, part Partition, frequency []float64, pairs []*Cross) error {
	bounds := part.chunks()
	type sums struct {
		dot  []float64
		meat [][]float64
	}
	parts := make([]sums, len(bounds)-1)
	problems, place := distinct(pairs)
	err := parallel.For(ctx, len(parts), func(c int) {
		s := sums{dot: make([]float64, len(pairs)), meat: make([][]float64, len(pairs))}
		for q, p := range pairs {
			if p.Meat {
				s.meat[q] = make([]float64, len(p.A.Score)*len(p.A.Score))
			}
		}
		residuals := make([]float64, len(problems))
		for i := part.Starts[bounds[c]]; i < part.Starts[bounds[c+1]]; i++ {
			for j, p := range problems {
				residuals[j] = p.Residual(m, i)
			}
			for q, p := range pairs {
				uv := residuals[place[p.A]] * residuals[place[p.B]]
				s.dot[q] += uv
				if p.Meat {
					if frequency != nil {
						uv /= frequency[i]
					}
					addOuter(s.meat[q], m.Row(i), p.A.Score, uv)
				}
			}
		}
		parts[c] = s
	})
	if err != nil {
		return err
	}
	for q, p := range pairs {
		k := len(p.A.Score)
		p.Dot = 0
		if p.Meat {
			p.Meats = make([]float64, k*k)
		}
		for _, s := range parts {
			p.Dot += s.dot[q]
			for i, v := range s.meat[q] {
				p.Meats[i] += v
			}
		}
		for i := range len(p.Meats) / max(k, 1) {
			for j := range i {
				p.Meats[i*k+j] = p.Meats[j*k+i]
			}
		}
	}
	return nil
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

// addOuter adds factor z z' to the upper triangle of sum, with z the listed columns of a row.
func addOuter(sum, row []float64, columns []int, factor float64) {
	k := len(columns)
	for a, c := range columns {
		v, into := row[c]*factor, sum[a*k:(a+1)*k]
		for b := a; b < k; b++ {
			into[b] += v * row[columns[b]]
		}
	}
}

// OuterOf is the sum over groups of s t', where group g has the k scores s[g*k:(g+1)*k] and the same
// number of scores of t.
func OuterOf(s, t []float64, k int) []float64 {
	sum := make([]float64, k*k)
	for g := range len(s) / max(k, 1) {
		right := t[g*k : (g+1)*k]
		for a, v := range s[g*k : (g+1)*k] {
			into := sum[a*k : (a+1)*k]
			for b, w := range right {
				into[b] += v * w
			}
		}
	}
	return sum
}
