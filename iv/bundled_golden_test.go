package iv_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/refdata"
	"github.com/fieldexp/fieldexp/iv"
)

// TestBundledGolden compares the library with results of R and Python that come with it: every
// result of testdata/golden, whose README says how they were made.
func TestBundledGolden(t *testing.T) {
	f := readCSV(t, refdata.Path(t, "golden", "experiment.csv"))
	for file, find := range map[string]func(key string) (goldenPlan, bool){"r.json": bundledR, "python.json": bundledPython} {
		refs := readReferences(t, "golden", file)
		for _, key := range slices.Sorted(maps.Keys(refs)) {
			t.Run(key, func(t *testing.T) {
				plan, ok := find(key)
				if !ok {
					t.Fatalf("no model is known for %s", key)
				}
				plan.run(t, f, refs[key])
				refs[key].finish(t, plan.excused)
			})
		}
	}
}

// bundledModels are the models of the bundled results, by the first part of their keys.
func bundledModels() map[string]iv.Spec {
	controls := []string{"c1", "c2"}
	ols := iv.Spec{Outcomes: []string{"y"}, Exogenous: union([]string{"assigned"}, controls)}
	late := iv.Spec{Outcomes: []string{"y"}, Exogenous: controls, Endogenous: []string{"used"}, Instruments: []string{"assigned"}}
	over := late
	over.Endogenous, over.Instruments = []string{"share"}, []string{"assigned", "reminded"}
	two := over
	two.Endogenous = []string{"used", "share"}
	effects := func(s iv.Spec, names ...string) iv.Spec {
		s.Absorb, s.KeepSingletons = iv.Effects(names...), true
		return s
	}
	within := iv.Spec{Outcomes: []string{"y"}, Exogenous: controls}
	weighted := func(s iv.Spec, column string, kind iv.WeightKind) iv.Spec {
		s.Weights, s.WeightKind = column, kind
		return s
	}
	noConstant := ols
	noConstant.NoConstant = true
	estimator := func(s iv.Spec, e iv.Estimator, alpha float64) iv.Spec {
		s.Estimator, s.FullerAlpha = e, alpha
		return s
	}
	return map[string]iv.Spec{
		"ols": ols, "ols_weighted": weighted(ols, "w", iv.Analytic), "ols_noconstant": noConstant,
		"ols_effects": effects(within, "day", "topic"), "ols_nested": effects(within, "agent", "day"),
		"ols_missing": outcome(ols, "rating"),
		"iv_just":     late, "iv_over": over, "iv_two": two, "iv_weighted": weighted(over, "w", iv.Analytic),
		"iv_effects": effects(late, "day", "topic"),

		"feols_effects": effects(ols, "day", "topic"), "feols_three": effects(within, "agent", "day", "topic"),
		"feols_nested": effects(within, "agent", "day"), "feols_interaction": effects(within, "agent", "day^topic"),
		"feols_weighted":  weighted(effects(ols, "day", "topic"), "w", iv.Analytic),
		"feols_frequency": weighted(ols, "times", iv.Frequency), "feols_topic": effects(ols, "topic"),
		"feols_iv": effects(late, "day", "topic"), "feols_missing": outcome(effects(within, "agent", "day"), "rating"),

		"tsls": over, "tsls_two": two, "liml": estimator(over, iv.LIML, 0), "fuller": estimator(over, iv.Fuller, 0),
		"fuller4_weighted": estimator(weighted(over, "w", iv.Analytic), iv.Fuller, 4),
	}
}

func bundledR(key string) (goldenPlan, bool) {
	models := bundledModels()
	perComponent := iv.Covariance{Kind: iv.CR1, Groups: iv.PerComponent}
	s, known := map[string]iv.Spec{
		"sandwich_2way_HC0":    by(models["ols"], iv.Covariance{Kind: iv.CR0, ClusterFactor: iv.On, Groups: iv.PerComponent}, "agent", "day"),
		"sandwich_2way_HC1":    by(models["ols"], perComponent, "agent", "day"),
		"sandwich_3way_HC1":    by(models["ols"], perComponent, "agent", "day", "topic"),
		"sandwich_iv_HC1":      by(models["iv_over"], iv.Covariance{}, "agent"),
		"sandwich_iv_2way_HC1": by(models["iv_over"], perComponent, "agent", "day"),
		"clubSandwich_CR1":     by(models["ols"], iv.Covariance{Kind: iv.CR0, ClusterFactor: iv.On}, "agent"),
		// CR1S of the regression with all dummies written out counts them all.
		"clubSandwich_CR1S": by(models["ols_nested"], iv.Covariance{Params: iv.CountAll}, "agent"),
	}[key]
	if known {
		return usual(s), true
	}
	switch key {
	case "wald_HC1":
		return bundledWald(by(models["ols"], iv.Covariance{Kind: iv.HC1})), true
	case "wald_CR1":
		return bundledWald(by(models["ols"], iv.Covariance{Kind: iv.CR1, DF: iv.DFResidual}, "agent")), true
	}
	at := strings.LastIndex(key, "_")
	s, known = models[key[:at]]
	switch key[at+1:] {
	case "CR0":
		return usual(by(s, iv.Covariance{Kind: iv.CR0, Params: iv.CountAll}, "agent")), known
	case "stata":
		return usual(by(s, iv.Covariance{Kind: iv.CR1, Params: iv.CountAll}, "agent")), known
	case "classical":
		return usual(by(s, iv.Covariance{Kind: iv.Classical})), known
	case "HC0":
		return usual(by(s, iv.Covariance{Kind: iv.HC0})), known
	case "HC1":
		return usual(by(s, iv.Covariance{Kind: iv.HC1})), known
	}
	return goldenPlan{}, false
}

// bundledWald compares the joint test that both controls have no effect.
func bundledWald(s iv.Spec) goldenPlan {
	return goldenPlan{run: func(t *testing.T, f *data.Frame, ref *reference) {
		var w struct{ F, DF1, DF2, P, Chi2, P_chi2 float64 }
		ref.into(t, "wald", &w)
		res := estimate(t, f, s)
		normal := s.Covariance
		normal.DF = iv.DFNormal
		for _, c := range []struct {
			res               *iv.Result
			statistic, df2, p *float64
		}{{res, &w.F, &w.DF2, &w.P}, {with(t, res, normal), &w.Chi2, nil, &w.P_chi2}} {
			test, err := c.res.WaldZero("c1", "c2")
			if err != nil {
				t.Fatal(err)
			}
			compareTest(t, test.Null, test, c.statistic, &w.DF1, c.df2, c.p)
		}
	}}
}

// pyfixest compares a row of pyfixest, whose p-values are 1 less a probability.
func pyfixest(s iv.Spec) goldenPlan { return usualExcept(s, comparison{roundedP: true}) }

func bundledPython(key string) (goldenPlan, bool) {
	models := bundledModels()
	agent := func(model string, c iv.Covariance) (goldenPlan, bool) {
		return pyfixest(by(models[model], c, "agent")), true
	}
	switch key {
	case "feols_hetero":
		return pyfixest(models["feols_effects"]), true
	case "feols_iid":
		return pyfixest(by(models["feols_effects"], iv.Covariance{Kind: iv.Classical})), true
	case "feols_frequency":
		return pyfixest(models["feols_frequency"]), true
	case "feols_frequency_clustered":
		return agent("feols_frequency", iv.Covariance{})
	case "feols_2way":
		return pyfixest(by(models["feols_topic"], iv.Covariance{}, "agent", "day")), true
	case "feols_2way_G_conventional":
		return pyfixest(by(models["feols_topic"], iv.Covariance{Groups: iv.PerComponent}, "agent", "day")), true
	case "feols_K_none":
		return agent("feols_nested", iv.Covariance{Params: iv.CountCoefficients})
	case "feols_K_full":
		return agent("feols_nested", iv.Covariance{Params: iv.CountAll})
	case "feols_no_factor":
		return agent("feols_nested", iv.Covariance{Kind: iv.CR0})
	}
	if s, ok := models[key]; ok {
		return pyfixest(by(s, iv.Covariance{}, "agent")), true
	}
	for _, size := range []string{"large", "small"} {
		for _, kind := range []string{"unadjusted", "robust", "clustered"} {
			if model, ok := strings.CutSuffix(key, "_"+kind+"_"+size); ok {
				s, known := models[model]
				return bundledStages(s, kind, size == "small"), known
			}
		}
	}
	return goldenPlan{}, false
}

// bundledStages compares linearmodels: no factor and the normal distribution, or a factor and N-K
// degrees of freedom.
func bundledStages(s iv.Spec, kind string, small bool) goldenPlan {
	c := map[string]iv.Covariance{"unadjusted": {Kind: iv.Classical, RowFactor: iv.Off}, "robust": {Kind: iv.HC0}, "clustered": {Kind: iv.CR0}}[kind]
	c.DF = iv.DFNormal
	if small {
		c = iv.Covariance{Kind: map[string]iv.CovarianceKind{"unadjusted": iv.Classical, "robust": iv.HC1, "clustered": iv.CR1}[kind], DF: iv.DFResidual}
	}
	s.Covariance = c
	if c.Kind.Clustered() {
		s.Cluster = []string{"agent"}
	}
	return goldenPlan{run: func(t *testing.T, f *data.Frame, ref *reference) {
		res := estimate(t, f, s)
		compare(t, ref, res, comparison{})
		if ref.has("kappa") {
			near(t, "kappa", res.Kappa, ref.number(t, "kappa"), agree, 0)
		}
	}}
}
