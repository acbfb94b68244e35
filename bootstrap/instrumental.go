package bootstrap

import (
	"fmt"
	"math"
	"slices"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/invert"
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
		return nil, bad(fieldexp.NotAvailable,
			fmt.Sprintf("the model of %q has no endogenous column", r.Outcome),
			"use {Wild} for least squares")
	}
	if len(r.FirstStages) != 1 {
		return nil, bad(fieldexp.NotAvailable,
			fmt.Sprintf("the model of %q has %d endogenous columns", r.Outcome, len(r.FirstStages)),
			"name one column in {Endogenous}")
	}
	if len(r.Clusters) > 1 {
		return nil, bad(fieldexp.NotAvailable,
			fmt.Sprintf("the model of %q is clustered in %d ways", r.Outcome, len(r.Clusters)),
			"estimate with one clustering")
	}
	if spec.Type.cr3() || spec.Type.jackknifed() {
		return nil, bad(fieldexp.NotAvailable, fmt.Sprintf("type %s of a model with an endogenous column", spec.Type), "use {Type11}")
	}
	list := spec.restrictions()
	if len(list) != 1 || list[0].Combination != nil || list[0].Term != r.FirstStages[0].Outcome {
		if _, err := r.Coefficient(list[0].Term); list[0].Combination == nil && err != nil {
			return nil, err
		}
		return nil, bad(fieldexp.NotAvailable, "a hypothesis about other terms than the endogenous column",
			fieldexp.Hint(fmt.Sprintf("test the coefficient of %q", r.FirstStages[0].Outcome)))
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
		return nil, bad(fieldexp.Degenerate,
			fmt.Sprintf("the estimate of %s has a standard error of %g", list[0].Term, m.estimate.SE),
			"check that the outcome is not reproduced exactly")
	}
	// The terms of a reduced form are the instruments that stayed, then the exogenous columns.
	m.instruments = len(r.ReducedForm.Terms) - (len(r.Terms) - 1)
	if m.instruments >= m.outcome.cp.Clusters {
		return nil, bad(fieldexp.BadNull,
			fmt.Sprintf("%d instruments for %d clusters", m.instruments, m.outcome.cp.Clusters),
			"use fewer instruments than there are clusters")
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

// nullScale leads from nulls to directions: nulls are measured from the estimate, in the unit that gives the
// residuals of outcome and endogenous column the same size, so that forms are of a like size in all
// directions and their polynomials keep their digits. The outcome is taken less the estimated effect, and the
// endogenous column in units of nulls; both are divided by the size of the former's residuals. So a
// null is origin + unit times the coefficient of the one on the other.
type nullScale struct {
	invert.Scale
	size float64
	yd   float64 // product of the residuals then, which both have the sum of squares 1
}

func (m *instrumental) newNullScale() (s nullScale, err error) {
	product, err := m.productWithEndogenous()
	if err != nil {
		return s, err
	}
	yy, dd := m.outcome.result.RSS, m.endogenous.result.RSS
	yd := product - dot(m.outcome.coordinates(), m.endogenous.coordinates())
	s.Origin = m.estimate.Estimate
	squares := yy - s.Origin*(2*yd-s.Origin*dd)
	if !(squares > 0 && dd > 0) {
		return s, bad(fieldexp.Degenerate, "outcome or endogenous column has no residuals", "check that neither is reproduced exactly")
	}
	s.size, s.Unit = math.Sqrt(squares), math.Sqrt(squares/dd)
	s.yd = (yd - s.Origin*dd) / math.Sqrt(squares*dd)
	return s, nil
}

// bring brings what belongs to outcome and endogenous column onto the scale.
func (s nullScale) bring(y, d []float64) (outcome, endogenous []float64) {
	outcome, endogenous = combine(y, -s.Origin, d), slices.Clone(d)
	scale(outcome, 1/s.size)
	scale(endogenous, s.Unit/s.size)
	return outcome, endogenous
}

// direction is that of a null.
func (s nullScale) direction(null float64) invert.Direction {
	return invert.Toward(s.Angle(null))
}

// productWithEndogenous is the product of outcome and endogenous column, less what the outcome was
// centred by.
func (m *instrumental) productWithEndogenous() (float64, error) {
	cp, err := m.result.AsUsed.CrossProducts()
	if err != nil {
		return 0, err
	}
	k := len(cp.Regressors)
	block, scores := make([]float64, k*k), make([]float64, k+len(cp.Kept))
	sum := 0.0
	for g := range cp.Clusters {
		cp.Block(g, cp.Regressors, block)
		cp.Scores(g, scores)
		sum += scores[0] + dot(block[:k], cp.Estimates)
	}
	return sum, nil
}
