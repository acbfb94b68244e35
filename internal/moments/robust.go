package moments

import (
	"context"

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
func RobustMeats(ctx context.Context, m Matrix, part Partition, p *Problem, hat Hat) (Corrected, error) {
	bounds := part.chunks()
	k := len(p.Score)
	parts := make([]Corrected, len(bounds)-1)
	err := parallel.For(ctx, len(parts), func(c int) {
		sum := Corrected{Root: make([]float64, k*k), Whole: make([]float64, k*k)}
		z := make([]float64, k)
		for i := part.Starts[bounds[c]]; i < part.Starts[bounds[c+1]]; i++ {
			row, u := m.Row(i), p.Residual(m, i)
			for j, column := range p.Score {
				z[j] = row[column]
			}
			h, uu := hat.of(i, z), u*u
			if hat.Frequency != nil {
				uu /= hat.Frequency[i]
			}
			if h >= leverageOne {
				sum.Ones++
				continue
			}
			root := uu / (1 - h)
			whole := root / (1 - h)
			for a, v := range z {
				for b, w := range z {
					sum.Root[a*k+b] += root * v * w
					sum.Whole[a*k+b] += whole * v * w
				}
			}
		}
		parts[c] = sum
	})
	total := Corrected{Root: make([]float64, k*k), Whole: make([]float64, k*k)}
	for _, part := range parts {
		total.Ones += part.Ones
		for i := range part.Root {
			total.Root[i] += part.Root[i]
			total.Whole[i] += part.Whole[i]
		}
	}
	return total, err
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
