package itt

import (
	"fmt"
	"math"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/iv"
)

// MeansResult holds differences in means. Its fields are for reading. It has no With: its variance is that of the
// design by which assignment was drawn, and there is no other to choose.
type MeansResult struct {
	Spec   MeansSpec
	Design MeansDesign
	Arms   []Arm       // the first is control
	Fits   []*MeansFit // one for each outcome, in the order of MeansSpec.Outcomes
	// Warnings are those of all outcomes, each once.
	Warnings []fieldexp.Warning
}

// MeansFit compares the means of one outcome.
type MeansFit struct {
	Outcome string
	N       int // observations: rows used or, with frequency weights, their sum
	Units   int // that were assigned: clusters, where these were
	// Arms holds the mean of each arm, control first: with blocks the mean of the blocks' means
	// weighted by size, so that effects are differences of them.
	Arms []ArmMean
	// Effects holds the effect of each arm but control, averaged over all units: blocks by size.
	Effects []iv.Coefficient
	// Blocks and Strata, for each block and for each arm but control, are nil without blocks.
	Blocks  []BlockMeans
	Strata  []StrataComparison
	Dropped MeansDropped
	Level   float64 // of confidence intervals
}

// ArmMean is the mean of an arm.
type ArmMean struct {
	N, Units int
	Mean     float64
	SE       float64 // NaN with one unit in a block
}

// BlockMeans compares the arms within a block.
type BlockMeans struct {
	Label    string
	N, Units int
	Share    float64   // of all units, which is the block's weight in MeansFit.Effects
	Arms     []ArmMean // control first
	Effects  []float64 // of each arm but control
	// SE are their standard errors, NaN where an arm has one unit.
	SE []float64
}

// StrataComparison sets another mean of the blocks' effects beside the one weighted by size. With
// n1 units in the arm and n0 in control it weighs a block by n1 n0/(n1+n0): what ordinary least
// squares with block effects estimates from the rows of the two arms, the most precise mean if
// errors have equal variances. Both are the same where each block has the same share in the arm.
// Where shares differ it is the effect on no group of units in particular, unless effects are the
// same in all blocks (Gerber and Green 2012, chapter 4).
type StrataComparison struct {
	Weights   []float64 // of each block, by precision
	Precision iv.Coefficient
	// Difference is the effect weighted by size less Precision. It is zero up to chance if
	// effects do not vary between blocks in step with the weights.
	Difference iv.Coefficient
	// Explanation says in a sentence why they differ, and which block most of it is due to.
	Explanation string

	part bool // they differ by more than chance, or by half a standard error
}

// MeansDropped counts what a comparison left out, and why.
type MeansDropped struct {
	Missing    int // rows with a missing value
	ZeroWeight int // rows of weight zero
	Blocks     int // with too few units in an arm
	BlockRows  int // rows of these
}

// Fit is the comparison of an outcome.
func (r *MeansResult) Fit(outcome string) (*MeansFit, error) {
	names := make([]string, len(r.Fits))
	for i, fit := range r.Fits {
		if fit.Outcome == outcome {
			return fit, nil
		}
		names[i] = fit.Outcome
	}
	return nil, &fieldexp.Error{Op: "itt", Problem: fieldexp.BadSpec, Columns: []string{outcome},
		Message: fmt.Sprintf("there is no comparison of outcome %q", outcome), Remedy: []fieldexp.Hint{fieldexp.Hint("name one of " + strings.Join(names, ", "))}}
}

// Effect is the effect of assignment on an outcome. With several arms it is refused: use ArmEffect.
func (r *MeansResult) Effect(outcome string) (iv.Coefficient, error) {
	if len(r.Arms) > 2 {
		return iv.Coefficient{}, severalArms(r.Spec.Assignment, r.Arms)
	}
	return r.ArmEffect(outcome, r.Arms[1].Label)
}

// ArmEffect is the effect, on an outcome, of being assigned to an arm rather than to control.
func (r *MeansResult) ArmEffect(outcome, arm string) (iv.Coefficient, error) {
	fit, err := r.Fit(outcome)
	if err != nil {
		return iv.Coefficient{}, err
	}
	i, err := armAt(r.Spec.Assignment, r.Arms, arm)
	if err != nil {
		return iv.Coefficient{}, err
	}
	return fit.Effects[i-1], nil
}

// Effects lists the effects in the order of the outcomes and, within an outcome, of the arms.
func (r *MeansResult) Effects() []iv.Coefficient {
	var list []iv.Coefficient
	for _, fit := range r.Fits {
		list = append(list, fit.Effects...)
	}
	return list
}

// describe fills in the counts and means of arms and blocks.
func (fit *MeansFit) describe(s *meansSample) {
	fit.Arms = make([]ArmMean, len(s.d.assigned.arms))
	shares := s.shares()
	for b, block := range s.blocks {
		means := BlockMeans{Label: block.label, Share: shares[b]}
		for a, c := range block.cells {
			m := ArmMean{N: c.n, Units: c.units, Mean: c.mean, SE: math.Sqrt(c.variance)}
			means.Arms = append(means.Arms, m)
			means.N += c.n
			means.Units += c.units
			if a > 0 {
				means.Effects = append(means.Effects, c.mean-block.cells[0].mean)
				means.SE = append(means.SE, math.Sqrt(c.variance+block.cells[0].variance))
			}
			total := &fit.Arms[a]
			total.N += m.N
			total.Units += m.Units
			total.Mean += shares[b] * m.Mean
			total.SE += shares[b] * shares[b] * c.variance // a variance, until the last block is in
		}
		fit.N += means.N
		fit.Units += means.Units
		if s.d.spec.Blocks != "" {
			fit.Blocks = append(fit.Blocks, means)
		}
	}
	for a := range fit.Arms {
		fit.Arms[a].SE = math.Sqrt(fit.Arms[a].SE)
	}
}
