//go:build unix

package main

import (
	"bytes"
	"errors"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fieldexp/fieldexp/internal/folder/foldertest"
)

// build builds the program.
func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "fieldexp")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v: %s", err, out)
	}
	return program
}

// start starts the program, and sends it a signal after some time. It returns its exit status, which is that of a shell
// after a signal that it did not handle, how long it ran, and how long it ran after the signal.
func start(t *testing.T, program string, after time.Duration, signals []syscall.Signal, args ...string) (status int, ran, late time.Duration, stderr string) {
	t.Helper()
	c := exec.Command(program, args...)
	var text bytes.Buffer
	c.Stderr = &text
	begun := time.Now()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var sent time.Time
	timer := time.AfterFunc(after, func() {
		sent = time.Now()
		for _, s := range signals {
			c.Process.Signal(s)
		}
	})
	err := c.Wait()
	ended := time.Now()
	if !timer.Stop() {
		late = ended.Sub(sent)
	}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		if status = exit.ExitCode(); status < 0 {
			status = 128 + int(exit.Sys().(syscall.WaitStatus).Signal())
		}
	}
	return status, ended.Sub(begun), late, text.String()
}

// TestSignals sends signals at random moments to a study that replaces another result, and to a simulation: the old result is
// there or the new one, whole, and nothing beside it. Where the program was killed, the next run removes what it left.
// FIELDEXP_LONG=1 sends 200.
func TestSignals(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the program many times")
	}
	count := 10
	if os.Getenv("FIELDEXP_LONG") != "" {
		count = 200
	}
	program := build(t)
	first, second := studyDir(t, studyFile, experiment().String()), studyDir(t, studyFile+"[[tables]]\nkind = \"itt\"\nnumber = \"one\"\n", experiment().String())
	empty := studyDir(t, studyFile, "") // is refused
	root := t.TempDir()
	out := filepath.Join(root, "out")
	save := func(study string) []string { return []string{"study", study, "--out", out} }
	run := func(study string) map[string]string {
		if status, _, _, stderr := start(t, program, time.Hour, nil, save(study)...); status != 0 {
			t.Fatalf("status %d: %s", status, stderr)
		}
		return foldertest.Tree(t, root)
	}
	after, before := run(second), run(first)
	_, whole, _, _ := start(t, program, time.Hour, nil, save(first)...)
	r := rand.New(rand.NewPCG(10, 200))
	kinds := []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGKILL}
	outcomes := map[string]int{}
	var slowest time.Duration
	for i := range count {
		signal := kinds[i%len(kinds)]
		status, _, late, stderr := start(t, program, time.Duration(r.Int64N(int64(whole))), []syscall.Signal{signal}, save(second)...)
		if signal == syscall.SIGKILL {
			// What a killed program left goes with the next run that looks at the folder, even with one that is refused.
			if status, _, _, stderr := start(t, program, time.Hour, nil, save(empty)...); status != 1 {
				t.Fatalf("status %d: %s", status, stderr)
			}
		}
		slowest = max(slowest, late)
		tree := foldertest.Tree(t, root)
		switch {
		case foldertest.Same(tree, before):
			outcomes["old"]++
		case foldertest.Same(tree, after):
			outcomes["new"]++
			run(first)
		default:
			t.Fatalf("after %v (status %d, %s) there are %v", signal, status, stderr, names(tree))
		}
		if want := 128 + int(signal); status != 0 && status != want {
			t.Errorf("status %d after %v, want %d: %s", status, signal, want, stderr)
		}
	}
	t.Logf("%d signals: %v; a run takes %v, and ends at most %v after a signal", count, outcomes, whole, slowest)

	world := t.TempDir()
	for i := range min(count, 20) {
		signal := kinds[i%3]
		start(t, program, time.Duration(r.Int64N(int64(150*time.Millisecond))), []syscall.Signal{signal}, "simulate", "--agents", "200", "--out", filepath.Join(world, "sim"), "--force")
		if tree := foldertest.Tree(t, world); len(tree) != 0 && len(tree) != 5 {
			t.Errorf("after %v the simulation leaves %v", signal, names(tree))
		}
	}
}

// names are those of the files of a tree.
func names(tree map[string]string) []string {
	var list []string
	for name := range maps.Keys(tree) {
		list = append(list, name)
	}
	return list
}

// TestPipes: a pipe to which nobody writes can be left, before it opens and after.
func TestPipes(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	program := build(t)
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o644); err != nil {
		t.Skip(err)
	}
	args := []string{"fit", "--data", pipe, "--outcome", "y", "--assign", "arm"}
	for name, open := range map[string]bool{"not open": false, "open": true} {
		if open {
			writer, err := os.OpenFile(pipe, os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer writer.Close()
		}
		status, _, late, stderr := start(t, program, 300*time.Millisecond, []syscall.Signal{syscall.SIGINT}, args...)
		if status != 130 || late > 3*time.Second || !strings.Contains(stderr, "interrupted") {
			t.Errorf("%s: status %d, %v after the signal: %s", name, status, late, stderr)
		}
	}
}
