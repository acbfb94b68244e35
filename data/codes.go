package data

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/refuse"
)

// missingCodes are texts by which programs and people say that a value is missing, in small letters. Only the
// DefaultMissingValues are read as missing without being named.
var missingCodes = func() map[string]bool {
	codes := map[string]bool{"._": true}
	for c := 'a'; c <= 'z'; c++ {
		codes["."+string(c)] = true // of Stata and SAS
	}
	for _, code := range strings.Fields(`. .. ... - -- --- – — ? ?? na n/a n.a. #n/a #na <na> nan -nan +nan nan() 1.#qnan -1.#ind 1.#ind nat null (null) <null>
		none nil \n #null! #div/0! #value! #ref! #name? #num! n.d. n/d (blank) (none)`) {
		codes[code] = true
	}
	return codes
}()

// IsMissingCode reports whether a text is a common code for a missing value, such as a point, N/A, NULL or None. Blanks
// around it and the case of its letters do not count.
func IsMissingCode(text string) bool {
	if len(text) > 16 {
		return false
	}
	return missingCodes[strings.ToLower(strings.TrimSpace(text))]
}

// LevelCodes counts the codes for missing among the levels of a text column that is read in frames, one after the other.
type LevelCodes struct {
	Column string
	Named  []string // codes that are levels

	seen   int // levels that were looked at
	codes  []int32
	texts  []string
	counts []int
	cells  int
}

// Add takes in a frame. A column that is not text has no codes.
func (l *LevelCodes) Add(f *Frame) error {
	c, err := f.column(l.Column)
	if err != nil || c.kind != Categorical {
		return err
	}
	for ; l.seen < len(c.levels); l.seen++ {
		if level := c.levels[l.seen]; IsMissingCode(level) && !slices.Contains(l.Named, level) {
			l.codes, l.texts, l.counts = append(l.codes, int32(l.seen)), append(l.texts, level), append(l.counts, 0)
		}
	}
	l.cells += len(c.codes)
	if len(l.codes) == 0 {
		return nil
	}
	for _, code := range c.codes {
		if i := slices.Index(l.codes, code); i >= 0 {
			l.counts[i]++
		}
	}
	return nil
}

// Check refuses codes that were met, which may be levels or missing values.
func (l *LevelCodes) Check() error {
	var parts, texts []string
	count := 0
	for i, text := range l.texts {
		if l.counts[i] > 0 {
			parts = append(parts, fmt.Sprintf("%s in %s", quote(text), refuse.Count(l.counts[i])))
			texts = append(texts, text)
			count += l.counts[i]
		}
	}
	if len(texts) == 0 {
		return nil
	}
	e := refuse.Column("data", fieldexp.BadCell, l.Column, 0, fmt.Sprintf("has %s of %s, which may be a level or a code for missing",
		strings.Join(parts, ", "), refuse.Of(l.cells, "cell")),
		"read "+plain(len(texts), "it", "them")+" as missing by "+fieldexp.Setting("MissingValues", "", texts...),
		"keep "+plain(len(texts), "it as a level", "them as levels")+" by "+fieldexp.Setting("Levels", l.Column, texts...))
	e.Count = count
	return e
}

// CheckLevels refuses codes for missing among the levels of a text column, unless they are named.
func (f *Frame) CheckLevels(name string, named ...string) error {
	l := LevelCodes{Column: name, Named: named}
	if err := l.Add(f); err != nil {
		return err
	}
	err := l.Check()
	if e, ok := err.(*fieldexp.Error); ok {
		c := &f.cols[f.index[name]]
		if c.origin != nil && !c.origin.stream {
			e.Source = c.origin.source
			e.Line = c.origin.line(slices.IndexFunc(c.codes, func(code int32) bool { return slices.Contains(l.codes, code) }))
			e.Message = strings.TrimPrefix(e.Message, fmt.Sprintf("column %q ", name))
		}
	}
	return err
}

// CheckNumbers refuses a text column of a file of which most cells are numbers: what is not one makes them levels.
// named are texts that are levels.
func (f *Frame) CheckNumbers(name string, named ...string) error {
	c, err := f.column(name)
	if err != nil || c.kind != Categorical || c.origin == nil || c.named {
		return err
	}
	s := c.strays(isNumber)
	unnamed := slices.ContainsFunc(s.list, func(t stray) bool { return !slices.Contains(named, t.text) })
	if !unnamed || 2*s.count >= s.cells {
		return nil
	}
	return c.misfit(Float, 0, false)
}
