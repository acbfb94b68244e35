package bootstrap_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/refdata"
	"github.com/fieldexp/fieldexp/iv"
)

// printed is what Stata's boottest prints for an item, and what was computed beside it.
type printed struct {
	Computed struct {
		T      float64 `json:"t"`
		F      float64 `json:"F"`
		Z      float64 `json:"z"`
		Coef   float64 `json:"coef"`
		SE     float64 `json:"se"`
		Strict int     `json:"strict"`
		Ties   int     `json:"ties"`
		B      int     `json:"B"`
		ExactP float64 `json:"exact_p"`
		RF     float64 `json:"z_rf_HC0"`
	} `json:"computed"`
	Published struct {
		T      float64   `json:"t"`
		Z      float64   `json:"z"`
		P      float64   `json:"p"`
		P999   float64   `json:"p_999"`
		WCU    float64   `json:"p_WCU_jackknife"`
		WCR    float64   `json:"p_WCR_jackknife"`
		WRE    float64   `json:"WRE_p_equaltail_999"`
		WREset []float64 `json:"WRE_ci"`
		CI     []float64 `json:"ci"`
		CI999  []float64 `json:"ci_999"`
		JK     []float64 `json:"ci_jk"`
	} `json:"published"`
}

func publishedItem(t *testing.T, id string) printed {
	t.Helper()
	var file struct {
		Items []json.RawMessage `json:"items"`
	}
	refdata.JSON(t, &file, "wildboot", "published.json")
	for _, item := range file.Items {
		var name struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal(item, &name); err != nil {
			t.Fatal(err)
		}
		if name.ID == id {
			var p printed
			if err := json.Unmarshal(item, &p); err != nil {
				t.Fatal(err)
			}
			return p
		}
	}
	t.Fatalf("no item %s", id)
	return printed{}
}

func collapsed(t *testing.T) *iv.Result {
	t.Helper()
	f := readCSV(t, refdata.Path(t, "wildboot", "collapsed.csv"))
	return estimate(t, f, iv.Spec{Outcomes: []string{"hasinsurance"}, Exogenous: []string{"selfemployed", "post", "post_self"}, Cluster: []string{"year"}})
}

func nlsw(t *testing.T) *data.Frame {
	t.Helper()
	return readCSV(t, refdata.Path(t, "wildboot", "nlsw88.csv.gz"))
}

// near999 compares a p-value with one of 999 draws.
func near999(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 4*math.Sqrt(want*(1-want)/999) {
		t.Errorf("%s: p %g, published %g from 999 draws", what, got, want)
	}
}

// ends compares a confidence set with the ends that a bootstrap of the given number of draws found:
// our p-value there is alpha up to its Monte Carlo error, or up to two steps of an enumeration.
func ends(t *testing.T, res *iv.Result, w *bootstrap.WildResult, want []float64, draws int) {
	t.Helper()
	if len(w.Set.Pieces) != 1 {
		t.Errorf("set %v, published %v", w.Set, want)
	}
	within := 4 * math.Sqrt(0.05*0.95/float64(draws))
	if draws == w.Counts.Draws {
		within = 4.0 / float64(draws)
	}
	for _, end := range want {
		spec := w.Spec
		spec.Null = []bootstrap.Restriction{{Term: spec.Null[0].Term, Value: end}}
		spec.Draws = max(spec.Draws, 9999)
		if at := wild(t, res, spec); math.Abs(at.P-0.05) > within {
			t.Errorf("at the published end %g of %v our p is %g; our set is %v", end, want, at.P, w.Set)
		}
	}
}

// TestCollapsed: 8 clusters, 256 sign vectors, of which 18 are larger and 2 tie. boottest prints
// 19/256 because rounding breaks one of the ties. Its confidence sets interpolate the p-value
// between its steps.
func TestCollapsed(t *testing.T) {
	res := collapsed(t)
	for _, c := range []struct {
		id   string
		spec bootstrap.WildSpec
	}{
		{"collapsed_post_self_.04", bootstrap.WildSpec{Term: "post_self", Value: 0.04}},
		{"collapsed_post_0", bootstrap.WildSpec{Term: "post"}},
	} {
		want := publishedItem(t, c.id)
		w := wild(t, res, c.spec)
		near(t, c.id+" t", w.Statistic, want.Computed.T, 1e-10)
		if w.Counts.Larger != want.Computed.Strict || w.Counts.Ties != want.Computed.Ties || w.Counts.Draws != want.Computed.B {
			t.Errorf("%s: %+v, want %d larger and %d ties of %d", c.id, w.Counts, want.Computed.Strict, want.Computed.Ties, want.Computed.B)
		}
		near(t, c.id+" p", w.P, float64(want.Computed.Strict+want.Computed.Ties)/256, 1e-15)
		ends(t, res, w, want.Published.CI, 256)
	}
	want := publishedItem(t, "collapsed_joint")
	joint := wild(t, res, bootstrap.WildSpec{Null: []bootstrap.Restriction{{Term: "post_self"}, {Term: "post"}}})
	near(t, "joint F", joint.Statistic, want.Computed.F, 1e-10)
}

// TestCollapsedWebb compares with 999 draws of Webb weights, and of the jackknife type: boottest's
// option jackknife is type 31.
func TestCollapsedWebb(t *testing.T) {
	want := publishedItem(t, "collapsed_webb_999").Published
	res := collapsed(t)
	spec := bootstrap.WildSpec{Term: "post_self", Value: 0.04, Weights: bootstrap.Webb, Draws: 9999, Seed: 2}
	near999(t, "WCR", wild(t, res, spec).P, want.P)
	spec.Type = bootstrap.Type31
	w := wild(t, res, spec)
	near999(t, "WCR jackknife", w.P, want.WCR)
	ends(t, res, w, want.JK, 999)
	spec.Unrestricted = true
	near999(t, "WCU jackknife", wild(t, res, spec).P, want.WCU)
}

// TestTenure: 12 clusters, all 4,096 sign vectors.
func TestTenure(t *testing.T) {
	want := publishedItem(t, "nlsw_tenure")
	res := estimate(t, nlsw(t), iv.Spec{Outcomes: []string{"wage"}, Exogenous: []string{"tenure", "ttl_exp", "collgrad"}, Cluster: []string{"industry"}})
	w := wild(t, res, bootstrap.WildSpec{Term: "tenure"})
	near(t, "estimate", w.Estimate, want.Computed.Coef, 1e-10)
	near(t, "standard error", w.SE, want.Computed.SE, 1e-10)
	near(t, "t", w.Statistic, want.Computed.T, 1e-10)
	if w.Counts.Larger != want.Computed.Strict || w.Counts.Ties != want.Computed.Ties || w.Counts.Draws != want.Computed.B {
		t.Errorf("%+v, want %d larger and %d ties", w.Counts, want.Computed.Strict, want.Computed.Ties)
	}
	near999(t, "tenure", w.P, want.Published.P999)
	ends(t, res, w, want.Published.CI999, 999)
}
