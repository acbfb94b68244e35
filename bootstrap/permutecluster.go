package bootstrap

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync/atomic"

	"gonum.org/v1/gonum/floats"

	"github.com/fieldexp/fieldexp"
)

// maxNumbers is the most that may be kept for the draws: one gigabyte.
const maxNumbers = 1 << 27

// clusterProducts is the sum of w z z' over the rows of a cluster: the products of columns that are not zero,
// which are few where effects are. Those with itself are of a column; those with columns before it, doubled,
// follow each other. Means of an inner main effect are left in the columns. Where that would be more than
// the rows of the data themselves, it is these, times the root of their weight, on all columns.
type clusterProducts struct {
	column  []int32
	square  []float64
	to      []int32 // where the products with columns before it end
	with    []int32
	product []float64
	thin    []float64
}

// sumClusters computes the sums by cell and by cluster.
func (p *permutePass) sumClusters(ctx context.Context) error {
	clusters := p.clusters
	kept := &atomic.Int64{}
	kept.Add(int64((p.unit.count + clusters*p.targets) * p.k))
	p.zy, p.products = make([]float64, clusters*p.targets*p.k), make([]clusterProducts, clusters)
	p.cells = make([]int, clusters+1)
	parts := make([]*clusterPass, len(p.chunks)-1)
	err := p.each(ctx, func(c, _, _ int) {
		parts[c] = &clusterPass{permutePass: p, last: make([]int32, p.main.count), place: make([]int32, p.k)}
		for cluster := p.chunks[c]; cluster < p.chunks[c+1] && kept.Load() <= maxNumbers; cluster++ {
			kept.Add(int64(parts[c].add(cluster)))
		}
	})
	if err != nil {
		return err
	}
	if kept.Load() > maxNumbers {
		return p.tooLarge()
	}
	for _, part := range parts {
		p.level, p.weight = append(p.level, part.level...), append(p.weight, part.weight...)
		p.cellTarget, p.cellColumns = append(p.cellTarget, part.cellTarget...), append(p.cellColumns, part.cellColumns...)
	}
	for c := range clusters { // which say how many cells each has
		p.cells[c+1] += p.cells[c]
	}
	if p.inner {
		p.innerCells()
	}
	return nil
}

// clusterPass is one chunk's part of the sums by cell, and the memory in which products are added up.
type clusterPass struct {
	*permutePass
	level              []int32
	weight, cellTarget []float64
	cellColumns        []float64

	last     []int32 // cell of each level in the current cluster, plus one
	row      rowColumns
	place    []int32 // of each column in the current cluster's support, plus one
	triangle []float64
}

// add adds up the rows of a cluster, and returns how many numbers it keeps of them.
func (p *clusterPass) add(c int) (kept int) {
	from, to := p.first[c], p.first[c+1]
	before := len(p.level)
	for i := from; i < to; i++ {
		p.addRow(i, c, before)
	}
	p.cells[c+1] = len(p.level) - before
	support := p.support(from, to)
	p.addProducts(from, to, len(support))
	products := &p.products[c]
	products.compress(p.triangle, support)
	if (to-from)*p.k < len(products.square)+len(products.product) {
		*products = clusterProducts{}
		for i := from; i < to; i++ {
			products.thin = append(products.thin, p.thinRow(i)...)
		}
	}
	for _, j := range support {
		p.place[j] = 0
	}
	return p.cells[c+1]*p.k + len(products.thin) + 2*(len(products.square)+len(products.product))
}

// innerCells makes the cells those whose means have to be taken out of a cluster's products: the sum of w z
// z' less the weight of each level times its means' products.
func (p *permutePass) innerCells() {
	cells, level, weight := []int{0}, p.level[:0], p.weight[:0]
	p.cellColumns, p.cellTarget = p.cellColumns[:0], nil
	for c := range p.clusters {
		if p.products[c].thin == nil {
			for cell := p.cells[c]; cell < p.cells[c+1]; cell++ {
				e := int(p.level[cell])
				p.cellColumns = append(p.cellColumns, p.means[e*p.k:(e+1)*p.k]...)
				level, weight = append(level, p.level[cell]), append(weight, p.weight[cell])
			}
		}
		cells = append(cells, len(level))
	}
	p.cells, p.level, p.weight = cells, level, weight
}

// tooLarge refuses models whose sums would not fit into memory.
func (p *permutePass) tooLarge() error {
	return bad(fieldexp.NotAvailable, fmt.Sprintf("standard errors of draws with %d columns of controls and effects in %d clusters, whose cross-products take more than %d MB", p.k, p.clusters, maxNumbers>>17),
		"use fewer controls or coarser effects", "set {Statistic} to {Plain}")
}

// addRow adds row i to its cell, which is one of those from the given one on, and to its cluster's products of
// columns and targets. Targets sum to zero in the levels of an inner main effect, so that it does not matter there
// that means are left in the columns.
func (p *clusterPass) addRow(i, c, first int) {
	k, w, e := p.k, p.w[i], p.main.of[i]
	if int(p.last[e]) <= first {
		p.level, p.weight = append(p.level, e), append(p.weight, 0)
		p.cellTarget, p.cellColumns = append(p.cellTarget, make([]float64, p.targets)...), append(p.cellColumns, make([]float64, k)...)
		p.last[e] = int32(len(p.level))
	}
	cell := int(p.last[e]) - 1
	p.weight[cell] += w
	targets := p.targetsOf(i)
	floats.AddScaled(p.cellTarget[cell*p.targets:(cell+1)*p.targets], w, targets)
	p.load(i, &p.row)
	for a, j := range p.row.index {
		v := w * p.row.value[a]
		if !p.inner {
			p.cellColumns[cell*k+j] += v
		}
		for t, y := range targets {
			p.zy[(c*p.targets+t)*k+j] += v * y
		}
	}
}

// support lists the columns that are not zero in some of the rows, and their places.
func (p *clusterPass) support(from, to int) []int32 {
	for i := from; i < to; i++ {
		p.load(i, &p.row)
		for _, j := range p.row.index {
			p.place[j] = 1
		}
	}
	var list []int32
	for j, used := range p.place {
		if used != 0 {
			list = append(list, int32(j))
			p.place[j] = int32(len(list))
		}
	}
	return list
}

// thinRow is row i of the columns times the root of its weight, less the means of an inner main effect.
func (p *clusterPass) thinRow(i int) []float64 {
	row := make([]float64, p.k)
	if e := int(p.main.of[i]); p.inner {
		floats.Sub(row, p.means[e*p.k:(e+1)*p.k])
	}
	p.load(i, &p.row)
	for a, j := range p.row.index {
		row[j] += p.row.value[a]
	}
	scale(row, math.Sqrt(p.w[i]))
	return row
}

// addProducts adds up the products of the rows, whose columns are in increasing order: the upper triangle on a
// support of n columns, row after row.
func (p *clusterPass) addProducts(from, to, n int) {
	p.triangle = append(p.triangle[:0], make([]float64, n*(n+1)/2)...)
	for i := from; i < to; i++ {
		p.load(i, &p.row)
		for a, j := range p.row.index {
			v := p.w[i] * p.row.value[a]
			at := int(p.place[j] - 1)
			into := p.triangle[at*n-at*(at-1)/2-at:]
			for b, l := range p.row.index[a:] {
				into[p.place[l]-1] += v * p.row.value[a+b]
			}
		}
	}
}

// compress keeps the products that are not zero.
func (c *clusterProducts) compress(triangle []float64, support []int32) {
	n := len(support)
	for i, j := range support {
		for before, l := range support[:i] {
			if v := triangle[before*n-before*(before-1)/2+i-before]; v != 0 {
				c.with, c.product = append(c.with, l), append(c.product, 2*v)
			}
		}
		c.column, c.square = append(c.column, j), append(c.square, triangle[i*n-i*(i-1)/2])
		c.to = append(c.to, int32(len(c.with)))
	}
	c.with, c.product = slices.Clip(c.with), slices.Clip(c.product)
}
