package panel

import "slices"

// cellIndex numbers the cells (unit, period) in the order of their first event. While units times
// periods is compact each period has a row of cell numbers by unit. A panel that is too thin for
// that (many units, each seen in few of very many periods) is kept in a hash table instead.
type cellIndex struct {
	units, periods []int32 // of each cell
	rows           []row   // by period
	pages          int     // of all rows
	hash           map[uint64]int32
}

// row has for each unit one more than the number of its cell, 0 for none, in pages that are nil
// where they would hold none: a row grows without copying, whatever the order of the units.
type row []*[rowPage]int32

const (
	rowBits = 8
	rowPage = 1 << rowBits
)

// thin says when rows waste too much: past 16 MB of them, with fewer than one entry in 16 in use.
const (
	thinFrom  = 1 << 22
	thinShare = 16
)

func (x *cellIndex) len() int { return len(x.units) }

// cell is the number of a cell, a new one if it was not seen before.
func (x *cellIndex) cell(unit, period int32) int32 {
	if int(period) < len(x.rows) {
		if r := x.rows[period]; int(unit>>rowBits) < len(r) {
			if page := r[unit>>rowBits]; page != nil && page[unit%rowPage] > 0 {
				return page[unit%rowPage] - 1
			}
		}
	}
	return x.search(unit, period)
}

// search is cell where the row of the period does not tell.
func (x *cellIndex) search(unit, period int32) int32 {
	if x.hash == nil {
		return x.insert(unit, period)
	}
	key := uint64(unit)<<32 | uint64(period)
	c, ok := x.hash[key]
	if !ok {
		c = x.append(unit, period)
		x.hash[key] = c
	}
	return c
}

// insert adds a cell to the row of its period, if rows still pay.
func (x *cellIndex) insert(unit, period int32) int32 {
	for int(period) >= len(x.rows) {
		x.rows = append(x.rows, nil)
	}
	r := &x.rows[period]
	for int(unit>>rowBits) >= len(*r) {
		*r = append(*r, nil)
	}
	page := &(*r)[unit>>rowBits]
	if *page == nil {
		if x.pages++; x.pages*rowPage > max(thinFrom, thinShare*x.len()) {
			x.toHash()
			return x.search(unit, period)
		}
		*page = new([rowPage]int32)
	}
	c := x.append(unit, period)
	(*page)[unit%rowPage] = c + 1
	return c
}

// append gives the next number to a cell.
func (x *cellIndex) append(unit, period int32) int32 {
	if n := len(x.units); n == cap(x.units) { // double: there is less to copy than by append alone
		x.units, x.periods = slices.Grow(x.units, n+64), slices.Grow(x.periods, n+64)
	}
	x.units = append(x.units, unit)
	x.periods = append(x.periods, period)
	return int32(len(x.units) - 1)
}

// toHash moves from rows to a hash table.
func (x *cellIndex) toHash() {
	x.hash = make(map[uint64]int32, len(x.units))
	for c := range x.units {
		x.hash[uint64(x.units[c])<<32|uint64(x.periods[c])] = int32(c)
	}
	x.rows = nil
}

// sorted lists the cells by unit, then by period, given the sorted keys of both.
func (x *cellIndex) sorted(units, periods []int32) []int32 {
	order := make([]int32, x.len())
	for c := range order {
		order[c] = int32(c)
	}
	order = countingSort(order, x.periods, inverse(periods))
	return countingSort(order, x.units, inverse(units))
}

// inverse turns the codes in order of rank into the ranks in order of code.
func inverse(sorted []int32) []int32 {
	rank := make([]int32, len(sorted))
	for r, c := range sorted {
		rank[c] = int32(r)
	}
	return rank
}

// countingSort orders items by the rank of their code, and keeps their order within a rank.
func countingSort(items, code, rank []int32) []int32 {
	next := make([]int, len(rank)+1)
	for _, i := range items {
		next[rank[code[i]]+1]++
	}
	for r := 1; r < len(next); r++ {
		next[r] += next[r-1]
	}
	out := make([]int32, len(items))
	for _, i := range items {
		r := rank[code[i]]
		out[next[r]] = i
		next[r]++
	}
	return out
}
