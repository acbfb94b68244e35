package iv

import (
	"context"
	"fmt"
	"math"
	"sync/atomic"

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
	masks, missing := make([][]byte, len(m.outs)), make([]int, len(m.outs))
	err = parallel.For(ctx, len(m.outs), func(o int) {
		out := &m.outs[o]
		if out.complete {
			return
		}
		masks[o] = make([]byte, (base.n+7)/8)
		for i := range base.n {
			if out.missing(base.at(i)) {
				masks[o][i/8] |= 1 << (i % 8)
				missing[o]++
			}
		}
	})
	if err != nil {
		return nil, err
	}
	var list []*sample
	patterns := map[string]*sample{}
	for o, mask := range masks {
		if missing[o] == base.n {
			return nil, m.noRows(m.outs[o].name, base.n, missing[o])
		}
		if missing[o] == 0 {
			mask = nil
		}
		s, ok := patterns[string(mask)]
		if !ok {
			s = &sample{rows: base, dropped: dropped}
			s.rows = base.without(missing[o], func(i int) bool { return mask[i/8]&(1<<(i%8)) != 0 })
			s.dropped.Missing += missing[o]
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
	var missing, weightless atomic.Int64
	err = eachBlock(ctx, m.rows.n, func(from, to int) {
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
		count, zero := 0, 0
		for i := from; i < to; i++ {
			switch {
			case bad[i]:
				count++
			case m.weights != nil && math.IsNaN(m.weights[m.rows.at(i)]):
				bad[i] = true
				count++
			case m.weights != nil && m.weights[m.rows.at(i)] == 0:
				bad[i] = true
				zero++
			}
		}
		missing.Add(int64(count))
		weightless.Add(int64(zero))
	})
	dropped.Missing, dropped.ZeroWeight = int(missing.Load()), int(weightless.Load())
	rows = m.rows.without(dropped.Missing+dropped.ZeroWeight, func(i int) bool { return bad[i] })
	return rows, dropped, err
}

// eachBlock runs body on fixed blocks of n rows.
func eachBlock(ctx context.Context, n int, body func(from, to int)) error {
	const size = 1 << 14
	return parallel.For(ctx, (n+size-1)/size, func(b int) { body(b*size, min((b+1)*size, n)) })
}

// noRows explains which columns left no row for an outcome.
func (m *model) noRows(outcome string, usable, missing int) error {
	e := &ModelError{Problem: NoRows, Columns: []string{outcome}, Count: m.rows.n, Remedy: "check how missing values are marked in the file"}
	if usable > 0 {
		e.Message = fmt.Sprintf("outcome %q is missing in all %d rows in which the other columns are not", outcome, missing)
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
