package data

import (
	"fmt"
	"slices"
	"time"

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

	// Layouts are the layouts of times: as in package time, as in strptime ("%d/%m/%Y %H:%M"), in
	// letters ("DD/MM/YYYY HH:mm"), or the names of families of them, "iso", "day-first" and
	// "month-first". A cell is read by the first layout that fits it digit for digit, else by the
	// first that package time accepts.
	//
	// nil stands for "iso": ISO 8601 dates, with or without a time of day and an offset, and the
	// same with slashes (see DefaultLayouts). A column whose type is named as Time may then hold dates
	// such as 23/01/2024, too: whether the day or the month comes first is found from all cells
	// and reported, and a column in which it could be either is refused.
	Layouts []string

	// Formats says how the numbers of columns are written, where that is not plainly. Such a column is Float.
	Formats map[string]Format

	// Zone is that of the clock by which times are wanted. With it a cell with an offset is an
	// instant and becomes the time that this clock shows then; a cell without is a time of the
	// clock. Without it the clock in the cell counts, and its offset is read and ignored.
	Zone *time.Location

	// Keys names columns of identifiers, by which rows are grouped or joined. Unless Types says otherwise they
	// go by the text of their cells, so that 007 is not 7: they are Categorical or, in ReadCSV, Float if every
	// cell is a whole number in its plain form, as its text is then its value. (Columns to join by must be
	// of one kind in both files: name it in Types.) Blanks around them are
	// taken away, and an identifier that a spreadsheet has cut, such as 8.81235E+15, is refused. ReadCSV
	// puts their levels in order, numbers by their value and before other text, whatever the order of rows.
	// A name that the file does not have, or that is not among Columns, is passed over.
	Keys []string

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
	layouts, err := o.layouts()
	if err != nil {
		return csvscan.Options{}, err
	}
	return csvscan.Options{
		Comma:     comma,
		Clock:     csvscan.NewClock(layouts, o.Zone),
		Missing:   o.markers(),
		BlockSize: o.blockSize,
		Skip:      o.SkipLines,
	}, nil
}

// longestPreamble bounds the lines before a header.
const longestPreamble = 1000

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
