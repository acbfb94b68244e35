package iv

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/internal/moments"
	"github.com/fieldexp/fieldexp/internal/parallel"
)

// stages are the regressions of one outcome that only tests of instruments need.
type stages struct {
	twoStage   *regression // two-stage least squares, whatever the estimator of the model
	pooled     *moments.Problem
	exogeneity *moments.Problem
	residual   *mat.Dense // the combinations of columns that are the first stages' residuals
	fit        *fit       // of exogeneity; nil where a first stage fits exactly
}

// systems computes the reduced-form system of each outcome of the sample. It sums up
// the products of residuals and the scores that only tests of instruments need: in two more passes over
// the rows, where these are not had from cross-products.
func (s *sample) systems(ctx context.Context, m *model, total []float64, first []*regression, outcomes []models, report map[*regression]*Result) error {
	null, err := s.nullStages(total)
	if err != nil {
		return err
	}
	var frequency []float64
	if m.spec.WeightKind == Frequency {
		frequency = s.weights
	}
	rows := len(s.clusters) == 0
	var stage, later []*moments.Problem
	for _, f := range first {
		stage = append(stage, f.problem)
	}
	for _, p := range null {
		p.Meat = rows
	}
	if s.wide() {
		err = s.scores(ctx, frequency, null)
	} else {
		later = slices.Clone(null) // one pass over the rows serves all
	}
	if err != nil {
		return err
	}
	all := append(crossesOf(stage, rows), crossesOf(null, rows)...)
	for _, o := range outcomes {
		for _, f := range stage {
			all = append(all, &moments.Cross{A: o.reducedForm.problem, B: f, Meat: rows})
		}
	}
	if err := s.crosses(ctx, frequency, all); err != nil {
		return err
	}
	list := make([]*stages, len(outcomes))
	for i, o := range outcomes {
		if list[i], err = s.newStages(total, first, o, all); err != nil {
			return err
		}
		list[i].pooled.Meat, list[i].exogeneity.Meat = rows, rows
		later = append(later, list[i].pooled, list[i].exogeneity)
	}
	if err := s.scores(ctx, frequency, later); err != nil {
		return err
	}
	// All outcomes have the same instruments net of exogenous columns, and so the same null.
	nullParts, err := s.stack(ctx, null, s.net(report[outcomes[0].reducedForm]), all)
	if err != nil {
		return err
	}
	systems, problems := make([]*system, len(outcomes)), make([]error, len(outcomes))
	err = parallel.For(ctx, len(outcomes), func(i int) {
		systems[i], problems[i] = s.newSystem(ctx, stage, outcomes[i], list[i], all, report, first)
	})
	for i, o := range outcomes {
		if problems[i] != nil {
			return problems[i]
		}
		if err == nil {
			systems[i].null = nullParts
			report[o.main].system = systems[i]
		}
	}
	return err
}

// nullStages sets up the regressions of the endogenous columns on the exogenous ones alone: the
// first stages under the hypothesis that instruments move nothing.
func (s *sample) nullStages(total []float64) ([]*moments.Problem, error) {
	x, z := s.regressors(nil), s.regressors(s.instr)
	list := make([]*moments.Problem, len(s.endog))
	for i, d := range s.endog {
		list[i] = &moments.Problem{Y: d, X: x, Score: z}
		if len(x) == 0 {
			continue
		}
		inverse, err := inverseOf(gram(total, s.p, x, x))
		if err != nil {
			return nil, illConditioned(x, s.columns, err)
		}
		var b mat.Dense
		b.Mul(inverse, gram(total, s.p, x, []int{d}))
		list[i].B = mat.Col(nil, 0, &b)
	}
	return list, nil
}

// crosses are products of residuals, to be looked up by the problems whose residuals they are.
type crosses []*moments.Cross

// crossesOf pairs each problem with those after it.
func crossesOf(list []*moments.Problem, meat bool) (pairs crosses) {
	for i, a := range list {
		for _, b := range list[i+1:] {
			pairs = append(pairs, &moments.Cross{A: a, B: b, Meat: meat})
		}
	}
	return pairs
}

// of is the sum of the products of two problems' residuals, and their meat.
func (list crosses) of(a, b *moments.Problem) (dot float64, meat []float64) {
	if a == b {
		return a.RSS, a.Meats
	}
	for _, c := range list {
		if c.A == a && c.B == b || c.A == b && c.B == a {
			return c.Dot, c.Meats
		}
	}
	return math.NaN(), nil
}

// dots is the symmetric matrix of the sums of products of residuals.
func (list crosses) dots(problems ...*moments.Problem) *mat.SymDense {
	sums := mat.NewSymDense(len(problems), nil)
	for i, a := range problems {
		for j, b := range problems[:i+1] {
			dot, _ := list.of(a, b)
			sums.SetSym(i, j, dot)
		}
	}
	return sums
}

// newStages sets up what one outcome's tests need: the as-used regression with the scores of all
// columns, and the regression of the outcome on the regressors and the first stages' residuals V.
// The residual of the latter is that of two-stage least squares less V rho, with rho = (V'V)^-1 V'u:
// V is orthogonal to instruments and exogenous columns, so that the other coefficients stay.
func (s *sample) newStages(total []float64, first []*regression, o models, products crosses) (*stages, error) {
	p, z := len(s.endog), s.regressors(s.instr)
	columns, y := concat(s.endog, z), o.main.problem.Y
	st := &stages{twoStage: o.main, residual: mat.NewDense(p, len(columns), nil)}
	if o.main.kappa != 1 {
		var err error
		if st.twoStage, err = instrumented(total, s.p, y, s.regressors(s.endog), z, s.columns, 1); err != nil {
			return nil, err
		}
	}
	var stage []*moments.Problem
	for i, f := range first {
		stage = append(stage, f.problem)
		st.residual.Set(i, i, 1)
		for j, b := range f.problem.B { // its regressors are z
			st.residual.Set(i, p+j, -b)
		}
	}
	b := st.twoStage.problem.B // endogenous columns, then exogenous ones
	st.pooled = &moments.Problem{Y: y, X: o.asUsed.problem.X, B: o.asUsed.problem.B, Score: columns}
	st.exogeneity = &moments.Problem{Y: y, X: columns, B: make([]float64, len(columns)), Score: columns}
	copy(st.exogeneity.B, b[:p])
	for j, c := range st.twoStage.x[p:] {
		st.exogeneity.B[p+place(z, c)] = b[p+j]
	}
	vv := products.dots(stage...)
	inverse, err := inverseOf(mat.DenseCopyOf(vv))
	if err != nil {
		return st, nil // a first stage fits exactly: there is no residual to test
	}
	var vu, rho mat.VecDense
	vu.MulVec(vv, mat.NewVecDense(p, slices.Clone(b[:p])))
	for i, f := range stage {
		vy, _ := products.of(o.reducedForm.problem, f)
		vu.SetVec(i, vy-vu.AtVec(i))
	}
	rho.MulVec(inverse, &vu)
	for i := range p {
		for j := range columns {
			st.exogeneity.B[j] += rho.AtVec(i) * st.residual.At(i, j)
		}
	}
	st.fit = s.exogeneityFit(st.twoStage, st.residual, inverse, columns)
	return st, nil
}

// exogeneityFit is what the exogeneity regression keeps: its estimates are those of two-stage least
// squares, and rho.
func (s *sample) exogeneityFit(main *regression, residual *mat.Dense, inverse *mat.SymDense, columns []int) *fit {
	p, k := len(s.endog), len(main.x)
	var all mat.Dense // of two-stage least squares
	all.Mul(main.bread, main.fitted.T())
	influence := mat.NewDense(k+p, len(columns), nil)
	for i := range k {
		for j, c := range main.problem.Score {
			if at := place(columns, c); at >= p { // fitted regressors lie in the span of the instruments
				influence.Set(i, at, influence.At(i, at)+all.At(i, j))
			}
		}
	}
	var own mat.Dense
	own.Mul(inverse, residual)
	for i := range p {
		for j := range columns {
			influence.Set(k+i, j, own.At(i, j)-influence.At(i, j))
		}
	}
	bread := mat.NewSymDense(k+p, nil)
	for i := range k {
		for j := i; j < k; j++ {
			bread.SetSym(i, j, main.bread.At(i, j))
		}
		for j := range p {
			bread.SetSym(i, k+j, -main.bread.At(i, j))
		}
	}
	for i := range p {
		for j := i; j < p; j++ {
			bread.SetSym(k+i, k+j, main.bread.At(i, j)+inverse.At(i, j))
		}
	}
	return &fit{bread: bread, influence: influence, score: columns}
}
