package report

import (
	"math"

	"github.com/fieldexp/fieldexp/iv"
)

const (
	dash     = "—"
	infinity = "∞"
)

// A token is what stands in one line of one cell, before a format gives it its characters.
type token struct {
	place  place
	pieces []piece
	stars  int
}

// place says how a token lines up with those above and below it.
type place int

const (
	placeCentre  place = iota
	placeDecimal       // at the decimal point
	placeRight         // whole numbers, at the last digit
	placeLeft
)

type piece struct {
	kind pieceKind
	s    string
}

type pieceKind int

const (
	pieceNumber pieceKind = iota // digits, with an ASCII minus sign
	pieceSymbol                  // our own punctuation
	pieceWords                   // the user's
)

func number(s string) piece { return piece{pieceNumber, s} }
func symbol(s string) piece { return piece{pieceSymbol, s} }
func words(s string) piece  { return piece{pieceWords, s} }

func (t token) blank() bool { return len(t.pieces) == 0 }

// numeral is a printed number, or the dash that stands for one.
func numeral(s string) piece {
	if s == dash {
		return symbol(dash)
	}
	return number(s)
}

// tokens are the lines of a cell, from its own value down.
func (t *Table) tokens(c Cell) []token {
	digits := t.digits(c)
	var lines []token
	switch c.Kind {
	case KindBlank:
		lines = []token{{}}
	case KindEstimate:
		digits = commonDigits(digits, t.Small, c.Value, c.SE)
		se := number(decimal(c.SE, digits, t.Small))
		if math.IsNaN(c.SE) {
			se = symbol(dash)
		}
		lines = []token{
			t.numberToken(c.Value, digits, c.Stars),
			{place: placeDecimal, pieces: []piece{symbol("("), se, symbol(")")}},
		}
	case KindNumber:
		lines = []token{t.numberToken(c.Value, digits, c.Stars)}
	case KindCount:
		lines = []token{{place: placeRight, pieces: []piece{numeral(count(c.Value))}}}
	case KindProbability:
		lines = []token{{place: placeDecimal, pieces: probabilityPieces(c.Value, digits)}}
	case KindText:
		lines = []token{{pieces: []piece{words(c.Text)}}}
	case KindMark:
		lines = []token{{pieces: []piece{symbol("Y")}}}
	default:
		lines = []token{{pieces: []piece{symbol(dash)}}}
	}
	for _, l := range c.Below {
		lines = append(lines, t.lineToken(l, digits))
	}
	return lines
}

// numberToken is a number with its stars; one that is not a number has none.
func (t *Table) numberToken(x float64, digits, stars int) token {
	if math.IsNaN(x) {
		return token{pieces: []piece{symbol(dash)}}
	}
	return token{place: placeDecimal, stars: min(max(stars, 0), 3), pieces: []piece{number(decimal(x, digits, t.Small))}}
}

// lineToken is a line beneath an estimate.
func (t *Table) lineToken(l Line, digits int) token {
	switch l.Kind {
	case LineSet:
		return token{pieces: t.setPieces(l.Set, digits)}
	case LineNumber:
		s := numeral(decimal(l.Value, digits, t.Small))
		return token{place: placeDecimal, pieces: []piece{symbol("("), s, symbol(")")}}
	}
	pieces := append([]piece{symbol("[")}, probabilityPieces(l.Value, max(digits, DefaultDigits))...)
	return token{place: placeDecimal, pieces: append(pieces, symbol("]"))}
}

func probabilityPieces(p float64, digits int) []piece {
	bound, s := probability(p, digits)
	if bound {
		return []piece{symbol("<"), number(s)}
	}
	return []piece{numeral(s)}
}

// setPieces writes a confidence set: {low, high} where it is an interval, otherwise the union of
// its pieces, with round brackets at infinity.
func (t *Table) setPieces(s iv.Set, digits int) []piece {
	set := s.Pieces
	bound := func(x float64) piece { return numeral(decimal(x, digits, t.Small)) }
	bounded := func(s [2]float64) bool { return !math.IsInf(s[0], 0) && !math.IsInf(s[1], 0) }
	switch {
	case s.Reason != "":
		return []piece{symbol(dash)}
	case len(set) == 0:
		return []piece{symbol("∅")}
	case len(set) == 1 && bounded(set[0]):
		return []piece{symbol("{"), bound(set[0][0]), symbol(", "), bound(set[0][1]), symbol("}")}
	}
	pieces := []piece{symbol("{")}
	for i, s := range set {
		if i > 0 {
			pieces = append(pieces, symbol(" ∪ "))
		}
		open, end := "[", "]"
		if math.IsInf(s[0], -1) {
			open = "("
		}
		if math.IsInf(s[1], 1) {
			end = ")"
		}
		pieces = append(pieces, symbol(open), bound(s[0]), symbol(", "), bound(s[1]), symbol(end))
	}
	return append(pieces, symbol("}"))
}

// unavailable reports whether the cell prints a dash, and the reason if it has one.
func (c Cell) unavailable() (bool, string) {
	switch c.Kind {
	case KindMissing:
		return true, c.Text
	case KindEstimate:
		return math.IsNaN(c.Value) || math.IsNaN(c.SE), ""
	case KindNumber, KindCount, KindProbability:
		return math.IsNaN(c.Value), ""
	}
	return false, ""
}
