package itt

import (
	"fmt"
	"math"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/dist"
	"github.com/fieldexp/fieldexp/iv"
)

// contrast is an arm against control, block by block.
type contrast struct {
	s       *meansSample
	arm     int
	effects []float64 // of each block
	small   []bool    // blocks whose variance is estimated between them
	nSmall  int
}

// contrast takes the effects of an arm in each block.
func (s *meansSample) contrast(arm int) (*contrast, error) {
	c := &contrast{s: s, arm: arm, effects: make([]float64, len(s.blocks)), small: make([]bool, len(s.blocks))}
	mass, largest, at := 0.0, 0.0, 0
	for b, block := range s.blocks {
		treated, control := block.cells[arm], block.cells[0]
		c.effects[b] = treated.mean - control.mean
		if treated.units > 1 && control.units > 1 {
			continue
		}
		c.small[b] = true
		c.nSmall++
		mass += block.mass
		if block.mass > largest {
			largest, at = block.mass, b
		}
	}
	if c.nSmall > 0 && !s.d.spec.Pairs && 2*largest >= mass {
		return nil, &fieldexp.Error{Op: "itt", Problem: fieldexp.SmallBlock, Columns: []string{s.d.spec.Blocks, s.outcome}, Count: c.nSmall,
			Message: fmt.Sprintf("outcome %q: block %s of %q, which has a single %s in an arm, is at least half of all such blocks, so that their effects cannot be compared with each other", s.outcome, s.blocks[at].label, s.d.spec.Blocks, s.d.unit()),
			Remedy:  []fieldexp.Hint{"use coarser blocks", "set {Small} to {DropSmall}, which leaves such blocks out"}}
	}
	return c, nil
}

// judge is the mean of the blocks' effects with given weights, which sum to one.
func (c *contrast) judge(name string, weights []float64) iv.Coefficient {
	estimate := 0.0
	for b, w := range weights {
		estimate += w * c.effects[b]
	}
	between := 0.0
	if c.nSmall > 0 {
		between = c.pooled(weights)
		if c.s.d.spec.Pairs {
			between = c.paired(weights)
		}
	}
	return c.coefficient(name, estimate, weights, between)
}

// paired is the variance of the weighted mean of all blocks' effects from how the terms of that
// sum differ (Imai, King and Nall 2009).
func (c *contrast) paired(weights []float64) float64 {
	n, mean, sum := float64(len(weights)), 0.0, 0.0
	for b, w := range weights {
		mean += w * c.effects[b] / n
	}
	for b, w := range weights {
		sum += (w*c.effects[b] - mean) * (w*c.effects[b] - mean)
	}
	return n / (n - 1) * sum
}

// pooled is what the small blocks contribute to the variance of the weighted mean, from how their
// effects differ: unbiased where effects are the same in all of them, whatever their sizes, and too
// large otherwise (Pashley and Miratrix 2021).
func (c *contrast) pooled(weights []float64) float64 {
	mass, mean := 0.0, 0.0
	for b, w := range weights {
		if c.small[b] {
			mass += w
			mean += w * c.effects[b]
		}
	}
	mean /= mass
	total, sum := mass, 0.0
	for b, w := range weights {
		if c.small[b] {
			total += w * w / (mass - 2*w)
			sum += w * w / (mass - 2*w) * (c.effects[b] - mean) * (c.effects[b] - mean)
		}
	}
	return sum / total * mass * mass
}

// coefficient judges a weighted sum of the blocks' effects: the variance is that within blocks,
// and that given between small ones.
func (c *contrast) coefficient(name string, estimate float64, weights []float64, between float64) iv.Coefficient {
	design, welch := 0.0, satterthwaite{}
	expected := satterthwaite{} // for errors of equal variances
	for b, w := range weights {
		if c.small[b] {
			continue
		}
		for _, cell := range []cell{c.s.blocks[b].cells[0], c.s.blocks[b].cells[c.arm]} {
			welch.add(w*w*cell.variance, cell.df)
			expected.add(w*w*cell.spread, cell.df)
			design += float64(cell.units - 1)
		}
	}
	if c.nSmall > 0 {
		welch.add(between, float64(c.nSmall-1))
		design += float64(c.nSmall - 1)
	}
	df := design
	switch spec := c.s.d.spec; {
	case spec.DF == WelchDF || spec.DF == UsualDF && spec.design() == SimpleDesign:
		df = welch.df(design)
	case spec.DF == UsualDF && spec.design() == ClusteredDesign:
		df = expected.df(design)
	}
	return judge(name, estimate, welch.variance, df, c.s.d.level)
}

// satterthwaite adds up variances, with the degrees of freedom of the sum.
type satterthwaite struct{ variance, uncertainty float64 }

func (s *satterthwaite) add(variance, df float64) {
	s.variance += variance
	s.uncertainty += variance * variance / df
}

// df is the sum's degrees of freedom, and those given where there is no variance.
func (s *satterthwaite) df(otherwise float64) float64 {
	if s.variance == 0 {
		return otherwise
	}
	return s.variance * s.variance / s.uncertainty
}

// judge puts an estimate and its variance into a Coefficient.
func judge(name string, estimate, variance, df, level float64) iv.Coefficient {
	c := iv.Coefficient{Name: name, Estimate: estimate, SE: math.Sqrt(variance), DF: df}
	if variance == 0 {
		nan := math.NaN()
		c.Reason, c.Statistic, c.P, c.Low, c.High = "the units of each arm have one outcome, which says nothing of how they differ", nan, nan, nan, nan
		return c
	}
	c.Statistic = estimate / c.SE
	c.P = dist.TwoSided(c.Statistic, df)
	reach := dist.TQuantile(0.5+level/2, df) * c.SE
	c.Low, c.High = estimate-reach, estimate+reach
	return c
}
