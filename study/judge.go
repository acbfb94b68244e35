package study

import (
	"context"
	"fmt"
	"slices"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/late"
)

// testedEffect is an effect with the evidence on it.
type testedEffect struct {
	Fit  *iv.Result // that it is of; nil for a difference in means, which is Mean
	Term string     // its coefficient there
	Name string     // in tables and JSON
	Mean iv.Coefficient
	Evidence
}

// coefficient is the effect.
func (e *testedEffect) coefficient() (iv.Coefficient, error) {
	if e.Fit == nil {
		return e.Mean, nil
	}
	return e.Fit.Coefficient(e.Term)
}

// untrusted reports whether the effect is one of usage whose first-stage F is below the one from which on a
// t-test has its level.
func (e *testedEffect) untrusted() bool {
	if e.Fit == nil || len(e.Fit.FirstStages) != 1 {
		return false
	}
	first := e.Fit.PartialF()[0] // which has no F where usage has no error, and is beyond doubt then
	return first.Reason == "" && !(first.Statistic >= late.TrustedF)
}

// A resampler estimates again what draws need.
type resampler struct {
	// Refit estimates the fits of the judged effects, one for each, with another covariance.
	Refit func(context.Context, iv.Covariance) ([]*iv.Result, error)
	// Permute draws assignment again as the spec's Draws, Seed, Level, Strata and Pairs say, and
	// returns the effects in the order of those judged.
	Permute func(context.Context, bootstrap.PermuteSpec) ([]bootstrap.PermuteEffect, *bootstrap.PermuteResult, error)
	// WildByGroup, if set, tests effects by group by the wild bootstrap, in draws common to all groups; those of
	// usage by the effects of assignment in the groups. Tests of the effects are in the order of those judged.
	WildByGroup func(context.Context, bootstrap.WildSpec) (*groupTests, error)
	// Violate, if set, bounds the effect on an outcome where assignment has a direct effect on it, too.
	Violate func(outcome string) (late.Violation, error)
	// Level is that of sets.
	Level float64
	// Progress, if set, is told how many of the draws are done.
	Progress func(done, total int)
}

// judge adds to the effects of one table the evidence that was asked for. It returns sentences for
// the foot of the table, on what stands beneath the effects and how it was computed, and warnings.
func (q *Inference) judge(ctx context.Context, effects []*testedEffect, from resampler) ([]string, []fieldexp.Warning, error) {
	n := &judgement{level: from.Level}
	if q.Wild {
		if err := q.addWild(ctx, effects, from, n); err != nil {
			return nil, nil, err
		}
	}
	if q.Permute {
		if err := q.addPermutation(ctx, effects, from, n); err != nil {
			return nil, nil, err
		}
	}
	q.addAR(effects, n)
	if from.Violate != nil {
		if err := addDirect(effects, from, n); err != nil {
			return nil, nil, err
		}
	}
	if q.Adjust != "" {
		if err := q.addAdjusted(effects, n); err != nil {
			return nil, nil, err
		}
	}
	return n.notes(), n.warnings, nil
}

// addWild tests the effects by the wild cluster bootstrap, in draws that they share.
func (q *Inference) addWild(ctx context.Context, effects []*testedEffect, from resampler, n *judgement) error {
	for _, e := range effects {
		if len(e.Fit.Clusters) != 1 {
			return refuse(fmt.Sprintf("the wild bootstrap draws a weight for each cluster, and the errors of %q have %d clusterings", e.Fit.Outcome, len(e.Fit.Clusters)), "cluster them by one column in {Model.Cluster}, the level of assignment")
		}
	}
	spec, err := q.wildSpec(from.Progress)
	if err != nil {
		return err
	}
	var results []*bootstrap.WildResult
	ofUsage := from.WildByGroup != nil && effects[0].Fit.ReducedForm != nil
	if ofUsage {
		spec.NoSet = true // it would be of the effects of assignment
		n.beneath("p of the wild cluster bootstrap in brackets, of no effect of assignment in the group, which is that of usage without effect there however weak the first stage")
	} else {
		n.beneath("p of the wild cluster bootstrap in brackets and its %g%% confidence set in braces")
	}
	if from.WildByGroup != nil {
		var tests *groupTests
		if tests, err = from.WildByGroup(ctx, spec); err == nil {
			results = tests.Impacts
		}
	} else {
		results, err = q.wildEach(ctx, effects, from, spec)
	}
	if err != nil {
		return err
	}
	largest := 0.0
	for i, r := range results {
		effects[i].Wild = ofWild(r)
		how := r.Notes()
		n.add(how[:2]...)
		largest = max(largest, r.MonteCarloSE)
		n.warn(effects[i], r.Warnings)
	}
	if largest > 0 {
		n.add(fmt.Sprintf("Monte Carlo standard errors of these p-values are at most %.2g.", largest))
	}
	return nil
}

// wildSpec says how to draw.
func (q *Inference) wildSpec(progress func(done, total int)) (bootstrap.WildSpec, error) {
	law, err := parseLaw(q.WeightsLaw)
	return bootstrap.WildSpec{Draws: q.Draws, Seed: uint64(q.Seed), Weights: law, Progress: progress}, err
}

// wildEach tests the effects as the models have them, estimated again where they have not kept what
// draws need.
func (q *Inference) wildEach(ctx context.Context, effects []*testedEffect, from resampler, spec bootstrap.WildSpec) (results []*bootstrap.WildResult, err error) {
	fits := make([]*iv.Result, len(effects))
	for i, e := range effects {
		fits[i] = e.Fit
	}
	if q.stepsDown() || slices.ContainsFunc(fits, func(f *iv.Result) bool { return !keepsColumns(f) }) {
		if fits, err = from.Refit(ctx, forDraws); err != nil {
			return nil, err
		}
	}
	if q.stepsDown() && fits[0].ReducedForm != nil {
		if err := shareClusters(effects, fits); err != nil {
			return nil, err
		}
	}
	return wildTests(ctx, effects, fits, spec, q.stepsDown())
}

// forDraws is the covariance under which a fit keeps what wild bootstraps draw from.
var forDraws = iv.Covariance{Kind: iv.Jackknife, Working: iv.InverseWeights}

// keepsColumns reports whether a fit has kept what the bootstrap needs: the cross-products of its
// clusters, with the effects that cross them as columns.
func keepsColumns(f *iv.Result) bool {
	if f.ReducedForm != nil {
		f = f.ReducedForm
	}
	_, err := f.CrossProducts()
	return err == nil
}

// shareClusters refuses fits of usage whose clusters differ, since WRE draws for each by itself, and draws are then
// common only to the same ones.
func shareClusters(effects []*testedEffect, fits []*iv.Result) error {
	var first []string
	for i, fit := range fits {
		if i > 0 && fit == fits[i-1] {
			continue
		}
		list, err := fit.Influence(effects[i].Term)
		if err != nil {
			return err
		}
		labels := make([]string, len(list))
		for g, cluster := range list {
			labels[g] = cluster.Cluster
		}
		if i == 0 {
			first = labels
		} else if !slices.Equal(labels, first) {
			return refuse(fmt.Sprintf("the models of %q and %q have %d and %d clusters that are not the same, so that they share no draws to step down over",
				fits[0].Outcome, fit.Outcome, len(first), len(labels)), "estimate over the same rows", "set {Inference.Adjust} to holm")
		}
	}
	return nil
}

// wildTests tests that each effect is zero. Fits of assignment are tested in common draws where these are to be
// stepped down over, or are those of each alone: with as many clusters.
func wildTests(ctx context.Context, effects []*testedEffect, fits []*iv.Result, spec bootstrap.WildSpec, common bool) ([]*bootstrap.WildResult, error) {
	var all []bootstrap.Hypothesis
	var results []*bootstrap.WildResult
	together := true
	for i, e := range effects {
		all = append(all, bootstrap.Hypothesis{Result: fits[i], Null: []bootstrap.Restriction{{Term: e.Term}}})
		together = together && fits[i].ReducedForm == nil && (common || fits[i].Clusters[0].Count == fits[0].Clusters[0].Count)
	}
	if together {
		return bootstrap.WildAll(ctx, all, spec)
	}
	for i, e := range effects {
		test, fit := bootstrap.Wild, fits[i]
		if fit.ReducedForm != nil {
			var err error
			if fit, err = fit.With(iv.Covariance{Kind: iv.CR1}); err != nil {
				return nil, err
			}
			test = bootstrap.WRE
		}
		one := spec
		one.Term = e.Term
		r, err := test(ctx, fit, one)
		if err != nil {
			return nil, err
		}
		results = append(results, r)
	}
	return results, nil
}

// addPermutation tests the effects by randomisation inference.
func (q *Inference) addPermutation(ctx context.Context, effects []*testedEffect, from resampler, n *judgement) error {
	list, result, err := from.Permute(ctx, bootstrap.PermuteSpec{Draws: q.Draws, Seed: uint64(q.Seed), Strata: q.Strata, Pairs: q.Pairs,
		Level: n.level, Progress: from.Progress})
	if err != nil {
		return err
	}
	n.beneath("p of randomisation inference in brackets and the %g%% confidence set of a constant effect in braces")
	for i := range list {
		effects[i].Permutation = ofPermutation(&list[i], uint64(q.Seed))
	}
	n.add(result.Notes()...)
	n.warn(nil, result.Warnings)
	return nil
}

// addAR adds the Anderson-Rubin sets of effects of usage: of all where they are asked for, and otherwise of those
// whose first stage is not so strong that a t-test could be trusted.
func (q *Inference) addAR(effects []*testedEffect, n *judgement) {
	const set, holds = "the %g%% Anderson-Rubin confidence set", ", which has its level however weak the first stage is"
	if !q.AR {
		effects = slices.DeleteFunc(slices.Clone(effects), func(e *testedEffect) bool { return !e.untrusted() })
	}
	for i, e := range effects {
		fit, kind := forInstruments(e.Fit)
		switch {
		case i == 0 && q.AR:
			n.beneath(set + kind + " in braces" + holds)
		case i == 0:
			n.beneath(fmt.Sprintf("in braces, where the first-stage F is below %g, ", late.TrustedF) + set + kind + holds)
		}
		set := fit.AndersonRubinSet()
		e.AR = &set
		if e.AR.Reason != "" {
			n.add(fmt.Sprintf("%s has no Anderson-Rubin set: %s.", e.Fit.Outcome, e.AR.Reason))
		}
	}
}

// addDirect adds the bounds of effects of usage where assignment matters by itself, too.
func addDirect(effects []*testedEffect, from resampler, n *judgement) error {
	for _, e := range effects {
		v, err := from.Violate(e.Fit.Outcome)
		if err != nil {
			return err
		}
		e.Direct = direct(v)
		n.beneath(fmt.Sprintf("the bounds of the effect in braces if assignment has a direct effect on the outcome between %g and %g, and their ", v.DirectLow, v.DirectHigh) + "%g%% Anderson-Rubin set")
		if v.Breakdown > 0 {
			n.add(fmt.Sprintf("From a direct effect of %s on, usage without effect is no longer rejected.", brief.Number(v.Breakdown)))
		} else {
			n.add("Usage without effect is not rejected even where assignment has no direct effect.")
		}
	}
	return nil
}

// addAdjusted allows for the number of effects: in the p-values of draws, if there are any, or else in
// those of the tables' t tests.
func (q *Inference) addAdjusted(effects []*testedEffect, n *judgement) error {
	of, tests := "t", make([]*Resampling, len(effects))
	p, observed, draws := make([]float64, len(effects)), make([]float64, len(effects)), make([][]float64, len(effects))
	for i, e := range effects {
		c, err := e.coefficient()
		if err != nil {
			return err
		}
		p[i] = c.P
		switch {
		case e.Wild != nil:
			of, tests[i] = "wild", e.Wild
		case e.Permutation != nil:
			of, tests[i] = "permutation", e.Permutation
		}
		if t := tests[i]; t != nil {
			p[i], observed[i], draws[i] = float64(t.P), float64(t.Statistic), t.common
		}
	}
	var adjusted []float64
	var name string
	var err error
	if method, ok := stepMethods[q.Adjust]; ok {
		name = method.String()
		adjusted, err = stepDown(tests, observed, draws, method)
	} else {
		method := bootstrap.Adjustment(slices.Index(Adjustments, q.Adjust)) // which are in their order
		name = method.String()
		adjusted, err = bootstrap.Adjust(p, method)
	}
	if err != nil {
		return err
	}
	for i, e := range effects {
		e.Adjusted = &Adjusted{Method: name, Of: of, Hypotheses: len(effects), P: Number(adjusted[i])}
	}
	n.beneath(fmt.Sprintf("p adjusted for the number of effects (%d) in brackets, by the method %s from %s", len(effects), name,
		map[string]string{"t": "the p-values of the stars", "wild": "the wild bootstrap", "permutation": "the permutations"}[of]))
	return nil
}

// stepDown adjusts by the draws that the effects share.
func stepDown(tests []*Resampling, observed []float64, draws [][]float64, method bootstrap.StepMethod) ([]float64, error) {
	if tests[0] == nil {
		return nil, refuse("there are no draws to step down over", "set {Inference.Adjust} to holm")
	}
	steps, err := bootstrap.StepDown(observed, draws, bootstrap.StepSpec{Method: method, Enumerated: tests[0].Enumerated})
	if err != nil {
		return nil, err
	}
	return steps.P, nil
}
