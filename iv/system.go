package iv

import (
	"context"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/internal/moments"
	"github.com/fieldexp/fieldexp/internal/parallel"
)

// system is a model with endogenous columns in reduced form, from which all tests of instruments
// are computed: the coefficients of the L instruments in the regressions of the outcome and of the
// p endogenous columns on instruments and exogenous columns, and the parts of which their joint
// covariance is made under any convention. Instruments are net of exogenous columns and effects.
type system struct {
	endogenous []string

	coef    *mat.Dense    // L x (1+p): reduced form, then first stages
	inverse *mat.SymDense // (Z'Z)^-1, L x L
	errors  *mat.SymDense // (1+p) x (1+p): sums of products of these regressions' residuals

	// joint is of the columns of coef, one below the other. null is of the first stages' alone, with
	// the residuals that are left when instruments move nothing.
	joint, null []sandwich
	// second is of (Z'Z)^-1 Z'u, with u the residuals of the second stage.
	second []sandwich
	// pooled is of (Z'Z)^-1 Z'u and V'u, with V the first stages' residuals and u those of the as-used
	// regression.
	pooled []sandwich
	// exogeneity is the regression of the outcome on all regressors and the first stages' residuals.
	exogeneity *Result

	evidences evidences
}

// net is the map from the scores of a reduced form to those of instruments net of exogenous columns,
// times (Z'Z)^-1.
func (s *sample) net(reduced *Result) *mat.Dense {
	f := reduced.fit
	return mat.DenseCopyOf(f.influence.Slice(0, len(s.instr), 0, len(f.score)))
}

// newSystem puts one outcome's system together, but for the null, which all outcomes share.
func (s *sample) newSystem(ctx context.Context, stage []*moments.Problem, o models, st *stages, products crosses, report map[*regression]*Result, first []*regression) (*system, error) {
	p, l := len(s.endog), len(s.instr)
	reduced := report[o.reducedForm]
	sys := &system{coef: mat.NewDense(l, 1+p, nil), inverse: mat.NewSymDense(l, nil)}
	equations := append([]*moments.Problem{o.reducedForm.problem}, stage...)
	sys.errors = products.dots(equations...)
	sys.coef.SetCol(0, reduced.Coef[:l])
	for i, f := range first {
		sys.endogenous = append(sys.endogenous, report[f].Outcome)
		sys.coef.SetCol(1+i, report[f].Coef[:l])
	}
	for i := range l {
		for j := i; j < l; j++ {
			sys.inverse.SetSym(i, j, reduced.fit.bread.At(i, j))
		}
	}

	net := s.net(reduced)
	extended := mat.NewDense(l, len(o.main.problem.Score), nil) // LIML has score columns beyond the instruments
	extended.Copy(net)
	pooled := mat.NewDense(l+p, len(st.pooled.Score), nil)
	pooled.Slice(0, l, p, len(st.pooled.Score)).(*mat.Dense).Copy(net)
	pooled.Slice(l, l+p, 0, len(st.pooled.Score)).(*mat.Dense).Copy(st.residual)
	for _, part := range []struct {
		into     *[]sandwich
		problems []*moments.Problem
		to       *mat.Dense
	}{
		{&sys.joint, equations, net}, {&sys.second, []*moments.Problem{o.main.problem}, extended}, {&sys.pooled, []*moments.Problem{st.pooled}, pooled},
	} {
		var err error
		if *part.into, err = s.stack(ctx, part.problems, part.to, products); err != nil {
			return nil, err
		}
	}
	if st.fit == nil {
		return sys, nil
	}
	if err := s.sandwiches(ctx, []*regression{{problem: st.exogeneity}}, []*fit{st.fit}); err != nil {
		return nil, err
	}
	s.adjustExogeneity(report[o.main].fit, st)
	sys.exogeneity = report[o.main].exogeneityResult(st, sys.endogenous)
	return sys, nil
}

// exogeneityResult is the regression on the first stages' residuals as a result, from which the
// test that their coefficients are zero can be computed under any convention. Its coefficients are
// those of the working columns.
func (r *Result) exogeneityResult(st *stages, endogenous []string) *Result {
	b := st.twoStage.problem.B
	e := &Result{Outcome: r.Outcome, Estimator: OLS, Level: r.Level, N: r.N, Rows: r.Rows, Clusters: r.Clusters, Effects: r.Effects,
		RSS: st.exogeneity.RSS, Terms: slices.Clone(r.Terms), Coef: slices.Clone(b), fit: st.fit}
	for i, d := range endogenous {
		e.Terms = append(e.Terms, "first-stage residual of "+d)
		e.Coef = append(e.Coef, st.exogeneity.B[i]-b[i])
	}
	return e
}

// stack is the covariance of several problems' sums of scores, each multiplied by the same map, one
// below the other: one part for each set of clusterings, or the sum over rows.
func (s *sample) stack(ctx context.Context, problems []*moments.Problem, to *mat.Dense, products crosses) ([]sandwich, error) {
	rows, score := to.Dims()
	n := rows * len(problems)
	if len(s.clusters) == 0 {
		v := mat.NewSymDense(n, nil)
		for i, a := range problems {
			for j, b := range problems[:i+1] {
				_, meat := products.of(a, b)
				var block mat.Dense
				block.Product(to, mat.NewDense(score, score, meat), to.T())
				setBlock(v, &block, i*rows, j*rows)
			}
		}
		return []sandwich{{sign: 1, v: v}}, nil
	}
	groupings := s.groupings()
	parts := make([]sandwich, len(groupings))
	return parts, parallel.For(ctx, len(parts), func(set int) {
		groups := groupings[set].Len()
		all := make([]float64, groups*n)
		for i, p := range problems {
			scores := p.Groups
			if set > 0 {
				scores = p.ScatterScores(s.source, groupings[set].Codes, groups)
			}
			for g := range groups {
				into := all[g*n+i*rows : g*n+(i+1)*rows]
				for r := range into {
					into[r] = floats.Dot(to.RawRowView(r), scores[g*score:(g+1)*score])
				}
			}
		}
		parts[set] = sandwich{setSign(set + 1), groups, mat.NewSymDense(n, moments.Outer(all, n))}
	})
}

// setBlock writes a block on or below the diagonal into a symmetric matrix.
func setBlock(v *mat.SymDense, block *mat.Dense, at, to int) {
	rows, cols := block.Dims()
	for i := range rows {
		for j := range cols {
			v.SetSym(at+i, to+j, block.At(i, j))
		}
	}
}
