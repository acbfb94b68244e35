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

// mixed is a column of a file that is text, where something else is needed. It is the cause of a refusal that is
// completed when the whole file can be looked at.
type mixed struct {
	column string
	want   Kind
}

// Error says nothing that the refusal does not.
func (m *mixed) Error() string { return fmt.Sprintf("column %q is not of %ss", m.column, m.want) }

// A stray is a text that does not fit a column of numbers or times.
type stray struct {
	text  string
	count int
}

// strays are the texts of a text column that do not fit a kind, in the order of their first rows.
type strays struct {
	list  []stray
	first int // row of the first
	cells int // that are not missing
	count int // that do not fit
	fit   int // levels that do, and occur
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
			s.fit++
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
const addLayout fieldexp.Hint = `add its layout to {Layouts}, as in "%d/%m/%Y %H:%M"`

// few is how many texts a message names as codes for missing.
const few = 8

// codes are the strays that are common codes for missing; others the rest.
func (s *strays) codes() (codes, others []string) {
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
		e.Err = &mixed{c.name, want}
	}
	fits, what := isNumber, "a number"
	switch {
	case want == Time:
		clock := csvscan.NewClock(c.origin.layouts, c.origin.zone)
		fits = func(text string) bool { _, _, ok := clock.Parse([]byte(strings.Trim(text, " \t"))); return ok }
		what = "a time in any of the layouts"
	case form != 0:
		fits = func(text string) bool { _, ok := form.Parse(text); return ok }
		what = "a number of the format " + form.String()
	}
	s := c.strays(fits)
	if s.count == 0 {
		if s.cells > 0 && want == Float {
			e.Message = fmt.Sprintf("column %q holds whole numbers that cannot be told from their neighbours as numbers, and is read as text", c.name)
			e.Remedy = []fieldexp.Hint{"if they may be rounded, read it by " + fieldexp.Setting("Types", c.name, Float.String())}
		}
		return e
	}
	codes, others := s.codes()
	var formats []Format
	if want == Float && form == 0 {
		texts := others
		for code, level := range c.levels { // all that are written like numbers must be of the format
			if len(others) > 0 && isNumber(level) && c.occurs(int32(code)) {
				texts = append(texts, level)
			}
		}
		formats = proposals(texts)
	}
	if s.fit == 0 && len(formats) == 0 && len(others) > 0 && !declared {
		e.Message += fmt.Sprintf(", as %s in line %d", quote(others[0]), c.lineOf(others[0]))
		if want == Float {
			e.Remedy = []fieldexp.Hint{"make an indicator from it in {Derive}"}
		}
		return e
	}
	e.Problem, e.Count, e.Line = fieldexp.BadCell, s.count, c.origin.line(s.first)
	e.Message = s.message(what)
	e.Remedy = nil
	missing := ""
	if len(codes) > 0 {
		missing = " and " + string(fieldexp.Setting("MissingValues", "", codes...))
		if len(codes) > few {
			missing = " and its codes for missing in {MissingValues}"
		}
	}
	for _, f := range formats {
		e.Remedy = append(e.Remedy, "read it by "+fieldexp.Setting("Formats", c.name, f.String())+fieldexp.Hint(meaning(f, formats)+missing))
	}
	if want == Time {
		e.Remedy = append(e.Remedy, addLayout)
	}
	if len(formats) == 0 && len(s.list) <= few {
		texts := make([]string, len(s.list))
		for i, t := range s.list {
			texts[i] = t.text
		}
		e.Remedy = append(e.Remedy, "read "+fieldexp.Hint(plain(len(texts), "it", "them"))+" as missing by "+fieldexp.Setting("MissingValues", "", texts...))
	}
	if len(formats) == 0 {
		e.Remedy = append(e.Remedy, "read the column as text by "+fieldexp.Setting("Types", c.name, Categorical.String()))
	}
	return e
}

// lineOf is the first line that has a level.
func (c *column) lineOf(level string) int {
	code := int32(slices.Index(c.levels, level))
	return c.origin.line(slices.Index(c.codes, code))
}

// meaning tells two formats apart that fit the same texts.
func meaning(f Format, all []Format) string {
	switch {
	case len(all) < 2:
		return ""
	case f == Thousands:
		return " if the comma parts thousands"
	}
	return " if the comma stands before decimals"
}

// plain is the one word or the other.
func plain(n int, one, several string) string {
	if n == 1 {
		return one
	}
	return several
}

// isNumber reports whether a text is a plain number.
func isNumber(text string) bool { _, ok := csvscan.ParseNumber(text); return ok }

// occurs reports whether a row has the code.
func (c *column) occurs(code int32) bool { return slices.Contains(c.codes, code) }
