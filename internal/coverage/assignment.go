package coverage

import (
	"context"
	"fmt"
	"slices"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
)

const (
	assignmentColumn = "assignment"
	usageColumn      = "usage"
	outcomeColumn    = "outcome"
	clusterColumn    = "cluster"
	// draws of a bootstrap or permutation test: 5% of one more than these is a whole number.
	draws = 399
)

// results collects the counts of a batch.
type results map[Method]*count

func newResults(d Design) results {
	r := results{}
	for _, m := range d.Methods() {
		r[m] = &count{}
	}
	return r
}

func codes(list []fieldexp.Warning) []string {
	var found []string
	for _, w := range list {
		if !slices.Contains(found, w.Code) {
			found = append(found, w.Code)
		}
	}
	return found
}

// assign runs a batch of replications of assignment without usage: outcomes that are columns of one
// frame.
func (b *batch) assign(ctx context.Context, seed uint64, first, last int) (results, error) {
	f, err := b.frame()
	if err != nil {
		return nil, err
	}
	var outcomes []string
	for i := first; i < last; i++ {
		name := fmt.Sprint(outcomeColumn, i)
		outcomes = append(outcomes, name)
		if err := f.SetFloats(name, b.outcome(stream(seed, b.Design, forErrors, i))); err != nil {
			return nil, err
		}
	}
	found := newResults(b.Design)
	// One treated cluster has no standard error unless clusters may be mixed: here its rate is what is asked for.
	r, err := itt.Estimate(ctx, f, itt.Spec{Outcomes: outcomes, Assignment: assignmentColumn, Cluster: []string{clusterColumn}, MixedClusters: true,
		Covariance: iv.Covariance{Kind: iv.CR2}})
	if err != nil {
		return nil, err
	}
	for _, fit := range r.Fits {
		if err := b.robust(r.Design, r.Term, fit, found); err != nil {
			return nil, err
		}
	}
	if err := b.wild(ctx, r, found); err != nil {
		return nil, err
	}
	for _, s := range []struct {
		method    Method
		statistic bootstrap.Statistic
	}{{Permutation, bootstrap.Studentised}, {PermutationPlain, bootstrap.Plain}} {
		p, err := bootstrap.Permute(ctx, f, bootstrap.PermuteSpec{Outcomes: outcomes, Assignment: assignmentColumn,
			Unit: clusterColumn, Statistic: s.statistic, Draws: draws, Seed: b.seed, NoSet: true})
		if err != nil {
			return nil, err
		}
		for _, e := range p.Effects {
			found[s.method].add(e.P, codes(p.Warnings))
		}
	}
	return found, nil
}

// robust tests the effect on one outcome by its standard errors.
func (b *batch) robust(design *itt.Design, term string, fit *iv.Result, found results) error {
	for _, v := range []struct {
		method Method
		kind   iv.CovarianceKind
	}{{CR1, iv.CR1}, {CR2, iv.CR2}, {CR3, iv.CR3}, {Jackknife, iv.Jackknife}} {
		with, err := fit.With(iv.Covariance{Kind: v.kind})
		if err != nil {
			return err
		}
		c, err := with.Coefficient(term)
		if err != nil {
			return err
		}
		warnings, err := design.Warnings([]*iv.Result{with})
		if err != nil {
			return err
		}
		found[v.method].add(c.P, codes(warnings))
	}
	return nil
}

// wild tests the effects on all outcomes by the wild cluster bootstrap.
func (b *batch) wild(ctx context.Context, r *itt.Result, found results) error {
	var list []bootstrap.Hypothesis
	for _, fit := range r.Fits {
		with, err := fit.With(iv.Covariance{Kind: iv.CR1})
		if err != nil {
			return err
		}
		list = append(list, bootstrap.Hypothesis{Result: with, Null: []bootstrap.Restriction{{Term: r.Term}}})
	}
	for _, m := range []Method{WCR, WCU} {
		tests, err := bootstrap.WildAll(ctx, list, bootstrap.WildSpec{Draws: draws, Seed: b.seed, Unrestricted: m == WCU, NoSet: true})
		if err != nil {
			return err
		}
		for _, t := range tests {
			found[m].add(t.P, codes(t.Warnings))
		}
	}
	return nil
}
