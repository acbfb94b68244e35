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
)

// bundled is the small experiment of the references, with three groups of teams.
func bundled(t *testing.T) *data.Frame {
	t.Helper()
	f, err := data.ReadCSV(t.Context(), refdata.Path(t, "golden", "experiment.csv"), data.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	studytest.Derive(t, f, "g", []string{"team"}, func(x []float64) float64 { return math.Floor((x[0] + 2) / 3) })
	return f
}

// bundledSpec is the model of a reference such as "common LATE".
func bundledSpec(model, outcome string) hetero.Spec {
	spec := hetero.Spec{Spec: itt.Spec{Outcomes: []string{outcome}, Assignment: "assigned", Controls: []string{"c1"}, Cluster: []string{"agent"}}, Group: "g", Period: "day"}
	if strings.HasPrefix(model, "common") {
		spec.TimeEffects = hetero.Common
	}
	if strings.HasSuffix(model, "LATE") {
		spec.Usage = "share"
	}
	return spec
}

// TestHotelling compares CR2 with Satterthwaite degrees of freedom and the approximate Hotelling test
// of equality with R's clubSandwich; see testdata/smallsample.R.
func TestHotelling(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "smallsample.json"))
	if err != nil {
		t.Fatal(err)
	}
	type test struct{ F, DF, P float64 }
	var reference struct {
		Fits []struct {
			Model, Outcome       string
			N                    int
			Impacts, SE, DF, P   []float64
			Equality             test
			Trend, Second, Third test
		}
	}
	if err := json.Unmarshal(text, &reference); err != nil {
		t.Fatal(err)
	}
	if len(reference.Fits) != 8 {
		t.Fatalf("%d fits in the reference, want 8", len(reference.Fits))
	}
	f := bundled(t)
	for _, want := range reference.Fits {
		what := want.Model + " " + want.Outcome
		spec := bundledSpec(want.Model, want.Outcome)
		spec.Covariance.Kind = iv.CR2
		fit := estimate(t, f, spec).Fits[0]
		if fit.Model.N != want.N {
			t.Errorf("%s: %d observations, want %d", what, fit.Model.N, want.N)
		}
		for k, c := range fit.Impacts {
			near(t, what+" "+c.Name, c.Estimate, want.Impacts[k], agree, want.SE[k])
			near(t, what+" "+c.Name+" (standard error)", c.SE, want.SE[k], agree, 0)
			near(t, what+" "+c.Name+" (degrees of freedom)", c.DF, want.DF[k], agree, 0)
			near(t, what+" "+c.Name+" (p)", c.P, want.P[k], agree, 0)
		}
		near(t, what+" equality", fit.Equality.Statistic, want.Equality.F, agree, 0)
		near(t, what+" equality (degrees of freedom)", fit.Equality.DF2, want.Equality.DF, agree, 0)
		near(t, what+" equality (p)", fit.Equality.P, want.Equality.P, agree, 0)
		contrasts := []iv.Coefficient{fit.Trend, fit.Interactions[0], fit.Interactions[1]}
		for i, w := range []test{want.Trend, want.Second, want.Third} {
			c := contrasts[i]
			near(t, what+" "+c.Name, c.Statistic*c.Statistic, w.F, agree, 0)
			near(t, what+" "+c.Name+" (degrees of freedom)", c.DF, w.DF, agree, 0)
			near(t, what+" "+c.Name+" (p)", c.P, w.P, agree, 0)
		}
	}
}

// TestCorrectedConsistency: with CR2 the check compares the models under CR2 too, and all of it can be
// had from a CR1 result and back.
func TestCorrectedConsistency(t *testing.T) {
	f := world{seed: 31, units: 60, periods: 8, groups: 3, skill: 1, noise: 1.5, effect: 1}.frame(t)
	for _, rule := range []hetero.TimeEffects{hetero.GroupSpecific, hetero.Common} {
		for _, usage := range []string{"", "use"} {
			spec := worldSpec(rule)
			spec.Usage, spec.Controls = usage, []string{"c1"}
			plain := estimate(t, f, spec).Fits[0]
			spec.Covariance.Kind = iv.CR2
			result := estimate(t, f, spec)
			fit := result.Fits[0]
			check, was := fit.Consistency, plain.Consistency
			near(t, "average", check.Average.Estimate, was.Average.Estimate, 1e-10, was.Average.SE)
			if !(check.Average.SE > was.Average.SE) || check.Average.SE > 1.2*was.Average.SE {
				t.Errorf("average has s.e. %v with CR2 and %v with CR1", check.Average.SE, was.Average.SE)
			}
			if rule == hetero.Common {
				near(t, "gradient", check.Gradient.Estimate, was.Gradient.Estimate, 1e-9, was.Gradient.SE)
				if check.Gradient.SE == was.Gradient.SE || math.Abs(check.Gradient.SE/was.Gradient.SE-1) > 0.2 {
					t.Errorf("gradient has s.e. %v with CR2 and %v with CR1", check.Gradient.SE, was.Gradient.SE)
				}
			} else if !(check.Difference.SE > 0) {
				t.Errorf("difference %+v", check.Difference)
			}
			back, err := result.With(iv.Covariance{Kind: iv.CR1})
			if err != nil {
				t.Fatal(err)
			}
			for k, c := range back.Fits[0].Impacts {
				near(t, c.Name, c.SE, plain.Impacts[k].SE, same, 0)
			}
			near(t, "equality", back.Fits[0].Equality.P, plain.Equality.P, same, 0)
			if !(fit.Impacts[0].DF < 20) || fit.Impacts[0].DF == fit.Impacts[1].DF || fit.Interactions[0].DF == fit.Impacts[0].DF {
				t.Errorf("degrees of freedom %v, %v, %v: each contrast has its own", fit.Impacts[0].DF, fit.Impacts[1].DF, fit.Interactions[0].DF)
			}
			if !hasWarning(plain.Warnings, "few-clusters-in-group") || hasWarning(fit.Warnings, "few-clusters-in-group") {
				t.Errorf("warned of few clusters: CR1 %v, CR2 %v", plain.Warnings, fit.Warnings)
			}
			if text := result.String(); strings.Contains(text, "000000") || !strings.Contains(text, "approximate Hotelling") {
				t.Errorf("the summary reads:\n%s", text)
			}
		}
	}
}
