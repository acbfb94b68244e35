package iv_test

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// planEstimatr covers lm_robust and lm_lin of R's estimatr. Its "stata" is CR1; it counts every
// parameter in K, absorbed ones too.
func planEstimatr(plans map[string]goldenPlan) {
	kinds := map[string]iv.Covariance{
		"CR0":   {Kind: iv.CR0, Params: iv.CountAll},
		"stata": {Kind: iv.CR1, Params: iv.CountAll},
	}
	for name, c := range kinds {
		plans["lm_robust_f0_"+name] = usual(by(modelF0(), c, "agent_id"))
		plans["lm_robust_f1_"+name] = usual(by(modelF1(), c, "agent_id"))
		plans["lm_robust_f2_"+name] = usual(by(modelF2(), c, "agent_id"))
		plans["lm_robust_FE_"+name] = usual(by(modelFE(), c, "agent_id"))
		plans["lm_robust_f1_weighted_"+name] = usual(by(modelWeighted(), c, "agent_id"))
		// Lin's estimator is a regression on centred controls and their interactions: here on
		// columns made by hand, in package itt's test by itt.Lin.
		plans["lm_lin_"+name] = usual(by(modelLin(), c, "agent_id"))
	}
	for i := 1; i <= 10; i++ {
		y := fmt.Sprintf("y%d", i)
		plans["lm_robust_f1_"+y+"_stata"] = usual(outcome(by(modelF1(), kinds["stata"], "agent_id"), y))
	}
	plans["lm_robust_f1_HC0"] = usual(by(modelF1(), iv.Covariance{Kind: iv.HC0}))
	plans["lm_robust_f1_HC1"] = usual(by(modelF1(), iv.Covariance{Kind: iv.HC1}))
	plans["lm_robust_f1_classical"] = usual(by(modelF1(), iv.Covariance{Kind: iv.Classical}))
}

// planIVRobust covers iv_robust of R's estimatr with its first-stage F.
func planIVRobust(plans map[string]goldenPlan) {
	excused := map[string]string{"diag_endogeneity": byInstruments, "diag_overid": byInstruments}
	for _, model := range []string{"just0", "just", "over"} {
		for name, kind := range map[string]iv.CovarianceKind{"CR0": iv.CR0, "stata": iv.CR1} {
			s := by(modelIV(model), iv.Covariance{Kind: kind, Params: iv.CountAll}, "agent_id")
			plan := goldenPlan{excused: map[string]string{"diag_endogeneity": byInstruments}}
			if model == "over" {
				plan.excused = excused // a just-identified model has nothing to over-identify
			}
			plan.run = func(t *testing.T, f *data.Frame, ref *reference) {
				res := estimate(t, f, s)
				compare(t, ref, res, comparison{})
				var first struct {
					Value, Nomdf, Dendf float64
					P                   float64 `json:"p.value"`
				}
				ref.into(t, "diag_first_stage_F", &first)
				compareTest(t, "first-stage F", partialF(t, res), &first.Value, &first.Nomdf, &first.Dendf, &first.P)
				if model != "over" {
					overidentification(t, ref)
				}
			}
			plans["iv_robust_"+model+"_"+name] = plan
		}
	}
	plans["iv_robust_FE_stata"] = usual(by(modelIVFE(), iv.Covariance{Kind: iv.CR1, Params: iv.CountAll}, "agent_id"))
}

// overidentification notes that a just-identified model's test is empty.
func overidentification(t *testing.T, ref *reference) {
	t.Helper()
	var test struct{ Value *float64 }
	ref.into(t, "diag_overid", &test)
	if test.Value != nil {
		t.Errorf("%s has a test of over-identification; it needs a comparison", ref.key)
	}
}

// partialF is the first-stage F of the only endogenous column.
func partialF(t rapid.TB, res *iv.Result) iv.Test {
	t.Helper()
	tests := res.PartialF()
	if len(tests) != 1 {
		t.Fatalf("%d first-stage F, want 1", len(tests))
	}
	return tests[0]
}

// planIVReg covers ivreg of R's AER, with classical, sandwich and clubSandwich covariances. Its
// first-stage F refers to N-K degrees of freedom even where the errors are clustered.
func planIVReg(plans map[string]goldenPlan) {
	for _, model := range []string{"just0", "just", "over"} {
		for name, c := range map[string]iv.Covariance{
			"classical":   {Kind: iv.Classical},
			"cluster_HC0": {Kind: iv.CR0, ClusterFactor: iv.On},
			"cluster_HC1": {Kind: iv.CR1},
		} {
			var clusters []string
			if c.Kind.Clustered() {
				clusters = []string{"agent_id"}
			}
			s := by(modelIV(model), c, clusters...)
			residual := c
			residual.DF = iv.DFResidual
			plans["ivreg_"+model+"_"+name] = goldenPlan{run: func(t *testing.T, f *data.Frame, ref *reference) {
				res := estimate(t, f, s)
				compare(t, ref, res, comparison{})
				compareDiagnostics(t, ref, with(t, res, residual))
				if ref.has("waldtest") {
					var w []float64 // F, p, df1, df2
					ref.into(t, "waldtest", &w)
					test, err := res.WaldZero(slopes(res)...)
					if err != nil {
						t.Fatal(err)
					}
					compareTest(t, "F of all slopes", test, &w[0], &w[2], &w[3], &w[1])
				}
			}}
		}
		plans["ivreg_"+model+"_clubSandwich_CR1S"] = usual(by(modelIV(model), iv.Covariance{Kind: iv.CR1, DF: iv.DFSatterthwaite}, "agent_id"))
	}
}

// compareDiagnostics compares the row "Weak instruments"; TestGoldenInstruments compares the others.
func compareDiagnostics(t *testing.T, ref *reference, res *iv.Result) {
	t.Helper()
	var rows []struct {
		Row                 string `json:"_row"`
		DF1, DF2, Statistic *float64
		P                   *float64 `json:"p-value"`
	}
	ref.into(t, "diagnostics", &rows)
	compared := false
	for _, row := range rows {
		switch row.Row {
		case "Weak instruments":
			compareTest(t, "first-stage F", partialF(t, res), row.Statistic, row.DF1, row.DF2, row.P)
			compared = true
		case "Wu-Hausman", "Sargan":
		default:
			t.Errorf("unknown diagnostic %q", row.Row)
		}
	}
	if !compared {
		t.Errorf("%s has no first-stage F", ref.key)
	}
}

// planSandwich covers vcovCL and vcovHC of R's sandwich: with several clusterings each component
// has its own G/(G-1).
func planSandwich(plans map[string]goldenPlan) {
	for name, c := range map[string]iv.Covariance{
		"HC0_cadjustTRUE":  {Kind: iv.CR0, ClusterFactor: iv.On},
		"HC0_cadjustFALSE": {Kind: iv.CR0},
		"HC1_cadjustTRUE":  {Kind: iv.CR1},
		"HC1_cadjustFALSE": {Kind: iv.CR1, ClusterFactor: iv.Off},
	} {
		plans["vcovCL_f1_"+name] = usual(by(modelF1(), c, "agent_id"))
	}
	for name, c := range map[string]iv.Covariance{
		"HC0": {Kind: iv.CR0, ClusterFactor: iv.On, Groups: iv.PerComponent},
		"HC1": {Kind: iv.CR1, Groups: iv.PerComponent},
	} {
		plans["vcovCL_f1_2way_"+name+"_multi0FALSE"] = usual(by(modelF1(), c, "agent_id", "day"))
		plans["vcovCL_f1_2way_"+name+"_multi0TRUE"] = goldenPlan{run: func(t *testing.T, f *data.Frame, ref *reference) {
			// sandwich can take White's covariance for the intersection of the clusterings. We
			// offer no such convention; the parts that it is made of must agree all the same.
			agent := estimate(t, f, by(modelF1(), c, "agent_id"))
			day := estimate(t, f, by(modelF1(), c, "day"))
			white := estimate(t, f, by(modelF1(), iv.Covariance{Kind: iv.HC0}))
			var v mat.SymDense
			v.AddSym(agent.Vcov, day.Vcov)
			compareComposed(t, ref, day, add(&v, -1, white.Vcov))
		}}
	}
	plans["vcovCL_f2_HC1"] = usual(by(modelF2(), iv.Covariance{Kind: iv.CR1}, "agent_id"))
	plans["vcovCL_f2_2way_HC1"] = twoWayWithDays()
	plans["vcovHC_f1_HC0"] = usual(by(modelF1(), iv.Covariance{Kind: iv.HC0}))
	plans["vcovHC_f1_HC1"] = usual(by(modelF1(), iv.Covariance{Kind: iv.HC1}))
	plans["vcovBS_none"] = goldenPlan{
		excused: map[string]string{"holm": belongsMany, "hochberg": belongsMany, "BH": belongsMany, "BY": belongsMany, "bonferroni": belongsMany},
		run: func(t *testing.T, f *data.Frame, ref *reference) {
			s := by(modelF1(), iv.Covariance{}, "agent_id")
			s.Outcomes = nil
			for i := 1; i <= 10; i++ {
				s.Outcomes = append(s.Outcomes, fmt.Sprintf("y%d", i))
			}
			var p []float64
			ref.into(t, "p", &p)
			for i, res := range estimateAll(t, f, s) {
				near(t, "p of assignment on "+res.Outcome, coefficient(t, res, "assigned").P, p[i], agree, 0)
			}
		},
	}
}

// add is a + factor*b.
func add(a *mat.SymDense, factor float64, b mat.Symmetric) *mat.SymDense {
	var scaled, sum mat.SymDense
	scaled.ScaleSym(factor, b)
	sum.AddSym(a, &scaled)
	return &sum
}

// compareComposed compares a covariance that was put together from those of results: estimates
// and degrees of freedom from the result, standard errors from the covariance.
func compareComposed(t *testing.T, ref *reference, res *iv.Result, v *mat.SymDense) {
	t.Helper()
	near(t, "N", float64(res.N), ref.number(t, "n"), 0, 0)
	var lines []line
	ref.into(t, "coef", &lines)
	var terms []string
	for _, want := range lines {
		name := ourName(want.Term)
		terms = append(terms, name)
		got := coefficient(t, res, name)
		near(t, name, got.Estimate, *want.Estimate, agree, 0.01**want.SE)
		near(t, "degrees of freedom of "+name, got.DF, *want.DF, 0, 0)
	}
	all := *res
	all.Vcov = v
	ours := block(t, &all, terms)
	for i, want := range lines {
		near(t, "standard error of "+terms[i], math.Sqrt(ours.At(i, i)), *want.SE, agree, 0)
	}
	nearVcov(t, ref.key, ours, ref.matrix(t, "vcov"), agree)
}

// twoWayWithDays is the two-way covariance with day indicators written out, which is not positive
// semi-definite: R and Python print missing standard errors for the days, as we do without repair.
func twoWayWithDays() goldenPlan {
	return usual(by(modelF2(), iv.Covariance{Kind: iv.CR1, Groups: iv.PerComponent, Repair: iv.Off}, "agent_id", "day"))
}

// planClubSandwich covers R's clubSandwich: CR1 has G/(G-1) alone, CR1S is Stata's, CR1p has
// G/(G-p) with p coefficients.
func planClubSandwich(plans map[string]goldenPlan) {
	own := iv.DFSatterthwaite
	plans["clubSandwich_f1_CR0"] = usual(by(modelF1(), iv.Covariance{Kind: iv.CR0, DF: own}, "agent_id"))
	plans["clubSandwich_f1_CR1"] = usual(by(modelF1(), iv.Covariance{Kind: iv.CR0, ClusterFactor: iv.On, DF: own}, "agent_id"))
	plans["clubSandwich_f1_CR1S"] = usual(by(modelF1(), iv.Covariance{Kind: iv.CR1, DF: own}, "agent_id"))
	plans["clubSandwich_f2_CR1S"] = usual(by(modelF2(), iv.Covariance{Kind: iv.CR1, DF: own}, "agent_id"))
	plans["clubSandwich_f1_CR1p"] = goldenPlan{
		excused: map[string]string{"naive_t": "its t statistics are those of the composed standard errors, which are compared"},
		run: func(t *testing.T, f *data.Frame, ref *reference) {
			// No convention of ours counts coefficients against clusters; the factor is put in here.
			res := estimate(t, f, by(modelF1(), iv.Covariance{Kind: iv.CR0}, "agent_id"))
			groups := float64(res.Clusters[0].Count)
			var v mat.SymDense
			v.ScaleSym(groups/(groups-float64(len(res.Terms))), res.Vcov)
			var lines []line
			ref.into(t, "coef", &lines)
			near(t, "N", float64(res.N), ref.number(t, "n"), 0, 0)
			all := *res
			all.Vcov = &v
			var terms []string
			for _, want := range lines {
				terms = append(terms, ourName(want.Term))
			}
			ours := block(t, &all, terms)
			for i, want := range lines {
				near(t, "standard error of "+terms[i], math.Sqrt(ours.At(i, i)), *want.SE, agree, 0)
			}
			nearVcov(t, ref.key, ours, ref.matrix(t, "vcov"), agree)
		},
	}
}
