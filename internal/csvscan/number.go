package csvscan

import "strconv"

// powers of ten that float64 holds exactly.
var powers = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13,
	1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// exactInteger is the largest integer below which float64 holds every one.
const exactInteger = 1 << 53

// numberClass tells what a text is as a number.
type numberClass uint8

const (
	notNumber numberClass = iota
	number
	// wideInteger is a whole number without point or exponent past 2^53: as a float64 it may
	// no longer be told from its neighbours, which matters when it is an identifier.
	wideInteger
)

// longNumber reads the longest number at pos of any length: sign, digits, point, digits, exponent.
// It returns its value, the place after it and its class. data ends in a byte that no number
// holds, or at the end of the number.
//
// Up to 2^53 as a whole number and powers of ten to 22, both factors are exact and one rounding
// makes the product or quotient exact too (Clinger 1990); the rest is left to strconv.
func longNumber(data []byte, pos int) (v float64, end int, class numberClass) {
	i := pos
	negative := false
	if i < len(data) && (data[i] == '-' || data[i] == '+') {
		negative = data[i] == '-'
		i++
	}
	mantissa, seen, cut := digitRun(data, i, 0)
	i += seen
	exponent := 0
	whole := true
	if i < len(data) && data[i] == '.' {
		whole = false
		i++
		m, places, c := digitRun(data, i, mantissa)
		mantissa, cut = m, cut || c
		exponent = -places
		seen += places
		i += places
	}
	if seen == 0 {
		return 0, pos, notNumber
	}
	if e, length := exponentAt(data, i); length > 0 {
		whole = false
		exponent += e
		i += length
	}
	class = number
	if whole && (cut || mantissa > exactInteger) {
		class = wideInteger
	}
	switch {
	case cut || mantissa > exactInteger || exponent < -22 || exponent > 22:
		v, _ = strconv.ParseFloat(string(data[pos:i]), 64) // out of range is infinite, as in IEEE 754
		return v, i, class
	case exponent < 0:
		v = float64(mantissa) / powers[-exponent]
	default:
		v = float64(mantissa) * powers[exponent]
	}
	if negative {
		v = -v
	}
	return v, i, class
}

// digitRun appends the digits at i to a mantissa, tells how many there are, and whether some were
// cut off because the mantissa was full.
func digitRun(data []byte, i int, mantissa uint64) (m uint64, seen int, cut bool) {
	const room = (1<<64 - 10) / 10
	m = mantissa
	start := i
	for ; i < len(data); i++ {
		d := data[i] - '0'
		if d > 9 {
			break
		}
		if cut = cut || m > room; !cut {
			m = m*10 + uint64(d)
		}
	}
	return m, i - start, cut
}

// exponentAt reads e, an optional sign and digits at i, and tells how long it is; 0 when it is
// not there in full.
func exponentAt(data []byte, i int) (exponent, length int) {
	start := i
	if i >= len(data) || data[i]|0x20 != 'e' {
		return 0, 0
	}
	i++
	negative := false
	if i < len(data) && (data[i] == '-' || data[i] == '+') {
		negative = data[i] == '-'
		i++
	}
	first := i
	for ; i < len(data) && data[i]-'0' <= 9; i++ {
		if exponent < 10000 {
			exponent = exponent*10 + int(data[i]-'0')
		}
	}
	if i == first {
		return 0, 0
	}
	if negative {
		exponent = -exponent
	}
	return exponent, i - start
}

// parseNumber reads a whole cell as a number. Infinity (inf, +Inf, -infinity, in any case of
// letters) is a number; NaN is not, nor are hexadecimal or grouped digits.
func parseNumber(cell []byte) (float64, numberClass) {
	v, end, class := longNumber(cell, 0)
	if class != notNumber && end == len(cell) {
		return v, class
	}
	return infinity(cell)
}

// ParseNumber reads a text as a number by the rules of a column of numbers. Blanks around it do not
// count.
func ParseNumber(text string) (v float64, ok bool) {
	v, class := parseNumber(trim([]byte(text)))
	return v, class != notNumber
}

// infinity reads the names of the infinite values.
func infinity(cell []byte) (float64, numberClass) {
	name := cell
	if len(name) > 0 && (name[0] == '-' || name[0] == '+') {
		name = name[1:]
	}
	if len(name) != len("inf") && len(name) != len("infinity") || name[0]|0x20 != 'i' {
		return 0, notNumber
	}
	v, err := strconv.ParseFloat(string(cell), 64)
	if err != nil {
		return 0, notNumber
	}
	return v, number
}
