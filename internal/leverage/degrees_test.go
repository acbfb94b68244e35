package leverage_test

import (
	"context"
	"math"
	"testing"

	"github.com/fieldexp/fieldexp/internal/leverage"
	"gonum.org/v1/gonum/mat"
)

// mean is the expected covariance of contrasts: the sum over clusters of p_g'p_g.
func (w written) mean(contrasts mat.Matrix) *mat.Dense {
	q, _ := contrasts.Dims()
	sum := mat.NewDense(q, q, nil)
	for _, p := range w.p {
		sum.Add(sum, product(contrasts, p.T(), p, contrasts.T()))
	}
	return sum
}

// degrees are those of the Wishart distribution whose elements have together the variance of the covariance's, once
// its mean is the identity. The element s, t of the covariance is e'Q e for Q the sum over
// clusters of the symmetric part of p_gs p_gt', and so has variance 2 tr(QQ).
func (w written) degrees(contrasts mat.Matrix) float64 {
	q, _ := contrasts.Dims()
	n, _ := w.p[0].Dims()
	standard := product(power(w.mean(contrasts), -0.5), contrasts)
	total := 0.0
	for s := range q {
		for u := range q {
			form := mat.NewDense(n, n, nil)
			for _, p := range w.p {
				turned := product(p, standard.T())
				var outer mat.Dense
				outer.Mul(turned.ColView(s), turned.ColView(u).T())
				outer.Scale(0.5, &outer)
				form.Add(form, &outer)
				form.Add(form, outer.T())
			}
			total += 2 * mat.Trace(product(form, form))
		}
	}
	return float64(q*(q+1)) / total
}

// TestDegrees compares the working model's mean and degrees of freedom, of each estimate, of a difference and of a
// joint test, with the definition, in which the quadratic forms are matrices of all rows by rows.
func TestDegrees(t *testing.T) {
	contrasts := map[string]*mat.Dense{
		"the first": mat.NewDense(1, 2, []float64{1, 0}), "difference": mat.NewDense(1, 2, []float64{1, -1}),
		"joint": mat.NewDense(2, 2, []float64{1, 0.5, -3, 1}),
	}
	each(t, func(t *testing.T, f *fitted, p leverage.Power, want written) {
		a := adjust(t, f, p)
		for name, c := range contrasts {
			got := a.Degrees(c)
			same(t, name+": mean", got.Mean, want.mean(c), tolerance)
			same(t, name+": degrees of freedom", column([]float64{got.DF}), column([]float64{want.degrees(c)}), tolerance)
		}
		df, err := a.Each(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for j, v := range df {
			single := mat.NewDense(1, 2, nil)
			single.Set(0, j, 1)
			same(t, "each estimate's degrees of freedom", column([]float64{v}), column([]float64{want.degrees(single)}), tolerance)
		}
	})
}

// TestUnbiased: where errors are as the working model has them, the expectation of CR2 is the estimates' variance, and
// that of CR3 is no less. The exception is that of equal variances with weights and nested effects D, whose
// residuals are zero along WD, where the estimates have a part of their errors.
func TestUnbiased(t *testing.T) {
	each(t, func(t *testing.T, f *fitted, p leverage.Power, want written) {
		if f.design.Blocks.Reweighed() && len(f.nested) > 0 {
			return
		}
		mean := adjust(t, f, p).Degrees(identity(2)).Mean
		switch p {
		case leverage.InverseRoot:
			same(t, "expectation of CR2", mean, want.variance, tolerance)
		case leverage.InverseWhole:
			for j := range 2 {
				if mean.At(j, j) < want.variance.At(j, j) {
					t.Errorf("the expectation of CR3, %v, is below the variance %v", mean.At(j, j), want.variance.At(j, j))
				}
			}
		}
	})
}

// TestDegreesSingular: contrasts that say the same twice, or nothing, have no degrees of freedom.
func TestDegreesSingular(t *testing.T) {
	a := adjust(t, fit(t, newSmall(shapes[0], 2, 0, 0), 0, nil), leverage.InverseRoot)
	singular := []*mat.Dense{mat.NewDense(1, 2, nil)}
	for _, times := range []float64{-3, 0.1, 0.7, 2, 9} {
		singular = append(singular, mat.NewDense(2, 2, []float64{1, 0.3, times, 0.3 * times}))
	}
	for _, c := range singular {
		if df := a.Degrees(c).DF; !math.IsNaN(df) {
			t.Errorf("%v degrees of freedom of\n%v", df, mat.Formatted(c))
		}
	}
}
