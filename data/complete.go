package data

import (
	"context"
	"errors"
	"slices"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/csvscan"
)

// complete looks at the whole of a column of which a cell was refused, to say how many cells are, where the source can be
// read once more: its cells, and not those after the first that does not fit, decide what to do.
func (sc *schema) complete(ctx context.Context, src *source, opt ReadOptions, err error) error {
	var refusal *fieldexp.Error
	if src.seeker == nil || !errors.As(err, &refusal) {
		return err
	}
	var cell *csvscan.Error
	var text *mixed
	var columns []string
	want, form := Float, Format(0)
	switch {
	case errors.As(refusal, &text):
		columns, want = text.columns, text.want
	case errors.As(refusal, &cell) && (cell.Problem == csvscan.NotNumber || cell.Problem == csvscan.NotTime) && cell.Field < len(sc.names):
		if _, wide := csvscan.ParseNumber(cell.Cell); wide && cell.Problem == csvscan.NotNumber && sc.fields[cell.Field].Form == 0 {
			return err
		}
		columns, form = []string{sc.names[cell.Field]}, Format(sc.fields[cell.Field].Form)
		if cell.Problem == csvscan.NotTime {
			want = Time
		}
	default:
		return err
	}
	again := ReadOptions{Columns: columns, Types: make(map[string]Kind), Layouts: opt.Layouts, MissingValues: opt.MissingValues,
		MissingOnly: opt.MissingOnly, Comma: opt.Comma, SkipLines: opt.SkipLines, blockSize: opt.blockSize}
	again.Zone = opt.Zone
	if cell != nil && want == Time {
		switch order := sc.reports[cell.Field].order; {
		case order != "":
			again.Layouts = append(orderedLayouts(order), DefaultLayouts()...)
		case sc.orderOpen(cell.Field):
			again.Layouts = slices.Concat(DefaultLayouts(), orderedLayouts(dayFirst), orderedLayouts(monthFirst))
		}
	}
	for _, column := range columns {
		again.Types[column] = Categorical
	}
	frame, failed := readFrame(ctx, src, again)
	if failed != nil {
		return err
	}
	for i := range frame.cols {
		frame.cols[i].named = false // but for this look at them
	}
	whole := frame.cols[0].misfit(want, form, cell != nil)
	if len(columns) > 1 && !errors.As(frame.CheckFloats(columns...), &whole) {
		return err
	}
	if cell != nil && whole.Problem != fieldexp.BadCell {
		return err
	}
	guessed := cell != nil && sc.fields[cell.Field].Guessed
	refusal.Problem, refusal.Columns, refusal.Message, refusal.Line, refusal.Count, refusal.Remedy = whole.Problem, whole.Columns, whole.Message, whole.Line, whole.Count, whole.Remedy
	if guessed {
		refusal.Message += guess
	}
	return err
}

// guess says of a cell that it came too late.
const guess = ", for which the column was taken from its first rows"
