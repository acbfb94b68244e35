package panel

import (
	"fmt"

	"github.com/fieldexp/fieldexp/data"
)

// columnError says what is wrong with a column of the events or of the panel. Rows are counted
// from 1 over all the chunks that were added.
func columnError(column string, row int64, problem, remedy string) error {
	return fmt.Errorf("panel: %w", &data.ColumnError{Column: column, Row: int(row), Problem: problem, Remedy: remedy})
}
