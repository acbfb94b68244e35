package leverage

import (
	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/internal/moments"
)

// Shares is each cluster's share of the variation that is left in the regressor of an estimate
// after all other columns: its partial leverage.
func (d *Design) Shares(estimate int) []float64 {
	shares := d.Variances(estimate)
	total := 0.0
	for _, v := range shares {
		total += v
	}
	for g := range shares {
		shares[g] /= total
	}
	return shares
}

// Variances is, for each cluster, the part of the estimate's variance that it adds where errors are
// independent with unit variance: c'M F_g'F_g M c.
func (d *Design) Variances(estimate int) []float64 {
	on := d.onScores(estimate)
	list := make([]float64, d.Blocks.Len())
	a := make([]float64, d.Blocks.Grams.K)
	for i, c := range d.Score {
		a[c] = on.AtVec(i)
	}
	for g := range list {
		list[g] = d.Blocks.Grams.Quadratic(g, a, a)
	}
	return list
}

// Sums is, for each cluster, c'M F_g'1; nil where the blocks hold no sums.
func (d *Design) Sums(estimate int) []float64 {
	b := d.Blocks
	if b.sums == nil {
		return nil
	}
	on := d.onScores(estimate)
	list := make([]float64, b.Len())
	for g := range list {
		for i, c := range d.Score {
			list[g] += on.AtVec(i) * b.sums[g*b.Grams.K+c]
		}
	}
	return list
}

// onScores is the estimate as a combination of score columns times errors.
func (d *Design) onScores(estimate int) *mat.VecDense {
	var on mat.VecDense
	on.MulVec(d.Bread, d.Basis.RowView(estimate))
	onScores := mat.NewVecDense(len(d.Score), nil)
	onScores.MulVec(d.Fitted, &on)
	return onScores
}

// addSums sums up the leading columns by cluster, weighted.
func (b *Blocks) addSums(m moments.Matrix) {
	k := b.Grams.K
	b.sums = make([]float64, b.Len()*k)
	for g := range b.Len() {
		for _, i := range b.rows.of(g) {
			root := b.effects.root(i)
			for j, v := range m.Row(int(i))[:k] {
				b.sums[g*k+j] += root * v
			}
		}
	}
}
