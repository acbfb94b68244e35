package report

import (
	"bytes"
	"encoding/csv"
	"math"
	"slices"
	"strconv"
)

// writeCSV writes a record for each cell that is not blank: where it stands, its value with all
// digits, and a column for each kind of line that any cell has beneath it.
func writeCSV(b *bytes.Buffer, tables []*Table) error {
	header := []string{"table", "panel", "row", "column", "header", "kind", "value", "se", "p", "stars", "text",
		"published", "published_se", "published_stars", "published_text"}
	var lines []string // names of the lines beneath cells
	for _, t := range tables {
		if err := t.check(); err != nil {
			return err
		}
		t.eachCell(func(c Cell) {
			for _, l := range c.Below {
				if !slices.Contains(lines, l.Name) {
					lines = append(lines, l.Name)
				}
			}
		})
	}
	w := csv.NewWriter(b)
	if err := w.Write(append(header, lines...)); err != nil {
		return err
	}
	for _, t := range tables {
		if t.Refusal != "" {
			record := append([]string{t.Number, "", "", "", "", "refusal"}, make([]string, len(header)+len(lines)-6)...)
			record[slices.Index(header, "text")] = t.Refusal
			if err := w.Write(record); err != nil {
				return err
			}
		}
		for _, s := range t.Sections {
			for _, r := range s.Rows {
				for j, c := range r.Cells {
					if c.Kind == KindBlank && c.Published == nil {
						continue
					}
					record := []string{t.Number, s.Title, r.Label, strconv.Itoa(j + 1), t.Columns[j].Header}
					if err := w.Write(append(record, c.record(lines)...)); err != nil {
						return err
					}
				}
			}
		}
	}
	w.Flush()
	return w.Error()
}

// record is what CSV says of a cell, from its kind on.
func (c Cell) record(lines []string) []string {
	record := append([]string{c.Kind.String()}, c.fields()...)
	published := make([]string, 5)
	if c.Published != nil {
		published = c.Published.fields()
	}
	record = append(record, published[0], published[1], published[3], published[4])
	for _, name := range lines {
		s := ""
		if i := slices.IndexFunc(c.Below, func(l Line) bool { return l.Name == name }); i >= 0 {
			s = c.Below[i].exact()
		}
		record = append(record, s)
	}
	return record
}

// fields are value, standard error, p, stars and text; empty where they do not apply.
func (c Cell) fields() []string {
	f := make([]string, 5)
	switch c.Kind {
	case KindEstimate:
		f[0], f[1], f[2], f[3] = exact(c.Value), exact(c.SE), exact(c.P), asterisks(min(max(c.Stars, 0), 3))
	case KindNumber:
		f[0], f[3] = exact(c.Value), asterisks(min(max(c.Stars, 0), 3))
	case KindCount, KindProbability:
		f[0] = exact(c.Value)
	case KindText, KindMissing:
		f[4] = c.Text
	case KindMark:
		f[4] = "Y"
	}
	return f
}

// exact prints a number so that reading it gives the same number; nothing for NaN.
func exact(x float64) string {
	if math.IsNaN(x) {
		return ""
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

// exact prints a number, or a set as its pieces: [-0.2 0.1] [0.5 +Inf].
func (l Line) exact() string {
	switch {
	case l.Kind != LineSet:
		return exact(l.Value)
	case l.Set.Reason != "":
		return ""
	}
	s := ""
	for i, piece := range l.Set.Pieces {
		if i > 0 {
			s += " "
		}
		s += "[" + exact(piece[0]) + " " + exact(piece[1]) + "]"
	}
	return or(s, "empty")
}
