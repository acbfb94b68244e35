package panel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Values by their rank are those of the sorted values: of all signs and sizes, with ties, missing values, and some
// that do not count.
func TestRanking(t *testing.T) {
	check := func(t rapid.TB, values []float64, over []bool, ranks []int) {
		var sorted []float64
		for i, v := range values {
			if v == v && (over == nil || over[i]) {
				sorted = append(sorted, v)
			}
		}
		slices.Sort(sorted)
		r := newRanking(values, over)
		if r.count() != len(sorted) {
			t.Fatalf("%d values are ranked, want %d", r.count(), len(sorted))
		}
		if ranks == nil {
			for rank := range sorted {
				ranks = append(ranks, rank)
			}
		}
		for k, v := range r.at(ranks) {
			if want := sorted[ranks[k]]; v != want {
				t.Errorf("rank %d: %v, want %v", ranks[k], v, want)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		some := rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{0, math.Copysign(0, -1), 1, -1, 1.5, nan, math.MaxFloat64, -math.SmallestNonzeroFloat64}))
		values := rapid.SliceOfN(some, 0, 40).Draw(t, "values")
		var over []bool
		if rapid.Bool().Draw(t, "some count") {
			over = rapid.SliceOfN(rapid.Bool(), len(values), len(values)).Draw(t, "count")
		}
		check(t, values, over, nil)
	})
	// So many that they are counted in several pieces.
	rng := rand.New(rand.NewPCG(1, 1))
	values, over := make([]float64, 300_000), make([]bool, 300_000)
	for i := range values {
		values[i], over[i] = math.Round(1000*rng.NormFloat64())/100, rng.IntN(3) > 0
	}
	check(t, values, nil, []int{0, 299_999, 150_000, 7, 150_001})
	check(t, values, over, []int{1, 100_000, 99_999, 190_000})
}

// Groups of many rows are those of a unit for each value of theirs.
func TestGroupsOfManyRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	values := make([]float64, 200_000)
	for i := range values {
		values[i] = rng.NormFloat64()
		if i%50 == 0 {
			values[i] = nan
		}
	}
	f := frame(t, "v", values)
	over := func(row int) bool { return row%3 > 0 }
	g, err := Groups(f, GroupSpec{Value: "v", N: 4, Over: over})
	if err != nil {
		t.Fatal(err)
	}
	var counted []float64
	for i, v := range values {
		if over(i) {
			counted = append(counted, v)
		}
	}
	cuts, err := Quantile(counted, 0, .25, .5, .75, 1)
	if err != nil {
		t.Fatal(err)
	}
	sameFloats(t, "cuts", g.Cuts, cuts, 0)
	codes, _, err := f.Codes("group")
	if err != nil {
		t.Fatal(err)
	}
	rows, counts, without := make([]int, 4), make([]int, 4), 0
	for i, v := range values {
		if v != v {
			without++
			if codes[i] != -1 {
				t.Fatalf("row %d has no value and group %d", i, codes[i])
			}
			continue
		}
		k := codes[i]
		if k > 0 && v <= cuts[k] || k < 3 && v > cuts[k+1] {
			t.Fatalf("row %d: %v is in group %d of %v", i, v, k, cuts)
		}
		rows[k]++
		if over(i) {
			counts[k]++
		}
	}
	if !slices.Equal(g.Rows, rows) || !slices.Equal(g.Units, rows) || !slices.Equal(g.Over, counts) || g.Without != without || g.WithoutRows != without {
		t.Errorf("%+v, want rows %v, over %v, without %d", g, rows, counts, without)
	}
}
