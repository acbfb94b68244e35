// Package moments computes what linear models need from rows: cross-products, by cluster and in
// total, and the scores and residual sums of fitted models. Rows lie in the order of their
// clusters. Work is cut into chunks of whole clusters at fixed places, and chunks are merged in
// their order, so that results are the same to the last bit whatever the number of goroutines.
package moments

import (
	"context"

	"github.com/fieldexp/fieldexp/internal/parallel"
)

// Matrix is a dense matrix of N rows and P columns, row after row.
type Matrix struct {
	N, P int
	X    []float64
}

// Row is row i.
func (m Matrix) Row(i int) []float64 { return m.X[i*m.P : (i+1)*m.P] }

// Partition cuts rows into consecutive groups: group g has rows Starts[g] to Starts[g+1]-1.
type Partition struct {
	Starts []int
}

// Len is the number of groups.
func (p Partition) Len() int { return len(p.Starts) - 1 }

// Blocks is the partition of n rows into blocks of equal size, for rows that have no clusters.
func Blocks(n int) Partition {
	const size = 1024
	var starts []int
	for at := 0; at < n; at += size {
		starts = append(starts, at)
	}
	return Partition{Starts: append(starts, n)}
}

// chunks joins consecutive groups into chunks of at least chunkRows rows: chunk c has groups
// bounds[c] to bounds[c+1]-1.
func (p Partition) chunks() (bounds []int) {
	const chunkRows = 8192
	bounds = []int{0}
	for g := range p.Len() {
		if p.Starts[g+1]-p.Starts[bounds[len(bounds)-1]] >= chunkRows {
			bounds = append(bounds, g+1)
		}
	}
	if bounds[len(bounds)-1] != p.Len() {
		bounds = append(bounds, p.Len())
	}
	return bounds
}

// Grams holds the cross-products S_g = W_g'W_g of the first K columns for every group.
type Grams struct {
	K    int
	data []float64 // K(K+1)/2 numbers a group: the upper triangle, row after row
}

// Quadratic is a'S_g b.
func (s *Grams) Quadratic(g int, a, b []float64) float64 {
	packed := s.data[g*s.size():]
	sum, at := 0.0, 0
	for i := range s.K {
		sum += packed[at] * a[i] * b[i]
		at++
		for j := i + 1; j < s.K; j++ {
			sum += packed[at] * (a[i]*b[j] + a[j]*b[i])
			at++
		}
	}
	return sum
}

func (s *Grams) size() int { return s.K * (s.K + 1) / 2 }

// Products computes the cross-products of all columns of m in total (the upper triangle of a
// P x P matrix) and, when k is positive, of the first k columns by group.
func Products(ctx context.Context, m Matrix, part Partition, k int) (total []float64, grams *Grams, err error) {
	bounds := part.chunks()
	if k > 0 {
		grams = &Grams{K: k}
		grams.data = make([]float64, part.Len()*grams.size())
	}
	parts := make([][]float64, len(bounds)-1)
	err = parallel.For(ctx, len(parts), func(c int) {
		sum := make([]float64, m.P*m.P)
		parts[c] = sum
		if k == 0 {
			addProducts(sum, m, part.Starts[bounds[c]], part.Starts[bounds[c+1]])
			return
		}
		group := make([]float64, m.P*m.P)
		for g := bounds[c]; g < bounds[c+1]; g++ {
			clear(group)
			addProducts(group, m, part.Starts[g], part.Starts[g+1])
			for i, v := range group {
				sum[i] += v
			}
			packed := grams.data[g*grams.size():]
			at := 0
			for i := range k {
				at += copy(packed[at:], group[i*m.P+i:i*m.P+k])
			}
		}
	})
	total = make([]float64, m.P*m.P)
	for _, sum := range parts {
		for i, v := range sum {
			total[i] += v
		}
	}
	return total, grams, err
}

// addProducts adds the cross-products of rows from..to to the upper triangle of sum.
func addProducts(sum []float64, m Matrix, from, to int) {
	p := m.P
	i := from
	for ; i+4 <= to; i += 4 {
		r0, r1, r2, r3 := m.Row(i), m.Row(i+1), m.Row(i+2), m.Row(i+3)
		for a := range p {
			v0, v1, v2, v3 := r0[a], r1[a], r2[a], r3[a]
			into := sum[a*p+a : a*p+p]
			q0, q1, q2, q3 := r0[a:p], r1[a:p], r2[a:p], r3[a:p]
			for b := range into {
				into[b] += v0*q0[b] + v1*q1[b] + v2*q2[b] + v3*q3[b]
			}
		}
	}
	for ; i < to; i++ {
		r := m.Row(i)
		for a := range p {
			v, into, q := r[a], sum[a*p+a:a*p+p], r[a:p]
			for b := range into {
				into[b] += v * q[b]
			}
		}
	}
}
