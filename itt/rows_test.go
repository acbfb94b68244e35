package itt_test

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/studytest"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
)

// TestRowsIsFilter: a design about some rows is that of the frame of these rows alone, whatever the
// others hold, in a cross-section and in a difference-in-differences, for arms in numbers and in text.
func TestRowsIsFilter(t *testing.T) {
	f := office(t)
	z, number := column(t, f, "z"), column(t, f, "number")
	arms, wrong, outside := make([]string, len(z)), make([]float64, len(z)), make([]bool, len(z))
	for i := range z {
		outside[i] = i%5 == 0
		arms[i], wrong[i] = "control", z[i]
		if z[i] == 1 {
			arms[i] = "treated"
		}
		if outside[i] {
			arms[i], wrong[i] = "another", 7
		}
	}
	must(t, f.SetStrings("arms", arms))
	must(t, f.SetFloats("wrong", wrong))
	keep := func(row int) bool { return !outside[row] && number[row] != 1 }
	did := itt.Spec{Absorb: iv.Effects("agent", "day"), Time: "day", Launch: mid, TreatedName: "since launch"}
	for _, base := range []itt.Spec{{}, did} {
		for _, assignment := range []string{"z", "arms", "wrong"} {
			spec := base
			spec.Outcomes, spec.Assignment, spec.Controls, spec.Cluster = []string{"y"}, assignment, []string{"x"}, []string{"agent"}
			want := estimate(t, f.Filter(keep), spec)
			spec.Rows = keep
			got := estimate(t, f, spec)
			if !reflect.DeepEqual(got.Design.Arms, want.Design.Arms) || !reflect.DeepEqual(got.Warnings, want.Warnings) || !reflect.DeepEqual(got.Effects(), want.Effects()) {
				t.Errorf("%s: arms %v, effects %v, warnings %v; want %v, %v, %v", assignment, got.Design.Arms, got.Effects(), got.Warnings, want.Design.Arms, want.Effects(), want.Warnings)
			}
		}
	}
	lin := itt.Spec{Outcomes: []string{"y"}, Assignment: "z", Controls: []string{"x"}, Cluster: []string{"agent"}}
	want, err := itt.Lin(t.Context(), f.Filter(keep), lin)
	must(t, err)
	lin.Rows = keep
	got, err := itt.Lin(t.Context(), f, lin)
	must(t, err)
	if !reflect.DeepEqual(got.Effects(), want.Effects()) {
		t.Errorf("Lin: effects %v, want %v", got.Effects(), want.Effects())
	}
	_, err = itt.Estimate(t.Context(), f, itt.Spec{Outcomes: []string{"y"}, Assignment: "z", Rows: func(row int) bool { return z[row] == 0 }})
	if err == nil {
		t.Error("rows of one arm are not refused")
	}
}

// TestRowsOfTablesIsFilter: the same for event studies, balance tables and differences in means.
func TestRowsOfTablesIsFilter(t *testing.T) {
	f := office(t)
	agent := column(t, f, "agent")
	keep := func(row int) bool { return agent[row] > 7 }
	spec := itt.Spec{Assignment: "z", Cluster: []string{"agent"}}
	with := func(rows func(int) bool, outcomes ...string) itt.Spec {
		s := spec
		s.Rows, s.Outcomes = rows, outcomes
		return s
	}
	event := func(f *data.Frame, rows func(int) bool) any {
		s := itt.EventSpec{Spec: with(rows, "y"), Unit: "agent"}
		s.Time, s.Launch = "day", mid
		r := eventStudy(t, f, s)
		return []any{r.Coefficients, r.PreTrend, r.Warnings}
	}
	balance := func(f *data.Frame, rows func(int) bool) any {
		r, err := itt.Balance(t.Context(), f, itt.BalanceSpec{Spec: with(rows), Variables: []string{"x", "y"}})
		must(t, err)
		return []any{r.Arms, r.Rows[0].Differences, r.Rows[1].Arms, r.Joint, r.JointN}
	}
	means := func(f *data.Frame, rows func(int) bool) any {
		r, err := itt.DifferenceInMeans(t.Context(), f, itt.MeansSpec{Spec: with(rows, "y")})
		must(t, err)
		return []any{r.Effects(), r.Fits[0].N, r.Fits[0].Dropped, r.Arms}
	}
	for name, of := range map[string]func(*data.Frame, func(int) bool) any{"event": event, "balance": balance, "means": means} {
		if got, want := fmt.Sprint(of(f, keep)), fmt.Sprint(of(f.Filter(keep), nil)); got != want { // NaN is NaN
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// TestNumberedPeriods: a launch by the number of its period is the launch by its date.
func TestNumberedPeriods(t *testing.T) {
	f := office(t)
	days, err := f.Instants("day")
	must(t, err)
	week := make([]float64, len(days))
	for i, d := range days {
		week[i] = 40 + float64((d-mid.UnixNano())/(24*3600*1e9))
	}
	must(t, f.SetFloats("week", week))
	dated := itt.Spec{Outcomes: []string{"y"}, Assignment: "z", Controls: []string{"x"}, Cluster: []string{"agent"}, Time: "day", Launch: mid, TreatedName: "since"}
	numbered := dated
	numbered.Time, numbered.Launch, numbered.LaunchPeriod = "week", time.Time{}, 40
	for _, absorb := range [][]iv.Effect{nil, iv.Effects("agent"), iv.Effects("agent", "day")} {
		dated.Absorb, numbered.Absorb = absorb, absorb
		got, want := estimate(t, f, numbered), estimate(t, f, dated)
		if !reflect.DeepEqual(got.Effects(), want.Effects()) {
			t.Errorf("%v: %v, want %v", absorb, got.Effects(), want.Effects())
		}
	}
	dated.Absorb, numbered.Absorb = nil, nil
	want := eventStudy(t, f, itt.EventSpec{Spec: dated, Unit: "agent"})
	got := eventStudy(t, f, itt.EventSpec{Spec: numbered, Unit: "agent"})
	if !reflect.DeepEqual(got.Periods, want.Periods) || got.PreTrend != want.PreTrend {
		t.Errorf("event study: %v, %v; want %v, %v", got.Periods, got.PreTrend, want.Periods, want.PreTrend)
	}
	for _, c := range []struct {
		change func(*itt.Spec)
		says   string
	}{
		{func(s *itt.Spec) { s.Launch = mid }, "a launch date, 2024-03-04, for time \"week\", which holds numbers|LaunchPeriod"},
		{func(s *itt.Spec) { s.LaunchPeriod = 0 }, "the launch, 0, is outside the data, where \"week\" runs from 37 to 42: no period is before it"},
		{func(s *itt.Spec) { s.LaunchPeriod = 43 }, "no period is at or after it"},
		{func(s *itt.Spec) { s.Time = "" }, "set Time and Launch together"},
	} {
		spec := numbered
		c.change(&spec)
		_, err := itt.Estimate(t.Context(), f, spec)
		var e *fieldexp.Error
		if !errors.As(err, &e) {
			t.Fatalf("%v is not a refusal", err)
		}
		refused(t, err, e.Problem, c.says)
	}
}

// TestControlArmOfEvents: the arms of an event study change places with the control arm that is named.
func TestControlArmOfEvents(t *testing.T) {
	f := office(t)
	arms := make([]string, f.Len())
	for i, z := range column(t, f, "z") {
		arms[i] = "new tool"
		if z == 0 {
			arms[i] = "old tool"
		}
	}
	must(t, f.SetStrings("arms", arms))
	spec := itt.EventSpec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "z", Time: "day", Launch: mid}, Unit: "agent"}
	want := eventStudy(t, f, spec)
	for control, sign := range map[string]float64{"old tool": 1, "new tool": -1} {
		spec.Assignment, spec.ControlArm = "arms", control
		got := eventStudy(t, f, spec)
		for i, c := range got.Coefficients {
			studytest.Near(t, control, sign*c.Estimate, want.Coefficients[i].Estimate, same, 1)
			studytest.Near(t, control, c.SE, want.Coefficients[i].SE, same, 0)
		}
	}
}

// TestBalanceTakesNoOutcome: what a balance table cannot use is refused, not ignored.
func TestBalanceTakesNoOutcome(t *testing.T) {
	f := office(t)
	for _, spec := range []itt.Spec{{Outcomes: []string{"y"}}, {Controls: []string{"x"}}, {Time: "day", Launch: mid}} {
		spec.Assignment = "z"
		_, err := itt.Balance(t.Context(), f, itt.BalanceSpec{Spec: spec, Variables: []string{"x"}})
		refused(t, err, fieldexp.BadSpec, "name what is compared in Variables")
	}
	for _, spec := range []itt.Spec{{Controls: []string{"x"}}, {Absorb: iv.Effects("day")}, {Time: "day", Launch: mid}, {Cluster: []string{"agent", "day"}}} {
		spec.Assignment, spec.Outcomes = "z", []string{"y"}
		_, err := itt.DifferenceInMeans(t.Context(), f, itt.MeansSpec{Spec: spec})
		refused(t, err, fieldexp.BadSpec, "of differences in means")
	}
}
