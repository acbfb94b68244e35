package itt_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/studytest"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
)

// TestLinIsRegressionsByArm: Lin's effects are differences between the arms' own regressions at the
// means of the controls, for several arms, weighted or not, over each outcome's own rows.
func TestLinIsRegressionsByArm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawBlocks(t, 2)
		late := slices.Clone(column(t, f, "y"))
		late[1], late[5] = math.NaN(), math.NaN()
		must(t, f.SetFloats("late", late))
		spec := itt.Spec{Outcomes: []string{"y", "late", "level"}, Assignment: "arm", Controls: []string{"x", "block"}, Weights: rapid.SampledFrom([]string{"", "w"}).Draw(t, "weights")}
		res := lin(t, f, spec)
		if f.Has("x_c") || f.Has("arm=text") {
			t.Errorf("the caller's frame was written to: %v", f.Names())
		}
		arms, labels, err := f.Codes("arm")
		must(t, err)
		for o, outcome := range spec.Outcomes {
			y := column(t, f, outcome)
			used := f.Filter(func(row int) bool { return !math.IsNaN(y[row]) })
			weight := func(i int) float64 { return 1 }
			if spec.Weights != "" {
				w := column(t, used, "w")
				weight = func(i int) float64 { return w[i] }
			}
			x := column(t, used, "x")
			second, _, err := used.Codes("block")
			must(t, err)
			var mass, meanX, meanB float64
			for i := range x {
				mass += weight(i)
				meanX += weight(i) * x[i]
				meanB += weight(i) * float64(second[i])
			}
			at := map[string]float64{iv.Constant: 1, "x": meanX / mass, "block=block 1": meanB / mass}
			predict := func(label string) float64 {
				own := f.Filter(func(row int) bool { return labels[arms[row]] == label })
				fits, err := iv.Estimate(context.Background(), own, iv.Spec{Outcomes: []string{outcome}, Exogenous: []string{"x", "block"}, Weights: spec.Weights})
				must(t, err)
				c, err := fits[0].Combine("mean", at)
				must(t, err)
				return c.Estimate
			}
			for _, label := range []string{"text", "voice"} {
				got, err := res.ArmEffect(outcome, label)
				must(t, err)
				studytest.Near(t, outcome+" by "+label, got.Estimate, predict(label)-predict("control"), 1e-8, 1)
			}
			if res.Fits[o].N != used.Len() {
				t.Errorf("%s: N %d, want %d", outcome, res.Fits[o].N, used.Len())
			}
		}
	})
}

func TestLinRefusals(t *testing.T) {
	f := classes(t)
	y := []string{"y"}
	for _, c := range []struct {
		name    string
		spec    itt.Spec
		problem fieldexp.Problem
		says    string
	}{
		{"no outcome", itt.Spec{Assignment: "z", Controls: []string{"x"}}, fieldexp.BadSpec, "no outcome"},
		{"absorbed effects", itt.Spec{Outcomes: y, Assignment: "z", Absorb: iv.Effects("town")}, fieldexp.BadSpec, "effects of town|Controls"},
		{"a launch", itt.Spec{Outcomes: y, Assignment: "z", Launch: mid}, fieldexp.BadSpec, "difference-in-differences"},
		{"one level", itt.Spec{Outcomes: y, Assignment: "none"}, fieldexp.NoAssignment, "missing in all"},
		{"varies within cluster", itt.Spec{Outcomes: y, Assignment: "z", Cluster: []string{"class"}}, fieldexp.MixedCluster, "class"},
		{"infinite control", itt.Spec{Outcomes: y, Assignment: "z", Controls: []string{"infinite"}}, fieldexp.BadValues, `control "infinite" is infinite in row 5`},
		{"control repeats assignment", itt.Spec{Outcomes: y, Assignment: "z", Controls: []string{"x", "copy"}}, fieldexp.Spanned, `span "z"`},
		{"control varies in one arm", itt.Spec{Outcomes: y, Assignment: "z", Controls: []string{"x", "flat"}}, fieldexp.NoOverlap, `"flat"|arm(s) 1|Estimate`},
		{"outcome in one arm", itt.Spec{Outcomes: []string{"treatedonly"}, Assignment: "z", Controls: []string{"x"}}, fieldexp.OneArm, "treatedonly"},
		{"block without an arm", itt.Spec{Outcomes: []string{"gone"}, Assignment: "z", Controls: []string{"town"}}, fieldexp.NoOverlap, `"town=c"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := itt.Lin(context.Background(), f, c.spec)
			refused(t, err, c.problem, c.says)
		})
	}
	for name, spec := range map[string]itt.Spec{
		"unknown control":   {Outcomes: y, Assignment: "z", Controls: []string{"xx"}},
		"unknown outcome":   {Outcomes: []string{"why"}, Assignment: "z", Controls: []string{"x"}},
		"unknown weight":    {Outcomes: y, Assignment: "z", Controls: []string{"x"}, Weights: "ww"},
		"unknown cluster":   {Outcomes: y, Assignment: "z", Controls: []string{"x"}, Cluster: []string{"clas"}},
		"outcome of levels": {Outcomes: []string{"town"}, Assignment: "z", Controls: []string{"x"}},
	} {
		_, err := itt.Lin(context.Background(), f, spec)
		var e *fieldexp.Error
		if !errors.As(err, &e) || e.Op != "itt" && e.Op != "data" {
			t.Errorf("%s: error %v, want a *fieldexp.Error", name, err)
		}
	}
	for _, weight := range []string{"below", "infinite"} {
		_, err := itt.Lin(context.Background(), f, itt.Spec{Outcomes: y, Assignment: "z", Controls: []string{"x"}, Weights: weight})
		var e *fieldexp.Error
		if !errors.As(err, &e) || e.Problem != fieldexp.BadValues {
			t.Errorf("weight %q: error %v, want the engine's of values", weight, err)
		}
	}
}

// TestLinWithoutControls: without controls, or with one that varies nowhere, it is Estimate.
func TestLinWithoutControls(t *testing.T) {
	f := classes(t)
	spec := itt.Spec{Outcomes: []string{"y"}, Assignment: "z"}
	want := effect(t, estimate(t, f, spec), "y")
	nearEffect(t, "no controls", effect(t, lin(t, f, spec), "y"), want, 1e-12)
	constant := f.Clone()
	must(t, constant.SetFloats("five", slices.Repeat([]float64{5}, 24)))
	spec.Controls = []string{"five"}
	nearEffect(t, "a constant control", effect(t, lin(t, constant, spec), "y"), want, 1e-12)
}
