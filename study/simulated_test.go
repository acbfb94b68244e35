package study

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/simulate"
	"github.com/fieldexp/fieldexp/report"
)

var fullSize = flag.Bool("full", false, "run simulated studies of 2,000 and 5,940 agents, twenty of each")

// TestSimulatedStudies runs whole studies from their files and looks for every table in what they print: one
// small study or, with -full, twenty of each size, which takes some five minutes.
func TestSimulatedStudies(t *testing.T) {
	if testing.Short() {
		t.Skip("a whole study, as in TestProgress and TestEventsAreCells")
	}
	sizes, seeds := []int{100}, uint64(1)
	if *fullSize {
		sizes, seeds = []int{2000, 5940}, 20
	}
	text, err := fieldexp.Bundled.ReadFile("testdata/study/study.toml")
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.ReplaceAll(text, []byte(".csv.gz"), []byte(".csv"))
	for _, agents := range sizes {
		for seed := range seeds {
			t.Run(fmt.Sprintf("%d agents, seed %d", agents, seed+1), func(t *testing.T) {
				dir := t.TempDir()
				if _, err := simulate.Write(context.Background(), dir, simulate.Config{Agents: agents, Seed: seed + 1}, nil); err != nil {
					t.Fatal(err)
				}
				file := filepath.Join(dir, "study.toml")
				if err := os.WriteFile(file, text, 0o644); err != nil {
					t.Fatal(err)
				}
				s, err := Load(file)
				if err != nil {
					t.Fatal(err)
				}
				out, err := Run(context.Background(), s, Options{})
				if err != nil {
					t.Fatal(err)
				}
				checkReferenceTables(t, out)
				printed, err := out.Render(report.Text)
				if err != nil {
					t.Fatal(err)
				}
				for _, table := range out.Tables {
					if title := "Table " + strings.Replace(table.ID, "-", ", ", 1) + ". "; !strings.Contains("\n"+string(printed), "\n"+title) {
						t.Errorf("%q is not printed", title)
					}
				}
				t.Logf("%d tables, %d models", len(out.Tables), len(out.Fits))
			})
		}
	}
}
