package moments

import (
	"context"

	"gonum.org/v1/gonum/floats"

	"github.com/fieldexp/fieldexp/internal/parallel"
)

// Hat says what the leverage of row i in a problem is: h_i = (z'Bz + Effects_i) / Frequency_i, with z
// its score columns.
type Hat struct {
	Bread     []float64 // B, score columns x score columns
	Effects   []float64 // leverage of absorbed effects; nil when there are none
	Frequency []float64 // identical rows that a row stands for; nil for one each
}

// Corrected is a meat whose squared residuals are corrected for leverage.
type Corrected struct {
	Root, Whole []float64 // sums of u^2 z z'/(1-h) and of u^2 z z'/(1-h)^2 (full squares)
	Ones        int       // rows of leverage one, whose residuals are zero and which are left out
}

// leverageOne is the leverage from which a row counts as determining its own fit.
const leverageOne = 1 - 1e-10

// RobustMeats computes the corrected meat of a problem whose estimates are final.
func RobustMeats(ctx context.Context, src Source, p *Problem, hat Hat) (Corrected, error) {
	rows, _ := src.Size()
	bounds := runs(rows)
	k := len(p.Score)
	parts := make([]Corrected, len(bounds)-1)
	tiles := newTiles(src)
	err := parallel.For(ctx, len(parts), func(c int) {
		t := tiles.Get()
		defer tiles.Put(t)
		sum := Corrected{Root: make([]float64, k*k), Whole: make([]float64, k*k)}
		z := make([]float64, k)
		t.walk(src, bounds[c], bounds[c+1], func() {
			t.residuals(p, t.u)
			for i, u := range t.u {
				for j, column := range p.Score {
					z[j] = t.columns[column][i]
				}
				sum.add(t.from+i, u, z, &hat)
			}
		})
		parts[c] = sum
	})
	total := Corrected{Root: make([]float64, k*k), Whole: make([]float64, k*k)}
	if err != nil {
		return total, err
	}
	for _, part := range parts {
		total.Ones += part.Ones
		floats.Add(total.Root, part.Root)
		floats.Add(total.Whole, part.Whole)
	}
	return total, nil
}

// add adds row i with residual u and score columns z.
func (c *Corrected) add(i int, u float64, z []float64, hat *Hat) {
	h, uu, k := hat.of(i, z), u*u, len(z)
	if hat.Frequency != nil {
		uu /= hat.Frequency[i]
	}
	if h >= leverageOne {
		c.Ones++
		return
	}
	root := uu / (1 - h)
	whole := root / (1 - h)
	for a, v := range z {
		for b, w := range z {
			c.Root[a*k+b] += root * v * w
			c.Whole[a*k+b] += whole * v * w
		}
	}
}

func (hat *Hat) of(i int, z []float64) (h float64) {
	k := len(z)
	for a, v := range z {
		for b, w := range z {
			h += v * w * hat.Bread[a*k+b]
		}
	}
	if hat.Effects != nil {
		h += hat.Effects[i]
	}
	if hat.Frequency != nil {
		h /= hat.Frequency[i]
	}
	return h
}
