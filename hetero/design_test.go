package hetero_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/internal/studytest"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
)

// withDays adds to a world the day of each row and the launch, for a difference-in-differences.
func withDays(t *testing.T, f *data.Frame) (launch time.Time) {
	t.Helper()
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	days := make([]int64, f.Len())
	pre := studytest.Floats(t, f, "pre")
	for i, p := range studytest.Floats(t, f, "period") {
		day := start.AddDate(0, 0, int(p))
		days[i] = day.UnixNano()
		if pre[i] == 0 && (launch.IsZero() || day.Before(launch)) {
			launch = day
		}
	}
	if err := f.SetInstants("day", days); err != nil {
		t.Fatal(err)
	}
	return launch
}

// TestDifferences: with a launch, treatment is assignment from it on, and the period is the time
// unless another is named.
func TestDifferences(t *testing.T) {
	f := world{seed: 31, units: 60, periods: 8, groups: 3, skill: 1, noise: 1, effect: 1}.frame(t)
	launch := withDays(t, f)
	for _, rule := range []hetero.TimeEffects{hetero.GroupSpecific, hetero.Common} {
		want := estimate(t, f, worldSpec(rule)).Fits[0]
		spec := worldSpec(rule)
		spec.Assignment, spec.MixedClusters = "arm", false
		spec.Time, spec.Launch, spec.Period, spec.TreatedName = "day", launch, "", "offered"
		r := estimate(t, f, spec)
		got := r.Fits[0]
		for k := range want.Impacts {
			near(t, "impact", got.Impacts[k].Estimate, want.Impacts[k].Estimate, same, want.Impacts[k].SE)
			near(t, "standard error", got.Impacts[k].SE, want.Impacts[k].SE, same, 0)
			if a, b := got.Groups[k], want.Groups[k]; a.Rows != b.Rows || a.TreatedRows != b.TreatedRows || a.TreatedClusters != b.TreatedClusters {
				t.Errorf("group %+v, want %+v", a, b)
			}
		}
		if r.Period != "day" || !slices.Contains(got.Model.FirstStages[0].Terms, "offered in Q1") {
			t.Errorf("period %q and instruments %v, want day and offered", r.Period, got.Model.FirstStages[0].Terms)
		}
	}
}

// TestDifferencesWithoutUnits: where no unit effects hold it constant, each group's arms differ by
// a level of their own.
func TestDifferencesWithoutUnits(t *testing.T) {
	f := world{seed: 32, units: 60, periods: 8, groups: 3, skill: 1, noise: 1, effect: 1}.frame(t)
	launch := withDays(t, f)
	codes, labels, err := f.Codes("q")
	if err != nil {
		t.Fatal(err)
	}
	var treated, arms []string
	for k, label := range labels {
		for from, into := range map[string]*[]string{"treat": &treated, "arm": &arms} {
			values := make([]float64, f.Len())
			for i, v := range studytest.Floats(t, f, from) {
				if codes[i] == int32(k) {
					values[i] = v
				}
			}
			name := fmt.Sprintf("%s, %s", from, label)
			*into = append(*into, name)
			if err := f.SetFloats(name, values); err != nil {
				t.Fatal(err)
			}
		}
	}
	for rule, effects := range map[hetero.TimeEffects][]iv.Effect{hetero.GroupSpecific: iv.Effects("day^q"), hetero.Common: iv.Effects("day", "q")} {
		spec := hetero.Spec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "arm", Time: "day", Launch: launch, Cluster: []string{"unit"}}, Group: "q", TimeEffects: rule}
		fit := estimate(t, f, spec).Fits[0]
		want := fitOne(t, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: slices.Concat(treated, arms), Absorb: effects, Cluster: []string{"unit"}})
		for k, name := range treated {
			w := coefficient(t, want, name)
			near(t, name, fit.Impacts[k].Estimate, w.Estimate, same, w.SE)
			near(t, name+" (standard error)", fit.Impacts[k].SE, w.SE, same, 0)
		}
	}
	// A period that does not tell before from after leaves the step at the launch to regressors.
	weekday := make([]float64, f.Len())
	for i, p := range studytest.Floats(t, f, "period") {
		weekday[i] = float64(int(p) % 2)
	}
	if err := f.SetFloats("weekday", weekday); err != nil {
		t.Fatal(err)
	}
	for rule, steps := range map[hetero.TimeEffects]int{hetero.GroupSpecific: 3, hetero.Common: 1} {
		spec := hetero.Spec{
			Spec: itt.Spec{
				Outcomes:   []string{"y"},
				Assignment: "arm",
				Time:       "day",
				Launch:     launch,
				Absorb:     iv.Effects("unit"),
				Cluster:    []string{"unit"},
			},
			Group:       "q",
			Period:      "weekday",
			TimeEffects: rule,
		}
		fit := estimate(t, f, spec).Fits[0]
		count := 0
		for _, term := range fit.Model.Terms {
			if strings.HasPrefix(term, "day>=2024-01-05") {
				count++
			}
		}
		if count != steps {
			t.Errorf("%v: terms %v, want %d steps at the launch", rule, fit.Model.Terms, steps)
		}
	}
}

// TestTextAssignment: two arms of text are 0 and 1, control first.
func TestTextAssignment(t *testing.T) {
	f := world{seed: 33, units: 60, periods: 8, groups: 3, skill: 1, noise: 1, effect: 1}.frame(t)
	launch := withDays(t, f)
	words := make([]string, f.Len())
	for i, v := range studytest.Floats(t, f, "arm") {
		words[i] = []string{"control", "assistant"}[int(v)]
	}
	words[0], words[1] = "", "" // a missing arm
	if err := f.SetStrings("word", words); err != nil {
		t.Fatal(err)
	}
	edit(t, f, "arm", func(string, float64) float64 { return 0 })
	arm := studytest.Floats(t, f, "arm")
	for i, w := range words {
		switch w {
		case "":
			arm[i] = math.NaN()
		case "assistant":
			arm[i] = 1
		}
	}
	spec := worldSpec(hetero.GroupSpecific)
	spec.Time, spec.Launch, spec.Assignment = "day", launch, "arm"
	want := estimate(t, f, spec).Fits[0]
	spec.Assignment = "word"
	got := estimate(t, f, spec).Fits[0]
	for k := range want.Impacts {
		if got.Impacts[k].Estimate != want.Impacts[k].Estimate || got.Groups[k].TreatedClusters != want.Groups[k].TreatedClusters {
			t.Errorf("impact %+v on %+v, want %+v on %+v", got.Impacts[k], got.Groups[k], want.Impacts[k], want.Groups[k])
		}
	}
	if got.Model.N != f.Len()-2 {
		t.Errorf("%d observations of %d rows, of which 2 have no arm", got.Model.N, f.Len())
	}
}

// TestCounts: what a group rests on is counted over the rows of the outcome's model.
func TestCounts(t *testing.T) {
	f := world{seed: 34, units: 60, periods: 8, groups: 3, skill: 1, noise: 1, effect: 1, seen: 0.9}.frame(t)
	edit(t, f, "c1", func(g string, v float64) float64 { // missing now and then
		if v > 1.5 {
			return math.NaN()
		}
		return v
	})
	edit(t, f, "w", func(g string, v float64) float64 { return math.Round(v) }) // zero now and then
	codes, labels, err := f.Codes("q")
	if err != nil {
		t.Fatal(err)
	}
	// Two units lose their group.
	units, _, err := f.Codes("unit")
	if err != nil {
		t.Fatal(err)
	}
	grouped := slices.Clone(codes)
	lost := 0
	for i, u := range units {
		if u == 3 || u == 8 {
			grouped[i] = -1
			lost++
		}
	}
	if err := f.SetCodes("q", grouped, labels); err != nil {
		t.Fatal(err)
	}
	spec := worldSpec(hetero.GroupSpecific)
	spec.Controls, spec.Weights, spec.KeepSingletons = []string{"c1"}, "w", true
	r := estimate(t, f, spec)
	if r.Ungrouped != (hetero.Ungrouped{Rows: lost, Clusters: 2}) {
		t.Errorf("%+v, want %d rows of 2 clusters", r.Ungrouped, lost)
	}
	fit := r.Fits[0]
	total := 0
	for k, label := range labels {
		var want hetero.Group
		seen, assigned := map[int32]bool{}, map[int32]bool{}
		usage := 0.0
		for i, c := range grouped {
			if c != int32(k) || math.IsNaN(studytest.Floats(t, f, "c1")[i]) || studytest.Floats(t, f, "w")[i] == 0 {
				continue
			}
			want.Rows++
			seen[units[i]] = true
			if studytest.Floats(t, f, "treat")[i] == 1 {
				want.TreatedRows++
				assigned[units[i]] = true
				usage += studytest.Floats(t, f, "use")[i]
			}
		}
		got := fit.Groups[k]
		if got.Label != label || got.Rows != want.Rows || got.TreatedRows != want.TreatedRows || got.Clusters != len(seen) || got.TreatedClusters != len(assigned) {
			t.Errorf("%+v, want %+v, %d clusters, %d assigned", got, want, len(seen), len(assigned))
		}
		near(t, "mean usage in "+label, got.MeanUsage, usage/float64(want.TreatedRows), 1e-12, 0)
		first := coefficient(t, fit.Model.FirstStages[k], "treat in "+label)
		near(t, "first stage in "+label, got.FirstStage.Estimate, first.Estimate, 0, 0)
		near(t, "first-stage F in "+label, got.FirstStageF.Statistic, first.Statistic*first.Statistic, 1e-10, 0)
		total += got.Rows
	}
	if total != fit.Model.N {
		t.Errorf("groups of %d rows in all, the model has %d", total, fit.Model.N)
	}
	spec.Usage = ""
	for _, g := range estimate(t, f, spec).Fits[0].Groups {
		if !math.IsNaN(g.MeanUsage) || g.FirstStage != (iv.Coefficient{}) {
			t.Errorf("an ITT with usage: %+v", g)
		}
	}
}

// TestWeakAtTen: a first stage counts as weak just below an F of ten, and not just above.
func TestWeakAtTen(t *testing.T) {
	f := world{seed: 35, units: 120, periods: 8, groups: 3, skill: 1, noise: 1, effect: 1}.frame(t)
	noisy := func(noise float64) (strength float64, warned bool) {
		g, row := f.Clone(), 0
		edit(t, g, "use", func(group string, v float64) float64 {
			if row++; group == "Q2" {
				return v + noise*math.Sin(float64(row*row))
			}
			return v
		})
		r := estimate(t, g, worldSpec(hetero.GroupSpecific))
		return r.Fits[0].Groups[1].FirstStageF.Statistic, slices.ContainsFunc(r.Warnings, func(w fieldexp.Warning) bool { return w.Code == "weak-first-stage" })
	}
	for _, c := range []struct {
		want   float64
		warned bool
	}{{9.9, true}, {10.1, false}} {
		low, high := 0.0, 100.0 // the more noise in usage, the weaker its first stage
		for range 60 {
			if strength, _ := noisy((low + high) / 2); strength > c.want {
				low = (low + high) / 2
			} else {
				high = (low + high) / 2
			}
		}
		strength, warned := noisy(high)
		near(t, "first-stage F", strength, c.want, 1e-6, 0)
		if warned != c.warned {
			t.Errorf("F %g: warned %v", strength, warned)
		}
	}
}

// TestWarnings: groups with a weak first stage, with few clusters, and that vary within clusters
// are named.
func TestWarnings(t *testing.T) {
	f := world{seed: 35, units: 120, periods: 8, groups: 3, skill: 1, noise: 1, effect: 1}.frame(t)
	message := func(list []fieldexp.Warning, code string) string {
		for _, w := range list {
			if w.Code == code {
				return w.String()
			}
		}
		return ""
	}
	quiet := estimate(t, f, worldSpec(hetero.GroupSpecific))
	if len(quiet.Warnings) != 0 {
		t.Fatalf("warnings %v, want none", quiet.Warnings)
	}

	weak := f.Clone()
	rows := 0
	edit(t, weak, "use", func(g string, v float64) float64 {
		if rows++; g == "Q2" {
			return 0.1 * math.Abs(math.Sin(float64(rows))) // whatever was assigned
		}
		return v
	})
	r := estimate(t, weak, worldSpec(hetero.GroupSpecific))
	if m := message(r.Warnings, "weak-first-stage"); !strings.Contains(m, "group Q2 (F = ") || strings.Contains(m, "group Q1") || !strings.Contains(m, "fewer groups") {
		t.Errorf("warning %q, want one of the first stage of Q2 alone", m)
	}

	few := f.Clone()
	edit(t, few, "arm", func(string, float64) float64 { return 0 })
	units, _, err := f.Codes("unit")
	if err != nil {
		t.Fatal(err)
	}
	treat, row := studytest.Floats(t, f, "treat"), -1
	edit(t, few, "treat", func(g string, v float64) float64 {
		if row++; g == "Q3" && units[row]%12 != 1 {
			return 0
		}
		return treat[row]
	})
	spec := worldSpec(hetero.GroupSpecific)
	spec.Usage = ""
	r = estimate(t, few, spec)
	if m := message(r.Warnings, "few-clusters-in-group"); !strings.Contains(m, "group Q3 on ") || strings.Contains(m, "group Q1") || !strings.Contains(m, "of 40 clusters assigned") {
		t.Errorf("warning %q, want one of the clusters of Q3 alone", m)
	}

	spec = worldSpec(hetero.GroupSpecific)
	spec.Cluster = []string{"period"}
	r = estimate(t, f, spec)
	if m := message(r.Warnings, "group-varies"); !strings.Contains(m, `varies within 8 clusters of "period"`) {
		t.Errorf("warning %q, want one of groups that vary within clusters", m)
	}
}

// TestWhereThePeriodIsNamed: a period among the effects of Absorb is not absorbed twice, and one
// that is there alone, where it is common to all groups, is pointed at.
func TestWhereThePeriodIsNamed(t *testing.T) {
	f := world{seed: 38, units: 90, periods: 6, groups: 3, skill: 1, noise: 1, effect: 1}.frame(t)
	want := estimate(t, f, worldSpec(hetero.GroupSpecific))
	spec := worldSpec(hetero.GroupSpecific)
	spec.Absorb = iv.Effects("period", "unit")
	got := estimate(t, f, spec)
	if a, b := got.Fits[0], want.Fits[0]; a.Impacts[1] != b.Impacts[1] || len(a.Model.Effects) != 2 {
		t.Errorf("%+v with effects %+v, want %+v", a.Impacts[1], a.Model.Effects, b.Impacts[1])
	}
	if hasWarning(got.Warnings, "no-period") {
		t.Errorf("warnings %v, want none of the period", got.Warnings)
	}
	spec.Period = ""
	got = estimate(t, f, spec)
	if !hasWarning(got.Warnings, "no-period") || !strings.Contains(got.String(), "name that column in Period") {
		t.Errorf("warnings %v, want one of the period", got.Warnings)
	}
	common := estimate(t, f, worldSpec(hetero.Common)).Fits[0]
	near(t, "impact", got.Fits[0].Impacts[0].Estimate, common.Impacts[0].Estimate, same, common.Impacts[0].SE)
}

// TestEveryGroupHasItsLevel: without unit effects each group has a level of its own, so that a
// difference between groups is no effect.
func TestEveryGroupHasItsLevel(t *testing.T) {
	f := world{seed: 36, units: 90, periods: 6, groups: 3, skill: 3, noise: 0.5}.frame(t)
	post := f.Filter(func(row int) bool { return studytest.Floats(t, f, "pre")[row] == 0 })
	for _, spec := range []hetero.Spec{
		{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "arm", Cluster: []string{"unit"}}, Group: "q"},
		{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "arm", Cluster: []string{"unit"}}, Group: "q", Period: "period"},
		{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "arm", Cluster: []string{"unit"}}, Group: "q", Period: "period", TimeEffects: hetero.Common},
	} {
		fit := estimate(t, post, spec).Fits[0]
		levels := 0
		for _, e := range fit.Model.Effects {
			if slices.Contains(e.Effect, "q") {
				levels++
			}
		}
		if levels != 1 {
			t.Errorf("effects %+v, want one with the groups", fit.Model.Effects)
		}
		if fit.Equality.P < 0.01 {
			t.Errorf("period %q, %v: equality has p %v without an effect", spec.Period, spec.TimeEffects, fit.Equality.P)
		}
		if d := fit.Consistency.Difference; !(d.SE > 0) {
			t.Errorf("the pooled model has no levels of groups, so the average differs: %+v", d)
		}
	}
}

// TestProgress: steps are counted over all estimations and end at the total.
func TestProgress(t *testing.T) {
	f := world{seed: 37, units: 60, periods: 6, groups: 3, skill: 1, noise: 1, effect: 1}.frame(t)
	for _, skip := range []bool{false, true} {
		spec := worldSpec(hetero.Common)
		spec.SkipConsistency = skip
		last, total, calls := 0, 0, 0
		spec.Progress = func(done, all int) {
			if done < last || done > all {
				t.Errorf("%d of %d after %d of %d", done, all, last, total)
			}
			last, total = done, all
			calls++
		}
		fit := estimate(t, f, spec).Fits[0]
		if last != total || calls == 0 {
			t.Errorf("ended at %d of %d after %d calls", last, total, calls)
		}
		if (fit.Consistency == nil) != skip {
			t.Errorf("consistency %+v with SkipConsistency %v", fit.Consistency, skip)
		}
	}
}
