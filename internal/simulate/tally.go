package simulate

// tally is what the truth needs to know about one agent's chats.
type tally struct {
	chats, preChats int
	days, preDays   int
	hours           int // distinct hours with chats

	ratings   int // before the launch
	ratingSum int

	access access // with access: treated, from the launch on
}

// access sums up the agent-days on which the assistant could be used.
type access struct {
	chats, complete, partial int
	days                     int
	usage, completeShare     share
	partialShare             share
	weeks                    [(Days - LaunchDay) / 7]share
	// seen holds for every outcome the agent-days on which it was observed.
	seen [numOutcomes]share
}

// share sums a share over agent-days.
type share struct {
	days         int
	sum, squares float64
}

func (s *share) add(x float64) {
	s.days++
	s.sum += x
	s.squares += x * x
}

func (s *share) merge(o share) {
	s.days += o.days
	s.sum += o.sum
	s.squares += o.squares
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
		t.access.add(d, usage, chats)
	}
}

func (s *access) add(d int, usage float64, chats []chat) {
	n := float64(len(chats))
	complete, partial := 0, 0
	var observed [numColumns]bool
	for i := range chats {
		v := &chats[i].v
		complete += int(v[colAIComplete])
		partial += int(v[colAIPartial])
		for c := range v {
			if v[c] != missing {
				observed[c] = true
			}
		}
	}
	s.chats += len(chats)
	s.complete += complete
	s.partial += partial
	s.days++
	s.usage.add(usage)
	s.completeShare.add(float64(complete) / n)
	s.partialShare.add(float64(partial) / n)
	s.weeks[(d-LaunchDay)/7].add(usage)
	for o := range outcomes {
		if observed[outcomes[o].column] {
			s.seen[o].add(usage)
		}
	}
}

// merge adds another agent's days.
func (s *access) merge(o *access) {
	s.chats += o.chats
	s.complete += o.complete
	s.partial += o.partial
	s.days += o.days
	s.usage.merge(o.usage)
	s.completeShare.merge(o.completeShare)
	s.partialShare.merge(o.partialShare)
	for w := range s.weeks {
		s.weeks[w].merge(o.weeks[w])
	}
	for k := range s.seen {
		s.seen[k].merge(o.seen[k])
	}
}
