package report

import (
	"math"
	"slices"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
)

// Means is a table of differences in means by the design of the experiment, a column for each outcome: the
// mean of control, the effect of each arm and, where assignment was drawn within blocks, its mean by
// precision beside that by size.
type Means struct {
	Number, Title string
	Result        *itt.MeansResult
	Headers       []string                   // of the columns; the outcomes when empty
	Label         func(column string) string // names of columns for people; nil leaves them as they are
	// Below holds lines to print beneath effects, for each outcome by the name of the effect.
	Below []map[string][]Line
	// ClusterLabels are the rows' labels for the count of a cluster column, as in RegressionOptions.
	ClusterLabels map[string]string
	Digits        int
	Notes         []string
	Words         fieldexp.Words // what warnings call settings; their names in Go when nil
}

// Table lays the comparison out.
func (m Means) Table() (*Table, error) {
	t := &Table{Number: m.Number, Title: m.Title, Digits: m.Digits}
	if m.Label == nil {
		m.Label = func(column string) string { return column }
	}
	for i, fit := range m.Result.Fits {
		header := fit.Outcome
		if len(m.Headers) > 0 {
			header = m.Headers[i]
		}
		t.Columns = append(t.Columns, Column{Header: header})
	}
	t.Sections = []Section{{Rows: m.effects()}}
	if m.Result.Spec.Blocks != "" {
		t.Sections = append(t.Sections, Section{Title: "Blocks weighted by precision", Rows: m.byPrecision()})
	}
	t.Sections = append(t.Sections, Section{Rows: m.counts()})
	t.Notes = slices.Concat(m.Notes, m.Result.Notes(), []string{"Standard errors in parentheses"}, m.explanations())
	return t, nil
}

// row asks each outcome for a cell.
func (m *Means) row(label string, cell func(outcome int, fit *itt.MeansFit) Cell) Row {
	r := Row{Label: label}
	for i, fit := range m.Result.Fits {
		r.Cells = append(r.Cells, cell(i, fit))
	}
	return r
}

// effects are the mean of control and the effects of the arms, with their degrees of freedom.
func (m *Means) effects() []Row {
	rows := []Row{m.row("Mean of control", func(_ int, fit *itt.MeansFit) Cell { return withSE(fit.Arms[0].Mean, fit.Arms[0].SE) })}
	for arm := range m.Result.Arms[1:] {
		rows = append(rows, m.row(m.arm(arm), func(i int, fit *itt.MeansFit) Cell {
			c := fit.Effects[arm]
			cell := Coefficient(c)
			if len(m.Below) > 0 {
				cell = cell.With(m.Below[i][c.Name]...)
			}
			return cell
		}), m.row("Degrees of freedom", func(_ int, fit *itt.MeansFit) Cell { return Number(fit.Effects[arm].DF).WithDigits(1) }))
	}
	return rows
}

// arm is the label of an effect: the assignment or, where there are several arms, the arm.
func (m *Means) arm(i int) string {
	if len(m.Result.Arms) > 2 {
		return m.Result.Arms[i+1].Label
	}
	return m.Label(m.Result.Spec.Assignment)
}

// byPrecision are the effects that a regression with block effects estimates.
func (m *Means) byPrecision() (rows []Row) {
	for arm := range m.Result.Arms[1:] {
		of := func(c func(*itt.StrataComparison) iv.Coefficient) func(int, *itt.MeansFit) Cell {
			return func(_ int, fit *itt.MeansFit) Cell {
				v := c(&fit.Strata[arm])
				return Coefficient(v)
			}
		}
		rows = append(rows, m.row(m.arm(arm), of(func(s *itt.StrataComparison) iv.Coefficient { return s.Precision })),
			m.row("Effect by size less this", of(func(s *itt.StrataComparison) iv.Coefficient { return s.Difference })))
	}
	return rows
}

// counts are the observations, the units that were assigned where rows are finer, and the blocks.
func (m *Means) counts() []Row {
	rows := []Row{m.row(RowObservations, func(_ int, fit *itt.MeansFit) Cell { return Count(fit.N) })}
	for _, cluster := range m.Result.Spec.Cluster {
		rows = append(rows, m.row(or(m.ClusterLabels[cluster], "Clusters ("+cluster+")"), func(_ int, fit *itt.MeansFit) Cell { return Count(fit.Units) }))
	}
	if blocks := m.Result.Spec.Blocks; blocks != "" {
		rows = append(rows, m.row("Blocks ("+blocks+")", func(_ int, fit *itt.MeansFit) Cell { return Count(len(fit.Blocks)) }))
	}
	return rows
}

// explanations say what the two means of the blocks' effects are, and what is warned of: among that, why they
// differ where they do by more than chance.
func (m *Means) explanations() (notes []string) {
	if m.Result.Spec.Blocks != "" {
		notes = append(notes, "By size the effect is the mean of that on all units; by precision, as in a regression with block effects, it is the same only if effects do not differ between blocks as the split does")
	}
	for _, w := range m.Result.Warnings {
		notes = append(notes, "Warning: "+w.In(m.Words))
	}
	return notes
}

// described is a share or a mean with its standard error, if it has one, beneath.
func described(c iv.Coefficient) Cell {
	if c.Reason != "" {
		c.SE = math.NaN()
	}
	return withSE(c.Estimate, c.SE)
}

// withSE is a number with its standard error, if it has one, beneath: a mean, which stars would say nothing
// about.
func withSE(x, se float64) Cell {
	if math.IsNaN(se) {
		return Number(x)
	}
	return Number(x).With(Line{Name: "se", Kind: LineNumber, Value: se})
}
