package iv

import (
	"context"
	"fmt"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/absorb"
	"github.com/fieldexp/fieldexp/internal/moments"
)

// dropSingletons removes rows that are alone in a group of some effect until there are none. A
// row of frequency weight two is not alone.
func (s *sample) dropSingletons(m *model) {
	for again := len(m.effects) > 0; again; {
		again = false
		for _, e := range m.effects {
			count := make([]int32, len(e.Labels))
			for _, r := range s.rows {
				count[e.Codes[r]]++
				if m.spec.WeightKind == Frequency && m.weights != nil && m.weights[r] > 1 {
					count[e.Codes[r]]++
				}
			}
			var kept []int32
			for i, r := range s.rows {
				if count[e.Codes[r]] == 1 {
					if kept == nil {
						kept = append(make([]int32, 0, len(s.rows)), s.rows[:i]...)
					}
					s.dropped.Singletons++
				} else if kept != nil {
					kept = append(kept, r)
				}
			}
			if kept != nil {
				s.rows, again = kept, true
			}
		}
	}
}

// cluster sorts the rows by the first clustering and cuts them into its groups.
func (s *sample) cluster(m *model) error {
	if len(m.clusters) == 0 {
		s.partition = moments.Blocks(len(s.rows))
		return nil
	}
	for d, g := range m.clusters {
		if d == 0 {
			s.rows = sortByCode(s.rows, g)
		}
		compact := compactCodes(s.rows, g)
		if compact.Len() < 2 {
			name := m.spec.Cluster[d]
			return &ModelError{Problem: FewClusters, Columns: []string{name}, Count: compact.Len(),
				Message: fmt.Sprintf("cluster column %q has a single cluster in the %d rows used", name, len(s.rows)),
				Remedy:  "cluster by the unit that was assigned; clustered standard errors need two clusters, and many to be trusted"}
		}
		s.clusters = append(s.clusters, compact)
	}
	s.partition.Starts = []int{0}
	codes := s.clusters[0].Codes
	for i := 1; i <= len(codes); i++ {
		if i == len(codes) || codes[i] != codes[i-1] {
			s.partition.Starts = append(s.partition.Starts, i)
		}
	}
	return nil
}

// sortByCode orders rows by group, and within a group as they were.
func sortByCode(rows []int32, g data.Grouping) []int32 {
	next := make([]int, len(g.Labels)+1)
	for _, r := range rows {
		next[g.Codes[r]+1]++
	}
	for c := range g.Labels {
		next[c+1] += next[c]
	}
	sorted := make([]int32, len(rows))
	for _, r := range rows {
		c := g.Codes[r]
		sorted[next[c]] = r
		next[c]++
	}
	return sorted
}

// compactCodes gives the groups that occur in rows consecutive codes, in the order of their
// first row.
func compactCodes(rows []int32, g data.Grouping) data.Grouping {
	place := make([]int32, len(g.Labels))
	for c := range place {
		place[c] = -1
	}
	compact := data.Grouping{Codes: make([]int32, len(rows))}
	for i, r := range rows {
		c := g.Codes[r]
		if place[c] < 0 {
			place[c] = int32(len(compact.Labels))
			compact.Labels = append(compact.Labels, g.Labels[c])
		}
		compact.Codes[i] = place[c]
	}
	return compact
}

// compactEffects prepares the effects for absorption and finds those nested in a cluster.
func (s *sample) compactEffects(m *model) []absorb.Effect {
	effects := make([]absorb.Effect, len(m.effects))
	for e, g := range m.effects {
		compact := compactCodes(s.rows, g)
		effects[e] = absorb.Effect{Codes: compact.Codes, Levels: compact.Len()}
		count := EffectCount{Effect: m.spec.Absorb[e], Levels: compact.Len()}
		for _, cluster := range s.clusters {
			count.Nested = count.Nested || nested(compact, cluster)
		}
		s.effects = append(s.effects, count)
	}
	return effects
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
	_, among, err := absorb.Solve(ctx, s.weights, nested, absorb.Columns{Sums: make([][]float64, len(nested))})
	if err != nil {
		return err
	}
	for i, e := range places {
		s.effects[e].Redundant = among.Redundant[i]
		left -= among.Redundant[i]
	}
	for e := range s.effects {
		if !s.effects[e].Nested {
			s.effects[e].Redundant = min(left, s.effects[e].Levels)
			left -= s.effects[e].Redundant
		}
	}
	return nil
}
