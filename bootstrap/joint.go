package bootstrap

import "math"

// jointBlock computes the F statistics of a block of draws of a joint test: n' V^-1 n / q. A draw
// whose variance is singular has none, and is NaN.
func (k *kernel) jointBlock(w *workspace, into []float64) {
	n, q := len(into), k.q
	k.sums(w, n)
	numerators := make([]float64, q*n)
	for i := range q {
		k.numerator(w, 0, i, n, numerators[i*n:(i+1)*n])
	}
	pairs := q * (q + 1) / 2
	variances := make([]float64, pairs*n) // lower triangle, row after row, of each draw
	for m := range k.meats {
		meat := &k.meats[m]
		k.deviations(w, meat, n, func(rows int, e [][]float64) {
			for g := 0; g < rows; g += q {
				at := 0
				for i := range q {
					left := e[0][(g+i)*n : (g+i+1)*n]
					for j := range i + 1 {
						right, sum := e[0][(g+j)*n:(g+j+1)*n], variances[at*n:(at+1)*n]
						for b, x := range left {
							sum[b] += meat.factor * x * right[b]
						}
						at++
					}
				}
			}
		})
	}
	v, d := make([]float64, pairs), make([]float64, q)
	for b := range into {
		for i := range pairs {
			v[i] = variances[i*n+b]
		}
		for i := range q {
			d[i] = numerators[i*n+b]
		}
		into[b] = wald(v, d) / float64(q)
	}
}

// wald is d' V^-1 d for the lower triangle v of V, row after row, by Cholesky; NaN where V is not
// positive definite. It overwrites both.
func wald(v, d []float64) float64 {
	sum := 0.0
	row := 0
	for i := range d {
		diagonal := v[row+i]
		other := 0
		for j := range i {
			x := v[row+j]
			for l := range j {
				x -= v[row+l] * v[other+l]
			}
			v[row+j] = x / v[other+j]
			v[row+i] -= v[row+j] * v[row+j]
			d[i] -= v[row+j] * d[j]
			other += j + 1
		}
		if !(v[row+i] > 1e-12*diagonal) {
			return math.NaN()
		}
		v[row+i] = math.Sqrt(v[row+i])
		d[i] /= v[row+i]
		sum += d[i] * d[i]
		row += i + 1
	}
	return sum
}
