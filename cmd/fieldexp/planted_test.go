package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/internal/simulate"
)

// TestPlanted simulates a study with one effect for all, runs it, and looks whether the intervals
// hold what was planted: nearly all of them, pooled and by quintile, and none is far off.
func TestPlanted(t *testing.T) {
	dir := t.TempDir()
	succeed(t, "simulate", "--agents", "400", "--seed", "11", "--preset", "homogeneous", "--out", dir)
	succeed(t, "study", filepath.Join(dir, "study.toml"), "--out", dir, "--format", "csv")
	var truth simulate.Truth
	readJSON(t, filepath.Join(dir, simulate.TruthFile), &truth)
	planted := make(map[string]simulate.OutcomeTruth)
	for _, o := range truth.Outcomes {
		planted[o.Name] = o
	}
	type term struct {
		Term                    string
		Estimate, SE, Low, High float64
	}
	var results struct {
		Fits []struct {
			Outcome, Estimator string
			TimeEffects        string `json:"time_effects"`
			Terms, Impacts     []term
		}
	}
	readJSON(t, filepath.Join(dir, "results.json"), &results)
	inside, all := 0, 0
	check := func(outcome string, got term, want float64) {
		all++
		if got.Low <= want && want <= got.High {
			inside++
		}
		if math.Abs(got.Estimate-want) > 4.5*got.SE {
			t.Errorf("%s, %s: %.3f (%.3f), planted %.3f", outcome, got.Term, got.Estimate, got.SE, want)
		}
	}
	for _, fit := range results.Fits {
		o, ok := planted[strings.TrimPrefix(fit.Outcome, "ln_")]
		if !ok || fit.Estimator != "2sls" || fit.TimeEffects == "common" {
			continue
		}
		if fit.TimeEffects == "" {
			check(fit.Outcome, fit.Terms[0], o.Pooled.LATE)
			continue
		}
		for _, impact := range fit.Impacts {
			if group, ok := strings.CutPrefix(impact.Term, "impact on Q"); ok {
				check(fit.Outcome, impact, o.ByBaseline[group[0]-'1'].LATE)
			}
		}
	}
	if all < 100 || float64(inside) < 0.9*float64(all) {
		t.Errorf("%d of %d intervals hold the planted effect", inside, all)
	}
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}
