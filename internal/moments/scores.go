package moments

import (
	"context"

	"gonum.org/v1/gonum/floats"

	"github.com/fieldexp/fieldexp/internal/parallel"
)

// Problem is a fitted linear model y = X b + u whose residuals are to be summed up. Scores and
// FromProducts compute the second half of its fields from the first.
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

// residuals are those of a tile's rows.
func (t *tile) residuals(p *Problem, into []float64) {
	copy(into, t.columns[p.Y])
	for j, c := range p.X {
		floats.AddScaled(into, -p.B[j], t.columns[c])
	}
}

// Scores fills in the sums of each problem in one pass over the rows. The meats divide by the
// given row weights, if any: rows that were multiplied by the root of a frequency weight w stand
// for w rows with u^2 z z' / w each.
func Scores(ctx context.Context, src Source, part Partition, frequency []float64, problems []*Problem) error {
	for _, p := range problems {
		p.Groups = make([]float64, part.Len()*len(p.Score))
	}
	if part.Starts == nil {
		return scatteredScores(ctx, src, part, problems)
	}
	bounds := part.chunks()
	parts := make([][]residualSums, len(bounds)-1)
	tiles := newTiles(src)
	err := parallel.For(ctx, len(parts), func(c int) {
		t := tiles.Get()
		defer tiles.Put(t)
		sums := make([]residualSums, len(problems))
		first := bounds[c]
		t.walk(src, part.Starts[first], part.Starts[bounds[c+1]], func() {
			next := first
			for q, p := range problems {
				t.residuals(p, t.u)
				next = part.segments(first, t.from, t.to, func(g, from, to int) { t.addScores(p, g, from, to) })
				sums[q].add(t, p, frequency)
			}
			first = next
		})
		parts[c] = sums
	})
	if err != nil {
		return err
	}
	for q, p := range problems {
		k := len(p.Score)
		p.RSS, p.Meats = 0, make([]float64, k*k)
		for _, sums := range parts {
			p.RSS += sums[q].rss
			if p.Meat {
				floats.Add(p.Meats, sums[q].meat)
			}
		}
		mirror(p.Meats, k)
		p.addGroups(part.Len())
	}
	return nil
}

// residualSums are the sums of a chunk that are not by group.
type residualSums struct {
	rss  float64
	meat []float64
}

// add adds a tile whose residuals are in t.u, which it overwrites.
func (s *residualSums) add(t *tile, p *Problem, frequency []float64) {
	s.rss += floats.Dot(t.u, t.u)
	if !p.Meat {
		return
	}
	if s.meat == nil {
		s.meat = make([]float64, len(p.Score)*len(p.Score))
	}
	floats.MulTo(t.u, t.u, t.u)
	t.addMeat(s.meat, p.Score, frequency)
}

// scatteredScores fills in the sums, but for meats, of problems over scattered groups: one problem
// after the other on each processor.
func scatteredScores(ctx context.Context, src Source, part Partition, problems []*Problem) error {
	tiles := newTiles(src)
	return parallel.For(ctx, len(problems), func(q int) {
		t := tiles.Get()
		defer tiles.Put(t)
		p, k := problems[q], len(problems[q].Score)
		p.RSS, p.Meats = 0, nil
		t.walk(src, 0, len(part.Codes), func() {
			t.residuals(p, t.u)
			p.RSS += floats.Dot(t.u, t.u)
			t.scatterScores(p, p.Groups, part.Codes[t.from:t.to])
		})
		p.addGroups(len(p.Groups) / max(k, 1))
	})
}

// scatterScores adds the residuals in t.u times the score columns to the groups of the rows.
func (t *tile) scatterScores(p *Problem, groups []float64, codes []int32) {
	k := len(p.Score)
	for j, c := range p.Score {
		column := t.columns[c]
		for i, g := range codes {
			groups[int(g)*k+j] += column[i] * t.u[i]
		}
	}
}

// addScores adds the residuals in t.u of rows from to to-1 times the score columns to their group.
func (t *tile) addScores(p *Problem, group, from, to int) {
	into := p.Groups[group*len(p.Score):]
	from, to = from-t.from, to-t.from
	for j, c := range p.Score {
		into[j] += floats.Dot(t.columns[c][from:to], t.u[from:to])
	}
}

// addMeat adds the products of the score columns, times what t.u holds for each row and over its
// frequency, to the upper triangle of sum.
func (t *tile) addMeat(sum []float64, score []int, frequency []float64) {
	if frequency != nil {
		floats.Div(t.u, frequency[t.from:t.to])
	}
	k := len(score)
	for a, c := range score {
		floats.MulTo(t.product, t.u, t.columns[c])
		for b := a; b < k; b++ {
			sum[a*k+b] += floats.Dot(t.product, t.columns[score[b]])
		}
	}
}

// mirror copies the upper triangle of a square matrix to the lower one.
func mirror(square []float64, k int) {
	for i := range k {
		for j := range i {
			square[i*k+j] = square[j*k+i]
		}
	}
}

// addGroups sums the scores up over all groups.
func (p *Problem) addGroups(groups int) {
	k := len(p.Score)
	p.Total = make([]float64, k)
	for g := range groups {
		floats.Add(p.Total, p.Groups[g*k:(g+1)*k])
	}
}

// FromProducts fills in the sums of problems without their meats from cross-products alone: no row is
// looked at. Regressors and score columns are among the first K columns of grams, and outcomes among
// its Width. Sums of squares lose the digits that the regressors explain: RSS has an error of about
// 1e-16 of the sum of squares of the outcome.
func FromProducts(ctx context.Context, total []float64, columns int, grams *Grams, problems []*Problem) error {
	residuals := make([][]float64, len(problems)) // each the sum of these times the columns
	for q, p := range problems {
		p.Meats, p.Groups = nil, make([]float64, grams.Len()*len(p.Score))
		p.RSS = p.squares(total, columns)
		residuals[q] = make([]float64, grams.Width)
		residuals[q][p.Y] = 1
		for j, c := range p.X {
			residuals[q][c] = -p.B[j]
		}
	}
	const chunk = 256
	err := parallel.For(ctx, (grams.Len()+chunk-1)/chunk, func(c int) {
		products := make([]float64, grams.K)
		for g := c * chunk; g < min((c+1)*chunk, grams.Len()); g++ {
			for q, p := range problems {
				grams.times(g, p.Y, residuals[q], products)
				into := p.Groups[g*len(p.Score) : (g+1)*len(p.Score)]
				for i, z := range p.Score {
					into[i] = products[z]
				}
			}
		}
	})
	if err != nil {
		return err
	}
	return parallel.For(ctx, len(problems), func(q int) { problems[q].addGroups(grams.Len()) })
}

// squares is the sum of squared residuals from cross-products in total.
func (p *Problem) squares(total []float64, columns int) float64 {
	at := func(i, j int) float64 { return total[min(i, j)*columns+max(i, j)] }
	sum := at(p.Y, p.Y)
	for j, c := range p.X {
		product := 2 * at(c, p.Y)
		for l, d := range p.X {
			product -= at(c, d) * p.B[l]
		}
		sum -= p.B[j] * product
	}
	return sum
}

// ScatterScores sums z u by groups that need not be consecutive: row i belongs to codes[i].
func (p *Problem) ScatterScores(src Source, codes []int32, groups int) []float64 {
	sums := make([]float64, groups*len(p.Score))
	t := newTiles(src).Get()
	t.walk(src, 0, len(codes), func() {
		t.residuals(p, t.u)
		t.scatterScores(p, sums, codes[t.from:t.to])
	})
	return sums
}

// Outer is the sum over groups of s s', where group g has the k scores s[g*k:(g+1)*k].
func Outer(scores []float64, k int) []float64 {
	sum := make([]float64, k*k)
	for g := range len(scores) / max(k, 1) {
		s := scores[g*k : (g+1)*k]
		for a, v := range s {
			into := sum[a*k : (a+1)*k]
			for b := a; b < k; b++ {
				into[b] += v * s[b]
			}
		}
	}
	mirror(sum, k)
	return sum
}
