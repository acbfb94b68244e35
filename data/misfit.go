package data

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/csvscan"
	"github.com/fieldexp/fieldexp/internal/refuse"
)

// quote shows a text of a file.
func quote(text string) string { return refuse.Cell(text) }

// origin is where a column was read.
type origin struct {
	source  string
	lines   []csvscan.Break // rows whose lines do not follow those of the rows before
	layouts []string        // of times
	zone    *time.Location
	stream  bool // the frame is a chunk: more of the column is in the file
}

// line is the line of a row, both counted as rows are: from 0, and lines from 1.
func (o *origin) line(row int) int {
	i := sort.Search(len(o.lines), func(i int) bool { return o.lines[i].Row > row }) - 1
	if i < 0 {
		return 0
	}
	return o.lines[i].Line + row - o.lines[i].Row
}

// add appends the lines of a chunk that begins with so many rows before it.
func (o *origin) add(c *csvscan.Chunk, rows int) {
	c.Breaks(func(row, line int) {
		row += rows
		if n := len(o.lines); n == 0 || line-row != o.lines[n-1].Line-o.lines[n-1].Row {
			o.lines = append(o.lines, csvscan.Break{Row: row, Line: line})
		}
	})
}

// mixed are columns of a file that are text, where something else is needed. It is the cause of a refusal that is
// completed when the whole file can be looked at.
type mixed struct {
	columns []string
	want    Kind
}

// Error says nothing that the refusal does not.
func (m *mixed) Error() string { return fmt.Sprintf("columns %q are not of %ss", m.columns, m.want) }

// A stray is a text that does not fit a column of numbers or times.
type stray struct {
	text  string
	count int
}

// strays are the texts of a text column that do not fit a kind, in the order of their first rows.
type strays struct {
	list  []stray
	first int      // row of the first
	cells int      // that are not missing
	count int      // that do not fit
	fit   []string // levels that do, and occur
}

// strays looks for the cells of a text column that are not numbers, or not times.
func (c *column) strays(fits func(text string) bool) strays {
	s := strays{first: -1}
	counts, firsts := make([]int, len(c.levels)), make([]int, len(c.levels))
	for row, code := range c.codes {
		if code < 0 {
			continue
		}
		if counts[code]++; counts[code] == 1 {
			firsts[code] = row
		}
		s.cells++
	}
	type at struct {
		stray
		row int
	}
	var list []at
	for code, level := range c.levels {
		switch {
		case counts[code] == 0:
		case fits(level):
			s.fit = append(s.fit, level)
		default:
			list = append(list, at{stray{level, counts[code]}, firsts[code]})
			s.count += counts[code]
		}
	}
	slices.SortFunc(list, func(a, b at) int { return cmp.Compare(a.row, b.row) })
	for i, a := range list {
		if i == 0 {
			s.first = a.row
		}
		s.list = append(s.list, a.stray)
	}
	return s
}

// addLayout is what can be done where times are written otherwise.
const addLayout fieldexp.Hint = `add its layout to {Layouts}, as in "%d/%m/%Y %H:%M" (%y for a year of two digits)`

// countedTime is what can be done where times are seconds or days that were counted.
const countedTime fieldexp.Hint = "write dates, such as 2024-01-23 10:00:00, when exporting: numbers are not read as times"

// few is how many texts a message names as codes for missing.
const few = 8

// texts are all of them.
func (s *strays) texts() []string {
	texts := make([]string, len(s.list))
	for i, t := range s.list {
		texts[i] = t.text
	}
	return texts
}

// split parts those that are common codes for missing from the others.
func (s *strays) split() (codes, others []string) {
	for _, t := range s.list {
		if IsMissingCode(t.text) {
			codes = append(codes, t.text)
		} else {
			others = append(others, t.text)
		}
	}
	return codes, others
}

// message says of the strays that they are not what: a number, or a time in any of the layouts.
func (s *strays) message(what string) string {
	first, rest := quote(s.list[0].text), s.list[1:]
	if len(rest) == 0 {
		return fmt.Sprintf("%s is not %s (%s of %s)", first, what, refuse.Count(s.count), refuse.Of(s.cells, "cell"))
	}
	var more []string
	for _, t := range rest[:min(3, len(rest))] {
		more = append(more, fmt.Sprintf("%s (%s)", quote(t.text), refuse.Count(t.count)))
	}
	if n := len(rest) - len(more); n > 0 {
		more = append(more, refuse.Of(n, "other text"))
	}
	list := more[0]
	if last := len(more) - 1; last > 0 {
		list = strings.Join(more[:last], ", ") + " and " + more[last]
	}
	return fmt.Sprintf("%s (%s) is not %s, nor %s %s: %s of %s", first, refuse.Count(s.list[0].count), what, plain(len(more), "is", "are"), list,
		refuse.Count(s.count), refuse.Of(s.cells, "cell"))
}

// misfit is the error of a text column where numbers or times are needed. form is how the numbers are declared to be
// written, if they are; declared says that the column was named as such, or taken for such.
func (c *column) misfit(want Kind, form Format, declared bool) *fieldexp.Error {
	e := refuse.Column("data", fieldexp.BadColumn, c.name, 0, "holds "+c.kind.values()+", not "+want.values())
	if want == Time {
		e.Remedy = []fieldexp.Hint{"name its type as time in {Types}, with its layout in {Layouts}, when reading"}
	} else {
		e.Remedy = []fieldexp.Hint{"name its type as number in {Types} when reading", "make an indicator from it"}
	}
	if c.origin == nil || c.kind != Categorical {
		return e
	}
	e.Source = c.origin.source
	if c.named {
		return e
	}
	if c.origin.stream {
		e.Err = &mixed{[]string{c.name}, want}
	}
	d := c.diagnose(want, form)
	switch {
	case d.count == 0 && d.cells > 0 && want == Float:
		e.Message = fmt.Sprintf("column %s holds whole numbers that cannot be told from their neighbours as numbers, and is read as text", quote(c.name))
		e.Remedy = []fieldexp.Hint{"if they may be rounded, read it by " + fieldexp.Setting("Types", c.name, Float.String())}
	case d.count == 0:
	case d.text() && !declared:
		e.Message += fmt.Sprintf(", as %s in line %d", quote(d.others[0]), c.lineOf(d.others[0]))
		if want == Float {
			e.Remedy = []fieldexp.Hint{"make an indicator from it in {Derive}"}
		}
	default:
		e.Problem, e.Count, e.Line = fieldexp.BadCell, d.count, c.origin.line(d.first)
		e.Message, e.Remedy = d.message(d.what), d.remedies()
	}
	return e
}

// A diagnosis is why a text column is not numbers, or times.
type diagnosis struct {
	*column
	strays
	want          Kind
	what          string   // that its cells are not
	codes, others []string // the strays that are codes for missing, and the rest
	formats       []Format // in which the rest is written
}

// diagnose finds why a text column is not of a kind.
func (c *column) diagnose(want Kind, form Format) *diagnosis {
	d := &diagnosis{column: c, want: want, what: "a number"}
	fits := isNumber
	switch {
	case want == Time:
		clock := csvscan.NewClock(c.origin.layouts, c.origin.zone)
		fits = func(text string) bool { _, _, ok := clock.Parse([]byte(strings.Trim(text, " \t"))); return ok }
		d.what = "a time in any of the layouts"
	case form != 0:
		fits = func(text string) bool { _, ok := form.Parse(text); return ok }
		d.what = "a number of the format " + form.String()
	}
	d.strays = c.strays(fits)
	d.codes, d.others = d.split()
	if want == Float && form == 0 && len(d.others) > 0 {
		d.formats = proposals(slices.Concat(d.others, d.fit)) // those that are written plainly must be of the format, too
	}
	return d
}

// text reports whether the column is text that nothing can make numbers or times of.
func (d *diagnosis) text() bool { return len(d.fit) == 0 && len(d.formats) == 0 && len(d.others) > 0 }

// remedies are the ways to read the column.
func (d *diagnosis) remedies() []fieldexp.Hint {
	var list []fieldexp.Hint
	for _, f := range d.formats {
		hint := "read it by " + fieldexp.Setting("Formats", d.name, f.String()) + meaning(f, d.formats)
		if len(d.codes) > few {
			hint += " and its codes for missing in {MissingValues}"
		} else if len(d.codes) > 0 {
			hint += " and " + fieldexp.Setting("MissingValues", "", d.codes...)
		}
		list = append(list, hint)
	}
	if d.want == Time && len(d.others) > 0 && isNumber(d.others[0]) { // seconds or days that were counted
		return append(list, countedTime)
	}
	if d.want == Time {
		list = append(list, addLayout)
	}
	if len(d.formats) > 0 {
		return list
	}
	if len(d.list) <= few {
		list = append(list, "read "+plain(len(d.list), "it", "them")+" as missing by "+fieldexp.Setting("MissingValues", "", d.texts()...))
	}
	return append(list, "read the column as text by "+fieldexp.Setting("Types", d.name, Categorical.String()))
}

// CheckFloats refuses columns of a file that are text for some of their cells, or for how numbers are written in them: all of
// them at once, where all can be read. Columns that are not there, and those of mere text, are passed over; so is one alone,
// which Floats refuses where it is used.
func (f *Frame) CheckFloats(names ...string) error {
	var all []*diagnosis
	for _, name := range names {
		if !f.Has(name) {
			continue
		}
		c := &f.cols[f.index[name]]
		if c.kind != Categorical || c.origin == nil || c.named {
			continue
		}
		if d := c.diagnose(Float, 0); !d.text() {
			all = append(all, d)
		}
	}
	if len(all) < 2 {
		return nil
	}
	e := all[0].misfit(Float, 0, false) // which diagnoses again: there is time where something is wrong
	var settings, missing []string
	columns := make([]string, len(all))
	for i, d := range all {
		columns[i] = d.name
		if d.count == 0 || len(d.formats) == 0 && len(d.list) > few {
			return d.misfit(Float, 0, false)
		}
		texts := d.texts()
		if len(d.formats) > 0 {
			settings = append(settings, string(fieldexp.Setting("Formats", d.name, d.formats[0].String())))
			texts = d.codes
		}
		for _, text := range texts {
			if !slices.Contains(missing, text) {
				missing = append(missing, text)
			}
		}
		if i > 0 {
			e.Message += fmt.Sprintf("; line %d, column %s: %s", d.origin.line(d.first), quote(d.name), d.message(d.what))
		}
	}
	if len(missing) > 0 {
		settings = append(settings, string(fieldexp.Setting("MissingValues", "", missing...)))
	}
	e.Columns = columns[:1]
	e.Remedy = []fieldexp.Hint{"read these by " + fieldexp.Hint(strings.Join(settings, " and "))}
	if all[0].origin.stream {
		e.Err = &mixed{columns, Float}
	}
	return e
}

// lineOf is the first line that has a level.
func (c *column) lineOf(level string) int {
	code := int32(slices.Index(c.levels, level))
	return c.origin.line(slices.Index(c.codes, code))
}

// meaning tells two formats apart that fit the same texts.
func meaning(f Format, all []Format) fieldexp.Hint {
	switch {
	case len(all) < 2:
		return ""
	case f == Thousands:
		return " if the comma parts thousands"
	}
	return " if the comma stands before decimals"
}

// plain is the one word or the other.
func plain(n int, one, several fieldexp.Hint) fieldexp.Hint {
	if n == 1 {
		return one
	}
	return several
}

// isNumber reports whether a text is a plain number.
func isNumber(text string) bool { _, ok := csvscan.ParseNumber(text); return ok }
