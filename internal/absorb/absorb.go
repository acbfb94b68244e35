// Package absorb removes sets of indicators (agent effects, day effects) from columns: it solves the
// regression of each column on all the indicators, from the sums of the column by level alone.
//
// The largest effect is eliminated by demeaning. The others are then few, and their normal
// equations, after that elimination, a small dense system that is solved once by Cholesky with
// rank detection: exact, without iteration. Only when the others have more levels than
// DirectLimit are the same equations solved by preconditioned conjugate gradients, which stop at
// a stated tolerance or fail.
package absorb

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/floats"

	"github.com/fieldexp/fieldexp/internal/parallel"
)

// DirectLimit is the number of levels, of all effects but the largest, up to which the equations
// are solved directly. The dense system at the limit takes 50 MB.
const DirectLimit = 2500

// Effect is one set of indicators: row i belongs to level Codes[i], in 0..Levels-1. Every level
// occurs in some row.
type Effect struct {
	Codes  []int32
	Levels int
	// Starts, if known, says where the rows of each level begin, level after level, and where the last
	// ends: it saves looking for them.
	Starts []int
}

// Info says how effects were absorbed.
type Info struct {
	// Redundant counts, for each effect, the levels that the other effects already span.
	Redundant []int
	// Iterations is 0 when the solution was direct.
	Iterations int
	// Tolerance is the size of the equations' residual, relative to the column, at which
	// iterations stop; 0 when direct.
	Tolerance float64
}

// Columns is what the regression of a number of columns on indicators needs of them.
type Columns struct {
	Count int
	// Sums holds, for each effect, the weighted sums of the columns by level: that of column j over
	// level l is at l*Count+j. They should be those of centred columns.
	Sums [][]float64
	// Squares holds the weighted sum of squares of each column, by which iterations judge what is
	// negligible.
	Squares []float64
}

// Solve regresses columns on the indicators of all effects, with weights w (nil: equal ones). What
// the regression takes from a row of column j is the sum over the effects e of coef[e][j][l], with l
// the level of e in which the row is. Sums are overwritten.
func Solve(ctx context.Context, w []float64, effects []Effect, c Columns) (coef [][][]float64, info Info, err error) {
	if len(effects) == 0 {
		return nil, info, ctx.Err()
	}
	s := newSystem(effects, w)
	return s.solve(ctx, c, s.levels <= DirectLimit)
}

// solve solves the equations, directly or by iteration.
func (s *system) solve(ctx context.Context, c Columns, direct bool) (coef [][][]float64, info Info, err error) {
	info.Redundant = make([]int, len(s.others)+1)
	p := c.Count
	means := c.Sums[s.at]
	for g, mass := range s.mass {
		for j := range p {
			means[g*p+j] /= mass
		}
	}
	if len(s.others) > 0 {
		solution := make([]float64, 0, s.levels*p)
		for _, e := range s.place {
			solution = append(solution, c.Sums[e]...)
		}
		if err := s.net(ctx, solution, means, p); err != nil {
			return nil, info, err
		}
		if direct {
			err = s.solveDirect(ctx, solution, p, info.Redundant)
		} else {
			err = s.solveIteratively(ctx, solution, p, c.Squares, &info)
		}
		if err != nil {
			return nil, info, err
		}
		if err := s.remain(ctx, solution, means, p); err != nil {
			return nil, info, err
		}
		for i, e := range s.place {
			copy(c.Sums[e], solution[s.offset[i]*p:])
		}
	}
	for _, sums := range c.Sums {
		coef = append(coef, byColumn(sums, p))
	}
	return coef, info, ctx.Err()
}

// byColumn lays numbers by level and column out by column and level.
func byColumn(values []float64, p int) [][]float64 {
	list := make([][]float64, p)
	for j := range list {
		list[j] = make([]float64, len(values)/p)
		for l := range list[j] {
			list[j][l] = values[l*p+j]
		}
	}
	return list
}

// columnBlocks splits p columns into fixed blocks, so that blocks can be worked on at once while
// every sum runs over levels in their order.
func columnBlocks(p int) [][2]int {
	const width = 12
	var blocks [][2]int
	for from := 0; from < p; from += width {
		blocks = append(blocks, [2]int{from, min(from+width, p)})
	}
	return blocks
}

// net takes from sums by level of the other effects what the main effect's means account for.
func (s *system) net(ctx context.Context, sums, means []float64, p int) error {
	blocks := columnBlocks(p)
	return parallel.For(ctx, len(blocks), func(b int) {
		from, to := blocks[b][0], blocks[b][1]
		for g := range s.mass {
			mean := means[g*p+from : g*p+to]
			levels, weights := s.within(g)
			for i, l := range levels {
				floats.AddScaled(sums[int(l)*p+from:int(l)*p+to], -weights[i], mean)
			}
		}
	})
}

// remain takes from the main effect's means what the other effects' coefficients account for.
func (s *system) remain(ctx context.Context, coef, means []float64, p int) error {
	const chunk = 512
	return parallel.For(ctx, (len(s.mass)+chunk-1)/chunk, func(c int) {
		for g := c * chunk; g < min((c+1)*chunk, len(s.mass)); g++ {
			mean := means[g*p : (g+1)*p]
			levels, weights := s.within(g)
			for i, l := range levels {
				floats.AddScaled(mean, -weights[i]/s.mass[g], coef[int(l)*p:int(l+1)*p])
			}
		}
	})
}

// NotConverged says that the iterations did not reach their tolerance.
type NotConverged struct {
	Iterations int
	Residual   float64
	Tolerance  float64
}

// Error says how far the iterations came.
func (e *NotConverged) Error() string {
	return fmt.Sprintf("absorbing the effects stopped after %d iterations at a relative residual of %.1e, above the tolerance of %.0e; merge sparse levels of the smaller effects, or absorb fewer of them",
		e.Iterations, e.Residual, e.Tolerance)
}
