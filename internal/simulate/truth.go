package simulate

import (
	"math"
	"sort"
)

// Truth is what is known about a simulated study: what was planted, and what an estimator should
// find. It is the content of truth.json.
type Truth struct {
	Config Config `json:"config"`
	Counts Counts `json:"counts"`
	Usage  Usage  `json:"usage"`
	// Outcomes has every outcome with a planted effect. Ratios of messages, active time and the
	// share of time spent away follow from these and have no effect of their own; concurrency,
	// customer tenure, being rated, and issues have none.
	Outcomes []OutcomeTruth `json:"outcomes"`
	Notes    []string       `json:"notes"`
}

// Counts are sizes of the study. Agent-days and agent-hours are those with chats.
type Counts struct {
	Agents     int `json:"agents"`
	Treated    int `json:"treated"`
	Chats      int `json:"chats"`
	AgentDays  int `json:"agent_days"`
	AgentHours int `json:"agent_hours"`

	PreChatsTreated  int `json:"pre_chats_treated"`
	PreChatsControl  int `json:"pre_chats_control"`
	PostChatsTreated int `json:"post_chats_treated"`
	PostChatsControl int `json:"post_chats_control"`
	PostDaysTreated  int `json:"post_agent_days_treated"`
}

// Usage sums up how treated agents used the assistant from the launch on.
type Usage struct {
	// Shares of chats.
	ChatUsed     float64 `json:"chat_used"`
	ChatComplete float64 `json:"chat_complete"`
	ChatPartial  float64 `json:"chat_partial"`
	// Means and standard deviations over agent-days of the share of the day's chats.
	DayUsed       float64 `json:"day_used"`
	DayUsedSD     float64 `json:"day_used_sd"`
	DayComplete   float64 `json:"day_complete"`
	DayCompleteSD float64 `json:"day_complete_sd"`
	DayPartial    float64 `json:"day_partial"`
	DayPartialSD  float64 `json:"day_partial_sd"`
	// Shares of treated agents with chats since the launch.
	NeverUsed  float64 `json:"never_used"`
	AlwaysUsed float64 `json:"always_used"`
	// Agent-day means of each week since the launch; usage is their sum.
	CompleteByWeek []float64 `json:"complete_by_week"`
	PartialByWeek  []float64 `json:"partial_by_week"`
	// Agent-day and chat means by skill group and by fifth of the rating before the launch, the
	// lowest first. Agents without a rating before the launch are in no fifth.
	DayBySkill     []float64 `json:"day_by_skill"`
	ChatBySkill    []float64 `json:"chat_by_skill"`
	DayByBaseline  []float64 `json:"day_by_baseline"`
	ChatByBaseline []float64 `json:"chat_by_baseline"`
}

// OutcomeTruth is the truth about one outcome: beta is the effect of a usage of one in a skill
// group, and an agent-day with the given usage has the effect beta*usage.
type OutcomeTruth struct {
	Name    string `json:"name"`    // a column of chats.csv; dissatisfied is a rating of 1 or 2
	Measure string `json:"measure"` // the agent-day variable that the effect moves
	Source  string `json:"source"`  // where the published preset's effects come from

	Planted []float64 `json:"planted"` // beta by skill group, the lowest first

	Pooled Estimand `json:"pooled"`
	// BySkill is by skill group, which an analyst cannot see; ByBaseline by fifth of the mean
	// rating before the launch (R's type 7 cut points over all agents with a rating, right
	// closed), which is what an analyst estimates.
	BySkill    []Estimand `json:"by_skill"`
	ByBaseline []Estimand `json:"by_baseline"`
}

// Estimand is what an estimator aims at, over the agent-days of treated agents since the launch
// on which the outcome was observed.
type Estimand struct {
	LATE      float64 `json:"late"` // sum of beta*usage over sum of usage; 0 without usage
	ITT       float64 `json:"itt"`  // mean of beta*usage
	Usage     float64 `json:"usage"`
	AgentDays int     `json:"agent_days"`
}

// notes are said once for all outcomes.
var notes = []string{
	"Simulated data. Effects work through usage: the share of an agent-day's chats in which the assistant was used.",
	"Every chat of an agent-day carries beta*usage of that day, whether or not it was a chat with usage; estimands are agent-day estimands, each agent-day counted once.",
	"An agent-hour carries beta*usage of its whole day.",
	"Regressions with agent and day effects weight agent-days by how much they say about the effect; where beta differs by group their LATE may part from the one here by a few hundredths of its size, and their ITT is LATE times their own first stage.",
	"Retrial flags are drawn; they do not follow from customer_id and start.",
}

// newTruth adds the agents' tallies up, in their order.
func newTruth(w *world, tallies []tally) Truth {
	t := Truth{Config: w.cfg, Notes: notes}
	all := &access{}
	skill := make([]int, len(tallies))
	baseline := baselineFifths(tallies)
	accessed, never, always := 0, 0, 0
	c := &t.Counts
	c.Agents = len(tallies)
	for i := range tallies {
		a, y := &w.agents[i], &tallies[i]
		skill[i] = a.group
		c.Chats += y.chats
		c.AgentDays += y.days
		c.AgentHours += y.hours
		if !a.treated {
			c.PreChatsControl += y.preChats
			c.PostChatsControl += y.chats - y.preChats
			continue
		}
		c.Treated++
		c.PreChatsTreated += y.preChats
		c.PostChatsTreated += y.chats - y.preChats
		c.PostDaysTreated += y.days - y.preDays
		all.merge(y.access)
		if y.access != nil {
			accessed++
			switch y.access.complete + y.access.partial {
			case 0:
				never++
			case y.access.chats:
				always++
			}
		}
	}
	t.Usage = usageOf(all)
	t.Usage.NeverUsed = ratio(float64(never), accessed)
	t.Usage.AlwaysUsed = ratio(float64(always), accessed)
	t.Usage.DayBySkill, t.Usage.ChatBySkill = usageBy(tallies, skill)
	t.Usage.DayByBaseline, t.Usage.ChatByBaseline = usageBy(tallies, baseline)
	for o := range outcomes {
		t.Outcomes = append(t.Outcomes, outcomeTruth(w, tallies, o, skill, baseline))
	}
	return t
}

// usageOf sums up usage.
func usageOf(s *access) Usage {
	u := Usage{
		ChatUsed:      ratio(float64(s.complete+s.partial), s.chats),
		ChatComplete:  ratio(float64(s.complete), s.chats),
		ChatPartial:   ratio(float64(s.partial), s.chats),
		DayUsed:       s.usage.mean(),
		DayUsedSD:     s.usage.sd(),
		DayComplete:   s.completeShare.mean(),
		DayCompleteSD: s.completeShare.sd(),
		DayPartial:    s.partialShare.mean(),
		DayPartialSD:  s.partialShare.sd(),
	}
	for w := range s.weeks {
		u.CompleteByWeek = append(u.CompleteByWeek, s.weeks[w].complete.mean())
		u.PartialByWeek = append(u.PartialByWeek, s.weeks[w].partial.mean())
	}
	return u
}

// usageBy is the mean usage over agent-days and chats by group.
func usageBy(tallies []tally, group []int) (day, chat []float64) {
	var sums [Groups]access
	for i := range tallies {
		if g := group[i]; g >= 0 {
			sums[g].merge(tallies[i].access)
		}
	}
	for g := range sums {
		s := &sums[g]
		day = append(day, s.usage.mean())
		chat = append(chat, ratio(float64(s.complete+s.partial), s.chats))
	}
	return day, chat
}

// outcomeTruth works out the estimands of an outcome.
func outcomeTruth(w *world, tallies []tally, o int, skill, baseline []int) OutcomeTruth {
	t := OutcomeTruth{Name: outcomes[o].name, Measure: outcomes[o].measure, Source: outcomes[o].source}
	var pooled effectSum
	var bySkill, byBaseline [Groups]effectSum
	for i := range tallies {
		if tallies[i].access == nil {
			continue
		}
		seen := tallies[i].access.seen[o]
		beta := w.planted[skill[i]][o]
		pooled.add(beta, seen)
		bySkill[skill[i]].add(beta, seen)
		if g := baseline[i]; g >= 0 {
			byBaseline[g].add(beta, seen)
		}
	}
	t.Pooled = pooled.estimand()
	for g := range bySkill {
		t.Planted = append(t.Planted, w.planted[g][o])
		t.BySkill = append(t.BySkill, bySkill[g].estimand())
		t.ByBaseline = append(t.ByBaseline, byBaseline[g].estimand())
	}
	return t
}

// effectSum adds up effects over agent-days.
type effectSum struct {
	days          int
	usage, effect float64
}

func (s *effectSum) add(beta float64, seen share) {
	s.days += seen.days
	s.usage += seen.sum
	s.effect += beta * seen.sum
}

func (s *effectSum) estimand() Estimand {
	e := Estimand{AgentDays: s.days, Usage: ratio(s.usage, s.days), ITT: ratio(s.effect, s.days)}
	if s.usage > 0 {
		e.LATE = s.effect / s.usage
	}
	return e
}

// ratio is sum/n, and 0 for none.
func ratio(sum float64, n int) float64 {
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

// baselineFifths cuts agents into fifths of their mean rating before the launch: -1 without one.
func baselineFifths(tallies []tally) []int {
	means := make([]float64, 0, len(tallies))
	for i := range tallies {
		if tallies[i].ratings > 0 {
			means = append(means, ratio(float64(tallies[i].ratingSum), tallies[i].ratings))
		}
	}
	sort.Float64s(means)
	var cuts [Groups - 1]float64
	for k := range cuts {
		cuts[k] = quantile(means, float64(k+1)/Groups)
	}
	fifths := make([]int, len(tallies))
	for i := range tallies {
		if tallies[i].ratings == 0 {
			fifths[i] = -1
			continue
		}
		mean := ratio(float64(tallies[i].ratingSum), tallies[i].ratings)
		fifths[i] = sort.SearchFloat64s(cuts[:], mean)
	}
	return fifths
}

// quantile is R's type 7 quantile of ascending values; NaN of none.
func quantile(sorted []float64, p float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	h := p * float64(len(sorted)-1)
	i := min(int(h), len(sorted)-1)
	j := min(i+1, len(sorted)-1)
	return sorted[i] + (h-float64(i))*(sorted[j]-sorted[i])
}
