package csvscan

// The loops that read the plain cells of one column, from a row on. Each returns the first row
// whose cell needs a closer look, or to.

// scales are the powers of ten by which a short number is divided, and the same below zero.
var scales = [16]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, -1e0, -1e1, -1e2, -1e3, -1e4, -1e5, -1e6, -1e7}

// numbers reads numbers and empty cells. Those of an optional minus and up to eight characters,
// digits and at most one point, are read as one word.
func (p *parser) numbers(floats []float64, f int, data []byte, row, to int) int {
	emptyMissing, numericMarkers := p.missing.empty, p.missing.numeric
	at, stride := p.at, p.stride
	floats = floats[:to]
	for k := row*stride + f; row < len(floats); row, k = row+1, k+stride {
		start, end := int(at[k]+1), int(at[k+1])
		w := load(data, start)
		length := end - start
		if numericMarkers && p.missing.first[byte(w)] {
			return row
		}
		if digit := w&0xFF - '0'; length == 1 && digit < 10 {
			floats[row] = float64(int64(digit))
			continue
		}
		if length == 0 && emptyMissing {
			floats[row] = nan
			continue
		}
		scale := 0
		if byte(w) == '-' {
			scale = 8
			w = load(data, start+1)
			length--
		}
		if uint(length-1) < 8 {
			// Digits move to the highest bytes, the last to the very highest, with zeros before.
			w = (w ^ zeros) << (uint(64-8*length) & 63)
			if points := equals(w, spread('.'^'0')); points != 0 {
				point := place(points)
				before := uint64(1)<<(uint(8*point)&63) - 1
				w = w&before<<8 | w&^(before<<8|0xFF) // close the gap that the point leaves
				scale += 7 - point
				length--
			}
			if nonDigits(w) == 0 && length > 0 {
				v := float64(int64(eightDigits(w)))
				if scale != 0 {
					v /= scales[scale&15]
				}
				floats[row] = v
				continue
			}
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
func (p *parser) instants(times []int64, f int, data []byte, row, to int) int {
	for ; row < to; row++ {
		start, end := p.bounds(data, row, f)
		if p.missing.numeric && p.missing.first[data[start]] {
			return row
		}
		ns, ok := p.clock.at(data, start, end)
		if !ok {
			return row
		}
		times[row] = ns
	}
	return row
}

// texts reads texts without quotes.
func (p *parser) texts(codes []int32, f int, data []byte, row, to int) int {
	known := p.lexicons[f]
	for ; row < to; row++ {
		start, end := p.bounds(data, row, f)
		if start == end || data[start] == '"' || p.missing.first[data[start]] {
			return row
		}
		text := data[start:end]
		codes[row] = known.code(text, hash(text))
	}
	return row
}
