package iv_test

import (
	"fmt"
	"testing"

	"github.com/fieldexp/fieldexp/iv"
)

// TestPresets compares presets with results of the programs that they are named after.
func TestPresets(t *testing.T) {
	long(t)
	refs, f := golden(t), goldenFrame(t)
	for _, c := range []struct {
		preset   iv.Preset
		model    iv.Spec
		clusters []string
		key      string
	}{
		{iv.Stata, modelF1(), []string{"agent_id"}, "lm_robust_f1_stata"},
		{iv.Stata, modelF1(), nil, "lm_robust_f1_HC1"},
		{iv.Estimatr, modelF1(), []string{"agent_id"}, "lm_robust_f1_CR2"},
		{iv.Estimatr, modelFE(), []string{"agent_id"}, "lm_robust_FE_CR2"},
		{iv.Estimatr, modelF1(), nil, "lm_robust_f1_HC2"},
		{iv.Sandwich, modelF1(), nil, "vcovHC_f1_HC3"},
		{iv.Statsmodels, modelF1(), []string{"agent_id"}, "sm_ols_f1_cluster_use_tFalse"},
		{iv.Statsmodels, modelF2(), []string{"agent_id"}, "sm_ols_f2_cluster_use_tFalse"},
	} {
		t.Run(fmt.Sprintf("%v, %s", c.preset, c.key), func(t *testing.T) {
			s := c.model
			s.Cluster = c.clusters
			c.preset.Set(&s)
			ref := refs[c.key]
			if ref == nil {
				t.Fatal("there is no such result")
			}
			compareLines(t, ref, estimate(t, f, s), comparison{})
		})
	}
	t.Run("ivregress and ivreg2", func(t *testing.T) {
		for _, p := range []iv.Preset{iv.StataIV, iv.Ivreg2} {
			for _, clusters := range [][]string{nil, {"agent_id"}} {
				s := by(modelIV("over"), p.Covariance(clusters != nil), clusters...)
				kind := iv.HC0
				if clusters != nil {
					kind = iv.CR0
				}
				res := estimate(t, f, s)
				nearVcov(t, p.String(), res.Vcov, estimate(t, f, by(s, iv.Covariance{Kind: kind}, clusters...)).Vcov, same)
				if res.DF != estimate(t, f, by(s, iv.Covariance{Kind: kind, DF: iv.DFNormal}, clusters...)).DF {
					t.Errorf("%v: %g degrees of freedom, want the normal distribution", p, res.DF)
				}
			}
		}
	})
	t.Run("sandwich with two clusterings", func(t *testing.T) {
		s := modelF1()
		s.Cluster = []string{"agent_id", "day"}
		iv.Sandwich.Set(&s)
		res := estimate(t, f, s)
		ref := refs["vcovCL_f1_2way_HC1_multi0FALSE"]
		nearVcov(t, ref.key, block(t, res, union([]string{iv.Constant}, s.Exogenous)), ref.matrix(t, "vcov"), agree)
		near(t, "degrees of freedom", res.DF, float64(res.N-res.K), 0, 0)
	})
}

// TestParsePreset finds every preset by its name and refuses others.
func TestParsePreset(t *testing.T) {
	for p := iv.Stata; p <= iv.Statsmodels; p++ {
		if got, err := iv.ParsePreset(p.String()); err != nil || got != p {
			t.Errorf("ParsePreset(%q) = %v, %v", p, got, err)
		}
	}
	if _, err := iv.ParsePreset("spss"); err == nil {
		t.Error("an unknown preset was not refused")
	}
}
