package bootstrap

import (
	"fmt"
	"math"

	"github.com/fieldexp/fieldexp/iv"
)

// instrumental is a two-stage model with one endogenous column, as the two regressions of its
// outcome and of its endogenous column on the instruments and exogenous columns.
type instrumental struct {
	result      *iv.Result
	outcome     *linear
	endogenous  *linear
	instruments int
	estimate    iv.Coefficient
}

// newInstrumental takes a result apart, and refuses those that the tests are not for.
func newInstrumental(r *iv.Result, spec *WildSpec) (*instrumental, error) {
	if r.ReducedForm == nil {
		return nil, bad(NotAvailable, fmt.Sprintf("the model of %q has no endogenous column", r.Outcome), "use Wild for least squares")
	}
	if len(r.FirstStages) != 1 {
		return nil, bad(NotAvailable, fmt.Sprintf("the model of %q has %d endogenous columns", r.Outcome, len(r.FirstStages)), "these tests are for one")
	}
	if len(r.Clusters) > 1 {
		return nil, bad(NotAvailable, fmt.Sprintf("the model of %q is clustered in %d ways", r.Outcome, len(r.Clusters)), "estimate with one clustering")
	}
	if spec.Type.cr3() || spec.Type.jackknifed() {
		return nil, bad(NotAvailable, fmt.Sprintf("type %s of a model with an endogenous column", spec.Type), "use Type11")
	}
	list := spec.restrictions()
	if len(list) != 1 || list[0].Combination != nil || list[0].Term != r.FirstStages[0].Outcome {
		if _, err := r.Coefficient(list[0].Term); list[0].Combination == nil && err != nil {
			return nil, err
		}
		return nil, bad(NotAvailable, "a hypothesis about other terms than the endogenous column", fmt.Sprintf("test the coefficient of %q", r.FirstStages[0].Outcome))
	}
	m := &instrumental{result: r}
	var err error
	if m.outcome, err = newLinear(r.ReducedForm); err != nil {
		return nil, err
	}
	if m.endogenous, err = newLinear(r.FirstStages[0]); err != nil {
		return nil, err
	}
	if m.estimate, err = r.Coefficient(list[0].Term); err != nil {
		return nil, err
	}
	if !(m.estimate.SE > 0) || math.IsInf(m.estimate.SE, 0) {
		return nil, bad(Degenerate, fmt.Sprintf("the estimate of %s has a standard error of %g", list[0].Term, m.estimate.SE), "check that the outcome is not reproduced exactly")
	}
	// The terms of a reduced form are the instruments that stayed, then the exogenous columns.
	m.instruments = len(r.ReducedForm.Terms) - (len(r.Terms) - 1)
	if m.instruments >= m.outcome.cp.Clusters {
		return nil, bad(BadNull, fmt.Sprintf("%d instruments for %d clusters", m.instruments, m.outcome.cp.Clusters), "use fewer instruments than there are clusters")
	}
	return m, nil
}

// combine is a + by b.
func combine(a []float64, by float64, b []float64) []float64 {
	sum := make([]float64, len(a))
	for i := range a {
		sum[i] = a[i] + by*b[i]
	}
	return sum
}
