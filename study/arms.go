package study

import (
	"fmt"
	"math"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/itt"
)

// armNumber holds, where arms have names, the number of the unit's arm: 0 for control, 1 and on for the others.
const armNumber = "number of the arm"

// readArms finds out the arms of a frame, and refuses an assignment without which there is no study. Arms with names get
// numbers.
func (r *run) readArms(f *data.Frame) error {
	s := r.study
	kind, err := f.Kind(s.Roles.Assignment)
	if err != nil {
		return err
	}
	if kind == data.Float {
		r.arms = []string{"Control", "Treatment"}
		_, err = itt.CheckAssignment(f, s.Roles.Assignment, nil, true)
		return err
	}
	arms, of, err := itt.ArmsOf(f, s.Roles.Assignment, s.Roles.ControlArm)
	if err != nil {
		return err
	}
	r.arms, r.named, r.largest = nil, true, 1
	for i, arm := range arms {
		if r.arms = append(r.arms, arm.Label); i > 0 && arm.Rows > arms[r.largest].Rows {
			r.largest = i
		}
	}
	numbers := make([]float64, len(of))
	for i, arm := range of {
		numbers[i] = float64(arm)
		if arm < 0 {
			numbers[i] = missing
		}
	}
	return f.SetFloats(armNumber, numbers)
}

// warnOfNoArm warns of units, or rows where there are no units, that have no arm.
func (r *run) warnOfNoArm() error {
	arm, err := r.armOf(r.units)
	if err != nil {
		return err
	}
	without := 0
	for _, a := range arm {
		if math.IsNaN(a) {
			without++
		}
	}
	if n := len(arm); without > 0 && without < n {
		what := r.study.Words.Unit
		if r.study.ready() && r.units == r.cells[r.study.period()] {
			what = "row"
		}
		has, is := "have", "are"
		if without == 1 {
			has, is = "has", "is"
		}
		r.remark("%s of %s %ss %s no %s and %s left out of what compares arms.", brief.Count(without), brief.Count(n), what, has, r.study.Roles.Assignment, is)
	}
	return nil
}

// remark warns of something that is no matter of one table. Where tables are printed alone, it stands in their notes.
func (r *run) remark(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	r.out.Warnings = with(r.out.Warnings, Warning{Message: text})
	if r.study.file == "" {
		r.remarks = with(r.remarks, "Warning: "+text)
	}
}

// say notes what was done with the data, and where tables are printed alone in their notes.
func (r *run) say(text string) {
	r.said = with(r.said, text)
	if r.study.file == "" {
		r.remarks = with(r.remarks, text)
	}
}

// armOf is the arm of each row: 0 for control, 1 for the treated or, where there are several arms, the number of one.
func (r *run) armOf(f *data.Frame) ([]float64, error) {
	if r.named {
		return f.Floats(armNumber)
	}
	return f.Floats(r.study.Roles.Assignment)
}

// armLabel is what tables call the arm that is compared with control.
func (r *run) armLabel(arm int) string {
	if r.named {
		return r.arms[arm]
	}
	return capital(r.study.label(r.study.Roles.Assignment))
}

// twoArms refuses a kind that compares two arms where there are more.
func (r *run) twoArms() error {
	if len(r.arms) <= 2 {
		return nil
	}
	column := r.study.Roles.Assignment
	return &fieldexp.Error{Op: "study", Problem: fieldexp.ManyArms, Columns: []string{column}, Count: len(r.arms),
		Message: fmt.Sprintf("it compares two arms, and assignment %q has %d: %s", column, len(r.arms), strings.Join(r.arms, ", ")),
		Remedy: []fieldexp.Hint{fieldexp.Hint(fmt.Sprintf("keep two arms in {Derive}, as in ['%s', '%s', 'both = t + c', 'treat = t / both'], which leaves the others out, and name treat in {Assignment}",
			indicator("t", column, r.arms[r.largest]), indicator("c", column, r.arms[0])))}}
}

// indicator derives a column that is 1 for a level of another.
func indicator(name, column, level string) data.Derivation {
	return data.Derivation{Name: name, Op: data.OpIndicator, Columns: []string{column}, Quoted: true, Text: level}
}
