package study

import (
	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/late"
	"github.com/fieldexp/fieldexp/report"
)

// Evidence is what was computed on an effect beside its standard error; nil for what was not asked
// for.
type Evidence struct {
	Wild        *Resampling `json:"wild,omitempty"`
	Permutation *Resampling `json:"permutation,omitempty"`
	AR          *iv.Set     `json:"ar,omitempty"`
	Direct      *Direct     `json:"direct,omitempty"`
	Adjusted    *Adjusted   `json:"adjusted,omitempty"`
}

// Direct is an effect of usage where assignment has a direct effect on the outcome, too.
type Direct struct {
	Low       Number    `json:"low"` // the direct effects that are allowed for, in units of the outcome
	High      Number    `json:"high"`
	Bounds    [2]Number `json:"bounds"` // of the estimate
	Set       *iv.Set   `json:"set"`
	Breakdown Number    `json:"breakdown"` // the least direct effect that explains the effect of assignment away
}

// Resampling is a test by draws.
type Resampling struct {
	Method       string  `json:"method"`
	Weights      string  `json:"weights,omitempty"` // the law of bootstrap weights
	Statistic    Number  `json:"statistic"`
	P            Number  `json:"p"`
	MonteCarloSE Number  `json:"monte_carlo_se"`
	Draws        int     `json:"draws"`
	Enumerated   bool    `json:"enumerated"` // the draws are all that there are
	Seed         uint64  `json:"seed"`
	Set          *iv.Set `json:"set,omitempty"`

	common []float64 // statistics of the draws, which effects of one table share
}

// Adjusted is a p-value that allows for other hypotheses.
type Adjusted struct {
	Method     string `json:"method"`
	Of         string `json:"of"` // the p-values that were adjusted: wild, permutation or t
	Hypotheses int    `json:"hypotheses"`
	P          Number `json:"p"`
}

// lines are printed beneath the effect: p-values in brackets, sets in braces.
func (e *Evidence) lines() []report.Line {
	var lines []report.Line
	for _, r := range []struct {
		name string
		*Resampling
	}{{"wild", e.Wild}, {"permutation", e.Permutation}} {
		if r.Resampling != nil {
			lines = append(lines, report.PValue(r.name+" p", float64(r.P)))
			lines = append(lines, setLine(r.name+" set", r.Set)...)
		}
	}
	lines = append(lines, setLine("Anderson-Rubin set", e.AR)...)
	if d := e.Direct; d != nil {
		bounds := iv.Set{Pieces: [][2]float64{{float64(d.Bounds[0]), float64(d.Bounds[1])}}}
		lines = append(lines, report.ConfidenceSet("bounds under direct effects", bounds))
		lines = append(lines, setLine("Anderson-Rubin set under direct effects", d.Set)...)
	}
	if e.Adjusted != nil {
		lines = append(lines, report.PValue("adjusted p", float64(e.Adjusted.P)))
	}
	return lines
}

// setLine is the set in braces, if there is one.
func setLine(name string, s *iv.Set) []report.Line {
	if s == nil || s.Reason != "" {
		return nil
	}
	return []report.Line{report.ConfidenceSet(name, *s)}
}

// direct describes a violation of exclusion.
func direct(v late.Violation) *Direct {
	return &Direct{Low: Number(v.DirectLow), High: Number(v.DirectHigh), Bounds: [2]Number{Number(v.Low), Number(v.High)}, Set: &v.Set, Breakdown: Number(v.Breakdown)}
}

// drawnSet is the set that draws were inverted into; nil where they were not.
func drawnSet(s iv.Set) *iv.Set {
	if s.Reason != "" {
		return nil
	}
	return &s
}

// ofWild describes a bootstrap test.
func ofWild(r *bootstrap.WildResult) *Resampling {
	return &Resampling{Method: r.Method, Weights: r.Spec.Weights.String(), Statistic: Number(r.Statistic), P: Number(r.P), MonteCarloSE: Number(r.MonteCarloSE),
		Draws: r.Counts.Draws, Enumerated: r.Counts.Enumerated, Seed: r.Spec.Seed, Set: drawnSet(r.Set), common: r.Statistics}
}

// ofPermutation describes a test by randomisation inference.
func ofPermutation(e *bootstrap.PermuteEffect, seed uint64) *Resampling {
	return &Resampling{Method: "randomisation inference", Statistic: Number(e.Statistic), P: Number(e.P), MonteCarloSE: Number(e.MonteCarloSE),
		Draws: e.Counts.Draws, Enumerated: e.Counts.Enumerated, Seed: seed, Set: drawnSet(e.Set), common: e.Statistics}
}
