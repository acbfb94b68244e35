package itt

import (
	"context"
	"fmt"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/iv"
)

// MeansSpec says which means to compare, and how assignment was drawn. Outcomes and Assignment are
// required. Without Blocks and Cluster, assignment was drawn row by row.
type MeansSpec struct {
	// Spec names the outcomes, the assignment and, in Cluster, the one column of the units that were assigned, where
	// rows are finer than these (chats of agents, pupils of classes); clusters lie within blocks. With Weights, such
	// as inverse probabilities of being sampled, means are weighted, and a block's size is the sum of its
	// weights. Controls, Absorb, Covariance and a launch have no place in it.
	Spec
	// Blocks is the column of the blocks (strata) within which assignment was drawn, or several
	// columns joined by a caret, as in site^wave.
	Blocks string
	// Pairs says that blocks are matched pairs: one unit in each arm.
	Pairs bool
	// Small says what becomes of blocks in which an arm has fewer than two units.
	Small SmallBlocks
	DF    MeansDF
}

// cluster is the column of the units that were assigned; empty where they are rows.
func (s *MeansSpec) cluster() string {
	if len(s.Cluster) == 0 {
		return ""
	}
	return s.Cluster[0]
}

// SmallBlocks says what becomes of blocks in which an arm has fewer than two units, so that the
// variance within it is not known.
type SmallBlocks int

const (
	// RefuseSmall refuses them by name.
	RefuseSmall SmallBlocks = iota
	// PoolSmall estimates their variance from how their effects differ from each other, which
	// is conservative where effects really differ, and that of the other blocks within them: the
	// hybrid estimator of Pashley and Miratrix (2021). A block without a unit in an arm is
	// refused still.
	PoolSmall
	// DropSmall leaves them out, counts them and warns: the effect is then that on the others.
	// Of matched pairs it leaves out those that lost a member.
	DropSmall
)

// MeansDF says which degrees of freedom intervals and tests refer to.
type MeansDF int

const (
	// UsualDF are Welch's for simple assignment, Bell and McCaffrey's for clustered assignment,
	// and otherwise DesignDF: R's estimatr, but with weights, for which it takes DesignDF.
	UsualDF MeansDF = iota
	// WelchDF are Welch and Satterthwaite's throughout, from the variances of arms and blocks:
	// lower, and safer where those are very unequal.
	WelchDF
	// DesignDF count the units assigned (clusters, where these were assigned) less one for each
	// arm in each block, and the pairs less one.
	DesignDF
)

// MeansDesign is how assignment was drawn.
type MeansDesign int

// The designs that DifferenceInMeans tells apart.
const (
	SimpleDesign MeansDesign = iota
	ClusteredDesign
	BlockedDesign
	BlockClusteredDesign
	PairedDesign
	PairClusteredDesign
)

// String describes the design.
func (d MeansDesign) String() string {
	switch d {
	case SimpleDesign:
		return "simple"
	case ClusteredDesign:
		return "clustered"
	case BlockedDesign:
		return "blocked"
	case BlockClusteredDesign:
		return "blocked and clustered"
	case PairedDesign:
		return "matched pairs"
	case PairClusteredDesign:
		return "matched pairs of clusters"
	}
	return fmt.Sprintf("MeansDesign(%d)", int(d))
}

// design names how assignment was drawn.
func (s *MeansSpec) design() MeansDesign {
	d := SimpleDesign
	switch {
	case s.Pairs:
		d = PairedDesign
	case s.Blocks != "":
		d = BlockedDesign
	}
	if len(s.Cluster) > 0 {
		d++
	}
	return d
}

// DifferenceInMeans compares the mean outcome of each arm with that of control, with a variance that
// rests on how assignment was drawn and on nothing else: no model of the outcome, no equality of
// variances or effects.
//
// Units assigned one by one: the sum of the arms' variances of means, Neyman's (1923) estimator,
// conservative for the units at hand and unbiased for a population that they were drawn from. It is
// HC2 of the regression on assignment. Clusters: CR2 of that regression, arm by arm. Means are those
// of rows, so that large clusters count for more; where size depends on assignment or goes with the
// effect, weights by the inverse of cluster size make clusters count alike.
//
// Blocks: the effect is the mean of the blocks' effects weighted by their size, with the variance
// within blocks. Sizes count all arms, so that effects of several arms are about the same units.
// Beside it each block's effect, and the precision-weighted mean of them that a regression with
// block effects estimates, with an explanation of how they differ; see StrataComparison. Matched
// pairs: the variance is that between the pairs' effects, the paired t test where pairs are of one
// size, and that of Imai, King and Nall (2009) for pairs of clusters.
//
// Rows with a missing value, or a weight of zero, are left out and counted. The error is a
// *fieldexp.Error that names the block, arm or column in question, or that of ctx. R's
// estimatr::difference_in_means gives the same numbers for two arms. See Imbens and Rubin (2015,
// chapters 6, 9 and 10) and Gerber and Green (2012, chapters 3 and 4).
func DifferenceInMeans(ctx context.Context, f *data.Frame, spec MeansSpec) (*MeansResult, error) {
	d, err := newMeansDesign(f, spec)
	if err != nil {
		return nil, err
	}
	r := &MeansResult{Spec: spec, Design: spec.design(), Arms: d.assigned.arms}
	for i, outcome := range spec.Outcomes {
		fit, err := d.fit(ctx, outcome)
		if err != nil {
			return nil, err
		}
		r.Fits = append(r.Fits, fit)
		r.Warnings = append(r.Warnings, d.warnings(fit)...)
		if spec.Progress != nil {
			spec.Progress(i+1, len(spec.Outcomes))
		}
	}
	r.warnFewUnits()
	return r, nil
}

// fit compares the means of one outcome.
func (d *meansDesign) fit(ctx context.Context, outcome string) (*MeansFit, error) {
	fit := &MeansFit{Outcome: outcome, Level: d.level}
	s, err := d.sample(ctx, outcome, &fit.Dropped)
	if err != nil {
		return nil, err
	}
	fit.describe(s)
	for arm := 1; arm < len(d.assigned.arms); arm++ {
		c, err := s.contrast(arm)
		if err != nil {
			return nil, err
		}
		effect := c.judge(d.terms[arm-1], s.shares())
		fit.Effects = append(fit.Effects, effect)
		if d.spec.Blocks != "" {
			fit.Strata = append(fit.Strata, c.compareStrata(effect))
		}
	}
	return fit, nil
}

// warnings lists what a reader of the comparison should see.
func (d *meansDesign) warnings(fit *MeansFit) (list []fieldexp.Warning) {
	if n := fit.Dropped.Blocks; n > 0 {
		list = append(list, fieldexp.Warning{Code: "blocks-dropped", Message: fmt.Sprintf(
			"%s: %s block(s) of %q with %s rows were left out, since an arm has too few units there: the effect is that on the units of the other %s",
			fit.Outcome, brief.Count(n), d.spec.Blocks, brief.Count(fit.Dropped.BlockRows), brief.Count(len(fit.Blocks)))})
	}
	for _, strata := range fit.Strata {
		if strata.part {
			list = append(list, fieldexp.Warning{Code: "strata-weights", Message: fit.Outcome + ": " + strata.Explanation})
		}
	}
	return list
}

// fewDegrees is the number of degrees of freedom below which a t interval leans on normal outcomes.
const fewDegrees = 10

// warnFewUnits warns of the effect with the fewest degrees of freedom if they are few.
func (r *MeansResult) warnFewUnits() {
	var at *MeansFit
	lowest := iv.Coefficient{DF: fewDegrees - 0.5} // on the safe side of rounding
	for _, fit := range r.Fits {
		for _, c := range fit.Effects {
			if c.DF < lowest.DF {
				at, lowest = fit, c
			}
		}
	}
	if at != nil {
		r.Warnings = append(r.Warnings, fieldexp.Warning{Code: "few-units", Message: fmt.Sprintf(
			"standard errors rest on as few as %.3g degrees of freedom (%q on %s), so that t intervals depend on outcomes being close to normal",
			lowest.DF, lowest.Name, at.Outcome), Remedy: "compare with randomisation inference"})
	}
}
