package bootstrap

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/parallel"
)

// coding gives the groups that occur consecutive numbers.
type coding struct {
	of    []int32 // group of each row
	count int
}

func compacted(codes []int32, rows []int32) coding {
	var place []int32 // of each code, plus one
	c := coding{of: make([]int32, len(rows))}
	for i, r := range rows {
		code := int(codes[r])
		if code >= len(place) {
			place = append(place, make([]int32, code+1-len(place)+len(place)/2)...)
		}
		if place[code] == 0 {
			c.count++
			place[code] = int32(c.count)
		}
		c.of[i] = place[code] - 1
	}
	return c
}

// home is the group of another coding that each group of c lies in; nil where some lies in several.
func (c coding) home(other coding) []int32 {
	in := make([]int32, c.count)
	for g := range in {
		in[g] = -1
	}
	for i, g := range c.of {
		switch in[g] {
		case -1:
			in[g] = other.of[i]
		case other.of[i]:
		default:
			return nil
		}
	}
	return in
}

// within reports whether each group of c lies within one group of other.
func (c coding) within(other coding) bool { return c.home(other) != nil }

// layout is the rows of a pattern in the order of clusters and units, with the groups that they are in.
type layout struct {
	rows     []int32 // as the frame has them
	place    []int32 // of these rows in the order of the layout
	units    []int32 // place among all units of the frame, by unit of the pattern
	unit     coding
	clusters int
	start    []int // units of cluster c: start[c] to start[c+1]-1
	first    []int // rows of cluster c: first[c] to first[c+1]-1

	// The main effect is demeaned out; others are columns. An inner one lies within units, so that it
	// takes the same out of a unit's regressor whatever the others are assigned. Of an outer one
	// each level holds whole units.
	main   coding
	inner  bool
	others []coding
}

// maxColumns is the largest number of levels, of the effects that are neither within units nor around
// them, together with the controls: their cross-products are kept by cluster.
const maxColumns = 1000

// lay orders the rows of a pattern and chooses the main effect.
func (m *permuteModel) lay(ctx context.Context, rows []int32) (*layout, error) {
	unit := compacted(m.drawn.unit, rows)
	cluster := make([]int32, unit.count) // of each unit, which is one of its own
	order := make([]int32, unit.count)   // of the units
	for u := range order {
		cluster[u], order[u] = int32(u), int32(u)
	}
	if m.clusters != nil && m.spec.Statistic == Studentised && m.spec.Cluster != m.spec.Unit {
		if cluster = unit.home(compacted(m.clusters.Codes, rows)); cluster == nil {
			return nil, bad(fieldexp.NotAvailable,
				fmt.Sprintf("some %q lie in several clusters of %q", m.spec.Unit, m.spec.Cluster),
				"cluster by the units of assignment or by groups of them", "set {Statistic} to {Plain}")
		}
		slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(cluster[a], cluster[b]) })
	}
	l := &layout{rows: rows}
	l.order(unit, order, cluster)
	for i, r := range rows {
		l.units[l.unit.of[l.place[i]]] = m.drawn.unit[r]
	}
	return l, l.chooseMain(ctx, m)
}

// order gives each row its place, in the given order of the units.
func (l *layout) order(unit coding, order, cluster []int32) {
	next := make([]int32, unit.count) // place of the next row of each unit
	for _, u := range unit.of {
		next[u]++
	}
	l.units, l.unit.count = make([]int32, unit.count), unit.count
	for g, u := range order {
		if g == 0 || cluster[u] != cluster[order[g-1]] {
			l.start, l.first = append(l.start, g), append(l.first, len(l.unit.of))
		}
		size := next[u]
		next[u] = int32(len(l.unit.of))
		for range size {
			l.unit.of = append(l.unit.of, int32(g))
		}
	}
	l.clusters = len(l.start)
	l.start, l.first = append(l.start, unit.count), append(l.first, len(unit.of))
	l.place = make([]int32, len(unit.of))
	for i, u := range unit.of {
		l.place[i] = next[u]
		next[u]++
	}
}

// coding is that of codes of the frame's rows.
func (l *layout) coding(codes []int32) coding {
	c := compacted(codes, l.rows)
	of := make([]int32, len(c.of))
	for i, g := range c.of {
		of[l.place[i]] = g
	}
	c.of = of
	return c
}

// chooseMain takes the largest inner effect for the main one or, without any, the largest outer one,
// of which the constant always is one.
func (l *layout) chooseMain(ctx context.Context, m *permuteModel) error {
	l.main = coding{of: make([]int32, len(l.rows)), count: 1}
	list := make([]coding, len(m.effects))
	inner, outer := make([]bool, len(list)), make([]bool, len(list))
	err := parallel.For(ctx, len(list), func(e int) {
		list[e] = l.coding(m.effects[e].Codes)
		inner[e], outer[e] = list[e].within(l.unit), l.unit.within(list[e])
	})
	if err != nil {
		return err
	}
	best := -1
	for e := range list {
		if !inner[e] && (l.inner || !outer[e]) {
			continue
		}
		if inner[e] && !l.inner || list[e].count > l.main.count {
			l.main, l.inner, best = list[e], inner[e], e
		}
	}
	columns := len(m.controls)
	for e, other := range list {
		// What the main effect spans needs no columns.
		if e == best || l.main.within(other) {
			continue
		}
		l.others = append(l.others, other)
		columns += other.count
	}
	if columns > maxColumns {
		return bad(fieldexp.NotAvailable,
			fmt.Sprintf("%d columns of controls and of effects that are neither within the units of assignment nor around them", columns),
			fieldexp.Hint(fmt.Sprintf("use coarser effects: the limit is %d", maxColumns)))
	}
	return nil
}
