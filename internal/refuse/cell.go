package refuse

import (
	"strconv"
	"unicode/utf8"
)

// longestCell is the number of bytes of a file that a message shows.
const longestCell = 40

// Cell quotes a text of a file, so that no byte of it reaches a terminal as it is, and cuts it if it is long.
func Cell(text string) string {
	if len(text) <= longestCell {
		return strconv.Quote(text)
	}
	cut := longestCell
	for cut > longestCell-utf8.UTFMax && !utf8.RuneStart(text[cut]) {
		cut--
	}
	quoted := strconv.Quote(text[:cut])
	return quoted[:len(quoted)-1] + `..."`
}

// Count writes a count with commas between thousands.
func Count(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// Of writes a count with its noun.
func Of(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return Count(n) + " " + noun
}
