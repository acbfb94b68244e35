package simulate

import (
	"math"
	"math/rand/v2"
	"sort"
)

// agent holds what is fixed about an agent. Deviations are in logarithms unless said otherwise.
type agent struct {
	index   int
	treated bool
	male    bool
	age     int // years
	tenure  int // days

	skill float64 // standard normal; what ratings reveal with noise
	group int     // fifth of the skill, 0 lowest

	load      float64 // standard normal; busy agents have more chats a day
	burden    float64 // deviation of concurrency, in chats
	pace      float64 // deviation of ln times
	delay     float64 // deviation of ln identification time
	wordiness float64 // deviation of ln messages
	style     float64 // standard normal; lexical measures

	first, last int     // days between which the agent is employed
	attendance  float64 // share of those days with chats

	taste   taste
	appeal  float64 // log-odds of using the assistant, before the day's part
	editing float64 // log-odds that a use is partial: edited before it is sent
}

// taste says whether an agent weighs usage at all.
type taste int

const (
	weighs taste = iota // uses it in some chats
	never
	always
)

// Shape of the agents. Means and deviations are set so that the chats match Table 1 and the
// agents Tables A2 and A7 of the reference study; docs/simulation.md shows how nearly.
const (
	maleShare  = 0.18
	ageMean    = 31.75
	ageSD      = 6.1
	tenureMean = 123.2
	tenureSD   = 54.8

	loadBySkill = 0.50 // correlation
	burdenSD    = 0.48
	burdenLoad  = 0.35 // correlation of concurrency with load
	paceSD      = 0.17
	delaySD     = 0.35

	lateShare  = 0.12 // agents who join while the study runs
	leaveShare = 0.15 // agents who leave while it runs

	attendanceBase  = -0.17 // log-odds of working on a day
	attendanceSkill = 0.25
	attendanceSD    = 0.70

	neverShare  = 0.138
	alwaysShare = 0.055
)

// agents draws everybody: traits from one stream an agent, assignment by a random permutation,
// skill groups by rank.
func agents(cfg Config) []agent {
	all := make([]agent, cfg.Agents)
	for i := range all {
		all[i] = traits(i, stream(cfg.Seed, forTraits, i))
	}
	for _, i := range stream(cfg.Seed, forAssignment, 0).Perm(len(all))[:cfg.treatedAgents()] {
		all[i].treated = true
	}
	rank := make([]int, len(all))
	for i := range rank {
		rank[i] = i
	}
	sort.SliceStable(rank, func(i, j int) bool { return all[rank[i]].skill < all[rank[j]].skill })
	for place, i := range rank {
		all[i].group = place * Groups / len(all)
	}
	return all
}

// traits draws an agent but for assignment and group.
func traits(index int, r *rand.Rand) agent {
	a := agent{index: index}
	a.male = r.Float64() < maleShare
	a.age = int(math.Round(clamp(ageMean+ageSD*r.NormFloat64(), 18, 60)))
	a.tenure = int(math.Round(clamp(tenureMean+tenureSD*r.NormFloat64(), 7, 364)))

	a.skill = r.NormFloat64()
	a.load = correlated(r, a.skill, loadBySkill)
	a.burden = burdenSD * correlated(r, a.load, burdenLoad)
	a.pace = paceSD * correlated(r, a.skill, -0.3)
	a.delay = delaySD * correlated(r, a.skill, -0.3)
	a.wordiness = 0.15 * r.NormFloat64()
	a.style = r.NormFloat64()

	a.last = Days
	if r.Float64() < lateShare {
		a.first = r.IntN(Days)
		a.appeal += appealNew
	}
	if r.Float64() < leaveShare {
		a.last = a.first + 1 + r.IntN(Days-a.first)
	}
	a.attendance = logistic(attendanceBase + attendanceSkill*a.skill + attendanceSD*r.NormFloat64())

	switch u := r.Float64(); {
	case u < neverShare:
		a.taste = never
	case u < neverShare+alwaysShare:
		a.taste = always
	}
	a.appeal += appealBase + appealSD*r.NormFloat64() +
		appealSkill*a.skill + appealSkill2*(a.skill*a.skill-1) +
		appealLoad*a.load + appealBurden*a.burden + appealPace*a.pace +
		appealAge*(float64(a.age)-ageMean) + appealTenure*math.Log(float64(a.tenure)/115)
	if a.male {
		a.appeal += appealMale
	}
	a.editing = editingBase + editingLoad*a.load + editingSD*r.NormFloat64()
	return a
}

// correlated draws a standard normal with the given correlation with another.
func correlated(r *rand.Rand, with, correlation float64) float64 {
	return correlation*with + math.Sqrt(1-correlation*correlation)*r.NormFloat64()
}
