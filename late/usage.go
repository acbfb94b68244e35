package late

import (
	"fmt"
	"math"

	"github.com/fieldexp/fieldexp/internal/brief"
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
}

func (s side) known() int { return s.rows - s.missing }

// readUsage looks up usage and refuses what can tell nothing about its effect.
func readUsage(d *itt.Design, column string, weights []float64) (*usage, error) {
	if column == "" {
		return nil, &Error{Problem: BadSpec, Message: "no usage is named", Remedy: "set Usage to the column that says who used what was assigned"}
	}
	if column == d.Spec.Assignment {
		return nil, &Error{Problem: BadSpec, Columns: []string{column}, Message: fmt.Sprintf("usage and assignment are the same column %q", column),
			Remedy: "name the column of what was used in Usage; the effect of assignment itself is package itt's"}
	}
	values, err := d.Frame.Floats(column)
	if err != nil {
		return nil, err
	}
	u := &usage{column: column, values: values, design: d}
	for _, s := range []*side{&u.exposed, &u.spared} {
		s.lowest, s.highest = math.Inf(1), math.Inf(-1)
	}
	for i, v := range values {
		exposed, known := d.Exposed(i)
		if !known || weights != nil && !(weights[i] > 0) {
			continue
		}
		s := &u.spared
		if exposed {
			s = &u.exposed
		}
		s.rows++
		if math.IsNaN(v) {
			s.missing++
			continue
		}
		s.lowest, s.highest = min(s.lowest, v), max(s.highest, v)
	}
	return u, u.check()
}

// check refuses usage that is unknown on one side, does not vary, or is only by those not assigned.
func (u *usage) check() error {
	columns := []string{u.column, u.design.Spec.Assignment}
	if u.spared.known() == 0 {
		return &Error{Problem: UsageMissing, Columns: columns, Count: u.spared.rows,
			Message: fmt.Sprintf("usage %q is missing in all %s rows that were not treated", u.column, brief.Count(u.spared.rows)),
			Remedy:  "set it to 0 there if those not assigned could not use; without them there is no comparison"}
	}
	if u.exposed.known() == 0 {
		return &Error{Problem: UsageMissing, Columns: columns, Count: u.exposed.rows,
			Message: fmt.Sprintf("usage %q is missing in all %s rows that were treated", u.column, brief.Count(u.exposed.rows)),
			Remedy:  "check how usage was joined and how missing values are marked in the file"}
	}
	lowest, highest := min(u.exposed.lowest, u.spared.lowest), max(u.exposed.highest, u.spared.highest)
	if lowest == highest {
		known := u.exposed.known() + u.spared.known()
		return &Error{Problem: NoVariation, Columns: columns, Count: known,
			Message: fmt.Sprintf("usage %q is %g in all %s rows", u.column, lowest, brief.Count(known)),
			Remedy:  "without variation in usage there is no effect of usage to estimate"}
	}
	if u.exposed.lowest == 0 && u.exposed.highest == 0 {
		return &Error{Problem: UsageReversed, Columns: columns, Count: u.exposed.known(),
			Message: fmt.Sprintf("usage %q is 0 in all %s treated rows, and only rows that were not treated used", u.column, brief.Count(u.exposed.known())),
			Remedy:  fmt.Sprintf("check whether assignment %q is coded the wrong way round", u.design.Spec.Assignment)}
	}
	return nil
}
