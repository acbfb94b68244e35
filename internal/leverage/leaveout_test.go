package leverage_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/fieldexp/fieldexp/internal/leverage"
	"gonum.org/v1/gonum/mat"
)

// kClass chooses the k of a k-class estimator, from the smallest root of LIML; nil is two-stage least squares.
type kClass func(root float64) float64

func everyRow(m *small) []int { return sequence(0, m.rows()) }

func without(m *small, g int) []int {
	_, rows := m.of(g)
	return rows
}

// estimate is the estimates on some rows alone, with all effects as columns: of least squares where nothing is
// endogenous, of two-stage least squares, or of a k-class estimator, (X'(I - k M_Z) X)^-1 X'(I - k M_Z) y.
func (m *small) estimate(endog int, k kClass, rows []int) *mat.Dense {
	d := pick(m.weighed(m.effects()), rows)
	x, y := net(pick(m.weighed(m.x), rows), d), net(pick(m.weighed(m.y), rows), d)
	if endog == 0 {
		return product(inverse(product(x.T(), x)), x.T(), y)
	}
	z := net(pick(m.weighed(m.instruments(endog)), rows), d)
	value := 1.0
	if k != nil {
		value = k(limlRoot(x, y, z, endog))
	}
	n := len(rows)
	middle := hat(z, n) // I - k M_Z = (1-k) I + k P_Z
	middle.Scale(value, middle)
	for i := range n {
		middle.Set(i, i, middle.At(i, i)+1-value)
	}
	return product(inverse(product(x.T(), middle, x)), x.T(), middle, y)
}

// limlRoot is the smallest root of the products of outcome and endogenous regressors net of exogenous ones,
// relative to those net of all instruments: the smallest eigenvalue of inner^-1/2 outer inner^-1/2.
func limlRoot(x, y, z *mat.Dense, endog int) float64 {
	n, k := x.Dims()
	both := beside(y, mat.DenseCopyOf(x.Slice(0, n, 0, endog)))
	exogenous := &mat.Dense{}
	if endog < k {
		exogenous = mat.DenseCopyOf(x.Slice(0, n, endog, k))
	}
	outer, inner := net(both, exogenous), net(both, z)
	root := power(product(inner.T(), inner), -0.5)
	var eigen mat.EigenSym
	if !eigen.Factorize(symmetric(product(root, outer.T(), outer, root)), false) {
		panic("no eigenvalues")
	}
	return eigen.Values(nil)[0]
}

// instrumented is the fit as LeaveOut takes it. A k-class estimator's score columns are instruments and then
// endogenous regressors.
func (f *fitted) instrumented(k kClass, less float64) leverage.Instrumented {
	in := leverage.Instrumented{X: f.problem.X, Basis: f.design.Basis, Scores: f.scores, Kept: f.kept()}
	if k != nil {
		instruments := len(f.problem.Score)
		d := f.weighed(f.effects())
		x, y := net(f.weighed(f.x), d), net(f.weighed(f.y), d)
		f.problem.B = f.estimate(f.endog, k, everyRow(f.small)).RawMatrix().Data
		f.u.Mul(x, column(f.problem.B))
		f.u.Sub(y, f.u)
		f.problem.Score = append(f.problem.Score, f.problem.X[:f.endog]...)
		f.design.Score = f.problem.Score
		in.Scores = f.sums()
		in.Kept = f.kept()
		in.LIML = &leverage.LIML{Instruments: instruments, Squares: make([]float64, f.groups), Less: less}
		for i, g := range f.cluster {
			square := f.u.At(i, 0) * f.u.At(i, 0)
			in.LIML.Squares[g] += square
			in.LIML.Sum += square
		}
	}
	in.Total = make([]float64, len(f.problem.Score))
	for i, v := range in.Scores {
		in.Total[i%len(in.Total)] += v
	}
	return in
}

// TestLeaveOut compares what leaving a cluster out takes from instrumented estimates with estimating both
// stages again, and LIML's root with them, from the rows of the others.
func TestLeaveOut(t *testing.T) {
	const less = 0.05 // what Fuller's estimator takes off the root
	estimators := []struct {
		name string
		k    kClass
		less float64
	}{
		{"two-stage", nil, 0},
		{"LIML", func(root float64) float64 { return root }, 0},
		{"Fuller", func(root float64) float64 { return root - less }, less},
	}
	for _, s := range someShapes() {
		for _, e := range estimators {
			for _, endog := range []int{1, 2} { // of two regressors: with an exogenous one and without
				t.Run(fmt.Sprintf("%s, %s, %d endogenous", s.name, e.name, endog), func(t *testing.T) {
					m := newSmall(s, 2, endog, endog+1)
					for name, working := range workings(s) {
						f := fit(t, m, endog, working)
						rows, lost, err := f.design.LeaveOut(context.Background(), f.instrumented(e.k, e.less))
						if err != nil {
							t.Fatal(err)
						}
						whole, want := m.estimate(endog, e.k, everyRow(m)), mat.NewDense(m.groups, 2, nil)
						for g := range m.groups {
							var gone mat.Dense
							gone.Sub(whole, m.estimate(endog, e.k, without(m, g)))
							want.SetRow(g, product(f.design.Basis, &gone).RawMatrix().Data)
							if lost[g] != nil {
								t.Errorf("%s: estimates %v are lost without cluster %d", name, lost[g], g)
							}
						}
						same(t, name, rows, want, tolerance)
					}
				})
			}
		}
	}
}

// TestLeaveOutUnidentified: without the only cluster in which the instruments move, the endogenous
// regressor's coefficient cannot be told. It is reported and stays as it is, and the other is re-estimated.
func TestLeaveOutUnidentified(t *testing.T) {
	const alone = 4
	m := newSmall(shape{kept: 1}, 2, 1, 1)
	for i, g := range m.cluster {
		if g != alone {
			m.z.Set(i, 0, 0)
		}
	}
	f := fit(t, m, 1, nil)
	f.design.Basis = identity(2)
	in := f.instrumented(nil, 0)
	rows, lost, err := f.design.LeaveOut(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	for g := range m.groups {
		if want := g == alone; (lost[g] != nil) != want {
			t.Errorf("cluster %d: lost %v", g, lost[g])
		}
	}
	if lost[alone] != nil && !lost[alone][0] {
		t.Errorf("the endogenous coefficient is not among those lost, %v", lost[alone])
	}
	if v := rows.At(alone, 0); math.IsNaN(v) || math.IsInf(v, 0) {
		t.Errorf("influence %v of a cluster without which the coefficient cannot be told", v)
	}
}
