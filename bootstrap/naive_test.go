package bootstrap_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// smallPanel has clusters of unequal size whose errors are correlated. Its columns are x1, x2
// (constant within clusters), x3, y, d (endogenous), z1, z2 and g, the cluster.
func smallPanel(t testing.TB, clusters int) *data.Frame {
	t.Helper()
	rng := rand.New(rand.NewPCG(3, uint64(clusters)))
	columns := map[string][]float64{}
	names := []string{"x1", "x2", "x3", "y", "d", "z1", "z2", "g", "half"}
	for g := range clusters {
		shock := rng.NormFloat64()
		for i := range 5 + 3*(g%4) {
			x1, x3, z1, z2, v := rng.NormFloat64(), rng.NormFloat64(), rng.NormFloat64()+0.3*shock, rng.NormFloat64(), rng.NormFloat64()
			x2 := float64(g % 2)
			d := 0.6*z1 + 0.4*z2 + 0.2*x1 + v
			y := 1 + 0.5*x1 + 0.3*x2 + 0.8*d + 0.6*v + shock*(1+0.5*x1) + rng.NormFloat64()
			for j, value := range []float64{x1, x2, x3, y, d, z1, z2, float64(g), float64(i % 2)} {
				columns[names[j]] = append(columns[names[j]], value)
			}
		}
	}
	f := &data.Frame{}
	for _, name := range names {
		if err := f.SetFloats(name, columns[name]); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// design lays columns and a constant out, with the clusters.
func design(t testing.TB, f *data.Frame, names ...string) (*mat.Dense, []int) {
	t.Helper()
	x := mat.NewDense(f.Len(), len(names)+1, nil)
	cluster := make([]int, f.Len())
	for i, g := range floats(t, f, "g") {
		cluster[i] = int(g)
		x.Set(i, len(names), 1)
	}
	for j, name := range names {
		x.SetCol(j, floats(t, f, name))
	}
	return x, cluster
}

// TestAgainstReestimation compares the statistic of every draw with that of a bootstrap which makes
// outcomes row by row and estimates each of them anew, for every type and law, restricted and not.
func TestAgainstReestimation(t *testing.T) {
	f := smallPanel(t, 7)
	x, cluster := design(t, f, "x1", "x2", "x3")
	r := newRegression(t, x, cluster)
	y := mat.NewVecDense(f.Len(), floats(t, f, "y"))
	res := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"x1", "x2", "x3"}, Cluster: []string{"g"}})
	const at = 0.4 // the null for x1
	for _, law := range []bootstrap.Weights{bootstrap.Rademacher, bootstrap.Mammen, bootstrap.Webb, bootstrap.Normal, bootstrap.Gamma} {
		weights := bootstrap.Draws(law, 9, 150, 7)
		for _, variant := range []bootstrap.Type{bootstrap.Type11, bootstrap.Type13, bootstrap.Type31, bootstrap.Type33} {
			for _, unrestricted := range []bool{false, true} {
				t.Run(fmt.Sprintf("%v %v unrestricted=%v", law, variant, unrestricted), func(t *testing.T) {
					w := wild(t, res, bootstrap.WildSpec{Term: "x1", Value: at, Draws: 150, Seed: 9, Weights: law, Type: variant, Unrestricted: unrestricted})
					if len(w.Statistics) != len(weights) {
						t.Fatalf("%d statistics for %d draws", len(w.Statistics), len(weights))
					}
					centre, shifted := at, r.fitRestricted(t, y, at)
					if unrestricted {
						b, _ := r.fit(y)
						centre, shifted = b.AtVec(0), b
					}
					u := r.drawnResiduals(t, y, shifted, at, variant, unrestricted)
					for b, v := range weights {
						star := &mat.VecDense{}
						star.MulVec(x, shifted)
						for i, g := range cluster {
							star.SetVec(i, star.AtVec(i)+v[g]*u.AtVec(i))
						}
						got := w.Statistics[b] * w.SE / seOf(t, r, y, variant) // free of small-sample factors
						bs, us := r.fit(star)
						want := (bs.AtVec(0) - centre) / rootOf(t, r, star, us, variant)
						near(t, fmt.Sprintf("draw %d", b), got, want, 1e-10)
					}
				})
			}
		}
	}
}

// fitRestricted is least squares with the first coefficient fixed.
func (r *regression) fitRestricted(t testing.TB, y *mat.VecDense, at float64) *mat.VecDense {
	t.Helper()
	n, k := r.x.Dims()
	rest := mat.DenseCopyOf(r.x.Slice(0, n, 1, k))
	left := mat.NewVecDense(n, nil)
	left.AddScaledVec(y, -at, r.x.ColView(0))
	b, _ := newRegression(t, rest, r.cluster).fit(left)
	full := mat.NewVecDense(k, nil)
	full.SetVec(0, at)
	for j := 1; j < k; j++ {
		full.SetVec(j, b.AtVec(j-1))
	}
	return full
}

// drawnResiduals are those that weights multiply.
func (r *regression) drawnResiduals(t testing.TB, y, b *mat.VecDense, at float64, variant bootstrap.Type, unrestricted bool) *mat.VecDense {
	t.Helper()
	n, k := r.x.Dims()
	u := &mat.VecDense{}
	u.MulVec(r.x, b)
	u.SubVec(y, u)
	if variant == bootstrap.Type11 || variant == bootstrap.Type13 {
		return u
	}
	for g := range r.groups {
		without := mat.NewVecDense(k, nil)
		if unrestricted {
			without = r.without(t, y, g)
		} else {
			rest := newRegression(t, mat.DenseCopyOf(r.x.Slice(0, n, 1, k)), r.cluster)
			left := mat.NewVecDense(n, nil)
			left.AddScaledVec(y, -at, r.x.ColView(0))
			part := rest.without(t, left, g)
			without.SetVec(0, at)
			for j := 1; j < k; j++ {
				without.SetVec(j, part.AtVec(j-1))
			}
		}
		for i, c := range r.cluster {
			if c == g {
				u.SetVec(i, y.AtVec(i)-mat.Dot(r.x.RowView(i), without))
			}
		}
	}
	return u
}

// rootOf is the standard error of the first coefficient, without a factor.
func rootOf(t testing.TB, r *regression, y, u *mat.VecDense, variant bootstrap.Type) float64 {
	t.Helper()
	if variant == bootstrap.Type13 || variant == bootstrap.Type33 {
		return sqrt(r.jackknife(t, y).At(0, 0))
	}
	return sqrt(r.variance(u).At(0, 0))
}

func seOf(t testing.TB, r *regression, y *mat.VecDense, variant bootstrap.Type) float64 {
	t.Helper()
	_, u := r.fit(y)
	return rootOf(t, r, y, u, variant)
}

// TestJointAgainstReestimation does the same for the F statistics of a joint hypothesis.
func TestJointAgainstReestimation(t *testing.T) {
	f := smallPanel(t, 8)
	x, cluster := design(t, f, "x1", "x2", "x3")
	r := newRegression(t, x, cluster)
	y := mat.NewVecDense(f.Len(), floats(t, f, "y"))
	res := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"x1", "x2", "x3"}, Cluster: []string{"g"}})
	w := wild(t, res, bootstrap.WildSpec{Null: []bootstrap.Restriction{{Term: "x1", Value: 0.1}, {Term: "x3"}}})
	test, err := res.WaldZero("x1", "x3")
	if err != nil || test.Statistic == w.Statistic {
		t.Fatalf("a null of 0.1 has the statistic of a null of zero (%v)", err)
	}
	// The restricted estimates, with x1 at 0.1 and x3 at zero.
	rest := mat.NewDense(f.Len(), 2, nil)
	rest.SetCol(0, floats(t, f, "x2"))
	rest.SetCol(1, mat.Col(nil, 3, x))
	left := mat.NewVecDense(f.Len(), nil)
	left.AddScaledVec(y, -0.1, x.ColView(0))
	_, u := newRegression(t, rest, cluster).fit(left)
	for b, v := range bootstrap.Draws(bootstrap.Rademacher, 0, 9999, 8) {
		star := &mat.VecDense{}
		star.SubVec(y, u)
		for i, g := range cluster {
			star.SetVec(i, star.AtVec(i)+v[g]*u.AtVec(i))
		}
		bs, us := r.fit(star)
		variance := r.variance(us)
		d := mat.NewVecDense(2, []float64{bs.AtVec(0) - 0.1, bs.AtVec(2)})
		two := mat.NewDense(2, 2, []float64{variance.At(0, 0), variance.At(0, 2), variance.At(2, 0), variance.At(2, 2)})
		var solution mat.VecDense
		if err := solution.SolveVec(two, d); err != nil {
			t.Fatal(err)
		}
		near(t, fmt.Sprintf("draw %d", b), w.Statistics[b]*res.Factor, mat.Dot(d, &solution)/2, 1e-9)
	}
}
