package data

import (
	"context"
	"fmt"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/csvscan"
)

// orderOpen reports whether a field's dates may begin with the day or the month: its type was named, and no layout.
func (sc *schema) orderOpen(f int) bool {
	field := sc.fields[f]
	return field.Kind == csvscan.Instant && !field.Guessed && field.Clock == nil && !sc.layouts
}

// ordersOpen reports whether that is so of any.
func (sc *schema) ordersOpen() bool {
	for f := range sc.fields {
		if sc.orderOpen(f) {
			return true
		}
	}
	return false
}

// findOrder finds whether the day or the month comes first in the field whose cell ended the last pass with an
// error, from all of its cells, and returns that error if this is no question of their order.
func (sc *schema) findOrder(ctx context.Context, src *source, opt *ReadOptions, err error) error {
	if sc.bad == nil || sc.bad.Problem != csvscan.NotTime || !sc.orderOpen(sc.bad.Field) {
		return err
	}
	at, cell := sc.bad.Field, sc.bad.Cell
	clocks := make(map[csvscan.Order]*csvscan.Clock)
	for order, name := range map[csvscan.Order]string{csvscan.DayFirst: dayFirst, csvscan.MonthFirst: monthFirst} {
		clocks[order] = csvscan.NewClock(append(orderedLayouts(name), DefaultLayouts()...), opt.Zone)
	}
	finder := csvscan.NewOrderClock(clocks[csvscan.DayFirst], clocks[csvscan.MonthFirst])
	if _, _, ok := finder.Parse([]byte(cell)); !ok {
		return err
	}
	fields := make([]csvscan.Field, len(sc.fields))
	for f := range fields {
		fields[f].Kind = csvscan.Skip
	}
	fields[at] = csvscan.Field{Kind: csvscan.Instant, Clock: finder}
	only := &schema{source: sc.source, names: sc.names, fields: fields, reports: make([]noted, len(fields))}
	scan, err := again(src, opt, 0, true)
	if err != nil {
		return err
	}
	var cells [csvscan.MonthFirst + 1]int
	err = only.run(ctx, scan, func(c *csvscan.Chunk) error {
		for _, order := range c.Columns[at].Times {
			if order != csvscan.MissingInstant {
				cells[order]++
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	day, month := cells[csvscan.DayFirst], cells[csvscan.MonthFirst]
	refusal := &fieldexp.Error{Op: "data", Problem: fieldexp.BadCell, Source: sc.source, Columns: []string{sc.names[at]}}
	switch {
	case day > 0 && month > 0:
		refusal.Message = fmt.Sprintf("column %q has %s that can only begin with the day and %s that can only begin with the month", sc.names[at],
			plural(day, "date"), plural(month, "date"))
		refusal.Remedy = []fieldexp.Hint{"write all dates in one order"}
		return refusal
	case day == 0 && month == 0:
		refusal.Message = fmt.Sprintf("column %q has dates such as %s, which may all begin with the day or with the month (%s)", sc.names[at], cell,
			plural(cells[csvscan.EitherOrder], "cell"))
		refusal.Remedy = []fieldexp.Hint{`name "day-first" in {Layouts}`, `"month-first"`}
		return refusal
	}
	order, name := csvscan.DayFirst, dayFirst
	if month > 0 {
		order, name = csvscan.MonthFirst, monthFirst
	}
	sc.fields[at].Clock = clocks[order]
	sc.reports[at].order, sc.reports[at].decided = name, day+month
	return nil
}
