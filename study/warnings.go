package study

import (
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/report"
)

// warn keeps the warnings of a table's models for the output and returns as notes those that the
// table does not say already: the ones that its fits do not carry. Warnings that say the same of
// several outcomes are said once.
func (r *run) warn(t *TableSpec, warnings []fieldexp.Warning, columns []report.RegressionColumn) []string {
	var own []string
	for _, w := range warnings {
		message := w.In(r.opt.Words)
		r.out.Warnings = with(r.out.Warnings, Warning{Table: t.Number, ofModel: true, Message: message})
		told := slices.ContainsFunc(columns, func(c report.RegressionColumn) bool { return slices.Contains(c.Result.Warnings, w) })
		if !told {
			own = with(own, message)
		}
	}
	return r.merged(own)
}

// merged puts together the warnings that differ in the outcome alone, and marks them as warnings.
func (r *run) merged(messages []string) []string {
	var texts []string
	about := make(map[string][]string)
	for _, m := range messages {
		name, text, ok := strings.Cut(m, ": ")
		o := r.study.outcome(name)
		if !ok || o == nil {
			text = m
		} else {
			about[text] = append(about[text], o.Label)
		}
		texts = with(texts, text)
	}
	for i, text := range texts {
		if labels := about[text]; len(labels) > 0 {
			text = strings.Join(labels, ", ") + ": " + text
		}
		texts[i] = "Warning: " + text
	}
	return texts
}
