package report

import (
	"fmt"

	"github.com/fieldexp/fieldexp"
)

// Table is a table as data: what it says, not how it looks. Its zero value plus columns and
// sections prints as a regression table with numbered columns and three decimals.
type Table struct {
	Number   string // as in "Table A1": "A1"; none when empty
	Title    string
	Stub     string // heading of the row labels
	Columns  []Column
	Spanners []Spanner
	Sections []Section // separated by a thin rule
	Notes    []string  // sentences, printed in order under the table
	// Refusal says why there is no such table. It stands in the table's place, without columns and sections.
	Refusal string

	// Unnumbered leaves out the row of (1), (2), ...
	Unnumbered bool
	// Digits is the number of decimals: 0 means DefaultDigits, NoDecimals none.
	Digits int
	// Small says how numbers are printed that would round to zero.
	Small SmallNumbers
	// Computed and Published head the two halves of a column whose cells stand beside published
	// ones; "Computed" and "Published" when empty.
	Computed, Published string
}

// Column heads a column of cells.
type Column struct {
	Header string
	// Number is what stands under the header; "(1)", "(2)", ... by position when empty.
	Number string
	Align  Align
}

// Align places what is in a column.
type Align int

const (
	// AlignDecimal aligns numbers at their decimal point and centres the rest.
	AlignDecimal Align = iota
	// AlignLeft is for text, such as a definition.
	AlignLeft
)

// Spanner is a heading over the columns From to To, counted from 0, both included. Spanners may be
// nested; the narrower one is nearer to the columns.
type Spanner struct {
	Label    string
	From, To int
}

// Section is a group of rows, such as the estimates, the rows of Y, or a panel.
type Section struct {
	Title string // such as "Panel A. Speed"; none when empty
	Rows  []Row
}

// Row is a label and a cell for each column; cells that are left out at the end are blank.
type Row struct {
	Label  string
	Indent int // levels by which the label is set in
	Cells  []Cell
}

// check reports what keeps a table from being laid out.
func (t *Table) check() error {
	switch {
	case t.Refusal != "" && len(t.Columns)+len(t.Sections) > 0:
		return t.refuse("leave out one or the other", "it has cells, and it is said that there is no such table")
	case t.Refusal != "":
		return nil
	case len(t.Columns) == 0:
		return t.refuse("add one for each cell of a row to {Columns}", "it has no columns")
	}
	if t.Digits > MostDigits {
		return t.refuse(fieldexp.Hint(fmt.Sprintf("ask for at most %d", MostDigits)), "it has %d decimals", t.Digits)
	}
	for _, s := range t.Spanners {
		if s.From < 0 || s.To < s.From || s.To >= len(t.Columns) {
			return t.refuse("set {From} and {To} to columns of the table", "spanner %q runs from column %d to %d, but columns are counted from 0 to %d",
				s.Label, s.From, s.To, len(t.Columns)-1)
		}
	}
	for _, s := range t.Sections {
		for _, r := range s.Rows {
			if len(r.Cells) > len(t.Columns) {
				return t.refuse("leave out what is beyond them", "row %q has %d cells, but there are %d columns",
					r.Label, len(r.Cells), len(t.Columns))
			}
			for _, c := range r.Cells {
				if c.Digits > MostDigits {
					return t.refuse(fieldexp.Hint(fmt.Sprintf("ask for at most %d", MostDigits)), "row %q has a cell of %d decimals", r.Label, c.Digits)
				}
				if c.Kind < KindBlank || c.Kind > KindMissing {
					return t.refuse("use one of the kinds from {KindBlank} to {KindMissing}",
						"row %q has a cell of %s", r.Label, c.Kind)
				}
			}
		}
	}
	return nil
}

// refuse is the error of a table that cannot be made.
func (t *Table) refuse(remedy fieldexp.Hint, format string, args ...any) error {
	return refuse(t.name(), fmt.Sprintf(format, args...), remedy)
}

// name is how messages refer to the table.
func (t *Table) name() string {
	switch {
	case t.Number != "":
		return "table " + t.Number
	case t.Title != "":
		return fmt.Sprintf("table %q", t.Title)
	}
	return "table"
}

// digits is the number of decimals of a cell.
func (t *Table) digits(c Cell) int {
	if c.Digits != 0 {
		return decimals(c.Digits)
	}
	return decimals(t.Digits)
}

// columnNumber is what stands under the header of column j.
func (t *Table) columnNumber(j int) string {
	if t.Unnumbered {
		return ""
	}
	if n := t.Columns[j].Number; n != "" {
		return n
	}
	return fmt.Sprintf("(%d)", j+1)
}
