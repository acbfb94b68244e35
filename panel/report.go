package panel

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/fieldexp/fieldexp/internal/parallel"
)

// Report says what became of the events and what the panel is like.
type Report struct {
	Events        int64 // read
	Used          int64 // in the panel
	MissingUnit   int64 // left out: they have no unit
	MissingPeriod int64 // left out: they have a unit and no time or period
	BeforeLaunch  int64 // used, and before the launch; counted where baselines are wanted

	Units, Periods, Cells int
	Balanced              bool   // every unit is observed in every period
	First, Last           string // the first and the last period

	EventsPerCell  Spread
	PeriodsPerUnit Spread

	Measures []MeasureReport
	// Baselines says for each baseline how many units have no value.
	Baselines []UnitsWithout
	// Varying lists the unit columns that are not fixed within units, with how many of these.
	Varying []UnitsWithout
}

// Spread is the smallest, the middle and the largest of some counts.
type Spread struct {
	Min    int64
	Median float64
	Max    int64
}

// MeasureReport says how much of a measure is there.
type MeasureReport struct {
	Name     string
	Column   string // of the events; empty for a count of events
	Observed int64  // events with a value
	Missing  int64  // events in the panel without one
	// EmptyCells counts cells in which no event has a value.
	EmptyCells int
}

// UnitsWithout counts the units for which a column falls short.
type UnitsWithout struct {
	Column string
	Units  int
}

// report gathers the facts.
func (a *Aggregator) report() Report {
	r := Report{
		Events: a.read, Used: a.read - a.missingUnit - a.missingPeriod,
		MissingUnit: a.missingUnit, MissingPeriod: a.missingPeriod,
		Units: a.units.len(), Periods: a.periods.len(), Cells: a.index.len(),
	}
	r.Balanced = r.Cells == r.Units*r.Periods
	if r.Periods > 0 {
		order := a.periods.sorted()
		r.First, r.Last = a.periods.label(order[0]), a.periods.label(order[len(order)-1])
	}
	r.EventsPerCell = spreadOf(a.cells.events)
	perUnit := make([]int64, r.Units)
	for _, u := range a.index.units {
		perUnit[u]++
	}
	r.PeriodsPerUnit = spreadOf(perUnit)
	r.Measures = a.cells.report(r.Used)
	if a.before != nil {
		for _, n := range a.before.events {
			r.BeforeLaunch += n
		}
		for m, measure := range a.before.measures {
			r.Baselines = append(r.Baselines, UnitsWithout{measure.baselineName(), a.before.without(m)})
		}
	}
	for _, c := range a.unitColumns {
		if n := c.varying(); n > 0 {
			r.Varying = append(r.Varying, UnitsWithout{c.name, n})
		}
	}
	return r
}

// report counts the values of each measure over all places; events is how many there are in all.
func (t *table) report(events int64) []MeasureReport {
	all := make([]MeasureReport, len(t.measures))
	_ = parallel.For(context.Background(), len(all), func(m int) {
		r := MeasureReport{Name: t.measures[m].name(), Column: t.measures[m].Column}
		for at := range t.events {
			n := t.observed(m, int32(at))
			r.Observed += n
			if n == 0 {
				r.EmptyCells++
			}
		}
		r.Missing = events - r.Observed
		all[m] = r
	})
	return all
}

// without is how many places have no value of a measure.
func (t *table) without(measure int) int {
	missing := 0
	for at := range t.events {
		if t.observed(measure, int32(at)) == 0 {
			missing++
		}
	}
	return missing
}

// spreadOf summarises counts.
func spreadOf(counts []int64) Spread {
	if len(counts) == 0 {
		return Spread{}
	}
	sorted := slices.Clone(counts)
	slices.Sort(sorted)
	n := len(sorted)
	return Spread{sorted[0], (float64(sorted[(n-1)/2]) + float64(sorted[n/2])) / 2, sorted[n-1]}
}

// String tells the report in a few lines, each ended by a newline.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s events read, %s used", thousands(r.Events), thousands(r.Used))
	if r.Used < r.Events {
		fmt.Fprintf(&b, "; left out: %s without a unit, %s without a time or period",
			thousands(r.MissingUnit), thousands(r.MissingPeriod))
	}
	balance := "balanced"
	if !r.Balanced {
		balance = "unbalanced, " + thousands(int64(r.Units)*int64(r.Periods)) + " if every unit were seen in every period"
	}
	fmt.Fprintf(&b, "\n%s units, %s periods (%s to %s), %s cells (%s)\n",
		thousands(int64(r.Units)), thousands(int64(r.Periods)), r.First, r.Last, thousands(int64(r.Cells)), balance)
	fmt.Fprintf(&b, "events per cell: %s; periods per unit: %s\n", r.EventsPerCell, r.PeriodsPerUnit)
	told := make(map[string]bool)
	for _, m := range r.Measures {
		if m.Missing > 0 && !told[m.Column] {
			told[m.Column] = true
			fmt.Fprintf(&b, "%s: missing in %s of %s events, no value in %s of %s cells\n", m.Column,
				thousands(m.Missing), thousands(r.Used), thousands(int64(m.EmptyCells)), thousands(int64(r.Cells)))
		}
	}
	if len(r.Baselines) > 0 {
		fmt.Fprintf(&b, "events before the launch: %s\n", thousands(r.BeforeLaunch))
	}
	for _, u := range r.Baselines {
		fmt.Fprintf(&b, "%s: no value for %s of %s units\n", u.Column, thousands(int64(u.Units)), thousands(int64(r.Units)))
	}
	for _, u := range r.Varying {
		fmt.Fprintf(&b, "%s: varies within %s of %s units, the first value is kept\n",
			u.Column, thousands(int64(u.Units)), thousands(int64(r.Units)))
	}
	return b.String()
}

// String reads: 1 to 20, median 6.
func (s Spread) String() string {
	return fmt.Sprintf("%s to %s, median %s", thousands(s.Min), thousands(s.Max), strconv.FormatFloat(s.Median, 'f', -1, 64))
}

// thousands writes a count with commas.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for at := len(s) - 3; at > 0 && s[at-1] != '-'; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}
