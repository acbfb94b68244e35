package itt

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/internal/refuse"
)

// events are event studies whose assignment and periods have been read.
type events struct {
	spec     EventSpec
	frame    *data.Frame
	column   string // of assignment x period, which timelines add to the frame
	assigned *assigned
	periods  []int   // counted from the launch, ascending
	of       []int32 // each row's place among them, -1 for none
	cut      []bool  // of each period: the launch falls within it
}

// A timeline is the outcomes that are observed in the same periods, with the same reference: one column stands for the
// periods of all.
type timeline struct {
	outcomes  []string
	rows      [][][2]int // of each outcome, by period and arm
	reference int
}

func newEvents(f *data.Frame, spec EventSpec) (*events, error) {
	for _, role := range []struct {
		what   string
		remedy fieldexp.Hint
		empty  bool
	}{{"outcomes", "name it in {Outcomes}", len(spec.Outcomes) == 0}, {"units", "name it in {Unit}", spec.Unit == ""},
		{"periods", "name it in {Time}", spec.Time == ""}} {
		if role.empty {
			return nil, &fieldexp.Error{Op: "itt", Problem: fieldexp.BadSpec,
				Message: "an event study without a column of " + role.what,
				Remedy:  []fieldexp.Hint{role.remedy}}
		}
	}
	a, err := readAssignment(f, spec.Assignment, spec.ControlArm, spec.Rows)
	if err != nil {
		return nil, err
	}
	if len(a.arms) > 2 {
		return nil, &fieldexp.Error{Op: "itt", Problem: fieldexp.BadSpec, Columns: []string{spec.Assignment}, Count: len(a.arms),
			Message: fmt.Sprintf("assignment %q has %d arms, and an event study compares two", spec.Assignment, len(a.arms)),
			Remedy:  []fieldexp.Hint{"keep the rows of control and one other arm in {Rows}"}}
	}
	if !spec.MixedClusters {
		if _, err := a.nestedIn(f, spec.Cluster); err != nil {
			return nil, err
		}
	}
	e := &events{spec: spec, frame: f, column: spec.Assignment + " x " + spec.Time, assigned: a}
	if f.Has(e.column) {
		return nil, &fieldexp.Error{Op: "itt", Problem: fieldexp.ColumnTaken, Columns: []string{e.column},
			Message: fmt.Sprintf("the frame has a column %q already", e.column),
			Remedy:  []fieldexp.Hint{"drop the column"}}
	}
	return e, e.countPeriods()
}

// countPeriods counts the values of the period column from the launch, and refuses values that are
// finer than the steps they are counted in.
func (e *events) countPeriods() error {
	count, cut, err := e.counter()
	if err != nil {
		return err
	}
	g, err := e.frame.Group(e.spec.Time)
	if err != nil {
		return err
	}
	e.of, e.periods, e.cut = g.Codes, make([]int, g.Len()), make([]bool, g.Len())
	seen := make([]bool, g.Len())
	for i, p := range g.Codes {
		if p >= 0 && !seen[p] {
			seen[p] = true
			if e.periods[p], err = count(i); err != nil {
				return err
			}
			e.cut[p] = cut(i)
		}
	}
	mixed := make(map[int]bool) // values ascend, and so do periods
	for p := 1; p < len(e.periods); p++ {
		if e.periods[p] == e.periods[p-1] {
			mixed[e.periods[p]] = true
		}
	}
	if len(mixed) > 0 {
		return &fieldexp.Error{Op: "itt", Problem: fieldexp.BadSpec, Columns: []string{e.spec.Time}, Count: len(mixed),
			Message: fmt.Sprintf("%s of the %s %ss from the launch hold several values of %q each", brief.Count(len(mixed)),
				brief.Count(len(slices.Compact(slices.Clone(e.periods)))), e.spec.Step, e.spec.Time),
			Remedy: []fieldexp.Hint{"set {Step} to the length of the panel's periods", "aggregate to them first"}}
	}
	return nil
}

// counter is what counts the period of a row that has one, and what tells whether the launch falls within it.
func (e *events) counter() (count func(row int) (int, error), cut func(row int) bool, err error) {
	s := &e.spec
	kind, err := e.frame.Kind(s.Time)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case kind == data.Time && s.Launch.IsZero():
		return nil, nil, &fieldexp.Error{Op: "itt", Problem: fieldexp.BadSpec, Columns: []string{s.Time}, Message: fmt.Sprintf("period %q holds times, but no launch is given", s.Time), Remedy: []fieldexp.Hint{"set {Launch}"}}
	case kind == data.Time:
		times, err := e.frame.Instants(s.Time)
		at, step := nanoseconds(s.Launch), int64(s.Step.Length())
		launch, rest := floorDiv(at, step)
		count = func(row int) (int, error) {
			steps, _ := floorDiv(times[row]-rest, step)
			return int(steps - launch), nil
		}
		return count, func(row int) bool { return times[row] < at && at-times[row] < step }, err
	case !s.Launch.IsZero():
		return nil, nil, &fieldexp.Error{Op: "itt", Problem: fieldexp.BadSpec, Columns: []string{s.Time},
			Message: fmt.Sprintf("a launch date for period %q, which holds %ss", s.Time, kind),
			Remedy:  []fieldexp.Hint{"name the number of the first period with treatment in {LaunchPeriod}", "use a column of times"}}
	}
	values, err := e.frame.Floats(s.Time)
	count = func(row int) (int, error) {
		v := values[row] - s.LaunchPeriod
		if v != math.Trunc(v) || math.Abs(v) > 1e9 {
			return 0, refuse.Column("itt", fieldexp.BadValues, s.Time, int64(row)+1, fmt.Sprintf("%v is no whole number of periods from the launch", values[row]),
				"number the periods by whole numbers")
		}
		return int(v), nil
	}
	return count, func(int) bool { return false }, err
}

// floorDiv divides and rounds down, before 1970 too; the rest is not negative.
func floorDiv(a, b int64) (quotient, rest int64) {
	quotient, rest = a/b, a%b
	if rest < 0 {
		quotient, rest = quotient-1, rest+b
	}
	return quotient, rest
}

// timelines puts outcomes together that are observed in the same periods.
func (e *events) timelines() ([]*timeline, error) {
	known, err := knownRows(e.frame, append([]string{e.spec.Unit}, e.spec.Controls...))
	if err != nil {
		return nil, err
	}
	var list []*timeline
	for _, outcome := range e.spec.Outcomes {
		rows, err := e.count(outcome, known)
		if err != nil {
			return nil, err
		}
		reference, err := e.reference(outcome, rows)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(list, func(t *timeline) bool {
			return t.reference == reference && slices.EqualFunc(t.rows[0], rows, bothOrNone)
		})
		if i < 0 {
			i, list = len(list), append(list, &timeline{reference: reference})
		}
		list[i].outcomes, list[i].rows = append(list[i].outcomes, outcome), append(list[i].rows, rows)
	}
	return list, nil
}

// bothOrNone reports whether two outcomes are both observed in a period, or both not.
func bothOrNone(a, b [2]int) bool { return (a == [2]int{}) == (b == [2]int{}) }

// count counts the rows of each period and arm in which the outcome is known, and what else must be.
func (e *events) count(outcome string, known []bool) ([][2]int, error) {
	values, err := e.frame.Floats(outcome)
	if err != nil {
		return nil, err
	}
	rows := make([][2]int, len(e.periods))
	for i, p := range e.of {
		if arm := e.assigned.codes[i]; arm >= 0 && p >= 0 && known[i] && !math.IsNaN(values[i]) {
			rows[p][arm]++
		}
	}
	return rows, nil
}

// reference is the period with which those of an outcome are compared: the one that is asked for or the last whole one
// before the launch that is observed in both arms. Outcomes that are not observed before or after the launch, or
// have no such period, are refused.
func (e *events) reference(outcome string, rows [][2]int) (int, error) {
	s := &e.spec
	var observed []int
	chosen, found := s.Reference, false
	var asked [2]int // rows of the period that is asked for
	for p, period := range e.periods {
		if rows[p] != [2]int{} {
			observed = append(observed, period)
		}
		both := rows[p][0] > 0 && rows[p][1] > 0 && !e.cut[p]
		switch {
		case s.Reference == 0 && period < 0 && both:
			chosen, found = period, true // periods ascend
		case s.Reference != 0 && period == s.Reference:
			asked, found = rows[p], both
			if e.cut[p] {
				return 0, &fieldexp.Error{Op: "itt", Problem: fieldexp.NoReference, Columns: []string{s.Time},
					Message: fmt.Sprintf("the launch falls within the reference period %d", s.Reference),
					Remedy:  []fieldexp.Hint{"set {Reference} to a whole period before the launch", "leave {Reference} out"}}
			}
		}
	}
	if len(observed) == 0 {
		return 0, &fieldexp.Error{Op: "itt", Problem: fieldexp.NoReference, Columns: []string{s.Time}, Message: fmt.Sprintf("no row has assignment %q, period %q, outcome %q and all controls", s.Assignment, s.Time, outcome),
			Remedy: []fieldexp.Hint{"check how missing values are marked in the file"}}
	}
	first, last := observed[0], observed[len(observed)-1]
	switch {
	case first >= 0 || last < 0:
		return 0, &fieldexp.Error{Op: "itt", Problem: fieldexp.LaunchOutside, Columns: []string{s.Time}, Count: len(observed),
			Message: fmt.Sprintf("the launch is outside the data: relative to it, %q runs from %d to %d", s.Time, first, last),
			Remedy:  []fieldexp.Hint{"check {Launch}: an event study needs periods before it and after it"}}
	case !found && s.Reference == 0:
		return 0, &fieldexp.Error{Op: "itt", Problem: fieldexp.NoReference, Columns: []string{s.Time},
			Message: fmt.Sprintf("no whole period before the launch has rows of both arms with outcome %q and all controls; %q runs from %d to %d", outcome, s.Time, first, last),
			Remedy:  []fieldexp.Hint{"set {Reference} to a period in which both arms are observed"}}
	case !found:
		return 0, &fieldexp.Error{Op: "itt", Problem: fieldexp.NoReference, Columns: []string{s.Time}, Count: asked[0] + asked[1],
			Message: fmt.Sprintf("the reference period %d has %d rows of control and %d of the other arm with outcome %q and all controls; %q runs from %d to %d",
				s.Reference, asked[0], asked[1], outcome, s.Time, first, last),
			Remedy: []fieldexp.Hint{"leave {Reference} out for the last whole period before the launch in which both arms are observed", "set it to another such period"}}
	}
	return chosen, nil
}

// codes is a timeline's column: for treated rows the period, for the others, and in the reference
// period, nothing.
func (e *events) codes(t *timeline) (codes []int32, levels []string) {
	levels = []string{"none"}
	level := make([]int32, len(e.periods))
	for p, period := range e.periods {
		if period != t.reference && t.rows[0][p] != [2]int{} {
			level[p] = int32(len(levels))
			levels = append(levels, strconv.Itoa(period))
		}
	}
	codes = make([]int32, len(e.of))
	for i, p := range e.of {
		switch arm := e.assigned.codes[i]; {
		case arm < 0 || p < 0:
			codes[i] = -1
		case arm == 1:
			codes[i] = level[p]
		}
	}
	return codes, levels
}
