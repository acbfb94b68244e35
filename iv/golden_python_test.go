package iv_test

import (
	"fmt"
	"testing"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// planStatsmodels covers statsmodels. Its F refers to G-1 degrees of freedom even with use_t off.
func planStatsmodels(plans map[string]goldenPlan) {
	overall := func(s iv.Spec, df iv.DFRule) goldenPlan {
		return goldenPlan{run: func(t *testing.T, f *data.Frame, ref *reference) {
			c := s.Covariance
			c.DF = df
			res := estimate(t, f, s)
			compare(t, ref, with(t, res, c), comparison{})
			test, err := res.WaldZero(slopes(res)...)
			if err != nil {
				t.Fatal(err)
			}
			statistic, p := ref.number(t, "fvalue"), ref.number(t, "f_pvalue")
			compareTest(t, "F of all slopes", test, &statistic, nil, nil, &p)
		}}
	}
	for name, model := range map[string]iv.Spec{"f1": modelF1(), "f2": modelF2()} {
		cr1 := by(model, iv.Covariance{Kind: iv.CR1}, "agent_id")
		plans["sm_ols_"+name+"_cluster_use_tTrue"] = overall(cr1, iv.DFUsual)
		plans["sm_ols_"+name+"_cluster_use_tFalse"] = overall(cr1, iv.DFNormal)
		plans["sm_ols_"+name+"_cluster_nocorr"] = usual(by(model, iv.Covariance{Kind: iv.CR0}, "agent_id"))
		for kind, c := range map[string]iv.CovarianceKind{"nonrobust": iv.Classical, "HC0": iv.HC0, "HC1": iv.HC1} {
			plans["sm_ols_"+name+"_"+kind] = usual(by(model, iv.Covariance{Kind: c}))
		}
	}
	plans["sm_ols_f1_cluster_2way"] = usual(by(modelF1(), iv.Covariance{Kind: iv.CR1, Groups: iv.PerComponent}, "agent_id", "day"))
	plans["sm_ols_f2_cluster_2way"] = twoWayWithDays()
	for i := 1; i <= 10; i++ {
		y := fmt.Sprintf("y%d", i)
		plans["sm_ols_f1_cluster_"+y] = usual(outcome(by(modelF1(), iv.Covariance{Kind: iv.CR1}, "agent_id"), y))
	}
	plans["sm_iv2sls_nonrobust"] = usual(by(modelIV("just"), iv.Covariance{Kind: iv.Classical}))
}

// planManyIV covers OLS, 2SLS and LIML of R's ManyIV. Its standard errors have a small-sample
// factor for OLS and none for the others; se is classical, ser robust.
func planManyIV(plans map[string]goldenPlan) {
	later := "bias-corrected 2SLS, minimum distance and standard errors for many instruments are not offered"
	for _, model := range []string{"just", "over"} {
		plan := goldenPlan{run: func(t *testing.T, f *data.Frame, ref *reference) {
			ols := modelIV(model)
			ols.Exogenous, ols.Endogenous, ols.Instruments = union([]string{"used"}, ols.Exogenous), nil, nil
			liml := modelIV(model)
			liml.Estimator = iv.LIML
			var rows []struct {
				Row               string `json:"_row"`
				Estimate, SE, SER float64
			}
			ref.into(t, "estimate", &rows)
			for _, row := range rows {
				var res *iv.Result
				classical, robust := iv.Covariance{Kind: iv.Classical, RowFactor: iv.Off}, iv.Covariance{Kind: iv.HC0}
				switch row.Row {
				case "ols":
					res = estimate(t, f, ols)
					classical, robust = iv.Covariance{Kind: iv.Classical}, iv.Covariance{Kind: iv.HC1}
				case "tsls":
					res = estimate(t, f, modelIV(model))
				case "liml":
					res = estimate(t, f, liml)
				case "mbtsls", "emd": // later
					continue
				default:
					t.Errorf("unknown estimator %q", row.Row)
					continue
				}
				near(t, row.Row, coefficient(t, res, "used").Estimate, row.Estimate, agree, 0)
				near(t, row.Row+" se", coefficient(t, with(t, res, classical), "used").SE, row.SE, agree, 0)
				near(t, row.Row+" ser", coefficient(t, with(t, res, robust), "used").SE, row.SER, agree, 0)
			}
		}, excused: map[string]string{"rows": later}}
		if model == "over" {
			plan.excused["IVoverid"] = byInstruments
		}
		plans["ManyIV_"+model] = plan
	}
}
