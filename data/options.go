package data

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/csvscan"
)

// ReadOptions say how a CSV file is read. The zero value reads every column of a comma-separated
// file and finds out what the columns hold.
type ReadOptions struct {
	// Types names the kind of columns. The kind of any other column is inferred from all of its
	// cells: Float if each one that is not missing is a number, Time if each is a time, and
	// Categorical otherwise, with every cell's text as it stands in the file. A column of whole
	// numbers past 2^53 is Categorical too, since as numbers such identifiers would run
	// together. A column without any value is Float.
	Types map[string]Kind

	// Layouts are the layouts of times, as in package time; nil stands for ISO 8601 dates, with
	// or without a time of day, and the same with slashes (see DefaultLayouts). A cell is read
	// by the first layout that fits it digit for digit, else by the first that time.Parse
	// accepts. Times without a zone are in UTC.
	Layouts []string

	// Formats says how the numbers of columns are written, where that is not plainly. Such a column is Float.
	Formats map[string]Format

	// MissingValues are cells that stand for a missing value, beside the empty cell, NA, NaN and null. Blanks around
	// them do not count, and quotes do not matter. In a column of numbers a marker that is a number stands for it
	// however it is written: -1 for -1.0, too.
	MissingValues []string

	// MissingOnly, unless it is nil, replaces the empty cell, NA, NaN and null.
	MissingOnly []string

	// Columns names the columns to keep, in the order that they shall have; nil keeps all.
	Columns []string

	// Comma separates fields; 0 is a comma.
	Comma byte

	// SkipLines is the number of lines before the header, such as a title.
	SkipLines int

	// OfSome lets Types and Formats name columns that the file has not, such as those of another file.
	OfSome bool

	// Report, if there is one, is filled with remarks on what was read. A report that several files share is of all
	// of them.
	Report *ReadReport

	// Progress, if there is one, is told now and then how many bytes of the file were read, of
	// how many in all (0 when that is not known). It is called by the goroutine that called the
	// reader. A file in which a column turns out late to be text is read twice, and total grows.
	Progress func(done, total int64)

	blockSize int // set by tests that want many blocks from little data
}

// DefaultLayouts are the layouts of times that are understood unless others are given.
func DefaultLayouts() []string {
	return []string{
		"2006-01-02 15:04:05", "2006-01-02", "2006-01-02T15:04:05", "2006-01-02T15:04:05Z07:00",
		"2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02 15:04:05Z07:00",
		"2006/01/02 15:04:05", "2006/01/02", "2006/01/02 15:04",
	}
}

// DefaultMissingValues are the cells that stand for a missing value unless MissingOnly replaces them.
func DefaultMissingValues() []string { return []string{"", "NA", "NaN", "null"} }

// scanOptions are the options of the scanner.
func (o *ReadOptions) scanOptions() (csvscan.Options, error) {
	comma := o.Comma
	switch {
	case comma == 0:
		comma = ','
	case comma == '"' || comma == '\n' || comma == '\r' || comma >= 0x80:
		return csvscan.Options{}, &fieldexp.Error{Op: "data", Problem: fieldexp.BadSpec, Message: "the separator cannot be a quote, a line end or part of a character",
			Remedy: []fieldexp.Hint{"set {Comma} to a comma, a semicolon or a tab"}}
	}
	if o.SkipLines < 0 || o.SkipLines > longestPreamble {
		return csvscan.Options{}, &fieldexp.Error{Op: "data", Problem: fieldexp.BadSpec,
			Message: fmt.Sprintf("the number of lines before the header is %d", o.SkipLines),
			Remedy:  []fieldexp.Hint{fieldexp.Hint(fmt.Sprintf("set {SkipLines} to 0 or more, up to %d", longestPreamble))}}
	}
	return csvscan.Options{
		Comma:     comma,
		Clock:     csvscan.NewClock(o.layouts()),
		Missing:   o.markers(),
		BlockSize: o.blockSize,
		Skip:      o.SkipLines,
	}, nil
}

// longestPreamble bounds the lines before a header.
const longestPreamble = 1000

// layouts are those of times.
func (o *ReadOptions) layouts() []string {
	if o.Layouts == nil {
		return DefaultLayouts()
	}
	return o.Layouts
}

// markers are the cells that stand for a missing value. A shared report has one set of them for all files.
func (o *ReadOptions) markers() *csvscan.Missing {
	list := o.MissingOnly
	if list == nil {
		list = DefaultMissingValues()
	}
	list = slices.Concat(list, o.MissingValues)
	if o.Report == nil {
		return csvscan.NewMissing(list)
	}
	if o.Report.missing == nil || !slices.Equal(o.Report.markers, list) {
		o.Report.markers, o.Report.missing = list, csvscan.NewMissing(list)
		o.Report.named = slices.Concat(o.MissingOnly, o.MissingValues)
	}
	return o.Report.missing
}

// ReadReport is what a reader has to remark on what it read.
type ReadReport struct {
	markers, named []string
	missing        *csvscan.Missing
	names          []string
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
