package study

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/fieldexp/fieldexp/internal/brief"
)

// units is the word for several units, as in Agents.
func (w Words) units() string { return capital(w.Unit) + "s" }

// events is the word for several events, as in Chats.
func (w Words) events() string { return capital(w.Event) + "s" }

// cellsWord is the word for rows of a panel, as in agent-days.
func (s *Study) cellsWord(period string) string {
	switch {
	case s.ready():
		return s.Words.Event + "s"
	case s.crossSection():
		return s.Words.Unit + "s"
	}
	return fmt.Sprintf("%s-%ss", s.Words.Unit, period)
}

// labels are the names of columns for people, within a sentence.
func (s *Study) labels(columns []string) []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = brief.InSentence(s.label(c))
	}
	return names
}

// capital makes the first letter a capital.
func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

// spaced turns a column's name into words.
func spaced(name string) string { return strings.ReplaceAll(name, "_", " ") }

// alternatives lists words with an "or" before the last.
func alternatives(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
