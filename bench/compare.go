package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// runCommand runs tasks: ours, theirs, or both in turn.
func runCommand(s *settings, use, short string, withOurs, withPeers bool) *cobra.Command {
	return &cobra.Command{
		Use:   use + " [TASK...]",
		Short: short,
		RunE: func(c *cobra.Command, names []string) error {
			list, err := tasksNamed(names)
			if err != nil {
				return err
			}
			if err := runTasks(c.Context(), s, list, withOurs, withPeers, c.OutOrStdout()); err != nil {
				return err
			}
			records, err := readRecords(s)
			if err != nil {
				return err
			}
			return summarise(records).lacks(list)
		},
	}
}

// path is the file or directory that the task is run on.
func (t *task) path(s *settings) string {
	d, err := datasetNamed(t.data)
	if err != nil {
		panic(err) // the tasks are our own
	}
	return d.path(s)
}

// turn is a program that runs a task, and how long it has taken over it.
type turn struct {
	program    string
	processors int
	command    func(context.Context) *exec.Cmd
	silent     bool
	took       time.Duration
	absent     bool
}

// runTasks runs each task as often as the settings say, its programs in turn.
func runTasks(ctx context.Context, s *settings, list []task, withOurs, withPeers bool, log io.Writer) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	dir, remove, err := unpack()
	if err != nil {
		return err
	}
	defer remove()
	for _, t := range list {
		size, err := prepare(ctx, s, &t, self)
		if err != nil {
			return err
		}
		turns, err := t.turns(ctx, s, self, dir, withOurs, withPeers)
		if err != nil {
			return err
		}
		for range s.runs {
			for _, turn := range turns {
				if turn.absent || turn.took > s.budget {
					continue
				}
				if err := turn.take(ctx, s, &t, size, log); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// prepare makes the task's files where they are missing, in a process of its own so that this one
// stays small (see measure), and reads them once so that all programs find them in the system's
// cache. It returns the size of the file of rows.
func prepare(ctx context.Context, s *settings, t *task, self string) (int64, error) {
	d, err := datasetNamed(t.data)
	if err != nil {
		return 0, err
	}
	if _, err := os.Stat(d.events(s)); errors.Is(err, fs.ErrNotExist) {
		if err := quietly(exec.CommandContext(ctx, self, "generate", d.name, "--dir", s.dir, "--seed", fmt.Sprint(s.seed))); err != nil {
			return 0, err
		}
	}
	file, err := os.Open(d.events(s))
	if err != nil {
		return 0, err
	}
	defer file.Close()
	return io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{file}, make([]byte, 1<<20))
}

// turns are the programs that run the task: ours on all processors and on one, and the peers.
func (t *task) turns(ctx context.Context, s *settings, self, scripts string, withOurs, withPeers bool) ([]*turn, error) {
	var list []*turn
	if withOurs {
		var fieldexp string
		if t.command {
			var err error
			if fieldexp, err = buildCommand(ctx, s); err != nil {
				return nil, err
			}
		}
		for processors := range processorCounts() {
			list = append(list, &turn{program: ours, processors: processors, silent: t.command,
				command: func(ctx context.Context) *exec.Cmd { return t.ourCommand(ctx, s, self, fieldexp, processors) }})
		}
	}
	if withPeers {
		for _, name := range t.peers {
			if len(s.peers) > 0 && !slices.Contains(s.peers, name) {
				continue
			}
			p, err := peerNamed(name)
			if err != nil {
				return nil, err
			}
			list = append(list, &turn{program: name, processors: runtime.NumCPU(),
				command: func(ctx context.Context) *exec.Cmd { return p.command(ctx, s, scripts, t) }})
		}
	}
	return list, nil
}

// processorCounts are all processors and, where there are several, one.
func processorCounts() func(yield func(int) bool) {
	return func(yield func(int) bool) {
		n := runtime.NumCPU()
		if yield(n) && n > 1 {
			yield(1)
		}
	}
}

// take runs the program once and records it. A peer that fails (for want of memory, say) is recorded as
// absent with its reason, and the others go on; a failure of ours is an error.
func (u *turn) take(ctx context.Context, s *settings, t *task, size int64, log io.Writer) error {
	limited, cancel := context.WithTimeout(ctx, s.limit)
	defer cancel()
	start := time.Now()
	m, err := measure(u.command(limited), u.silent)
	u.took += time.Since(start)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case limited.Err() != nil:
		m.Absent = fmt.Sprintf("%s%s after %v", failedPrefix, notDone, s.limit)
	case err != nil && u.program != ours:
		m.Absent = failedPrefix + err.Error()
	case err != nil:
		return err
	}
	r := record{Task: t.name, Program: u.program, Processors: u.processors, Seconds: m.seconds, Bytes: m.bytes, FileBytes: size, output: m.output}
	u.absent = m.Absent != ""
	fmt.Fprintln(log, r.line())
	return appendRecord(s, r)
}

// failedPrefix begins the reason of a peer that is there but could not do the task, and notDone follows
// where it took too long.
const (
	failedPrefix = "failed: "
	notDone      = "not done"
)

// line tells a run in a line.
func (r *record) line() string {
	head := fmt.Sprintf("%-13s %-14s %d", r.Task, r.Program, r.Processors)
	if r.Absent != "" {
		return head + "  absent: " + r.Absent
	}
	var steps []string
	for _, s := range r.Steps {
		steps = append(steps, fmt.Sprintf("%s %.2f", s.Name, s.Seconds))
	}
	return fmt.Sprintf("%s %7.2f s %6d MB  %s", head, r.Seconds, r.Bytes/1e6, strings.Join(steps, ", "))
}
