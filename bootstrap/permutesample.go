package bootstrap

import (
	"context"
	"math"
	"slices"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/parallel"
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
		g, err := f.Group(effect[0], effect[1:]...)
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
func (m *permuteModel) patterns(ctx context.Context) (rows [][]int32, outcomes [][]int, err error) {
	usable, err := m.usableRows(ctx)
	if err != nil {
		return nil, nil, err
	}
	// Of each outcome with missing values, a bit for every usable row.
	masks := make([][]byte, len(m.outcomes))
	err = parallel.For(ctx, len(masks), func(o int) {
		for i, r := range usable {
			if math.IsNaN(m.outcomes[o][r]) {
				if masks[o] == nil {
					masks[o] = make([]byte, (len(usable)+7)/8)
				}
				masks[o][i/8] |= 1 << (i % 8)
			}
		}
	})
	place := make(map[string]int)
	for o, mask := range masks {
		at, seen := place[string(mask)]
		if !seen {
			at = len(rows)
			place[string(mask)] = at
			known := usable
			if mask != nil {
				known = nil
				for i, r := range usable {
					if mask[i/8]>>(i%8)&1 == 0 {
						known = append(known, r)
					}
				}
			}
			rows, outcomes = append(rows, known), append(outcomes, nil)
		}
		outcomes[at] = append(outcomes[at], o)
	}
	return rows, outcomes, err
}

// usableRows lists the rows in which nothing but perhaps an outcome is missing.
func (m *permuteModel) usableRows(ctx context.Context) ([]int32, error) {
	groups := m.effects
	if m.clusters != nil {
		groups = append(slices.Clone(groups), *m.clusters)
	}
	floats := m.controls
	if m.post != nil {
		floats = append(slices.Clone(floats), m.post)
	}
	n := len(m.drawn.unit)
	parts := make([][]int32, (n+parallel.BlockRows-1)/parallel.BlockRows)
	err := parallel.Blocks(ctx, n, func(from, to int) {
		var known []int32
		for i := from; i < to; i++ {
			ok := m.drawn.unit[i] >= 0 && (m.weights == nil || m.weights[i] > 0)
			for _, g := range groups {
				ok = ok && g.Codes[i] >= 0
			}
			for _, x := range floats {
				ok = ok && !math.IsNaN(x[i])
			}
			if ok {
				known = append(known, int32(i))
			}
		}
		parts[from/parallel.BlockRows] = known
	})
	return slices.Concat(parts...), err
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
