package study

import (
	"fmt"
	"math"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
)

// fillsUsage reports whether blanks of a column are zeros where there was no access: of usage, if the study says so.
func (s *Study) fillsUsage(column string) bool {
	return s.Roles.UsageBlank == "zero" && s.Roles.Usage != "" && column == s.Roles.Usage
}

// findControl tells the units of control before the events are read, if blanks of usage are to be zeros for them. Where
// there is no file of units, the events tell.
func (r *run) findControl() error {
	s := r.study
	if !s.fillsUsage(s.Roles.Usage) || r.units == nil || !r.units.Has(s.Roles.Assignment) {
		return nil
	}
	if err := r.readArms(r.units); err != nil {
		return err
	}
	arm, err := r.armOf(r.units)
	if err != nil {
		return err
	}
	unit, err := r.units.Group(s.Roles.Unit)
	if err != nil {
		return err
	}
	r.plan.control = make(map[string]bool)
	for i, u := range unit.Codes {
		if u >= 0 && arm[i] == 0 {
			r.plan.control[unit.Labels[u]] = true
		}
	}
	return nil
}

// fillUsage reads blank usage as 0 in the events of a chunk without access: those of control, and those before the
// launch.
func (g *gathered) fillUsage(chunk *data.Frame, s *Study, control map[string]bool) error {
	column := s.Roles.Usage
	if !s.fillsUsage(column) || !chunk.Has(column) {
		return nil
	}
	ofControl, err := s.controlEvents(chunk, control)
	if err != nil {
		return err
	}
	after, err := chunk.Floats(afterLaunch)
	if err != nil {
		return err
	}
	return fill(chunk, column, &g.filled, func(row int) bool { return after[row] == 0 || ofControl(row) })
}

// controlEvents tells the events of units of control.
func (s *Study) controlEvents(chunk *data.Frame, control map[string]bool) (func(row int) bool, error) {
	assignment := s.Roles.Assignment
	if control != nil {
		unit, err := chunk.Group(s.Roles.Unit)
		if err != nil {
			return nil, err
		}
		of := make([]bool, len(unit.Labels))
		for i, label := range unit.Labels {
			of[i] = control[label]
		}
		return func(row int) bool { return unit.Codes[row] >= 0 && of[unit.Codes[row]] }, nil
	}
	if isNumber(chunk, assignment) {
		arm, err := chunk.Floats(assignment)
		return func(row int) bool { return arm[row] == 0 }, err
	}
	if s.Roles.ControlArm == "" { // names tell only together, and the events are read in one pass
		return nil, refuse(fmt.Sprintf("blank usage is to be zero in control, and the arms of %q have names", assignment), "name that of control in {ControlArm}")
	}
	codes, levels, err := chunk.Codes(assignment)
	return func(row int) bool { return codes[row] >= 0 && levels[codes[row]] == s.Roles.ControlArm }, err
}

// fill reads the blanks of a column as 0 in some rows, and counts them.
func fill(f *data.Frame, column string, count *int, in func(row int) bool) error {
	values, err := f.Floats(column)
	if err != nil {
		return err
	}
	filled := make([]float64, len(values))
	for i, v := range values {
		if filled[i] = v; math.IsNaN(v) && in(i) {
			filled[i] = 0
			*count++
		}
	}
	return f.SetFloats(column, filled)
}

// fillRows does the same for rows that are observations already.
func (r *run) fillRows(f *data.Frame) error {
	s := r.study
	if column := s.Roles.Usage; s.fillsUsage(column) && f.Has(column) {
		arm, err := r.armOf(f)
		if err != nil {
			return err
		}
		before, err := r.rowsBefore(f)
		if err != nil {
			return err
		}
		return fill(f, column, &r.filled, func(row int) bool { return arm[row] == 0 || before(row) })
	}
	return nil
}

// rowsBefore tells the rows of a panel that are before the launch; those of units are not.
func (r *run) rowsBefore(f *data.Frame) (func(row int) bool, error) {
	s := r.study
	switch {
	case s.Launch.IsZero() || s.sums() || !f.Has(s.Roles.Time):
		return func(int) bool { return false }, nil
	case s.Launch.Numbered:
		periods, err := f.Floats(s.Roles.Time)
		return func(row int) bool { return periods[row] < s.Launch.Period }, err
	}
	times, err := f.Instants(s.Roles.Time)
	launch := r.launchOf(s.period()).UnixNano()
	return func(row int) bool { return times[row] < launch }, err
}

// fillUnits does the same for usage that units have once.
func (r *run) fillUnits() error { return r.fillRows(r.units) }

// sayFilled says how many blanks were read as zeros.
func (r *run) sayFilled() {
	if s := r.study; s.fillsUsage(s.Roles.Usage) {
		r.say(fmt.Sprintf("Blank %s of %s %ss without access was read as 0.", s.Roles.Usage, brief.Count(r.filled), s.Words.Event))
	}
}
