package data

import (
	"fmt"
	"time"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/refuse"
)

// FromGota copies a gota DataFrame. Its float, integer and boolean columns become Float columns
// (true is 1), its strings Categorical ones; what gota calls NA is missing, and so is the empty
// string. Times come as strings: gota has no other.
func FromGota(df dataframe.DataFrame) (*Frame, error) {
	if df.Err != nil {
		return nil, &fieldexp.Error{Op: "data", Problem: fieldexp.BadSpec,
			Message: "the gota data frame is not valid: " + df.Err.Error(), Err: df.Err}
	}
	names := df.Names()
	if len(names) == 0 {
		return nil, &fieldexp.Error{Op: "data", Problem: fieldexp.BadSpec,
			Message: "the gota data frame has no columns",
			Remedy:  []fieldexp.Hint{"give one that has columns"}}
	}
	f := &Frame{}
	for _, name := range names {
		s := df.Col(name)
		var err error
		switch s.Type() {
		case series.Float, series.Int, series.Bool:
			err = f.SetFloats(name, s.Float())
		case series.String:
			err = f.SetStrings(name, gotaStrings(s))
		default:
			err = refuse.Column("data", fieldexp.BadColumn, name, 0,
				fmt.Sprintf("has the gota type %q", s.Type()), "make it float or string")
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

// ToGota copies the columns into a gota DataFrame. Float columns become float series. Categorical
// columns become string series, and so do times, written as WriteCSV writes them. Missing values
// are NaN, which gota takes for missing in strings too; a level "NaN" is therefore lost. A nil frame is an
// Err.
func (f *Frame) ToGota() dataframe.DataFrame {
	if f == nil {
		return dataframe.DataFrame{Err: noFrame()}
	}
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
	return dataframe.New(out...)
}

// gotaMissing is how gota writes a missing value.
const gotaMissing = "NaN"
