package csvscan

import (
	"bytes"
	"strings"
)

// Missing is a set of texts that stand for a missing value.
type Missing struct {
	markers []string
	first   [256]bool // the first bytes of the markers, and blanks, which may stand before one
	empty   bool      // the empty cell is missing
	numeric bool      // a marker may be mistaken for a number or a time
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
		m.markers = append(m.markers, text)
		m.first[text[0]] = true
		m.numeric = m.numeric || strings.IndexByte("+-.0123456789", text[0]) >= 0
	}
	return m
}

// match reports whether a cell is missing.
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
	for _, marker := range m.markers {
		if string(cell) == marker {
			return true
		}
	}
	return false
}

// trim removes blanks at both ends.
func trim(cell []byte) []byte { return bytes.Trim(cell, " \t") }
