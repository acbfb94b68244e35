package csvscan

// Order says how a cell with day and month in figures may be read.
type Order int64

const (
	EitherOrder Order = iota // both ways
	DayFirst
	MonthFirst
)

// order finds how cells may be read, by a clock for each order.
type order struct{ dayFirst, monthFirst *Clock }

// NewOrderClock makes a clock that tells of each cell, in the place of its nanoseconds, the Order in
// which it may be read. A cell that neither of the clocks reads is no time.
func NewOrderClock(dayFirst, monthFirst *Clock) *Clock {
	return &Clock{order: &order{dayFirst, monthFirst}}
}

// of is the order of a cell: that of its figures, if a clock of that order reads it. Dates with the year first
// are read by both clocks.
func (o *order) of(cell []byte) (found int64, offset int32, ok bool) {
	first, n := figures(cell)
	second, m := 0, 0
	if n > 0 && n < len(cell) {
		second, m = figures(cell[n+1:])
	}
	which, clock := EitherOrder, o.dayFirst
	switch {
	case n == 0 || n > 2 || m == 0 || m > 2: // no day and month at the start
	case first > 12:
		which = DayFirst
	case second > 12:
		which, clock = MonthFirst, o.monthFirst
	}
	_, _, ok = clock.Parse(cell)
	return int64(which), NoOffset, ok
}

// figures is the number that the figures at the start of a cell write, and how many there are, up to three.
func figures(cell []byte) (number, n int) {
	for n < min(3, len(cell)) && cell[n]-'0' <= 9 {
		number = 10*number + int(cell[n]-'0')
		n++
	}
	return number, n
}
