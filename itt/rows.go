package itt

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/internal/parallel"
	"github.com/fieldexp/fieldexp/iv"
)

// groupRows groups rows by the combinations of an effect's columns.
func groupRows(f *data.Frame, effect iv.Effect) (data.Grouping, error) {
	return f.Group(effect[0], effect[1:]...)
}

// mixture counts the groups within which a coded column is not constant.
type mixture struct {
	groups  int // that occur with a value of the column
	mixed   int // of which hold more than one value
	example int // group that is mixed
}

// mix looks at the values of codes within groups. Negative codes and groups are missing.
func mix(codes []int32, g data.Grouping) mixture {
	pieces := parallel.Pieces(len(codes), g.Len())
	parts := make([][]int32, pieces)
	// The context is never cancelled, so there is no error.
	_ = parallel.For(context.Background(), pieces, func(p int) {
		from, to := p*len(codes)/pieces, (p+1)*len(codes)/pieces
		parts[p] = within(codes[from:to], g.Codes[from:to], g.Len())
	})
	var m mixture
	for group := range g.Len() {
		value := int32(empty)
		for _, part := range parts {
			value = both(value, part[group])
		}
		if value != empty {
			m.groups++
		}
		if value == many {
			if m.mixed == 0 {
				m.example = group
			}
			m.mixed++
		}
	}
	return m
}

// What a group holds that does not hold one value.
const empty, many = -1, -2

// within is the value that rows have in each group, or empty or many.
func within(codes, groups []int32, n int) []int32 {
	values := make([]int32, n)
	for i := range values {
		values[i] = empty
	}
	mixed := 0
	for i, c := range codes {
		g := groups[i]
		if c < 0 || g < 0 || values[g] == c || values[g] == many {
			continue
		}
		if values[g] = both(values[g], c); values[g] == many {
			if mixed++; mixed == n {
				break
			}
		}
	}
	return values
}

// both is what a group holds that holds a and b.
func both(a, b int32) int32 {
	switch {
	case a == b || b == empty:
		return a
	case a == empty:
		return b
	}
	return many
}

// nestedIn finds the first clustering within whose groups assignment is constant, and refuses
// clusterings of which none is such. It is -1 where nothing is clustered.
func (a *assigned) nestedIn(f *data.Frame, clusters []string) (place int, err error) {
	var found []string
	for d, name := range clusters {
		g, err := groupRows(f, iv.Effects(name)[0])
		if err != nil {
			return -1, err
		}
		m := mix(a.codes, g)
		if m.mixed == 0 {
			return d, nil
		}
		found = append(found, fmt.Sprintf("%s of the %s clusters of %q (such as %s)", brief.Count(m.mixed), brief.Count(m.groups), name, g.Labels[m.example]))
	}
	if len(clusters) == 0 {
		return -1, nil
	}
	return -1, &fieldexp.Error{Op: "itt", Problem: fieldexp.MixedCluster, Columns: append([]string{a.column}, clusters...),
		Message: fmt.Sprintf("assignment %q varies within %s", a.column, strings.Join(found, " and ")),
		Remedy:  []fieldexp.Hint{"cluster by the unit that was assigned", "set {MixedClusters} if assignment was drawn within clusters on purpose"}}
}

// knownRows marks the rows in which no column is missing.
func knownRows(f *data.Frame, columns []string) ([]bool, error) {
	known := make([]bool, f.Len())
	for i := range known {
		known[i] = true
	}
	for _, name := range columns {
		kind, err := f.Kind(name)
		if err != nil {
			return nil, err
		}
		if kind == data.Float {
			values, err := f.Floats(name)
			if err != nil {
				return nil, err
			}
			for i, v := range values {
				known[i] = known[i] && !math.IsNaN(v)
			}
			continue
		}
		g, err := f.Group(name)
		if err != nil {
			return nil, err
		}
		for i, c := range g.Codes {
			known[i] = known[i] && c >= 0
		}
	}
	return known, nil
}

// Group groups rows by the values of a column, or by the combinations of the values of several.
func (d *Design) Group(effect iv.Effect) (data.Grouping, error) { return groupRows(d.Frame, effect) }
