package data

import (
	"fmt"
	"time"

	"github.com/go-gota/gota/series"
)

// GotaFrame is what FromGota needs of a gota dataframe.DataFrame, which satisfies it. The package of
// data frames itself is not imported, since it brings a reader of HTML along.
type GotaFrame interface {
	Names() []string
	Nrow() int
	Col(name string) series.Series
}

// FromGota copies a gota DataFrame. Its float, integer and boolean columns become Float columns
// (true is 1), its strings Categorical ones; what gota calls NA is missing, and so is the empty
// string. Times come as strings: gota has no other.
func FromGota(df GotaFrame) (*Frame, error) {
	names := df.Names()
	if len(names) == 0 {
		return nil, &ColumnError{Problem: "the gota data frame has no columns", Remedy: "look at its Err"}
	}
	f := &Frame{}
	for _, name := range names {
		s := df.Col(name)
		if s.Err != nil {
			return nil, &ColumnError{Column: name, Problem: "is not readable in gota: " + s.Err.Error(), Err: s.Err}
		}
		if f.Has(name) {
			return nil, &ColumnError{Column: name, Problem: "is twice in the gota data frame", Remedy: "rename one of the two"}
		}
		var err error
		switch s.Type() {
		case series.Float, series.Int, series.Bool:
			err = f.SetFloats(name, s.Float())
		case series.String:
			err = f.SetStrings(name, gotaStrings(s))
		default:
			err = &ColumnError{Column: name, Problem: fmt.Sprintf("has the gota type %q", s.Type()), Remedy: "make it float or string"}
		}
		if err != nil {
			return nil, err
		}
	}
	return f, nil
}

// gotaStrings is the text of a string series, empty where missing.
func gotaStrings(s series.Series) []string {
	texts := s.Records()
	for i, missing := range s.IsNaN() {
		if missing {
			texts[i] = ""
		}
	}
	return texts
}

// ToGota copies the columns into gota series, from which dataframe.New makes a DataFrame:
//
//	df := dataframe.New(frame.ToGota()...)
//
// Float columns become float series. Categorical columns become string series, and so do times,
// written as WriteCSV writes them. Missing values are NaN, which gota takes for missing in strings
// too; a level "NaN" is therefore lost.
func (f *Frame) ToGota() []series.Series {
	out := make([]series.Series, len(f.cols))
	for i := range f.cols {
		c := &f.cols[i]
		switch c.kind {
		case Float:
			out[i] = series.New(c.floats, series.Float, c.name)
		case Categorical:
			texts := make([]string, f.n)
			for row, code := range c.codes {
				texts[row] = gotaMissing
				if code >= 0 {
					texts[row] = c.levels[code]
				}
			}
			out[i] = series.New(texts, series.String, c.name)
		case Time:
			texts := make([]string, f.n)
			layout := timeLayout(c.times)
			for row, t := range c.times {
				texts[row] = gotaMissing
				if t != MissingTime {
					texts[row] = time.Unix(0, t).UTC().Format(layout)
				}
			}
			out[i] = series.New(texts, series.String, c.name)
		}
	}
	return out
}

// gotaMissing is how gota writes a missing value.
const gotaMissing = "NaN"
