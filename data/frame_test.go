package data

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fieldexp/fieldexp"
)

// frame makes a frame from the text of a CSV file.
func frame(t *testing.T, input string) *Frame {
	t.Helper()
	f, err := ReadCSVFrom(t.Context(), strings.NewReader(input), "test.csv", ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// wantError checks the text of an error and that it is a *fieldexp.Error.
func wantError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || err.Error() != want {
		t.Errorf("error\n%v\nwant\n%s", err, want)
	}
	if bad := (*fieldexp.Error)(nil); !errors.As(err, &bad) {
		t.Errorf("error is a %T", err)
	}
}

func TestColumnsOfTheWrongKind(t *testing.T) {
	f := frame(t, "n,s,t\n1,a,2024-01-23\n")
	_, err := f.Floats("s")
	wantError(t, err, `data: test.csv: column "s" holds text, not numbers, as "a" in line 2; make an indicator from it in Derive`)
	_, err = f.Floats("t")
	wantError(t, err, `data: column "t" holds times, not numbers; name its type as number in Types when reading, or make an indicator from it`)
	_, _, err = f.Codes("n")
	wantError(t, err, `data: column "n" holds numbers, not text; use Group, which makes groups of any column`)
	_, err = f.Instants("s")
	wantError(t, err, `data: test.csv: column "s" holds text, not times, as "a" in line 2; name its type as time in Types, with its layout in Layouts, when reading`)
	_, err = f.Kind("m")
	wantError(t, err, `data: column "m" is not there; did you mean "n"?`)
	_, err = f.Group("nothing of the kind")
	wantError(t, err, `data: column "nothing of the kind" is not there; name one of n, s, t`)
	_, err = (&Frame{}).Floats("x")
	wantError(t, err, `data: column "x" is not there; there are no columns`)
}

func TestSettersRefuse(t *testing.T) {
	f := frame(t, "x,y\n1,2\n3,4\n")
	wantError(t, f.SetFloats("z", []float64{1}), `data: column "z" has 1 rows, the frame has 2; give every column the same length`)
	wantError(t, f.SetFloats("", []float64{1, 2}), `data: a column has no name; give it one`)
	wantError(t, f.SetCodes("z", []int32{0, 2}, []string{"a", "b"}), `data: row 2, column "z": code 2 has no level; give a level for every code`)
}

func TestCloneSharesValuesAndNotColumns(t *testing.T) {
	f := frame(t, "x\n1\n2\n")
	g := f.Clone()
	if err := g.SetFloats("y", []float64{3, 4}); err != nil {
		t.Fatal(err)
	}
	if err := g.SetStrings("x", []string{"a", ""}); err != nil {
		t.Fatal(err)
	}
	if got, want := show(f), "x (number): 1| 2|\n"; got != want {
		t.Errorf("the original became\n%s", got)
	}
	if got, want := show(g), "x (text): a| |\ny (number): 3| 4|\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestSelectFilterTake(t *testing.T) {
	f := frame(t, "n,s,t\n1,a,2024-01-23\n2,b,2024-01-24\n3,,\n")
	g, err := f.Select("t", "n")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := show(g), "t (time): 2024-01-23| 2024-01-24| |\nn (number): 1| 2| 3|\n"; got != want {
		t.Errorf("Select:\n%swant\n%s", got, want)
	}
	_, err = f.Select("n", "m")
	wantError(t, err, `data: column "m" is not there; did you mean "n"?`)
	_, err = f.Select("n", "n")
	wantError(t, err, `data: column "n" is selected twice; name it once`)

	n, _ := f.Floats("n")
	if got, want := show(f.Filter(func(row int) bool { return n[row] != 2 })), "n (number): 1| 3|\ns (text): a| |\nt (time): 2024-01-23| |\n"; got != want {
		t.Errorf("Filter:\n%swant\n%s", got, want)
	}
	if got, want := show(f.Take([]int{2, -1, 0, 0})), "n (number): 3| | 1| 1|\ns (text): | | a| a|\nt (time): | | 2024-01-23| 2024-01-23|\n"; got != want {
		t.Errorf("Take:\n%swant\n%s", got, want)
	}
	if got := f.Filter(func(int) bool { return false }).Len(); got != 0 {
		t.Errorf("Filter of nothing has %d rows", got)
	}
	if got, want := show(f), "n (number): 1| 2| 3|\ns (text): a| b| |\nt (time): 2024-01-23| 2024-01-24| |\n"; got != want {
		t.Errorf("the original became\n%s", got)
	}
}

func TestAsCategoricalAndAsFloat(t *testing.T) {
	f := frame(t, "n,s,t,bad\n10,1e3,2024-01-24,1\n2, 7 ,2024-01-23,x\nNA,NA,NA,NA\n")
	if err := f.SetStrings("s", []string{"1e3", " 7 ", ""}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"n", "t", "bad"} {
		if err := f.AsCategorical(name); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.AsFloat("s"); err != nil {
		t.Fatal(err)
	}
	want := "n (text): 10| 2| |\ns (number): 1000| 7| |\nt (text): 2024-01-24| 2024-01-23| |\nbad (text): 1| x| |\n"
	if got := show(f); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if _, levels, _ := f.Codes("n"); !slices.Equal(levels, []string{"2", "10"}) {
		t.Errorf("levels %q, want those of the numbers in ascending order", levels)
	}
	if err := f.AsFloat("s"); err != nil {
		t.Errorf("AsFloat of numbers: %v", err)
	}
	if err := f.AsFloat("n"); err != nil {
		t.Errorf("AsFloat of levels that are numbers: %v", err)
	}
	wantError(t, f.AsFloat("bad"), `data: row 2, column "bad": "x" is not a number; name it in MissingValues when reading`)
	wantError(t, f.AsFloat("none"), `data: column "none" is not there; name one of n, s, t, bad`)
	wantError(t, f.AsCategorical("none"), `data: column "none" is not there; name one of n, s, t, bad`)
	g := frame(t, "t\n2024-01-24\n")
	wantError(t, g.AsFloat("t"), `data: column "t" holds times, not text; use Group, which makes groups of any column`)
}

func TestSummary(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name   string
		values []float64
		want   Summary
	}{
		{"some missing", []float64{1, nan, 3, 5}, Summary{N: 3, Missing: 1, Mean: 3, SD: 2, Min: 1, Max: 5}},
		{"one", []float64{7}, Summary{N: 1, Mean: 7, SD: nan, Min: 7, Max: 7}},
		{"none", []float64{nan, nan}, Summary{Missing: 2, Mean: nan, SD: nan, Min: nan, Max: nan}},
		{"a large mean", []float64{1e15 + 1, 1e15 + 2, 1e15 + 3}, Summary{N: 3, Mean: 1e15 + 2, SD: 1, Min: 1e15 + 1, Max: 1e15 + 3}},
		{"constant", []float64{.1, .1, .1}, Summary{N: 3, Mean: .1, SD: 0, Min: .1, Max: .1}},
	} {
		var f Frame
		if err := f.SetFloats("x", c.values); err != nil {
			t.Fatal(err)
		}
		got, err := f.Summary("x")
		if err != nil {
			t.Fatal(err)
		}
		same := func(a, b float64) bool { return a == b || a != a && b != b || math.Abs(a-b) < 1e-15 }
		if got.N != c.want.N || got.Missing != c.want.Missing || !same(got.Mean, c.want.Mean) || !same(got.SD, c.want.SD) ||
			!same(got.Min, c.want.Min) || !same(got.Max, c.want.Max) {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
	f := frame(t, "s\na\n")
	_, err := f.Summary("s")
	wantError(t, err, `data: test.csv: column "s" holds text, not numbers, as "a" in line 2; make an indicator from it in Derive`)
}

func TestFinite(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		values         []float64
		want, infinite bool
	}{
		{[]float64{}, true, false}, {[]float64{1, 2}, true, false}, {[]float64{1, math.NaN()}, false, false},
		{[]float64{-inf, 2}, false, true}, {append(make([]float64, 100_000), inf), false, true}, {[]float64{math.NaN(), inf}, false, true},
	} {
		f := new(Frame)
		if err := f.SetFloats("x", c.values); err != nil {
			t.Fatal(err)
		}
		clone := f.Clone()
		for range 2 { // found, and kept
			if got, err := clone.Finite("x"); got != c.want || err != nil {
				t.Errorf("%d values: finite %t, %v, want %t", len(c.values), got, err, c.want)
			}
			if got, err := clone.Infinite("x"); got != c.infinite || err != nil {
				t.Errorf("%d values: infinite %t, %v, want %t", len(c.values), got, err, c.infinite)
			}
		}
		if err := clone.SetFloats("x", make([]float64, len(c.values))); err != nil {
			t.Fatal(err)
		}
		if got, _ := clone.Finite("x"); !got {
			t.Errorf("%d zeros are not finite once they replace others", len(c.values))
		}
	}
	if _, err := new(Frame).Finite("x"); err == nil {
		t.Error("no error for a column that is not there")
	}
}

func TestTimes(t *testing.T) {
	f := new(Frame)
	zone := time.FixedZone("", 3*3600)
	if err := f.SetTimes("t", []time.Time{time.Date(2024, 1, 23, 2, 0, 0, 5, zone), {}, time.Date(1678, 1, 1, 0, 0, 0, 0, time.UTC)}); err != nil {
		t.Fatal(err)
	}
	instants, err := f.Instants("t")
	if want := []int64{1705964400000000005, MissingTime, -9214560000000000000}; err != nil || !slices.Equal(instants, want) {
		t.Errorf("instants %v, %v, want %v", instants, err, want)
	}
	times, err := f.Times("t")
	if want := []time.Time{time.Date(2024, 1, 22, 23, 0, 0, 5, time.UTC), {}, time.Date(1678, 1, 1, 0, 0, 0, 0, time.UTC)}; err != nil || !slices.Equal(times, want) {
		t.Errorf("times %v, %v, want %v", times, err, want)
	}
	for _, year := range []int{1677, 2262} {
		err := f.SetTimes("u", []time.Time{{}, time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC), {}})
		wantError(t, err, fmt.Sprintf(`data: row 2, column "u": %d-06-01 is outside the years 1678 to 2261; make it missing`, year))
	}
	if err := f.SetFloats("x", []float64{1, 2, 3}); err != nil {
		t.Fatal(err)
	}
	_, err = f.Times("x")
	wantError(t, err, `data: column "x" holds numbers, not times; name its type as time in Types, with its layout in Layouts, when reading`)
}
