package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/iv"
)

// regressionNotes say how standard errors were computed, what was weighted and what was dropped,
// and what the reader is warned of. What does not hold for all columns names those it holds for.
func regressionNotes(t *Table, columns []RegressionColumn, terms []Term, words fieldexp.Words) []string {
	n := noteList{t: t}
	for _, c := range columns {
		if c.Result != nil {
			n.results++
		}
	}
	for j, c := range columns {
		if c.Result != nil {
			n.covariance(j, c.Result)
		}
	}
	n.satterthwaite(columns, terms)
	for j, c := range columns {
		if r := c.Result; r != nil {
			if r.Weights != "" {
				n.add(j, "Weighted by "+r.Weights)
			}
			if r.Absorbing != "" {
				n.add(j, strings.ToUpper(r.Absorbing[:1])+r.Absorbing[1:])
			}
		}
	}
	n.dropped(columns)
	for j, c := range columns {
		if c.Result != nil {
			for _, w := range c.Result.Warnings {
				if w.Code != "collinear" { // named with what was dropped
					n.add(j, "Warning: "+w.In(words))
				}
			}
		}
	}
	return n.sentences()
}

// A noteList collects notes with the columns that they are about.
type noteList struct {
	t       *Table
	results int
	notes   []columnNote
}

type columnNote struct {
	text    string
	columns []int
	// The least and largest factor and degrees of freedom, of a note on standard errors.
	factor, df span
	own        bool // degrees of freedom are each coefficient's own
}

func (n *noteList) find(text string, column int) *columnNote {
	i := slices.IndexFunc(n.notes, func(c columnNote) bool { return c.text == text })
	if i < 0 {
		n.notes = append(n.notes, columnNote{text: text})
		i = len(n.notes) - 1
	}
	if c := &n.notes[i]; !slices.Contains(c.columns, column) {
		c.columns = append(c.columns, column)
	}
	return &n.notes[i]
}

func (n *noteList) add(column int, text string) { n.find(text, column) }

// covariance notes how the standard errors of a column were computed. Columns that differ only in
// their numbers of rows and clusters share a note with the range of their factors.
func (n *noteList) covariance(column int, r *iv.Result) {
	kind := r.Covariance.Kind
	text := "Standard errors in parentheses, "
	switch {
	case len(r.Clusters) > 0 && kind.Clustered():
		text += "clustered by " + clusterNames(r) + " (" + kind.String() + ")"
		if len(r.Clusters) > 1 && r.Covariance.Groups == iv.PerComponent {
			text += " with a factor for each component"
		} else if len(r.Clusters) > 1 {
			text += " with the factor of the smallest number of clusters"
		}
	case kind == iv.Classical:
		text += "classical (errors of equal variance)"
	default:
		text += "robust to heteroskedasticity (" + kind.String() + ")"
	}
	note := n.find(text, column)
	note.factor.add(r.Factor)
	switch {
	case r.Satterthwaite():
		note.own = true
	case math.IsInf(r.DF, 1):
		note.df.add(0)
	default:
		note.df.add(r.DF)
	}
}

// clusterNames are the columns of clusters of a result.
func clusterNames(r *iv.Result) string {
	var by []string
	for _, c := range r.Clusters {
		by = append(by, c.Column)
	}
	return strings.Join(by, " and ")
}

// satterthwaite lists the degrees of freedom of the terms that the table shows, over the columns in
// which each has its own.
func (n *noteList) satterthwaite(columns []RegressionColumn, terms []Term) {
	var labels []string
	df := map[string]*span{}
	for _, term := range terms {
		label := or(term.Label, term.Name)
		for _, c := range columns {
			b, ok := c.coefficient(term.Name)
			if !ok || c.Result == nil || !c.Result.Satterthwaite() {
				continue
			}
			if df[label] == nil {
				labels, df[label] = append(labels, label), new(span)
			}
			df[label].add(b.DF)
		}
	}
	for i, label := range labels {
		labels[i] += " " + df[label].print(func(x float64) string { return fmt.Sprintf("%.1f", x) })
	}
	for j, c := range columns {
		if len(labels) > 0 && c.Result != nil && c.Result.Satterthwaite() {
			n.add(j, "Satterthwaite degrees of freedom: "+strings.Join(labels, ", "))
		}
	}
}

// dropped notes what did not enter the estimation: columns that were dropped as collinear by name, and rows
// by the reason, with the least and most of any column, since the number that is left stands in each.
func (n *noteList) dropped(columns []RegressionColumn) {
	var missing, weightless, alone span
	for j, c := range columns {
		if r := c.Result; r != nil {
			missing.add(float64(r.Dropped.Missing))
			weightless.add(float64(r.Dropped.ZeroWeight))
			alone.add(float64(r.Dropped.Singletons))
			if len(r.Dropped.Collinear) > 0 {
				n.add(j, "Dropped as collinear: "+strings.Join(r.Dropped.Collinear, ", "))
			}
		}
	}
	var rows []string
	for _, why := range []struct {
		span
		text string
	}{{missing, "with a missing value"}, {weightless, "of weight zero"}, {alone, "alone in an absorbed group"}} {
		switch {
		case why.max == 0:
		case why.min == 1 && why.max == 1:
			rows = append(rows, why.print(count)+" row "+why.text)
		default:
			rows = append(rows, why.print(count)+" rows "+why.text)
		}
	}
	for j, c := range columns {
		if c.Result != nil && len(rows) > 0 {
			n.add(j, "Dropped: "+strings.Join(rows, "; "))
		}
	}
}

// sentences are the notes, those of some columns headed by their numbers.
func (n *noteList) sentences() []string {
	var list []string
	for _, c := range n.notes {
		text := c.text
		if c.factor.any {
			text += "; small-sample factor " + c.factor.print(func(x float64) string { return fmt.Sprintf("%.4f", x) })
			switch {
			case c.own:
				text += "; t with Satterthwaite degrees of freedom of each coefficient"
			case c.df.max == 0:
				text += "; normal distribution"
			default:
				text += "; t with " + c.df.print(count) + " degrees of freedom"
			}
		}
		if len(c.columns) < n.results {
			text = n.columns(c.columns) + ": " + text
		}
		list = append(list, text)
	}
	return list
}

// columns writes columns as (1), (3).
func (n *noteList) columns(list []int) string {
	var s []string
	for _, j := range list {
		s = append(s, or(n.t.columnNumber(j), n.t.Columns[j].Header))
	}
	return strings.Join(s, ", ")
}

// print writes a number, or the range of several.
func (s span) print(number func(float64) string) string {
	low, high := number(s.min), number(s.max)
	if low == high {
		return low
	}
	return low + " to " + high
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
