package study

import (
	"fmt"
	"math"
	"slices"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/panel"
)

var missing = math.NaN()

// join finds for each row of a frame the row of its unit among the units, -1 for none.
func (r *run) join(f *data.Frame) ([]int, error) {
	unit := r.study.Roles.Unit
	known, err := r.units.Group(unit)
	if err != nil {
		return nil, err
	}
	place := make(map[string]int, r.units.Len())
	for i, c := range known.Codes {
		if c >= 0 {
			place[known.Labels[c]] = i
		}
	}
	here, err := f.Group(unit)
	if err != nil {
		return nil, err
	}
	of := make([]int, len(here.Labels))
	for c, label := range here.Labels {
		of[c] = -1
		if i, ok := place[label]; ok {
			of[c] = i
		}
	}
	rows := make([]int, f.Len())
	for i, c := range here.Codes {
		rows[i] = -1
		if c >= 0 {
			rows[i] = of[c]
		}
	}
	return rows, nil
}

// copyColumn adds a column of one frame to another, whose row i takes the value of row rows[i];
// a negative row has none.
func copyColumn(to, from *data.Frame, column string, rows []int) error {
	return copyColumnAs(to, column, from, column, rows)
}

// copyColumnAs does so under another name.
func copyColumnAs(to *data.Frame, name string, from *data.Frame, column string, rows []int) error {
	kind, err := from.Kind(column)
	if err != nil {
		return err
	}
	switch kind {
	case data.Categorical:
		codes, levels, err := from.Codes(column)
		if err != nil {
			return err
		}
		return to.SetCodes(name, take(codes, rows, -1), levels)
	case data.Time:
		times, err := from.Instants(column)
		if err != nil {
			return err
		}
		return to.SetInstants(name, take(times, rows, data.MissingTime))
	}
	values, err := from.Floats(column)
	if err != nil {
		return err
	}
	return to.SetFloats(name, take(values, rows, missing))
}

// take picks the values of some rows; a negative row has none.
func take[T any](values []T, rows []int, none T) []T {
	picked := make([]T, len(rows))
	for k, i := range rows {
		picked[k] = none
		if i >= 0 {
			picked[k] = values[i]
		}
	}
	return picked
}

// cellsOf turns the sums by unit and period into the panel that models are estimated on: with the
// columns of its units, outcomes, and lagged controls.
func (r *run) cellsOf(period panel.Period, sums *panel.Aggregator) (*data.Frame, error) {
	f, report, err := sums.Frame()
	if err != nil {
		return nil, err
	}
	r.reports[period] = report
	if f, err = r.cutCells(f, period); err != nil {
		return nil, err
	}
	rows, err := r.join(f)
	if err != nil {
		return nil, err
	}
	for _, name := range r.modelColumns() {
		if !f.Has(name) && r.units.Has(name) {
			if err := copyColumn(f, r.units, name, rows); err != nil {
				return nil, err
			}
		}
	}
	if err := r.addOutcomes(f, period); err != nil {
		return nil, err
	}
	return f, r.addLags(f, period)
}

// addLags adds the lagged controls of a panel that has their columns.
func (r *run) addLags(f *data.Frame, period panel.Period) error {
	var columns []string
	for _, c := range r.study.Controls.Lagged {
		switch _, err := f.Floats(c); {
		case !f.Has(c): // no model of the period has controls
		case err != nil:
			r.lacking[c] = err
		default:
			columns = append(columns, c)
		}
	}
	if len(columns) == 0 {
		return nil
	}
	_, err := panel.Lag(f, panel.LagSpec{Unit: r.study.Roles.Unit, Period: r.study.periodColumn(period), Columns: columns,
		Prefix: lagged, Calendar: r.study.Controls.Calendar, Step: period})
	return err
}

// modelColumns lists the columns that models may use beside the measures of the panel.
func (r *run) modelColumns() []string {
	s := r.study
	return slices.Concat([]string{s.Roles.Assignment, armNumber, groupColumn, neverUsed, s.Model.Weights}, s.Controls.Current, s.groupingColumns())
}

// lagged begins the names of lagged controls.
const lagged = "lagged "

// periodColumn is the column of a panel that holds its periods.
func (s *Study) periodColumn(p panel.Period) string {
	if s.ready() {
		return s.Roles.Time
	}
	switch p {
	case panel.Hour:
		return "period"
	case panel.Week:
		return "week"
	}
	return "day"
}

// addOutcomes adds the outcomes that models of the period explain.
func (r *run) addOutcomes(f *data.Frame, period panel.Period) error {
	for i := range r.study.Outcomes {
		o := &r.study.Outcomes[i]
		from := columnOf(o.measure())
		switch {
		case !slices.Contains(r.plan.outcomes[period], o.Name), o.Name == from && o.Transform == "", !f.Has(from):
			continue // not asked for, or there already
		case f.Has(o.Name):
			return &fieldexp.Error{Op: "study", Problem: fieldexp.ColumnTaken, Columns: []string{o.Name}, Message: fmt.Sprintf("outcome %q has the name of another column", o.Name), Remedy: []fieldexp.Hint{"give it a name of its own in {Outcome.Name}"}}
		}
		if o.Transform == "log" {
			if err := addLog(f, o.Name, from); err != nil {
				r.lacking[o.Column] = err
			}
			values, err := f.Floats(from)
			if err != nil {
				return err
			}
			counts := &unlogged{of: from}
			counts.add(values)
			r.cellsUnlogged[periodOutcome{period, o.Name}] = counts
			continue
		}
		values, err := o.values(f, from)
		if err != nil {
			return err
		}
		if err := f.SetFloats(o.Name, values); err != nil {
			return err
		}
	}
	return nil
}

// values are the outcome's where it has no transform: its measure or, for the share of events in
// which the column is known, their number over that of all.
func (o *Outcome) values(f *data.Frame, measure string) ([]float64, error) {
	values, err := f.Floats(measure)
	if err != nil || o.Stat != known {
		return values, err
	}
	events, err := f.Floats(eventCount)
	if err != nil {
		return nil, err
	}
	shares := make([]float64, len(values))
	for i := range shares {
		shares[i] = values[i] / events[i]
	}
	return shares, nil
}
