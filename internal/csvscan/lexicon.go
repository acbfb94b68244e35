package csvscan

import "math/bits"

// hash spreads the bytes of a text over 64 bits.
func hash(text []byte) uint64 {
	const k0, k1 = 0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93
	h := uint64(len(text)) * k0
	for len(text) >= 8 {
		hi, lo := bits.Mul64(h^load(text, 0), k1)
		h = hi ^ lo
		text = text[8:]
	}
	if cap(text) >= 8 { // bytes after the text are there to be read, and masked away
		return hashWord(lowest(load(text[:8], 0), len(text)), h)
	}
	var rest uint64
	for i, c := range text {
		rest |= uint64(c) << (8 * uint(i))
	}
	return hashWord(rest, h)
}

// hashWord adds the last bytes of a text, fewer than eight, to the hash of those before them.
func hashWord(w, h uint64) uint64 {
	hi, lo := bits.Mul64(h^w, 0x94D049BB133111EB)
	return hi ^ lo
}

// table finds codes by the hash of their text: open addressing, at most half full.
type table struct {
	slots []slot
	used  int
}

type slot struct {
	hash uint32
	code int32 // one more than the code, 0 in an empty slot
}

// grow makes room for one more code; hashes holds the hash of every code so far.
func (t *table) grow(hashes []uint64) {
	if 2*(t.used+1) <= len(t.slots) {
		return
	}
	t.slots = make([]slot, max(64, 2*len(t.slots)))
	mask := uint64(len(t.slots) - 1)
	for code, h := range hashes {
		i := h & mask
		for t.slots[i].code != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = slot{uint32(h >> 32), int32(code) + 1}
	}
}

// words is a list of distinct texts.
type words struct {
	text   []byte // the texts, one after the other
	ends   []int  // where each text ends
	hashes []uint64
}

// word is the text of a code.
func (w *words) word(code int32) []byte {
	start := 0
	if code > 0 {
		start = w.ends[code-1]
	}
	return w.text[start:w.ends[code]]
}

// lexicon is the list of the distinct texts that one worker met in one column. Its codes mean
// nothing to anyone else until a Dictionary has given out its own. The worker adds words and
// never changes them, so that a copy of words remains good.
type lexicon struct {
	words
	table table

	foreign bool // a text has foreign bytes, and was found out

	// recoded holds the code of each text in the Dictionary, -1 when it has none yet. It belongs
	// to the goroutine that merges.
	recoded []int32
}

// longLexicon is how many texts a worker remembers from block to block: a column with more is taken
// for one of identifiers, which remembering does not help.
const longLexicon = 1 << 16

// code is the code of a text, a new one if it was not met before.
func (x *lexicon) code(text []byte, h uint64) int32 {
	x.table.grow(x.hashes)
	mask := uint64(len(x.table.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		s := &x.table.slots[i]
		if s.code == 0 {
			code := int32(len(x.ends))
			*s = slot{uint32(h >> 32), code + 1}
			x.table.used++
			x.text = append(x.text, text...)
			x.ends = append(x.ends, len(x.text))
			x.hashes = append(x.hashes, h)
			return code
		}
		if s.hash == uint32(h>>32) && string(x.word(s.code-1)) == string(text) {
			return s.code - 1
		}
	}
}

// look reports whether there is a text with foreign bytes, where those before so many were looked at.
func (x *lexicon) look(texts int) bool {
	for code := texts; code < len(x.ends) && !x.foreign; code++ {
		x.foreign = foreign(x.word(int32(code)))
	}
	return x.foreign
}

// Dictionary gives codes to the texts of a column in the order of their first appearance.
type Dictionary struct {
	table  table
	levels []string
	hashes []uint64
}

// Levels lists the texts; code c stands for Levels()[c]. Codes once given do not change.
func (d *Dictionary) Levels() []string { return d.levels }

// Recode replaces, in place, the codes of a chunk's text column by those of the dictionary, and
// adds the texts that are new. Chunks must come in the order of the file.
func (d *Dictionary) Recode(c *Column) {
	seen := &c.words
	for len(c.lexicon.recoded) < len(seen.ends) {
		c.lexicon.recoded = append(c.lexicon.recoded, -1)
	}
	recoded := c.lexicon.recoded
	known := int32(len(d.levels))
	var fresh []byte
	var ends []int
	for row, code := range c.Codes {
		if code < 0 {
			continue
		}
		if recoded[code] < 0 {
			text := seen.word(code)
			at, isNew := d.find(text, seen.hashes[code], known)
			if isNew {
				fresh = append(fresh, text...)
				ends = append(ends, len(fresh))
			}
			recoded[code] = at
		}
		c.Codes[row] = recoded[code]
	}
	all, start := string(fresh), 0 // one string holds all of them, for the collector's sake
	for i, end := range ends {
		d.levels[int(known)+i] = all[start:end]
		start = end
	}
}

// find is the code of a text. Codes from known on were given out in the same call of Recode, to
// texts that differ from this one, because the texts of a lexicon do.
func (d *Dictionary) find(text []byte, h uint64, known int32) (code int32, isNew bool) {
	d.table.grow(d.hashes)
	mask := uint64(len(d.table.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		s := &d.table.slots[i]
		if s.code == 0 {
			code = int32(len(d.levels))
			*s = slot{uint32(h >> 32), code + 1}
			d.table.used++
			d.levels = append(d.levels, "")
			d.hashes = append(d.hashes, h)
			return code, true
		}
		if c := s.code - 1; c < known && s.hash == uint32(h>>32) && d.levels[c] == string(text) {
			return c, false
		}
	}
}
