package report

import (
	"fmt"
	"slices"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/iv"
)

// SplitGroups is a table of effects by group where groups are made from one part of the data and effects
// estimated from the other, averaged over splits; a column for each outcome.
type SplitGroups struct {
	Number, Title string
	Result        *hetero.SplitResult
	Headers       []string                   // of the columns; the outcomes when empty
	Label         func(column string) string // names of columns for people; nil leaves them as they are
	Digits        int
	Notes         []string
	Words         fieldexp.Words // what warnings call settings; their names in Go when nil
}

// Table lays the averages out.
func (s SplitGroups) Table() (*Table, error) {
	t := &Table{Number: s.Number, Title: s.Title, Digits: s.Digits}
	if s.Label == nil {
		s.Label = func(column string) string { return column }
	}
	r := s.Result
	row := func(label string, cell func(*hetero.SplitFit) Cell) Row {
		list := Row{Label: label}
		for i := range r.Fits {
			list.Cells = append(list.Cells, cell(&r.Fits[i]))
		}
		return list
	}
	estimate := func(of func(*hetero.SplitFit) iv.Coefficient) func(*hetero.SplitFit) Cell {
		return func(f *hetero.SplitFit) Cell { return Estimate(of(f).Estimate, of(f).SE, of(f).P) }
	}
	for i, fit := range r.Fits {
		header := fit.Outcome
		if len(s.Headers) > 0 {
			header = s.Headers[i]
		}
		t.Columns = append(t.Columns, Column{Header: header})
	}
	regressor := s.Label(r.Regressor)
	differences := Section{Rows: []Row{row(regressor, estimate(func(f *hetero.SplitFit) iv.Coefficient { return f.Base }))}}
	impacts, stages := Section{Title: "Impact by group"}, Section{Title: "First stage by group"}
	for g, label := range r.Groups {
		if g > 0 {
			differences.Rows = append(differences.Rows, row(regressor+" × "+label, estimate(func(f *hetero.SplitFit) iv.Coefficient { return f.Interactions[g-1] })))
		}
		impacts.Rows = append(impacts.Rows, row("Impact on "+label, estimate(func(f *hetero.SplitFit) iv.Coefficient { return f.Impacts[g] })))
		if r.Fits[0].FirstStages != nil {
			stages.Rows = append(stages.Rows, row(label, estimate(func(f *hetero.SplitFit) iv.Coefficient { return f.FirstStages[g] })))
		}
	}
	t.Sections = []Section{differences, impacts}
	if len(stages.Rows) > 0 {
		t.Sections = append(t.Sections, stages)
	}
	t.Sections = append(t.Sections, Section{Rows: []Row{
		row("Trend per group", estimate(func(f *hetero.SplitFit) iv.Coefficient { return f.Trend })),
		row("p, equal effects", func(f *hetero.SplitFit) Cell { return ofTest(f.Equality) }),
	}})
	t.Notes = slices.Concat(s.Notes, r.Notes(), s.spread())
	for _, w := range r.Warnings {
		t.Notes = append(t.Notes, "Warning: "+w.In(s.Words))
	}
	return t, nil
}

// spread says how much of the averages is owed to the draw of the splits.
func (s *SplitGroups) spread() []string {
	largest := 0.0
	for _, f := range s.Result.Fits {
		for k, se := range f.MonteCarloSE {
			if own := f.Impacts[k].SE; own > 0 && se/own > largest { // not where one split has no spread
				largest = se / own
			}
		}
	}
	if largest == 0 {
		return nil
	}
	return []string{fmt.Sprintf("That splits are random moves an impact by at most %.2g of its standard error.", largest)}
}
