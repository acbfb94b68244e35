package csvscan

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"sync/atomic"
)

// DefaultBlockSize is the number of bytes that a worker takes at a time: small enough for the
// block and its columns to stay in a core's cache, large enough for handing over to cost nothing.
const DefaultBlockSize = 256 << 10

// Options say how bytes are read.
type Options struct {
	Comma     byte // between fields
	Missing   *Missing
	Clock     *Clock
	BlockSize int // DefaultBlockSize when it is 0; what is read does not depend on it
	Skip      int // lines before the header
	Sample    int // end the scan with the record in which so many bytes are reached; 0 reads all
}

// Scanner reads one CSV input from its header to its end.
type Scanner struct {
	Header     []string // the fields of the first record
	HeaderLine int      // the line that it begins in

	opt    Options
	blocks blocks
	lines  int // newlines in what was read and delivered

	learned []atomic.Uint32 // see parser.learned
}

// Open reads the header. A byte order mark before it is dropped. The error is an *Error, or what
// r returned.
func Open(r io.Reader, opt Options) (*Scanner, error) {
	if opt.BlockSize == 0 {
		opt.BlockSize = DefaultBlockSize
	}
	s := &Scanner{opt: opt, blocks: blocks{r: r, size: opt.BlockSize, sample: opt.Sample}}
	data, n, err := s.blocks.next(nil)
	start := 0
	if err == nil && bytes.HasPrefix(data[:n], []byte("\xEF\xBB\xBF")) {
		start = len("\xEF\xBB\xBF")
	}
	skip := opt.Skip
	for err == nil {
		for ; skip > 0 && start < n; skip-- {
			start += 1 + bytes.IndexByte(data[start:n], '\n')
			s.lines++
		}
		for start < n {
			blank := blankLine(data, start)
			if blank == 0 {
				return s, s.header(data, start, n)
			}
			start += blank
			s.lines++
		}
		if n == 0 {
			return nil, &Error{Problem: Empty}
		}
		data, n, err = s.blocks.next(data)
		start = 0
	}
	return nil, s.blockError(err)
}

// header reads the record at pos of the first block and puts the rest of the block back.
func (s *Scanner) header(data []byte, pos, limit int) error {
	s.HeaderLine = s.lines + 1
	cut := newSeparators(s.opt.Comma)
	var buf []byte
	begin := pos
	for {
		end, bad := cut.cellEnd(data, pos, limit)
		if bad != nil {
			bad.field = len(s.Header)
			return bad.error(data, s.lines)
		}
		text := data[pos:end]
		if data[end] == '\n' {
			text = bytes.TrimSuffix(text, []byte{'\r'})
		}
		if data[pos] == '"' {
			text, buf = unquote(text, buf)
		}
		if foreign(text) {
			return (&problem{at: pos, kind: Foreign, field: len(s.Header), cell: string(text)}).error(data, s.lines)
		}
		s.Header = append(s.Header, string(text))
		pos = end + 1
		if data[end] == '\n' {
			break
		}
	}
	s.lines += bytes.Count(data[begin:pos], []byte{'\n'})
	s.blocks.given -= limit - pos
	s.blocks.carry = append(bytes.Clone(data[pos:limit]), s.blocks.carry...)
	return nil
}

// Peek is the texts of the record that follows what was read so far, each of them a plain cell, and its line; nil where
// there is none.
func (s *Scanner) Peek() (texts []string, line int) {
	for read := 0; ; {
		data := bytes.TrimLeft(s.blocks.carry, "\r\n")
		if record, _, whole := bytes.Cut(data, []byte{'\n'}); whole {
			for _, cell := range bytes.Split(bytes.TrimSuffix(record, []byte{'\r'}), []byte{s.opt.Comma}) {
				texts = append(texts, strings.Trim(string(cell), `"`))
			}
			blank := s.blocks.carry[:len(s.blocks.carry)-len(data)]
			return texts, s.lines + 1 + bytes.Count(blank, []byte{'\n'})
		}
		size := s.blocks.size
		s.blocks.size = max(size, 2*len(s.blocks.carry)+1)
		more, n, err := s.blocks.next(nil) // with what is carried
		s.blocks.size = size
		s.blocks.given -= n
		s.blocks.carry = append(more[:n:n], s.blocks.carry...)
		if err != nil || len(s.blocks.carry) <= read {
			return nil, 0 // Run says what is wrong
		}
		read = len(s.blocks.carry)
	}
}

// blockError is the error of reading a block after s.lines lines.
func (s *Scanner) blockError(err error) error {
	if errors.Is(err, errLongRecord) {
		return &Error{Problem: LongRecord, Line: s.lines + 1}
	}
	return err
}

// error gives a problem its line; lines are those before the block.
func (p *problem) error(data []byte, lines int) *Error {
	return &Error{Problem: p.kind, Line: lines + 1 + bytes.Count(data[:p.at], []byte{'\n'}), Field: p.field, Cell: p.cell}
}
