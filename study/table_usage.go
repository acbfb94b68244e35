package study

import (
	"context"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/panel"
	"github.com/fieldexp/fieldexp/report"
)

// usageTable shows how much the treated used what they were given, by unit and period and by event.
var usageTable = tableKind{
	keys:  []string{"variables"},
	needs: usage,
	plan: func(p *plan, t *TableSpec) {
		for _, v := range p.study.usageVariables(t.Variables) {
			p.measure(p.study.period(), panel.Measure{Column: v})
			if p.study.sums() {
				p.measure(p.study.period(), panel.Measure{Column: v, Stat: panel.CountObserved})
			}
		}
	},
	build: func(_ context.Context, r *run, t *TableSpec) ([]*Table, error) {
		s := r.study
		table := s.newTable(t)
		table.Unnumbered = true
		cells := capital(s.cellsWord(s.Period))
		if s.crossSection() {
			cells = s.Words.units()
		}
		table.Columns = []report.Column{{Header: "N"}, {Header: "Mean"}, {Header: "SD"}}
		table.Spanners = []report.Spanner{{Label: cells, From: 0, To: 2}}
		if s.sums() {
			table.Columns = append(table.Columns, report.Column{Header: "N"}, report.Column{Header: "Mean"})
			table.Spanners = append(table.Spanners, report.Spanner{Label: s.Words.events(), From: 3, To: 4})
		}
		frame := r.cells[s.period()]
		treated, err := r.treatedRows(frame)
		if err != nil {
			return nil, err
		}
		var rows []report.Row
		for _, v := range s.usageVariables(t.Variables) {
			values, err := frame.Floats(v)
			if err != nil {
				return nil, err
			}
			m := momentsOf(pick(values, treated))
			row := report.Row{Label: s.label(v), Cells: []report.Cell{report.Count(m.n),
				number(m.mean, m.n > 0, "no row is treated"), number(m.sd(), m.n > 1, "fewer than two rows are treated")}}
			if s.sums() {
				events, err := frame.Floats(columnOf(panel.Measure{Column: v, Stat: panel.CountObserved}))
				if err != nil {
					return nil, err
				}
				sum, n := 0.0, 0.0
				for _, i := range treated {
					if values[i] == values[i] {
						sum += values[i] * events[i]
						n += events[i]
					}
				}
				row.Cells = append(row.Cells, report.Count(int(n)), number(sum/n, n > 0, "no event is treated"))
			}
			rows = append(rows, row)
		}
		table.Sections = []report.Section{{Rows: rows}}
		who := "Treated " + s.Words.Unit + "s"
		if !s.Launch.IsZero() {
			who += " from " + s.Launch.String() + " on"
		}
		return r.finish(table, t, who+"."), nil
	},
}

// usageVariables are those named, or usage itself.
func (s *Study) usageVariables(named []string) []string {
	if len(named) > 0 {
		return named
	}
	return []string{s.Roles.Usage}
}

// pick takes the values in some rows.
func pick(values []float64, rows []int) []float64 {
	picked := make([]float64, len(rows))
	for k, i := range rows {
		picked[k] = values[i]
	}
	return picked
}

// treatedRows lists the rows of the study's panel that are treated: assigned, and since the launch.
func (r *run) treatedRows(f *data.Frame) ([]int, error) {
	arm, err := f.Floats(r.study.Roles.Assignment)
	if err != nil {
		return nil, err
	}
	since := func(int) bool { return true }
	switch launch := r.study.Launch; {
	case launch.Numbered:
		periods, err := f.Floats(r.study.Roles.Time)
		if err != nil {
			return nil, err
		}
		since = func(row int) bool { return periods[row] >= launch.Period }
	case !launch.IsZero():
		times, err := f.Instants(r.study.periodColumn(r.study.period()))
		if err != nil {
			return nil, err
		}
		since = func(row int) bool { return times[row] >= launch.UnixNano() }
	}
	var rows []int
	for i, a := range arm {
		if a == 1 && since(i) {
			rows = append(rows, i)
		}
	}
	return rows, nil
}
