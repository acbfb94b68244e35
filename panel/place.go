package panel

import (
	"slices"

	"github.com/fieldexp/fieldexp/data"
)

// block is scratch for the rows at work: their unit, their cell, and their unit again if they are
// before the launch; negative where they have none.
type block struct{ unit, cell, pre []int32 }

// resize gives the block n rows.
func (b *block) resize(n int) {
	b.unit = slices.Grow(b.unit[:0], n)[:n]
	b.cell = slices.Grow(b.cell[:0], n)[:n]
	b.pre = slices.Grow(b.pre[:0], n)[:n]
}

// place finds the unit and the cell of each row of the block, and counts events.
func (a *Aggregator) place(in *chunk, from int) error {
	b := &a.block
	for i := range b.unit {
		row := from + i
		b.unit[i], b.cell[i] = 0, 0
		switch {
		case in.unit.missing(row):
			a.missingUnit++
			b.unit[i], b.cell[i] = -1, -1
		case in.period.missing(row) || in.time != nil && in.time[row] == data.MissingTime:
			a.missingPeriod++
			b.unit[i], b.cell[i] = -1, -1
		}
	}
	in.unit.fill(b.unit, from)
	in.period.fill(b.cell, from)
	for i, unit := range b.unit {
		if unit >= 0 {
			b.cell[i] = a.index.cell(unit, b.cell[i])
		}
	}
	a.cells.count(b.cell, a.index.len())
	if a.before == nil {
		return nil
	}
	for i, unit := range b.unit {
		b.pre[i] = -1
		if unit < 0 {
			continue
		}
		isBefore, err := in.isBefore(from + i)
		if err != nil {
			return err
		}
		if isBefore {
			b.pre[i] = unit
		}
	}
	a.before.count(b.pre, a.units.len())
	return nil
}

// count counts events by place, negative for nowhere; n is the number of places.
func (t *table) count(places []int32, n int) {
	t.grow(n)
	for _, at := range places {
		if at >= 0 {
			t.events[at]++
		}
	}
}
