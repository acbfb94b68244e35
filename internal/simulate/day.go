package simulate

import (
	"math"
	"math/rand/v2"
)

// maxChatsPerDay bounds the chats of an agent-day.
const maxChatsPerDay = 170

// How many chats an agent-day has, and when.
const (
	preLoad  = 24.6 // mean chats of an ordinary day before the launch
	postLoad = 21.5
	loadSD   = 0.50 // of ln chats between agents
	busySD   = 0.58 // of ln chats between an agent's days
	// stubShare is the share of days on which an agent takes only a few chats: about a quarter
	// of the reference study's agent-days have no rating, more than steady days could give.
	stubShare = 0.20
	stubMean  = 2.0
)

// Usage: log-odds of using the assistant.
const (
	appealBase   = -2.06
	appealSD     = 1.65  // between agents
	appealSkill  = -0.70 // the less skilled use it more, in the lowest fifth most of all
	appealSkill2 = 0.20
	appealLoad   = -0.42
	appealBurden = -1.0
	appealPace   = 0.8
	appealMale   = -0.2
	appealAge    = -0.03
	appealTenure = -0.6
	appealHard   = 1.1   // on hard days
	appealWeeks  = 0.9   // in hard weeks
	appealNew    = 2.5   // of agents who joined while the study ran
	appealBusy   = -0.75 // on busy days
	appealStub   = 0.6
	appealDaySD  = 0.4
	appealWeek   = 0.18 // more each week

	editingBase = -3.0
	editingLoad = -0.5
	editingSD   = 3.2
	editingDay  = 1.2
	editingWeek = -0.25 // less each week: the rise of usage is in complete adherence
)

// shock is what the days of an agent's week share. Hard weeks drive usage and outcomes.
type shock struct{ hard, pace, delay, tilt, retrial, burden float64 }

// conditions of an agent-day, before any effect of usage.
type conditions struct {
	day   int
	chats int
	stub  bool

	// Standard normal: difficulty of the day and of its week, which drive usage and outcomes, and
	// how busy the day is.
	hard, hardWeek, busy float64

	// Deviations, with those of the agent, the calendar and the week in them: of ln times, of ln
	// identification time, of concurrency.
	pace, delay, burden float64

	tilt    float64 // of the ratings
	retrial float64 // probability within 3 days
}

// weeks draws an agent's shocks that last seven days.
func weeks(r *rand.Rand) [Days / 7]shock {
	var w [Days / 7]shock
	for i := range w {
		hard := r.NormFloat64()
		w[i] = shock{
			hard:    hard,
			pace:    0.04*hard + 0.04*r.NormFloat64(),
			delay:   0.14*hard + 0.28*r.NormFloat64(),
			tilt:    -0.018*hard + 0.010*r.NormFloat64(),
			retrial: 0.008*hard + 0.005*r.NormFloat64(),
			burden:  0.15 * r.NormFloat64(),
		}
	}
	return w
}

// conditionsOf draws an agent-day.
func conditionsOf(r *rand.Rand, a *agent, d int, t *today, week *shock) conditions {
	c := conditions{day: d, hardWeek: week.hard, hard: r.NormFloat64(), busy: r.NormFloat64()}
	c.stub = r.Float64() < stubShare
	mean := t.load * math.Exp(loadSD*a.load-loadSD*loadSD/2+busySD*c.busy-busySD*busySD/2)
	if c.stub {
		mean = stubMean * r.ExpFloat64()
	}
	c.chats = 1 + int(math.Min(mean, maxChatsPerDay-1))

	c.pace = a.pace + t.pace + week.pace + 0.06*c.hard + 0.03*c.busy + 0.09*r.NormFloat64()
	c.delay = a.delay + t.delay + week.delay + 0.20*c.hard + 0.20*r.NormFloat64()
	c.burden = a.burden + week.burden + 0.15*c.busy + 0.25*r.NormFloat64()
	c.tilt = t.tilt + week.tilt + skillTilt*a.skill + skillTilt2*(a.skill*a.skill-1) - 0.025*c.hard + 0.01*r.NormFloat64()
	c.retrial = clamp(t.retrial+week.retrial-0.01*a.skill+0.010*c.hard+0.01*r.NormFloat64(), retrialMin, retrialMax)
	return c
}

// inclination is the probability that a chat of the day is answered with the assistant, and the
// probability that a use is partial.
func inclination(r *rand.Rand, a *agent, c *conditions) (uses, partial float64) {
	week := float64(c.day-LaunchDay) / 7
	z, e := r.NormFloat64(), r.NormFloat64()
	switch a.taste {
	case never:
		uses = 0
	case always:
		uses = 1
	default:
		logOdds := a.appeal + appealHard*c.hard + appealWeeks*c.hardWeek + appealBusy*c.busy + appealWeek*(week-2) + appealDaySD*z
		if c.stub {
			logOdds += appealStub
		}
		uses = logistic(logOdds)
	}
	return uses, logistic(a.editing + editingWeek*(week-2) + editingDay*e)
}

// uptake is how the assistant was used in one chat.
type uptake int8

const (
	notUsed uptake = iota
	complete
	partial
)

// uptakes draws how the assistant is used in every chat of an agent-day with access, and returns
// the share of chats with any use: the usage on which the day's effects work.
func uptakes(r *rand.Rand, a *agent, c *conditions, into []uptake) float64 {
	uses, edits := inclination(r, a, c)
	used := 0
	for i := range into {
		into[i] = notUsed
		if r.Float64() < uses {
			used++
			into[i] = complete
			if r.Float64() < edits {
				into[i] = partial
			}
		}
	}
	return float64(used) / float64(len(into))
}
