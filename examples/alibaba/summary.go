package main

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/fieldexp/fieldexp/report"
)

// A tally counts, of a table, the numbers that stand beside one in print and those that lie inside
// the 95% interval of the computed one.
type tally struct {
	numbers                int // of any kind
	coefficients, inside   int // that have an interval here
	planted, plantedInside int
}

func (a *tally) add(b tally) {
	a.numbers += b.numbers
	a.coefficients += b.coefficients
	a.inside += b.inside
	a.planted += b.planted
	a.plantedInside += b.plantedInside
}

// tally counts for a table.
func (b *book) tally(id string) tally {
	var a tally
	for _, p := range b.placed {
		if p.table != id {
			continue
		}
		a.numbers++
		low, high, ok := b.interval(id, p.cell)
		if ok && !math.IsNaN(p.value) {
			a.coefficients++
			if low <= p.value && p.value <= high {
				a.inside++
			}
		}
	}
	for _, e := range b.planted(id) {
		a.planted++
		if e.inside() {
			a.plantedInside++
		}
	}
	return a
}

// interval is the confidence interval of the estimate that a cell shows: that of the coefficient of
// the table's models that has its estimate and standard error.
func (b *book) interval(id string, c *report.Cell) (low, high float64, ok bool) {
	if c.Kind != report.KindEstimate {
		return 0, 0, false
	}
	number, _ := b.layout(id)
	for _, f := range b.Fits {
		if f.Table != number {
			continue
		}
		for _, t := range append(f.Impacts[:len(f.Impacts):len(f.Impacts)], f.Terms...) {
			if float64(t.Estimate) == c.Value && float64(t.SE) == c.SE {
				return float64(t.Low), float64(t.High), true
			}
		}
	}
	return 0, 0, false
}

// sumUp says how many published numbers stand beside a computed one and how near they are, which
// tables are missing, and whether the planted effects were found.
func (b *book) sumUp(w io.Writer) error {
	fmt.Fprint(w, summaryLead)
	t := &report.Table{Title: "How the numbers stand", Stub: "Table", Unnumbered: true,
		Columns:  []report.Column{{Header: "Numbers"}, {Header: "Coefficients"}, {Header: "Inside 95% interval"}, {Header: "Effects"}, {Header: "Inside 95% interval"}},
		Spanners: []report.Spanner{{Label: "In print, beside ours", From: 0, To: 2}, {Label: "Planted", From: 3, To: 4}}}
	var all tally
	var rows []report.Row
	var absent, alone []string
	for _, p := range story {
		a := b.tally(p.id)
		switch {
		case b.Table(p.id) == nil:
			absent = append(absent, p.id)
			continue
		case a.numbers == 0 && p.id == strings.TrimSuffix(p.id, "-common") && b.tally(p.id+"-common").numbers == 0:
			alone = append(alone, p.id)
		}
		all.add(a)
		if a != (tally{}) {
			rows = append(rows, report.Row{Label: p.id, Cells: a.cells()})
		}
	}
	t.Sections = []report.Section{{Rows: rows}, {Rows: []report.Row{{Label: "All", Cells: all.cells()}}}}
	t.Notes = []string{"The 95% intervals are those of the estimates here. Tables marked common have the layout by quintile that the paper printed", b.source()}
	if b.truth != nil {
		t.Notes = append(t.Notes, simulated)
	}
	if err := t.Render(w, report.Text); err != nil {
		return err
	}
	fmt.Fprintf(w, summaryPrint, all.coefficients, all.inside, all.numbers-all.coefficients)
	if b.truth != nil {
		b.sumUpTruth(w, all)
	}
	b.sumUpMissing(w, absent, alone)
	return nil
}

// sumUpTruth says how the planted effects were found.
func (b *book) sumUpTruth(w io.Writer, all tally) {
	if b.truth.fromPaper() {
		fmt.Fprint(w, summaryPreset)
	}
	var fair, common tally
	for _, p := range story {
		if strings.HasSuffix(p.id, "-common") {
			common.add(b.tally(p.id))
		} else {
			fair.add(b.tally(p.id))
		}
	}
	fmt.Fprintf(w, summaryTruth, fair.plantedInside, fair.planted, common.plantedInside, common.planted)
	t, err := b.cell(published{table: "1", row: "Chat duration", column: "N"})
	if err == nil && int(t.Value) < b.truth.Counts.Chats {
		fmt.Fprintf(w, summarySample, report.Thousands(int(t.Value)), report.Thousands(b.truth.Counts.Chats))
	}
}

// sumUpMissing lists what the paper has and this page has not.
func (b *book) sumUpMissing(w io.Writer, absent, alone []string) {
	if len(absent) == 0 {
		fmt.Fprintf(w, "\nAll of Tables 1 to 11 and A1 to A10 could be computed from the files; none is left out.\n")
	}
	for _, id := range absent {
		fmt.Fprintf(w, "\nTable %s is missing: %s.\n", id, b.absent(id))
	}
	if len(alone) > 0 {
		fmt.Fprintf(w, "No number in print stands beside ours in Tables %s.\n", strings.Join(alone, ", "))
	}
	if len(b.unplaced) > 0 {
		fmt.Fprintf(w, "Published numbers without a cell here (%d):\n", len(b.unplaced))
		for _, line := range b.unplacedLines() {
			fmt.Fprintf(w, "  %s\n", line)
		}
	}
}

// unplacedLines lists the published numbers without a cell by table and reason; of a table that is
// missing altogether, how many there are.
func (b *book) unplacedLines() []string {
	var keys []string
	numbers := map[string][]string{}
	for _, u := range b.unplaced {
		key := fmt.Sprintf("Table %s: %v", u.table, u.why)
		if numbers[key] == nil {
			keys = append(keys, key)
		}
		numbers[key] = append(numbers[key], fmt.Sprintf("%s %s", u.row, u.text))
	}
	for i, key := range keys {
		if list := numbers[key]; len(list) <= 10 {
			keys[i] += " (" + strings.Join(list, ", ") + ")"
		} else {
			keys[i] += fmt.Sprintf(" (%d numbers)", len(list))
		}
	}
	return keys
}

// cells lays a tally out.
func (a tally) cells() []report.Cell {
	count := func(n int, of int) report.Cell {
		if of == 0 {
			return report.Cell{}
		}
		return report.Count(n)
	}
	return []report.Cell{count(a.numbers, a.numbers), count(a.coefficients, a.coefficients), count(a.inside, a.coefficients),
		count(a.planted, a.planted), count(a.plantedInside, a.planted)}
}
