package data

import (
	"bufio"
	"compress/gzip"
	"io"
	"os"
	"strings"
	"time"

	"github.com/fieldexp/fieldexp"
)

// WriteCSV writes the frame as ReadCSV reads it: a header, then one line for each row. Missing
// values are empty cells. Numbers have as few digits as read back to the same value; the times of a
// column are all dates, or all dates with the time of day, whichever is enough. Text is quoted
// where it must be.
//
// What comes back is the same frame if ReadCSV is told the kind of text that looks like numbers or
// times. Two things are lost: text that is one of the missing markers, and "\r\n" within text,
// which every reader of CSV takes for "\n".
func (f *Frame) WriteCSV(w io.Writer) error {
	if f == nil {
		return noFrame()
	}
	out := bufio.NewWriterSize(w, 64<<10)
	cells := make([]func(dst []byte, row int) []byte, len(f.cols))
	var line []byte
	for i := range f.cols {
		cells[i] = f.cols[i].writer()
		if i > 0 {
			line = append(line, ',')
		}
		line = append(line, quoteCell(f.cols[i].name)...)
	}
	line = append(line, '\n')
	if _, err := out.Write(line); err != nil {
		return err
	}
	for row := range f.n {
		line = line[:0]
		for i, cell := range cells {
			if i > 0 {
				line = append(line, ',')
			}
			line = cell(line, row)
		}
		if len(line) == 0 {
			line = append(line, `""`...) // a blank line would not count as a row
		}
		line = append(line, '\n')
		if _, err := out.Write(line); err != nil {
			return err
		}
	}
	return out.Flush()
}

// WriteCSVFile writes the frame to a file as WriteCSV does, packed with gzip when the path ends in
// .gz. The error is a *fieldexp.Error that names the file.
func (f *Frame) WriteCSVFile(path string) (err error) {
	if f == nil {
		return noFrame()
	}
	file, err := os.Create(path)
	if err != nil {
		return unwritable(path, err)
	}
	defer func() {
		if e := file.Close(); err == nil && e != nil {
			err = unwritable(path, e)
		}
	}()
	if !strings.HasSuffix(path, ".gz") {
		if err := f.WriteCSV(file); err != nil {
			return unwritable(path, err)
		}
		return nil
	}
	packed := gzip.NewWriter(file)
	if err := f.WriteCSV(packed); err != nil {
		return unwritable(path, err)
	}
	if err := packed.Close(); err != nil {
		return unwritable(path, err)
	}
	return nil
}

func unwritable(path string, err error) error {
	return &fieldexp.Error{Op: "data", Problem: fieldexp.BadFile, Source: path, Message: "cannot be written: " + err.Error(),
		Remedy: []fieldexp.Hint{"check that the directory is there and may be written to"}, Err: err}
}

// writer returns a function that appends the column's cell at a row.
func (c *column) writer() func(dst []byte, row int) []byte {
	switch c.kind {
	case Categorical:
		quoted := make([]string, len(c.levels))
		for i, level := range c.levels {
			quoted[i] = quoteCell(level)
		}
		return func(dst []byte, row int) []byte {
			if code := c.codes[row]; code >= 0 {
				dst = append(dst, quoted[code]...)
			}
			return dst
		}
	case Time:
		layout := timeLayout(c.times)
		return func(dst []byte, row int) []byte {
			if t := c.times[row]; t != MissingTime {
				dst = time.Unix(0, t).UTC().AppendFormat(dst, layout)
			}
			return dst
		}
	default:
		return func(dst []byte, row int) []byte {
			if v := c.floats[row]; v == v {
				dst = appendFloat(dst, v)
			}
			return dst
		}
	}
}

// quoteCell puts a text in quotes if it needs them: when it holds a separator, a quote or a line
// end, when it is empty, which would be missing, and when it could pass for a byte order mark.
func quoteCell(s string) string {
	if s != "" && !strings.ContainsAny(s, ",\"\r\n") && !strings.HasPrefix(s, "\uFEFF") {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}
