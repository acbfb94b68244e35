package itt

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/internal/parallel"
)

// Arm is a group that units were assigned to.
type Arm struct {
	Label string // 0 and 1 for numeric assignment, the level's name for text
	Rows  int    // rows of the frame with that assignment
}

// CheckAssignment looks at an assignment column before anything is estimated with it, and returns
// the arms with their number of rows. A column of numbers must hold 0 and 1, where 0 is control. A
// column of text has an arm for each level that occurs, and the first arm is control: the one whose name says so (see
// Spec.ControlArm). The others are in the order of their names.
//
// Standard errors are right only if the errors are clustered at the level at which assignment was
// drawn. So, where clusters are named (as in iv.Spec.Cluster), assignment must be constant within
// the groups of at least one of them; mixed leaves that check out, for designs that assign within
// clusters on purpose. Rows with a missing assignment or cluster are left out of the check.
//
// The error is a *fieldexp.Error (NoAssignment, OneArm, NotBinary, MixedCluster; NoControlArm where names of arms do not tell
// which is control, BadValues where two differ by case or blanks only).
func CheckAssignment(f *data.Frame, assignment string, clusters []string, mixed bool) ([]Arm, error) {
	a, err := readAssignment(f, assignment, "", nil)
	if err != nil {
		return nil, err
	}
	if !mixed {
		if _, err := a.nestedIn(f, clusters); err != nil {
			return nil, err
		}
	}
	return a.arms, nil
}

// ArmsOf is CheckAssignment without a check of clusters, and with a control arm that may be named (as in Spec.ControlArm);
// it also returns the place among the arms of each row's, -1 where assignment is missing.
func ArmsOf(f *data.Frame, assignment, control string) (arms []Arm, of []int32, err error) {
	a, err := readAssignment(f, assignment, control, nil)
	if err != nil {
		return nil, nil, err
	}
	return a.arms, a.codes, nil
}

// assigned is an assignment column: the arm of each row.
type assigned struct {
	column  string
	numeric bool
	arms    []Arm
	codes   []int32 // place in arms of each row's assignment, -1 where missing
}

// readAssignment codes the arms of an assignment column, control first. A control label chooses
// the control arm of a text column; empty is the usual rule. Rows that rows leaves out, if it is set,
// count as missing.
func readAssignment(f *data.Frame, column, control string, rows func(row int) bool) (*assigned, error) {
	if column == "" {
		return nil, &fieldexp.Error{Op: "itt", Problem: fieldexp.BadSpec,
			Message: "no assignment is named",
			Remedy:  []fieldexp.Hint{"set {Assignment} to the 0/1 column that says who was assigned"}}
	}
	kind, err := f.Kind(column)
	if err != nil {
		return nil, err
	}
	a := &assigned{column: column, numeric: kind == data.Float}
	if a.numeric {
		if control != "" {
			return nil, &fieldexp.Error{Op: "itt", Problem: fieldexp.BadSpec, Columns: []string{column},
				Message: fmt.Sprintf("a control arm %q for assignment %q, which holds numbers", control, column),
				Remedy:  []fieldexp.Hint{"leave {ControlArm} out: 0 is control", "read the column as text by {Types}"}}
		}
		err = a.readNumbers(f, rows)
	} else {
		err = a.readLevels(f, control, rows)
	}
	if err != nil {
		return nil, err
	}
	return a, a.checkArms()
}

// readNumbers codes a column of zeros and ones.
func (a *assigned) readNumbers(f *data.Frame, rows func(row int) bool) error {
	g, err := f.Group(a.column)
	if err != nil {
		return err
	}
	if a.codes = only(g.Codes, rows); !slices.Equal(g.Labels, []string{"0", "1"}) {
		if err := a.numbersToCodes(f); err != nil {
			return err
		}
	}
	count := parallel.Count(a.codes, 2)
	a.arms = []Arm{{Label: "0", Rows: count[0]}, {Label: "1", Rows: count[1]}}
	return nil
}

// only marks the rows that are left out as missing, in a copy.
func only(codes []int32, rows func(row int) bool) []int32 {
	if rows == nil {
		return codes
	}
	kept := make([]int32, len(codes))
	// The context is never cancelled, so there is no error.
	_ = parallel.Blocks(context.Background(), len(codes), func(from, to int) {
		for i := from; i < to; i++ {
			if kept[i] = -1; rows(i) {
				kept[i] = codes[i]
			}
		}
	})
	return kept
}

// numbersToCodes codes zeros and ones in rows that are not marked as missing, and refuses other
// numbers.
func (a *assigned) numbersToCodes(f *data.Frame) error {
	values, err := f.Floats(a.column)
	if err != nil {
		return err
	}
	codes := make([]int32, len(values))
	var others []float64
	wrong, first := 0, 0
	for i, v := range values {
		switch {
		case a.codes[i] < 0:
			codes[i] = -1
		case v == 0 || v == 1:
			codes[i] = int32(v)
		default:
			if wrong++; wrong == 1 {
				first = i
			}
			if len(others) < 6 && !slices.Contains(others, v) {
				others = append(others, v)
			}
		}
	}
	a.codes = codes
	if wrong > 0 {
		return &fieldexp.Error{Op: "itt", Problem: fieldexp.NotBinary, Columns: []string{a.column}, Count: wrong,
			Message: fmt.Sprintf("assignment %q holds %s beside 0 and 1, in %s row(s), the first being row %d", a.column, someValues(others), brief.Count(wrong), first+1),
			Remedy:  []fieldexp.Hint{"code it 1 for assigned and 0 for not", "read it as names of arms by " + fieldexp.Setting("Types", a.column, data.Categorical.String()) + " and name that of control in {ControlArm}"}}
	}
	return nil
}

// someValues names up to five values for a message, in ascending order.
func someValues(values []float64) string {
	more := len(values) > 5
	values = slices.Sorted(slices.Values(values[:min(len(values), 5)]))
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = strconv.FormatFloat(v, 'g', -1, 64)
	}
	if more {
		list = append(list, "and others")
	}
	return strings.Join(list, ", ")
}

// readLevels codes the levels of a column of text, or the values of one of times.
func (a *assigned) readLevels(f *data.Frame, control string, rows func(row int) bool) error {
	codes, levels, err := f.Codes(a.column)
	if err != nil {
		return err
	}
	codes = only(codes, rows)
	count := parallel.Count(codes, len(levels))
	for l, rows := range count {
		if rows > 0 {
			a.arms = append(a.arms, Arm{Label: levels[l], Rows: rows})
		}
	}
	slices.SortFunc(a.arms, func(a, b Arm) int { return brief.CompareLevels(a.Label, b.Label) }) // whatever the order of rows
	if err := a.checkSpelling(); err != nil {
		return err
	}
	at, err := a.control(control)
	if err != nil {
		return err
	}
	if len(a.arms) > 0 {
		arm := a.arms[at]
		a.arms = slices.Insert(slices.Delete(a.arms, at, at+1), 0, arm)
	}
	place := make(map[string]int32, len(a.arms))
	for i, arm := range a.arms {
		place[arm.Label] = int32(i)
	}
	of := make([]int32, len(levels))
	for l, label := range levels {
		of[l] = place[label]
	}
	a.codes = make([]int32, len(codes))
	for i, c := range codes {
		a.codes[i] = -1
		if c >= 0 {
			a.codes[i] = of[c]
		}
	}
	return nil
}

// checkArms refuses a column with fewer than two arms.
func (a *assigned) checkArms() error {
	var present []Arm
	total := 0
	for _, arm := range a.arms {
		total += arm.Rows
		if arm.Rows > 0 {
			present = append(present, arm)
		}
	}
	switch len(present) {
	case 0:
		return &fieldexp.Error{Op: "itt", Problem: fieldexp.NoAssignment, Columns: []string{a.column}, Count: len(a.codes),
			Message: fmt.Sprintf("assignment %q is missing in all %s rows", a.column, brief.Count(len(a.codes))),
			Remedy:  []fieldexp.Hint{"check how the column was joined and how missing values are marked in the file"}}
	case 1:
		message := fmt.Sprintf("assignment %q is %s in all %s rows", a.column, present[0].Label, brief.Count(total))
		if missing := len(a.codes) - total; missing > 0 {
			message += fmt.Sprintf(" (%s more have none)", brief.Count(missing))
		}
		return &fieldexp.Error{Op: "itt", Problem: fieldexp.OneArm, Columns: []string{a.column}, Count: total, Message: message,
			Remedy: []fieldexp.Hint{"check the filters before the estimation, since an effect of assignment needs units that were assigned and units that were not"}}
	}
	return nil
}
