// Package absorb removes sets of indicators (agent effects, day effects) from the columns of a
// matrix: what is left of each column are the residuals of its regression on all the indicators.
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

// Residualise replaces each column of the row-major matrix x, with p columns, by its residuals
// from the weighted regression on the indicators of all effects. A nil w means equal weights.
func Residualise(ctx context.Context, x []float64, p int, w []float64, effects []Effect) (Info, error) {
	info := Info{Redundant: make([]int, len(effects))}
	if len(effects) == 0 || p == 0 {
		return info, ctx.Err()
	}
	main := 0
	for e := range effects {
		if effects[e].Levels > effects[main].Levels {
			main = e
		}
	}
	s := newSystem(effects, main, w)
	var size []float64 // of each column, by which iterations judge what is negligible
	if s.levels > DirectLimit {
		size = s.squares(x, p)
	}
	means := make([]float64, effects[main].Levels*p)
	if err := s.demean(ctx, x, p, means); err != nil {
		return info, err
	}
	if len(effects) == 1 {
		return info, nil
	}
	rhs := make([]float64, s.levels*p)
	if err := s.gather(ctx, x, p, rhs); err != nil {
		return info, err
	}
	var err error
	if s.levels <= DirectLimit {
		err = s.solveDirect(ctx, rhs, p, info.Redundant)
	} else {
		err = s.solveIteratively(ctx, rhs, p, size, &info)
	}
	if err != nil {
		return info, err
	}
	return info, s.subtract(ctx, x, p, rhs, means)
}

// system holds the effects in the form in which their equations are built: main is the effect
// that is eliminated; the levels of the others are numbered on, one effect after the other.
type system struct {
	main   Effect
	others []Effect
	place  []int // place of each of the others in the caller's list
	offset []int // first level of each of the others
	levels int   // levels of the others together
	w      []float64
	mass   []float64 // weight of each level of main
}

func newSystem(effects []Effect, main int, w []float64) *system {
	s := &system{main: effects[main], w: w, mass: make([]float64, effects[main].Levels)}
	for e := range effects {
		if e == main {
			continue
		}
		s.others = append(s.others, effects[e])
		s.place = append(s.place, e)
		s.offset = append(s.offset, s.levels)
		s.levels += effects[e].Levels
	}
	for i, g := range s.main.Codes {
		s.mass[g] += s.weight(i)
	}
	return s
}

func (s *system) weight(i int) float64 {
	if s.w == nil {
		return 1
	}
	return s.w[i]
}

// columnBlocks splits p columns into fixed blocks, so that blocks can be worked on at once while
// every sum runs over rows in their order.
func columnBlocks(p int) [][2]int {
	const width = 8
	var blocks [][2]int
	for from := 0; from < p; from += width {
		blocks = append(blocks, [2]int{from, min(from+width, p)})
	}
	return blocks
}

// demean subtracts from each column its mean within each level of the main effect. The means
// slice is scratch of levels x p.
func (s *system) demean(ctx context.Context, x []float64, p int, means []float64) error {
	blocks := columnBlocks(p)
	return parallel.For(ctx, len(blocks), func(b int) {
		from, to := blocks[b][0], blocks[b][1]
		for i, g := range s.main.Codes {
			row, sum, w := x[i*p+from:i*p+to], means[int(g)*p+from:int(g)*p+to], s.weight(i)
			for j, v := range row {
				sum[j] += w * v
			}
		}
		for g, mass := range s.mass {
			mean := means[g*p+from : g*p+to]
			for j := range mean {
				mean[j] /= mass
			}
		}
		for i, g := range s.main.Codes {
			row, mean := x[i*p+from:i*p+to], means[int(g)*p+from:int(g)*p+to]
			for j := range row {
				row[j] -= mean[j]
			}
		}
	})
}

// gather sums the columns of x within each level of the other effects.
func (s *system) gather(ctx context.Context, x []float64, p int, sums []float64) error {
	blocks := columnBlocks(p)
	return parallel.For(ctx, len(blocks), func(b int) {
		from, to := blocks[b][0], blocks[b][1]
		for e, other := range s.others {
			into := sums[s.offset[e]*p:]
			for i, l := range other.Codes {
				row, sum, w := x[i*p+from:i*p+to], into[int(l)*p+from:int(l)*p+to], s.weight(i)
				for j, v := range row {
					sum[j] += w * v
				}
			}
		}
	})
}

// subtract takes the fitted effects out of x: the coefficients of the other effects, net of
// their means within the levels of the main one. The means slice is scratch.
func (s *system) subtract(ctx context.Context, x []float64, p int, coef, means []float64) error {
	clear(means)
	blocks := columnBlocks(p)
	return parallel.For(ctx, len(blocks), func(b int) {
		from, to := blocks[b][0], blocks[b][1]
		for e, other := range s.others {
			fitted := coef[s.offset[e]*p:]
			for i, l := range other.Codes {
				g := int(s.main.Codes[i])
				row, c := x[i*p+from:i*p+to], fitted[int(l)*p+from:int(l)*p+to]
				sum, w := means[g*p+from:g*p+to], s.weight(i)
				for j, v := range c {
					row[j] -= v
					sum[j] += w * v
				}
			}
		}
		for g, mass := range s.mass {
			mean := means[g*p+from : g*p+to]
			for j := range mean {
				mean[j] /= mass
			}
		}
		for i, g := range s.main.Codes {
			row, mean := x[i*p+from:i*p+to], means[int(g)*p+from:int(g)*p+to]
			for j := range row {
				row[j] += mean[j]
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
