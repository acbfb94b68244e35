package moments

import (
	"context"
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
		p.FromProducts(total, m.P, grams)
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
		if err := Crosses(ctx, m, part, nil, []*Cross{want}); err != nil {
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
