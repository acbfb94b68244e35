package data

import (
	"cmp"
	"fmt"
	"math"
	"time"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/csvscan"
	"github.com/fieldexp/fieldexp/internal/refuse"
)

// Values computes the column without adding it. undefined counts the rows whose operands are all
// there and whose result is missing nevertheless: zero denominators, values without a logarithm,
// and sums and the like of infinities that cancel.
func (d Derivation) Values(f *Frame) (values []float64, undefined int, err error) {
	if err := d.check(); err != nil {
		return nil, 0, err
	}
	if d.Op == OpIndicator {
		values, err = d.indicator(f)
		return values, 0, err
	}
	operands := make([][]float64, len(d.Columns))
	if d.Op == OpDifference && isTime(f, d.Columns[0]) && isTime(f, d.Columns[1]) {
		return d.seconds(f), 0, nil
	}
	for i, name := range d.Columns {
		if operands[i], err = f.Floats(name); err != nil {
			return nil, 0, err
		}
	}
	values = append(make([]float64, 0, f.n), operands[0]...)
	switch d.Op {
	case OpDifference:
		for i, b := range operands[1] {
			values[i] -= b
		}
	case OpSum:
		for _, operand := range operands[1:] {
			for i, b := range operand {
				values[i] += b
			}
		}
	case OpProduct:
		for _, operand := range operands[1:] {
			for i, b := range operand {
				values[i] *= b
			}
		}
	case OpRatio:
		for i, b := range operands[1] {
			if b == 0 {
				values[i] = math.NaN()
			} else {
				values[i] /= b
			}
		}
	case OpLog:
		if err := d.log(values); err != nil {
			return nil, 0, err
		}
	}
	return values, countUndefined(values, operands), nil
}

// check sees that the derivation has a name and as many operands as it takes.
func (d Derivation) check() error {
	low, high := 1, 1
	switch d.Op {
	case OpDifference, OpRatio:
		low, high = 2, 2
	case OpSum, OpProduct:
		high = math.MaxInt
	case OpLog, OpIndicator:
	default:
		return refuse.Column("data", fieldexp.BadColumn, d.Name, 0, d.Op.String()+" is not an operation")
	}
	if n := len(d.Columns); n < low || n > high {
		return refuse.Column("data", fieldexp.BadColumn, d.Name, 0, fmt.Sprintf("%s takes %s, not %d", d.Op, plural(low, "column"), n))
	}
	if d.Op == OpIndicator && !d.Quoted && d.Value != d.Value {
		return refuse.Column("data", fieldexp.BadColumn, d.Name, 0, "compares with a missing value", "compare with a number")
	}
	return nil
}

// log takes the logarithm of values in place.
func (d Derivation) log(values []float64) error {
	for i, v := range values {
		switch {
		case v != v:
		case d.Rule == LogPlusOne && v > -1:
			values[i] = math.Log1p(v)
		case d.Rule != LogPlusOne && v > 0:
			values[i] = math.Log(v)
		case d.Rule == LogRefuse:
			return refuse.Column("data", fieldexp.BadCell, d.Columns[0], int64(i+1),
				formatFloat(v)+" has no logarithm", "make it missing", "take log1p")
		default:
			values[i] = math.NaN()
		}
	}
	return nil
}

// seconds is the difference of two time columns.
func (d Derivation) seconds(f *Frame) []float64 {
	a, b := f.cols[f.index[d.Columns[0]]].times, f.cols[f.index[d.Columns[1]]].times
	values := make([]float64, f.n)
	for i := range values {
		if a[i] == MissingTime || b[i] == MissingTime {
			values[i] = math.NaN()
			continue
		}
		// Whole seconds first: instants may lie further apart than an int64 of nanoseconds reaches.
		const second = int64(time.Second)
		values[i] = float64(a[i]/second-b[i]/second) + float64(a[i]%second-b[i]%second)/float64(second)
	}
	return values
}

func isTime(f *Frame, name string) bool {
	kind, err := f.Kind(name)
	return err == nil && kind == Time
}

// countUndefined counts the missing values of rows in which no operand is missing.
func countUndefined(values []float64, operands [][]float64) int {
	undefined := 0
rows:
	for i, v := range values {
		if v == v {
			continue
		}
		for _, operand := range operands {
			if operand[i] != operand[i] {
				continue rows
			}
		}
		undefined++
	}
	return undefined
}

// indicator compares the column with a number, a text or a time.
func (d Derivation) indicator(f *Frame) ([]float64, error) {
	c, err := f.column(d.Columns[0])
	if err != nil {
		return nil, err
	}
	values := make([]float64, f.n)
	switch {
	case c.kind == Float && !d.Quoted:
		for i, v := range c.floats {
			values[i] = indicate(d.Compare, v == v, cmp.Compare(v, d.Value))
		}
	case c.kind == Categorical && d.Quoted && (d.Compare == Equal || d.Compare == NotEqual):
		for i, code := range c.codes {
			sign := 1
			if code >= 0 && c.levels[code] == d.Text {
				sign = 0
			}
			values[i] = indicate(d.Compare, code >= 0, sign)
		}
	case c.kind == Time && d.Quoted:
		at, offset, ok := csvscan.NewClock(DefaultLayouts(), nil).Parse([]byte(d.Text))
		if !ok || offset != csvscan.NoOffset {
			return nil, refuse.Column("data", fieldexp.BadColumn, c.name, 0,
				fmt.Sprintf("holds times, and %q is not a time", d.Text),
				"write it as 2006-01-02 or 2006-01-02 15:04:05")
		}
		for i, t := range c.times {
			values[i] = indicate(d.Compare, t != MissingTime, cmp.Compare(t, at))
		}
	default:
		return nil, d.incomparable(c)
	}
	return values, nil
}

// incomparable is the error of an indicator that does not suit the kind of its column.
func (d Derivation) incomparable(c *column) error {
	if c.kind == Categorical && !d.Quoted { // numbers, but for some cells
		if e := c.misfit(Float, 0, false); e.Problem == fieldexp.BadCell {
			return e
		}
	}
	e := refuse.Column("data", fieldexp.BadColumn, c.name, 0, "holds "+c.kind.values())
	switch c.kind {
	case Float:
		e.Remedy = []fieldexp.Hint{fieldexp.Hint(fmt.Sprintf("compare it with a number, not with the text %q", d.Text))}
	case Categorical:
		e.Remedy = []fieldexp.Hint{"compare it by == or != with a text in quotes"}
	default:
		e.Remedy = []fieldexp.Hint{`compare it with a time in quotes, like "2006-01-02"`}
	}
	return e
}

// indicate is 1 or 0 as the relation holds, NaN for a missing value.
func indicate(c Comparison, there bool, sign int) float64 {
	switch {
	case !there:
		return math.NaN()
	case c.holds(sign):
		return 1
	}
	return 0
}
