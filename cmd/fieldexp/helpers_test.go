package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// command runs the program and returns its exit status and what it wrote.
func command(args ...string) (status int, stdout, stderr string) {
	var out, err bytes.Buffer
	status = run(context.Background(), args, &out, &err)
	return status, out.String(), err.String()
}

// succeed runs the program and fails the test unless it exits with 0.
func succeed(t *testing.T, args ...string) (stdout, stderr string) {
	t.Helper()
	status, stdout, stderr := command(args...)
	if status != 0 {
		t.Fatalf("fieldexp %s: exit status %d: %s", strings.Join(args, " "), status, stderr)
	}
	return stdout, stderr
}

// sheet is a CSV file in memory.
type sheet struct {
	header []string
	rows   [][]string
}

// set changes a column of all rows.
func (s *sheet) set(column string, value func(row int, old string) string) {
	for j, name := range s.header {
		if name == column {
			for i := range s.rows {
				s.rows[i][j] = value(i, s.rows[i][j])
			}
		}
	}
}

func (s *sheet) String() string {
	var b strings.Builder
	b.WriteString(strings.Join(s.header, ",") + "\n")
	for _, row := range s.rows {
		b.WriteString(strings.Join(row, ",") + "\n")
	}
	return b.String()
}

// experiment is a small study in one file: 24 units, half of them treated from 8 March on, ten days
// of three events each.
func experiment() *sheet {
	r := rand.New(rand.NewPCG(1, 2))
	s := &sheet{header: []string{"unit", "arm", "at", "used", "y", "x", "w", "base"}}
	for u := range 24 {
		level := r.NormFloat64()
		for day := range 10 {
			for event := range 3 {
				arm, used := u%2, 0
				if arm == 1 && day >= 5 && r.Float64() < 0.6 {
					used = 1
				}
				y := 5 + level + 0.5*float64(used) + r.NormFloat64()
				s.rows = append(s.rows, []string{fmt.Sprintf("u%02d", u), fmt.Sprint(arm), fmt.Sprintf("2024-03-%02d 1%d:00:00", 3+day, event),
					fmt.Sprint(used), fmt.Sprintf("%.4f", y), fmt.Sprintf("%.4f", r.NormFloat64()), "1", fmt.Sprintf("%.3f", level)})
			}
		}
	}
	return s
}

// studyFile is the study file of the experiment.
const studyFile = `launch = 2024-03-08

[data]
events = "events.csv"

[roles]
unit = "unit"
assignment = "arm"
time = "at"
usage = "used"
fixed = ["base"]

[controls]
lagged = ["x"]

[baseline]
column = "y"
groups = 2

[[outcomes]]
column = "y"
`

// studyDir writes files into a new directory and returns the path of the study file.
func studyDir(t *testing.T, study, events string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"study.toml": study, "events.csv": events} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "study.toml")
}
