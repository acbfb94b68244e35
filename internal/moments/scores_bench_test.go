package moments

import (
	"context"
	"math/rand/v2"
	"testing"
)

// BenchmarkFromProducts sums up the scores of problems from cross-products by cluster.
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
	problems := make([]*Problem, 8)
	for q := range problems {
		p := &Problem{Y: k + q%2}
		for c := range k {
			p.X, p.B, p.Score = append(p.X, c), append(p.B, rng.Float64()), append(p.Score, c)
		}
		problems[q] = p
	}
	b.SetBytes(int64(8 * len(grams.data) * len(problems)))
	for b.Loop() {
		if err := FromProducts(context.Background(), total, width, grams, problems); err != nil {
			b.Fatal(err)
		}
	}
}
