package hetero_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/internal/studytest"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
)

// TestRowsIsFilter: effects by group over some rows are those of the frame of these rows alone, their counts,
// checks and warnings too.
func TestRowsIsFilter(t *testing.T) {
	f := world{seed: 71, units: 80, periods: 6, groups: 3, skill: 1, noise: 1, effect: 0.5}.frame(t)
	unit, err := f.Group("unit")
	if err != nil {
		t.Fatal(err)
	}
	keep := func(row int) bool { return unit.Codes[row]%7 != 0 }
	for _, spec := range []hetero.Spec{
		{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "treat", Absorb: iv.Effects("unit"), Cluster: []string{"unit"}, MixedClusters: true}, Group: "q", Period: "period"},
		{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "treat", Absorb: iv.Effects("unit"), Cluster: []string{"unit"}, MixedClusters: true}, Group: "q", Period: "period", Usage: "use"},
		{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "treat", Absorb: iv.Effects("unit"), MixedClusters: true}, Group: "q", Period: "period", TimeEffects: hetero.Common},
		{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "treat"}, Group: "q"},
	} {
		want := estimate(t, f.Filter(keep), spec)
		alone, err := hetero.Separate(t.Context(), f.Filter(keep), withUsage(spec))
		if err != nil {
			t.Fatal(err)
		}
		spec.Rows = keep
		got := estimate(t, f, spec)
		if !reflect.DeepEqual(got.Ungrouped, want.Ungrouped) || !reflect.DeepEqual(got.Warnings, want.Warnings) {
			t.Errorf("left out %+v, warnings %v; want %+v, %v", got.Ungrouped, got.Warnings, want.Ungrouped, want.Warnings)
		}
		for i, fit := range got.Fits {
			w := want.Fits[i]
			if !reflect.DeepEqual(fit.Impacts, w.Impacts) || fmt.Sprint(fit.Groups) != fmt.Sprint(w.Groups) || fit.Equality != w.Equality || fit.Model.Dropped.Missing != w.Model.Dropped.Missing {
				t.Errorf("impacts %v, groups %+v; want %v, %+v", fit.Impacts, fit.Groups, w.Impacts, w.Groups)
			}
			if c, d := fit.Consistency, w.Consistency; fmt.Sprint(*c) != fmt.Sprint(*d) {
				t.Errorf("consistency %+v, want %+v", c, d)
			}
		}
		separate, err := hetero.Separate(t.Context(), f, withUsage(spec))
		if err != nil {
			t.Fatal(err)
		}
		for k, g := range separate.Fits[0].Groups {
			if g.Effect != alone.Fits[0].Groups[k].Effect {
				t.Errorf("separate: %v, want %v", g.Effect, alone.Fits[0].Groups[k].Effect)
			}
		}
	}
}

// withUsage is a spec that Separate takes.
func withUsage(s hetero.Spec) hetero.Spec {
	s.Usage, s.TimeEffects = "use", hetero.GroupSpecific
	return s
}

// TestControlArm: of two arms with names the one that is named is control.
func TestControlArm(t *testing.T) {
	f := world{seed: 72, units: 60, periods: 4, groups: 2, skill: 1, noise: 1, effect: 1}.frame(t)
	labels := make([]string, f.Len())
	for i, v := range studytest.Floats(t, f, "arm") {
		labels[i] = "alpha"
		if v == 0 {
			labels[i] = "beta"
		}
	}
	if err := f.SetStrings("labels", labels); err != nil {
		t.Fatal(err)
	}
	spec := hetero.Spec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "arm", Cluster: []string{"unit"}}, Group: "q"}
	want := estimate(t, f, spec).Fits[0]
	for control, sign := range map[string]float64{"beta": 1, "alpha": -1} {
		spec.Assignment, spec.ControlArm = "labels", control
		for k, c := range estimate(t, f, spec).Fits[0].Impacts {
			studytest.Near(t, control, sign*c.Estimate, want.Impacts[k].Estimate, same, 1)
			studytest.Near(t, control, c.SE, want.Impacts[k].SE, same, 0)
		}
	}
}

// TestEstimatorByGroup: with as many instruments as groups LIML is two-stage least squares, and Fuller's estimator is
// that of the model written out.
func TestEstimatorByGroup(t *testing.T) {
	f := world{seed: 73, units: 60, periods: 4, groups: 2, skill: 1, noise: 1, effect: 1}.frame(t)
	spec := hetero.Spec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "treat", Absorb: iv.Effects("unit"), Cluster: []string{"unit"}, MixedClusters: true},
		Group: "q", Period: "period", Usage: "use"}
	want := estimate(t, f, spec).Fits[0]
	spec.Estimator = iv.LIML
	liml := estimate(t, f, spec).Fits[0]
	spec.Estimator, spec.FullerAlpha = iv.Fuller, 4
	fuller := estimate(t, f, spec).Fits[0]
	if liml.Model.Estimator != iv.LIML || fuller.Model.Estimator != iv.Fuller {
		t.Errorf("estimators %v and %v", liml.Model.Estimator, fuller.Model.Estimator)
	}
	g := f.Clone()
	var usages, treats []string
	groups, err := g.Group("q")
	if err != nil {
		t.Fatal(err)
	}
	for k, label := range groups.Labels {
		for _, name := range []string{"use", "treat"} {
			values := make([]float64, g.Len())
			for i, v := range studytest.Floats(t, g, name) {
				if int(groups.Codes[i]) == k {
					values[i] = v
				}
			}
			if err := g.SetFloats(name+label, values); err != nil {
				t.Fatal(err)
			}
		}
		usages, treats = append(usages, "use"+label), append(treats, "treat"+label)
	}
	models, err := iv.Estimate(t.Context(), g, iv.Spec{Outcomes: []string{"y"}, Endogenous: usages, Instruments: treats, Absorb: iv.Effects("unit", "period^q"),
		Cluster: []string{"unit"}, Estimator: iv.Fuller, FullerAlpha: 4})
	if err != nil {
		t.Fatal(err)
	}
	for k, c := range want.Impacts {
		studytest.Near(t, "LIML", liml.Impacts[k].Estimate, c.Estimate, same, 1)
		studytest.Near(t, "Fuller", fuller.Impacts[k].Estimate, models[0].Coef[k], same, 1)
		if fuller.Impacts[k].Estimate == c.Estimate {
			t.Error("Fuller's constant changes nothing")
		}
	}
}

// TestNumberedPeriods: a launch by the number of its period is the same design as assignment from then on.
func TestNumberedPeriods(t *testing.T) {
	f := world{seed: 74, units: 60, periods: 6, groups: 3, skill: 1, noise: 1, effect: 1}.frame(t)
	spec := hetero.Spec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "arm", Absorb: iv.Effects("unit"), Cluster: []string{"unit"},
		Time: "period", LaunchPeriod: 3, TreatedName: "since"}, Group: "q", Usage: "use"}
	got := estimate(t, f, spec).Fits[0]
	spec.Assignment, spec.Time, spec.LaunchPeriod, spec.MixedClusters, spec.Period = "treat", "", 0, true, "period"
	want := estimate(t, f, spec).Fits[0]
	for k, c := range want.Impacts {
		studytest.Near(t, c.Name, got.Impacts[k].Estimate, c.Estimate, same, 1)
		studytest.Near(t, c.Name, got.Impacts[k].SE, c.SE, same, 0)
	}
	split := hetero.SplitSpec{Spec: spec, Unit: "unit", Baseline: "y", Splits: 2, N: 2}
	split.Group, split.Launch = "", time.Time{}
	split.PreColumn = "pre"
	marked, err := hetero.SplitEstimate(t.Context(), f, split)
	if err != nil {
		t.Fatal(err)
	}
	split.PreColumn, split.Assignment, split.Time, split.LaunchPeriod, split.MixedClusters = "", "arm", "period", 3, false
	numbered, err := hetero.SplitEstimate(t.Context(), f, split)
	if err != nil {
		t.Fatal(err)
	}
	for k, c := range marked.Fits[0].Impacts {
		studytest.Near(t, "split", numbered.Fits[0].Impacts[k].Estimate, c.Estimate, same, 1)
	}
}
