package bootstrap

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/iv"
)

// AndersonRubin tests a value of the coefficient of an endogenous column by the wild bootstrap of
// the Anderson-Rubin test: if the coefficient is r, the instruments do not move the outcome less r times
// the endogenous column. The test holds its level however weak the instruments are (Finlay and
// Magnusson 2019). With one instrument the statistic is a t, and the confidence set is exact, of any
// shape: an interval, two rays, the whole line. With several it is an F, and there is no set.
//
// The statistic has the small-sample factor of the reduced form's CR1 or CR0. Stata's
// boottest, ar.
func AndersonRubin(ctx context.Context, r *iv.Result, spec WildSpec) (*WildResult, error) {
	if err := spec.check(r.Level); err != nil {
		return nil, err
	}
	m, err := newInstrumental(r, &spec)
	if err != nil {
		return nil, err
	}
	spec.Null, spec.Term, spec.Value = spec.restrictions(), "", 0
	if m.instruments > 1 && spec.Tail == EqualTailed {
		return nil, bad(BadSpec, fmt.Sprintf("an equal-tailed p-value of a joint test of %d instruments", m.instruments), "leave Tail at Symmetric")
	}
	t, err := m.andersonRubin(spec)
	if err != nil {
		return nil, err
	}
	plan := newDrawing(spec.Weights, spec.Seed, spec.Draws, t.kernel.boot)
	if err := run(ctx, plan, []*wildTest{t}, spec.Progress); err != nil {
		return nil, err
	}
	res := t.result(plan)
	if err := res.warnDesign(r); err != nil {
		return nil, err
	}
	res.Estimate, res.Value, res.SE = m.estimate.Estimate, spec.Null[0].Value, m.estimate.SE
	if m.instruments > 1 && !spec.NoSet {
		res.NoSet = fmt.Sprintf("the confidence set of the wild Anderson-Rubin test is for one instrument, and there are %d", m.instruments)
	}
	return res, nil
}

// andersonRubin sets the test up: a hypothesis about the instruments in a regression whose outcome
// is linear in the null.
func (m *instrumental) andersonRubin(spec WildSpec) (*wildTest, error) {
	y, d := m.outcome, m.endogenous
	rows := mat.NewDense(m.instruments, len(y.result.Terms), nil)
	for i := range m.instruments {
		rows.Set(i, i, 1)
	}
	r := y.restrictions(rows)
	t := &wildTest{spec: spec, model: m.result, method: "wild bootstrap of the Anderson-Rubin test",
		null: &null{text: spec.Null[0].String(), r: r, estimate: []float64{m.estimate.Estimate}}}
	moveY, moveD := y.result.Coef[:m.instruments], d.result.Coef[:m.instruments]
	value := spec.Null[0].Value
	var parts []part
	var at float64
	if m.instruments == 1 {
		t.origin, t.unit = m.estimate.Estimate, m.estimate.SE
		at = (value - t.origin) / t.unit
		slope := make([]float64, len(d.scores))
		for i, s := range d.scores {
			slope[i] = -t.unit * s
		}
		parts = []part{{combine(y.scores, -t.origin, d.scores), combine(moveY, -t.origin, moveD)}, {slope, []float64{-t.unit * moveD[0]}}}
	} else {
		parts = []part{{combine(y.scores, -value, d.scores), combine(moveY, -value, moveD)}}
	}
	var err error
	t.kernel, t.seen, err = y.kernel(r, parts, at, &spec)
	return t, err
}
