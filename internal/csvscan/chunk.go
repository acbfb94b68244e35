package csvscan

// Kind says what the cells of a column are.
type Kind uint8

const (
	// Infer is a column whose kind is to be found out: Number if every cell that is not missing
	// is a number, Instant if every one is an instant, Text otherwise. Each chunk has the kind
	// of its own cells, Infer where all are missing, or Text once another chunk has proved the
	// column to be text: the kind of the whole is what the kinds of all chunks have in common,
	// and Text if that is nothing.
	Infer Kind = iota
	// Number is a column of float64, NaN where missing.
	Number
	// Instant is a column of what a clock shows, in nanoseconds since 1970-01-01 of that clock,
	// MissingInstant where missing.
	Instant
	// Text is a column of codes, negative where missing.
	Text
	// Skip is a column that is passed over.
	Skip
)

// Field says what a field of the records is.
type Field struct {
	Kind Kind
	// Guessed says that the kind was found out from a sample. A cell of another kind is an error,
	// as it is when the caller named the kind; and so is, among numbers, a whole number past
	// 2^53, which makes a column text where kinds are inferred.
	Guessed bool
	Form    Form // of the numbers of a Number column; 0 if they are plain
	// Key says that the field holds identifiers, around which blanks are taken away. Where their kind is to be
	// inferred they are numbers only as long as each is a whole number in its plain form, and else texts.
	Key bool
	// Clock reads the field's times in place of that of the scanner, unless it is nil.
	Clock *Clock
}

// MissingInstant marks a missing instant.
const MissingInstant int64 = -1 << 63

// Chunk is a run of records, parsed. It belongs to the scanner, which fills it again after the
// caller has returned.
type Chunk struct {
	Rows    int
	Bytes   int      // of the input
	Columns []Column // one for each field of the header

	start  int     // newlines before the block
	lines  int     // newlines in it
	breaks []Break // where the lines of its records do not follow each other
}

// Break says that a record begins in a line that does not follow that of the record before it: lines may
// be blank, and cells in quotes may have several.
type Break struct{ Row, Line int }

// Breaks calls yield with the line, counted from 1, of the chunk's first row and of every row whose line does not
// follow that of the row before it.
func (c *Chunk) Breaks(yield func(row, line int)) {
	if len(c.breaks) == 0 || c.breaks[0].Row > 0 {
		yield(0, c.start+1)
	}
	for _, b := range c.breaks {
		yield(b.Row, c.start+1+b.Line)
	}
}

// Column is one column of a chunk; the slice of its kind holds Rows values.
type Column struct {
	Kind   Kind
	Floats []float64
	Times  []int64
	Codes  []int32 // to be recoded by the column's Dictionary

	Clockwork Clockwork // of times
	Trimmed   int       // identifiers around which blanks were taken away

	fixed   bool     // the caller named the kind: a cell of another is an error
	lexicon *lexicon // that gave out the codes
	words   words    // what was in it when the chunk was done
}

// begin gives a column its kind and rows, of which the first few are missing.
func (c *Column) begin(kind Kind, rows, missing int) {
	c.Kind = kind
	c.Clockwork.reset()
	c.Trimmed = 0
	switch kind {
	case Number:
		c.Floats = resize(c.Floats, rows)
	case Instant:
		c.Times = resize(c.Times, rows)
	case Text:
		c.Codes = resize(c.Codes, rows)
	}
	for row := range missing {
		c.setMissing(row)
	}
}

// setMissing makes the cell at row missing.
func (c *Column) setMissing(row int) {
	switch c.Kind {
	case Number:
		c.Floats[row] = nan
	case Instant:
		c.Times[row] = MissingInstant
		c.Clockwork.Missing++
	case Text:
		c.Codes[row] = -1
	}
}

// resize returns a slice of n values that mean nothing yet.
func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
