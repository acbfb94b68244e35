package study

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/report"
)

// runFiles writes a study and its data into a directory and runs it.
func runFiles(t *testing.T, files map[string]string) (*Output, error) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Load(filepath.Join(dir, "study.toml"))
	if err != nil {
		return nil, err
	}
	return Run(context.Background(), s, Options{})
}

// bundled runs the study that comes with the module.
func bundled(t *testing.T) *Output {
	t.Helper()
	s, err := LoadFS(fieldexp.Bundled, "testdata/study/study.toml")
	if err != nil {
		t.Fatal(err)
	}
	out, err := Run(context.Background(), s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// referenceTables are the tables of the reference study by ID, with rows that each must have.
var referenceTables = map[string][]string{
	"1":        {"Treat", "Identification time", "Customer lexical diversity"},
	"2":        {"GenAI usage", "Complete usage", "Partial usage"},
	"3":        {"Treat", "Lagged concurrency, customer tenure", "Agent effects", "Day effects", "Observations", "R-squared"},
	"4A":       {"Treat", "GenAI usage", "First-stage F"},
	"4B":       {"Treat", "GenAI usage"},
	"5":        {"GenAI usage"},
	"6":        {"GenAI usage"},
	"7":        {"GenAI usage"},
	"8":        {"GenAI usage", "GenAI usage × Q5", "Impact on Q1 agents", "Trend per group", "Share-weighted average", "Pooled effect", "p, average = pooled", "Day × quintile effects"},
	"8-common": {"GenAI usage × Q2", "Impact on Q5 agents", "Day effects", "p, common = own period effects"},
	"9":        {"Impact on Q3 agents"},
	"10":       {"Impact on Q3 agents"},
	"11":       {"Impact on Q3 agents"},
	"A1":       {"Male", "Rating", "Joint F over agents, p"},
	"A2":       {"Male", "ln(tenure)", "High rating", "High chat duration", "Constant"},
	"A3":       {"Treat", "Observations"},
	"A4":       {"Treat"},
	"A5":       {"Treat"},
	"A6":       {"Treat"},
	"A7":       {"Q1", "Q5"},
	"A8":       {"Refund", "Chats"},
	"A9":       {"GenAI usage", "Hour effects"},
	"A10":      {"Impact on Q5 agents", "Hour × quintile effects"},
}

// checkReferenceTables fails unless the output has the tables of the reference study, and those alone.
func checkReferenceTables(t *testing.T, out *Output) {
	t.Helper()
	for id, labels := range referenceTables {
		table := out.Table(id)
		if table == nil {
			t.Errorf("there is no table %s", id)
			continue
		}
		have := make(map[string]bool)
		for _, section := range table.Sections {
			for _, row := range section.Rows {
				have[row.Label] = true
			}
		}
		for _, label := range labels {
			if !have[label] {
				t.Errorf("table %s has no row %q, but %v", id, label, have)
			}
		}
		if !strings.Contains(strings.Join(table.Notes, " "), "The data are simulated.") {
			t.Errorf("table %s does not say that its data are simulated", id)
		}
	}
	if len(out.Tables) != len(referenceTables) {
		t.Errorf("%d tables, want %d", len(out.Tables), len(referenceTables))
	}
}

// TestBundled runs all tables and figures of the reference study, and looks at what each must have.
func TestBundled(t *testing.T) {
	if testing.Short() {
		t.Skip("a whole study, as in TestProgress and TestEventsAreCells")
	}
	out := bundled(t)
	checkReferenceTables(t, out)
	if n := len(out.Figures); n != 10 {
		t.Errorf("%d figures, want 10", n)
	}
	if n := len(out.Table("A2").Columns); n != 5 {
		t.Errorf("table A2 has %d columns, want 5", n)
	}
	if got := len(out.Table("8").Outcomes); got != 5 {
		t.Errorf("table 8 names %d outcomes, want 5", got)
	}
}

// TestSave writes the bundled study and reads back what a program would.
func TestSave(t *testing.T) {
	if testing.Short() {
		t.Skip("a whole study, as in TestProgress and TestEventsAreCells")
	}
	out := bundled(t)
	dir := filepath.Join(t.TempDir(), "new", "directory")
	if err := out.Save(context.Background(), dir, report.LaTeX); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "results.json"))
	if err != nil {
		t.Fatal(err)
	}
	var results struct {
		Study struct{ Title, Launch string }
		Fits  []struct {
			Table, Outcome, Estimator string
			N                         int
			Terms                     []struct {
				Term         string
				Estimate, SE float64
			}
		}
		Tables []struct{ Number string }
	}
	if err := json.Unmarshal(text, &results); err != nil {
		t.Fatal(err)
	}
	if results.Study.Launch != "2024-01-23" || len(results.Tables) != len(out.Tables) || len(results.Fits) != len(out.Fits) {
		t.Errorf("results.json has launch %q, %d tables, %d fits", results.Study.Launch, len(results.Tables), len(results.Fits))
	}
	for _, table := range out.Tables {
		for _, ext := range []string{".tex", ".csv"} {
			if info, err := os.Stat(filepath.Join(dir, "tables", "table-"+table.ID+ext)); err != nil || info.Size() == 0 {
				t.Errorf("table %s%s: %v", table.ID, ext, err)
			}
		}
	}
	for _, figure := range out.Figures {
		for ext, magic := range map[string]string{".svg": "<?xml", ".png": "\x89PNG"} {
			content, err := os.ReadFile(filepath.Join(dir, "figures", "figure-"+figure.ID+ext))
			if err != nil || !strings.HasPrefix(string(content), magic) {
				t.Errorf("figure %s%s begins with %.8q: %v", figure.ID, ext, content, err)
			}
		}
	}
	page, err := os.ReadFile(filepath.Join(dir, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Count(string(page), "<svg"), len(out.Figures); got != want {
		t.Errorf("the report has %d figures, want %d", got, want)
	}
	if strings.Contains(string(page), `src="`) || strings.Contains(string(page), `href="http`) {
		t.Error("the report needs other files")
	}
}

// TestCrossSection runs a study of one row per unit, without time: strata, two files, a derived
// outcome, groups.
func TestCrossSection(t *testing.T) {
	var people, answers strings.Builder
	people.WriteString("person,stratum,offered,age\n")
	answers.WriteString("id,went,score\n")
	for i := range 120 {
		offered, went := i%2, 0
		if offered == 1 && i%3 > 0 {
			went = 1
		}
		fmt.Fprintf(&people, "p%d,s%d,%d,%d\n", i, i%5, offered, 20+(i*7)%40)
		fmt.Fprintf(&answers, "p%d,%d,%.3f\n", i, went, 10+2*float64(went)+math.Sin(float64(i*i)))
	}
	out, err := runFiles(t, map[string]string{"people.csv": people.String(), "answers.csv": answers.String(), "study.toml": `
derive = ["high = score > 11", "old = age >= 40"]
[data]
events = "answers.csv"
units = "people.csv"
key = "person"
[roles]
unit = "id"
assignment = "offered"
usage = "went"
fixed = ["age"]
[controls]
current = ["age"]
[baseline]
column = "age"
groups = 2
[model]
absorb = ["stratum"]
[[outcomes]]
column = "score"
[[outcomes]]
column = "score"
transform = "log"
[[outcomes]]
column = "high"
`})
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, table := range out.Tables {
		kinds = append(kinds, table.Title)
	}
	if got, want := strings.Join(kinds, "; "), "Summary statistics; Balance of the arms; Usage; Effects of assignment; Effects of usage; Effects by age"; got != want {
		t.Errorf("tables are %s", got)
	}
	var late, itt, first float64
	for _, f := range out.Fits {
		if f.Outcome == "score" && f.Table == "5" {
			switch f.Estimator {
			case "2sls":
				late = float64(f.Terms[0].Estimate)
				if f.SE != "HC1" || f.N != 120 {
					t.Errorf("the fit has %s with N %d, want HC1 with 120", f.SE, f.N)
				}
			case "reduced form":
				itt = float64(f.Terms[0].Estimate)
			case "first stage":
				first = float64(f.Terms[0].Estimate)
			}
		}
	}
	if math.Abs(late-itt/first) > 1e-12 || math.Abs(late-2) > 0.7 {
		t.Errorf("LATE is %g, ITT over first stage %g, planted 2", late, itt/first)
	}
}

// TestProgress tells of every stage in order, and never of more than all.
func TestProgress(t *testing.T) {
	s, err := LoadFS(fieldexp.Bundled, "testdata/study/study.toml")
	if err != nil {
		t.Fatal(err)
	}
	var stages []string
	_, err = Run(context.Background(), s, Options{Progress: func(stage string, done, total int64) {
		stages = with(stages, stage)
		if total > 0 && done > total {
			t.Errorf("%s: %d of %d", stage, done, total)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(stages, ", "); got != "reading, tables" {
		t.Errorf("stages are %s", got)
	}
}
