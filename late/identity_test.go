package late_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/studytest"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/late"
)

// same is for two ways through the library that differ only in the order of operations.
const same = 1e-10

// launch is when the simulated assistant became available, half way through the days.
var launch = time.Date(2024, 3, 5, 0, 0, 0, 0, time.UTC)

// world simulates an encouragement design on a panel: 40 agents over 8 days, assignment z by agent,
// three arms, usage from the launch on: used (0/1) and share, one-sided, and loose, which some use
// without being assigned.
func world(t rapid.TB, seed uint64) *data.Frame {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 3))
	columns := map[string][]float64{}
	var days []int64
	var arm []string
	for a := range 40 {
		ability, keen := r.NormFloat64(), r.Float64()
		if a < 4 {
			keen = 0 // never uses
		}
		for d := range 8 {
			if r.IntN(10) == 0 {
				continue
			}
			z, since := float64(a%2), 0.0
			if d >= 4 {
				since = 1
			}
			used, loose := 0.0, 0.0
			if r.Float64() < keen {
				used = z * since
				loose = max(used, since*float64(r.IntN(2)))
			}
			x := r.NormFloat64()
			for name, v := range map[string]float64{
				"agent": float64(a), "z": z, "used": used, "share": used * r.Float64(), "loose": loose, "x": x,
				"w": 0.5 + r.Float64(), "y": ability + 0.3*x - 0.7*used + r.NormFloat64(), "y2": ability*x + used + r.ExpFloat64(),
				"dose": 10 * used * r.Float64(), "since": since, "noise": r.NormFloat64(),
			} {
				columns[name] = append(columns[name], v)
			}
			days = append(days, launch.AddDate(0, 0, d-4).UnixNano())
			arm = append(arm, []string{"control", "text", "voice"}[[]int{0, 1, 0, 2}[a%4]])
		}
	}
	var f data.Frame
	for name, values := range columns {
		must(t, f.SetFloats(name, values))
	}
	must(t, f.SetInstants("day", days))
	must(t, f.SetStrings("arm", arm))
	return &f
}

func must(t rapid.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func column(t rapid.TB, f *data.Frame, name string) []float64 {
	t.Helper()
	values, err := f.Floats(name)
	must(t, err)
	return values
}

// drawSpec is a design with or without controls, effects, weights, clusters and a launch.
func drawSpec(t *rapid.T) late.Spec {
	s := late.Spec{Usage: rapid.SampledFrom([]string{"used", "share", "loose"}).Draw(t, "usage"),
		Spec: itt.Spec{Outcomes: []string{"y", "y2"}, Assignment: "z"}}
	if rapid.Bool().Draw(t, "controls") {
		s.Controls = []string{"x"}
	}
	if rapid.Bool().Draw(t, "weights") {
		s.Weights = "w"
	}
	if rapid.Bool().Draw(t, "clusters") {
		s.Cluster = []string{"agent"}
	}
	if rapid.Bool().Draw(t, "launch") {
		s.Time, s.Launch = "day", launch
		s.Absorb = iv.Effects("agent")
	}
	if rapid.Bool().Draw(t, "days") {
		s.Absorb = append(s.Absorb, iv.Effects("day")...)
	}
	return s
}

// TestLATEIsRatio: with one instrument the effect is the intention-to-treat effect over the first
// stage, which are those of package itt, and LIML is the same.
func TestLATEIsRatio(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := world(t, rapid.Uint64().Draw(t, "seed"))
		spec := drawSpec(t)
		res := estimate(t, f, spec)
		liml := spec
		liml.Estimator = iv.LIML
		other := estimate(t, f, liml)
		uptake := spec.Spec
		uptake.Outcomes = append(uptake.Outcomes, spec.Usage)
		effects, err := itt.Estimate(context.Background(), f, uptake)
		must(t, err)
		onUsage, err := effects.Effect(spec.Usage)
		must(t, err)
		for _, outcome := range spec.Outcomes {
			get := func(of func(string) (iv.Coefficient, error)) iv.Coefficient {
				c, err := of(outcome)
				must(t, err)
				return c
			}
			effect, first, reduced := get(res.Effect), get(res.FirstStage), get(res.ReducedForm)
			studytest.Near(t, "ratio", effect.Estimate, reduced.Estimate/first.Estimate, same, effect.SE)
			studytest.Near(t, "LIML", get(other.Effect).Estimate, effect.Estimate, 1e-8, effect.SE)
			onOutcome := get(effects.Effect)
			studytest.Near(t, "reduced form", reduced.Estimate, onOutcome.Estimate, same, reduced.SE)
			studytest.Near(t, "its standard error", reduced.SE, onOutcome.SE, same, 0)
			studytest.Near(t, "first stage", first.Estimate, onUsage.Estimate, same, first.SE)
			studytest.Near(t, "its standard error", first.SE, onUsage.SE, same, 0)
			test, err := res.FirstStageF(outcome)
			must(t, err)
			studytest.Near(t, "first-stage F", test.Statistic, first.Statistic*first.Statistic, 1e-9, 0)
		}
		if got := res.Effects(); len(got) != 2 || got[0] != effectOf(t, res, "y") || got[1] != effectOf(t, res, "y2") {
			t.Errorf("effects %v are not those of the outcomes", got)
		}
	})
}

func effectOf(t rapid.TB, res *late.Result, outcome string) iv.Coefficient {
	t.Helper()
	c, err := res.Effect(outcome)
	must(t, err)
	return c
}

// TestAsUsed: the as-used regressions are least squares on usage, over all rows and over the
// treated ones.
func TestAsUsed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := world(t, rapid.Uint64().Draw(t, "seed"))
		spec := drawSpec(t)
		res := estimate(t, f, spec)
		model := iv.Spec{Outcomes: spec.Outcomes, Exogenous: append([]string{spec.Usage}, spec.Controls...), Absorb: spec.Absorb, Cluster: spec.Cluster, Weights: spec.Weights}
		among, err := late.AsUsedAmongAssigned(context.Background(), f, spec)
		must(t, err)
		z, since := column(t, f, "z"), column(t, f, "since")
		treated := f.Filter(func(i int) bool { return z[i] == 1 && (spec.Time == "" || since[i] == 1) })
		want, err := iv.Estimate(context.Background(), treated, model)
		must(t, err)
		if spec.Time != "" && len(spec.Absorb) == 1 { // no day effects: the launch is a regressor
			g := f.Clone()
			must(t, g.SetFloats("after", since))
			f, model.Exogenous = g, append(model.Exogenous, "after")
		}
		all, err := iv.Estimate(context.Background(), f, model)
		must(t, err)
		for i, outcome := range spec.Outcomes {
			near(t, "among assigned", coefficient(t, among[i], spec.Usage), coefficient(t, want[i], spec.Usage))
			got, err := res.AsUsed(outcome)
			must(t, err)
			near(t, "as used", got, coefficient(t, all[i], spec.Usage))
		}
	})
}

func coefficient(t rapid.TB, fit *iv.Result, name string) iv.Coefficient {
	t.Helper()
	c, err := fit.Coefficient(name)
	must(t, err)
	return c
}

func near(t rapid.TB, what string, got, want iv.Coefficient) {
	t.Helper()
	studytest.Near(t, what, got.Estimate, want.Estimate, same, want.SE)
	studytest.Near(t, what+": standard error", got.SE, want.SE, 1e-9, 0)
}

// TestArmsAsInstruments: several arms are as many instruments, in a difference-in-differences too.
func TestArmsAsInstruments(t *testing.T) {
	f := world(t, 11)
	spec := late.Spec{Usage: "used", Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "arm", Absorb: iv.Effects("agent", "day"),
		Cluster: []string{"agent"}, Time: "day", Launch: launch}}
	res := estimate(t, f, spec)
	g := f.Clone()
	since := column(t, f, "since")
	codes, levels, err := f.Codes("arm")
	must(t, err)
	for _, arm := range []string{"text", "voice"} {
		v := make([]float64, f.Len())
		for i, c := range codes {
			if levels[c] == arm {
				v[i] = since[i]
			}
		}
		must(t, g.SetFloats(arm, v))
	}
	want, err := iv.Estimate(context.Background(), g, iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"used"}, Instruments: []string{"text", "voice"},
		Absorb: iv.Effects("agent", "day"), Cluster: []string{"agent"}})
	must(t, err)
	near(t, "effect", effectOf(t, res, "y"), coefficient(t, want[0], "used"))
	f1, err := res.FirstStageF("y")
	must(t, err)
	studytest.Near(t, "first-stage F", f1.Statistic, want[0].PartialF()[0].Statistic, 1e-9, 0)
	_, err = res.FirstStage("y")
	refused(t, err, fieldexp.BadSpec, "2 arms beside control")
	_, err = res.ReducedForm("y")
	refused(t, err, fieldexp.BadSpec, "2 arms beside control")
	if text := res.String(); !strings.Contains(text, "used (2SLS), assignment arm") {
		t.Errorf("summary:\n%s", text)
	}
}

// TestShares compares the description of uptake with a count by hand.
func TestShares(t *testing.T) {
	f := world(t, 5)
	z, since, agents := column(t, f, "z"), column(t, f, "since"), column(t, f, "agent")
	for _, usage := range []string{"used", "share", "loose"} {
		spec := late.Spec{Usage: usage, Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "z", Absorb: iv.Effects("agent", "day"),
			Cluster: []string{"agent"}, Time: "day", Launch: launch}}
		s := estimate(t, f, spec).Shares
		u := column(t, f, usage)
		var sum, rows [2]float64
		untreatedUsers := 0
		use := map[float64][]float64{}
		for i := range u {
			if z[i]*since[i] == 0 && u[i] != 0 {
				untreatedUsers++
			}
			if since[i] == 1 {
				sum[int(z[i])] += u[i]
				rows[int(z[i])]++
				if z[i] == 1 {
					use[agents[i]] = append(use[agents[i]], u[i])
				}
			}
		}
		never, always := 0.0, 0.0
		for _, v := range use {
			if slices.Max(v) == 0 {
				never++
			}
			if slices.Min(v) == 1 {
				always++
			}
		}
		units := float64(len(use))
		treated, others := sum[1]/rows[1], sum[0]/rows[0]
		for _, v := range []struct {
			name      string
			got, want float64
		}{
			{"assigned", float64(s.Assigned), rows[1]}, {"not assigned", float64(s.NotAssigned), rows[0]},
			{"mean assigned", s.MeanAssigned, treated}, {"mean not assigned", s.MeanNotAssigned, others},
			{"compliers", s.Compliers, treated - others}, {"users untreated", float64(s.UsedNotTreated), float64(untreatedUsers)},
			{"units", float64(s.Units), units}, {"never use", s.NeverUse, never / units}, {"always use", s.AlwaysUse, always / units},
		} {
			studytest.Near(t, usage+": "+v.name, v.got, v.want, 1e-13, 1)
		}
		if never == 0 || s.Unit != "agent" {
			t.Errorf("%s: %v never users by %q: the simulation was to have some agents", usage, never, s.Unit)
		}
		if s.OneSided != (usage != "loose") || s.Binary != (usage != "share") {
			t.Errorf("%s: one-sided %v, 0/1 %v", usage, s.OneSided, s.Binary)
		}
		if s.Binary {
			studytest.Near(t, usage+": shares", s.Compliers+s.NeverTakers+s.AlwaysTakers, 1, 1e-13, 1)
		} else if !math.IsNaN(s.NeverTakers) || !math.IsNaN(s.AlwaysTakers) {
			t.Errorf("%s: takers %v and %v of usage that is a share", usage, s.NeverTakers, s.AlwaysTakers)
		}
		if text := s.String(); strings.Contains(text, "one-sided") != s.OneSided || !strings.Contains(text, fmt.Sprintf("Of %d assigned units (agent)", s.Units)) {
			t.Errorf("%s: %s", usage, text)
		}
	}
	// Weights count rows more or less; a weight of zero leaves one out.
	w := slices.Clone(column(t, f, "w"))
	var keep []int
	for i := range w {
		if i%7 == 0 {
			w[i] = 0
		} else {
			w[i] = 2
			keep = append(keep, i)
		}
	}
	must(t, f.SetFloats("w2", w))
	spec := late.Spec{Usage: "used", Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "z", Weights: "w2"}}
	weighted := estimate(t, f, spec).Shares
	spec.Weights = ""
	if part := estimate(t, f.Take(keep), spec).Shares; weighted != part {
		t.Errorf("weighted %+v, want those of the rows with weight, %+v", weighted, part)
	}
}

// TestFullCompliance: where everybody used who was assigned, and nobody else, the effect of usage is
// that of assignment.
func TestFullCompliance(t *testing.T) {
	f := world(t, 2)
	must(t, f.SetFloats("does", slices.Clone(column(t, f, "z"))))
	spec := late.Spec{Usage: "does", Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "z", Cluster: []string{"agent"}}}
	res := estimate(t, f, spec)
	effects, err := itt.Estimate(context.Background(), f, spec.Spec)
	must(t, err)
	want, err := effects.Effect("y")
	must(t, err)
	near(t, "effect", effectOf(t, res, "y"), want)
	if s := res.Shares; s.Compliers != 1 || s.NeverTakers != 0 || s.AlwaysUse != 1 {
		t.Errorf("shares %+v", s)
	}
	for _, w := range res.Warnings {
		if w.Code == "weak-first-stage" {
			t.Errorf("warning %v of a perfect instrument", w)
		}
	}
}
