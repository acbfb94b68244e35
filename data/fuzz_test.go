package data

import (
	"context"
	"encoding/csv"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/csvscan"
)

// reference reads CSV slowly and plainly: encoding/csv for the cells, then strconv and time for
// what the cells of a column are.
func reference(input string) (names []string, columns [][]string, err error) {
	records, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(input, "\xEF\xBB\xBF"))).ReadAll()
	if err != nil {
		return nil, nil, err
	}
	if len(records) < 2 {
		return nil, nil, errors.New("no rows")
	}
	for _, cell := range slices.Concat(records...) {
		if strings.Contains(cell, "\x00") || !utf8.ValidString(cell) {
			return nil, nil, errors.New("foreign bytes")
		}
	}
	for i, name := range records[0] {
		if name == "" {
			name = "V" + strconv.Itoa(i+1)
		}
		if slices.Contains(names, name) {
			return nil, nil, errors.New("doubled name")
		}
		names = append(names, name)
		var cells []string
		for _, record := range records[1:] {
			cells = append(cells, record[i])
		}
		columns = append(columns, cells)
	}
	return names, columns, nil
}

func isMissing(cell string) bool {
	return slices.Contains(DefaultMissingValues(), strings.Trim(cell, " \t"))
}

// number is the value of a cell as a number, and whether an inferred column may hold it as one.
func number(cell string) (float64, bool) {
	cell = strings.Trim(cell, " \t")
	v, err := strconv.ParseFloat(cell, 64)
	if errors.Is(err, strconv.ErrSyntax) || v != v || strings.ContainsAny(cell, "xX_") {
		return 0, false
	}
	digits := strings.TrimLeft(cell, "+-")
	if strings.Trim(digits, "0123456789") != "" {
		return v, true
	}
	whole, err := strconv.ParseUint(digits, 10, 64)
	return v, err == nil && whole <= 1<<53
}

// instant is what the clock in a cell shows.
func instant(cell string) (int64, bool) {
	for _, layout := range DefaultLayouts() {
		if t, err := time.ParseInLocation(layout, strings.Trim(cell, " \t"), time.UTC); err == nil {
			_, shift := t.Zone()
			return csvscan.Nanoseconds(t.Add(time.Duration(shift) * time.Second))
		}
	}
	return 0, false
}

// checkColumn compares an inferred column with the cells that it was read from.
func checkColumn(t *testing.T, f *Frame, name string, cells []string) {
	t.Helper()
	numbers, times, values := true, true, false
	for _, cell := range cells {
		if isMissing(cell) {
			continue
		}
		values = true
		_, ok := number(cell)
		numbers = numbers && ok
		_, ok = instant(cell)
		times = times && ok
	}
	c, err := f.column(name)
	if err != nil {
		t.Fatal(err)
	}
	want := Categorical
	if numbers || !values {
		want = Float
	} else if times {
		want = Time
	}
	if c.kind != want {
		t.Fatalf("column %q of %q is %v, want %v", name, cells, c.kind, want)
	}
	for row, cell := range cells {
		missing := isMissing(cell)
		switch c.kind {
		case Float:
			v, _ := number(cell)
			if missing != (c.floats[row] != c.floats[row]) || !missing && math.Float64bits(v) != math.Float64bits(c.floats[row]) {
				t.Fatalf("cell %q is read as %v", cell, c.floats[row])
			}
		case Time:
			at, _ := instant(cell)
			if missing {
				at = MissingTime
			}
			if c.times[row] != at {
				t.Fatalf("cell %q is read as %d, want %d", cell, c.times[row], at)
			}
		default:
			if missing != (c.codes[row] < 0) || !missing && c.levels[c.codes[row]] != cell {
				t.Fatalf("cell %q is read as code %d", cell, c.codes[row])
			}
		}
	}
}

// FuzzReadCSV compares ReadCSV with encoding/csv: what one refuses the other refuses, and what both
// accept has the same cells, whatever the size of the blocks. ReadCSV alone drops a byte order mark,
// names the nameless, and refuses a name that stands twice and a header without rows.
func FuzzReadCSV(f *testing.F) {
	for _, input := range []string{
		"a,b\n1,2\n", "a,b\r\n1,2\r\n", "a\n\n1\n\n\n2", "a\n\"\"\n", "a,b\n\"x\"\"y\",\"1\n2\"\n", "a\n\"x\r\ny\"\r\n", "a\nx\r",
		"a\n\r\r\n", "a,b\n1\n", "a,b\n1,2,3\n", "a\nx\"y\n", "a\n\"x\"y\n", "a\n\"x", "a\n\"x\"\r", "\xEF\xBB\xBFa\n1\n", "\"a\"\n\"1\"",
		"", "\n", "a", "a,a\n1,2\n", ",\n1,2\n", "a\n007\nx\n", "a\n1e5\n-.5\n+3\n1e999\n", "a\n9007199254740993\n1\n", "a\n12345678\n1234567.8\n",
		"t\n2024-01-23\n2024-01-23 10:00:00\n", "t\n2024-01-23T10:00:00Z\n2024-01-23T10:00:00.5+08:00\n", "t\n2024/02/29\n2023/02/29\n",
		"a,b,c\nNA,null,NaN\n NA ,\tnull,x\n", "a\n 1\n2 \n", "a\ninf\n-Infinity\n+inf\n", "a\n0x1\n1_0\n", "a\n\xff\n\x00\n",
		"a,b\n1,x\n2,y\n3,x\nz,y\n", "t\n2262-04-11 23:47:16\n1677-09-21\n", "a\n\n\"\n\"\n", "a,b\n,\n,\n",
	} {
		f.Add(input, uint16(0))
		f.Add(input, uint16(7))
	}
	f.Fuzz(func(t *testing.T, input string, blockSize uint16) {
		if strings.HasPrefix(input, "\x1f\x8b") || notCSV("", []byte(input[:min(len(input), sniffed)])) != nil {
			t.Skip("gzip, or not CSV")
		}
		opt := ReadOptions{blockSize: int(blockSize)}
		ctx := context.Background()
		inferred, err := ReadCSVFrom(ctx, strings.NewReader(input), "fuzz", opt)
		names, columns, refErr := reference(input)
		if (err != nil) != (refErr != nil) {
			t.Fatalf("ReadCSV: %v; encoding/csv: %v", err, refErr)
		}
		if err != nil {
			if bad := (*fieldexp.Error)(nil); !errors.As(err, &bad) {
				t.Fatalf("error of type %T: %v", err, err)
			}
			return
		}
		if !slices.Equal(inferred.Names(), names) || inferred.Len() != len(columns[0]) {
			t.Fatalf("names %q, %d rows; want %q, %d", inferred.Names(), inferred.Len(), names, len(columns[0]))
		}
		opt.MissingOnly = []string{}
		opt.Types = make(map[string]Kind)
		for i, name := range names {
			checkColumn(t, inferred, name, columns[i])
			opt.Types[name] = Categorical
		}
		text, err := ReadCSVFrom(ctx, strings.NewReader(input), "fuzz", opt)
		if err != nil {
			t.Fatal(err)
		}
		for i, name := range names {
			codes, levels, err := text.Codes(name)
			if err != nil {
				t.Fatal(err)
			}
			next := int32(0)
			for row, cell := range columns[i] {
				if levels[codes[row]] != cell {
					t.Fatalf("cell %q is read as %q", cell, levels[codes[row]])
				}
				if codes[row] > next {
					t.Fatalf("code %d comes before code %d", codes[row], next)
				}
				next = max(next, codes[row]+1)
			}
		}
	})
}
