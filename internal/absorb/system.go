package absorb

import (
	"context"
	"slices"

	"gonum.org/v1/gonum/floats"

	"github.com/fieldexp/fieldexp/internal/parallel"
)

// system holds the effects in the form in which their equations are built: main is the effect
// that is eliminated; the levels of the others are numbered on, one effect after the other.
type system struct {
	main   Effect
	at     int // place of main in the caller's list
	others []Effect
	place  []int // place of each of the others in the caller's list
	offset []int // first level of each of the others
	levels int   // levels of the others together
	w      []float64
	mass   []float64 // weight of each level of main

	// starts, level and weight list the other levels that occur in each level of main, in ascending
	// order, with their common weight: level g has places starts[g] to starts[g+1]-1.
	starts []int
	level  []int32
	weight []float64
}

func newSystem(effects []Effect, w []float64) *system {
	s := &system{w: w}
	for e := range effects {
		if effects[e].Levels > effects[s.at].Levels {
			s.at = e
		}
	}
	s.main = effects[s.at]
	s.mass = make([]float64, s.main.Levels)
	for e := range effects {
		if e == s.at {
			continue
		}
		s.others = append(s.others, effects[e])
		s.place = append(s.place, e)
		s.offset = append(s.offset, s.levels)
		s.levels += effects[e].Levels
	}
	if w == nil {
		for g, rows := range parallel.Count(s.main.Codes, s.main.Levels) {
			s.mass[g] = float64(rows)
		}
	} else {
		for i, g := range s.main.Codes {
			s.mass[g] += w[i]
		}
	}
	if len(s.others) > 0 {
		s.pair()
	}
	return s
}

func (s *system) weightOf(i int) float64 {
	if s.w == nil {
		return 1
	}
	return s.w[i]
}

// within lists the other levels that occur in level g of main, and their weights there.
func (s *system) within(g int) (levels []int32, weights []float64) {
	from, to := s.starts[g], s.starts[g+1]
	return s.level[from:to], s.weight[from:to]
}

// pair fills in the pairs of levels: from a table of all that could occur where that is smaller than
// the rows.
func (s *system) pair() {
	if s.main.Levels*s.levels <= len(s.main.Codes) {
		s.pairByTable()
		return
	}
	s.pairByRows()
}

// pairByTable adds up the rows in a table of main levels by other levels.
func (s *system) pairByTable() {
	size, rows := s.main.Levels*s.levels, len(s.main.Codes)
	pieces := parallel.Pieces(rows, size)
	parts := make([][]float64, pieces)
	// The context is never cancelled, so there is no error.
	_ = parallel.For(context.Background(), pieces, func(p int) {
		parts[p] = make([]float64, size)
		for e, other := range s.others {
			into := parts[p][s.offset[e]:]
			for i := p * rows / pieces; i < (p+1)*rows/pieces; i++ {
				into[int(s.main.Codes[i])*s.levels+int(other.Codes[i])] += s.weightOf(i)
			}
		}
	})
	table := parts[0]
	for _, part := range parts[1:] {
		floats.Add(table, part)
	}
	s.starts = make([]int, 1, s.main.Levels+1)
	for g := range s.main.Levels {
		for l, weight := range table[g*s.levels : (g+1)*s.levels] {
			if weight != 0 {
				s.level, s.weight = append(s.level, int32(l)), append(s.weight, weight)
			}
		}
		s.starts = append(s.starts, len(s.level))
	}
}

// pairByRows goes through the rows of each main level, in runs of levels at once.
func (s *system) pairByRows() {
	starts, row := s.rowsByMain()
	bounds := []int{0}
	for g := range s.main.Levels {
		const enough = 1 << 16
		if starts[g+1]-starts[bounds[len(bounds)-1]] >= enough || g+1 == s.main.Levels {
			bounds = append(bounds, g+1)
		}
	}
	type run struct {
		level  []int32
		weight []float64
		ends   []int
	}
	runs := make([]run, len(bounds)-1)
	// The context is never cancelled, so there is no error.
	_ = parallel.For(context.Background(), len(runs), func(k int) {
		r, sum := &runs[k], make([]float64, s.levels)
		most := min((starts[bounds[k+1]]-starts[bounds[k]])*len(s.others), (bounds[k+1]-bounds[k])*s.levels)
		r.level, r.weight = make([]int32, 0, most), make([]float64, 0, most)
		for g := bounds[k]; g < bounds[k+1]; g++ {
			first := len(r.level)
			for place := starts[g]; place < starts[g+1]; place++ {
				i := row(place)
				w := s.weightOf(i)
				for e, other := range s.others {
					l := s.offset[e] + int(other.Codes[i])
					if sum[l] == 0 {
						r.level = append(r.level, int32(l))
					}
					sum[l] += w
				}
			}
			slices.Sort(r.level[first:])
			for _, l := range r.level[first:] {
				r.weight = append(r.weight, sum[l])
				sum[l] = 0
			}
			r.ends = append(r.ends, len(r.level))
		}
	})
	if len(runs) == 1 {
		s.level, s.weight, s.starts = runs[0].level, runs[0].weight, append([]int{0}, runs[0].ends...)
		return
	}
	total := 0
	for _, r := range runs {
		total += len(r.level)
	}
	s.level, s.weight, s.starts = make([]int32, 0, total), make([]float64, 0, total), make([]int, 1, s.main.Levels+1)
	for _, r := range runs {
		for _, end := range r.ends {
			s.starts = append(s.starts, len(s.level)+end)
		}
		s.level, s.weight = append(s.level, r.level...), append(s.weight, r.weight...)
	}
}

// rowsByMain orders rows by the levels of the main effect: level g has those in the places starts[g]
// to starts[g+1]-1.
func (s *system) rowsByMain() (starts []int, row func(place int) int) {
	if s.main.Starts != nil {
		return s.main.Starts, func(place int) int { return place }
	}
	starts = make([]int, 1, s.main.Levels+1)
	for g, count := range parallel.Count(s.main.Codes, s.main.Levels) {
		starts = append(starts, starts[g]+count)
	}
	rows := make([]int32, len(s.main.Codes))
	next := append([]int(nil), starts...)
	for i, g := range s.main.Codes {
		rows[next[g]] = int32(i)
		next[g]++
	}
	return starts, func(place int) int { return int(rows[place]) }
}

// totals is the weight of each level of the other effects.
func (s *system) totals() []float64 {
	totals := make([]float64, s.levels)
	for i, l := range s.level {
		totals[l] += s.weight[i]
	}
	return totals
}
