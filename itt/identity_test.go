package itt_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/studytest"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
)

// drawPanel is a panel of agents over days around mid, balanced or not, with 0/1 assignment z and
// three arms by agent. Its values are random numbers of a seed, so that none is an accident of
// rounding or repeats another.
func drawPanel(t *rapid.T, agents, days int, balanced bool) *data.Frame {
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	columns := map[string][]float64{}
	var day []int64
	var arm []string
	for a := range agents {
		for d := range days {
			if !balanced && d > 0 && r.IntN(5) == 0 {
				continue
			}
			columns["agent"] = append(columns["agent"], float64(a))
			columns["z"] = append(columns["z"], float64(a%2))
			columns["x"] = append(columns["x"], r.NormFloat64())
			columns["w"] = append(columns["w"], 0.5+r.ExpFloat64())
			columns["y"] = append(columns["y"], 2*r.NormFloat64()+float64(a*d%3))
			day = append(day, mid.AddDate(0, 0, d-days/2).UnixNano())
			arm = append(arm, []string{"text", "control", "voice"}[a%3])
		}
	}
	f := frame(t, columns)
	must(t, f.SetInstants("day", day))
	must(t, f.SetStrings("arm", arm))
	return f
}

// groupMean is the mean of a column over the rows that are kept.
func groupMean(values []float64, keep func(i int) bool) float64 {
	sum, n := 0.0, 0.0
	for i, v := range values {
		if keep(i) {
			sum += v
			n++
		}
	}
	return sum / n
}

// TestDifferenceOfDifferences: with two periods and every unit in both, the difference-in-differences
// is the difference of the arms' differences of means, whether effects are absorbed, one of them is,
// or assignment and launch are regressors that were added.
func TestDifferenceOfDifferences(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawPanel(t, rapid.IntRange(4, 12).Draw(t, "agents"), 2, true)
		y, z := column(t, f, "y"), column(t, f, "z")
		days, err := f.Instants("day")
		must(t, err)
		cell := func(arm float64, late bool) float64 {
			return groupMean(y, func(i int) bool { return z[i] == arm && days[i] >= mid.UnixNano() == late })
		}
		want := cell(1, true) - cell(1, false) - cell(0, true) + cell(0, false)
		for _, c := range []struct {
			absorb []iv.Effect
			added  []string
		}{
			{nil, []string{"z", "day>=2024-03-04"}}, {iv.Effects("agent"), []string{"day>=2024-03-04"}},
			{iv.Effects("day"), []string{"z"}}, {iv.Effects("agent", "day"), nil},
		} {
			res := estimate(t, f, itt.Spec{Outcomes: []string{"y"}, Assignment: "z", Absorb: c.absorb, Cluster: []string{"agent"}, Time: "day", Launch: mid})
			studytest.Near(t, fmt.Sprintf("absorbing %v", c.absorb), effect(t, res, "y").Estimate, want, same, 1)
			if !slices.Equal(res.Design.MainEffects, c.added) {
				t.Errorf("absorbing %v: added %v, want %v", c.absorb, res.Design.MainEffects, c.added)
			}
			if res.Term != "treated" || f.Has("treated") {
				t.Errorf("term %q; the caller's frame has it: %v", res.Term, f.Has("treated"))
			}
		}
	})
}

// TestOwnMainEffect: an assignment that the analyst controls for is not added again.
func TestOwnMainEffect(t *testing.T) {
	f := office(t)
	spec := itt.Spec{Outcomes: []string{"y"}, Assignment: "z", Time: "day", Launch: mid, TreatedName: "zt"}
	added := estimate(t, f, spec)
	spec.Controls = []string{"z"}
	own := estimate(t, f, spec)
	if len(own.Design.MainEffects) != 1 {
		t.Errorf("with z as a control: added %v", own.Design.MainEffects)
	}
	a, b := effect(t, own, "y"), effect(t, added, "y")
	studytest.Near(t, "effect", a.Estimate, b.Estimate, same, 1)
	studytest.Near(t, "standard error", a.SE, b.SE, same, 0)
}

// TestArms: the effects of several arms are those of separate dummies, and without controls they are
// differences of means from the control arm, wherever its rows stand in the frame.
func TestArms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawPanel(t, rapid.IntRange(6, 12).Draw(t, "agents"), 3, false)
		control := rapid.SampledFrom([]string{"", "text", "voice"}).Draw(t, "control")
		codes, levels, err := f.Codes("arm")
		must(t, err)
		base := control
		if base == "" {
			base = "control"
		}
		g := f.Clone()
		var dummies []string
		for l, label := range levels {
			if label == base {
				continue
			}
			v := make([]float64, f.Len())
			for i, c := range codes {
				if int(c) == l {
					v[i] = 1
				}
			}
			must(t, g.SetFloats("is "+label, v))
			dummies = append(dummies, "is "+label)
		}
		spec := itt.Spec{Outcomes: []string{"y"}, Assignment: "arm", ControlArm: control, Controls: []string{"x"}, Absorb: iv.Effects("day"), Weights: "w", Cluster: []string{"agent"}}
		res := estimate(t, f, spec)
		fits, err := iv.Estimate(context.Background(), g, iv.Spec{Outcomes: []string{"y"}, Exogenous: append(dummies, "x"), Absorb: iv.Effects("day"), Weights: "w", Cluster: []string{"agent"}})
		must(t, err)
		if res.Design.Arms[0].Label != base || len(res.Effects()) != 2 {
			t.Fatalf("arms %v and %d effects, want control %q and two", res.Design.Arms, len(res.Effects()), base)
		}
		spec.Controls, spec.Absorb, spec.Weights = nil, nil, ""
		plain := estimate(t, f, spec)
		y := column(t, f, "y")
		mean := func(label string) float64 {
			return groupMean(y, func(i int) bool { return levels[codes[i]] == label })
		}
		for _, arm := range res.Design.Arms[1:] {
			got, err := res.ArmEffect("y", arm.Label)
			must(t, err)
			want, err := fits[0].Coefficient("is " + arm.Label)
			must(t, err)
			studytest.Near(t, arm.Label, got.Estimate, want.Estimate, same, want.SE)
			studytest.Near(t, "standard error of "+arm.Label, got.SE, want.SE, same, 0)
			unadjusted, err := plain.ArmEffect("y", arm.Label)
			must(t, err)
			studytest.Near(t, arm.Label+" by means", unadjusted.Estimate, mean(arm.Label)-mean(base), same, 1)
		}
		got, err := res.Joint("y")
		must(t, err)
		want, err := fits[0].WaldZero(dummies...)
		must(t, err)
		studytest.Near(t, "joint test", got.Statistic, want.Statistic, 1e-8, 0)
		equal, err := res.ArmsEqual("y")
		must(t, err)
		want, err = fits[0].WaldEqual(dummies...)
		must(t, err)
		studytest.Near(t, "test of equality", equal.Statistic, want.Statistic, 1e-8, 1e-8)
	})
}

// TestTwoLevelsOfText: a text assignment of two arms gives what its 0/1 column gives, also in a
// difference-in-differences, where each arm has a treated column.
func TestTwoLevelsOfText(t *testing.T) {
	f := office(t)
	label := make([]string, f.Len())
	for i, v := range column(t, f, "z") {
		label[i] = []string{"without", "with"}[int(v)]
	}
	must(t, f.SetStrings("label", label))
	for _, launch := range []time.Time{{}, mid} {
		number := itt.Spec{Outcomes: []string{"y"}, Assignment: "z", Cluster: []string{"agent"}, Launch: launch, TreatedName: "zt"}
		if !launch.IsZero() {
			number.Time = "day"
		}
		text := number
		text.Assignment = "label"
		a, b := estimate(t, f, number), estimate(t, f, text)
		x, y := effect(t, a, "y"), effect(t, b, "y")
		studytest.Near(t, "effect", y.Estimate, x.Estimate, same, 1)
		studytest.Near(t, "standard error", y.SE, x.SE, same, 0)
		if want := map[bool]string{true: "label=with", false: "zt=with"}[launch.IsZero()]; b.Term != want {
			t.Errorf("term %q, want %q", b.Term, want)
		}
	}
}

// TestEventOfTwoPeriods: an event study of two periods is the difference-in-differences.
func TestEventOfTwoPeriods(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawPanel(t, rapid.IntRange(6, 12).Draw(t, "agents"), 2, false)
		must(t, itt.AddTreated(f, "treated", "z", "day", mid))
		spec := itt.Spec{Outcomes: []string{"y"}, Assignment: "z", Absorb: iv.Effects("agent", "day"), Cluster: []string{"agent"}, Time: "day", Launch: mid, TreatedName: "again"}
		want, err := itt.Estimate(context.Background(), f, spec)
		results, eventErr := itt.EventStudy(context.Background(), f, itt.EventSpec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "z", Time: "day", Launch: mid}, Unit: "agent"})
		if err != nil || eventErr != nil {
			if (err == nil) != (eventErr == nil) {
				t.Fatalf("one refuses and the other does not: %v, %v", err, eventErr)
			}
			return
		}
		c, got := effect(t, want, "y"), results[0]
		if len(got.Periods) != 1 || got.Periods[0] != 0 || got.PreTrend.Reason == "" {
			t.Fatalf("periods %v and pre-trend %+v, want 0 alone and a reason", got.Periods, got.PreTrend)
		}
		studytest.Near(t, "effect", got.Coefficients[0].Estimate, c.Estimate, same, 1)
		if got.Coefficients[0].Reason != c.Reason {
			t.Errorf("no standard error: %q, want %q", got.Coefficients[0].Reason, c.Reason)
		}
		if c.Reason == "" { // one agent in an arm has none
			studytest.Near(t, "standard error", got.Coefficients[0].SE, c.SE, 1e-8, 1e-8)
		}
		if values := column(t, f, "treated"); !slices.Equal(values, column(t, want.Design.Frame, "again")) {
			t.Errorf("AddTreated differs from the design's column")
		}
	})
}

// TestEventPeriodsAreRelative: days counted from the launch by hand, and hours and weeks counted in
// steps, give the event study of the dates; a period in which one arm is absent is named.
func TestEventPeriodsAreRelative(t *testing.T) {
	f := office(t)
	spec := itt.EventSpec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "z", Time: "day", Launch: mid, Controls: []string{"x"}}, Unit: "agent", Reference: -2}
	dates := eventStudy(t, f, spec)
	if want := []int{-3, -1, 0, 1, 2}; !slices.Equal(dates.Periods, want) || dates.Reference != -2 {
		t.Errorf("periods %v around reference %d, want %v around -2", dates.Periods, dates.Reference, want)
	}
	relative := make([]float64, f.Len())
	y := slices.Clone(column(t, f, "y"))
	for i, d := range column(t, f, "number") {
		relative[i] = d - 3
		if d == 5 && column(t, f, "z")[i] == 0 {
			y[i] = math.NaN()
		}
	}
	must(t, f.SetFloats("relative", relative))
	must(t, f.SetFloats("partial", y))
	spec.Time, spec.Launch = "relative", time.Time{}
	numbers := eventStudy(t, f, spec)
	for i := range dates.Coefficients {
		if a, b := dates.Coefficients[i], numbers.Coefficients[i]; a.Estimate != b.Estimate || a.SE != b.SE {
			t.Errorf("period %d: %v by dates, %v by numbers", dates.Periods[i], a, b)
		}
	}
	spec.Outcomes = []string{"partial"}
	partial := eventStudy(t, f, spec)
	if slices.Contains(partial.Periods, 2) || !slices.ContainsFunc(partial.Warnings, func(w fieldexp.Warning) bool { return w.Code == "periods-absent" }) {
		t.Errorf("periods %v and warnings %v, want period 2 left out and named", partial.Periods, partial.Warnings)
	}
}

// TestEventOutcomesTogether: each outcome has the event study that it has alone, whatever the others are and wherever
// they are missing, in the order that was asked for.
func TestEventOutcomesTogether(t *testing.T) {
	f := office(t)
	number, z, y, x := column(t, f, "number"), column(t, f, "z"), column(t, f, "y"), column(t, f, "x")
	spec := itt.EventSpec{Spec: itt.Spec{Outcomes: []string{"y", "last", "gaps", "square", "arm"}, Assignment: "z", Time: "day", Launch: mid, Controls: []string{"x"}}, Unit: "agent"}
	missing := map[string]func(i int) bool{
		"last":   func(i int) bool { return number[i] == 5 },              // a period that nobody is seen in
		"gaps":   func(i int) bool { return i%7 == 0 },                    // all periods, not all rows
		"square": func(i int) bool { return number[i] == 5 },              // as the first
		"arm":    func(i int) bool { return number[i] == 0 && z[i] == 1 }, // a period that one arm is seen in
	}
	for name, none := range missing {
		values := make([]float64, len(y))
		for i := range values {
			values[i] = y[i] + x[i]*y[i]
			if none(i) {
				values[i] = math.NaN()
			}
		}
		must(t, f.SetFloats(name, values))
	}
	var done [][2]int
	spec.Progress = func(d, total int) { done = append(done, [2]int{d, total}) }
	together, err := itt.EventStudy(t.Context(), f, spec)
	must(t, err)
	if !slices.IsSortedFunc(done, func(a, b [2]int) int { return a[0] - b[0] }) || done[len(done)-1] != [2]int{5, 5} {
		t.Errorf("progress %v, want it to end with all 5 of 5", done)
	}
	periods := map[string]int{"y": 5, "last": 4, "gaps": 5, "square": 4, "arm": 4}
	for i, outcome := range spec.Outcomes {
		one := spec
		one.Outcomes, one.Progress = []string{outcome}, nil
		alone, got := eventStudy(t, f, one), together[i]
		if got.Outcome != outcome || len(got.Periods) != periods[outcome] {
			t.Errorf("%s: the result is of %s, with periods %v, want %d of them", outcome, got.Outcome, got.Periods, periods[outcome])
		}
		if !slices.Equal(got.Periods, alone.Periods) || !slices.Equal(got.Warnings, alone.Warnings) || got.Fit.N != alone.Fit.N {
			t.Errorf("%s: periods %v, N %d, warnings %v, and alone %v, %d, %v", outcome, got.Periods, got.Fit.N, got.Warnings, alone.Periods, alone.Fit.N, alone.Warnings)
		}
		for p, c := range got.Coefficients {
			if c != alone.Coefficients[p] {
				t.Errorf("%s: %v, and alone %v", outcome, c, alone.Coefficients[p])
			}
		}
		if got.PreTrend != alone.PreTrend {
			t.Errorf("%s: pre-trend %+v, and alone %+v", outcome, got.PreTrend, alone.PreTrend)
		}
	}
	spec.Outcomes = []string{"y", "y"}
	if _, err := itt.EventStudy(t.Context(), f, spec); err == nil {
		t.Error("an outcome that is named twice is not refused")
	}
}

// TestBalanceIsITT: the p-value of each variable is that of its intention-to-treat effect, its
// difference without strata that of the means, and its row describes the rows used.
func TestBalanceIsITT(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawPanel(t, rapid.IntRange(6, 12).Draw(t, "agents"), 3, false)
		spec := itt.BalanceSpec{Spec: itt.Spec{Assignment: rapid.SampledFrom([]string{"z", "arm"}).Draw(t, "assignment"), Cluster: []string{"agent"}}, Variables: []string{"x", "y"}}
		if rapid.Bool().Draw(t, "strata") {
			spec.Absorb = iv.Effects("day")
		}
		if rapid.Bool().Draw(t, "weights") {
			spec.Weights = "w"
		}
		res, err := itt.Balance(context.Background(), f, spec)
		must(t, err)
		want := estimate(t, f, itt.Spec{Outcomes: spec.Variables, Assignment: spec.Assignment, Cluster: spec.Cluster, Absorb: spec.Absorb, Weights: spec.Weights})
		effects := want.Effects()
		for v, row := range res.Rows {
			for a, c := range row.Differences {
				if other := effects[v*len(row.Differences)+a]; c != other {
					t.Errorf("%s: difference %+v, effect %+v", row.Variable, c, other)
				}
				if spec.Absorb == nil {
					studytest.Near(t, row.Variable+": difference of means", c.Estimate, row.Arms[a+1].Mean-row.Arms[0].Mean, same, 1)
				}
				pooled := math.Sqrt((row.Arms[0].SD*row.Arms[0].SD + row.Arms[a+1].SD*row.Arms[a+1].SD) / 2)
				studytest.Near(t, row.Variable+": normalised", row.Normalized[a]*pooled, row.Arms[a+1].Mean-row.Arms[0].Mean, same, 1)
			}
			total := 0
			for _, m := range row.Arms {
				total += m.N
			}
			if total != row.N+row.Fit.Dropped.Singletons || row.N != row.Fit.N {
				t.Errorf("%s: arms of %d rows in all, N %d, fit %d, alone in a stratum %d", row.Variable, total, row.N, row.Fit.N, row.Fit.Dropped.Singletons)
			}
		}
		if (res.Joint.Reason == "") != (spec.Assignment == "z") {
			t.Errorf("joint test %+v of %s", res.Joint, spec.Assignment)
		}
	})
}
