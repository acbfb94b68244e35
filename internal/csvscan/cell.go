package csvscan

import "bytes"

// separators finds the end of plain cells, eight bytes at a time.
type separators struct {
	comma               byte
	commas, line, quote uint64 // words of commas, newlines and quotes
}

func newSeparators(comma byte) separators {
	return separators{comma: comma, commas: spread(comma), line: spread('\n'), quote: spread('"')}
}

// problem is what is wrong at a place of a block.
type problem struct {
	at    int
	kind  Problem
	field int
	cell  string
}

// cellEnd is the place of the comma or newline that ends the cell at pos, by the rules of
// encoding/csv. limit is the length of the block, which ends in a newline.
func (s *separators) cellEnd(data []byte, pos, limit int) (end int, bad *problem) {
	if data[pos] == '"' {
		return s.quotedEnd(data, pos, limit)
	}
	for end = pos; ; end += 8 {
		w := load(data, end)
		if mask := equals(w, s.commas) | equals(w, s.line) | equals(w, s.quote); mask != 0 {
			end += place(mask)
			break
		}
	}
	if data[end] == '"' {
		return 0, &problem{at: end, kind: BareQuote}
	}
	return end, nil
}

// quotedEnd is cellEnd for the quoted cell at pos.
func (s *separators) quotedEnd(data []byte, pos, limit int) (end int, bad *problem) {
	for i := pos + 1; ; i += 2 {
		q := bytes.IndexByte(data[i:limit], '"')
		if q < 0 {
			return 0, &problem{at: pos, kind: OpenQuote}
		}
		i += q
		switch next := data[i+1]; {
		case next == '"':
		case next == s.comma || next == '\n':
			return i + 1, nil
		case next == '\r' && data[i+2] == '\n':
			return i + 2, nil
		default:
			return 0, &problem{at: i, kind: QuoteInQuotes}
		}
	}
}

// unquote returns the text of a well-formed quoted cell, built in buf where it does not stand as
// such between its quotes: doubled quotes are one, and "\r\n" is "\n".
func unquote(cell, buf []byte) (text, grown []byte) {
	text = cell[1 : len(cell)-1]
	if bytes.IndexByte(text, '"') < 0 && bytes.IndexByte(text, '\r') < 0 {
		return text, buf
	}
	buf = buf[:0]
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '"' || c == '\r' && i+1 < len(text) && text[i+1] == '\n' {
			i++
			c = text[i]
		}
		buf = append(buf, c)
	}
	return buf, buf
}

// blankLine is the length of the empty line at pos, 0 when the line is not empty.
func blankLine(data []byte, pos int) int {
	switch {
	case data[pos] == '\n':
		return 1
	case data[pos] == '\r' && data[pos+1] == '\n':
		return 2
	}
	return 0
}
