package bootstrap

import (
	"context"

	"github.com/fieldexp/fieldexp/internal/absorb"
)

// permuteSums is what the draws of one pattern of rows are made of: sums by unit, by cell (a level of
// the main effect in a cluster) and by cluster.
//
// With z the columns of the controls and effects less their means in the levels of the main effect,
// a draw's regressor is x = a_g q in unit g, and what controls and effects leave of it is
//
//	x - xbar_e - z'beta,  beta = G sum over g of a_g v_g
//
// with G the inverse of z'z and xbar the means of x in the levels of an outer main effect; an inner one
// takes a multiple of a_g out, which the sums of the unit hold. Numerator, denominator and the
// variance of an estimate are then linear or quadratic in a, xbar and beta. Sums by cell and cluster
// leave the means of an outer main effect in the columns, where most are zero in most clusters, and
// take them off xbar instead.
type permuteSums struct {
	*layout
	k, targets int
	shift      float64   // taken off assignments, for their digits
	ginv       []float64 // k x k
	means      []float64 // levels of the main effect x k: what is taken off the columns

	// By unit: sums of w q^2 (after an inner effect), w q, and of w q times each column and target.
	qq, q  []float64
	v      []float64 // units x k
	y      []float64 // units x targets
	around []int32   // level of an outer main effect that the unit is in
	mass   []float64 // weight of each level

	// By cell; those of cluster c are cells[c] to cells[c+1]-1. Of an inner main effect the columns are
	// its means, which are left in the products of a cluster.
	cells              []int
	level              []int32
	weight, cellTarget []float64
	cellColumns        []float64 // cells x k

	// By cluster.
	zy       []float64 // clusters x targets x k: sums of w z times target
	products []clusterProducts
}

// rowColumns lists the columns that are not zero in a row, before means are taken off.
type rowColumns struct {
	index []int
	value []float64
}

// permutePass is the passes over the rows of a pattern.
type permutePass struct {
	*permuteSums
	w, post []float64 // by row; ones where there are none
	x       []float64 // rows x numeric controls, demeaned
	numeric int
	t       []float64 // rows x targets
	kept    []int     // place of each column among those kept, or -1
	scale   []float64 // of each numeric control: its sum of squares around its mean
	row     rowColumns
}

// newPermuteSums computes the sums of a pattern from its rows. The targets are the listed outcomes and,
// if sets are wanted, the data's regressor, by which sharp nulls other than zero shift outcomes.
func (m *permuteModel) newPermuteSums(ctx context.Context, rows []int32, outcomes []int) (*permuteSums, error) {
	l, err := m.lay(rows)
	if err != nil {
		return nil, err
	}
	s := &permuteSums{layout: l, targets: len(outcomes)}
	if !m.spec.NoSet {
		s.targets++
	}
	p := m.newPass(s, outcomes)
	p.measure()
	p.demean()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p.project()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p.sumUnits()
	if m.spec.Statistic == Studentised {
		if err := p.sumClusters(); err != nil {
			return nil, err
		}
	}
	return s, ctx.Err()
}

// newPass lays out what the passes over the rows read.
func (m *permuteModel) newPass(s *permuteSums, outcomes []int) *permutePass {
	n := len(s.rows)
	p := &permutePass{permuteSums: s, w: make([]float64, n), post: make([]float64, n), numeric: len(m.controls),
		x: make([]float64, n*len(m.controls)), t: make([]float64, n*s.targets)}
	if m.post == nil {
		for _, u := range s.units {
			s.shift += m.drawn.value[u] / float64(len(s.units))
		}
	}
	for i, r := range s.rows {
		p.w[i], p.post[i] = 1, 1
		if m.weights != nil {
			p.w[i] = m.weights[r]
		}
		if m.post != nil {
			p.post[i] = m.post[r]
		}
		for j, x := range m.controls {
			p.x[i*p.numeric+j] = x[r]
		}
		row := p.t[i*s.targets : (i+1)*s.targets]
		for j, o := range outcomes {
			row[j] = m.outcomes[o][r]
		}
		if !m.spec.NoSet {
			row[len(outcomes)] = (m.drawn.value[m.drawn.unit[r]] - s.shift) * p.post[i]
		}
	}
	return p
}

// measure computes the scale of the numeric controls, by which rank is decided: never quite zero, so
// that what rounding leaves of a constant is found negligible.
func (p *permutePass) measure() {
	p.scale = make([]float64, p.numeric)
	mass := 0.0
	for _, w := range p.w {
		mass += w
	}
	for j := range p.scale {
		mean, squares := 0.0, 0.0
		for i, w := range p.w {
			mean += w * p.x[i*p.numeric+j] / mass
		}
		for i, w := range p.w {
			v := p.x[i*p.numeric+j]
			squares += w * (v - mean) * (v - mean)
		}
		const rounding = 1e-20
		p.scale[j] = squares + rounding*mass*mean*mean
	}
}

// demean takes the means in the levels of the main effect off controls and targets.
func (p *permutePass) demean() {
	p.mass = make([]float64, p.main.count)
	for i, e := range p.main.of {
		p.mass[e] += p.w[i]
	}
	for _, m := range []struct {
		x     []float64
		width int
	}{{p.x, p.numeric}, {p.t, p.targets}} {
		// Twice: the second time takes off what rounding left of a large mean.
		for range 2 {
			means := make([]float64, p.main.count*m.width)
			for i, e := range p.main.of {
				into := means[int(e)*m.width:]
				for j, v := range m.x[i*m.width : (i+1)*m.width] {
					into[j] += p.w[i] * v
				}
			}
			for i, e := range p.main.of {
				from := means[int(e)*m.width:]
				row := m.x[i*m.width : (i+1)*m.width]
				for j := range row {
					row[j] -= from[j] / p.mass[e]
				}
			}
		}
	}
}

// columns counts the columns: levels of the other effects, then numeric controls.
func (p *permutePass) columns() (count int) {
	for _, e := range p.others {
		count += e.count
	}
	return count + p.numeric
}

// load lists the columns of row i.
func (p *permutePass) load(i int) {
	p.row.index, p.row.value = p.row.index[:0], p.row.value[:0]
	offset := 0
	add := func(column int, v float64) {
		if p.kept != nil {
			column = p.kept[column]
		}
		if column >= 0 {
			p.row.index, p.row.value = append(p.row.index, column), append(p.row.value, v)
		}
	}
	for _, e := range p.others {
		add(offset+int(e.of[i]), 1)
		offset += e.count
	}
	for j, v := range p.x[i*p.numeric : (i+1)*p.numeric] {
		add(offset+j, v)
	}
}

// project finds columns that span the controls and effects, and takes them out of the targets.
func (p *permutePass) project() {
	k := p.columns()
	gram, sums, right := make([]float64, k*k), make([]float64, p.main.count*k), make([]float64, k*p.targets)
	for i, e := range p.main.of {
		p.load(i)
		row := p.t[i*p.targets : (i+1)*p.targets]
		for a, j := range p.row.index {
			v := p.w[i] * p.row.value[a]
			sums[int(e)*k+j] += v
			for b, l := range p.row.index[:a+1] {
				gram[j*k+l] += v * p.row.value[b]
			}
			for t, y := range row {
				right[j*p.targets+t] += v * y
			}
		}
	}
	raw := make([]float64, k)
	for j := range k {
		raw[j] = gram[j*k+j]
	}
	copy(raw[k-p.numeric:], p.scale)
	for e := range p.main.count {
		s := sums[e*k : (e+1)*k]
		for j, v := range s {
			if v == 0 {
				continue
			}
			for l, u := range s[:j+1] {
				gram[j*k+l] -= v * u / p.mass[e]
			}
		}
	}
	inverse, spanned := absorb.Inverse(gram, k, raw)
	p.keep(inverse, spanned, sums)
	p.residuals(right, spanned)
}

// keep renumbers the columns that are not spanned by others.
func (p *permutePass) keep(inverse []float64, spanned []bool, sums []float64) {
	all := len(spanned)
	p.kept = make([]int, all)
	for j, s := range spanned {
		p.kept[j] = -1
		if !s {
			p.kept[j] = p.k
			p.k++
		}
	}
	p.ginv = make([]float64, p.k*p.k)
	p.means = make([]float64, p.main.count*p.k)
	for j, a := range p.kept {
		if a < 0 {
			continue
		}
		for l, b := range p.kept {
			if b >= 0 {
				p.ginv[a*p.k+b] = inverse[j*all+l]
			}
		}
		for e := range p.main.count {
			p.means[e*p.k+a] = sums[e*all+j] / p.mass[e]
		}
	}
}

// residuals takes the columns out of the targets.
func (p *permutePass) residuals(right []float64, spanned []bool) {
	cross := make([]float64, p.k*p.targets)
	for j, a := range p.kept {
		if a >= 0 {
			copy(cross[a*p.targets:(a+1)*p.targets], right[j*p.targets:])
		}
	}
	slopes := make([]float64, p.k*p.targets)
	for a := range p.k {
		for b, g := range p.ginv[a*p.k : (a+1)*p.k] {
			for t := range p.targets {
				slopes[a*p.targets+t] += g * cross[b*p.targets+t]
			}
		}
	}
	levels := make([]float64, p.main.count*p.targets)
	for e := range p.main.count {
		for a, mean := range p.means[e*p.k : (e+1)*p.k] {
			for t := range p.targets {
				levels[e*p.targets+t] += mean * slopes[a*p.targets+t]
			}
		}
	}
	for i, e := range p.main.of {
		p.load(i)
		row := p.t[i*p.targets : (i+1)*p.targets]
		for t := range row {
			fitted := -levels[int(e)*p.targets+t]
			for a, j := range p.row.index {
				fitted += p.row.value[a] * slopes[j*p.targets+t]
			}
			row[t] -= fitted
		}
	}
}

// sumUnits computes the sums by unit.
func (p *permutePass) sumUnits() {
	units := p.unit.count
	p.qq, p.q = make([]float64, units), make([]float64, units)
	p.v, p.y = make([]float64, units*p.k), make([]float64, units*p.targets)
	p.around = make([]int32, units)
	inLevel := make([]float64, p.main.count) // of an inner effect: the sum of w q
	of := make([]int32, p.main.count)
	for i, g := range p.unit.of {
		e := p.main.of[i]
		q := p.post[i]
		wq := p.w[i] * q
		p.q[g] += wq
		p.qq[g] += wq * q
		p.around[g] = e
		inLevel[e] += wq
		of[e] = g
		for t, y := range p.t[i*p.targets : (i+1)*p.targets] {
			p.y[int(g)*p.targets+t] += wq * y
		}
		p.load(i)
		for a, j := range p.row.index {
			p.v[int(g)*p.k+j] += wq * p.row.value[a]
		}
	}
	minus := func(g int32, e int, by float64) {
		v := p.v[int(g)*p.k : int(g+1)*p.k]
		for j, mean := range p.means[e*p.k : (e+1)*p.k] {
			v[j] -= by * mean
		}
	}
	if p.inner {
		for e, wq := range inLevel {
			p.qq[of[e]] -= wq * wq / p.mass[e]
			minus(of[e], e, wq)
		}
		return
	}
	for g, e := range p.around {
		minus(int32(g), int(e), p.q[g])
	}
}
