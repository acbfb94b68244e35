package iv

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"sync/atomic"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/parallel"
)

// samples cuts the outcomes into groups with the same missing values.
func (m *model) samples(ctx context.Context) ([]*sample, error) {
	base, dropped, err := m.usableRows(ctx)
	if err != nil {
		return nil, err
	}
	// Of each outcome with missing values, a bit for every usable row.
	masks := make([][]byte, len(m.outs))
	for o := range m.outs {
		if !m.outs[o].complete {
			masks[o] = make([]byte, (base.n+7)/8)
		}
	}
	err = parallel.Blocks(ctx, base.n, func(from, to int) {
		for o, mask := range masks {
			for i := from; i < to && mask != nil; i++ {
				if m.outs[o].missing(base.at(i)) {
					mask[i/8] |= 1 << (i % 8) // blocks share no byte
				}
			}
		}
	})
	if err != nil {
		return nil, err
	}
	var list []*sample
	patterns := map[string]*sample{}
	for o, mask := range masks {
		if bytes.Count(mask, []byte{0}) == len(mask) {
			mask = nil // nothing is missing in these rows
		}
		s, ok := patterns[string(mask)]
		if !ok {
			s = &sample{rows: base, dropped: dropped}
			if mask != nil {
				s.rows = base.without(func(i int) bool { return mask[i/8]&(1<<(i%8)) != 0 })
			}
			if s.rows.n == 0 {
				return nil, m.noRows(m.outs[o].name, base.n)
			}
			s.dropped.Missing += base.n - s.rows.n
			patterns[string(mask)] = s
			list = append(list, s)
		}
		s.outs = append(s.outs, o)
	}
	return list, nil
}

// usableRows lists the rows in which nothing but perhaps an outcome is missing.
func (m *model) usableRows(ctx context.Context) (rows rowList, dropped Dropped, err error) {
	bad := make([]bool, m.rows.n)
	var weightless atomic.Int64
	err = parallel.Blocks(ctx, m.rows.n, func(from, to int) {
		for _, list := range [][]column{m.exog, m.instruments, m.endog} {
			for c := range list {
				if list[c].complete {
					continue
				}
				for i := from; i < to; i++ {
					bad[i] = bad[i] || list[c].missing(m.rows.at(i))
				}
			}
		}
		for _, list := range [][]data.Grouping{m.effects, m.clusters} {
			for _, g := range list {
				for i := from; i < to; i++ {
					bad[i] = bad[i] || g.Codes[m.rows.at(i)] < 0
				}
			}
		}
		zero := 0
		for i := from; i < to && m.weights != nil; i++ {
			w := m.weights[m.rows.at(i)]
			if w == 0 && !bad[i] {
				zero++
			}
			bad[i] = bad[i] || w == 0 || math.IsNaN(w)
		}
		weightless.Add(int64(zero))
	})
	rows = m.rows.without(func(i int) bool { return bad[i] })
	dropped.ZeroWeight = int(weightless.Load())
	dropped.Missing = m.rows.n - rows.n - dropped.ZeroWeight
	return rows, dropped, err
}

// noRows explains which columns left no row for an outcome.
func (m *model) noRows(outcome string, usable int) error {
	e := &fieldexp.Error{Op: "iv", Problem: fieldexp.NoRows, Columns: []string{outcome}, Count: m.rows.n,
		Remedy: []fieldexp.Hint{"check how missing values are marked in the file"}}
	if usable > 0 {
		e.Message = fmt.Sprintf("outcome %q is missing in all %d rows in which the other columns are not", outcome, usable)
		return e
	}
	e.Message = fmt.Sprintf("none of the %d rows is complete", m.rows.n)
	blame := func(what, name, how string, missing func(i int) bool) {
		for i := range m.rows.n {
			if !missing(m.rows.at(i)) {
				return
			}
		}
		e.Message = fmt.Sprintf("%s %q is %s in all %d rows", what, name, how, m.rows.n)
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
