package late

import (
	"context"
	"fmt"
	"math"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/internal/parallel"
	"github.com/fieldexp/fieldexp/itt"
)

// usage is the usage column against the design's exposure to treatment.
type usage struct {
	column string
	values []float64
	design *itt.Design
	// Rows with known exposure and a weight that is not zero: exposed to treatment and not.
	exposed, spared side
}

// side summarises usage on one side of the exposure.
type side struct {
	rows, missing   int
	lowest, highest float64 // of the rows in which usage is known
	used            int     // of them, the rows in which it is not zero
	usedMass        float64 // their weights
	between         bool    // whether it is neither 0 nor 1 in some

	// Of the rows with known usage since the launch: weights and, weighted, usage.
	since     int
	mass, sum float64

	// Of the rows of the control arm: all with known usage, and since the launch the rows, and those with known usage.
	control, controlSince, controlKnown int
}

func (s side) known() int { return s.rows - s.missing }

// newSide is that of no rows.
func newSide() side { return side{lowest: math.Inf(1), highest: math.Inf(-1)} }

// add adds a row with usage v and weight w.
func (s *side) add(v, w float64, launched bool) {
	s.rows++
	if math.IsNaN(v) {
		s.missing++
		return
	}
	s.lowest, s.highest = min(s.lowest, v), max(s.highest, v)
	if v != 0 {
		s.used++
		s.usedMass += w
		s.between = s.between || v != 1
	}
	if launched {
		s.since++
		s.mass += w
		s.sum += w * v
	}
}

// addControl adds a row of the control arm.
func (s *side) addControl(v float64, launched bool) {
	known := 0
	if !math.IsNaN(v) {
		known = 1
	}
	s.control += known
	if launched {
		s.controlSince++
		s.controlKnown += known
	}
}

// join adds the rows of another part.
func (s *side) join(o side) {
	s.rows, s.missing, s.used, s.since = s.rows+o.rows, s.missing+o.missing, s.used+o.used, s.since+o.since
	s.lowest, s.highest, s.between = min(s.lowest, o.lowest), max(s.highest, o.highest), s.between || o.between
	s.mass, s.sum, s.usedMass = s.mass+o.mass, s.sum+o.sum, s.usedMass+o.usedMass
	s.control, s.controlSince, s.controlKnown = s.control+o.control, s.controlSince+o.controlSince, s.controlKnown+o.controlKnown
}

// readUsage looks up usage and refuses what can tell nothing about its effect.
func readUsage(d *itt.Design, column string, weights []float64) (*usage, error) {
	if column == "" {
		return nil, &fieldexp.Error{Op: "late", Problem: fieldexp.BadSpec,
			Message: "no usage is named",
			Remedy:  []fieldexp.Hint{"set {Usage} to the column that says who used what was assigned"}}
	}
	if column == d.Spec.Assignment {
		return nil, &fieldexp.Error{Op: "late", Problem: fieldexp.BadSpec, Columns: []string{column}, Message: fmt.Sprintf("usage and assignment are the same column %q", column),
			Remedy: []fieldexp.Hint{"name the column of what was used in {Usage}", "leave {Usage} out for the effect of assignment itself"}}
	}
	values, err := d.Frame.Floats(column)
	if err != nil {
		return nil, err
	}
	u := &usage{column: column, values: values, design: d}
	u.spared, u.exposed = u.sides(len(values), func(i int) int { return i }, weights)
	return u, u.check()
}

// sides summarises usage in n rows, of which row gives the i-th, by exposure.
func (u *usage) sides(n int, row func(i int) int, weights []float64) (spared, exposed side) {
	d, values := u.design, u.values
	parts := make([][2]side, (n+parallel.BlockRows-1)/parallel.BlockRows)
	// The context is never cancelled, so there is no error.
	_ = parallel.Blocks(context.Background(), n, func(from, to int) {
		spared, exposed := newSide(), newSide()
		for at := from; at < to; at++ {
			i := row(at)
			treated, known := d.Exposed(i)
			w := 1.0
			if weights != nil {
				w = weights[i]
			}
			switch {
			case !known || !(w > 0):
			case treated:
				exposed.add(values[i], w, true)
			default:
				launched := d.Launched(i)
				spared.add(values[i], w, launched)
				if d.Arm(i) == 0 {
					spared.addControl(values[i], launched)
				}
			}
		}
		parts[from/parallel.BlockRows] = [2]side{spared, exposed}
	})
	spared, exposed = newSide(), newSide()
	for _, part := range parts {
		spared.join(part[0])
		exposed.join(part[1])
	}
	return spared, exposed
}

// noAccess is what can be done where usage is blank for those who could not use.
var noAccess = []fieldexp.Hint{"set it to 0 there, if those not assigned could not use", "read blanks of those who had no access as 0 by " + fieldexp.Setting("UsageBlank", "", "zero")}

// uneven warns if usage is known of one arm more often than of the other, by more than chance: rows without it drop out,
// and those that stay are no longer as they were assigned.
func (u *usage) uneven(n, clusters int) (w fieldexp.Warning, is bool) {
	const least, chance = 0.05, 3.3 // shares apart, and standard errors of that (p below .001)
	treated, control := float64(u.exposed.rows), float64(u.spared.controlSince)
	a, b := float64(u.exposed.known())/treated, float64(u.spared.controlKnown)/control
	rows := 1.0 // rows for each that may be taken to be independent
	if clusters > 0 {
		rows = max(1, float64(n)/float64(clusters))
	}
	p := (a*treated + b*control) / (treated + control)
	se := math.Sqrt(p * (1 - p) * rows * (1/treated + 1/control))
	if !(math.Abs(a-b) > least && math.Abs(a-b) > chance*se) {
		return w, false
	}
	return fieldexp.Warning{Code: "usage-known-unevenly", Message: fmt.Sprintf("usage %q is known in %.1f%% of the %s rows that were treated and in %.1f%% of the %s of control: "+
		"rows without it are left out, and the arms that remain may differ by more than assignment", u.column, 100*a, brief.Count(u.exposed.rows), 100*b, brief.Count(u.spared.controlSince))}, true
}

// check refuses usage that is unknown on one side, does not vary, or is only by those not assigned.
func (u *usage) check() error {
	columns := []string{u.column, u.design.Spec.Assignment}
	if u.spared.known() == 0 {
		return &fieldexp.Error{Op: "late", Problem: fieldexp.UsageMissing, Columns: columns, Count: u.spared.rows,
			Message: fmt.Sprintf("usage %q is missing in all %s rows that were not treated", u.column, brief.Count(u.spared.rows)),
			Remedy:  noAccess}
	}
	if u.spared.control == 0 {
		return &fieldexp.Error{Op: "late", Problem: fieldexp.UsageMissing, Columns: columns,
			Message: fmt.Sprintf("usage %q is missing in all rows of the control arm", u.column),
			Remedy:  noAccess}
	}
	if u.exposed.known() == 0 {
		return &fieldexp.Error{Op: "late", Problem: fieldexp.UsageMissing, Columns: columns, Count: u.exposed.rows,
			Message: fmt.Sprintf("usage %q is missing in all %s rows that were treated", u.column, brief.Count(u.exposed.rows)),
			Remedy:  []fieldexp.Hint{"check how usage was joined and how missing values are marked in the file"}}
	}
	lowest, highest := min(u.exposed.lowest, u.spared.lowest), max(u.exposed.highest, u.spared.highest)
	if lowest == highest {
		known := u.exposed.known() + u.spared.known()
		return &fieldexp.Error{Op: "late", Problem: fieldexp.NoVariation, Columns: columns, Count: known,
			Message: fmt.Sprintf("usage %q is %g in all %s rows", u.column, lowest, brief.Count(known)),
			Remedy:  []fieldexp.Hint{"check how usage was coded, since without variation there is no effect of it to estimate"}}
	}
	if u.exposed.lowest == 0 && u.exposed.highest == 0 {
		return &fieldexp.Error{Op: "late", Problem: fieldexp.UsageReversed, Columns: columns, Count: u.exposed.known(),
			Message: fmt.Sprintf("usage %q is 0 in all %s treated rows, and only rows that were not treated used", u.column, brief.Count(u.exposed.known())),
			Remedy:  []fieldexp.Hint{fieldexp.Hint(fmt.Sprintf("check whether assignment %q is coded the wrong way round", u.design.Spec.Assignment))}}
	}
	return nil
}
