package report

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/iv"
)

// RegressionColumn is a column of a regression table.
type RegressionColumn struct {
	// Result is the estimated model. Where it is nil, Reason says why, and the column has dashes.
	Result *iv.Result
	Reason string
	Header string // the result's outcome when empty
	// Coefficients are shown beside the result's own, such as those of iv.Result.Combine, and in
	// place of its own of the same name.
	Coefficients []iv.Coefficient
	// Below holds lines to print beneath estimates, by the name of the term.
	Below map[string][]Line
	// Published holds cells to print beside the computed ones, by the label of their row.
	Published map[string]Cell
}

// Term is a coefficient that a regression table shows. Terms with the same label share a row, as
// for an assignment that is named differently in two data sets.
type Term struct {
	Name   string // in the result
	Label  string // in the table; Name when empty
	Indent int
	Panel  string // a term with another panel than the one before it begins a section of that title
}

// Controls is a row that has a Y where a column includes any of the terms, which it stands for.
type Controls struct {
	Label string
	Terms []string
}

// has reports whether the row stands for a coefficient: of one of its terms, or of a level of one that is text.
func (k Controls) has(coefficient string) bool {
	return slices.ContainsFunc(k.Terms, func(term string) bool { return coefficient == term || strings.HasPrefix(coefficient, term+"=") })
}

// RegressionOptions says what a regression table shows. Its zero value shows every coefficient,
// absorbed effects, observations, clusters and, for OLS, R-squared.
type RegressionOptions struct {
	Number, Title string
	Stub          string // heading of the row labels
	Spanners      []Spanner
	// Terms are the coefficients shown, in order; when nil, all but those of Controls.
	Terms    []Term
	Controls []Controls
	// EffectLabels and ClusterLabels are the rows' labels for an absorbed effect (agent,
	// day^quintile) and for the count of a cluster column; "Agent effects" and "Clusters (agent)"
	// when not there.
	EffectLabels, ClusterLabels map[string]string
	// FirstStageF adds the partial F of the excluded instruments for each endogenous column.
	FirstStageF bool
	WithinR2    bool // adds the R-squared within absorbed effects, for OLS
	MeanOutcome bool // adds the mean of the outcome
	// Statistics are rows to add under the others, such as the mean of the control group.
	Statistics []Row
	Digits     int
	Small      SmallNumbers
	// Notes go before those that the builder writes: on standard errors, weights, what was dropped,
	// and warnings.
	Notes []string
	Words fieldexp.Words // what warnings call settings; their names in Go when nil
}

// Regression builds a table of models side by side, in the manner of journals: estimates with
// standard errors in parentheses beneath and stars by their p-values, rows of Y for controls and
// absorbed effects, observations, clusters, and R-squared for OLS only, since that of 2SLS has no
// meaning. Notes name the covariance, its small-sample factor and degrees of freedom, and what was
// dropped. It reports a term that no column has.
func Regression(columns []RegressionColumn, opt RegressionOptions) (*Table, error) {
	t := &Table{Number: opt.Number, Title: opt.Title, Stub: opt.Stub, Spanners: opt.Spanners, Digits: opt.Digits, Small: opt.Small}
	if len(columns) == 0 {
		return nil, t.refuse("give it a column for each model", "it has no columns")
	}
	for j, c := range columns {
		if c.Result == nil && len(c.Coefficients) == 0 && c.Reason == "" {
			return nil, refuse(t.name(), fmt.Sprintf("column %d has no result", j+1), "set its {Result}",
				"set its {Reason} for having none")
		}
		t.Columns = append(t.Columns, Column{Header: c.header()})
	}
	estimates, err := estimateSections(t, columns, opt)
	if err != nil {
		return nil, err
	}
	t.Sections = append(t.Sections, estimates...)
	if marks := markRows(columns, opt); len(marks) > 0 {
		t.Sections = append(t.Sections, Section{Rows: marks})
	}
	t.Sections = append(t.Sections, Section{Rows: append(statisticRows(columns, opt), cloneRows(opt.Statistics)...)})
	t.Notes = append(slices.Clone(opt.Notes), regressionNotes(t, columns, opt.shown(columns), opt.Words)...)
	setBeside(t, columns)
	return t, nil
}

func (c RegressionColumn) header() string {
	if c.Header == "" && c.Result != nil {
		return c.Result.Outcome
	}
	return c.Header
}

// coefficient finds a term among those given and then those of the result.
func (c RegressionColumn) coefficient(name string) (iv.Coefficient, bool) {
	for _, b := range c.Coefficients {
		if b.Name == name {
			return b, true
		}
	}
	if c.Result != nil && slices.Contains(c.Result.Terms, name) {
		b, err := c.Result.Coefficient(name)
		return b, err == nil
	}
	return iv.Coefficient{}, false
}

// names lists what coefficient finds.
func (c RegressionColumn) names() []string {
	var names []string
	if c.Result != nil {
		names = slices.Clone(c.Result.Terms)
	}
	for _, b := range c.Coefficients {
		if !slices.Contains(names, b.Name) {
			names = append(names, b.Name)
		}
	}
	return names
}

// allNames lists the coefficients of all columns, each once.
func allNames(columns []RegressionColumn) []string {
	var all []string
	for _, c := range columns {
		for _, name := range c.names() {
			all = appendNew(all, name)
		}
	}
	return all
}

// shown are the terms of the table: those asked for or, where none are, all but controls.
func (opt *RegressionOptions) shown(columns []RegressionColumn) []Term {
	terms := opt.Terms
	if terms == nil {
		for _, name := range allNames(columns) {
			if !slices.ContainsFunc(opt.Controls, func(k Controls) bool { return k.has(name) }) {
				terms = append(terms, Term{Name: name})
			}
		}
	}
	return terms
}

// estimateSections makes the rows of coefficients, a section for each panel.
func estimateSections(t *Table, columns []RegressionColumn, opt RegressionOptions) ([]Section, error) {
	all, terms := allNames(columns), opt.shown(columns)
	var sections []Section
	place := map[string]*Row{} // by panel and label
	for i, term := range terms {
		if !slices.Contains(all, term.Name) && len(all) > 0 {
			return nil, t.refuse(fieldexp.Hint("name one of "+strings.Join(all, ", ")), "no column has the term %q", term.Name)
		}
		if i == 0 || term.Panel != terms[i-1].Panel {
			// Room for all rows, so that none moves after its place is noted.
			sections = append(sections, Section{Title: term.Panel, Rows: make([]Row, 0, len(terms))})
		}
		section := &sections[len(sections)-1]
		label := or(term.Label, term.Name)
		key := fmt.Sprint(len(sections), label)
		if place[key] == nil {
			section.Rows = append(section.Rows, Row{Label: label, Indent: term.Indent, Cells: make([]Cell, len(columns))})
			place[key] = &section.Rows[len(section.Rows)-1]
		}
		for j, c := range columns {
			if cell := &place[key].Cells[j]; cell.Kind == KindBlank {
				*cell = c.estimate(term.Name)
			}
		}
	}
	return sections, nil
}

// estimate is the cell of a term: blank where the model has no such term.
func (c RegressionColumn) estimate(name string) Cell {
	if b, ok := c.coefficient(name); ok {
		return Coefficient(b).With(c.Below[name]...)
	}
	if c.Result == nil {
		return Missing(c.Reason)
	}
	return Cell{}
}

// markRows are the rows of Y: controls, then absorbed effects in the order in which columns have
// them.
func markRows(columns []RegressionColumn, opt RegressionOptions) []Row {
	var rows []Row
	for _, k := range opt.Controls {
		row := Row{Label: k.Label}
		for _, c := range columns {
			row.Cells = append(row.Cells, Mark(slices.ContainsFunc(c.names(), k.has)))
		}
		rows = append(rows, row)
	}
	var effects []string
	has := map[string][]bool{}
	for j, c := range columns {
		if c.Result == nil {
			continue
		}
		for _, e := range c.Result.Effects {
			name := e.Effect.String()
			if has[name] == nil {
				effects = append(effects, name)
				has[name] = make([]bool, len(columns))
			}
			has[name][j] = true
		}
	}
	for _, name := range effects {
		row := Row{Label: or(opt.EffectLabels[name], effectLabel(name))}
		for j := range columns {
			row.Cells = append(row.Cells, Mark(has[name][j]))
		}
		rows = append(rows, row)
	}
	return rows
}

// effectLabel is the label of an absorbed effect for which none is given: Agent effects.
func effectLabel(name string) string {
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(first)) + strings.ReplaceAll(name[size:], "^", " × ") + " effects"
}

// setBeside puts published cells beside the computed ones, by the labels of rows.
func setBeside(t *Table, columns []RegressionColumn) {
	for _, s := range t.Sections {
		for _, r := range s.Rows {
			for j := range r.Cells {
				if published, ok := columns[j].Published[r.Label]; ok {
					r.Cells[j] = r.Cells[j].Beside(published)
				}
			}
		}
	}
}

// cloneRows copies rows, so that what is put beside their cells does not change the caller's.
func cloneRows(rows []Row) []Row {
	rows = slices.Clone(rows)
	for i := range rows {
		rows[i].Cells = slices.Clone(rows[i].Cells)
	}
	return rows
}
