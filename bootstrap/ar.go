package bootstrap

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/iv"
)

// AndersonRubin tests a value of the coefficient of an endogenous column by the wild bootstrap of
// the Anderson-Rubin test: if the coefficient is r, the instruments do not move the outcome less r times
// the endogenous column. The test holds its level however weak the instruments are (Finlay and
// Magnusson 2019). The confidence set is exact, of any shape: an interval, two rays, several pieces, the whole line.
// With one instrument the statistic is a t; with several it is an F, a ratio of polynomials in the null, and the set
// is for up to eight instruments.
//
// The statistic has the small-sample factor of the reduced form's CR1 or CR0. Stata's
// boottest, ar.
func AndersonRubin(ctx context.Context, r *iv.Result, spec WildSpec) (*WildResult, error) {
	t, plan, err := drawAndersonRubin(ctx, r, spec)
	if err != nil {
		return nil, err
	}
	res, err := t.result(ctx, plan)
	if err != nil {
		return nil, err
	}
	if t.set != nil {
		if res.Set, err = t.set.inversion(&res.Spec, plan).set(ctx, &res.Spec, plan.enumerated); err != nil {
			return nil, err
		}
	}
	if err := res.warnDesign(r); err != nil {
		return nil, err
	}
	res.Estimate, res.Value, res.SE = t.instrumental.estimate.Estimate, t.spec.Null[0].Value, t.instrumental.estimate.SE
	if n := t.instrumental.instruments; n > mostSetInstruments && !spec.NoSet {
		res.Set = iv.Set{Level: res.Level, Reason: fmt.Sprintf(
			"the confidence set of the wild Anderson-Rubin test is for up to %d instruments, and there are %d", mostSetInstruments, n)}
	}
	return res, nil
}

// drawAndersonRubin checks the spec, and draws.
func drawAndersonRubin(ctx context.Context, r *iv.Result, spec WildSpec) (*wildTest, drawing, error) {
	if err := spec.check(r.Level); err != nil {
		return nil, drawing{}, err
	}
	m, err := newInstrumental(r, &spec)
	if err != nil {
		return nil, drawing{}, err
	}
	spec.Null, spec.Term, spec.Value = spec.restrictions(), "", 0
	if m.instruments > 1 && spec.Tail == EqualTailed {
		return nil, drawing{}, bad(fieldexp.BadSpec,
			fmt.Sprintf("an equal-tailed p-value of a joint test of %d instruments", m.instruments),
			"leave {Tail} at {Symmetric}")
	}
	t, err := m.andersonRubin(spec)
	if err != nil {
		return nil, drawing{}, err
	}
	t.instrumental = m
	plan := newDrawing(spec.Weights, spec.Seed, spec.Draws, t.kernel.boot)
	return t, plan, run(ctx, plan, []*wildTest{t}, spec.Progress)
}

// Agreement tests that some effect of the endogenous column agrees with all of several instruments: with
// instruments that are assignment in one group each, that the effect is the same in all groups. Its p-value is
// the largest that AndersonRubin gives to any effect, so that it is below one less the level where that test's
// confidence set is empty, and Value and the statistics are those of the effect that it goes to. It holds its
// level however weak the instruments are and, since the effect is searched for, is cautious: it has the
// draws of as many restrictions as instruments, one more than there are. Result.Overidentification in package iv is
// Hansen's test of the same, for strong instruments. The spec's Value is not used, and up to eight
// instruments are allowed.
func Agreement(ctx context.Context, r *iv.Result, spec WildSpec) (*WildResult, error) {
	spec.Value, spec.NoSet = 0, false
	t, plan, err := drawAndersonRubin(ctx, r, spec)
	if err != nil {
		return nil, err
	}
	if t.set == nil {
		return nil, bad(fieldexp.NotAvailable,
			fmt.Sprintf("a test that %d instrument(s) agree", t.instrumental.instruments),
			fieldexp.Hint(fmt.Sprintf("use two to %d instruments", mostSetInstruments)))
	}
	peak, err := t.set.inversion(&t.spec, plan).peak(ctx, &t.spec, plan.enumerated)
	if err != nil {
		return nil, err
	}
	term := t.spec.Null[0].Term
	at := spec
	at.Term, at.Null, at.NoSet, at.Progress = "", []Restriction{{Term: term, Value: peak}}, true, nil
	res, err := AndersonRubin(ctx, r, at)
	if err != nil {
		return nil, err
	}
	res.Null = fmt.Sprintf("some effect of %s agrees with all %d instruments", term, t.instrumental.instruments)
	res.Method = "wild bootstrap of the Anderson-Rubin test, at the effect that is rejected least"
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
	if m.instruments > 1 && (spec.NoSet || m.instruments > mostSetInstruments) {
		var err error
		t.kernel, t.seen, err = y.kernel(r, []part{{combine(y.scores, -value, d.scores), combine(moveY, -value, moveD)}}, 0, &spec)
		return t, err
	}
	scale, err := m.newNullScale()
	if err != nil {
		return nil, err
	}
	outcome, endogenous := scale.bring(y.scores, d.scores)
	moveOutcome, moveEndogenous := scale.bring(moveY, moveD)
	for _, v := range [][]float64{endogenous, moveEndogenous} {
		for i := range v {
			v[i] = -v[i]
		}
	}
	t.origin, t.unit, t.step = scale.Origin, scale.Unit, 1
	parts := []part{{outcome, moveOutcome}, {endogenous, moveEndogenous}}
	if t.kernel, t.seen, err = y.kernel(r, parts, (value-t.origin)/t.unit, &spec); err != nil {
		return nil, err
	}
	if m.instruments > 1 {
		t.set = &arSet{nullScale: scale}
		t.set.observe(r, parts, y.k, t.kernel.meats[0].factor)
	}
	return t, nil
}
