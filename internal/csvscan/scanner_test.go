package csvscan

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// scanText reads every column of an input as text, missing cells included.
func scanText(r io.Reader, blockSize int) (header []string, records [][]string, err error) {
	s, err := Open(r, Options{Comma: ',', Missing: NewMissing(nil), Clock: NewClock(nil, nil), BlockSize: blockSize})
	if err != nil {
		return nil, nil, err
	}
	fields := make([]Field, len(s.Header))
	for f := range fields {
		fields[f].Kind = Text
	}
	dictionaries := make([]Dictionary, len(fields))
	err = s.Run(context.Background(), fields, func(c *Chunk) error {
		for f := range fields {
			dictionaries[f].Recode(&c.Columns[f])
		}
		for row := range c.Rows {
			var record []string
			for f := range fields {
				record = append(record, dictionaries[f].Levels()[c.Columns[f].Codes[row]])
			}
			records = append(records, record)
		}
		return nil
	})
	return s.Header, records, err
}

// randomCSV writes well-formed records with every kind of quoting and line end.
func randomCSV(r *rand.Rand, records, fields int) string {
	var b strings.Builder
	pieces := []string{"a", "bc", ",", "\n", "\r\n", `""`, "1.5", "é", "", "long text with blanks"}
	for range records {
		for f := range fields {
			if f > 0 {
				b.WriteByte(',')
			}
			if r.IntN(3) > 0 {
				fmt.Fprintf(&b, "x%d", r.IntN(1000))
				continue
			}
			b.WriteByte('"')
			for range r.IntN(4) {
				b.WriteString(pieces[r.IntN(len(pieces))])
			}
			b.WriteByte('"')
		}
		b.WriteString([]string{"\n", "\r\n", "\n\n", "\n\r\n"}[r.IntN(4)])
	}
	return b.String()
}

func TestCellsAreThoseOfEncodingCSV(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for trial := range 300 {
		input := randomCSV(r, 1+r.IntN(40), 1+r.IntN(5))
		want, err := csv.NewReader(strings.NewReader(input)).ReadAll()
		if err != nil {
			t.Fatalf("trial %d: the input is at fault: %v", trial, err)
		}
		for _, size := range []int{1, 7, 64, 1000, 1 << 20} {
			header, got, err := scanText(strings.NewReader(input), size)
			if err != nil {
				t.Fatalf("blocks of %d: %v in %q", size, err, input)
			}
			if !slices.EqualFunc(append([][]string{header}, got...), want, slices.Equal) {
				t.Fatalf("blocks of %d read %q as %q, want %q", size, input, got, want)
			}
		}
	}
}

func TestProblemsAndTheirLines(t *testing.T) {
	for _, c := range []struct {
		name, input string
		want        Error
	}{
		{"empty", "", Error{Problem: Empty}},
		{"blank lines only", "\n\r\n\n", Error{Problem: Empty}},
		{"too few", "a,b\n1,2\n3\n", Error{Problem: Ragged, Line: 3, Field: 1}},
		{"too many", "a,b\n1,2\n\n3,4,5\n", Error{Problem: Ragged, Line: 4, Field: 3}},
		{"too few, then too many", "a,b\n1\n1,2,3\n", Error{Problem: Ragged, Line: 2, Field: 1}},
		{"bare quote", "a,b\n1,2\n3,x\"y\n", Error{Problem: BareQuote, Line: 3, Field: 1}},
		{"quote after a long field", "a\n0123456789012345\"\n", Error{Problem: BareQuote, Line: 2}},
		{"quote in quotes", "a,b\n\"x\n\"y\",2\n", Error{Problem: QuoteInQuotes, Line: 3, Field: 0}},
		{"open quote", "a,b\n1,2\n3,\"x\n4,5\n", Error{Problem: OpenQuote, Line: 3, Field: 1}},
		{"open quote in the header", "a,\"b\n1,2\n", Error{Problem: OpenQuote, Line: 1, Field: 1}},
		{"after a field of three lines", "a,b\n\"1\n2\n3\",4\n5\n", Error{Problem: Ragged, Line: 5, Field: 1}},
		{"carriage return after a quote", "a\n\"x\"\ry\n", Error{Problem: QuoteInQuotes, Line: 2}},
	} {
		for _, size := range []int{1, 8, 1 << 20} {
			_, _, err := scanText(strings.NewReader(c.input), size)
			var got *Error
			if !errors.As(err, &got) {
				t.Errorf("%s, blocks of %d: error %v", c.name, size, err)
			} else if *got != c.want {
				t.Errorf("%s, blocks of %d: %+v, want %+v", c.name, size, *got, c.want)
			}
		}
	}
}

func TestAQuoteNeverClosedDoesNotTakeTheWholeFile(t *testing.T) {
	endless := io.MultiReader(strings.NewReader("a\n\"x\n"), &repeat{line: []byte("one line after another\n")})
	_, _, err := scanText(endless, 0)
	var got *Error
	if !errors.As(err, &got) || got.Problem != LongRecord {
		t.Errorf("error %v", err)
	}
}

// repeat gives a line for ever.
type repeat struct{ line []byte }

func (r *repeat) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		n += copy(p[n:], r.line)
	}
	return n, nil
}

func TestReadersOfEveryTemper(t *testing.T) {
	input := "a,b\n" + strings.Repeat("1,x\n", 500)
	broken := errors.New("the line went dead")
	for name, r := range map[string]io.Reader{
		"one byte":        iotest.OneByteReader(strings.NewReader(input)),
		"half":            iotest.HalfReader(strings.NewReader(input)),
		"data with EOF":   iotest.DataErrReader(strings.NewReader(input)),
		"no last newline": strings.NewReader(strings.TrimSuffix(input, "\n")),
		"last return":     strings.NewReader(strings.TrimSuffix(input, "\n") + "\r"),
	} {
		if _, records, err := scanText(r, 100); err != nil || len(records) != 500 {
			t.Errorf("%s: %d records, error %v", name, len(records), err)
		}
	}
	if _, _, err := scanText(io.MultiReader(strings.NewReader(input), iotest.ErrReader(broken)), 100); !errors.Is(err, broken) {
		t.Errorf("error %v, want that of the reader", err)
	}
	if _, _, err := scanText(iotest.ErrReader(broken), 100); !errors.Is(err, broken) {
		t.Errorf("error %v, want that of the reader", err)
	}
	if _, _, err := scanText(stuck{}, 100); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("error %v, want that of no progress", err)
	}
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

func TestRunStops(t *testing.T) {
	open := func() *Scanner {
		s, err := Open(&repeat{line: []byte("1,x\n")}, Options{Comma: ',', Missing: NewMissing(nil), Clock: NewClock(nil, nil)})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	enough := errors.New("enough")
	chunks := 0
	err := open().Run(context.Background(), make([]Field, 2), func(*Chunk) error {
		if chunks++; chunks == 3 {
			return enough
		}
		return nil
	})
	if err != enough || chunks != 3 {
		t.Errorf("error %v after %d chunks", err, chunks)
	}
	ctx, cancel := context.WithCancel(context.Background())
	err = open().Run(ctx, make([]Field, 2), func(*Chunk) error {
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v after the context was cancelled", err)
	}
}

func TestDictionaryKeepsTheOrderOfAppearance(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	var input bytes.Buffer
	input.WriteString("id\n")
	var want []string
	seen := map[string]bool{}
	for range 200_000 { // more levels than a worker remembers
		id := fmt.Sprintf("agent-%d", r.IntN(150_000))
		if !seen[id] {
			seen[id] = true
			want = append(want, id)
		}
		input.WriteString(id + "\n")
	}
	s, err := Open(&input, Options{Comma: ',', Missing: NewMissing(nil), Clock: NewClock(nil, nil), BlockSize: 50_000})
	if err != nil {
		t.Fatal(err)
	}
	var d Dictionary
	if err := s.Run(context.Background(), []Field{{Kind: Text}}, func(c *Chunk) error {
		d.Recode(&c.Columns[0])
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(d.Levels(), want) {
		t.Errorf("%d levels, want %d, or in another order", len(d.Levels()), len(want))
	}
}

func TestHashDoesNotSeeWhatFollows(t *testing.T) {
	long := []byte("abcdefghijklmnopqrstuvwxyz and more to come")
	for n := range 30 {
		if hash(long[:n]) != hash(slices.Clip(bytes.Clone(long[:n]))) {
			t.Errorf("the hash of %q depends on the bytes after it", long[:n])
		}
	}
}
