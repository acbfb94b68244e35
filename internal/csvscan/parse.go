package csvscan

import (
	"bytes"
	"math"
	"sync/atomic"
)

var nan = math.NaN()

// parser is one worker's means of parsing blocks.
type parser struct {
	cellReader
	missing  *Missing
	clock    *Clock
	fields   []Field
	learned  []atomic.Uint32 // Kinds learned since, shared by the workers: Text, Skip or Infer
	lexicons []*Lexicon
}

// parse fills a chunk from the block data[:limit].
//
// A column whose kind is to be inferred starts afresh in each block with the first cell that is
// not missing. When a later cell does not fit, the column is text after all, and the block is
// parsed again from its start, so that the cells before keep their original text.
func (p *parser) parse(c *Chunk, data []byte, limit int) *problem {
	c.lines = bytes.Count(data[:limit], []byte{'\n'})
	c.room = c.lines
	c.Bytes = limit
	p.start(c)
	for {
		again, bad := p.rows(c, data, limit)
		if bad != nil {
			return bad
		}
		if !again {
			break
		}
	}
	p.finish(c)
	return nil
}

// start gives each column of the chunk the kind that is known so far.
func (p *parser) start(c *Chunk) {
	c.Columns = resize(c.Columns, len(p.fields))
	for f := range c.Columns {
		col := &c.Columns[f]
		kind := p.fields[f].Kind
		col.fixed = kind != Infer
		if kind == Infer {
			kind = Kind(p.learned[f].Load())
		}
		if kind == Text {
			p.openLexicon(f)
		}
		col.begin(kind, c.room, 0)
	}
}

// openLexicon makes sure that the worker has a lexicon of moderate length for a field.
func (p *parser) openLexicon(f int) {
	if x := p.lexicons[f]; x == nil || len(x.ends) > longLexicon {
		p.lexicons[f] = &Lexicon{}
	}
}

// finish cuts the columns to their rows and notes the words that their codes stand for.
func (p *parser) finish(c *Chunk) {
	for f := range c.Columns {
		col := &c.Columns[f]
		col.trim(c.Rows)
		if col.Kind == Text {
			x := p.lexicons[f]
			col.words = words{owner: x, text: x.text, ends: x.ends, hashes: x.hashes}
		}
	}
}

// rows parses the records of a block. It stops and asks to be called again when a column turned
// out to be text.
func (p *parser) rows(c *Chunk, data []byte, limit int) (again bool, bad *problem) {
	columns := c.Columns
	last := len(columns) - 1
	comma := p.comma
	c.Rows = 0
	for pos := 0; pos < limit; {
		if blank := blankLine(data, pos); blank > 0 {
			pos += blank
			continue
		}
		begin := pos
		for f := range columns {
			col := &columns[f]
			end := -1
			switch col.Kind {
			case Number:
				end = p.number(col, c.Rows, data, pos)
			case Instant:
				end = p.instant(col, c.Rows, data, pos)
			case Skip:
				if data[pos] != '"' {
					end = p.plain(data, pos)
				}
			}
			if end < 0 {
				var text []byte
				if text, end, bad = p.cell(data, pos, limit); bad == nil && col.Kind != Skip {
					again, bad = p.store(c, f, text)
				}
				if again {
					return true, nil
				}
				if bad != nil {
					bad.field = f
					if bad.kind == NotNumber || bad.kind == NotTime {
						bad.at = pos
					}
					return false, bad
				}
			}
			if (data[end] == comma) == (f == last) {
				return false, p.ragged(data, begin, limit)
			}
			pos = end + 1
		}
		c.Rows++
	}
	return false, nil
}

// number stores the number at pos, if it is a plain one, and returns the place of the comma or
// newline that ends it; -1 if it needs a closer look.
func (p *parser) number(col *Column, row int, data []byte, pos int) int {
	c := data[pos]
	if p.missing.first[c] {
		return -1
	}
	if c == p.comma || c == '\n' {
		if !p.missing.empty {
			return -1
		}
		col.Floats[row] = nan
		return pos
	}
	v, end := shortNumber(data, pos)
	if end >= 0 && (data[end] == p.comma || data[end] == '\n') {
		col.Floats[row] = v
		return end
	}
	v, end, class := longNumber(data, pos)
	if class == number && (data[end] == p.comma || data[end] == '\n') {
		col.Floats[row] = v
		return end
	}
	return -1
}

// instant does for instants what number does for numbers.
func (p *parser) instant(col *Column, row int, data []byte, pos int) int {
	if p.missing.first[data[pos]] {
		return -1
	}
	ns, end := p.clock.at(data, pos, p.comma)
	if end >= 0 {
		col.Times[row] = ns
	}
	return end
}

// store puts a cell of any form into column f of the chunk.
func (p *parser) store(c *Chunk, f int, cell []byte) (again bool, bad *problem) {
	col := &c.Columns[f]
	if p.missing.match(cell) {
		col.setMissing(c.Rows)
		return false, nil
	}
	if col.Kind == Infer {
		kind := p.classify(cell)
		if kind == Text {
			p.turnToText(f)
		}
		col.begin(kind, c.room, c.Rows)
	}
	switch col.Kind {
	case Number:
		v, class := parseNumber(trim(cell))
		if class == number || class == wideInteger && col.fixed && !p.fields[f].Guessed {
			col.Floats[c.Rows] = v
			return false, nil
		}
		if col.fixed {
			return false, &problem{kind: NotNumber, cell: string(cell)}
		}
	case Instant:
		ns, ok := p.clock.parse(trim(cell))
		if ok {
			col.Times[c.Rows] = ns
			return false, nil
		}
		if col.fixed {
			return false, &problem{kind: NotTime, cell: string(cell)}
		}
	case Text:
		col.Codes[c.Rows] = p.lexicons[f].code(cell, hash(cell))
		return false, nil
	}
	p.turnToText(f)
	col.begin(Text, c.room, 0)
	return true, nil
}

// turnToText tells every worker that a column is text.
func (p *parser) turnToText(f int) {
	p.learned[f].CompareAndSwap(uint32(Infer), uint32(Text))
	p.openLexicon(f)
}

// classify is the kind of column that a cell by itself would make.
func (p *parser) classify(cell []byte) Kind {
	cell = trim(cell)
	if _, class := parseNumber(cell); class != notNumber {
		if class == wideInteger {
			return Text
		}
		return Number
	}
	if _, ok := p.clock.parse(cell); ok {
		return Instant
	}
	return Text
}

// ragged counts the fields of the record at pos, which has not as many as the header.
func (p *parser) ragged(data []byte, pos, limit int) *problem {
	begin := pos
	for fields := 1; ; fields++ {
		_, end, bad := p.cell(data, pos, limit)
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
