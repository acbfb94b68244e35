package simulate

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// Whatever the size, the seed and the preset, the files keep to the definitions of their columns.
func TestChatsKeepToDefinitions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := Config{
			Agents: rapid.IntRange(minAgents, 40).Draw(t, "agents"),
			Seed:   rapid.Uint64().Draw(t, "seed"),
			Preset: rapid.SampledFrom(presets).Draw(t, "preset"),
		}
		w := newWorld(cfg)
		ids := map[int64]bool{}
		var ws workspace
		for i := range w.agents {
			a := &w.agents[i]
			if a.age < 18 || a.tenure < 1 || a.tenure >= 365 {
				t.Fatalf("agent %d has age %d and tenure %d", i, a.age, a.tenure)
			}
			chats, _ := w.simulate(a, &ws)
			if len(chats) > maxChatsPerAgent {
				t.Fatalf("agent %d has %d chats", i, len(chats))
			}
			for k := range chats {
				c := &chats[k]
				if problem := defect(a, c); problem != "" {
					t.Fatalf("agent %d, chat %d: %s: %+v", i, k, problem, *c)
				}
				if k > 0 && c.start < chats[k-1].start {
					t.Fatalf("agent %d: chat %d starts before the one before it", i, k)
				}
				id := chatID(i, c.number)
				if ids[id] {
					t.Fatalf("two chats have the identifier %d", id)
				}
				ids[id] = true
			}
		}
	})
}

// defect says what is wrong with a chat.
func defect(a *agent, c *chat) string {
	v := &c.v
	within := func(column int, low, high int32) bool {
		return v[column] == missing || v[column] >= low && v[column] <= high
	}
	used := v[colAIComplete] + v[colAIPartial]
	switch {
	case c.start < 0 || c.start >= Days*86400:
		return "starts outside the calendar"
	case c.customer < 1 || int(c.issue) >= len(issues):
		return "has no customer or issue"
	case used != 0 && used != 1:
		return "is used completely and partially"
	case used == 1 && (!a.treated || c.start < LaunchDay*86400):
		return "uses the assistant without access"
	case v[colAIComplete] < 0 || v[colAIPartial] < 0:
		return "has a negative use"
	case v[colDuration] <= 0 || !within(colIdentification, 1, v[colDuration]):
		return "is identified after its end"
	case !within(colShiftAway, 1, v[colDuration]) || !within(colAgentActive, 0, v[colDuration]):
		return "has an agent active or away for longer than it lasts"
	case (v[colShiftAway] == missing) != (v[colAgentActive] == missing):
		return "knows one of active and shift-away time"
	case v[colShiftAway] != missing && v[colShiftAway]+v[colAgentActive] != v[colDuration]:
		return "has active and shift-away times that do not make its duration"
	case !within(colAgentResponse, 1, v[colDuration]) || !within(colCustomerResponse, 1, v[colDuration]):
		return "has a response time longer than itself"
	case !within(colTyping, 1, math.MaxInt32) || !within(colConcurrency, 1, 20) || !within(colRating, 1, 5):
		return "has an impossible typing time, concurrency or rating"
	case v[colRetrial10m] > v[colRetrial3d] || v[colRetrial3d] > v[colRetrial7d] || !within(colRetrial10m, 0, 1) || v[colRetrial7d] > 1:
		return "has retrials that are not nested"
	case v[colAgentMessages1]+v[colAgentMessages2]+v[colAgentMessages3] != v[colAgentMessages]:
		return "has agent messages that are not the sum of the stages"
	case v[colCustomerMessages1]+v[colCustomerMessages2]+v[colCustomerMessages3] != v[colCustomerMessages]:
		return "has customer messages that are not the sum of the stages"
	case v[colAgentMessages1] < 1 || v[colAgentMessages2] < 0 || v[colAgentMessages3] < 0 || v[colCustomerMessages1] < 1 ||
		v[colCustomerMessages2] < 0 || v[colCustomerMessages3] < 0 || !within(colCustomerPictures, 0, math.MaxInt32):
		return "has a negative count or a silent first stage"
	case !within(colAgentDensity, 0, 1000) || !within(colCustomerDensity, 0, 1100):
		return "has a density outside [0, 1]"
	case !within(colAgentClarity, 1, math.MaxInt32) || !within(colCustomerClarity, 1, math.MaxInt32) ||
		!within(colAgentDiversity, 1, math.MaxInt32) || !within(colCustomerDiversity, 1, math.MaxInt32):
		return "has clarity or diversity that is not positive"
	case v[colCustomerTenure] != fixed(customerTenure(c.customer), colCustomerTenure):
		return "has another customer tenure than the customer's other chats"
	}
	return ""
}

// Before the launch, and for control agents at any time, the preset changes nothing.
func TestPresetsShareDraws(t *testing.T) {
	cfg := Config{Agents: 60, Seed: 5}
	_, published := agentDays(t, cfg)
	cfg.Preset = NoEffect
	_, none := agentDays(t, cfg)
	same, changed := 0, 0
	for i := range published {
		a, b := &published[i], &none[i]
		for k := range a.chats {
			switch equal := a.chats[k] == b.chats[k]; {
			case equal:
				same++
			case a.usage == 0:
				t.Fatalf("agent %d, day %d: a chat without usage on its day changes with the preset", a.agent.index, a.day)
			default:
				changed++
			}
		}
	}
	if same == 0 || changed == 0 {
		t.Errorf("%d chats are the same and %d differ; want some of each", same, changed)
	}
}

// Usage is chosen and goes with hard days: without any effect, agent-days with more usage are
// slower and worse rated than the same agent's others. Assignment is not chosen: nothing that is
// fixed before it differs between the arms.
func TestUsageIsEndogenousAndAssignmentIsNot(t *testing.T) {
	if testing.Short() {
		t.Skip("what is simulated, not how: the tests of writing run its goroutines")
	}
	w, days := agentDays(t, Config{Agents: 1200, Seed: 2, Preset: NoEffect})
	if z := withinSlope(days, func(d *agentDay) float64 {
		m, n := d.mean(colIdentification)
		return missingOr(math.Log(m), n)
	}); z < 3 {
		t.Errorf("usage and ln identification time: z = %.1f, want a clear positive association", z)
	}
	if z := withinSlope(days, func(d *agentDay) float64 {
		m, n := d.mean(colRating)
		return missingOr(m, n)
	}); z > -2 {
		t.Errorf("usage and rating: z = %.1f, want a clear negative association", z)
	}

	traits := map[string]func(*agent) float64{
		"skill": func(a *agent) float64 { return a.skill }, "load": func(a *agent) float64 { return a.load },
		"age": func(a *agent) float64 { return float64(a.age) }, "tenure": func(a *agent) float64 { return float64(a.tenure) },
		"appeal": func(a *agent) float64 { return a.appeal }, "attendance": func(a *agent) float64 { return a.attendance },
	}
	for name, of := range traits {
		var arm [2]moments
		for i := range w.agents {
			arm[indicator(w.agents[i].treated)].add(of(&w.agents[i]))
		}
		se := math.Sqrt(arm[0].sd()*arm[0].sd()/float64(arm[0].n) + arm[1].sd()*arm[1].sd()/float64(arm[1].n))
		// Six comparisons of one seed: 4 standard errors would be chance once in 2,600 seeds.
		if z := (arm[1].mean() - arm[0].mean()) / se; math.Abs(z) > 4 {
			t.Errorf("%s differs between the arms by %.1f standard errors", name, z)
		}
	}
}

func missingOr(x float64, n int) float64 {
	if n == 0 {
		return math.NaN()
	}
	return x
}

// withinSlope is the t statistic, clustered by agent, of the slope of an outcome on usage within
// agents with access.
func withinSlope(days []agentDay, outcome func(*agentDay) float64) float64 {
	type pair struct{ usage, y float64 }
	byAgent := map[int][]pair{}
	var order []int
	for i := range days {
		d := &days[i]
		if y := outcome(d); d.agent.treated && d.day >= LaunchDay && y == y {
			if byAgent[d.agent.index] == nil {
				order = append(order, d.agent.index)
			}
			byAgent[d.agent.index] = append(byAgent[d.agent.index], pair{d.usage, y})
		}
	}
	xy, xx := 0.0, 0.0
	scores := make([][2]float64, 0, len(order))
	for _, i := range order {
		mx, my := 0.0, 0.0
		for _, p := range byAgent[i] {
			mx, my = mx+p.usage, my+p.y
		}
		n := float64(len(byAgent[i]))
		sxy, sxx := 0.0, 0.0
		for _, p := range byAgent[i] {
			sxy += (p.usage - mx/n) * (p.y - my/n)
			sxx += (p.usage - mx/n) * (p.usage - mx/n)
		}
		xy, xx = xy+sxy, xx+sxx
		scores = append(scores, [2]float64{sxy, sxx})
	}
	slope, variance := xy/xx, 0.0
	for _, s := range scores {
		e := s[0] - slope*s[1]
		variance += e * e
	}
	return xy / math.Sqrt(variance)
}
