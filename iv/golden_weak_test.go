package iv_test

import (
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// TestGoldenInstruments compares the tests of instruments in the reference file, whose estimates
// TestGolden compares: estimatr, ivreg of R's AER, fixest, ManyIV and effective F by hand.
func TestGoldenInstruments(t *testing.T) {
	long(t)
	refs := golden(t)
	f := goldenFrame(t)
	compared := map[string]int{}
	for _, key := range slices.Sorted(maps.Keys(refs)) {
		for prefix, compare := range map[string]func(*testing.T, *data.Frame, string, *reference){
			"iv_robust_": compareEstimatrTests, "ivreg_": compareIVRegTests, "feols_IV_": compareFixestTests,
			"hand_effective_F_": compareEffectiveF, "ManyIV_": compareManyIVTests,
		} {
			if name, ok := strings.CutPrefix(key, prefix); ok {
				t.Run(key, func(t *testing.T) { compare(t, f, name, refs[key]) })
				compared[prefix]++
			}
		}
	}
	for prefix, want := range map[string]int{"iv_robust_": 10, "ivreg_": 15, "feols_IV_": 13, "hand_effective_F_": 2, "ManyIV_": 2} {
		if compared[prefix] != want {
			t.Errorf("%d results of %s, want %d", compared[prefix], prefix, want)
		}
	}
}

// compareEstimatrTests compares diagnostics of iv_robust: its Wu-Hausman has the model's covariance,
// its test of over-identification is robust and ignores clusters. Its joint tests with CR2 refer to G-1
// degrees of freedom.
func compareEstimatrTests(t *testing.T, f *data.Frame, name string, ref *reference) {
	model, kind, _ := strings.Cut(name, "_")
	if model == "FE" {
		return
	}
	res := estimate(t, f, by(modelIV(model), map[string]iv.Covariance{"CR0": {Kind: iv.CR0}, "stata": {Kind: iv.CR1}, "CR2": {Kind: iv.CR2, DF: iv.DFClusters}}[kind], "agent_id"))
	var wu struct {
		Value, Numdf, Dendf float64
		P                   float64 `json:"p.value"`
	}
	ref.into(t, "diag_endogeneity", &wu)
	compareTest(t, "Wu-Hausman", res.WuHausman(), &wu.Value, &wu.Numdf, &wu.Dendf, &wu.P)
	var over struct {
		Value *float64
		DF    float64
		P     *float64 `json:"p.value"`
	}
	ref.into(t, "diag_overid", &over)
	j := estimate(t, f, by(modelIV(model), iv.Covariance{Kind: iv.HC0})).Overidentification()
	if over.Value == nil {
		if j.Reason == "" {
			t.Errorf("a test of over-identification %+v, estimatr has none", j)
		}
		return
	}
	compareTest(t, "over-identification", j, over.Value, &over.DF, nil, over.P)
}

// compareIVRegTests compares diagnostics of ivreg: Wu-Hausman with the given covariance but N-K degrees
// of freedom, Sargan without any.
func compareIVRegTests(t *testing.T, f *data.Frame, name string, ref *reference) {
	if !ref.has("diagnostics") {
		return
	}
	model, kind, _ := strings.Cut(name, "_")
	c := map[string]iv.Covariance{"classical": {Kind: iv.Classical}, "cluster_HC0": {Kind: iv.CR0, ClusterFactor: iv.On}, "cluster_HC1": {Kind: iv.CR1}}[kind]
	c.DF = iv.DFResidual
	var clusters []string
	if c.Kind.Clustered() {
		clusters = []string{"agent_id"}
	}
	res := estimate(t, f, by(modelIV(model), c, clusters...))
	var rows []struct {
		Row                 string `json:"_row"`
		DF1, DF2, Statistic *float64
		P                   *float64 `json:"p-value"`
	}
	ref.into(t, "diagnostics", &rows)
	for _, row := range rows {
		switch {
		case row.Row == "Wu-Hausman":
			compareTest(t, row.Row, res.WuHausman(), row.Statistic, row.DF1, row.DF2, row.P)
		case row.Row == "Sargan" && row.Statistic != nil:
			compareTest(t, row.Row, with(t, res, iv.Covariance{Kind: iv.Classical}).Overidentification(), row.Statistic, row.DF1, nil, row.P)
		case row.Row == "Sargan":
			if got := res.Overidentification(); got.Reason == "" {
				t.Errorf("Sargan %+v, ivreg has none", got)
			}
		}
	}
}

// compareFixestTests compares fitstat, which is classical throughout. Its Cragg-Donald statistic does not
// count controls and effects among the parameters. Its kpr is neither the LM nor the Wald form that
// Stata's ranktest, to which it refers, computes (TestInstrumentsAgainstOthers has these), and is not
// compared; its ivf2 tests fitted usage in a regression that is not the second stage, and is the
// Anderson-Rubin test of no effect where there is one instrument.
func compareFixestTests(t *testing.T, f *data.Frame, name string, ref *reference) {
	s := modelIVFE()
	outcomeName := name[strings.LastIndex(name, "_")+1:]
	switch {
	case strings.HasPrefix(name, "over_"):
		s.Instruments = []string{"assigned", "az"}
	case strings.HasPrefix(name, "noFE_"):
		s = modelIV("just")
	}
	res := estimate(t, f, outcome(by(s, iv.Covariance{Kind: iv.Classical}), outcomeName))
	var stat struct {
		CD struct{ CD float64 }
		WH struct {
			WH struct{ Stat, P, DF1, DF2 float64 }
		}
		Sargan struct {
			Sargan *struct{ Stat, P, DF float64 }
		}
		IVF2 struct {
			IVF2 struct{ Stat, P, DF1, DF2 float64 }
		}
	}
	ref.into(t, "fitstat", &stat)
	instruments := float64(len(s.Instruments))
	parameters := float64(res.ReducedForm.K)
	near(t, "Cragg-Donald", res.CraggDonald().Statistic*(float64(res.N)-instruments-2)/(float64(res.N)-parameters), stat.CD.CD, agree, 0)
	wh := stat.WH.WH
	compareTest(t, "Wu-Hausman", res.WuHausman(), &wh.Stat, &wh.DF1, &wh.DF2, &wh.P)
	if s := stat.Sargan.Sargan; s != nil {
		compareTest(t, "Sargan", res.Overidentification(), &s.Stat, &s.DF, nil, &s.P)
	}
	if second := stat.IVF2.IVF2; len(res.Instruments()) == 1 && !strings.HasPrefix(name, "2way") {
		compareTest(t, "ivf2", res.AndersonRubin(0), &second.Stat, &second.DF1, &second.DF2, &second.P)
	}
}

func compareEffectiveF(t *testing.T, f *data.Frame, name string, ref *reference) {
	s := by(modelIVFE(), iv.Covariance{Kind: iv.CR0}, "agent_id")
	if name == "over" {
		s.Instruments = []string{"assigned", "az"}
	}
	res := estimate(t, f, s)
	near(t, "effective F", res.EffectiveF().Statistic, ref.number(t, "effective_F_uncorrected"), agree, 0)
	corrected := with(t, res, iv.Covariance{Kind: iv.CR0, ClusterFactor: iv.On})
	near(t, "effective F with the factor of clusters", corrected.EffectiveF().Statistic, ref.number(t, "effective_F_times_GG1"), agree, 0)
	near(t, "Kleibergen-Paap", res.KleibergenPaap().Statistic, ref.number(t, "KP_rk_Wald_F_unc"), agree, 0)
}

// compareManyIVTests compares ManyIV's Sargan statistic, which is that of LIML, and its Modified-CD
// statistic (N-L-K)(kappa-1).
func compareManyIVTests(t *testing.T, f *data.Frame, name string, ref *reference) {
	if !ref.has("IVoverid") {
		return
	}
	s := by(modelIV(name), iv.Covariance{Kind: iv.Classical})
	s.Estimator = iv.LIML
	res := estimate(t, f, s)
	var rows []struct {
		Row       string `json:"_row"`
		Statistic float64
		P         float64 `json:"p.value"`
	}
	ref.into(t, "IVoverid", &rows)
	for _, row := range rows {
		switch row.Row {
		case "Sargan":
			compareTest(t, row.Row, res.Overidentification(), &row.Statistic, nil, nil, &row.P)
		case "Modified-CD":
			near(t, row.Row, float64(res.N-res.ReducedForm.K)*(res.Kappa-1), row.Statistic, 1e-7, 0)
		default:
			t.Errorf("unknown test %q", row.Row)
		}
	}
	if len(rows) != 2 || math.IsNaN(res.Kappa) {
		t.Errorf("%d tests, want 2", len(rows))
	}
}
