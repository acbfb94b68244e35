package itt_test

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/studytest"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
)

// readTrial reads the small experiment of testdata, which was assigned in several ways at once.
func readTrial(t rapid.TB) *data.Frame {
	t.Helper()
	f, err := data.ReadCSV(context.Background(), filepath.Join("testdata", "trial.csv"), data.ReadOptions{})
	must(t, err)
	return f
}

func means(t rapid.TB, f *data.Frame, spec itt.MeansSpec) *itt.MeansResult {
	t.Helper()
	res, err := itt.DifferenceInMeans(context.Background(), f, spec)
	if err != nil {
		t.Fatalf("DifferenceInMeans(%+v): %v", spec, err)
	}
	return res
}

func lin(t rapid.TB, f *data.Frame, spec itt.Spec) *itt.Result {
	t.Helper()
	res, err := itt.Lin(context.Background(), f, spec)
	if err != nil {
		t.Fatalf("Lin(%+v): %v", spec, err)
	}
	return res
}

// coefficientReference is a row of a table of R's estimatr.
type coefficientReference struct {
	Term                           string
	Estimate, SE, DF, P, Low, High float64
}

func nearCoefficient(t rapid.TB, what string, got iv.Coefficient, want coefficientReference) {
	t.Helper()
	const exact = 1e-9
	studytest.Near(t, what, got.Estimate, want.Estimate, exact, want.SE)
	studytest.Near(t, what+": standard error", got.SE, want.SE, exact, 0)
	studytest.Near(t, what+": degrees of freedom", got.DF, want.DF, exact, 0)
	studytest.Near(t, what+": p", got.P, want.P, 1e-8, 1e-8)
	studytest.Near(t, what+": lower bound", got.Low, want.Low, exact, want.SE)
	studytest.Near(t, what+": upper bound", got.High, want.High, exact, want.SE)
}

// estimatrFit is a fit of testdata/reference.json.
type estimatrFit struct {
	Call, Design string
	N            int
	Coef         []coefficientReference
}

func estimatrFits(t *testing.T) map[string]estimatrFit {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "reference.json"))
	must(t, err)
	var file struct{ Fits map[string]estimatrFit }
	must(t, json.Unmarshal(text, &file))
	return file.Fits
}

// TestEstimatr compares every fit of testdata/reference.json, which reference.R made.
func TestEstimatr(t *testing.T) {
	designs := map[string]itt.MeansSpec{
		"simple":                     {Spec: itt.Spec{Assignment: "z"}},
		"simple alpha":               {Spec: itt.Spec{Assignment: "z", Level: 0.9}},
		"simple weighted":            {Spec: itt.Spec{Assignment: "z", Weights: "w"}, DF: itt.DesignDF},
		"clustered":                  {Spec: itt.Spec{Assignment: "zv", Cluster: []string{"village"}}},
		"clustered weighted":         {Spec: itt.Spec{Assignment: "zv", Cluster: []string{"village"}, Weights: "w"}},
		"blocked":                    {Spec: itt.Spec{Assignment: "z"}, Blocks: "block"},
		"blocked weighted":           {Spec: itt.Spec{Assignment: "z", Weights: "w"}, Blocks: "block"},
		"blocked clustered":          {Spec: itt.Spec{Assignment: "zv", Cluster: []string{"village"}}, Blocks: "block"},
		"blocked clustered weighted": {Spec: itt.Spec{Assignment: "zv", Cluster: []string{"village"}, Weights: "w"}, Blocks: "block"},
		"text":                       {Spec: itt.Spec{Assignment: "arm"}},
		"voice":                      {Spec: itt.Spec{Assignment: "arm"}},
		"pairs":                      {Spec: itt.Spec{Assignment: "zp"}, Blocks: "pair", Pairs: true, Small: itt.DropSmall},
		"pairs of clusters":          {Spec: itt.Spec{Assignment: "zs", Cluster: []string{"school"}}, Blocks: "region", Pairs: true},
	}
	robust := func(kind iv.CovarianceKind) iv.Covariance { return iv.Covariance{Kind: kind, Params: iv.CountAll} }
	models := map[string]itt.Spec{
		"lin HC0":          {Outcomes: []string{"y"}, Assignment: "z", Controls: []string{"x1", "x2"}, Covariance: robust(iv.HC0)},
		"lin HC1":          {Outcomes: []string{"y"}, Assignment: "z", Controls: []string{"x1", "x2"}},
		"lin HC2":          {Outcomes: []string{"y"}, Assignment: "z", Controls: []string{"x1", "x2"}, Covariance: robust(iv.HC2)},
		"lin HC3":          {Outcomes: []string{"y"}, Assignment: "z", Controls: []string{"x1", "x2"}, Covariance: robust(iv.HC3)},
		"lin classical":    {Outcomes: []string{"y"}, Assignment: "z", Controls: []string{"x1", "x2"}, Covariance: robust(iv.Classical)},
		"lin missing":      {Outcomes: []string{"late"}, Assignment: "z", Controls: []string{"x1", "x2"}, Covariance: robust(iv.HC2)},
		"lin weighted":     {Outcomes: []string{"late"}, Assignment: "z", Controls: []string{"x1", "x2"}, Weights: "w", Covariance: robust(iv.HC2)},
		"lin text control": {Outcomes: []string{"y"}, Assignment: "z", Controls: []string{"x1", "grade"}, Covariance: robust(iv.HC2)},
		"lin blocks":       {Outcomes: []string{"y"}, Assignment: "z", Controls: []string{"block"}, Covariance: robust(iv.HC2)},
		"lin arms":         {Outcomes: []string{"late"}, Assignment: "arm", Controls: []string{"x1", "x2"}, Covariance: robust(iv.HC2)},
	}
	for name, kind := range map[string]iv.CovarianceKind{"CR0": iv.CR0, "stata": iv.CR1, "CR2": iv.CR2} {
		spec := itt.Spec{Outcomes: []string{"late"}, Assignment: "zv", Controls: []string{"x1", "x2"}, Cluster: []string{"village"}, Covariance: robust(kind)}
		models["lin clustered "+name] = spec
		spec.Weights = "w"
		models["lin clustered weighted "+name] = spec
	}
	f, refs := readTrial(t), estimatrFits(t)
	compared := make(map[string]bool)
	for name, spec := range designs {
		spec.Outcomes = []string{"y", "bought", "late"}
		res := means(t, f, spec)
		for i, outcome := range spec.Outcomes {
			key := name + " " + outcome
			ref := refs[key]
			compared[key] = true
			fit := res.Fits[i]
			effect := fit.Effects[0]
			if spec.Assignment == "arm" {
				var err error
				effect, err = res.ArmEffect(outcome, name)
				must(t, err)
			}
			if spec.Assignment != "arm" && fit.N != ref.N {
				t.Errorf("%s: N %d, want %d", key, fit.N, ref.N)
			}
			if len(ref.Coef) != 1 {
				t.Fatalf("%s: %d coefficients in the reference, want 1", key, len(ref.Coef))
			}
			nearCoefficient(t, key, effect, ref.Coef[0])
		}
	}
	for key, spec := range models {
		ref := refs[key]
		compared[key] = true
		fit := lin(t, f, spec).Fits[0]
		if fit.N != ref.N || len(fit.Terms) != len(ref.Coef) || len(ref.Coef) < 4 {
			t.Errorf("%s: N %d and %d terms, want %d and %d", key, fit.N, len(fit.Terms), ref.N, len(ref.Coef))
		}
		for _, want := range ref.Coef {
			got, err := fit.Coefficient(ourTerm(want.Term))
			must(t, err)
			nearCoefficient(t, key+": "+want.Term, got, want)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(refs)) {
		if !compared[key] {
			t.Errorf("%s is in the reference and not compared", key)
		}
	}
}

// ourTerm is our name of a term of lm_lin, which pastes levels to the names of columns.
func ourTerm(name string) string {
	if name == "(Intercept)" {
		return iv.Constant
	}
	for _, column := range []string{"arm", "grade", "block"} {
		for _, level := range []string{"text", "voice", "a", "b", "c", "north", "south", "east", "west"} {
			name = strings.ReplaceAll(name, column+level, column+"="+level)
		}
	}
	return name
}

// TestGoldenExperiment compares the results for Lin's estimator and for differences in means in the
// project's reference file, which package iv's test leaves to this one.
func TestGoldenExperiment(t *testing.T) {
	refs := studytest.Golden(t)
	f := studytest.Experiment(t)
	spec := itt.Spec{Outcomes: []string{"y1"}, Assignment: "assigned", Controls: []string{"c1", "c2", "c3", "c4", "baseline", "tenure"}, Cluster: []string{"agent_id"}}
	covariances := map[string]iv.Covariance{"lm_lin_CR0": {Kind: iv.CR0}, "lm_lin_stata": {Kind: iv.CR1}, "lm_lin_CR2": {Kind: iv.CR2}}
	for key, ref := range refs {
		switch {
		case strings.HasPrefix(key, "lm_lin_"):
			c, ok := covariances[key]
			if !ok {
				t.Errorf("%s is not compared", key)
				continue
			}
			spec.Covariance = c
			fit := lin(t, f, spec).Fits[0]
			if fit.N != ref.N || len(fit.Terms) != len(ref.Coef) || len(ref.Coef) != 14 {
				t.Errorf("%s: N %d and %d terms, want %d and %d", key, fit.N, len(fit.Terms), ref.N, len(ref.Coef))
			}
			for _, w := range ref.Coef {
				got, err := fit.Coefficient(ourTerm(w.Term))
				must(t, err)
				nearGolden(t, key+": "+w.Term, got, coefficientReference{w.Term, w.Estimate, w.SE, w.DoF, w.P, w.Low, w.High})
			}
		case strings.HasPrefix(key, "difference_in_means_"):
			if key != "difference_in_means_cluster" {
				t.Errorf("%s is not compared", key)
				continue
			}
			fit := means(t, f, itt.MeansSpec{Spec: itt.Spec{Outcomes: []string{"y1"}, Assignment: "assigned", Cluster: []string{"agent_id"}}}).Fits[0]
			if fit.N != ref.N || fit.Units != 400 {
				t.Errorf("%s: N %d and %d units, want %d and 400", key, fit.N, fit.Units, ref.N)
			}
			w := ref.Coef[0]
			nearGolden(t, key, fit.Effects[0], coefficientReference{w.Term, w.Estimate, w.SE, w.DoF, w.P, w.Low, w.High})
		}
	}
	for _, key := range []string{"lm_lin_CR0", "lm_lin_stata", "lm_lin_CR2", "difference_in_means_cluster"} {
		if _, ok := refs[key]; !ok {
			t.Errorf("%s is not in the reference file", key)
		}
	}
}

// nearGolden compares to what the project promises for its reference file.
func nearGolden(t rapid.TB, what string, got iv.Coefficient, want coefficientReference) {
	t.Helper()
	const agree = 1e-8
	studytest.Near(t, what, got.Estimate, want.Estimate, agree, want.SE)
	studytest.Near(t, what+": standard error", got.SE, want.SE, agree, 0)
	studytest.Near(t, what+": degrees of freedom", got.DF, want.DF, agree, 0)
	studytest.Near(t, what+": p", got.P, want.P, 1e-6, 1e-8)
	studytest.Near(t, what+": lower bound", got.Low, want.Low, agree, want.SE)
	studytest.Near(t, what+": upper bound", got.High, want.High, agree, want.SE)
}
