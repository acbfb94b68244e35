package iv

import (
	"context"
	"math"

	"github.com/fieldexp/fieldexp/internal/moments"
	"github.com/fieldexp/fieldexp/internal/parallel"
)

// weigh collects the weights, analytic ones scaled to a mean of one, and counts observations.
func (s *sample) weigh(m *model) {
	s.n = len(s.rows)
	if m.weights == nil {
		return
	}
	s.weights = make([]float64, len(s.rows))
	sum := 0.0
	for i, r := range s.rows {
		s.weights[i] = m.weights[r]
		sum += m.weights[r]
	}
	if m.spec.WeightKind == Frequency {
		s.n = int(sum)
		return
	}
	scale := float64(len(s.rows)) / sum
	for i := range s.weights {
		s.weights[i] *= scale
	}
}

// fill lays the columns out row by row.
func (s *sample) fill(ctx context.Context, m *model) {
	add := func(list []column) (places []int) {
		for _, c := range list {
			places = append(places, len(s.columns))
			s.columns = append(s.columns, c)
		}
		return places
	}
	if m.constant {
		s.exog = add([]column{{name: Constant}})
	}
	s.exog = append(s.exog, add(m.exog)...)
	s.instr, s.endog = add(m.instruments), add(m.endog)
	s.first = len(s.columns)
	for _, o := range s.outs {
		s.columns = append(s.columns, m.outs[o])
	}
	p := len(s.columns)
	s.m = moments.Matrix{N: len(s.rows), P: p, X: make([]float64, len(s.rows)*p)}
	s.eachBlock(ctx, func(from, to int) {
		for j := range s.columns {
			c := &s.columns[j]
			if c.name == Constant && c.floats == nil && c.codes == nil {
				for i := from; i < to; i++ {
					s.m.X[i*p+j] = 1
				}
				continue
			}
			for i := from; i < to; i++ {
				s.m.X[i*p+j] = c.at(int(s.rows[i]))
			}
		}
	})
}

// eachBlock runs body on fixed blocks of rows. A cancellation is noticed by prepare.
func (s *sample) eachBlock(ctx context.Context, body func(from, to int)) {
	const size = 1 << 14
	blocks := (s.m.N + size - 1) / size
	_ = parallel.For(ctx, blocks, func(b int) { body(b*size, min((b+1)*size, s.m.N)) })
}

func (s *sample) weight(i int) float64 {
	if s.weights == nil {
		return 1
	}
	return s.weights[i]
}

// columnSums adds up f of every value by column, in the order of fixed blocks.
func (s *sample) columnSums(ctx context.Context, f func(j int, v float64) float64) []float64 {
	const size = 1 << 14
	p := s.m.P
	parts := make([][]float64, (s.m.N+size-1)/size)
	s.eachBlock(ctx, func(from, to int) {
		sum := make([]float64, p)
		for i := from; i < to; i++ {
			w := s.weight(i)
			for j, v := range s.m.Row(i) {
				sum[j] += w * f(j, v)
			}
		}
		parts[from/size] = sum
	})
	total := make([]float64, p)
	for _, part := range parts {
		for j, v := range part {
			total[j] += v
		}
	}
	return total
}

func (s *sample) squares(ctx context.Context) []float64 {
	return s.columnSums(ctx, func(_ int, v float64) float64 { return v * v })
}

// centre subtracts the weighted mean from every column but the constant, where one is in the
// model or absorbed effects stand for it, and starts the basis that undoes it. Means are taken
// around the first row's value, so that a column far from zero keeps its digits.
func (s *sample) centre(ctx context.Context, centred bool) {
	p := s.m.P
	s.raw = s.squares(ctx)
	s.mean = make([]float64, p)
	s.basis = make([]float64, p*p)
	for j := range p {
		s.basis[j*p+j] = 1
	}
	anchor := append([]float64(nil), s.m.Row(0)...)
	mass := 0.0
	for i := range s.m.N {
		mass += s.weight(i)
	}
	for j, sum := range s.columnSums(ctx, func(j int, v float64) float64 { return v - anchor[j] }) {
		s.mean[j] = anchor[j] + sum/mass
	}
	s.shift = append([]float64(nil), s.mean...)
	if s.small() {
		s.roundShift(ctx, mass)
	}
	for j := range s.shift {
		if s.isConstant(j) || !centred {
			s.shift[j] = 0
		}
	}
	s.eachBlock(ctx, func(from, to int) {
		for i := from; i < to; i++ {
			row := s.m.Row(i)
			for j, v := range s.shift {
				row[j] -= v
			}
		}
	})
	for _, c := range s.exog {
		if s.isConstant(c) {
			for j := range s.shift {
				if j != c {
					s.basis[c*p+j] = -s.shift[j]
				}
			}
		}
	}
	s.tss = s.squares(ctx)
	if centred {
		for j := range s.tss {
			if off := s.mean[j] - s.shift[j]; !s.isConstant(j) {
				s.tss[j] -= mass * off * off
			}
		}
	}
}

// regressors lists the given columns, the exogenous ones and last the constant: the order of a
// result's terms.
func (s *sample) regressors(leading []int) []int {
	if len(s.exog) > 0 && s.isConstant(s.exog[0]) {
		return concat(leading, s.exog[1:], s.exog[:1])
	}
	return concat(leading, s.exog)
}

// small reports whether the sample is so small that its least-squares estimates are polished to
// the last digits.
func (s *sample) small() bool { return len(s.m.X) <= 1<<17 }

// roundShift rounds the shifts to about an eighth of each column's standard deviation, so that
// whole numbers and short decimals stay exact when they are shifted.
func (s *sample) roundShift(ctx context.Context, mass float64) {
	spread := s.columnSums(ctx, func(j int, v float64) float64 { return (v - s.mean[j]) * (v - s.mean[j]) })
	for j, sum := range spread {
		if sum > 0 {
			unit := math.Exp2(math.Floor(math.Log2(math.Sqrt(sum/mass))) - 3)
			s.shift[j] = math.Round(s.mean[j]/unit) * unit
		}
	}
}

func (s *sample) isConstant(j int) bool {
	return s.columns[j].name == Constant && s.columns[j].floats == nil && s.columns[j].codes == nil
}

// multiply multiplies each row by the root of its weight.
func (s *sample) multiply(ctx context.Context) {
	if s.weights == nil {
		return
	}
	s.eachBlock(ctx, func(from, to int) {
		for i := from; i < to; i++ {
			root := math.Sqrt(s.weights[i])
			row := s.m.Row(i)
			for j := range row {
				row[j] *= root
			}
		}
	})
}
