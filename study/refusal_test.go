package study

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/report"
)

// TestOneTableStopsNoOther is cases/edges/11-one-table-stops-all: one treated unit, so that two groups of three have none.
func TestOneTableStopsNoOther(t *testing.T) {
	s, err := Load(filepath.Join("testdata", "one-table-stops-all", "study.toml"))
	if err != nil {
		t.Fatal(err)
	}
	out, err := Run(context.Background(), s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Tables) != 7 || len(out.Figures) != 4 || len(out.Refused) != 2 {
		t.Fatalf("%d tables, %d figures, %d refusals; want 7, 4 and 2", len(out.Tables), len(out.Figures), len(out.Refused))
	}
	if f := out.Refused[0]; f.Table != "6" || !strings.Contains(f.Reason, "group Q1") || !strings.Contains(f.Reason, "make fewer groups") {
		t.Errorf("refused: %+v", f)
	}
	for _, f := range out.Fits {
		if f.Table == "6" {
			t.Errorf("a model of the table that is refused is among the fits: %s", f.Estimator)
		}
	}
	for format := report.Text; format <= report.JSON; format++ {
		text, err := out.Render(format)
		if err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		if n := bytes.Count(text, []byte("Not available: group Q1")); n == 0 {
			t.Errorf("%s does not say why table 6 is not there", format)
		}
	}
	text, err := out.JSON()
	if err != nil {
		t.Fatal(err)
	}
	var results struct {
		Tables  []struct{ Number, Refusal string }
		Refused []Refusal
	}
	if err := json.Unmarshal(text, &results); err != nil {
		t.Fatal(err)
	}
	if len(results.Refused) != 2 || results.Tables[5].Refusal == "" || results.Tables[4].Refusal != "" {
		t.Errorf("results.json has refusals %+v", results.Refused)
	}
	dir := t.TempDir()
	if err := out.Save(context.Background(), dir, report.Text); err != nil {
		t.Fatal(err)
	}
	written, _ := filepath.Glob(filepath.Join(dir, "tables", "*.txt"))
	drawn, _ := filepath.Glob(filepath.Join(dir, "figures", "*.svg"))
	if len(written) != 7 || len(drawn) != 3 {
		t.Errorf("%d tables and %d figures are written, want 7 and 3", len(written), len(drawn))
	}
}

// refusalLog is a log of 30 units with a column of text, one that is never known, one of three values, and usage that is
// known where it was given alone.
func refusalLog() string {
	var b strings.Builder
	b.WriteString("who,when,treat,used,y,z,site,never,three,blank,neg\n")
	for u := range 30 {
		for day := range 12 {
			used, blank := 0, ""
			if u%2 == 1 {
				blank = "0"
				if day >= 6 && u%3 > 0 {
					used, blank = 1, "1"
				}
			}
			y := math.Sin(float64(7*u+day*day)) + 0.5*float64(used)
			fmt.Fprintf(&b, "u%02d,2024-03-%02d 09:00:00,%d,%d,%.4f,%.4f,s%d,,%d,%s,%d\n", u, 3+day, u%2, used, y, math.Cos(float64(3*u+day)), u%3, u/2%3, blank, day-3)
		}
	}
	return b.String()
}

const refusalStudy = `launch = 2024-03-09
[data]
events = "log.csv"
[roles]
unit = "who"
assignment = "treat"
time = "when"
usage = "used"
# keys
[[outcomes]]
column = "y"
[[outcomes]]
column = "z"
# outcomes
[[figures]]
kind = "usage"
number = "U"
`

// TestRefusalCostsItsTable plants what a table cannot do with, and asks that the others are as they are without it.
func TestRefusalCostsItsTable(t *testing.T) {
	const tables = `
[[tables]]
kind = "summary"
variables = ["y"]
[[tables]]
kind = "itt"
outcomes = ["y"]
no_controls = true
[[tables]]
kind = "late"
outcomes = ["z"]
no_controls = true
`
	tests := []struct {
		name    string
		keys    string
		more    string // tables and figures
		refused []string
		reason  string
	}{
		{"nothing wrong", "", "[[tables]]\nkind = \"event\"\n", nil, ""},
		{"an outcome that is never known", "[[outcomes]]\ncolumn = \"never\"\n", "[[tables]]\nkind = \"itt\"\noutcomes = [\"never\"]\nno_controls = true\n", []string{"4"}, `outcome "never" is missing`},
		{"a text outcome", "[[outcomes]]\ncolumn = \"site\"\n", "[[tables]]\nkind = \"itt\"\noutcomes = [\"site\"]\nno_controls = true\n", []string{"4"}, `"site"`},
		{"a text control", "[controls]\ncurrent = [\"site\"]\n", "[[tables]]\nkind = \"itt\"\n[[tables]]\nkind = \"event\"\noutcomes = [\"y\"]\n", []string{"4", "5"}, `"site"`},
		{"a lagged text control", "[controls]\nlagged = [\"site\"]\n", "[[tables]]\nkind = \"itt\"\n", []string{"4"}, `"site"`},
		{"a text baseline", "[baseline]\ncolumn = \"site\"\n", "[[tables]]\nkind = \"hetero\"\n[[figures]]\nkind = \"effects\"\n", []string{"4", "figure 2"}, `"site"`},
		{"a baseline of three values in five groups", "[baseline]\ncolumn = \"three\"\n", "[[tables]]\nkind = \"hetero\"\n[[figures]]\nkind = \"effects\"\n", []string{"4", "figure 2"}, "5 groups"},
		{"text to summarise", "", "[[tables]]\nkind = \"summary\"\nvariables = [\"y\", \"site\"]\n", []string{"4"}, `"site"`},
		{"text to compare", "", "[[tables]]\nkind = \"balance\"\nvariables = [\"site\"]\n", []string{"4"}, `"site"`},
		{"effects that span the assignment", "", "[[tables]]\nkind = \"itt\"\nabsorb = [\"who^day\"]\nno_controls = true\n", []string{"4"}, "span"},
		{"one cluster at a figure", "", "[[tables]]\nkind = \"late\"\nabsorb = [\"who^day\"]\n[[figures]]\nkind = \"means\"\n", []string{"4"}, "span"},
	}
	run := func(t *testing.T, keys, tables string) *Output {
		at := "# keys\n"
		if strings.HasPrefix(keys, "[[outcomes]]") {
			at = "# outcomes\n"
		}
		text := strings.Replace(refusalStudy, at, keys, 1)
		out, err := runFiles(t, map[string]string{"log.csv": refusalLog(), "study.toml": text + tables})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	plain := run(t, "", tables)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			out := run(t, test.keys, tables+test.more)
			var refused []string
			for _, f := range out.Refused {
				if f.Figure != "" {
					refused = append(refused, "figure "+f.Figure)
				} else {
					refused = append(refused, f.Table)
				}
				if !strings.Contains(f.Reason, test.reason) {
					t.Errorf("%v: does not say %q", f, test.reason)
				}
			}
			if !slices.Equal(refused, test.refused) {
				t.Errorf("refused are %q, want %q: %v", refused, test.refused, out.Refused)
			}
			for i, table := range plain.Tables {
				want, _ := json.Marshal(table.Table)
				if got, _ := json.Marshal(out.Tables[i].Table); !bytes.Equal(got, want) {
					t.Errorf("table %s is %s, without the fault %s", table.ID, got, want)
				}
			}
		})
	}
}

// TestNothingCanBeHad: a study of which every table is refused is refused itself, with each reason once.
func TestNothingCanBeHad(t *testing.T) {
	tables := "[[tables]]\nkind = \"itt\"\nabsorb = [\"who^day\"]\n[[tables]]\nkind = \"late\"\nabsorb = [\"who^day\"]\n[[figures]]\nkind = \"effects\"\noutcomes = [\"y\"]\n"
	text, _, _ := strings.Cut(strings.Replace(refusalStudy, "# keys", "[baseline]\ncolumn = \"three\"", 1), "[[figures]]")
	text += tables
	_, err := runFiles(t, map[string]string{"log.csv": refusalLog(), "study.toml": text})
	if err == nil || strings.Count(err.Error(), "span") == 0 || strings.Count(err.Error(), "figure 1 (effects)") != 1 {
		t.Errorf("error %v", err)
	}
	var refusal *fieldexp.Error
	if !errors.As(err, &refusal) {
		t.Errorf("%v is no refusal", err)
	}
	_, err = runFiles(t, map[string]string{"log.csv": refusalLog(), "study.toml": strings.Replace(refusalStudy, `usage = "used"`, `usage = "site"`, 1)})
	if err == nil || !strings.Contains(err.Error(), `"site"`) {
		t.Errorf("usage of text: %v", err)
	}
}

// refusalOf is why a study, or one of its tables or figures, is refused.
func refusalOf(t *testing.T, files map[string]string) error {
	t.Helper()
	out, err := runFiles(t, files)
	if err != nil || len(out.Refused) == 0 {
		return err
	}
	return errors.New(out.Refused[0].String())
}
