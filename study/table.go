package study

import (
	"slices"

	"github.com/fieldexp/fieldexp/report"
)

// Table is a table of a study.
type Table struct {
	ID string // its number in the study file; with "-common" for the second layout of a hetero table
	*report.Table
	// Outcomes names the outcome of each column, where columns are outcomes.
	Outcomes []string
}

// tableKinds lists the kinds of tables by their names in the study file.
func tableKinds() map[string]tableKind {
	return map[string]tableKind{
		"summary":     summaryTable,
		"usage":       usageTable,
		"balance":     balanceTable,
		"itt":         ittTable,
		"first-stage": firstStageTable,
		"late":        lateTable,
		"stages":      stagesTable,
		"weak":        weakTable,
		"weak-groups": weakGroupsTable,
		"compliers":   compliersTable,
		"hetero":      heteroTable,
		"event":       eventTable,
		"predictors":  predictorsTable,
		"prepost":     prepostTable,
		"mix":         mixTable,
	}
}

// newTable starts a table with what its spec says.
func (s *Study) newTable(t *TableSpec) *Table {
	return &Table{ID: t.Number, Table: &report.Table{Number: t.Number, Title: t.Title, Digits: t.Digits}}
}

// finish adds the notes that come last: the table's own, then the study's.
func (r *run) finish(t *Table, spec *TableSpec, notes ...string) []*Table {
	t.Small = report.SmallDigits // an effect on a small outcome is not 0.000
	t.Notes = slices.Concat(t.Notes, notes, spec.Notes, r.study.Notes)
	return []*Table{t}
}
