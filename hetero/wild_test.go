package hetero_test

import (
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

// withOther adds a second outcome, y2, that is half the first and half noise of its own.
func withOther(t *testing.T, f *data.Frame) {
	t.Helper()
	studytest.Derive(t, f, "y2", []string{"y", "c2"}, func(x []float64) float64 { return 0.5*x[0] + math.Sin(37*x[1]) })
}

// keeping is a spec whose results the bootstrap can use.
func keeping(rule hetero.TimeEffects, usage string) hetero.Spec {
	spec := worldSpec(rule)
	spec.Usage, spec.Outcomes, spec.Controls = usage, []string{"y", "y2"}, []string{"c1"}
	spec.Covariance.Kind = iv.CR2
	return spec
}

func wild(t *testing.T, r *hetero.Result, spec bootstrap.WildSpec) *hetero.Wild {
	t.Helper()
	w, err := r.Wild(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestWildIsBootstrap: the tests are those of bootstrap.Wild of the model with periods and groups as
// written-out columns, with the same seed.
func TestWildIsBootstrap(t *testing.T) {
	f := world{seed: 41, units: 30, periods: 6, groups: 3, skill: 1, noise: 1, effect: 1, gradient: 0.5}.frame(t)
	withOther(t, f)
	written(t, f)
	spec := bootstrap.WildSpec{Draws: 499, Seed: 5}
	for _, rule := range []hetero.TimeEffects{hetero.GroupSpecific, hetero.Common} {
		periods := "period in group"
		if rule == hetero.Common {
			periods = "period as text"
		}
		w := wild(t, estimate(t, f, keeping(rule, "")), spec)
		for i, outcome := range []string{"y", "y2"} {
			model := fitOne(t, f, iv.Spec{Outcomes: []string{outcome}, Exogenous: []string{"treat in 1", "treat in 2", "treat in 3", "c1", periods},
				Absorb: iv.Effects("unit"), Cluster: []string{"unit"}})
			one := spec
			one.Term = "treat in 2"
			want, err := bootstrap.Wild(t.Context(), model, one)
			if err != nil {
				t.Fatal(err)
			}
			got := w.Fits[i].Impacts[1]
			near(t, "t", got.Statistic, want.Statistic, same, 0)
			near(t, "p", got.P, want.P, 0, 0)
			near(t, "set", got.Set.Pieces[0][0], want.Set.Pieces[0][0], 1e-7, want.SE)
			one = spec
			one.Null = []bootstrap.Restriction{{Combination: map[string]float64{"treat in 2": 1, "treat in 1": -1}}, {Combination: map[string]float64{"treat in 3": 1, "treat in 1": -1}}}
			if want, err = bootstrap.Wild(t.Context(), model, one); err != nil {
				t.Fatal(err)
			}
			near(t, "equality", w.Fits[i].Equality.Statistic, want.Statistic, 1e-8, 0)
			near(t, "equality (p)", w.Fits[i].Equality.P, want.P, 0, 0)
		}
		if text := w.String(); !strings.Contains(text, "y2, equal effects: F ") || !strings.Contains(text, "499 draws") {
			t.Errorf("the summary reads:\n%s", text)
		}
	}
}

// written adds treatment in each group and period effects, common and by group, as columns.
func written(t *testing.T, f *data.Frame) {
	t.Helper()
	codes, _, err := f.Codes("q")
	if err != nil {
		t.Fatal(err)
	}
	treat, period := studytest.Floats(t, f, "treat"), studytest.Floats(t, f, "period")
	common, own := make([]string, f.Len()), make([]string, f.Len())
	columns := make([][]float64, 3)
	for k := range columns {
		columns[k] = make([]float64, f.Len())
	}
	for i, g := range codes {
		columns[g][i] = treat[i]
		common[i] = string(rune('a' + int(period[i])))
		own[i] = common[i] + string(rune('1'+g))
	}
	for k, name := range []string{"treat in 1", "treat in 2", "treat in 3"} {
		if err := f.SetFloats(name, columns[k]); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(f.SetStrings("period as text", common), f.SetStrings("period in group", own)); err != nil {
		t.Fatal(err)
	}
}

// TestWildOfUsage: for effects of usage the tests are those of assignment.
func TestWildOfUsage(t *testing.T) {
	f := world{seed: 42, units: 40, periods: 6, groups: 3, skill: 1, noise: 1, effect: 1}.frame(t)
	withOther(t, f)
	spec := bootstrap.WildSpec{Draws: 199, Seed: 1, NoSet: true}
	usage := wild(t, estimate(t, f, keeping(hetero.GroupSpecific, "use")), spec)
	assignment := wild(t, estimate(t, f, keeping(hetero.GroupSpecific, "")), spec)
	for i := range usage.Fits {
		if usage.Fits[i].Equality != nil || usage.Fits[i].Trend != nil {
			t.Error("equality of effects of usage was tested by the reduced form")
		}
		for k, got := range usage.Fits[i].Impacts {
			near(t, "t", got.Statistic, assignment.Fits[i].Impacts[k].Statistic, same, 0)
			near(t, "p", got.P, assignment.Fits[i].Impacts[k].P, 0, 0)
			if got.Null != assignment.Fits[i].Impacts[k].Null || !strings.Contains(got.Null, "treat has no effect in Q") {
				t.Errorf("the null reads %q", got.Null)
			}
		}
	}
}

// TestWildAgreement: the test of equal effects of usage is bootstrap.Agreement of the model of one effect, with period
// effects written out; equal effects agree, and unequal ones do not.
func TestWildAgreement(t *testing.T) {
	// F is taken at the effect that is rejected least, an end of a step of the p-value. Both models find it by
	// search, each among draws with late digits of their own, and F moves with it: by 1e-10 of itself here.
	const searched = 1e-8
	spec := bootstrap.WildSpec{Draws: 199, Seed: 1}
	for _, gradient := range []float64{0, 6} {
		f := world{seed: 46, units: 180, periods: 6, groups: 3, skill: 1, noise: 1, effect: 1, gradient: gradient}.frame(t)
		withOther(t, f)
		written(t, f)
		for _, rule := range []hetero.TimeEffects{hetero.GroupSpecific, hetero.Common} {
			periods := "period in group"
			if rule == hetero.Common {
				periods = "period as text"
			}
			got, err := hetero.WildAgreement(t.Context(), f, keeping(rule, "use"), spec)
			if err != nil {
				t.Fatal(err)
			}
			for i, outcome := range []string{"y", "y2"} {
				model := fitOne(t, f, iv.Spec{Outcomes: []string{outcome}, Exogenous: []string{"c1", periods}, Endogenous: []string{"use"},
					Instruments: []string{"treat in 1", "treat in 2", "treat in 3"}, Absorb: iv.Effects("unit"), Cluster: []string{"unit"}})
				one := spec
				one.Term = "use"
				want, err := bootstrap.Agreement(t.Context(), model, one)
				if err != nil {
					t.Fatal(err)
				}
				near(t, "F", got[i].Statistic, want.Statistic, searched, 0)
				near(t, "p", got[i].P, want.P, 0, 0)
			}
			if p := got[0].P; rule == hetero.GroupSpecific && (p > 0.05) != (gradient == 0) {
				t.Errorf("gradient %g: p %g", gradient, p)
			}
			if !strings.HasPrefix(got[0].Null, "the effect is the same in Q1, Q2") {
				t.Errorf("the null reads %q", got[0].Null)
			}
		}
	}
	f := world{seed: 46, units: 40, periods: 6, groups: 3, skill: 1, noise: 1, effect: 1}.frame(t)
	withOther(t, f)
	var own *fieldexp.Error
	if _, err := hetero.WildAgreement(t.Context(), f, keeping(hetero.GroupSpecific, ""), spec); !errors.As(err, &own) || own.Op != "hetero" {
		t.Errorf("effects of assignment: %v", err)
	}
	spec.Term = "use"
	if _, err := hetero.WildAgreement(t.Context(), f, keeping(hetero.GroupSpecific, "use"), spec); !errors.As(err, &own) || own.Op != "hetero" {
		t.Errorf("a named hypothesis: %v", err)
	}
}

// TestStepDown: adjusted p-values are no smaller than their own, in the order of the statistics, and those
// of the common draws; where one effect is strong it is found whatever the others.
func TestStepDown(t *testing.T) {
	f := world{seed: 43, units: 160, periods: 8, groups: 4, skill: 1, noise: 0.2, effect: 2}.frame(t)
	withOther(t, f)
	studytest.Derive(t, f, "y2", []string{"c2"}, func(x []float64) float64 { return math.Sin(37 * x[0]) }) // no effect
	w := wild(t, estimate(t, f, keeping(hetero.GroupSpecific, "")), bootstrap.WildSpec{Draws: 999, Seed: 2, NoSet: true})
	for _, method := range []bootstrap.StepMethod{bootstrap.RomanoWolf, bootstrap.WestfallYoung} {
		s, err := w.StepDown(method)
		if err != nil {
			t.Fatal(err)
		}
		for i := range s.Outcomes {
			for k := range s.Groups {
				near(t, "unadjusted", s.Unadjusted[i][k], w.Fits[i].Impacts[k].P, 0, 0)
				if s.P[i][k] < s.Unadjusted[i][k] {
					t.Errorf("%s in %s: adjusted %v below %v", s.Outcomes[i], s.Groups[k], s.P[i][k], s.Unadjusted[i][k])
				}
				if found := s.P[i][k] < 0.05; found != (i == 0) {
					t.Errorf("%v: %s in %s has p %v", method, s.Outcomes[i], s.Groups[k], s.P[i][k])
				}
			}
		}
		last := 0.0
		for _, h := range s.Result.Order {
			if p := s.P[h/4][h%4]; p < last {
				t.Errorf("%v: adjusted p-values fall from %v to %v", method, last, p)
			} else {
				last = p
			}
		}
		if notes := s.Notes(); !strings.Contains(notes[0], "2 outcomes in 4 groups by "+method.String()) {
			t.Errorf("notes %v", notes)
		}
	}
}

// TestWildOfDifferentClusters: an outcome that is missing in some clusters shares the draws of the others. That which
// has all clusters has the draws that it has alone, and stepping down allows for both.
func TestWildOfDifferentClusters(t *testing.T) {
	f := world{seed: 44, units: 40, periods: 6, groups: 3, skill: 1, noise: 1}.frame(t)
	withOther(t, f)
	spec := bootstrap.WildSpec{Draws: 199, Seed: 2, NoSet: true}
	alone := wild(t, estimate(t, f, keeping(hetero.GroupSpecific, "")), spec)
	units, _, err := f.Codes("unit")
	if err != nil {
		t.Fatal(err)
	}
	y := append([]float64(nil), studytest.Floats(t, f, "y2")...)
	for i, u := range units {
		if u == 3 {
			y[i] = math.NaN()
		}
	}
	if err := f.SetFloats("y2", y); err != nil {
		t.Fatal(err)
	}
	w := wild(t, estimate(t, f, keeping(hetero.GroupSpecific, "")), spec)
	for k, test := range w.Fits[0].Impacts {
		if test.P != alone.Fits[0].Impacts[k].P {
			t.Errorf("group %s: p %g beside an outcome of other clusters, %g alone", w.Groups[k], test.P, alone.Fits[0].Impacts[k].P)
		}
		if whole, part := test.Clusters, w.Fits[1].Impacts[k].Clusters; part != whole-1 {
			t.Errorf("%d clusters of y2, %d of y", part, whole)
		}
	}
	steps, err := w.StepDown(bootstrap.RomanoWolf)
	if err != nil {
		t.Fatal(err)
	}
	for i, outcome := range steps.Outcomes {
		for k, p := range steps.P[i] {
			if p < steps.Unadjusted[i][k] || steps.Unadjusted[i][k] != w.Fits[i].Impacts[k].P {
				t.Errorf("%s in %s: adjusted %g, unadjusted %g, alone %g", outcome, w.Groups[k], p, steps.Unadjusted[i][k], w.Fits[i].Impacts[k].P)
			}
		}
	}
}

// TestWildRefusals: what cannot be bootstrapped says what to do.
func TestWildRefusals(t *testing.T) {
	f := world{seed: 44, units: 40, periods: 6, groups: 3, skill: 1, noise: 1}.frame(t)
	withOther(t, f)
	plain := keeping(hetero.GroupSpecific, "")
	plain.Covariance = iv.Covariance{}
	_, err := estimate(t, f, plain).Wild(t.Context(), bootstrap.WildSpec{})
	var model *fieldexp.Error
	if !errors.As(err, &model) || model.Op != "iv" || !strings.Contains(model.Error(), "CR2") {
		t.Errorf("without kept columns: %v", err)
	}
	kept := estimate(t, f, keeping(hetero.GroupSpecific, ""))
	var own *fieldexp.Error
	if _, err = kept.Wild(t.Context(), bootstrap.WildSpec{Term: "treat"}); !errors.As(err, &own) || own.Op != "hetero" {
		t.Errorf("a named hypothesis: %v", err)
	}
	back, err := kept.With(iv.Covariance{Kind: iv.CR1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := back.Wild(t.Context(), bootstrap.WildSpec{Draws: 99, NoSet: true}); err != nil {
		t.Errorf("after With(CR1): %v", err)
	}
}
