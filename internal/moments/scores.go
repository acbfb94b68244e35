package moments

import (
	"context"

	"github.com/fieldexp/fieldexp/internal/parallel"
)

// Problem is a fitted linear model y = X b + u whose residuals are to be summed up. Scores
// computes the second half of its fields from the first.
type Problem struct {
	Y     int       // column of the outcome
	X     []int     // columns of the regressors
	B     []float64 // their coefficients
	Score []int     // columns z whose products with the residual are wanted
	Meat  bool      // whether the sum of u^2 z z' over rows is wanted

	RSS    float64   // sum of squared residuals
	Total  []float64 // sum of z u over all rows
	Groups []float64 // sum of z u by group: len(Score) numbers a group
	Meats  []float64 // sum of u^2 z z' over rows (full square)
}

// Residual is row i's residual.
func (p *Problem) Residual(m Matrix, i int) float64 {
	row := m.Row(i)
	u := row[p.Y]
	for j, c := range p.X {
		u -= row[c] * p.B[j]
	}
	return u
}

// Scores fills in the sums of each problem in one pass over the rows. The meats divide by the
// given row weights, if any: rows that were multiplied by the root of a frequency weight w stand
// for w rows with u^2 z z' / w each.
func Scores(ctx context.Context, m Matrix, part Partition, frequency []float64, problems []*Problem) error {
	bounds := part.chunks()
	type sums struct {
		rss  []float64
		meat [][]float64
	}
	parts := make([]sums, len(bounds)-1)
	for _, p := range problems {
		p.Groups = make([]float64, part.Len()*len(p.Score))
	}
	err := parallel.For(ctx, len(parts), func(c int) {
		s := sums{rss: make([]float64, len(problems)), meat: make([][]float64, len(problems))}
		for q, p := range problems {
			if p.Meat {
				s.meat[q] = make([]float64, len(p.Score)*len(p.Score))
			}
		}
		for g := bounds[c]; g < bounds[c+1]; g++ {
			for q, p := range problems {
				s.rss[q] += p.addGroup(m, part.Starts[g], part.Starts[g+1], p.Groups[g*len(p.Score):(g+1)*len(p.Score)], s.meat[q], frequency)
			}
		}
		parts[c] = s
	})
	if err != nil {
		return err
	}
	for q, p := range problems {
		k := len(p.Score)
		p.RSS, p.Total, p.Meats = 0, make([]float64, k), make([]float64, k*k)
		for _, s := range parts {
			p.RSS += s.rss[q]
			for i, v := range s.meat[q] {
				p.Meats[i] += v
			}
		}
		for g := range part.Len() {
			for j, v := range p.Groups[g*k : (g+1)*k] {
				p.Total[j] += v
			}
		}
		for i := range k {
			for j := range i {
				p.Meats[i*k+j] = p.Meats[j*k+i]
			}
		}
	}
	return nil
}

// addGroup adds rows from..to to the group's score and to the meat, and returns their sum of
// squared residuals.
func (p *Problem) addGroup(m Matrix, from, to int, score, meat, frequency []float64) (rss float64) {
	k := len(p.Score)
	for i := from; i < to; i++ {
		u := p.Residual(m, i)
		row := m.Row(i)
		rss += u * u
		for j, c := range p.Score {
			score[j] += row[c] * u
		}
		if meat == nil {
			continue
		}
		uu := u * u
		if frequency != nil {
			uu /= frequency[i]
		}
		for a, c := range p.Score {
			v, into := row[c]*uu, meat[a*k:(a+1)*k]
			for b := a; b < k; b++ {
				into[b] += v * row[p.Score[b]]
			}
		}
	}
	return rss
}

// ScatterScores sums z u by groups that need not be consecutive: row i belongs to codes[i].
func (p *Problem) ScatterScores(m Matrix, codes []int32, groups int) []float64 {
	k := len(p.Score)
	sums := make([]float64, groups*k)
	for i, g := range codes {
		u := p.Residual(m, i)
		row, into := m.Row(i), sums[int(g)*k:(int(g)+1)*k]
		for j, c := range p.Score {
			into[j] += row[c] * u
		}
	}
	return sums
}

// Outer is the sum over groups of s s', where group g has the k scores s[g*k:(g+1)*k].
func Outer(scores []float64, k int) []float64 {
	m := Matrix{N: len(scores) / max(k, 1), P: k, X: scores}
	sum := make([]float64, k*k)
	addProducts(sum, m, 0, m.N)
	for i := range k {
		for j := range i {
			sum[i*k+j] = sum[j*k+i]
		}
	}
	return sum
}
