package itt_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/panel"
)

// TestEventSteps: periods of times are counted from the launch in hours, days or weeks, before 1970
// too; the first that starts at or past the launch is 0, and the reference the last whole one before it.
func TestEventSteps(t *testing.T) {
	for _, c := range []struct {
		name   string
		step   panel.Period
		first  time.Time // start of the first of six periods
		launch time.Time
		want   []int // periods without the reference: -1 or, where the launch falls within that, -2
	}{
		{"days", panel.Day, time.Date(2024, 2, 27, 0, 0, 0, 0, time.UTC), time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC), []int{-3, -2, 0, 1, 2}},
		{"launch during a day", panel.Day, time.Date(2024, 2, 27, 0, 0, 0, 0, time.UTC), time.Date(2024, 2, 29, 9, 30, 0, 0, time.UTC), []int{-3, -1, 0, 1, 2}},
		{"hours", panel.Hour, time.Date(2024, 2, 27, 22, 0, 0, 0, time.UTC), time.Date(2024, 2, 28, 0, 0, 0, 0, time.UTC), []int{-2, 0, 1, 2, 3}},
		{"weeks, launch on a Tuesday", panel.Week, time.Date(2024, 1, 8, 0, 0, 0, 0, time.UTC), time.Date(2024, 1, 23, 0, 0, 0, 0, time.UTC), []int{-3, -1, 0, 1, 2}},
		{"before 1970", panel.Day, time.Date(1969, 12, 29, 0, 0, 0, 0, time.UTC), time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC), []int{-3, -2, 0, 1, 2}},
		{"long before 1970", panel.Week, time.Date(1930, 1, 6, 0, 0, 0, 0, time.UTC), time.Date(1930, 1, 20, 0, 0, 0, 0, time.UTC), []int{-2, 0, 1, 2, 3}},
	} {
		columns := map[string][]float64{}
		var at []int64
		for a := range 8 {
			for p := range 6 {
				columns["agent"] = append(columns["agent"], float64(a))
				columns["z"] = append(columns["z"], float64(a%2))
				columns["y"] = append(columns["y"], float64((a*a*5+p*p*3+a*p)%7))
				at = append(at, c.first.Add(time.Duration(p)*c.step.Length()).UnixNano())
			}
		}
		f := frame(t, columns)
		must(t, f.SetInstants("start", at))
		results, err := itt.EventStudy(t.Context(), f, itt.EventSpec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "z", Time: "start", Launch: c.launch}, Unit: "agent", Step: c.step})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := results[0].Periods; !slices.Equal(got, c.want) {
			t.Errorf("%s: periods %v, want %v", c.name, got, c.want)
		}
	}
}

// TestEventCovariance: without clusters named it is clustered by unit, unless the covariance says
// that nothing is.
func TestEventCovariance(t *testing.T) {
	f := office(t)
	spec := itt.EventSpec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "z", Time: "day", Launch: mid}, Unit: "agent"}
	res := eventStudy(t, f, spec)
	if len(res.Fit.Clusters) != 1 || res.Fit.Clusters[0] != (iv.ClusterCount{Column: "agent", Count: 40}) || res.Fit.Covariance.Kind != iv.CR1 {
		t.Errorf("clusters %v, %v, want CR1 by agent", res.Fit.Clusters, res.Fit.Covariance.Kind)
	}
	spec.Covariance.Kind = iv.HC1
	res = eventStudy(t, f, spec)
	if len(res.Fit.Clusters) != 0 || res.Fit.Covariance.Kind != iv.HC1 {
		t.Errorf("clusters %v, %v, want HC1 without", res.Fit.Clusters, res.Fit.Covariance.Kind)
	}
}

// TestMissingRows: rows without assignment, time, outcome or cluster are left out and counted, and
// say nothing about arms, nesting or the launch.
func TestMissingRows(t *testing.T) {
	f := office(t)
	z, y := slices.Clone(column(t, f, "z")), slices.Clone(column(t, f, "y"))
	agent := slices.Clone(column(t, f, "agent"))
	day, err := f.Instants("day")
	must(t, err)
	day = slices.Clone(day)
	z[0], z[6], day[13], y[20], agent[27] = math.NaN(), math.NaN(), data.MissingTime, math.NaN(), math.NaN()
	agent[33], z[33] = agent[40], math.NaN() // in another agent's cluster, but of unknown assignment
	var keep []int
	for i := range z {
		if !slices.Contains([]int{0, 6, 13, 20, 27, 33}, i) {
			keep = append(keep, i)
		}
	}
	must(t, f.SetFloats("z", z))
	must(t, f.SetFloats("y", y))
	must(t, f.SetFloats("agent", agent))
	must(t, f.SetInstants("day", day))
	spec := itt.Spec{Outcomes: []string{"y"}, Assignment: "z", Cluster: []string{"agent"}, Time: "day", Launch: mid, TreatedName: "zt"}
	all, part := estimate(t, f, spec), estimate(t, f.Take(keep), spec)
	if a, b := effect(t, all, "y"), effect(t, part, "y"); a != b {
		t.Errorf("effect %v, want that of the complete rows, %v", a, b)
	}
	if fit := all.Fits[0]; fit.N != 234 || fit.Dropped.Missing != 6 {
		t.Errorf("N %d and %d dropped, want 234 and 6", fit.N, fit.Dropped.Missing)
	}
	if arms := all.Design.Arms; arms[0].Rows+arms[1].Rows != 237 {
		t.Errorf("arms %v, want 237 rows with assignment", arms)
	}
}
