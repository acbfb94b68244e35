package study

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/parallel"
	"github.com/fieldexp/fieldexp/report"
)

// Tables of an output as package report takes them.
func (o *Output) reportTables() []*report.Table {
	tables := make([]*report.Table, len(o.Tables))
	for i, t := range o.Tables {
		tables[i] = t.Table
	}
	return tables
}

// Render writes all tables as one document.
func (o *Output) Render(f report.Format) ([]byte, error) {
	var b bytes.Buffer
	switch f {
	case report.HTML:
		err := o.page().Render(&b)
		return b.Bytes(), err
	case report.JSON:
		return o.JSON()
	}
	err := report.RenderAll(&b, o.reportTables(), f)
	return b.Bytes(), err
}

// Save writes the output to a directory, which is made if it is not there: tables in the format
// and as CSV, figures as SVG and PNG, report.html with all of them, and results.json. The error
// names the file that could not be written.
func (o *Output) Save(dir string, f report.Format) error {
	results, err := o.JSON()
	if err != nil {
		return err
	}
	// First what shows whether the directory can be written to.
	if err := write(filepath.Join(dir, "results.json"), results); err != nil {
		return err
	}
	formats := []report.Format{f}
	if f != report.CSV {
		formats = append(formats, report.CSV)
	}
	saves := []func() error{func() error { return o.page().Save(filepath.Join(dir, "report.html")) }}
	for _, figure := range o.Figures {
		for _, ext := range []string{".png", ".svg"} { // that takes longer first
			saves = append(saves, func() error { return figure.Save(filepath.Join(dir, "figures", fileName("figure", figure.ID)+ext)) })
		}
	}
	for _, t := range o.Tables {
		for _, f := range formats {
			saves = append(saves, func() error {
				return report.WriteFile(filepath.Join(dir, "tables", fileName("table", t.ID)+f.Ext()), []*report.Table{t.Table}, f)
			})
		}
	}
	// Files do not depend on each other, and drawing takes a second.
	failed := make([]error, len(saves))
	if err := parallel.For(context.Background(), len(saves), func(i int) { failed[i] = saves[i]() }); err != nil {
		return err
	}
	return cmp.Or(failed...)
}

// write writes a file, and makes its directory.
func write(path string, content []byte) error {
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err == nil {
		err = os.WriteFile(path, content, 0o644)
	}
	if err != nil {
		return &fieldexp.Error{Op: "study", Problem: fieldexp.BadFile, Source: path, Message: "cannot be written: " + err.Error(), Remedy: []fieldexp.Hint{"choose a directory that can be written to"}, Err: err}
	}
	return nil
}

// fileName is a name for a file made of a number such as A3.
func fileName(kind, number string) string {
	return kind + "-" + strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			return c
		}
		return '-'
	}, number)
}

// page is the report with all tables and figures.
func (o *Output) page() *report.Page {
	page := &report.Page{Title: o.Study.Title, Lead: o.Study.Lead}
	text := strings.Join(o.Data, " ")
	for _, w := range o.Warnings {
		if !w.Model {
			text += "\n\nWarning: " + w.Message
		}
	}
	page.Parts = append(page.Parts, report.Part{Text: text})
	for _, t := range o.Tables {
		page.Parts = append(page.Parts, report.Part{Table: t.Table})
	}
	for _, f := range o.Figures {
		caption := "Figure " + f.ID + ". " + f.Title
		if f.Caption != "" {
			caption = strings.TrimSuffix(caption, ".") + ". " + f.Caption
		}
		page.Parts = append(page.Parts, report.Part{Figure: f.Figure, Caption: caption})
	}
	return page
}

// JSON is the output as data, with all digits.
func (o *Output) JSON() ([]byte, error) {
	s := o.Study
	type study struct {
		Title      string   `json:"title"`
		Notes      []string `json:"notes"`
		Events     string   `json:"events"`
		Units      string   `json:"units,omitempty"`
		Unit       string   `json:"unit,omitempty"`
		Assignment string   `json:"assignment"`
		Usage      string   `json:"usage,omitempty"`
		Launch     string   `json:"launch,omitempty"`
		Period     string   `json:"period,omitempty"`
	}
	document := struct {
		Study    study           `json:"study"`
		Data     []string        `json:"data"`
		Warnings []Warning       `json:"warnings"`
		Fits     []Fit           `json:"fits"`
		Tables   []*report.Table `json:"tables"`
		Figures  []jsonFigure    `json:"figures"`
	}{
		Study: study{Title: s.Title, Notes: append([]string{}, s.Notes...), Events: s.Data.Events, Units: s.Data.Units, Unit: s.Roles.Unit,
			Assignment: s.Roles.Assignment, Usage: s.Roles.Usage},
		Data: o.Data, Warnings: append([]Warning{}, o.Warnings...), Fits: append([]Fit{}, o.Fits...), Tables: o.reportTables(), Figures: o.jsonFigures(),
	}
	if !s.crossSection() {
		document.Study.Period = s.Period
	}
	if !s.Launch.IsZero() {
		document.Study.Launch = s.Launch.String()
	}
	return encodeJSON(document)
}

// jsonFigure is a figure with the numbers that it shows.
type jsonFigure struct {
	Number  string        `json:"number"`
	Title   string        `json:"title"`
	Caption string        `json:"caption,omitempty"`
	Shows   report.Figure `json:"shows"`
}

func (o *Output) jsonFigures() []jsonFigure {
	list := []jsonFigure{}
	for _, f := range o.Figures {
		list = append(list, jsonFigure{f.ID, f.Title, f.Caption, f.Figure})
	}
	return list
}

// encodeJSON writes a value as indented JSON that leaves < and & as they are.
func encodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return b.Bytes(), err
}
