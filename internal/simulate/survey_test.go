package simulate

import (
	"math"
	"sort"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// survey holds the moments of a simulated study, to set beside the reference study's.
type survey struct {
	truth    Truth
	world    *world
	tallies  []tally
	measures [numColumns]moments
	dissat   moments
	pre      [numColumns]moments // before the launch
	preDis   moments
	issues   [len(issues)]int

	// Shares of agent-days and agent-hours on which a measure is known.
	days, hours     int
	dayKnown        [numColumns]int
	hourKnown       [numColumns]int
	usageRegression []float64 // Table A2: male, age, ln tenure, high rating, concurrency, duration, constant
	usageAgents     int
	retreat         [Groups][2]float64 // Table A7: mean rating before and after, by fifth
}

// moments are running sums.
type moments struct {
	n, missing   int
	sum, squares float64
}

func (m *moments) add(x float64) {
	m.n++
	m.sum += x
	m.squares += x * x
}

func (m *moments) mean() float64 { return m.sum / float64(m.n) }

func (m *moments) sd() float64 {
	mean := m.mean()
	return math.Sqrt((m.squares - float64(m.n)*mean*mean) / float64(m.n-1))
}

func (m *moments) missingShare() float64 { return float64(m.missing) / float64(m.n+m.missing) }

// agentMeans are what the agent tables need.
type agentMeans struct{ preRating, postRating, preConcurrency, preDuration moments }

// take simulates a study without keeping its chats.
func take(t testing.TB, cfg Config) *survey {
	t.Helper()
	cfg, err := cfg.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	s := &survey{world: newWorld(cfg)}
	byAgent := make([]agentMeans, cfg.Agents)
	var ws workspace
	for i := range byAgent {
		chats, of := s.world.simulate(&s.world.agents[i], &ws)
		s.tallies = append(s.tallies, of)
		s.add(chats, &byAgent[i])
	}
	s.truth = newTruth(s.world, s.tallies)
	s.agentTables(t, byAgent)
	return s
}

// add takes in an agent.
func (s *survey) add(chats []chat, a *agentMeans) {
	for from := 0; from < len(chats); {
		day := sameUnit(chats, from, 86400)
		s.days++
		countKnown(chats[from:day], &s.dayKnown)
		for h := from; h < day; {
			next := min(sameUnit(chats, h, 3600), day)
			s.hours++
			countKnown(chats[h:next], &s.hourKnown)
			h = next
		}
		from = day
	}
	for i := range chats {
		c := &chats[i]
		s.issues[c.issue]++
		pre := c.start < LaunchDay*86400
		for k, v := range c.v {
			if v == missing {
				s.measures[k].missing++
				continue
			}
			x := float64(v) / scale[measures[k].decimals]
			s.measures[k].add(x)
			if pre {
				s.pre[k].add(x)
			}
		}
		if v := c.v[colRating]; v != missing {
			bad := float64(below(float64(v), 2.5))
			s.dissat.add(bad)
			if pre {
				s.preDis.add(bad)
				a.preRating.add(float64(v))
			} else {
				a.postRating.add(float64(v))
			}
		}
		if pre {
			a.preDuration.add(float64(c.v[colDuration]) / 10)
			if v := c.v[colConcurrency]; v != missing {
				a.preConcurrency.add(float64(v))
			}
		}
	}
}

// sameUnit finds the end of the agent's day or hour that starts at a chat.
func sameUnit(chats []chat, from int, seconds int32) int {
	to := from + 1
	for to < len(chats) && chats[to].start/seconds == chats[from].start/seconds {
		to++
	}
	return to
}

func countKnown(chats []chat, known *[numColumns]int) {
	for k := range known {
		for i := range chats {
			if chats[i].v[k] != missing {
				known[k]++
				break
			}
		}
	}
}

// agentTables works out Tables A2 and A7 of the reference study.
func (s *survey) agentTables(t testing.TB, byAgent []agentMeans) {
	t.Helper()
	fifths := baselineFifths(s.tallies)
	var means [Groups][2]moments
	var rows []int
	for i := range byAgent {
		a := &byAgent[i]
		if !s.world.agents[i].treated || a.preRating.n == 0 {
			continue
		}
		means[fifths[i]][0].add(a.preRating.mean())
		if a.postRating.n > 0 {
			means[fifths[i]][1].add(a.postRating.mean())
		}
		if s.tallies[i].access != nil {
			rows = append(rows, i)
		}
	}
	for g := range means {
		s.retreat[g] = [2]float64{means[g][0].mean(), means[g][1].mean()}
	}

	var rating, concurrency, duration []float64
	for _, i := range rows {
		rating = append(rating, byAgent[i].preRating.mean())
		concurrency = append(concurrency, byAgent[i].preConcurrency.mean())
		duration = append(duration, byAgent[i].preDuration.mean())
	}
	high := func(values []float64) func(int) float64 {
		sorted := append([]float64(nil), values...)
		sort.Float64s(sorted)
		median := quantile(sorted, 0.5)
		return func(k int) float64 { return float64(indicator(values[k] > median)) }
	}
	highRating, highConcurrency, highDuration := high(rating), high(concurrency), high(duration)
	x := mat.NewDense(len(rows), 7, nil)
	y := mat.NewDense(len(rows), 1, nil)
	for k, i := range rows {
		a, u := &s.world.agents[i], s.tallies[i].access
		x.SetRow(k, []float64{float64(indicator(a.male)), float64(a.age), math.Log(float64(a.tenure)),
			highRating(k), highConcurrency(k), highDuration(k), 1})
		y.Set(k, 0, float64(u.complete+u.partial)/float64(u.chats))
	}
	var b mat.Dense
	if err := b.Solve(x, y); err != nil {
		t.Fatal(err)
	}
	s.usageRegression, s.usageAgents = mat.Col(nil, 0, &b), len(rows)
}
