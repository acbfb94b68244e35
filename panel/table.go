package panel

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/parallel"
)

// pages is a growing array that never moves what it holds: growth costs no copy and no slack.
type pages[T any] []*[pageSize]T

const (
	pageBits = 12
	pageSize = 1 << pageBits
)

// grow makes room for n items.
func (p *pages[T]) grow(n int) {
	for len(*p) < (n+pageSize-1)>>pageBits {
		*p = append(*p, new([pageSize]T))
	}
}

// at is item i.
func (p pages[T]) at(i int32) *T { return &p[i>>pageBits][i&(pageSize-1)] }

// column holds the sums of one column of the events, by place (a cell, or a unit). They are sums
// and counts only, so that two of them merge by addition, whatever made them.
type column struct {
	name    string
	binary  bool // only zeros and ones are allowed
	squared bool // the sum of squares is wanted
	counted bool // no sum is wanted, only how many values there are

	sums    pages[sum]
	squares pages[sum]
	missing pages[int64] // events without a value; pages that are nil have none
}

// source is a chunk's column: floats or, where values are only counted, any kind.
type source struct {
	floats  []float64
	missing func(row int) bool
}

// open finds the column in a chunk of events.
func (c *column) open(events *data.Frame) (source, error) {
	kind, err := events.Kind(c.name)
	if err != nil {
		return source{}, err
	}
	if c.counted && kind != data.Float {
		var k keys
		r, err := k.read(events, c.name)
		if err != nil {
			return source{}, err
		}
		return source{missing: r.missing}, nil
	}
	floats, err := events.Floats(c.name)
	return source{floats: floats}, err
}

// add adds the rows of a chunk from row from on; places[i] is where row from+i belongs, negative
// for nowhere. before is the number of rows that earlier chunks had, for errors.
func (c *column) add(src source, from int, places []int32, n int, before int64) error {
	if src.floats == nil {
		for i, at := range places {
			if at >= 0 && src.missing(from+i) {
				c.countMissing(at)
			}
		}
		return nil
	}
	values := src.floats[from : from+len(places)]
	limit := float64(largest)
	if c.squared {
		limit = largestSquare
	}
	c.sums.grow(n)
	sums := c.sums
	for i, at := range places {
		if at < 0 {
			continue
		}
		v := values[i]
		if !(math.Abs(v) <= limit) { // also true of NaN
			if v == v {
				return c.tooLarge(before+int64(from+i)+1, v)
			}
			c.countMissing(at)
			continue
		}
		sums.at(at).add(v)
	}
	if c.squared {
		c.addSquares(values, places, n)
	}
	if c.binary {
		return c.checkBinary(values, places, before+int64(from)+1)
	}
	return nil
}

func (c *column) addSquares(values []float64, places []int32, n int) {
	c.squares.grow(n)
	for i, at := range places {
		if v := values[i]; at >= 0 && v == v {
			c.squares.at(at).addSquare(v)
		}
	}
}

// checkBinary refuses what a share cannot be taken of; first is the row of values[0].
func (c *column) checkBinary(values []float64, places []int32, first int64) error {
	for i, v := range values {
		if v != 0 && v != 1 && v == v && places[i] >= 0 {
			return columnError(c.name, first+int64(i), strconv.FormatFloat(v, 'g', -1, 64)+" is neither 0 nor 1",
				"a share is of a 0/1 column; make an indicator of it, or take its mean")
		}
	}
	return nil
}

func (c *column) tooLarge(row int64, v float64) error {
	if math.IsInf(v, 0) {
		return columnError(c.name, row, "the value is infinite", "make it missing, or mend what computed it")
	}
	return columnError(c.name, row, strconv.FormatFloat(v, 'g', -1, 64)+" is too large to sum", "rescale the column")
}

// countMissing notes an event without a value.
func (c *column) countMissing(at int32) {
	page := int(at >> pageBits)
	for len(c.missing) <= page {
		c.missing = append(c.missing, nil)
	}
	if c.missing[page] == nil {
		c.missing[page] = new([pageSize]int64)
	}
	*c.missing.at(at)++
}

// absent is the number of events without a value.
func (c *column) absent(at int32) int64 {
	if page := int(at >> pageBits); page >= len(c.missing) || c.missing[page] == nil {
		return 0
	}
	return *c.missing.at(at)
}

// merge adds another column; moved[i] is where its place i is here, n the number of places here.
func (c *column) merge(o *column, moved []int32, n int) {
	mergeSums(&c.sums, o.sums, moved, n)
	mergeSums(&c.squares, o.squares, moved, n)
	for i, to := range moved {
		if k := o.absent(int32(i)); k > 0 {
			c.countMissing(to)
			*c.missing.at(to) += k - 1
		}
	}
}

func mergeSums(to *pages[sum], from pages[sum], moved []int32, n int) {
	if len(from) == 0 {
		return
	}
	to.grow(n)
	for i, at := range moved {
		to.at(at).merge(*from.at(int32(i)))
	}
}

// table holds the sums of several columns over the same places, and how many events each has.
type table struct {
	measures []Measure
	of       []int // the column of each measure, -1 for a count of events
	columns  []*column
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
			t.columns = append(t.columns, &column{name: m.Column, counted: true})
		}
		t.of[i] = k
		c := t.columns[k]
		c.binary = c.binary || m.Stat == Share
		c.squared = c.squared || m.Stat == SD
		c.counted = c.counted && m.Stat == CountObserved
	}
	return t
}

// open finds the table's columns in a chunk of events.
func (t *table) open(events *data.Frame) ([]source, error) {
	sources := make([]source, len(t.columns))
	for i, c := range t.columns {
		src, err := c.open(events)
		if err != nil {
			return nil, fmt.Errorf("panel: %w", err)
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
}

// observed is the number of values of a measure at a place (events, for a count of events).
func (t *table) observed(measure int, at int32) int64 {
	if t.of[measure] < 0 {
		return t.events[at]
	}
	return t.events[at] - t.columns[t.of[measure]].absent(at)
}

// fill lists a measure by place.
func (t *table) fill(values []float64, measure int) {
	stat := t.measures[measure].Stat
	for i := range values {
		at := int32(i)
		n := t.observed(measure, at)
		switch {
		case stat == Count || stat == CountObserved:
			values[i] = float64(n)
		case n == 0:
			values[i] = math.NaN()
		default:
			values[i] = t.columns[t.of[measure]].value(stat, at, n)
		}
	}
}

// value is a statistic of the n > 0 values at a place.
func (c *column) value(stat Stat, at int32, n int64) float64 {
	s := *c.sums.at(at)
	switch stat {
	case Sum:
		return s.total()
	case SD:
		return spread(n, s, *c.squares.at(at))
	default:
		return s.total() / float64(n)
	}
}

// write sets a column for each measure: row i has the value at places[i], none if it is negative.
func (t *table) write(f *data.Frame, places []int32, name func(Measure) string) error {
	columns := make([][]float64, len(t.measures))
	scratch := parallel.NewScratch(func() []float64 { return make([]float64, len(t.events)) })
	err := parallel.For(context.Background(), len(columns), func(m int) {
		byPlace := scratch.Get()
		defer scratch.Put(byPlace)
		t.fill(byPlace, m)
		rows := make([]float64, len(places))
		for i, at := range places {
			rows[i] = math.NaN()
			if at >= 0 {
				rows[i] = byPlace[at]
			}
		}
		columns[m] = rows
	})
	if err != nil {
		return err
	}
	for m, rows := range columns {
		if err := f.SetFloats(name(t.measures[m]), rows); err != nil {
			return err
		}
	}
	return nil
}
