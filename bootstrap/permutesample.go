package bootstrap

import (
	"fmt"
	"math"
	"slices"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// permuteModel is a PermuteSpec whose names have been looked up in a frame.
type permuteModel struct {
	spec     *PermuteSpec
	drawn    *drawn
	outcomes [][]float64
	controls [][]float64 // those that are numbers
	effects  []data.Grouping
	clusters *data.Grouping // nil where each row is one, and where none are needed
	post     []float64      // nil when there is none
	weights  []float64      // nil when there are none
}

func newPermuteModel(f *data.Frame, spec *PermuteSpec, d *drawn) (*permuteModel, error) {
	m := &permuteModel{spec: spec, drawn: d}
	for _, name := range spec.Outcomes {
		y, err := f.Floats(name)
		if err != nil {
			return nil, err
		}
		m.outcomes = append(m.outcomes, y)
	}
	for _, name := range spec.Controls {
		kind, err := f.Kind(name)
		if err != nil {
			return nil, err
		}
		if kind == data.Categorical {
			g, err := f.Group(name)
			if err != nil {
				return nil, err
			}
			m.effects = append(m.effects, g)
			continue
		}
		x, err := f.Floats(name)
		if err != nil {
			return nil, err
		}
		m.controls = append(m.controls, x)
	}
	for _, effect := range spec.Absorb {
		g, err := crossed(f, effect)
		if err != nil {
			return nil, err
		}
		m.effects = append(m.effects, g)
	}
	for _, column := range []struct {
		name string
		into *[]float64
	}{{spec.Post, &m.post}, {spec.Weights, &m.weights}} {
		if column.name == "" {
			continue
		}
		var err error
		if *column.into, err = f.Floats(column.name); err != nil {
			return nil, err
		}
	}
	if spec.Cluster != "" {
		g, err := f.Group(spec.Cluster)
		if err != nil {
			return nil, err
		}
		m.clusters = &g
	}
	return m, nil
}

// patterns lists the sets of rows that outcomes with the same missing values share, with the places
// of these outcomes.
func (m *permuteModel) patterns() (rows [][]int32, outcomes [][]int) {
	usable := m.usableRows()
	place := make(map[string]int)
	for o, y := range m.outcomes {
		key := make([]byte, (len(usable)+7)/8)
		var known []int32
		for i, r := range usable {
			if math.IsNaN(y[r]) {
				key[i/8] |= 1 << (i % 8)
			} else {
				known = append(known, r)
			}
		}
		at, seen := place[string(key)]
		if !seen {
			at = len(rows)
			place[string(key)] = at
			rows, outcomes = append(rows, known), append(outcomes, nil)
		}
		outcomes[at] = append(outcomes[at], o)
	}
	return rows, outcomes
}

// usableRows lists the rows in which nothing but perhaps an outcome is missing.
func (m *permuteModel) usableRows() []int32 {
	groups := m.effects
	if m.clusters != nil {
		groups = append(slices.Clone(groups), *m.clusters)
	}
	floats := m.controls
	if m.post != nil {
		floats = append(slices.Clone(floats), m.post)
	}
	var rows []int32
	for i, u := range m.drawn.unit {
		ok := u >= 0 && (m.weights == nil || m.weights[i] > 0)
		for _, g := range groups {
			ok = ok && g.Codes[i] >= 0
		}
		for _, x := range floats {
			ok = ok && !math.IsNaN(x[i])
		}
		if ok {
			rows = append(rows, int32(i))
		}
	}
	return rows
}

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

// within reports whether each group of c lies within one group of other.
func (c coding) within(other coding) bool {
	in := make([]int32, c.count)
	for i, g := range c.of {
		switch in[g] {
		case 0:
			in[g] = other.of[i] + 1
		case other.of[i] + 1:
		default:
			return false
		}
	}
	return true
}

// layout is the rows of a pattern, ordered by cluster and unit, with the groups that they are in.
type layout struct {
	rows    []int32
	units   []int32 // place among all units of the frame, by unit of the pattern
	unit    coding
	cluster coding
	start   []int // units of cluster c: start[c] to start[c+1]-1

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
func (m *permuteModel) lay(rows []int32) (*layout, error) {
	unit := compacted(m.drawn.unit, rows)
	cluster := unit
	if m.clusters != nil && m.spec.Statistic == Studentised {
		cluster = compacted(m.clusters.Codes, rows)
		if !unit.within(cluster) {
			return nil, bad(NotAvailable, fmt.Sprintf("some %q lie in several clusters of %q", m.spec.Unit, m.spec.Cluster), "cluster by the units of assignment or by groups of them, or compare plain coefficients")
		}
	}
	order := make([]int32, len(rows))
	for i := range order {
		order[i] = int32(i)
	}
	order = sorted(sorted(order, unit), cluster)
	at := make([]int32, len(rows))
	for i, o := range order {
		at[i] = rows[o]
	}
	l := &layout{rows: at, unit: compacted(m.drawn.unit, at), start: []int{0}}
	l.units = make([]int32, l.unit.count)
	l.cluster = l.unit
	if m.clusters != nil && m.spec.Statistic == Studentised {
		l.cluster = compacted(m.clusters.Codes, at)
	}
	for i, r := range at {
		l.units[l.unit.of[i]] = m.drawn.unit[r]
		for int(l.cluster.of[i]) >= len(l.start) {
			l.start = append(l.start, int(l.unit.of[i]))
		}
	}
	l.start = append(l.start, l.unit.count)
	return l, l.chooseMain(m)
}

// sorted orders rows by group, and within groups as they were.
func sorted(rows []int32, by coding) []int32 {
	next := make([]int, by.count+1)
	for _, r := range rows {
		next[by.of[r]+1]++
	}
	for g := range by.count {
		next[g+1] += next[g]
	}
	out := make([]int32, len(rows))
	for _, r := range rows {
		out[next[by.of[r]]] = r
		next[by.of[r]]++
	}
	return out
}

// chooseMain takes the largest inner effect for the main one or, without any, the largest outer one,
// of which the constant always is one.
func (l *layout) chooseMain(m *permuteModel) error {
	l.main = coding{of: make([]int32, len(l.rows)), count: 1}
	best := -1
	list := make([]coding, len(m.effects))
	for e, g := range m.effects {
		list[e] = compacted(g.Codes, l.rows)
		inner := list[e].within(l.unit)
		if !inner && (l.inner || !l.unit.within(list[e])) {
			continue
		}
		if inner && !l.inner || list[e].count > l.main.count {
			l.main, l.inner, best = list[e], inner, e
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
		return bad(NotAvailable, fmt.Sprintf("%d columns of controls and of effects that are neither within the units of assignment nor around them", columns), fmt.Sprintf("use coarser effects: the limit is %d", maxColumns))
	}
	return nil
}

// term is the name of the regressor of interest.
func (s *PermuteSpec) term() string {
	if s.Post == "" {
		return s.Assignment
	}
	return s.Assignment + " x " + s.Post
}

// model is the linear model of the data, over a frame that holds its regressor of interest.
func (s *PermuteSpec) model(f *data.Frame) (*data.Frame, iv.Spec, error) {
	model := iv.Spec{Outcomes: s.Outcomes, Exogenous: slices.Concat([]string{s.term()}, s.Controls), Absorb: s.Absorb,
		Weights: s.Weights, WeightKind: s.WeightKind, Level: s.Level}
	if s.Cluster != "" {
		model.Cluster = []string{s.Cluster}
	}
	if s.Post == "" {
		return f, model, nil
	}
	assignment, err := f.Floats(s.Assignment)
	if err != nil {
		return nil, model, err
	}
	post, err := f.Floats(s.Post)
	if err != nil {
		return nil, model, err
	}
	treated := make([]float64, f.Len())
	for i, a := range assignment {
		treated[i] = a * post[i]
	}
	f = f.Clone()
	return f, model, f.SetFloats(s.term(), treated)
}
