package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/fieldexp/fieldexp/internal/refdata"
	"github.com/fieldexp/fieldexp/report"
)

const bundled = "../../testdata/study"

// paperTables are the tables that the paper has.
var paperTables = []string{"1", "2", "3", "4A", "4B", "5", "6", "7", "8", "9", "10", "11", "A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "A10"}

func TestEveryTableIsPrinted(t *testing.T) {
	b := openBundled(t)
	var out strings.Builder
	if err := b.tell(&out); err != nil {
		t.Fatal(err)
	}
	if err := b.sumUp(&out); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	for _, id := range paperTables {
		if !strings.Contains(text, "\nTable "+id+". ") {
			t.Errorf("the output lacks Table %s", id)
		}
	}
	for _, want := range []string{
		"THE DATA ARE SIMULATED",
		"All of Tables 1 to 11 and A1 to A10 could be computed",
		"\nTable 8, common. ", "\nTable 8 side by side",
		"times usage make +0.154 on average, but access did +0.042", "-0.042, but -0.012", "they agree: -0.072\nand -0.082",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the output lacks %q", want)
		}
	}
	for _, word := range []string{"NaN", "%!", "+Inf"} {
		if strings.Contains(text, word) {
			t.Errorf("the output has %q in it", word)
		}
	}
}

func TestEveryTableSaysThatDataAreSimulated(t *testing.T) {
	b := openBundled(t)
	for _, table := range b.Tables {
		if !slices.Contains(table.Notes, simulated) {
			t.Errorf("the notes of Table %s do not say that the data are simulated: %q", table.ID, table.Notes)
		}
	}
}

// Every number in print stands beside a cell of its own, or the output says why it does not.
func TestEveryPublishedNumberIsAccountedFor(t *testing.T) {
	b := openBundled(t)
	if got := len(b.placed) + len(b.unplaced); got != len(b.published) || got == 0 {
		t.Errorf("%d numbers are placed or not, of %d", got, len(b.published))
	}
	seen := map[*report.Cell]published{}
	for _, p := range b.placed {
		if other, ok := seen[p.cell]; ok {
			t.Errorf("%+v and %+v stand beside one cell", p.published, other)
		}
		seen[p.cell] = p.published
		if p.cell.Kind == report.KindBlank || p.cell.Kind == report.KindMissing || p.cell.Kind == report.KindMark {
			t.Errorf("%+v stands beside a cell without a number: %+v", p.published, *p.cell)
		}
		if c := p.cell.Published; c == nil || !math.IsNaN(p.value) && c.Value != p.value || math.IsNaN(p.value) && c.Text != p.text {
			t.Errorf("%+v stands beside %+v", p.published, c)
		}
	}
	var out strings.Builder
	if err := b.sumUp(&out); err != nil {
		t.Fatal(err)
	}
	for _, u := range b.unplaced {
		if u.table != "A1" || u.column != "Both arms" {
			t.Errorf("%+v has no cell: %v", u.published, u.why)
		}
		if !strings.Contains(out.String(), u.row+" "+u.text) {
			t.Errorf("the output does not list %+v", u.published)
		}
	}
	if want := fmt.Sprintf("without a cell here (%d)", len(b.unplaced)); !strings.Contains(out.String(), want) {
		t.Errorf("the output lacks %q", want)
	}
}

// Published coefficients stand beside estimates that have intervals, and the count of those inside
// is right for the rows that can be checked by hand.
func TestTally(t *testing.T) {
	b := openBundled(t)
	a := b.tally("3")
	inside := 0
	for _, p := range b.placed {
		if p.table != "3" || p.row != "Treat" {
			continue
		}
		// With 270 degrees of freedom and more, the quantile of t is 1.97 to two decimals.
		if distance := math.Abs(p.value-p.cell.Value) / p.cell.SE; distance < 1.965 {
			inside++
		}
	}
	if a.coefficients != 5 || a.numbers != 10 || a.inside != inside {
		t.Errorf("tally of Table 3 = %+v, want 10 numbers, 5 coefficients, %d inside", a, inside)
	}
	for id, want := range map[string]int{"4A": 2, "4B": 3, "5": 6, "6": 6, "8": 25, "8-common": 25, "9": 30, "11": 15, "A9": 0, "A1": 0} {
		if got := b.tally(id).planted; got != want {
			t.Errorf("Table %s has %d planted effects, want %d", id, got, want)
		}
	}
	if _, _, ok := b.interval("3", &report.Cell{Kind: report.KindEstimate, Value: 1, SE: 1}); ok {
		t.Error("a cell that no model has got an interval")
	}
}

// The trap's table shows the cells of both layouts, and what the README of the study works out.
func TestTrap(t *testing.T) {
	b := openBundled(t)
	for outcome, want := range map[string]float64{
		"ln_identification_time": -0.072, "ln_duration": -0.016, "retrial_3d": 0, "rating": 0.154, "dissatisfied": -0.042,
	} {
		if got := b.implied(outcome); math.Abs(got-want) > 0.0006 {
			t.Errorf("%s: the published effects imply %.4f, want %.3f", outcome, got, want)
		}
	}
	rows := b.layouts("rating")
	if len(rows) != 3 || len(rows[2].Cells) != quintiles {
		t.Fatalf("rows = %+v, want common, own, planted", rows)
	}
	for i, timeEffects := range []string{"common", "group-specific"} {
		fit := b.fit("8", "rating", timeEffects)
		for g, c := range rows[i].Cells {
			want, ok := find(fit.Impacts, impactOn(g))
			if !ok || c.Value != float64(want.Estimate) || c.SE != float64(want.SE) {
				t.Errorf("%s, Q%d: %+v, want %+v", timeEffects, g+1, c, want)
			}
		}
	}
	// Here, as in the paper, it is the common layout that spreads the quintiles.
	spread := func(r report.Row) float64 { return r.Cells[0].Value - r.Cells[quintiles-1].Value }
	if !(spread(rows[0]) > spread(rows[1])) {
		t.Errorf("spread of effects on ratings: %.3f with common day effects, %.3f with own", spread(rows[0]), spread(rows[1]))
	}
}

// published.csv holds every coefficient of the list that it was copied from.
func TestPublishedIsComplete(t *testing.T) {
	records, err := csv.NewReader(bytes.NewReader(refdata.Bytes(t, "alibaba", "estimates.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	list, err := readPublished()
	if err != nil {
		t.Fatal(err)
	}
	type key struct{ table, text, se, stars string }
	have := map[key]int{}
	for _, p := range list {
		have[key{strings.TrimSuffix(p.table, "-common"), p.text, p.se, p.stars}]++
	}
	for _, r := range records[1:] {
		table := strings.TrimPrefix(r[0], "T")
		if table == "4" {
			table = "4A"
			if !strings.HasPrefix(r[3], "ln_") {
				table = "4B"
			}
		}
		k := key{table, r[4], r[5], r[6]}
		if have[k]--; have[k] < 0 {
			t.Errorf("published.csv lacks %v", r)
		}
	}
}

// Without truth.json the data are not called simulated; a study file without some of the tables
// makes the output say which are missing.
func TestOtherStudy(t *testing.T) {
	dir := copyStudy(t)
	if err := os.Remove(filepath.Join(dir, "truth.json")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "study.toml")
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(content), `notes = ["The data are simulated."]`, "", 1)
	from, to := strings.Index(text, "[[tables]]\nnumber = \"5\""), strings.Index(text, "[[figures]]")
	if from < 0 || to < from {
		t.Fatal("the study file has changed: Table 5 does not come before the figures")
	}
	text = text[:from] + "[[tables]]\nnumber = \"X\"\nkind = \"summary\"\nvariables = [\"age\"]\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := run(context.Background(), &out, dir, ""); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"not taken for a simulation", "Table A10 is missing: not computed", "Table 8-common: not computed", "\nTable X\n", "cannot be shown"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output lacks %q", want)
		}
	}
	for _, word := range []string{"data are simulated", "planted"} {
		if strings.Contains(out.String(), word) {
			t.Errorf("the output says %q of data that may be real", word)
		}
	}
}

func TestOutputDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	var out strings.Builder
	if err := run(context.Background(), &out, bundled, dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"report.html", "results.json", "tables/table-A7.txt", "figures/figure-8.svg", "figures/figure-8.png"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s was not written: %v", name, err)
		}
	}
	table, err := os.ReadFile(filepath.Join(dir, "tables", "table-A7.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(table), "2.184") {
		t.Errorf("the table that was written lacks the published numbers:\n%s", table)
	}
}

func TestBadInput(t *testing.T) {
	broken := copyStudy(t)
	if err := os.WriteFile(filepath.Join(broken, "truth.json"), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	occupied := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(occupied, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ dir, out, want string }{
		"no study":     {t.TempDir(), "", "--data names a directory with a study.toml"},
		"no directory": {"nowhere", "", "nowhere"},
		"broken truth": {broken, "", "truth.json"},
		"unwritable":   {bundled, occupied, "cannot be written"},
	} {
		t.Run(name, func(t *testing.T) {
			err := run(context.Background(), &strings.Builder{}, c.dir, c.out)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error = %v, want one with %q", err, c.want)
			}
		})
	}
}

// openOnce opens the bundled study for the tests that only look at it.
var openOnce = sync.OnceValues(func() (*book, error) { return open(context.Background(), bundled) })

func openBundled(t *testing.T) *book {
	t.Helper()
	b, err := openOnce()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// copyStudy copies the bundled study to a directory that a test may change.
func copyStudy(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(bundled)); err != nil {
		t.Fatal(err)
	}
	return dir
}
