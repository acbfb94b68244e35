package study

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/folder"
	"github.com/fieldexp/fieldexp/internal/parallel"
	"github.com/fieldexp/fieldexp/internal/version"
	"github.com/fieldexp/fieldexp/report"
)

// Save writes the output to a directory, which is made if it is not there: tables in the format and as CSV, figures as SVG
// and PNG, report.html with all of them, results.json, and manifest.json, which lists them and what was read.
//
// The files are written to a new directory, which takes the place of the old one when it is whole: after an error, or the
// end of ctx, the old result stands. Files that no manifest of an earlier run lists stay, and one that has the name of a
// new file is refused. A figure whose labels the font of PNG images lacks is written as SVG alone, which a warning says.
func (o *Output) Save(ctx context.Context, dir string, f report.Format) error {
	if o.unsaved {
		return refuse("the study was run to be printed alone, and so nothing is known of its files for a manifest", "run it again, to be saved")
	}
	if err := o.Study.CheckOutput(dir, f); err != nil {
		return err
	}
	result, err := o.result(ctx, dir, f)
	if err != nil {
		return err
	}
	return result.Write(ctx)
}

// CheckOutput refuses a directory to which the output cannot be saved. It may come before anything is read.
func (s *Study) CheckOutput(dir string, f report.Format) error {
	if err := s.Check(); err != nil {
		return err
	}
	return (&folder.Result{Dir: dir, Files: s.files(f), Manifest: &folder.Manifest{}, Op: "study"}).Check()
}

// result is the output as files, to be written.
func (o *Output) result(ctx context.Context, dir string, f report.Format) (*folder.Result, error) {
	files, err := o.render(ctx, f)
	if err != nil {
		return nil, err
	}
	manifest := &folder.Manifest{Version: version.String()}
	if s := o.Study; s.text != "" {
		sum := sha256.Sum256([]byte(s.text))
		manifest.Inputs = []folder.Entry{{Name: filepath.Base(s.file), Bytes: int64(len(s.text)), SHA256: hex.EncodeToString(sum[:])}}
	}
	for _, in := range o.inputs {
		manifest.Inputs = append(manifest.Inputs, in.entry())
	}
	return &folder.Result{Dir: dir, Files: files, Manifest: manifest, Op: "study"}, nil
}

const (
	resultsFile = "results.json"
	pageFile    = "report.html"
)

var imageFormats = []report.ImageFormat{report.PNG, report.SVG} // that takes longer first

// files are the names of all that an output may be saved as.
func (s *Study) files(f report.Format) []folder.File {
	list := []folder.File{{Name: resultsFile}, {Name: pageFile}}
	names := s.fileNames()
	for _, id := range s.tableIDs() {
		for _, f := range tableFormats(f) {
			list = append(list, folder.File{Name: names.table(id, f)})
		}
	}
	for _, figure := range s.Figures {
		for _, f := range imageFormats {
			list = append(list, folder.File{Name: names.figure(figure.Number, f)})
		}
	}
	return list
}

// tableFormats are those that tables are written in.
func tableFormats(f report.Format) []report.Format {
	if f == report.CSV {
		return []report.Format{f}
	}
	return []report.Format{f, report.CSV}
}

// render makes the contents of all files. They do not depend on each other, and drawing takes a second; results.json comes
// last, since drawing may warn.
func (o *Output) render(ctx context.Context, f report.Format) ([]folder.File, error) {
	type piece struct {
		name string
		make func(w io.Writer) error
	}
	names := o.Study.fileNames()
	var pieces []piece
	for _, figure := range o.Figures {
		if figure.Refusal != "" {
			continue // report.html has the reason
		}
		for _, f := range imageFormats {
			pieces = append(pieces, piece{names.figure(figure.ID, f), func(w io.Writer) error { return figure.Render(w, f) }})
		}
	}
	pieces = append(pieces, piece{pageFile, func(w io.Writer) error { return o.page().Render(w) }})
	for _, t := range o.Tables {
		for _, f := range tableFormats(f) {
			pieces = append(pieces, piece{names.table(t.ID, f), func(w io.Writer) error { return report.RenderAll(w, []*report.Table{t.Table}, f) }})
		}
	}
	contents, failed := make([]bytes.Buffer, len(pieces)), make([]error, len(pieces))
	err := parallel.Leave(ctx, func() error {
		return parallel.For(ctx, len(pieces), func(i int) { failed[i] = pieces[i].make(&contents[i]) })
	})
	if err != nil {
		return nil, err
	}
	var files []folder.File
	add := func(name string, content []byte) {
		files = append(files, folder.File{Name: name, Write: func(w io.Writer) error {
			_, err := w.Write(content)
			return err
		}})
	}
	for i, p := range pieces {
		refusal := (*fieldexp.Error)(nil)
		switch {
		case failed[i] == nil:
			add(p.name, contents[i].Bytes())
		case errors.As(failed[i], &refusal) && refusal.Problem == fieldexp.NoGlyph:
			o.Warnings = with(o.Warnings, Warning{Message: fmt.Sprintf("%s is not written, since %s: the figure is in %s.", p.name, refusal.Message, pageFile)})
		default:
			return nil, failed[i]
		}
	}
	results, err := o.JSON()
	if err != nil {
		return nil, err
	}
	add(resultsFile, results)
	return files, nil
}
