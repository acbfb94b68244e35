package iv_test

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// scales are units in which a column may be measured: what is zero by construction is so in each.
var scales = []float64{1, 1e-9, 1e9}

// arms is an experiment: six clusters of thirty rows, every other assigned, in each of which a share of the rows use that is the
// same in all assigned clusters, or not.
func arms(t *testing.T, scale float64, same bool) *data.Frame {
	t.Helper()
	rng := rand.New(rand.NewPCG(5, 5))
	const n = 180
	columns := map[string][]float64{"g": nil, "z": nil, "used": nil, "y": nil, "w": nil, "exact": nil, "x": nil}
	for i := range n {
		g := i / 30
		z := float64(g % 2)
		used := 0.
		if z == 1 && (i%2 == 0 || !same && i%30 < 3*g) {
			used = 1
		}
		w := rng.NormFloat64()
		for name, v := range map[string]float64{"g": float64(g), "z": z, "used": used, "w": w, "x": rng.NormFloat64(),
			"y": scale * (1 + used + 0.3*w + rng.NormFloat64()), "exact": scale * (3 + 2*z)} {
			columns[name] = append(columns[name], v)
		}
	}
	f := new(data.Frame)
	for _, name := range []string{"g", "z", "used", "y", "w", "exact", "x"} {
		if err := f.SetFloats(name, columns[name]); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func fitOne(t *testing.T, f *data.Frame, spec iv.Spec) *iv.Result {
	t.Helper()
	fits, err := iv.Estimate(context.Background(), f, spec)
	if err != nil {
		t.Fatal(err)
	}
	return fits[0]
}

// checkNone fails unless a coefficient has no standard error, and a reason for it.
func checkNone(t *testing.T, what string, c iv.Coefficient) {
	t.Helper()
	if c.Reason == "" || c.SE > 0 || !math.IsNaN(c.Statistic) || !math.IsNaN(c.P) || !math.IsNaN(c.Low) || !math.IsNaN(c.High) {
		t.Errorf("%s: %+v, want no standard error and a reason", what, c)
	}
	if d := c.Document(); !math.IsNaN(float64(d.SE)) || d.Reason == "" {
		t.Errorf("%s: JSON has %+v", what, d)
	}
}

func codes(r *iv.Result) string {
	var list []string
	for _, w := range r.Warnings {
		list = append(list, w.Code)
	}
	return strings.Join(list, " ")
}

// TestClustersAreArms: with a cluster for each arm, residuals balance in both whatever they are.
func TestClustersAreArms(t *testing.T) {
	for _, scale := range scales {
		f := arms(t, scale, true)
		for _, kind := range []iv.CovarianceKind{iv.CR0, iv.CR1, iv.CR2, iv.CR3, iv.Jackknife} {
			spec := iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"z"}, Cluster: []string{"z"}, Covariance: iv.Covariance{Kind: kind}}
			r := fitOne(t, f, spec)
			for _, c := range r.Coefficients() {
				checkNone(t, kind.String()+" "+c.Name, c)
			}
			if test := r.OverallF(); test.Reason == "" || !math.IsNaN(test.P) {
				t.Errorf("%v: %+v", kind, test)
			}
			for _, w := range r.Warnings {
				if w.Code == "no-variance" && !strings.Contains(w.String(), "randomisation inference") {
					t.Errorf("%v: %s", kind, w)
				} else if w.Code != "no-variance" && w.Code != "few-degrees" {
					t.Errorf("%v: a remedy that is none: %s", kind, w)
				}
			}
			// A control makes residuals that do not balance.
			spec.Exogenous = []string{"z", "w"}
			if c := fitOne(t, f, spec).Coefficients()[1]; kind != iv.CR3 && kind != iv.CR2 && kind != iv.Jackknife && !(c.SE > 0) {
				t.Errorf("%v: %+v of a control", kind, c)
			}
			spec.Exogenous, spec.Cluster = []string{"z"}, []string{"g"}
			if c := fitOne(t, f, spec).Coefficients()[0]; !(c.SE > 0) || c.Reason != "" || !(c.P > 0) {
				t.Errorf("%v: twin by six clusters: %+v", kind, c)
			}
		}
	}
}

// TestEqualShares: where each assigned cluster has as many users, the first stage has no error, and nothing that divides by it
// is a number.
func TestEqualShares(t *testing.T) {
	for _, scale := range scales {
		for _, kind := range []iv.CovarianceKind{iv.CR0, iv.CR1, iv.CR3} {
			spec := iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"used"}, Instruments: []string{"z"}, Cluster: []string{"g"}, Covariance: iv.Covariance{Kind: kind}}
			r := fitOne(t, arms(t, scale, true), spec)
			checkNone(t, "first stage", r.FirstStages[0].Coefficients()[0])
			if f := r.PartialF()[0]; f.Reason == "" || !math.IsNaN(f.Statistic) || !math.IsNaN(f.P) {
				t.Errorf("first-stage F: %+v", f)
			}
			for _, s := range []iv.Strength{r.EffectiveF(), r.KleibergenPaap()} {
				if s.Reason == "" || !math.IsNaN(s.Statistic) {
					t.Errorf("%v", s)
				}
			}
			if tf := r.TF(); tf.Reason == "" {
				t.Errorf("tF: %+v", tf)
			}
			if c := r.Coefficients()[0]; !(c.SE > 0) || c.Reason != "" {
				t.Errorf("the effect has an error: %+v", c)
			}
			twin := fitOne(t, arms(t, scale, false), spec)
			if f := twin.PartialF()[0]; !(f.Statistic > 1) || f.Statistic > 1e6 || twin.EffectiveF().Reason != "" || strings.Contains(codes(twin.FirstStages[0]), "no-variance") && twin.FirstStages[0].Coefficients()[0].Reason != "" {
				t.Errorf("twin: %+v, %v", f, twin.EffectiveF())
			}
		}
	}
}

// TestExactFit: residuals that are the rounding of an outcome say nothing, with and without clusters.
func TestExactFit(t *testing.T) {
	for _, scale := range scales {
		f := arms(t, scale, true)
		for _, cluster := range [][]string{nil, {"g"}} {
			for _, outcome := range []string{"exact", "z"} {
				if outcome == "z" { // a balance variable that is assignment
					copied := slices.Clone(floats(t, f, "z"))
					if f.Has("copy") {
						continue
					}
					if err := f.SetFloats("copy", copied); err != nil {
						t.Fatal(err)
					}
					outcome = "copy"
				}
				r := fitOne(t, f, iv.Spec{Outcomes: []string{outcome}, Exogenous: []string{"z"}, Cluster: cluster})
				checkNone(t, outcome, r.Coefficients()[0])
				if test, err := r.WaldZero("z"); err != nil || test.Reason == "" || !math.IsNaN(test.P) {
					t.Errorf("%s: %+v, %v", outcome, test, err)
				}
			}
		}
		// Perfect compliance.
		late := fitOne(t, f, iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"exact"}, Instruments: []string{"z"}})
		if test := late.PartialF()[0]; test.Reason == "" {
			t.Errorf("first-stage F of perfect compliance: %+v", test)
		}
	}
}

// TestLargeT: a t of a million is one, in any unit, with any covariance.
func TestLargeT(t *testing.T) {
	for _, scale := range scales {
		rng := rand.New(rand.NewPCG(7, 7))
		const n = 400
		z, y, g := make([]float64, n), make([]float64, n), make([]float64, n)
		for i := range n {
			z[i], g[i] = float64(i%2), float64(i/2%40*2+i%2)
			y[i] = scale * (5 + z[i]*1e5*1.05 + rng.NormFloat64())
		}
		f := new(data.Frame)
		for name, column := range map[string][]float64{"z": z, "y": y, "g": g} {
			if err := f.SetFloats(name, column); err != nil {
				t.Fatal(err)
			}
		}
		for _, spec := range []iv.Spec{{}, {Cluster: []string{"g"}}, {Cluster: []string{"g"}, Covariance: iv.Covariance{Kind: iv.CR2}}, {Covariance: iv.Covariance{Kind: iv.HC3}}, {Covariance: iv.Covariance{Kind: iv.Classical}}} {
			spec.Outcomes, spec.Exogenous = []string{"y"}, []string{"z"}
			c := fitOne(t, f, spec).Coefficients()[0]
			if c.Reason != "" || !(c.Statistic > 7e5 && c.Statistic < 2e6) {
				t.Errorf("scale %g, %v: t %g, %s", scale, spec.Covariance.Kind, c.Statistic, c.Reason)
			}
		}
	}
}

// TestCombinationsWithoutVariance: a difference that is the same in every cluster has no error, though each part has; so have
// differences between models.
func TestCombinationsWithoutVariance(t *testing.T) {
	f := arms(t, 1, true)
	y, z := floats(t, f, "y"), floats(t, f, "z")
	shifted := make([]float64, len(y))
	for i := range y {
		shifted[i] = y[i] + 3*z[i]
	}
	if err := f.SetFloats("shifted", shifted); err != nil {
		t.Fatal(err)
	}
	fits, err := iv.Estimate(context.Background(), f, iv.Spec{Outcomes: []string{"y", "shifted"}, Exogenous: []string{"z"}, Cluster: []string{"g"}})
	if err != nil {
		t.Fatal(err)
	}
	joint, err := iv.Join(fits...)
	if err != nil {
		t.Fatal(err)
	}
	apart := []map[string]float64{{"z": 1}, {"z": -1}}
	c, err := joint.Combine("apart", apart...)
	if err != nil {
		t.Fatal(err)
	}
	checkNone(t, "difference between models", c)
	if test, err := joint.WaldZero("none", apart); err != nil || test.Reason == "" {
		t.Errorf("%+v, %v", test, err)
	}
	together, err := joint.Combine("together", map[string]float64{"z": 1}, map[string]float64{"z": 1})
	if err != nil || !(together.SE > 0) || together.Reason != "" {
		t.Errorf("twin: %+v, %v", together, err)
	}
}
