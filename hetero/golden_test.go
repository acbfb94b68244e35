package hetero_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/internal/refdata"
	"github.com/fieldexp/fieldexp/internal/studytest"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/panel"
)

// TestStudy makes the panel from the chats and compares all fits by quintile, in both
// specifications, with fixest's.
func TestStudy(t *testing.T) {
	for table, rule := range map[string]hetero.TimeEffects{"hetero_common": hetero.Common, "hetero_group": hetero.GroupSpecific} {
		t.Run(table, func(t *testing.T) {
			want := studytest.Fits(t, table)
			if len(want) != 16 {
				t.Fatalf("%d fits of %s in the reference, want 16", len(want), table)
			}
			var outcomes []string
			for _, w := range want {
				outcomes = append(outcomes, w.Outcome)
			}
			spec := studySpec(rule, outcomes...)
			spec.SkipConsistency = true
			spec.Covariance = iv.Fixest.Covariance(true)
			r := estimate(t, studyPanel(t), spec)
			for i, w := range want {
				compareFit(t, &r.Fits[i], w)
			}
		})
	}
}

// compareFit compares the impacts and the controls with those of a reference fit.
func compareFit(t *testing.T, fit *hetero.Fit, want studytest.Fit) {
	t.Helper()
	if fit.Outcome != want.Outcome || fit.Model.N != want.N {
		t.Errorf("%s with %d observations, want %s with %d", fit.Outcome, fit.Model.N, want.Outcome, want.N)
	}
	impacts := map[string]int{"fit_q::1:usage": 0, "fit_q::2:usage": 1, "fit_q::3:usage": 2, "fit_q::4:usage": 3, "fit_q::5:usage": 4}
	for _, term := range want.Terms {
		what := strings.Join([]string{want.Table, want.Outcome, term.Term}, " ")
		got, err := fit.Model.Coefficient(term.Term)
		if k, ok := impacts[term.Term]; ok {
			got, err = fit.Impacts[k], nil
		}
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		near(t, what, got.Estimate, term.Estimate, study, term.SE)
		near(t, what+" (standard error)", got.SE, term.SE, study, 0)
	}
	if len(want.Terms) != len(fit.Impacts)+2 {
		t.Errorf("%s: %d terms in the reference", want.Outcome, len(want.Terms))
	}
}

// reference is a result of golden.json.
type reference struct {
	N      int
	Counts map[string]int
	Coef   []struct {
		Term     string
		Estimate float64
		SE       float64 `json:"std_error"`
		Dof      float64
	}
	WaldF float64 `json:"wald_F"`
	P     float64 `json:"p_F"`
	Cells map[string]reference
}

// references reads the results of R and Python on the simulated experiment.
func references(t *testing.T) (map[string]reference, *data.Frame) {
	t.Helper()
	golden := refdata.Experiment(t)
	list := map[string]reference{}
	for _, key := range []string{"feols_het_interaction", "feols_split_quartile"} {
		var r reference
		if err := json.Unmarshal(golden[key], &r); err != nil {
			t.Fatal(err)
		}
		list[key] = r
	}
	return list, studytest.Experiment(t)
}

// experimentSpec is the model of the references by quartile of the baseline, cut over rows.
func experimentSpec(outcomes ...string) hetero.Spec {
	return hetero.Spec{
		Spec: itt.Spec{
			Outcomes:       outcomes,
			Assignment:     "assigned",
			Controls:       []string{"c1", "c2", "c3", "c4"},
			Absorb:         iv.Effects("day", "issue_type"),
			KeepSingletons: true,
			Cluster:        []string{"agent_id"},
		},
		Group: "qb",
	}
}

// TestFixestInteraction compares effects by quartile in one model: i(qb, assigned) with quartile,
// day and issue effects, and the Wald test of their equality.
func TestFixestInteraction(t *testing.T) {
	golden, f := references(t)
	want := golden["feols_het_interaction"]
	if _, err := panel.Groups(f, panel.GroupSpec{Value: "baseline", N: 4, Name: "qb"}); err != nil {
		t.Fatal(err)
	}
	fit := estimate(t, f, experimentSpec("y1")).Fits[0]
	if fit.Model.N != want.N || len(want.Coef) != 8 {
		t.Fatalf("%d observations, want %d; %d coefficients in the reference", fit.Model.N, want.N, len(want.Coef))
	}
	for i, w := range want.Coef {
		got := fit.Impacts[min(i, 3)]
		if i >= 4 {
			got = coefficient(t, fit.Model, w.Term)
		}
		near(t, w.Term, got.Estimate, w.Estimate, agree, w.SE)
		near(t, w.Term+" (standard error)", got.SE, w.SE, agree, 0)
	}
	near(t, "equality", fit.Equality.Statistic, want.WaldF, agree, 0)
	near(t, "equality (p)", fit.Equality.P, want.P, agree, 0)
}

// TestFixestSplit compares regressions by quartile of ten outcomes, with every effect and control
// by quartile, with fixest's fsplit: the separate regressions and the saturated model are one.
func TestFixestSplit(t *testing.T) {
	golden, f := references(t)
	want := golden["feols_split_quartile"]
	cut, err := panel.Groups(f, panel.GroupSpec{Value: "baseline", N: 4, Name: "qb"})
	if err != nil {
		t.Fatal(err)
	}
	codes, labels, err := f.Codes("qb")
	if err != nil {
		t.Fatal(err)
	}
	outcomes := []string{"y1", "y2", "y3", "y4", "y5", "y6", "y7", "y8", "y9", "y10"}
	spec := experimentSpec(outcomes...)
	spec.Absorb = iv.Effects("day^qb", "issue_type^qb")
	spec.Controls = nil
	for _, name := range []string{"c1", "c2", "c3", "c4"} {
		values := studytest.Floats(t, f, name)
		for k, label := range labels {
			column := make([]float64, len(values))
			for i, v := range values {
				if codes[i] == int32(k) {
					column[i] = v
				}
			}
			spec.Controls = append(spec.Controls, name+" by "+label)
			if err := f.SetFloats(name+" by "+label, column); err != nil {
				t.Fatal(err)
			}
		}
	}
	spec.SkipConsistency = true
	spec.Covariance = iv.Covariance{Kind: iv.CR0}
	r := estimate(t, f, spec)
	compared := 0
	for k, label := range labels {
		if cut.Rows[k] != want.Counts[label] {
			t.Errorf("%s has %d rows, want %d", label, cut.Rows[k], want.Counts[label])
		}
		for i, outcome := range outcomes {
			cell, ok := want.Cells["sample.var: qb; sample: "+label+"; lhs: "+outcome]
			if !ok {
				t.Fatalf("the reference has no cell of %s in %s", outcome, label)
			}
			if cell.N != r.Fits[i].Groups[k].Rows {
				t.Errorf("%s in %s: %d rows, want %d", outcome, label, r.Fits[i].Groups[k].Rows, cell.N)
			}
			// Each split has its own small-sample factor: G/(G-1) (N-1)/(N-K), with K = 46.
			groups, n := float64(r.Fits[i].Groups[k].Clusters), float64(cell.N)
			factor := math.Sqrt(groups / (groups - 1) * (n - 1) / (n - 46))
			w, got := cell.Coef[0], r.Fits[i].Impacts[k]
			near(t, outcome+" in "+label, got.Estimate, w.Estimate, agree, w.SE)
			near(t, outcome+" in "+label+" (standard error)", factor*got.SE, w.SE, agree, 0)
			if w.Dof != groups-1 {
				t.Errorf("%s in %s: %v clusters, want %v", outcome, label, groups, w.Dof+1)
			}
			compared++
		}
	}
	if compared != 40 || len(want.Cells) != 50 {
		t.Errorf("%d of %d cells compared, want 40 of 50 (ten are of the full sample)", compared, len(want.Cells))
	}
}

// TestBundledReference compares effects by group with R's lm and ivreg with explicit dummies and
// sandwich's clustered covariance; see testdata/reference.R.
func TestBundledReference(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "reference.json"))
	if err != nil {
		t.Fatal(err)
	}
	var reference struct {
		Fits []struct {
			Model, Outcome string
			N              int
			Impacts, SE    []float64
			Interactions   []float64
			InteractionSE  []float64 `json:"interaction_se"`
			F              float64   `json:"equality_F"`
			P              float64   `json:"equality_p"`
			Trend          float64
			TrendSE        float64 `json:"trend_se"`
		}
	}
	if err := json.Unmarshal(text, &reference); err != nil {
		t.Fatal(err)
	}
	f, err := data.ReadCSV(t.Context(), refdata.Path(t, "golden", "experiment.csv"), data.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	studytest.Derive(t, f, "g", []string{"team"}, func(x []float64) float64 { return math.Floor((x[0] + 2) / 3) })
	if len(reference.Fits) != 8 {
		t.Fatalf("%d fits in the reference, want 8", len(reference.Fits))
	}
	for _, want := range reference.Fits {
		what := want.Model + " " + want.Outcome
		// sandwich counts every dummy among the parameters.
		spec := hetero.Spec{
			Spec: itt.Spec{
				Outcomes:   []string{want.Outcome},
				Assignment: "assigned",
				Controls:   []string{"c1", "c2"},
				Cluster:    []string{"agent"},
				Covariance: iv.Covariance{Params: iv.CountAll},
			},
			Group:  "g",
			Period: "day",
		}
		if strings.HasPrefix(want.Model, "common") {
			spec.TimeEffects = hetero.Common
		}
		if strings.HasSuffix(want.Model, "LATE") {
			spec.Usage = "share"
		}
		fit := estimate(t, f, spec).Fits[0]
		if fit.Model.N != want.N {
			t.Errorf("%s: %d observations, want %d", what, fit.Model.N, want.N)
		}
		for k, c := range fit.Impacts {
			near(t, what+" "+c.Name, c.Estimate, want.Impacts[k], agree, want.SE[k])
			near(t, what+" "+c.Name+" (standard error)", c.SE, want.SE[k], agree, 0)
		}
		for k, c := range fit.Interactions {
			near(t, what+" "+c.Name, c.Estimate, want.Interactions[k], agree, want.InteractionSE[k])
			near(t, what+" "+c.Name+" (standard error)", c.SE, want.InteractionSE[k], agree, 0)
		}
		near(t, what+" equality", fit.Equality.Statistic, want.F, agree, 0)
		near(t, what+" equality (p)", fit.Equality.P, want.P, agree, 0)
		near(t, what+" trend", fit.Trend.Estimate, want.Trend, agree, want.TrendSE)
		near(t, what+" trend (standard error)", fit.Trend.SE, want.TrendSE, agree, 0)
	}
}
