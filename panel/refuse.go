package panel

import (
	"github.com/fieldexp/fieldexp"
	words "github.com/fieldexp/fieldexp/internal/refuse"
)

// columnError says what is wrong with a column of the events or of the panel. Rows are counted
// from 1 over all the chunks that were added.
func columnError(column string, row int64, predicate string, remedy ...fieldexp.Hint) error {
	problem := fieldexp.BadColumn
	if row > 0 {
		problem = fieldexp.BadCell
	}
	return words.Column("panel", problem, column, row, predicate, remedy...)
}

// refuse is the error of events or a spec of which no panel can be made.
// taken refuses to add a column that is there.
func taken(column string, remedy fieldexp.Hint) error {
	return words.Column("panel", fieldexp.ColumnTaken, column, 0, "is there already", remedy)
}

func refuse(problem fieldexp.Problem, message string, remedy ...fieldexp.Hint) error {
	return &fieldexp.Error{Op: "panel", Problem: problem, Message: message, Remedy: remedy}
}
