package iv_test

import (
	"fmt"
	"testing"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// TestWuHausmanByHand compares the test with that of the first stage's residual, added as a column to the least-
// squares regression, for covariances that correct for leverage.
func TestWuHausmanByHand(t *testing.T) {
	long(t)
	f := smallFrame(t, 61, 300, 12)
	for _, c := range []struct {
		name string
		spec iv.Spec
	}{
		{"2SLS", iv.Spec{}},
		{"LIML", iv.Spec{Estimator: iv.LIML}},
		{"weighted", iv.Spec{Weights: "w"}},
		{"weighted, for variances inverse to the weights", iv.Spec{Weights: "w", Covariance: iv.Covariance{Working: iv.InverseWeights}}},
		{"agents", iv.Spec{Absorb: iv.Effects("agent")}},
		{"days and topics", iv.Spec{Absorb: iv.Effects("day", "topic")}},
	} {
		for _, clusters := range [][]string{{"agent"}, {"agent", "day"}} {
			for _, kind := range []iv.CovarianceKind{iv.CR1, iv.CR2, iv.CR3, iv.Jackknife} {
				s := c.spec
				s.Covariance.Repair = iv.Off // what is repaired depends on the regressors that span the same
				s.Outcomes, s.Exogenous, s.Endogenous, s.Instruments = []string{"y"}, []string{"c1"}, []string{"share"}, []string{"z", "z2"}
				s.Cluster, s.KeepSingletons, s.Covariance.Kind = clusters, true, kind
				res := estimate(t, f, s)
				first := res.FirstStages[0]
				g := f.Clone()
				derive(t, g, "left", []string{"share", "z", "z2", "c1"}, func(x []float64) float64 {
					for i, term := range []string{"z", "z2", "c1"} {
						x[0] -= coefficient(t, first, term).Estimate * x[1+i]
					}
					return x[0]
				})
				s.Exogenous, s.Endogenous, s.Instruments, s.Estimator = []string{"share", "c1", "left"}, nil, nil, iv.TwoStage
				want, err := estimate(t, g, s).WaldZero("left")
				if err != nil {
					t.Fatal(err)
				}
				what := fmt.Sprintf("%s by %v, %v", c.name, clusters, kind)
				got := res.WuHausman()
				near(t, what+": statistic", got.Statistic, want.Statistic, 1e-7, 0)
				near(t, what+": degrees of freedom", got.DF2, want.DF2, 1e-7, 0)
			}
		}
	}
}

// TestEffectGivenNothing: without direct effects it is the estimate, with its standard error and degrees of
// freedom under every covariance but the jackknife, which it has to first order.
func TestEffectGivenNothing(t *testing.T) {
	forEachInstrumented(t, func(t *testing.T, f *data.Frame, s iv.Spec) {
		if len(s.Instruments) > 1 || s.Covariance.Kind == iv.Jackknife {
			return
		}
		res := estimate(t, f, s)
		got, err := res.EffectGiven(0, 0)
		if err != nil {
			t.Fatal(err)
		}
		want := res.Coefficients()[0]
		near(t, "estimate", got.Estimate, want.Estimate, same, want.SE)
		near(t, "standard error", got.SE, want.SE, 1e-7, 0)
		near(t, "degrees of freedom", got.DF, want.DF, 1e-7, 0)
	})
}
