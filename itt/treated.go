package itt

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
)

// AddTreated adds to the frame the regressor of a difference-in-differences: a Float column that
// is assignment from the launch on and 0 before, and missing where assignment or time is.
// Assignment must hold 0 and 1; time is a column of times (a panel's period, or the instants of
// events), and a row counts as treated if its time is at or past the launch, by the clock of the
// column: times that were read without a zone are in UTC.
//
// The error is a *fieldexp.Error (NotBinary, OneArm, NoAssignment; LaunchOutside when no row is before
// the launch or none after it; ColumnTaken when the frame has a column of that name).
func AddTreated(f *data.Frame, name, assignment, time string, launch time.Time) error {
	a, err := readAssignment(f, assignment, "", nil)
	if err != nil {
		return err
	}
	if !a.numeric {
		return &fieldexp.Error{Op: "itt", Problem: fieldexp.NotBinary, Columns: []string{assignment},
			Message: fmt.Sprintf("assignment %q holds text", assignment), Remedy: []fieldexp.Hint{"code it 1 for assigned and 0 for not"}}
	}
	post, _, err := readPost(f, a, &Spec{Time: time, Launch: launch})
	if err != nil {
		return err
	}
	return setNew(f, name, a.indicator(1, post), "give the new column another name")
}

// post says of each row whether it is at or past the launch: 1, 0, or -1 where time is missing.
type post []int32

// readPost cuts the times at the launch, and refuses a launch that leaves one side without rows
// in which assignment is known. The label is what the launch is called.
func readPost(f *data.Frame, a *assigned, s *Spec) (p post, label string, err error) {
	incomplete := &fieldexp.Error{Op: "itt", Problem: fieldexp.BadSpec, Columns: []string{a.column},
		Message: "a difference-in-differences needs both a column of times and a launch", Remedy: []fieldexp.Hint{"set {Time} and {Launch} together, or neither"}}
	if s.Time == "" {
		return nil, "", incomplete
	}
	kind, err := f.Kind(s.Time)
	switch {
	case err != nil:
		return nil, "", err
	case kind == data.Float && s.Launch.IsZero():
		periods, err := f.Floats(s.Time)
		if err != nil {
			return nil, "", err
		}
		name := func(period float64) string { return strconv.FormatFloat(period, 'g', -1, 64) }
		label = name(s.LaunchPeriod)
		p, err = cut(periods, s.LaunchPeriod, label, func(v float64) bool { return math.IsNaN(v) }, name, a, s.Time)
		return p, label, err
	case kind == data.Float:
		return nil, "", &fieldexp.Error{Op: "itt", Problem: fieldexp.BadSpec, Columns: []string{s.Time},
			Message: fmt.Sprintf("a launch date, %s, for time %q, which holds numbers", launchLabel(s.Launch), s.Time),
			Remedy:  []fieldexp.Hint{"name the number of the first period with treatment in {LaunchPeriod}", "read the column as time by {Types}"}}
	case s.Launch.IsZero():
		return nil, "", incomplete
	}
	times, err := f.Instants(s.Time)
	if err != nil {
		return nil, "", err
	}
	label = launchLabel(s.Launch)
	p, err = cut(times, nanoseconds(s.Launch), label, func(t int64) bool { return t == data.MissingTime }, instant, a, s.Time)
	return p, label, err
}

// cut codes values as before the launch or not; label is what messages call the launch, and name what they call
// a value.
func cut[T int64 | float64](values []T, launch T, label string, missing func(T) bool, name func(T) string, a *assigned, column string) (post, error) {
	var first, last T
	known, before, after := 0, 0, 0
	p := make(post, len(values))
	for i, v := range values {
		if missing(v) {
			p[i] = -1
			continue
		}
		if v >= launch {
			p[i] = 1
		}
		if a.codes[i] < 0 {
			continue
		}
		if known == 0 {
			first, last = v, v
		}
		first, last = min(first, v), max(last, v)
		known++
		if v >= launch {
			after++
		} else {
			before++
		}
	}
	side := ""
	switch {
	case known == 0:
		return nil, &fieldexp.Error{Op: "itt", Problem: fieldexp.LaunchOutside, Columns: []string{column}, Count: len(values),
			Message: fmt.Sprintf("time %q is missing in every row in which assignment %q is known", column, a.column),
			Remedy:  []fieldexp.Hint{"check how the column was read: a layout may be missing"}}
	case before == 0:
		side = "no period is before it"
	case after == 0:
		side = "no period is at or after it"
	default:
		return p, nil
	}
	return nil, &fieldexp.Error{Op: "itt", Problem: fieldexp.LaunchOutside, Columns: []string{column}, Count: len(values),
		Message: fmt.Sprintf("the launch, %s, is outside the data, where %q runs from %s to %s: %s", label, column, name(first), name(last), side),
		Remedy:  []fieldexp.Hint{"check {Launch}", "leave {Launch} out to compare the arms without a difference-in-differences"}}
}

// nanoseconds is the launch on the scale of Time columns, which hold the years 1678 to 2261; an
// instant outside them lies at the scale's end.
func nanoseconds(launch time.Time) int64 {
	switch year := launch.UTC().Year(); {
	case year < 1678:
		return math.MinInt64 + 1
	case year > 2261:
		return math.MaxInt64
	}
	return launch.UnixNano()
}

// launchLabel formats a launch in the way of instant.
func launchLabel(launch time.Time) string {
	t := launch.UTC()
	if t.Equal(t.Truncate(24 * time.Hour)) {
		return t.Format(time.DateOnly)
	}
	return t.Format(time.DateTime)
}

// instant formats nanoseconds since 1970 as a date or, off midnight, a date and time.
func instant(ns int64) string {
	return launchLabel(time.Unix(0, ns))
}

// indicator is 1 from the launch on and 0 before.
func (p post) indicator() []float64 {
	values := make([]float64, len(p))
	for i, v := range p {
		values[i] = float64(v)
		if v < 0 {
			values[i] = math.NaN()
		}
	}
	return values
}

// indicator is 1 in the rows of an arm, from the launch on where there is one.
func (a *assigned) indicator(arm int32, p post) []float64 {
	values := make([]float64, len(a.codes))
	for i, c := range a.codes {
		switch {
		case c < 0 || p != nil && p[i] < 0:
			values[i] = math.NaN()
		case c == arm && (p == nil || p[i] == 1):
			values[i] = 1
		}
	}
	return values
}

// setNew adds a column, and refuses to write over one that is there; the remedy is how else to name it.
func setNew(f *data.Frame, name string, values []float64, remedy fieldexp.Hint) error {
	if f.Has(name) {
		return &fieldexp.Error{Op: "itt", Problem: fieldexp.ColumnTaken, Columns: []string{name}, Message: fmt.Sprintf("the frame has a column %q already", name),
			Remedy: []fieldexp.Hint{remedy, "drop the column"}}
	}
	return f.SetFloats(name, values)
}
