package csvscan

import (
	"encoding/binary"
	"math/bits"
)

// Eight bytes at a time: a word holds the bytes of the text in order, the first in the lowest
// place, and a mask has the highest bit of each byte that answers to a question.

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
	zeros    = 0x3030303030303030 // eight times '0'
)

// load reads the word that begins at pos.
func load(data []byte, pos int) uint64 {
	return binary.LittleEndian.Uint64(data[pos : pos+8]) // cheaper than data[pos:]
}

// spread is a word of eight times c.
func spread(c byte) uint64 { return lowBits * uint64(c) }

// equals marks the bytes of w that equal those of v. The lowest mark is right; marks above it may
// be wrong.
func equals(w, v uint64) uint64 {
	x := w ^ v
	return (x - lowBits) &^ x & highBits
}

// either is a bit for each byte of w that equals that of v or u, whose bytes are all below 0x80.
func either(w, v, u uint64) uint64 {
	const (
		most   = 0x7F7F7F7F7F7F7F7F
		gather = 0x0002040810204081 // brings the highest bits of the bytes together in the highest byte
	)
	low := w & most
	others := ((low^v)+most)&((low^u)+most) | w
	return (^others & highBits) * gather >> 56
}

// nonDigits marks the bytes of w that are not numbers from 0 to 9. Only whether there are marks is
// right, and which is the lowest.
func nonDigits(w uint64) uint64 { return (w + 0x7676767676767676 | w) & highBits }

// place is which byte carries the lowest mark, 8 where there is none.
func place(mask uint64) int { return bits.TrailingZeros64(mask) >> 3 }

// lowest keeps the lowest n bytes of w, for n from 0 to 8.
func lowest(w uint64, n int) uint64 { return w & (1<<(8*uint(n)) - 1) }

// eightDigits is the number that the eight bytes of w write, each a digit less '0', the most
// significant in the lowest place.
func eightDigits(w uint64) uint64 {
	const low = 0x000000FF000000FF
	w = w*10 + w>>8
	return ((w&low)*0x000F424000000064 + (w>>16&low)*0x0000271000000001) >> 32
}
