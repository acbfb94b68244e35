package study

import (
	"context"
	"fmt"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
)

// parseSmallBlocks reads refuse (or nothing), pool or drop: what becomes of blocks in which an arm has fewer
// than two units.
func parseSmallBlocks(name string) (itt.SmallBlocks, error) {
	switch name {
	case "", "refuse":
		return itt.RefuseSmall, nil
	case "pool":
		return itt.PoolSmall, nil
	case "drop":
		return itt.DropSmall, nil
	}
	return 0, refuse(fmt.Sprintf("there is no rule %q for small blocks", name), "set {TableSpec.SmallBlocks} to refuse, pool or drop")
}

// meansEffects are the effects of a comparison of means, to be judged.
func meansEffects(r *itt.MeansResult) (effects []*testedEffect) {
	for _, c := range r.Effects() {
		effects = append(effects, &testedEffect{Name: c.Name, Mean: c})
	}
	return effects
}

// permuteMeans draws the assignment of a comparison of means again, as it was drawn, and tests its effects; the
// statistic is the effect of assignment beside those of the blocks. Of the spec it takes what Permute takes
// but for the unit.
func permuteMeans(ctx context.Context, frame *data.Frame, of itt.MeansSpec, spec bootstrap.PermuteSpec) (*bootstrap.PermuteResult, error) {
	model := itt.Spec{Outcomes: of.Outcomes, Assignment: of.Assignment, ControlArm: of.ControlArm, Weights: of.Weights, WeightKind: of.WeightKind, Rows: of.Rows}
	if of.Blocks != "" {
		model.Absorb = iv.Effects(of.Blocks)
	}
	if len(of.Cluster) > 0 {
		spec.Unit = of.Cluster[0]
	}
	design, err := itt.NewDesign(frame, model)
	if err != nil {
		return nil, err
	}
	return permuteDesign(ctx, design, spec)
}

// newMeansFit describes a comparison of means. The name of its outcome may be one that people know it by;
// empty stands for the column's own.
func newMeansFit(words fieldexp.Words, outcome string, r *itt.MeansResult, fit *itt.MeansFit) Fit {
	f := Fit{Outcome: or(outcome, fit.Outcome), Estimator: "difference in means", N: fit.N, Clusters: make(map[string]int), SE: "design: " + r.Design.String(),
		K: len(r.Arms), Factor: Number(missing), R2: Number(missing), Warnings: []string{},
		Dropped: Dropped{Missing: fit.Dropped.Missing, ZeroWeight: fit.Dropped.ZeroWeight, Blocks: fit.Dropped.Blocks, Collinear: []string{}}}
	for _, cluster := range r.Spec.Cluster {
		f.Clusters[cluster] = fit.Units
	}
	for i, c := range fit.Effects {
		f.Terms = append(f.Terms, newTerm(c))
		if len(fit.Strata) > 0 {
			precision := newTerm(fit.Strata[i].Precision)
			precision.Term = c.Name + ", blocks weighted by precision"
			f.Impacts = append(f.Impacts, precision)
		}
	}
	for _, w := range r.Warnings {
		f.addWarning(w.In(words))
	}
	return f
}
