package report

import (
	"fmt"
	"math"
	"strings"

	"github.com/fieldexp/fieldexp/iv"
)

// CellKind says what a cell holds.
type CellKind int

const (
	// KindBlank is an empty cell.
	KindBlank CellKind = iota
	// KindEstimate is an estimate with its stars, and its standard error in parentheses beneath.
	KindEstimate
	// KindNumber is a number with a fixed number of decimals; it may carry stars.
	KindNumber
	// KindCount is a whole number, printed with commas between thousands.
	KindCount
	// KindProbability is a p-value; one that would print as 0.000 is printed as <0.001.
	KindProbability
	// KindText is text of the user's.
	KindText
	// KindMark is a Y, for a control or an effect that a column includes.
	KindMark
	// KindMissing is a number that could not be had; the reason goes to the notes.
	KindMissing
)

var cellKinds = []string{"blank", "estimate", "number", "count", "probability", "text", "mark", "missing"}

// String is the name that CSV and JSON carry.
func (k CellKind) String() string {
	if k < 0 || int(k) >= len(cellKinds) {
		return fmt.Sprintf("CellKind(%d)", int(k))
	}
	return cellKinds[k]
}

// Cell is what a row holds for a column. Its zero value is blank. The constructors make the usual
// ones; which fields mean something depends on Kind.
type Cell struct {
	Kind  CellKind
	Value float64
	SE    float64 // of an estimate
	P     float64 // of an estimate, NaN where it is not known
	Stars int     // 0 to 3
	// Digits is the number of decimals, where it differs from the table's.
	Digits int
	Text   string // of KindText; for KindMissing, the reason
	Below  []Line // printed beneath, after the standard error
	// Published is the cell that another source printed for the same quantity. A column with such
	// cells is printed as two, side by side.
	Published *Cell
}

// Estimate is an estimate with its standard error and stars according to p.
func Estimate(estimate, se, p float64) Cell {
	return Cell{Kind: KindEstimate, Value: estimate, SE: se, P: p, Stars: Stars(p)}
}

// Coefficient is an estimate with its standard error and stars; a dash stands for a standard error that it does not have.
func Coefficient(c iv.Coefficient) Cell {
	if c.Reason != "" {
		c.SE, c.P = math.NaN(), math.NaN()
	}
	return Estimate(c.Estimate, c.SE, c.P)
}

// Printed is an estimate as a publication prints it: with its stars as asterisks, its number of
// decimals, and NaN for a standard error that is not printed.
func Printed(estimate, se float64, stars string, digits int) Cell {
	c := Cell{Kind: KindEstimate, Value: estimate, SE: se, P: math.NaN(), Stars: strings.Count(stars, "*"), Digits: digits}
	if math.IsNaN(se) {
		c.Kind, c.SE = KindNumber, 0
	}
	return c
}

// Number is a number with the table's decimals.
func Number(x float64) Cell { return Cell{Kind: KindNumber, Value: x, P: math.NaN()} }

// Count is a whole number.
func Count(n int) Cell { return Cell{Kind: KindCount, Value: float64(n)} }

// Probability is a p-value.
func Probability(p float64) Cell { return Cell{Kind: KindProbability, Value: p} }

// Label is text.
func Label(text string) Cell { return Cell{Kind: KindText, Text: text} }

// Mark is a Y where on is true, and blank where it is not.
func Mark(on bool) Cell {
	if on {
		return Cell{Kind: KindMark}
	}
	return Cell{}
}

// Missing is a dash, with the reason in the table's notes.
func Missing(reason string) Cell { return Cell{Kind: KindMissing, Text: reason} }

// With returns the cell with more lines beneath it.
func (c Cell) With(lines ...Line) Cell {
	c.Below = append(c.Below[:len(c.Below):len(c.Below)], lines...)
	return c
}

// WithDigits returns the cell with its own number of decimals.
func (c Cell) WithDigits(digits int) Cell {
	c.Digits = digits
	return c
}

// Beside returns the cell with the published one to print beside it.
func (c Cell) Beside(published Cell) Cell {
	c.Published = &published
	return c
}

// LineKind says how a line beneath an estimate is printed.
type LineKind int

const (
	// LineP is a p-value in brackets.
	LineP LineKind = iota
	// LineSet is a confidence set in braces.
	LineSet
	// LineNumber is a number in parentheses, such as a second standard error.
	LineNumber
)

// String is the name that JSON carries.
func (k LineKind) String() string {
	switch k {
	case LineP:
		return "p"
	case LineSet:
		return "set"
	case LineNumber:
		return "number"
	}
	return fmt.Sprintf("LineKind(%d)", int(k))
}

// Line is printed beneath an estimate and its standard error. Its name says what it is in CSV and
// JSON; what the reader of a printed table needs to know belongs in the notes.
type Line struct {
	Name  string
	Kind  LineKind
	Value float64 // of LineP and LineNumber
	Set   iv.Set  // of LineSet
}

// PValue is a p-value in brackets, such as that of a bootstrap.
func PValue(name string, p float64) Line { return Line{Name: name, Kind: LineP, Value: p} }

// ConfidenceSet is a confidence set in braces: an interval, two rays, several pieces, the whole
// line, or empty; a dash where it could not be computed.
func ConfidenceSet(name string, set iv.Set) Line {
	return Line{Name: name, Kind: LineSet, Set: set}
}
