package data

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
)

// Grouping is a column seen as groups: row i belongs to group Codes[i], or to none where the
// code is negative (a missing value). Labels name the groups for people.
type Grouping struct {
	Codes  []int32
	Labels []string
}

// Len is the number of groups.
func (g Grouping) Len() int { return len(g.Labels) }

// Group makes groups of any column. Groups of a Categorical column are its levels in their
// order (levels that no row holds are kept); groups of numbers and times are the distinct
// values in ascending order. Zero and minus zero are one value.
func (f *Frame) Group(name string) (Grouping, error) {
	c, err := f.column(name)
	if err != nil {
		return Grouping{}, err
	}
	switch c.kind {
	case Categorical:
		return Grouping{c.codes, c.levels}, nil
	case Time:
		codes, values := rankTimes(c.times)
		return Grouping{codes, timeLabels(values)}, nil
	default:
		codes, values := rankFloats(c.floats)
		labels := make([]string, len(values))
		for i, v := range values {
			labels[i] = formatFloat(v)
		}
		return Grouping{codes, labels}, nil
	}
}

// rankFloats codes values by their place among the distinct ones in ascending order, -1 where
// missing.
func rankFloats(values []float64) (codes []int32, distinct []float64) {
	if low, high, ok := integerRange(values); ok {
		return rankIntegers(values, low, high)
	}
	r := newRanker(len(values))
	for i, v := range values {
		if v != v {
			r.codes[i] = -1
		} else {
			r.codes[i] = r.code(math.Float64bits(v + 0)) // minus zero plus zero is zero
		}
	}
	distinct = make([]float64, len(r.keys))
	for i, key := range r.keys {
		distinct[i] = math.Float64frombits(key)
	}
	return order(r.codes, distinct)
}

// rankTimes does for times what rankFloats does for numbers.
func rankTimes(values []int64) (codes []int32, distinct []int64) {
	r := newRanker(len(values))
	for i, t := range values {
		if t == MissingTime {
			r.codes[i] = -1
		} else {
			r.codes[i] = r.code(uint64(t))
		}
	}
	distinct = make([]int64, len(r.keys))
	for i, key := range r.keys {
		distinct[i] = int64(key)
	}
	return order(r.codes, distinct)
}

// integerRange reports whether the values are whole numbers in a range that is narrow enough for
// a table, and the range. There must be a value.
func integerRange(values []float64) (low, high float64, ok bool) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if v == v {
			if v != math.Trunc(v) {
				return 0, 0, false
			}
			low, high = min(low, v), max(high, v)
		}
	}
	room := float64(4*len(values) + 1024)
	return low, high, high-low < room && math.Abs(low) < 1<<53 && math.Abs(high) < 1<<53
}

// rankIntegers ranks whole numbers by a table of all from low to high.
func rankIntegers(values []float64, low, high float64) (codes []int32, distinct []float64) {
	table := make([]int32, int(high-low)+1)
	for _, v := range values {
		if v == v {
			table[int(v-low)] = 1
		}
	}
	for i, there := range table {
		if there != 0 {
			table[i] = int32(len(distinct))
			distinct = append(distinct, low+float64(i))
		}
	}
	codes = make([]int32, len(values))
	for i, v := range values {
		if v == v {
			codes[i] = table[int(v-low)]
		} else {
			codes[i] = -1
		}
	}
	return codes, distinct
}

// order sorts distinct values and changes their codes accordingly.
func order[T int64 | float64](codes []int32, distinct []T) ([]int32, []T) {
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
	sorted := make([]T, len(distinct))
	rank := make([]int32, len(distinct))
	for i, pair := range pairs {
		sorted[i] = pair.value
		rank[pair.code] = int32(i)
	}
	for i, code := range codes {
		if code >= 0 {
			codes[i] = rank[code]
		}
	}
	return codes, sorted
}

// ranker gives codes to keys in the order of their first appearance. It is a hash table with open
// addressing, at most half full.
type ranker struct {
	codes []int32 // of the rows, for the caller to fill
	keys  []uint64
	slots []int32 // one more than the code, 0 where empty
	shift uint

	lastKey  uint64 // rows often repeat the value of the row before
	lastCode int32
}

func newRanker(rows int) *ranker {
	return &ranker{codes: make([]int32, rows), slots: make([]int32, 256), shift: 64 - 8, lastCode: -1}
}

// slot is where to begin to look for a key.
func (r *ranker) slot(key uint64) uint64 {
	high, low := bits.Mul64(key^0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93)
	return (high ^ low) >> r.shift
}

// code is the code of a key, a new one if it was not met before.
func (r *ranker) code(key uint64) int32 {
	if key == r.lastKey && r.lastCode >= 0 {
		return r.lastCode
	}
	mask := uint64(len(r.slots) - 1)
	i := r.slot(key)
	for r.slots[i] != 0 && r.keys[r.slots[i]-1] != key {
		i = (i + 1) & mask
	}
	if r.slots[i] == 0 {
		r.keys = append(r.keys, key)
		r.slots[i] = int32(len(r.keys))
		if 2*len(r.keys) > len(r.slots) {
			r.lastKey, r.lastCode = key, int32(len(r.keys))-1
			r.grow()
			return r.lastCode
		}
	}
	r.lastKey, r.lastCode = key, r.slots[i]-1
	return r.lastCode
}

// grow doubles the slots.
func (r *ranker) grow() {
	r.slots = make([]int32, 2*len(r.slots))
	r.shift--
	mask := uint64(len(r.slots) - 1)
	for code, key := range r.keys {
		i := r.slot(key)
		for r.slots[i] != 0 {
			i = (i + 1) & mask
		}
		r.slots[i] = int32(code) + 1
	}
}
