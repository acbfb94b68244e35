package data

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

func TestGroup(t *testing.T) {
	for _, c := range []struct {
		name   string
		set    func(f *Frame) error
		codes  []int32
		labels []string
	}{
		{"whole numbers", func(f *Frame) error {
			return f.SetFloats("x", []float64{3, math.NaN(), -1, 3, 0, math.Copysign(0, -1)})
		},
			[]int32{2, -1, 0, 2, 1, 1}, []string{"-1", "0", "3"}},
		{"far apart", func(f *Frame) error { return f.SetFloats("x", []float64{400023497, 2, 400023497, 1e300}) },
			[]int32{1, 0, 1, 2}, []string{"2", "400023497", "1e+300"}},
		{"fractions", func(f *Frame) error {
			return f.SetFloats("x", []float64{.5, math.Inf(1), 0, math.Copysign(0, -1), math.NaN(), math.Inf(-1), .25})
		}, []int32{3, 4, 1, 1, -1, 0, 2}, []string{"-Inf", "0", "0.25", "0.5", "Inf"}},
		{"minus zero first", func(f *Frame) error { return f.SetFloats("x", []float64{math.Copysign(0, -1), 0, .5}) }, []int32{0, 0, 1}, []string{"0", "0.5"}},
		{"nothing but missing", func(f *Frame) error { return f.SetFloats("x", []float64{math.NaN(), math.NaN()}) }, []int32{-1, -1}, nil},
		{"infinite", func(f *Frame) error { return f.SetFloats("x", []float64{math.Inf(1), 1}) }, []int32{1, 0}, []string{"1", "Inf"}},
		{"no rows", func(f *Frame) error { return f.SetFloats("x", nil) }, nil, nil},
		{"days", func(f *Frame) error { return f.SetInstants("x", []int64{86400e9, MissingTime, 0, -86400e9}) },
			[]int32{2, -1, 1, 0}, []string{"1969-12-31", "1970-01-01", "1970-01-02"}},
		{"instants", func(f *Frame) error { return f.SetInstants("x", []int64{1e9, 0, 1}) }, []int32{2, 0, 1},
			[]string{"1970-01-01 00:00:00", "1970-01-01 00:00:00.000000001", "1970-01-01 00:00:01"}},
		{"levels that no row holds", func(f *Frame) error { return f.SetCodes("x", []int32{1, -1}, []string{"b", "a"}) }, []int32{1, -1}, []string{"b", "a"}},
	} {
		var f Frame
		if err := c.set(&f); err != nil {
			t.Fatal(err)
		}
		g, err := f.Group("x")
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(g.Codes, c.codes) || !slices.Equal(g.Labels, c.labels) || g.Len() != len(c.labels) {
			t.Errorf("%s: codes %v of %q, want %v of %q", c.name, g.Codes, g.Labels, c.codes, c.labels)
		}
	}
}

// Whatever way the groups are found, they are the distinct values in ascending order.
func TestGroupRanksAnyValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scale := rapid.SampledFrom([]float64{1, .5, 1e6, 1e15, 1e-9}).Draw(t, "scale")
		values := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) float64 {
			if rapid.IntRange(0, 9).Draw(t, "missing") == 0 {
				return math.NaN()
			}
			return scale * float64(rapid.IntRange(-20, 20).Draw(t, "value"))
		}), 0, 300).Draw(t, "values")
		codes, distinct := rankFloats(values)
		if !slices.IsSorted(distinct) || len(slices.Compact(slices.Clone(distinct))) != len(distinct) {
			t.Fatalf("distinct values %v", distinct)
		}
		used := make([]bool, len(distinct))
		for i, v := range values {
			switch {
			case v != v:
				if codes[i] != -1 {
					t.Fatalf("a missing value has code %d", codes[i])
				}
			case distinct[codes[i]] != v:
				t.Fatalf("%v has the code of %v", v, distinct[codes[i]])
			default:
				used[codes[i]] = true
			}
		}
		if slices.Contains(used, false) {
			t.Fatalf("a value of %v is in no row", distinct)
		}
	})
}

func TestGroupOfManyValues(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	values := make([]int64, 50_000)
	for i := range values {
		values[i] = r.Int64N(30_000) * 1e9
	}
	codes, distinct := rankTimes(values)
	want := slices.Clone(values)
	slices.Sort(want)
	if want = slices.Compact(want); !slices.Equal(distinct, want) {
		t.Fatalf("%d distinct values, want %d", len(distinct), len(want))
	}
	for i, v := range values {
		if distinct[codes[i]] != v {
			t.Fatalf("row %d has the code of %d, not of %d", i, distinct[codes[i]], v)
		}
	}
}

// Groups of several columns are the combinations that occur, in the order of their first row, whether
// there is room for a table of all that there could be or not.
func TestGroupOfCombinations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 200).Draw(t, "rows")
		scale := rapid.SampledFrom([]float64{1, 1e6}).Draw(t, "scale")
		levels := rapid.SampledFrom([]int{3, 5000}).Draw(t, "levels")
		a, b, c := make([]float64, n), make([]int32, n), make([]int64, n)
		for i := range n {
			a[i] = scale * float64(rapid.IntRange(0, 3).Draw(t, "a"))
			if a[i] == 0 {
				a[i] = math.NaN()
			}
			b[i] = int32(rapid.IntRange(-1, levels-1).Draw(t, "b"))
			c[i] = int64(rapid.IntRange(0, 2).Draw(t, "c")) * 86400e9
		}
		names := make([]string, levels)
		for i := range names {
			names[i] = fmt.Sprintf("L%d", i)
		}
		var f Frame
		for _, err := range []error{f.SetFloats("a", a), f.SetCodes("b", b, names), f.SetInstants("c", c)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		g, err := f.Group("a", "b", "c")
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for i := range n {
			if a[i] != a[i] || b[i] < 0 {
				if g.Codes[i] != -1 {
					t.Fatalf("row %d has a missing value and code %d", i, g.Codes[i])
				}
				continue
			}
			label := fmt.Sprintf("%s^%s^1970-01-0%d", formatFloat(a[i]), names[b[i]], 1+c[i]/86400e9)
			if !slices.Contains(want, label) {
				want = append(want, label)
			}
			if g.Labels[g.Codes[i]] != label {
				t.Fatalf("row %d is in group %s, not %s", i, g.Labels[g.Codes[i]], label)
			}
		}
		if !slices.Equal(g.Labels, want) {
			t.Fatalf("groups %q, want %q", g.Labels, want)
		}
	})
}

// More rows than one goroutine ranks at a time give the same groups as one after the other.
func TestGroupOfManyRows(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	const rows = 2*partRows + 17
	whole, few, many := make([]float64, rows), make([]float64, rows), make([]float64, rows)
	for i := range rows {
		whole[i] = float64(r.IntN(300))
		few[i] = math.Round(r.NormFloat64()*100) / 8
		many[i] = math.Round(r.NormFloat64()*10000) / 8
	}
	whole[rows-1], few[partRows+1], many[partRows+1] = math.NaN(), math.NaN(), math.NaN()
	for _, values := range [][]float64{whole, few, many} {
		codes, distinct := rankFloats(values)
		if !slices.IsSorted(distinct) {
			t.Fatal("the distinct values are not in order")
		}
		for i, v := range values {
			if v != v && codes[i] != -1 || v == v && distinct[codes[i]] != v {
				t.Fatalf("row %d, %v, has code %d", i, v, codes[i])
			}
		}
	}
}

// Groups that were found are forgotten when their column is set, here and not in a clone, and rows
// that are taken have groups of their own.
func TestGroupsAreThoseOfTheColumnsAsTheyAre(t *testing.T) {
	f := frame(t, "a,b\n1,5\n2,5\n2,6\n")
	group := func(f *Frame, name string, more ...string) string {
		t.Helper()
		g, err := f.Group(name, more...)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(g.Codes, g.Labels)
	}
	if got := group(f, "a", "b"); got != "[0 1 2] [1^5 2^5 2^6]" {
		t.Errorf("a^b: %s", got)
	}
	clone := f.Clone()
	selected, err := f.Select("b")
	if err != nil {
		t.Fatal(err)
	}
	taken := f.Take([]int{2, 2, -1})
	if err := f.SetFloats("a", []float64{7, 7, 7}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ what, got, want string }{
		{"set", group(f, "a", "b"), "[0 0 1] [7^5 7^6]"},
		{"set, alone", group(f, "a"), "[0 0 0] [7]"},
		{"the other column", group(f, "b"), "[0 0 1] [5 6]"},
		{"the clone", group(clone, "a", "b"), "[0 1 2] [1^5 2^5 2^6]"},
		{"the clone, other order", group(clone, "b", "a"), "[0 1 2] [5^1 5^2 6^2]"},
		{"selected", group(selected, "b"), "[0 0 1] [5 6]"},
		{"taken", group(taken, "a", "b"), "[0 0 -1] [2^6]"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", c.what, c.got, c.want)
		}
	}
	if _, err := selected.Group("b", "a"); err == nil {
		t.Error("a column that was not selected has groups")
	}
}

// Many goroutines may ask for groups at once.
func TestGroupFromManyGoroutines(t *testing.T) {
	f := frame(t, "a,b\n1,5\n2,5\n2,6\n")
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 50 {
				g, err := f.Group("a", "b")
				if err != nil || g.Len() != 3 {
					t.Errorf("%d groups, error %v", g.Len(), err)
				}
				if clone := f.Clone(); clone.SetFloats("a", []float64{1, 1, 1}) == nil {
					if g, err := clone.Group("a"); err != nil || g.Len() != 1 {
						t.Errorf("the clone has %d groups, error %v", g.Len(), err)
					}
				}
			}
		})
	}
	wait.Wait()
}
