package panel

import (
	"runtime"
	"slices"

	"github.com/fieldexp/fieldexp/data"
)

// block is scratch for the rows at work.
type block struct {
	unit, period []int32 // of each row; negative where it has none
	shares       []share
}

// share are the rows of a block that one worker adds. It has units of its own, and so cells: each sum is
// added to in the order of the rows, however many workers there are.
type share struct{ cells, before []placed }

// shareRows is how many rows are worth a worker: below, starting it costs what it saves.
const shareRows = 1 << 10

// resize gives the block n rows and no shares.
func (b *block) resize(n int) {
	b.unit = slices.Grow(b.unit[:0], n)[:n]
	b.period = slices.Grow(b.period[:0], n)[:n]
	workers := min(runtime.GOMAXPROCS(0), max(1, n/shareRows))
	b.shares = slices.Grow(b.shares[:0], workers)[:workers]
	for w := range b.shares {
		s := &b.shares[w]
		s.cells, s.before = s.cells[:0], s.before[:0]
	}
}

// place finds the unit and the cell of each row of the block, and whose share it is.
func (a *Aggregator) place(in *chunk, from int) error {
	b := &a.block
	for i := range b.unit {
		row := from + i
		b.unit[i], b.period[i] = 0, 0
		switch {
		case in.unit.missing(row):
			a.missingUnit++
			b.unit[i], b.period[i] = -1, -1
		case in.period.missing(row) || in.time != nil && in.time[row] == data.MissingTime:
			a.missingPeriod++
			b.unit[i], b.period[i] = -1, -1
		}
	}
	in.unit.fill(b.unit, from)
	in.period.fill(b.period, from)
	for i, unit := range b.unit {
		if unit < 0 {
			continue
		}
		s := &b.shares[int(unit)%len(b.shares)]
		s.cells = append(s.cells, placed{int32(i), a.index.cell(unit, b.period[i])})
		if a.before == nil {
			continue
		}
		isBefore, err := in.isBefore(from + i)
		if err != nil {
			return err
		}
		if isBefore {
			s.before = append(s.before, placed{int32(i), unit})
		}
	}
	a.cells.grow(a.index.len())
	if a.before != nil {
		a.before.grow(a.units.len())
	}
	return nil
}
