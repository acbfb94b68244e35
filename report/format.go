package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Format is a way to write tables.
type Format int

const (
	// Text is aligned plain text, for terminals and logs.
	Text Format = iota
	// Markdown is a table as GitHub and most viewers read it.
	Markdown
	// LaTeX is a table with booktabs rules.
	LaTeX
	// HTML is a table element, or a page that needs no other file.
	HTML
	// CSV has a record for each cell, with all digits.
	CSV
	// JSON has the table as data, with all digits.
	JSON
)

var formats = []string{"text", "md", "latex", "html", "csv", "json"}

// String is the name that ParseFormat reads.
func (f Format) String() string {
	if f < 0 || int(f) >= len(formats) {
		return fmt.Sprintf("Format(%d)", int(f))
	}
	return formats[f]
}

// Ext is the extension of a file in the format, with its dot.
func (f Format) Ext() string {
	switch f {
	case Text:
		return ".txt"
	case LaTeX:
		return ".tex"
	}
	return "." + f.String()
}

// ParseFormat reads the name of a format: text, md, latex, html, csv or json; the extensions of
// their files and the word markdown will do as well.
func ParseFormat(name string) (Format, error) {
	switch n := strings.ToLower(strings.TrimPrefix(name, ".")); n {
	case "text", "txt":
		return Text, nil
	case "md", "markdown":
		return Markdown, nil
	case "latex", "tex":
		return LaTeX, nil
	case "html", "htm":
		return HTML, nil
	case "csv":
		return CSV, nil
	case "json":
		return JSON, nil
	}
	return 0, refuse("", fmt.Sprintf("%q is not a table format", name), oneOf(formats))
}

// Render writes the table in a format. HTML and LaTeX are fragments to put into a document of
// one's own (LaTeX needs the booktabs package); RenderAll writes whole documents.
//
// Text, Markdown, LaTeX and HTML are for reading: rounded, with a real minus sign. CSV and JSON are
// for programs: all digits and an ASCII minus; what is not a number is empty or null. Errors are
// about a table that cannot be laid out, or w's.
func (t *Table) Render(w io.Writer, f Format) error {
	var b bytes.Buffer
	if err := t.render(&b, f); err != nil {
		return err
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return unwritten(fmt.Sprintf("writing %s as %s", t.name(), f), err)
	}
	return nil
}

func (t *Table) render(b *bytes.Buffer, f Format) error {
	switch f {
	case CSV:
		return writeCSV(b, []*Table{t})
	case JSON:
		return writeJSON(b, t)
	}
	g, err := t.layout()
	if err != nil {
		return err
	}
	switch f {
	case Text:
		writeText(b, g)
	case Markdown:
		writeMarkdown(b, g)
	case LaTeX:
		writeLaTeX(b, g, t)
	case HTML:
		writeHTML(b, g, t)
	default:
		return unknownFormat(f)
	}
	return nil
}

// RenderAll writes several tables as one document: text and Markdown one after the other, LaTeX
// that compiles as it is, an HTML page that needs no other file, CSV with one header, JSON as
// {"tables": [...]}.
func RenderAll(w io.Writer, tables []*Table, f Format) error {
	var b bytes.Buffer
	if err := renderAll(&b, tables, f); err != nil {
		return err
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return unwritten(fmt.Sprintf("writing %d tables as %s", len(tables), f), err)
	}
	return nil
}

func renderAll(b *bytes.Buffer, tables []*Table, f Format) error {
	switch f {
	case CSV:
		return writeCSV(b, tables)
	case JSON:
		return writeJSONTables(b, tables)
	case LaTeX:
		return writeLaTeXDocument(b, tables)
	case HTML:
		return TablesPage("Tables", tables).write(b)
	case Text, Markdown:
		for i, t := range tables {
			if i > 0 {
				b.WriteByte('\n')
			}
			if err := t.render(b, f); err != nil {
				return err
			}
		}
		return nil
	}
	return unknownFormat(f)
}

func unknownFormat(f Format) error {
	return refuse("", f.String()+" is not a table format", oneOf(formats))
}

// WriteFile writes tables as one document to a file, and makes its directory if there is none.
func WriteFile(path string, tables []*Table, f Format) error {
	var b bytes.Buffer
	if err := renderAll(&b, tables, f); err != nil {
		return err
	}
	return writeFile(path, b.Bytes())
}

// writeFile writes a whole file; its errors name the file and the remedy.
func writeFile(path string, content []byte) error {
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err == nil {
		err = os.WriteFile(path, content, 0o644)
	}
	if err == nil {
		return nil
	}
	reason := err
	if at := (*fs.PathError)(nil); errors.As(err, &at) {
		reason = at.Err
	}
	return unwritten(fmt.Sprintf("cannot write %q", path), reason, "choose a file in a directory that can be written to")
}
