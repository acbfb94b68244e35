package report

import "strings"

// A dialect gives the pieces of a token their characters in one format.
type dialect struct {
	number func(string) string // digits with an ASCII minus
	symbol func(string) string // our punctuation
	words  func(string) string // the user's text, to be escaped
	stars  func(int) string
	// minus is what a minus sign becomes that begins a cell, where that differs from number's.
	minus string
}

// cell writes a token.
func (d dialect) cell(t token) string {
	var b strings.Builder
	for i, p := range t.pieces {
		switch p.kind {
		case pieceNumber:
			if i == 0 && d.minus != "" && strings.HasPrefix(p.s, "-") {
				b.WriteString(d.minus)
				p.s = p.s[1:]
			}
			b.WriteString(d.number(p.s))
		case pieceSymbol:
			b.WriteString(d.symbol(p.s))
		default:
			b.WriteString(d.words(tidy(p.s)))
		}
	}
	if t.stars > 0 {
		b.WriteString(d.stars(t.stars))
	}
	return b.String()
}

const minus = "−"

// realMinus turns ASCII minus signs into real ones.
func realMinus(s string) string { return strings.ReplaceAll(s, "-", minus) }

func asterisks(n int) string { return strings.Repeat("*", n) }

func same(s string) string { return s }
