package study

import (
	"context"
	"encoding/json"
	"io/fs"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/report"
)

// An oracleWorld is what testdata/oracle/oracle.py computed of a world from the descriptions in docs/study-file.md alone.
type oracleWorld struct {
	Late       map[string]map[string]oracleNumber    `json:"late"` // by outcome and stage
	Plain      map[string]map[string]oracleNumber    `json:"late without controls"`
	ITT        map[string]map[string]json.RawMessage `json:"itt"` // by time effects and effect
	ByGroup    map[string]map[string]json.RawMessage `json:"usage by group"`
	Usage      map[string][]float64                  `json:"usage"`
	Mix        map[string][]float64                  `json:"mix"`
	Prepost    map[string][]float64                  `json:"prepost"`
	Balance    map[string]oracleBalance              `json:"balance"`
	Predictors []oraclePredictors                    `json:"predictors"`
}

type oracleNumber struct {
	Estimate, SE, Statistic float64
	N, Clusters             int
}

type oracleBalance struct {
	Control, Treated, Estimate, SE float64
	N                              int
}

type oraclePredictors struct {
	N            int
	Estimate, SE []float64
}

// oracleTolerance is the relative difference, of an estimate to its standard error, that is let pass.
const oracleTolerance = 1e-9

func oracle(t *testing.T, world string) oracleWorld {
	t.Helper()
	text, err := os.ReadFile("testdata/oracle/oracle.json")
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]oracleWorld)
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all[world]
}

// oracleStudy runs a study of a world's files.
func oracleStudy(t *testing.T, text string) *Output {
	t.Helper()
	s, err := parse("testdata/oracle/study.toml", text, func(name string) (fs.File, error) { return os.Open("testdata/oracle/" + name) }) // a file that is not there
	if err != nil {
		t.Fatal(err)
	}
	out, err := Run(context.Background(), s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

const oracleDay = `
launch = 2024-02-29
[data]
events = "day.csv"
units = "units.csv"
key = "id"
[roles]
unit = "who"
assignment = "arm"
time = "at"
usage = "used"
[controls]
lagged = ["load"]
[baseline]
column = "y"
groups = 3
[[outcomes]]
column = "y"
[[outcomes]]
column = "z"
transform = "log"
name = "ln_z"
[[tables]]
number = "1"
kind = "late"
level = "events"
show = ["first-stage", "reduced-form", "late", "as-used"]
[[tables]]
number = "2"
kind = "late"
level = "events"
no_controls = true
outcomes = ["y"]
[[tables]]
number = "3"
kind = "usage"
variables = ["used", "dose"]
[[tables]]
number = "4"
kind = "mix"
column = "topic"
[[tables]]
number = "5"
kind = "prepost"
column = "z"
[[tables]]
number = "6"
kind = "balance"
variables = ["age", "tenure", "y", "z"]
[[tables]]
number = "7"
kind = "predictors"
steps = [["age"], ["ln tenure"], ["high load", "y"]]
[[figures]]
kind = "distribution"
variables = ["age"]
`

const oracleHour = `
period = "hour"
launch = 2024-02-29 11:00:00
[data]
events = "hour.csv"
units = "units.csv"
key = "id"
[roles]
unit = "who"
assignment = "arm"
time = "at"
usage = "used"
[baseline]
column = "BASELINE"
groups = 2
[[outcomes]]
column = "y"
[[tables]]
number = "1"
kind = "hetero"
effect = "EFFECT"
time_effects = "both"
[[tables]]
number = "3"
kind = "usage"
variables = ["used"]
[[tables]]
number = "4"
kind = "mix"
column = "topic"
[[tables]]
number = "5"
kind = "prepost"
column = "y"
[[tables]]
number = "6"
kind = "balance"
variables = ["age", "load", "y"]
[[tables]]
number = "7"
kind = "predictors"
steps = [["high y"], ["ln load"]]
[[figures]]
kind = "distribution"
variables = ["age"]
`

// TestOracleDay compares tables of a study of days with an independent computation.
func TestOracleDay(t *testing.T) {
	want, out := oracle(t, "day"), oracleStudy(t, oracleDay)
	checkLate(t, out, "1", "used", want.Late)
	checkLate(t, out, "2", "used", want.Plain)
	checkDescriptions(t, out, want, []string{"used", "dose"})
}

// TestOracleDose: usage of many levels within a cell, and an outcome that is known in every event.
func TestOracleDose(t *testing.T) {
	study, _, _ := strings.Cut(oracleDay, "[[outcomes]]")
	study = strings.Replace(strings.Replace(study, `usage = "used"`, `usage = "dose"`, 1), "[controls]\nlagged = [\"load\"]\n", "", 1)
	out := oracleStudy(t, study+"[[outcomes]]\ncolumn = \"y\"\n[[outcomes]]\ncolumn = \"z\"\nstat = \"known\"\n[[tables]]\nnumber = \"1\"\nkind = \"late\"\nlevel = \"events\"\n[[figures]]\nkind = \"event\"\n")
	checkLate(t, out, "1", "dose", oracle(t, "dose").Late)
}

// TestOracleHour compares tables of a study of hours, whose launch is within a day.
func TestOracleHour(t *testing.T) {
	want := oracle(t, "hour")
	for _, c := range []struct {
		effect, baseline string
		want             map[string]map[string]json.RawMessage
	}{{"itt", "y", want.ITT}, {"late", "z", want.ByGroup}} {
		out := oracleStudy(t, strings.NewReplacer("BASELINE", c.baseline, "EFFECT", c.effect).Replace(oracleHour))
		for _, fit := range out.Fits {
			if fit.Table != "1" {
				continue
			}
			layout := "own"
			if fit.TimeEffects == "common" {
				layout = "common"
			}
			checkGroups(t, c.effect+", "+layout, fit, c.want[layout])
		}
		if c.baseline == "y" {
			checkDescriptions(t, out, want, []string{"used"})
		}
	}
}

// checkLate compares the four regressions of an effect of usage.
func checkLate(t *testing.T, out *Output, table, usage string, want map[string]map[string]oracleNumber) {
	t.Helper()
	checked := 0
	for _, fit := range out.Fits {
		if fit.Table != table || want[fit.Outcome] == nil && fit.Estimator != "first stage" {
			continue
		}
		name := usage
		if fit.Estimator == "first stage" || fit.Estimator == "reduced form" {
			name = treatedColumn
		}
		w, ok := want[fit.Outcome][fit.Estimator]
		if !ok {
			t.Errorf("table %s: nothing is known of %s, %s", table, fit.Outcome, fit.Estimator)
			continue
		}
		g := termOf(&fit, name)
		checkNumber(t, table+" "+fit.Outcome+" "+fit.Estimator, *g, w)
		if fit.N != w.N || fit.Clusters["who"] != w.Clusters || fit.R2 == fit.R2 {
			t.Errorf("table %s, %s, %s: N %d in %v, want %d in %d; R2 %v", table, fit.Outcome, fit.Estimator, fit.N, fit.Clusters, w.N, w.Clusters, fit.R2)
		}
		checked++
	}
	if checked != 4*len(want) {
		t.Errorf("table %s: %d models were compared, want %d", table, checked, 4*len(want))
	}
}

func checkNumber(t *testing.T, what string, got Term, want oracleNumber) {
	t.Helper()
	if math.Abs(float64(got.Estimate)-want.Estimate) > oracleTolerance*want.SE || math.Abs(float64(got.SE)-want.SE) > oracleTolerance*want.SE {
		t.Errorf("%s: %.15g (%.15g), want %.15g (%.15g)", what, got.Estimate, got.SE, want.Estimate, want.SE)
	}
}

// checkGroups compares effects by group.
func checkGroups(t *testing.T, what string, fit Fit, want map[string]json.RawMessage) {
	t.Helper()
	for name, text := range want {
		var w oracleNumber
		if err := json.Unmarshal(text, &w); err != nil {
			t.Fatal(err)
		}
		if name == "equality" {
			if got := float64(fit.Tests[0].Statistic); math.Abs(got-w.Statistic) > 1e-9*(1+w.Statistic) {
				t.Errorf("%s, equality: %.15g, want %.15g", what, got, w.Statistic)
			}
			continue
		}
		found := false
		for _, term := range fit.Impacts {
			if term.Term == name || strings.HasPrefix(name, "x Q") && strings.HasSuffix(term.Term, name) {
				checkNumber(t, what+", "+name, term, w)
				found = true
			}
		}
		if !found {
			t.Errorf("%s: there is no %s", what, name)
		}
	}
}

// checkDescriptions compares the tables that are no models of effects.
func checkDescriptions(t *testing.T, out *Output, want oracleWorld, usage []string) {
	t.Helper()
	near := func(what string, got, want float64) {
		t.Helper()
		if !(math.Abs(got-want) <= oracleTolerance*(1+math.Abs(want))) {
			t.Errorf("%s: %.15g, want %.15g", what, got, want)
		}
	}
	row := func(table, label string, want []float64) {
		t.Helper()
		cells := rowOf(t, out, table, label)
		if len(cells) != len(want) {
			t.Fatalf("table %s, %s: %d cells, want %d", table, label, len(cells), len(want))
		}
		for i, w := range want {
			near("table "+table+", "+label, cells[i].Value, w)
		}
	}
	for i, v := range usage {
		row("3", rowLabels(out, "3")[i], want.Usage[v])
	}
	for level, w := range want.Mix {
		if level == "total" {
			level = "Events"
		}
		row("4", capital(level), w)
	}
	for group, w := range want.Prepost {
		row("5", group, w)
	}
	for variable, w := range want.Balance {
		cells := rowOf(t, out, "6", variable)
		for i, v := range []float64{w.Control, w.Treated, w.Estimate} {
			near("balance of "+variable, cells[i].Value, v)
		}
		near("standard error of "+variable, cells[2].SE, w.SE)
		near("N of "+variable, cells[4].Value, float64(w.N))
	}
	steps := 0
	for _, fit := range out.Fits {
		if fit.Table != "7" {
			continue
		}
		w := want.Predictors[steps]
		if steps++; fit.N != w.N || len(fit.Terms) != len(w.Estimate) {
			t.Fatalf("step %d: N %d and %d terms, want %d and %d", steps, fit.N, len(fit.Terms), w.N, len(w.Estimate))
		}
		for j, term := range fit.Terms {
			near("predictor", float64(term.Estimate), w.Estimate[j])
			near("its standard error", float64(term.SE), w.SE[j])
		}
	}
	if steps != len(want.Predictors) {
		t.Errorf("%d steps of predictors, want %d", steps, len(want.Predictors))
	}
}

// rowOf is the cells of a row of a table.
func rowOf(t *testing.T, out *Output, table, label string) []report.Cell {
	t.Helper()
	for _, section := range out.Table(table).Sections {
		for _, row := range section.Rows {
			if row.Label == label {
				return row.Cells
			}
		}
	}
	t.Fatalf("table %s has no row %q, but %q", table, label, rowLabels(out, table))
	return nil
}

func rowLabels(out *Output, table string) (labels []string) {
	for _, section := range out.Table(table).Sections {
		for _, row := range section.Rows {
			labels = append(labels, row.Label)
		}
	}
	return labels
}
