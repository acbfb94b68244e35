package data

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/csvscan"
	"github.com/fieldexp/fieldexp/internal/parallel"
)

// ReadCSV reads a CSV file, plain or gzip (told by its first bytes), into a frame. The first record
// is the header; a column without a name is called by its place, V3. Fields may be quoted as in
// RFC 4180, lines end in "\n" or "\r\n", blank lines are skipped, and a byte order mark is dropped.
//
// Numbers are read exactly as strconv.ParseFloat reads them; inf and infinity are numbers, so that
// an estimator can refuse them by name. Blanks around numbers and times do not count. Text is
// coded in the order of first appearance in the file.
//
// The file is read in blocks, on all cores, straight into columns; the result does not depend on
// the number of cores.
//
// An error is a *fieldexp.Error that names the file, the line and the column, or the error of ctx: a
// file that is missing, empty or has no rows, a header with a name twice, a column in opt that is
// not there, a record with too many or too few fields, a misplaced quote, and a text in a column
// whose type was named as number or time, dates that may begin with the day or the month, and identifiers
// that have lost digits.
func ReadCSV(ctx context.Context, path string, opt ReadOptions) (*Frame, error) {
	file, err := open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return ReadCSVFrom(ctx, file, path, opt)
}

// ReadCSVFrom is ReadCSV from a reader; name stands for it in errors. If r is an io.Seeker it may
// be read twice. If not, and kinds are to be inferred, the bytes that it gives (the packed ones, if
// they are gzip) are kept until the frame is done. ctx is looked at between blocks, not while r waits.
func ReadCSVFrom(ctx context.Context, r io.Reader, name string, opt ReadOptions) (*Frame, error) {
	return readFrame(ctx, newSource(r, name), opt)
}

// readFrame reads a source into a frame.
func readFrame(ctx context.Context, src *source, opt ReadOptions) (*Frame, error) {
	scan, sc, err := begin(src, &opt, 0)
	if err != nil {
		return nil, err
	}
	if sc.settled() && !sc.ordersOpen() {
		src.forget()
	}
	columns := make([]gathered, len(sc.fields))
	at := progress{size: src.size()}
	gather := func(c *csvscan.Chunk) error {
		sc.from.add(c, at.rows)
		at.add(c)
		sc.note(c)
		src.report(opt.Progress)
		return parallel.For(ctx, len(columns), func(f int) {
			columns[f].expect = max(columns[f].expect, at.expect())
			if columns[f].add(&c.Columns[f], c.Rows) {
				scan.Skip(f)
			}
		})
	}
	for {
		err := sc.run(ctx, scan, gather)
		if err == nil {
			break
		}
		if err := sc.findOrder(ctx, src, &opt, err); err != nil {
			return nil, sc.complete(ctx, src, opt, err)
		}
		clear(columns)
		at, sc.from.lines = progress{size: at.size}, nil
		if scan, err = again(src, &opt, 0, true); err != nil {
			return nil, err
		}
	}
	if at.rows == 0 {
		return nil, noRows(src.name)
	}
	if sc.settle(columns) {
		if scan, err = again(src, &opt, 0, false); err != nil {
			return nil, err
		}
		at, sc.from.lines = progress{size: at.size}, nil
		if err := sc.run(ctx, scan, gather); err != nil {
			return nil, err
		}
	}
	src.report(opt.Progress)
	f := sc.frame(columns, at.rows)
	if err := sc.checkKeys(f); err != nil {
		return nil, err
	}
	sc.tell(&opt)
	return f, nil
}

// open opens a file.
func open(path string) (*os.File, error) {
	file, err := os.Open(path)
	if err != nil {
		reason := err
		if at := (*fs.PathError)(nil); errors.As(err, &at) {
			reason = at.Err
		}
		problem := "cannot be opened: " + reason.Error()
		if errors.Is(err, fs.ErrNotExist) {
			problem = "there is no such file"
		}
		return nil, &fieldexp.Error{Op: "data", Problem: fieldexp.BadFile, Source: path,
			Message: problem,
			Remedy:  []fieldexp.Hint{"check the path"}, Err: err}
	}
	return file, nil
}

// begin opens the first pass over a source, or over the sample of it that has so many bytes, and
// matches its header with the options.
func begin(src *source, opt *ReadOptions, sample int) (*csvscan.Scanner, *schema, error) {
	scanOpt, err := opt.scanOptions()
	if err != nil {
		return nil, nil, err
	}
	scanOpt.Sample = sample
	scan, err := scanner(src, scanOpt, true)
	if err != nil {
		return nil, nil, err
	}
	sc, err := newSchema(scan, src.name, opt)
	return scan, sc, err
}

// again opens another pass over a source, or over the sample of it that has so many bytes; more says whether
// it is not the last.
func again(src *source, opt *ReadOptions, sample int, more bool) (*csvscan.Scanner, error) {
	scanOpt, err := opt.scanOptions()
	if err != nil {
		return nil, err
	}
	scanOpt.Sample = sample
	return scanner(src, scanOpt, more)
}

// scanner begins a pass over a source, to be followed by another or not.
func scanner(src *source, opt csvscan.Options, more bool) (*csvscan.Scanner, error) {
	r, err := src.pass(more)
	if err != nil {
		return nil, unreadable(src.name, err)
	}
	if opt.Skip == 0 {
		head, _ := r.Peek(sniffed) // fewer where the file is shorter; an error comes again when it is read
		if err := notCSV(src.name, head); err != nil {
			return nil, err
		}
	}
	scan, err := csvscan.Open(r, opt)
	if bad := (*csvscan.Error)(nil); errors.As(err, &bad) {
		return nil, (&schema{source: src.name}).explain(bad)
	} else if err != nil {
		return nil, unreadable(src.name, err)
	}
	return scan, nil
}

// unreadable is the error of an input that breaks off.
func unreadable(name string, err error) error {
	e := &fieldexp.Error{Op: "data", Problem: fieldexp.BadFile, Source: name, Message: "cannot be read: " + err.Error(), Err: err}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		e.Message, e.Remedy = "breaks off before its end", []fieldexp.Hint{"check that the file is complete"}
	}
	return e
}

// noRows is the error of an input without records.
func noRows(name string) error {
	return &fieldexp.Error{Op: "data", Problem: fieldexp.BadFile, Source: name,
		Message: "has a header and no rows",
		Remedy:  []fieldexp.Hint{"check that the file is complete"}}
}

// run runs a scanner and explains its errors.
func (sc *schema) run(ctx context.Context, scan *csvscan.Scanner, yield func(*csvscan.Chunk) error) error {
	var ours error
	sc.bad = nil
	sc.forget()
	err := scan.Run(ctx, sc.fields, func(c *csvscan.Chunk) error {
		ours = yield(c)
		return ours
	})
	bad := (*csvscan.Error)(nil)
	switch {
	case err == nil || ours != nil:
		return ours
	case errors.As(err, &bad):
		sc.bad = bad
		return sc.explain(bad)
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return unreadable(sc.source, err)
}

// Header reads the names of the columns of a CSV file, plain or gzip, as ReadCSV has them.
func Header(r io.Reader, name string, opt ReadOptions) ([]string, error) {
	opt.Columns, opt.Types = nil, nil
	_, sc, err := begin(newSource(r, name), &opt, 0)
	if err != nil {
		return nil, err
	}
	return sc.names, nil
}
