package bootstrap

import (
	"cmp"
	"context"
	"fmt"
	"math/bits"
	"slices"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/iv"
)

// WildCells is the wild bootstrap by the groups of one column for errors that are clustered by
// others: by subclusters (MacKinnon and Webb 2018), where weights are drawn for groups within the
// clusters, and for errors clustered in several ways (MacKinnon, Nielsen and Webb 2021), where they
// are drawn by one of the clusterings. The statistic has the clustered variance of the result in every
// draw, by inclusion-exclusion. The column is one of cells.Columns; for several clusterings the one with the fewest
// clusters is usual. Type is Type11. A column that numbers the rows gives the ordinary wild bootstrap
// with clustered standard errors.
func WildCells(ctx context.Context, cells *iv.Cells, column string, spec WildSpec) (*WildResult, error) {
	if cells == nil || cells.Result == nil {
		return nil, noResult()
	}
	if err := spec.check(cells.Result.Level); err != nil {
		return nil, err
	}
	at := slices.Index(cells.Columns, column)
	if at < 0 {
		return nil, bad(fieldexp.BadSpec, fmt.Sprintf("the cells were not made by %q", column),
			"name it in {EstimateCells}", fieldexp.Hint(fmt.Sprintf("use one of %q", cells.Columns)))
	}
	if spec.Type != Type11 {
		return nil, bad(fieldexp.NotAvailable, fmt.Sprintf("type %s with draws by %q", spec.Type, column),
			"use {Type11}", "use {Wild} for draws by the clusters of the errors")
	}
	spec.Null, spec.Term, spec.Value = spec.restrictions(), "", 0
	m, err := newLinearOf(cells.Result, cells.Products, 0)
	if err != nil {
		return nil, err
	}
	h, err := m.hypothesis(spec.Null)
	if err != nil {
		return nil, err
	}
	t := &wildTest{spec: spec, model: cells.Result, null: h, method: fmt.Sprintf("wild bootstrap by %s with standard errors clustered by %s", column, clusterings(cells.Result))}
	parts, null := []part{{m.scores, h.gap}}, 0.0
	if len(spec.Null) == 1 {
		se := m.standardError(h.r)
		if !(se > 0) {
			return nil, bad(fieldexp.Degenerate, "the estimate of "+h.text+" has no standard error",
				"check that the outcome is not reproduced exactly")
		}
		t.origin, t.unit, t.step = h.estimate[0], 1, fewSE*se
		parts, null = []part{{m.scores, []float64{0}}, {nil, []float64{-1}}}, -h.gap[0]
	}
	if t.kernel, t.seen, err = m.cellKernel(h, parts, null, cells, at, &spec); err != nil {
		return nil, err
	}
	if len(spec.Null) == 1 && !(t.seen.variance.At(0, 0) > 0) {
		return nil, bad(fieldexp.Degenerate, "the multi-way variance of "+h.text+" is not positive", "cluster in fewer ways")
	}
	plan := newDrawing(spec.Weights, spec.Seed, spec.Draws, t.kernel.boot)
	if err := run(ctx, plan, []*wildTest{t}, spec.Progress); err != nil {
		return nil, err
	}
	return t.result(ctx, plan)
}

func clusterings(r *iv.Result) string {
	s := r.Clusters[0].Column
	for _, c := range r.Clusters[1:] {
		s += " and " + c.Column
	}
	return s
}

// cellKernel computes the coefficients of draws by the groups of column boot.
func (m *linear) cellKernel(h *null, parts []part, at float64, cells *iv.Cells, boot int, spec *WildSpec) (*kernel, *observed, error) {
	q, k, count := len(h.gap), m.k, m.cp.Clusters
	out := &kernel{k: k, q: q, boot: cells.Counts[boot], r: h.r, at: at}
	// The parts of every cell: products with the restrictions, scores, and their influence.
	products, plain := make([]float64, count*q*k), make([][]float64, len(parts))
	influence := make([][]float64, len(parts))
	for p := range parts {
		out.c = append(out.c, make([]float64, out.boot*k))
		plain[p], influence[p] = make([]float64, count*q), make([]float64, count*q)
	}
	c := newCluster(m, h.r, spec)
	s := make([]float64, k)
	for cell := range count {
		c.compute(cell)
		copy(products[cell*q*k:], c.sr.RawMatrix().Data)
		for p := range parts {
			by, err := shift(h.r, parts[p].gap, spec.Unrestricted)
			if err != nil {
				return nil, nil, err
			}
			clear(s)
			if parts[p].scores != nil {
				copy(s, parts[p].scores[cell*k:(cell+1)*k])
			}
			for i := range q {
				plain[p][cell*q+i] = dot(h.r.RawRowView(i), s)
			}
			for i, x := range by {
				for j, v := range c.sr.RawRowView(i) {
					s[j] += x * v
				}
			}
			for i := range q {
				influence[p][cell*q+i] = dot(h.r.RawRowView(i), s)
			}
			into := out.c[p][int(cells.Groups[boot][cell])*k:]
			for j, v := range s {
				into[j] += v
			}
		}
	}
	factors, err := setFactors(cells)
	if err != nil {
		return nil, nil, err
	}
	seen := newObserved(parts, gapAt(parts, at))
	for set, factor := range factors {
		groups, n := crossGroups(cells, set+1)
		if factor.cluster {
			factor.value *= float64(n) / float64(n-1)
		}
		v := meat{factor: factor.value, d: make([]float64, n*q*k)}
		for cell, g := range groups {
			for j, x := range products[cell*q*k : (cell+1)*q*k] {
				v.d[int(g)*q*k+j] += x
			}
		}
		v.layOut(groups, n, cells.Groups[boot], influence, q)
		out.meats = append(out.meats, v)
		sums := make([][]float64, len(parts))
		for p := range parts {
			sums[p] = make([]float64, n*q)
			for cell, g := range groups {
				for i := range q {
					sums[p][int(g)*q+i] += plain[p][cell*q+i]
				}
			}
		}
		seen.add(sums, out.at, factor.value)
	}
	return out, seen, nil
}

// layOut joins the cells of each group that share a bootstrap cluster.
func (v *meat) layOut(groups []int32, n int, boot []int32, influence [][]float64, q int) {
	order := make([]int, len(groups))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(groups[a], groups[b]), cmp.Compare(boot[a], boot[b]))
	})
	v.start = make([]int, 1, n+1)
	v.a = make([][]float64, len(influence))
	for i, cell := range order {
		newGroup := i > 0 && groups[cell] != groups[order[i-1]]
		if newGroup {
			v.start = append(v.start, len(v.cell))
		}
		if i == 0 || newGroup || boot[cell] != boot[order[i-1]] {
			v.cell = append(v.cell, boot[cell])
			for p := range v.a {
				v.a[p] = append(v.a[p], make([]float64, q)...)
			}
		}
		for p := range v.a {
			for j := range q {
				v.a[p][(len(v.cell)-1)*q+j] += influence[p][cell*q+j]
			}
		}
	}
	v.start = append(v.start, len(v.cell))
}

// crossGroups are the groups that a set of clusterings makes together, by cell.
func crossGroups(cells *iv.Cells, set int) (groups []int32, n int) {
	groups = make([]int32, cells.Products.Clusters)
	seen := map[string]int32{}
	for cell := range groups {
		var key []byte
		for d := range cells.Result.Clusters {
			if set>>d&1 == 1 {
				key = fmt.Appendf(key, "%d ", cells.Groups[d][cell])
			}
		}
		g, ok := seen[string(key)]
		if !ok {
			g = int32(len(seen))
			seen[string(key)] = g
		}
		groups[cell] = g
	}
	return groups, len(seen)
}

// setFactor is the small-sample factor of a set of clusterings, with the sign of inclusion-
// exclusion; cluster says that the set's own G/(G-1) multiplies it.
type setFactor struct {
	value   float64
	cluster bool
}

func setFactors(cells *iv.Cells) ([]setFactor, error) {
	r := cells.Result
	if kind := r.Covariance.Kind; kind != iv.CR0 && kind != iv.CR1 {
		var err error
		if r, err = r.With(iv.Covariance{Kind: iv.CR1}); err != nil {
			return nil, err
		}
	}
	list := make([]setFactor, 1<<len(r.Clusters)-1)
	own := r.Covariance.Groups == iv.PerComponent && r.Covariance.Kind == iv.CR1 && r.Covariance.ClusterFactor != iv.Off
	for i := range list {
		list[i] = setFactor{value: r.Factor, cluster: own}
		if own {
			g := float64(r.Clusters[0].Count)
			list[i].value *= (g - 1) / g
		}
		if bits.OnesCount(uint(i+1))%2 == 0 {
			list[i].value = -list[i].value
		}
	}
	return list, nil
}
