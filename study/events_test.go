package study

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/panel"
)

// TestEventsAreCells estimates the bundled study's tables of events (A3, A4) from the events
// themselves, one row for each, and finds the estimates that the study has from the sums of cells.
func TestEventsAreCells(t *testing.T) {
	out := bundled(t)
	events := bundledEvents(t)
	tests := []struct {
		table, outcome string
		spec           itt.Spec
		keep           func(row int) bool
	}{
		{"A4", "rated", itt.Spec{Outcomes: []string{"rated"}}, nil},
		{"A3", "ln_identification_time", itt.Spec{Outcomes: []string{"ln_identification_time"}}, neverTakers(t, events)},
		{"A3", "rating", itt.Spec{Outcomes: []string{"rating"}}, neverTakers(t, events)},
		{"A3", "retrial_3d", itt.Spec{Outcomes: []string{"retrial_3d"}}, neverTakers(t, events)}, // estimated with the first
	}
	for _, test := range tests {
		spec := test.spec
		spec.Assignment, spec.Absorb, spec.Cluster = "treat", iv.Effects("agent_id", "day"), []string{"agent_id"}
		spec.Controls = []string{"lagged concurrency", "lagged customer_tenure"}
		spec.Time, spec.Launch, spec.TreatedName = "day", out.Study.Launch.Time, treatedColumn
		frame := events
		if test.keep != nil {
			frame = events.Filter(test.keep)
		}
		result, err := itt.Estimate(context.Background(), frame, spec)
		if err != nil {
			t.Fatal(err)
		}
		want, err := result.Effect(test.outcome)
		if err != nil {
			t.Fatal(err)
		}
		got := fitOf(t, out, test.table, test.outcome)
		g := termOf(got, treatedColumn)
		if math.Abs(float64(g.Estimate)-want.Estimate) > 1e-9*want.SE || math.Abs(float64(g.SE)-want.SE) > 1e-9*want.SE {
			t.Errorf("%s of %s: %.12g (%.12g) from cells, %.12g (%.12g) from events", test.table, test.outcome, g.Estimate, g.SE, want.Estimate, want.SE)
		}
		if fit := result.Fits[0]; got.N != fit.N || got.K != fit.K || got.Clusters["agent_id"] != fit.Clusters[0].Count {
			t.Errorf("%s of %s: N %d, K %d, %v from cells; N %d, K %d, %v from events", test.table, test.outcome, got.N, got.K, got.Clusters, fit.N, fit.K, fit.Clusters)
		}
	}
}

// TestBalanceOfEvents estimates the table of balance from the events themselves: of variables
// with the same number of events of each agent, which are compared together, and of one with fewer.
func TestBalanceOfEvents(t *testing.T) {
	out, events := bundled(t), bundledEvents(t)
	starts, err := events.Instants("start")
	if err != nil {
		t.Fatal(err)
	}
	launch := out.Study.Launch.UnixNano()
	before := events.Filter(func(row int) bool { return starts[row] < launch })
	names := []string{"duration", "retrial_3d", "rating"}
	result, err := itt.Estimate(context.Background(), before, itt.Spec{Outcomes: names, Assignment: "treat", Cluster: []string{"agent_id"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		want, err := result.Effect(name)
		if err != nil {
			t.Fatal(err)
		}
		got := fitOf(t, out, "A1", name)
		if g := termOf(got, "treat"); math.Abs(float64(g.Estimate)-want.Estimate) > 1e-9*want.SE || math.Abs(float64(g.SE)-want.SE) > 1e-9*want.SE {
			t.Errorf("%s: %.12g (%.12g) from cells, %.12g (%.12g) from events", name, g.Estimate, g.SE, want.Estimate, want.SE)
		}
		if fit, _ := result.Fit(name); got.N != fit.N {
			t.Errorf("%s: N %d from cells, %d from events", name, got.N, fit.N)
		}
	}
}

// fitOf is the model of an outcome in a table.
func fitOf(t *testing.T, out *Output, table, outcome string) *Fit {
	t.Helper()
	i := slices.IndexFunc(out.Fits, func(f Fit) bool { return f.Table == table && f.Outcome == outcome })
	if i < 0 {
		t.Fatalf("table %s has no fit of %s", table, outcome)
	}
	return &out.Fits[i]
}

// TestBatches: outcomes known in as many events of each cell are estimated together.
func TestBatches(t *testing.T) {
	counts := map[string][]float64{"a": {3, 0, 2}, "b": {3, 1, 2}, "c": {3, 0, 2}, "d": {2, 0, 3}}
	s, f, names := new(Study), new(data.Frame), []string{"c", "a", "b", "d"}
	for _, name := range names {
		s.Outcomes = append(s.Outcomes, Outcome{Column: name, Name: name, Stat: "mean"})
		if err := f.SetFloats(s.outcome(name).eventWeights(), counts[name]); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		events bool
		want   [][]string
	}{{false, [][]string{names}}, {true, [][]string{{"c", "a"}, {"b"}, {"d"}}}} {
		k := modelKey{events: test.events}
		r := &run{study: s, plan: &plan{models: map[modelKey][]string{k: names}}}
		k.covariance.Kind = iv.CR3 // is no part of what was asked for
		got, err := r.batches(k, f)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.EqualFunc(got, test.want, slices.Equal[[]string]) {
			t.Errorf("of events %v: %v, want %v", test.events, got, test.want)
		}
	}
}

// bundledEvents reads the bundled chats, one row for each, with what the models of their cells have.
func bundledEvents(t *testing.T) *data.Frame {
	t.Helper()
	ctx := context.Background()
	dir := t.TempDir()
	if err := os.CopyFS(dir, fieldexp.Bundled); err != nil {
		t.Fatal(err)
	}
	events, err := data.ReadCSV(ctx, filepath.Join(dir, "testdata", "study", "chats.csv.gz"), data.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	agents, err := data.ReadCSV(ctx, filepath.Join(dir, "testdata", "study", "agents.csv.gz"), data.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	cells, _, err := panel.Build(ctx, events, panel.Spec{Unit: "agent_id", Time: "start", Measures: []panel.Measure{{Column: "concurrency"}, {Column: "customer_tenure"}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := panel.Lag(cells, panel.LagSpec{Unit: "agent_id", Period: "day", Columns: []string{"concurrency", "customer_tenure"}, Prefix: lagged}); err != nil {
		t.Fatal(err)
	}
	days(t, events)
	lags, err := cells.Select("agent_id", "day", "lagged concurrency", "lagged customer_tenure")
	if err != nil {
		t.Fatal(err)
	}
	if events, _, err = events.LeftJoin(lags, "agent_id", "day"); err != nil {
		t.Fatal(err)
	}
	if events, _, err = events.LeftJoin(agents, "agent_id"); err != nil {
		t.Fatal(err)
	}
	if err := addLog(events, "ln_identification_time", "identification_time"); err != nil {
		t.Fatal(err)
	}
	rating, err := events.Floats("rating")
	if err != nil {
		t.Fatal(err)
	}
	rated := make([]float64, len(rating))
	for i, v := range rating {
		if v == v {
			rated[i] = 1
		}
	}
	if err := events.SetFloats("rated", rated); err != nil {
		t.Fatal(err)
	}
	return events
}

// days adds the day of each event.
func days(t *testing.T, events *data.Frame) {
	t.Helper()
	starts, err := events.Instants("start")
	if err != nil {
		t.Fatal(err)
	}
	day := make([]int64, len(starts))
	for i, at := range starts {
		day[i] = panel.Day.Start(at)
	}
	if err := events.SetInstants("day", day); err != nil {
		t.Fatal(err)
	}
}

// neverTakers keeps the controls' events and those of treated agents who never used, though they
// had chats since the launch.
func neverTakers(t *testing.T, events *data.Frame) func(row int) bool {
	t.Helper()
	agent, err := events.Group("agent_id")
	if err != nil {
		t.Fatal(err)
	}
	column := func(name string) []float64 {
		values, err := events.Floats(name)
		if err != nil {
			t.Fatal(err)
		}
		return values
	}
	complete, partial, treat := column("ai_complete"), column("ai_partial"), column("treat")
	starts, err := events.Instants("start")
	if err != nil {
		t.Fatal(err)
	}
	var launch Launch
	if err := launch.UnmarshalTOML("2024-01-23"); err != nil {
		t.Fatal(err)
	}
	used, since := make([]bool, agent.Len()), make([]bool, agent.Len())
	for i, a := range agent.Codes {
		used[a] = used[a] || complete[i]+partial[i] > 0
		since[a] = since[a] || starts[i] >= launch.UnixNano()
	}
	return func(row int) bool {
		a := agent.Codes[row]
		return treat[row] == 0 || since[a] && !used[a]
	}
}
