package report

import (
	"strings"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
)

// displayWidth is the number of terminal cells that a string takes. Characters whose width the
// locale decides count as one, so that a table is the same everywhere.
func displayWidth(s string) int {
	return (&runewidth.Condition{StrictEmojiNeutral: true}).StringWidth(s)
}

// wrap breaks a text at blanks into lines of at most width cells. A longer word has a line of its
// own, unless it is of wide characters, which may be broken between any two.
func wrap(s string, width int) []string {
	var lines []string
	line, used := "", 0
	for _, word := range strings.Fields(s) {
		w := displayWidth(word)
		if line != "" && used+1+w <= width {
			line, used = line+" "+word, used+1+w
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for runes := utf8.RuneCountInString(word); w > width && w > runes && runes > 1; runes = utf8.RuneCountInString(word) {
			head := (&runewidth.Condition{StrictEmojiNeutral: true}).Truncate(word, max(width, 2), "")
			lines = append(lines, head)
			word = word[len(head):]
			w = displayWidth(word)
		}
		line, used = word, w
	}
	return append(lines, line)
}

// widest is the display width of the widest line.
func widest(lines []string) int {
	w := 0
	for _, l := range lines {
		w = max(w, displayWidth(l))
	}
	return w
}

func padRight(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-displayWidth(s)))
}

// centre pads a string on both sides to the width.
func centre(s string, width int) string {
	room := max(0, width-displayWidth(s))
	return strings.Repeat(" ", room/2) + s + strings.Repeat(" ", room-room/2)
}
