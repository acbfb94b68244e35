package iv

import (
	"context"
	"fmt"

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
			codes := s.rows.codes(e.Codes)
			count := parallel.Count(codes, len(e.Labels))
			if m.spec.WeightKind == Frequency && m.weights != nil {
				for i, c := range codes {
					if m.weights[s.rows.at(i)] > 1 {
						count[c]++
					}
				}
			}
			before := s.rows.n
			s.rows = s.rows.without(func(i int) bool { return count[codes[i]] == 1 })
			s.dropped.Singletons += before - s.rows.n
			again = again || s.rows.n < before
		}
	}
}

// cluster finds the clusters of each row. Rows are brought into the order of the first clustering
// where they are neither in it nor so many that it does not matter.
func (s *sample) cluster(m *model) error {
	if len(m.clusters) == 0 {
		s.partition = moments.Blocks(s.rows.n)
		return nil
	}
	first := s.rows.compact(m.clusters[0])
	part, ok := moments.Consecutive(first.Codes)
	switch {
	case ok:
		s.partition = part
	case !s.small() && !s.ordered && moments.Scatters(s.rows.n, first.Len(), s.first, s.p):
		s.partition = moments.Partition{Codes: first.Codes, Groups: first.Len()}
	default:
		s.rows = s.rows.sorted(m.clusters[0])
		first = s.rows.compact(m.clusters[0])
		s.partition, _ = moments.Consecutive(first.Codes)
	}
	for d, g := range m.clusters {
		compact := first
		if d > 0 {
			compact = s.rows.compact(g)
		}
		if compact.Len() < 2 {
			name := m.spec.Cluster[d]
			return &ModelError{Problem: FewClusters, Columns: []string{name}, Count: compact.Len(),
				Message: fmt.Sprintf("cluster column %q has a single cluster in the %d rows used", name, s.rows.n),
				Remedy:  "cluster by the unit that was assigned; clustered standard errors need two clusters, and many to be trusted"}
		}
		s.clusters = append(s.clusters, compact)
	}
	return nil
}

// compactEffects prepares the effects for absorption and finds those nested in a cluster.
func (s *sample) compactEffects(ctx context.Context, m *model) error {
	s.groups, s.effects = make([]absorb.Effect, len(m.effects)), make([]EffectCount, len(m.effects))
	err := parallel.For(ctx, len(m.effects), func(e int) {
		compact := s.rows.compact(m.effects[e])
		s.groups[e] = absorb.Effect{Codes: compact.Codes, Levels: compact.Len()}
		s.effects[e] = EffectCount{Effect: m.spec.Absorb[e], Levels: compact.Len()}
		for _, cluster := range s.clusters {
			s.effects[e].Nested = s.effects[e].Nested || nested(compact, cluster)
		}
	})
	if err != nil {
		return err
	}
	s.layers, err = layers(ctx, s.groups, s.rows.n)
	return err
}

// nested reports whether each group of inner lies within one group of outer.
func nested(inner, outer data.Grouping) bool {
	within := make([]int32, inner.Len())
	for g := range within {
		within[g] = -1
	}
	for i, g := range inner.Codes {
		switch within[g] {
		case -1:
			within[g] = outer.Codes[i]
		case outer.Codes[i]:
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
