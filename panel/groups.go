package panel

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/fieldexp/fieldexp/data"
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
	if spec.N < 2 {
		return nil, fmt.Errorf("panel: %d groups of %q; ask for two or more", spec.N, spec.Value)
	}
	if f.Has(spec.Name) {
		return nil, columnError(spec.Name, 0, "is there already", "name the column of groups otherwise")
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
	for u, v := range units.values {
		groups[u] = groupOf(v, cuts)
		switch k := groups[u]; {
		case k < 0:
			g.Without++
		default:
			g.Units[k]++
			if units.over[u] {
				g.Over[k]++
			}
		}
	}
	if k := slices.Index(g.Over, 0); k >= 0 {
		return nil, columnError(spec.Value, 0, fmt.Sprintf("%d values leave group %s of %d empty", sumOf(g.Over), g.Labels[k], spec.N),
			units.remedy(spec.N))
	}
	codes := make([]int32, f.Len())
	for i, u := range units.of {
		codes[i] = -1
		if u >= 0 {
			codes[i] = groups[u]
		}
		if codes[i] < 0 {
			g.WithoutRows++
			continue
		}
		g.Rows[codes[i]]++
	}
	return g, f.SetCodes(spec.Name, codes, g.Labels)
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
	of     []int32 // the unit of each row, negative for none
	values []float64
	over   []bool // whether the unit counts for the cut points
}

// unitValues reads each unit's value and whether it counts for the cut points, and refuses units
// whose rows disagree.
func unitValues(f *data.Frame, spec GroupSpec) (*valuesByUnit, error) {
	values, err := f.Floats(spec.Value)
	if err != nil {
		return nil, fmt.Errorf("panel: %w", err)
	}
	over := spec.Over
	if over == nil {
		over = func(int) bool { return true }
	}
	var units data.Grouping
	if spec.Unit == "" {
		units.Codes = identity(f.Len())
		units.Labels = make([]string, f.Len())
	} else if units, err = f.Group(spec.Unit); err != nil {
		return nil, fmt.Errorf("panel: %w", err)
	}

	v := &valuesByUnit{of: make([]int32, f.Len())}
	place := make([]int32, units.Len()) // of the unit among those that have rows, from 1
	for i, u := range units.Codes {
		if u < 0 {
			v.of[i] = -1
			continue
		}
		if math.IsInf(values[i], 0) {
			return nil, columnError(spec.Value, int64(i)+1, "the value is infinite", "make it missing, or mend what computed it")
		}
		if place[u] == 0 {
			v.values = append(v.values, values[i])
			v.over = append(v.over, over(i))
			place[u] = int32(len(v.values))
			v.of[i] = place[u] - 1
			continue
		}
		k := place[u] - 1
		v.of[i] = k
		if held := v.values[k]; held != values[i] && (held == held || values[i] == values[i]) {
			return nil, columnError(spec.Value, int64(i)+1,
				fmt.Sprintf("varies within unit %s (%v, then %v)", units.Labels[u], held, values[i]),
				"groups are of units; make a baseline of it first, or leave Unit empty to group rows")
		}
		if v.over[k] != over(i) {
			return nil, columnError(spec.Unit, int64(i)+1,
				fmt.Sprintf("unit %s is among the units for the cut points in one row and not in another", units.Labels[u]),
				"make Over depend on what is fixed within units")
		}
	}
	return v, nil
}

// cuts computes the cut points and refuses any two that coincide.
func (v *valuesByUnit) cuts(spec GroupSpec) ([]float64, error) {
	sorted := v.sorted()
	if len(sorted) == 0 {
		return nil, columnError(spec.Value, 0, "has no value among the units for the cut points",
			"check the launch date of the baseline, and Over")
	}
	cuts := cutPoints(sorted, spec.N)
	for k := 1; k < len(cuts); k++ {
		if cuts[k] == cuts[k-1] {
			return nil, columnError(spec.Value, 0,
				fmt.Sprintf("cut points %d and %d of %d groups are both %v", k-1, k, spec.N, cuts[k]), v.remedy(spec.N))
		}
	}
	return cuts, nil
}

// sorted lists the values that the cut points are computed over, in ascending order.
func (v *valuesByUnit) sorted() []float64 {
	var sorted []float64
	for u, value := range v.values {
		if v.over[u] && value == value {
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
		cuts[k] = quantileSorted(sorted, float64(k)/float64(n))
	}
	return cuts
}

// remedy names the largest number of groups below n that the values allow.
func (v *valuesByUnit) remedy(n int) string {
	sorted := v.sorted()
	for n--; n >= 2; n-- {
		if cuts := cutPoints(sorted, n); distinctAndFilled(sorted, cuts) {
			return fmt.Sprintf("ask for %d groups, or group by a value with fewer ties", n)
		}
	}
	return "the values are too few or too often tied even for two groups; group by another value"
}

// distinctAndFilled reports whether the cut points differ and every group has a value.
func distinctAndFilled(sorted, cuts []float64) bool {
	filled := make([]bool, len(cuts)-1)
	for _, value := range sorted {
		filled[groupOf(value, cuts)] = true
	}
	return !slices.Contains(filled, false) && len(slices.Compact(slices.Clone(cuts))) == len(cuts)
}

func sumOf(counts []int) int {
	total := 0
	for _, n := range counts {
		total += n
	}
	return total
}
