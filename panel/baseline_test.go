package panel

import (
	"context"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Over a panel, periods count alike: agent b's first day has two ratings and its second one.
func TestBaselinesOverAPanel(t *testing.T) {
	f := frame(t,
		"agent", []string{"b", "a", "b", "b", "", "c"},
		"day", times(t, "2024-01-20", "2024-01-23", "2024-01-21", "2024-01-23", "2024-01-20", "2024-01-21"),
		"rating", []float64{3, 5, 5, 1, 2, nan})
	report, err := Baselines(f, BaselineSpec{Unit: "agent", Time: "day", Launch: time.Date(2024, 1, 23, 0, 0, 0, 0, time.UTC),
		Measures: []Measure{{Column: "rating"}, {Name: "days", Stat: Count}, {Column: "rating", Stat: SD}}})
	if err != nil {
		t.Fatal(err)
	}
	sameFloats(t, "baseline_rating", floats(t, f, "baseline_rating"), []float64{4, nan, 4, 4, nan, nan}, 0)
	sameFloats(t, "days", floats(t, f, "days"), []float64{2, 0, 2, 2, nan, 1}, 0)
	sameFloats(t, "baseline_sd_rating", floats(t, f, "baseline_sd_rating"), []float64{1.4142135623730951, nan, 1.4142135623730951, 1.4142135623730951, nan, nan}, 1e-15)
	if report.Rows != 3 || report.Units != 3 || report.Without[0] != (UnitsWithout{"baseline_rating", 2}) || report.Without[1].Units != 1 {
		t.Errorf("report %+v", report)
	}
}

// Baselines of events are those of the same pass that makes the panel.
func TestBaselinesAreThoseOfThePanel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := logFrame(rt, drawLog(rt))
		spec := logSpec(Day)
		want, report, err := Build(context.Background(), f, spec)
		if err != nil {
			rt.Fatal(err)
		}
		got, err := Baselines(f, BaselineSpec{Unit: "unit", Time: "at", Launch: launch, Measures: spec.Baselines})
		if err != nil {
			rt.Fatal(err)
		}
		if int64(got.Rows) != report.BeforeLaunch {
			rt.Fatalf("%d rows before the launch, want %d", got.Rows, report.BeforeLaunch)
		}
		byUnit := make(map[string]float64)
		values := floats(rt, want, "baseline_y")
		for i, u := range labels(rt, want, "unit") {
			byUnit[u] = values[i]
		}
		y := floats(rt, f, "baseline_y")
		for i, u := range labels(rt, f, "unit") {
			if w, ok := byUnit[u]; ok && !near(y[i], w, 0) {
				rt.Fatalf("unit %s has baseline %v, want %v", u, y[i], w)
			}
		}
	})
}

func TestBaselinesRefuse(t *testing.T) {
	f := frame(t, "agent", []string{"a", "b"}, "day", times(t, "2024-01-20", "2024-01-23"), "pre", []float64{1, 2},
		"y", []float64{1, 2}, "never", []float64{0, 0})
	y := []Measure{{Column: "y"}}
	launch := time.Date(2024, 1, 23, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		spec BaselineSpec
		want string
	}{
		{"no measures", BaselineSpec{Unit: "agent", Time: "day", Launch: launch}, "a baseline of no measure"},
		{"bad measure", BaselineSpec{Unit: "agent", Time: "day", Launch: launch, Measures: []Measure{{}}}, "names no column"},
		{"no launch", BaselineSpec{Unit: "agent", Time: "day", Measures: y}, "set Launch, or mark the rows before it in PreColumn"},
		{"no time", BaselineSpec{Unit: "agent", Launch: launch, Measures: y}, "a column of times; name the column of times that Launch cuts in Time"},
		{"unknown unit", BaselineSpec{Unit: "who", Time: "day", Launch: launch, Measures: y}, `column "who"`},
		{"unknown time", BaselineSpec{Unit: "agent", Time: "when", Launch: launch, Measures: y}, `column "when"`},
		{"unknown column", BaselineSpec{Unit: "agent", Time: "day", Launch: launch, Measures: []Measure{{Column: "z"}}}, `column "z"`},
		{"name in use", BaselineSpec{Unit: "agent", Time: "day", Launch: launch, Measures: []Measure{{Name: "y", Column: "y"}}}, `column "y" is there already`},
		{"marks", BaselineSpec{Unit: "agent", PreColumn: "pre", Measures: y}, `row 2, column "pre": 2 is neither 0 nor 1`},
		{"nothing before", BaselineSpec{Unit: "agent", PreColumn: "never", Measures: y}, `there is no row that "never" marks by 1`},
		{"launch before the data", BaselineSpec{Unit: "agent", Time: "day", Launch: launch.AddDate(-1, 0, 0), Measures: y}, "there is no row before the launch, 2023-01-23"},
		{"share of stars", BaselineSpec{Unit: "agent", Time: "day", Launch: launch.AddDate(1, 0, 0), Measures: []Measure{{Column: "y", Stat: Share}}},
			`row 2, column "y": 2 is neither 0 nor 1`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := Baselines(f.Clone(), c.spec); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one that says %q", err, c.want)
			}
		})
	}
}
