package itt

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
)

// events is an event study's column: for treated rows the period, for the others nothing.
type events struct {
	spec    EventSpec
	frame   *data.Frame
	column  string
	periods []int // ascending
	rows    map[int][2]int
}

func newEvents(f *data.Frame, spec EventSpec) (*events, error) {
	for _, role := range []struct{ field, name string }{{"Outcome", spec.Outcome}, {"Unit", spec.Unit}, {"Period", spec.Period}} {
		if role.name == "" {
			return nil, &Error{Problem: BadSpec, Message: "EventSpec." + role.field + " is empty", Remedy: "name the column"}
		}
	}
	a, err := readAssignment(f, spec.Assignment, "")
	if err != nil {
		return nil, err
	}
	if len(a.arms) > 2 {
		return nil, &Error{Problem: BadSpec, Columns: []string{spec.Assignment}, Count: len(a.arms),
			Message: fmt.Sprintf("assignment %q has %d arms, and an event study compares two", spec.Assignment, len(a.arms)),
			Remedy:  "filter the rows to control and one other arm"}
	}
	if !spec.MixedClusters {
		if _, err := a.nestedIn(f, spec.Cluster); err != nil {
			return nil, err
		}
	}
	relative, err := relativePeriods(f, &spec)
	if err != nil {
		return nil, err
	}
	e := &events{spec: spec, frame: f.Clone(), column: spec.Assignment + " x " + spec.Period, rows: map[int][2]int{}}
	return e, e.fill(f, a, relative)
}

// noPeriod marks a row without a period.
const noPeriod = math.MinInt

// relativePeriods counts each row's period from the launch.
func relativePeriods(f *data.Frame, spec *EventSpec) ([]int, error) {
	kind, err := f.Kind(spec.Period)
	if err != nil {
		return nil, err
	}
	relative := make([]int, f.Len())
	if kind != data.Time {
		if !spec.Launch.IsZero() {
			return nil, &Error{Problem: BadSpec, Columns: []string{spec.Period},
				Message: fmt.Sprintf("a launch date for period %q, which holds %ss", spec.Period, kind),
				Remedy:  "leave Launch empty and number the periods from the launch, or use a column of times"}
		}
		values, err := f.Floats(spec.Period)
		if err != nil {
			return nil, err
		}
		for i, v := range values {
			if v != math.Trunc(v) && !math.IsNaN(v) || math.Abs(v) > 1e9 {
				return nil, &data.ColumnError{Column: spec.Period, Row: i + 1, Problem: fmt.Sprintf("%v does not count periods from the launch", v),
					Remedy: "number the periods by whole numbers, with 0 for that of the launch"}
			}
			relative[i] = noPeriod
			if !math.IsNaN(v) {
				relative[i] = int(v)
			}
		}
		return relative, nil
	}
	if spec.Launch.IsZero() {
		return nil, &Error{Problem: BadSpec, Columns: []string{spec.Period}, Message: fmt.Sprintf("period %q holds times, but no launch is given", spec.Period), Remedy: "set Launch"}
	}
	times, err := f.Times(spec.Period)
	if err != nil {
		return nil, err
	}
	step := int64(spec.Step.Length())
	whole, rest := floorDiv(nanoseconds(spec.Launch), step)
	for i, t := range times {
		relative[i] = noPeriod
		if t != data.MissingTime {
			steps, _ := floorDiv(t-rest, step)
			relative[i] = int(steps - whole)
		}
	}
	return relative, nil
}

// floorDiv divides and rounds down, before 1970 too; the rest is not negative.
func floorDiv(a, b int64) (quotient, rest int64) {
	quotient, rest = a/b, a%b
	if rest < 0 {
		quotient, rest = quotient-1, rest+b
	}
	return quotient, rest
}

// fill makes the column of treated rows' periods and counts the rows of each arm and period in
// which outcome, unit and controls are known.
func (e *events) fill(f *data.Frame, a *assigned, relative []int) error {
	known, err := knownRows(f, append([]string{e.spec.Outcome, e.spec.Unit}, e.spec.Controls...))
	if err != nil {
		return err
	}
	for i, period := range relative {
		if arm := a.codes[i]; arm >= 0 && period != noPeriod && known[i] {
			rows := e.rows[period]
			rows[arm]++
			e.rows[period] = rows
		}
	}
	for period := range e.rows {
		e.periods = append(e.periods, period)
	}
	slices.Sort(e.periods)
	if err := e.check(f, relative); err != nil {
		return err
	}
	levels, place := []string{"none"}, map[int]int32{}
	for _, period := range e.periods {
		if period != e.spec.Reference {
			place[period] = int32(len(levels))
			levels = append(levels, strconv.Itoa(period))
		}
	}
	codes := make([]int32, len(relative))
	for i, period := range relative {
		switch {
		case a.codes[i] < 0 || period == noPeriod:
			codes[i] = -1
		case a.codes[i] == 1:
			codes[i] = place[period] // none for the reference
		}
	}
	if e.frame.Has(e.column) {
		return &Error{Problem: ColumnTaken, Columns: []string{e.column}, Message: fmt.Sprintf("the frame has a column %q already", e.column), Remedy: "drop the column"}
	}
	return e.frame.SetCodes(e.column, codes, levels)
}

// check refuses a launch outside the data, a reference period without both arms, and periods that
// are finer than the steps they are counted in.
func (e *events) check(f *data.Frame, relative []int) error {
	s := &e.spec
	if len(e.periods) == 0 {
		return &Error{Problem: NoReference, Columns: []string{s.Period}, Message: fmt.Sprintf("no row has assignment %q, period %q, outcome %q and all controls", s.Assignment, s.Period, s.Outcome),
			Remedy: "check how missing values are marked in the file"}
	}
	first, last := e.periods[0], e.periods[len(e.periods)-1]
	if first >= 0 || last < 0 {
		return &Error{Problem: LaunchOutside, Columns: []string{s.Period}, Count: len(e.periods),
			Message: fmt.Sprintf("the launch is outside the data: relative to it, %q runs from %d to %d", s.Period, first, last),
			Remedy:  "check Launch; an event study needs periods before it and after it"}
	}
	if rows := e.rows[s.Reference]; rows[0] == 0 || rows[1] == 0 {
		return &Error{Problem: NoReference, Columns: []string{s.Period}, Count: rows[0] + rows[1],
			Message: fmt.Sprintf("the reference period %d has %d rows of control and %d of the other arm with outcome %q and all controls; %q runs from %d to %d",
				s.Reference, rows[0], rows[1], s.Outcome, s.Period, first, last),
			Remedy: "set Reference to a period before the launch in which both arms are observed"}
	}
	g, err := f.Group(s.Period)
	if err != nil {
		return err
	}
	steps := data.Grouping{Codes: make([]int32, len(relative))}
	place := map[int]int32{}
	for i, period := range relative {
		steps.Codes[i] = -1
		if period == noPeriod {
			continue
		}
		c, ok := place[period]
		if !ok {
			c = int32(len(place))
			place[period] = c
			steps.Labels = append(steps.Labels, strconv.Itoa(period))
		}
		steps.Codes[i] = c
	}
	if m := mix(g.Codes, steps); m.mixed > 0 {
		return &Error{Problem: BadSpec, Columns: []string{s.Period}, Count: m.mixed,
			Message: fmt.Sprintf("%s of the %s %ss from the launch hold several values of %q each", brief.Count(m.mixed), brief.Count(m.groups), s.Step, s.Period),
			Remedy:  "set Step to the length of the panel's periods, or aggregate to them first"}
	}
	return nil
}
