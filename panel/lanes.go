package panel

import "math"

// Places (cells, or units) have their sums and counts in pages: what a page holds does not move when
// there are more places, so that growth costs no copy and no slack.
const (
	pageBits = 12
	pageSize = 1 << pageBits
)

// lanes holds, by place, the sums of columns of the events, or of their squares. Those of one place
// lie side by side: a row of events waits for memory once, and not once for every column.
type lanes struct {
	columns []*column
	pages   [][]sum
}

// placed is a row of a block of events, and the place where it belongs.
type placed struct{ row, place int32 }

// grow makes room for n places.
func (l *lanes) grow(n int) {
	for len(l.columns) > 0 && len(l.pages) < (n+pageSize-1)>>pageBits {
		page := make([]sum, len(l.columns)*pageSize)
		// Memory that is new is given by the system when it is first touched, and again, at twice the price, when what
		// was read before (by fetch) is first written. So it is written here.
		for i := 0; i < len(page); i += 256 { // 4 KB apart
			page[i] = sum{}
		}
		l.pages = append(l.pages, page)
	}
}

// at is the sums of a place, by column.
func (l *lanes) at(place int32) []sum {
	width := len(l.columns)
	return l.pages[place>>pageBits][int(place&(pageSize-1))*width:][:width]
}

// values are those of the columns in a chunk of events, from a row on.
func (l *lanes) values(chunk []source, from int) [][]float64 {
	values := make([][]float64, len(l.columns))
	for k, c := range l.columns {
		values[k] = chunk[c.number].floats[from:]
	}
	return values
}

// eachTile goes through rows, so many at a time that their sums fit the fastest cache, once these have been
// brought there.
func (l *lanes) eachTile(rows []placed, do func(tile []placed)) {
	if len(l.columns) == 0 {
		return
	}
	size := max(8, tileSums/len(l.columns))
	for len(rows) > 0 {
		n := min(size, len(rows))
		l.fetch(rows[:n])
		do(rows[:n])
		rows = rows[n:]
	}
}

// tileSums is how many sums are fetched together: 16 KB.
const tileSums = 1 << 10

// fetch reads something of all lines of memory that hold the sums of some rows' places. The waits for them overlap, as
// they would not if each began when its row is added. What it returns is of no use, but keeps the compiler
// from leaving the reading out.
//
//go:noinline
func (l *lanes) fetch(rows []placed) (read float64) {
	for _, r := range rows {
		line := l.at(r.place)
		for k := 0; k < len(line); k += 4 { // 64 bytes apart
			read += line[k].high
		}
		read += line[len(line)-1].low
	}
	return read
}

// add adds rows: values[k][i] is that of column k in row i. Rows without a value are counted. It reports
// whether all values were within the limits of their columns.
func (l *lanes) add(values [][]float64, rows []placed) (within bool) {
	within = true
	l.eachTile(rows, func(tile []placed) {
		for _, r := range tile {
			line := l.at(r.place)
			for k := range line {
				switch v := values[k][r.row]; {
				case math.Abs(v) <= largestSquare:
					line[k].add(v)
				case v != v:
					l.columns[k].countMissing(r.place)
				case math.Abs(v) <= l.columns[k].limit():
					line[k].add(v)
				default:
					within = false
				}
			}
		}
	})
	return within
}

// addSquares adds the squares of rows' values.
func (l *lanes) addSquares(values [][]float64, rows []placed) {
	l.eachTile(rows, func(tile []placed) {
		for _, r := range tile {
			line := l.at(r.place)
			for k := range line {
				if v := values[k][r.row]; v == v {
					line[k].addSquare(v)
				}
			}
		}
	})
}

// merge adds other lanes of the same columns; moved[i] is where their place i is here.
func (l *lanes) merge(o *lanes, moved []int32) {
	if len(l.columns) == 0 {
		return
	}
	for i, at := range moved {
		here := l.at(at)
		for k, s := range o.at(int32(i)) {
			here[k].merge(s)
		}
	}
}
