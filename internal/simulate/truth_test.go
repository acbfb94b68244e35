package simulate

import (
	"math"
	"strconv"
	"testing"
	"time"
)

// The truth, worked out again from the frames and the planted effects.
func TestTruthFromFrames(t *testing.T) {
	cfg := Config{Agents: 120, Seed: 4}
	agents, chats, truth := frames(t, cfg)
	full, err := cfg.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(full)
	treat := numbers(t, agents, "treat")
	codes, labels, err := chats.Codes("agent_id")
	if err != nil {
		t.Fatal(err)
	}
	times, err := chats.Instants("start")
	if err != nil {
		t.Fatal(err)
	}
	used := numbers(t, chats, "ai_complete")
	edited := numbers(t, chats, "ai_partial")
	rating := numbers(t, chats, "rating")
	launch := time.Date(2024, 1, 23, 0, 0, 0, 0, time.UTC).UnixNano()

	type key struct {
		agent int
		day   int64
	}
	type cell struct {
		used, chats float64
		rated       bool
	}
	cells := map[key]*cell{}
	days := map[key]bool{}
	hours := map[key]bool{}
	chatsUsed, chatsAccess := 0.0, 0.0
	place := make([]int, len(labels)) // agents without chats have no code
	for i, label := range labels {
		if place[i], err = strconv.Atoi(label[1:]); err != nil {
			t.Fatal(err)
		}
	}
	for i, code := range codes {
		a := place[code] - 1
		k := key{a, times[i] / (24 * 3600e9)}
		days[k] = true
		hours[key{a, times[i] / 3600e9}] = true
		u := used[i] + edited[i]
		if treat[a] == 0 || times[i] < launch {
			if u != 0 {
				t.Fatalf("row %d uses the assistant without access", i+1)
			}
			continue
		}
		c := cells[k]
		if c == nil {
			c = &cell{}
			cells[k] = c
		}
		c.chats++
		c.used += u
		c.rated = c.rated || rating[i] == rating[i]
		chatsAccess++
		chatsUsed += u
	}
	usage, effect, late, rated := 0.0, 0.0, 0.0, 0.0
	for k, c := range cells {
		if c.rated {
			u := c.used / c.chats
			rated++
			usage += u
			effect += u * w.planted[w.agents[k.agent].group][outRating]
		}
	}
	late = effect / usage

	equal := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-12*math.Max(1, math.Abs(want)) {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
	c := truth.Counts
	equal("number of chats", float64(c.Chats), float64(chats.Len()))
	equal("number of chats by arm and period", float64(c.PreChatsTreated+c.PreChatsControl+c.PostChatsTreated+c.PostChatsControl), float64(chats.Len()))
	equal("number of chats with access", float64(c.PostChatsTreated), chatsAccess)
	equal("number of agent-days", float64(c.AgentDays), float64(len(days)))
	equal("number of agent-hours", float64(c.AgentHours), float64(len(hours)))
	equal("number of agent-days with access", float64(c.PostDaysTreated), float64(len(cells)))
	equal("usage of chats", truth.Usage.ChatUsed, chatsUsed/chatsAccess)
	r := truth.Outcomes[outRating]
	equal("LATE on rating", r.Pooled.LATE, late)
	equal("ITT on rating", r.Pooled.ITT, effect/rated)
	equal("usage of rated agent-days", r.Pooled.Usage, usage/rated)
	equal("rated agent-days", float64(r.Pooled.AgentDays), rated)
}

func TestTruthOfPresets(t *testing.T) {
	if testing.Short() {
		t.Skip("what is simulated, not how: the tests of writing run its goroutines")
	}
	for _, p := range presets {
		_, _, truth := frames(t, Config{Agents: 150, Seed: 9, Preset: p})
		if truth.Usage.DayUsed < 0.1 {
			t.Errorf("%v: usage is %.3f", p, truth.Usage.DayUsed)
		}
		for o, out := range truth.Outcomes {
			if out.Name != outcomes[o].name || len(out.Planted) != Groups || len(out.BySkill) != Groups || len(out.ByBaseline) != Groups {
				t.Fatalf("%v: %s is malformed: %+v", p, out.Name, out)
			}
			late, itt, weight := 0.0, 0.0, 0.0
			for g, e := range out.BySkill {
				if e.Usage > 0 && math.Abs(e.LATE-out.Planted[g]) > 1e-12 {
					t.Errorf("%v, %s, group %d: LATE is %v, planted %v", p, out.Name, g+1, e.LATE, out.Planted[g])
				}
				late += e.LATE * e.Usage * float64(e.AgentDays)
				weight += e.Usage * float64(e.AgentDays)
				itt += e.ITT * float64(e.AgentDays) / float64(out.Pooled.AgentDays)
			}
			if math.Abs(late/weight-out.Pooled.LATE) > 1e-12 || math.Abs(itt-out.Pooled.ITT) > 1e-12 {
				t.Errorf("%v, %s: groups make %v and %v, pooled is %+v", p, out.Name, late/weight, itt, out.Pooled)
			}
			want := outcomes[o].pooled
			switch {
			case p == Homogeneous && math.Abs(out.Pooled.LATE-want) > 1e-12:
				t.Errorf("homogeneous, %s: LATE is %v, want %v", out.Name, out.Pooled.LATE, want)
			case p == NoEffect && (out.Pooled.LATE != 0 || out.Pooled.ITT != 0):
				t.Errorf("no effect, %s: %+v", out.Name, out.Pooled)
			}
		}
	}
}

// R: quantile(c(1, 2, 2, 3, 5, 8, 13), c(.2, .4, .6, .8)) is 2, 2.4, 4.2, 7.4.
func TestQuantileIsType7(t *testing.T) {
	x := []float64{1, 2, 2, 3, 5, 8, 13}
	for k, want := range []float64{2, 2.4, 4.2, 7.4} {
		if got := quantile(x, float64(k+1)/5); math.Abs(got-want) > 1e-12 {
			t.Errorf("quantile %d is %v, want %v", k+1, got, want)
		}
	}
	if got := quantile(nil, 0.5); !math.IsNaN(got) {
		t.Errorf("quantile of nothing is %v", got)
	}
}

func TestBaselineFifths(t *testing.T) {
	var tallies []tally
	for _, sum := range []int{5, 10, 0, 15, 20, 25, 5} { // of 5 ratings; cuts are 1, 2, 3, 4
		y := tally{ratings: 5, ratingSum: sum}
		if sum == 0 {
			y.ratings = 0
		}
		tallies = append(tallies, y)
	}
	want := []int{0, 1, -1, 2, 3, 4, 0}
	for i, got := range baselineFifths(tallies) {
		if got != want[i] {
			t.Errorf("agent %d is in fifth %d, want %d", i, got, want[i])
		}
	}
}
