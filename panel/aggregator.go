package panel

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/parallel"
)

// blockRows is how many events are aggregated at a time: few enough that what is noted of them, and
// their values, stay in the processor's cache.
const blockRows = 1 << 13

// Aggregator turns events into a panel, chunk by chunk. It keeps sums by cell and by unit, never
// an event: its memory grows with units times periods, not with events.
//
// All it keeps are counts and sums (of values, of squares, each in two numbers; see the package
// documentation), so that two aggregators over two parts of the events merge by addition into the
// aggregator over all of them. An Aggregator is for one goroutine at a time.
type Aggregator struct {
	spec Spec
	err  error // what stopped an Add halfway

	units, periods keys
	index          cellIndex
	cells          *table // by cell
	before         *table // by unit, events before the launch; nil without baselines
	unitColumns    []*unitColumn

	rows          int64 // events added here, for the rows in errors
	read          int64 // events added here or merged in
	missingUnit   int64
	missingPeriod int64

	block block
}

// NewAggregator starts a panel without events. The error says what is wrong with the spec.
func NewAggregator(spec Spec) (*Aggregator, error) {
	if err := spec.validate(); err != nil {
		return nil, err
	}
	spec.Launch = spec.Launch.UTC() // one instant, one value: specs are compared when merging
	spec.Measures = slices.Clone(spec.Measures)
	spec.Baselines = slices.Clone(spec.Baselines)
	spec.UnitColumns = slices.Clone(spec.UnitColumns)
	a := &Aggregator{spec: spec, cells: newTable(spec.Measures)}
	for _, name := range spec.UnitColumns {
		a.unitColumns = append(a.unitColumns, &unitColumn{name: name})
	}
	if len(spec.Baselines) > 0 {
		a.before = newTable(spec.Baselines)
	}
	return a, nil
}

// Add adds a chunk of events. Chunks may come in any order and in any sizes, and each may code its
// text columns its own way. Events without a unit or a period are left out and counted.
//
// An error about a column that is absent or of the wrong kind leaves the aggregator as it was. One
// about a value (a share of something that is not 0 or 1, an infinite value) comes when part of
// the chunk has been added: from then on every call returns it.
func (a *Aggregator) Add(events *data.Frame) error { return a.add(context.Background(), events) }

func (a *Aggregator) add(ctx context.Context, events *data.Frame) error {
	if a.err != nil {
		return a.err
	}
	if events == nil {
		return refuse(fieldexp.NoRows, "there is no frame of events", "read one by {ReadCSV}")
	}
	rows := events.Len()
	if rows == 0 {
		return nil
	}
	in, err := a.open(events)
	if err != nil {
		return err
	}
	for from := 0; from < rows; from += blockRows {
		if a.err = a.addBlock(ctx, in, from, min(from+blockRows, rows)); a.err != nil {
			return a.err
		}
	}
	a.rows += int64(rows)
	return nil
}

// chunk is a chunk of events with its columns found and their kinds checked.
type chunk struct {
	unit, period *keyReader
	time         []int64 // instants, where the spec names Time
	isBefore     func(row int) (bool, error)
	cells        []source
	before       []source
	unitColumns  []unitReader
}

// open finds the columns of a chunk of events; it changes nothing but the kinds of key columns.
func (a *Aggregator) open(events *data.Frame) (*chunk, error) {
	var in chunk
	var err error
	if in.unit, err = a.units.read(events, a.spec.Unit); err != nil {
		return nil, err
	}
	if in.unit.kind == data.Time {
		return nil, columnError(a.spec.Unit, 0, "holds times, which do not name units", "name the column of who is observed")
	}
	if a.spec.Time != "" {
		if in.time, err = events.Instants(a.spec.Time); err != nil {
			return nil, err
		}
	}
	if in.period, err = a.openPeriod(events); err != nil {
		return nil, err
	}
	if in.cells, err = a.cells.open(events); err != nil {
		return nil, err
	}
	if a.before != nil {
		if in.before, err = a.before.open(events); err != nil {
			return nil, err
		}
		at := launchRule{launch: a.spec.Launch, preColumn: a.spec.PreColumn, time: a.spec.Time}
		if at.time == "" {
			at.time = a.spec.PeriodColumn
		}
		if in.isBefore, err = at.open(events, a.rows); err != nil {
			return nil, err
		}
	}
	for _, c := range a.unitColumns {
		r, err := c.open(events)
		if err != nil {
			return nil, err
		}
		in.unitColumns = append(in.unitColumns, r)
	}
	a.units.kind, a.units.known = in.unit.kind, true
	a.periods.kind, a.periods.known = in.period.kind, true
	for _, c := range a.unitColumns {
		c.kind, _ = events.Kind(c.name)
		c.known = true
	}
	return &in, nil
}

// openPeriod reads the column of periods, or cuts periods from the column of times.
func (a *Aggregator) openPeriod(events *data.Frame) (*keyReader, error) {
	if a.spec.PeriodColumn != "" {
		return a.periods.read(events, a.spec.PeriodColumn)
	}
	r, err := a.periods.read(events, a.spec.Time)
	if err != nil {
		return nil, err
	}
	r.cut, r.period = true, a.spec.Period
	return r, nil
}

// addBlock adds the rows from up to to: first the cell of each, then column after column.
func (a *Aggregator) addBlock(ctx context.Context, in *chunk, from, to int) error {
	a.block.resize(to - from)
	if err := a.place(in, from); err != nil {
		return err
	}
	a.read += int64(to - from)

	shares := a.block.shares
	sound := make([]bool, len(shares))
	err := parallel.For(ctx, len(shares), func(w int) {
		sound[w] = a.cells.add(in.cells, from, shares[w].cells)
		if a.before != nil {
			sound[w] = a.before.add(in.before, from, shares[w].before) && sound[w]
		}
	})
	if err != nil {
		return err
	}
	for i, c := range a.unitColumns {
		c.add(in.unitColumns[i], from, a.block.unit, a.units.len(), a.rows)
	}
	if slices.Contains(sound, false) {
		return a.refuse(in, from)
	}
	return nil
}

// refuse is the error of a block with values that cannot be added.
func (a *Aggregator) refuse(in *chunk, from int) error {
	var all share
	for _, s := range a.block.shares {
		all.cells = append(all.cells, s.cells...)
		all.before = append(all.before, s.before...)
	}
	byRow := func(p, q placed) int { return cmp.Compare(p.row, q.row) }
	slices.SortFunc(all.cells, byRow)
	if err := a.cells.refuse(in.cells, from, all.cells, a.rows); err != nil || a.before == nil {
		return err
	}
	slices.SortFunc(all.before, byRow)
	return a.before.refuse(in.before, from, all.before, a.rows)
}

// Merge adds the events of another aggregator, which had the same Spec and is left as it was. The
// panel is that of all their events in one aggregator, whatever the order of merging; only the
// first values of unit columns that vary (KeepFirst) are those of the aggregator merged into.
func (a *Aggregator) Merge(other *Aggregator) error {
	if err := a.mergeable(other); err != nil {
		return err
	}
	units := a.units.absorb(&other.units)
	periods := a.periods.absorb(&other.periods)
	cells := make([]int32, other.index.len())
	for c := range cells {
		cells[c] = a.index.cell(units[other.index.units[c]], periods[other.index.periods[c]])
	}
	a.cells.merge(other.cells, cells, a.index.len())
	if a.before != nil {
		a.before.merge(other.before, units, a.units.len())
	}
	for i, c := range a.unitColumns {
		c.merge(other.unitColumns[i], units, a.units.len())
	}
	a.read += other.read
	a.missingUnit += other.missingUnit
	a.missingPeriod += other.missingPeriod
	return nil
}

// mergeable refuses what cannot be merged before anything is changed.
func (a *Aggregator) mergeable(other *Aggregator) error {
	switch {
	case a == other:
		return refuse(fieldexp.BadSpec,
			"an aggregator cannot be merged into itself, since its events would count twice",
			"merge another one")
	case a.err != nil:
		return a.err
	case other.err != nil:
		return fmt.Errorf("panel: the aggregator to be merged had failed: %w", other.err)
	case !reflect.DeepEqual(a.spec, other.spec):
		return refuse(fieldexp.BadSpec, "the aggregators to be merged have different specs", "make both from one")
	}
	check := func(name string, mine, theirs data.Kind, known bool) error {
		if known && mine != theirs {
			return columnError(name, 0, fmt.Sprintf("holds %s here and %s in the aggregator to be merged", mine, theirs),
				"name its type when reading, so that it is the same in every file")
		}
		return nil
	}
	errs := []error{
		check(a.spec.Unit, a.units.kind, other.units.kind, a.units.known && other.units.known),
		check(a.spec.periodColumn(), a.periods.kind, other.periods.kind, a.periods.known && other.periods.known),
	}
	for i, c := range a.unitColumns {
		o := other.unitColumns[i]
		errs = append(errs, check(c.name, c.kind, o.kind, c.known && o.known))
	}
	return errors.Join(errs...)
}
