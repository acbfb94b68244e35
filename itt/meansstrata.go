package itt

import (
	"fmt"
	"math"

	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/iv"
)

// precisions are the weights of a regression with block effects: with n1 and n0 in the arm and in
// control, n1 n0/(n1+n0), the inverse of the variance of the difference for errors of equal
// variances.
func (c *contrast) precisions() []float64 {
	weights, sum := make([]float64, len(c.effects)), 0.0
	for b, block := range c.s.blocks {
		n1, n0 := block.cells[c.arm].mass, block.cells[0].mass
		weights[b] = n1 / (n1 + n0) * n0
		sum += weights[b]
	}
	for b := range weights {
		weights[b] /= sum
	}
	return weights
}

// compareStrata sets the precision-weighted mean of the blocks' effects beside the effect.
func (c *contrast) compareStrata(effect iv.Coefficient) StrataComparison {
	shares, precisions := c.s.shares(), c.precisions()
	change, apart := make([]float64, len(shares)), 0.0
	for b := range shares {
		change[b] = shares[b] - precisions[b]
		apart = max(apart, math.Abs(change[b]))
	}
	if apart < 1e-9 { // the weights are the same but for rounding
		return StrataComparison{Weights: precisions, Precision: effect,
			Difference:  iv.Coefficient{Name: effect.Name, DF: effect.DF, P: 1},
			Explanation: "every block has the same weight by size and by precision, so that both effects are one"}
	}
	r := StrataComparison{Weights: precisions, Precision: c.judge(effect.Name, precisions)}
	// The changes in weight sum to zero, so that effects can be taken from their mean: what a block
	// contributes is then how much it counts for more, times how far its effect is from others.
	contributions := make([]float64, len(shares))
	difference, between := 0.0, 0.0
	for b := range contributions {
		contributions[b] = change[b] * (c.effects[b] - effect.Estimate)
		difference += contributions[b]
		if c.small[b] {
			between += contributions[b] * contributions[b]
		}
	}
	if c.nSmall > 0 {
		between *= float64(c.nSmall) / float64(c.nSmall-1)
	}
	r.Difference = c.coefficient(effect.Name, difference, change, between)
	r.part = r.Difference.P < 0.05 || math.Abs(difference) > effect.SE/2
	largest := 0
	for b, v := range contributions {
		if v*difference > contributions[largest]*difference {
			largest = b
		}
	}
	r.Explanation = c.explain(effect, r, largest, shares[largest], contributions[largest])
	return r
}

// explain says why the two effects differ, by the block that contributes most to it.
func (c *contrast) explain(effect iv.Coefficient, r StrataComparison, largest int, share, contribution float64) string {
	block := c.s.blocks[largest]
	n1, n0 := block.cells[c.arm].mass, block.cells[0].mass
	s := fmt.Sprintf("the blocks' effects of %q average %s weighted by size, and %s weighted by precision as in a regression with block effects: a difference of %s (s.e. %s, p %s)",
		effect.Name, brief.Number(effect.Estimate), brief.Number(r.Precision.Estimate), brief.Number(r.Difference.Estimate), brief.Number(r.Difference.SE), brief.P(r.Difference.P))
	s += fmt.Sprintf(". Precision gives most weight to blocks that are split evenly; block %s of %q, of which %s is assigned and whose effect is %s, counts %s by size and %s by precision, which makes %s of the difference",
		block.label, c.s.d.spec.Blocks, percent(n1/(n1+n0)), brief.Number(c.effects[largest]), percent(share), percent(r.Weights[largest]), brief.Number(contribution))
	return s + ". By size it is the mean effect on all units; by precision it is the same only if effects do not differ between blocks as the split does"
}

func percent(share float64) string { return fmt.Sprintf("%.1f%%", 100*share) }
