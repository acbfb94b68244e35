package study

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/report"
)

// prepostTable shows the mean of a column for the treated units of each group before and after the
// launch: how far groups that were cut by a noisy baseline drift to the mean.
var prepostTable = tableKind{
	instants: true,
	keys:     []string{"column"},
	needs:    groups | launch | periods | units,
	check:    checkColumn,
	plan:     func(p *plan, t *TableSpec) { p.halve(t.Column) },
	build: func(_ context.Context, r *run, t *TableSpec) ([]*Table, error) {
		s := r.study
		if r.plan.ofUnit(t.Column) {
			return nil, refuse(fmt.Sprintf("column %q is fixed within the %s, so it has no before and after", t.Column, s.Words.Unit), "name one that varies in {TableSpec.Column}")
		}
		table := s.newTable(t)
		table.Unnumbered, table.Stub = true, "Group"
		treatment, control := r.armLabel(1), r.arms[0]
		table.Columns = []report.Column{{Header: "Before"}, {Header: "After"}, {Header: "Change"}, {Header: "N"}, {Header: "Before"}, {Header: "After"}, {Header: "Change"}, {Header: "N"}}
		table.Spanners = []report.Spanner{{Label: treatment, From: 0, To: 3}, {Label: control, From: 4, To: 7}}
		before, err := r.units.Floats(beforeOf(t.Column))
		if err != nil {
			return nil, err
		}
		after, err := r.units.Floats(afterOf(t.Column))
		if err != nil {
			return nil, err
		}
		group, labels, arm, err := r.unitGroups()
		if err != nil {
			return nil, err
		}
		var rows []report.Row
		for g, label := range labels {
			row := report.Row{Label: label}
			for _, a := range []float64{1, 0} {
				var pre, post []float64
				for i := range before {
					if group[i] == int32(g) && arm[i] == a && !math.IsNaN(before[i]) && !math.IsNaN(after[i]) {
						pre, post = append(pre, before[i]), append(post, after[i])
					}
				}
				m, n := momentsOf(pre), momentsOf(post)
				known, why := m.n > 0, "no "+s.Words.Unit+" of the group was seen before and after"
				row.Cells = append(row.Cells, number(m.mean, known, why), number(n.mean, known, why), number(n.mean-m.mean, known, why), report.Count(m.n))
			}
			rows = append(rows, row)
		}
		table.Sections = []report.Section{{Rows: rows}}
		table.Notes = append(table.Notes, fmt.Sprintf("Means over %ss of their own means of %s, for those seen before and after the launch. What the controls' groups do is regression to the mean.",
			s.Words.Unit, brief.InSentence(s.label(t.Column))))
		return r.finish(table, t), nil
	},
}

// mixTable shows how the events of each group divide over the values of a column, before and after
// the launch.
var mixTable = tableKind{
	instants: true,
	keys:     []string{"column"},
	needs:    groups | launch | periods | units,
	check:    checkColumn,
	plan:     func(p *plan, t *TableSpec) { p.count(t.Column) },
	build: func(_ context.Context, r *run, t *TableSpec) ([]*Table, error) {
		s := r.study
		table := s.newTable(t)
		table.Unnumbered, table.Stub = true, capital(s.label(t.Column))
		group, labels, _, err := r.unitGroups()
		if err != nil {
			return nil, err
		}
		counts := r.counts[t.Column]
		values, err := counts.Group(t.Column)
		if err != nil {
			return nil, err
		}
		all, err := counts.Floats(eventCount)
		if err != nil {
			return nil, err
		}
		after, err := counts.Floats(columnOf(sumOfAfter))
		if err != nil {
			return nil, err
		}
		units, err := r.join(counts)
		if err != nil {
			return nil, err
		}
		// tally[h][g][v] counts the events of half h and group g with value v.
		var tally [2][][]float64
		for h := range tally {
			tally[h] = make([][]float64, len(labels))
			for g := range tally[h] {
				tally[h][g] = make([]float64, len(values.Labels))
			}
		}
		for i, u := range units {
			if u < 0 || group[u] < 0 {
				continue
			}
			tally[0][group[u]][values.Codes[i]] += all[i] - after[i]
			tally[1][group[u]][values.Codes[i]] += after[i]
		}
		total := report.Row{Label: s.Words.events()}
		rows := make([]report.Row, len(values.Labels))
		for h, when := range []string{"Before", "After"} {
			from := len(table.Columns)
			for g, label := range labels {
				table.Columns = append(table.Columns, report.Column{Header: label})
				n := 0.0
				for _, k := range tally[h][g] {
					n += k
				}
				for v, k := range tally[h][g] {
					rows[v].Cells = append(rows[v].Cells, number(100*k/n, n > 0, "no "+s.Words.Event).WithDigits(1))
				}
				total.Cells = append(total.Cells, report.Count(int(n)))
			}
			table.Spanners = append(table.Spanners, report.Spanner{Label: when + " the launch", From: from, To: len(table.Columns) - 1})
		}
		for v, label := range values.Labels {
			rows[v].Label = capital(spaced(label))
		}
		sortByFirst(rows)
		table.Sections = []report.Section{{Rows: rows}, {Rows: []report.Row{total}}}
		table.Notes = append(table.Notes, fmt.Sprintf("Percent of the %ss of each group, both arms together.", s.Words.Event))
		return r.finish(table, t), nil
	},
}

// checkColumn refuses a table without its column.
func checkColumn(_ *Study, t *TableSpec) error {
	if t.Column == "" {
		return refuse("a table of no column", "name one in {TableSpec.Column}")
	}
	return nil
}

// unitGroups are the group and the arm of each unit.
func (r *run) unitGroups() (group []int32, labels []string, arm []float64, err error) {
	if group, labels, err = r.units.Codes(groupColumn); err != nil {
		return nil, nil, nil, err
	}
	arm, err = r.armOf(r.units)
	return group, labels, arm, err
}

// sortByFirst puts the rows with the largest numbers first.
func sortByFirst(rows []report.Row) {
	slices.SortStableFunc(rows, func(a, b report.Row) int { return cmp.Compare(b.Cells[0].Value, a.Cells[0].Value) })
}
