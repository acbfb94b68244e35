package panel

import (
	"math"
	"strconv"
	"sync/atomic"

	"github.com/fieldexp/fieldexp/data"
)

// column is a column of the events of which a table holds sums, or counts the values.
type column struct {
	name    string
	number  int  // among the columns of the table
	binary  bool // only zeros and ones are allowed
	squared bool // the sum of squares is wanted
	counted bool // no sum is wanted, only how many values there are

	sum, square int                               // where its sums are among those of the table, if they are wanted
	missing     []atomic.Pointer[[pageSize]int64] // by place, events without a value; pages that are nil have none
}

// source is a chunk's column: floats or, where values are only counted, any kind.
type source struct {
	floats  []float64
	missing func(row int) bool
}

// open finds the column in a chunk of events.
func (c *column) open(events *data.Frame) (source, error) {
	if c.counted {
		r, err := openKey(events, c.name)
		return source{missing: r.missing}, err
	}
	floats, err := events.Floats(c.name)
	return source{floats: floats}, err
}

// limit is the largest value of the column, up to its sign, that can be summed without overflow.
func (c *column) limit() float64 {
	if c.squared {
		return largestSquare
	}
	return largest
}

// check refuses values of some rows that cannot be summed, or that a share cannot be taken of; before is the number of
// rows before values[0].
func (c *column) check(values []float64, rows []placed, before int64) error {
	for _, r := range rows {
		if v := values[r.row]; math.Abs(v) > c.limit() {
			return c.tooLarge(before+int64(r.row)+1, v)
		}
	}
	for _, r := range rows {
		if v := values[r.row]; c.binary && !zeroOrOne(v) {
			return columnError(c.name, before+int64(r.row)+1, strconv.FormatFloat(v, 'g', -1, 64)+" is neither 0 nor 1",
				"make an indicator of it", "take its {Mean}")
		}
	}
	return nil
}

// zeroOrOne is true of a missing value too.
func zeroOrOne(v float64) bool { return v == 0 || v == 1 || v != v }

func (c *column) tooLarge(row int64, v float64) error {
	if math.IsInf(v, 0) {
		return columnError(c.name, row, "the value is infinite", "make it missing", "mend what computed it")
	}
	return columnError(c.name, row, strconv.FormatFloat(v, 'g', -1, 64)+" is too large to sum", "rescale the column")
}

// grow makes room for n places.
func (c *column) grow(n int) {
	if grow := (n+pageSize-1)>>pageBits - len(c.missing); grow > 0 {
		c.missing = append(c.missing, make([]atomic.Pointer[[pageSize]int64], grow)...)
	}
}

// countMissing notes an event without a value.
func (c *column) countMissing(at int32) {
	page := &c.missing[at>>pageBits]
	if page.Load() == nil {
		page.CompareAndSwap(nil, new([pageSize]int64)) // unless somebody else just did
	}
	page.Load()[at%pageSize]++
}

// absent is the number of events without a value.
func (c *column) absent(at int32) int64 {
	page := c.missing[at>>pageBits].Load()
	if page == nil {
		return 0
	}
	return page[at%pageSize]
}

// merge adds the counts of another column; moved[i] is where its place i is here.
func (c *column) merge(o *column, moved []int32) {
	for i, to := range moved {
		if k := o.absent(int32(i)); k > 0 {
			c.countMissing(to)
			c.missing[to>>pageBits].Load()[to%pageSize] += k - 1
		}
	}
}
