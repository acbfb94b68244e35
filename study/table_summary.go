package study

import (
	"context"
	"math"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/report"
)

// summaryTable shows the number, mean and standard deviation of columns: those of units over the
// units, the others over all events.
var summaryTable = tableKind{
	instants: true,
	keys:     []string{"variables"},
	arms:     true,
	plan:     func(p *plan, t *TableSpec) { p.summarise(p.summaryVariables(t)...) },
	build: func(_ context.Context, r *run, t *TableSpec) ([]*Table, error) {
		s := r.study
		table := s.newTable(t)
		table.Unnumbered = true
		table.Stub = "Variable"
		defined := len(s.Definitions) > 0
		if defined {
			table.Columns = append(table.Columns, report.Column{Header: "Definition", Align: report.AlignLeft})
		}
		for _, head := range []string{"N", "Mean", "SD"} {
			table.Columns = append(table.Columns, report.Column{Header: head})
		}
		if table.Digits == 0 {
			table.Digits = 2
		}
		ofUnits := report.Section{Title: s.Words.units()}
		ofEvents := report.Section{Title: s.Words.events()}
		for _, v := range r.plan.summaryVariables(t) {
			section, m := &ofEvents, r.summaries[v]
			if r.plan.ofUnit(v) {
				if v == s.Roles.Assignment && r.named {
					ofUnits.Rows = append(ofUnits.Rows, r.armRows(defined)...)
					continue
				}
				if len(t.Variables) == 0 && !isNumber(r.units, v) {
					continue // text has no mean, and nobody asked for it
				}
				values, err := r.units.Floats(v)
				if err != nil {
					return nil, err
				}
				section, m = &ofUnits, momentsOf(values)
			}
			row := report.Row{Label: s.label(v)}
			if defined {
				row.Cells = append(row.Cells, report.Label(s.Definitions[v]))
			}
			row.Cells = append(row.Cells, report.Count(m.n), number(m.mean, m.n > 0, "no value is known"), number(m.sd(), m.n > 1, "fewer than two values"))
			section.Rows = append(section.Rows, row)
		}
		for _, section := range []report.Section{ofUnits, ofEvents} {
			if len(section.Rows) > 0 {
				table.Sections = append(table.Sections, section)
			}
		}
		return r.finish(table, t, r.unseenNote()...), nil
	},
}

// armRows are the shares of the arms, where they have names.
func (r *run) armRows(defined bool) []report.Row {
	s := r.study
	arm, err := r.armOf(r.units)
	if err != nil {
		return nil // was found when the arms were read
	}
	rows := make([]report.Row, len(r.arms))
	for a, name := range r.arms {
		shares := make([]float64, len(arm))
		for i, of := range arm {
			switch {
			case math.IsNaN(of):
				shares[i] = missing
			case of == float64(a):
				shares[i] = 1
			}
		}
		m := momentsOf(shares)
		rows[a].Label = s.label(s.Roles.Assignment) + ": " + name
		if defined {
			rows[a].Cells = append(rows[a].Cells, report.Label(s.Definitions[s.Roles.Assignment]))
		}
		rows[a].Cells = append(rows[a].Cells, report.Count(m.n), number(m.mean, m.n > 0, "no value is known"), number(m.sd(), m.n > 1, "fewer than two values"))
	}
	return rows
}

// summaryVariables are the variables asked for or, where none is, the columns that the study uses.
func (p *plan) summaryVariables(t *TableSpec) []string {
	if len(t.Variables) > 0 {
		return t.Variables
	}
	s := p.study
	variables := with([]string{s.Roles.Assignment}, s.Roles.Fixed...)
	if s.Roles.Usage != "" {
		variables = with(variables, s.Roles.Usage)
	}
	for _, o := range s.Outcomes {
		if o.Column != "" {
			variables = with(variables, o.Column)
		}
	}
	variables = with(variables, s.Controls.Lagged...)
	return with(variables, s.Controls.Current...)
}

// number is a number or, where it is not known, a dash with the reason.
func number(x float64, known bool, why string) report.Cell {
	if !known || math.IsNaN(x) {
		return report.Missing(why)
	}
	return report.Number(x)
}

// isNumber reports whether a column holds numbers.
func isNumber(f *data.Frame, column string) bool {
	kind, err := f.Kind(column)
	return err == nil && kind == data.Float
}
