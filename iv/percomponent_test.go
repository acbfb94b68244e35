package iv_test

import (
	"fmt"
	"testing"

	"github.com/fieldexp/fieldexp/iv"
)

// TestAndersonRubinByComponents: where each component of a multi-way covariance has its own factor, that of the
// test is the reduced form's too: G/(G-1), or (G-1)/G for the jackknife.
func TestAndersonRubinByComponents(t *testing.T) {
	f := experiment(t, 12, 500, 14)
	for _, kind := range []iv.CovarianceKind{iv.CR0, iv.CR1, iv.CR2, iv.Jackknife} {
		for _, groups := range []iv.GroupFactor{iv.MinG, iv.PerComponent} {
			res := estimate(t, f, iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"used"}, Instruments: []string{"assigned"},
				Exogenous: []string{"c1"}, Cluster: []string{"agent", "day"},
				Covariance: iv.Covariance{Kind: kind, Groups: groups, Repair: iv.Off}})
			c := coefficient(t, res.ReducedForm, "assigned")
			near(t, fmt.Sprint(kind, ", factor ", groups), res.AndersonRubin(0).Statistic, c.Statistic*c.Statistic, same, 0)
		}
	}
}
