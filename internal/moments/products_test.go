package moments

import (
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
)

// What is computed from cross-products must be what a pass over the rows gives.
func TestFromProductsAgainstRows(t *testing.T) {
	ctx := context.Background()
	m, part := sampleMatrix()
	total, grams, err := Products(ctx, m, part, 3, m.P)
	if err != nil {
		t.Fatal(err)
	}
	list := []*Problem{
		{Y: 4, X: []int{0, 2}, B: []float64{0.7, -1.1}, Score: []int{0, 1, 2}},
		{Y: 1, X: []int{2, 0}, B: []float64{0.2, 3}, Score: []int{0, 1, 2}}, // an outcome among the leading columns
		{Y: 3, Score: []int{2}},
	}
	rows := make([]*Problem, len(list))
	for i, p := range list {
		copied := *p
		rows[i] = &copied
		if err := FromProducts(t.Context(), total, m.P, grams, []*Problem{p}); err != nil {
			t.Fatal(err)
		}
	}
	if err := Scores(ctx, m, part, nil, rows); err != nil {
		t.Fatal(err)
	}
	for q, p := range list {
		if want := rows[q]; !near(p.RSS, want.RSS) || len(p.Groups) != len(want.Groups) {
			t.Fatalf("problem %d: RSS %g of %d scores, want %g of %d", q, p.RSS, len(p.Groups), want.RSS, len(want.Groups))
		}
		for i, v := range append(p.Groups, p.Total...) {
			if want := append(rows[q].Groups, rows[q].Total...)[i]; !near(v, want) {
				t.Fatalf("problem %d: score %d is %g, want %g", q, i, v, want)
			}
		}
	}
	for _, pair := range [][2]int{{0, 1}, {1, 0}, {1, 1}} {
		got := &Cross{A: list[pair[0]], B: list[pair[1]]}
		want := &Cross{A: list[pair[0]], B: list[pair[1]]}
		got.FromProducts(total, m.P)
		if err := Crosses(ctx, m, nil, []*Cross{want}); err != nil {
			t.Fatal(err)
		}
		if !near(got.Dot, want.Dot) {
			t.Errorf("pair %v: %g, want %g", pair, got.Dot, want.Dot)
		}
	}
}

func TestCollectHoldsEveryRow(t *testing.T) {
	m, _ := sampleMatrix()
	all, err := Collect(context.Background(), m)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range m.X {
		if all.X[i] != v {
			t.Fatalf("value %d is %g, want %g", i, all.X[i], v)
		}
	}
}

// Groups whose rows lie anywhere must have the cross-products and scores of the same groups in order.
func TestScatteredAgainstConsecutive(t *testing.T) {
	ctx := context.Background()
	const n, groups, columns = 60_000, 37, 6
	rng := rand.New(rand.NewPCG(5, 6))
	m, part := Matrix{N: n, P: columns, X: make([]float64, n*columns)}, Partition{Codes: make([]int32, n), Groups: groups}
	for i := range m.X {
		m.X[i] = rng.NormFloat64()
	}
	for i := range part.Codes {
		part.Codes[i] = int32(rng.IntN(groups))
	}
	sorted, codes := Matrix{N: n, P: columns}, make([]int32, 0, n)
	for g := range int32(groups) {
		for i, c := range part.Codes {
			if c == g {
				sorted.X, codes = append(sorted.X, m.Row(i)...), append(codes, c)
			}
		}
	}
	ordered, ok := Consecutive(codes)
	if _, also := Consecutive(part.Codes); !ok || also {
		t.Fatalf("consecutive: %v when sorted, %v when not", ok, also)
	}
	for g, size := range part.Sizes() {
		if want := ordered.Sizes()[g]; size != want {
			t.Fatalf("group %d has %d rows, want %d", g, size, want)
		}
	}
	const k, width = 3, 5
	if !Scatters(n, groups, k, width) || Scatters(n, n/10, k, width) {
		t.Error("scattered groups should be few in relation to the rows")
	}
	total, grams, err := Products(ctx, m, part, k, width)
	if err != nil {
		t.Fatal(err)
	}
	wantTotal, wantGrams, err := Products(ctx, sorted, ordered, k, width)
	if err != nil {
		t.Fatal(err)
	}
	compare := func(what string, got, want []float64) {
		t.Helper()
		for i, v := range got {
			if !near(v, want[i]) {
				t.Fatalf("%s: number %d is %g, want %g", what, i, v, want[i])
			}
		}
	}
	// The last column's products are not kept.
	for a := range k {
		wantTotal[a*columns+width] = 0
	}
	compare("total", total, wantTotal)
	compare("by group", grams.data, wantGrams.data)
	p := &Problem{Y: 4, X: []int{0, 2}, B: []float64{0.7, -1.1}, Score: []int{0, 1, 2}}
	want := *p
	if err := Scores(ctx, m, part, nil, []*Problem{p}); err != nil {
		t.Fatal(err)
	}
	if err := Scores(ctx, sorted, ordered, nil, []*Problem{&want}); err != nil {
		t.Fatal(err)
	}
	compare("scores", append(p.Groups, p.RSS), append(want.Groups, want.RSS))
	var first []float64
	for _, procs := range []int{1, 2, 7} {
		before := runtime.GOMAXPROCS(procs)
		again, _, err := Products(ctx, m, part, k, width)
		runtime.GOMAXPROCS(before)
		if first == nil {
			first = again
		}
		if err != nil || !slices.Equal(first, again) {
			t.Fatalf("GOMAXPROCS %d: totals differ (error %v)", procs, err)
		}
	}
}

func BenchmarkScattered(b *testing.B) {
	const n, groups, columns = 200_000, 400, 15
	rng := rand.New(rand.NewPCG(5, 6))
	m, part := Matrix{N: n, P: columns, X: make([]float64, n*columns)}, Partition{Codes: make([]int32, n), Groups: groups}
	for i := range m.X {
		m.X[i] = rng.NormFloat64()
	}
	for i := range part.Codes {
		part.Codes[i] = int32(rng.IntN(groups))
	}
	b.SetBytes(8 * n * columns)
	for b.Loop() {
		if _, _, err := Products(context.Background(), m, part, 5, columns); err != nil {
			b.Fatal(err)
		}
	}
}
