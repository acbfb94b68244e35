package iv

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
)

// Cells is a least-squares result with its cross-products by cells: the groups of rows that lie in
// the same group of every clustering, and of every further column asked for. From them comes what
// replication by one grouping needs for errors that are clustered by others.
type Cells struct {
	Result *Result
	// Products holds the cross-products; its Clusters are the cells.
	Products *CrossProducts
	// Columns names the groupings: those of Spec.Cluster, then the further ones.
	Columns []string
	// Groups holds, for each grouping, the group of each cell, numbered in the order in which the
	// groups of a frame's column come.
	Groups [][]int32
	// Counts is the number of groups of each grouping.
	Counts []int
}

// EstimateCells estimates the least-squares model of the spec for each outcome and keeps the cross-
// products by cells of Spec.Cluster and the columns in by (which may be interactions, as in
// "agent^week"). Absorbed effects must be nested in every clustering of the spec. The error is a
// *fieldexp.Error, or that of ctx.
func EstimateCells(ctx context.Context, f *data.Frame, spec Spec, by ...string) ([]*Cells, error) {
	results, err := Estimate(ctx, f, spec)
	if err != nil {
		return nil, err
	}
	refuse := func(message string, remedy fieldexp.Hint, columns ...string) ([]*Cells, error) {
		return nil, &fieldexp.Error{Op: "iv", Problem: fieldexp.NotAvailable, Columns: columns,
			Message: message,
			Remedy:  []fieldexp.Hint{remedy}}
	}
	if len(spec.Cluster) == 0 {
		return refuse("cells of a model without clusters", "name the level of assignment in {Cluster}")
	}
	if len(spec.Endogenous) > 0 {
		return refuse("cells of a model with endogenous columns", "use a least-squares model", spec.Endogenous...)
	}
	columns := slices.Clone(spec.Cluster)
	for _, c := range by {
		if !slices.Contains(columns, c) {
			columns = append(columns, c)
		}
	}
	fine := spec
	fine.Cluster, fine.Covariance = []string{strings.Join(columns, "^")}, Covariance{}
	m, err := newModel(f, fine)
	if err != nil {
		return nil, err
	}
	groupings := make([]data.Grouping, len(columns))
	for i, c := range columns {
		if groupings[i], err = clustering(f, c); err != nil {
			return nil, err
		}
	}
	samples, err := m.samples(ctx)
	if err != nil {
		return nil, err
	}
	cells := make([]*Cells, len(results))
	for _, s := range samples {
		list, err := s.cells(ctx, m)
		if err != nil {
			return nil, err
		}
		for i, o := range s.outs {
			r := results[o]
			if r.N != s.n {
				return refuse(fmt.Sprintf("%d of the %d observations of %q lie in no group of %s", r.N-s.n, r.N, r.Outcome, quoted(by)),
					"fill in or filter the missing values first", by...)
			}
			c := &Cells{Result: r, Products: list[i], Columns: columns}
			c.Groups, c.Counts = s.groupsOfCells(groupings)
			if err := s.nestedInAll(m, groupings[:len(spec.Cluster)], spec.Cluster); err != nil {
				return nil, err
			}
			cells[o] = c
		}
	}
	return cells, nil
}

// cells computes the cross-products of the sample, which is clustered by cells.
func (s *sample) cells(ctx context.Context, m *model) ([]*CrossProducts, error) {
	s.ordered = true
	if err := s.prepare(ctx, m); err != nil {
		return nil, err
	}
	total, grams, err := s.products(ctx, m)
	if err != nil {
		return nil, err
	}
	regressions := make([]*regression, len(s.outs))
	for i := range s.outs {
		if regressions[i], err = leastSquares(total, s.p, s.first+i, s.regressors(nil), s.columns); err != nil {
			return nil, err
		}
	}
	if err := refine(ctx, s, nil, regressions); err != nil {
		return nil, err
	}
	lead := grams.Leading()
	list := make([]*CrossProducts, len(regressions))
	for i, r := range regressions {
		fit := s.newFit(r, lead)
		list[i] = &CrossProducts{Clusters: s.partition.Len(), Regressors: fit.x, Estimates: fit.working, Basis: fit.basis, scores: r.problem.Groups, grams: lead}
	}
	return list, nil
}

// groupsOfCells finds the group of each cell, by the cell's first row.
func (s *sample) groupsOfCells(groupings []data.Grouping) (groups [][]int32, counts []int) {
	for _, g := range groupings {
		codes := make([]int32, s.partition.Len())
		occurs := make([]int32, len(g.Labels))
		for c := range codes {
			codes[c] = g.Codes[s.rows.at(s.partition.Starts[c])]
			occurs[codes[c]] = 1
		}
		count := int32(0)
		for code, is := range occurs {
			occurs[code] = count
			count += is
		}
		for c, code := range codes {
			codes[c] = occurs[code]
		}
		groups, counts = append(groups, codes), append(counts, int(count))
	}
	return groups, counts
}

// nestedInAll refuses absorbed effects that are not nested in every clustering.
func (s *sample) nestedInAll(m *model, clusterings []data.Grouping, names []string) error {
	for e, effect := range m.effects {
		for d, clustering := range clusterings {
			if g := s.group(effect); !nested(g.Codes, s.group(clustering).Codes, g.Len()) {
				return &fieldexp.Error{Op: "iv", Problem: fieldexp.NotAvailable, Columns: m.spec.Absorb[e],
					Message: fmt.Sprintf("the absorbed effect %s is not nested in the clusters of %q", m.spec.Absorb[e], names[d]),
					Remedy:  []fieldexp.Hint{"name it in {Exogenous} as a column of text instead"}}
			}
		}
	}
	return nil
}
