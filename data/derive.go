package data

import (
	"strconv"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/refuse"
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
	Equal        Comparison = iota // ==
	NotEqual                       // !=
	Less                           // <
	LessEqual                      // <=
	Greater                        // >
	GreaterEqual                   // >=
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

// Apply adds the column to a frame. The error is a *fieldexp.Error when an operand is not there or is
// of the wrong kind, when the new name is taken, and when LogRefuse meets a value without logarithm.
func (d Derivation) Apply(f *Frame) error {
	_, err := d.apply(f)
	return err
}

// apply adds the column and counts the undefined values.
func (d Derivation) apply(f *Frame) (undefined int, err error) {
	if f.Has(d.Name) {
		return 0, refuse.Column("data", fieldexp.ColumnTaken, d.Name, 0, "is there already", "give the derived column another name")
	}
	values, undefined, err := d.Values(f)
	if err != nil {
		return 0, err
	}
	return undefined, f.SetFloats(d.Name, values)
}
