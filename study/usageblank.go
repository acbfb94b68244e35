package study

import (
	"fmt"
	"math"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/panel"
)

// fillsUsage reports whether blanks of a column are zeros where there was no access: of usage, if the study says so.
func (s *Study) fillsUsage(column string) bool {
	return s.Roles.UsageBlank == "zero" && s.Roles.Usage != "" && column == s.Roles.Usage
}

// fillRows reads blank usage as 0 in rows without access: those of control, and those before the launch. Where rows sum
// up events, the mean over those in which usage is known becomes that over all.
func (r *run) fillRows(f *data.Frame, p panel.Period) error {
	s := r.study
	column := s.Roles.Usage
	if !s.fillsUsage(column) || !f.Has(column) {
		return nil
	}
	used, err := f.Floats(column)
	if err != nil {
		return err
	}
	arm, err := r.armOf(f)
	if err != nil {
		return err
	}
	before, err := r.rowsBefore(f, p)
	if err != nil {
		return err
	}
	counts := columnOf(panel.Measure{Column: column, Stat: panel.CountObserved})
	var known, events []float64
	if s.sums() && f.Has(counts) {
		if known, err = f.Floats(counts); err != nil {
			return err
		}
		if events, err = f.Floats(eventCount); err != nil {
			return err
		}
	}
	filled, all, blanks := make([]float64, len(used)), make([]float64, len(used)), 0
	for i, v := range used {
		n, of := 0.0, 1.0
		if !math.IsNaN(v) {
			n = 1
		}
		if known != nil {
			n, of = known[i], events[i]
		}
		filled[i], all[i] = v, n
		if arm[i] == 0 || before(i) {
			filled[i], all[i] = withZeros(v, n, of), of
			blanks += int(of - n)
		}
	}
	if known == nil {
		r.filled += blanks
	} else if err := f.SetFloats(counts, all); err != nil {
		return err
	}
	return f.SetFloats(column, filled)
}

// fillFixed is fillRows for usage that units have once.
func (r *run) fillFixed() error { return r.fillRows(r.units, r.study.period()) }

// withZeros is the mean of n values and as many zeros as make them all.
func withZeros(mean, n, all float64) float64 {
	switch {
	case n == all:
		return mean
	case n == 0:
		return 0
	}
	return mean * n / all
}

// rowsBefore tells the rows of a panel that are before the launch.
func (r *run) rowsBefore(f *data.Frame, p panel.Period) (func(row int) bool, error) {
	s := r.study
	switch {
	case s.Launch.IsZero() || !f.Has(s.periodColumn(p)):
		return func(int) bool { return false }, nil
	case s.Launch.Numbered:
		periods, err := f.Floats(s.Roles.Time)
		return func(row int) bool { return periods[row] < s.Launch.Period }, err
	}
	times, err := f.Instants(s.periodColumn(p))
	launch := r.launchOf(p).UnixNano()
	return func(row int) bool { return times[row] < launch }, err
}

// fillUnits does the same for the means of units before and after the launch, and for the summary over all events.
func (r *run) fillUnits() error {
	s := r.study
	column := s.Roles.Usage
	if !s.fillsUsage(column) || !r.units.Has(beforeOf(column)) {
		return nil
	}
	arm, err := r.armOf(r.units)
	if err != nil {
		return err
	}
	for half, names := range [2][2]string{{beforeOf(column), nBeforeOf(column)}, {afterOf(column), nAfterOf(column)}} {
		means, err := r.units.Floats(names[0])
		if err != nil {
			return err
		}
		known, err := r.units.Floats(names[1])
		if err != nil {
			return err
		}
		filled, all := make([]float64, len(means)), make([]float64, len(means))
		for i := range means {
			filled[i], all[i] = means[i], known[i]
			if n := r.halfEvents[half][i]; n > 0 && (half == 0 || arm[i] == 0) {
				r.filled += int(n - known[i])
				filled[i], all[i] = withZeros(means[i], known[i], n), n
			}
		}
		if err := r.units.SetFloats(names[0], filled); err != nil {
			return err
		}
		if err := r.units.SetFloats(names[1], all); err != nil {
			return err
		}
	}
	return nil
}

// sayFilled says how many blanks were read as zeros.
func (r *run) sayFilled() {
	if s := r.study; s.fillsUsage(s.Roles.Usage) {
		r.say(fmt.Sprintf("Blank %s of %s %ss without access was read as 0.", s.Roles.Usage, brief.Count(r.filled), s.Words.Event))
	}
}
