package data

import (
	"cmp"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp/internal/csvscan"
)

// ReadReport is what a reader has to remark on what it read.
type ReadReport struct {
	markers, named []string
	missing        *csvscan.Missing
	names          []string
	files          []FileReport
}

// Names lists the columns of the headers that were read, whether or not the columns were.
func (r *ReadReport) Names() []string { return r.names }

// Unmatched lists the cells named in MissingValues and MissingOnly that were not met in any column that was read,
// the empty cell aside.
func (r *ReadReport) Unmatched() []string {
	if r.missing == nil {
		return nil
	}
	unmet := r.missing.Unmet()
	var list []string
	for _, marker := range r.named {
		if text := strings.TrimSpace(marker); slices.Contains(unmet, text) && !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	return list
}

// Files are the files that were read to the end, in their order.
func (r *ReadReport) Files() []FileReport { return r.files }

// FileReport is what was found in the columns of a file.
type FileReport struct {
	Source  string
	Columns []ColumnReport
}

// ColumnReport is what was found in reading a column beside its values.
type ColumnReport struct {
	Column string

	// Of times: how many there are, the offsets of those that have one in the order of their first
	// cells and, with a zone, how many a change of summer time skips or shows twice.
	Times             int
	Offsets           []OffsetCount
	Skipped, Repeated int

	// Order is "day-first" or "month-first" where it was found from the dates, Decided of which cannot
	// be read the other way round.
	Order   string
	Decided int

	Trimmed int // identifiers around which blanks were taken away
}

// OffsetCount counts the cells of a column of times that have an offset.
type OffsetCount struct {
	Seconds int // east of Greenwich
	Cells   int
}

// note counts what is beside the values of a chunk.
func (sc *schema) note(c *csvscan.Chunk) {
	for f := range c.Columns {
		col, r := &c.Columns[f], &sc.reports[f]
		switch col.Kind {
		case csvscan.Instant:
			r.times += c.Rows
			r.clockwork.Add(&col.Clockwork)
		case csvscan.Text, csvscan.Number:
			r.trimmed += col.Trimmed
		}
	}
}

// noted is what was counted of a field in a pass, and the order that was found before it.
type noted struct {
	times     int
	clockwork csvscan.Clockwork
	trimmed   int

	order   string
	decided int
}

// forget forgets what was counted of the fields that are read now.
func (sc *schema) forget() {
	for f := range sc.reports {
		if r := &sc.reports[f]; sc.fields[f].Kind != csvscan.Skip {
			*r = noted{order: r.order, decided: r.decided}
		}
	}
}

// tell tells the caller what was found.
func (sc *schema) tell(opt *ReadOptions) {
	if opt.Report == nil {
		return
	}
	all := make([]ColumnReport, len(sc.order))
	for i, f := range sc.order {
		r := &sc.reports[f]
		all[i] = ColumnReport{Column: sc.names[f], Times: r.times - r.clockwork.Missing, Skipped: r.clockwork.Skipped, Repeated: r.clockwork.Repeated,
			Order: r.order, Decided: r.decided, Trimmed: r.trimmed}
		for _, o := range r.clockwork.Offsets {
			all[i].Offsets = append(all[i].Offsets, OffsetCount{int(o.Seconds), o.Cells})
		}
	}
	opt.Report.files = append(opt.Report.files, FileReport{sc.source, all})
}

// sortLevels puts the levels of a column of identifiers in order: numbers by their value and before other
// text, so that nothing depends on the order of rows.
func sortLevels(codes []int32, levels []string) []string {
	type ranked struct {
		text   string
		value  float64
		number bool
		code   int32
	}
	order := make([]ranked, len(levels))
	for i, text := range levels {
		value, number := csvscan.ParseNumber(text)
		order[i] = ranked{text, value, number, int32(i)}
	}
	compare := func(a, b ranked) int {
		switch {
		case a.number != b.number:
			if a.number {
				return -1
			}
			return 1
		case a.number && a.value != b.value:
			return cmp.Compare(a.value, b.value)
		}
		return cmp.Compare(a.text, b.text)
	}
	if slices.IsSortedFunc(order, compare) {
		return levels
	}
	slices.SortFunc(order, compare)
	sorted, rank := make([]string, len(levels)), make([]int32, len(levels))
	for i, r := range order {
		sorted[i], rank[r.code] = r.text, int32(i)
	}
	inParts(len(codes), func(_, from, to int) { translate(codes[from:to], rank) })
	return sorted
}
