package coverage

import (
	"context"
	"fmt"
	"sync"

	"github.com/fieldexp/fieldexp/internal/parallel"
)

// Options says how to run the study.
type Options struct {
	Designs      []Design // nil means Designs
	Replications int      // of each design; at least twice Batch
	Seed         uint64
	// Progress, when set, is told how many of the batches are done, from one goroutine at a time.
	Progress func(done, total int)
}

// Batch is the number of replications that share a drawn assignment.
const Batch = 25

// Cell is what the study found in one design.
type Cell struct {
	Design    Design
	Tallies   []Tally // in the order of Design.Methods
	Effective float64 // mean number of effective clusters of assignment's coefficient
}

// Tally is that of a method; ok is false where the design does not have it.
func (c Cell) Tally(m Method) (t Tally, ok bool) {
	for _, t := range c.Tallies {
		if t.Method == m {
			return t, true
		}
	}
	return Tally{}, false
}

// Study is the whole.
type Study struct {
	Options
	Cells []Cell
}

// Run runs the study. The error names the design and the batch that could not be done.
func Run(ctx context.Context, o Options) (*Study, error) {
	if o.Designs == nil {
		o.Designs = Designs()
	}
	if o.Replications < 2*Batch {
		return nil, fmt.Errorf("coverage: %d replications are too few: ask for at least %d", o.Replications, 2*Batch)
	}
	batches := (o.Replications + Batch - 1) / Batch
	jobs := len(o.Designs) * batches
	counts, failed := make([]batchResult, jobs), make([]error, jobs)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var report sync.Mutex
	done := 0
	err := parallel.For(ctx, jobs, func(job int) {
		d, index := o.Designs[job/batches], job%batches
		counts[job], failed[job] = runBatch(ctx, o.Seed, d, index, min(o.Replications, (index+1)*Batch))
		if failed[job] != nil {
			stop()
			return
		}
		if o.Progress != nil {
			report.Lock()
			defer report.Unlock()
			done++
			o.Progress(done, jobs)
		}
	})
	for job, e := range failed {
		if e != nil {
			return nil, fmt.Errorf("coverage: %s, batch %d: %w", o.Designs[job/batches], job%batches, e)
		}
	}
	if err != nil {
		return nil, err
	}
	return o.study(counts, batches), nil
}

// batchResult is what a batch found.
type batchResult struct {
	counts    results
	effective float64 // clusters
}

// runBatch runs the replications of a batch, which end before last.
func runBatch(ctx context.Context, seed uint64, d Design, index, last int) (r batchResult, err error) {
	b := newBatch(seed, d, index)
	if r.effective, err = b.effective(ctx); err != nil {
		return r, err
	}
	if d.Instrumental() {
		r.counts, err = b.use(ctx, seed, index*Batch, last)
	} else {
		r.counts, err = b.assign(ctx, seed, index*Batch, last)
	}
	return r, err
}

// study sums the batches up.
func (o Options) study(found []batchResult, batches int) *Study {
	s := &Study{Options: o}
	for i, d := range o.Designs {
		own := found[i*batches : (i+1)*batches]
		cell := Cell{Design: d}
		for _, r := range own {
			cell.Effective += r.effective / float64(batches)
		}
		for _, m := range d.Methods() {
			list := make([]count, batches)
			for j, r := range own {
				list[j] = *r.counts[m]
			}
			cell.Tallies = append(cell.Tallies, sum(m, list))
		}
		s.Cells = append(s.Cells, cell)
	}
	return s
}
