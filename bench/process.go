package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// measured is what is known of a process that has ended.
type measured struct {
	output
	seconds   float64 // by the wall
	processor float64 // seconds on all processors together
	bytes     int64   // of memory at most; 0 where the system does not tell
	printed   string  // by a silent command
}

// measure runs a command to its end. What it prints must be an output as JSON, unless silent: then it may be anything.
//
// Memory is the process's largest resident set. A process starts with that of its parent, so that
// figures below some 20 MB say nothing.
func measure(c *exec.Cmd, silent bool) (measured, error) {
	var m measured
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	start := time.Now()
	err := c.Run()
	m.seconds = time.Since(start).Seconds()
	if errors.Is(err, exec.ErrNotFound) {
		m.Absent = c.Args[0]
		return m, nil
	}
	if err != nil {
		return m, fmt.Errorf("%s: %w\n%s", strings.Join(c.Args, " "), err, lastLines(stderr.String(), 15))
	}
	m.bytes = peakMemory(c.ProcessState)
	m.processor = (c.ProcessState.UserTime() + c.ProcessState.SystemTime()).Seconds()
	if silent {
		m.printed = stdout.String()
		return m, nil
	}
	if err := json.Unmarshal(stdout.Bytes(), &m.output); err != nil {
		return m, fmt.Errorf("%s: what it printed is not the JSON of its steps: %w", strings.Join(c.Args, " "), err)
	}
	return m, nil
}

// lastLines is the end of a text.
func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// ourCommand is the process that does a task with this library, on so many processors.
func (t *task) ourCommand(ctx context.Context, s *settings, self, fieldexp string, processors int) *exec.Cmd {
	path := t.path(s)
	var c *exec.Cmd
	if t.command {
		c = exec.CommandContext(ctx, fieldexp, "study", path+"/study.toml", "--out", path+"/results")
	} else {
		c = exec.CommandContext(ctx, self, "steps", path, strings.Join(t.steps, ","))
	}
	c.Env = append(c.Environ(), fmt.Sprintf("GOMAXPROCS=%d", processors))
	return c
}
