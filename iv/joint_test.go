package iv_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// twice is the frame above itself: column which is 0 in the first copy and 1 in the second, and
// the named columns have a version for each copy, name:0 and name:1, which is 0 in the other.
func twice(t *testing.T, f *data.Frame, split []string) *data.Frame {
	t.Helper()
	n := f.Len()
	rows := make([]int, 2*n)
	which := make([]float64, 2*n)
	for i := range rows {
		rows[i], which[i] = i%n, float64(i/n)
	}
	both := take(t, f, rows)
	setFloats(t, both, "which", which)
	for _, name := range split {
		derive(t, both, name+":0", []string{name, "which"}, func(x []float64) float64 { return x[0] * (1 - x[1]) })
		derive(t, both, name+":1", []string{name, "which"}, func(x []float64) float64 { return x[0] * x[1] })
	}
	return both
}

// TestJoinIsStacking compares the joint covariance of two models with that of one model over both
// copies of the rows, in which every column is by copy.
func TestJoinIsStacking(t *testing.T) {
	f := experiment(t, 3, 600, 40)
	cr0 := iv.Covariance{Kind: iv.CR0}
	a := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"c1"}, Endogenous: []string{"used"}, Instruments: []string{"assigned"},
		Absorb: iv.Effects("day"), KeepSingletons: true, Cluster: []string{"agent"}, Covariance: cr0})
	b := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"c1"}, Endogenous: []string{"used"}, Instruments: []string{"assigned"},
		Absorb: iv.Effects("day", "topic^hour"), KeepSingletons: true, Cluster: []string{"agent"}, Covariance: cr0})

	both := twice(t, f, []string{"used", "assigned", "c1"})
	// The first model has no effects of topic and hour: one level holds all of its copy.
	derive(t, both, "own hour", []string{"hour", "which"}, func(x []float64) float64 { return x[1] * (1 + x[0]) })
	codes, levels, err := both.Codes("topic")
	if err != nil {
		t.Fatal(err)
	}
	own := make([]string, len(codes))
	for i, c := range codes {
		if own[i] = levels[c]; i < f.Len() {
			own[i] = "none"
		}
	}
	if err := both.SetStrings("own topic", own); err != nil {
		t.Fatal(err)
	}
	stacked := estimate(t, both, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"c1:0", "c1:1"}, Endogenous: []string{"used:0", "used:1"},
		Instruments: []string{"assigned:0", "assigned:1"}, Absorb: iv.Effects("day^which", "own topic^own hour"), KeepSingletons: true, Cluster: []string{"agent"}, Covariance: cr0})

	joint, err := iv.Join(a, b)
	if err != nil {
		t.Fatal(err)
	}
	for _, weights := range [][2]map[string]float64{
		{{"used": 1}, nil}, {nil, {"used": 1}}, {{"used": 1}, {"used": -1}}, {{"used": 1, "c1": 2}, {"used": 0.5, "c1": -3}},
	} {
		got, err := joint.Combine("combination", weights[0], weights[1])
		if err != nil {
			t.Fatal(err)
		}
		flat := map[string]float64{}
		for name, w := range weights[0] {
			flat[name+":0"] = w
		}
		for name, w := range weights[1] {
			flat[name+":1"] = w
		}
		want, err := stacked.Combine("combination", flat)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "estimate", got.Estimate, want.Estimate, same, want.SE)
		near(t, "standard error", got.SE, want.SE, same, 0)
		near(t, "p", got.P, want.P, 1e-7, 0)
	}
	difference := [][]map[string]float64{{{"used": 1}, {"used": -1}}, {{"c1": 1}, {"c1": -1}}}
	got, err := joint.WaldZero("the models agree", difference...)
	if err != nil {
		t.Fatal(err)
	}
	restrictions := mat.NewDense(2, len(stacked.Terms), nil)
	for i, names := range [][]string{{"used:0", "used:1"}, {"c1:0", "c1:1"}} {
		restrictions.Set(i, slices.Index(stacked.Terms, names[0]), 1)
		restrictions.Set(i, slices.Index(stacked.Terms, names[1]), -1)
	}
	want := stacked.Wald("", restrictions, nil)
	near(t, "Wald statistic", got.Statistic, want.Statistic, 1e-7, 0)
	if got.DF1 != 2 || got.DF2 != 39 || got.Null != "the models agree" {
		t.Errorf("test %+v, want 2 and 39 degrees of freedom", got)
	}
}

// TestJoinKeepsEachModel: the diagonal blocks are the models' own covariances, small-sample factor
// and all, and a model has nothing to differ in from itself.
func TestJoinKeepsEachModel(t *testing.T) {
	f := experiment(t, 5, 500, 35)
	results := estimateAll(t, f, iv.Spec{Outcomes: []string{"y", "y2"}, Exogenous: []string{"assigned", "c1"}, Absorb: iv.Effects("day"),
		Weights: "w", Cluster: []string{"agent"}})
	joint, err := iv.Join(results[0], results[1], results[0])
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range []*iv.Result{results[0], results[1], results[0]} {
		for _, want := range r.Coefficients() {
			weights := make([]map[string]float64, 3)
			weights[i] = map[string]float64{want.Name: 1}
			got, err := joint.Combine(want.Name, weights...)
			if err != nil {
				t.Fatal(err)
			}
			near(t, want.Name, got.Estimate, want.Estimate, 0, 0)
			near(t, want.Name+" (standard error)", got.SE, want.SE, 1e-12, 0)
			near(t, want.Name+" (low)", got.Low, want.Low, 1e-12, want.SE)
		}
	}
	zero, err := joint.Combine("difference", map[string]float64{"assigned": 1}, nil, map[string]float64{"assigned": -1})
	if err != nil {
		t.Fatal(err)
	}
	if zero.Estimate != 0 || zero.SE > 1e-9*results[0].Coefficients()[0].SE {
		t.Errorf("a model differs from itself by %v (%v)", zero.Estimate, zero.SE)
	}
}

func TestJoinRefuses(t *testing.T) {
	f := experiment(t, 6, 400, 30)
	base := iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"assigned"}, Cluster: []string{"agent"}}
	change := func(edit func(s *iv.Spec)) *iv.Result {
		s := base
		edit(&s)
		return estimate(t, f, s)
	}
	ok := change(func(*iv.Spec) {})
	for _, c := range []struct {
		name  string
		other *iv.Result
		want  string
	}{
		{"not clustered", change(func(s *iv.Spec) { s.Cluster = nil }), "HC1"},
		{"clustered two ways", change(func(s *iv.Spec) { s.Cluster = []string{"agent", "day"} }), "2 clusterings"},
		{"other clusters", change(func(s *iv.Spec) { s.Cluster = []string{"topic"} }), `by "topic"`},
		{"another frame", estimate(t, f.Filter(func(row int) bool { return row > 0 }), base), "with Rows for a part of it"},
	} {
		_, err := iv.Join(ok, c.other)
		var e *fieldexp.Error
		if !errors.As(err, &e) || e.Problem != fieldexp.NotAvailable || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one that says %q", c.name, err, c.want)
		}
	}
	if _, err := iv.Join(); err == nil {
		t.Error("nothing was joined without an error")
	}
	joint, err := iv.Join(ok, ok)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := joint.Combine("", nil, map[string]float64{"nobody": 1}); err == nil || !strings.Contains(err.Error(), "assigned") {
		t.Errorf("an unknown term: %v, want an error that names the terms", err)
	}
	if _, err := joint.Combine("", nil, nil, map[string]float64{"assigned": 1}); err == nil {
		t.Error("weights for a third of two models were accepted")
	}
	if _, err := joint.WaldZero("nothing"); err == nil {
		t.Error("a test of no combination was accepted")
	}
	if _, err := joint.WaldZero("unknown", []map[string]float64{{"nobody": 1}}); err == nil {
		t.Error("a test of an unknown term was accepted")
	}
}

// TestVariation: what is left of a regressor is the residual of its regression on the others.
func TestVariation(t *testing.T) {
	f := experiment(t, 8, 500, 40)
	ols := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"assigned", "c1", "c2"}, Absorb: iv.Effects("day", "topic"), Weights: "w", Cluster: []string{"agent"}})
	regress := func(y string) *iv.Result {
		return estimate(t, f, iv.Spec{Outcomes: []string{y}, Exogenous: []string{"c2"}, Absorb: iv.Effects("day", "topic"), Weights: "w", Cluster: []string{"agent"}})
	}
	derive(t, f, "sum", []string{"assigned", "c1"}, func(x []float64) float64 { return x[0] + x[1] })
	v, err := ols.Variation("assigned", "c1")
	if err != nil {
		t.Fatal(err)
	}
	a, c, sum := regress("assigned").RSS, regress("c1").RSS, regress("sum").RSS
	near(t, "of assigned", v.At(0, 0), a, same, 0)
	near(t, "of c1", v.At(1, 1), c, same, 0)
	near(t, "of both", v.At(0, 1), (sum-a-c)/2, same, a)

	tsls := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"c1"}, Endogenous: []string{"used"}, Instruments: []string{"assigned"}, Cluster: []string{"agent"}})
	first, err := tsls.FirstStages[0].Coefficient("assigned")
	if err != nil {
		t.Fatal(err)
	}
	instrument, err := tsls.ReducedForm.Variation("assigned")
	if err != nil {
		t.Fatal(err)
	}
	fitted, err := tsls.Variation("used")
	if err != nil {
		t.Fatal(err)
	}
	near(t, "of the fitted regressor", fitted.At(0, 0), first.Estimate*first.Estimate*instrument.At(0, 0), same, 0)

	for _, names := range [][]string{nil, {"nobody"}, {"c1", "c1"}} {
		if _, err := ols.Variation(names...); err == nil {
			t.Errorf("the variation of %v was given", names)
		}
	}
}
