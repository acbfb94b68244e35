package main

import (
	"math"
	"math/rand/v2"
	"sort"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"
)

// experimentColumns are those of the file, in order.
var experimentColumns = strings.Fields(`agent_id day hour issue_type assigned used baseline tenure
	c1 c2 c3 c4 y1 y2 y3 y4 y5 y6 y7 y8 y9 y10`)

var issueNames = strings.Fields("billing returns shipping login password tax payroll upgrade cancel bug feature other")

const (
	experimentDays = 30
	outcomeCount   = 10
)

// usageEffects are the effects of usage on the outcomes, on the scale of their index.
var usageEffects = [outcomeCount]float64{.14, .02, .08, -.10, .05, 0, .12, -.03, 0, .06}

// experiment is a field experiment among agents, half of them assigned; those assigned use in about
// 55% of rows, and the abler among them more. Agents have sizes, abilities and effects of their own,
// days and issues have effects, and outcomes are correlated and of the kinds that service logs have:
// symmetric, binary, log-normal durations, counts, and scores bounded by 100.
type experiment struct {
	seed   uint64
	agents []experimentAgent
	size   cumulative // of agents, by their share of rows
	issue  cumulative
	day    [experimentDays]float64
	issues []float64
}

type experimentAgent struct {
	assigned         bool
	baseline, tenure float64
	ability, taste   float64
	effects          [outcomeCount]float64
}

// newExperiment draws all that is not a row's own.
func newExperiment(clusters int, seed uint64) *experiment {
	rng := rand.New(rand.NewPCG(seed, 0))
	gamma := func(shape, scale float64) float64 {
		return distuv.Gamma{Alpha: shape, Beta: 1 / scale, Src: rng}.Rand()
	}
	e := &experiment{seed: seed, agents: make([]experimentAgent, clusters)}
	for _, a := range rng.Perm(clusters)[:clusters/2] {
		e.agents[a].assigned = true
	}
	var loadings [outcomeCount][3]float64
	var abilities [outcomeCount]float64
	for j := range loadings {
		for k := range loadings[j] {
			loadings[j][k] = .5 * rng.NormFloat64()
		}
		abilities[j] = .2 + .2*rng.Float64()
	}
	sizes := make([]float64, clusters)
	for i := range e.agents {
		a := &e.agents[i]
		a.baseline, a.tenure = rounded(2.2+.55*rng.NormFloat64(), 4), rounded(gamma(1.6, 11), 2)
		a.ability, a.taste = rng.NormFloat64(), rng.NormFloat64()
		sizes[i] = gamma(4, 1)
		factors := [3]float64{rng.NormFloat64(), rng.NormFloat64(), rng.NormFloat64()}
		for j := range a.effects {
			a.effects[j] = abilities[j]*a.ability + .2*rng.NormFloat64()
			for k, f := range factors {
				a.effects[j] += .35 * f * loadings[j][k]
			}
		}
	}
	e.size = newCumulative(sizes)
	for d := range e.day {
		e.day[d] = .15 * rng.NormFloat64()
	}
	shares := make([]float64, len(issueNames))
	for i := range shares { // gammas over their sum: a Dirichlet draw
		shares[i] = gamma(3, 1)
		e.issues = append(e.issues, .35*rng.NormFloat64())
	}
	e.issue = newCumulative(shares)
	return e
}

// experimentRow is a row of the file.
type experimentRow struct {
	agent, day, hour, issue int
	used                    bool
	c                       [4]float64
	y                       [outcomeCount]float64
}

// draw fills a row.
func (e *experiment) draw(r *experimentRow, rng *rand.Rand) {
	r.agent, r.issue = e.size.draw(rng), e.issue.draw(rng)
	r.day = rng.IntN(experimentDays)
	r.hour = min(23, int(24*distuv.Beta{Alpha: 2.5, Beta: 2.2, Src: rng}.Rand()))
	a := &e.agents[r.agent]
	r.c[0] = rng.NormFloat64()
	r.c[1] = 1.5 * (rng.ExpFloat64() + rng.ExpFloat64())
	r.c[2] = 0
	if rng.Float64() < .3 {
		r.c[2] = 1
	}
	r.c[3] = .3*r.c[0] + rng.NormFloat64()
	uptake := 1 / (1 + math.Exp(-(.25 + .8*a.taste + .2*r.c[0] + .3*a.ability)))
	r.used = rng.Float64() < uptake && a.assigned

	common := e.day[r.day] + e.issues[r.issue] + .1*math.Sin(2*math.Pi*float64(r.hour)/24)
	shared := .5 * rng.NormFloat64()
	controls := .10*r.c[0] - .05*r.c[1] + .08*r.c[2] + .04*r.c[3]
	for j := range r.y {
		index := a.effects[j] + common*(.5+.1*float64(j)) + controls
		if j%3 == 0 {
			index += .15 * math.Log1p(a.tenure)
		}
		if r.used {
			index += usageEffects[j]
			if j == 0 { // agents who were slow before gain more
				index -= .08 * (a.baseline - 2.2) / .55
			}
		}
		r.y[j] = outcome(j, index, shared+.87*rng.NormFloat64(), rng)
	}
}

// outcome turns an index and its error into a value of the kind that the outcome has.
func outcome(j int, index, noise float64, rng *rand.Rand) float64 {
	switch j % 5 {
	case 0: // a rate
		return 2 + index + noise
	case 1: // yes or no
		if index+noise > .2 {
			return 1
		}
		return 0
	case 2: // a duration
		return math.Exp(3.2 + .35*index + .6*noise)
	case 3: // a count
		rate := math.Exp(min(4, max(-6, .6+.3*index+.3*noise)))
		return distuv.Poisson{Lambda: rate, Src: rng}.Rand()
	}
	return 100 / (1 + math.Exp(-(1.2 + .6*index + .8*noise))) // a score
}

// cumulative draws an index with given weights.
type cumulative []float64

func newCumulative(weights []float64) cumulative {
	c := make(cumulative, len(weights))
	total := 0.
	for i, w := range weights {
		total += w
		c[i] = total
	}
	return c
}

// draw finds the first sum that is above a uniform share of the total.
func (c cumulative) draw(rng *rand.Rand) int {
	last := len(c) - 1
	u := rng.Float64() * c[last]
	return sort.Search(last, func(i int) bool { return c[i] > u })
}

// rounded is v to so many decimals.
func rounded(v float64, decimals int) float64 {
	return math.RoundToEven(v*powers[decimals]) / powers[decimals]
}

var powers = [...]float64{1, 10, 100, 1000, 10000}
