package main

import (
	"context"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/data"
)

// shapeText is the file of a dataset.
func shapeText(t *testing.T, d dataset, seed uint64) string {
	t.Helper()
	var b strings.Builder
	if err := d.shape.write(d, seed, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The same seed is the same file, another one another. Rows have as many cells as columns, and assignment is the unit's.
func TestShapes(t *testing.T) {
	for _, d := range []dataset{
		{name: "events", shape: events, rows: 2000, clusters: 100, outcomes: 3},
		{name: "a row to each", shape: events, rows: 300, clusters: 300, outcomes: 1},
		{name: "days", shape: days, clusters: 20},
		{name: "anywhere", shape: workersAnywhere, clusters: 400},
		{name: "nearby", shape: workersNearby, clusters: 400},
		{name: "next", shape: workersNext, clusters: 400},
		{name: "line", shape: workersLine, clusters: 400},
	} {
		text := shapeText(t, d, 1)
		if shapeText(t, d, 1) != text || shapeText(t, d, 2) == text {
			t.Errorf("%s: the file does not depend on the seed alone", d.name)
		}
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		names := strings.Split(lines[0], ",")
		unit, arm := names[0], map[float64]float64{}
		f, err := data.ReadCSVFrom(context.Background(), strings.NewReader(text), d.name, data.ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		units, err := f.Floats(unit)
		if err != nil {
			t.Fatal(err)
		}
		assigned, err := f.Floats("assigned")
		if err != nil {
			t.Fatal(err)
		}
		for i, u := range units {
			if before, ok := arm[u]; ok && before != assigned[i] {
				t.Fatalf("%s: unit %v is assigned and is not", d.name, u)
			}
			arm[u] = assigned[i]
		}
		if len(arm) < d.clusters*9/10 || len(arm) > d.clusters {
			t.Errorf("%s: %d units of %d", d.name, len(arm), d.clusters)
		}
		if d.name == "a row to each" && len(lines)-1 != len(arm) {
			t.Errorf("%d rows of %d units", len(lines)-1, len(arm))
		}
	}
}

// Firms on a line: each is linked with the next by one mover, and with no other.
func TestLineOfFirms(t *testing.T) {
	d := dataset{shape: workersLine, clusters: 400}
	linked := map[[2]string]int{}
	at := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(shapeText(t, d, 1)), "\n")[1:] {
		cells := strings.Split(line, ",")
		if before, ok := at[cells[0]]; ok && before != cells[1] {
			linked[[2]string{before, cells[1]}]++
		}
		at[cells[0]] = cells[1]
	}
	if firms := d.clusters / workersPerFirm; len(linked) != firms-1 {
		t.Fatalf("%d links among %d firms", len(linked), firms)
	}
	for link, movers := range linked {
		if movers != 1 {
			t.Errorf("%v: %d movers", link, movers)
		}
	}
}

func TestDatesOfShapes(t *testing.T) {
	text := shapeText(t, dataset{shape: workersNext, clusters: 40}, 1)
	for _, want := range []string{",2024-01-01,", ",2024-01-05,"} {
		if !strings.Contains(text, want) {
			t.Errorf("no date %s", want)
		}
	}
	if strings.Contains(text, ",2024-01-06,") || launchDate(workersLaunch) != "2024-01-03" {
		t.Errorf("dates run on, or the launch is %s", launchDate(workersLaunch))
	}
}
