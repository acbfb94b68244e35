package simulate

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// written simulates into a directory of its own and reads the files back.
func written(t *testing.T, cfg Config) (dir string, truth Truth, files map[string]string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "made", "here")
	truth, err := Write(context.Background(), dir, cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	files = map[string]string{}
	for _, name := range []string{AgentsFile, ChatsFile, TruthFile} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(b)
	}
	return dir, truth, files
}

// The files must be the same to the byte however many goroutines made them.
func TestWriteDoesNotDependOnProcessors(t *testing.T) {
	cfg := Config{Agents: 90, Seed: 7}
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	_, truth1, files1 := written(t, cfg)
	runtime.GOMAXPROCS(5)
	_, truth5, files5 := written(t, cfg)
	if !reflect.DeepEqual(truth1, truth5) {
		t.Error("truths differ")
	}
	for name := range files1 {
		if files1[name] != files5[name] {
			t.Errorf("%s differs", name)
		}
	}

	cfg.Seed++
	if _, _, other := written(t, cfg); other[ChatsFile] == files1[ChatsFile] {
		t.Error("two seeds make the same chats")
	}
}

// TestFilesHoldTheStudy compares every cell, read by encoding/csv, with what was simulated.
func TestFilesHoldTheStudy(t *testing.T) {
	cfg := Config{Agents: 40, Seed: 3}
	_, truth, files := written(t, cfg)
	var read Truth
	if err := json.Unmarshal([]byte(files[TruthFile]), &read); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(read, truth) {
		t.Error("truth.json does not hold the truth")
	}
	cfg, err := cfg.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(cfg)
	agents := [][]string{agentColumns[:]}
	chats := [][]string{append(slices.Clone(identity[:]), measureNames()...)}
	var ws workspace
	for i := range w.agents {
		a := &w.agents[i]
		id := fmt.Sprintf("A%06d", i+1)
		agents = append(agents, []string{id, fmt.Sprint(indicator(a.treated)), fmt.Sprint(indicator(a.male)), fmt.Sprint(a.age), fmt.Sprint(a.tenure)})
		all, _ := w.simulate(a, &ws)
		for _, c := range all {
			start := firstDay().Add(time.Duration(c.start) * time.Second)
			row := []string{fmt.Sprint(chatID(i, c.number)), id, fmt.Sprint(c.customer), start.Format(time.DateTime), issues[c.issue].name}
			for j, v := range c.v {
				text := ""
				if v != missing {
					text = strconv.FormatFloat(float64(v)/scale[measures[j].decimals], 'f', measures[j].decimals, 64)
				}
				row = append(row, text)
			}
			chats = append(chats, row)
		}
	}
	for name, want := range map[string][][]string{AgentsFile: agents, ChatsFile: chats} {
		got, err := csv.NewReader(strings.NewReader(files[name])).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(want) {
			t.Fatalf("%s has %d lines, want %d", name, len(got), len(want))
		}
		for i := range want {
			if !slices.Equal(got[i], want[i]) {
				t.Fatalf("%s, line %d: %q, want %q", name, i+1, got[i], want[i])
			}
		}
	}
}

func measureNames() (names []string) {
	for _, m := range measures {
		names = append(names, m.name)
	}
	return names
}

func TestWriteReportsProgress(t *testing.T) {
	var calls [][2]int
	_, err := Write(context.Background(), t.TempDir(), Config{Agents: 50}, func(done, total int) {
		calls = append(calls, [2]int{done, total})
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range calls {
		if c[1] != 50 || i > 0 && c[0] <= calls[i-1][0] {
			t.Fatalf("progress is %v", calls)
		}
	}
	if len(calls) == 0 || calls[len(calls)-1][0] != 50 {
		t.Errorf("progress ends before the agents do: %v", calls)
	}
}

// A study that is not finished leaves the directory as it was.
func TestWriteCancelled(t *testing.T) {
	dir := t.TempDir()
	old := filepath.Join(dir, ChatsFile)
	if err := os.WriteFile(old, []byte("older study"), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	_, err := Write(ctx, dir, Config{Agents: 500}, func(done, _ int) {
		if done >= 40 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("error is %v, want context.Canceled", err)
	}
	if b, err := os.ReadFile(old); err != nil || string(b) != "older study" {
		t.Errorf("the older %s is %q, %v", ChatsFile, b, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("the directory holds %v, %v; want the older file alone", entries, err)
	}
}

func TestWriteErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	blocked := t.TempDir() // a directory stands where a file should go
	if err := os.MkdirAll(filepath.Join(blocked, ChatsFile, "x"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, dir := range map[string]string{
		"directory is a file":      file,
		"directory within a file":  filepath.Join(file, "study"),
		"file name is a directory": blocked,
	} {
		if _, err := Write(context.Background(), dir, Config{Agents: 20}, nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
