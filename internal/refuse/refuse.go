// Package refuse words refusals of columns and cells, the same for every package.
package refuse

import (
	"fmt"

	"github.com/fieldexp/fieldexp"
)

// Column is the error of a column or, where a row is given (counted from 1), of its cell there. The
// predicate continues a sentence that begins with the column: column "rating" holds text, not numbers.
func Column(op string, problem fieldexp.Problem, column string, row int64, predicate string, remedy ...fieldexp.Hint) *fieldexp.Error {
	e := &fieldexp.Error{Op: op, Problem: problem, Columns: []string{column}, Row: int(row), Remedy: remedy}
	if row > 0 {
		e.Message = fmt.Sprintf("row %d, column %s: %s", row, Cell(column), predicate)
	} else {
		e.Message = fmt.Sprintf("column %s %s", Cell(column), predicate)
	}
	return e
}
