package itt

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/brief"
)

// blockCells is a block with the cell of each arm.
type blockCells struct {
	label string
	cells []cell
	mass  float64
}

// meansSample is what the effects on an outcome are computed from.
type meansSample struct {
	d       *meansDesign
	outcome string
	blocks  []blockCells
	mass    float64
}

// sample sorts the rows of an outcome into blocks and arms and computes their means and variances.
func (d *meansDesign) sample(ctx context.Context, outcome string, dropped *MeansDropped) (*meansSample, error) {
	y, err := d.frame.Floats(outcome)
	if err != nil {
		return nil, err
	}
	arms := len(d.assigned.arms)
	rows := make([][]int, d.blocks.Len()*arms)
	for i, v := range y {
		if d.spec.Rows != nil && !d.spec.Rows(i) {
			continue
		}
		block, arm := d.blocks.Codes[i], d.assigned.codes[i]
		switch {
		case math.IsInf(v, 0):
			return nil, &fieldexp.Error{Op: "itt", Problem: fieldexp.BadValues, Columns: []string{outcome}, Count: 1, Row: i + 1,
				Message: fmt.Sprintf("outcome %q is infinite in row %d", outcome, i+1), Remedy: []fieldexp.Hint{"correct the value, or mark it as missing"}}
		case math.IsNaN(v) || block < 0 || arm < 0 || d.clusters != nil && d.clusters.Codes[i] < 0 || d.weights != nil && math.IsNaN(d.weights[i]):
			dropped.Missing++
		case d.weights != nil && d.weights[i] == 0:
			dropped.ZeroWeight++
		default:
			at := int(block)*arms + int(arm)
			rows[at] = append(rows[at], i)
		}
	}
	s := &meansSample{d: d, outcome: outcome}
	for b, label := range d.blocks.Labels {
		block := blockCells{label: label, cells: make([]cell, arms)}
		for a := range arms {
			if block.cells[a], err = d.cell(ctx, y, rows[b*arms+a]); err != nil {
				return nil, err
			}
			block.mass += block.cells[a].mass
		}
		if block.mass > 0 {
			s.blocks = append(s.blocks, block)
		}
	}
	if err := s.checkArms(); err != nil {
		return nil, err
	}
	if err := s.settleSmall(dropped); err != nil {
		return nil, err
	}
	for _, b := range s.blocks {
		s.mass += b.mass
	}
	return s, nil
}

// checkArms refuses an outcome that is known in some arms only.
func (s *meansSample) checkArms() error {
	for a, arm := range s.d.assigned.arms {
		units := 0
		for _, b := range s.blocks {
			units += b.cells[a].units
		}
		if units == 0 {
			return &fieldexp.Error{Op: "itt", Problem: fieldexp.OneArm, Columns: []string{s.d.spec.Assignment, s.outcome}, Count: arm.Rows,
				Message: fmt.Sprintf("no row of arm %s of assignment %q has outcome %q and all else that the comparison needs", arm.Label, s.d.spec.Assignment, s.outcome),
				Remedy:  []fieldexp.Hint{"check how it was measured and joined, since an effect of assignment needs the outcome in every arm"}}
		}
	}
	return nil
}

// settleSmall refuses or drops blocks in which an arm has too few units for the design.
func (s *meansSample) settleSmall(dropped *MeansDropped) error {
	spec := s.d.spec
	if spec.Blocks == "" {
		return s.checkUnits()
	}
	least, most := 2, math.MaxInt
	if spec.Pairs {
		least, most = 1, 1
	} else if spec.Small == PoolSmall {
		least = 1
	}
	var kept []blockCells
	var bad []string
	for _, b := range s.blocks {
		problem, few := "", false
		for a, c := range b.cells {
			if c.units < least || problem == "" && c.units > most {
				problem = fmt.Sprintf("block %s of %q has %s in arm %s", b.label, spec.Blocks, countUnits(c.units, s.d.unit()), s.d.assigned.arms[a].Label)
			}
			few = few || c.units < least
		}
		switch {
		case problem == "":
			kept = append(kept, b)
		case few && spec.Small == DropSmall:
			dropped.Blocks++
			for _, c := range b.cells {
				dropped.BlockRows += len(c.rows)
			}
		default:
			bad = append(bad, problem)
		}
	}
	if len(bad) > 0 {
		return s.badBlocks(bad)
	}
	if len(kept) == 0 {
		return &fieldexp.Error{Op: "itt", Problem: fieldexp.SmallBlock, Columns: []string{spec.Blocks, s.outcome}, Count: len(s.blocks),
			Message: fmt.Sprintf("none of the %s blocks of %q has enough units in every arm for outcome %q", brief.Count(len(s.blocks)), spec.Blocks, s.outcome),
			Remedy:  []fieldexp.Hint{"use coarser blocks, those within which assignment was drawn", "name them in {Pairs} where each holds one unit of each arm"}}
	}
	if spec.Pairs && len(kept) < 2 {
		return &fieldexp.Error{Op: "itt", Problem: fieldexp.FewUnits, Columns: []string{spec.Blocks, s.outcome}, Count: 1,
			Message: fmt.Sprintf("there is one pair of %q with outcome %q, and the variance is that between pairs", spec.Blocks, s.outcome),
			Remedy:  []fieldexp.Hint{"give two pairs or more"}}
	}
	s.blocks = kept
	return nil
}

// badBlocks refuses blocks with too few units or, as pairs, too many.
func (s *meansSample) badBlocks(bad []string) error {
	spec := s.d.spec
	e := &fieldexp.Error{Op: "itt", Problem: fieldexp.SmallBlock, Columns: []string{spec.Blocks, s.outcome}, Count: len(bad)}
	e.Message = fmt.Sprintf("outcome %q: %s", s.outcome, strings.Join(bad[:min(3, len(bad))], ", "))
	if more := len(bad) - 3; more > 0 {
		e.Message += fmt.Sprintf(", and so on in %s more", brief.Count(more))
	}
	switch {
	case spec.Pairs:
		e.Problem = fieldexp.NotPairs
		e.Message += ", and matched pairs have one in each"
		e.Remedy = []fieldexp.Hint{"leave {Pairs} out where blocks are larger", "leave pairs that lost a member out by {DropSmall}"}
	case spec.Small == PoolSmall:
		e.Message += ", so there is no effect to estimate in it"
		e.Remedy = []fieldexp.Hint{"leave such blocks out by {DropSmall}", "use coarser blocks"}
	default:
		e.Message += ", and a variance within the block needs two"
		e.Remedy = []fieldexp.Hint{"name the blocks in {Pairs} where each is a matched pair", "estimate the variance between such blocks by {PoolSmall}", "leave them out by {DropSmall}"}
	}
	return e
}

// checkUnits refuses an arm with fewer than two units where nothing is blocked.
func (s *meansSample) checkUnits() error {
	for a, c := range s.blocks[0].cells {
		if c.units < 2 {
			return &fieldexp.Error{Op: "itt", Problem: fieldexp.FewUnits, Columns: []string{s.d.spec.Assignment, s.outcome}, Count: c.units,
				Message: fmt.Sprintf("arm %s of assignment %q has %s with outcome %q, and a variance needs two", s.d.assigned.arms[a].Label, s.d.spec.Assignment, countUnits(c.units, s.d.unit()), s.outcome),
				Remedy:  []fieldexp.Hint{"use randomisation inference, which needs no standard error"}}
		}
	}
	return nil
}

// unit names what was assigned.
func (d *meansDesign) unit() string {
	if d.clusters != nil {
		return "cluster"
	}
	return "unit"
}

func countUnits(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return brief.Count(n) + " " + unit + "s"
}

// shares is the share of each block in all that the sample weighs.
func (s *meansSample) shares() []float64 {
	shares := make([]float64, len(s.blocks))
	for b := range shares {
		shares[b] = s.blocks[b].mass / s.mass
	}
	return shares
}
