package panel

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fieldexp/fieldexp/data"
)

func TestSameAsReference(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		events := drawLog(rt)
		f, _, err := Build(context.Background(), logFrame(rt, events), logSpec(Day))
		if err != nil {
			rt.Fatal(err)
		}
		sameFrame(rt, f, reference(rt, events, Day), 1e-11)
	})
}

// Chunks, each with its own coding of units and its own order of events, and aggregators merged in
// any order, give the panel of all events at once.
func TestChunksAndMergesMakeTheWhole(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		events := drawLog(rt)
		spec := logSpec(Day)
		want, wantReport, err := Build(context.Background(), logFrame(rt, events), spec)
		if err != nil {
			rt.Fatal(err)
		}

		var parts []*Aggregator
		streamed := start(rt, spec)
		for from := 0; from < len(events); {
			to := min(len(events), from+rapid.IntRange(1, 40).Draw(rt, "chunk"))
			chunk := logFrame(rt, events[from:to])
			part := start(rt, spec)
			for _, a := range []*Aggregator{streamed, part} {
				if err := a.Add(chunk); err != nil {
					rt.Fatal(err)
				}
			}
			parts = append(parts, part)
			from = to
		}
		got, report, err := streamed.Frame()
		if err != nil {
			rt.Fatal(err)
		}
		sameFrame(rt, got, want, 1e-14)
		if report.String() != wantReport.String() {
			rt.Fatalf("report of chunks:\n%s\nof the whole:\n%s", report, wantReport)
		}

		merged := start(rt, spec)
		for _, i := range rapid.Permutation(identity(len(parts))).Draw(rt, "order") {
			if err := merged.Merge(parts[i]); err != nil {
				rt.Fatal(err)
			}
		}
		got, report, err = merged.Frame()
		if err != nil {
			rt.Fatal(err)
		}
		sameFrame(rt, got, want, 1e-14)
		if report.String() != wantReport.String() {
			rt.Fatalf("report of merges:\n%s\nof the whole:\n%s", report, wantReport)
		}
	})
}

func start(t tester, spec Spec) *Aggregator {
	t.Helper()
	a, err := NewAggregator(spec)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestRowOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		events := drawLog(rt)
		want, _, err := Build(context.Background(), logFrame(rt, events), logSpec(Hour))
		if err != nil {
			rt.Fatal(err)
		}
		shuffled := rapid.Permutation(events).Draw(rt, "order")
		got, _, err := Build(context.Background(), logFrame(rt, shuffled), logSpec(Hour))
		if err != nil {
			rt.Fatal(err)
		}
		sameFrame(rt, got, want, 1e-14)
	})
}

// Several blocks of events and many columns, on one processor and on more, to the last bit.
func TestProcessorsDoNotMatter(t *testing.T) {
	events, spec := manyEvents(t, 3*blockRows+17, 200, 20, 6)
	spec.Measures = append(spec.Measures, Measure{Column: "m0", Stat: SD}, Measure{Column: "at", Stat: CountObserved})
	spec.Baselines, spec.Launch = []Measure{{Column: "m0"}, {Column: "m1", Stat: SD}}, launch
	var want *data.Frame
	for _, procs := range []int{1, 2, 5} {
		before := runtime.GOMAXPROCS(procs)
		got, _, err := Build(context.Background(), events, spec)
		runtime.GOMAXPROCS(before)
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = got
			continue
		}
		for _, name := range want.Names() {
			if kind, _ := want.Kind(name); kind != data.Float {
				continue
			}
			one, more := floats(t, want, name), floats(t, got, name)
			for i := range one {
				if math.Float64bits(one[i]) != math.Float64bits(more[i]) {
					t.Fatalf("%s, row %d: %v on one processor, %v on %d", name, i+1, one[i], more[i], procs)
				}
			}
		}
	}
}

// Of several values that cannot be added, the first by column and by row is named, whoever meets it.
func TestProcessorsDoNotMatterToErrors(t *testing.T) {
	const rows = 4 * shareRows
	first, second := make([]float64, rows), make([]float64, rows)
	units := make([]float64, rows)
	for i := range rows {
		units[i] = float64(i % 7)
	}
	second[3], second[40] = 0.5, 0.5
	first[90], first[rows-1] = math.Inf(1), 1e305
	events := frame(t, "unit", units, "period", make([]float64, rows), "first", first, "second", second)
	spec := Spec{Unit: "unit", PeriodColumn: "period", Measures: []Measure{{Column: "first"}, {Column: "second", Stat: Share}}}
	for _, procs := range []int{1, 3} {
		before := runtime.GOMAXPROCS(procs)
		_, _, err := Build(context.Background(), events, spec)
		runtime.GOMAXPROCS(before)
		if want := `row 91, column "first": the value is infinite`; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%d processors: error %v, want one that says %q", procs, err, want)
		}
	}
	spec.Measures = spec.Measures[1:]
	if _, _, err := Build(context.Background(), events, spec); err == nil || !strings.Contains(err.Error(), `row 4, column "second": 0.5`) {
		t.Errorf("error %v, want that of row 4", err)
	}
}

// A panel far too thin for rows of periods by unit goes to the hash table, with the same cells.
func TestThinPanel(t *testing.T) {
	var rows, hash cellIndex
	hash.toHash()
	random := rand.New(rand.NewPCG(3, 4))
	for range 200_000 {
		u, p := int32(random.IntN(1000)), int32(random.IntN(50_000))
		if a, b := rows.cell(u, p), hash.cell(u, p); a != b {
			t.Fatalf("cell (%d, %d) is %d by rows and %d by hash", u, p, a, b)
		}
	}
	if rows.hash == nil {
		t.Errorf("%d pages for %d cells and still no hash table", rows.pages, rows.len())
	}
	for c := range rows.units {
		if got := rows.cell(rows.units[c], rows.periods[c]); got != int32(c) {
			t.Fatalf("cell %d is found as %d", c, got)
		}
	}
}

func TestAddRefusesAndRecovers(t *testing.T) {
	day := times(t, "2024-01-01")
	good := frame(t, "unit", []string{"a"}, "at", day, "share", []float64{1}, "team", []string{"x"})
	spec := Spec{Unit: "unit", Time: "at", Measures: []Measure{{Column: "share", Stat: Share}}, UnitColumns: []string{"team"}}
	a := start(t, spec)
	if err := a.Add(good); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		chunk *data.Frame
		want  string
	}{
		{"unit kind", frame(t, "unit", []float64{1}, "at", day, "share", []float64{1}, "team", []string{"x"}),
			`column "unit" holds number here and text in the events before`},
		{"unit column kind", frame(t, "unit", []string{"a"}, "at", day, "share", []float64{1}, "team", []float64{1}),
			`column "team" holds number here and text in the events before`},
		{"column not there", frame(t, "unit", []string{"a"}, "at", day, "team", []string{"x"}), `column "share" is not there`},
	} {
		if err := a.Add(c.chunk); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one that says %q", c.name, err, c.want)
		}
	}
	f, report, err := a.Frame()
	if err != nil || f.Len() != 1 || report.Events != 1 {
		t.Fatalf("after refused chunks: %v, %+v", err, report)
	}

	bad := frame(t, "unit", []string{"a", "a"}, "at", times(t, "2024-01-01", "2024-01-01"), "share", []float64{1, 0.5}, "team", []string{"x", "x"})
	want := `row 3, column "share": 0.5 is neither 0 nor 1`
	if err := a.Add(bad); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one that says %q (rows count over chunks)", err, want)
	}
	if err := a.Add(good); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("the aggregator went on after a chunk was added in part: %v", err)
	}
	if _, _, err := a.Frame(); err == nil {
		t.Error("a panel was made of a chunk that was added in part")
	}
	if err := start(t, spec).Merge(a); err == nil || !strings.Contains(err.Error(), "had failed") {
		t.Errorf("merging a failed aggregator: %v", err)
	}
	if err := a.Merge(start(t, spec)); err == nil {
		t.Error("merged into a failed aggregator")
	}
}

func TestMergeRefuses(t *testing.T) {
	spec := Spec{Unit: "unit", Time: "at", UnitColumns: []string{"team"}}
	text := frame(t, "unit", []string{"a"}, "at", times(t, "2024-01-01"), "team", []string{"x"})
	number := frame(t, "unit", []float64{1}, "at", times(t, "2024-01-01"), "team", []float64{1})
	a, b := start(t, spec), start(t, spec)
	if err := a.Add(text); err != nil {
		t.Fatal(err)
	}
	if err := b.Add(number); err != nil {
		t.Fatal(err)
	}
	if err := a.Merge(b); err == nil || !strings.Contains(err.Error(), `column "unit" holds text here and number`) ||
		!strings.Contains(err.Error(), `column "team" holds text here and number`) {
		t.Errorf("kinds differ: %v", err)
	}
	if err := a.Merge(a); err == nil || !strings.Contains(err.Error(), "into itself") {
		t.Errorf("into itself: %v", err)
	}
	other := spec
	other.Period = Hour
	if err := a.Merge(start(t, other)); err == nil || !strings.Contains(err.Error(), "different specs") {
		t.Errorf("specs differ: %v", err)
	}
	f, _, err := a.Frame()
	if err != nil || f.Len() != 1 {
		t.Errorf("after refused merges: %v", err)
	}
}

// A unit column that is fixed in each part and differs between them varies in the whole.
func TestMergeFindsWhatVaries(t *testing.T) {
	spec := Spec{Unit: "unit", Time: "at", UnitColumns: []string{"team"}}
	a, b := start(t, spec), start(t, spec)
	for i, agg := range []*Aggregator{a, b} {
		chunk := frame(t, "unit", []string{"z", "a"}, "at", times(t, "2024-01-01", "2024-01-02"), "team", []string{"", []string{"x", "y"}[i]})
		if err := agg.Add(chunk); err != nil {
			t.Fatal(err)
		}
		if _, _, err := agg.Frame(); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Merge(b); err != nil {
		t.Fatal(err)
	}
	want := `column "team" varies within 1 of 2 units (in unit a it is "x", then "y")`
	if _, _, err := a.Frame(); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one that says %q", err, want)
	}
	if err := b.Merge(a); err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.Frame(); err == nil || !strings.Contains(err.Error(), `1 of 2 units (in unit a it is "y", then "x")`) {
		t.Errorf("error %v, want the variation of the part merged in", err)
	}
}

// Levels that no event holds, and keys of events that are left out, make no unit and no period.
func TestOnlyWhatIsSeenCounts(t *testing.T) {
	f := frame(t, "at", times(t, "2024-01-01", "", "2024-01-03"))
	if err := f.SetCodes("unit", []int32{3, 1, -1}, []string{"none", "untimed", "none too", "seen"}); err != nil {
		t.Fatal(err)
	}
	panel, report, err := Build(context.Background(), f, Spec{Unit: "unit", Time: "at"})
	if err != nil {
		t.Fatal(err)
	}
	if report.Units != 1 || report.Periods != 1 || !report.Balanced {
		t.Errorf("%d units and %d periods, want 1 and 1", report.Units, report.Periods)
	}
	if _, levels, _ := panel.Codes("unit"); len(levels) != 1 || levels[0] != "seen" {
		t.Errorf("levels %q, want only the unit that is seen", levels)
	}
}

// Events that fall into cells that are there already take no more memory.
func TestMemoryIsThatOfCells(t *testing.T) {
	events, spec := manyEvents(t, 20_000, 300, 20, 4)
	spec.Baselines, spec.Launch = []Measure{{Column: "m1"}}, launch
	a := start(t, spec)
	held := func() [4]int {
		n := [4]int{a.index.len(), a.index.pages, len(a.cells.events), len(a.before.events)}
		for _, t := range []*table{a.cells, a.before} {
			n[1] += len(t.sums.pages) + len(t.squares.pages)
			for _, c := range t.columns {
				for p := range c.missing {
					if c.missing[p].Load() != nil {
						n[1]++
					}
				}
			}
		}
		return n
	}
	if err := a.Add(events); err != nil {
		t.Fatal(err)
	}
	once := held()
	for range 5 {
		if err := a.Add(events); err != nil {
			t.Fatal(err)
		}
	}
	if again := held(); again != once {
		t.Errorf("six times the events hold %v, once %v", again, once)
	}
}

// A launch is an instant, in whichever zone it is told.
func TestLaunchInAnotherZone(t *testing.T) {
	events := frame(t, "unit", []string{"a", "a"}, "at", times(t, "2024-01-22 23:59:59", "2024-01-23 00:00:00"), "y", []float64{1, 3})
	spec := Spec{Unit: "unit", Time: "at", Baselines: []Measure{{Column: "y", Stat: Sum}}}
	spec.Launch = time.Date(2024, 1, 23, 0, 0, 0, 0, time.UTC)
	utc := start(t, spec)
	spec.Launch = time.Date(2024, 1, 23, 8, 0, 0, 0, time.FixedZone("UTC+8", 8*3600))
	other := start(t, spec)
	for _, a := range []*Aggregator{utc, other} {
		if err := a.Add(events); err != nil {
			t.Fatal(err)
		}
	}
	if err := utc.Merge(other); err != nil {
		t.Fatal(err)
	}
	f, _, err := utc.Frame()
	if err != nil {
		t.Fatal(err)
	}
	sameFloats(t, "baseline_sum_y", floats(t, f, "baseline_sum_y"), []float64{2, 2}, 0)
}
