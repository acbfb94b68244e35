package leverage_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/fieldexp/fieldexp/internal/absorb"
	"github.com/fieldexp/fieldexp/internal/leverage"
	"github.com/fieldexp/fieldexp/internal/moments"
	"gonum.org/v1/gonum/mat"
)

func TestGroupRows(t *testing.T) {
	for _, c := range []struct {
		name   string
		codes  []int32
		groups int
		order  []int32
		starts []int
	}{
		{"in order", []int32{0, 0, 1}, 2, []int32{0, 1, 2}, []int{0, 2, 3}},
		{"mixed", []int32{2, 0, 2, 1, 0}, 3, []int32{1, 4, 3, 0, 2}, []int{0, 2, 3, 5}},
		{"an empty group", []int32{2, 0}, 3, []int32{1, 0}, []int{0, 1, 1, 2}},
		{"no rows", nil, 1, []int32{}, []int{0, 0}},
	} {
		r := leverage.GroupRows(c.codes, c.groups)
		if r.Len() != c.groups || !slices.Equal(r.Order, c.order) || !slices.Equal(r.Starts, c.starts) {
			t.Errorf("%s: %d groups %v from %v, want %v from %v", c.name, r.Len(), r.Order, r.Starts, c.order, c.starts)
		}
	}
}

// TestKept compares each cluster's part of the kept columns with their definition: indicators net of the
// cluster's nested ones, on the columns that it touches and that no others span.
func TestKept(t *testing.T) {
	for _, s := range shapes {
		t.Run(s.name, func(t *testing.T) {
			f := fit(t, newSmall(s, 2, 0, 0), 0, nil)
			b := f.design.Blocks
			indicators := f.weighed(f.indicators(f.small.kept...))
			nested := f.weighed(f.indicators(f.small.nested...))
			leading := mat.NewDense(f.rows(), 2, nil)
			for i := range f.rows() {
				leading.SetRow(i, f.matrix.Row(i)[:2])
			}
			free := map[int32]bool{}
			for g := range b.Len() {
				support, cross, own := b.Kept(g)
				for _, l := range support {
					free[l] = true
				}
				if len(support) == 0 {
					continue
				}
				rows, _ := f.of(g)
				touched := pick(indicators, rows)
				columns := mat.NewDense(len(rows), len(support), nil)
				for j, l := range support {
					if mat.Norm(touched.ColView(int(l)), 1) == 0 {
						t.Errorf("cluster %d does not touch column %d of its support", g, l)
					}
					columns.SetCol(j, mat.Col(nil, int(l), touched))
				}
				columns = net(columns, pick(nested, rows))
				same(t, fmt.Sprintf("cluster %d: own", g), mat.NewDense(len(support), len(support), own), product(columns.T(), columns), tolerance)
				want := product(pick(leading, rows).T(), pick(indicators, rows))
				for j, l := range support {
					for c := range 2 {
						if got := cross[c*len(support)+j]; math.Abs(got-want.At(c, int(l))) > tolerance {
							t.Errorf("cluster %d: product of column %d with kept column %d is %g, want %g", g, c, l, got, want.At(c, int(l)))
						}
					}
				}
			}
			if s.kept == 0 {
				return
			}
			if _, levels := indicators.Dims(); b.Levels() != levels {
				t.Errorf("%d levels, want %d", b.Levels(), levels)
			}
			if rank := int(math.Round(mat.Trace(hat(net(indicators, nested), f.rows())))); len(free) != rank {
				t.Errorf("%d columns are kept of rank %d", len(free), rank)
			}
		})
	}
}

// TestPartialLeverage compares clusters' parts of an estimate's variance with sums over their rows of the estimate's
// weights on errors, squared and, for errors that go together in a cluster, summed up first.
func TestPartialLeverage(t *testing.T) {
	for _, s := range shapes {
		for _, endog := range []int{0, 1} {
			t.Run(fmt.Sprintf("%s, %d endogenous", s.name, endog), func(t *testing.T) {
				f := fit(t, newSmall(s, 2, endog, 2*endog), endog, nil)
				on := f.onRows()
				for j := range 2 {
					variances, sums, total := make([]float64, f.groups), make([]float64, f.groups), 0.0
					for i, g := range f.cluster {
						v := on.At(j, i)
						variances[g] += v * v
						sums[g] += v * f.root(i)
						total += v * v
					}
					shares := slices.Clone(variances)
					for g := range shares {
						shares[g] /= total
					}
					same(t, "shares", column(f.design.Shares(j)), column(shares), tolerance)
					// Together, since nested effects make all sums zero.
					got := beside(column(f.design.Variances(j)), column(f.design.Sums(j)))
					same(t, "variances and sums", got, beside(column(variances), column(sums)), tolerance)
				}
			})
		}
	}
}

// TestPlain: blocks of cross-products alone say what those built from rows say, but for sums.
func TestPlain(t *testing.T) {
	f := fit(t, newSmall(shape{}, 2, 0, 0), 0, nil)
	want := adjust(t, f, leverage.InverseRoot).Influences(f.scores, f.kept())
	f.design.Blocks = leverage.Plain(f.design.Blocks.Grams)
	same(t, "influences", adjust(t, f, leverage.InverseRoot).Influences(f.scores, f.kept()), want, 0)
	if f.design.Sums(0) != nil {
		t.Error("sums of blocks that have none")
	}
}

// TestTooManyLevels: effects with more levels than can be columns are refused, with their number.
func TestTooManyLevels(t *testing.T) {
	n := absorb.DirectLimit + 1
	codes, cluster := make([]int32, n), make([]int32, n)
	for i := range codes {
		codes[i], cluster[i] = int32(i), int32(i%2)
	}
	m := moments.Matrix{N: n, P: 1, X: make([]float64, n)}
	rows := leverage.GroupRows(cluster, 2)
	grams := moments.GroupProducts(m, rows.Order, rows.Starts, 1)
	effect := []absorb.Effect{{Codes: codes, Levels: n}}
	var many *absorb.TooManyLevels
	if _, err := leverage.Build(context.Background(), m, rows, grams, leverage.Effects{Kept: effect}); !errors.As(err, &many) || many.Levels != n {
		t.Errorf("kept effects of %d levels: error %v", n, err)
	}
	// Nested effects are columns where errors are of equal variance in spite of weights: those of one cluster at a time.
	all := make([]int32, n)
	rows = leverage.GroupRows(all, 1)
	grams = moments.GroupProducts(m, rows.Order, rows.Starts, 1)
	b, err := leverage.Build(context.Background(), m, rows, grams, leverage.Effects{Nested: effect})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Reweigh(context.Background(), m); !errors.As(err, &many) || many.Levels != n+1 {
		t.Errorf("a cluster of %d nested levels and a column: error %v", n, err)
	}
}
