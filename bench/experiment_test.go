package main

import (
	"bytes"
	"context"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/data"
)

// written is the text of an experiment's file.
func written(t testing.TB, rows, clusters int, seed uint64) string {
	t.Helper()
	var b bytes.Buffer
	if err := newExperiment(clusters, seed).write(context.Background(), &b, rows); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// More rows than a piece has, on one processor and on several: the same file, of which a shorter one
// is the beginning. Another seed is another file.
func TestGenerationIsDeterministic(t *testing.T) {
	const rows = 2*pieceRows + 1000
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one := written(t, rows, 50, 7)
	runtime.GOMAXPROCS(3)
	if written(t, rows, 50, 7) != one {
		t.Error("the file depends on the number of processors")
	}
	if short := written(t, pieceRows+3, 50, 7); !strings.HasPrefix(one, short) {
		t.Error("a shorter file is not the beginning of a longer one")
	}
	if got := strings.Count(one, "\n"); got != rows+1 {
		t.Errorf("%d lines, want %d", got, rows+1)
	}
	if written(t, 100, 50, 8) == written(t, 100, 50, 7) {
		t.Error("the file does not depend on the seed")
	}
}

func TestGeneratedColumns(t *testing.T) {
	f, err := data.ReadCSVFrom(context.Background(), strings.NewReader(written(t, 20_000, 200, 1)), "generated", data.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(f.Names(), experimentColumns) || len(experimentColumns) != 22 {
		t.Fatalf("columns are %v, want %v", f.Names(), experimentColumns)
	}
	column := func(name string) []float64 {
		values, err := f.Floats(name)
		if err != nil {
			t.Fatal(err)
		}
		return values
	}
	for _, c := range []struct {
		name      string
		low, high float64 // of values
		mean, tol float64
		whole     bool
	}{
		{"agent_id", 1, 200, 100, 20, true},
		{"day", 1, 30, 15.5, .5, true},
		{"hour", 0, 23, 12.3, .3, true},
		{"assigned", 0, 1, .5, .1, true},
		{"used", 0, 1, .28, .08, true},
		{"baseline", 0, 5, 2.2, .2, false},
		{"c2", 0, 60, 3, .1, false},
		{"c3", 0, 1, .3, .02, true},
		{"y1", -10, 15, 2.2, .5, false},
		{"y2", 0, 1, .4, .2, true},
		{"y3", 0, 2000, 29, 8, false},
		{"y4", 0, 100, 2.1, .5, true},
		{"y5", 0, 100, 73, 8, false},
	} {
		total := 0.
		for i, v := range column(c.name) {
			if !(v >= c.low && v <= c.high) || c.whole && v != math.Trunc(v) {
				t.Fatalf("%s of row %d is %v", c.name, i+1, v)
			}
			total += v
		}
		if mean := total / float64(f.Len()); math.Abs(mean-c.mean) > c.tol {
			t.Errorf("the mean of %s is %.3f, want about %.3f", c.name, mean, c.mean)
		}
	}
	assigned, used, agent := column("assigned"), column("used"), column("agent_id")
	arm := map[float64]float64{}
	for i := range used {
		if used[i] > assigned[i] {
			t.Fatalf("row %d used without being assigned", i+1)
		}
		if before, ok := arm[agent[i]]; ok && before != assigned[i] {
			t.Fatalf("assignment varies within agent %v", agent[i])
		}
		arm[agent[i]] = assigned[i]
	}
}

func TestAppendDecimal(t *testing.T) {
	for _, c := range []struct {
		v        float64
		decimals int
		want     string
	}{
		{0, 4, "0.0"}, {2, 2, "2.0"}, {2.5, 4, "2.5"}, {-0.5, 4, "-0.5"}, {-0.0001, 4, "-0.0001"}, {-0.00001, 4, "0.0"},
		{12.0345, 3, "12.034"}, {99.995, 1, "100.0"}, {1e9 + .25, 2, "1000000000.25"}, {3, 0, "3"}, {1.0305, 4, "1.0305"},
	} {
		if got := string(appendDecimal(nil, c.v, c.decimals)); got != c.want {
			t.Errorf("%v to %d decimals is %s, want %s", c.v, c.decimals, got, c.want)
		}
	}
}
