package data

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fieldexp/fieldexp"
)

func TestWriteCSV(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name string
		set  func(f *Frame) error
		want string
	}{
		{"numbers", func(f *Frame) error {
			return f.SetFloats("x", []float64{1, nan, .1, -0.00001, 1e-6, 1 << 53, 1 << 60, math.Inf(1), math.Inf(-1), 1.0 / 3, math.Copysign(0, -1)})
		}, "x\n1\n\"\"\n0.1\n-0.00001\n1e-06\n9007199254740992\n1.152921504606847e+18\nInf\n-Inf\n0.3333333333333333\n-0\n"},
		{"text", func(f *Frame) error {
			return f.SetCodes("a,b", []int32{0, 1, 2, 3, 4, 5, -1}, []string{"plain", "a,b", `say "hi"`, "two\nlines", " x ", ""})
		}, "\"a,b\"\nplain\n\"a,b\"\n\"say \"\"hi\"\"\"\n\"two\nlines\"\n x \n\"\"\n\"\"\n"},
		{"dates", func(f *Frame) error { return f.SetInstants("t", []int64{0, 86400e9}) }, "t\n1970-01-01\n1970-01-02\n"},
		{"times", func(f *Frame) error { return f.SetInstants("t", []int64{0, MissingTime, 1e9}) }, "t\n1970-01-01 00:00:00\n\"\"\n1970-01-01 00:00:01\n"},
		{"fractions", func(f *Frame) error { return f.SetInstants("t", []int64{0, 5e8}) }, "t\n1970-01-01 00:00:00\n1970-01-01 00:00:00.5\n"},
		{"a name like a byte order mark", func(f *Frame) error { return f.SetFloats("\uFEFFx", []float64{1}) }, "\"\uFEFFx\"\n1\n"},
	} {
		var f Frame
		if err := c.set(&f); err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := f.WriteCSV(&b); err != nil {
			t.Fatal(err)
		}
		if b.String() != c.want {
			t.Errorf("%s:\n%swant\n%s", c.name, b.String(), c.want)
		}
	}
	f := frame(t, "a,b\n,\nNA,x\n")
	var b bytes.Buffer
	if err := f.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	if want := "a,b\n,\n,x\n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

func TestWriteCSVFile(t *testing.T) {
	dir := t.TempDir()
	f := frame(t, "n,s\n1,a\n,b\n")
	for _, name := range []string{"plain.csv", "packed.csv.gz"} {
		path := filepath.Join(dir, name)
		if err := f.WriteCSVFile(path); err != nil {
			t.Fatal(err)
		}
		g, err := ReadCSV(context.Background(), path, ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if show(g) != show(f) {
			t.Errorf("%s is read as\n%swant\n%s", name, show(g), show(f))
		}
	}
	err := f.WriteCSVFile(filepath.Join(dir, "none", "x.csv"))
	if bad := (*fieldexp.Error)(nil); !errors.As(err, &bad) || !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "cannot be written") {
		t.Errorf("error %v", err)
	}
	full := errors.New("no room")
	if err := f.WriteCSV(failing{full}); !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
}

type failing struct{ err error }

func (w failing) Write([]byte) (int, error) { return 0, w.err }

// What WriteCSV writes ReadCSV reads, given the kinds.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.IntRange(1, 20).Draw(t, "rows")
		f := &Frame{}
		opt := ReadOptions{Types: map[string]Kind{}, blockSize: rapid.IntRange(1, 100).Draw(t, "block")}
		for _, name := range rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z ",\n]{1,4}`), 1, 4, rapid.ID[string]).Draw(t, "names") {
			kind := rapid.SampledFrom([]Kind{Float, Categorical, Time}).Draw(t, "kind")
			opt.Types[name] = kind
			var err error
			switch kind {
			case Float:
				err = f.SetFloats(name, rapid.SliceOfN(rapid.Float64(), rows, rows).Draw(t, "floats"))
			case Time:
				at := rapid.OneOf(rapid.Just(MissingTime), rapid.Int64Range(-9e18, 9e18), rapid.Map(rapid.Int64Range(-1e5, 1e5), func(day int64) int64 { return day * 86400e9 }))
				err = f.SetInstants(name, rapid.SliceOfN(at, rows, rows).Draw(t, "times"))
			default:
				// Neither missing markers, nor line ends that readers change.
				text := rapid.OneOf(rapid.StringMatching(`[0-9a-z ",\n.é-]{0,6}x`), rapid.Just(""), rapid.Just("007"))
				err = f.SetStrings(name, rapid.SliceOfN(text, rows, rows).Draw(t, "texts"))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		var b bytes.Buffer
		if err := f.WriteCSV(&b); err != nil {
			t.Fatal(err)
		}
		g, err := ReadCSVFrom(context.Background(), bytes.NewReader(b.Bytes()), "round", opt)
		if err != nil {
			t.Fatalf("%v in %q", err, b.String())
		}
		if show(g) != show(f) {
			t.Fatalf("%q is read as\n%swant\n%s", b.String(), show(g), show(f))
		}
	})
}
