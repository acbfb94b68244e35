package panel

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fieldexp/fieldexp/data"
	"pgregory.net/rapid"
)

// event is a row of a log, for the reference below.
type event struct {
	unit  string // empty is missing
	at    int64
	y     float64
	flag  float64
	arm   float64
	level string
}

func logFrame(t testing.TB, events []event) *data.Frame {
	var unit, level []string
	var at []int64
	var y, flag, arm []float64
	for _, e := range events {
		unit, at, y = append(unit, e.unit), append(at, e.at), append(y, e.y)
		flag, arm, level = append(flag, e.flag), append(arm, e.arm), append(level, e.level)
	}
	return frame(t, "unit", unit, "at", at, "y", y, "flag", flag, "arm", arm, "level", level)
}

var launch = time.Date(2024, 1, 4, 12, 0, 0, 0, time.UTC)

func logSpec(period Period) Spec {
	return Spec{
		Unit: "unit", Time: "at", Period: period,
		Measures: []Measure{{Column: "y"}, {Column: "y", Stat: Sum}, {Column: "y", Stat: SD}, {Column: "flag", Stat: Share},
			{Column: "y", Stat: CountObserved}, {Stat: Count}, {Column: "level", Stat: CountObserved}},
		UnitColumns: []string{"arm", "level"},
		Baselines:   []Measure{{Column: "y"}, {Column: "y", Stat: SD}, {Column: "flag", Stat: Share}},
		Launch:      launch,
	}
}

// drawLog draws a log with gaps, missing values, units and times, over about ten days. There is
// always an event before the launch.
func drawLog(t *rapid.T) []event {
	units := []string{"u1", "u2", "u10", "u3", ""}
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano()
	events := []event{{unit: "u2", at: start, y: 1, flag: 0, arm: 2, level: "level u2"}}
	n := rapid.IntRange(0, 120).Draw(t, "events")
	for range n {
		e := event{unit: rapid.SampledFrom(units).Draw(t, "unit"), at: data.MissingTime, y: nan, flag: nan, arm: nan}
		if rapid.IntRange(0, 19).Draw(t, "no time") > 0 {
			e.at = start + int64(rapid.IntRange(0, 240*3600).Draw(t, "second"))*int64(time.Second)
		}
		if rapid.Bool().Draw(t, "rated") {
			e.y = rapid.Float64Range(-1e6, 1e6).Draw(t, "y")
		}
		if rapid.Bool().Draw(t, "flagged") {
			e.flag = float64(rapid.IntRange(0, 1).Draw(t, "flag"))
		}
		if rapid.Bool().Draw(t, "told") && e.unit != "" {
			e.arm, e.level = float64(len(e.unit)), "level "+e.unit
		}
		events = append(events, e)
	}
	return events
}

// reference aggregates by maps and two-pass formulas.
func reference(t testing.TB, events []event, period Period) *data.Frame {
	type key struct {
		unit  string
		start int64
	}
	cells := make(map[key][]event)
	pre := make(map[string][]event)
	arm, level := make(map[string]float64), make(map[string]string)
	for _, e := range events {
		if e.unit == "" || e.at == data.MissingTime {
			continue
		}
		k := key{e.unit, time.Unix(0, e.at).UTC().Truncate(period.Length()).UnixNano()}
		cells[k] = append(cells[k], e)
		if time.Unix(0, e.at).Before(launch) {
			pre[e.unit] = append(pre[e.unit], e)
		}
		if _, ok := arm[e.unit]; !ok {
			arm[e.unit] = nan
		}
		if e.arm == e.arm {
			arm[e.unit], level[e.unit] = e.arm, e.level
		}
	}
	var order []key
	for k := range cells {
		order = append(order, k)
	}
	slices.SortFunc(order, func(a, b key) int {
		if c := strings.Compare(a.unit, b.unit); c != 0 {
			return c
		}
		return int(a.start/1e9 - b.start/1e9)
	})
	mean := func(v []float64) float64 { return total(v) / float64(len(v)) }
	sd := func(v []float64) float64 {
		if len(v) < 2 {
			return nan
		}
		var squares []float64
		for _, x := range v {
			squares = append(squares, (x-mean(v))*(x-mean(v)))
		}
		return math.Sqrt(total(squares) / float64(len(v)-1))
	}
	y := func(e event) float64 { return e.y }
	flag := func(e event) float64 { return e.flag }
	out := make(map[string][]float64)
	add := func(name string, v float64) { out[name] = append(out[name], v) }
	var units, levels []string
	var starts []int64
	for _, k := range order {
		rows := cells[k]
		units, starts, levels = append(units, k.unit), append(starts, k.start), append(levels, level[k.unit])
		ys := observed(rows, y)
		add("arm", arm[k.unit])
		add("y", mean(ys))
		sum := total(ys)
		if len(ys) == 0 {
			sum = nan
		}
		add("sum_y", sum)
		add("sd_y", sd(ys))
		add("flag", mean(observed(rows, flag)))
		add("observed_y", float64(len(ys)))
		add("count", float64(len(rows)))
		n := 0
		for _, e := range rows {
			if e.level != "" {
				n++
			}
		}
		add("observed_level", float64(n))
		add("baseline_y", mean(observed(pre[k.unit], y)))
		add("baseline_sd_y", sd(observed(pre[k.unit], y)))
		add("baseline_flag", mean(observed(pre[k.unit], flag)))
		add("events", float64(len(rows)))
	}
	f := frame(t, "unit", units, period.column(), starts)
	columns := []any{"arm", out["arm"], "level", levels}
	for _, name := range []string{"y", "sum_y", "sd_y", "flag", "observed_y", "count", "observed_level",
		"baseline_y", "baseline_sd_y", "baseline_flag", "events"} {
		columns = append(columns, name, out[name])
	}
	for i := 0; i < len(columns); i += 2 {
		name := columns[i].(string)
		var err error
		switch v := columns[i+1].(type) {
		case []string:
			err = f.SetStrings(name, v)
		case []float64:
			err = f.SetFloats(name, v)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func total(v []float64) float64 {
	s := 0.0
	for _, x := range v {
		s += x
	}
	return s
}

func observed(events []event, value func(event) float64) []float64 {
	var out []float64
	for _, e := range events {
		if v := value(e); v == v {
			out = append(out, v)
		}
	}
	return out
}

func TestSameAsReference(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		events := drawLog(rt)
		f, _, err := Build(context.Background(), logFrame(t, events), logSpec(Day))
		if err != nil {
			rt.Fatal(err)
		}
		sameFrame(t, f, reference(t, events, Day), 1e-11)
	})
}

// Chunks, each with its own coding of units and its own order of events, and aggregators merged in
// any order, give the panel of all events at once.
func TestChunksAndMergesMakeTheWhole(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		events := drawLog(rt)
		spec := logSpec(Day)
		want, wantReport, err := Build(context.Background(), logFrame(t, events), spec)
		if err != nil {
			rt.Fatal(err)
		}

		var parts []*Aggregator
		streamed := start(t, spec)
		for from := 0; from < len(events); {
			to := min(len(events), from+rapid.IntRange(1, 40).Draw(rt, "chunk"))
			chunk := logFrame(t, events[from:to])
			part := start(t, spec)
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
		sameFrame(t, got, want, 1e-14)
		if report.String() != wantReport.String() {
			rt.Fatalf("report of chunks:\n%s\nof the whole:\n%s", report, wantReport)
		}

		merged := start(t, spec)
		for _, i := range rapid.Permutation(identity(len(parts))).Draw(rt, "order") {
			if err := merged.Merge(parts[i]); err != nil {
				rt.Fatal(err)
			}
		}
		got, report, err = merged.Frame()
		if err != nil {
			rt.Fatal(err)
		}
		sameFrame(t, got, want, 1e-14)
		if report.String() != wantReport.String() {
			rt.Fatalf("report of merges:\n%s\nof the whole:\n%s", report, wantReport)
		}
	})
}

func start(t testing.TB, spec Spec) *Aggregator {
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
		want, _, err := Build(context.Background(), logFrame(t, events), logSpec(Hour))
		if err != nil {
			rt.Fatal(err)
		}
		shuffled := rapid.Permutation(events).Draw(rt, "order")
		got, _, err := Build(context.Background(), logFrame(t, shuffled), logSpec(Hour))
		if err != nil {
			rt.Fatal(err)
		}
		sameFrame(t, got, want, 1e-14)
	})
}

// Several blocks of events and many columns, on one processor and on two, to the last bit.
func TestProcessorsDoNotMatter(t *testing.T) {
	events, spec := manyEvents(t, 3*blockRows+17, 200, 20, 6)
	spec.Measures = append(spec.Measures, Measure{Column: "m0", Stat: SD})
	var got [2]*data.Frame
	for i, procs := range []int{1, 2} {
		before := runtime.GOMAXPROCS(procs)
		f, _, err := Build(context.Background(), events, spec)
		runtime.GOMAXPROCS(before)
		if err != nil {
			t.Fatal(err)
		}
		got[i] = f
	}
	for _, name := range got[0].Names() {
		if kind, _ := got[0].Kind(name); kind != data.Float {
			continue
		}
		one, two := floats(t, got[0], name), floats(t, got[1], name)
		for i := range one {
			if math.Float64bits(one[i]) != math.Float64bits(two[i]) {
				t.Fatalf("%s, row %d: %v on one processor, %v on two", name, i+1, one[i], two[i])
			}
		}
	}
}

// manyEvents makes a log in order of time, as logs are, with measures m0, m1, ... of which the odd
// ones miss most values.
func manyEvents(t testing.TB, rows, units, days, measures int) (*data.Frame, Spec) {
	random := rand.New(rand.NewPCG(1, 2))
	codes := make([]int32, rows)
	levels := make([]string, units)
	for u := range levels {
		levels[u] = fmt.Sprintf("W%05d", u)
	}
	when := make([]int64, rows)
	dense, sparse := make([]float64, rows), make([]float64, rows)
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano()
	step := int64(days) * int64(24*time.Hour) / int64(rows)
	for i := range rows {
		codes[i] = int32(random.IntN(units))
		when[i] = start + int64(i)*step
		dense[i] = math.Exp(random.NormFloat64())
		sparse[i] = nan
		if random.IntN(100) < 15 {
			sparse[i] = float64(1 + random.IntN(5))
		}
	}
	f := frame(t, "at", when)
	if err := f.SetCodes("unit", codes, levels); err != nil {
		t.Fatal(err)
	}
	spec := Spec{Unit: "unit", Time: "at"}
	for m := range measures {
		name := fmt.Sprintf("m%d", m)
		values := dense
		if m%2 == 1 {
			values = sparse
		}
		if err := f.SetFloats(name, values); err != nil {
			t.Fatal(err)
		}
		spec.Measures = append(spec.Measures, Measure{Column: name})
	}
	return f, spec
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
		t.Errorf("%d entries for %d cells and still no hash table", rows.allocated, rows.len())
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
