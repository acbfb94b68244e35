package bootstrap

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

// Roots are the places where the polynomial with these coefficients changes sign.
func Roots(coefficients ...float64) []float64 { return polynomial(coefficients).roots() }
