package main

import (
	"io"
	"strings"

	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/report"
)

// printTable3 prints the effects of the offer in the first year and in the longer run.
func printTable3(w io.Writer, e *estimates, p *publication) error {
	t := &report.Table{Number: "3", Title: "Effects of the offer (ITT)", Stub: "Outcome", Published: "In print",
		Columns: []report.Column{{Header: "First year"}, {Header: "Longer run"}}}
	var section report.Section
	for _, m := range measures {
		row := newRow(m)
		counts := report.Row{Label: "N", Indent: row.Indent + 1}
		for _, outcome := range []string{m.first, m.long} {
			c, err := beside(p, publishedITT, outcome, e.itt[outcome], offered)
			if err != nil {
				return err
			}
			row.Cells = append(row.Cells, c)
			counts.Cells = append(counts.Cells, report.Count(e.itt[outcome].N))
		}
		section.Rows = append(section.Rows, row, counts)
	}
	t.Sections = []report.Section{section}
	t.Notes = []string{
		"Least squares of the outcome on the offer. Standard errors: heteroskedasticity-robust (HC1), t with N-2 degrees of freedom.",
		"Spending is weighted by the share of days covered by the university's insurance, sick leave by the days eligible.",
		"In print: Jones, Molitor and Reif (2019), Table 3, without controls.",
	}
	return t.Render(w, report.Text)
}

// printTable4 prints what taking part did beside what it seems to do.
func printTable4(w io.Writer, e *estimates, p *publication) error {
	t := &report.Table{Number: "4", Title: "Effects of taking part: by lottery and as it seems", Stub: "Outcome", Published: "In print",
		Columns: []report.Column{{Header: "Offer (ITT)"}, {Header: "Taking part (LATE)"}, {Header: "As it seems (OLS)"}}}
	var section report.Section
	for _, m := range measures {
		row := newRow(m)
		offer, err := e.itt[m.first].Coefficient(offered)
		if err != nil {
			return err
		}
		taking, err := beside(p, publishedLATE, m.first, e.late[m.first], joined)
		if err != nil {
			return err
		}
		naive, err := beside(p, publishedNaive, m.first, e.naive[m.first], joined)
		if err != nil {
			return err
		}
		row.Cells = []report.Cell{report.Estimate(offer.Estimate, offer.SE, offer.P).WithDigits(digits(p, publishedLATE, m.first)), taking, naive}
		section.Rows = append(section.Rows, row)
	}
	t.Sections = []report.Section{section}
	t.Notes = []string{
		"First-year outcomes. LATE: two-stage least squares, completion of the health assessment instrumented by the offer; standard errors robust without a small-sample factor (HC0), normal distribution.",
		"As it seems: least squares of the outcome on completion among those offered the programme; HC1. It is not an effect: participants chose to take part.",
		"In print: Jones, Molitor and Reif (2019), Table 4, without controls.",
	}
	return t.Render(w, report.Text)
}

// newRow labels a measure; two leading spaces set it in.
func newRow(m measure) report.Row {
	label := strings.TrimLeft(m.label, " ")
	return report.Row{Label: label, Indent: (len(m.label) - len(label)) / 2}
}

// beside is the coefficient of a term beside the published cell of the same specification.
func beside(p *publication, specification, outcome string, r *iv.Result, term string) (report.Cell, error) {
	c, err := r.Coefficient(term)
	if err != nil {
		return report.Cell{}, err
	}
	printed, err := p.compare(specification, outcome, c.Estimate, c.SE, r.N)
	if err != nil {
		return report.Cell{}, err
	}
	return report.Estimate(c.Estimate, c.SE, c.P).WithDigits(digits(p, specification, outcome)).Beside(printed), nil
}

// digits is the number of decimals in print.
func digits(p *publication, specification, outcome string) int {
	return decimals(p.cells[[2]string{specification, outcome}].estimate)
}
