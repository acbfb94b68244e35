package main

import (
	"context"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/internal/simulate"
)

// smallExperiment is a file of so many rows in a directory of the test's.
func smallExperiment(t testing.TB, rows, clusters int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "small.csv")
	err := writeWhole(path, func(out io.Writer) error { return newExperiment(clusters, 3).write(context.Background(), out, rows) })
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Every step on an experiment, one after another: all estimates are there, the LATE is the ITT over
// the first stage, and effects as columns are effects absorbed.
func TestExperimentSteps(t *testing.T) {
	w := &worker{path: smallExperiment(t, 6000, 60)}
	steps := []string{"group", "read", "itt10", "late10", "split", "model10", "wild", "wild_set", "wild10_set", "permute", "permute_t"}
	if err := w.run(context.Background(), steps); err != nil {
		t.Fatal(err)
	}
	for i, s := range w.Steps {
		if s.Name != steps[i] || !(s.Seconds > 0) {
			t.Errorf("step %d is %+v, want %s with its time", i, s, steps[i])
		}
	}
	share := math.NaN() // of usage, by assignment: the same first stage for all outcomes
	for _, y := range outcomes(10) {
		absorbed, asColumns := w.Estimates["itt "+y], w.Estimates["model "+y]
		for i := range absorbed {
			if !(math.Abs(absorbed[i]-asColumns[i]) <= 1e-10*math.Abs(absorbed[1])) {
				t.Errorf("%s: effects absorbed give %v, effects as columns %v", y, absorbed, asColumns)
			}
		}
		first := absorbed[0] / w.Estimates["late "+y][0]
		if share == share && !(math.Abs(first-share) < 1e-9) {
			t.Errorf("%s: the first stage is %v, before it was %v", y, first, share)
		}
		share = first
		for _, name := range []string{"itt Q1 ", "itt Q4 ", "wild statistic "} {
			if e, ok := w.Estimates[name+y]; name != "wild statistic " && !ok || !(e[1] >= 0) {
				t.Errorf("no estimate %s%s", name, y)
			}
		}
	}
	if !(share > .3 && share < .8) {
		t.Errorf("the first stage is %v", share)
	}
	for _, name := range []string{"wild p y1", "wild set p y1", "wild ten p y10", "permute p y1", "permute t p y1"} {
		if p, ok := w.Simulated[name]; !ok || !(p > 0 && p <= 1) {
			t.Errorf("%s is %v", name, p)
		}
	}
	if n := w.Estimates["cells"][0]; n < 60 || n > 60*experimentDays {
		t.Errorf("%v cells of 60 agents on %d days", n, experimentDays)
	}
	if err := w.run(context.Background(), []string{"no-such-step"}); err == nil {
		t.Error("a step that does not exist was done")
	}
}

// The steps on a study make the 65 fits.
func TestStudySteps(t *testing.T) {
	dir := t.TempDir()
	if _, err := simulate.Write(context.Background(), dir, simulate.Config{Agents: 120, Seed: 1}, nil); err != nil {
		t.Fatal(err)
	}
	w := &worker{path: dir}
	if err := w.run(context.Background(), studySteps); err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for name := range w.Estimates {
		kind, _, _ := strings.Cut(name, " ")
		counts[kind]++
	}
	for kind, want := range map[string]int{"itt": 16, "late": 16, "common": 80, "group-specific": 80} {
		if counts[kind] != want {
			t.Errorf("%d estimates of %s, want %d", counts[kind], kind, want)
		}
	}
	if counts["event"] < 40 {
		t.Errorf("%d periods in the event study", counts["event"])
	}
}

// The steps on a million rows, as the table has them, by go test -bench.
func BenchmarkSteps(b *testing.B) {
	path := smallExperiment(b, 1_000_000, 2000)
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range slices.Concat([]string{"group", "read"}, fits, []string{"model", "model10", "wild", "wild_set", "wild10_set", "permute", "permute_t"}) {
		b.Run(name, func(b *testing.B) {
			w := &worker{path: path}
			before := map[string][]string{"group": nil, "read": nil, "wild": {"read", "model"}, "wild_set": {"read", "model"}, "wild10_set": {"read", "model10"}}
			needs, ok := before[name]
			if !ok {
				needs = []string{"read"}
			}
			if err := w.run(context.Background(), needs); err != nil {
				b.Fatal(err)
			}
			count, unit := 1e6, "rows/s"
			switch {
			case name == "group" || name == "read":
				b.SetBytes(info.Size())
			case strings.HasPrefix(name, "wild"), strings.HasPrefix(name, "permute"):
				count, unit = 1e4, "draws/s"
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := w.run(context.Background(), []string{name}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(count*float64(b.N)/b.Elapsed().Seconds(), unit)
		})
	}
}
