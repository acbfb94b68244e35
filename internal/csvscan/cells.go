package csvscan

import (
	"bytes"
	"math/bits"
)

// cells says where the cells of a block are.
//
// The cell of a row and field begins after place at[row*stride+field] and ends before place
// at[row*stride+field+1]. Where a record begins right after the last, one place serves both, and
// stride is the number of fields; otherwise it is one more.
type cells struct {
	separators
	width  int // fields of each record
	rows   int
	stride int
	at     []uint32
}

// beforeBlock is the place before the first of a block.
const beforeBlock = 1<<32 - 1

// find finds the cells of the block data[:limit], which has so many newlines.
func (x *cells) find(data []byte, limit, newlines int) *problem {
	if bytes.IndexByte(data[:limit], '"') < 0 && x.findPlain(data, limit, newlines) {
		return nil
	}
	return x.findAny(data, limit)
}

// findPlain finds the cells of a block without quotes or blank lines, in which commas and newlines
// are all separators. It reports false when the records are not of the right length.
func (x *cells) findPlain(data []byte, limit, newlines int) bool {
	total := newlines * x.width
	x.at = resize(x.at, 1+total+stretch)
	x.at[0] = beforeBlock
	n := 1
	for pos := 0; pos < limit; pos += stretch {
		found := x.stretch(data[pos : pos+stretch])
		next := n + bits.OnesCount64(found)
		if next > 1+total {
			return false
		}
		// Places are written four at a time, which saves branches that could not be foretold. What
		// is too much is written over.
		for at := x.at[n : n+stretch]; found != 0; at = at[4:] {
			at[0] = uint32(pos + bits.TrailingZeros64(found))
			found &= found - 1
			at[1] = uint32(pos + bits.TrailingZeros64(found))
			found &= found - 1
			at[2] = uint32(pos + bits.TrailingZeros64(found))
			found &= found - 1
			at[3] = uint32(pos + bits.TrailingZeros64(found))
			found &= found - 1
		}
		n = next
	}
	if n != 1+total {
		return false
	}
	x.rows, x.stride = newlines, x.width
	for k := 0; k < total; k += x.width {
		begin, end := x.at[k]+1, x.at[k+x.width]
		if data[end] != '\n' || end == begin || end == begin+1 && data[begin] == '\r' {
			return false
		}
	}
	return true
}

// stretch is the number of bytes in which separators are looked for at a time. It is not more than
// padding.
const stretch = 64

// stretch marks the separators among so many bytes, each by a bit.
func (x *cells) stretch(data []byte) (found uint64) {
	data, commas, line := data[:stretch], x.commas, x.line
	for i := stretch - 8; i >= 0; i -= 8 {
		found = found<<8 | either(load(data, i), commas, line)
	}
	return found
}

// findAny finds the cells of a block of any form, one after the other.
func (x *cells) findAny(data []byte, limit int) *problem {
	x.at = x.at[:0]
	x.rows, x.stride = 0, x.width+1
	for pos := 0; pos < limit; {
		if blank := blankLine(data, pos); blank > 0 {
			pos += blank
			continue
		}
		x.rows++
		x.at = append(x.at, uint32(pos-1))
		begin := pos
		for f := range x.width {
			end, bad := x.cellEnd(data, pos, limit)
			if bad != nil {
				bad.field = f
				return bad
			}
			if (data[end] == '\n') != (f == x.width-1) {
				return x.ragged(data, begin, limit)
			}
			x.at = append(x.at, uint32(end))
			pos = end + 1
		}
	}
	return nil
}

// ragged counts the fields of the record at pos, which has not as many as the header.
func (x *cells) ragged(data []byte, pos, limit int) *problem {
	begin := pos
	for fields := 1; ; fields++ {
		end, bad := x.cellEnd(data, pos, limit)
		if bad != nil {
			bad.field = fields - 1
			return bad
		}
		if data[end] == '\n' {
			return &problem{at: begin, kind: Ragged, field: fields}
		}
		pos = end + 1
	}
}

// bounds are the places where the cell of a row and field begins and ends, without the "\r" of the
// line end.
func (x *cells) bounds(data []byte, row, f int) (start, end int) {
	k := row*x.stride + f
	start, end = int(x.at[k]+1), int(x.at[k+1])
	if f == x.width-1 && end > start && data[end-1] == '\r' {
		end--
	}
	return start, end
}
