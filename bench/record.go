package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// ours is the name of this library among programs.
const ours = "fieldexp"

// record is a run: a line of records.jsonl.
type record struct {
	Task       string  `json:"task"`
	Program    string  `json:"program"`
	Processors int     `json:"processors"`
	Seconds    float64 `json:"seconds"` // of the process
	Bytes      int64   `json:"bytes"`   // of memory at most
	FileBytes  int64   `json:"file_bytes"`
	output
}

// warm is the name of the step in which a peer gets ready.
const warm = "warm"

// spent is the time of some steps; no step means the whole process, but for getting ready. ok is
// false if a step was not done.
func (r *record) spent(steps ...string) (seconds float64, ok bool) {
	if len(steps) == 0 {
		seconds = r.Seconds
		for _, s := range r.Steps {
			if s.Name == warm {
				seconds -= s.Seconds
			}
		}
		return seconds, r.Seconds > 0
	}
	for _, name := range steps {
		found := false
		for _, s := range r.Steps {
			if s.Name == name {
				seconds += s.Seconds
				found = true
			}
		}
		if !found {
			return 0, false
		}
	}
	return seconds, true
}

// used is the processor time of some steps, where it is known.
func (r *record) used(steps ...string) (seconds float64, ok bool) {
	for _, s := range r.Steps {
		if slices.Contains(steps, s.Name) {
			seconds += s.Processor
		}
	}
	return seconds, seconds > 0
}

// recordsPath is where runs are recorded.
func recordsPath(s *settings) string { return filepath.Join(s.dir, "records.jsonl") }

// appendRecord adds a run to the records.
func appendRecord(s *settings, r record) error {
	file, err := os.OpenFile(recordsPath(s), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	return json.NewEncoder(file).Encode(r)
}

// readRecords reads all runs.
func readRecords(s *settings) ([]record, error) {
	path := recordsPath(s)
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("nothing is recorded in %s: run bench compare first", path)
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var list []record
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<24)
	for line := 1; lines.Scan(); line++ {
		var r record
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", path, line, err)
		}
		list = append(list, r)
	}
	return list, lines.Err()
}
