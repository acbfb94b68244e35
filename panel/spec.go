package panel

import (
	"fmt"
	"time"

	"github.com/fieldexp/fieldexp"
)

// Period is the length of a panel's periods. Periods follow the calendar of the instants as the
// file shows them: a data.Frame keeps the wall clock of its source as UTC, and so does a panel.
type Period int

const (
	// Day runs from midnight to midnight.
	Day Period = iota
	// Hour runs from the full hour to the next.
	Hour
	// Week runs from Monday, midnight, to the next (ISO 8601).
	Week
)

// String is the word for one period.
func (p Period) String() string {
	switch p {
	case Day:
		return "day"
	case Hour:
		return "hour"
	case Week:
		return "week"
	}
	return fmt.Sprintf("Period(%d)", int(p))
}

// Length is the duration of one period.
func (p Period) Length() time.Duration {
	switch p {
	case Hour:
		return time.Hour
	case Week:
		return 7 * 24 * time.Hour
	default:
		return 24 * time.Hour
	}
}

// Start is the first instant of the period that holds t, in nanoseconds since 1970-01-01 UTC.
func (p Period) Start(t int64) int64 {
	length := int64(p.Length())
	if p == Week {
		// 1970-01-01 was a Thursday: the Monday of that week lies three days earlier.
		t += int64(3 * 24 * time.Hour)
	}
	into := t % length
	if into < 0 {
		into += length
	}
	t -= into
	if p == Week {
		t -= int64(3 * 24 * time.Hour)
	}
	return t
}

// column is the name of the period's column in the panel.
func (p Period) column() string {
	switch p {
	case Hour:
		return "period"
	case Week:
		return "week"
	default:
		return "day"
	}
}

// Stat is what a measure says of the events of a cell (a unit in a period). Every statistic but
// Count is over the events in which the measure's own column is not missing.
type Stat int

const (
	// Mean is the average. It is missing where no event has a value.
	Mean Stat = iota
	// Share is the mean of a column of zeros and ones; any other value is refused.
	Share
	// Sum is the total. It is missing, not zero, where no event has a value.
	Sum
	// SD is the sample standard deviation, with n-1; it is missing below two values.
	SD
	// Count is the number of events; it takes no column.
	Count
	// CountObserved is the number of events in which the column, of any kind, is not missing.
	CountObserved
)

// String is the short name of the statistic.
func (s Stat) String() string {
	switch s {
	case Mean:
		return "mean"
	case Share:
		return "share"
	case Sum:
		return "sum"
	case SD:
		return "sd"
	case Count:
		return "count"
	case CountObserved:
		return "observed"
	}
	return fmt.Sprintf("Stat(%d)", int(s))
}

// Measure is one column of the panel, made from one column of the events.
type Measure struct {
	// Name of the panel's column. Empty means the column's own name for Mean and Share, and
	// otherwise the statistic and the name, as in sd_stars.
	Name   string
	Column string // of the events; empty for Count alone
	Stat   Stat
}

// name is the measure's name or its default.
func (m Measure) name() string {
	switch {
	case m.Name != "":
		return m.Name
	case m.Stat == Count:
		return "count"
	case m.Stat == Mean || m.Stat == Share:
		return m.Column
	}
	return m.Stat.String() + "_" + m.Column
}

// baselineName is the name of a measure that is taken before the launch.
func (m Measure) baselineName() string {
	if m.Name != "" {
		return m.Name
	}
	return "baseline_" + m.name()
}

func (m Measure) validate() error {
	switch {
	case m.Stat < Mean || m.Stat > CountObserved:
		return refuse(fieldexp.BadSpec, fmt.Sprintf("measure %q has the unknown statistic %v", m.name(), m.Stat),
			"use the constants of {Stat}")
	case m.Stat == Count && m.Column != "":
		return refuse(fieldexp.BadSpec, fmt.Sprintf("measure %q counts events, which takes no column", m.name()),
			fieldexp.Hint(fmt.Sprintf("count the values of %q by {CountObserved}", m.Column)))
	case m.Stat != Count && m.Column == "":
		return refuse(fieldexp.BadSpec, fmt.Sprintf("measure %q (%v) names no column", m.Name, m.Stat), "name it in {Column}")
	}
	return nil
}

// Spec says how events become a panel. Unit, and either Time or PeriodColumn, are required; the
// zero value of every other field is a sound default.
type Spec struct {
	// Unit is the column of who is observed (an agent): text or numbers. Units are known by
	// their value, so that chunks of events may code them differently.
	Unit string

	// Time is the column of the events' instants, from which periods are cut.
	Time   string
	Period Period
	// PeriodColumn is a column of the events that is the period itself, instead of periods cut
	// from Time: numbers, times, or text (in the order of its labels). With both, Time serves
	// only to tell events before the launch from those after.
	PeriodColumn string

	Measures []Measure
	// UnitColumns are columns of the events that are fixed within a unit (assignment, tenure).
	// The panel takes the first value that is not missing. A column that varies within a unit
	// is refused, unless KeepFirst is set; then it is counted in the Report.
	UnitColumns []string
	KeepFirst   bool

	// Baselines are measures over a unit's events before the launch; the panel has them as
	// columns that are fixed within the unit, missing for units without any such value.
	Baselines []Measure
	// Launch is the instant at which treatment begins, by the clock of the events' times. An
	// event is before the launch if its Time (or its PeriodColumn, if that holds times) is.
	// Launch serves the Baselines alone.
	Launch time.Time
	// PreColumn is a 0/1 column of the events that marks those before the launch, instead of
	// Launch: for periods that are not times, or units that start on different dates.
	PreColumn string

	// EventCount names the panel's column with the number of events of each cell; empty means
	// "events".
	EventCount string
}

// periodColumn is the name of the column that orders the panel's rows within a unit.
func (s *Spec) periodColumn() string {
	if s.PeriodColumn != "" {
		return s.PeriodColumn
	}
	return s.Period.column()
}

// eventCount is the name of the column with the number of events.
func (s *Spec) eventCount() string {
	if s.EventCount != "" {
		return s.EventCount
	}
	return "events"
}

// hours reports whether the panel has the day and the hour of the day beside the period.
func (s *Spec) hours() bool { return s.PeriodColumn == "" && s.Period == Hour }

// validate refuses what can be refused before any event is seen.
func (s *Spec) validate() error {
	switch {
	case s.Unit == "":
		return refuse(fieldexp.BadSpec, "a panel without a column of units", "name the column of who is observed in {Unit}")
	case s.Time == "" && s.PeriodColumn == "":
		return refuse(fieldexp.BadSpec, "a panel without a column of times",
			"name the column of when events happened in {Time}",
			"name that of their periods in {PeriodColumn}")
	case s.Period < Day || s.Period > Week:
		return refuse(fieldexp.BadSpec, fmt.Sprintf("unknown period %v", s.Period), "use {Day}, {Hour} or {Week}")
	case s.PeriodColumn != "" && s.Period != Day:
		return refuse(fieldexp.BadSpec, fmt.Sprintf("periods of one %v, and periods that are those of column %q",
			s.Period, s.PeriodColumn), "set one of {Period} and {PeriodColumn}")
	}
	for _, m := range append(append([]Measure(nil), s.Measures...), s.Baselines...) {
		if err := m.validate(); err != nil {
			return err
		}
	}
	if len(s.Baselines) > 0 {
		if err := validateLaunch(s.Launch, s.PreColumn); err != nil {
			return err
		}
	}
	return s.validateNames()
}

// validateLaunch refuses a launch that is not told, told twice, or past what instants can hold.
func validateLaunch(launch time.Time, preColumn string) error {
	switch {
	case launch.IsZero() && preColumn == "":
		return refuse(fieldexp.BadSpec, "baselines are taken before the launch, and there is none",
			"set {Launch}", "mark the rows before it in {PreColumn}")
	case !launch.IsZero() && preColumn != "":
		return refuse(fieldexp.BadSpec, "a launch and a column both say which events are before the launch",
			"set one of {Launch} and {PreColumn}")
	case !launch.IsZero() && (launch.Year() < 1678 || launch.Year() > 2261):
		return refuse(fieldexp.BadSpec,
			fmt.Sprintf("launch %s is outside the years 1678 to 2261", launch.Format(time.DateOnly)),
			"check {Launch}")
	}
	return nil
}

// validateNames refuses two columns of one name in the panel.
func (s *Spec) validateNames() error {
	from := make(map[string]string)
	for _, c := range s.outputs() {
		if other, ok := from[c.name]; ok {
			return refuse(fieldexp.ColumnTaken, fmt.Sprintf("the panel would have two columns %q: %s and %s",
				c.name, other, c.from), "name one of them otherwise")
		}
		from[c.name] = c.from
	}
	return nil
}

// output is a column of the panel and, for people, where it comes from.
type output struct{ name, from string }

// outputs lists the columns of the panel in their order.
func (s *Spec) outputs() []output {
	out := []output{{s.Unit, "the unit"}, {s.periodColumn(), "the period"}}
	if s.hours() {
		out = append(out, output{"day", "the day of the hour"}, output{"hour", "the hour of the day"})
	}
	for _, c := range s.UnitColumns {
		out = append(out, output{c, "a unit column"})
	}
	for _, m := range s.Measures {
		out = append(out, output{m.name(), "a measure"})
	}
	for _, m := range s.Baselines {
		out = append(out, output{m.baselineName(), "a baseline"})
	}
	return append(out, output{s.eventCount(), "the number of events"})
}
