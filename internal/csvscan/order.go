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

// of is the order of a cell.
func (o *order) of(cell []byte) (found int64, offset int32, ok bool) {
	_, _, day := o.dayFirst.Parse(cell)
	_, _, month := o.monthFirst.Parse(cell)
	switch {
	case day && month:
		return int64(EitherOrder), NoOffset, true
	case day:
		return int64(DayFirst), NoOffset, true
	case month:
		return int64(MonthFirst), NoOffset, true
	}
	return 0, NoOffset, false
}
