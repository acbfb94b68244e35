package iv

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/internal/moments"
	"github.com/fieldexp/fieldexp/internal/symmetric"
)

// polish takes the estimates of a least-squares regression to the last digits: Newton steps with
// a gradient whose sums are held to twice the usual precision, on the columns as they were before
// they were made orthogonal to each other.
func (s *sample) polish(r *regression) {
	if r.estimator != OLS {
		return
	}
	columns := s.held
	if s.exact != nil {
		columns.X = s.exact
	}
	k := len(r.x)
	undo := s.unorthogonal(r.x)
	bread := symmetric.Sandwich(undo.T(), r.bread)
	var start, step mat.VecDense
	start.MulVec(undo, mat.NewVecDense(k, r.problem.B))
	r.exact = append([]float64(nil), start.RawVector().Data...)
	const steps = 6
	for range steps {
		gradient := moments.ExactGradient(columns, r.problem.Y, r.x, r.exact)
		step.MulVec(bread, mat.NewVecDense(k, gradient))
		moved := false
		for j := range r.exact {
			d := step.AtVec(j)
			r.exact[j] += d
			moved = moved || math.Abs(d) > 1e-15*math.Abs(r.exact[j])
		}
		if !moved {
			return
		}
	}
}

// unorthogonal maps estimates on the working columns x to estimates on the columns as they were
// before they were made orthogonal: the basis without its shifts.
func (s *sample) unorthogonal(x []int) *mat.Dense {
	p := s.p
	undo := mat.NewDense(len(x), len(x), nil)
	for i, c := range x {
		for j, d := range x {
			v := s.basis[c*p+d]
			if s.isConstant(c) {
				for e := range p {
					if e != c {
						v += s.shift[e] * s.basis[e*p+d]
					}
				}
			}
			undo.Set(i, j, v)
		}
	}
	return undo
}

// original reports the estimates in terms of the original columns. The outcome of a first stage was
// made orthogonal to exogenous columns, and any outcome was shifted: what was taken out of it is
// given back to their coefficients.
func (s *sample) original(r *regression, f *fit) []float64 {
	y := r.problem.Y
	if r.exact == nil {
		var b mat.VecDense
		b.MulVec(f.basis, mat.NewVecDense(len(r.x), r.problem.B))
		coef := b.RawVector().Data
		for j, c := range r.x {
			if c != y {
				coef[j] -= s.basis[c*s.p+y]
			}
		}
		return coef
	}
	coef := append([]float64(nil), r.exact...)
	if last := len(r.x) - 1; s.isConstant(r.x[last]) {
		constant := moments.Pair{High: coef[last]}
		constant.Add(s.shift[y])
		for j, c := range r.x[:last] {
			constant.AddProduct(-coef[j], s.shift[c])
		}
		coef[last] = constant.Value()
	}
	return coef
}
