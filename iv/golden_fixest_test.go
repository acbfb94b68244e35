package iv_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// planFixest covers feols with absorbed effects under fixest's defaults, which are ours for these models: nested
// effects are not counted, the smallest number of clusters makes the factor. fixest absorbs by
// iteration and we exactly; at its default tolerance the two agree to the 1e-8 asked for here, and
// TestAbsorbedIsDummies holds ours against the dummies written out.
func planFixest(plans map[string]goldenPlan) {
	for i := 1; i <= 10; i++ {
		y := fmt.Sprintf("y%d", i)
		plans["feols_FE_cluster_"+y] = usual(outcome(by(modelFE(), iv.Covariance{}, "agent_id"), y))
		plans["feols_FE_2way_"+y] = usual(outcome(by(modelFE(), iv.Covariance{}, "agent_id", "day"), y))
	}
	plans["feols_FE_iid_y1"] = usual(by(modelFE(), iv.Covariance{Kind: iv.Classical}))
	plans["feols_FE_hetero_y1"] = usual(by(modelFE(), iv.Covariance{}))
	plans["feols_FE_day_y1"] = usual(by(modelFE(), iv.Covariance{}, "day"))
	plans["feols_noFE_cluster"] = usual(by(modelF1(), iv.Covariance{}, "agent_id"))

	nested := by(modelFE(), iv.Covariance{}, "agent_id")
	nested.Exogenous, nested.Absorb = controls, iv.Effects("agent_id", "day")
	plans["feols_nested_agentFE"] = usual(nested)

	weighted := by(modelFE(), iv.Covariance{}, "agent_id")
	weighted.Weights = "w"
	plans["feols_weighted_FE"] = usual(weighted)
}

// planFixestFactors covers each of fixest's small-sample options.
func planFixestFactors(plans map[string]goldenPlan) {
	for name, c := range map[string]iv.Covariance{
		"K_none":    {Params: iv.CountCoefficients},
		"K_full":    {Params: iv.CountAll},
		"K_nested":  {Params: iv.CountNotNested},
		"noadj":     {RowFactor: iv.Off},
		"noadj_noG": {RowFactor: iv.Off, ClusterFactor: iv.Off},
		"G_conv":    {Groups: iv.PerComponent},
		"t_conv":    {DF: iv.DFResidual},
	} {
		plans["feols_FE_1way_ssc_"+name] = usual(by(modelFE(), c, "agent_id"))
		plans["feols_FE_2way_ssc_"+name] = usual(by(modelFE(), c, "agent_id", "day"))
	}
}

// planFixestIV covers feols with an instrumented regressor, its first stage and first-stage F.
func planFixestIV(plans map[string]goldenPlan) {
	for i := 1; i <= 10; i++ {
		y := fmt.Sprintf("y%d", i)
		plans["feols_IV_FE_cluster_"+y] = planStages(outcome(by(modelIVFE(), iv.Covariance{}, "agent_id"), y), nil)
	}
	over := by(modelIVFE(), iv.Covariance{}, "agent_id")
	over.Instruments = []string{"assigned", "az"}
	plans["feols_IV_over_FE_cluster_y1"] = planStages(over, map[string]string{
		"fitstat_iid": "repeats fitstat, with a kpr that is no form of Stata's: " + byInstruments})
	plans["feols_IV_2way_FE_y1"] = planStages(by(modelIVFE(), iv.Covariance{}, "agent_id", "day"), nil)
	plans["feols_IV_noFE_y1"] = planStages(by(modelIV("just"), iv.Covariance{}, "agent_id"), nil)
}

func planStages(s iv.Spec, excused map[string]string) goldenPlan {
	return goldenPlan{excused: excused, run: func(t *testing.T, f *data.Frame, ref *reference) {
		res := estimate(t, f, s)
		compare(t, ref, res, comparison{})
		if ref.has("first_stage") {
			first := ref.within(t, "first_stage")
			compare(t, first, res.FirstStages[0], comparison{})
			first.finish(t, nil)
		}
		fitstat := ref.within(t, "fitstat")
		compareFirstF(t, fitstat, res, estimate(t, f, by(s, iv.Covariance{Kind: iv.Classical})))
		fitstat.finish(t, map[string]string{"ivf2": byInstruments, "kpr": byInstruments, "cd": byInstruments, "wh": byInstruments, "sargan": byInstruments})
	}}
}

// compareFirstF compares the classical first-stage F (ivf1) and the one with the covariance of the
// model (ivwald1). fixest refers both to N-K degrees of freedom, with the K of the covariance.
func compareFirstF(t *testing.T, ref *reference, res, unclustered *iv.Result) {
	t.Helper()
	type test struct{ Stat, P, DF1, DF2 *float64 }
	read := func(name, inner string) test {
		var m map[string]test
		ref.into(t, name, &m)
		return m[inner+"::used"]
	}
	classical := partialF(t, unclustered)
	clustered := partialF(t, with(t, res, iv.Covariance{DF: iv.DFResidual}))
	for _, name := range []string{"ivf", "ivf1"} {
		want := read(name, "ivf1")
		if len(res.Clusters) > 1 {
			// fixest leaves the days, nested in a cluster, out of K here, though nothing is clustered.
			classical.Statistic *= *want.DF2 / classical.DF2
			classical.DF2 = *want.DF2
		}
		compareTest(t, name, classical, want.Stat, want.DF1, want.DF2, want.P)
	}
	for _, name := range []string{"ivwald", "ivwald1"} {
		want := read(name, "ivwald1")
		compareTest(t, name, clustered, want.Stat, want.DF1, want.DF2, want.P)
	}
}

// planFixestOther covers the values of absorbed effects, split samples and interactions.
func planFixestOther(plans map[string]goldenPlan) {
	plans["feols_fixef_values"] = goldenPlan{run: func(t *testing.T, f *data.Frame, ref *reference) {
		// Absorbed effects are not returned; their values are combinations of the coefficients of
		// the same effects written out, with the topic "login" as theirs at zero.
		res := estimate(t, f, by(modelF2(), iv.Covariance{}, "agent_id"))
		for _, column := range []string{"day", "issue_type"} {
			var values map[string]float64
			ref.into(t, column, &values)
			for level, want := range values {
				weights := map[string]float64{"issue_type=login": 1}
				if column == "day" {
					weights[iv.Constant] = 1
				} else {
					weights["issue_type=login"] = -1
				}
				if name := column + "=" + level; name != "day=1" && name != "issue_type=billing" {
					weights[name]++
				}
				c, err := res.Combine(column+" "+level, weights)
				if err != nil {
					t.Fatal(err)
				}
				scale := 0.01
				if c.SE > scale { // which a difference of nothing has not
					scale = c.SE
				}
				near(t, c.Name, c.Estimate, want, agree, 0.01*scale)
			}
		}
	}}

	plans["feols_split_quartile"] = goldenPlan{run: func(t *testing.T, f *data.Frame, ref *reference) {
		s := by(modelFE(), iv.Covariance{}, "agent_id")
		frames := map[string]*data.Frame{"Full sample": f}
		var counts map[string]int
		ref.into(t, "counts", &counts)
		for q := 1; q <= 4; q++ {
			name := fmt.Sprintf("Q%d", q)
			frames[name] = take(t, f, where(t, f, "qb", func(v float64) bool { return int(v) == q }))
			near(t, "rows of "+name, float64(frames[name].Len()), float64(counts[name]), 0, 0)
		}
		var cuts map[string]float64
		ref.into(t, "cuts", &cuts)
		for cut, want := range map[string]float64{"25%": 1.8754, "50%": 2.2499, "75%": 2.6298} {
			near(t, "cut point at "+cut, want, cuts[cut], 1e-12, 0)
		}
		var cells map[string]map[string]json.RawMessage
		ref.into(t, "cells", &cells)
		near(t, "cells", float64(len(cells)), 50, 0, 0)
		for _, name := range slices.Sorted(maps.Keys(cells)) {
			cell := newReference(name, cells[name])
			var y, sample string
			cell.into(t, "lhs", &y)
			cell.into(t, "sample", &sample)
			t.Run(sample+" "+y, func(t *testing.T) {
				compare(t, cell, estimate(t, frames[sample], outcome(s, y)), comparison{})
				cell.finish(t, nil)
			})
		}
	}}

	plans["feols_het_interaction"] = goldenPlan{run: func(t *testing.T, f *data.Frame, ref *reference) {
		groups := []string{"qb::Q1:assigned", "qb::Q2:assigned", "qb::Q3:assigned", "qb::Q4:assigned"}
		s := by(modelFE(), iv.Covariance{}, "agent_id")
		s.Exogenous, s.Absorb = union(groups, controls), iv.Effects("qb", "day", "issue_type")
		res := estimate(t, f, s)
		compare(t, ref, res, comparison{})
		equal, err := res.WaldEqual(groups...)
		if err != nil {
			t.Fatal(err)
		}
		statistic, p := ref.number(t, "wald_F"), ref.number(t, "p_F")
		compareTest(t, "equality", equal, &statistic, nil, nil, &p)
		normal, err := with(t, res, iv.Covariance{DF: iv.DFNormal}).WaldEqual(groups...)
		if err != nil {
			t.Fatal(err)
		}
		chi2 := ref.number(t, "wald_chi2")
		compareTest(t, "equality, chi-squared", normal, &chi2, nil, nil, nil)
	}}
}

// planHand covers the ingredients of the effective F: first stage and its CR0 covariance.
func planHand(plans map[string]goldenPlan) {
	for name, instruments := range map[string][]string{"just": {"assigned"}, "over": {"assigned", "az"}} {
		s := by(modelIVFE(), iv.Covariance{Kind: iv.CR0}, "agent_id")
		s.Instruments = instruments
		plans["hand_effective_F_"+name] = goldenPlan{
			excused: map[string]string{"effective_F_uncorrected": byInstruments, "effective_F_times_GG1": byInstruments},
			run: func(t *testing.T, f *data.Frame, ref *reference) {
				res := estimate(t, f, s)
				first := res.FirstStages[0]
				near(t, "N", float64(first.N), ref.number(t, "n"), 0, 0)
				near(t, "clusters", float64(first.Clusters[0].Count), ref.number(t, "G"), 0, 0)
				near(t, "instruments", float64(len(instruments)), ref.number(t, "L"), 0, 0)
				nearVcov(t, "first stage", block(t, first, instruments), ref.matrix(t, "V_CR0"), agree)
				var pi []float64
				if strings.HasPrefix(string(ref.fields["pi"]), "[") {
					ref.into(t, "pi", &pi)
				} else {
					pi = []float64{ref.number(t, "pi")}
				}
				for i, instrument := range instruments {
					near(t, instrument, coefficient(t, first, instrument).Estimate, pi[i], agree, 0)
				}
				test := partialF(t, res)
				near(t, "first-stage F", test.Statistic, ref.number(t, "KP_rk_Wald_F_unc"), agree, 0)
				near(t, "first-stage chi-squared", test.Statistic*test.DF1, ref.number(t, "wald_chi2_CR0"), agree, 0)
			},
		}
	}
}
