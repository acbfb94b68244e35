package csvscan

import (
	"bytes"
	"errors"
	"io"
)

// padding is the number of bytes that may be read, and mean nothing, after the end of a block, so
// that eight bytes can be loaded at once wherever a cell begins.
const padding = 64

// longestRecord bounds what is read in search of the end of a record, so that a quote that is
// never closed does not draw a whole file into memory.
const longestRecord = 64 << 20

var errLongRecord = errors.New("no end of record")

// blocks cuts a stream into blocks of about size bytes that end with a record.
type blocks struct {
	r      io.Reader
	size   int
	sample int    // bytes to give, 0 for all
	given  int    // bytes given so far
	carry  []byte // what was read past the last cut
	eof    bool
}

// next reads the next block into buf, which grows as needed, and returns it with its padding: the
// block is data[:n], ends in a newline, and is empty at the end of the stream.
func (b *blocks) next(buf []byte) (data []byte, n int, err error) {
	if b.sample > 0 && b.given >= b.sample {
		return buf, 0, nil
	}
	buf = append(buf[:0], b.carry...)
	b.carry = b.carry[:0]
	for target := b.size; ; target *= 2 {
		if buf, err = b.fill(buf, target); err != nil {
			return buf, 0, err
		}
		if b.eof {
			if len(buf) > 0 && buf[len(buf)-1] != '\n' {
				buf = append(buf, '\n')
			}
			n = len(buf)
			break
		}
		if n = lastRecordEnd(buf); n > 0 {
			break
		}
		if target > longestRecord {
			return buf, 0, errLongRecord
		}
	}
	b.carry = append(b.carry, buf[n:]...)
	b.given += n
	return pad(buf[:n]), n, nil
}

// fill reads until buf holds target bytes or the stream ends.
func (b *blocks) fill(buf []byte, target int) ([]byte, error) {
	if need := target + padding + 1; cap(buf) < need {
		buf = append(make([]byte, 0, need), buf...)
	}
	for idle := 0; len(buf) < target && !b.eof; {
		k, err := b.r.Read(buf[len(buf):target])
		buf = buf[:len(buf)+k]
		switch {
		case err == io.EOF:
			b.eof = true
		case err != nil:
			return buf, err
		case k > 0:
			idle = 0
		default:
			if idle++; idle == 100 {
				return buf, io.ErrNoProgress
			}
		}
	}
	return buf, nil
}

// pad returns data with padding bytes after it, which are neither quotes nor line ends.
func pad(data []byte) []byte {
	var zeros [padding]byte
	return append(data, zeros[:]...)
}

// lastRecordEnd is the length of the part of buf that ends with the last newline outside quotes,
// where buf begins with a record; 0 when there is none. Inside a record that is well formed, a
// byte is between quotes when an odd number of quotes comes before it.
//
// In a record that is not well formed the count misleads, but only after the byte that makes it
// so, and the parser stops there.
func lastRecordEnd(buf []byte) int {
	quotes := bytes.Count(buf, []byte{'"'})
	for end := len(buf); ; {
		i := bytes.LastIndexByte(buf[:end], '\n')
		if i < 0 {
			return 0
		}
		if quotes > 0 {
			quotes -= bytes.Count(buf[i+1:end], []byte{'"'})
		}
		if quotes%2 == 0 {
			return i + 1
		}
		end = i
	}
}
