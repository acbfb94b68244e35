package hetero

import (
	"context"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/data"
)

// WildAgreement tests that the effect of usage is the same in all groups by the wild bootstrap, one test for each
// outcome: that one effect of usage agrees with the assignment of every group as an instrument
// (bootstrap.Agreement). Period effects are as the spec says, common or group-specific. The test has its
// level however weak the groups' first stages are, and is cautious; Fit.Equality and SeparateFit.Equality
// are for strong ones. Term, Value and Null of the draws are not used. There may be up to eight groups, and what
// Result.Wild says about period effects holds here too.
//
// There is no such test of the trend: under its null the effects in all groups are free, and what holds
// for weak first stages then has to allow for all values of all of them. Fit.Trend with iv.CR2 is for
// strong ones.
//
// The errors are those of Estimate and bootstrap.Agreement, and one for a spec without usage: Result.Wild
// tests that effects of assignment are the same.
func WildAgreement(ctx context.Context, f *data.Frame, spec Spec, draws bootstrap.WildSpec) ([]*bootstrap.WildResult, error) {
	if spec.Usage == "" {
		return nil, &fieldexp.Error{Op: "hetero", Problem: fieldexp.BadSpec,
			Message: "agreement of first stages about effects of assignment",
			Remedy:  []fieldexp.Hint{"set {Usage}", "use {Wild}, whose {Equality} tests that effects of assignment are the same in all groups"}}
	}
	if err := nothingNamed(draws); err != nil {
		return nil, err
	}
	d, err := newDesign(f, spec)
	if err != nil {
		return nil, err
	}
	counter, err := d.newCounter()
	if err != nil {
		return nil, err
	}
	for _, outcome := range spec.Outcomes {
		if _, err := counter.count(outcome); err != nil {
			return nil, err
		}
	}
	fits, err := (&steps{d: d, total: 1}).estimate(ctx, d.model(d.exposures, []string{spec.Usage}, d.rules[spec.TimeEffects]))
	if err != nil {
		return nil, d.explain(err)
	}
	var tests []*bootstrap.WildResult
	for _, fit := range fits {
		one := draws
		one.Term = spec.Usage
		test, err := bootstrap.Agreement(ctx, fit, one)
		if err != nil {
			return nil, err
		}
		test.Null = "the effect is the same in " + strings.Join(d.groups.labels, ", ")
		tests = append(tests, test)
	}
	return tests, nil
}

// nothingNamed refuses a spec with a hypothesis of its own.
func nothingNamed(spec bootstrap.WildSpec) error {
	if spec.Term != "" || spec.Value != 0 || spec.Null != nil {
		return &fieldexp.Error{Op: "hetero", Problem: fieldexp.BadSpec,
			Message: "a hypothesis is named in a bootstrap of all groups",
			Remedy:  []fieldexp.Hint{"leave {Term}, {Value} and {Null} out", "use package bootstrap with {Model}"}}
	}
	return nil
}
