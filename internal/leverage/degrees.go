package leverage

import (
	"context"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/internal/parallel"
	"github.com/fieldexp/fieldexp/internal/symmetric"
)

// Degrees is what the working model (independent errors; see Blocks.Reweigh for those of weights)
// says of the covariance of contrasts.
type Degrees struct {
	// Mean is the expected covariance of the contrasts for errors of unit variance.
	Mean *mat.SymDense
	// DF is the degrees of freedom of the Wishart distribution with the same total variance of the
	// standardised covariance: Satterthwaite's for one contrast, those of the approximate Hotelling
	// test for several (Pustejovsky and Tipton 2018). NaN where a contrast has no variance.
	DF float64
}

// Degrees computes them for contrasts, one in each row. It may be called from several goroutines.
func (a *Adjusted) Degrees(contrasts *mat.Dense) Degrees {
	q, _ := contrasts.Dims()
	w := a.working(contrasts)
	result := Degrees{Mean: mat.NewSymDense(q, nil), DF: math.NaN()}
	for _, own := range w.own {
		result.Mean.AddSym(result.Mean, own)
	}
	root := symmetric.InverseRoot(result.Mean)
	if root == nil {
		return result
	}
	w.rotate(root)
	total := 0.0
	for s := range q {
		for t := range q {
			total += w.variance(s, t)
		}
	}
	result.DF = float64(q*(q+1)) / total
	return result
}

// Each is the degrees of freedom of every estimate by itself.
func (a *Adjusted) Each(ctx context.Context) ([]float64, error) {
	k, _ := a.design.Basis.Dims()
	identity := mat.NewDense(k, k, nil)
	for i := range k {
		identity.Set(i, i, 1)
	}
	w := a.working(identity)
	df := make([]float64, k)
	err := parallel.For(ctx, k, func(s int) {
		mean := 0.0
		for _, own := range w.own {
			mean += own.At(s, s)
		}
		df[s] = 2 * mean * mean / w.variance(s, s)
	})
	return df, err
}
