package csvscan

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// job is a block on its way through the workers. Jobs are made once and go round.
type job struct {
	data  []byte
	limit int
	chunk Chunk
	bad   *problem
	err   error // of reading the block
	done  chan struct{}
}

// Run parses the records after the header and gives them to yield, chunk by chunk, in the order of
// the file, from the goroutine that called it. There is one of fields for each field of the header.
// An error of yield stops the scan and is returned; so does the end of ctx. A Scanner runs once.
//
// Of several errors in the input the first in the file is returned, after the chunks before it.
func (s *Scanner) Run(ctx context.Context, fields []Field, yield func(*Chunk) error) error {
	s.learned = make([]atomic.Uint32, len(fields))
	ctx, cancel := context.WithCancel(ctx)
	workers := runtime.GOMAXPROCS(0)
	depth := workers + 2 // one block being read and one being yielded
	idle := make(chan *job, depth)
	for range depth {
		idle <- &job{done: make(chan struct{}, 1)}
	}
	work := make(chan *job, depth)
	ordered := make(chan *job, depth)

	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	running.Go(func() { s.read(ctx, idle, work, ordered) })
	for range workers {
		p := &parser{
			cells:    cells{separators: newSeparators(s.opt.Comma), width: len(fields)},
			missing:  s.opt.Missing,
			clock:    s.opt.Clock,
			fields:   fields,
			learned:  s.learned,
			lexicons: make([]*lexicon, len(fields)),
		}
		running.Go(func() { p.work(work) })
	}
	for j := range ordered {
		if err := s.deliver(ctx, j, yield); err != nil {
			return err
		}
		idle <- j
	}
	return ctx.Err()
}

// Skip tells the workers, from within yield, to pass over a field whose kind is to be inferred: in
// some later chunk, and all after it, its column has kind Skip.
func (s *Scanner) Skip(field int) { s.learned[field].Store(uint32(Skip)) }

// read cuts the input into blocks for the workers until it ends or fails.
func (s *Scanner) read(ctx context.Context, idle <-chan *job, work, ordered chan<- *job) {
	defer close(work)
	defer close(ordered)
	for {
		var j *job
		select {
		case j = <-idle:
		case <-ctx.Done():
			return
		}
		j.data, j.limit, j.err = s.blocks.next(j.data)
		if j.err == nil && j.limit == 0 {
			return
		}
		if j.err != nil {
			j.done <- struct{}{}
			ordered <- j
			return
		}
		work <- j
		ordered <- j
	}
}

// work parses blocks until there are no more.
func (p *parser) work(work <-chan *job) {
	for j := range work {
		j.bad = p.parse(&j.chunk, j.data, j.limit)
		j.done <- struct{}{}
	}
}

// deliver waits for a job and yields its chunk.
func (s *Scanner) deliver(ctx context.Context, j *job, yield func(*Chunk) error) error {
	select {
	case <-j.done:
	case <-ctx.Done():
		return ctx.Err()
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if j.err != nil {
		return s.blockError(j.err)
	}
	if j.bad != nil {
		return j.bad.error(j.data, s.lines)
	}
	j.chunk.start = s.lines
	s.lines += j.chunk.lines
	if j.chunk.Rows == 0 {
		return nil
	}
	return yield(&j.chunk)
}
