package study

import (
	"context"
	"math"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/panel"
	"github.com/fieldexp/fieldexp/report"
)

// usageTable shows how much the treated used what they were given, by unit and period and by event.
var usageTable = tableKind{
	keys:  []string{"variables"},
	needs: usage,
	arms:  true,
	plan: func(p *plan, t *TableSpec) {
		for _, v := range p.study.usageVariables(t.Variables) {
			p.measure(p.study.period(), panel.Measure{Column: v})
			if p.study.sums() {
				p.measure(p.study.period(), panel.Measure{Column: v, Stat: panel.CountObserved})
				if _, cut := p.study.cutOf(p.study.period()); cut {
					p.halve(v)
				}
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
		for arm := 1; arm < len(r.arms); arm++ {
			section, err := r.usageOf(frame, t, arm)
			if err != nil {
				return nil, err
			}
			if len(r.arms) > 2 {
				section.Title = r.arms[arm]
			}
			table.Sections = append(table.Sections, section)
		}
		who := "Treated " + s.Words.Unit + "s"
		if !s.Launch.IsZero() {
			who += " from " + r.since(s.period()) + " on"
		}
		return r.finish(table, t, who+"."), nil
	},
}

// usageOf describes the usage of the treated of an arm.
func (r *run) usageOf(frame *data.Frame, t *TableSpec, arm int) (section report.Section, err error) {
	s := r.study
	treated, err := r.treatedRows(frame, arm)
	if err != nil {
		return section, err
	}
	for _, v := range s.usageVariables(t.Variables) {
		values, err := frame.Floats(v)
		if err != nil {
			return section, err
		}
		m := momentsOf(pick(values, treated))
		row := report.Row{Label: s.label(v), Cells: []report.Cell{report.Count(m.n),
			number(m.mean, m.n > 0, "no row is treated"), number(m.sd(), m.n > 1, "fewer than two rows are treated")}}
		if s.sums() {
			mean, n, err := r.usageOfEvents(frame, v, treated, arm)
			if err != nil {
				return section, err
			}
			row.Cells = append(row.Cells, report.Count(int(n)), number(mean, n > 0, "no "+s.Words.Event+" is treated"))
		}
		section.Rows = append(section.Rows, row)
	}
	return section, nil
}

// usageOfEvents is the mean of a variable over the events of the treated of an arm since the launch, and their number.
// Where that falls within a period, those of its cells that are left out count by their own time.
func (r *run) usageOfEvents(frame *data.Frame, variable string, treated []int, arm int) (mean, n float64, err error) {
	means, counts := variable, columnOf(panel.Measure{Column: variable, Stat: panel.CountObserved})
	rows := treated
	if _, cut := r.cutOf(r.study.period()); cut && r.units.Has(afterOf(variable)) {
		frame, means, counts = r.units, afterOf(variable), nAfterOf(variable)
		arms, err := r.armOf(frame)
		if err != nil {
			return 0, 0, err
		}
		rows = nil
		for i, a := range arms {
			if a == float64(arm) {
				rows = append(rows, i)
			}
		}
	}
	values, err := frame.Floats(means)
	if err != nil {
		return 0, 0, err
	}
	events, err := frame.Floats(counts)
	if err != nil {
		return 0, 0, err
	}
	sum := 0.0
	for _, i := range rows {
		if !math.IsNaN(values[i]) {
			sum += values[i] * events[i]
			n += events[i]
		}
	}
	return sum / n, n, nil
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

// treatedRows lists the rows of the study's panel in which an arm is treated: since the launch.
func (r *run) treatedRows(f *data.Frame, arm int) ([]int, error) {
	arms, err := r.armOf(f)
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
		from := r.launchOf(r.study.period()).UnixNano()
		since = func(row int) bool { return times[row] >= from }
	}
	var rows []int
	for i, a := range arms {
		if a == float64(arm) && since(i) {
			rows = append(rows, i)
		}
	}
	return rows, nil
}
