package iv_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/refdata"
	"github.com/fieldexp/fieldexp/iv"
)

// planSmall covers the covariances that correct for leverage: estimatr, clubSandwich, sandwich,
// summclust and statsmodels.
func planSmall(plans map[string]goldenPlan) {
	cr2, cr3 := iv.Covariance{Kind: iv.CR2}, iv.Covariance{Kind: iv.CR3}
	for name, model := range map[string]iv.Spec{"f0": modelF0(), "f1": modelF1(), "f2": modelF2(), "FE": modelFE(), "f1_weighted": modelWeighted()} {
		plans["lm_robust_"+name+"_CR2"] = usual(by(model, cr2, "agent_id"))
	}
	for i := 1; i <= 10; i++ {
		y := fmt.Sprintf("y%d", i)
		plans["lm_robust_f1_"+y+"_CR2"] = usual(outcome(by(modelF1(), cr2, "agent_id"), y))
	}
	plans["lm_lin_CR2"] = usual(by(modelLin(), cr2, "agent_id"))
	for name, kind := range map[string]iv.CovarianceKind{"HC2": iv.HC2, "HC3": iv.HC3} {
		c := iv.Covariance{Kind: kind}
		plans["lm_robust_f1_"+name] = usual(by(modelF1(), c))
		plans["vcovHC_f1_"+name] = usual(by(modelF1(), c))
		plans["sm_ols_f1_"+name] = usual(by(modelF1(), c))
		plans["sm_ols_f2_"+name] = usual(by(modelF2(), c))
	}
	plans["clubSandwich_f1_CR2"] = usual(by(modelF1(), cr2, "agent_id"))
	plans["clubSandwich_f2_CR2"] = usual(by(modelF2(), cr2, "agent_id"))
	plans["clubSandwich_f1_CR3"] = usual(by(modelF1(), cr3, "agent_id"))
	plans["clubSandwich_f2_CR3"] = usual(by(modelF2(), cr3, "agent_id"))
	for _, model := range []string{"just0", "just", "over"} {
		plans["ivreg_"+model+"_clubSandwich_CR2"] = usual(by(modelIV(model), cr2, "agent_id"))
		plans["iv_robust_"+model+"_CR2"] = ivRobustCR2(model)
	}
	plans["clubSandwich_f1_Wald_HTZ"] = goldenPlan{run: compareHTZ}
	plans["summclust_CR3J_f1"] = goldenPlan{run: compareSummclust}
	planCorrectedSandwich(plans)
}

// ivRobustCR2 compares iv_robust with CR2. Its first-stage F is a Wald test of CR2 with G-1 degrees
// of freedom.
func ivRobustCR2(model string) goldenPlan {
	plan := goldenPlan{excused: map[string]string{"diag_endogeneity": byInstruments}}
	if model == "over" {
		plan.excused["diag_overid"] = byInstruments
	}
	plan.run = func(t *testing.T, f *data.Frame, ref *reference) {
		res := estimate(t, f, by(modelIV(model), iv.Covariance{Kind: iv.CR2}, "agent_id"))
		compare(t, ref, res, comparison{})
		var first struct {
			Value, Nomdf, Dendf float64
			P                   float64 `json:"p.value"`
		}
		ref.into(t, "diag_first_stage_F", &first)
		naive := with(t, res, iv.Covariance{Kind: iv.CR2, DF: iv.DFClusters})
		compareTest(t, "first-stage F", partialF(t, naive), &first.Value, &first.Nomdf, &first.Dendf, &first.P)
		if model != "over" {
			overidentification(t, ref)
		}
	}
	return plan
}

// compareHTZ compares joint tests with the approximate Hotelling, F and chi-squared distributions.
func compareHTZ(t *testing.T, f *data.Frame, ref *reference) {
	res := estimate(t, f, by(modelF1(), iv.Covariance{Kind: iv.CR2}, "agent_id"))
	var table []struct {
		Test string
		F    float64  `json:"Fstat"`
		DF1  float64  `json:"df_num"`
		DF2  *float64 `json:"df_denom"`
		P    float64  `json:"p_val"`
	}
	ref.into(t, "table", &table)
	for _, row := range table {
		c := iv.Covariance{Kind: iv.CR2}
		statistic := row.F
		switch row.Test {
		case "HTZ":
		case "Naive-F":
			c.DF = iv.DFClusters
		case "chi-sq":
			c.DF = iv.DFNormal
			statistic *= row.DF1
		default:
			t.Fatalf("unknown test %q", row.Test)
		}
		test, err := with(t, res, c).WaldZero("c1", "c2", "c3", "c4")
		if err != nil {
			t.Fatal(err)
		}
		near(t, row.Test, test.Statistic, statistic, agree, 0)
		near(t, row.Test+" df1", test.DF1, row.DF1, 0, 0)
		if row.DF2 != nil {
			near(t, row.Test+" df2", test.DF2, *row.DF2, agree, 0)
		}
		near(t, row.Test+" p", test.P, row.P, tail, 0)
	}
}

// compareSummclust compares the jackknife, leverages and leave-one-out estimates.
func compareSummclust(t *testing.T, f *data.Frame, ref *reference) {
	res := estimate(t, f, by(modelF1(), iv.Covariance{Kind: iv.Jackknife}, "agent_id"))
	compare(t, ref, res, comparison{})
	var leverage, partial, without []float64
	ref.into(t, "leverage_g", &leverage)
	ref.into(t, "partial_leverage", &partial)
	ref.into(t, "beta_jack_head", &without)
	list, err := res.Influence("assigned")
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != len(leverage) {
		t.Fatalf("%d clusters, want %d", len(list), len(leverage))
	}
	byLabel := make(map[string]iv.ClusterInfluence)
	for _, c := range list {
		byLabel[c.Cluster] = c
	}
	for g, label := range inOrder(floats(t, f, "agent_id")) {
		c := byLabel[label]
		near(t, "leverage of cluster "+c.Cluster, c.Leverage, leverage[g], agree, 0)
		near(t, "partial leverage of cluster "+c.Cluster, c.Partial, partial[g], agree, 0)
		if g < len(without) {
			near(t, "estimate without cluster "+c.Cluster, c.Without, without[g], agree, 0)
		}
	}
}

// inOrder lists the values that occur, in the order of their first row.
func inOrder(values []float64) (labels []string) {
	for _, v := range values {
		if label := fmt.Sprint(v); !slices.Contains(labels, label) {
			labels = append(labels, label)
		}
	}
	return labels
}

// planCorrectedSandwich covers vcovCL with HC2 and HC3, which are CR2 and CR3 times (G-1)/G where
// cadjust is off.
func planCorrectedSandwich(plans map[string]goldenPlan) {
	for name, kind := range map[string]iv.CovarianceKind{"HC2": iv.CR2, "HC3": iv.CR3} {
		c := iv.Covariance{Kind: kind, DF: iv.DFClusters}
		plans["vcovCL_f1_"+name+"_cadjustTRUE"] = usual(by(modelF1(), c, "agent_id"))
		plans["vcovCL_f1_"+name+"_cadjustFALSE"] = goldenPlan{run: func(t *testing.T, f *data.Frame, ref *reference) {
			res := estimate(t, f, by(modelF1(), c, "agent_id"))
			var v mat.SymDense
			groups := float64(res.Clusters[0].Count)
			v.ScaleSym((groups-1)/groups, res.Vcov)
			compareComposed(t, ref, res, &v)
			if kind == iv.CR3 {
				jackknife := with(t, res, iv.Covariance{Kind: iv.Jackknife})
				nearVcov(t, "jackknife", jackknife.Vcov, &v, same)
			}
		}}
		plans["vcovCL_f1_2way_"+name+"_multi0FALSE"] = usual(by(modelF1(), c, "agent_id", "day"))
		rows := map[string]iv.CovarianceKind{"HC2": iv.HC2, "HC3": iv.HC3}[name]
		plans["vcovCL_f1_2way_"+name+"_multi0TRUE"] = goldenPlan{run: func(t *testing.T, f *data.Frame, ref *reference) {
			agent := estimate(t, f, by(modelF1(), c, "agent_id"))
			day := estimate(t, f, by(modelF1(), c, "day"))
			white := estimate(t, f, by(modelF1(), iv.Covariance{Kind: rows}))
			var v mat.SymDense
			v.AddSym(agent.Vcov, day.Vcov)
			n := float64(white.N)
			compareComposed(t, ref, day, add(&v, -(n-1)/n, white.Vcov))
		}}
	}
}

// TestNewHavenHC3 compares the effect of assignment in the New Haven canvass with HC3 standard
// errors as published.
func TestNewHavenHC3(t *testing.T) {
	f := readCSV(t, refdata.Path(t, "gerber_green", "newhaven_fedai_box5.csv"))
	res := estimate(t, f, iv.Spec{Outcomes: []string{"v98"}, Exogenous: []string{"persngrp"}, Covariance: iv.Covariance{Kind: iv.HC3}})
	c := coefficient(t, res, "persngrp")
	if math.Round(c.Estimate*1e7) != 384644 || math.Round(c.SE*1e7) != 144795 {
		t.Errorf("effect %.8f (%.8f), want 0.0384644 (0.0144795)", c.Estimate, c.SE)
	}
}
