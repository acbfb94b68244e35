package iv

import (
	"context"
	"fmt"
	"slices"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/absorb"
	"github.com/fieldexp/fieldexp/internal/moments"
	"github.com/fieldexp/fieldexp/internal/parallel"
)

// dropSingletons removes rows that are alone in a group of some effect until there are none. A
// row of frequency weight two is not alone.
func (s *sample) dropSingletons(m *model) {
	for again := len(m.effects) > 0; again; {
		again = false
		for _, e := range m.effects {
			g := s.group(e)
			if !slices.Contains(g.rows, 1) {
				continue
			}
			before := s.rows
			s.setRows(before.without(func(i int) bool {
				return g.rows[g.Codes[i]] == 1 && !(m.spec.WeightKind == Frequency && m.weights != nil && m.weights[before.at(i)] > 1)
			}))
			s.dropped.Singletons += before.n - s.rows.n
			again = again || s.rows.n < before.n
		}
	}
}

// group groups the sample's rows, once for each grouping.
func (s *sample) group(g data.Grouping) grouping {
	if s.known == nil {
		s.known = make(map[*int32]grouping)
	}
	key := &g.Codes[0]
	if _, ok := s.known[key]; !ok {
		s.known[key] = s.rows.group(g)
	}
	return s.known[key]
}

// setRows gives the sample other rows, of which nothing is known.
func (s *sample) setRows(rows rowList) { s.rows, s.known = rows, nil }

// cluster finds the clusters of each row. Rows are brought into the order of the first clustering
// where they are neither in it nor so many that it does not matter.
func (s *sample) cluster(m *model) error {
	if len(m.clusters) == 0 {
		s.partition = moments.Blocks(s.rows.n)
		return nil
	}
	first := s.group(m.clusters[0])
	switch {
	case first.starts != nil:
		s.partition = moments.Partition{Starts: first.starts}
	case !s.small() && !s.ordered && moments.Scatters(s.rows.n, first.Len(), s.first, s.p):
		s.partition = moments.Partition{Codes: first.Codes, Groups: first.Len()}
	default:
		s.setRows(s.rows.sorted(m.clusters[0]))
		s.partition = moments.Partition{Starts: s.group(m.clusters[0]).starts}
	}
	for d, c := range m.clusters {
		g := s.group(c)
		if g.Len() < 2 {
			name := m.spec.Cluster[d]
			return &fieldexp.Error{Op: "iv", Problem: fieldexp.FewClusters, Columns: []string{name}, Count: g.Len(),
				Message: fmt.Sprintf("cluster column %q has a single cluster in the %d rows used", name, s.rows.n),
				Remedy:  []fieldexp.Hint{"cluster by the unit that was assigned, since clustered standard errors need two clusters, and many to be trusted"}}
		}
		s.clusters = append(s.clusters, g.Grouping)
		if d == 0 {
			s.labels = clusterLabels{c.Labels, g.occurring}
		}
	}
	return nil
}

// clusterLabels are the labels of the clusters that occur in the rows of a sample. Those of all
// clusters are the frame's, which its results share.
type clusterLabels struct {
	all   []string
	codes []int32 // of the clusters that occur, ascending; nil when all occur
}

// count is the number of clusters that occur.
func (l clusterLabels) count() int {
	if l.codes == nil {
		return len(l.all)
	}
	return len(l.codes)
}

// code is the place of cluster g among all labels.
func (l clusterLabels) code(g int) int32 {
	if l.codes == nil {
		return int32(g)
	}
	return l.codes[g]
}

// at is the label of cluster g.
func (l clusterLabels) at(g int) string { return l.all[l.code(g)] }

// list is the labels of the clusters that occur.
func (l clusterLabels) list() []string {
	if l.codes == nil {
		return l.all
	}
	labels := make([]string, len(l.codes))
	for g, c := range l.codes {
		labels[g] = l.all[c]
	}
	return labels
}

// prepareEffects prepares the effects for absorption and finds those nested in a cluster.
func (s *sample) prepareEffects(ctx context.Context, m *model) (err error) {
	for e, effect := range m.effects {
		g := s.group(effect)
		s.groups = append(s.groups, absorb.Effect{Codes: g.Codes, Levels: g.Len(), Starts: g.starts})
		s.effects = append(s.effects, EffectCount{Effect: m.spec.Absorb[e], Levels: g.Len()})
	}
	s.known = nil
	err = parallel.For(ctx, len(s.groups), func(e int) {
		for _, cluster := range s.clusters {
			s.effects[e].Nested = s.effects[e].Nested || nested(s.groups[e].Codes, cluster.Codes, s.groups[e].Levels)
		}
	})
	if err != nil {
		return err
	}
	s.layers, err = layers(ctx, s.groups, s.rows.n)
	return err
}

// nested reports whether each of the inner groups lies within one outer group.
func nested(inner, outer []int32, groups int) bool {
	if &inner[0] == &outer[0] {
		return true
	}
	within := make([]int32, groups)
	for g := range within {
		within[g] = -1
	}
	for i, g := range inner {
		switch within[g] {
		case -1:
			within[g] = outer[i]
		case outer[i]:
		default:
			return false
		}
	}
	return true
}

// countRedundant shares the redundant levels out. Absorption finds how many there are in all, but
// which effect they fall to depends on the order of elimination. Nested effects come first, since K
// leaves them out whole: what they share with others is counted as the others' redundancy.
func (s *sample) countRedundant(ctx context.Context, redundant []int) error {
	var nested []absorb.Effect
	var places []int
	left := 0
	for e := range s.groups {
		s.effects[e].Redundant = redundant[e]
		left += redundant[e]
		if s.effects[e].Nested {
			nested, places = append(nested, s.groups[e]), append(places, e)
		}
	}
	if len(nested) == 0 || len(nested) == len(s.groups) {
		return nil
	}
	among := []int{0}
	if len(nested) > 1 {
		_, info, err := absorb.Solve(ctx, s.weights, nested, absorb.Columns{Sums: make([][]float64, len(nested))})
		if err != nil {
			return err
		}
		among = info.Redundant
	}
	for i, e := range places {
		s.effects[e].Redundant = among[i]
		left -= among[i]
	}
	for e := range s.effects {
		if !s.effects[e].Nested {
			s.effects[e].Redundant = min(left, s.effects[e].Levels)
			left -= s.effects[e].Redundant
		}
	}
	return nil
}
