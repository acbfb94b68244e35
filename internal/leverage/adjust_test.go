package leverage_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/fieldexp/fieldexp/internal/leverage"
	"gonum.org/v1/gonum/mat"
)

// tolerance is what rounding may make of numbers that come by two ways through eigenvalues of small matrices.
const tolerance = 1e-9

// written is a covariance as its definition has it: the sum over clusters of q_g q_g', where q_g = on_g A_g u_g
// is the cluster's influence on the estimates. Each q_g is also p_g'e, with e the errors of all rows.
type written struct {
	influences *mat.Dense   // clusters x estimates
	p          []*mat.Dense // rows x estimates
	variance   *mat.Dense   // of the estimates, where errors are as the working model has them, with variance one
}

// write takes the map from residuals to estimates, that from errors to residuals, the residuals, and
// each cluster's A_g given its rows.
func (f *fitted) write(on, maker, u *mat.Dense, adjust func(rows []int) *mat.Dense) written {
	estimates, _ := on.Dims()
	w := written{influences: mat.NewDense(f.groups, estimates, nil), variance: product(on, on.T())}
	for g := range f.groups {
		rows, _ := f.of(g)
		own := product(pick(mat.DenseCopyOf(on.T()), rows).T(), adjust(rows))
		w.influences.SetRow(g, product(own, pick(u, rows)).RawMatrix().Data)
		w.p = append(w.p, mat.DenseCopyOf(product(own, pick(maker, rows)).T()))
	}
	return w
}

// block is the part of a square matrix that some rows have with each other.
func block(a *mat.Dense, rows []int) *mat.Dense {
	return pick(mat.DenseCopyOf(pick(a, rows).T()), rows)
}

// maker takes errors to residuals, in rows times the roots of their weights.
func (f *fitted) maker() *mat.Dense {
	n := f.rows()
	m := identity(n)
	m.Sub(m, hat(beside(f.xhat, f.weighed(f.effects())), n))
	return m
}

// inverseWeights is the covariance for errors whose variances are inverse to the weights: that of an unweighted
// regression of rows times the roots of their weights.
func (f *fitted) inverseWeights(p leverage.Power) written {
	maker := f.maker()
	return f.write(f.onRows(), maker, f.u, func(rows []int) *mat.Dense { return exponent(block(maker, rows), p) })
}

// exponent is the power of a block of the residual maker.
func exponent(a *mat.Dense, p leverage.Power) *mat.Dense {
	switch p {
	case leverage.InverseRoot:
		return power(a, -0.5)
	case leverage.InverseWhole:
		return power(a, -1)
	}
	n, _ := a.Dims()
	return identity(n)
}

// equalVariances is the covariance for errors of equal variance in spite of weights: residuals are (I - H)e with
// H = F (F'WF)^- F'W, and CR2 has the root of their covariance's block. CR3 is the jackknife
// whatever the errors.
func (f *fitted) equalVariances(p leverage.Power) written {
	n := f.rows()
	root, back := mat.NewDiagDense(n, nil), mat.NewDiagDense(n, nil)
	for i := range n {
		root.SetDiag(i, f.root(i))
		back.SetDiag(i, 1/f.root(i))
	}
	weighed := f.maker()
	maker := product(back, weighed, root)
	spread := product(maker, maker.T())
	return f.write(product(f.onRows(), root), maker, product(back, f.u), func(rows []int) *mat.Dense {
		if p == leverage.InverseRoot {
			return power(block(spread, rows), -0.5)
		}
		return product(block(mat.DenseCopyOf(back), rows), exponent(block(weighed, rows), p), block(mat.DenseCopyOf(root), rows))
	})
}

// each calls body with small models by least squares and two-stage least squares, for each working model and power.
func each(t *testing.T, body func(t *testing.T, f *fitted, p leverage.Power, want written)) {
	for _, s := range someShapes() {
		for _, endog := range []int{0, 1} {
			for _, p := range []leverage.Power{leverage.None, leverage.InverseRoot, leverage.InverseWhole} {
				t.Run(fmt.Sprintf("%s, %d endogenous, power %d", s.name, endog, p), func(t *testing.T) {
					m := newSmall(s, 2, endog, 2*endog)
					f := fit(t, m, endog, nil)
					body(t, f, p, f.inverseWeights(p))
					if s.weighted {
						f = fit(t, m, endog, equalVariances)
						body(t, f, p, f.equalVariances(p))
					}
				})
			}
		}
	}
}

func adjust(t *testing.T, f *fitted, p leverage.Power) *leverage.Adjusted {
	t.Helper()
	a, err := f.design.Adjust(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestInfluences compares the influences of clusters with the definition, in which
// A_g is a power of a matrix of the cluster's rows by rows.
func TestInfluences(t *testing.T) {
	each(t, func(t *testing.T, f *fitted, p leverage.Power, want written) {
		same(t, "influences", adjust(t, f, p).Influences(f.scores, f.kept()), want.influences, tolerance)
	})
}

// TestLeverage compares the leverage of clusters with the trace of their blocks of the hat matrix, from which
// that of the nested effects is taken.
func TestLeverage(t *testing.T) {
	each(t, func(t *testing.T, f *fitted, p leverage.Power, _ written) {
		n := f.rows()
		whole := hat(beside(f.xhat, f.weighed(f.effects())), n)
		nested := hat(f.weighed(f.indicators(f.small.nested...)), n)
		want := make([]float64, f.groups)
		for g := range want {
			rows, _ := f.of(g)
			want[g] = mat.Trace(block(whole, rows)) - mat.Trace(block(nested, rows))
		}
		same(t, "leverage", column(adjust(t, f, p).Leverage), column(want), tolerance)
	})
}

// TestLeaveOneOut: with the inverse of the residual maker's block, a cluster's influence is what leaving its rows
// out takes from the estimates of least squares, whatever the errors.
func TestLeaveOneOut(t *testing.T) {
	for _, s := range shapes {
		t.Run(s.name, func(t *testing.T) {
			m := newSmall(s, 2, 0, 0)
			for name, working := range workings(s) {
				f := fit(t, m, 0, working)
				want := mat.NewDense(m.groups, 2, nil)
				for g := range m.groups {
					var gone mat.Dense
					gone.Sub(m.estimate(0, nil, everyRow(m)), m.estimate(0, nil, without(m, g)))
					want.SetRow(g, product(f.design.Basis, &gone).RawMatrix().Data)
				}
				same(t, name, adjust(t, f, leverage.InverseWhole).Influences(f.scores, f.kept()), want, tolerance)
			}
		})
	}
}

// TestSingletonClusters: with every row a cluster of its own, CR2 and CR3 are HC2 and HC3, whose residuals are
// divided by the root of 1-h and by 1-h.
func TestSingletonClusters(t *testing.T) {
	for _, weighted := range []bool{false, true} {
		m := newSmall(shape{kept: 2, weighted: weighted}, 3, 0, 0)
		m.groups = m.rows()
		for i := range m.cluster {
			m.cluster[i] = int32(i)
		}
		f := fit(t, m, 0, nil)
		maker, on := f.maker(), f.onRows()
		for _, p := range []leverage.Power{leverage.InverseRoot, leverage.InverseWhole} {
			want := mat.NewDense(m.groups, 3, nil)
			for i := range m.groups {
				factor := f.u.At(i, 0) / maker.At(i, i)
				if p == leverage.InverseRoot {
					factor = f.u.At(i, 0) / math.Sqrt(maker.At(i, i))
				}
				for j := range 3 {
					want.Set(i, j, on.At(j, i)*factor)
				}
			}
			same(t, fmt.Sprintf("weighted %v, power %d", weighted, p), adjust(t, f, p).Influences(f.scores, f.kept()), want, tolerance)
		}
	}
}

// TestLost: a cluster outside which a regressor is zero determines its coefficient alone. The estimates
// that the coefficient enters are reported, and the cluster has no influence on it.
func TestLost(t *testing.T) {
	const alone = 3
	for _, s := range shapes {
		t.Run(s.name, func(t *testing.T) {
			m := newSmall(s, 2, 0, 0)
			for i, g := range m.cluster {
				if g != alone {
					m.x.Set(i, 1, 0)
				}
			}
			for name, working := range workings(s) {
				f := fit(t, m, 0, working)
				a, want := adjust(t, f, leverage.InverseWhole), f.inverseWeights(leverage.InverseWhole) // the same for both working models
				same(t, name, a.Influences(f.scores, f.kept()), want.influences, tolerance)
				for g, lost := range a.Lost {
					// The basis makes the first estimate of the first coefficient, the second of both.
					if want := g == alone; (lost != nil) != want || want && (lost[0] || !lost[1]) {
						t.Errorf("%s: cluster %d loses estimates %v", name, g, lost)
					}
				}
			}
		})
	}
}

// workings are the working models that a shape has.
func workings(s shape) map[string]prepare {
	list := map[string]prepare{"inverse weights": nil}
	if s.weighted {
		list["equal variances"] = equalVariances
	}
	return list
}

// TestAdjustStops: a context that has ended ends the work, and says so.
func TestAdjustStops(t *testing.T) {
	f := fit(t, newSmall(shapes[0], 2, 0, 0), 0, nil)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := f.design.Adjust(ctx, leverage.InverseRoot); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
}
