package main

import (
	"context"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// scripts are what the peers run.
//
//go:embed peers
var scripts embed.FS

// peer is a program to compare with: a script for R or for Python.
type peer struct{ name, script string }

var peers = []peer{
	{"data.table", "data.table.R"},
	{"fixest", "fixest.R"},
	{"fixest-study", "fixest_study.R"},
	{"estimatr", "estimatr.R"},
	{"pandas", "run_pandas.py"},
	{"polars", "run_polars.py"},
	{"duckdb", "run_duckdb.py"},
	{"fereg", "run_fereg.py"},
	{"fereg-study", "run_fereg_study.py"},
	{"pyfixest", "run_pyfixest.py"},
	{"pyfixest-study", "run_pyfixest_study.py"},
	{"statsmodels", "run_statsmodels.py"},
}

// peerNamed finds a peer.
func peerNamed(name string) (peer, error) {
	i := slices.IndexFunc(peers, func(p peer) bool { return p.name == name })
	if i < 0 {
		return peer{}, fmt.Errorf("there is no peer %q", name)
	}
	return peers[i], nil
}

// unpack writes the scripts into a directory of their own, which remove takes away.
func unpack() (dir string, remove func(), err error) {
	if dir, err = os.MkdirTemp("", "bench"); err != nil {
		return "", nil, err
	}
	if err := os.CopyFS(dir, scripts); err != nil {
		os.RemoveAll(dir)
		return "", nil, err
	}
	return filepath.Join(dir, "peers"), func() { os.RemoveAll(dir) }, nil
}

// command is the process in which the peer does a task.
func (p peer) command(ctx context.Context, s *settings, scripts string, t *task) *exec.Cmd {
	program := s.python
	if filepath.Ext(p.script) == ".R" {
		program = s.rscript
	}
	words := []string{program, p.script, t.path(s), strings.Join(t.steps, ",")}
	if _, err := exec.LookPath(program); err == nil && s.memory > 0 {
		// The shell sets the limit and becomes the program.
		words = append([]string{"sh", "-c", `ulimit -v "$0" && exec "$@"`, fmt.Sprint(s.memory << 20)}, words...)
	}
	c := exec.CommandContext(ctx, words[0], words[1:]...)
	c.Dir = scripts
	return c
}
