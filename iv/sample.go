package iv

import (
	"context"
	"fmt"
	"math"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/absorb"
	"github.com/fieldexp/fieldexp/internal/moments"
	"github.com/fieldexp/fieldexp/internal/parallel"
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

// countRedundant shares the redundant levels out. Absorption finds how many there are in all, but
// which effect they fall to depends on the order of elimination. Nested effects come first, since K
// leaves them out whole: what they share with others is counted as the others' redundancy.
func (s *sample) countRedundant(ctx context.Context, effects []absorb.Effect, redundant []int) error {
	var nested []absorb.Effect
	var places []int
	left := 0
	for e := range effects {
		s.effects[e].Redundant = redundant[e]
		left += redundant[e]
		if s.effects[e].Nested {
			nested, places = append(nested, effects[e]), append(places, e)
		}
	}
	if len(nested) == 0 || len(nested) == len(effects) {
		return nil
	}
	among := []int{0}
	if len(nested) > 1 {
		info, err := absorb.Residualise(ctx, make([]float64, s.m.N), 1, s.weights, nested)
		if err != nil {
			return err
		}
		among = info.Redundant
	}
	for i, e := range places {
		s.effects[e].Redundant = among[i]
		left -= among[i]
	}
	for e := range s.effects {
		if !s.effects[e].Nested {
			s.effects[e].Redundant = min(left, s.effects[e].Levels)
			left -= s.effects[e].Redundant
		}
	}
	return nil
}

// dropSingletons removes rows that are alone in a group of some effect until there are none. A
// row of frequency weight two is not alone.
func (s *sample) dropSingletons(m *model) {
	for again := len(m.effects) > 0; again; {
		again = false
		for _, e := range m.effects {
			count := make([]int32, len(e.Labels))
			for _, r := range s.rows {
				count[e.Codes[r]]++
				if m.spec.WeightKind == Frequency && m.weights != nil && m.weights[r] > 1 {
					count[e.Codes[r]]++
				}
			}
			var kept []int32
			for i, r := range s.rows {
				if count[e.Codes[r]] == 1 {
					if kept == nil {
						kept = append(make([]int32, 0, len(s.rows)), s.rows[:i]...)
					}
					s.dropped.Singletons++
				} else if kept != nil {
					kept = append(kept, r)
				}
			}
			if kept != nil {
				s.rows, again = kept, true
			}
		}
	}
}

// cluster sorts the rows by the first clustering and cuts them into its groups.
func (s *sample) cluster(m *model) error {
	if len(m.clusters) == 0 {
		s.partition = moments.Blocks(len(s.rows))
		return nil
	}
	for d, g := range m.clusters {
		if d == 0 {
			s.rows = sortByCode(s.rows, g)
		}
		compact := compactCodes(s.rows, g)
		if compact.Len() < 2 {
			name := m.spec.Cluster[d]
			return &ModelError{Problem: FewClusters, Columns: []string{name}, Count: compact.Len(),
				Message: fmt.Sprintf("cluster column %q has a single cluster in the %d rows used", name, len(s.rows)),
				Remedy:  "cluster by the unit that was assigned; clustered standard errors need two clusters, and many to be trusted"}
		}
		s.clusters = append(s.clusters, compact)
	}
	s.partition.Starts = []int{0}
	codes := s.clusters[0].Codes
	for i := 1; i <= len(codes); i++ {
		if i == len(codes) || codes[i] != codes[i-1] {
			s.partition.Starts = append(s.partition.Starts, i)
		}
	}
	return nil
}

// sortByCode orders rows by group, and within a group as they were.
func sortByCode(rows []int32, g data.Grouping) []int32 {
	next := make([]int, len(g.Labels)+1)
	for _, r := range rows {
		next[g.Codes[r]+1]++
	}
	for c := range g.Labels {
		next[c+1] += next[c]
	}
	sorted := make([]int32, len(rows))
	for _, r := range rows {
		c := g.Codes[r]
		sorted[next[c]] = r
		next[c]++
	}
	return sorted
}

// compactCodes gives the groups that occur in rows consecutive codes, in the order of their
// first row.
func compactCodes(rows []int32, g data.Grouping) data.Grouping {
	place := make([]int32, len(g.Labels))
	for c := range place {
		place[c] = -1
	}
	compact := data.Grouping{Codes: make([]int32, len(rows))}
	for i, r := range rows {
		c := g.Codes[r]
		if place[c] < 0 {
			place[c] = int32(len(compact.Labels))
			compact.Labels = append(compact.Labels, g.Labels[c])
		}
		compact.Codes[i] = place[c]
	}
	return compact
}

// compactEffects prepares the effects for absorption and finds those nested in a cluster.
func (s *sample) compactEffects(m *model) []absorb.Effect {
	effects := make([]absorb.Effect, len(m.effects))
	for e, g := range m.effects {
		compact := compactCodes(s.rows, g)
		effects[e] = absorb.Effect{Codes: compact.Codes, Levels: compact.Len()}
		count := EffectCount{Effect: m.spec.Absorb[e], Levels: compact.Len()}
		for _, cluster := range s.clusters {
			count.Nested = count.Nested || nested(compact, cluster)
		}
		s.effects = append(s.effects, count)
	}
	return effects
}

// nested reports whether each group of inner lies within one group of outer.
func nested(inner, outer data.Grouping) bool {
	within := make([]int32, inner.Len())
	for g := range within {
		within[g] = -1
	}
	for i, g := range inner.Codes {
		switch within[g] {
		case -1:
			within[g] = outer.Codes[i]
		case outer.Codes[i]:
		default:
			return false
		}
	}
	return true
}

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
