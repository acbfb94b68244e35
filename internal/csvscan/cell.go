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

// plain is the place of the comma or newline that ends the cell at pos, or -1 when a quote comes
// first. data has a newline at or after pos, and padding after its last.
func (s *separators) plain(data []byte, pos int) int {
	for {
		w := load(data, pos)
		if mask := equals(w, s.commas) | equals(w, s.line) | equals(w, s.quote); mask != 0 {
			pos += place(mask) / 8
			if data[pos] == '"' {
				return -1
			}
			return pos
		}
		pos += 8
	}
}

// cellReader reads cells of any form, by the rules of encoding/csv.
type cellReader struct {
	separators
	text []byte // the last quoted cell that could not be returned as it stands
}

// problem is what is wrong at a place of a block.
type problem struct {
	at    int
	kind  Problem
	field int
	cell  string
}

// cell reads the cell at pos. It returns its text, which is valid until the next call, and the
// place of the comma or newline that ends it; the "\r" of a line end "\r\n" is not part of it.
// limit is the length of the block without its padding.
func (r *cellReader) cell(data []byte, pos, limit int) (text []byte, end int, bad *problem) {
	if data[pos] == '"' {
		return r.quoted(data, pos, limit)
	}
	end = r.plain(data, pos)
	if end < 0 {
		return nil, 0, &problem{at: pos + bytes.IndexByte(data[pos:], '"'), kind: BareQuote}
	}
	text = data[pos:end]
	if data[end] == '\n' && end > pos && data[end-1] == '\r' {
		text = data[pos : end-1]
	}
	return text, end, nil
}

// quoted reads the quoted cell at pos.
func (r *cellReader) quoted(data []byte, pos, limit int) (text []byte, end int, bad *problem) {
	start := pos + 1
	plain := true // the cell can be returned as it stands
	r.text = r.text[:0]
	from := start
	for i := start; ; {
		q := bytes.IndexByte(data[i:limit], '"')
		if q < 0 {
			return nil, 0, &problem{at: pos, kind: OpenQuote}
		}
		i += q
		next := data[i+1]
		if next == '"' {
			r.text = append(r.text, data[from:i+1]...)
			plain = false
			i += 2
			from = i
			continue
		}
		text, end = data[start:i], i+1
		if next == '\r' && data[i+2] == '\n' {
			end = i + 2
		} else if next != r.comma && next != '\n' {
			return nil, 0, &problem{at: i, kind: QuoteInQuotes}
		}
		if !plain {
			r.text = append(r.text, data[from:i]...)
			text = r.text
		}
		if bytes.Contains(text, []byte("\r\n")) {
			r.text = append(r.text[:0], bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))...)
			text = r.text
		}
		return text, end, nil
	}
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
