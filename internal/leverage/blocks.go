package leverage

import (
	"context"
	"math"
	"slices"

	"github.com/fieldexp/fieldexp/internal/absorb"
	"github.com/fieldexp/fieldexp/internal/moments"
	"github.com/fieldexp/fieldexp/internal/parallel"
)

// Rows lists the rows of each group: group g has Order[Starts[g]:Starts[g+1]].
type Rows struct {
	Order  []int32
	Starts []int
}

// GroupRows sorts rows by group, and within a group as they lie.
func GroupRows(codes []int32, groups int) Rows {
	r := Rows{Order: make([]int32, len(codes)), Starts: make([]int, groups+1)}
	for _, g := range codes {
		r.Starts[g+1]++
	}
	for g := range groups {
		r.Starts[g+1] += r.Starts[g]
	}
	next := slices.Clone(r.Starts)
	for i, g := range codes {
		r.Order[next[g]] = int32(i)
		next[g]++
	}
	return r
}

// Len is the number of groups.
func (r Rows) Len() int { return len(r.Starts) - 1 }

func (r Rows) of(g int) []int32 { return r.Order[r.Starts[g]:r.Starts[g+1]] }

// Effects are the absorbed effects of a model as one clustering sees them. Rows carry weights, and
// the columns of the matrix were multiplied by their roots.
type Effects struct {
	Nested  []absorb.Effect // each level within one cluster
	Kept    []absorb.Effect // the others, which become columns
	Weights []float64       // nil when there are none
}

func (e *Effects) weight(i int32) float64 {
	if e.Weights == nil {
		return 1
	}
	return e.Weights[i]
}

func (e *Effects) root(i int32) float64 { return math.Sqrt(e.weight(i)) }

// levels is the number of columns that the kept effects become.
func (e *Effects) levels() (n int) {
	for _, k := range e.Kept {
		n += k.Levels
	}
	return n
}

// Blocks holds the cross-products of every cluster: of the leading columns of the working matrix,
// which are orthogonal to all effects, and of the columns of the kept effects net of the nested
// ones, on the cluster's own support.
type Blocks struct {
	Grams  *moments.Grams
	groups []group
	levels int
	// inverse is the generalised inverse of the kept columns' cross-products, levels x levels.
	inverse []float64
	rows    Rows
	effects Effects
	sums    []float64 // of the leading columns by cluster; nil when plain
	unequal []unequal // nil unless reweighed
}

// group is the part of a cluster's cross-products that involves kept columns.
type group struct {
	support []int32   // the kept columns that the cluster touches and that no others span
	cross   []float64 // leading columns x support
	own     []float64 // support x support
}

// Len is the number of clusters.
func (b *Blocks) Len() int { return b.Grams.Len() }

// Plain is the blocks of a model without kept effects.
func Plain(grams *moments.Grams) *Blocks {
	return &Blocks{Grams: grams, groups: make([]group, grams.Len())}
}

// Build computes the blocks. The leading columns of m are those of grams. The error is
// *absorb.TooManyLevels where the kept effects have more levels than their equations can be
// solved for, or that of ctx.
func Build(ctx context.Context, m moments.Matrix, rows Rows, grams *moments.Grams, effects Effects) (*Blocks, error) {
	b := &Blocks{Grams: grams, groups: make([]group, rows.Len()), levels: effects.levels(), rows: rows, effects: effects}
	if b.levels > absorb.DirectLimit {
		return nil, &absorb.TooManyLevels{Levels: b.levels}
	}
	b.addSums(m)
	if b.levels == 0 {
		return b, ctx.Err()
	}
	err := b.each(ctx, func(g int, s *scratch) { b.groups[g] = s.group(m, grams.K, rows.of(g)) })
	if err != nil {
		return nil, err
	}
	total, scale := make([]float64, b.levels*b.levels), make([]float64, b.levels)
	for _, g := range b.groups {
		n := len(g.support)
		for i, l := range g.support {
			for j, k := range g.support {
				total[int(l)*b.levels+int(k)] += g.own[i*n+j]
			}
		}
	}
	for i := range m.N {
		for _, l := range b.columns(int32(i)) {
			scale[l] += effects.weight(int32(i))
		}
	}
	var spanned []bool
	b.inverse, spanned = absorb.Inverse(total, b.levels, scale)
	for g := range b.groups {
		b.groups[g].drop(spanned, grams.K)
	}
	return b, ctx.Err()
}

// columns lists the kept columns in which a row has its indicators.
func (b *Blocks) columns(row int32) []int {
	list := make([]int, len(b.effects.Kept))
	offset := 0
	for e, k := range b.effects.Kept {
		list[e] = offset + int(k.Codes[row])
		offset += k.Levels
	}
	return list
}

// Levels is the number of columns that the kept effects became, with those that others span.
func (b *Blocks) Levels() int { return b.levels }

// Reweighed reports whether the blocks were made for errors whose variances are not inverse to the
// weights, so that Scores are not those of the kept columns.
func (b *Blocks) Reweighed() bool { return b.unequal != nil }

// Kept is cluster g's part of the cross-products that involve kept columns: the columns that it touches
// and that no others span, their products with the leading columns (leading x support) and with
// each other (support x support).
func (b *Blocks) Kept(g int) (support []int32, cross, own []float64) {
	group := &b.groups[g]
	return group.support, group.cross, group.own
}

// each calls body once for every cluster, with scratch memory that bodies may share.
func (b *Blocks) each(ctx context.Context, body func(g int, s *scratch)) error {
	const perChunk = 64
	return parallel.For(ctx, (b.Len()+perChunk-1)/perChunk, func(c int) {
		s := newScratch(b)
		for g := c * perChunk; g < min((c+1)*perChunk, b.Len()); g++ {
			body(g, s)
		}
	})
}

// drop leaves out the columns that others span.
func (g *group) drop(spanned []bool, k int) {
	var keep []int
	for i, l := range g.support {
		if !spanned[l] {
			keep = append(keep, i)
		}
	}
	n := len(g.support)
	if len(keep) == n {
		return
	}
	left := group{support: make([]int32, len(keep)), cross: make([]float64, k*len(keep)), own: make([]float64, len(keep)*len(keep))}
	for i, from := range keep {
		left.support[i] = g.support[from]
		for j, other := range keep {
			left.own[i*len(keep)+j] = g.own[from*n+other]
		}
		for c := range k {
			left.cross[c*len(keep)+i] = g.cross[c*n+from]
		}
	}
	*g = left
}
