package panel

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fieldexp/fieldexp/data"
)

// gappy is a panel in no order: agent a skips 3 January, b skips the weekend, and two rows lack a
// key.
func gappy(t tester) *data.Frame {
	return frame(t,
		"agent", []string{"b", "a", "a", "b", "a", "", "b"},
		"day", times(t, "2024-01-05", "2024-01-04", "2024-01-01", "2024-01-08", "2024-01-02", "2024-01-02", ""),
		"n", []float64{5, 4, 1, 8, 2, 2, nan},
		"y", []float64{50, 40, 10, 80, nan, 20, 30},
		"topic", []string{"r", "s", "t", "", "u", "v", "w"},
	)
}

func TestLag(t *testing.T) {
	for _, c := range []struct {
		name   string
		spec   LagSpec
		y      []float64
		topic  []string
		report string
	}{
		{"observed", LagSpec{},
			[]float64{nan, nan, nan, 50, 10, nan, nan}, []string{"", "u", "", "r", "t", "", ""},
			"7 rows, 4 without a lag: 2 at the start of their unit, 2 without a unit or a period"},
		{"observed, two back", LagSpec{Back: 2},
			[]float64{nan, 10, nan, nan, nan, nan, nan}, []string{"", "t", "", "", "", "", ""},
			"7 rows, 6 without a lag: 4 at the start of their unit, 2 without a unit or a period"},
		{"calendar", LagSpec{Calendar: true},
			[]float64{nan, nan, nan, nan, 10, nan, nan}, []string{"", "", "", "", "t", "", ""},
			"7 rows, 6 without a lag: 2 at the start of their unit, 2 after a gap, 2 without a unit or a period"},
		{"calendar, three back", LagSpec{Calendar: true, Back: 3},
			[]float64{nan, 10, nan, 50, nan, nan, nan}, []string{"", "t", "", "r", "", "", ""},
			"7 rows, 5 without a lag: 3 at the start of their unit, 2 without a unit or a period"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, period := range []string{"day", "n"} { // the same calendar, as times and as numbers
				f := gappy(t)
				spec := c.spec
				spec.Unit, spec.Period, spec.Columns = "agent", period, []string{"y", "topic", "day"}
				report, err := Lag(f, spec)
				if err != nil {
					t.Fatal(err)
				}
				sameFloats(t, "lag_y", floats(t, f, "lag_y"), c.y, 0)
				sameStrings(t, "lag_topic", labels(t, f, "lag_topic"), c.topic)
				if got := report.String(); got != c.report {
					t.Errorf("by %s: %s\nwant %s", period, got, c.report)
				}
				// the lag of the day is the day that the other lags come from
				days := dates(t, f, "lag_day")
				for i, topic := range c.topic {
					if (topic == "") != (days[i] == "") {
						t.Errorf("row %d: lag_day %q beside lag_topic %q", i+1, days[i], topic)
					}
				}
			}
		})
	}
}

func TestLagByHourAndWeek(t *testing.T) {
	f := frame(t, "u", []float64{1, 1, 1, 1}, "y", []float64{1, 2, 3, 4},
		"period", times(t, "2024-01-01 22:00:00", "2024-01-01 23:00:00", "2024-01-02 00:00:00", "2024-01-02 02:00:00"),
		"week", times(t, "2023-12-25", "2024-01-01", "2024-01-15", "2024-01-22"))
	for _, c := range []struct {
		spec LagSpec
		want []float64
	}{
		{LagSpec{Period: "period", Step: Hour, Prefix: "h_"}, []float64{nan, 1, 2, nan}},
		{LagSpec{Period: "week", Step: Week, Prefix: "w_"}, []float64{nan, 1, nan, 3}},
		{LagSpec{Period: "week", Prefix: "d_", Back: 7}, []float64{nan, 1, nan, 3}}, // seven days
	} {
		c.spec.Unit, c.spec.Columns, c.spec.Calendar = "u", []string{"y"}, true
		if _, err := Lag(f, c.spec); err != nil {
			t.Fatal(err)
		}
		sameFloats(t, c.spec.Prefix, floats(t, f, c.spec.Prefix+"y"), c.want, 0)
	}
}

// A calendar lag is an observed lag wherever there is no gap, and else missing.
func TestCalendarLagIsObservedLagWithoutGaps(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(rt, "rows")
		unit, day := make([]string, n), make([]float64, n)
		cells := rapid.Permutation(identity(60)).Draw(rt, "cells")
		for i := range n {
			unit[i], day[i] = []string{"a", "b", "c"}[cells[i]%3], float64(cells[i]/3)-10
		}
		f := frame(rt, "unit", unit, "day", day)
		spec := LagSpec{Unit: "unit", Period: "day", Columns: []string{"day"}}
		if _, err := Lag(f, spec); err != nil {
			rt.Fatal(err)
		}
		spec.Calendar, spec.Prefix = true, "calendar_"
		if report, err := Lag(f, spec); err != nil {
			if report.First+report.Gap < n {
				rt.Fatal(err)
			}
			return // no unit was observed in two neighbouring periods
		}
		before, calendar := floats(rt, f, "lag_day"), floats(rt, f, "calendar_day")
		for i := range n {
			want := nan
			for j := range n {
				if unit[j] == unit[i] && day[j] < day[i] && !(want >= day[j]) {
					want = day[j]
				}
			}
			if !near(before[i], want, 0) {
				rt.Fatalf("unit %s, day %v: lag is of day %v, want %v", unit[i], day[i], before[i], want)
			}
			if want != day[i]-1 {
				want = nan
			}
			if !near(calendar[i], want, 0) {
				rt.Fatalf("unit %s, day %v: calendar lag is of day %v, want %v", unit[i], day[i], calendar[i], want)
			}
		}
	})
}

func TestLagRefuses(t *testing.T) {
	f := gappy(t)
	twice := frame(t, "agent", []string{"a", "b", "a"}, "day", times(t, "2024-01-01", "2024-01-01", "2024-01-01"), "y", []float64{1, 2, 3})
	hourly := frame(t, "agent", []string{"a"}, "at", times(t, "2024-01-01 13:00:00"), "half", []float64{0.5}, "wave", []string{"one"})
	for _, c := range []struct {
		name string
		f    *data.Frame
		spec LagSpec
		want string
	}{
		{"no columns", f, LagSpec{Unit: "agent", Period: "day"}, "a lag of no column"},
		{"forwards", f, LagSpec{Unit: "agent", Period: "day", Columns: []string{"y"}, Back: -1}, "a lag by -1 periods"},
		{"unknown step", f, LagSpec{Unit: "agent", Period: "day", Columns: []string{"y"}, Step: 5}, "unknown step"},
		{"unknown unit", f, LagSpec{Unit: "who", Period: "day", Columns: []string{"y"}}, `column "who"`},
		{"unknown period", f, LagSpec{Unit: "agent", Period: "when", Columns: []string{"y"}}, `column "when"`},
		{"unknown column", f, LagSpec{Unit: "agent", Period: "day", Columns: []string{"z"}}, `column "z"`},
		{"name in use", f, LagSpec{Unit: "agent", Period: "day", Columns: []string{"y"}, Prefix: "y"}, ""},
		{"two rows in a period", twice, LagSpec{Unit: "agent", Period: "day", Columns: []string{"y"}},
			`row 3, column "day": unit a has two rows in period 2024-01-01 (the other is row 1); aggregate to unit and period first`},
		{"hours by days", hourly, LagSpec{Unit: "agent", Period: "at", Columns: []string{"half"}, Calendar: true},
			`row 1, column "at": 2024-01-01 13:00:00 is not the start of a day; set Step`},
		{"weeks by days", frame(t, "agent", []string{"a", "a"}, "week", times(t, "2024-01-01", "2024-01-08"), "y", []float64{1, 2}),
			LagSpec{Unit: "agent", Period: "week", Columns: []string{"y"}, Calendar: true}, "no two periods of one unit that are 1 calendar steps apart; set Step"},
		{"half periods", hourly, LagSpec{Unit: "agent", Period: "half", Columns: []string{"half"}, Calendar: true}, "0.5 is not a whole number"},
		{"calendar of text", hourly, LagSpec{Unit: "agent", Period: "wave", Columns: []string{"half"}, Calendar: true}, "text, which has no calendar"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.want == "" {
				c.want = "is there already"
				if err := c.f.SetFloats("yy", make([]float64, c.f.Len())); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := Lag(c.f, c.spec); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one that says %q", err, c.want)
			}
		})
	}
}
