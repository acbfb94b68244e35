package simulate

import (
	"context"
	"math"

	"github.com/fieldexp/fieldexp/data"
)

// Frames simulates a study in memory: the rows and columns, in their order, that Write puts into
// agents.csv and chats.csv, with identifiers of agents and issues as text, starts as times, and
// everything else as numbers, NaN where missing. The frame takes about 270 bytes a
// chat (700 MB at the reference study's full size), and up to twice that while it grows.
func Frames(ctx context.Context, cfg Config) (agents, chats *data.Frame, truth Truth, err error) {
	cfg, err = cfg.withDefaults()
	if err != nil {
		return nil, nil, Truth{}, err
	}
	w := newWorld(cfg)
	tallies := make([]tally, 0, len(w.agents))
	var t table
	encode := func(content *[]row, a *agent, chats []chat) {
		for i := range chats {
			*content = append(*content, row{a.index, chats[i]})
		}
	}
	emit := func(b *batch[[]row]) error {
		tallies = append(tallies, b.tallies...)
		for i := range b.content {
			t.add(&b.content[i])
		}
		b.content = b.content[:0]
		return nil
	}
	if err := generate(ctx, w, encode, emit); err != nil {
		return nil, nil, Truth{}, err
	}
	if agents, err = agentFrame(w.agents); err != nil {
		return nil, nil, Truth{}, err
	}
	if chats, err = t.frame(len(w.agents)); err != nil {
		return nil, nil, Truth{}, err
	}
	return agents, chats, newTruth(w, tallies), nil
}

// row is a chat and its agent.
type row struct {
	agent int
	chat  chat
}

// table collects the columns of the chats.
type table struct {
	ids, customers []float64
	agents, issues []int32
	starts         []int64
	measures       [numColumns][]float64
}

func (t *table) add(r *row) {
	c := &r.chat
	t.ids = append(t.ids, float64(chatID(r.agent, c.number)))
	t.agents = append(t.agents, int32(r.agent))
	t.customers = append(t.customers, float64(c.customer))
	t.starts = append(t.starts, firstDay().UnixNano()+int64(c.start)*1e9)
	t.issues = append(t.issues, int32(c.issue))
	for i, v := range c.v {
		x := math.NaN()
		if v != missing {
			x = float64(v) / scale[measures[i].decimals]
		}
		t.measures[i] = append(t.measures[i], x)
	}
}

// frame makes a frame of the columns.
func (t *table) frame(agents int) (*data.Frame, error) {
	agentIDs := make([]string, agents)
	for i := range agentIDs {
		agentIDs[i] = agentID(i)
	}
	names := make([]string, len(issues))
	for i := range issues {
		names[i] = issues[i].name
	}
	f := &data.Frame{}
	err := firstError(
		f.SetFloats(identity[0], t.ids),
		f.SetCodes(identity[1], t.agents, agentIDs),
		f.SetFloats(identity[2], t.customers),
		f.SetTimes(identity[3], t.starts),
		f.SetCodes(identity[4], t.issues, names),
	)
	for i := 0; i < numColumns && err == nil; i++ {
		err = f.SetFloats(measures[i].name, t.measures[i])
	}
	return f, err
}

// agentFrame makes a frame of the agents.
func agentFrame(agents []agent) (*data.Frame, error) {
	n := len(agents)
	ids := make([]string, n)
	treat, male, age, tenure := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range agents {
		a := &agents[i]
		ids[i] = agentID(i)
		treat[i], male[i] = float64(indicator(a.treated)), float64(indicator(a.male))
		age[i], tenure[i] = float64(a.age), float64(a.tenure)
	}
	f := &data.Frame{}
	return f, firstError(
		f.SetStrings(agentColumns[0], ids),
		f.SetFloats(agentColumns[1], treat),
		f.SetFloats(agentColumns[2], male),
		f.SetFloats(agentColumns[3], age),
		f.SetFloats(agentColumns[4], tenure),
	)
}

// firstError is the first error there is.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
