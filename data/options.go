package data

import (
	"github.com/fieldexp/fieldexp/internal/csvscan"

	"github.com/fieldexp/fieldexp"
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

	// MissingValues are the cells that stand for a missing value; nil stands for the empty cell,
	// NA, NaN and null. Blanks around them do not count, and quotes do not matter.
	MissingValues []string

	// Columns names the columns to keep, in the order that they shall have; nil keeps all.
	Columns []string

	// Comma separates fields; 0 is a comma.
	Comma byte

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

// DefaultMissingValues are the cells that stand for a missing value unless others are given.
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
	layouts, missing := o.Layouts, o.MissingValues
	if layouts == nil {
		layouts = DefaultLayouts()
	}
	if missing == nil {
		missing = DefaultMissingValues()
	}
	return csvscan.Options{
		Comma:     comma,
		Clock:     csvscan.NewClock(layouts),
		Missing:   csvscan.NewMissing(missing),
		BlockSize: o.blockSize,
	}, nil
}
