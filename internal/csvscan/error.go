package csvscan

import (
	"fmt"
	"strings"

	"github.com/fieldexp/fieldexp/internal/refuse"
)

// Problem is what can be wrong with a record.
type Problem uint8

const (
	// BareQuote is a quote inside a field that does not begin with one.
	BareQuote Problem = iota + 1
	// QuoteInQuotes is a quote in a quoted field that is neither doubled nor followed by a
	// separator.
	QuoteInQuotes
	// OpenQuote is a quoted field that the file ends in.
	OpenQuote
	// Ragged is a record with more or fewer fields than the header.
	Ragged
	// NotNumber is a text in a column that the caller said holds numbers.
	NotNumber
	// NotTime is a text in a column that the caller said holds times, in none of the layouts.
	NotTime
	// LongRecord is a record whose end is not found within a reasonable length.
	LongRecord
	// Empty is a file without a header.
	Empty
	// Foreign is a text with a NUL byte, or with bytes that are not UTF-8.
	Foreign
)

// Error is a problem at a line of the input.
type Error struct {
	Problem Problem
	Line    int    // counted from 1
	Field   int    // counted from 0; for Ragged, the number of fields of the record
	Cell    string // the offending cell of NotNumber, NotTime and Foreign
}

// Error names the problem in words that the caller may complete.
func (e *Error) Error() string {
	switch e.Problem {
	case BareQuote:
		return `a quote stands inside a field that is not quoted`
	case QuoteInQuotes:
		return `a quote inside a quoted field is not doubled`
	case OpenQuote:
		return `a quoted field is not closed before the end of the file`
	case Ragged:
		return fmt.Sprintf("has %d fields", e.Field)
	case NotNumber:
		return fmt.Sprintf("%s is not a number", refuse.Cell(e.Cell))
	case NotTime:
		return fmt.Sprintf("%s is not a time in any of the layouts", refuse.Cell(e.Cell))
	case LongRecord:
		return fmt.Sprintf("no record ends within %d MB", longestRecord>>20)
	case Empty:
		return "is empty"
	case Foreign:
		if strings.IndexByte(e.Cell, 0) >= 0 {
			return fmt.Sprintf("%s holds a NUL byte", refuse.Cell(e.Cell))
		}
		return fmt.Sprintf("%s is not UTF-8", refuse.Cell(e.Cell))
	}
	return fmt.Sprintf("Problem(%d)", e.Problem)
}
