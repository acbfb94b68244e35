package leverage

import (
	"slices"

	"github.com/fieldexp/fieldexp/internal/moments"
)

// spannedShare is the share of a nested level's weight that must be left for it not to be spanned
// by the nested levels before it.
const spannedShare = 1e-11

// scratch is the memory in which one cluster's part of the kept columns is added up.
type scratch struct {
	blocks *Blocks
	place  []int32 // place of each kept column, then of each secondary nested level, among those touched; -1 for none
	touch  []int32 // those touched
	main   int     // place of the finest nested effect; -1 for none
	within []float64
}

func newScratch(b *Blocks) *scratch {
	s := &scratch{blocks: b, main: -1}
	width := b.levels
	for e, n := range b.effects.Nested {
		width += n.Levels
		if s.main < 0 || n.Levels > b.effects.Nested[s.main].Levels {
			s.main = e
		}
	}
	s.place = make([]int32, width)
	for i := range s.place {
		s.place[i] = -1
	}
	return s
}

// columns lists the columns of a row, numbered as in place: kept ones and those of nested effects
// other than the finest.
func (s *scratch) columns(row int32) []int {
	list := s.blocks.columns(row)
	offset := s.blocks.levels
	for e, n := range s.blocks.effects.Nested {
		if e != s.main {
			list = append(list, offset+int(n.Codes[row]))
		}
		offset += n.Levels
	}
	return list
}

// group adds up the cluster with the given rows.
func (s *scratch) group(m moments.Matrix, k int, rows []int32) group {
	b := s.blocks
	for _, i := range rows {
		for _, c := range s.columns(i) {
			if s.place[c] < 0 {
				s.place[c] = 0
				s.touch = append(s.touch, int32(c))
			}
		}
	}
	slices.Sort(s.touch) // kept columns first
	kept := 0
	for at, c := range s.touch {
		s.place[c] = int32(at)
		if int(c) < b.levels {
			kept++
		}
	}
	n := len(s.touch)
	a, scale := make([]float64, n*n), make([]float64, n)
	g := group{support: make([]int32, kept), cross: make([]float64, k*kept), own: make([]float64, kept*kept)}
	copy(g.support, s.touch)
	for _, i := range rows {
		w := b.effects.weight(i)
		columns, row, root := s.columns(i), m.Row(int(i))[:k], b.effects.root(i)
		for _, c := range columns {
			at := int(s.place[c])
			scale[at] += w
			for _, d := range columns {
				a[at*n+int(s.place[d])] += w
			}
			if at < kept {
				for j, v := range row {
					g.cross[j*kept+at] += root * v
				}
			}
		}
	}
	if s.main >= 0 {
		s.partialFinest(a, n, rows)
	}
	for j := n - 1; j >= kept; j-- {
		eliminate(a, n, j, scale[j])
	}
	for i := range kept {
		copy(g.own[i*kept:(i+1)*kept], a[i*n:i*n+kept])
	}
	for _, c := range s.touch {
		s.place[c] = -1
	}
	s.touch = s.touch[:0]
	return g
}

// partialFinest takes the means within the levels of the finest nested effect out of the
// cross-products a.
func (s *scratch) partialFinest(a []float64, n int, rows []int32) {
	codes := s.blocks.effects.Nested[s.main].Codes
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, func(i, j int32) int { return int(codes[i]) - int(codes[j]) })
	s.within = append(s.within[:0], make([]float64, n)...)
	var met []int
	for from := 0; from < len(sorted); {
		mass, to := 0.0, from
		met = met[:0]
		for ; to < len(sorted) && codes[sorted[to]] == codes[sorted[from]]; to++ {
			w := s.blocks.effects.weight(sorted[to])
			mass += w
			for _, c := range s.columns(sorted[to]) {
				at := int(s.place[c])
				if s.within[at] == 0 {
					met = append(met, at)
				}
				s.within[at] += w
			}
		}
		for _, i := range met {
			share := s.within[i] / mass
			for _, j := range met {
				a[i*n+j] -= share * s.within[j]
			}
		}
		for _, i := range met {
			s.within[i] = 0
		}
		from = to
	}
}

// eliminate takes column j out of the other columns of the n x n cross-products a, unless the
// columns eliminated before span it.
func eliminate(a []float64, n, j int, scale float64) {
	pivot := a[j*n+j]
	if pivot <= spannedShare*scale {
		return
	}
	for i := range j {
		if f := a[i*n+j] / pivot; f != 0 {
			for l := range j {
				a[i*n+l] -= f * a[j*n+l]
			}
		}
	}
}

// Scores sums up the kept columns times residuals, cluster after cluster, each on its support; for
// blocks that were reweighed, all that the clusters' maps take.
func (b *Blocks) Scores(m moments.Matrix, p *moments.Problem) [][]float64 {
	sums := make([][]float64, b.Len())
	if b.unequal != nil {
		for g := range sums {
			sums[g] = b.localScores(g, m, p)
		}
		return sums
	}
	if b.levels == 0 {
		return sums
	}
	place := make([]int32, b.levels)
	for i := range place {
		place[i] = -1
	}
	for g := range sums {
		support := b.groups[g].support
		sums[g] = make([]float64, len(support))
		for at, l := range support {
			place[l] = int32(at)
		}
		for _, i := range b.rows.of(g) {
			u := b.effects.root(i) * p.Residual(m, int(i))
			for _, l := range b.columns(i) {
				if place[l] >= 0 {
					sums[g][place[l]] += u
				}
			}
		}
		for _, l := range support {
			place[l] = -1
		}
	}
	return sums
}
