package bootstrap

import (
	"fmt"
	"math"
	"slices"
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
func (p *permutePass) sumClusters() error {
	k, targets, clusters := p.k, p.targets, p.cluster.count
	cellOf := p.findCells()
	kept := (p.unit.count + len(p.level) + clusters*targets) * k
	if kept > maxNumbers {
		return p.tooLarge(kept)
	}
	p.weight, p.cellTarget, p.cellColumns = make([]float64, len(p.level)), make([]float64, len(p.level)*targets), make([]float64, len(p.level)*k)
	p.zy, p.products = make([]float64, clusters*targets*k), make([]clusterProducts, clusters)
	place := make([]int32, k) // of each column in a cluster's support, plus one
	var triangle []float64
	to := 0
	for c := range clusters {
		from := to
		for to < len(p.rows) && int(p.cluster.of[to]) == c {
			p.addRow(to, c, int(cellOf[to]))
			to++
		}
		support := p.support(from, to, place)
		triangle = p.triangle(from, to, place, len(support), triangle)
		products := &p.products[c]
		products.compress(triangle, support)
		if (to-from)*k < len(products.square)+len(products.product) {
			*products = clusterProducts{}
			for i := from; i < to; i++ {
				products.thin = append(products.thin, p.thinRow(i)...)
			}
		}
		if kept += len(products.thin) + 2*(len(products.square)+len(products.product)); kept > maxNumbers {
			return p.tooLarge(kept)
		}
		for _, j := range support {
			place[j] = 0
		}
	}
	if p.inner {
		p.innerCells()
	}
	return nil
}

// innerCells makes the cells those whose means have to be taken out of a cluster's products: the sum of w z
// z' less the weight of each level times its means' products.
func (p *permutePass) innerCells() {
	cells, level, weight := []int{0}, p.level[:0], p.weight[:0]
	p.cellColumns, p.cellTarget = p.cellColumns[:0], nil
	for c := range p.cluster.count {
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
func (p *permutePass) tooLarge(numbers int) error {
	return bad(NotAvailable, fmt.Sprintf("standard errors of draws with %d columns of controls and effects in %d clusters, whose cross-products take more than %d MB", p.k, p.cluster.count, numbers>>17),
		"use fewer controls or coarser effects, or compare plain coefficients")
}

// findCells numbers the levels of the main effect in each cluster, in the order of the rows.
func (p *permutePass) findCells() []int32 {
	cellOf := make([]int32, len(p.rows))
	last := make([]int32, p.main.count) // cell of each level, plus one, in the current cluster
	p.cells = []int{}
	for i, c := range p.cluster.of {
		for int(c) >= len(p.cells) {
			p.cells = append(p.cells, len(p.level))
		}
		e := p.main.of[i]
		if int(last[e]) <= p.cells[c] {
			p.level = append(p.level, e)
			last[e] = int32(len(p.level))
		}
		cellOf[i] = last[e] - 1
	}
	p.cells = append(p.cells, len(p.level))
	return cellOf
}

// addRow adds row i to its cell and to its cluster's products of columns and targets. Targets sum to
// zero in the levels of an inner main effect, so that it does not matter there that means are left in
// the columns.
func (p *permutePass) addRow(i, c, cell int) {
	k, targets, w := p.k, p.targets, p.w[i]
	p.weight[cell] += w
	row := p.t[i*targets : (i+1)*targets]
	for t, y := range row {
		p.cellTarget[cell*targets+t] += w * y
	}
	p.load(i)
	for a, j := range p.row.index {
		v := w * p.row.value[a]
		if !p.inner {
			p.cellColumns[cell*k+j] += v
		}
		for t, y := range row {
			p.zy[(c*targets+t)*k+j] += v * y
		}
	}
}

// support lists the columns that are not zero in some of the rows, and their places.
func (p *permutePass) support(from, to int, place []int32) []int32 {
	for i := from; i < to; i++ {
		p.load(i)
		for _, j := range p.row.index {
			place[j] = 1
		}
	}
	var list []int32
	for j, used := range place {
		if used != 0 {
			list = append(list, int32(j))
			place[j] = int32(len(list))
		}
	}
	return list
}

// thinRow is row i of the columns times the root of its weight, less the means of an inner main effect.
func (p *permutePass) thinRow(i int) []float64 {
	row := make([]float64, p.k)
	if e := int(p.main.of[i]); p.inner {
		for j, mean := range p.means[e*p.k : (e+1)*p.k] {
			row[j] = -mean
		}
	}
	p.load(i)
	for a, j := range p.row.index {
		row[j] += p.row.value[a]
	}
	scale(row, math.Sqrt(p.w[i]))
	return row
}

// triangle adds up the products of the rows, whose columns are in increasing order: the upper triangle on the
// support, row after row. It uses the memory of the last one.
func (p *permutePass) triangle(from, to int, place []int32, n int, sum []float64) []float64 {
	sum = append(sum[:0], make([]float64, n*(n+1)/2)...)
	for i := from; i < to; i++ {
		p.load(i)
		for a, j := range p.row.index {
			v := p.w[i] * p.row.value[a]
			at := int(place[j] - 1)
			into := sum[at*n-at*(at-1)/2-at:]
			for b, l := range p.row.index[a:] {
				into[place[l]-1] += v * p.row.value[a+b]
			}
		}
	}
	return sum
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
