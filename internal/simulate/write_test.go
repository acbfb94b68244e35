package simulate

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fieldexp/fieldexp/data"
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

func TestWriteAndFramesAgree(t *testing.T) {
	cfg := Config{Agents: 40, Seed: 3}
	_, wrote, files := written(t, cfg)
	agents, chats, kept := frames(t, cfg)
	if !reflect.DeepEqual(wrote, kept) {
		t.Error("truths differ")
	}
	var read Truth
	if err := json.Unmarshal([]byte(files[TruthFile]), &read); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(read, kept) {
		t.Error("truth.json does not hold the truth")
	}
	compareFrame(t, AgentsFile, files[AgentsFile], agents)
	compareFrame(t, ChatsFile, files[ChatsFile], chats)
}

// compareFrame compares every cell of a file, read by encoding/csv, with a frame.
func compareFrame(t *testing.T, name, file string, f *data.Frame) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(rows[0], f.Names()) {
		t.Fatalf("%s: columns are %v in the file and %v in the frame", name, rows[0], f.Names())
	}
	if len(rows)-1 != f.Len() {
		t.Fatalf("%s has %d rows, the frame %d", name, len(rows)-1, f.Len())
	}
	for c, column := range rows[0] {
		cell := cells(t, f, column)
		for i, row := range rows[1:] {
			if !cell(i, row[c]) {
				t.Fatalf("%s, row %d, column %s: the file has %q, the frame another value", name, i+1, column, row[c])
			}
		}
	}
}

// cells tells whether a text stands for the value of a row of a column.
func cells(t *testing.T, f *data.Frame, column string) func(row int, text string) bool {
	t.Helper()
	kind, err := f.Kind(column)
	if err != nil {
		t.Fatal(err)
	}
	switch kind {
	case data.Categorical:
		codes, levels, err := f.Codes(column)
		if err != nil {
			t.Fatal(err)
		}
		return func(row int, text string) bool { return levels[codes[row]] == text }
	case data.Time:
		times, err := f.Times(column)
		if err != nil {
			t.Fatal(err)
		}
		return func(row int, text string) bool {
			at, err := time.Parse(time.DateTime, text)
			return err == nil && at.UnixNano() == times[row]
		}
	}
	values := numbers(t, f, column)
	return func(row int, text string) bool {
		if text == "" {
			return math.IsNaN(values[row])
		}
		x, err := strconv.ParseFloat(text, 64)
		return err == nil && x == values[row]
	}
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

func TestFramesCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, _, err := Frames(ctx, Config{Agents: 5000}); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want context.Canceled", err)
	}
}
