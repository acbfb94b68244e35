package data

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/fieldexp/fieldexp/internal/csvscan"
)

// Operation is what a Derivation computes.
type Operation int

const (
	// OpDifference is a - b of two number columns, or the seconds from b to a of two time columns.
	OpDifference Operation = iota
	// OpSum is a + b + ...
	OpSum
	// OpProduct is a * b * ...
	OpProduct
	// OpRatio is a / b, missing where b is zero.
	OpRatio
	// OpLog is the natural logarithm, by the LogRule.
	OpLog
	// OpIndicator is 1 where a comparison holds and 0 where it does not.
	OpIndicator
)

// String is the operator, or the name of the function.
func (op Operation) String() string {
	switch op {
	case OpDifference:
		return "-"
	case OpSum:
		return "+"
	case OpProduct:
		return "*"
	case OpRatio:
		return "/"
	case OpLog:
		return "log"
	case OpIndicator:
		return "indicator"
	}
	return "Operation(" + strconv.Itoa(int(op)) + ")"
}

// LogRule says what becomes of values that have no logarithm.
type LogRule int

const (
	// LogMissing makes the logarithm of zero and of negative values missing, and counts them.
	LogMissing LogRule = iota
	// LogPlusOne takes the logarithm of one plus the value. Values of -1 and below become missing,
	// and are counted.
	LogPlusOne
	// LogRefuse makes zero and negative values an error.
	LogRefuse
)

// String describes the rule.
func (r LogRule) String() string {
	switch r {
	case LogMissing:
		return "log, missing at zero and below"
	case LogPlusOne:
		return "log of one plus the value"
	case LogRefuse:
		return "log, refused at zero and below"
	}
	return "LogRule(" + strconv.Itoa(int(r)) + ")"
}

// Comparison is the relation that an indicator tests.
type Comparison int

const (
	Equal Comparison = iota
	NotEqual
	Less
	LessEqual
	Greater
	GreaterEqual
)

var comparisonSigns = [...]string{Equal: "==", NotEqual: "!=", Less: "<", LessEqual: "<=", Greater: ">", GreaterEqual: ">="}

// String is the sign of the relation.
func (c Comparison) String() string {
	if c < 0 || int(c) >= len(comparisonSigns) {
		return "Comparison(" + strconv.Itoa(int(c)) + ")"
	}
	return comparisonSigns[c]
}

// holds reports whether the relation holds of two values of which the sign of the difference is
// given.
func (c Comparison) holds(sign int) bool {
	switch c {
	case Equal:
		return sign == 0
	case NotEqual:
		return sign != 0
	case Less:
		return sign < 0
	case LessEqual:
		return sign <= 0
	case Greater:
		return sign > 0
	default:
		return sign >= 0
	}
}

// Derivation describes a new column that is computed from others, row by row, so that it can be
// applied to a whole frame or to one chunk after the other with the same result. A row in which an
// operand is missing has a missing result. ParseDerivation makes one from text.
type Derivation struct {
	Name    string // of the new column
	Op      Operation
	Columns []string   // operands: two for OpDifference and OpRatio, one for OpLog and OpIndicator
	Rule    LogRule    // of OpLog
	Compare Comparison // of OpIndicator: how the column compares with
	Value   float64    // this number, or
	Quoted  bool       // if set,
	Text    string     // this level of a text column or this time of a time column
}

// Apply adds the column to a frame. The error is a *ColumnError when an operand is not there or is
// of the wrong kind, when the new name is taken, and when LogRefuse meets a value without logarithm.
func (d Derivation) Apply(f *Frame) error {
	_, err := d.apply(f)
	return err
}

// apply adds the column and counts the undefined values.
func (d Derivation) apply(f *Frame) (undefined int, err error) {
	if f.Has(d.Name) {
		return 0, &ColumnError{Column: d.Name, Problem: "is there already", Remedy: "give the derived column another name"}
	}
	values, undefined, err := d.Values(f)
	if err != nil {
		return 0, err
	}
	return undefined, f.SetFloats(d.Name, values)
}

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
		return &ColumnError{Column: d.Name, Problem: d.Op.String() + " is not an operation"}
	}
	if n := len(d.Columns); n < low || n > high {
		return &ColumnError{Column: d.Name, Problem: fmt.Sprintf("%s takes %s, not %d", d.Op, plural(low, "column"), n)}
	}
	if d.Op == OpIndicator && !d.Quoted && d.Value != d.Value {
		return &ColumnError{Column: d.Name, Problem: "compares with a missing value", Remedy: "compare with a number"}
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
			return &ColumnError{Column: d.Columns[0], Row: i + 1, Problem: formatFloat(v) + " has no logarithm",
				Remedy: "make it missing, or take log1p"}
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
		at, ok := csvscan.NewClock(DefaultLayouts()).Parse([]byte(d.Text))
		if !ok {
			return nil, &ColumnError{Column: c.name, Problem: fmt.Sprintf("holds times, and %q is not a time", d.Text),
				Remedy: "write it as 2006-01-02 or 2006-01-02 15:04:05"}
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
	e := &ColumnError{Column: c.name, Problem: "holds " + c.kind.values()}
	switch c.kind {
	case Float:
		e.Remedy = fmt.Sprintf("compare it with a number, not with the text %q", d.Text)
	case Categorical:
		e.Remedy = "compare it by == or != with a text in quotes"
	default:
		e.Remedy = `compare it with a time in quotes, like "2006-01-02"`
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
