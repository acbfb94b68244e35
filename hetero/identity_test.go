package hetero_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/internal/studytest"
	"github.com/fieldexp/fieldexp/iv"
)

// designs are specs of every kind over a world.
func designs() map[string]hetero.Spec {
	list := map[string]hetero.Spec{}
	for _, rule := range []hetero.TimeEffects{hetero.GroupSpecific, hetero.Common} {
		for _, usage := range []string{"", "use"} {
			spec := worldSpec(rule)
			spec.Usage = usage
			kind := "LATE"
			if usage == "" {
				kind = "ITT"
			}
			list[fmt.Sprintf("%v %s", rule, kind)] = spec
			spec.Controls = []string{"c1", "c2"}
			list[fmt.Sprintf("%v %s with controls", rule, kind)] = spec
			spec.Weights = "w"
			list[fmt.Sprintf("%v %s with weights", rule, kind)] = spec
		}
	}
	return list
}

// TestPooledIsWeightedGroups: the share-weighted average of the impacts is the pooled effect of the
// model with the same effects and controls, whatever the period effects.
func TestPooledIsWeightedGroups(t *testing.T) {
	f := world{seed: 11, units: 80, periods: 10, groups: 4, skill: 1, noise: 1, effect: 1, gradient: 0.3, seen: 0.8}.frame(t)
	for name, spec := range designs() {
		t.Run(name, func(t *testing.T) {
			fit := estimate(t, f, spec).Fits[0]
			effects := iv.Effects("unit", "period")
			if spec.TimeEffects == hetero.GroupSpecific {
				effects = iv.Effects("unit", "period^q")
			}
			pooled := coefficient(t, fitOne(t, f, pooledSpec(spec, effects)), treatment(spec))
			total, average := 0.0, 0.0
			for k, share := range fit.Consistency.Shares {
				total += share
				average += share * fit.Impacts[k].Estimate
			}
			near(t, "sum of the shares", total, 1, 1e-12, 0)
			near(t, "share-weighted average", average, pooled.Estimate, 1e-10, pooled.SE)
			near(t, "Average", fit.Consistency.Average.Estimate, pooled.Estimate, 1e-10, pooled.SE)
			near(t, "Average (standard error)", fit.Consistency.Average.SE, pooled.SE, same, 0)

			table := coefficient(t, fitOne(t, f, pooledSpec(spec, iv.Effects("unit", "period"))), treatment(spec))
			near(t, "Pooled", fit.Consistency.Pooled.Estimate, table.Estimate, 1e-10, table.SE)
			near(t, "Pooled (standard error)", fit.Consistency.Pooled.SE, table.SE, same, 0)
			d := fit.Consistency.Difference
			near(t, "Difference", d.Estimate, pooled.Estimate-table.Estimate, 1e-9, pooled.SE)
			if one := spec.TimeEffects == hetero.Common; one != math.IsNaN(d.P) || one != (d.SE == 0) {
				t.Errorf("%v: difference %+v", spec.TimeEffects, d)
			}
		})
	}
}

// treatment is the regressor of a spec's pooled model.
func treatment(spec hetero.Spec) string {
	if spec.Usage == "" {
		return spec.Assignment
	}
	return spec.Usage
}

// pooledSpec is the model of all groups together.
func pooledSpec(spec hetero.Spec, effects []iv.Effect) iv.Spec {
	m := iv.Spec{Outcomes: spec.Outcomes, Exogenous: spec.Controls, Absorb: effects, KeepSingletons: true, Cluster: spec.Cluster, Weights: spec.Weights}
	if spec.Usage == "" {
		m.Exogenous = append([]string{spec.Assignment}, spec.Controls...)
		return m
	}
	m.Endogenous, m.Instruments = []string{spec.Usage}, []string{spec.Assignment}
	return m
}

// TestSaturatedIsSeparate: without controls, or with controls by group, group-specific effects are
// those of a regression for each group, and the shares are each group's own part of the first
// stage.
func TestSaturatedIsSeparate(t *testing.T) {
	f := world{seed: 12, units: 90, periods: 10, groups: 3, skill: 1, noise: 1, effect: 1, seen: 0.8}.frame(t)
	codes, labels, err := f.Codes("q")
	if err != nil {
		t.Fatal(err)
	}
	var interacted []string
	for k, label := range labels {
		column := make([]float64, f.Len())
		for i, v := range studytest.Floats(t, f, "c1") {
			if codes[i] == int32(k) {
				column[i] = v
			}
		}
		interacted = append(interacted, "c1 by "+label)
		if err := f.SetFloats("c1 by "+label, column); err != nil {
			t.Fatal(err)
		}
	}
	for _, usage := range []string{"", "use"} {
		for _, controls := range [][]string{nil, interacted} {
			spec := worldSpec(hetero.GroupSpecific)
			spec.Usage, spec.Controls, spec.Covariance = usage, controls, iv.Covariance{Kind: iv.CR0}
			fit := estimate(t, f, spec).Fits[0]
			moved := make([]float64, len(labels))
			for k, label := range labels {
				one := pooledSpec(spec, iv.Effects("unit", "period"))
				one.Covariance = spec.Covariance
				if controls != nil {
					i := slices.Index(one.Exogenous, interacted[0])
					one.Exogenous = append(one.Exogenous[:i:i], interacted[k])
				}
				alone := fitOne(t, f.Filter(func(row int) bool { return codes[row] == int32(k) }), one)
				want := coefficient(t, alone, treatment(spec))
				near(t, label, fit.Impacts[k].Estimate, want.Estimate, same, want.SE)
				near(t, label+" (standard error)", fit.Impacts[k].SE, want.SE, same, 0)
				moved[k] = firstStageMass(t, alone, spec)
			}
			total := 0.0
			for _, m := range moved {
				total += m
			}
			for k, label := range labels {
				near(t, "share of "+label, fit.Consistency.Shares[k], moved[k]/total, same, 0)
			}
		}
	}
}

// firstStageMass is T~'D~ of one group: the first stage times the residual variation of treatment,
// or that variation alone for an ITT.
func firstStageMass(t *testing.T, r *iv.Result, spec hetero.Spec) float64 {
	t.Helper()
	carrier, moved := r, 1.0
	if spec.Usage != "" {
		carrier, moved = r.ReducedForm, coefficient(t, r.FirstStages[0], spec.Assignment).Estimate
	}
	v, err := carrier.Variation(spec.Assignment)
	if err != nil {
		t.Fatal(err)
	}
	return moved * v.At(0, 0)
}

// TestCombinations: interactions, base and trend are what their definitions say, standard errors
// from the impacts' covariance included.
func TestCombinations(t *testing.T) {
	f := world{seed: 13, units: 100, periods: 8, groups: 4, skill: 1, noise: 1, effect: 1}.frame(t)
	for name, spec := range designs() {
		fit := estimate(t, f, spec).Fits[0]
		at := make([]int, 4)
		for k, label := range []string{"Q1", "Q2", "Q3", "Q4"} {
			at[k] = slices.Index(fit.Model.Terms, treatment(spec)+" in "+label)
			if fit.Impacts[k].Estimate != fit.Model.Coef[at[k]] || fit.Impacts[k].Name != "impact on "+label {
				t.Errorf("%s: impact %+v, want the model's coefficient in %s", name, fit.Impacts[k], label)
			}
		}
		if fit.Base.Estimate != fit.Impacts[0].Estimate || fit.Base.SE != fit.Impacts[0].SE || fit.Base.Name != treatment(spec) {
			t.Errorf("%s: base %+v, want the impact on Q1", name, fit.Base)
		}
		v := fit.Model.Vcov
		for k := 1; k < 4; k++ {
			c := fit.Interactions[k-1]
			variance := v.At(at[k], at[k]) + v.At(at[0], at[0]) - 2*v.At(at[k], at[0])
			near(t, name+" "+c.Name, c.Estimate, fit.Impacts[k].Estimate-fit.Impacts[0].Estimate, 1e-12, c.SE)
			near(t, name+" "+c.Name+" (standard error)", c.SE, math.Sqrt(variance), 1e-10, 0)
			if want := fmt.Sprintf("%s x Q%d", treatment(spec), k+1); c.Name != want {
				t.Errorf("%s: interaction %q, want %q", name, c.Name, want)
			}
		}
		slope, variance := 0.0, 0.0
		weights := []float64{-0.3, -0.1, 0.1, 0.3} // (k - 2.5) / 5
		for k, w := range weights {
			slope += w * fit.Impacts[k].Estimate
			for j, u := range weights {
				variance += w * u * v.At(at[k], at[j])
			}
		}
		near(t, name+" trend", fit.Trend.Estimate, slope, 1e-12, fit.Trend.SE)
		near(t, name+" trend (standard error)", fit.Trend.SE, math.Sqrt(variance), 1e-10, 0)
		if fit.Equality.DF1 != 3 || fit.Equality.DF2 != 99 {
			t.Errorf("%s: equality %+v, want 3 and 99 degrees of freedom", name, fit.Equality)
		}
	}
}

// TestContrasts: the alternative of a model with common effects is the model with group-specific
// ones, also where singletons are dropped and where errors are clustered by two columns or not at
// all.
func TestContrasts(t *testing.T) {
	sparse := world{seed: 14, units: 60, periods: 30, groups: 3, skill: 1, noise: 1, effect: 1, seen: 0.12}.frame(t)
	full := world{seed: 15, units: 90, periods: 8, groups: 3, skill: 1, noise: 1, effect: 1}.frame(t)
	for _, c := range []struct {
		name    string
		frame   *data.Frame
		cluster []string
	}{{"complete", full, []string{"unit"}}, {"singletons", sparse, []string{"unit"}}, {"two-way", full, []string{"unit", "period"}}, {"unclustered", full, nil}} {
		t.Run(c.name, func(t *testing.T) {
			spec := worldSpec(hetero.Common)
			spec.Cluster = c.cluster
			fit := estimate(t, c.frame, spec).Fits[0]
			spec.TimeEffects = hetero.GroupSpecific
			own := estimate(t, c.frame, spec).Fits[0]
			if dropped := own.Model.Dropped.Singletons; (dropped > fit.Model.Dropped.Singletons) != (c.name == "singletons") {
				t.Errorf("%d singletons dropped with group-specific effects, %d with common ones", dropped, fit.Model.Dropped.Singletons)
			}
			check := fit.Consistency
			for k := range fit.Impacts {
				near(t, "alternative", check.Alternative[k].Estimate, own.Impacts[k].Estimate, same, own.Impacts[k].SE)
				near(t, "contrast", check.Contrasts[k].Estimate, fit.Impacts[k].Estimate-own.Impacts[k].Estimate, same, own.Impacts[k].SE)
			}
			near(t, "gradient", check.Gradient.Estimate, fit.Trend.Estimate-own.Trend.Estimate, same, own.Trend.SE)
			if check.Drift.Reason != "" || !(check.Drift.Statistic > 0) || check.Drift.DF1 != 2 {
				t.Errorf("drift %+v", check.Drift)
			}
			if own.Consistency.Contrasts != nil || own.Consistency.Drift.Null != "" {
				t.Errorf("a model with group-specific effects has contrasts: %+v", own.Consistency)
			}
		})
	}
}

// TestWith: another covariance of a result is that of the estimation with it.
func TestWith(t *testing.T) {
	f := world{seed: 16, units: 90, periods: 8, groups: 3, skill: 1, noise: 2, effect: 1}.frame(t)
	for _, rule := range []hetero.TimeEffects{hetero.Common, hetero.GroupSpecific} {
		spec := worldSpec(rule)
		first := estimate(t, f, spec)
		got, err := first.With(iv.Covariance{Kind: iv.CR0})
		if err != nil {
			t.Fatal(err)
		}
		spec.Covariance = iv.Covariance{Kind: iv.CR0}
		want := estimate(t, f, spec)
		a, b := got.Fits[0], want.Fits[0]
		for k := range a.Impacts {
			near(t, "impact", a.Impacts[k].SE, b.Impacts[k].SE, 1e-12, 0)
			near(t, "first stage", a.Groups[k].FirstStageF.Statistic, b.Groups[k].FirstStageF.Statistic, 1e-12, 0)
		}
		near(t, "interaction", a.Interactions[1].SE, b.Interactions[1].SE, 1e-12, 0)
		near(t, "equality", a.Equality.P, b.Equality.P, 1e-9, 0)
		near(t, "trend", a.Trend.SE, b.Trend.SE, 1e-12, 0)
		if first.Fits[0].Impacts[0].SE == a.Impacts[0].SE {
			t.Error("CR0 and CR1 gave the same standard error")
		}
		if len(got.Warnings) != len(first.Warnings) {
			t.Errorf("warnings %v, were %v", got.Warnings, first.Warnings)
		}
		if _, err := first.With(iv.Covariance{Kind: iv.HC1}); err == nil {
			t.Error("HC1 of a clustered result was given")
		}
	}
}

// TestRowsAndLabels: the order of rows and the spelling of groups do not matter, except that the
// order of the labels is that of the groups.
func TestRowsAndLabels(t *testing.T) {
	f := world{seed: 17, units: 80, periods: 8, groups: 3, skill: 1, noise: 1, effect: 1}.frame(t)
	want := estimate(t, f, worldSpec(hetero.GroupSpecific)).Fits[0]

	n := f.Len()
	rows := make([]int, n)
	for i := range rows {
		rows[i] = (i*7919 + 13) % n
	}
	codes, _, err := f.Codes("q")
	if err != nil {
		t.Fatal(err)
	}
	g := f.Take(rows)
	// Levels in the order of the file, which is not that of the groups, and one without a row.
	levels := []string{"Q12", "Q7", "Q2", "Q10"}
	renamed := make([]int32, n)
	for i, r := range rows {
		renamed[i] = []int32{2, 1, 3}[codes[r]]
	}
	if err := g.SetCodes("q", renamed, levels); err != nil {
		t.Fatal(err)
	}
	r := estimate(t, g, worldSpec(hetero.GroupSpecific))
	if !slices.Equal(r.Groups, []string{"Q2", "Q7", "Q10"}) {
		t.Errorf("groups %v, want Q2, Q7, Q10", r.Groups)
	}
	got := r.Fits[0]
	for k := range want.Impacts {
		near(t, "impact", got.Impacts[k].Estimate, want.Impacts[k].Estimate, same, want.Impacts[k].SE)
		near(t, "standard error", got.Impacts[k].SE, want.Impacts[k].SE, same, 0)
	}
	near(t, "difference", got.Consistency.Difference.SE, want.Consistency.Difference.SE, same, 0)
}
