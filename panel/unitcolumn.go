package panel

import (
	"fmt"
	"math"
	"strconv"

	"github.com/fieldexp/fieldexp/data"
)

// unitColumn keeps the first value, by unit, of a column that is fixed within units.
type unitColumn struct {
	name  string
	kind  data.Kind
	known bool // whether kind is

	floats []float64
	times  []int64
	codes  []int32
	texts  set[string]

	varies  []bool // by unit
	example variation
}

// variation is the first case of a unit column that is not fixed.
type variation struct {
	found         bool
	unit          int32
	row           int64 // 0 when it was found by merging
	first, second string
}

// unitReader reads one chunk's unit column; Categorical codes are translated to the kept texts.
type unitReader struct {
	floats []float64
	times  []int64
	codes  []int32
	levels []string
}

// open finds the column in a chunk of events.
func (c *unitColumn) open(events *data.Frame) (unitReader, error) {
	var r unitReader
	kind, err := events.Kind(c.name)
	if err != nil {
		return r, err
	}
	if c.known && kind != c.kind {
		return r, columnError(c.name, 0, fmt.Sprintf("holds %s here and %s in the events before", kind, c.kind),
			"name its type when reading, so that it is the same in every chunk")
	}
	switch kind {
	case data.Categorical:
		r.codes, r.levels, err = events.Codes(c.name)
	case data.Time:
		r.times, err = events.Instants(c.name)
	default:
		r.floats, err = events.Floats(c.name)
	}
	return r, err
}

// add keeps first values of the rows from row from on; units[i] is the unit of row from+i,
// negative for none. n is the number of units, before the number of rows in earlier chunks.
func (c *unitColumn) add(r unitReader, from int, units []int32, n int, before int64) {
	c.grow(n)
	switch c.kind {
	case data.Categorical:
		translate := make([]int32, len(r.levels))
		for i := range translate {
			translate[i] = -1
		}
		keepFirst(c, c.codes, units, before+int64(from)+1, func(i int) int32 {
			level := r.codes[from+i]
			if level < 0 {
				return -1
			}
			if translate[level] < 0 {
				translate[level] = c.texts.code(r.levels[level])
			}
			return translate[level]
		}, noCode)
	case data.Time:
		keepFirst(c, c.times, units, before+int64(from)+1, func(i int) int64 { return r.times[from+i] }, noTime)
	default:
		keepFirst(c, c.floats, units, before+int64(from)+1, func(i int) float64 { return r.floats[from+i] }, noFloat)
	}
}

func noCode(c int32) bool    { return c < 0 }
func noTime(t int64) bool    { return t == data.MissingTime }
func noFloat(v float64) bool { return v != v }

// keepFirst goes through values by unit, keeps the first that is not missing, and notes any that
// differ from it. firstRow is the row of value 0, or 0 where values have no row.
func keepFirst[T comparable](c *unitColumn, held []T, units []int32, firstRow int64, value func(i int) T, missing func(T) bool) {
	for i, u := range units {
		if u < 0 {
			continue
		}
		v := value(i)
		if v == held[u] || missing(v) {
			continue
		}
		if missing(held[u]) {
			held[u] = v
			continue
		}
		c.varies[u] = true
		if !c.example.found {
			c.example = variation{found: true, unit: u, first: c.text(held[u]), second: c.text(v)}
			if firstRow > 0 {
				c.example.row = firstRow + int64(i)
			}
		}
	}
}

// text shows a value for people.
func (c *unitColumn) text(v any) string {
	switch v := v.(type) {
	case int32:
		return strconv.Quote(c.texts.values[v])
	case int64:
		return instantLabel(v)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return fmt.Sprint(v)
}

// grow makes room for n units, without a value yet.
func (c *unitColumn) grow(n int) {
	for len(c.varies) < n {
		c.varies = append(c.varies, false)
		switch c.kind {
		case data.Categorical:
			c.codes = append(c.codes, -1)
		case data.Time:
			c.times = append(c.times, data.MissingTime)
		default:
			c.floats = append(c.floats, math.NaN())
		}
	}
}

// merge keeps the other's first values for units that have none here; moved[u] is where its unit u
// is here, n the number of units here.
func (c *unitColumn) merge(o *unitColumn, moved []int32, n int) {
	if o.known {
		c.kind, c.known = o.kind, true
	}
	c.grow(n)
	if len(o.varies) == 0 {
		return
	}
	switch c.kind {
	case data.Categorical:
		codes := c.texts.absorb(&o.texts)
		keepFirst(c, c.codes, moved, 0, func(i int) int32 {
			if o.codes[i] < 0 {
				return -1
			}
			return codes[o.codes[i]]
		}, noCode)
	case data.Time:
		keepFirst(c, c.times, moved, 0, func(i int) int64 { return o.times[i] }, noTime)
	default:
		keepFirst(c, c.floats, moved, 0, func(i int) float64 { return o.floats[i] }, noFloat)
	}
	for u, varies := range o.varies {
		c.varies[moved[u]] = c.varies[moved[u]] || varies
	}
	if o.example.found && !c.example.found {
		c.example = o.example
		c.example.unit = moved[o.example.unit]
		c.example.row = 0
	}
}

// varying is the number of units in which the column takes more than one value.
func (c *unitColumn) varying() int {
	n := 0
	for _, v := range c.varies {
		if v {
			n++
		}
	}
	return n
}

// refuse is the error for a column that is not fixed within units.
func (c *unitColumn) refuse(units *keys) error {
	e := c.example
	return columnError(c.name, e.row,
		fmt.Sprintf("varies within %d of %d units (in unit %s it is %s, then %s)",
			c.varying(), len(c.varies), units.label(e.unit), e.first, e.second),
		"aggregate it as a measure", "set {KeepFirst} to take the first value")
}

// write sets the column of the panel: row i is of unit units[i].
func (c *unitColumn) write(f *data.Frame, units []int32) error {
	switch c.kind {
	case data.Categorical:
		sorted := c.texts.sorted()
		rank := inverse(sorted)
		codes := make([]int32, len(units))
		for i, u := range units {
			if codes[i] = c.codes[u]; codes[i] >= 0 {
				codes[i] = rank[codes[i]]
			}
		}
		return f.SetCodes(c.name, codes, gather(c.texts.values, sorted))
	case data.Time:
		return f.SetInstants(c.name, gather(c.times, units))
	default:
		return f.SetFloats(c.name, gather(c.floats, units))
	}
}
