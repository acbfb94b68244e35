//go:build unix

// Package gaps measures how long code works between two looks at its context, for tests.
package gaps

import (
	"context"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A Watch is a context that keeps the longest times of work of the process between two looks at it.
type Watch struct {
	context.Context
	mutex   sync.Mutex
	last    time.Duration
	from    string
	Longest time.Duration
	Where   string // the looks before and after
}

// New begins to watch.
func New(parent context.Context) *Watch {
	return &Watch{Context: parent, last: worked()}
}

// worked is the time that the process has worked.
func worked() time.Duration {
	var use syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &use) != nil {
		return 0
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// look notes a look.
func (w *Watch) look() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	now := worked()
	if gap := now - w.last; gap > w.Longest {
		here := stack()
		w.Longest, w.Where = gap, w.from+" to "+here
		w.from = here
	} else if gap > time.Millisecond {
		w.from = stack()
	}
	w.last = now
}

// Err looks.
func (w *Watch) Err() error { w.look(); return w.Context.Err() }

// Done looks.
func (w *Watch) Done() <-chan struct{} { w.look(); return w.Context.Done() }

// stack is who looks, from the inside out.
func stack() string {
	pcs := make([]uintptr, 12)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(4, pcs)])
	var names []string
	for {
		frame, more := frames.Next()
		names = append(names, frame.Function[strings.LastIndex(frame.Function, "/")+1:])
		if !more {
			return strings.Join(names, " < ")
		}
	}
}
