package leverage_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/fieldexp/fieldexp/internal/absorb"
	"github.com/fieldexp/fieldexp/internal/leverage"
	"github.com/fieldexp/fieldexp/internal/moments"
	"gonum.org/v1/gonum/mat"
)

// small is a model of few rows, so that every matrix of rows by rows can be written out. All methods
// that do so work from the rows and the indicators, by singular values, and share nothing with the package.
type small struct {
	z, x, y *mat.Dense // excluded instruments (may have no columns), regressors of which the first are endogenous, outcome
	nested  []absorb.Effect
	kept    []absorb.Effect
	weights []float64
	cluster []int32
	groups  int
}

// shape says what a small model has.
type shape struct {
	name         string
	nested, kept int // how many effects
	weighted     bool
}

var shapes = []shape{
	{"no effects", 0, 0, false},
	{"weights", 0, 0, true},
	{"nested", 1, 0, false},
	{"nested, weights", 1, 0, true},
	{"kept", 0, 1, false},
	{"kept, weights", 0, 1, true},
	{"two kept", 0, 2, false},
	{"nested and kept", 1, 1, false},
	{"nested and kept, weights", 1, 1, true},
	{"two nested and two kept", 2, 2, false},
	{"two nested and two kept, weights", 2, 2, true},
}

// someShapes are all of them or, in short tests, the two richest: matrices of rows by rows take long under the race
// detector.
func someShapes() []shape {
	if testing.Short() {
		return shapes[len(shapes)-2:]
	}
	return shapes
}

// newSmall draws a model with k regressors, instrumented by z more columns where z is positive: as
// many of the regressors are endogenous as endog says. One cluster is many times as large as the others, of which
// not all are seen on every day.
func newSmall(s shape, k, endog, z int) *small {
	rng := rand.New(rand.NewPCG(7, uint64(k+10*endog+100*z)))
	sizes := []int{4, 30, 6, 8, 5, 10, 7}
	m := &small{groups: len(sizes)}
	var unit, half, day, issue []int32
	for g, size := range sizes {
		for i := range size {
			m.cluster = append(m.cluster, int32(g))
			unit = append(unit, int32(2*g+i%2))
			half = append(half, int32(2*g+2*i/size))
			day = append(day, int32((i+g)%5))
			issue = append(issue, int32(rng.IntN(3)))
		}
	}
	n := len(m.cluster)
	m.nested = []absorb.Effect{{Codes: unit, Levels: 2 * len(sizes)}, {Codes: half, Levels: 2 * len(sizes)}}[:s.nested]
	m.kept = []absorb.Effect{{Codes: day, Levels: 5}, {Codes: issue, Levels: 3}}[:s.kept]
	if s.weighted {
		for range n {
			m.weights = append(m.weights, 0.2+3*rng.Float64())
		}
	}
	draw := func(columns int) *mat.Dense {
		d := &mat.Dense{}
		if columns > 0 {
			d = mat.NewDense(n, columns, nil)
			d.Apply(func(i, _ int, _ float64) float64 { return rng.NormFloat64() + 0.5*float64(m.cluster[i]%3) }, d)
		}
		return d
	}
	m.z, m.x, m.y = draw(z), draw(k), draw(1)
	for i := range n {
		for j := range k {
			for l := range min(z, z*endog) { // endogenous regressors follow the instruments
				if j < endog {
					m.x.Set(i, j, m.x.At(i, j)+float64(1+(j+l)%2)*m.z.At(i, l))
				}
			}
			m.y.Set(i, 0, m.y.At(i, 0)+0.7*m.x.At(i, j))
		}
	}
	return m
}

func (m *small) rows() int { return len(m.cluster) }

// root is the root of row i's weight.
func (m *small) root(i int) float64 {
	if m.weights == nil {
		return 1
	}
	return math.Sqrt(m.weights[i])
}

// of lists the rows of cluster g, and without those of all others.
func (m *small) of(g int) (rows, without []int) {
	for i, c := range m.cluster {
		if int(c) == g {
			rows = append(rows, i)
		} else {
			without = append(without, i)
		}
	}
	return rows, without
}

// indicators writes effects out as columns.
func (m *small) indicators(effects ...absorb.Effect) *mat.Dense {
	columns := 0
	for _, e := range effects {
		columns += e.Levels
	}
	if columns == 0 {
		return &mat.Dense{}
	}
	d := mat.NewDense(m.rows(), columns, nil)
	at := 0
	for _, e := range effects {
		for i, l := range e.Codes {
			d.Set(i, at+int(l), 1)
		}
		at += e.Levels
	}
	return d
}

// effects are the indicators of all effects.
func (m *small) effects() *mat.Dense {
	return m.indicators(append(m.kept[:len(m.kept):len(m.kept)], m.nested...)...)
}

// weighed multiplies rows by the roots of their weights.
func (m *small) weighed(a *mat.Dense) *mat.Dense {
	if a.IsEmpty() {
		return a
	}
	var w mat.Dense
	w.Apply(func(i, _ int, v float64) float64 { return m.root(i) * v }, a)
	return &w
}

// beside puts matrices side by side.
func beside(list ...*mat.Dense) *mat.Dense {
	all := &mat.Dense{}
	for _, a := range list {
		switch {
		case a.IsEmpty():
		case all.IsEmpty():
			all = mat.DenseCopyOf(a)
		default:
			next := &mat.Dense{}
			next.Augment(all, a)
			all = next
		}
	}
	return all
}

// pick has some rows of a matrix.
func pick(a *mat.Dense, rows []int) *mat.Dense {
	if a.IsEmpty() {
		return a
	}
	_, columns := a.Dims()
	d := mat.NewDense(len(rows), columns, nil)
	for i, r := range rows {
		d.SetRow(i, a.RawRowView(r))
	}
	return d
}

// product is that of all the matrices.
func product(list ...mat.Matrix) *mat.Dense {
	var p mat.Dense
	p.Product(list...)
	return &p
}

// hat is the projection on the columns of a, by its singular vectors.
func hat(a *mat.Dense, rows int) *mat.Dense {
	h := mat.NewDense(rows, rows, nil)
	if a.IsEmpty() {
		return h
	}
	var svd mat.SVD
	if !svd.Factorize(a, mat.SVDThin) {
		panic("no singular values")
	}
	values := svd.Values(nil)
	rank := 0
	for rank < len(values) && values[rank] > 1e-10*values[0] {
		rank++
	}
	var u mat.Dense
	svd.UTo(&u)
	own := u.Slice(0, rows, 0, rank)
	h.Mul(own, own.T())
	return h
}

// net is a less its projection on the columns of b.
func net(a, b *mat.Dense) *mat.Dense {
	if a.IsEmpty() {
		return a
	}
	rows, _ := a.Dims()
	var left mat.Dense
	left.Mul(hat(b, rows), a)
	left.Sub(a, &left)
	return &left
}

// inverse of a definite matrix.
func inverse(a *mat.Dense) *mat.Dense {
	var v mat.Dense
	if err := v.Inverse(a); err != nil {
		panic(err)
	}
	return &v
}

// power is that of a symmetric positive semi-definite matrix, over the directions in which it is not zero.
func power(a *mat.Dense, p float64) *mat.Dense {
	n, _ := a.Dims()
	s := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			s.SetSym(i, j, (a.At(i, j)+a.At(j, i))/2)
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(s, true) {
		panic("no eigenvalues")
	}
	var v mat.Dense
	eigen.VectorsTo(&v)
	values := eigen.Values(nil)
	for i, l := range values {
		values[i] = 0
		if l > 1e-9 {
			values[i] = math.Pow(l, p)
		}
	}
	return product(&v, mat.NewDiagDense(n, values), v.T())
}

// instruments are all of them: the excluded ones and the exogenous regressors.
func (m *small) instruments(endog int) *mat.Dense {
	n, k := m.x.Dims()
	if endog == k {
		return m.z
	}
	return beside(m.z, mat.DenseCopyOf(m.x.Slice(0, n, endog, k)))
}

// fitted is a model as the package takes it, with what its definition says.
type fitted struct {
	*small
	endog   int
	design  *leverage.Design
	matrix  moments.Matrix
	problem *moments.Problem
	scores  []float64 // of the score columns, by cluster

	xhat, u *mat.Dense // fitted regressors net of all effects, and residuals; both times the roots of the weights
}

// fit estimates by least squares, or by two-stage least squares where regressors are endogenous.
// The columns that the package sees are net of all effects: excluded instruments, regressors, outcome.
func fit(t *testing.T, m *small, endog int, working prepare) *fitted {
	t.Helper()
	f := &fitted{small: m, endog: endog}
	d := m.weighed(m.effects())
	x, y := net(m.weighed(m.x), d), net(m.weighed(m.y), d)
	excluded := net(m.weighed(m.z), d)
	_, l := m.z.Dims()
	n, k := x.Dims()
	f.xhat = x
	first := identity(k)
	score := sequence(l, l+k) // places among excluded instruments, regressors, outcome
	if endog > 0 {
		z := net(m.weighed(m.instruments(endog)), d)
		first = product(inverse(product(z.T(), z)), z.T(), x)
		f.xhat = product(z, first)
		score = append(sequence(0, l), score[endog:]...)
	}
	bread := inverse(product(f.xhat.T(), f.xhat))
	b := product(bread, f.xhat.T(), y)
	f.u = &mat.Dense{}
	f.u.Mul(x, b)
	f.u.Sub(y, f.u)

	all := beside(excluded, x, y)
	f.matrix = moments.Matrix{N: n, P: l + k + 1, X: all.RawMatrix().Data}
	f.problem = &moments.Problem{Y: l + k, X: sequence(l, l+k), B: b.RawMatrix().Data, Score: score}
	f.scores = f.sums()
	rows := leverage.GroupRows(m.cluster, m.groups)
	grams := moments.GroupProducts(f.matrix, rows.Order, rows.Starts, l+k)
	blocks, err := leverage.Build(context.Background(), f.matrix, rows, grams, leverage.Effects{Nested: m.nested, Kept: m.kept, Weights: m.weights})
	if err == nil && working != nil {
		err = working(blocks, f.matrix)
	}
	if err != nil {
		t.Fatal(err)
	}
	basis := identity(k) // estimates are reported of other combinations than those that are fitted
	basis.Set(0, 0, 2)
	basis.Set(k-1, 0, -1)
	f.design = &leverage.Design{Blocks: blocks, Score: f.problem.Score, Fitted: first, Bread: symmetric(bread), Basis: basis}
	return f
}

// prepare makes blocks ready for a working model; nil is that of errors whose variances are inverse to the weights.
type prepare func(*leverage.Blocks, moments.Matrix) error

// sums are the score columns times residuals, by cluster.
func (f *fitted) sums() []float64 {
	s := len(f.problem.Score)
	list := make([]float64, f.groups*s)
	for i, g := range f.cluster {
		for j, c := range f.problem.Score {
			list[int(g)*s+j] += f.matrix.Row(i)[c] * f.u.At(i, 0)
		}
	}
	return list
}

// equalVariances prepares blocks for errors of equal variance in spite of weights.
func equalVariances(b *leverage.Blocks, m moments.Matrix) error {
	return b.Reweigh(context.Background(), m)
}

func (f *fitted) kept() [][]float64 { return f.design.Blocks.Scores(f.matrix, f.problem) }

// onRows is the estimates as combinations of the errors of rows: Basis (X^'X^)^-1 X^'.
func (f *fitted) onRows() *mat.Dense { return product(f.design.Basis, f.design.Bread, f.xhat.T()) }

func identity(n int) *mat.Dense {
	d := mat.NewDense(n, n, nil)
	for i := range n {
		d.Set(i, i, 1)
	}
	return d
}

func symmetric(a *mat.Dense) *mat.SymDense {
	n, _ := a.Dims()
	s := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			s.SetSym(i, j, a.At(i, j))
		}
	}
	return s
}

// sequence is from, from+1, ..., to-1.
func sequence(from, to int) (list []int) {
	for i := from; i < to; i++ {
		list = append(list, i)
	}
	return list
}

// same compares matrices, relative to the largest element of want.
func same(t *testing.T, what string, got, want mat.Matrix, tolerance float64) {
	t.Helper()
	rows, columns := want.Dims()
	if r, c := got.Dims(); r != rows || c != columns {
		t.Fatalf("%s: %d x %d, want %d x %d", what, r, c, rows, columns)
	}
	scale := mat.Norm(want, math.Inf(1))
	for i := range rows {
		for j := range columns {
			if !(math.Abs(got.At(i, j)-want.At(i, j)) <= tolerance*scale) {
				t.Errorf("%s: element %d, %d is %.15g, want %.15g", what, i, j, got.At(i, j), want.At(i, j))
				return
			}
		}
	}
}

// column is a list as a matrix.
func column(list []float64) *mat.Dense { return mat.NewDense(len(list), 1, list) }
