package iv

import (
	"context"
	"fmt"
	"math"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/absorb"
	"github.com/fieldexp/fieldexp/internal/moments"
)

// sample is the set of rows that outcomes with the same missing values share, with every column
// of the model in working form: rows in the order of the first clustering, columns centred,
// effects absorbed, rows multiplied by the root of their weight.
type sample struct {
	outs    []int // places in model.outs
	rows    []int32
	dropped Dropped

	clusters  []data.Grouping   // levels compacted to those that occur
	partition moments.Partition // rows of each level of the first clustering; blocks of rows without one
	effects   []EffectCount
	groups    []absorb.Effect // the effects, over the rows
	absorbing string
	adjusts   bool // whether the covariance needs the cross-products of clusters

	weights []float64 // nil when there are none
	n       int       // observations

	// m has the columns constant (if any), exogenous, instruments, endogenous, outcomes.
	m       moments.Matrix
	columns []column
	exog    []int // places of columns in m that take part, by role
	instr   []int
	endog   []int
	first   int // place of the first outcome in m
	// basis maps coefficients on the columns of m to coefficients on the original columns: column
	// j of m is the sum over i of basis[i*P+j] times original column i.
	basis []float64
	shift []float64 // what was subtracted from each original column
	mean  []float64 // of each original column
	// exact holds, for small samples, the columns before they were made orthogonal: the estimates
	// of least squares are polished against them.
	exact []float64
	raw   []float64 // sum of squares of each column
	tss   []float64 // after centring
	inner []float64 // and after absorbing
}

// samples cuts the outcomes into groups with the same missing values.
func (m *model) samples() ([]*sample, error) {
	base, dropped := m.usableRows()
	var list []*sample
	patterns := map[string]*sample{}
	for o := range m.outs {
		out := &m.outs[o]
		key := make([]byte, (len(base)+7)/8)
		missing := 0
		for i, r := range base {
			if out.missing(int(r)) {
				key[i/8] |= 1 << (i % 8)
				missing++
			}
		}
		if missing == len(base) {
			return nil, m.noRows(out.name, len(base), missing)
		}
		s, ok := patterns[string(key)]
		if !ok {
			s = &sample{rows: base, dropped: dropped}
			if missing > 0 {
				s.rows = make([]int32, 0, len(base)-missing)
				for i, r := range base {
					if key[i/8]&(1<<(i%8)) == 0 {
						s.rows = append(s.rows, r)
					}
				}
			}
			s.dropped.Missing += missing
			patterns[string(key)] = s
			list = append(list, s)
		}
		s.outs = append(s.outs, o)
	}
	return list, nil
}

// usableRows lists the rows in which nothing but perhaps an outcome is missing.
func (m *model) usableRows() (rows []int32, dropped Dropped) {
	rows = make([]int32, 0, m.rows)
	bad := make([]bool, m.rows)
	for _, list := range [][]column{m.exog, m.instruments, m.endog} {
		for c := range list {
			for i := range bad {
				bad[i] = bad[i] || list[c].missing(i)
			}
		}
	}
	for _, list := range [][]data.Grouping{m.effects, m.clusters} {
		for _, g := range list {
			for i, c := range g.Codes {
				bad[i] = bad[i] || c < 0
			}
		}
	}
	for i := range bad {
		switch {
		case bad[i] || m.weights != nil && math.IsNaN(m.weights[i]):
			dropped.Missing++
		case m.weights != nil && m.weights[i] == 0:
			dropped.ZeroWeight++
		default:
			rows = append(rows, int32(i))
		}
	}
	return rows, dropped
}

// noRows explains which columns left no row for an outcome.
func (m *model) noRows(outcome string, usable, missing int) error {
	e := &ModelError{Problem: NoRows, Columns: []string{outcome}, Count: m.rows, Remedy: "check how missing values are marked in the file"}
	if usable > 0 {
		e.Message = fmt.Sprintf("outcome %q is missing in all %d rows in which the other columns are not", outcome, missing)
		return e
	}
	e.Message = fmt.Sprintf("none of the %d rows is complete", m.rows)
	blame := func(what, name, how string, missing func(i int) bool) {
		for i := range m.rows {
			if !missing(i) {
				return
			}
		}
		e.Message = fmt.Sprintf("%s %q is %s in all %d rows", what, name, how, m.rows)
		e.Columns = []string{name}
	}
	for _, list := range [][]column{m.exog, m.endog, m.instruments} {
		for c := range list {
			blame("column", list[c].name, "missing", list[c].missing)
		}
	}
	for i, g := range m.effects {
		blame("absorbed effect", m.spec.Absorb[i].String(), "missing", func(r int) bool { return g.Codes[r] < 0 })
	}
	for i, g := range m.clusters {
		blame("cluster column", m.spec.Cluster[i], "missing", func(r int) bool { return g.Codes[r] < 0 })
	}
	if m.weights != nil {
		blame("weight column", m.spec.Weights, "zero or missing", func(r int) bool { return !(m.weights[r] > 0) })
	}
	return e
}

// prepare brings the sample into working form.
func (s *sample) prepare(ctx context.Context, m *model) error {
	if !m.spec.KeepSingletons {
		s.dropSingletons(m)
	}
	if len(s.rows) == 0 {
		return &ModelError{Problem: NoRows, Columns: []string{m.outs[s.outs[0]].name}, Count: s.dropped.Singletons,
			Message: fmt.Sprintf("every row of outcome %q is alone in an absorbed group", m.outs[s.outs[0]].name),
			Remedy:  "absorb coarser effects"}
	}
	if err := s.cluster(m); err != nil {
		return err
	}
	effects := s.compactEffects(m)
	s.groups = effects
	s.weigh(m)
	s.fill(ctx, m)
	s.centre(ctx, m.constant || len(effects) > 0)
	info, err := absorb.Residualise(ctx, s.m.X, s.m.P, s.weights, effects)
	if err != nil {
		return err
	}
	if err := s.countRedundant(ctx, effects, info.Redundant); err != nil {
		return err
	}
	if info.Iterations > 0 {
		s.absorbing = fmt.Sprintf("effects absorbed by conjugate gradients, %d iterations at most, to a relative residual of %.0e", info.Iterations, info.Tolerance)
	}
	s.inner = s.squares(ctx)
	s.multiply(ctx)
	return ctx.Err()
}
