package data

import (
	"cmp"
	"slices"
)

// Grouping is a column seen as groups: row i belongs to group Codes[i], or to none where the
// code is negative (a missing value). Labels name the groups for people. The slices are shared by
// all who ask for the same groups, and must not be written to.
type Grouping struct {
	Codes  []int32
	Labels []string
}

// Len is the number of groups.
func (g Grouping) Len() int { return len(g.Labels) }

// Group makes groups of any column. Groups of a Categorical column are its levels in their
// order (levels that no row holds are kept); groups of numbers and times are the distinct
// values in ascending order. Zero and minus zero are one value.
//
// With more than one column groups are the combinations of values that occur, in the order of their
// first row, labelled a^b; a row with a missing value is in none.
//
// Groups are found once and kept until one of their columns is set, in clones of the frame too.
func (f *Frame) Group(name string, more ...string) (Grouping, error) {
	c, err := f.column(name)
	if err != nil {
		return Grouping{}, err
	}
	for _, other := range more {
		if _, err := f.column(other); err != nil {
			return Grouping{}, err
		}
	}
	switch {
	case len(more) > 0:
		return f.groups.find(append([]string{name}, more...), func() Grouping { return f.cross(name, more) }), nil
	case c.kind == Categorical:
		return Grouping{c.codes, c.levels}, nil
	}
	return f.groups.find([]string{name}, c.group), nil
}

// group makes groups of numbers or times.
func (c *column) group() Grouping {
	if c.kind == Time {
		codes, values := rankTimes(c.times)
		return Grouping{codes, timeLabels(values)}
	}
	codes, values := rankFloats(c.floats)
	return Grouping{codes, floatLabels(values)}
}

// cross makes groups of the combinations of columns, which are all there.
func (f *Frame) cross(name string, more []string) Grouping {
	g, _ := f.Group(name)
	for _, other := range more {
		h, _ := f.Group(other)
		width := uint64(len(h.Labels))
		codes, pairs := rankPairs(g.Codes, h.Codes, uint64(len(g.Labels)), width)
		g = Grouping{codes, labels(len(pairs), func(dst []byte, i int) []byte {
			dst = append(append(dst, g.Labels[pairs[i]/width]...), '^')
			return append(dst, h.Labels[pairs[i]%width]...)
		})}
	}
	return g
}

// rankFloats codes values by their place among the distinct ones in ascending order, -1 where
// missing.
func rankFloats(values []float64) (codes []int32, distinct []float64) {
	if low, high, ok := integerRange(values); ok {
		return rankIntegers(values, low, high)
	}
	codes, keys := rankKeys(len(values), func(r *ranker, codes []int32, from int) {
		for i := range codes {
			codes[i] = r.floatCode(values[from+i])
		}
	})
	return ascending(codes, keys, floatOf)
}

// rankTimes does for times what rankFloats does for numbers.
func rankTimes(values []int64) (codes []int32, distinct []int64) {
	codes, keys := rankKeys(len(values), func(r *ranker, codes []int32, from int) {
		for i := range codes {
			codes[i] = r.timeCode(values[from+i])
		}
	})
	return ascending(codes, keys, func(key uint64) int64 { return int64(key) })
}

// rankPairs codes pairs of codes in the order of their first row; negative ones make no pair. A pair
// is first*width + second, where codes of the first kind are below height and of the second below
// width.
func rankPairs(first, second []int32, height, width uint64) (codes []int32, pairs []uint64) {
	if height*width < room(len(first)) {
		return tablePairs(first, second, height, width)
	}
	return rankKeys(len(first), func(r *ranker, codes []int32, from int) {
		for i := range codes {
			a, b := first[from+i], second[from+i]
			if a < 0 || b < 0 {
				codes[i] = -1
			} else {
				codes[i] = r.code(uint64(a)*width + uint64(b))
			}
		}
	})
}

// tablePairs is rankPairs by a table of all pairs that there could be.
func tablePairs(first, second []int32, height, width uint64) (codes []int32, pairs []uint64) {
	table := make([]int32, height*width) // one more than the code, 0 for none
	codes = make([]int32, len(first))
	for i, a := range first {
		b := second[i]
		if a < 0 || b < 0 {
			codes[i] = -1
			continue
		}
		pair := uint64(a)*width + uint64(b)
		if table[pair] == 0 {
			pairs = append(pairs, pair)
			table[pair] = int32(len(pairs))
		}
		codes[i] = table[pair] - 1
	}
	return codes, pairs
}

// ascending sorts the values of keys and changes their codes accordingly.
func ascending[T int64 | float64](codes []int32, keys []uint64, value func(key uint64) T) ([]int32, []T) {
	distinct := make([]T, len(keys))
	for i, key := range keys {
		distinct[i] = value(key)
	}
	if slices.IsSorted(distinct) {
		return codes, distinct
	}
	type ranked struct {
		value T
		code  int32
	}
	pairs := make([]ranked, len(distinct)) // side by side, for the cache's sake
	for i, v := range distinct {
		pairs[i] = ranked{v, int32(i)}
	}
	slices.SortFunc(pairs, func(a, b ranked) int { return cmp.Compare(a.value, b.value) })
	rank := make([]int32, len(distinct))
	for i, pair := range pairs {
		distinct[i] = pair.value
		rank[pair.code] = int32(i)
	}
	inParts(len(codes), func(_, from, to int) { translate(codes[from:to], rank) })
	return codes, distinct
}

// translate replaces codes, but negative ones, by what they stand for.
func translate(codes, meaning []int32) {
	for i, code := range codes {
		if code >= 0 {
			codes[i] = meaning[code]
		}
	}
}
