package data

import (
	"context"
	"io"

	"github.com/fieldexp/fieldexp/internal/csvscan"
)

// sampleBytes is how much of a file ScanCSV reads to find out what its columns hold.
const sampleBytes = 4 << 20

// ScanCSV reads a CSV file as ReadCSV does, but hands it on in frames of a few thousand rows, in the
// order of the file, so that what is computed from them needs no memory for the rows. each is called
// from the goroutine that called ScanCSV; its error ends the scan and is returned.
//
// A frame and its columns are valid until each returns: they are then filled again. Columns may be
// added to it. The codes of a Categorical column mean the same in every frame; its levels grow from
// frame to frame, and those that were there keep their place.
//
// Kinds that opt.Types does not name are inferred from the first 4 MB of the file, where a column
// without any value is taken for Float. A cell that does not fit later on is an error that names
// the remedy.
func ScanCSV(ctx context.Context, path string, opt ReadOptions, each func(chunk *Frame) error) error {
	file, err := open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return ScanCSVFrom(ctx, file, path, opt, each)
}

// ScanCSVFrom is ScanCSV from a reader; name stands for it in errors.
func ScanCSVFrom(ctx context.Context, r io.Reader, name string, opt ReadOptions, each func(chunk *Frame) error) error {
	src := newSource(r, name)
	scan, sc, err := begin(src, &opt, opt.sampleSize())
	if err != nil {
		return err
	}
	for f := range sc.fields {
		if sc.keys[f] && sc.fields[f].Kind == csvscan.Infer {
			sc.fields[f].Kind = csvscan.Text // as a sample does not tell of all
		}
	}
	for !sc.settled() || sc.ordersOpen() {
		err := sc.sample(ctx, scan)
		if err == nil {
			break
		}
		if err := sc.findOrder(ctx, src, &opt, err); err != nil {
			return sc.complete(ctx, src, opt, err)
		}
		if scan, err = again(src, &opt, opt.sampleSize(), true); err != nil {
			return err
		}
	}
	src.passes-- // the sample does not count as progress
	if scan, err = again(src, &opt, 0, false); err != nil {
		return err
	}
	dictionaries := make([]csvscan.Dictionary, len(sc.fields))
	checked := make([]int, len(sc.order)) // levels of keys that were looked at
	rows := 0
	err = sc.run(ctx, scan, func(c *csvscan.Chunk) error {
		sc.note(c)
		src.report(opt.Progress)
		chunk := sc.chunk(c, dictionaries)
		if err := sc.checkNewKeys(chunk, checked, rows); err != nil {
			return err
		}
		rows += c.Rows
		return each(chunk)
	})
	switch {
	case err != nil:
		return sc.complete(ctx, src, opt, err)
	case rows == 0:
		return noRows(name)
	}
	sc.tell(&opt)
	return nil
}

// sampleSize is the number of bytes to infer kinds from.
func (o *ReadOptions) sampleSize() int {
	if o.blockSize > 0 {
		return o.blockSize
	}
	return sampleBytes
}

// sample finds out the kinds of columns from the scan of a sample.
func (sc *schema) sample(ctx context.Context, scan *csvscan.Scanner) error {
	kinds := make([]csvscan.Kind, len(sc.fields))
	err := sc.run(ctx, scan, func(c *csvscan.Chunk) error {
		for f := range kinds {
			kinds[f] = join(kinds[f], c.Columns[f].Kind)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for f, kind := range kinds {
		if sc.fields[f].Kind == csvscan.Infer {
			if kind == csvscan.Infer {
				kind = csvscan.Number
			}
			sc.fields[f] = csvscan.Field{Kind: kind, Guessed: true}
		}
	}
	return nil
}

// join is the kind of a column of which one part has kind a and another has kind b.
func join(a, b csvscan.Kind) csvscan.Kind {
	switch {
	case a == csvscan.Infer || a == b:
		return b
	case b == csvscan.Infer:
		return a
	}
	return csvscan.Text
}

// chunk makes a frame of a chunk, without copying it.
func (sc *schema) chunk(c *csvscan.Chunk, dictionaries []csvscan.Dictionary) *Frame {
	origin := &origin{source: sc.source, layouts: sc.from.layouts, zone: sc.from.zone, stream: true}
	origin.add(c, 0)
	f := &Frame{n: c.Rows, index: make(map[string]int, len(sc.order))}
	for i, at := range sc.order {
		from := &c.Columns[at]
		col := column{name: sc.names[at], origin: origin, named: sc.named[at]}
		switch from.Kind {
		case csvscan.Number:
			col.kind, col.floats = Float, from.Floats
		case csvscan.Instant:
			col.kind, col.times = Time, from.Times
		case csvscan.Text:
			dictionaries[at].Recode(from)
			col.kind, col.codes, col.levels = Categorical, from.Codes, dictionaries[at].Levels()
		}
		f.index[col.name] = i
		f.cols = append(f.cols, col)
	}
	return f
}
