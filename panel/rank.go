package panel

import (
	"context"
	"math"
	"slices"
	"sort"

	"github.com/fieldexp/fieldexp/internal/parallel"
)

// ranking finds values by their rank among many without sorting them all: values are counted by the leading bits
// of their order, and only those that share these with a value that is asked for are sorted.
type ranking struct {
	values []float64
	over   []bool // the values that are ranked, but for missing ones; nil for all
	first  []int  // rank of the first value with the same leading bits; last, the number of values
}

const leadingBits = 16

// leading are the first bits of numbers that are in the order of the values. Minus zero plus zero is zero.
func leading(v float64) int {
	bits := math.Float64bits(v + 0)
	if bits>>63 == 1 {
		bits = ^bits
	} else {
		bits |= 1 << 63
	}
	return int(bits >> (64 - leadingBits))
}

// each calls body, by piece of the values, for those that are ranked.
func (r *ranking) each(body func(piece int, v float64)) {
	pieces := r.pieces()
	// The context is never cancelled, so there is no error.
	_ = parallel.For(context.Background(), pieces, func(p int) {
		for i := p * len(r.values) / pieces; i < (p+1)*len(r.values)/pieces; i++ {
			if v := r.values[i]; v == v && (r.over == nil || r.over[i]) {
				body(p, v)
			}
		}
	})
}

// pieces are as many as are worth the counts that each of them needs.
func (r *ranking) pieces() int { return max(1, min(16, len(r.values)>>leadingBits)) }

// newRanking counts the values.
func newRanking(values []float64, over []bool) *ranking {
	r := &ranking{values: values, over: over, first: make([]int, 1<<leadingBits+1)}
	counts := make([][1 << leadingBits]int, r.pieces())
	r.each(func(piece int, v float64) { counts[piece][leading(v)]++ })
	for b := range 1 << leadingBits {
		r.first[b+1] = r.first[b]
		for piece := range counts {
			r.first[b+1] += counts[piece][b]
		}
	}
	return r
}

// count is the number of values that are ranked.
func (r *ranking) count() int { return r.first[len(r.first)-1] }

// at finds the values of some ranks, of which the smallest is zero.
func (r *ranking) at(ranks []int) []float64 {
	var wanted []int // leading bits
	for _, rank := range ranks {
		bits := sort.SearchInts(r.first, rank+1) - 1
		if !slices.Contains(wanted, bits) {
			wanted = append(wanted, bits)
		}
	}
	place := make([]int, 1<<leadingBits) // among the wanted, plus one
	for i, bits := range wanted {
		place[bits] = i + 1
	}
	found := make([][][]float64, r.pieces())
	for piece := range found {
		found[piece] = make([][]float64, len(wanted))
	}
	r.each(func(piece int, v float64) {
		if i := place[leading(v)]; i > 0 {
			found[piece][i-1] = append(found[piece][i-1], v)
		}
	})
	sorted := make([][]float64, len(wanted))
	_ = parallel.For(context.Background(), len(wanted), func(i int) {
		for _, part := range found {
			sorted[i] = append(sorted[i], part[i]...)
		}
		slices.Sort(sorted[i])
	})
	values := make([]float64, len(ranks))
	for k, rank := range ranks {
		bits := sort.SearchInts(r.first, rank+1) - 1
		values[k] = sorted[place[bits]-1][rank-r.first[bits]]
	}
	return values
}
