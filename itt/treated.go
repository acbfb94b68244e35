package itt

import (
	"fmt"
	"math"
	"time"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
)

// AddTreated adds to the frame the regressor of a difference-in-differences: a Float column that
// is assignment from the launch on and 0 before, and missing where assignment or time is.
// Assignment must hold 0 and 1; time must be a Time column (a panel's period, or the instants of
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
	post, err := readPost(f, a, time, launch)
	if err != nil {
		return err
	}
	return setNew(f, name, a.indicator(1, post), "give the new column another name")
}

// post says of each row whether it is at or past the launch: 1, 0, or -1 where time is missing.
type post []int32

// readPost cuts the times at the launch, and refuses a launch that leaves one side without rows
// in which assignment is known.
func readPost(f *data.Frame, a *assigned, column string, launch time.Time) (post, error) {
	if column == "" || launch.IsZero() {
		return nil, &fieldexp.Error{Op: "itt", Problem: fieldexp.BadSpec, Columns: []string{a.column},
			Message: "a difference-in-differences needs both a column of times and a launch", Remedy: []fieldexp.Hint{"set {Time} and {Launch}", "leave both out"}}
	}
	times, err := f.Instants(column)
	if err != nil {
		return nil, err
	}
	cut := nanoseconds(launch)
	first, last := int64(math.MaxInt64), int64(math.MinInt64)
	p := make(post, len(times))
	for i, t := range times {
		switch {
		case t == data.MissingTime:
			p[i] = -1
			continue
		case t >= cut:
			p[i] = 1
		}
		if a.codes[i] >= 0 {
			first, last = min(first, t), max(last, t)
		}
	}
	if first > last {
		return nil, &fieldexp.Error{Op: "itt", Problem: fieldexp.LaunchOutside, Columns: []string{column}, Count: len(times),
			Message: fmt.Sprintf("time %q is missing in every row in which assignment %q is known", column, a.column),
			Remedy:  []fieldexp.Hint{"check how the column was read, since a layout may be missing"}}
	}
	side := ""
	if first >= cut {
		side = "no period is before it"
	} else if last < cut {
		side = "no period is at or after it"
	}
	if side != "" {
		return nil, &fieldexp.Error{Op: "itt", Problem: fieldexp.LaunchOutside, Columns: []string{column}, Count: len(times),
			Message: fmt.Sprintf("the launch, %s, is outside the data, where %q runs from %s to %s: %s", launchLabel(launch), column, instant(first), instant(last), side),
			Remedy:  []fieldexp.Hint{"check {Launch}", "leave {Launch} out to compare the arms without a difference-in-differences"}}
	}
	return p, nil
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
