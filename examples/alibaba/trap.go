package main

import (
	"fmt"
	"io"
	"math"

	"github.com/fieldexp/fieldexp/report"
	"github.com/fieldexp/fieldexp/study"
)

const quintiles = 5

// trap shows why Table 8 stands here twice: it sets its two layouts side by side for the outcomes
// that the quintiles were cut by, with the drift of the controls, and works out what the published
// effects imply.
func (b *book) trap(w io.Writer) error {
	common, own := b.fit("8", "rating", "common"), b.fit("8", "rating", "group-specific")
	if common == nil || own == nil {
		fmt.Fprint(w, "\nThe trap in Table 8 cannot be shown without effects on ratings by quintile in both layouts.\n")
		return nil
	}
	t := &report.Table{Title: "Table 8 side by side: effects of usage by quintile, two ways", Unnumbered: true, Computed: "Here", Published: "Paper"}
	for g := range quintiles {
		t.Columns = append(t.Columns, report.Column{Header: fmt.Sprintf("Q%d", g+1)})
	}
	drift := b.row("Drift of the controls", "A7", "Control/Change")
	usage := b.row("Usage of the treated", quintileUsage, "Treat/Usage")
	t.Sections = []report.Section{
		{Title: "Customer rating", Rows: append([]report.Row{drift}, b.layouts("rating")...)},
		{Title: "Dissatisfaction rate", Rows: b.layouts("dissatisfied")},
		{Rows: []report.Row{usage}},
	}
	t.Notes = []string{"From Tables 8, A7, and 2 by quintile. Drift: change of the controls' mean rating since the launch", b.source()}
	if b.truth != nil {
		t.Notes = append(t.Notes, "Planted: the effect that the simulation gave to the quintile", simulated)
	}
	fmt.Fprintf(w, trapLead, signed(drift.Cells[0].Value), signed(drift.Cells[quintiles-1].Value),
		impact(common, 0), impact(common, quintiles-1), impact(own, 0), impact(own, quintiles-1))
	if err := t.Render(w, report.Text); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, trapSigns, driftP(common),
		b.implied("rating"), b.inPrint("3", "Treat", "rating"), b.implied("dissatisfied"), b.inPrint("3", "Treat", "dissatisfied"),
		b.implied("ln_identification_time"), b.inPrint("3", "Treat", "ln_identification_time"))
	return err
}

// fit finds a model of effects by quintile.
func (b *book) fit(table, outcome, timeEffects string) *study.Fit {
	for i, f := range b.Fits {
		if f.Table == table && f.Outcome == outcome && f.TimeEffects == timeEffects {
			return &b.Fits[i]
		}
	}
	return nil
}

// row is a column of a table by quintile laid on its side.
func (b *book) row(label, table, column string) report.Row {
	row := report.Row{Label: label}
	for g := range quintiles {
		cell, err := b.cell(published{table: table, row: fmt.Sprintf("Q%d", g+1), column: column})
		if err != nil {
			missing := report.Missing(err.Error())
			missing.Value = math.NaN()
			cell = &missing
		}
		row.Cells = append(row.Cells, *cell)
	}
	return row
}

// layouts are the effects on an outcome with common and with own day effects, and as planted.
func (b *book) layouts(outcome string) []report.Row {
	rows := []report.Row{{Label: "Common day effects"}, {Label: "Own day effects"}}
	for i, id := range []string{"8-common", "8"} {
		for g := range quintiles {
			cell, err := b.cell(published{table: id, row: fmt.Sprintf("Impact on Q%d agents", g+1), column: outcome})
			if err != nil {
				missing := report.Missing(err.Error())
				cell = &missing
			}
			rows[i].Cells = append(rows[i].Cells, *cell)
		}
	}
	own := b.fit("8", outcome, "group-specific")
	if own == nil || b.truth == nil {
		return rows
	}
	planted := report.Row{Label: "Planted"}
	for _, e := range b.plantedIn(*own) {
		planted.Cells = append(planted.Cells, report.Number(e.planted))
	}
	return append(rows, planted)
}

// impact is the effect in a quintile with its standard error.
func impact(f *study.Fit, g int) string {
	t, ok := find(f.Impacts, impactOn(g))
	if !ok {
		return "unknown"
	}
	return fmt.Sprintf("%+.3f (%.3f)", float64(t.Estimate), float64(t.SE))
}

// signed writes a change with its sign.
func signed(x float64) string {
	if math.IsNaN(x) {
		return "an unknown amount"
	}
	return fmt.Sprintf("%+.3f", x)
}

// driftP is the p-value of the test that quintiles share their day effects, the last one of a
// model in which they do.
func driftP(common *study.Fit) string {
	test := common.Tests[len(common.Tests)-1]
	if test.Reason != "" {
		return "not known: " + test.Reason
	}
	if p := float64(test.P); p >= 0.001 {
		return fmt.Sprintf("%.3f", p)
	}
	return "below 0.001"
}

// implied is the effect of access that the published effects of usage by quintile add up to:
// quintiles are equal in size, so it is the mean of usage times effect.
func (b *book) implied(outcome string) float64 {
	sum := 0.0
	for g := range quintiles {
		usage := b.inPrint(quintileUsage, fmt.Sprintf("Q%d", g+1), "Treat/Usage")
		sum += usage * b.inPrint("8-common", fmt.Sprintf("Impact on Q%d agents", g+1), outcome)
	}
	return sum / quintiles
}
