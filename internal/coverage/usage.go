package coverage

import (
	"context"
	"math"
	"slices"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/late"
)

// weak is the code of the warning that does not concern tests which hold for weak instruments.
const weak = "weak-first-stage"

// model is the effect of usage, with standard errors of a kind.
func model(kind iv.CovarianceKind) late.Spec {
	return late.Spec{Usage: usageColumn, Spec: itt.Spec{Outcomes: []string{outcomeColumn},
		Assignment: assignmentColumn, Cluster: []string{clusterColumn}, Covariance: iv.Covariance{Kind: kind}}}
}

// warnings are the codes that late.Estimate has for a fit, but for those of the units of usage.
func warnings(design *itt.Design, fit *iv.Result) ([]string, error) {
	list, err := design.Warnings([]*iv.Result{fit.ReducedForm})
	if err != nil {
		return nil, err
	}
	list = append(slices.Clone(fit.Warnings), list...)
	if fit.PartialF()[0].Statistic < late.WeakF {
		list = append(list, fieldexp.Warning{Code: weak})
	}
	return codes(list), nil
}

// without is a list of codes less some.
func without(list []string, some ...string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(code string) bool { return slices.Contains(some, code) })
}

// use runs a batch of replications with usage, each a model of its own.
func (b *batch) use(ctx context.Context, seed uint64, first, last int) (results, error) {
	found := newResults(b.Design)
	shared, err := b.frame()
	if err != nil {
		return nil, err
	}
	for i := first; i < last; i++ {
		f := shared.Clone()
		y, d := b.used(stream(seed, b.Design, forErrors, i))
		if err := f.SetFloats(outcomeColumn, y); err != nil {
			return nil, err
		}
		if err := f.SetFloats(usageColumn, d); err != nil {
			return nil, err
		}
		if err := b.instrumented(ctx, f, found); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// instrumented runs the tests of one replication.
func (b *batch) instrumented(ctx context.Context, f *data.Frame, found results) error {
	r, err := late.Estimate(ctx, f, model(iv.CR2))
	if err != nil {
		return err
	}
	fits := map[iv.CovarianceKind]*iv.Result{iv.CR2: r.Fits[0]}
	warned := map[iv.CovarianceKind][]string{}
	for _, kind := range []iv.CovarianceKind{iv.CR1, iv.CR2, iv.CR3} {
		if fits[kind], err = r.Fits[0].With(iv.Covariance{Kind: kind}); err != nil {
			return err
		}
		if warned[kind], err = warnings(r.Design, fits[kind]); err != nil {
			return err
		}
	}
	for _, v := range []struct {
		method Method
		kind   iv.CovarianceKind
	}{{CR1, iv.CR1}, {CR2, iv.CR2}, {CR3, iv.CR3}} {
		c, err := fits[v.kind].Coefficient(usageColumn)
		if err != nil {
			return err
		}
		found[v.method].add(c.P, warned[v.kind])
	}
	// The other tests hold for weak instruments, or are looked at as if they did.
	plain := fits[iv.CR1]
	found[AR].add(plain.AndersonRubin(0).P, without(warned[iv.CR1], weak))
	found[TF].add(rejection(plain.TF()), without(warned[iv.CR1], weak))
	reduced, err := fits[iv.CR2].ReducedForm.Coefficient(assignmentColumn)
	if err != nil {
		return err
	}
	found[AR2].add(reduced.P, without(warned[iv.CR2], weak))

	spec := bootstrap.WildSpec{Term: usageColumn, Draws: draws, Seed: b.seed, NoSet: true}
	for _, v := range []struct {
		method Method
		test   func(context.Context, *iv.Result, bootstrap.WildSpec) (*bootstrap.WildResult, error)
	}{{WRE, bootstrap.WRE}, {WildAR, bootstrap.AndersonRubin}} {
		t, err := v.test(ctx, plain, spec)
		if err != nil {
			return err
		}
		found[v.method].add(t.P, codes(t.Warnings))
	}
	p, err := bootstrap.Permute(ctx, f, bootstrap.PermuteSpec{Outcomes: []string{outcomeColumn}, Assignment: assignmentColumn,
		Unit: clusterColumn, Draws: draws, Seed: b.seed, NoSet: true})
	if err != nil {
		return err
	}
	found[Permutation].add(p.Effects[0].P, codes(p.Warnings))
	return nil
}

// rejection is a p-value on the right side of 5% for a test that does not give one.
func rejection(t iv.TF) float64 {
	switch {
	case t.Reason != "":
		return math.NaN()
	case t.Rejects:
		return 0
	}
	return 1
}
