package panel

import (
	"fmt"
	"math"
	"time"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
)

// LagSpec says which columns of a panel to lag. Unit, Period and Columns are required.
type LagSpec struct {
	Unit   string
	Period string // orders the rows of a unit: times, numbers, or text in the order of its levels
	// Columns to lag, of any kind.
	Columns []string
	// Prefix of the new columns' names; empty means "lag_".
	Prefix string
	// Back is how many periods to go back; 0 means 1.
	Back int

	// Calendar takes the value of the calendar period before, which is missing where the unit
	// was not observed then, as Stata's L. operator does after tsset. The default is the unit's
	// previous observed period, however long ago: R's shift within the unit.
	Calendar bool
	// Step is the length of a calendar period when Period holds times (a day by default). When
	// it holds numbers the step is one.
	Step Period
}

// LagReport counts the rows of a panel by what became of their lag.
type LagReport struct {
	Rows  int
	First int // no lag: nothing of the unit was observed that far back
	Gap   int // no lag: the calendar period was not observed, though earlier ones were
	// NoKey counts rows without a unit or a period; they have no lag and are nobody's.
	NoKey int
}

// String tells the report in a line.
func (r LagReport) String() string {
	s := fmt.Sprintf("%s rows, %s without a lag: %s at the start of their unit",
		thousands(int64(r.Rows)), thousands(int64(r.First+r.Gap+r.NoKey)), thousands(int64(r.First)))
	if r.Gap > 0 {
		s += fmt.Sprintf(", %s after a gap", thousands(int64(r.Gap)))
	}
	if r.NoKey > 0 {
		s += fmt.Sprintf(", %s without a unit or a period", thousands(int64(r.NoKey)))
	}
	return s
}

// Lag adds to the panel f, for each column, its value in the same unit's previous period, missing
// where there is none. Rows may be in any order. A unit with two rows in one period is refused.
func Lag(f *data.Frame, spec LagSpec) (LagReport, error) {
	if spec.Prefix == "" {
		spec.Prefix = "lag_"
	}
	if spec.Back == 0 {
		spec.Back = 1
	}
	if spec.Back < 0 {
		return LagReport{}, refuse(fieldexp.BadSpec, fmt.Sprintf("a lag by %d periods", spec.Back),
			"give the number of periods that it goes back in {Back}")
	}
	if len(spec.Columns) == 0 {
		return LagReport{}, refuse(fieldexp.BadSpec, "a lag of no column", "name the columns to lag in {Columns}")
	}
	if spec.Step < Day || spec.Step > Week {
		return LagReport{}, refuse(fieldexp.BadSpec, fmt.Sprintf("unknown step %v", spec.Step),
			"set {Step} to {Observed}, {Day}, {Hour} or {Week}")
	}
	for _, name := range spec.Columns {
		if f.Has(spec.Prefix + name) {
			return LagReport{}, taken(spec.Prefix+name, "lag under another {Prefix}")
		}
		if _, err := f.Kind(name); err != nil {
			return LagReport{}, err
		}
	}
	order, err := orderPanel(f, spec.Unit, spec.Period)
	if err != nil {
		return LagReport{}, err
	}
	previous, report, err := order.previous(f, spec)
	if err != nil {
		return report, err
	}
	for _, name := range spec.Columns {
		if err := lagColumn(f, name, spec.Prefix+name, previous); err != nil {
			return report, err
		}
	}
	return report, nil
}

// panelOrder is the rows of a panel that have a unit and a period, by unit, then by period.
type panelOrder struct {
	rows         []int32
	unit, period data.Grouping
}

// orderPanel sorts the rows of a panel and refuses two rows of one unit and period.
func orderPanel(f *data.Frame, unit, period string) (*panelOrder, error) {
	o := new(panelOrder)
	var err error
	if o.unit, err = f.Group(unit); err != nil {
		return nil, err
	}
	if o.period, err = f.Group(period); err != nil {
		return nil, err
	}
	rows := make([]int32, 0, f.Len())
	for i := range f.Len() {
		if o.unit.Codes[i] >= 0 && o.period.Codes[i] >= 0 {
			rows = append(rows, int32(i))
		}
	}
	rows = countingSort(rows, o.period.Codes, identity(o.period.Len()))
	o.rows = countingSort(rows, o.unit.Codes, identity(o.unit.Len()))
	for k := 1; k < len(o.rows); k++ {
		i, j := o.rows[k-1], o.rows[k]
		if o.unit.Codes[i] == o.unit.Codes[j] && o.period.Codes[i] == o.period.Codes[j] {
			return nil, columnError(period, int64(j)+1, fmt.Sprintf("unit %s has two rows in period %s (the other is row %d)",
				o.unit.Labels[o.unit.Codes[j]], o.period.Labels[o.period.Codes[j]], i+1), "aggregate to unit and period first")
		}
	}
	return o, nil
}

// identity is the ranks of codes that are in order already.
func identity(n int) []int32 {
	rank := make([]int32, n)
	for i := range rank {
		rank[i] = int32(i)
	}
	return rank
}

// previous finds the row that each row's lag comes from, -1 for none.
func (o *panelOrder) previous(f *data.Frame, spec LagSpec) ([]int32, LagReport, error) {
	report := LagReport{Rows: f.Len(), NoKey: f.Len() - len(o.rows)}
	from := make([]int32, f.Len())
	for i := range from {
		from[i] = -1
	}
	var clock []int64
	if spec.Calendar {
		var err error
		if clock, err = o.clock(f, spec); err != nil {
			return nil, report, err
		}
	}
	start := 0 // of the unit's rows
	for k, row := range o.rows {
		if o.unit.Codes[row] != o.unit.Codes[o.rows[start]] {
			start = k
		}
		if !spec.Calendar {
			if k-spec.Back >= start {
				from[row] = o.rows[k-spec.Back]
			} else {
				report.First++
			}
			continue
		}
		j := k
		for j >= start && clock[o.rows[j]] > clock[row]-int64(spec.Back) {
			j--
		}
		switch {
		case j < start:
			report.First++
		case clock[o.rows[j]] < clock[row]-int64(spec.Back):
			report.Gap++
		default:
			from[row] = o.rows[j]
		}
	}
	if report.Gap > 0 && report.Rows == report.First+report.Gap+report.NoKey {
		return nil, report, columnError(spec.Period, 0,
			fmt.Sprintf("has no two periods of one unit that are %d calendar steps apart", spec.Back),
			"set {Step} to the length of the panel's periods", "set {Step} to {Observed}")
	}
	return from, report, nil
}

// clock counts calendar periods, so that neighbours differ by one.
func (o *panelOrder) clock(f *data.Frame, spec LagSpec) ([]int64, error) {
	kind, err := f.Kind(spec.Period)
	if err != nil {
		return nil, err
	}
	clock := make([]int64, f.Len())
	switch kind {
	case data.Time:
		times, err := f.Instants(spec.Period)
		if err != nil {
			return nil, err
		}
		for _, i := range o.rows {
			start := spec.Step.Start(times[i])
			if start != times[i] {
				return nil, columnError(spec.Period, int64(i)+1,
					fmt.Sprintf("%s is not the start of a %v", time.Unix(0, times[i]).UTC().Format(time.DateTime), spec.Step),
					"set {Step} to the length of the panel's periods")
			}
			// Weeks start on a Monday, so they are no multiple of their length since 1970; the
			// quotient still grows by one a week.
			clock[i] = floorDiv(start, int64(spec.Step.Length()))
		}
	case data.Float:
		values, err := f.Floats(spec.Period)
		if err != nil {
			return nil, err
		}
		for _, i := range o.rows {
			if values[i] != math.Trunc(values[i]) || math.Abs(values[i]) > 1<<53 {
				return nil, columnError(spec.Period, int64(i)+1, fmt.Sprintf("%v is not a whole number", values[i]),
					"number the periods, since calendar lags step by one", "set {Step} to {Observed}")
			}
			clock[i] = int64(values[i])
		}
	default:
		return nil, columnError(spec.Period, 0, "holds text, which has no calendar",
			"use a period of times or numbers", "set {Step} to {Observed}")
	}
	return clock, nil
}

// floorDiv divides and rounds down, before 1970 too.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// lagColumn adds the column of previous values.
func lagColumn(f *data.Frame, name, as string, previous []int32) error {
	kind, err := f.Kind(name)
	if err != nil {
		return err
	}
	switch kind {
	case data.Categorical:
		codes, levels, err := f.Codes(name)
		if err != nil {
			return err
		}
		return f.SetCodes(as, shifted(codes, previous, -1), levels)
	case data.Time:
		times, err := f.Instants(name)
		if err != nil {
			return err
		}
		return f.SetInstants(as, shifted(times, previous, data.MissingTime))
	default:
		values, err := f.Floats(name)
		if err != nil {
			return err
		}
		return f.SetFloats(as, shifted(values, previous, math.NaN()))
	}
}

// shifted picks each row's value from the row that its lag comes from.
func shifted[T any](values []T, from []int32, missing T) []T {
	out := make([]T, len(values))
	for i, j := range from {
		if j >= 0 {
			out[i] = values[j]
		} else {
			out[i] = missing
		}
	}
	return out
}
