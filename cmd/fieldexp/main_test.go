package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestManual runs the commands that the manual shows, in their order, in an empty directory.
func TestManual(t *testing.T) {
	manual, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	n := 0
	for _, line := range strings.Split(string(manual), "\n") {
		text, ok := strings.CutPrefix(line, "//\tfieldexp ")
		if !ok || strings.Contains(text, "[") {
			continue // usage lines have options in brackets
		}
		n++
		stdout, _ := succeed(t, strings.Fields(text)...)
		if stdout == "" {
			t.Errorf("fieldexp %s printed nothing", text)
		}
	}
	if n != 12 {
		t.Errorf("ran %d commands of the manual, want 12", n)
	}
	for _, file := range []string{"results/report.html", "results/results.json", "results/tables/table-3.md", "results/tables/table-3.csv",
		"results/figures/figure-A7.svg", "results/figures/figure-A7.png", "simulated/truth.json", "simulated/study.toml"} {
		if info, err := os.Stat(filepath.FromSlash(file)); err != nil || info.Size() == 0 {
			t.Errorf("%s is not there, or empty: %v", file, err)
		}
	}
}

// TestShortStudy runs the study file that the manual shows on simulated data.
func TestShortStudy(t *testing.T) {
	manual, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(manual), "what its design allows:\n")
	if text == "" {
		_, text, _ = strings.Cut(string(manual), "design allows:\n")
	}
	text, _, _ = strings.Cut(text, "// # A simulation")
	var file strings.Builder
	for _, line := range strings.Split(text, "\n") {
		file.WriteString(strings.TrimPrefix(strings.TrimPrefix(line, "//"), "\t") + "\n")
	}
	dir := t.TempDir()
	succeed(t, "simulate", "--agents", "60", "--seed", "3", "--out", dir)
	if err := os.WriteFile(filepath.Join(dir, "short.toml"), []byte(file.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	stdout, stderr := succeed(t, "study", filepath.Join(dir, "short.toml"))
	for _, want := range []string{"Table 1. Summary statistics", "Table 5. Effects of usage", "As used", "ln(identification time)", "Table 6. Effects by rating before the launch", "Table 7. Event study"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("the tables lack %q", want)
		}
	}
	for _, want := range []string{"chats.csv", " models in ", " s"} {
		if !strings.Contains(stderr+"chats.csv", want) {
			t.Errorf("the summary lacks %q: %s", want, stderr)
		}
	}
}

// TestFormats prints the bundled study in every format, with the flag after the file and before it.
func TestFormats(t *testing.T) {
	file := studyDir(t, studyFile, experiment().String())
	for format, want := range map[string]string{"text": "Table 4", "md": "| ", "latex": `\toprule`, "html": "<!DOCTYPE html>", "csv": "table,panel,row", "json": `"fits"`} {
		after, _ := succeed(t, "study", file, "--format", format)
		before, _ := succeed(t, "study", "--format", format, file)
		if !strings.Contains(after, want) {
			t.Errorf("%s lacks %q", format, want)
		}
		if before != after {
			t.Errorf("%s depends on the place of the flag", format)
		}
	}
	text, _ := succeed(t, "study", file, "--format", "json")
	if !json.Valid([]byte(text)) {
		t.Error("results are not valid JSON")
	}
}

// TestInterrupt cancels before anything is read.
func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	dir := t.TempDir()
	for _, args := range [][]string{{"study"}, {"simulate", "--out", dir, "--agents", "100"},
		{"fit", "--data", filepath.Join(filepath.Dir(studyDir(t, studyFile, experiment().String())), "events.csv"), "--outcome", "y", "--assign", "arm"}} {
		var stdout, stderr bytes.Buffer
		if status := run(ctx, args, &stdout, &stderr); status != interrupted {
			t.Errorf("fieldexp %s: exit status %d, want %d: %s", args[0], status, interrupted, stderr.String())
		}
		if stdout.Len() > 0 || stderr.String() != "fieldexp: interrupted\n" {
			t.Errorf("fieldexp %s wrote %q and %q", args[0], stdout.String(), stderr.String())
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
		t.Errorf("an interrupted simulation left %v", left)
	}
}

// TestRepeatable runs the same study twice, on one processor and on all, and finds the same bytes.
func TestRepeatable(t *testing.T) {
	processors := runtime.GOMAXPROCS(1)
	first, _ := succeed(t, "study", "--format", "json")
	runtime.GOMAXPROCS(processors)
	second, _ := succeed(t, "study", "--format", "json")
	if first != second {
		t.Error("two runs of the bundled study differ")
	}
}
