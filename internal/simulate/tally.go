package simulate

import "math"

// tally is what the truth needs to know about one agent's chats.
type tally struct {
	chats, preChats int
	days, preDays   int
	hours           int // distinct hours with chats

	ratings   int // before the launch
	ratingSum int

	access *access // nil of agents without
}

// access sums up the agent-days on which the assistant could be used.
type access struct {
	chats, complete, partial int
	days                     int
	usage, completeShare     spread
	partialShare             spread
	weeks                    [(Days - LaunchDay) / 7]struct{ complete, partial share }
	// seen holds for every outcome the agent-days on which it was observed.
	seen [numOutcomes]share
}

// share sums a share over agent-days.
type share struct {
	days int
	sum  float64
}

func (s *share) add(x float64) {
	s.days++
	s.sum += x
}

func (s *share) merge(o share) {
	s.days += o.days
	s.sum += o.sum
}

func (s *share) mean() float64 { return ratio(s.sum, s.days) }

// spread sums its square, too.
type spread struct {
	share
	squares float64
}

func (s *spread) add(x float64) {
	s.share.add(x)
	s.squares += x * x
}

func (s *spread) merge(o spread) {
	s.share.merge(o.share)
	s.squares += o.squares
}

// sd is the standard deviation, 0 of fewer than two days.
func (s *spread) sd() float64 {
	if s.days < 2 {
		return 0
	}
	n, mean := float64(s.days), s.mean()
	return math.Sqrt(math.Max(0, (s.squares-n*mean*mean)/(n-1)))
}

// add counts an agent-day.
func (t *tally) add(a *agent, d int, usage float64, chats []chat) {
	t.chats += len(chats)
	t.days++
	hour := int32(-1)
	for i := range chats {
		if h := chats[i].start / 3600; h != hour {
			hour = h
			t.hours++
		}
	}
	if d < LaunchDay {
		t.preChats += len(chats)
		t.preDays++
		for i := range chats {
			if v := chats[i].v[colRating]; v != missing {
				t.ratings++
				t.ratingSum += int(v)
			}
		}
		return
	}
	if a.treated {
		if t.access == nil {
			t.access = &access{}
		}
		t.access.add(d, usage, chats)
	}
}

// observed says which measures are known of any of the chats.
func observed(chats []chat) [numColumns]bool {
	var known [numColumns]bool
	for i := range chats {
		for c, v := range chats[i].v {
			if v != missing {
				known[c] = true
			}
		}
	}
	return known
}

// add counts an agent-day.
func (s *access) add(d int, usage float64, chats []chat) {
	n := float64(len(chats))
	complete, partial := 0, 0
	for i := range chats {
		v := &chats[i].v
		complete += int(v[colAIComplete])
		partial += int(v[colAIPartial])
	}
	s.chats += len(chats)
	s.complete += complete
	s.partial += partial
	s.days++
	s.usage.add(usage)
	s.completeShare.add(float64(complete) / n)
	s.partialShare.add(float64(partial) / n)
	week := &s.weeks[(d-LaunchDay)/7]
	week.complete.add(float64(complete) / n)
	week.partial.add(float64(partial) / n)
	known := observed(chats)
	for o := range outcomes {
		if known[outcomes[o].column] {
			s.seen[o].add(usage)
		}
	}
}

// merge adds another agent's days; nil has none.
func (s *access) merge(o *access) {
	if o == nil {
		return
	}
	s.chats += o.chats
	s.complete += o.complete
	s.partial += o.partial
	s.days += o.days
	s.usage.merge(o.usage)
	s.completeShare.merge(o.completeShare)
	s.partialShare.merge(o.partialShare)
	for w := range s.weeks {
		s.weeks[w].complete.merge(o.weeks[w].complete)
		s.weeks[w].partial.merge(o.weeks[w].partial)
	}
	for k := range s.seen {
		s.seen[k].merge(o.seen[k])
	}
}
