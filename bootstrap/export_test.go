package bootstrap

import "math/rand/v2"

// Draws lays the weights of a plan out: a slice for each draw, with a weight for each cluster.
func Draws(law Weights, seed uint64, draws, clusters int) [][]float64 {
	plan := newDrawing(law, seed, draws, clusters)
	list := make([][]float64, plan.draws)
	block := make([]float64, clusters*drawBlock)
	for b := range plan.blocks() {
		plan.fill(b, block)
		from, to := plan.bounds(b)
		for i := from; i < to; i++ {
			for g := range clusters {
				list[i] = append(list[i], block[g*(to-from)+i-from])
			}
		}
	}
	return list
}

// Resamples lists how often each cluster is in each draw of a pairs bootstrap.
func Resamples(seed uint64, draws, clusters int) [][]int {
	plan := newDrawing(Normal, seed, draws, clusters)
	list := make([][]int, draws)
	for b := range plan.blocks() {
		rng := rand.New(stream(seed, uint64(b)))
		from, to := plan.bounds(b)
		for i := from; i < to; i++ {
			list[i] = make([]int, clusters)
			for range clusters {
				list[i][rng.IntN(clusters)]++
			}
		}
	}
	return list
}

// Determinant is that of a square matrix, row after row.
func Determinant(a []float64, size int) float64 { return determinant(a, size) }
