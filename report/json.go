package report

import (
	"bytes"
	"encoding/json"
	"math"
)

// jsonNumber is a number with all digits, and null where JSON has no way to write it.
type jsonNumber float64

// MarshalJSON writes the shortest digits that read back as the same number.
func (x jsonNumber) MarshalJSON() ([]byte, error) {
	if f := float64(x); math.IsNaN(f) || math.IsInf(f, 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(x))
}

type jsonTable struct {
	Number   string        `json:"number,omitempty"`
	Title    string        `json:"title"`
	Refusal  string        `json:"refusal,omitempty"`
	Columns  []jsonColumn  `json:"columns"`
	Spanners []jsonSpanner `json:"spanners,omitempty"`
	Sections []jsonSection `json:"sections"`
	Notes    []string      `json:"notes"`
}

type jsonColumn struct {
	Number string `json:"number,omitempty"`
	Header string `json:"header"`
}

type jsonSpanner struct {
	Label string `json:"label"`
	From  int    `json:"from"` // columns are counted from 1, as in their numbers
	To    int    `json:"to"`
}

type jsonSection struct {
	Title string    `json:"title,omitempty"`
	Rows  []jsonRow `json:"rows"`
}

type jsonRow struct {
	Label string     `json:"label"`
	Cells []jsonCell `json:"cells"`
}

type jsonCell struct {
	Kind      string      `json:"kind"`
	Value     *jsonNumber `json:"value,omitempty"`
	SE        *jsonNumber `json:"se,omitempty"`
	P         *jsonNumber `json:"p,omitempty"`
	Stars     int         `json:"stars,omitempty"`
	Text      string      `json:"text,omitempty"`
	Below     []jsonLine  `json:"below,omitempty"`
	Published *jsonCell   `json:"published,omitempty"`
}

type jsonLine struct {
	Name  string      `json:"name"`
	Kind  string      `json:"kind"`
	Value *jsonNumber `json:"value,omitempty"`
	// Set holds the pieces of a confidence set; null is an end at infinity.
	Set *[][2]jsonNumber `json:"set,omitempty"`
}

func writeJSON(b *bytes.Buffer, t *Table) error {
	j, err := t.json()
	if err != nil {
		return err
	}
	return encodeJSON(b, j)
}

func writeJSONTables(b *bytes.Buffer, tables []*Table) error {
	document := struct {
		Tables []jsonTable `json:"tables"`
	}{Tables: []jsonTable{}}
	for _, t := range tables {
		j, err := t.json()
		if err != nil {
			return err
		}
		document.Tables = append(document.Tables, j)
	}
	return encodeJSON(b, document)
}

// encodeJSON indents, and leaves < and & as they are.
func encodeJSON(b *bytes.Buffer, v any) error {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// MarshalJSON writes the table as Render does, so that it can be part of a larger document.
func (t *Table) MarshalJSON() ([]byte, error) {
	j, err := t.json()
	if err != nil {
		return nil, err
	}
	return json.Marshal(j)
}

func (t *Table) json() (jsonTable, error) {
	if err := t.check(); err != nil {
		return jsonTable{}, err
	}
	j := jsonTable{Number: t.Number, Title: t.Title, Refusal: t.Refusal, Sections: []jsonSection{}, Notes: t.notes()}
	if j.Notes == nil {
		j.Notes = []string{}
	}
	if t.Refusal != "" {
		j.Columns = []jsonColumn{}
	}
	for i, c := range t.Columns {
		j.Columns = append(j.Columns, jsonColumn{Number: t.columnNumber(i), Header: c.Header})
	}
	for _, s := range t.Spanners {
		j.Spanners = append(j.Spanners, jsonSpanner{Label: s.Label, From: s.From + 1, To: s.To + 1})
	}
	for _, s := range t.Sections {
		section := jsonSection{Title: s.Title, Rows: []jsonRow{}}
		for _, r := range s.Rows {
			row := jsonRow{Label: r.Label, Cells: []jsonCell{}}
			for _, c := range r.Cells {
				row.Cells = append(row.Cells, c.json())
			}
			section.Rows = append(section.Rows, row)
		}
		j.Sections = append(j.Sections, section)
	}
	return j, nil
}

func (c Cell) json() jsonCell {
	value := func(x float64) *jsonNumber { return (*jsonNumber)(&x) }
	j := jsonCell{Kind: c.Kind.String(), Text: c.Text}
	switch c.Kind {
	case KindEstimate:
		j.Value, j.SE, j.P, j.Stars = value(c.Value), value(c.SE), value(c.P), c.Stars
	case KindNumber:
		j.Value, j.Stars = value(c.Value), c.Stars
	case KindCount, KindProbability:
		j.Value = value(c.Value)
	}
	for _, l := range c.Below {
		j.Below = append(j.Below, l.json())
	}
	if c.Published != nil {
		p := c.Published.json()
		j.Published = &p
	}
	return j
}

func (l Line) json() jsonLine {
	j := jsonLine{Name: l.Name, Kind: l.Kind.String()}
	if l.Kind != LineSet {
		x := jsonNumber(l.Value)
		j.Value = &x
		return j
	}
	if l.Set.Reason != "" {
		return j
	}
	set := [][2]jsonNumber{}
	for _, p := range l.Set.Pieces {
		set = append(set, [2]jsonNumber{jsonNumber(p[0]), jsonNumber(p[1])})
	}
	j.Set = &set
	return j
}
