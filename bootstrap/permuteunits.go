package bootstrap

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
)

// drawn is the assignment of the data: which units there are, what each was assigned, and the
// groups within which they were drawn.
type drawn struct {
	unit   []int32   // of each row; -1 where its assignment is unknown
	value  []float64 // of each unit
	labels []string  // of each unit; nil where units are rows
	strata [][]int32 // units of each stratum; one where assignment was complete
	fixed  int       // strata in which all units were assigned the same
}

// newDrawn reads units, assignment and strata.
func newDrawn(f *data.Frame, spec *PermuteSpec) (*drawn, error) {
	value, err := f.Floats(spec.Assignment)
	if err != nil {
		return nil, err
	}
	d := &drawn{unit: make([]int32, f.Len())}
	units, err := d.codes(f, spec.Unit)
	if err != nil {
		return nil, err
	}
	number := make([]int32, max(units.Len(), f.Len())) // of the units that occur, from one
	var first []int                                    // row of each unit
	for i, v := range value {
		d.unit[i] = -1
		if math.IsNaN(v) {
			continue
		}
		if math.IsInf(v, 0) {
			return nil, bad(fieldexp.BadSpec,
				fmt.Sprintf("assignment %q is infinite in row %d", spec.Assignment, i+1),
				"give numbers such as 0 and 1")
		}
		code := units.Codes[i]
		if code < 0 {
			return nil, bad(fieldexp.BadDesign,
				fmt.Sprintf("row %d has an assignment but no %q", i+1, spec.Unit),
				"fill it in, since every assigned row belongs to a unit", "drop the row")
		}
		if number[code] == 0 {
			d.value, first = append(d.value, v), append(first, i)
			number[code] = int32(len(first))
			if units.Labels != nil {
				d.labels = append(d.labels, units.Labels[code])
			}
		}
		u := number[code] - 1
		if d.value[u] != v {
			return nil, bad(fieldexp.BadDesign, fmt.Sprintf("assignment %q varies within %s %q: %g in row %d, %g in row %d", spec.Assignment, spec.Unit, d.labels[u], d.value[u], first[u]+1, v, i+1),
				"name in {Unit} what was assigned", "for a difference-in-differences give the assignment of the unit, and the time after the launch in {Post}")
		}
		d.unit[i] = u
	}
	if len(d.value) == 0 {
		return nil, bad(fieldexp.BadDesign, fmt.Sprintf("assignment %q is missing in all rows", spec.Assignment),
			"check how it was read")
	}
	if slices.Min(d.value) == slices.Max(d.value) {
		return nil, bad(fieldexp.BadDesign,
			fmt.Sprintf("all %d units have the assignment %g", len(d.value), d.value[0]),
			"check the filters before the test, which needs units of both arms")
	}
	return d, d.stratify(f, spec)
}

// codes groups rows into units.
func (d *drawn) codes(f *data.Frame, unit string) (data.Grouping, error) {
	if unit != "" {
		return f.Group(unit)
	}
	rows := data.Grouping{Codes: make([]int32, f.Len())}
	for i := range rows.Codes {
		rows.Codes[i] = int32(i)
	}
	return rows, nil
}

// stratify groups units into strata.
func (d *drawn) stratify(f *data.Frame, spec *PermuteSpec) error {
	columns := spec.Strata
	if spec.Pairs != "" {
		columns = []string{spec.Pairs}
	}
	if len(columns) == 0 {
		all := make([]int32, len(d.value))
		for u := range all {
			all[u] = int32(u)
		}
		d.strata = [][]int32{all}
		d.order([]string{""})
		return nil
	}
	name := strings.Join(columns, " x ")
	groups, err := f.Group(columns[0], columns[1:]...)
	if err != nil {
		return err
	}
	of := make([]int32, len(d.value)) // stratum of each unit, plus one
	place := make(map[int32]int)
	var labels []string
	for i, u := range d.unit {
		if u < 0 {
			continue
		}
		s := groups.Codes[i]
		if s < 0 {
			return bad(fieldexp.BadDesign, fmt.Sprintf("row %d has an assignment but no value of %s", i+1, name),
				"fill it in, since every unit was drawn in some stratum", "drop the row")
		}
		if of[u] != 0 && of[u] != s+1 {
			return bad(fieldexp.BadDesign,
				fmt.Sprintf("%s varies within %s: row %d is in %q and not in %q as the rows of its unit before it", name, d.unitName(spec, u), i+1, groups.Labels[s], groups.Labels[of[u]-1]),
				"give all rows of a unit the stratum in which it was drawn")
		}
		if of[u] != 0 {
			continue
		}
		of[u] = s + 1
		at, seen := place[s]
		if !seen {
			at = len(d.strata)
			place[s] = at
			d.strata, labels = append(d.strata, nil), append(labels, groups.Labels[s])
		}
		d.strata[at] = append(d.strata[at], u)
	}
	for s, units := range d.strata {
		same := true
		for _, u := range units {
			same = same && d.value[u] == d.value[units[0]]
		}
		if spec.Pairs != "" && (len(units) != 2 || same) {
			return bad(fieldexp.BadDesign,
				fmt.Sprintf("pair %q of %q has %d unit(s), with assignments %v", labels[s], spec.Pairs, len(units), d.values(units)),
				"drop pairs that are not two units of which one was assigned", "name them in {Strata}")
		}
		if same {
			d.fixed++
		}
	}
	if d.fixed == len(d.strata) {
		return bad(fieldexp.BadDesign,
			fmt.Sprintf("in each of the %d strata of %s all units have one assignment", len(d.strata), name),
			"name the strata within which assignment was drawn, since there is nothing to re-draw in these")
	}
	d.order(labels)
	return nil
}

// order puts strata, of which the names are given, and the units of each in the order of their names, so that draws do not
// depend on the order of rows. Units that are rows stay as they are.
func (d *drawn) order(names []string) {
	if d.labels == nil {
		return
	}
	rank := make([]int, len(d.labels))
	for at, u := range brief.OrderLevels(d.labels) {
		rank[u] = at
	}
	for _, units := range d.strata {
		slices.SortFunc(units, func(a, b int32) int { return rank[a] - rank[b] })
	}
	of := brief.OrderLevels(names)
	strata := make([][]int32, len(of))
	for at, s := range of {
		strata[at] = d.strata[s]
	}
	d.strata = strata
}

func (d *drawn) values(units []int32) []float64 {
	list := make([]float64, min(len(units), 5))
	for i := range list {
		list[i] = d.value[units[i]]
	}
	return list
}

func (d *drawn) unitName(spec *PermuteSpec, u int32) string {
	if d.labels == nil {
		return fmt.Sprintf("unit %d", u+1)
	}
	return fmt.Sprintf("%s %q", spec.Unit, d.labels[u])
}
