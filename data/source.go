package data

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"io"
	"sync/atomic"
)

// source is an input that can be read again from its start: by seeking where that is possible,
// otherwise from a copy of the bytes as they came.
type source struct {
	name   string
	r      io.Reader
	seeker io.Seeker
	start  int64
	kept   [][]byte // what was read of r so far, where it cannot seek
	keep   bool     // go on keeping it

	passes  int
	total   int64 // bytes in all, 0 if unknown
	done    atomic.Int64
	gzipped bool
}

// newSource makes a source of a reader.
func newSource(r io.Reader, name string) *source {
	s := &source{name: name, r: r}
	seeker, ok := r.(io.Seeker)
	if !ok {
		return s
	}
	start, err := seeker.Seek(0, io.SeekCurrent)
	if err != nil {
		return s // a pipe
	}
	end, err := seeker.Seek(0, io.SeekEnd)
	if err != nil {
		return s
	}
	s.seeker, s.start, s.total = seeker, start, end-start
	return s
}

// pass begins to read the input from its start, unpacked if it is gzip. There may be another pass
// only if more is set.
func (s *source) pass(more bool) (*bufio.Reader, error) {
	raw := s.r
	if s.seeker != nil {
		if _, err := s.seeker.Seek(s.start, io.SeekStart); err != nil {
			return nil, err
		}
	} else {
		var parts []io.Reader
		for _, part := range s.kept {
			parts = append(parts, bytes.NewReader(part))
		}
		raw = io.MultiReader(append(parts, &keeper{s})...)
		s.keep = more
		if !more {
			s.forget()
		}
	}
	s.passes++
	s.done.Store(0)
	buffered := bufio.NewReaderSize(&counter{raw, &s.done}, 64<<10)
	if magic, _ := buffered.Peek(2); string(magic) != "\x1f\x8b" {
		return buffered, nil
	}
	s.gzipped = true
	unpacked, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, err
	}
	return bufio.NewReaderSize(unpacked, sniffed), nil
}

// forget gives up the means of another pass.
func (s *source) forget() { s.keep, s.kept = false, nil }

// report tells progress how far the current pass has come.
func (s *source) report(progress func(done, total int64)) {
	if progress != nil {
		before := s.total * int64(s.passes-1)
		progress(before+s.done.Load(), before+s.total)
	}
}

// size is the number of bytes of CSV in the input, 0 if unknown.
func (s *source) size() int64 {
	if s.gzipped {
		return 0
	}
	return s.total
}

// keeper reads from a source's reader and keeps what it read if there may be another pass.
type keeper struct{ s *source }

func (k *keeper) Read(p []byte) (int, error) {
	n, err := k.s.r.Read(p)
	if k.s.keep {
		k.s.kept = append(k.s.kept, bytes.Clone(p[:n]))
	}
	return n, err
}

// counter counts the bytes that are read.
type counter struct {
	r    io.Reader
	done *atomic.Int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.done.Add(int64(n))
	return n, err
}
