package report

import (
	"math"

	"gonum.org/v1/gonum/stat"

	"github.com/fieldexp/fieldexp/data"
)

// SummaryRow describes a variable.
type SummaryRow struct {
	Label      string
	Definition string // printed in a column of its own when any row has one
	Panel      string // a row with another panel than the one before it begins a section
	N          int
	Mean, SD   float64
	// Published, where it is set, is what a publication prints for the same variable.
	Published *SummaryRow
}

// Summary is a table of summary statistics: observations, mean and standard deviation of each
// variable.
type Summary struct {
	Number, Title string
	Rows          []SummaryRow
	Digits        int // decimals of means and standard deviations; 0 means 2
	Notes         []string
}

// Table lays the summary out.
func (s Summary) Table() *Table {
	t := &Table{Number: s.Number, Title: s.Title, Stub: "Variable", Unnumbered: true, Digits: s.Digits, Notes: s.Notes}
	if t.Digits == 0 {
		t.Digits = 2
	}
	defined := false
	for _, r := range s.Rows {
		defined = defined || r.Definition != ""
	}
	if defined {
		t.Columns = append(t.Columns, Column{Header: "Definition", Align: AlignLeft})
	}
	t.Columns = append(t.Columns, Column{Header: "N"}, Column{Header: "Mean"}, Column{Header: "SD"})
	for i, r := range s.Rows {
		if i == 0 || r.Panel != s.Rows[i-1].Panel {
			t.Sections = append(t.Sections, Section{Title: r.Panel})
		}
		var cells []Cell
		if defined {
			cells = append(cells, Label(r.Definition))
		}
		statistics := []Cell{Count(r.N), Number(r.Mean), Number(r.SD)}
		if p := r.Published; p != nil {
			statistics = []Cell{
				statistics[0].Beside(Count(p.N)), statistics[1].Beside(Number(p.Mean)), statistics[2].Beside(Number(p.SD)),
			}
		}
		section := &t.Sections[len(t.Sections)-1]
		section.Rows = append(section.Rows, Row{Label: r.Label, Cells: append(cells, statistics...)})
	}
	return t
}

// Describe computes the row of a column of numbers over its values that are not missing; the
// standard deviation divides by N - 1. Its error is the frame's, for a column that is not there or
// not of numbers.
func Describe(f *data.Frame, column, label string) (SummaryRow, error) {
	values, err := f.Floats(column)
	if err != nil {
		return SummaryRow{}, err
	}
	var present []float64
	for _, v := range values {
		if !math.IsNaN(v) {
			present = append(present, v)
		}
	}
	r := SummaryRow{Label: or(label, column), N: len(present), Mean: math.NaN(), SD: math.NaN()}
	if len(present) > 0 {
		r.Mean = stat.Mean(present, nil)
	}
	if len(present) > 1 {
		r.SD = stat.StdDev(present, nil)
	}
	return r, nil
}
