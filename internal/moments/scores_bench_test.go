package moments

import (
	"math/rand/v2"
	"testing"
)

// BenchmarkFromProducts sums up the scores of a problem from cross-products by cluster.
func BenchmarkFromProducts(b *testing.B) {
	const groups, k, width = 5_885, 12, 14
	rng := rand.New(rand.NewPCG(3, 4))
	grams := newGrams(groups, k, width)
	total := make([]float64, width*width)
	for i := range grams.data {
		grams.data[i] = rng.Float64()
	}
	for i := range total {
		total[i] = rng.Float64()
	}
	p := &Problem{Y: k}
	for c := range k {
		p.X, p.B, p.Score = append(p.X, c), append(p.B, rng.Float64()), append(p.Score, c)
	}
	b.SetBytes(int64(8 * len(grams.data)))
	for b.Loop() {
		p.FromProducts(total, width, grams)
	}
}
