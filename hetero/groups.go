package hetero

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
)

// mostGroups is a bound that no split of a sample by a baseline comes near.
const mostGroups = 50

// groups are the groups of the rows of a frame.
type groups struct {
	column string
	labels []string
	codes  []int32 // place in labels of each row's group, none or leftOut
	none   int     // rows without a group
}

// Codes of rows that are in no group.
const (
	none    = -1 // the group is missing
	leftOut = -2 // the spec is not about the row
)

// readGroups codes the groups that occur in the rows that the spec is about (all where rows is nil), in their order.
func readGroups(f *data.Frame, column string, rows func(row int) bool) (*groups, error) {
	all, err := f.Group(column)
	if err != nil {
		return nil, err
	}
	count := make([]int, all.Len())
	g := &groups{column: column, codes: make([]int32, len(all.Codes))}
	for i, c := range all.Codes {
		switch {
		case rows != nil && !rows(i):
			g.codes[i] = leftOut
		case c < 0:
			g.codes[i] = none
			g.none++
		default:
			count[c]++
		}
	}
	place := make([]int32, all.Len())
	for _, level := range groupOrder(all.Labels) {
		if count[level] > 0 {
			place[level] = int32(len(g.labels))
			g.labels = append(g.labels, all.Labels[level])
		}
	}
	for i, c := range all.Codes {
		if c >= 0 && g.codes[i] != leftOut {
			g.codes[i] = place[c]
		}
	}
	return g, g.check()
}

// check refuses a column that does not make groups to compare.
func (g *groups) check() error {
	e := &fieldexp.Error{Op: "hetero", Columns: []string{g.column}, Count: len(g.labels)}
	switch n := len(g.labels); {
	case n == 0:
		e.Problem, e.Count = fieldexp.NoGroup, g.none
		e.Message = fmt.Sprintf("group column %q is missing in all %s rows", g.column, brief.Count(g.none))
		e.Remedy = []fieldexp.Hint{"check how the baseline was joined, and that units were observed before the launch"}
	case n == 1:
		e.Problem = fieldexp.OneGroup
		e.Message = fmt.Sprintf("group column %q is %s in every row that has a group", g.column, g.labels[0])
		e.Remedy = []fieldexp.Hint{"estimate one effect for all, since effects by group need two groups"}
	case n > mostGroups:
		e.Problem = fieldexp.ManyGroups
		e.Message = fmt.Sprintf("group column %q has %s different values", g.column, brief.Count(n))
		e.Remedy = []fieldexp.Hint{"cut it into quantile groups with {Groups}, if it is the baseline itself"}
	default:
		return nil
	}
	return e
}

// groupOrder lists the places of labels in the order of their groups: by number where all labels
// are numbers, or the same word and a number, and as they stand otherwise.
func groupOrder(labels []string) []int {
	order := make([]int, len(labels))
	numbers := make([]float64, len(labels))
	numeric, numbered := true, true
	word := func(label string) string { return strings.TrimRight(label, "0123456789") }
	for i, label := range labels {
		order[i] = i
		_, err := strconv.ParseFloat(label, 64)
		numeric = numeric && err == nil
		_, err = strconv.Atoi(strings.TrimPrefix(label, word(label)))
		numbered = numbered && err == nil && word(label) == word(labels[0])
	}
	if !numeric && !numbered {
		return order
	}
	for i, label := range labels {
		if !numeric {
			label = strings.TrimPrefix(label, word(label))
		}
		numbers[i], _ = strconv.ParseFloat(label, 64) // parsed above
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(numbers[a], numbers[b]) })
	return order
}

// variesWithin counts the values of another column within which the group of rows is not the same,
// and names one of them.
func (g *groups) variesWithin(by data.Grouping) (varies int, example string) {
	const empty, many = -1, -2
	within := make([]int32, by.Len())
	for i := range within {
		within[i] = empty
	}
	for i, c := range g.codes {
		b := by.Codes[i]
		if c < 0 || b < 0 {
			continue
		}
		switch within[b] {
		case empty:
			within[b] = c
		case c, many:
		default:
			within[b] = many
			if varies == 0 {
				example = by.Labels[b]
			}
			varies++
		}
	}
	return varies, example
}

// without counts the clusters that have no group in any row.
func (g *groups) without(clusters data.Grouping) (count int) {
	const unseen, ungrouped, grouped = 0, 1, 2
	state := make([]uint8, clusters.Len())
	for i, c := range clusters.Codes {
		switch {
		case c < 0 || g.codes[i] == leftOut:
		case g.codes[i] >= 0:
			state[c] = grouped
		case state[c] == unseen:
			state[c] = ungrouped
		}
	}
	for _, s := range state {
		if s == ungrouped {
			count++
		}
	}
	return count
}
