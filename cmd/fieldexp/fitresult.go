package main

import (
	"io"
	"slices"
	"strconv"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/late"
	"github.com/fieldexp/fieldexp/report"
	"github.com/fieldexp/fieldexp/study"
)

// fitResult is what the fit command estimated: one of the five, and the tables beside it.
type fitResult struct {
	flags      *fitFlags
	assignment *itt.Result
	means      *itt.MeansResult
	usage      *late.Result
	groups     *hetero.Result
	splits     *hetero.SplitResult
	more       []*report.Table
	cut        string // how groups came about
	tests      study.GroupTests

	effects  []*study.Judged // in the order of outcomes and, for each, of arms or groups
	notes    []string        // on the evidence on them
	warnings []fieldexp.Warning
}

// write prints the result in a format.
func (r *fitResult) write(w io.Writer, f report.Format) error {
	if f == report.JSON {
		text, err := study.EncodeJSON(struct {
			Fits   []study.Fit     `json:"fits"`
			Tables []*report.Table `json:"tables,omitempty"`
		}{r.fits(), r.more})
		if err == nil {
			_, err = w.Write(text)
		}
		return err
	}
	tables, err := r.tables()
	if err != nil {
		return err
	}
	tables = append(tables, r.more...)
	for _, t := range tables {
		for i := range t.Notes {
			t.Notes[i] = flags.Replace(t.Notes[i])
		}
	}
	if len(tables) == 1 && f != report.HTML && f != report.LaTeX {
		return tables[0].Render(w, f)
	}
	return report.RenderAll(w, tables, f)
}

// fits describes every model, those of one outcome together.
func (r *fitResult) fits() []study.Fit {
	var fits []study.Fit
	add := func(outcome int, warnings []fieldexp.Warning, of ...study.Fit) {
		for _, e := range r.of(outcome) {
			of[0].Add(e)
		}
		for _, w := range slices.Concat(warnings, r.warnings) { // it may have them already
			of[0].AddWarning(w.String())
		}
		fits = append(fits, of...)
	}
	switch {
	case r.splits != nil:
		for i := range r.splits.Fits {
			fits = append(fits, study.NewSplitFit("", r.splits, &r.splits.Fits[i]))
		}
	case r.means != nil:
		for i, fit := range r.means.Fits {
			add(i, nil, study.NewMeansFit("", r.means, fit))
		}
	case r.groups != nil:
		for i := range r.groups.Fits {
			fit := study.NewGroupFit("", &r.groups.Fits[i])
			r.tests.AddTests(&fit, i)
			add(i, nil, fit)
		}
	case r.usage != nil:
		for i, fit := range r.usage.Fits {
			add(i, r.usage.Warnings, study.Stages("", fit)...)
		}
	default:
		for i, fit := range r.assignment.Fits {
			add(i, r.assignment.Warnings, study.NewFit("ols", "", fit))
		}
	}
	return fits
}

// tables lays the models out: outcomes side by side or, with usage, a table for each outcome with
// its first stage, reduced form, second stage and as-used regression side by side.
func (r *fitResult) tables() ([]*report.Table, error) {
	switch {
	case r.splits != nil:
		return one(report.SplitGroups{Title: "Effects by group of " + r.flags.by, Result: r.splits}.Table())
	case r.means != nil:
		return one(r.meansTable())
	case r.groups != nil:
		return one(r.groupTable())
	case r.usage == nil:
		columns := make([]report.RegressionColumn, len(r.assignment.Fits))
		for i, fit := range r.assignment.Fits {
			columns[i] = report.RegressionColumn{Result: fit, Below: study.Below(r.of(i))}
		}
		return one(r.regression(columns, report.RegressionOptions{Title: "Effects of assignment", WithinR2: len(r.flags.absorb) > 0,
			Notes: append(r.assignment.Design.Notes(), warningNotes(r.assignment.Warnings, r.assignment.Fits)...)}))
	}
	var tables []*report.Table
	for i, fit := range r.usage.Fits {
		columns := []report.RegressionColumn{
			{Result: fit.FirstStages[0], Header: "First stage: " + fit.FirstStages[0].Outcome},
			{Result: fit.ReducedForm, Header: "Reduced form"},
			{Result: fit, Header: fit.Estimator.String(), Below: study.Below(r.of(i))},
			{Result: fit.AsUsed, Header: "As used: OLS"},
		}
		opt := report.RegressionOptions{Title: "Effects of usage on " + fit.Outcome, FirstStageF: true, Notes: r.usage.Design.Notes()}
		opt.Notes = append(opt.Notes, r.usage.Shares.String())
		if len(r.usage.Fits) > 1 {
			opt.Number = strconv.Itoa(i + 1)
		}
		if i == 0 {
			opt.Notes = append(opt.Notes, warningNotes(r.usage.Warnings, r.usage.Fits)...)
		}
		strength := study.StrengthRows([]*iv.Result{fit}, r.flags.inference.AR)
		for j := range strength { // under the second stage
			strength[j].Cells = append([]report.Cell{{}, {}}, strength[j].Cells...)
		}
		opt.Statistics = strength
		t, err := r.regression(columns, opt)
		if err != nil {
			return nil, err
		}
		tables = append(tables, t)
	}
	return tables, nil
}

// meansTable lays out differences in means.
func (r *fitResult) meansTable() (*report.Table, error) {
	m := report.Means{Title: "Differences in means", Result: r.means}
	for i := range r.means.Fits {
		m.Below = append(m.Below, study.Below(r.of(i)))
	}
	t, err := m.Table()
	if err == nil {
		t.Notes = append(append(t.Notes, r.notes...), warningNotes(r.warnings, nil)...)
	}
	return t, err
}

// groupTable lays out effects by group.
func (r *fitResult) groupTable() (*report.Table, error) {
	var fits []*hetero.Fit
	var columns []report.RegressionColumn
	var models []*iv.Result
	for i := range r.groups.Fits {
		fit := &r.groups.Fits[i]
		fits, models, columns = append(fits, fit), append(models, fit.Model), append(columns, study.GroupColumn(fit, r.of(i)...))
	}
	opt := report.RegressionOptions{Title: "Effects by group of " + r.flags.by}
	opt.Terms, opt.Statistics = study.GroupRows(r.groups.Regressor, "group", r.groups.Groups, fits, r.groups.TimeEffects == hetero.Common && r.groups.Period != "")
	opt.Statistics = append(opt.Statistics, r.tests.Rows()...)
	if r.cut != "" {
		opt.Notes = append(opt.Notes, r.cut)
	}
	opt.Notes = append(opt.Notes, study.WeakGroupsNote(fits, "--weak")...)
	opt.Notes = append(opt.Notes, warningNotes(r.groups.Warnings, models)...)
	return r.regression(columns, opt)
}

// regression lays models out, with the notes on the evidence last.
func (r *fitResult) regression(columns []report.RegressionColumn, opt report.RegressionOptions) (*report.Table, error) {
	t, err := report.Regression(columns, opt)
	if err == nil {
		t.Notes = append(append(t.Notes, r.notes...), warningNotes(r.warnings, nil)...)
	}
	return t, err
}

// warningNotes are the warnings that the fits themselves do not carry, which a table prints anyway.
func warningNotes(warnings []fieldexp.Warning, fits []*iv.Result) []string {
	told := make(map[fieldexp.Warning]bool)
	for _, fit := range fits {
		for _, w := range fit.Warnings {
			told[w] = true
		}
	}
	var notes []string
	for _, w := range warnings {
		if !told[w] {
			notes = append(notes, "Warning: "+w.String())
		}
	}
	return notes
}

// one is a list of one table.
func one(t *report.Table, err error) ([]*report.Table, error) {
	if err != nil {
		return nil, err
	}
	return []*report.Table{t}, nil
}
