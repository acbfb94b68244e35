package panel

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
)

// small is a log worked by hand: agent b has chats on two days and a gap, agent a on one, and two
// chats lack an agent or a time.
func small(t tester) *data.Frame {
	return frame(t,
		"agent", []string{"b", "b", "a", "b", "", "a", "b", "a"},
		"at", times(t, "2024-01-22 09:00:00", "2024-01-22 23:59:59", "2024-01-23 00:00:00", "2024-01-24 10:30:00",
			"2024-01-24 10:30:00", "2024-01-23 18:00:00", "2024-01-22 12:00:00", ""),
		"stars", []float64{5, nan, 4, nan, 1, 1, 2, 3},
		"again", []float64{0, 1, 1, 0, 1, 1, 0, 0},
		"topic", []string{"refund", "", "fee", "fee", "fee", "fee", "refund", "fee"},
		"arm", []float64{1, 1, nan, 1, 1, 0, 1, 0},
		"team", []string{"north", "north", "", "", "north", "south", "north", "south"},
		"hired", times(t, "2023-06-01", "2023-06-01", "2023-07-01", "2023-06-01", "", "", "2023-06-01", "2023-07-01"),
	)
}

func smallSpec() Spec {
	return Spec{
		Unit: "agent", Time: "at",
		Measures: []Measure{
			{Column: "stars"},
			{Column: "again", Stat: Share},
			{Column: "stars", Stat: Sum},
			{Column: "stars", Stat: SD},
			{Name: "rated", Column: "stars", Stat: CountObserved},
			{Column: "topic", Stat: CountObserved},
			{Stat: Count},
		},
		UnitColumns: []string{"arm", "team", "hired"},
		Baselines:   []Measure{{Column: "stars"}, {Name: "chats", Stat: Count}},
		Launch:      time.Date(2024, 1, 23, 0, 0, 0, 0, time.UTC),
		EventCount:  "n",
	}
}

func TestBuildByHand(t *testing.T) {
	f, report, err := Build(context.Background(), small(t), smallSpec())
	if err != nil {
		t.Fatal(err)
	}
	want := frame(t,
		"agent", []string{"a", "b", "b"},
		"day", times(t, "2024-01-23", "2024-01-22", "2024-01-24"),
		"arm", []float64{0, 1, 1},
		"team", []string{"south", "north", "north"},
		"hired", times(t, "2023-07-01", "2023-06-01", "2023-06-01"),
		"stars", []float64{2.5, 3.5, nan},
		"again", []float64{1, 1.0 / 3, 0},
		"sum_stars", []float64{5, 7, nan},
		"sd_stars", []float64{math.Sqrt(4.5), math.Sqrt(4.5), nan},
		"rated", []float64{2, 2, 0},
		"observed_topic", []float64{2, 2, 1},
		"count", []float64{2, 3, 1},
		"baseline_stars", []float64{nan, 3.5, 3.5},
		"chats", []float64{0, 3, 3},
		"n", []float64{2, 3, 1},
	)
	sameStrings(t, "columns", f.Names(), want.Names())
	sameFrame(t, f, want, 1e-15)

	if got, want := report.String(), `8 events read, 6 used; left out: 1 without a unit, 1 without a time or period
2 units, 3 periods (2024-01-22 to 2024-01-24), 3 cells (unbalanced, 6 if every unit were seen in every period)
events per cell: 1 to 3, median 2; periods per unit: 1 to 2, median 1.5
stars: missing in 2 of 6 events, no value in 1 of 3 cells
topic: missing in 1 of 6 events, no value in 0 of 3 cells
events before the launch: 3
baseline_stars: no value for 1 of 2 units
chats: no value for 1 of 2 units
`; got != want {
		t.Errorf("report:\n%s\nwant:\n%s", got, want)
	}
}

func TestHours(t *testing.T) {
	events := frame(t,
		"agent", []string{"a", "a", "a"},
		"at", times(t, "2024-01-22 23:59:59", "2024-01-23 00:00:00", "2024-01-23 00:59:59"),
		"y", []float64{1, 2, 4})
	f, report, err := Build(context.Background(), events, Spec{Unit: "agent", Time: "at", Period: Hour, Measures: []Measure{{Column: "y"}}})
	if err != nil {
		t.Fatal(err)
	}
	sameFrame(t, f, frame(t,
		"agent", []string{"a", "a"},
		"period", times(t, "2024-01-22 23:00:00", "2024-01-23 00:00:00"),
		"day", times(t, "2024-01-22", "2024-01-23"),
		"hour", []float64{23, 0},
		"y", []float64{1, 3},
		"events", []float64{1, 2}), 0)
	if !report.Balanced {
		t.Error("one unit seen in every period is not reported as balanced")
	}
}

func TestPeriodStart(t *testing.T) {
	for _, c := range []struct {
		period   Period
		in, want string
	}{
		{Day, "2024-01-23 00:00:00", "2024-01-23"},
		{Day, "2024-01-22 23:59:59", "2024-01-22"},
		{Day, "1969-12-31 23:59:59", "1969-12-31"},
		{Hour, "2024-02-29 13:59:59", "2024-02-29 13:00:00"},
		{Hour, "1969-12-31 23:59:59", "1969-12-31 23:00:00"},
		{Week, "2024-01-22 00:00:00", "2024-01-22"}, // a Monday
		{Week, "2024-01-28 23:59:59", "2024-01-22"}, // the Sunday after
		{Week, "2023-12-31 12:00:00", "2023-12-25"},
		{Week, "1970-01-01 00:00:00", "1969-12-29"},
		{Week, "1969-12-28 23:59:59", "1969-12-22"},
	} {
		if got := instantLabel(c.period.Start(at(t, c.in))); got != c.want {
			t.Errorf("%v of %s starts %s, want %s", c.period, c.in, got, c.want)
		}
	}
}

// A panel by the day of the file's own clock: the same instants of a file in another zone are kept
// by data as that zone's wall clock, so that midnight is midnight where the agents are.
func TestWeeks(t *testing.T) {
	events := frame(t,
		"agent", []float64{7, 7, 1000000},
		"at", times(t, "2024-01-21 23:00:00", "2024-01-22 01:00:00", "2024-01-25 00:00:00"))
	f, _, err := Build(context.Background(), events, Spec{Unit: "agent", Time: "at", Period: Week})
	if err != nil {
		t.Fatal(err)
	}
	sameFrame(t, f, frame(t,
		"agent", []float64{7, 7, 1000000},
		"week", times(t, "2024-01-15", "2024-01-22", "2024-01-22"),
		"events", []float64{1, 1, 1}), 0)
}

func TestPeriodColumns(t *testing.T) {
	y := []float64{1, 2, 3, 4}
	agent := []string{"a", "a", "a", "a"}
	for _, c := range []struct {
		name       string
		when, want any
	}{
		{"numbers", []float64{10, 9, 10, nan}, []float64{9, 10}},
		{"times", times(t, "2024-01-02 07:00:00", "2024-01-02", "2024-01-02 07:00:00", ""), times(t, "2024-01-02", "2024-01-02 07:00:00")},
		{"text", []string{"2024-02", "2024-01", "2024-02", ""}, []string{"2024-01", "2024-02"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, report, err := Build(context.Background(), frame(t, "agent", agent, "when", c.when, "y", y),
				Spec{Unit: "agent", PeriodColumn: "when", Measures: []Measure{{Column: "y"}}})
			if err != nil {
				t.Fatal(err)
			}
			sameFrame(t, f, frame(t, "agent", []string{"a", "a"}, "when", c.want, "y", []float64{2, 2}, "events", []float64{1, 2}), 0)
			if report.MissingPeriod != 1 || report.Used != 3 {
				t.Errorf("%d used and %d without a period, want 3 and 1", report.Used, report.MissingPeriod)
			}
		})
	}
}

// A period column and a time: the time tells which events are before the launch.
func TestBaselineByTimeWithPeriodColumn(t *testing.T) {
	events := frame(t,
		"agent", []string{"a", "a", "a"},
		"at", times(t, "2024-01-01", "2024-01-02", ""),
		"wave", []float64{1, 1, 1},
		"y", []float64{1, 5, 100})
	f, report, err := Build(context.Background(), events, Spec{Unit: "agent", Time: "at", PeriodColumn: "wave",
		Baselines: []Measure{{Column: "y"}}, Launch: time.Date(2024, 1, 2, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	sameFloats(t, "baseline_y", floats(t, f, "baseline_y"), []float64{1}, 0)
	if report.MissingPeriod != 1 {
		t.Errorf("%d events without a time left out, want 1", report.MissingPeriod)
	}
}

func TestPreColumn(t *testing.T) {
	events := frame(t,
		"agent", []string{"a", "a", "b", "b"},
		"month", []float64{1, 2, 1, 2},
		"pre", []float64{1, 0, 1, nan},
		"y", []float64{1, 5, nan, 7})
	spec := Spec{Unit: "agent", PeriodColumn: "month", Baselines: []Measure{{Column: "y"}}, PreColumn: "pre"}
	f, report, err := Build(context.Background(), events, spec)
	if err != nil {
		t.Fatal(err)
	}
	sameFloats(t, "baseline_y", floats(t, f, "baseline_y"), []float64{1, 1, nan, nan}, 0)
	if report.BeforeLaunch != 2 || report.Baselines[0].Units != 1 {
		t.Errorf("%d events before the launch and %d units without, want 2 and 1", report.BeforeLaunch, report.Baselines[0].Units)
	}
}

func TestAllMissingMeasure(t *testing.T) {
	events := frame(t, "agent", []string{"a", "b"}, "at", times(t, "2024-01-01", "2024-01-01"), "y", []float64{nan, nan})
	f, report, err := Build(context.Background(), events, Spec{Unit: "agent", Time: "at", Measures: []Measure{
		{Column: "y"}, {Column: "y", Name: "s", Stat: Share}, {Column: "y", Stat: Sum}, {Column: "y", Stat: SD}, {Column: "y", Stat: CountObserved}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"y", "s", "sum_y", "sd_y"} {
		sameFloats(t, name, floats(t, f, name), []float64{nan, nan}, 0)
	}
	sameFloats(t, "observed_y", floats(t, f, "observed_y"), []float64{0, 0}, 0)
	if m := report.Measures[0]; m.Observed != 0 || m.Missing != 2 || m.EmptyCells != 2 {
		t.Errorf("report of an all-missing measure: %+v", m)
	}
}

func TestUnitColumnThatVaries(t *testing.T) {
	events := frame(t,
		"agent", []string{"a", "b", "a", "b"},
		"at", times(t, "2024-01-01", "2024-01-01", "2024-01-02", "2024-01-02"),
		"arm", []float64{0, 1, 1, 1},
		"team", []string{"x", "y", "x", "z"},
		"since", times(t, "2023-01-01", "2023-01-01", "2023-01-01", "2023-02-01"))
	for column, want := range map[string]string{
		"arm":   `panel: row 3, column "arm": varies within 1 of 2 units (in unit a it is 0, then 1); aggregate it as a measure, or set KeepFirst to take the first value`,
		"team":  `panel: row 4, column "team": varies within 1 of 2 units (in unit b it is "y", then "z"); aggregate it as a measure, or set KeepFirst to take the first value`,
		"since": `panel: row 4, column "since": varies within 1 of 2 units (in unit b it is 2023-01-01, then 2023-02-01); aggregate it as a measure, or set KeepFirst to take the first value`,
	} {
		_, _, err := Build(context.Background(), events, Spec{Unit: "agent", Time: "at", UnitColumns: []string{column}})
		if err == nil || err.Error() != want {
			t.Errorf("%s: error %v, want %s", column, err, want)
		}
	}
	f, report, err := Build(context.Background(), events,
		Spec{Unit: "agent", Time: "at", UnitColumns: []string{"arm", "team"}, KeepFirst: true})
	if err != nil {
		t.Fatal(err)
	}
	sameFloats(t, "arm", floats(t, f, "arm"), []float64{0, 0, 1, 1}, 0)
	sameStrings(t, "team", labels(t, f, "team"), []string{"x", "x", "y", "y"})
	if len(report.Varying) != 2 || report.Varying[0] != (UnitsWithout{"arm", 1}) {
		t.Errorf("varying columns: %v", report.Varying)
	}
	if !strings.Contains(report.String(), "arm: varies within 1 of 2 units, the first value is kept\n") {
		t.Errorf("report:\n%s", report)
	}
}

func TestBadSpecs(t *testing.T) {
	launch := time.Date(2024, 1, 23, 0, 0, 0, 0, time.UTC)
	base := []Measure{{Column: "y"}}
	for _, c := range []struct {
		name string
		spec Spec
		want string
	}{
		{"no unit", Spec{Time: "at"}, "name the column of who is observed in Unit"},
		{"no time", Spec{Unit: "a"}, "name the column of when events happened"},
		{"unknown period", Spec{Unit: "a", Time: "at", Period: 7}, "unknown period Period(7)"},
		{"two periods", Spec{Unit: "a", PeriodColumn: "day", Period: Hour}, "set one of Period and PeriodColumn"},
		{"unknown statistic", Spec{Unit: "a", Time: "at", Measures: []Measure{{Column: "y", Stat: 9}}}, "unknown statistic Stat(9)"},
		{"count of a column", Spec{Unit: "a", Time: "at", Measures: []Measure{{Column: "y", Stat: Count}}}, "by CountObserved"},
		{"mean of nothing", Spec{Unit: "a", Time: "at", Measures: []Measure{{Name: "m"}}}, `measure "m" (mean) names no column`},
		{"same name", Spec{Unit: "a", Time: "at", Measures: []Measure{{Column: "y"}, {Name: "y", Column: "z"}}}, `two columns "y"`},
		{"name of the period", Spec{Unit: "a", Time: "at", Measures: []Measure{{Column: "day"}}}, `two columns "day": the period and a measure`},
		{"name of the hour", Spec{Unit: "a", Time: "at", Period: Hour, UnitColumns: []string{"hour"}}, `two columns "hour"`},
		{"no launch", Spec{Unit: "a", Time: "at", Baselines: base}, "set Launch, or mark the rows before it in PreColumn"},
		{"two launches", Spec{Unit: "a", Time: "at", Baselines: base, Launch: launch, PreColumn: "pre"}, "set one of Launch and PreColumn"},
		{"launch in year 1", Spec{Unit: "a", Time: "at", Baselines: base, Launch: time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC)}, "outside the years"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := NewAggregator(c.spec); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one that says %q", err, c.want)
			}
		})
	}
}

func TestBadEvents(t *testing.T) {
	day := times(t, "2024-01-01", "2024-01-02")
	events := frame(t, "agent", []string{"a", "b"}, "at", day, "y", []float64{1, 2}, "text", []string{"u", "v"},
		"inf", []float64{0, math.Inf(-1)}, "big", []float64{1e200, 1}, "huge", []float64{1, 1e301}, "none", []string{"", ""})
	measure := func(m Measure) Spec { return Spec{Unit: "agent", Time: "at", Measures: []Measure{m}} }
	for _, c := range []struct {
		name string
		spec Spec
		want string
	}{
		{"unknown unit", Spec{Unit: "agnt", Time: "at"}, `column "agnt" is not there; did you mean "agent"?`},
		{"unknown time", Spec{Unit: "agent", Time: "when"}, `column "when"`},
		{"unknown period column", Spec{Unit: "agent", PeriodColumn: "when"}, `column "when"`},
		{"unknown measure", measure(Measure{Column: "z"}), `column "z"`},
		{"unknown unit column", Spec{Unit: "agent", Time: "at", UnitColumns: []string{"arm"}}, `column "arm"`},
		{"unknown pre column", Spec{Unit: "agent", Time: "at", Baselines: []Measure{{Column: "y"}}, PreColumn: "pre"}, `column "pre"`},
		{"unknown baseline", Spec{Unit: "agent", Time: "at", Baselines: []Measure{{Column: "z"}}, PreColumn: "y"}, `column "z"`},
		{"unit of times", Spec{Unit: "at", Time: "at"}, "do not name units"},
		{"time of text", Spec{Unit: "agent", Time: "text"}, "holds text, not times"},
		{"mean of text", measure(Measure{Column: "text"}), "holds text, not numbers"},
		{"share of stars", measure(Measure{Column: "y", Stat: Share}), `row 2, column "y": 2 is neither 0 nor 1; make an indicator of it, or take its Mean`},
		{"infinite", measure(Measure{Column: "inf"}), `row 2, column "inf": the value is infinite`},
		{"too large to square", measure(Measure{Column: "big", Stat: SD}), `row 1, column "big": 1e+200 is too large to sum; rescale`},
		{"too large to sum", measure(Measure{Column: "huge"}), `row 2, column "huge": 1e+301 is too large`},
		{"nobody", Spec{Unit: "none", Time: "at"}, "no events to aggregate: 2 read, 2 without none, 0 without at"},
		{"launch before the data", Spec{Unit: "agent", Time: "at", Baselines: []Measure{{Column: "y"}}, Launch: time.Date(2023, 12, 1, 0, 0, 0, 0, time.UTC)},
			"there is no row before the launch, 2023-12-01, so there is no baseline: periods run from 2024-01-01 to 2024-01-02"},
		{"launch among numbers", Spec{Unit: "agent", PeriodColumn: "y", Baselines: []Measure{{Column: "y", Name: "b"}}, Launch: time.Date(2024, 1, 2, 0, 0, 0, 0, time.UTC)},
			"column \"y\" holds numbers, not times"},
		{"marks that are not 0 or 1", Spec{Unit: "agent", Time: "at", Baselines: []Measure{{Column: "y"}}, PreColumn: "y"}, `row 2, column "y": 2 is neither 0 nor 1; mark`},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, _, err := Build(context.Background(), events, c.spec)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one that says %q", err, c.want)
			}
			if f != nil {
				t.Error("a panel came with the error")
			}
		})
	}
	if _, _, err := Build(context.Background(), new(data.Frame), Spec{Unit: "agent", Time: "at"}); err == nil ||
		!strings.Contains(err.Error(), "no events to aggregate: 0 read") {
		t.Errorf("no events: error %v", err)
	}
	var column *fieldexp.Error
	_, _, err := Build(context.Background(), events, measure(Measure{Column: "inf"}))
	if !errors.As(err, &column) || column.Row != 2 || !slices.Equal(column.Columns, []string{"inf"}) {
		t.Errorf("error %#v does not tell column and row", err)
	}
}

func TestBuildStopsWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := Build(ctx, small(t), smallSpec()); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

func TestNames(t *testing.T) {
	for want, got := range map[string]string{
		"day": Day.String(), "hour": Hour.String(), "week": Week.String(),
		"mean": Mean.String(), "share": Share.String(), "sum": Sum.String(), "sd": SD.String(),
		"count": Count.String(), "observed": CountObserved.String(),
		"Stat(-1)": Stat(-1).String(), "Period(3)": Period(3).String(),
		"0": thousands(0), "999": thousands(999), "1,000": thousands(1000), "-123,456": thousands(-123456), "12,345,678": thousands(12345678),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
