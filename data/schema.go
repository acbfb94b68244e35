package data

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/fieldexp/fieldexp/internal/csvscan"
)

// schema is what is known of a file's columns before its rows are read.
type schema struct {
	source string
	names  []string        // of the fields of the file
	fields []csvscan.Field // what to do with each
	order  []int           // fields in the order of the frame's columns
}

// newSchema matches the header with the options.
func newSchema(s *csvscan.Scanner, source string, opt *ReadOptions) (*schema, error) {
	sc := &schema{source: source, fields: make([]csvscan.Field, len(s.Header))}
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
	find := func(name, where string) (int, error) {
		i, ok := first[name]
		switch {
		case !ok:
			return 0, &ColumnError{Source: source, Column: name, Problem: "is not in the header, but in " + where,
				Remedy: cmp.Or(sc.otherSeparator(), suggestName(name, sc.names))}
		case twice[name]:
			return 0, &ColumnError{Source: source, Line: s.HeaderLine, Column: name, Problem: "stands twice in the header",
				Remedy: "rename one of the two"}
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
		i, err := find(name, "Columns")
		if err != nil {
			return nil, err
		}
		if slices.Contains(sc.order, i) {
			return nil, &ColumnError{Source: source, Column: name, Problem: "stands twice in Columns", Remedy: "name it once"}
		}
		sc.order = append(sc.order, i)
		sc.fields[i].Kind = csvscan.Infer
	}
	for _, name := range slices.Sorted(maps.Keys(opt.Types)) {
		kind := opt.Types[name]
		i, err := find(name, "Types")
		if err != nil {
			return nil, err
		}
		scanned, ok := scanKind(kind)
		if !ok {
			return nil, &ColumnError{Source: source, Column: name, Problem: kind.String() + " is not a kind of column",
				Remedy: "use Float, Categorical or Time"}
		}
		if sc.fields[i].Kind != csvscan.Skip {
			sc.fields[i].Kind = scanned
		}
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
	out := &ColumnError{Source: sc.source, Line: e.Line, Problem: e.Error(), Err: e}
	guessed := false
	if e.Problem != csvscan.Ragged && e.Field < len(sc.names) {
		out.Column = sc.names[e.Field]
		guessed = sc.fields[e.Field].Guessed
	}
	switch e.Problem {
	case csvscan.BareQuote, csvscan.QuoteInQuotes:
		out.Remedy = "put the field in quotes and double the quotes in it"
	case csvscan.OpenQuote:
		out.Remedy = "close the quote"
	case csvscan.LongRecord:
		out.Remedy = "look for a quote that is not closed"
	case csvscan.Ragged:
		out.Problem = fmt.Sprintf("has %s, the header has %d", plural(e.Field, "field"), len(sc.names))
		out.Remedy = cmp.Or(sc.otherSeparator(), "put fields that hold a separator in quotes")
	case csvscan.NotNumber:
		out.Remedy = "name it in MissingValues to read it as missing, or name the column's type as text"
		if _, wide := csvscan.ParseNumber(e.Cell); wide {
			out.Problem = fmt.Sprintf("%q is not a number that can be told from its neighbours", e.Cell)
			out.Remedy = "name the column's type in Types: text if it is an identifier, number if it may be rounded"
		} else if guessed {
			out.Problem += ", for which the column was taken from its first rows"
			out.Remedy = "name the column's type in Types, or name the cell in MissingValues to read it as missing"
		}
	case csvscan.NotTime:
		out.Remedy = "add its layout to Layouts, name it in MissingValues to read it as missing, or name the column's type as text"
		if guessed {
			out.Problem += ", for which the column was taken from its first rows"
			out.Remedy = "name the column's type in Types, add the layout to Layouts, or name the cell in MissingValues to read it as missing"
		}
	}
	return out
}

// otherSeparator is a remedy when the header looks as if another separator is meant, or empty.
func (sc *schema) otherSeparator() string {
	if len(sc.names) == 1 {
		for _, c := range []string{";", "\t", "|"} {
			if strings.Contains(sc.names[0], c) {
				return fmt.Sprintf("set Comma to %q, which seems to separate the fields", c)
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
