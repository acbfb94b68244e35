package study

import (
	"bytes"
	"encoding/json"
	"strings"

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

// page is the report with all tables and figures.
func (o *Output) page() *report.Page {
	page := &report.Page{Title: o.Study.Title, Lead: o.Study.Lead}
	text := strings.Join(o.Data, " ")
	for _, w := range o.Warnings {
		if w.OfData() {
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
		page.Parts = append(page.Parts, report.Part{Figure: f.Figure, Caption: caption, Refusal: f.Refusal})
	}
	return page
}

// JSON is the output as data, with all digits.
func (o *Output) JSON() ([]byte, error) {
	s := o.Study
	type study struct {
		Title      string   `json:"title"`
		Notes      []string `json:"notes"`
		Events     string   `json:"events,omitempty"`
		Panel      string   `json:"panel,omitempty"`
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
		Refused  []Refusal       `json:"refused"`
		Figures  []jsonFigure    `json:"figures"`
	}{
		Study: study{Title: s.Title, Notes: append([]string{}, s.Notes...), Events: s.Data.Events, Panel: s.Data.Panel, Units: s.Data.Units, Unit: s.Roles.Unit,
			Assignment: s.Roles.Assignment, Usage: s.Roles.Usage},
		Data: o.Data, Warnings: append([]Warning{}, o.Warnings...), Fits: append([]Fit{}, o.Fits...), Tables: o.reportTables(), Figures: o.jsonFigures(), Refused: append([]Refusal{}, o.Refused...),
	}
	if !s.crossSection() && !s.ready() {
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
