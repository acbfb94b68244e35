package simulate

import (
	"context"
	"runtime"

	"github.com/fieldexp/fieldexp/internal/parallel"
)

// agentsPerBatch is the grain of the work: some 3,500 chats.
const agentsPerBatch = 8

// batch is what some agents in a row make.
type batch struct {
	to      int // the first agent after them
	tallies []tally
	rows    []byte // their chats as lines
}

// fill simulates agents from to to-1.
func (b *batch) fill(w *world, from, to int, ws *workspace) {
	b.to, b.tallies, b.rows = to, b.tallies[:0], b.rows[:0]
	for i := from; i < to; i++ {
		a := &w.agents[i]
		chats, t := w.simulate(a, ws)
		b.tallies = append(b.tallies, t)
		id := agentID(a.index)
		for j := range chats {
			b.rows = appendChat(b.rows, a.index, id, &chats[j], &w.calendar)
		}
	}
}

// generate simulates all agents on all processors, some batches at a time, and gives them to emit in the
// order of the agents. A batch's memory is used again after emit returns: memory does not grow with the
// number of chats.
func generate(ctx context.Context, w *world, emit func(b *batch) error) error {
	batches := make([]batch, 4*runtime.GOMAXPROCS(0))
	workspaces := parallel.NewScratch(func() *workspace { return new(workspace) })
	for first := 0; first < len(w.agents); first += agentsPerBatch * len(batches) {
		now := batches[:min(len(batches), (len(w.agents)-first+agentsPerBatch-1)/agentsPerBatch)]
		err := parallel.For(ctx, len(now), func(i int) {
			ws := workspaces.Get()
			defer workspaces.Put(ws)
			from := first + i*agentsPerBatch
			now[i].fill(w, from, min(from+agentsPerBatch, len(w.agents)), ws)
		})
		if err != nil {
			return err
		}
		for i := range now {
			if err := emit(&now[i]); err != nil {
				return err
			}
		}
	}
	return nil
}
