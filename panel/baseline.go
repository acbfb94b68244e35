package panel

import (
	"fmt"
	"time"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
)

// BaselineSpec says what to take of each unit before the launch. Unit, Measures and either Launch
// (with Time) or PreColumn are required.
type BaselineSpec struct {
	Unit     string
	Measures []Measure

	Time      string // column of instants, which Launch cuts
	Launch    time.Time
	PreColumn string // 0/1 column that marks the rows before the launch, instead of Launch
}

// BaselineReport says how the baselines came about.
type BaselineReport struct {
	Rows    int            // before the launch, with a unit
	Units   int            // in the frame
	Without []UnitsWithout // by baseline: how many units have no value
}

// Baselines adds to a frame of events, or of a panel, columns that are fixed within the unit: each
// measure over the unit's rows before the launch, missing for units without a value there. They
// are named as in Spec.Baselines, whose results they equal when the rows are the events; over the
// rows of a panel, they weight periods alike, however many events these had.
func Baselines(f *data.Frame, spec BaselineSpec) (BaselineReport, error) {
	if err := spec.validate(f); err != nil {
		return BaselineReport{}, err
	}
	units, err := f.Group(spec.Unit)
	if err != nil {
		return BaselineReport{}, err
	}
	rule := launchRule{launch: spec.Launch, preColumn: spec.PreColumn, time: spec.Time}
	isBefore, err := rule.open(f, 0)
	if err != nil {
		return BaselineReport{}, err
	}
	t := newTable(spec.Measures)
	t.grow(units.Len())
	sources, err := t.open(f)
	if err != nil {
		return BaselineReport{}, err
	}

	report := BaselineReport{}
	var rows []placed
	present := make([]bool, units.Len())
	for i, u := range units.Codes {
		if u < 0 {
			continue
		}
		if !present[u] {
			present[u] = true
			report.Units++
		}
		before, err := isBefore(i)
		if err != nil {
			return report, err
		}
		if before {
			rows = append(rows, placed{int32(i), u})
		}
	}
	if report.Rows = len(rows); report.Rows == 0 {
		return report, refuse(fieldexp.LaunchOutside, fmt.Sprintf("there is no %s, so there is no baseline", rule), "check {Launch}")
	}
	if !t.add(sources, 0, rows) {
		return report, t.refuse(sources, 0, rows, 0)
	}
	for m, measure := range spec.Measures {
		without := t.without(m) - (units.Len() - report.Units) // levels that no row holds are no units
		report.Without = append(report.Without, UnitsWithout{measure.baselineName(), without})
	}
	return report, t.write(f, units.Codes, Measure.baselineName)
}

// validate refuses what can be refused before any row is read.
func (s *BaselineSpec) validate(f *data.Frame) error {
	if len(s.Measures) == 0 {
		return refuse(fieldexp.BadSpec, "a baseline of no measure", "name what to take before the launch in {Measures}")
	}
	for _, m := range s.Measures {
		if err := m.validate(); err != nil {
			return err
		}
		if f.Has(m.baselineName()) {
			return taken(m.baselineName(), "name the baseline otherwise")
		}
	}
	if err := validateLaunch(s.Launch, s.PreColumn); err != nil {
		return err
	}
	if s.PreColumn == "" && s.Time == "" {
		return refuse(fieldexp.BadSpec, "a baseline before a launch, without a column of times",
			"name the column of times that {Launch} cuts in {Time}")
	}
	return nil
}
