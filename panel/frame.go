package panel

import (
	"context"
	"fmt"
	"time"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
)

// Build makes a panel of events that are in memory. It returns ctx's error if it is cancelled.
//
// Rows of the panel are the cells that have events, sorted by unit and period. Its columns are:
//
//   - the unit, of the kind that it has in the events (text sorted by its labels);
//   - the period: "day" or "week", the first instant of each; for hours "period" (the first
//     instant of the hour), "day" and "hour" (a number, 0 to 23); or PeriodColumn as it is;
//   - the unit columns, the measures and the baselines, in the order of the Spec;
//   - the number of events, missing values of measures or not.
func Build(ctx context.Context, events *data.Frame, spec Spec) (*data.Frame, Report, error) {
	a, err := NewAggregator(spec)
	if err != nil {
		return nil, Report{}, err
	}
	if err := a.add(ctx, events); err != nil {
		return nil, Report{}, err
	}
	return a.Frame()
}

// Frame is the panel of the events added so far, as Build describes it. More may be added after.
// The error says when there are no events, none before the launch though baselines are wanted, or
// when a unit column varies within a unit.
func (a *Aggregator) Frame() (*data.Frame, Report, error) {
	report := a.report()
	if err := a.complete(&report); err != nil {
		return nil, report, err
	}
	unitOrder, periodOrder := a.units.sorted(), a.periods.sorted()
	cells := a.index.sorted(unitOrder, periodOrder)
	units, periods := gather(a.index.units, cells), gather(a.index.periods, cells)

	f := new(data.Frame)
	if err := a.units.write(f, a.spec.Unit, units, unitOrder); err != nil {
		return nil, report, err
	}
	if err := a.writePeriods(f, periods, periodOrder); err != nil {
		return nil, report, err
	}
	for _, c := range a.unitColumns {
		if err := c.write(f, units); err != nil {
			return nil, report, err
		}
	}
	if err := a.cells.write(f, cells, Measure.name); err != nil {
		return nil, report, err
	}
	if a.before != nil {
		if err := a.before.write(f, units, Measure.baselineName); err != nil {
			return nil, report, err
		}
	}
	events := make([]float64, len(cells))
	for i, c := range cells {
		events[i] = float64(a.cells.events[c])
	}
	return f, report, f.SetFloats(a.spec.eventCount(), events)
}

// complete refuses events that make no panel.
func (a *Aggregator) complete(report *Report) error {
	if a.err != nil {
		return a.err
	}
	if a.index.len() == 0 {
		return refuse(fieldexp.NoRows, fmt.Sprintf("no events to aggregate: %d read, %d without %s, %d without %s",
			report.Events, report.MissingUnit, a.spec.Unit, report.MissingPeriod, a.whenColumn()), "check the columns and how they were read")
	}
	if a.before != nil && report.BeforeLaunch == 0 {
		rule := launchRule{launch: a.spec.Launch, preColumn: a.spec.PreColumn}
		return refuse(fieldexp.LaunchOutside, fmt.Sprintf("there is no %s, so there is no baseline: periods run from %s to %s",
			rule, report.First, report.Last), "check {Launch}")
	}
	for _, c := range a.unitColumns {
		if c.varying() > 0 && !a.spec.KeepFirst {
			return c.refuse(&a.units)
		}
	}
	return nil
}

// whenColumn is the column of the events that periods come from.
func (a *Aggregator) whenColumn() string {
	if a.spec.PeriodColumn != "" {
		return a.spec.PeriodColumn
	}
	return a.spec.Time
}

// writePeriods sets the column of periods and, for hours, the day and the hour of the day.
func (a *Aggregator) writePeriods(f *data.Frame, periods, order []int32) error {
	if err := a.periods.write(f, a.spec.periodColumn(), periods, order); err != nil || !a.spec.hours() {
		return err
	}
	days := make([]int64, len(periods))
	hours := make([]float64, len(periods))
	for i, p := range periods {
		t := a.periods.instants.values[p]
		days[i] = Day.Start(t)
		hours[i] = float64((t - days[i]) / int64(time.Hour))
	}
	if err := f.SetInstants("day", days); err != nil {
		return err
	}
	return f.SetFloats("hour", hours)
}
