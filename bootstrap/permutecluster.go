package bootstrap

import (
	"fmt"
	"math"
)

// maxNumbers is the most that may be kept by cluster: one gigabyte.
const maxNumbers = 1 << 27

// rowsOf counts the rows of each cluster.
func (l *layout) rowsOf() []int {
	rows := make([]int, l.cluster.count)
	for _, c := range l.cluster.of {
		rows[c]++
	}
	return rows
}

// isThin says whether a cluster of so many rows keeps these rather than their cross-products.
func (s *permuteSums) isThin(rows int) bool { return 2*rows <= s.k+1 }

// checkSize refuses models whose sums by cluster would not fit into memory.
func (p *permutePass) checkSize() error {
	numbers := (p.unit.count + p.cluster.count*(1+p.targets)) * p.k
	for _, rows := range p.rowsOf() {
		if p.isThin(rows) {
			numbers += rows * p.k
		} else {
			numbers += p.k * (p.k + 1) / 2
		}
	}
	if numbers > maxNumbers {
		return bad(NotAvailable, fmt.Sprintf("standard errors of draws with %d columns of controls and effects in %d clusters: their cross-products would take %d MB", p.k, p.cluster.count, numbers>>17), "use fewer controls or coarser effects, or compare plain coefficients")
	}
	return nil
}

// sumClusters computes the sums by cell and by cluster. Within an inner main effect the columns sum to
// zero, so that its cells only matter for the cross-products.
func (p *permutePass) sumClusters() {
	cellOf := p.findCells()
	k, targets := p.k, p.targets
	p.weight, p.cellTarget, p.cellColumns = make([]float64, len(p.level)), make([]float64, len(p.level)*targets), make([]float64, len(p.level)*k)
	p.zy = make([]float64, p.cluster.count*targets*k)
	p.thick, p.thin = make([][]float64, p.cluster.count), make([][]float64, p.cluster.count)
	rows := p.rowsOf()
	for i, c := range p.cluster.of {
		cell, w := int(cellOf[i]), p.w[i]
		p.weight[cell] += w
		row := p.t[i*targets : (i+1)*targets]
		for t, y := range row {
			p.cellTarget[cell*targets+t] += w * y
		}
		p.load(i)
		for a, j := range p.row.index {
			v := w * p.row.value[a]
			p.cellColumns[cell*k+j] += v
			for t, y := range row {
				p.zy[(int(c)*targets+t)*k+j] += v * y
			}
		}
		if p.isThin(rows[c]) {
			p.thin[c] = append(p.thin[c], p.thinRow(i)...)
			continue
		}
		if p.thick[c] == nil {
			p.thick[c] = make([]float64, k*(k+1)/2)
		}
		p.addProducts(p.thick[c], w)
	}
	for c := range p.cluster.count {
		for cell := p.cells[c]; cell < p.cells[c+1]; cell++ {
			p.centreCell(c, cell)
		}
		at := 0
		for a := range k {
			at++
			for range k - a - 1 {
				if p.thick[c] != nil {
					p.thick[c][at] *= 2
				}
				at++
			}
		}
	}
	if p.inner {
		p.cells, p.level = make([]int, p.cluster.count+1), nil
	}
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

// thinRow is row i of the columns, less the means of its level, times the root of its weight.
func (p *permutePass) thinRow(i int) []float64 {
	e := int(p.main.of[i])
	row := make([]float64, p.k)
	for j, mean := range p.means[e*p.k : (e+1)*p.k] {
		row[j] = -mean
	}
	for a, j := range p.row.index {
		row[j] += p.row.value[a]
	}
	scale(row, math.Sqrt(p.w[i]))
	return row
}

// addProducts adds the products of the row that is loaded to an upper triangle. The columns of a row are
// in increasing order.
func (p *permutePass) addProducts(triangle []float64, w float64) {
	for a, j := range p.row.index {
		v := w * p.row.value[a]
		from := triangle[j*p.k-j*(j-1)/2-j:]
		for b, l := range p.row.index[a:] {
			from[l] += v * p.row.value[a+b]
		}
	}
}

// centreCell takes the means of the main effect out of the sums of a cell and its cluster: the sum of
// w (z-m)(z-m)' is that of w z z', less Z m' and m Z', plus the weight times m m', where Z is the sum
// of w z.
func (p *permutePass) centreCell(c, cell int) {
	k, weight := p.k, p.weight[cell]
	mean := p.means[int(p.level[cell])*k : int(p.level[cell]+1)*k]
	sum := p.cellColumns[cell*k : (cell+1)*k]
	if triangle := p.thick[c]; triangle != nil {
		at := 0
		for i, m := range mean {
			for j := i; j < k; j++ {
				triangle[at] += weight*m*mean[j] - sum[i]*mean[j] - m*sum[j]
				at++
			}
		}
	}
	for t := range p.targets {
		zy := p.zy[(c*p.targets+t)*k : (c*p.targets+t+1)*k]
		for j, m := range mean {
			zy[j] -= p.cellTarget[cell*p.targets+t] * m
		}
	}
	for j, m := range mean {
		sum[j] -= weight * m
	}
}
