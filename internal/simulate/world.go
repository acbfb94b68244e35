package simulate

import (
	"math"
	"math/rand/v2"
)

// world is what all agents share.
type world struct {
	cfg      Config
	calendar [Days]today
	agents   []agent
	planted  [Groups]effects
	pool     int32 // customers
}

// newWorld draws the calendar and the agents. The Config must have its defaults.
func newWorld(cfg Config) *world {
	return &world{
		cfg:      cfg,
		calendar: calendar(cfg.Seed),
		agents:   agents(cfg),
		planted:  cfg.Preset.planted(),
		pool:     int32(cfg.Agents * customersPer),
	}
}

// workspace is what one goroutine reuses from agent to agent.
type workspace struct {
	chats   []chat
	uptakes [maxChatsPerDay]uptake
}

// simulate makes all the chats of an agent, in order of time, and what the truth needs of them.
// The chats are valid until the workspace is used again.
func (w *world) simulate(a *agent, ws *workspace) ([]chat, tally) {
	r := stream(w.cfg.Seed, forChats, a.index)
	shocks := weeks(r)
	ws.chats = ws.chats[:0]
	var t tally
	for d := a.first; d < a.last; d++ {
		if r.Float64() >= a.attendance*w.calendar[d].attendance {
			continue
		}
		m := day{r: r, agent: a, today: &w.calendar[d], pool: w.pool}
		m.cond = conditionsOf(r, a, d, m.today, &shocks[d/7])
		uses, usage := ws.uptakes[:m.cond.chats], 0.0
		if a.treated && d >= LaunchDay {
			usage = uptakes(r, a, &m.cond, uses)
		} else {
			clear(uses)
		}
		m.prepare(&w.planted[a.group], usage)

		from := len(ws.chats)
		for i, start := range starts(r, d, m.cond) {
			ws.chats = append(ws.chats, chat{number: int32(from + i), start: start})
			m.fill(&ws.chats[from+i], uses[i])
		}
		t.add(a, d, usage, ws.chats[from:])
	}
	return ws.chats, t
}

// When a shift is and how long, in seconds.
const (
	openingSeconds = 8 * 3600
	closingSeconds = 24 * 3600

	shiftMin     = 0.4 * 3600
	shiftPerChat = 700 // more or less by shiftSpread of it
	shiftSpread  = 0.5
	shiftMax     = 15 * 3600
)

// starts draws when the chats of an agent-day start, in ascending seconds since the first day:
// uniformly over a shift.
func starts(r *rand.Rand, d int, c conditions) []int32 {
	length := shiftMin + shiftPerChat*float64(c.chats)*(1+shiftSpread*(2*r.Float64()-1))
	length = math.Min(length, shiftMax)
	opens := openingSeconds + r.Float64()*(closingSeconds-openingSeconds-length)
	// Sums of exponential gaps, scaled to the shift, are sorted uniform numbers.
	gaps := make([]float64, c.chats)
	sum := 0.0
	for i := range gaps {
		sum += r.ExpFloat64()
		gaps[i] = sum
	}
	sum += r.ExpFloat64()
	at := make([]int32, c.chats)
	for i, g := range gaps {
		at[i] = int32(d*86400) + int32(opens+length*g/sum)
	}
	return at
}
