package csvscan

import (
	"bytes"
	"strings"
	"sync/atomic"
)

// Missing is a set of texts that stand for a missing value. It may be shared by the passes over several
// files, and remembers which of its markers were met.
type Missing struct {
	markers []string
	values  []float64     // the markers that are numbers,
	of      []int         // and which markers these are
	met     []atomic.Bool // by marker
	first   [256]bool     // the first bytes of the markers, and blanks, which may stand before one
	empty   bool          // the empty cell is missing
	digits  bool          // a marker may be mistaken for a time
}

// NewMissing makes a set of markers. Blanks around a marker do not count.
func NewMissing(markers []string) *Missing {
	m := &Missing{}
	m.first[' '], m.first['\t'] = true, true
	for _, marker := range markers {
		text := string(trim([]byte(marker)))
		if text == "" {
			m.empty = true
			continue
		}
		if v, ok := ParseNumber(text); ok {
			m.values, m.of = append(m.values, v), append(m.of, len(m.markers))
		}
		m.markers = append(m.markers, text)
		m.first[text[0]] = true
		m.digits = m.digits || strings.IndexByte("+-.0123456789", text[0]) >= 0
	}
	m.met = make([]atomic.Bool, len(m.markers))
	return m
}

// Unmet lists the markers that no cell was, in their order.
func (m *Missing) Unmet() []string {
	var list []string
	for i, marker := range m.markers {
		if !m.met[i].Load() {
			list = append(list, marker)
		}
	}
	return list
}

// match reports whether a cell is missing, by its text.
func (m *Missing) match(cell []byte) bool {
	if len(cell) == 0 {
		return m.empty
	}
	if !m.first[cell[0]] {
		return false
	}
	cell = trim(cell)
	if len(cell) == 0 {
		return m.empty
	}
	for i, marker := range m.markers {
		if string(cell) == marker {
			m.meet(i)
			return true
		}
	}
	return false
}

// matchNumber reports whether a number is a marker, however it is written: -1.0 is -1.
func (m *Missing) matchNumber(v float64) bool {
	for i, marker := range m.values {
		if v == marker {
			m.meet(m.of[i])
			return true
		}
	}
	return false
}

// blank makes numbers that are markers missing.
func (m *Missing) blank(floats []float64) {
	if len(m.values) == 0 {
		return
	}
	for i, v := range floats {
		if m.matchNumber(v) {
			floats[i] = nan
		}
	}
}

// meet notes that a marker was met.
func (m *Missing) meet(i int) {
	if !m.met[i].Load() {
		m.met[i].Store(true)
	}
}

// trim removes blanks at both ends.
func trim(cell []byte) []byte { return bytes.Trim(cell, " \t") }
