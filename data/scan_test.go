package data

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// chatLog is a small log of chats, and the frame that ReadCSV makes of it.
func chatLog(t *testing.T, rows int) (string, *Frame) {
	t.Helper()
	var b strings.Builder
	b.WriteString("chat,worker,opened,rating,note\n")
	for i := range rows {
		rating := ""
		if i%7 == 3 {
			rating = fmt.Sprint(i % 5)
		}
		fmt.Fprintf(&b, "%d,W%d,2024-01-%02d 10:00:%02d,%s,\n", 400_000_000+i, i*i%97, 1+i%28, i%60, rating)
	}
	return b.String(), frame(t, b.String())
}

func TestScanCSVGivesTheRowsOfReadCSV(t *testing.T) {
	input, want := chatLog(t, 3000)
	path := filepath.Join(t.TempDir(), "chats.csv")
	if err := os.WriteFile(path, []byte(input), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, blockSize := range []int{300, 5000, 0} {
		for name, opt := range map[string]ReadOptions{
			"inferred": {blockSize: blockSize},
			"typed":    {blockSize: blockSize, Types: map[string]Kind{"chat": Float, "worker": Categorical, "opened": Time, "rating": Float, "note": Float}},
			"subset":   {blockSize: blockSize, Columns: []string{"worker", "rating", "chat", "opened", "note"}},
		} {
			for _, pipe := range []bool{false, true} {
				var got *Frame
				var levels []string
				collect := func(chunk *Frame) error {
					_, now, err := chunk.Codes("worker")
					if err != nil {
						return err
					}
					if len(now) < len(levels) || !slices.Equal(now[:len(levels)], levels) {
						t.Fatalf("%s: levels %q became %q", name, levels, now)
					}
					levels = now
					all := make([]int, chunk.Len())
					for i := range all {
						all[i] = i
					}
					kept := chunk.Take(all) // a chunk is filled again later
					if got == nil {
						got = kept
						return nil
					}
					got, err = got.Append(kept)
					return err
				}
				var err error
				if pipe {
					err = ScanCSVFrom(context.Background(), io.MultiReader(strings.NewReader(input)), "chats", opt, collect)
				} else {
					err = ScanCSV(context.Background(), path, opt, collect)
				}
				if err != nil {
					t.Fatal(err)
				}
				expected := want
				if opt.Columns != nil {
					if expected, err = want.Select(opt.Columns...); err != nil {
						t.Fatal(err)
					}
				}
				if show(got) != show(expected) {
					t.Errorf("%s, blocks of %d, pipe %v: the rows differ", name, blockSize, pipe)
				}
			}
		}
	}
}

// A column that turns out to be text within the sample is text from the start.
func TestScanCSVInfersFromTheWholeSample(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,when,late,x\n")
	for i := range 60_000 { // several blocks, and less than the sample
		id, when, late := fmt.Sprintf("%06d", i), "2024-01-23", ""
		if i == 45_000 {
			id, when, late = "last", "2024", "2024-01-24"
		}
		fmt.Fprintf(&b, "%s,%s,%s,1\n", id, when, late)
	}
	first := true
	err := ScanCSVFrom(context.Background(), strings.NewReader(b.String()), "log", ReadOptions{}, func(f *Frame) error {
		for name, want := range map[string]Kind{"id": Categorical, "when": Categorical, "late": Time, "x": Float} {
			if kind, err := f.Kind(name); err != nil || kind != want {
				t.Fatalf("%s is %v, want %v, error %v", name, kind, want, err)
			}
		}
		codes, levels, err := f.Codes("id")
		if first && levels[codes[7]] != "000007" {
			t.Errorf("the first identifiers are %q", levels[:10])
		}
		first = false
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestScanCSVAllowsDerivations(t *testing.T) {
	input, want := chatLog(t, 500)
	d, err := ParseDerivation("low = rating <= 2")
	if err != nil {
		t.Fatal(err)
	}
	low := 0.0
	count := func(f *Frame) error {
		if err := d.Apply(f); err != nil {
			return err
		}
		values, err := f.Floats("low")
		for _, v := range values {
			if !math.IsNaN(v) {
				low += v
			}
		}
		return err
	}
	if err := ScanCSVFrom(context.Background(), strings.NewReader(input), "chats", ReadOptions{blockSize: 500}, count); err != nil {
		t.Fatal(err)
	}
	scanned := low
	low = 0
	if err := count(want); err != nil {
		t.Fatal(err)
	}
	if scanned != low || low == 0 {
		t.Errorf("%v low ratings in chunks, %v in all", scanned, low)
	}
}

func TestScanCSVRefuses(t *testing.T) {
	many := strings.Repeat("1,2,2024-01-23\n", 100)
	for _, c := range []struct {
		name, input, want string
		opt               ReadOptions
	}{
		{"text after numbers", "a,b,t\n" + many + "x,2,2024-01-23\n",
			`data: test.csv, line 102, column "a": "x" is not a number (1 of 101 cells), for which the column was taken from its first rows; read it as missing by MissingValues = "x", or read the column as text by Types["a"] = "text"`, ReadOptions{}},
		{"text after nothing", "a,b,t\n" + strings.Repeat(",2,2024-01-23\n", 100) + "x,2,2024-01-23\n",
			`data: test.csv, line 102, column "a": "x" is not a number (1 of 1 cell), for which the column was taken from its first rows; read it as missing by MissingValues = "x", or read the column as text by Types["a"] = "text"`, ReadOptions{}},
		{"an identifier past 2^53", "a,b,t\n" + many + "1,9007199254740993,2024-01-23\n",
			`data: test.csv, line 102, column "b": "9007199254740993" is not a number that can be told from its neighbours, for which the column was taken from its first rows; name the column's type in Types: text if it is an identifier, number if it may be rounded`, ReadOptions{}},
		{"text after times", "a,b,t\n" + many + "1,2,soon\n",
			`data: test.csv, line 102, column "t": "soon" is not a time in any of the layouts (1 of 101 cells), for which the column was taken from its first rows; add its layout to Layouts, as in "%d/%m/%Y %H:%M" (%y for a year of two digits), or read it as missing by MissingValues = "soon", or read the column as text by Types["t"] = "text"`, ReadOptions{}},
		{"text where numbers were promised", "a,b,t\n" + many + "x,2,2024-01-23\n",
			`data: test.csv, line 102, column "a": "x" is not a number (1 of 101 cells); read it as missing by MissingValues = "x", or read the column as text by Types["a"] = "text"`, ReadOptions{Types: map[string]Kind{"a": Float}}},
		{"ragged", "a,b,t\n" + many + "1,2\n", `data: test.csv, line 102: has 2 fields, the header has 3; put fields that hold a separator in quotes`, ReadOptions{}},
		{"header only", "a,b\n", `data: test.csv: has a header and no rows; check that the file is complete`, ReadOptions{}},
		{"empty", "", `data: test.csv: is empty`, ReadOptions{}},
		{"unknown column", "a\n1\n", `data: test.csv: column "z" is asked for and not in the header; did you mean "a"?`, ReadOptions{Columns: []string{"z"}}},
	} {
		c.opt.blockSize = 200
		err := ScanCSVFrom(context.Background(), strings.NewReader(c.input), "test.csv", c.opt, func(*Frame) error { return nil })
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: error\n%v\nwant\n%s", c.name, err, c.want)
		}
	}
	if err := ScanCSV(context.Background(), filepath.Join(t.TempDir(), "none.csv"), ReadOptions{}, nil); err == nil || !strings.Contains(err.Error(), "there is no such file") {
		t.Errorf("missing file: %v", err)
	}
}

func TestScanCSVStops(t *testing.T) {
	input, _ := chatLog(t, 1000)
	enough := errors.New("enough")
	chunks := 0
	err := ScanCSVFrom(context.Background(), strings.NewReader(input), "chats", ReadOptions{blockSize: 300}, func(*Frame) error {
		if chunks++; chunks == 3 {
			return enough
		}
		return nil
	})
	if err != enough || chunks != 3 {
		t.Errorf("error %v after %d chunks", err, chunks)
	}
	ctx, cancel := context.WithCancel(context.Background())
	err = ScanCSVFrom(ctx, strings.NewReader(input), "chats", ReadOptions{blockSize: 300}, func(*Frame) error {
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v after the context was cancelled", err)
	}
}

func TestScanCSVReportsProgress(t *testing.T) {
	input, _ := chatLog(t, 1000)
	var done, total int64
	opt := ReadOptions{blockSize: 300, Progress: func(d, n int64) {
		if d < done {
			t.Errorf("progress went from %d back to %d", done, d)
		}
		done, total = d, n
	}}
	if err := ScanCSVFrom(context.Background(), strings.NewReader(input), "chats", opt, func(*Frame) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if size := int64(len(input)); done != size || total != size {
		t.Errorf("progress ended at %d of %d, the log has %d bytes", done, total, size)
	}
}
