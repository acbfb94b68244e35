package simulate

import (
	"context"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// agentsPerBatch is the grain of the work: some 3,500 chats.
const agentsPerBatch = 8

// batch is what some agents in a row make.
type batch struct {
	from, to int // agents
	tallies  []tally
	rows     []byte // their chats as lines
	ready    chan struct{}
}

// generate simulates all agents on all processors. emit is given the batches in the order of the
// agents, one at a time. A batch's memory is reused after emit returns, and few batches exist at once:
// memory does not grow with the number of chats.
func generate(ctx context.Context, w *world, emit func(b *batch) error) error {
	workers := runtime.GOMAXPROCS(0)
	inFlight := 2*workers + 2
	work := make(chan *batch, inFlight)
	order := make(chan *batch, inFlight)
	free := make(chan *batch, inFlight)
	for range inFlight {
		free <- &batch{}
	}

	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(work)
		defer close(order)
		for from := 0; from < len(w.agents); from += agentsPerBatch {
			var b *batch
			select {
			case b = <-free:
			case <-ctx.Done():
				return ctx.Err()
			}
			b.from, b.to = from, min(from+agentsPerBatch, len(w.agents))
			b.ready = make(chan struct{})
			work <- b // never blocks: there are no more batches than room
			order <- b
		}
		return nil
	})
	for range workers {
		group.Go(func() error {
			var ws workspace
			for b := range work {
				b.tallies, b.rows = b.tallies[:0], b.rows[:0]
				for i := b.from; i < b.to; i++ {
					a := &w.agents[i]
					chats, t := w.simulate(a, &ws)
					b.tallies = append(b.tallies, t)
					id := agentID(a.index)
					for j := range chats {
						b.rows = appendChat(b.rows, a.index, id, &chats[j], &w.calendar)
					}
				}
				close(b.ready)
			}
			return nil
		})
	}
	group.Go(func() error {
		for b := range order {
			select {
			case <-b.ready:
			case <-ctx.Done():
				return ctx.Err()
			}
			if err := emit(b); err != nil {
				return err
			}
			free <- b
		}
		return nil
	})
	return group.Wait()
}
