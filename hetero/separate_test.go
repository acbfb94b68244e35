package hetero_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/internal/studytest"
	"github.com/fieldexp/fieldexp/iv"
)

func separate(t *testing.T, f *data.Frame, spec hetero.Spec) *hetero.Separated {
	t.Helper()
	s, err := hetero.Separate(t.Context(), f, spec)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSeparateIsSaturated: without controls the groups' own models give the effects of the joint one, and
// with one factor the standard errors too.
func TestSeparateIsSaturated(t *testing.T) {
	f := world{seed: 51, units: 90, periods: 8, groups: 3, skill: 1, noise: 1, effect: 1, seen: 0.8}.frame(t)
	spec := worldSpec(hetero.GroupSpecific)
	spec.Covariance.Kind = iv.CR0
	joint := estimate(t, f, spec).Fits[0]
	own := separate(t, f, spec)
	if len(own.Fits) != 1 || len(own.Fits[0].Groups) != 3 || own.Regressor != "use" {
		t.Fatalf("%+v", own)
	}
	for k, g := range own.Fits[0].Groups {
		near(t, g.Effect.Name, g.Effect.Estimate, joint.Impacts[k].Estimate, same, joint.Impacts[k].SE)
		near(t, g.Effect.Name+" (standard error)", g.Effect.SE, joint.Impacts[k].SE, same, 0)
		near(t, g.FirstStage.Name, g.FirstStage.Estimate, joint.Groups[k].FirstStage.Estimate, same, joint.Groups[k].FirstStage.SE)
		near(t, "strength", g.Strength.Statistic, joint.Groups[k].FirstStageF.Statistic, same, 0)
		text := own.String()
		for _, want := range []string{"y, impact on " + g.Group + ": ", "95% Anderson-Rubin set [", "equal effects (J): chi-squared(2)", "In " + g.Group + ": "} {
			if !strings.Contains(text, want) {
				t.Errorf("the summary does not say %q:\n%s", want, text)
			}
		}
		if g.Effect.DF != float64(joint.Groups[k].Clusters-1) {
			t.Errorf("%s: %v degrees of freedom for %d clusters", g.Group, g.Effect.DF, joint.Groups[k].Clusters)
		}
	}
}

// TestAndersonRubinByGroup: at the ends of a group's set, assignment moves the outcome less usage times
// the end by just as much as the level allows, and the set holds the estimate.
func TestAndersonRubinByGroup(t *testing.T) {
	f := world{seed: 52, units: 90, periods: 8, groups: 3, skill: 1, noise: 1, effect: 1}.frame(t)
	codes, _, err := f.Codes("q")
	if err != nil {
		t.Fatal(err)
	}
	spec := worldSpec(hetero.GroupSpecific)
	spec.Controls = []string{"c1"}
	for k, g := range separate(t, f, spec).Fits[0].Groups {
		set := g.AndersonRubin
		if len(set.Pieces) != 1 || !set.Bounded() || !set.Contains(g.Effect.Estimate) {
			t.Fatalf("%s: set %v around %v", g.Group, set, g.Effect.Estimate)
		}
		rows := f.Filter(func(row int) bool { return codes[row] == int32(k) })
		for _, end := range set.Pieces[0] {
			studytest.Derive(t, rows, "rest", []string{"y", "use"}, func(x []float64) float64 { return x[0] - end*x[1] })
			model := fitOne(t, rows, iv.Spec{Outcomes: []string{"rest"}, Exogenous: []string{"c1", "treat"}, Absorb: iv.Effects("unit", "period"), Cluster: []string{"unit"}})
			near(t, g.Group, coefficient(t, model, "treat").P, 0.05, 1e-6, 0)
		}
	}
}

// TestWeakGroup: where hardly anyone in a group uses what was assigned, its set is unbounded and its strength
// small, others are as they were, and the J test of equality goes on.
func TestWeakGroup(t *testing.T) {
	f := world{seed: 53, units: 120, periods: 8, groups: 3, skill: 1, noise: 1, effect: 1}.frame(t)
	spec := worldSpec(hetero.GroupSpecific)
	before := separate(t, f, spec).Fits[0]
	written(t, f)
	row := 0
	edit(t, f, "use", func(group string, v float64) float64 {
		row++
		if group == "Q2" { // noise, whoever was assigned
			return 0.3 * math.Sin(float64(row*row))
		}
		return v
	})
	fit := separate(t, f, spec).Fits[0]
	if weak := fit.Groups[1]; weak.AndersonRubin.Bounded() || weak.Strength.Statistic > 5 {
		t.Errorf("a group with hardly any first stage has strength %v and set %v", weak.Strength, weak.AndersonRubin)
	}
	for _, k := range []int{0, 2} {
		near(t, fit.Groups[k].Group, fit.Groups[k].Effect.Estimate, before.Groups[k].Effect.Estimate, same, 1)
	}
	model := fitOne(t, f, iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"use"}, Instruments: []string{"treat in 1", "treat in 2", "treat in 3"},
		Absorb: iv.Effects("unit", "period^q"), Cluster: []string{"unit"}})
	want := model.Overidentification()
	near(t, "J", fit.Equality.Statistic, want.Statistic, 1e-8, 0)
	near(t, "J (p)", fit.Equality.P, want.P, 1e-8, 0)
	if fit.Equality.DF1 != 2 || !strings.Contains(fit.Equality.Null, "same in Q1, Q2, Q3") {
		t.Errorf("equality %+v", fit.Equality)
	}
}

// TestWildByGroup: a group's own model can be bootstrapped. The wild Anderson-Rubin test of zero is the wild
// bootstrap of its reduced form.
func TestWildByGroup(t *testing.T) {
	f := world{seed: 55, units: 60, periods: 6, groups: 2, skill: 1, noise: 1, effect: 2}.frame(t)
	spec := worldSpec(hetero.GroupSpecific)
	spec.Covariance.Kind = iv.CR2
	model := separate(t, f, spec).Fits[0].Groups[0].Model
	draws := bootstrap.WildSpec{Term: "use", Draws: 199, Seed: 3, NoSet: true}
	ar, err := bootstrap.AndersonRubin(t.Context(), model, draws)
	if err != nil {
		t.Fatal(err)
	}
	draws.Term = "treat"
	reduced, err := bootstrap.Wild(t.Context(), model.ReducedForm, draws)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "wild Anderson-Rubin", ar.P, reduced.P, 0, 0)
	plain, err := model.With(iv.Covariance{Kind: iv.CR1})
	if err != nil {
		t.Fatal(err)
	}
	draws.Term = "use"
	wre, err := bootstrap.WRE(t.Context(), plain, draws)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "estimate", wre.Estimate, plain.Coef[0], same, 0)
}

// TestCancelled: long work stops with its context.
func TestCancelled(t *testing.T) {
	f := world{seed: 56, units: 40, periods: 6, groups: 2, skill: 1, noise: 1}.frame(t)
	spec := keeping(hetero.GroupSpecific, "")
	spec.Outcomes = []string{"y"}
	kept := estimate(t, f, spec)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	split := splitSpec(hetero.GroupSpecific, "use")
	split.N = 2
	_, separate := hetero.Separate(ctx, f, worldSpec(hetero.GroupSpecific))
	_, splits := hetero.SplitEstimate(ctx, f, split)
	_, wild := kept.Wild(ctx, bootstrap.WildSpec{})
	for what, err := range map[string]error{"Separate": separate, "SplitEstimate": splits, "Wild": wild} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestSeparateRefusals(t *testing.T) {
	f := world{seed: 54, units: 40, periods: 6, groups: 4, skill: 1, noise: 1}.frame(t)
	for _, c := range []struct {
		name    string
		change  func(f *data.Frame, s *hetero.Spec)
		problem fieldexp.Problem
		group   string
		says    string
	}{
		{"an ITT", func(_ *data.Frame, s *hetero.Spec) { s.Usage = "" }, fieldexp.BadSpec, "", "set Usage"},
		{"common periods", func(_ *data.Frame, s *hetero.Spec) { s.TimeEffects = hetero.Common }, fieldexp.BadSpec, "", "use GroupSpecific"},
		{"an empty first stage", func(f *data.Frame, _ *hetero.Spec) { edit(t, f, "use", in("Q3", 0)) }, fieldexp.NoFirstStage, "Q3", "first stage of group Q3"},
		{"usage unknown in a group", func(f *data.Frame, _ *hetero.Spec) { edit(t, f, "use", in("Q2", math.NaN())) }, fieldexp.EmptyGroup, "Q2", "no row"},
		{"a control that is treatment in a group", func(f *data.Frame, s *hetero.Spec) {
			if err := f.SetFloats("same", append([]float64(nil), studytest.Floats(t, f, "treat")...)); err != nil {
				t.Fatal(err)
			}
			row := 0
			edit(t, f, "same", func(g string, v float64) float64 {
				row++
				if g != "Q4" {
					return math.Sin(float64(row))
				}
				return v
			})
			s.Controls = []string{"same"}
		}, fieldexp.GroupModel, "Q4", "in group Q4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, spec := f.Clone(), worldSpec(hetero.GroupSpecific)
			c.change(g, &spec)
			_, err := hetero.Separate(t.Context(), g, spec)
			var e *fieldexp.Error
			if !errors.As(err, &e) || e.Problem != c.problem || e.Group != c.group || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v", err)
			}
		})
	}
}
