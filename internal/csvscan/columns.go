package csvscan

// The loops that read the plain cells of one column, from a row on. Each returns the first row
// whose cell needs a closer look, or to.

// scales are what a short number is divided by: for each place of the point among eight bytes, the
// last of which is 7, the power of ten; then the same below zero.
var scales = [16]float64{1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 1e1, 1e0, -1e7, -1e6, -1e5, -1e4, -1e3, -1e2, -1e1, -1e0}

// signs are what a short whole number is multiplied by.
var signs = [2]float64{1, -1}

// numbers reads numbers and empty cells. Those of an optional minus and up to eight characters,
// digits and at most one point, are read as one word. Nothing branches on their sign and length, which
// change from row to row; whether there is a point mostly does not.
func (p *parser) numbers(floats []float64, f int, data []byte, row, to int) int {
	at, stride := p.at, p.stride
	none := nan // what an empty cell is, unless it is not missing
	if !p.missing.empty {
		none = 0
	}
	floats = floats[:to]
	for k := row*stride + f; row < len(floats); row, k = row+1, k+stride {
		start, end := int(at[k]+1), int(at[k+1])
		w := load(data, start)
		length := end - start
		if digit := w&0xFF - '0'; length == 1 && digit < 10 {
			floats[row] = float64(int64(digit))
			continue
		}
		minus := (w&0xFF ^ '-' - 1) >> 63 // 1 or 0
		if length -= int(minus); uint(length-1) < 8 {
			// Digits move to the highest bytes, the last to the very highest, with zeros before.
			w = (load(data, start+int(minus)) ^ zeros) << (uint(64-8*length) & 63)
			points := equals(w, spread('.'^'0'))
			if points == 0 && nonDigits(w) == 0 {
				floats[row] = float64(int64(eightDigits(w))) * signs[minus&1]
				continue
			}
			before := (points ^ (points - 1)) >> 8 // the bytes before the point
			w = w&before<<8 | w&^(before<<8|0xFF)  // close the gap that it leaves
			if points != 0 && nonDigits(w) == 0 && length > 1 {
				floats[row] = float64(int64(eightDigits(w))) / scales[(minus<<3|uint64(place(points)))&15]
				continue
			}
		}
		if start == end && none != none {
			floats[row] = none
			continue
		}
		v, stop, class := longNumber(data, start)
		if stop != end || class != number {
			return row
		}
		floats[row] = v
	}
	return row
}

// instants reads times of fixed width.
func (p *parser) instants(col *Column, f int, data []byte, row, to int) int {
	times, clock := col.Times, p.clockOf(f)
	for ; row < to; row++ {
		start, end := p.bounds(data, row, f)
		if p.missing.digits && p.missing.first[data[start]] {
			return row
		}
		ns, offset, ok := clock.at(data, start, end)
		if !ok {
			return row
		}
		if offset != NoOffset || clock.zone != nil {
			ns = p.shown(col, clock, ns, offset)
		}
		times[row] = ns
	}
	return row
}

// shown is what a clock shows at a time that was read, which is counted.
func (p *parser) shown(col *Column, clock *Clock, ns int64, offset int32) int64 {
	if offset != NoOffset {
		col.Clockwork.count(offset, 1)
	}
	if clock.zone == nil {
		return ns
	}
	if p.mover.zone != clock.zone {
		p.mover = mover{zone: clock.zone}
	}
	return p.mover.move(ns, offset, &col.Clockwork)
}

// clockOf is the clock of a field.
func (p *parser) clockOf(f int) *Clock {
	if own := p.fields[f].Clock; own != nil {
		return own
	}
	return p.clock
}

// texts reads texts without quotes.
func (p *parser) texts(codes []int32, f int, data []byte, row, to int) int {
	known, trims := p.lexicons[f], p.fields[f].Key
	begin, texts := row, len(known.ends)
	for ; row < to; row++ {
		start, end := p.bounds(data, row, f)
		if start == end || data[start] == '"' || p.missing.first[data[start]] || trims && data[end-1] <= ' ' {
			return row
		}
		text := data[start:end]
		codes[row] = known.code(text, hash(text))
	}
	if len(known.ends) > texts && known.look(texts) {
		return p.foreignFrom(f, data, begin, row)
	}
	return row
}

// foreignFrom is the first row, or to, whose text has foreign bytes.
func (p *parser) foreignFrom(f int, data []byte, row, to int) int {
	for ; row < to; row++ {
		if start, end := p.bounds(data, row, f); foreign(data[start:end]) {
			break
		}
	}
	return row
}
