package study

import (
	"fmt"
	"strings"

	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/report"
)

// regressionOptions are what all tables of models have in common: labels of controls, effects and
// clusters in the study's words.
func (s *Study) regressionOptions(k modelKey, t *TableSpec) report.RegressionOptions {
	opt := report.RegressionOptions{Number: t.Number, Title: t.Title, Digits: t.Digits, MeanOutcome: true,
		EffectLabels: make(map[string]string), ClusterLabels: s.clusterLabels()}
	if names := s.Controls.Lagged; len(names) > 0 && !k.noControls {
		terms := make([]string, len(names))
		for i, name := range names {
			terms[i] = lagged + name
		}
		opt.Controls = append(opt.Controls, report.Controls{Label: "Lagged " + strings.Join(s.labels(names), ", "), Terms: terms})
	}
	if names := s.Controls.Current; len(names) > 0 && !k.noControls {
		opt.Controls = append(opt.Controls, report.Controls{Label: capital(strings.Join(s.labels(names), ", ")), Terms: names})
	}
	return opt
}

// clusterLabels names the counts of clusters: units are called what they are.
func (s *Study) clusterLabels() map[string]string {
	if s.ready() && s.Words.Unit == "unit" { // which says less than the name of the column
		return nil
	}
	return map[string]string{s.Roles.Unit: s.Words.units()}
}

// nameEffects labels the effects that the fits absorbed.
func (s *Study) nameEffects(opt *report.RegressionOptions, fits []*iv.Result) {
	for _, fit := range fits {
		for _, e := range fit.Effects {
			opt.EffectLabels[e.Effect.String()] = s.effectLabel(e.Effect)
		}
	}
}

// effectLabel names an absorbed effect, as in Day × baseline group effects.
func (s *Study) effectLabel(effect iv.Effect) string {
	parts := make([]string, len(effect))
	for i, column := range effect {
		parts[i] = brief.InSentence(s.label(column))
		if column == s.Roles.Unit {
			parts[i] = s.Words.Unit
		}
	}
	return capital(strings.Join(parts, " × ")) + " effects"
}

// regression lays out fits, a column for each outcome.
func (r *run) regression(t *TableSpec, k modelKey, columns []report.RegressionColumn, opt report.RegressionOptions) (*Table, error) {
	fits := make([]*iv.Result, len(columns))
	for i, name := range t.Outcomes {
		fits[i] = columns[i].Result
		columns[i].Header = r.study.outcome(name).Label
	}
	r.study.nameEffects(&opt, fits)
	opt.Words = r.opt.Words
	opt.Notes = append(opt.Notes, r.logNotes(k, t.Outcomes)...)
	table, err := report.Regression(columns, opt)
	if err != nil {
		return nil, err
	}
	return &Table{ID: t.Number, Table: table, Outcomes: t.Outcomes}, nil
}

// armTerms are the rows of the arms' regressors.
func (s *Study) armTerms(d *itt.Design, panel, prefix string) []report.Term {
	var terms []report.Term
	for i, name := range d.Terms {
		label := capital(s.label(s.Roles.Assignment))
		if len(d.Terms) > 1 {
			label = d.Arms[i+1].Label
		}
		terms = append(terms, report.Term{Name: prefix + name, Label: label, Panel: panel})
	}
	return terms
}

// controlNote says with which of several arms, or of arms with names, the others are compared.
func (s *Study) controlNote(d *itt.Design) []string {
	if control := d.Arms[0].Label; len(d.Arms) > 2 || control != "0" {
		return []string{fmt.Sprintf("Effects are against the control arm %s.", control)}
	}
	return nil
}

// designNote says what is compared, over what.
func (r *run) designNote(k modelKey) string {
	s := r.study
	note := "Observations are " + s.cellsWord(k.period.String())
	switch {
	case r.plan.paired(k):
		note = "Observations are " + s.Words.Event + "s, estimated from the means, variances and covariances of usage and outcome within " +
			s.cellsWord(k.period.String()) + ", which is the same"
	case k.events:
		note = "Observations are " + s.Words.Event + "s, estimated from the means of " + s.cellsWord(k.period.String()) + " weighted by their number of " +
			s.Words.Event + "s, which is the same"
	case s.sums():
		note += ", with the means of their " + s.Words.Event + "s"
	}
	if k.neverTakers {
		note += "; of the treated " + s.Words.Unit + "s, those alone who never used it"
	}
	if !s.Launch.IsZero() {
		what := capital(s.label(s.Roles.Assignment)) + " is 1 for the treated"
		if r.named {
			what = "The treated count as such"
		}
		note += ". " + what + " from " + r.since(k.period) + " on"
	}
	return note + "."
}

// estimate is the cell of a coefficient.
func estimate(c iv.Coefficient) report.Cell { return report.Coefficient(c) }

// pValue is the cell of a test's p, or of the reason for having none.
func pValue(t iv.Test) report.Cell {
	if t.Reason != "" {
		return report.Missing(t.Reason)
	}
	return report.Probability(t.P)
}

// statistic is the cell of a test's statistic.
func statistic(t iv.Test) report.Cell {
	if t.Reason != "" {
		return report.Missing(t.Reason)
	}
	return report.Number(t.Statistic).WithDigits(2)
}
