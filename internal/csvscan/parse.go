package csvscan

import (
	"bytes"
	"math"
	"sync/atomic"
)

var nan = math.NaN()

// parser is one worker's means of parsing blocks.
type parser struct {
	cells
	missing  *Missing
	clock    *Clock
	fields   []Field
	learned  []atomic.Uint32 // Kinds learned since, shared by the workers: Text, Skip or Infer
	lexicons []*lexicon
	buf      []byte // for quoted cells
	mover    mover  // of times to a zone
}

// tile is the number of bytes whose records are parsed column by column: within it each loop
// does one thing, and all that it touches is in the fastest cache.
const tile = 16 << 10

// parse fills a chunk from the block data[:limit]: first it finds the cells, then it reads them,
// column by column.
func (p *parser) parse(c *Chunk, data []byte, limit int) *problem {
	c.Bytes = limit
	c.lines = bytes.Count(data[:limit], []byte{'\n'})
	if bad := p.find(data, limit, c.lines); bad != nil {
		return bad
	}
	c.Rows = p.rows
	c.breaks = c.breaks[:0]
	if c.lines != p.rows {
		p.noteLines(c, data)
	}
	p.start(c)
	step := max(16, p.rows*tile/limit)
	var first *problem
	for from := 0; from < p.rows && first == nil; from += step {
		for f := range c.Columns {
			bad := p.column(c, f, data, from, min(from+step, p.rows))
			if bad != nil && (first == nil || bad.at < first.at) {
				first = bad
			}
		}
	}
	p.finish(c)
	return first
}

// noteLines notes where records are not of one line each.
func (p *parser) noteLines(c *Chunk, data []byte) {
	from, line := 0, 0
	for row := range p.rows {
		begin, _ := p.bounds(data, row, 0)
		line += bytes.Count(data[from:begin], []byte{'\n'})
		if from = begin; line != row && (len(c.breaks) == 0 || line-row != c.breaks[len(c.breaks)-1].Line-c.breaks[len(c.breaks)-1].Row) {
			c.breaks = append(c.breaks, Break{Row: row, Line: line})
		}
	}
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
		if x := p.lexicons[f]; x == nil || len(x.ends) > longLexicon {
			p.lexicons[f] = &lexicon{}
		}
		col.begin(kind, c.Rows, 0)
	}
}

// finish notes the words that the codes of a chunk stand for.
func (p *parser) finish(c *Chunk) {
	for f := range c.Columns {
		if col := &c.Columns[f]; col.Kind == Text {
			col.lexicon, col.words = p.lexicons[f], p.lexicons[f].words
		}
	}
}

// column reads the cells of field f in some rows.
//
// A column whose kind is to be inferred starts afresh in each block, with its first cell that is
// not missing. When a later cell does not fit, the column is text after all, and is read again
// from the start of the block, so that the cells before keep their text.
func (p *parser) column(c *Chunk, f int, data []byte, from, to int) *problem {
	col := &c.Columns[f]
	for row := from; row < to; {
		switch col.Kind {
		case Skip:
			return nil
		case Number:
			from := row
			switch {
			case p.asPlain(f):
				row = p.identifiers(col.Floats, f, data, row, to)
			case p.fields[f].Form == 0:
				row = p.numbers(col.Floats, f, data, row, to)
			}
			p.missing.blank(col.Floats[from:row])
		case Instant:
			row = p.instants(col, f, data, row, to)
		case Text:
			row = p.texts(col.Codes, f, data, row, to)
		}
		if row == to {
			return nil
		}
		again, bad := p.store(c, f, data, row)
		if bad != nil {
			return bad
		}
		if row++; again {
			row = 0
		}
	}
	return nil
}

// store puts a cell of any form into column f. It asks for the column to be read again when it
// turns out to be text.
func (p *parser) store(c *Chunk, f int, data []byte, row int) (again bool, bad *problem) {
	col := &c.Columns[f]
	start, end := p.bounds(data, row, f)
	cell := data[start:end]
	if len(cell) > 0 && cell[0] == '"' {
		cell, p.buf = unquote(cell, p.buf)
	}
	if p.missing.match(cell) {
		col.setMissing(row)
		return false, nil
	}
	if p.fields[f].Key {
		if text := trim(cell); len(text) < len(cell) {
			cell = text
			col.Trimmed++
		}
	}
	if col.Kind == Infer {
		if v, class := parseNumber(trim(cell)); class != notNumber && p.missing.matchNumber(v) {
			return false, nil
		}
		trimmed := col.Trimmed
		col.begin(p.classify(f, cell), c.Rows, row)
		col.Trimmed = trimmed
	}
	switch col.Kind {
	case Number:
		v, class := parseNumber(trim(cell))
		if p.asPlain(f) {
			if _, ok := plainWhole(trim(cell)); !ok {
				class = notNumber
			}
		}
		if form := p.fields[f].Form; form != 0 {
			class = notNumber
			if value, ok := form.Parse(cell); ok {
				v, class = value, number
			}
		}
		if class != notNumber && p.missing.matchNumber(v) {
			v = nan
		}
		if class == number || class == wideInteger && col.fixed && !p.fields[f].Guessed {
			col.Floats[row] = v
			return false, nil
		}
		bad = &problem{at: start, kind: NotNumber, field: f, cell: string(cell)}
	case Instant:
		clock := p.clockOf(f)
		if ns, offset, ok := clock.Parse(trim(cell)); ok {
			col.Times[row] = p.shown(col, clock, ns, offset)
			return false, nil
		}
		bad = &problem{at: start, kind: NotTime, field: f, cell: string(cell)}
	case Text:
		known := p.lexicons[f]
		texts := len(known.ends)
		col.Codes[row] = known.code(cell, hash(cell))
		if known.look(texts) && foreign(cell) {
			return false, &problem{at: start, kind: Foreign, field: f, cell: string(cell)}
		}
		return false, nil
	}
	if col.fixed {
		return false, bad
	}
	p.learned[f].CompareAndSwap(uint32(Infer), uint32(Text))
	col.begin(Text, c.Rows, 0)
	return true, nil
}

// classify is the kind of column that a cell by itself would make.
func (p *parser) classify(f int, cell []byte) Kind {
	cell = trim(cell)
	if p.fields[f].Key {
		if _, ok := plainWhole(cell); ok {
			return Number
		}
		return Text
	}
	if _, class := parseNumber(cell); class != notNumber {
		if class == wideInteger {
			return Text
		}
		return Number
	}
	if _, _, ok := p.clock.Parse(cell); ok {
		return Instant
	}
	return Text
}
