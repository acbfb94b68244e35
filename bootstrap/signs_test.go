package bootstrap_test

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// manyClusters is a panel with as many clusters and columns as it takes for sums to be made of signs, and a column
// that is one in two clusters alone.
func manyClusters(t testing.TB) (f *data.Frame, columns []string) {
	t.Helper()
	f = smallPanel(t, 104)
	few := make([]float64, f.Len())
	for i, g := range floats(t, f, "g") {
		if g == 11 || g == 70 {
			few[i] = 1
		}
	}
	if err := f.SetFloats("few", few); err != nil {
		t.Fatal(err)
	}
	return f, []string{"x1", "few", "x2", "x3", "z1", "z2", "half"}
}

// TestSignsAgainstReestimation makes the outcomes of draws row by row where there are many clusters, and draws are sums
// of signs. Of the column that is one in two clusters many draws have hardly any variance.
func TestSignsAgainstReestimation(t *testing.T) {
	f, columns := manyClusters(t)
	y := mat.NewVecDense(f.Len(), floats(t, f, "y"))
	res := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: columns, Cluster: []string{"g"}})
	for at, null := range map[string]float64{"x1": 0.4, "few": 0} {
		// The tested column comes first in the regression written out.
		order := append([]string{at}, slices.DeleteFunc(slices.Clone(columns), func(c string) bool { return c == at })...)
		x, cluster := design(t, f, order...)
		r := newRegression(t, x, cluster)
		for _, law := range []bootstrap.Weights{bootstrap.Rademacher, bootstrap.Mammen} {
			for _, variant := range []bootstrap.Type{bootstrap.Type11, bootstrap.Type13} {
				for _, unrestricted := range []bool{false, true} {
					if variant == bootstrap.Type13 && (unrestricted || at == "few") {
						continue // without a cluster few may not be estimable
					}
					t.Run(fmt.Sprintf("%s %v %v unrestricted=%v", at, law, variant, unrestricted), func(t *testing.T) {
						const draws = 1100 // more than two batches
						w := wild(t, res, bootstrap.WildSpec{Term: at, Value: null, Draws: draws, Seed: 9, Weights: law, Type: variant, Unrestricted: unrestricted, NoSet: true})
						centre, shifted := null, r.fitRestricted(t, y, null)
						if unrestricted {
							b, _ := r.fit(y)
							centre, shifted = b.AtVec(0), b
						}
						u := r.drawnResiduals(t, y, shifted, null, variant, unrestricted)
						scale := w.SE / seOf(t, r, y, variant)
						every := 9
						if variant == bootstrap.Type13 {
							every = 300
						}
						for b, v := range bootstrap.Draws(law, 9, draws, 104) {
							if b%every != 0 && b != draws-1 {
								continue
							}
							star := &mat.VecDense{}
							star.MulVec(x, shifted)
							for i, g := range cluster {
								star.SetVec(i, star.AtVec(i)+v[g]*u.AtVec(i))
							}
							bs, us := r.fit(star)
							near(t, fmt.Sprintf("draw %d", b), w.Statistics[b]*scale, (bs.AtVec(0)-centre)/rootOf(t, r, star, us, variant), 1e-9)
						}
					})
				}
			}
		}
	}
}

// TestSignSets: sets over draws that are sums of signs end where p-values cross the level.
func TestSignSets(t *testing.T) {
	f, columns := manyClusters(t)
	res := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: columns, Cluster: []string{"g"}})
	for _, term := range []string{"x1", "few"} {
		for _, spec := range []bootstrap.WildSpec{{}, {Tail: bootstrap.EqualTailed}, {Weights: bootstrap.Mammen}, {Unrestricted: true}} {
			spec.Term, spec.Draws = term, 399
			w := wild(t, res, spec)
			if len(w.Set.Pieces) == 0 {
				t.Errorf("%s: set %v", term, w.Set)
			}
			checkSteps(t, w, func(null float64) float64 {
				at := spec
				at.Value, at.NoSet = null, true
				return wild(t, res, at).P
			})
		}
	}
}

// TestSignsTogether: tests of outcomes that share a design, of others, joint ones and ones that lack clusters have the
// draws together that each has alone, whatever the number of processors.
func TestSignsTogether(t *testing.T) {
	f, columns := manyClusters(t)
	y := append([]float64(nil), floats(t, f, "y")...)
	for i, g := range floats(t, f, "g") {
		if g == 0 {
			y[i] = math.NaN()
		}
	}
	if err := f.SetFloats("part", y); err != nil {
		t.Fatal(err)
	}
	results, err := iv.Estimate(ctx, f, iv.Spec{Outcomes: []string{"y", "d", "part"}, Exogenous: columns, Cluster: []string{"g"}})
	if err != nil {
		t.Fatal(err)
	}
	var list []bootstrap.Hypothesis
	for _, r := range results {
		for _, term := range []string{"x1", "few", "x3"} {
			list = append(list, bootstrap.Hypothesis{Result: r, Null: []bootstrap.Restriction{{Term: term}}})
		}
		list = append(list, bootstrap.Hypothesis{Result: r, Null: []bootstrap.Restriction{{Term: "x1"}, {Term: "x3"}}})
	}
	for _, law := range []bootstrap.Weights{bootstrap.Rademacher, bootstrap.Mammen, bootstrap.Webb} {
		spec := bootstrap.WildSpec{Draws: 700, Seed: 3, Weights: law, NoSet: true}
		run := func() []*bootstrap.WildResult {
			together, err := bootstrap.WildAll(ctx, list, spec)
			if err != nil {
				t.Fatal(err)
			}
			return together
		}
		together := run()
		before := runtime.GOMAXPROCS(1)
		single := run()
		runtime.GOMAXPROCS(before)
		for i, h := range list {
			if !slices.Equal(together[i].Statistics, single[i].Statistics) {
				t.Errorf("%v: the draws of %s of %s depend on the number of processors", law, together[i].Null, together[i].Outcome)
			}
			if h.Result == results[2] {
				continue // its clusters are others, and alone have draws of their own
			}
			alone := spec
			alone.Null = h.Null
			if w := wild(t, h.Result, alone); !slices.Equal(w.Statistics, together[i].Statistics) {
				t.Errorf("%v: the draws of %s of %s are others together than alone", law, w.Null, w.Outcome)
			}
		}
	}
}
