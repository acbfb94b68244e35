package data

import (
	"context"
	"math"
	"math/bits"
	"sync/atomic"

	"github.com/fieldexp/fieldexp/internal/parallel"
)

// partRows is how many rows a goroutine ranks at a time: what is found does not depend on it.
const partRows = 1 << 16

// inParts calls body for the parts of n rows, in parallel.
func inParts(n int, body func(part, from, to int)) {
	// The context is never cancelled, so there is no error.
	_ = parallel.For(context.Background(), parts(n), func(part int) {
		body(part, part*partRows, min((part+1)*partRows, n))
	})
}

// parts is the number of parts of n rows.
func parts(n int) int { return (n + partRows - 1) / partRows }

// room is how many entries a table may have that is indexed by what n rows hold.
func room(n int) uint64 { return 4*uint64(n) + 1024 }

// integerRange reports whether the values are whole numbers in a range that is narrow enough for
// a table, and the range. There must be a value.
func integerRange(values []float64) (low, high float64, ok bool) {
	type extent struct{ low, high float64 }
	found := make([]extent, parts(len(values)))
	inParts(len(values), func(part, from, to int) {
		low, high := math.Inf(1), math.Inf(-1)
		for _, v := range values[from:to] {
			if v < low {
				low = v
			}
			if v > high {
				high = v
			}
			if v != math.Trunc(v) && v == v {
				low, high = math.Inf(-1), math.Inf(1)
				break
			}
		}
		found[part] = extent{low, high}
	})
	low, high = math.Inf(1), math.Inf(-1)
	for _, e := range found {
		low, high = min(low, e.low), max(high, e.high)
	}
	return low, high, high-low < float64(room(len(values))) && math.Abs(low) < 1<<53 && math.Abs(high) < 1<<53
}

// rankIntegers ranks whole numbers by a table of all from low to high.
func rankIntegers(values []float64, low, high float64) (codes []int32, distinct []float64) {
	table := make([]int32, int(high-low)+1)
	inParts(len(values), func(_, from, to int) {
		for _, v := range values[from:to] {
			if v != v {
				continue
			}
			// Several goroutines may mark the same number. Few ever do, and reading first is cheap.
			if at := &table[int(v-low)]; atomic.LoadInt32(at) == 0 {
				atomic.StoreInt32(at, 1)
			}
		}
	})
	for i, there := range table {
		if there != 0 {
			table[i] = int32(len(distinct))
			distinct = append(distinct, low+float64(i))
		}
	}
	codes = make([]int32, len(values))
	inParts(len(values), func(_, from, to int) {
		for i, v := range values[from:to] {
			if v == v {
				codes[from+i] = table[int(v-low)]
			} else {
				codes[from+i] = -1
			}
		}
	})
	return codes, distinct
}

// rankKeys codes the keys of n rows in the order of their first appearance. fill codes a run of
// rows, the first of which is row from, by a ranker.
func rankKeys(n int, fill func(r *ranker, codes []int32, from int)) (codes []int32, keys []uint64) {
	codes = make([]int32, n)
	all := newRanker()
	first := min(n, partRows)
	fill(all, codes[:first], 0)
	if len(all.keys) > partRows/16 {
		// To bring the keys of parts together would take as long as to find them.
		fill(all, codes[first:], first)
		return codes, all.keys
	}
	rest := codes[first:]
	rankers := make([]*ranker, parts(len(rest)))
	inParts(len(rest), func(part, from, to int) {
		rankers[part] = newRanker()
		fill(rankers[part], rest[from:to], first+from)
	})
	meaning := make([][]int32, len(rankers))
	for part, r := range rankers {
		meaning[part] = make([]int32, len(r.keys))
		for code, key := range r.keys {
			meaning[part][code] = all.code(key)
		}
	}
	inParts(len(rest), func(part, from, to int) { translate(rest[from:to], meaning[part]) })
	return codes, all.keys
}

// ranker gives codes to keys in the order of their first appearance. It is a hash table with open
// addressing, at most half full.
type ranker struct {
	keys  []uint64
	slots []int32 // one more than the code, 0 where empty
	shift uint

	lastKey  uint64 // rows often repeat the value of the row before
	lastCode int32
}

func newRanker() *ranker { return &ranker{slots: make([]int32, 256), shift: 64 - 8, lastCode: -1} }

// floatCode is the code of a number, -1 if it is missing.
func (r *ranker) floatCode(v float64) int32 {
	if v != v {
		return -1
	}
	return r.code(math.Float64bits(v + 0)) // minus zero plus zero is zero
}

// floatOf is the number that a key stands for.
func floatOf(key uint64) float64 { return math.Float64frombits(key) }

// timeCode is the code of an instant, -1 if it is missing.
func (r *ranker) timeCode(t int64) int32 {
	if t == MissingTime {
		return -1
	}
	return r.code(uint64(t))
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
