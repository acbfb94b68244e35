package moments

import "github.com/fieldexp/fieldexp/internal/parallel"

// Partition says which group each row lies in. Rows lie in the order of their groups, or anyhow.
type Partition struct {
	// Starts cuts rows into consecutive groups: group g has rows Starts[g] to Starts[g+1]-1. It is
	// nil where groups are scattered.
	Starts []int
	// Codes holds the group of each row of scattered groups, and Groups is their number.
	Codes  []int32
	Groups int
}

// Blocks is the partition of n rows into blocks of equal size, for rows that have no clusters.
func Blocks(n int) Partition {
	const size = 1024
	var starts []int
	for at := 0; at < n; at += size {
		starts = append(starts, at)
	}
	return Partition{Starts: append(starts, n)}
}

// Consecutive is the partition of rows whose codes are 0, 1, 2 and so on, each as often as there are
// rows in its group, and whether they are.
func Consecutive(codes []int32) (p Partition, ok bool) {
	last := int32(-1)
	for i, c := range codes {
		switch c {
		case last:
		case last + 1:
			p.Starts = append(p.Starts, i)
			last = c
		default:
			return Partition{}, false
		}
	}
	p.Starts = append(p.Starts, len(codes))
	return p, true
}

// Len is the number of groups.
func (p Partition) Len() int {
	if p.Starts == nil {
		return p.Groups
	}
	return len(p.Starts) - 1
}

// Sizes counts the rows of each group.
func (p Partition) Sizes() []int {
	if p.Starts == nil {
		return parallel.Count(p.Codes, p.Groups)
	}
	sizes := make([]int, p.Len())
	for g := range sizes {
		sizes[g] = p.Starts[g+1] - p.Starts[g]
	}
	return sizes
}

// chunkRows is the least number of rows of a chunk but the last.
const chunkRows = 8192

// chunks joins consecutive groups into chunks: chunk c has groups bounds[c] to bounds[c+1]-1.
func (p Partition) chunks() (bounds []int) {
	bounds = []int{0}
	for g := range p.Len() {
		if p.Starts[g+1]-p.Starts[bounds[len(bounds)-1]] >= chunkRows {
			bounds = append(bounds, g+1)
		}
	}
	if bounds[len(bounds)-1] != p.Len() {
		bounds = append(bounds, p.Len())
	}
	return bounds
}

// runs cuts rows into chunks, whatever their groups: chunk c has rows bounds[c] to bounds[c+1]-1.
func runs(rows int) (bounds []int) {
	for at := 0; at < rows; at += chunkRows {
		bounds = append(bounds, at)
	}
	return append(bounds, rows)
}

// segments calls body for each piece of a consecutive group that the rows from..to hold, given the
// group that row from lies in, and returns the group in which the next row lies.
func (p Partition) segments(group, from, to int, body func(group, from, to int)) int {
	for from < to {
		end := min(to, p.Starts[group+1])
		body(group, from, end)
		if end == p.Starts[group+1] {
			group++
		}
		from = end
	}
	return group
}
