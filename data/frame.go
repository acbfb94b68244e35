package data

import (
	"math"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/refuse"
)

// Kind is the type of a column.
type Kind int

const (
	// Float is a column of float64 values; NaN is missing.
	Float Kind = iota
	// Categorical is a column of codes into a list of levels; a negative code is missing.
	Categorical
	// Time is a column of what a clock shows, in nanoseconds since 1970-01-01 00:00 of that clock, as
	// if it were in UTC; MissingTime is missing.
	Time
)

// String names the kind as it appears in errors.
func (k Kind) String() string {
	switch k {
	case Float:
		return "number"
	case Categorical:
		return "text"
	case Time:
		return "time"
	}
	return "Kind(" + strconv.Itoa(int(k)) + ")"
}

// values names the values of a column of the kind.
func (k Kind) values() string {
	if k == Categorical {
		return "text"
	}
	return k.String() + "s"
}

// MissingTime marks a missing instant in a Time column.
const MissingTime int64 = math.MinInt64

// column is one named, typed column. Exactly one of floats, codes and times is in use.
type column struct {
	name   string
	kind   Kind
	floats []float64
	codes  []int32
	levels []string
	times  []int64
	origin *origin // where it was read, if it was
	named  bool    // the kind was, by the caller
	// look tells of a Float column whether all values are there and finite, and whether some are infinite.
	look func() (finite, infinite bool)
}

// Frame is a table of named, typed columns of equal length. The zero value is an empty frame
// that is ready to use. Columns are shared, not copied: the slices that its accessors return
// must not be written to, and slices given to its setters belong to the frame from then on.
//
// A nil Frame has no rows and no columns, and refuses whatever is asked of it.
//
// A Frame may be read from several goroutines at once as long as none of them sets a column.
type Frame struct {
	cols   []column
	index  map[string]int
	n      int
	groups *groupCache // of the columns as they are; nil until a column is set
}

// Len is the number of rows.
func (f *Frame) Len() int {
	if f == nil {
		return 0
	}
	return f.n
}

// Names lists the columns in their order.
func (f *Frame) Names() []string {
	if f == nil {
		return nil
	}
	names := make([]string, len(f.cols))
	for i := range f.cols {
		names[i] = f.cols[i].name
	}
	return names
}

// Has reports whether there is a column of that name.
func (f *Frame) Has(name string) bool {
	if f == nil {
		return false
	}
	_, ok := f.index[name]
	return ok
}

// Kind is the type of a column. The error is a *fieldexp.Error when there is none of that name.
func (f *Frame) Kind(name string) (Kind, error) {
	c, err := f.column(name)
	if err != nil {
		return 0, err
	}
	return c.kind, nil
}

// Floats returns the values of a Float column, NaN where missing. The error is a
// *fieldexp.Error when the column is unknown or of another kind.
func (f *Frame) Floats(name string) ([]float64, error) {
	c, err := f.column(name)
	if err != nil {
		return nil, err
	}
	if c.kind != Float {
		return nil, c.misfit(Float, 0, false)
	}
	return c.floats, nil
}

// Finite reports whether all values of a Float column are there and finite. A frame looks once and
// keeps the answer. The error is that of Floats.
func (f *Frame) Finite(name string) (bool, error) {
	values, err := f.Floats(name)
	if err != nil {
		return false, err
	}
	finite, _ := f.look(name, values)
	return finite, nil
}

// Infinite reports whether some value of a Float column is infinite, in the way of Finite.
func (f *Frame) Infinite(name string) (bool, error) {
	values, err := f.Floats(name)
	if err != nil {
		return false, err
	}
	_, infinite := f.look(name, values)
	return infinite, nil
}

// look looks at a Float column, once.
func (f *Frame) look(name string, values []float64) (finite, infinite bool) {
	if look := f.cols[f.index[name]].look; look != nil {
		return look()
	}
	return lookAt(values) // of a chunk of a file, which nobody asks twice
}

// lookOnce prepares what is found when it is first asked for. It is for a column with new values.
func (c *column) lookOnce() {
	if values := c.floats; c.kind == Float {
		c.look = sync.OnceValues(func() (finite, infinite bool) { return lookAt(values) })
	}
}

// lookAt finds whether all values are there and finite, and whether some are infinite.
func lookAt(values []float64) (finite, infinite bool) {
	var missing, beyond atomic.Bool
	inParts(len(values), func(_, from, to int) {
		other, infinity := false, false
		for _, v := range values[from:to] {
			if v-v != 0 {
				other, infinity = true, infinity || v == v
			}
		}
		if other {
			missing.Store(true)
		}
		if infinity {
			beyond.Store(true)
		}
	})
	return !missing.Load(), beyond.Load()
}

// Codes returns the codes and levels of a Categorical column: row i has level levels[codes[i]],
// and is missing where codes[i] is negative.
func (f *Frame) Codes(name string) (codes []int32, levels []string, err error) {
	c, err := f.column(name)
	if err != nil {
		return nil, nil, err
	}
	if c.kind != Categorical {
		return nil, nil, refuse.Column("data", fieldexp.BadColumn, name, 0,
			"holds "+c.kind.values()+", not text", "use {Group}, which makes groups of any column")
	}
	return c.codes, c.levels, nil
}

// Times returns a copy of the values of a Time column, in UTC; the zero time where missing.
func (f *Frame) Times(name string) ([]time.Time, error) {
	instants, err := f.Instants(name)
	if err != nil {
		return nil, err
	}
	times := make([]time.Time, len(instants))
	for i, t := range instants {
		if t != MissingTime {
			times[i] = time.Unix(0, t).UTC()
		}
	}
	return times, nil
}

// Instants returns the values of a Time column as they are held: in nanoseconds since 1970-01-01 UTC,
// MissingTime where missing.
func (f *Frame) Instants(name string) ([]int64, error) {
	c, err := f.column(name)
	if err != nil {
		return nil, err
	}
	if c.kind != Time {
		return nil, c.misfit(Time, 0, false)
	}
	return c.times, nil
}

// SetFloats adds a Float column, or replaces the column of that name.
func (f *Frame) SetFloats(name string, values []float64) error {
	return f.set(column{name: name, kind: Float, floats: values}, len(values))
}

// SetCodes adds a Categorical column, or replaces the column of that name. Codes at or past the
// number of levels are refused.
func (f *Frame) SetCodes(name string, codes []int32, levels []string) error {
	for i, c := range codes {
		if int(c) >= len(levels) {
			return refuse.Column("data", fieldexp.BadCell, name, int64(i+1),
				"code "+strconv.Itoa(int(c))+" has no level", "give a level for every code")
		}
	}
	return f.set(column{name: name, kind: Categorical, codes: codes, levels: levels}, len(codes))
}

// SetStrings adds a Categorical column made of the distinct strings in the order of their first
// appearance; the empty string is missing.
func (f *Frame) SetStrings(name string, values []string) error {
	var levels []string
	seen := make(map[string]int32)
	codes := make([]int32, len(values))
	for i, s := range values {
		if s == "" {
			codes[i] = -1
			continue
		}
		c, ok := seen[s]
		if !ok {
			c = int32(len(levels))
			seen[s] = c
			levels = append(levels, s)
		}
		codes[i] = c
	}
	return f.set(column{name: name, kind: Categorical, codes: codes, levels: levels}, len(codes))
}

// firstYear and lastYear bound the whole years that nanoseconds since 1970 reach.
const firstYear, lastYear = 1678, 2261

// SetTimes adds a Time column, or replaces the column of that name; the zero time is missing. Times
// outside the years 1678 to 2261 are refused.
func (f *Frame) SetTimes(name string, values []time.Time) error {
	instants := make([]int64, len(values))
	for i, t := range values {
		switch year := t.UTC().Year(); {
		case t.IsZero():
			instants[i] = MissingTime
		case year < firstYear || year > lastYear:
			return refuse.Column("data", fieldexp.BadCell, name, int64(i+1),
				t.Format(time.DateOnly)+" is outside the years 1678 to 2261", "make it missing")
		default:
			instants[i] = t.UnixNano()
		}
	}
	return f.SetInstants(name, instants)
}

// SetInstants adds a Time column of nanoseconds since 1970-01-01 UTC, MissingTime where missing, or
// replaces the column of that name.
func (f *Frame) SetInstants(name string, values []int64) error {
	return f.set(column{name: name, kind: Time, times: values}, len(values))
}

// set adds or replaces a column of n rows.
func (f *Frame) set(c column, n int) error {
	if f == nil {
		return noFrame()
	}
	if c.name == "" {
		return &fieldexp.Error{Op: "data", Problem: fieldexp.BadSpec,
			Message: "a column has no name",
			Remedy:  []fieldexp.Hint{"give it one"}}
	}
	at, replaces := f.index[c.name]
	if n != f.n && len(f.cols) > 0 && !(replaces && len(f.cols) == 1) {
		return refuse.Column("data", fieldexp.BadColumn, c.name, 0,
			"has "+strconv.Itoa(n)+" rows, the frame has "+strconv.Itoa(f.n),
			"give every column the same length")
	}
	f.n = n
	c.lookOnce()
	f.groups = f.groups.without(c.name)
	if replaces {
		f.cols[at] = c
		return nil
	}
	if f.index == nil {
		f.index = make(map[string]int)
	}
	f.index[c.name] = len(f.cols)
	f.cols = append(f.cols, c)
	return nil
}

// Clone returns a frame with the same columns. Columns set in one do not appear in the other;
// the values are shared, not copied.
func (f *Frame) Clone() *Frame {
	if f == nil {
		return nil
	}
	g := &Frame{cols: append([]column(nil), f.cols...), index: make(map[string]int, len(f.index)), n: f.n, groups: f.groups}
	for name, i := range f.index {
		g.index[name] = i
	}
	return g
}

func (f *Frame) column(name string) (*column, error) {
	if f == nil {
		return nil, noFrame()
	}
	i, ok := f.index[name]
	if !ok {
		return nil, refuse.Column("data", fieldexp.NoColumn, name, 0, "is not there", fieldexp.Hint(f.suggest(name)))
	}
	return &f.cols[i], nil
}

// noFrame is the error of a nil frame.
func noFrame() error {
	return &fieldexp.Error{Op: "data", Problem: fieldexp.NoRows,
		Message: "there is no frame",
		Remedy:  []fieldexp.Hint{"read one by {ReadCSV}", "fill a new {Frame}"}}
}
