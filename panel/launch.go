package panel

import (
	"fmt"
	"strconv"
	"time"

	"github.com/fieldexp/fieldexp/data"
)

// launchRule tells the rows before the launch: by their instant, or by a 0/1 column.
type launchRule struct {
	launch    time.Time
	preColumn string
	time      string // column of instants, for launch
}

// open returns the rule for the rows of a frame. earlier is the number of rows in earlier chunks,
// for errors. A missing mark, or a missing instant, is not before the launch.
func (l launchRule) open(f *data.Frame, earlier int64) (func(row int) (bool, error), error) {
	if l.preColumn != "" {
		marks, err := f.Floats(l.preColumn)
		if err != nil {
			return nil, err
		}
		return func(row int) (bool, error) {
			if v := marks[row]; v != 0 && v != 1 && v == v {
				return false, columnError(l.preColumn, earlier+int64(row)+1,
					strconv.FormatFloat(v, 'g', -1, 64)+" is neither 0 nor 1", "mark the rows before the launch by 1, the others by 0")
			}
			return marks[row] == 1, nil
		}, nil
	}
	times, err := f.Instants(l.time)
	if err != nil {
		return nil, err
	}
	launch := l.launch.UnixNano()
	return func(row int) (bool, error) {
		return times[row] < launch && times[row] != data.MissingTime, nil
	}, nil
}

// String names the rule for people.
func (l launchRule) String() string {
	if l.preColumn != "" {
		return fmt.Sprintf("row that %q marks by 1", l.preColumn)
	}
	return "row before the launch, " + instantLabel(l.launch.UnixNano())
}
