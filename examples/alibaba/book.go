package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp/report"
	"github.com/fieldexp/fieldexp/study"
)

// A book is the study with what is known of it from elsewhere: the numbers in print and, if it was
// simulated, the effects that were planted.
type book struct {
	*study.Output
	published []published
	truth     *truth // nil for data that were not simulated
	dir       string

	placed   []placement
	unplaced []unplaced
}

// unplaced is a published number that has no cell here, with the reason.
type unplaced struct {
	published
	why error
}

// A placement is a published number with the cell that it stands beside.
type placement struct {
	published
	cell *report.Cell
}

// prepare makes the tables fit for print: published numbers beside the computed ones, and notes
// that say where both come from.
func (b *book) prepare() {
	if t := b.Table("A8"); t != nil {
		addAll(t.Table)
	}
	if t := b.Table(quintileUsage); t != nil {
		keepUsage(t.Table)
	}
	for _, p := range b.published {
		cell, err := b.cell(p)
		if err != nil {
			b.unplaced = append(b.unplaced, unplaced{p, err})
			continue
		}
		printed := p.cell()
		cell.Published = &printed
		b.placed = append(b.placed, placement{p, cell})
	}
	for _, t := range b.Tables {
		t.Computed, t.Published = "Here", "Paper"
		shortenControls(t.Table)
		if slices.ContainsFunc(b.placed, func(p placement) bool { return p.table == t.ID }) {
			t.Notes = append(t.Notes, b.source())
			if i := slices.IndexFunc(story, func(p part) bool { return p.id == t.ID && p.note != "" }); i >= 0 {
				t.Notes = append(t.Notes, story[i].note)
			}
		}
		if b.truth != nil && !slices.Contains(t.Notes, simulated) {
			t.Notes = append(t.Notes, simulated)
		}
	}
}

const simulated = "The data are simulated."

// source says what a published number is, and what to expect of it.
func (b *book) source() string {
	note := "Paper: arXiv 2603.29888 v1, with 5,940 agents"
	switch {
	case b.truth == nil:
		return note
	case b.truth.fromPaper():
		return note + "; simulated numbers are alike in size, not to the digit"
	}
	return note + fmt.Sprintf("; the effects simulated here (preset %q) are not the paper's", b.truth.Config.Preset)
}

// tell prints the story: for each table its lead, then the table.
func (b *book) tell(w io.Writer) error {
	fmt.Fprint(w, opening)
	if b.truth != nil {
		planted := "planted from the paper's"
		if !b.truth.fromPaper() {
			planted = fmt.Sprintf("of the simulation's preset %q", b.truth.Config.Preset)
		}
		fmt.Fprintf(w, openingSimulated, b.truth.Config.Agents, planted)
	} else {
		fmt.Fprintf(w, openingReal, b.dir)
	}
	fmt.Fprintf(w, "\n%s\n", strings.Join(b.Data, "\n"))
	for _, warning := range b.Warnings {
		if warning.Table == "" {
			fmt.Fprintf(w, "Warning: %s\n", warning.Message)
		}
	}
	told := map[string]bool{}
	for _, p := range story {
		if p.chapter != "" {
			fmt.Fprintf(w, "\n\n%s\n%s\n", p.chapter, strings.Repeat("=", len(p.chapter)))
		}
		fmt.Fprintf(w, "\n%s\n", p.lead)
		told[p.id] = true
		if err := b.print(w, p.id); err != nil {
			return err
		}
		if p.id == "8-common" {
			if err := b.trap(w); err != nil {
				return err
			}
		}
	}
	for _, t := range b.Tables {
		if told[t.ID] {
			continue
		}
		fmt.Fprint(w, "\nThe study file asks for another table, which the paper does not have.\n")
		if err := b.print(w, t.ID); err != nil {
			return err
		}
	}
	return nil
}

// print prints a table or, where the study has none, says so.
func (b *book) print(w io.Writer, id string) error {
	t := b.Table(id)
	if t == nil {
		fmt.Fprintf(w, "\nTable %s: %s\n", id, b.absent(id))
		return nil
	}
	fmt.Fprintln(w)
	return t.Render(w, report.Text)
}

// absent says why there is no table.
func (b *book) absent(id string) string {
	return fmt.Sprintf("not computed, since the study file in %s does not ask for it", b.dir)
}

// cell finds the cell that a published number belongs beside.
func (b *book) cell(p published) (*report.Cell, error) {
	t := b.Table(p.table)
	if t == nil {
		return nil, errors.New(b.absent(p.table))
	}
	column, err := columnOf(t, p.column)
	if err != nil {
		return nil, err
	}
	for i := range t.Sections {
		for j, row := range t.Sections[i].Rows {
			if row.Label == p.row && column < len(row.Cells) {
				return &t.Sections[i].Rows[j].Cells[column], nil
			}
		}
	}
	return nil, fmt.Errorf("the table has no row %q", p.row)
}

// columnOf finds a column by its outcome, its heading with the one above it, or its number.
func columnOf(t *study.Table, name string) (int, error) {
	if j := slices.Index(t.Outcomes, name); j >= 0 {
		return j, nil
	}
	for j, c := range t.Columns {
		heading := c.Header
		for _, s := range t.Spanners {
			if s.From <= j && j <= s.To {
				heading = s.Label + "/" + heading
			}
		}
		if name == heading || name == fmt.Sprintf("(%d)", j+1) {
			return j, nil
		}
	}
	return 0, fmt.Errorf("the table has no column %q", name)
}

// addAll adds a column to a table of shares: all groups and periods together, weighted by the
// counts in the last section.
func addAll(t *report.Table) {
	total := &t.Sections[len(t.Sections)-1].Rows[0]
	columns, all := len(total.Cells), 0.0
	for _, n := range total.Cells {
		all += n.Value
	}
	rows := t.Sections[0].Rows
	for i := range rows {
		sum := 0.0
		for j, share := range rows[i].Cells[:columns] {
			if n := total.Cells[j].Value; n > 0 {
				sum += n * share.Value
			}
		}
		rows[i].Cells = append(rows[i].Cells, report.Number(sum/all).WithDigits(1))
	}
	total.Cells = append(total.Cells, report.Count(int(math.Round(all))))
	t.Columns = append(t.Columns, report.Column{Header: "All"})
}

// keepUsage leaves of usage before and after the launch what it was after.
func keepUsage(t *report.Table) {
	t.Number = "2, by quintile"
	t.Columns = []report.Column{{Header: "Usage"}, {Header: "N"}, {Header: "Usage"}, {Header: "N"}}
	for i := range t.Spanners {
		t.Spanners[i].From, t.Spanners[i].To = 2*i, 2*i+1
	}
	for i, row := range t.Sections[0].Rows {
		c := row.Cells
		t.Sections[0].Rows[i].Cells = []report.Cell{c[1], c[3], c[5], c[7]}
	}
	t.Notes = []string{"Means over agents of the share of their chats since the launch in which they used the assistant."}
}

// shortenControls names the lagged controls in the notes, since their row would make every table
// wide.
func shortenControls(t *report.Table) {
	for i := range t.Sections {
		for j, row := range t.Sections[i].Rows {
			if names, ok := strings.CutPrefix(row.Label, "Lagged "); ok {
				t.Sections[i].Rows[j].Label = "Lagged controls"
				t.Notes = append([]string{"Lagged controls: " + names + ", of the agent's previous period with chats."}, t.Notes...)
			}
		}
	}
}
