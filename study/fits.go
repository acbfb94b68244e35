package study

import (
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/internal/document"
	"github.com/fieldexp/fieldexp/iv"
)

// Fit is an estimated model as results.json and the command's JSON carry it: with all digits.
type Fit struct {
	Table       string         `json:"table,omitempty"`  // the table that shows it
	Figure      string         `json:"figure,omitempty"` // the figure that does, where no table did before
	Group       string         `json:"group,omitempty"`  // of a model that a group has to itself
	Outcome     string         `json:"outcome"`
	Estimator   string         `json:"estimator"`            // ols, 2sls, liml, fuller, first stage, reduced form, as used
	Endogenous  string         `json:"endogenous,omitempty"` // of a first stage: the column that it explains
	N           int            `json:"n"`
	Clusters    map[string]int `json:"clusters"`
	SE          string         `json:"se"` // the kind of standard errors, such as CR1
	K           int            `json:"k"`
	Factor      Number         `json:"factor"`
	R2          Number         `json:"r2"`
	Terms       []Term         `json:"terms"`
	TimeEffects string         `json:"time_effects,omitempty"` // of effects by group
	Impacts     []Term         `json:"impacts,omitempty"`      // effects by group, their differences, and what compares them
	Shares      []Number       `json:"shares,omitempty"`       // weights of the groups in their average, in their order
	Tests       []Test         `json:"tests,omitempty"`
	Strength    []Strength     `json:"strength,omitempty"` // of instruments
	Effects     []Effect       `json:"effects,omitempty"`
	Dropped     Dropped        `json:"dropped"`
	Warnings    []string       `json:"warnings"`
}

// Term is an estimate, with the evidence on it.
type Term struct {
	document.Coefficient
	Evidence
}

// What fits have in common with the JSON of package iv.
type (
	Test    = document.Test        // a joint test
	Effect  = document.FixedEffect // an absorbed effect
	Dropped = document.Dropped     // what did not enter the estimation
	Number  = document.Number      // with all digits; what JSON cannot write is null
)

// newFit describes a result. The name of its outcome may be one that people know it by; empty
// stands for the result's own.
func newFit(words fieldexp.Words, estimator, outcome string, r *iv.Result) Fit {
	m := r.Document()
	f := Fit{
		Outcome: or(outcome, m.Outcome), Estimator: estimator, N: m.N, Clusters: m.Clusters, SE: m.SE, K: m.K,
		Factor: m.Factor, R2: m.R2,
		Effects: m.Effects, Dropped: m.Dropped, Warnings: []string{},
	}
	for _, c := range m.Terms {
		f.Terms = append(f.Terms, Term{Coefficient: c})
	}
	for _, w := range m.Warnings {
		f.Warnings = append(f.Warnings, w.In(words))
	}
	return f
}

// newTerm describes a coefficient.
func newTerm(c iv.Coefficient) Term { return Term{Coefficient: c.Document()} }

// newTest describes a test.
func newTest(t iv.Test) Test { return t.Document() }

// stageFits describes a second stage with its first stage, reduced form and as-used regression.
func stageFits(words fieldexp.Words, outcome string, r *iv.Result) []Fit {
	main := newFit(words, estimatorName(r), outcome, r)
	for _, t := range r.PartialF() {
		main.Tests = append(main.Tests, newTest(t))
	}
	fits := []Fit{main}
	for _, first := range r.FirstStages {
		f := newFit(words, "first stage", or(outcome, r.Outcome), first)
		f.Endogenous = first.Outcome
		fits = append(fits, f)
	}
	return append(fits, newFit(words, "reduced form", outcome, r.ReducedForm), newFit(words, "as used", outcome, r.AsUsed))
}

// newGroupFit describes a model of effects by group.
func newGroupFit(words fieldexp.Words, outcome string, fit *hetero.Fit) Fit {
	f := newFit(words, estimatorName(fit.Model), or(outcome, fit.Outcome), fit.Model)
	add := func(list ...iv.Coefficient) {
		for _, c := range list {
			f.Impacts = append(f.Impacts, newTerm(c))
		}
	}
	add(fit.Base)
	add(fit.Interactions...)
	add(fit.Impacts...)
	add(fit.Trend)
	f.Tests = append(f.Tests, newTest(fit.Equality))
	if c := fit.Consistency; c != nil {
		add(c.Average, c.Pooled, c.Difference)
		for _, share := range c.Shares {
			f.Shares = append(f.Shares, Number(share))
		}
		if c.Drift.Null != "" {
			f.Tests = append(f.Tests, newTest(c.Drift))
		}
	}
	f.Warnings = []string{}
	for _, w := range fit.Warnings {
		f.Warnings = append(f.Warnings, w.In(words))
	}
	return f
}

// estimatorName is the name in JSON.
func estimatorName(r *iv.Result) string { return strings.ToLower(r.Estimator.String()) }

// record keeps a fit for the output, with the evidence on its effects.
func (r *run) record(table, estimator, outcome string, fit *iv.Result, evidence ...*testedEffect) {
	f := newFit(r.opt.Words, estimator, outcome, fit)
	f.Table = table
	for _, e := range evidence {
		f.add(e)
	}
	r.out.Fits = append(r.out.Fits, f)
}

// recordStages keeps a second stage and what it rests on.
func (r *run) recordStages(table, outcome string, fit *iv.Result, evidence *testedEffect) {
	for i, f := range stageFits(r.opt.Words, outcome, fit) {
		f.Table = table
		if i == 0 {
			if f.add(evidence); !r.opt.TablesOnly {
				tested, _ := forInstruments(fit)
				f.Strength = []Strength{newStrength(tested.EffectiveF())}
			}
		}
		r.out.Fits = append(r.out.Fits, f)
	}
}

// recordFigure keeps the fits of a figure, those that no table shows.
func (r *run) recordFigure(figure string, fits ...Fit) {
	for _, f := range fits {
		f.Figure = figure
		r.out.Fits = append(r.out.Fits, f)
	}
}

// addWarning adds a warning, once.
func (f *Fit) addWarning(message string) { f.Warnings = with(f.Warnings, message) }
