package hetero_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/internal/studytest"
	"github.com/fieldexp/fieldexp/iv"
)

// edit changes values of a column of numbers where a condition on the row's group holds.
func edit(t *testing.T, f *data.Frame, name string, change func(group string, v float64) float64) {
	t.Helper()
	codes, labels, err := f.Codes("q")
	if err != nil {
		t.Fatal(err)
	}
	values := make([]float64, f.Len())
	for i, v := range studytest.Floats(t, f, name) {
		values[i] = change(labels[codes[i]], v)
	}
	if err := f.SetFloats(name, values); err != nil {
		t.Fatal(err)
	}
}

// in applies a change to the rows of one group.
func in(group string, value float64) func(string, float64) float64 {
	return func(g string, v float64) float64 {
		if g == group {
			return value
		}
		return v
	}
}

func TestRefusals(t *testing.T) {
	base := world{seed: 21, units: 40, periods: 6, groups: 4, skill: 1, noise: 1, effect: 1}.frame(t)
	for _, c := range []struct {
		name    string
		change  func(f *data.Frame, s *hetero.Spec)
		problem fieldexp.Problem
		group   string
		says    []string
	}{
		{"no outcome", func(f *data.Frame, s *hetero.Spec) { s.Outcomes = nil }, fieldexp.BadSpec, "", []string{"Outcomes"}},
		{"no group", func(f *data.Frame, s *hetero.Spec) { s.Group = "" }, fieldexp.BadSpec, "", []string{"quantile groups"}},
		{"unknown rule", func(f *data.Frame, s *hetero.Spec) { s.TimeEffects = 7 }, fieldexp.BadSpec, "", []string{"TimeEffects(7)"}},
		{"usage is assignment", func(f *data.Frame, s *hetero.Spec) { s.Usage = "treat" }, fieldexp.BadSpec, "", []string{"leave Usage out"}},
		{"usage is an outcome", func(f *data.Frame, s *hetero.Spec) { s.Outcomes = []string{"use"} }, fieldexp.BadSpec, "", []string{"outcome and as usage"}},
		{"usage is a control", func(f *data.Frame, s *hetero.Spec) { s.Controls = []string{"use"} }, fieldexp.BadSpec, "", []string{"control"}},
		{"the baseline itself", func(f *data.Frame, s *hetero.Spec) {
			s.Group = "c2"
		}, fieldexp.ManyGroups, "", []string{`"c2" has 240 different values`, "quantile groups"}},
		{"one group", func(f *data.Frame, s *hetero.Spec) {
			edit(t, f, "base", func(string, float64) float64 { return 3 })
			s.Group = "base"
		}, fieldexp.OneGroup, "", []string{`"base" is 3`, "one effect for all"}},
		{"no row has a group", func(f *data.Frame, s *hetero.Spec) {
			edit(t, f, "base", func(string, float64) float64 { return math.NaN() })
			s.Group = "base"
		}, fieldexp.NoGroup, "", []string{"missing in all 240 rows", "before the launch"}},
		{"a group without control", func(f *data.Frame, s *hetero.Spec) {
			edit(t, f, "treat", in("Q3", 1))
			s.Usage = ""
		}, fieldexp.OneArm, "Q3", []string{"group Q3", "60 rows (10 clusters)", "are assigned", "fewer groups"}},
		{"a group without treatment", func(f *data.Frame, s *hetero.Spec) { edit(t, f, "treat", in("Q2", 0)) },
			fieldexp.OneArm, "Q2", []string{"group Q2", "are control"}},
		{"an outcome that one arm of a group lacks", func(f *data.Frame, s *hetero.Spec) {
			treat := studytest.Floats(t, f, "treat")
			row := -1
			edit(t, f, "y", func(group string, v float64) float64 {
				if row++; group == "Q4" && treat[row] == 1 {
					return math.NaN()
				}
				return v
			})
		}, fieldexp.OneArm, "Q4", []string{"group Q4", `outcome "y"`, "are control"}},
		{"an outcome that a group lacks", func(f *data.Frame, s *hetero.Spec) { edit(t, f, "y", in("Q1", math.NaN())) },
			fieldexp.EmptyGroup, "Q1", []string{"group Q1", `"y"`}},
		{"nobody in a group uses", func(f *data.Frame, s *hetero.Spec) { edit(t, f, "use", in("Q2", 0)) },
			fieldexp.NoFirstStage, "Q2", []string{"first stage of group Q2", `"use" is 0 in all its 60 rows (10 clusters)`, "are treated", "fewer groups"}},
		{"all in a group use alike", func(f *data.Frame, s *hetero.Spec) { edit(t, f, "use", in("Q2", 0.5)) },
			fieldexp.NoFirstStage, "Q2", []string{"is 0.5 in all"}},
		{"a control that is the treatment", func(f *data.Frame, s *hetero.Spec) {
			edit(t, f, "c1", func(string, float64) float64 { return 0 })
			edit(t, f, "c2", func(string, float64) float64 { return 0 })
			treat := studytest.Floats(t, f, "treat")
			row := -1
			edit(t, f, "c1", func(group string, v float64) float64 {
				if row++; group == "Q2" {
					return treat[row]
				}
				return 0
			})
			s.Usage, s.Controls = "", []string{"c1"}
		}, fieldexp.Spanned, "Q2", []string{"in group Q2", "span"}},
		{"effects that leave nothing of it, with usage", func(f *data.Frame, s *hetero.Spec) {
			treat := studytest.Floats(t, f, "treat")
			row := -1
			edit(t, f, "c1", func(group string, v float64) float64 {
				if row++; group == "Q2" {
					return treat[row]
				}
				return 0
			})
			s.Controls = []string{"c1"}
		}, fieldexp.Spanned, "", []string{"treat in Q2", "fewer groups"}},
		{"three arms", func(f *data.Frame, s *hetero.Spec) {
			arms := make([]string, f.Len())
			for i := range arms {
				arms[i] = []string{"control", "a", "b"}[i%7%3]
			}
			if err := f.SetStrings("arms", arms); err != nil {
				t.Fatal(err)
			}
			s.Assignment = "arms"
		}, fieldexp.ManyArms, "", []string{"3 arms"}},
		{"a column of the name", func(f *data.Frame, s *hetero.Spec) {
			if err := f.SetFloats("treat in Q2", make([]float64, f.Len())); err != nil {
				t.Fatal(err)
			}
		}, fieldexp.ColumnTaken, "", []string{`"treat in Q2"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, spec := base.Clone(), worldSpec(hetero.GroupSpecific)
			c.change(f, &spec)
			_, err := hetero.Estimate(context.Background(), f, spec)
			var e *fieldexp.Error
			if !errors.As(err, &e) || e.Op != "hetero" || e.Problem != c.problem || e.Group != c.group {
				t.Fatalf("error %#v (%v), want %q about group %q", err, err, c.problem, c.group)
			}
			for _, want := range c.says {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
		})
	}
}

// TestRefusalsOfOthers: what packages data, itt and iv refuse is passed on as theirs.
func TestRefusalsOfOthers(t *testing.T) {
	base := world{seed: 22, units: 40, periods: 6, groups: 4, skill: 1, noise: 1, effect: 1}.frame(t)
	days := make([]int64, base.Len())
	for i, p := range studytest.Floats(t, base, "period") {
		days[i] = time.Date(2024, 1, 1+int(p), 0, 0, 0, 0, time.UTC).UnixNano()
	}
	if err := base.SetInstants("day", days); err != nil {
		t.Fatal(err)
	}
	var column *fieldexp.Error
	var design *fieldexp.Error
	var model *fieldexp.Error
	for _, c := range []struct {
		name   string
		change func(s *hetero.Spec)
		target any
		says   string
	}{
		{"unknown group", func(s *hetero.Spec) { s.Group = "quintile" }, &column, "quintile"},
		{"unknown usage", func(s *hetero.Spec) { s.Usage = "usee" }, &column, `did you mean "use"`},
		{"usage of text", func(s *hetero.Spec) { s.Usage = "unit" }, &column, "text"},
		{"unknown outcome", func(s *hetero.Spec) { s.Outcomes = []string{"z"} }, &column, `"z"`},
		{"unknown control", func(s *hetero.Spec) { s.Controls = []string{"c9"} }, &column, "c9"},
		{"unknown effect", func(s *hetero.Spec) { s.Absorb = iv.Effects("worker") }, &column, "worker"},
		{"unknown period", func(s *hetero.Spec) { s.Period = "week" }, &column, "week"},
		{"unknown cluster", func(s *hetero.Spec) { s.Cluster, s.MixedClusters = []string{"team"}, true }, &column, "team"},
		{"unknown weights", func(s *hetero.Spec) { s.Weights = "mass" }, &column, "mass"},
		{"assignment that is no arm", func(s *hetero.Spec) { s.Assignment = "period" }, &design, "beside 0 and 1"},
		{"assignment varies within clusters", func(s *hetero.Spec) { s.MixedClusters = false }, &design, "varies within"},
		{"launch outside", func(s *hetero.Spec) {
			s.Assignment, s.Time, s.Launch = "arm", "day", time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
		}, &design, "outside"},
		{"launch without time", func(s *hetero.Spec) { s.Assignment, s.Launch = "arm", time.Date(2024, 1, 4, 0, 0, 0, 0, time.UTC) }, &design, "Time and Launch"},
		{"treatment absorbed", func(s *hetero.Spec) { s.Absorb = iv.Effects("unit", "treat") }, &design, "span"},
		{"an outcome named twice", func(s *hetero.Spec) { s.Outcomes = []string{"y", "y"} }, &model, "twice"},
		{"a level of 2", func(s *hetero.Spec) { s.Level = 2 }, &model, "level"},
	} {
		t.Run(c.name, func(t *testing.T) {
			spec := worldSpec(hetero.GroupSpecific)
			c.change(&spec)
			_, err := hetero.Estimate(context.Background(), base, spec)
			if err == nil || !errors.As(err, c.target) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, want a %T that says %q", err, c.target, c.says)
			}
		})
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := hetero.Estimate(ctx, base, worldSpec(hetero.Common)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
	r := estimate(t, base, worldSpec(hetero.Common))
	if _, err := r.Fit("z"); err == nil || !strings.Contains(err.Error(), "name one of y") {
		t.Errorf("an unknown outcome: %v", err)
	}
	if base.Has("use in Q1") {
		t.Error("the caller's frame was changed")
	}
}
