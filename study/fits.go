package study

import (
	"encoding/json"
	"math"

	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/iv"
)

// Fit is an estimated model as results.json and the command's JSON carry it: with all digits.
type Fit struct {
	Table       string         `json:"table,omitempty"` // the table that shows it
	Group       string         `json:"group,omitempty"` // of a model that a group has to itself
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
	Tests       []Test         `json:"tests,omitempty"`
	Strength    []Strength     `json:"strength,omitempty"` // of instruments
	Effects     []Effect       `json:"effects,omitempty"`
	Dropped     Dropped        `json:"dropped"`
	Warnings    []string       `json:"warnings"`
}

// Term is an estimate.
type Term struct {
	Term      string `json:"term"`
	Estimate  Number `json:"estimate"`
	SE        Number `json:"se"`
	DF        Number `json:"df"` // null for the normal distribution
	Statistic Number `json:"statistic"`
	P         Number `json:"p"`
	Low       Number `json:"low"`
	High      Number `json:"high"`
	Evidence
}

// Test is a joint test.
type Test struct {
	Null      string `json:"null"`
	Statistic Number `json:"statistic"`
	DF1       Number `json:"df1"`
	DF2       Number `json:"df2"`
	P         Number `json:"p"`
	Reason    string `json:"reason,omitempty"` // why it could not be computed
}

// Effect is an absorbed effect.
type Effect struct {
	Effect string `json:"effect"`
	Levels int    `json:"levels"`
	Nested bool   `json:"nested"` // in the clusters
}

// Dropped is what did not enter the estimation.
type Dropped struct {
	Missing    int      `json:"missing"`
	ZeroWeight int      `json:"zero_weight"`
	Singletons int      `json:"singletons"`
	Blocks     int      `json:"blocks,omitempty"` // of a comparison of means, with too few units in an arm
	Collinear  []string `json:"collinear"`
}

// Number is a number with all digits; what JSON cannot write is null.
type Number float64

// MarshalJSON writes the shortest digits that read back as the same number.
func (x Number) MarshalJSON() ([]byte, error) {
	if f := float64(x); math.IsNaN(f) || math.IsInf(f, 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(x))
}

// NewFit describes a result. The name of its outcome may be one that people know it by; empty
// stands for the result's own.
func NewFit(estimator, outcome string, r *iv.Result) Fit {
	f := Fit{
		Outcome: or(outcome, r.Outcome), Estimator: estimator, N: r.N, Clusters: make(map[string]int), SE: r.Covariance.Kind.String(),
		K: r.K, Factor: Number(r.Factor), R2: Number(r.R2),
		Dropped:  Dropped{Missing: r.Dropped.Missing, ZeroWeight: r.Dropped.ZeroWeight, Singletons: r.Dropped.Singletons, Collinear: append([]string{}, r.Dropped.Collinear...)},
		Warnings: []string{},
	}
	for _, c := range r.Clusters {
		f.Clusters[c.Column] = c.Count
	}
	for _, c := range r.Coefficients() {
		f.Terms = append(f.Terms, NewTerm(c))
	}
	for _, e := range r.Effects {
		f.Effects = append(f.Effects, Effect{e.Effect.String(), e.Levels, e.Nested})
	}
	for _, w := range r.Warnings {
		f.Warnings = append(f.Warnings, w.String())
	}
	return f
}

// NewTerm describes a coefficient.
func NewTerm(c iv.Coefficient) Term {
	return Term{Term: c.Name, Estimate: Number(c.Estimate), SE: Number(c.SE), DF: Number(c.DF), Statistic: Number(c.Statistic), P: Number(c.P),
		Low: Number(c.Low), High: Number(c.High)}
}

// NewTest describes a test.
func NewTest(t iv.Test) Test {
	return Test{t.Null, Number(t.Statistic), Number(t.DF1), Number(t.DF2), Number(t.P), t.Reason}
}

// Stages describes a second stage with its first stage, reduced form and as-used regression.
func Stages(outcome string, r *iv.Result) []Fit {
	main := NewFit(estimatorName(r), outcome, r)
	for _, t := range r.PartialF() {
		main.Tests = append(main.Tests, NewTest(t))
	}
	tested, _ := forInstruments(r)
	main.Strength = []Strength{newStrength(tested.EffectiveF())}
	fits := []Fit{main}
	for _, first := range r.FirstStages {
		f := NewFit("first stage", or(outcome, r.Outcome), first)
		f.Endogenous = first.Outcome
		fits = append(fits, f)
	}
	return append(fits, NewFit("reduced form", outcome, r.ReducedForm), NewFit("as used", outcome, r.AsUsed))
}

// NewGroupFit describes a model of effects by group.
func NewGroupFit(outcome string, fit *hetero.Fit) Fit {
	f := NewFit(estimatorName(fit.Model), or(outcome, fit.Outcome), fit.Model)
	add := func(list ...iv.Coefficient) {
		for _, c := range list {
			f.Impacts = append(f.Impacts, NewTerm(c))
		}
	}
	add(fit.Base)
	add(fit.Interactions...)
	add(fit.Impacts...)
	add(fit.Trend)
	f.Tests = append(f.Tests, NewTest(fit.Equality))
	if c := fit.Consistency; c != nil {
		add(c.Average, c.Pooled, c.Difference)
		if c.Drift.Null != "" {
			f.Tests = append(f.Tests, NewTest(c.Drift))
		}
	}
	f.Warnings = []string{}
	for _, w := range fit.Warnings {
		f.Warnings = append(f.Warnings, w.String())
	}
	return f
}

// estimatorName is the name in JSON.
func estimatorName(r *iv.Result) string {
	return map[iv.Estimator]string{iv.OLS: "ols", iv.TwoStage: "2sls", iv.LIML: "liml", iv.Fuller: "fuller"}[r.Estimator]
}

// record keeps a fit for the output, with the evidence on its effects.
func (r *run) record(table, estimator, outcome string, fit *iv.Result, evidence ...*Judged) {
	f := NewFit(estimator, outcome, fit)
	f.Table = table
	for _, e := range evidence {
		f.Add(e)
	}
	r.out.Fits = append(r.out.Fits, f)
}

// recordStages keeps a second stage and what it rests on.
func (r *run) recordStages(table, outcome string, fit *iv.Result, evidence *Judged) {
	for i, f := range Stages(outcome, fit) {
		f.Table = table
		if i == 0 {
			f.Add(evidence)
		}
		r.out.Fits = append(r.out.Fits, f)
	}
}

// AddWarning adds a warning, once.
func (f *Fit) AddWarning(message string) { f.Warnings = with(f.Warnings, message) }
