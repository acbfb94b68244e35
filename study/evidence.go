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
	Wild        *Resampling    `json:"wild,omitempty"`
	Permutation *Resampling    `json:"permutation,omitempty"`
	AR          *ConfidenceSet `json:"ar,omitempty"`
	Direct      *Direct        `json:"direct,omitempty"`
	Adjusted    *Adjusted      `json:"adjusted,omitempty"`
}

// ConfidenceSet is a set of effects: pieces of the line, of which the outer ends are null where they
// are infinite.
type ConfidenceSet struct {
	Pieces [][2]Number `json:"pieces"`
	Level  Number      `json:"level"`
	Reason string      `json:"reason,omitempty"` // why it could not be computed
}

// Direct is an effect of usage where assignment has a direct effect on the outcome, too.
type Direct struct {
	Low       Number         `json:"low"` // the direct effects that are allowed for, in units of the outcome
	High      Number         `json:"high"`
	Bounds    [2]Number      `json:"bounds"` // of the estimate
	Set       *ConfidenceSet `json:"set"`
	Breakdown Number         `json:"breakdown"` // the least direct effect that explains the effect of assignment away
}

// Resampling is a test by draws.
type Resampling struct {
	Method       string         `json:"method"`
	Weights      string         `json:"weights,omitempty"` // the law of bootstrap weights
	Statistic    Number         `json:"statistic"`
	P            Number         `json:"p"`
	MonteCarloSE Number         `json:"monte_carlo_se"`
	Draws        int            `json:"draws"`
	Enumerated   bool           `json:"enumerated"` // the draws are all that there are
	Seed         uint64         `json:"seed"`
	Set          *ConfidenceSet `json:"set,omitempty"`

	common []float64 // statistics of the draws, which effects of one table share
}

// Adjusted is a p-value that allows for other hypotheses.
type Adjusted struct {
	Method     string `json:"method"`
	Of         string `json:"of"` // the p-values that were adjusted: wild, permutation or t
	Hypotheses int    `json:"hypotheses"`
	P          Number `json:"p"`
}

// Lines are printed beneath the effect: p-values in brackets, sets in braces.
func (e *Evidence) Lines() []report.Line {
	var lines []report.Line
	for _, r := range []struct {
		name string
		*Resampling
	}{{"wild", e.Wild}, {"permutation", e.Permutation}} {
		if r.Resampling != nil {
			lines = append(lines, report.PValue(r.name+" p", float64(r.P)))
			lines = append(lines, r.Set.lines(r.name+" set")...)
		}
	}
	lines = append(lines, e.AR.lines("Anderson-Rubin set")...)
	if d := e.Direct; d != nil {
		lines = append(lines, report.ConfidenceSet("bounds under direct effects", [2]float64{float64(d.Bounds[0]), float64(d.Bounds[1])}))
		lines = append(lines, d.Set.lines("Anderson-Rubin set under direct effects")...)
	}
	if e.Adjusted != nil {
		lines = append(lines, report.PValue("adjusted p", float64(e.Adjusted.P)))
	}
	return lines
}

// lines is the set in braces, if there is one.
func (s *ConfidenceSet) lines(name string) []report.Line {
	if s == nil || s.Reason != "" {
		return nil
	}
	pieces := make([][2]float64, len(s.Pieces))
	for i, p := range s.Pieces {
		pieces[i] = [2]float64{float64(p[0]), float64(p[1])}
	}
	return []report.Line{report.ConfidenceSet(name, pieces...)}
}

// direct describes a violation of exclusion.
func direct(v late.Violation) *Direct {
	return &Direct{Low: Number(v.DirectLow), High: Number(v.DirectHigh), Bounds: [2]Number{Number(v.Low), Number(v.High)}, Set: arSet(v.Set), Breakdown: Number(v.Breakdown)}
}

// arSet describes an Anderson-Rubin set.
func arSet(s iv.Set) *ConfidenceSet {
	set := &ConfidenceSet{Pieces: [][2]Number{}, Level: Number(s.Level), Reason: s.Reason}
	for _, p := range s.Pieces {
		set.Pieces = append(set.Pieces, [2]Number{Number(p[0]), Number(p[1])})
	}
	return set
}

// drawnSet describes a set that draws were inverted into; nil where there is none.
func drawnSet(s bootstrap.Set, level float64) *ConfidenceSet {
	if s == nil {
		return nil
	}
	set := &ConfidenceSet{Pieces: [][2]Number{}, Level: Number(level)}
	for _, p := range s {
		set.Pieces = append(set.Pieces, [2]Number{Number(p.Low), Number(p.High)})
	}
	return set
}

// ofWild describes a bootstrap test.
func ofWild(r *bootstrap.WildResult) *Resampling {
	return &Resampling{Method: r.Method, Weights: r.Spec.Weights.String(), Statistic: Number(r.Statistic), P: Number(r.P), MonteCarloSE: Number(r.MonteCarloSE),
		Draws: r.Counts.Draws, Enumerated: r.Counts.Enumerated, Seed: r.Spec.Seed, Set: drawnSet(r.Set, r.Level), common: r.Statistics}
}

// ofPermutation describes a test by randomisation inference.
func ofPermutation(e *bootstrap.PermuteEffect, seed uint64) *Resampling {
	return &Resampling{Method: "randomisation inference", Statistic: Number(e.Statistic), P: Number(e.P), MonteCarloSE: Number(e.MonteCarloSE),
		Draws: e.Counts.Draws, Enumerated: e.Counts.Enumerated, Seed: seed, Set: drawnSet(e.Set, e.Level), common: e.Statistics}
}
