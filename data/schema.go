package data

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/csvscan"
	"github.com/fieldexp/fieldexp/internal/refuse"
)

// schema is what is known of a file's columns before its rows are read.
type schema struct {
	source string
	names  []string        // of the fields of the file
	fields []csvscan.Field // what to do with each
	named  []bool          // whether the caller named their kinds
	order  []int           // fields in the order of the frame's columns
	from   origin
	after  []string // texts of the record after the header, and its line
	line   int

	reports []noted        // of the fields
	keys    []bool         // which fields hold identifiers
	layouts bool           // the caller gave layouts
	bad     *csvscan.Error // that ended the last pass
}

// newSchema matches the header with the options.
func newSchema(s *csvscan.Scanner, source string, opt *ReadOptions) (*schema, error) {
	layouts, err := opt.layouts()
	if err != nil {
		return nil, err
	}
	sc := &schema{source: source, fields: make([]csvscan.Field, len(s.Header)), named: make([]bool, len(s.Header)),
		from: origin{source: source, layouts: layouts, zone: opt.Zone}, reports: make([]noted, len(s.Header)), keys: make([]bool, len(s.Header)), layouts: opt.Layouts != nil}
	sc.after, sc.line = s.Peek()
	first := make(map[string]int, len(s.Header))
	twice := make(map[string]bool)
	for i, name := range s.Header {
		if name == "" {
			name = "V" + strconv.Itoa(i+1)
		}
		sc.names = append(sc.names, name)
		if _, ok := first[name]; ok {
			twice[name] = true
			continue
		}
		first[name] = i
	}
	if opt.Report != nil {
		opt.Report.names = append(opt.Report.names, sc.names...)
	}
	inHeader := func(problem fieldexp.Problem, name, predicate string, remedy fieldexp.Hint) error {
		e := refuse.Column("data", problem, name, 0, predicate, remedy)
		e.Source = source
		return e
	}
	find := func(name string) (int, error) {
		i, ok := first[name]
		switch {
		case !ok:
			if at := s.HeaderLine; slices.Contains(sc.after, name) {
				return 0, &fieldexp.Error{Op: "data", Problem: fieldexp.BadFile, Source: source, Line: at, Columns: []string{name, name},
					Message: fmt.Sprintf("%s is not the header, which is in line %d", quote(sc.names[0]), sc.line),
					Remedy:  []fieldexp.Hint{"skip what stands before it by " + fieldexp.Setting("SkipLines", "", strconv.Itoa(sc.line-1))}}
			}
			return 0, inHeader(fieldexp.NoColumn, name, "is asked for and not in the header",
				cmp.Or(sc.otherSeparator(), fieldexp.Hint(suggestName(name, sc.names))))
		case twice[name]:
			return 0, &fieldexp.Error{Op: "data", Problem: fieldexp.BadFile, Source: source, Line: s.HeaderLine, Columns: []string{name}, Message: "stands twice in the header",
				Remedy: []fieldexp.Hint{"rename one of the two"}}
		}
		return i, nil
	}
	keep := opt.Columns
	if keep == nil {
		keep = sc.names
	}
	for i := range sc.fields {
		sc.fields[i].Kind = csvscan.Skip
	}
	for _, name := range keep {
		i, err := find(name)
		if err != nil {
			return nil, err
		}
		if slices.Contains(sc.order, i) {
			return nil, inHeader(fieldexp.BadSpec, name, "is asked for twice", "name it once in {Columns}")
		}
		sc.order = append(sc.order, i)
		sc.fields[i].Kind = csvscan.Infer
	}
	for _, name := range slices.Sorted(maps.Keys(opt.Types)) {
		if _, there := first[name]; opt.OfSome && !there && sc.otherSeparator() == "" {
			continue
		}
		kind := opt.Types[name]
		i, err := find(name)
		if err != nil {
			return nil, err
		}
		scanned, ok := scanKind(kind)
		if !ok {
			return nil, inHeader(fieldexp.BadSpec, name, "cannot be read as "+kind.String(), "use {Float}, {Categorical} or {Time}")
		}
		if sc.fields[i].Kind != csvscan.Skip {
			sc.fields[i].Kind, sc.named[i] = scanned, true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(opt.Formats)) {
		if _, there := first[name]; opt.OfSome && !there && sc.otherSeparator() == "" {
			continue
		}
		i, err := find(name)
		if err != nil {
			return nil, err
		}
		if _, err := ParseFormat(opt.Formats[name].String()); err != nil {
			return nil, err
		}
		if sc.fields[i].Kind != csvscan.Skip {
			sc.fields[i], sc.named[i] = csvscan.Field{Kind: csvscan.Number, Form: csvscan.Form(opt.Formats[name])}, true
		}
	}
	for _, name := range opt.Keys {
		i, ok := first[name]
		if !ok || sc.fields[i].Kind == csvscan.Skip {
			continue
		}
		sc.fields[i].Key, sc.keys[i] = true, true
	}
	return sc, nil
}

// scanKind is the scanner's word for a kind.
func scanKind(k Kind) (csvscan.Kind, bool) {
	switch k {
	case Float:
		return csvscan.Number, true
	case Categorical:
		return csvscan.Text, true
	case Time:
		return csvscan.Instant, true
	}
	return 0, false
}

// settled reports whether every column's kind is known.
func (sc *schema) settled() bool {
	return !slices.ContainsFunc(sc.fields, func(f csvscan.Field) bool { return f.Kind == csvscan.Infer })
}

// explain turns an error of the scanner into one that names the column and the remedy.
func (sc *schema) explain(e *csvscan.Error) error {
	out := &fieldexp.Error{Op: "data", Problem: fieldexp.BadFile, Source: sc.source, Line: e.Line, Message: e.Error(), Err: e}
	guessed := false
	if e.Problem != csvscan.Ragged && e.Field < len(sc.names) {
		out.Columns = []string{sc.names[e.Field]}
		guessed = sc.fields[e.Field].Guessed
	}
	switch e.Problem {
	case csvscan.BareQuote, csvscan.QuoteInQuotes:
		out.Remedy = []fieldexp.Hint{"put the field in quotes and double the quotes in it"}
	case csvscan.OpenQuote:
		out.Remedy = []fieldexp.Hint{"close the quote"}
	case csvscan.Foreign:
		out.Remedy = []fieldexp.Hint{"save the file as UTF-8", "convert it by: iconv -f latin1 -t UTF-8"}
		if strings.Contains(e.Cell, "\x00") {
			out.Remedy = []fieldexp.Hint{"take the byte out, or write the file again"}
		}
	case csvscan.LongRecord:
		out.Remedy = []fieldexp.Hint{"look for a quote that is not closed"}
	case csvscan.Ragged:
		out.Message = fmt.Sprintf("has %s, the header has %d", plural(e.Field, "field"), len(sc.names))
		out.Remedy = []fieldexp.Hint{cmp.Or(sc.otherSeparator(), "put fields that hold a separator in quotes")}
		if e.Line == sc.line && e.Field > 1 && len(sc.names) == 1 && sc.otherSeparator() == "" {
			out.Remedy = append(out.Remedy, "if this is the header, skip what stands before it by "+fieldexp.Setting("SkipLines", "", strconv.Itoa(e.Line-1)))
		}
	case csvscan.NotNumber:
		out.Problem = fieldexp.BadCell
		if _, wide := csvscan.ParseNumber(e.Cell); wide {
			out.Message = fmt.Sprintf("%q is not a number that can be told from its neighbours", e.Cell)
			out.Remedy = []fieldexp.Hint{"name the column's type in {Types}: text if it is an identifier, number if it may be rounded"}
			break
		}
		out.Remedy = sc.otherReadings(e)
	case csvscan.NotTime:
		out.Problem = fieldexp.BadCell
		out.Remedy = append([]fieldexp.Hint{addLayout}, sc.otherReadings(e)...)
		if isNumber(e.Cell) {
			out.Remedy = []fieldexp.Hint{countedTime}
		}
	}
	if guessed && out.Problem == fieldexp.BadCell {
		out.Message += guess
	}
	return out
}

// otherReadings are the ways to read a cell that is not of its column's kind.
func (sc *schema) otherReadings(e *csvscan.Error) []fieldexp.Hint {
	return []fieldexp.Hint{"read it as missing by " + fieldexp.Setting("MissingValues", "", e.Cell),
		"read the column as text by " + fieldexp.Setting("Types", sc.names[e.Field], Categorical.String())}
}

// otherSeparator is a remedy when the header looks as if another separator is meant, or empty.
func (sc *schema) otherSeparator() fieldexp.Hint {
	if len(sc.names) == 1 {
		for _, c := range []string{";", "\t", "|"} {
			if strings.Contains(sc.names[0], c) {
				return "the fields seem to be separated otherwise: read them by " + fieldexp.Setting("Comma", "", commaName(c))
			}
		}
	}
	return ""
}

// plural writes a count with its noun.
func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun
}
