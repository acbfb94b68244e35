package report

import (
	"slices"

	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/internal/brief"
)

// SeparateGroups is a table of models that each group has to itself, a column for each outcome: the groups'
// first stages, how strong they are, and effects with the sets that hold where they are weak.
type SeparateGroups struct {
	Number, Title string
	Separated     *hetero.Separated
	Headers       []string                   // of the columns; the outcomes when empty
	Label         func(column string) string // names of columns for people; nil leaves them as they are
	// Tests are rows to add under the test that effects are equal.
	Tests  []Row
	Digits int
	Notes  []string
}

// Table lays the models out.
func (s SeparateGroups) Table() (*Table, error) {
	t := &Table{Number: s.Number, Title: s.Title, Digits: s.Digits}
	if s.Label == nil {
		s.Label = func(column string) string { return column }
	}
	for i, fit := range s.Separated.Fits {
		header := fit.Outcome
		if len(s.Headers) > 0 {
			header = s.Headers[i]
		}
		t.Columns = append(t.Columns, Column{Header: header})
	}
	usage := s.Label(s.Separated.Regressor)
	t.Sections = []Section{
		s.byGroup("First stage: "+brief.InSentence(usage), func(g *hetero.GroupModelFit) Cell {
			return Coefficient(g.FirstStage)
		}),
		s.byGroup("Effective F", func(g *hetero.GroupModelFit) Cell { return statistic(g.Strength.Statistic, g.Strength.Reason) }),
		s.byGroup("Effect of "+brief.InSentence(usage), func(g *hetero.GroupModelFit) Cell { return effectWithSet(g.Effect, g.AndersonRubin) }),
		{Rows: append([]Row{s.row("p, equal effects (J)", func(f *hetero.SeparateFit) Cell { return ofTest(f.Equality) })}, cloneRows(s.Tests)...)},
		s.byGroup(RowObservations, func(g *hetero.GroupModelFit) Cell { return Count(g.Model.N) }),
	}
	first := s.Separated.Fits[0].Groups[0].Model
	errors := first.Covariance.Kind.String()
	if len(first.Clusters) > 0 {
		errors = "clustered by " + clusterNames(first) + " (" + errors + ")"
	}
	t.Notes = slices.Concat(s.Notes, []string{"Each group is estimated from its own rows alone, with controls and effects of its own",
		"Standard errors in parentheses, " + errors + ", of the group's own rows; beneath those of effects, in braces, the Anderson-Rubin confidence set, which has its level however weak the group's first stage is",
		"J tests that assignment in each group agrees about one effect, and divides by no group's own first stage"})
	return t, nil
}

// row asks each outcome for a cell.
func (s *SeparateGroups) row(label string, cell func(*hetero.SeparateFit) Cell) Row {
	r := Row{Label: label}
	for i := range s.Separated.Fits {
		r.Cells = append(r.Cells, cell(&s.Separated.Fits[i]))
	}
	return r
}

// byGroup asks each outcome for a cell for each group.
func (s *SeparateGroups) byGroup(title string, cell func(*hetero.GroupModelFit) Cell) Section {
	section := Section{Title: title}
	for g, label := range s.Separated.Groups {
		section.Rows = append(section.Rows, s.row(label, func(f *hetero.SeparateFit) Cell { return cell(&f.Groups[g]) }))
	}
	return section
}
