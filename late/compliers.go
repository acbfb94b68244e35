package late

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
)

// Accounting says whose effect an effect of usage is, and how large it is beside what they would have
// done without: who complies, and what compliers do with and without usage. Its fields are for reading. It has no With,
// since it does not keep the models that its numbers are from: estimate it again with another Covariance.
type Accounting struct {
	Design *itt.Design
	Usage  string
	// AlwaysTakers and NeverTakers are those of the first outcome.
	AlwaysTakers, NeverTakers iv.Coefficient
	Outcomes                  []Compliers // in the order of Spec.Outcomes
}

// Compliers describes those whom assignment moved to use, by one outcome over its rows.
type Compliers struct {
	Outcome string
	// Share is the first stage, with controls and effects: the share of compliers.
	Share iv.Coefficient
	// AlwaysTakers and NeverTakers are shares of the model's rows with their standard errors: mean usage of those
	// not assigned, and one less that of the assigned, without controls and effects; in a
	// difference-in-differences, over the rows since the launch. PlainShare is the difference of the two means: the share
	// of compliers that adds up to one with these, and is Share where there are no controls and effects.
	AlwaysTakers, NeverTakers, PlainShare iv.Coefficient
	// Effect is the effect of usage on compliers, and EffectSet its Anderson-Rubin set.
	Effect    iv.Coefficient
	EffectSet iv.Set
	// Control and Treated are the mean outcomes of compliers without and with usage: their difference
	// is Effect.
	Control, Treated iv.Coefficient
	// Percent is the effect in percent of the control complier mean, and PercentSet its
	// Anderson-Rubin set, which allows for the mean's own uncertainty and is right even where the mean
	// may be zero.
	Percent    iv.Coefficient
	PercentSet iv.Set
}

// Account estimates the accounting behind effects of usage that is 0 or 1, with the spec's
// controls, effects, weights, clusters and covariance. The mean of compliers without usage is the
// coefficient of 1-D in the regression of (1-D)Y on 1-D, with assignment as the instrument, that with
// usage the coefficient of D in the regression of DY on D (Imbens and Rubin 1997; Abadie 2003,
// theorem 3.1). The effect over the control mean is the coefficient in the regression of Y on -(1-D)Y
// with the same instrument, so that its Anderson-Rubin set is that of a ratio of two
// intention-to-treat effects (Fieller 1954).
//
// It takes what Estimate takes: random assignment, exclusion, and nobody whom assignment keeps from
// using. It is to be had with one arm beside control. The error is as in Estimate.
func Account(ctx context.Context, f *data.Frame, spec Spec) (*Accounting, error) {
	b, err := newBinary(f, spec, "complier means")
	if err != nil {
		return nil, err
	}
	a := &Accounting{Design: b.design, Usage: spec.Usage}
	spared := b.add("not "+spec.Usage, func(i int) float64 { return 1 - b.usage.values[i] })
	var without, with, ratio []string // (1-D)Y, DY and -(1-D)Y of each outcome
	for _, name := range spec.Outcomes {
		y, err := b.frame.Floats(name)
		if err != nil {
			return nil, err
		}
		d := b.usage.values
		without = append(without, b.add(name+" without "+spec.Usage, func(i int) float64 { return (1 - d[i]) * y[i] }))
		with = append(with, b.add(name+" with "+spec.Usage, func(i int) float64 { return d[i] * y[i] }))
		ratio = append(ratio, b.add("less "+name+" without "+spec.Usage, func(i int) float64 { return -(1 - d[i]) * y[i] }))
	}
	if b.err != nil {
		return nil, b.err
	}
	effects, err := b.estimate(ctx, spec.Usage, spec.Outcomes...)
	if err != nil {
		return nil, err
	}
	if err := b.usage.checkFirstStages(effects); err != nil {
		return nil, err
	}
	takers, err := b.takers(ctx, spec.Outcomes)
	if err != nil {
		return nil, err
	}
	a.AlwaysTakers, a.NeverTakers = takers[0].always, takers[0].never
	controls, err := b.estimate(ctx, spared, without...)
	if err != nil {
		return nil, err
	}
	treated, err := b.estimate(ctx, spec.Usage, with...)
	if err != nil {
		return nil, err
	}
	for i, fit := range effects {
		c := Compliers{Outcome: fit.Outcome, Share: fit.FirstStages[0].Coefficients()[0], Effect: fit.Coefficients()[0], EffectSet: fit.AndersonRubinSet(),
			AlwaysTakers: takers[i].always, NeverTakers: takers[i].never, PlainShare: takers[i].compliers,
			Control: controls[i].Coefficients()[0], Treated: treated[i].Coefficients()[0]}
		c.Control.Name, c.Treated.Name = "control complier mean", "treated complier mean"
		relative, err := b.estimate(ctx, ratio[i], fit.Outcome)
		if err != nil {
			return nil, err
		}
		c.Percent = inPercent(relative[0].Coefficients()[0])
		c.PercentSet = relative[0].AndersonRubinSet().Scaled(100)
		a.Outcomes = append(a.Outcomes, c)
	}
	return a, nil
}

// inPercent is a ratio as a percentage.
func inPercent(c iv.Coefficient) iv.Coefficient {
	c.Name = "effect in percent of the control complier mean"
	c.Estimate, c.SE, c.Low, c.High = 100*c.Estimate, 100*c.SE, 100*c.Low, 100*c.High
	return c
}

// Outcome is the accounting of one outcome.
func (a *Accounting) Outcome(name string) (Compliers, error) {
	var names []string
	for _, c := range a.Outcomes {
		if c.Outcome == name {
			return c, nil
		}
		names = append(names, c.Outcome)
	}
	return Compliers{}, &fieldexp.Error{Op: "late", Problem: fieldexp.BadSpec, Columns: []string{name}, Message: fmt.Sprintf("no accounting of outcome %q", name),
		Remedy: []fieldexp.Hint{fieldexp.Hint("name one of " + strings.Join(names, ", "))}}
}

// Effect is the effect of usage on compliers, on an outcome. The error names the outcomes that there are.
func (a *Accounting) Effect(outcome string) (iv.Coefficient, error) {
	c, err := a.Outcome(outcome)
	return c.Effect, err
}

// Effects lists the effects in the order of the outcomes.
func (a *Accounting) Effects() (list []iv.Coefficient) {
	for _, c := range a.Outcomes {
		list = append(list, c.Effect)
	}
	return list
}

// String is a table of the accounting, with standard errors in parentheses and the Anderson-Rubin set of
// the percentage.
func (a *Accounting) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Compliers with %s, assignment %s: always-takers %s (%s), never-takers %s (%s)\n", a.Usage, a.Design.Spec.Assignment,
		brief.Number(a.AlwaysTakers.Estimate), brief.SE(a.AlwaysTakers), brief.Number(a.NeverTakers.Estimate), brief.SE(a.NeverTakers))
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "\tcompliers\twithout\t\twith\t\teffect\t\tpercent\tset\t\n")
	for _, c := range a.Outcomes {
		fmt.Fprintf(w, "%s\t%s\t", c.Outcome, brief.Number(c.Share.Estimate))
		for _, v := range []iv.Coefficient{c.Control, c.Treated, c.Effect} {
			fmt.Fprintf(w, "%s\t(%s)\t", brief.Number(v.Estimate), brief.SE(v))
		}
		fmt.Fprintf(w, "%s\t%s\t\n", brief.Number(c.Percent.Estimate), c.PercentSet.Text(brief.Number))
	}
	w.Flush()
	return b.String()
}
