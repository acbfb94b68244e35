package report

import "fmt"

// BalanceRow compares a variable between the arms of an experiment.
type BalanceRow struct {
	Label     string
	Panel     string    // a row with another panel than the one before it begins a section
	Means     []float64 // of each arm
	SDs       []float64 // of each arm; printed beneath the means where they are given
	Contrasts []Contrast
	N         int
}

// Contrast is the difference of an arm from the first, the control.
type Contrast struct {
	Difference, SE, P float64
	Reason            string // why there is none
}

// Balance is a table that compares arms before treatment: their means, with standard deviations
// beneath, and their differences from control with standard errors and p-values.
type Balance struct {
	Number, Title string
	Arms          []string // names, control first
	Rows          []BalanceRow
	Digits        int
	Notes         []string
}

// Table lays the comparison out. It reports rows that do not have a mean for each arm and a
// contrast for each but the first.
func (b Balance) Table() (*Table, error) {
	t := &Table{Number: b.Number, Title: b.Title, Stub: "Variable", Unnumbered: true, Digits: b.Digits, Notes: b.Notes}
	if len(b.Arms) < 2 {
		return nil, t.refuse("name them in {Arms}", "a balance table compares two arms or more, and there are %d", len(b.Arms))
	}
	for _, arm := range b.Arms {
		t.Columns = append(t.Columns, Column{Header: arm})
	}
	t.Spanners = []Spanner{{Label: "Mean (SD)", From: 0, To: len(b.Arms) - 1}}
	for _, arm := range b.Arms[1:] {
		difference, p := "Difference", "p"
		if len(b.Arms) > 2 {
			difference, p = fmt.Sprintf("%s − %s", arm, b.Arms[0]), "p, "+arm
		}
		t.Columns = append(t.Columns, Column{Header: difference}, Column{Header: p})
	}
	t.Columns = append(t.Columns, Column{Header: "N"})
	for i, r := range b.Rows {
		if len(r.Means) != len(b.Arms) || len(r.SDs) > 0 && len(r.SDs) != len(b.Arms) || len(r.Contrasts) != len(b.Arms)-1 {
			return nil, t.refuse("give one for each arm", "row %q has %d means, %d standard deviations and %d contrasts for %d arms",
				r.Label, len(r.Means), len(r.SDs), len(r.Contrasts), len(b.Arms))
		}
		if i == 0 || r.Panel != b.Rows[i-1].Panel {
			t.Sections = append(t.Sections, Section{Title: r.Panel})
		}
		section := &t.Sections[len(t.Sections)-1]
		section.Rows = append(section.Rows, r.row())
	}
	return t, nil
}

func (r BalanceRow) row() Row {
	row := Row{Label: r.Label}
	for k, mean := range r.Means {
		cell := Number(mean)
		if len(r.SDs) > 0 {
			cell = cell.With(Line{Name: "sd", Kind: LineNumber, Value: r.SDs[k]})
		}
		row.Cells = append(row.Cells, cell)
	}
	for _, c := range r.Contrasts {
		if c.Reason != "" {
			row.Cells = append(row.Cells, Missing(c.Reason), Cell{})
			continue
		}
		row.Cells = append(row.Cells, Estimate(c.Difference, c.SE, c.P), Probability(c.P))
	}
	row.Cells = append(row.Cells, Count(r.N))
	return row
}
