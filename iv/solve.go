package iv

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/moments"
)

// regression is one model over a sample: ordinary least squares of a column on others or, with
// instruments, an estimator of the k-class. In matrices, with W the score columns and L = load,
//
//	b = (L'W'X)^-1 L'W'y,  L'W' = (1-kappa) X' + kappa X'Z(Z'Z)^-1 Z'
//
// so that L'W' = X' for OLS and the fitted regressors for 2SLS. Sandwiches are made of the fitted
// regressors times residuals throughout, as Stata makes them for LIML too.
type regression struct {
	estimator Estimator
	kappa     float64
	x         []int            // columns of the regressors
	load      *mat.Dense       // score columns x regressors: those of the normal equations
	fitted    *mat.Dense       // score columns x regressors: the fitted regressors
	bread     *mat.SymDense    // (L'W'X)^-1
	projected *mat.SymDense    // inverse of X^'X^ with the fitted regressors X^: bread but for LIML and Fuller
	turn      *mat.Dense       // bread X^'X^; nil where that is the identity
	problem   *moments.Problem // of the working columns, whose scores are W'u
	exact     []float64        // polished estimates on the columns before orthogonalisation, if any
}

// leastSquares sets up the regression of column y on columns x.
func leastSquares(total []float64, p, y int, x []int, names []column) (*regression, error) {
	r := &regression{estimator: OLS, x: x}
	r.load = identity(len(x))
	r.fitted = r.load
	return r, r.solve(gram(total, p, x, x), gram(total, p, x, []int{y}), y, x, names)
}

// instrumented sets up the k-class regression of y on x with the instruments z, which include
// the exogenous columns of x.
func instrumented(total []float64, p, y int, x, z []int, names []column, kappa float64) (*regression, error) {
	r := &regression{kappa: kappa, x: x}
	zz, err := inverseOf(gram(total, p, z, z))
	if err != nil {
		return nil, illConditioned(z, names, err)
	}
	var first mat.Dense // (Z'Z)^-1 Z'X
	first.Mul(zz, gram(total, p, z, x))
	for j, c := range x {
		for i, d := range z {
			if place(z, c) >= 0 { // an exogenous column is its own instrument, exactly
				first.Set(i, j, 0)
				if c == d {
					first.Set(i, j, 1)
				}
			}
		}
	}
	score := z
	r.load, r.fitted = &first, &first
	if kappa != 1 {
		score = concat(z, missingFrom(x, z))
		r.load, r.fitted = mat.NewDense(len(score), len(x), nil), mat.NewDense(len(score), len(x), nil)
		for j, c := range x {
			for i := range z {
				r.load.Set(i, j, kappa*first.At(i, j))
				r.fitted.Set(i, j, first.At(i, j))
			}
			at := place(score, c)
			r.load.Set(at, j, r.load.At(at, j)+1-kappa)
		}
	}
	var a, b mat.Dense
	a.Mul(r.load.T(), gram(total, p, score, x))
	b.Mul(r.load.T(), gram(total, p, score, []int{y}))
	if err := r.solve(&a, &b, y, score, names); err != nil || kappa == 1 {
		return r, err
	}
	var moved mat.Dense // X'Z(Z'Z)^-1 Z'X
	moved.Mul(first.T(), gram(total, p, z, x))
	if r.projected, err = inverseOf(&moved); err != nil {
		return nil, illConditioned(x, names, err)
	}
	r.turn = &mat.Dense{}
	r.turn.Mul(r.bread, &moved)
	return r, nil
}

// solve computes the estimates from the normal equations a b = rhs.
func (r *regression) solve(a, rhs *mat.Dense, y int, score []int, names []column) error {
	var err error
	if r.bread, err = inverseOf(a); err != nil {
		return illConditioned(r.x, names, err)
	}
	var b mat.Dense
	b.Mul(r.bread, rhs)
	r.problem = &moments.Problem{Y: y, X: r.x, B: mat.Col(nil, 0, &b), Score: score}
	r.projected = r.bread
	return nil
}

// refine sums up the residuals of all regressions in one pass over the rows and corrects their
// estimates by what the sums show, until nothing is left to correct. It restores the digits that
// cross-products lose.
func refine(ctx context.Context, s *sample, frequency []float64, regressions []*regression) error {
	const attempts = 4
	todo := regressions
	for attempt := range attempts {
		problems := make([]*moments.Problem, len(todo))
		for i, r := range todo {
			problems[i] = r.problem
		}
		if err := s.scores(ctx, frequency, problems); err != nil {
			return err
		}
		var again []*regression
		for _, r := range todo {
			if r.correct(s.n) && attempt < attempts-1 {
				again = append(again, r)
			}
		}
		if todo = again; len(todo) == 0 {
			break
		}
	}
	return nil
}

// correct adds the Newton step to the estimates and reports whether it was more than rounding.
func (r *regression) correct(n int) (moved bool) {
	k := len(r.x)
	var gradient, step mat.VecDense
	gradient.MulVec(r.load.T(), mat.NewVecDense(len(r.problem.Score), r.problem.Total))
	step.MulVec(r.bread, &gradient)
	for j := range k {
		d := step.AtVec(j)
		r.problem.B[j] += d
		spread := math.Sqrt(math.Abs(r.bread.At(j, j)) * r.problem.RSS / float64(n))
		if math.Abs(d) > 1e-10*spread+1e-14*math.Abs(r.problem.B[j]) {
			moved = true
		}
	}
	return moved
}

// gram is the block of cross-products of columns a with columns b.
func gram(total []float64, p int, a, b []int) *mat.Dense {
	g := mat.NewDense(len(a), len(b), nil)
	for i, c := range a {
		for j, d := range b {
			g.Set(i, j, total[min(c, d)*p+max(c, d)])
		}
	}
	return g
}

// inverseOf inverts a positive definite matrix after scaling it to a unit diagonal.
func inverseOf(a *mat.Dense) (*mat.SymDense, error) {
	n, _ := a.Dims()
	scale := make([]float64, n)
	for i := range n {
		scale[i] = math.Sqrt(a.At(i, i))
		if !(scale[i] > 0) {
			return nil, mat.Condition(math.Inf(1))
		}
	}
	scaled := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			scaled.SetSym(i, j, (a.At(i, j)+a.At(j, i))/2/scale[i]/scale[j])
		}
	}
	var chol mat.Cholesky
	if !chol.Factorize(scaled) {
		return nil, mat.Condition(math.Inf(1))
	}
	inverse := mat.NewSymDense(n, nil)
	if err := chol.InverseTo(inverse); err != nil {
		return nil, err
	}
	for i := range n {
		for j := i; j < n; j++ {
			inverse.SetSym(i, j, inverse.At(i, j)/scale[i]/scale[j])
		}
	}
	return inverse, nil
}

// illConditioned explains why the equations cannot be solved.
func illConditioned(places []int, names []column, cause error) error {
	list := make([]string, len(places))
	for i, c := range places {
		list[i] = names[c].name
	}
	return &fieldexp.Error{Op: "iv", Problem: fieldexp.IllConditioned, Columns: list, Err: cause,
		Message: fmt.Sprintf("the columns %s are too nearly collinear, or the instruments explain too little, to be solved for (%v)", quoted(list), cause),
		Remedy:  []fieldexp.Hint{"drop a control", "check that assignment moved usage"}}
}

// limlKappa is the smallest characteristic root of [y D]'M_E[y D] relative to [y D]'M_Z[y D]:
// the k of limited-information maximum likelihood.
func limlKappa(total []float64, p, y int, endog, exog, z []int, names []column) (float64, error) {
	yd := append([]int{y}, endog...)
	outer, err := residualGram(total, p, yd, exog, names)
	if err != nil {
		return 0, err
	}
	inner, err := residualGram(total, p, yd, z, names)
	if err != nil {
		return 0, err
	}
	var chol mat.Cholesky
	if !chol.Factorize(inner) {
		return 0, illConditioned(yd, names, mat.Condition(math.Inf(1)))
	}
	var lower mat.TriDense
	chol.LTo(&lower)
	var half, ratio mat.Dense
	if err := half.Solve(&lower, outer); err != nil {
		return 0, illConditioned(yd, names, err)
	}
	if err := ratio.Solve(&lower, half.T()); err != nil {
		return 0, illConditioned(yd, names, err)
	}
	n := len(yd)
	sym := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			sym.SetSym(i, j, (ratio.At(i, j)+ratio.At(j, i))/2)
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(sym, false) {
		return 0, illConditioned(yd, names, mat.Condition(math.Inf(1)))
	}
	return eigen.Values(nil)[0], nil
}

// residualGram is the cross-products of columns a after the regression on columns b.
func residualGram(total []float64, p int, a, b []int, names []column) (*mat.SymDense, error) {
	aa := gram(total, p, a, a)
	if len(b) > 0 {
		bb, err := inverseOf(gram(total, p, b, b))
		if err != nil {
			return nil, illConditioned(b, names, err)
		}
		ba := gram(total, p, b, a)
		var coef, fitted mat.Dense
		coef.Mul(bb, ba)
		fitted.Mul(ba.T(), &coef)
		aa.Sub(aa, &fitted)
	}
	sym := mat.NewSymDense(len(a), nil)
	for i := range a {
		for j := i; j < len(a); j++ {
			sym.SetSym(i, j, (aa.At(i, j)+aa.At(j, i))/2)
		}
	}
	return sym, nil
}

func identity(n int) *mat.Dense {
	d := mat.NewDense(n, n, nil)
	for i := range n {
		d.Set(i, i, 1)
	}
	return d
}

func place(list []int, c int) int {
	for i, v := range list {
		if v == c {
			return i
		}
	}
	return -1
}

// missingFrom lists what is in a but not in b.
func missingFrom(a, b []int) (rest []int) {
	for _, c := range a {
		if place(b, c) < 0 {
			rest = append(rest, c)
		}
	}
	return rest
}
