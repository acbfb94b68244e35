package panel

import (
	"math"
	"time"

	"github.com/fieldexp/fieldexp/data"
)

var nan = math.NaN()

// tester is what the helpers need of *testing.T, *testing.B and *rapid.T.
type tester interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// at reads a time as the tests write it.
func at(t tester, s string) int64 {
	t.Helper()
	if s == "" {
		return data.MissingTime
	}
	layout := time.DateOnly
	if len(s) > len(layout) {
		layout = time.DateTime
	}
	v, err := time.Parse(layout, s)
	if err != nil {
		t.Fatal(err)
	}
	return v.UnixNano()
}

// frame makes a frame of columns: []float64 and []string (empty is missing) as they are, []int64
// as times.
func frame(t tester, columns ...any) *data.Frame {
	t.Helper()
	f := new(data.Frame)
	for i := 0; i < len(columns); i += 2 {
		name := columns[i].(string)
		var err error
		switch v := columns[i+1].(type) {
		case []float64:
			err = f.SetFloats(name, v)
		case []string:
			err = f.SetStrings(name, v)
		case []int64:
			err = f.SetInstants(name, v)
		default:
			t.Fatalf("column %q has type %T", name, v)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// times reads a column of times.
func times(t tester, values ...string) []int64 {
	t.Helper()
	out := make([]int64, len(values))
	for i, s := range values {
		out[i] = at(t, s)
	}
	return out
}

func floats(t tester, f *data.Frame, name string) []float64 {
	t.Helper()
	v, err := f.Floats(name)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// labels reads a Categorical column as text, empty where missing.
func labels(t tester, f *data.Frame, name string) []string {
	t.Helper()
	codes, levels, err := f.Codes(name)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]string, len(codes))
	for i, c := range codes {
		if c >= 0 {
			out[i] = levels[c]
		}
	}
	return out
}

// dates reads a Time column as text, empty where missing.
func dates(t tester, f *data.Frame, name string) []string {
	t.Helper()
	v, err := f.Instants(name)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]string, len(v))
	for i, x := range v {
		if x != data.MissingTime {
			out[i] = instantLabel(x)
		}
	}
	return out
}

// sameFloats compares with a relative tolerance; NaN equals NaN.
func sameFloats(t tester, what string, got, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s has %d values, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !near(got[i], want[i], tolerance) {
			t.Fatalf("%s, row %d: %v, want %v", what, i+1, got[i], want[i])
		}
	}
}

func near(got, want, tolerance float64) bool {
	if want != want {
		return got != got
	}
	return math.Abs(got-want) <= tolerance*max(1, math.Abs(want))
}

// sameFrame compares frames of the same columns.
func sameFrame(t tester, got, want *data.Frame, tolerance float64) {
	t.Helper()
	names := want.Names()
	if g := got.Names(); len(g) != len(names) {
		t.Fatalf("columns %v, want %v", g, names)
	}
	for _, name := range names {
		kind, err := want.Kind(name)
		if err != nil {
			t.Fatal(err)
		}
		switch kind {
		case data.Float:
			sameFloats(t, name, floats(t, got, name), floats(t, want, name), tolerance)
		case data.Categorical:
			sameStrings(t, name, labels(t, got, name), labels(t, want, name))
		default:
			sameStrings(t, name, dates(t, got, name), dates(t, want, name))
		}
	}
}

func sameStrings(t tester, what string, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s has %d values, want %d", what, len(got), len(want))
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("%s, row %d: %q, want %q", what, i+1, got[i], want[i])
		}
	}
}
