package data

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/fieldexp/fieldexp"
)

// show writes a frame as one line for each column: its name, its kind and its cells.
func show(f *Frame) string {
	var b strings.Builder
	for i := range f.cols {
		c := &f.cols[i]
		fmt.Fprintf(&b, "%s (%s):", c.name, c.kind)
		cell := c.writer()
		for row := range f.n {
			fmt.Fprintf(&b, " %s|", cell(nil, row))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// read reads a text, in blocks of several sizes, and checks that they make no difference.
func read(t *testing.T, input string, opt ReadOptions) (*Frame, error) {
	t.Helper()
	f, err := ReadCSVFrom(context.Background(), strings.NewReader(input), "test.csv", opt)
	for _, size := range []int{1, 20, 200} {
		opt.blockSize = size
		g, e := ReadCSVFrom(context.Background(), strings.NewReader(input), "test.csv", opt)
		if fmt.Sprint(e) != fmt.Sprint(err) {
			t.Errorf("in blocks of %d the error is %v, otherwise %v", size, e, err)
		} else if err == nil && show(g) != show(f) {
			t.Errorf("in blocks of %d the frame is\n%sotherwise\n%s", size, show(g), show(f))
		}
	}
	return f, err
}

func TestReadCSV(t *testing.T) {
	for _, c := range []struct {
		name, input string
		opt         ReadOptions
		want        string
	}{
		{name: "the kinds", input: "n,s,t\n1.5,a,2024-01-23\n,NA,\n-2,b,2024-01-24\n",
			want: "n (number): 1.5| | -2|\ns (text): a| | b|\nt (time): 2024-01-23| | 2024-01-24|\n"},
		{name: "missing markers", input: "x\n1\nNA\nNaN\nnull\n\"\"\n NA \n2\n", want: "x (number): 1| | | | | | 2|\n"},
		{name: "other markers", input: "x,y\n1,a\n-99,-99\n.,.\n", opt: ReadOptions{MissingValues: []string{"-99", "."}},
			want: "x (number): 1| | |\ny (text): a| | |\n"},
		{name: "a marker that is a number's beginning", input: "x\n-99\n-9\n-99.5\n", opt: ReadOptions{MissingValues: []string{"-99"}},
			want: "x (number): | -9| -99.5|\n"},
		{name: "no markers", input: "x,y\nNA,1\n,2\n", opt: ReadOptions{MissingOnly: []string{}}, want: "x (text): NA| \"\"|\ny (number): 1| 2|\n"},
		{name: "markers in quotes", input: "x\n\"NA\"\n\"1\"\n", want: "x (number): | 1|\n"},
		{name: "text keeps its digits", input: "id\n007\n08\n1.50\n1e3\nx\n1.0\n", want: "id (text): 007| 08| 1.50| 1e3| x| 1.0|\n"},
		{name: "digits may lead with zeros", input: "id\n007\n08\n", want: "id (number): 7| 8|\n"},
		{name: "explicit text", input: "id\n007\n\n08\n", opt: ReadOptions{Types: map[string]Kind{"id": Categorical}}, want: "id (text): 007| 08|\n"},
		{name: "identifiers past 2^53", input: "id\n12\n9007199254740993\n", want: "id (text): 12| 9007199254740993|\n"},
		{name: "explicit numbers past 2^53", input: "id\n12\n9007199254740993\n", opt: ReadOptions{Types: map[string]Kind{"id": Float}},
			want: "id (number): 12| 9007199254740992|\n"},
		{name: "times that turn out to be text", input: "t\n2024-01-23\nlater\n2024-01-24\n", want: "t (text): 2024-01-23| later| 2024-01-24|\n"},
		{name: "numbers and times", input: "t\n2024\n2024-01-23\n", want: "t (text): 2024| 2024-01-23|\n"},
		{name: "nothing but missing", input: "x,y\n,1\nNA,2\n", want: "x (number): | |\ny (number): 1| 2|\n"},
		{name: "late numbers", input: "x,y\n,1\n,1\n,1\n7,1\n", want: "x (number): | | | 7|\ny (number): 1| 1| 1| 1|\n"},
		{name: "late text", input: "x,y\n,1\n,1\n,1\na,1\n", want: "x (text): | | | a|\ny (number): 1| 1| 1| 1|\n"},
		{name: "infinity is a number", input: "x\ninf\n-Inf\nInfinity\n1\n", want: "x (number): Inf| -Inf| Inf| 1|\n"},
		{name: "not numbers", input: "x,y,z\n0x10,1_000,nan\n", want: "x (text): 0x10|\ny (text): 1_000|\nz (text): nan|\n"},
		{name: "blanks around numbers and times", input: "x,t,s\n 1 ,\t2024-01-23 , a \n", want: "x (number): 1|\nt (time): 2024-01-23|\ns (text):  a |\n"},
		{name: "quotes", input: "a,\"b \"\"c\"\"\"\n\"x,y\",\"line\none\"\n\"say \"\"hi\"\"\",z\n",
			want: "a (text): \"x,y\"| \"say \"\"hi\"\"\"|\nb \"c\" (text): \"line\none\"| z|\n"},
		{name: "numbers in quotes", input: "x,t\n\"1.5\",\"2024-01-23\"\n2,2024-01-24\n", want: "x (number): 1.5| 2|\nt (time): 2024-01-23| 2024-01-24|\n"},
		{name: "carriage returns", input: "a,b\r\n1,x\r\n2,\"y\"\r\n3,\"z\r\nz\"\r\n", want: "a (number): 1| 2| 3|\nb (text): x| y| \"z\nz\"|\n"},
		{name: "a last column of numbers with carriage returns", input: "a\r\n1\r\n12345678.5\r\n\"\"\r\n2024\r\n", want: "a (number): 1| 12345678.5| | 2024|\n"},
		{name: "no last newline", input: "a,b\n1,2\n3,4", want: "a (number): 1| 3|\nb (number): 2| 4|\n"},
		{name: "byte order mark", input: "\xEF\xBB\xBFa,b\n1,2\n", want: "a (number): 1|\nb (number): 2|\n"},
		{name: "byte order mark and quotes", input: "\xEF\xBB\xBF\"a\",b\n1,2\n", want: "a (number): 1|\nb (number): 2|\n"},
		{name: "blank lines", input: "\n\r\na,b\n\n1,2\r\n\n\n3,4\n\n", want: "a (number): 1| 3|\nb (number): 2| 4|\n"},
		{name: "columns without a name", input: "\"\",a,\n1,2,3\n", want: "V1 (number): 1|\na (number): 2|\nV3 (number): 3|\n"},
		{name: "another separator", input: "a;b\n1,5;x\n", opt: ReadOptions{Comma: ';'}, want: "a (text): \"1,5\"|\nb (text): x|\n"},
		{name: "a subset in its own order", input: "a,b,c,d\n1,2,\"3,\n3\",4\n5,6,7,8\n", opt: ReadOptions{Columns: []string{"d", "a"}},
			want: "d (number): 4| 8|\na (number): 1| 5|\n"},
		{name: "a subset may leave out doubled names", input: "a,x,x\n1,2,3\n", opt: ReadOptions{Columns: []string{"a"}}, want: "a (number): 1|\n"},
		{name: "time of day", input: "t\n2024-01-23 10:00:01\n2024-01-23\n2024-01-23T08:30\n", want: "t (time): 2024-01-23 10:00:01| 2024-01-23 00:00:00| 2024-01-23 08:30:00|\n"},
		{name: "zones", input: "t\n2024-01-23T10:00:01Z\n2024-01-23T10:00:01+08:00\n", want: "t (time): 2024-01-23 10:00:01| 2024-01-23 10:00:01|\n"},
		{name: "fractions of seconds", input: "t\n2024-01-23 10:00:01.25\n2024-01-23 10:00:01\n", want: "t (time): 2024-01-23 10:00:01.25| 2024-01-23 10:00:01|\n"},
		{name: "another layout", input: "t\n23.01.2024\n24.01.2024\n", opt: ReadOptions{Layouts: []string{"02.01.2006"}}, want: "t (time): 2024-01-23| 2024-01-24|\n"},
		{name: "a layout of words", input: "t\n\"Jan 23, 2024\"\n\"Feb 3, 2024\"\n", opt: ReadOptions{Layouts: []string{"Jan 2, 2006"}}, want: "t (time): 2024-01-23| 2024-02-03|\n"},
		{name: "times that no column can hold", input: "t\n0001-01-01\n", want: "t (text): 0001-01-01|\n"},
		{name: "a long field", input: "s,x\n" + strings.Repeat("ab", 500) + ",1\n", want: "s (text): " + strings.Repeat("ab", 500) + "|\nx (number): 1|\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := read(t, c.input, c.opt)
			if err != nil {
				t.Fatal(err)
			}
			if got := show(f); got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
		})
	}
}

func TestReadCSVRefuses(t *testing.T) {
	for _, c := range []struct {
		name, input string
		opt         ReadOptions
		want        string
	}{
		{"empty file", "", ReadOptions{}, `data: test.csv: is empty`},
		{"blank lines only", "\n\n", ReadOptions{}, `data: test.csv: is empty`},
		{"header only", "a,b\n", ReadOptions{}, `data: test.csv: has a header and no rows; check that the file is complete`},
		{"doubled name", "a,b,a\n1,2,3\n", ReadOptions{}, `data: test.csv, line 1, column "a": stands twice in the header; rename one of the two`},
		{"a name that is a place", "V2,\n1,2\n", ReadOptions{}, `data: test.csv, line 1, column "V2": stands twice in the header; rename one of the two`},
		{"too few fields", "a,b\n1,2\n3\n", ReadOptions{}, `data: test.csv, line 3: has 1 field, the header has 2; put fields that hold a separator in quotes`},
		{"too many fields", "a,b\n1,2,3\n", ReadOptions{}, `data: test.csv, line 2: has 3 fields, the header has 2; put fields that hold a separator in quotes`},
		{"another separator", "a;b\n1,5;2\n", ReadOptions{}, `data: test.csv, line 2: has 2 fields, the header has 1; the fields seem to be separated otherwise: read them by Comma = ";"`},
		{"bare quote", "a,b\n1,x\"y\n", ReadOptions{}, `data: test.csv, line 2, column "b": a quote stands inside a field that is not quoted; put the field in quotes and double the quotes in it`},
		{"quote in quotes", "a,b\n1,\"x\"y\"\n", ReadOptions{}, `data: test.csv, line 2, column "b": a quote inside a quoted field is not doubled; put the field in quotes and double the quotes in it`},
		{"open quote", "a,b\n1,2\n\"3,4\n", ReadOptions{}, `data: test.csv, line 3, column "a": a quoted field is not closed before the end of the file; close the quote`},
		{"open quote in the header", "a,\"b\n", ReadOptions{}, `data: test.csv, line 1: a quoted field is not closed before the end of the file; close the quote`},
		{"text among numbers", "rating\n5\nn/a\n", ReadOptions{Types: map[string]Kind{"rating": Float}},
			`data: test.csv, line 3, column "rating": "n/a" is not a number (1 of 2 cells); read it as missing by MissingValues = "n/a", or read the column as text by Types["rating"] = "text"`},
		{"the first of two", "a,b\n1,x\ny,2\n", ReadOptions{Types: map[string]Kind{"a": Float, "b": Float}},
			`data: test.csv, line 2, column "b": "x" is not a number (1 of 2 cells); read it as missing by MissingValues = "x", or read the column as text by Types["b"] = "text"`},
		{"text among times", "t\n2024-01-23\nsoon\n", ReadOptions{Types: map[string]Kind{"t": Time}},
			`data: test.csv, line 3, column "t": "soon" is not a time in any of the layouts (1 of 2 cells); add its layout to Layouts, as in "%d/%m/%Y %H:%M" (%y for a year of two digits), or read it as missing by MissingValues = "soon", or read the column as text by Types["t"] = "text"`},
		{"unknown column in Types", "rating,x\n1,2\n", ReadOptions{Types: map[string]Kind{"ratting": Float}},
			`data: test.csv: column "ratting" is asked for and not in the header; did you mean "rating"?`},
		{"unknown column in Columns", "a,b\n1,2\n", ReadOptions{Columns: []string{"stars"}},
			`data: test.csv: column "stars" is asked for and not in the header; name one of a, b`},
		{"column named twice", "a,b\n1,2\n", ReadOptions{Columns: []string{"a", "a"}}, `data: test.csv: column "a" is asked for twice; name it once in Columns`},
		{"unknown kind", "a\n1\n", ReadOptions{Types: map[string]Kind{"a": Kind(9)}}, `data: test.csv: column "a" cannot be read as Kind(9); use Float, Categorical or Time`},
		{"impossible separator", "a\n1\n", ReadOptions{Comma: '"'}, `data: the separator cannot be a quote, a line end or part of a character; set Comma to a comma, a semicolon or a tab`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := read(t, c.input, c.opt)
			if err == nil || err.Error() != c.want {
				t.Errorf("error\n%v\nwant\n%s", err, c.want)
			}
			if bad := (*fieldexp.Error)(nil); !errors.As(err, &bad) {
				t.Errorf("error is a %T", err)
			}
		})
	}
}

func TestReadCSVFiles(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	input := "id,x\n007,1\nb,2\n"
	want := "id (text): 007| b|\nx (number): 1| 2|\n"

	_, err := ReadCSV(ctx, filepath.Join(dir, "none.csv"), ReadOptions{})
	if bad := (*fieldexp.Error)(nil); !errors.Is(err, fs.ErrNotExist) || !errors.As(err, &bad) || !strings.Contains(err.Error(), "there is no such file") {
		t.Errorf("missing file: %v", err)
	}
	if _, err := ReadCSV(ctx, dir, ReadOptions{}); err == nil || !strings.Contains(err.Error(), "cannot be read") {
		t.Errorf("a directory: %v", err)
	}

	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	io.WriteString(w, input)
	w.Close()
	for name, content := range map[string][]byte{"plain.csv": []byte(input), "packed.csv": packed.Bytes()} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		var done, total int64
		f, err := ReadCSV(ctx, path, ReadOptions{blockSize: 4, Progress: func(d, n int64) {
			if d < done {
				t.Errorf("%s: progress went from %d back to %d", name, done, d)
			}
			done, total = d, n
		}})
		if err != nil {
			t.Fatal(err)
		}
		if got := show(f); got != want {
			t.Errorf("%s:\n%swant\n%s", name, got, want)
		}
		if size := int64(len(content)); done != 2*size || total != 2*size { // id is read twice
			t.Errorf("%s: progress ended at %d of %d, the file has %d bytes", name, done, total, size)
		}
		// The same from a reader that cannot seek.
		f, err = ReadCSVFrom(ctx, io.MultiReader(bytes.NewReader(content)), name, ReadOptions{blockSize: 4})
		if err != nil {
			t.Fatal(err)
		}
		if got := show(f); got != want {
			t.Errorf("%s from a pipe:\n%swant\n%s", name, got, want)
		}
	}
	cut := packed.Bytes()[:packed.Len()-6]
	if _, err := ReadCSVFrom(ctx, bytes.NewReader(cut), "cut.gz", ReadOptions{}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a gzip file that breaks off: %v", err)
	}
	if _, err := ReadCSVFrom(ctx, strings.NewReader("\x1f\x8bnot gzip"), "bad.gz", ReadOptions{}); !errors.Is(err, gzip.ErrHeader) {
		t.Errorf("a false gzip file: %v", err)
	}
}

func TestReadCSVStopsWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	_, err := ReadCSVFrom(ctx, strings.NewReader("a\n"+strings.Repeat("1\n", 10_000)), "x", ReadOptions{
		blockSize: 100, Progress: func(done, total int64) { cancel() },
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestReadCSVDoesNotDependOnTheNumberOfCores(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,worker,x,when,note\n")
	start := time.Date(2024, 1, 23, 0, 0, 0, 0, time.UTC)
	for i := range 20_000 {
		note := ""
		if i > 15_000 {
			note = fmt.Sprintf("%d", i%7)
		}
		if i == 19_000 {
			note = "odd"
		}
		fmt.Fprintf(&b, "%d,W%d,%.3f,%s,%s\n", i, i*7919%500, math.Sin(float64(i)), start.Add(time.Duration(i)*time.Minute).Format(time.DateTime), note)
	}
	var first string
	for _, cores := range []int{1, 2, 5} {
		previous := runtime.GOMAXPROCS(cores)
		f, err := ReadCSVFrom(context.Background(), strings.NewReader(b.String()), "x", ReadOptions{blockSize: 10_000})
		runtime.GOMAXPROCS(previous)
		if err != nil {
			t.Fatal(err)
		}
		_, levels, err := f.Codes("worker")
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join(levels, " ") + "\n" + show(f)
		if first == "" {
			first = got
		} else if got != first {
			t.Errorf("with %d cores the frame is another", cores)
		}
	}
}

// A file whose first records are longer than the rest has more rows than these lead one to expect;
// its columns grow to about as many, and no more.
func TestColumnsHaveNoRoomToSpare(t *testing.T) {
	var b strings.Builder
	b.WriteString("note,x\n")
	const long, short = 200, 20_000
	for i := range long + short {
		if i < long {
			b.WriteString(strings.Repeat("n", 100))
		}
		fmt.Fprintf(&b, ",%d\n", i)
	}
	f, err := ReadCSVFrom(t.Context(), strings.NewReader(b.String()), "long", ReadOptions{blockSize: 4 << 10})
	if err != nil {
		t.Fatal(err)
	}
	x, err := f.Floats("x")
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range x {
		if v != float64(i) {
			t.Fatalf("row %d holds %v", i, v)
		}
	}
	if len(x) != long+short || cap(x) > len(x)+len(x)/8 {
		t.Errorf("%d rows in a column with room for %d", len(x), cap(x))
	}
}
