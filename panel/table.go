package panel

import (
	"context"
	"math"
	"slices"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/parallel"
)

// table holds the sums of several columns over the same places, and how many events each has.
type table struct {
	measures []Measure
	of       []int // the column of each measure, -1 for a count of events
	columns  []*column
	sums     lanes
	squares  lanes
	events   []int64
}

// newTable finds the distinct columns that the measures need.
func newTable(measures []Measure) *table {
	t := &table{measures: measures, of: make([]int, len(measures))}
	at := make(map[string]int)
	for i, m := range measures {
		if m.Stat == Count {
			t.of[i] = -1
			continue
		}
		k, ok := at[m.Column]
		if !ok {
			k = len(t.columns)
			at[m.Column] = k
			t.columns = append(t.columns, &column{name: m.Column, number: k, counted: true})
		}
		t.of[i] = k
		c := t.columns[k]
		c.binary = c.binary || m.Stat == Share
		c.squared = c.squared || m.Stat == SD
		c.counted = c.counted && m.Stat == CountObserved
	}
	for _, c := range t.columns {
		if !c.counted {
			c.sum = len(t.sums.columns)
			t.sums.columns = append(t.sums.columns, c)
		}
		if c.squared {
			c.square = len(t.squares.columns)
			t.squares.columns = append(t.squares.columns, c)
		}
	}
	return t
}

// open finds the table's columns in a chunk of events.
func (t *table) open(events *data.Frame) ([]source, error) {
	sources := make([]source, len(t.columns))
	for i, c := range t.columns {
		src, err := c.open(events)
		if err != nil {
			return nil, err
		}
		sources[i] = src
	}
	return sources, nil
}

// grow makes room for n places.
func (t *table) grow(n int) {
	if grow := n - len(t.events); grow > 0 {
		if n > cap(t.events) { // double: there is less to copy than by append alone
			t.events = slices.Grow(t.events, max(grow, len(t.events)))
		}
		t.events = append(t.events, make([]int64, grow)...)
	}
	t.sums.grow(n)
	t.squares.grow(n)
	for _, c := range t.columns {
		c.grow(n)
	}
}

// add adds rows of a block, whose values are those of the chunk from row from on. Others may add rows of
// other places at the same time. It reports whether all values were as they must be; if not, refuse says what is wrong.
func (t *table) add(chunk []source, from int, rows []placed) (sound bool) {
	for _, r := range rows {
		t.events[r.place]++
	}
	sound = t.sums.add(t.sums.values(chunk, from), rows)
	t.squares.addSquares(t.squares.values(chunk, from), rows)
	for _, c := range t.columns {
		switch values := chunk[c.number]; {
		case c.counted:
			for _, r := range rows {
				if values.missing(from + int(r.row)) {
					c.countMissing(r.place)
				}
			}
		case c.binary:
			for _, r := range rows {
				sound = sound && zeroOrOne(values.floats[from+int(r.row)])
			}
		}
	}
	return sound
}

// refuse is the error of the first column with a value that is not as it must be, in the rows of a block.
func (t *table) refuse(chunk []source, from int, rows []placed, before int64) error {
	for _, c := range t.sums.columns {
		if err := c.check(chunk[c.number].floats[from:], rows, before+int64(from)); err != nil {
			return err
		}
	}
	return nil
}

// merge adds the places of another table; moved[i] is where its place i is here, n the number of
// places here.
func (t *table) merge(o *table, moved []int32, n int) {
	t.grow(n)
	for i, k := range o.events {
		t.events[moved[i]] += k
	}
	t.sums.merge(&o.sums, moved)
	t.squares.merge(&o.squares, moved)
	for i, c := range t.columns {
		c.merge(o.columns[i], moved)
	}
}

// observed is the number of values of a measure at a place (events, for a count of events).
func (t *table) observed(measure int, at int32) int64 {
	if t.of[measure] < 0 {
		return t.events[at]
	}
	return t.events[at] - t.columns[t.of[measure]].absent(at)
}

// fill sets values[row], for some rows, to a measure at the row's place; to none where that is negative.
func (t *table) fill(values []float64, measure int, rows, places []int32) {
	stat := t.measures[measure].Stat
	for _, row := range rows {
		at, v := places[row], math.NaN()
		if at >= 0 {
			n := t.observed(measure, at)
			switch {
			case stat == Count || stat == CountObserved:
				v = float64(n)
			case n > 0:
				v = t.value(stat, t.columns[t.of[measure]], at, n)
			}
		}
		values[row] = v
	}
}

// value is a statistic of the n > 0 values of a column at a place.
func (t *table) value(stat Stat, c *column, at int32, n int64) float64 {
	s := t.sums.at(at)[c.sum]
	switch stat {
	case Sum:
		return s.total()
	case SD:
		return spread(n, s, t.squares.at(at)[c.square])
	default:
		return s.total() / float64(n)
	}
}

// write sets a column for each measure: row i has the value at places[i], none if it is negative.
func (t *table) write(f *data.Frame, places []int32, name func(Measure) string) error {
	order := inOrder(places, len(t.events))
	columns := make([][]float64, len(t.measures))
	for m := range columns {
		columns[m] = make([]float64, len(places))
	}
	err := parallel.For(context.Background(), (len(order)+writeRows-1)/writeRows, func(part int) {
		rows := order[part*writeRows : min((part+1)*writeRows, len(order))]
		for m, values := range columns {
			t.fill(values, m, rows, places)
		}
	})
	if err != nil {
		return err
	}
	for m, values := range columns {
		if err := f.SetFloats(name(t.measures[m]), values); err != nil {
			return err
		}
	}
	return nil
}

// writeRows is how many rows are written at a time: their sums stay in the cache from one measure to the next.
const writeRows = 256

// inOrder lists rows in the order of their places, of which there are n, those without one first: sums then come
// in the order in which they lie in memory.
func inOrder(places []int32, n int) []int32 {
	next := make([]int32, n+2) // from place -1 on, where the next of its rows goes
	for _, at := range places {
		next[max(at, -1)+2]++
	}
	for i := 1; i < len(next); i++ {
		next[i] += next[i-1]
	}
	order := make([]int32, len(places))
	for row, at := range places {
		k := max(at, -1) + 1
		order[next[k]] = int32(row)
		next[k]++
	}
	return order
}
