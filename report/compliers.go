package report

import (
	"fmt"
	"math"
	"slices"

	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/late"
)

// Compliers is a table of whose effect an effect of usage is, a column for each outcome: the shares of
// compliers, always-takers and never-takers, what compliers do without and with usage, and the effect in
// units of the outcome and in percent.
type Compliers struct {
	Number, Title string
	Accounting    *late.Accounting
	Headers       []string // of the columns; the outcomes when empty
	Digits        int
	Notes         []string
}

// Table lays the accounting out.
func (c Compliers) Table() (*Table, error) {
	t := &Table{Number: c.Number, Title: c.Title, Digits: c.Digits}
	a := c.Accounting
	row := func(label string, cell func(*late.Compliers) Cell) Row {
		r := Row{Label: label}
		for i := range a.Outcomes {
			r.Cells = append(r.Cells, cell(&a.Outcomes[i]))
		}
		return r
	}
	mean := func(of func(*late.Compliers) iv.Coefficient) func(*late.Compliers) Cell {
		return func(o *late.Compliers) Cell { return described(of(o)) }
	}
	for i, o := range a.Outcomes {
		header := o.Outcome
		if len(c.Headers) > 0 {
			header = c.Headers[i]
		}
		t.Columns = append(t.Columns, Column{Header: header})
	}
	t.Sections = []Section{
		{Title: "Shares", Rows: []Row{
			row("Compliers", mean(func(o *late.Compliers) iv.Coefficient { return o.PlainShare })),
			row("Always-takers", mean(func(o *late.Compliers) iv.Coefficient { return o.AlwaysTakers })),
			row("Never-takers", mean(func(o *late.Compliers) iv.Coefficient { return o.NeverTakers })),
		}},
		{Title: "Mean outcome of compliers", Rows: []Row{
			row("Without usage", mean(func(o *late.Compliers) iv.Coefficient { return o.Control })),
			row("With usage", mean(func(o *late.Compliers) iv.Coefficient { return o.Treated })),
		}},
		{Title: "Effect on compliers", Rows: []Row{
			row("Effect", func(o *late.Compliers) Cell { return effectWithSet(o.Effect, o.EffectSet) }),
			row("In percent of the mean without", func(o *late.Compliers) Cell {
				cell := effectWithSet(o.Percent, o.PercentSet)
				cell.Digits = 1
				return cell
			}),
		}},
	}
	apart := func(o late.Compliers) bool { return math.Abs(o.Share.Estimate-o.PlainShare.Estimate) > 1e-9 }
	if slices.ContainsFunc(a.Outcomes, apart) {
		t.Sections[0].Rows = append(t.Sections[0].Rows, row("First stage, with controls and effects", mean(func(o *late.Compliers) iv.Coefficient { return o.Share })))
	}
	t.Notes = slices.Concat(c.Notes, []string{"Compliers use if they are assigned and not otherwise, always-takers and never-takers do the same either way; shares are of the rows of each column, by their mean usage by arm.",
		fmt.Sprintf("Standard errors in parentheses; beneath those of effects, in braces, the %g%% Anderson-Rubin confidence set, that in percent of the ratio of two effects of assignment (Fieller).", 100*a.Outcomes[0].EffectSet.Level)})
	return t, nil
}

// effectWithSet is an effect with its Anderson-Rubin set beneath.
func effectWithSet(c iv.Coefficient, set iv.Set) Cell {
	cell := Coefficient(c)
	if set.Reason == "" {
		cell = cell.With(ConfidenceSet("Anderson-Rubin set", set))
	}
	return cell
}

// ComplierProfile is a table of who compliers, always-takers and never-takers are by what was known of
// them before, a row for each covariate.
type ComplierProfile struct {
	Number, Title string
	Profile       *late.Profile
	Label         func(column string) string // names of covariates for people; nil leaves them as they are
	Digits        int
	Notes         []string
}

// Table lays the profile out.
func (c ComplierProfile) Table() (*Table, error) {
	t := &Table{Number: c.Number, Title: c.Title, Digits: c.Digits, Stub: "Mean of", Unnumbered: true,
		Columns: []Column{{Header: "All"}, {Header: "Compliers"}, {Header: "Always-takers"}, {Header: "Never-takers"}}}
	var rows []Row
	for _, r := range c.Profile.Rows {
		row := Row{Label: r.Covariate}
		if c.Label != nil {
			row.Label = c.Label(r.Covariate)
		}
		for _, m := range []struct {
			iv.Coefficient
			unseen string
		}{{r.All, "no row has a value"}, {r.Compliers, "no compliers"}, {r.AlwaysTakers, "nobody used without being assigned"}, {r.NeverTakers, "all who were assigned used"}} {
			cell := described(m.Coefficient)
			if math.IsNaN(m.Estimate) {
				cell = Missing(m.unseen)
			}
			row.Cells = append(row.Cells, cell)
		}
		rows = append(rows, row)
	}
	t.Sections = []Section{{Rows: rows}}
	t.Notes = append(slices.Clone(c.Notes), "Standard errors in parentheses; compliers' means are the effect of assignment on the product of usage and the column, over that on usage (Abadie 2003, from the side of those who use).")
	return t, nil
}

// ResponseWeights is a table of how an effect per unit of usage is made up where usage has many levels, a row
// for each stretch of usage.
type ResponseWeights struct {
	Number, Title string
	Response      *late.Response
	Digits        int
	Notes         []string
}

// Table lays the weights out.
func (w ResponseWeights) Table() (*Table, error) {
	t := &Table{Number: w.Number, Title: w.Title, Digits: w.Digits, Stub: "Usage", Unnumbered: true, Columns: []Column{{Header: "Moved"}, {Header: "Weight"}}}
	var rows []Row
	for _, s := range w.Response.Steps {
		rows = append(rows, Row{Label: fmt.Sprintf("%.4g to %.4g", s.From, s.To), Cells: []Cell{
			described(s.Moved), described(s.Weight)}})
	}
	t.Sections = []Section{{Rows: rows}}
	t.Notes = slices.Concat(w.Notes, []string{"Moved is the usage within the stretch that assignment brought about; weight is its share of the first stage, with which the effect per unit averages responses in the stretch (Angrist and Imbens 1995). A weight that is clearly negative contradicts that assignment makes nobody use less.",
		"Standard errors in parentheses."})
	return t, nil
}
