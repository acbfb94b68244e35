package bootstrap

import (
	"context"
	"slices"

	"gonum.org/v1/gonum/floats"

	"github.com/fieldexp/fieldexp/internal/parallel"
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

// permutePass is the passes over the rows of a pattern, in chunks of whole clusters: what belongs to a unit
// or a cluster, and to a level of an inner main effect, is of one chunk only.
type permutePass struct {
	*permuteSums
	chunks  []int     // first cluster of each, and the end
	w, post []float64 // by row; ones where there are none
	numeric int
	width   int       // numeric controls and targets
	values  []float64 // rows x width
	left    []float64 // levels of the main effect x width: means that are still in the values
	kept    []int     // place of each column among those kept, or -1
	scale   []float64 // of each numeric control: its sum of squares around its mean
	slopes  []float64 // columns that are kept x targets
	fits    []float64 // levels of the main effect x targets: means of what the columns fit
}

// newPermuteSums computes the sums of a pattern from its rows. The targets are the listed outcomes and,
// if sets are wanted, the data's regressor, by which sharp nulls other than zero shift outcomes.
func (m *permuteModel) newPermuteSums(ctx context.Context, rows []int32, outcomes []int) (*permuteSums, error) {
	l, err := m.lay(ctx, rows)
	if err != nil {
		return nil, err
	}
	p := m.newPass(l, len(outcomes))
	if err := p.read(ctx, m, outcomes); err != nil {
		return nil, err
	}
	if err := p.demean(ctx); err != nil {
		return nil, err
	}
	if err := p.project(ctx); err != nil {
		return nil, err
	}
	if err := p.sumUnits(ctx); err != nil {
		return nil, err
	}
	if m.spec.Statistic == Studentised {
		err = p.sumClusters(ctx)
	}
	return p.permuteSums, err
}

// newPass lays out what the passes over the rows read and write.
func (m *permuteModel) newPass(l *layout, outcomes int) *permutePass {
	n := len(l.rows)
	s := &permuteSums{layout: l, targets: outcomes}
	if !m.spec.NoSet {
		s.targets++
	}
	if m.post == nil {
		for _, u := range s.units {
			s.shift += m.drawn.value[u] / float64(len(s.units))
		}
	}
	p := &permutePass{permuteSums: s, w: make([]float64, n), post: make([]float64, n), numeric: len(m.controls)}
	p.width = p.numeric + p.targets
	p.values = make([]float64, n*p.width)
	for j := range p.columns() {
		p.kept = append(p.kept, j)
	}
	p.cut()
	return p
}

// cut cuts the clusters into chunks of some ten thousand rows, and into fewer where the sums that
// each chunk has of its own are large.
func (p *permutePass) cut() {
	const least, room = 1 << 14, 1 << 22
	k := p.columns()
	own := k*k + k*p.targets
	if !p.inner {
		own += p.main.count * (k + p.targets)
	}
	rows := max(least, len(p.rows)/max(1, room/max(1, own)))
	p.chunks = []int{0}
	for c := range p.clusters {
		if p.first[c+1]-p.first[p.chunks[len(p.chunks)-1]] >= rows || c == p.clusters-1 {
			p.chunks = append(p.chunks, c+1)
		}
	}
}

// each calls body for the rows from..to-1 of every chunk.
func (p *permutePass) each(ctx context.Context, body func(chunk, from, to int)) error {
	return parallel.For(ctx, len(p.chunks)-1, func(c int) {
		body(c, p.first[p.chunks[c]], p.first[p.chunks[c+1]])
	})
}

// byLevel adds up rows by level of the main effect, in sums that chunks have to themselves where a level
// reaches over several.
func (p *permutePass) byLevel(ctx context.Context, width int, add func(chunk, from, to int, sums []float64)) ([]float64, error) {
	sums := make([]float64, p.main.count*width)
	own := make([][]float64, len(p.chunks)-1)
	err := p.each(ctx, func(c, from, to int) {
		own[c] = sums
		if !p.inner {
			own[c] = make([]float64, len(sums))
		}
		add(c, from, to, own[c])
	})
	if err != nil || p.inner {
		return sums, err
	}
	for _, part := range own {
		floats.Add(sums, part)
	}
	return sums, nil
}

// read fetches the controls and targets, with their weights: in the order of the frame, in which there is
// most to be had at once.
func (p *permutePass) read(ctx context.Context, m *permuteModel, outcomes []int) error {
	columns := slices.Clone(m.controls)
	for _, o := range outcomes {
		columns = append(columns, m.outcomes[o])
	}
	return parallel.Blocks(ctx, len(p.rows), func(from, to int) {
		for i, r := range p.rows[from:to] {
			at := int(p.place[from+i])
			into := p.values[at*p.width : (at+1)*p.width]
			for j, x := range columns {
				into[j] = x[r]
			}
			p.w[at], p.post[at] = 1, 1
			if m.weights != nil {
				p.w[at] = m.weights[r]
			}
			if m.post != nil {
				p.post[at] = m.post[r]
			}
			if !m.spec.NoSet {
				into[len(columns)] = (m.drawn.value[m.drawn.unit[r]] - p.shift) * p.post[at]
			}
		}
	})
}

// demean takes the means in the levels of the main effect off controls and targets. What rounding leaves of
// large means is found, too, and taken off where the values are used next.
func (p *permutePass) demean(ctx context.Context) error {
	sums, err := p.byLevel(ctx, p.width+1, func(_, from, to int, sums []float64) {
		for i := from; i < to; i++ {
			w, into := p.w[i], sums[int(p.main.of[i])*(p.width+1):]
			for j, v := range p.values[i*p.width : (i+1)*p.width] {
				into[j] += w * v
			}
			into[p.width] += w
		}
	})
	if err != nil {
		return err
	}
	p.mass = make([]float64, p.main.count)
	means := make([]float64, p.main.count*p.width)
	for e := range p.mass {
		p.mass[e] = sums[(e+1)*(p.width+1)-1]
		floats.ScaleTo(means[e*p.width:(e+1)*p.width], 1/p.mass[e], sums[e*(p.width+1):(e+1)*(p.width+1)-1])
	}
	squares := make([][]float64, len(p.chunks)-1)
	p.left, err = p.byLevel(ctx, p.width, func(c, from, to int, sums []float64) {
		around := make([]float64, p.width)
		squares[c] = around
		for i := from; i < to; i++ {
			w, at := p.w[i], int(p.main.of[i])*p.width
			row, into := p.values[i*p.width:(i+1)*p.width], sums[at:at+p.width]
			for j, mean := range means[at : at+p.width] {
				v := row[j] - mean
				row[j] = v
				into[j] += w * v
				around[j] += w * v * v
			}
		}
	})
	if err != nil {
		return err
	}
	for e, mass := range p.mass {
		floats.Scale(1/mass, p.left[e*p.width:(e+1)*p.width])
	}
	p.measure(means, squares)
	return nil
}

// measure computes the scale of the numeric controls, by which rank is decided, from their means in the levels
// of the main effect and the squares around them: never quite zero, so that what rounding leaves of a constant is
// found negligible.
func (p *permutePass) measure(means []float64, squares [][]float64) {
	p.scale = make([]float64, p.numeric)
	total := floats.Sum(p.mass)
	for j := range p.scale {
		mean := 0.0
		for e, mass := range p.mass {
			mean += mass / total * means[e*p.width+j]
		}
		const rounding = 1e-20
		p.scale[j] = rounding * total * mean * mean
		for _, part := range squares {
			p.scale[j] += part[j]
		}
		for e, mass := range p.mass {
			off := means[e*p.width+j] - mean
			p.scale[j] += mass * off * off
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

// rowColumns lists the columns that are not zero in a row, before means are taken off.
type rowColumns struct {
	index []int
	value []float64
}

// load lists the columns of row i.
func (p *permutePass) load(i int, row *rowColumns) {
	row.index, row.value = row.index[:0], row.value[:0]
	offset := 0
	for _, e := range p.others {
		if column := p.kept[offset+int(e.of[i])]; column >= 0 {
			row.index, row.value = append(row.index, column), append(row.value, 1)
		}
		offset += e.count
	}
	for j, v := range p.values[i*p.width : i*p.width+p.numeric] {
		if column := p.kept[offset+j]; column >= 0 {
			row.index, row.value = append(row.index, column), append(row.value, v)
		}
	}
}

// targetsOf are the targets of row i.
func (p *permutePass) targetsOf(i int) []float64 {
	return p.values[i*p.width+p.numeric : (i+1)*p.width]
}
