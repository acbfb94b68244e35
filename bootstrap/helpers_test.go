package bootstrap_test

import (
	"context"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// long leaves a test of many draws or estimations out in short mode, which the race detector runs in: it
// takes the same paths through the goroutines as the tests that stay.
func long(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("many draws or estimations of the kinds that other tests make too")
	}
}

func readCSV(t testing.TB, path string) *data.Frame {
	t.Helper()
	f, err := data.ReadCSV(context.Background(), path, data.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func estimate(t testing.TB, f *data.Frame, spec iv.Spec) *iv.Result {
	t.Helper()
	results, err := iv.Estimate(context.Background(), f, spec)
	if err != nil {
		t.Fatal(err)
	}
	return results[0]
}

func wild(t testing.TB, r *iv.Result, spec bootstrap.WildSpec) *bootstrap.WildResult {
	t.Helper()
	w, err := bootstrap.Wild(context.Background(), r, spec)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func floats(t testing.TB, f *data.Frame, name string) []float64 {
	t.Helper()
	values, err := f.Floats(name)
	if err != nil {
		t.Fatal(err)
	}
	return values
}

// near checks a value to a relative tolerance, and an absolute one below one.
func near(t testing.TB, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*math.Max(1, math.Abs(want))) {
		t.Errorf("%s: got %.12g, want %.12g (within %g)", what, got, want, tolerance)
	}
}

// regression is ordinary least squares written out: the reference of these tests.
type regression struct {
	x       *mat.Dense
	cluster []int
	groups  int
	inverse *mat.Dense // (X'X)^-1
}

func newRegression(t testing.TB, x *mat.Dense, cluster []int) *regression {
	t.Helper()
	r := &regression{x: x, cluster: cluster}
	for _, g := range cluster {
		r.groups = max(r.groups, g+1)
	}
	var xx mat.Dense
	xx.Mul(x.T(), x)
	r.inverse = &mat.Dense{}
	if err := r.inverse.Inverse(&xx); err != nil {
		t.Fatal(err)
	}
	return r
}

// fit returns the estimates and the residuals.
func (r *regression) fit(y *mat.VecDense) (b, u *mat.VecDense) {
	b, u = &mat.VecDense{}, &mat.VecDense{}
	var xy mat.VecDense
	xy.MulVec(r.x.T(), y)
	b.MulVec(r.inverse, &xy)
	u.MulVec(r.x, b)
	u.SubVec(y, u)
	return b, u
}

// variance is the clustered sandwich without a factor.
func (r *regression) variance(u *mat.VecDense) *mat.Dense {
	n, k := r.x.Dims()
	scores := mat.NewDense(r.groups, k, nil)
	for i := range n {
		for j := range k {
			scores.Set(r.cluster[i], j, scores.At(r.cluster[i], j)+r.x.At(i, j)*u.AtVec(i))
		}
	}
	var half, v mat.Dense
	half.Mul(scores, r.inverse)
	v.Mul(half.T(), &half)
	return &v
}

// without is the regression without the rows of one cluster, of the outcome y.
func (r *regression) without(t testing.TB, y *mat.VecDense, g int) *mat.VecDense {
	t.Helper()
	n, k := r.x.Dims()
	var rows []float64
	var values []float64
	for i := range n {
		if r.cluster[i] != g {
			rows = append(rows, r.x.RawRowView(i)...)
			values = append(values, y.AtVec(i))
		}
	}
	left := newRegression(t, mat.NewDense(len(values), k, rows), make([]int, len(values)))
	b, _ := left.fit(mat.NewVecDense(len(values), values))
	return b
}

// jackknife is the sum of squared changes of the estimates from leaving each cluster out.
func (r *regression) jackknife(t testing.TB, y *mat.VecDense) *mat.Dense {
	b, _ := r.fit(y)
	_, k := r.x.Dims()
	changes := mat.NewDense(r.groups, k, nil)
	for g := range r.groups {
		without := r.without(t, y, g)
		for j := range k {
			changes.Set(g, j, without.AtVec(j)-b.AtVec(j))
		}
	}
	var v mat.Dense
	v.Mul(changes.T(), changes)
	return &v
}

func sqrt(v float64) float64 { return math.Sqrt(v) }

var ctx = context.Background()
