package main

import (
	"encoding/json"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/internal/refdata"
)

// fitJSON is the JSON of the fit command as its users read it.
type fitJSON struct {
	Fits []struct {
		Outcome, Estimator string
		N, K               int
		Clusters           map[string]int
		SE                 string
		Terms              []struct {
			Term                       string
			Estimate, SE, Statistic, P float64
			DF                         *float64
			Low, High                  float64
		}
		Impacts  []struct{ Term string }
		Dropped  map[string]any
		Warnings []string
	}
}

func fitOf(t *testing.T, args ...string) fitJSON {
	t.Helper()
	stdout, _ := succeed(t, append([]string{"fit", "--format", "json"}, args...)...)
	var got fitJSON
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err)
	}
	return got
}

// TestFitKeys checks that the JSON has every key that it promises, and no other way of writing them.
func TestFitKeys(t *testing.T) {
	file := filepath.Join(filepath.Dir(studyDir(t, studyFile, experiment().String())), "events.csv")
	stdout, _ := succeed(t, "fit", "--data", file, "--outcome", "y,x", "--assign", "arm", "--usage", "used", "--cluster", "unit", "--format", "json")
	var document struct{ Fits []map[string]any }
	if err := json.Unmarshal([]byte(stdout), &document); err != nil {
		t.Fatal(err)
	}
	var estimators []string
	for _, fit := range document.Fits {
		estimators = append(estimators, fit["estimator"].(string))
		for _, key := range []string{"outcome", "estimator", "n", "clusters", "se", "k", "terms", "dropped", "warnings"} {
			if _, ok := fit[key]; !ok {
				t.Errorf("a fit lacks %q", key)
			}
		}
		for _, term := range fit["terms"].([]any) {
			for _, key := range []string{"term", "estimate", "se", "df", "statistic", "p", "low", "high"} {
				if _, ok := term.(map[string]any)[key]; !ok {
					t.Errorf("a term lacks %q", key)
				}
			}
		}
	}
	want := []string{"2sls", "first stage", "reduced form", "as used", "2sls", "first stage", "reduced form", "as used"}
	if !slices.Equal(estimators, want) {
		t.Errorf("estimators are %q, want %q", estimators, want)
	}
}

// TestFitLate checks the identity LATE = ITT / first stage in what the command prints.
func TestFitLate(t *testing.T) {
	file := filepath.Join(filepath.Dir(studyDir(t, studyFile, experiment().String())), "events.csv")
	got := fitOf(t, "--data", file, "--outcome", "y", "--assign", "arm", "--usage", "used", "--cluster", "unit", "--controls", "x")
	effect := func(i int) float64 { return got.Fits[i].Terms[0].Estimate }
	if late, want := effect(0), effect(2)/effect(1); math.Abs(late-want) > 1e-12 {
		t.Errorf("LATE %g, ITT over first stage %g", late, want)
	}
	if got.Fits[0].Clusters["unit"] != 24 || got.Fits[0].SE != "CR1" || got.Fits[0].N != 720 || *got.Fits[0].Terms[0].DF != 23 {
		t.Errorf("the fit is %+v", got.Fits[0])
	}
}

// TestFitWays runs what the flags offer and looks for what each must show.
func TestFitWays(t *testing.T) {
	file := filepath.Join(filepath.Dir(studyDir(t, studyFile, experiment().String())), "events.csv")
	tests := []struct {
		args string
		want []string
	}{
		{"--assign arm --absorb at", []string{"At effects", "R-squared within"}},
		{"--assign arm --time at --launch 2024-03-08 --absorb unit,at --cluster unit", []string{"treated", "Unit effects", "Clusters (unit)"}},
		{"--assign arm --usage used --cluster unit --estimator liml", []string{"LIML", "First-stage F", "As used: OLS", "one-sided"}},
		{"--assign arm --by base --groups 3 --cluster unit", []string{"Arm × Q3", "Impact on Q1 units", "p, equal effects", "Pooled effect"}},
		{"--assign arm --usage used --by base --groups 2 --cluster unit --time at --launch 2024-03-08 --absorb unit --time-effects common",
			[]string{"Used × Q2", "common = own"}},
		{"--assign arm --usage used --by base --groups 2 --cluster unit --estimator liml", []string{"Used × Q2", "Impact on Q2 units"}},
		{"--assign arm --weights w --weights-kind frequency", []string{"Weighted by w"}},
		{"--assign arm --derive low=x<0 --controls low --se hc0", []string{"low", "HC0"}},
		{"--assign arm --cluster unit --se cr2", []string{"(CR2)", "t with Satterthwaite degrees of freedom", "22.0, Constant 11.0"}},
		{"--assign arm --cluster unit --se jackknife", []string{"(jackknife)", "t with 23 degrees of freedom"}},
		{"--assign arm --cluster unit --se ivreg2", []string{"(CR1)", "normal distribution"}},
		{"--assign arm --level 0.9 --se classical --format csv", []string{"arm", "estimate"}},
	}
	for _, test := range tests {
		t.Run(test.args, func(t *testing.T) {
			stdout, _ := succeed(t, append([]string{"fit", "--data", file, "--outcome", "y"}, strings.Fields(test.args)...)...)
			for _, w := range test.want {
				if !strings.Contains(stdout, w) && !strings.Contains(strings.Join(strings.Fields(stdout), " "), w) { // notes are wrapped
					t.Errorf("does not show %q:\n%s", w, stdout)
				}
			}
		})
	}
}

// TestFitGolden compares the command's digits with those of R.
func TestFitGolden(t *testing.T) {
	golden, file := refdata.Experiment(t), refdata.Path(t, "experiment", "experiment.csv.gz")
	tests := []struct{ key, args string }{
		{"lm_robust_f1_stata", "--assign assigned --controls c1,c2,c3,c4,baseline,tenure --cluster agent_id"},
		{"lm_robust_FE_stata", "--assign assigned --controls c1,c2,c3,c4 --absorb day,issue_type --cluster agent_id"},
		{"iv_robust_just_stata", "--assign assigned --usage used --controls c1,c2,c3,c4,baseline,tenure --cluster agent_id"},
		{"lm_robust_f1_CR2", "--assign assigned --controls c1,c2,c3,c4,baseline,tenure --cluster agent_id --se cr2"},
		{"lm_robust_f1_CR2", "--assign assigned --controls c1,c2,c3,c4,baseline,tenure --cluster agent_id --se estimatr"},
		{"lm_robust_FE_CR2", "--assign assigned --controls c1,c2,c3,c4 --absorb day,issue_type --cluster agent_id --se CR2"},
		{"lm_robust_f1_HC2", "--assign assigned --controls c1,c2,c3,c4,baseline,tenure --se estimatr"},
		{"lm_robust_f1_HC3", "--assign assigned --controls c1,c2,c3,c4,baseline,tenure --se hc3"},
		{"iv_robust_FE_stata", "--assign assigned --usage used --controls c1,c2,c3,c4 --absorb day,issue_type --cluster agent_id"},
	}
	for _, test := range tests {
		t.Run(test.key, func(t *testing.T) {
			var want struct {
				N    int
				Coef []struct {
					Term     string
					Estimate float64
					SE       float64 `json:"std_error"`
					DF       float64 `json:"dof"`
				}
			}
			if err := json.Unmarshal(golden[test.key], &want); err != nil {
				t.Fatal(err)
			}
			got := fitOf(t, append([]string{"--data", file, "--outcome", "y1"}, strings.Fields(test.args)...)...).Fits[0]
			if got.N != want.N || len(got.Terms) != len(want.Coef) {
				t.Errorf("N %d with %d terms, want %d with %d", got.N, len(got.Terms), want.N, len(want.Coef))
			}
			for _, w := range want.Coef {
				name := strings.Replace(w.Term, "(Intercept)", "Constant", 1)
				found := false
				for _, g := range got.Terms {
					if g.Term != name {
						continue
					}
					found = true
					if math.Abs(g.Estimate-w.Estimate) > 1e-8*math.Max(math.Abs(w.Estimate), w.SE) || math.Abs(g.SE-w.SE) > 1e-8*w.SE {
						t.Errorf("%s is %.12g (%.12g), want %.12g (%.12g)", name, g.Estimate, g.SE, w.Estimate, w.SE)
					}
					if g.DF == nil || math.Abs(*g.DF-w.DF) > 1e-6*w.DF {
						t.Errorf("%s has %v degrees of freedom, want %g", name, g.DF, w.DF)
					}
				}
				if !found {
					t.Errorf("no term %s", name)
				}
			}
		})
	}
}
