package iv

import (
	"context"
	"slices"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/moments"
	"github.com/fieldexp/fieldexp/internal/parallel"
)

// rowList lists rows of a frame. It takes no memory when it lists all of them in their order.
type rowList struct {
	n        int
	places   []int32 // nil for rows 0 to n-1
	shuffled bool    // whether rows are in another order than the frame's
}

// rowsOf lists the rows of a frame of n that keep says; all when it is nil.
func rowsOf(n int, keep func(row int) bool) rowList {
	if keep == nil {
		return rowList{n: n}
	}
	return rowList{n: n}.without(func(row int) bool { return !keep(row) })
}

// at is the row in place i.
func (l rowList) at(i int) int {
	if l.places == nil {
		return i
	}
	return int(l.places[i])
}

// fetch copies the values of rows from a place on. Listed rows mostly follow one another, and are looked
// at eight at a time.
func (l rowList) fetch(values []float64, from int, into []float64) {
	const few = 8
	places := l.places[from : from+len(into)]
	for len(places) >= few && !l.shuffled {
		if r := int(places[0]); int(places[few-1]) == r+few-1 {
			*(*[few]float64)(into) = [few]float64(values[r:])
		} else {
			for i, r := range places[:few] {
				into[i] = values[r]
			}
		}
		places, into = places[few:], into[few:]
	}
	for i, r := range places {
		into[i] = values[r]
	}
}

// codes are those of the listed rows; they may be the codes of all rows themselves.
func (l rowList) codes(all []int32) []int32 {
	if l.places == nil {
		return all
	}
	codes := make([]int32, l.n)
	// The context is never cancelled, so there is no error.
	_ = parallel.Blocks(context.Background(), l.n, func(from, to int) {
		for i, r := range l.places[from:to] {
			codes[from+i] = all[r]
		}
	})
	return codes
}

// without leaves out rows for which drop says so, given a row's place in the list. It may be asked
// twice about a row, and by several goroutines.
func (l rowList) without(drop func(i int) bool) rowList {
	blocks := (l.n + parallel.BlockRows - 1) / parallel.BlockRows
	starts := make([]int, blocks+1)
	// The context is never cancelled, so there is no error.
	_ = parallel.Blocks(context.Background(), l.n, func(from, to int) {
		kept := 0
		for i := from; i < to; i++ {
			if !drop(i) {
				kept++
			}
		}
		starts[from/parallel.BlockRows+1] = kept
	})
	for b := range blocks {
		starts[b+1] += starts[b]
	}
	if starts[blocks] == l.n {
		return l
	}
	places := make([]int32, starts[blocks])
	_ = parallel.Blocks(context.Background(), l.n, func(from, to int) {
		next := starts[from/parallel.BlockRows]
		for i := from; i < to; i++ {
			if !drop(i) {
				places[next] = int32(l.at(i))
				next++
			}
		}
	})
	return rowList{len(places), places, l.shuffled}
}

// sorted orders rows by group, and within a group as they were.
func (l rowList) sorted(g data.Grouping) rowList {
	next := make([]int, len(g.Labels)+1)
	for i := range l.n {
		next[g.Codes[l.at(i)]+1]++
	}
	for c := range g.Labels {
		next[c+1] += next[c]
	}
	places := make([]int32, l.n)
	for i := range l.n {
		r := l.at(i)
		c := g.Codes[r]
		places[next[c]] = int32(r)
		next[c]++
	}
	return rowList{l.n, places, true}
}

// grouping groups listed rows.
type grouping struct {
	data.Grouping         // of the groups that occur, in the order of their codes
	occurring     []int32 // codes of these groups among all; nil when all occur
	rows          []int   // of each group
	starts        []int   // where the rows of each group begin, if groups are consecutive; nil otherwise
}

// group groups the listed rows. What it returns may share memory with g.
func (l rowList) group(g data.Grouping) grouping {
	all := grouping{Grouping: data.Grouping{Codes: l.codes(g.Codes), Labels: g.Labels}}
	all.rows = parallel.Count(all.Codes, len(g.Labels))
	if slices.Contains(all.rows, 0) {
		all = l.compact(all)
	}
	if part, ok := moments.Consecutive(all.Codes); ok {
		all.starts = part.Starts
	}
	return all
}

// compact leaves out the groups that do not occur.
func (l rowList) compact(all grouping) grouping {
	place := make([]int32, all.Len())
	var some grouping
	for c, rows := range all.rows {
		if rows > 0 {
			place[c] = int32(len(some.rows))
			some.Labels, some.rows = append(some.Labels, all.Labels[c]), append(some.rows, rows)
			some.occurring = append(some.occurring, int32(c))
		}
	}
	if some.Codes = all.Codes; l.places == nil { // they are the frame's
		some.Codes = make([]int32, l.n)
	}
	// The context is never cancelled, so there is no error.
	_ = parallel.Blocks(context.Background(), l.n, func(from, to int) {
		for i, c := range all.Codes[from:to] {
			some.Codes[from+i] = place[c]
		}
	})
	return some
}
