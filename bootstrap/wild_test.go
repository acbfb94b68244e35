package bootstrap_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/iv"
)

func panelResult(t testing.TB, clusters int) *iv.Result {
	t.Helper()
	return estimate(t, smallPanel(t, clusters), iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"x1", "x2", "x3"}, Cluster: []string{"g"}})
}

// TestNullAtEstimate: the null that the data fit best has p = 1, whatever the variant.
func TestNullAtEstimate(t *testing.T) {
	res := panelResult(t, 9)
	c, err := res.Coefficient("x1")
	if err != nil {
		t.Fatal(err)
	}
	for _, variant := range []bootstrap.Type{bootstrap.Type11, bootstrap.Type13, bootstrap.Type31, bootstrap.Type33} {
		for _, unrestricted := range []bool{false, true} {
			for _, draws := range []int{100, 9999} {
				w := wild(t, res, bootstrap.WildSpec{Term: "x1", Value: c.Estimate, Type: variant, Unrestricted: unrestricted, Draws: draws})
				if w.P != 1 {
					t.Errorf("type %v, unrestricted %v, %d draws: p = %g at the estimate", variant, unrestricted, w.Counts.Draws, w.P)
				}
			}
		}
	}
}

// TestSetsEndAtSteps: at each end of a set the p-value passes the level, and nulls are in the set exactly
// when they are not rejected.
func TestSetsEndAtSteps(t *testing.T) {
	for _, clusters := range []int{5, 7, 10} {
		res := panelResult(t, clusters)
		for _, variant := range []bootstrap.Type{bootstrap.Type11, bootstrap.Type13, bootstrap.Type31, bootstrap.Type33} {
			for _, unrestricted := range []bool{false, true} {
				for _, tail := range []bootstrap.Tail{bootstrap.Symmetric, bootstrap.EqualTailed} {
					for _, ties := range []bootstrap.Ties{bootstrap.TiesCount, bootstrap.TiesExcluded} {
						name := fmt.Sprint(clusters, " clusters, type ", variant, unrestricted, tail, ties)
						spec := bootstrap.WildSpec{Term: "x1", Type: variant, Unrestricted: unrestricted, Tail: tail, Ties: ties, Draws: 199, Seed: 5}
						w := wild(t, res, spec)
						p := func(null float64) float64 {
							at := spec
							at.Value, at.NoSet = null, true
							return wild(t, res, at).P
						}
						t.Run(name, func(t *testing.T) {
							checkSteps(t, w, p)
							rng := rand.New(rand.NewPCG(1, 2))
							for range 25 {
								null := w.Estimate + 6*w.SE*rng.NormFloat64()
								if w.Set.Contains(null) != (p(null) > 0.05) {
									t.Errorf("null %g: p %g, set %v", null, p(null), w.Set)
								}
							}
						})
					}
				}
			}
		}
	}
}

// TestUnboundedSet: 4 clusters have 16 sign vectors, two of which always tie: no null is rejected at 5%.
func TestUnboundedSet(t *testing.T) {
	w := wild(t, panelResult(t, 4), bootstrap.WildSpec{Term: "x1"})
	if len(w.Set.Pieces) != 1 || !math.IsInf(w.Set.Pieces[0][0], -1) || !math.IsInf(w.Set.Pieces[0][1], 1) || w.Set.Bounded() {
		t.Errorf("set %v", w.Set)
	}
	if w.Counts.Ties != 2 || len(w.Warnings) == 0 || w.Warnings[0].Code != "few-sign-vectors" {
		t.Errorf("%+v %v", w.Counts, w.Warnings)
	}
	bounded := wild(t, panelResult(t, 4), bootstrap.WildSpec{Term: "x1", Level: 0.8})
	if !bounded.Set.Bounded() {
		t.Errorf("80%% set %v", bounded.Set)
	}
}

// TestSameBits: draws do not depend on the number of goroutines, and do on the seed.
func TestSameBits(t *testing.T) {
	res := panelResult(t, 14)
	run := func(processors int, seed uint64, law bootstrap.Weights) *bootstrap.WildResult {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
		return wild(t, res, bootstrap.WildSpec{Term: "x1", Seed: seed, Draws: 1000, Weights: law})
	}
	for _, law := range []bootstrap.Weights{bootstrap.Rademacher, bootstrap.Mammen, bootstrap.Webb, bootstrap.Normal, bootstrap.Gamma} {
		one, two, other := run(1, 7, law), run(4, 7, law), run(1, 8, law)
		if !slices.Equal(one.Statistics, two.Statistics) || one.P != two.P || one.Set.String() != two.Set.String() {
			t.Errorf("%v: results depend on the number of processors", law)
		}
		if slices.Equal(one.Statistics, other.Statistics) {
			t.Errorf("%v: results do not depend on the seed", law)
		}
	}
}

// TestInvariance: units of outcome and regressors, and labels of clusters, do not matter to an
// enumeration.
func TestInvariance(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := smallPanel(t, 7)
		want := wild(t, panelResult(t, 7), bootstrap.WildSpec{Term: "x1", Value: 0.2})
		scaleX := math.Pow(10, rapid.Float64Range(-9, 9).Draw(rt, "log scale of x1"))
		scaleY := math.Pow(10, rapid.Float64Range(-9, 9).Draw(rt, "log scale of y"))
		shift := rapid.Float64Range(-1e3, 1e3).Draw(rt, "shift")
		order := rapid.Permutation([]float64{0, 1, 2, 3, 4, 5, 6}).Draw(rt, "labels")
		change := func(name string, to func(v float64) float64) {
			values := slices.Clone(floats(t, f, name))
			for i, v := range values {
				values[i] = to(v)
			}
			if err := f.SetFloats(name, values); err != nil {
				t.Fatal(err)
			}
		}
		change("x1", func(v float64) float64 { return scaleX * (v + shift) })
		change("y", func(v float64) float64 { return scaleY * v })
		change("g", func(v float64) float64 { return order[int(v)] })
		res := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"x1", "x2", "x3"}, Cluster: []string{"g"}})
		got := wild(t, res, bootstrap.WildSpec{Term: "x1", Value: 0.2 * scaleY / scaleX})
		if got.P != want.P || got.Counts != want.Counts {
			rt.Fatalf("%+v, want %+v", got.Counts, want.Counts)
		}
		for i, piece := range got.Set.Pieces {
			near(t, "low", piece[0]*scaleX/scaleY, want.Set.Pieces[i][0], 1e-7)
			near(t, "high", piece[1]*scaleX/scaleY, want.Set.Pieces[i][1], 1e-7)
		}
	})
}

// TestAlwaysTied: the two enumerated draws whose weights are all equal tie with the data at every null, also in
// units and around a shift that make a mirror-symmetric arc of theirs, with the estimate in its middle.
func TestAlwaysTied(t *testing.T) {
	want := wild(t, panelResult(t, 7), bootstrap.WildSpec{Term: "x1"})
	f := smallPanel(t, 7)
	x, labels := slices.Clone(floats(t, f, "x1")), slices.Clone(floats(t, f, "g"))
	for i := range x {
		x[i] = 1e-9 * (x[i] - 513.5934847319731)
		labels[i] = []float64{0, 1, 2, 3, 6, 4, 5}[int(labels[i])]
	}
	if err := errors.Join(f.SetFloats("x1", x), f.SetFloats("g", labels)); err != nil {
		t.Fatal(err)
	}
	res := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"x1", "x2", "x3"}, Cluster: []string{"g"}})
	got := wild(t, res, bootstrap.WildSpec{Term: "x1"})
	if len(got.Set.Pieces) != 1 || len(want.Set.Pieces) != 1 {
		t.Fatalf("sets %v and %v", got.Set, want.Set)
	}
	near(t, "low", 1e-9*got.Set.Pieces[0][0], want.Set.Pieces[0][0], 1e-7)
	near(t, "high", 1e-9*got.Set.Pieces[0][1], want.Set.Pieces[0][1], 1e-7)
}

// TestSeveralAtOnce: hypotheses about results over the same clusters have the draws that each has alone.
func TestSeveralAtOnce(t *testing.T) {
	f := smallPanel(t, 14)
	results, err := iv.Estimate(ctx, f, iv.Spec{Outcomes: []string{"y", "d"}, Exogenous: []string{"x1", "x3"}, Cluster: []string{"g"}})
	if err != nil {
		t.Fatal(err)
	}
	list := []bootstrap.Hypothesis{
		{Result: results[0], Null: []bootstrap.Restriction{{Term: "x1"}}},
		{Result: results[1], Null: []bootstrap.Restriction{{Term: "x1", Value: 0.2}}},
		{Result: results[0], Null: []bootstrap.Restriction{{Term: "x1"}, {Term: "x3"}}},
		{Result: results[0], Null: []bootstrap.Restriction{{Combination: map[string]float64{"x1": 1, "x3": -1}}}},
	}
	spec := bootstrap.WildSpec{Draws: 500, Seed: 11}
	together, err := bootstrap.WildAll(ctx, list, spec)
	if err != nil {
		t.Fatal(err)
	}
	for i, h := range list {
		alone := spec
		alone.Null = h.Null
		if w := wild(t, h.Result, alone); !slices.Equal(w.Statistics, together[i].Statistics) || w.P != together[i].P {
			t.Errorf("hypothesis %d has other draws together than alone", i)
		}
	}
	if together[3].Null != "x1 - x3 = 0" {
		t.Errorf("null %q", together[3].Null)
	}
}

// TestDrawsOfDifferentClusters: results that do not have the same clusters, or not in the same order, share the
// weights of those that they have, and p-values of all are those of the draws' statistics.
func TestDrawsOfDifferentClusters(t *testing.T) {
	f := smallPanel(t, 12)
	missing := f.Clone()
	y := append([]float64(nil), floats(t, f, "y")...)
	labels := floats(t, f, "g")
	// The second outcome is missing in clusters 2 and 7, and in the first rows of cluster 0.
	for i, g := range labels {
		if g == 2 || g == 7 || g == 0 && i < 2 {
			y[i] = math.NaN()
		}
	}
	// And the rows of cluster 5 come first.
	order := []int{}
	for _, five := range []bool{true, false} {
		for i, g := range labels {
			if (g == 5) == five {
				order = append(order, i)
			}
		}
	}
	if err := missing.SetFloats("part", y); err != nil {
		t.Fatal(err)
	}
	missing = missing.Take(order)
	spec := iv.Spec{Exogenous: []string{"x1", "x3"}, Cluster: []string{"g"}}
	spec.Outcomes = []string{"y"}
	whole := estimate(t, f, spec)
	spec.Outcomes = []string{"part"}
	part := estimate(t, missing, spec)
	null := []bootstrap.Restriction{{Term: "x1"}}
	draws := bootstrap.WildSpec{Draws: 300, Seed: 5, Weights: bootstrap.Webb}
	together, err := bootstrap.WildAll(ctx, []bootstrap.Hypothesis{{Result: whole, Null: null}, {Result: part, Null: null}}, draws)
	if err != nil {
		t.Fatal(err)
	}
	if together[0].Clusters != 12 || together[1].Clusters != 10 {
		t.Errorf("%d and %d clusters, want 12 and 10", together[0].Clusters, together[1].Clusters)
	}
	alone := draws
	alone.Null = null
	if want := wild(t, whole, alone); !slices.Equal(want.Statistics, together[0].Statistics) {
		t.Error("the draws of the result that has all clusters are not those that it has alone")
	}
	// The draws of the other by hand, with the weights that the first result's clusters have.
	x, cluster := design(t, missing, "x1", "x3")
	var rows []int
	for i, v := range floats(t, missing, "part") {
		if !math.IsNaN(v) {
			rows = append(rows, i)
		}
	}
	kept, groups, outcome := mat.NewDense(len(rows), 3, nil), make([]int, len(rows)), mat.NewVecDense(len(rows), nil)
	for i, r := range rows {
		kept.SetRow(i, x.RawRowView(r))
		groups[i] = cluster[r]
		outcome.SetVec(i, floats(t, missing, "part")[r])
	}
	model := newRegression(t, kept, groups)
	restricted := newRegression(t, kept.Slice(0, len(rows), 1, 3).(*mat.Dense), groups)
	b, u := restricted.fit(outcome)
	var fitted mat.VecDense
	fitted.MulVec(restricted.x, b)
	factor := math.Sqrt(part.Factor)
	for d, v := range bootstrap.Draws(bootstrap.Webb, 5, 300, 12) {
		again := mat.NewVecDense(len(rows), nil)
		for i, g := range groups {
			again.SetVec(i, fitted.AtVec(i)+v[g]*u.AtVec(i))
		}
		estimates, left := model.fit(again)
		near(t, fmt.Sprint("draw ", d), together[1].Statistics[d], estimates.AtVec(0)/math.Sqrt(model.variance(left).At(0, 0))/factor, 1e-9)
	}
	step, err := bootstrap.StepDown([]float64{together[0].Statistic, together[1].Statistic}, [][]float64{together[0].Statistics, together[1].Statistics}, bootstrap.StepSpec{})
	if err != nil || step.P[0] < together[0].P || step.P[1] < together[1].P {
		t.Errorf("adjusted %+v (%v), alone %g and %g", step, err, together[0].P, together[1].P)
	}
}

// TestProgressAndCancel: progress ends at the number of draws; a cancelled context stops.
func TestProgressAndCancel(t *testing.T) {
	res := panelResult(t, 14)
	last, calls := 0, 0
	wild(t, res, bootstrap.WildSpec{Term: "x1", Draws: 1000, Progress: func(done, total int) {
		if done <= last || total != 1000 {
			t.Errorf("progress went from %d to %d of %d", last, done, total)
		}
		last, calls = done, calls+1
	}})
	if last != 1000 || calls < 2 {
		t.Errorf("progress ended at %d after %d calls", last, calls)
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := bootstrap.Wild(stopped, res, bootstrap.WildSpec{Term: "x1"}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v after a cancellation", err)
	}
}

func TestRefusals(t *testing.T) {
	f := smallPanel(t, 8)
	if err := f.SetFloats("one", make([]float64, f.Len())); err != nil {
		t.Fatal(err)
	}
	res := panelResult(t, 8)
	plain := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"x1"}})
	two := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"x1"}, Cluster: []string{"g", "half"}})
	crossing := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"x1"}, Absorb: iv.Effects("half"), Cluster: []string{"g"}})
	instrumented := twoStage(t, f, "z1")
	null := func(list ...bootstrap.Restriction) bootstrap.WildSpec { return bootstrap.WildSpec{Null: list} }
	for what, c := range map[string]struct {
		r    *iv.Result
		spec bootstrap.WildSpec
		iv   bool // refused by package iv
	}{
		"nothing":             {res, bootstrap.WildSpec{}, false},
		"both":                {res, bootstrap.WildSpec{Term: "x1", Null: []bootstrap.Restriction{{Term: "x1"}}}, false},
		"empty null":          {res, bootstrap.WildSpec{Null: []bootstrap.Restriction{}}, false},
		"few draws":           {res, bootstrap.WildSpec{Term: "x1", Draws: 98}, false},
		"negative draws":      {res, bootstrap.WildSpec{Term: "x1", Draws: -1}, false},
		"level":               {res, bootstrap.WildSpec{Term: "x1", Level: 95}, false},
		"weights":             {res, bootstrap.WildSpec{Term: "x1", Weights: 9}, false},
		"type":                {res, bootstrap.WildSpec{Term: "x1", Type: 11}, false},
		"tail":                {res, bootstrap.WildSpec{Term: "x1", Tail: 3}, false},
		"infinite null":       {res, bootstrap.WildSpec{Term: "x1", Value: math.Inf(1)}, false},
		"equal-tailed joint":  {res, bootstrap.WildSpec{Null: []bootstrap.Restriction{{Term: "x1"}, {Term: "x3"}}, Tail: bootstrap.EqualTailed}, false},
		"repeated":            {res, null(bootstrap.Restriction{Term: "x1"}, bootstrap.Restriction{Combination: map[string]float64{"x1": 2}}), false},
		"term and weights":    {res, null(bootstrap.Restriction{Term: "x1", Combination: map[string]float64{"x1": 2}}), false},
		"empty combination":   {res, null(bootstrap.Restriction{Combination: map[string]float64{}}), false},
		"zero combination":    {res, null(bootstrap.Restriction{Combination: map[string]float64{"x1": 0}}), false},
		"infinite weight":     {res, null(bootstrap.Restriction{Combination: map[string]float64{"x1": math.Inf(1)}}), false},
		"two ways":            {two, bootstrap.WildSpec{Term: "x1"}, false},
		"unknown term":        {res, bootstrap.WildSpec{Term: "nobody"}, true},
		"unknown combination": {res, null(bootstrap.Restriction{Combination: map[string]float64{"nobody": 2}}), true},
		"no clusters":         {plain, bootstrap.WildSpec{Term: "x1"}, true},
		"crossing effect":     {crossing, bootstrap.WildSpec{Term: "x1"}, true},
		"two-stage":           {instrumented, bootstrap.WildSpec{Term: "d"}, false},
	} {
		_, err := bootstrap.Wild(ctx, c.r, c.spec)
		var own *fieldexp.Error
		if !errors.As(err, &own) || (own.Op == "iv") != c.iv {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if !c.iv && (own.Message == "" || len(own.Remedy) == 0) {
			t.Errorf("%s: an error without a message or remedy: %v", what, err)
		}
	}
	_, err := iv.Estimate(ctx, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"x1"}, Cluster: []string{"one"}})
	var model *fieldexp.Error
	if !errors.As(err, &model) || model.Op != "iv" || model.Problem != fieldexp.FewClusters {
		t.Errorf("one cluster: %v", err)
	}
	other := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"x1"}, Cluster: []string{"half"}})
	var own *fieldexp.Error
	if _, err := bootstrap.WildAll(ctx, []bootstrap.Hypothesis{{Result: res, Null: []bootstrap.Restriction{{Term: "x1"}}}, {Result: other, Null: []bootstrap.Restriction{{Term: "x1"}}}}, bootstrap.WildSpec{}); !errors.As(err, &own) || own.Op != "bootstrap" {
		t.Errorf("clusters by different columns: %v", err)
	}
	if _, err := bootstrap.WildAll(ctx, nil, bootstrap.WildSpec{}); !errors.As(err, &own) || own.Op != "bootstrap" {
		t.Errorf("no hypothesis: %v", err)
	}
}

// TestOneTreatedCluster: leaving the only treated cluster out leaves nothing to estimate; it is counted.
func TestOneTreatedCluster(t *testing.T) {
	f := smallPanel(t, 8)
	treated := make([]float64, f.Len())
	for i, g := range floats(t, f, "g") {
		if g == 3 {
			treated[i] = 1
		}
	}
	if err := f.SetFloats("treated", treated); err != nil {
		t.Fatal(err)
	}
	res := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"treated", "x1"}, Cluster: []string{"g"}})
	w := wild(t, res, bootstrap.WildSpec{Term: "x1", Type: bootstrap.Type33})
	if w.Singular != 1 || !slices.ContainsFunc(w.Warnings, func(w fieldexp.Warning) bool { return w.Code == "singular-clusters" }) {
		t.Errorf("%d singular clusters, warnings %v", w.Singular, w.Warnings)
	}
	if math.IsNaN(w.P) || w.Counts.Undefined > 0 {
		t.Errorf("p %g, %+v", w.P, w.Counts)
	}
}

// TestWeightsHaveUnitVariance: mean zero, variance one, and third moments of their laws.
func TestWeightsHaveUnitVariance(t *testing.T) {
	for law, third := range map[bootstrap.Weights]float64{bootstrap.Rademacher: 0, bootstrap.Mammen: 1, bootstrap.Webb: 0, bootstrap.Normal: 0, bootstrap.Gamma: 1} {
		var sum, squares, cubes, n float64
		for _, draw := range bootstrap.Draws(law, 3, 20000, 31) {
			for _, v := range draw {
				sum, squares, cubes, n = sum+v, squares+v*v, cubes+v*v*v, n+1
			}
		}
		near(t, law.String()+" mean", sum/n, 0, 5/math.Sqrt(n))
		near(t, law.String()+" variance", squares/n, 1, 5*2/math.Sqrt(n))
		near(t, law.String()+" third moment", cubes/n, third, 5*8/math.Sqrt(n))
	}
}

// TestEnumeration lists every sign vector once.
func TestEnumeration(t *testing.T) {
	seen := map[string]bool{}
	for _, v := range bootstrap.Draws(bootstrap.Rademacher, 1, 1024, 10) {
		seen[fmt.Sprint(v)] = true
	}
	if len(seen) != 1024 {
		t.Errorf("%d different sign vectors of 1024", len(seen))
	}
}
