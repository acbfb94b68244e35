package panel

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/fieldexp/fieldexp"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/parallel"
)

// GroupSpec says how to cut units into quantile groups of a value (quintiles of a baseline).
// Value is required.
type GroupSpec struct {
	Value string // column, fixed within the unit
	// Unit makes units count once each, however many rows they have. Empty means that every row
	// is a unit.
	Unit string
	// N is the number of groups; 0 means 5.
	N int
	// Name of the new column; empty means "group".
	Name string
	// Over tells by row the units over which the cut points are computed (the controls alone,
	// say); nil means all. Every unit is assigned, whether it is among them or not: those below
	// the smallest value to the first group, those above the largest to the last.
	Over func(row int) bool
}

// MostGroups is how many quantile groups there are at most.
const MostGroups = 1000

// Grouped is what the groups came to.
type Grouped struct {
	Labels []string  // Q1, Q2, ..., the levels of the new column
	Cuts   []float64 // N+1 cut points, from the smallest value to the largest
	Units  []int     // by group
	Rows   []int     // by group
	// Over counts, by group, the units that the cut points were computed over.
	Over []int
	// Without counts the units whose value is missing; they are in no group.
	Without     int
	WithoutRows int
}

// Groups adds to f a column of quantile groups, Q1 with the lowest values. Cut points are R's
// type 7 quantiles over the units; groups are closed on the right, the first on the left too
// (R's cut with include.lowest). Cut points that coincide are an error, never fewer groups.
func Groups(f *data.Frame, spec GroupSpec) (*Grouped, error) {
	if spec.N == 0 {
		spec.N = 5
	}
	if spec.Name == "" {
		spec.Name = "group"
	}
	if spec.N > MostGroups {
		return nil, refuse(fieldexp.BadSpec, fmt.Sprintf("%d groups of %q", spec.N, spec.Value), fieldexp.Hint(fmt.Sprintf("ask for at most %d", MostGroups)))
	}
	if spec.N < 2 {
		return nil, refuse(fieldexp.BadSpec, fmt.Sprintf("%d groups of %q", spec.N, spec.Value), "ask for two or more")
	}
	if f.Has(spec.Name) {
		return nil, taken(spec.Name, "name the column of groups otherwise")
	}
	units, err := unitValues(f, spec)
	if err != nil {
		return nil, err
	}
	cuts, err := units.cuts(spec)
	if err != nil {
		return nil, err
	}
	g := &Grouped{Cuts: cuts, Units: make([]int, spec.N), Rows: make([]int, spec.N), Over: make([]int, spec.N)}
	for k := range spec.N {
		g.Labels = append(g.Labels, "Q"+strconv.Itoa(k+1))
	}
	groups := make([]int32, len(units.values))
	// The context is never cancelled, so there is no error.
	_ = parallel.Blocks(context.Background(), len(groups), func(from, to int) {
		for u, v := range units.values[from:to] {
			groups[from+u] = groupOf(v, cuts)
		}
	})
	g.Without = len(groups) - countGroups(groups, g.Units)
	if units.over == nil {
		copy(g.Over, g.Units)
	}
	for u, over := range units.over {
		if k := groups[u]; over && k >= 0 {
			g.Over[k]++
		}
	}
	if k := slices.Index(g.Over, 0); k >= 0 {
		return nil, columnError(spec.Value, 0, fmt.Sprintf("%d values leave group %s of %d empty", sumOf(g.Over), g.Labels[k], spec.N),
			units.remedy(spec.N)...)
	}
	codes := groups
	if units.of != nil {
		codes = make([]int32, f.Len())
		_ = parallel.Blocks(context.Background(), len(codes), func(from, to int) {
			for i, u := range units.of[from:to] {
				codes[from+i] = -1
				if u >= 0 {
					codes[from+i] = groups[u]
				}
			}
		})
	}
	g.WithoutRows = len(codes) - countGroups(codes, g.Rows)
	return g, f.SetCodes(spec.Name, codes, g.Labels)
}

// countGroups counts how often groups occur, and all that are in one.
func countGroups(groups []int32, counts []int) (total int) {
	copy(counts, parallel.Count(groups, len(counts)))
	return sumOf(counts)
}

// groupOf is the group whose upper cut point is the first that is not below v; -1 for NaN.
func groupOf(v float64, cuts []float64) int32 {
	if v != v {
		return -1
	}
	last := len(cuts) - 2
	k, _ := slices.BinarySearch(cuts[1:last+1], v)
	return int32(k)
}

// valuesByUnit is a column that is fixed within units, one value each.
type valuesByUnit struct {
	of     []int32 // the unit of each row, negative for none; nil where rows are units
	values []float64
	over   []bool // whether the unit counts for the cut points; nil where all do
}

// unitValues reads each unit's value and whether it counts for the cut points, and refuses units
// whose rows disagree.
func unitValues(f *data.Frame, spec GroupSpec) (*valuesByUnit, error) {
	values, err := f.Floats(spec.Value)
	if err != nil {
		return nil, err
	}
	finite, err := f.Finite(spec.Value)
	if err != nil {
		return nil, err
	}
	infinite := func(row int) error {
		if finite || !math.IsInf(values[row], 0) {
			return nil
		}
		return columnError(spec.Value, int64(row)+1, "the value is infinite", "make it missing", "mend what computed it")
	}
	if spec.Unit == "" {
		for i := 0; i < len(values) && !finite; i++ {
			if err := infinite(i); err != nil {
				return nil, err
			}
		}
		return &valuesByUnit{values: values, over: rowsOver(f.Len(), spec.Over)}, nil
	}
	units, err := f.Group(spec.Unit)
	if err != nil {
		return nil, err
	}
	over := rowsOver(f.Len(), spec.Over)
	v := &valuesByUnit{of: make([]int32, f.Len())}
	place := make([]int32, units.Len()) // of the unit among those that have rows, from 1
	for i, u := range units.Codes {
		if u < 0 {
			v.of[i] = -1
			continue
		}
		if err := infinite(i); err != nil {
			return nil, err
		}
		if place[u] == 0 {
			v.values = append(v.values, values[i])
			if over != nil {
				v.over = append(v.over, over[i])
			}
			place[u] = int32(len(v.values))
			v.of[i] = place[u] - 1
			continue
		}
		k := place[u] - 1
		v.of[i] = k
		if held := v.values[k]; held != values[i] && (held == held || values[i] == values[i]) {
			return nil, columnError(spec.Value, int64(i)+1,
				fmt.Sprintf("varies within unit %s (%v, then %v)", units.Labels[u], held, values[i]),
				"make a baseline of it first, since groups are of units", "leave {Unit} out to group rows")
		}
		if over != nil && v.over[k] != over[i] {
			return nil, columnError(spec.Unit, int64(i)+1,
				fmt.Sprintf("unit %s is among the units for the cut points in one row and not in another", units.Labels[u]),
				"make {Over} depend on what is fixed within units")
		}
	}
	return v, nil
}

// rowsOver asks for each row whether it counts for the cut points; nil where all do.
func rowsOver(n int, over func(row int) bool) []bool {
	if over == nil {
		return nil
	}
	rows := make([]bool, n)
	for i := range rows {
		rows[i] = over(i)
	}
	return rows
}

// cuts computes the cut points and refuses any two that coincide.
func (v *valuesByUnit) cuts(spec GroupSpec) ([]float64, error) {
	r := newRanking(v.values, v.over)
	if r.count() == 0 {
		return nil, columnError(spec.Value, 0, "has no value among the units for the cut points",
			"check {Over} and the launch of the baseline")
	}
	var ranks []int
	weights := make([]float64, spec.N+1)
	for k := range weights {
		low, high, weight := betweenParts(r.count(), k, spec.N)
		ranks, weights[k] = append(ranks, low, high), weight
	}
	values, cuts := r.at(ranks), make([]float64, spec.N+1)
	for k, weight := range weights {
		cuts[k] = interpolate(values[2*k], values[2*k+1], weight)
	}
	for k := 1; k < len(cuts); k++ {
		if cuts[k] == cuts[k-1] {
			return nil, columnError(spec.Value, 0,
				fmt.Sprintf("cut points %d and %d of %d groups are both %v", k-1, k, spec.N, cuts[k]), v.remedy(spec.N)...)
		}
	}
	return cuts, nil
}

// sorted lists the values that the cut points are computed over, in ascending order.
func (v *valuesByUnit) sorted() []float64 {
	var sorted []float64
	for u, value := range v.values {
		if value == value && (v.over == nil || v.over[u]) {
			sorted = append(sorted, value)
		}
	}
	slices.Sort(sorted)
	return sorted
}

// cutPoints are the n+1 quantiles that bound n groups.
func cutPoints(sorted []float64, n int) []float64 {
	cuts := make([]float64, n+1)
	for k := range cuts {
		low, high, weight := betweenParts(len(sorted), k, n)
		cuts[k] = interpolate(sorted[low], sorted[high], weight)
	}
	return cuts
}

// remedy names the largest number of groups below n that the values allow.
func (v *valuesByUnit) remedy(n int) []fieldexp.Hint {
	sorted := v.sorted()
	for n--; n >= 2; n-- {
		if cuts := cutPoints(sorted, n); distinctAndFilled(sorted, cuts) {
			return []fieldexp.Hint{fieldexp.Hint(fmt.Sprintf("ask for %d groups", n)), "group by a value with fewer ties"}
		}
	}
	return []fieldexp.Hint{"group by another value, since these are too few or too often tied even for two groups"}
}

// distinctAndFilled reports whether the cut points differ and every group has a value.
func distinctAndFilled(sorted, cuts []float64) bool {
	from := 0 // values up to the cut point before
	for k := 1; k < len(cuts); k++ {
		to := len(sorted)
		if k < len(cuts)-1 {
			to, _ = slices.BinarySearchFunc(sorted, cuts[k], func(value, cut float64) int {
				if value <= cut {
					return -1
				}
				return 1
			})
		}
		if to == from || cuts[k] == cuts[k-1] {
			return false
		}
		from = to
	}
	return true
}

func sumOf(counts []int) int {
	total := 0
	for _, n := range counts {
		total += n
	}
	return total
}
