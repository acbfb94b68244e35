package bootstrap

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/internal/parallel"
	"github.com/fieldexp/fieldexp/iv"
)

// PairsSpec says how to resample clusters.
type PairsSpec struct {
	Term  string  // the coefficient
	Value float64 // its value under the null
	Draws int     // number of draws; 0 means 9,999
	Seed  uint64
	Tail  Tail
	PRule PRule
	Ties  Ties
	Level float64 // of confidence intervals; 0 means the result's
	// Progress, when set, is told how many of the draws are done. It is called from one
	// goroutine at a time.
	Progress func(done, total int)
}

// Interval is the values from Low to High.
type Interval struct{ Low, High float64 }

// PairsResult is the outcome of a pairs cluster bootstrap.
type PairsResult struct {
	Outcome   string
	Term      string
	Estimate  float64
	SE        float64 // the result's
	Value     float64 // under the null
	Statistic float64
	// P compares the studentised deviations of the draws from the estimate with the statistic.
	P            float64
	MonteCarloSE float64
	Counts       Counts
	// SD is the standard deviation of the estimates of the draws: the bootstrap standard error.
	SD float64
	// Percentile has the quantiles of the draws' estimates as ends; Studentised those of their t,
	// times the standard error, around the estimate.
	Percentile, Studentised Interval
	Level                   float64
	// Estimates and Statistics hold those of each draw; NaN where the draw's clusters do not
	// identify the model.
	Estimates, Statistics []float64
	Spec                  PairsSpec // as used
	Clusters              int
}

// Pairs resamples whole clusters with replacement, and estimates the model of the result (least
// squares, or two-stage least squares with one endogenous column) on each draw, from the clusters' cross-
// products. The percentile interval (Efron) has the coverage of normal intervals with a bootstrap standard
// error at best; the studentised one is a refinement. Both need more clusters than the wild
// bootstrap, and a draw without treated clusters identifies nothing and is left out. Stata's vce(bootstrap,
// cluster()), and Cameron, Gelbach and Miller's (2008) pairs cluster bootstrap-t.
//
// The result must have one clustering and CR0 or CR1. A draw costs clusters times squared columns.
func Pairs(ctx context.Context, r *iv.Result, spec PairsSpec) (*PairsResult, error) {
	if r == nil {
		return nil, noResult()
	}
	wild := WildSpec{Term: spec.Term, Value: spec.Value, Draws: spec.Draws, Seed: spec.Seed, Tail: spec.Tail, PRule: spec.PRule, Ties: spec.Ties, Level: spec.Level}
	if err := wild.check(r.Level); err != nil {
		return nil, err
	}
	spec.Draws, spec.Level = wild.Draws, wild.Level
	switch {
	case len(r.Clusters) > 1:
		return nil, bad(fieldexp.NotAvailable,
			fmt.Sprintf("the model of %q is clustered in %d ways", r.Outcome, len(r.Clusters)),
			"estimate with one clustering")
	case len(r.Clusters) == 1 && r.Covariance.Kind != iv.CR0 && r.Covariance.Kind != iv.CR1:
		return nil, bad(fieldexp.NotAvailable,
			fmt.Sprintf("pairs of clusters with %s standard errors", r.Covariance.Kind),
			"use {CR0} or {CR1}")
	}
	c, err := r.Coefficient(spec.Term)
	if err != nil {
		return nil, err
	}
	p, err := newPairs(r, spec.Term)
	if err != nil {
		return nil, err
	}
	res := &PairsResult{Outcome: r.Outcome, Term: spec.Term, Estimate: c.Estimate, SE: c.SE, Value: spec.Value, Statistic: (c.Estimate - spec.Value) / c.SE,
		Level: spec.Level, Spec: spec, Clusters: p.groups, Estimates: make([]float64, spec.Draws), Statistics: make([]float64, spec.Draws)}
	plan := newDrawing(Normal, spec.Seed, spec.Draws, p.groups)
	report := reporter(spec.Progress, spec.Draws)
	err = parallel.For(ctx, plan.blocks(), func(block int) {
		from, to := plan.bounds(block)
		p.draw(stream(spec.Seed, uint64(block)), res.Estimates[from:to], res.Statistics[from:to])
		report(to - from)
	})
	if err != nil {
		return nil, err
	}
	root := math.Sqrt(r.Factor)
	for b := range res.Estimates {
		res.Estimates[b] += c.Estimate
		res.Statistics[b] /= root
	}
	res.summarise(&wild)
	return res, nil
}

// summarise computes intervals and the p-value.
func (r *PairsResult) summarise(spec *WildSpec) {
	r.Counts = Counts{Draws: len(r.Statistics)}
	for _, t := range r.Statistics {
		r.Counts.add(t, r.Statistic)
	}
	r.P = spec.symmetric(&r.Counts)
	if spec.Tail == EqualTailed {
		r.P = spec.equalTailed(&r.Counts)
	}
	r.MonteCarloSE = standardError(r.P, spec.Tail, &r.Counts)
	estimates, statistics := defined(r.Estimates), defined(r.Statistics)
	mean, squares := 0.0, 0.0
	for i, e := range estimates {
		step := e - mean
		mean += step / float64(i+1)
		squares += step * (e - mean)
	}
	r.SD = math.Sqrt(squares / float64(len(estimates)-1))
	tail := (1 - r.Level) / 2
	r.Percentile = Interval{quantile(estimates, tail), quantile(estimates, 1-tail)}
	r.Studentised = Interval{r.Estimate - r.SE*quantile(statistics, 1-tail), r.Estimate - r.SE*quantile(statistics, tail)}
	if r.Spec.Tail == Symmetric {
		for i, t := range statistics {
			statistics[i] = math.Abs(t)
		}
		slices.Sort(statistics)
		reach := r.SE * quantile(statistics, r.Level)
		r.Studentised = Interval{r.Estimate - reach, r.Estimate + reach}
	}
}

// defined lists the values that are numbers, in increasing order.
func defined(values []float64) []float64 {
	var list []float64
	for _, v := range values {
		if !math.IsNaN(v) {
			list = append(list, v)
		}
	}
	slices.Sort(list)
	return list
}

// quantile is the value of rank p (n+1), between neighbours in proportion (R's type 6), so that n draws
// and the data cut the line into n+1 equally likely pieces. NaN without values.
func quantile(sorted []float64, p float64) float64 {
	n := len(sorted)
	if n == 0 {
		return math.NaN()
	}
	rank := p * float64(n+1)
	below := int(math.Floor(rank))
	switch {
	case below < 1:
		return sorted[0]
	case below >= n:
		return sorted[n-1]
	}
	return sorted[below-1] + (rank-float64(below))*(sorted[below]-sorted[below-1])
}

// Notes says how the draws were made, for the foot of a table.
func (r *PairsResult) Notes() []string {
	kind := "symmetric"
	if r.Spec.Tail == EqualTailed {
		kind = "equal-tailed"
	}
	notes := []string{fmt.Sprintf("Pairs cluster bootstrap: %s clusters resampled with replacement, %s draws, seed %d; %s p-value and studentised interval; Monte Carlo standard error of p %.2g.",
		brief.Count(r.Clusters), brief.Count(r.Counts.Draws), r.Spec.Seed, kind, r.MonteCarloSE)}
	if r.Counts.Undefined > 0 {
		notes = append(notes, brief.Count(r.Counts.Undefined)+" draws do not identify the model; they count as extreme and are in no quantile.")
	}
	return notes
}
