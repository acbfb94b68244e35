package itt

import (
	"fmt"
	"slices"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// Design is a Spec read against a frame: the arms, the regressors that carry the effects, and the
// checks that all estimators of assignment share. Estimate makes one itself; it is exported for
// packages that use assignment otherwise, such as late, where it is an instrument.
type Design struct {
	Spec Spec
	// Frame is the caller's frame with the columns that the design adds; the caller's own is
	// left as it was.
	Frame *data.Frame
	Arms  []Arm // the first is control
	// Terms names the regressors of interest, one for each arm but control: the assignment column
	// itself, or the treated column of a difference-in-differences; with several arms, one column
	// name=arm for each.
	Terms []string
	// MainEffects names the regressors that a difference-in-differences adds, where no absorbed
	// effect holds them constant: assignment, and the indicator of rows since the launch.
	MainEffects []string

	assigned   *assigned
	post       post   // nil without a launch
	launch     string // what messages and terms call it
	interacted bool   // controls have their own slopes in each arm: Lin
	counted    *counted
}

// NewDesign reads a Spec against a frame and refuses what cannot be estimated: assignment that
// CheckAssignment refuses, a launch outside the data, effects that absorb the treatment. The error
// is a *fieldexp.Error.
func NewDesign(f *data.Frame, spec Spec) (*Design, error) {
	a, err := readAssignment(f, spec.Assignment, spec.ControlArm, spec.Rows)
	if err != nil {
		return nil, err
	}
	d := &Design{Spec: spec, Frame: f, Arms: a.arms, assigned: a, counted: new(counted)}
	if !spec.MixedClusters {
		if _, err := a.nestedIn(f, spec.Cluster); err != nil {
			return nil, err
		}
	}
	if spec.differences() {
		if d.post, d.launch, err = readPost(f, a, &spec); err != nil {
			return nil, err
		}
	}
	held, err := d.heldConstant()
	if err != nil {
		return nil, err
	}
	return d, d.addColumns(held)
}

// With is the design with another covariance.
func (d *Design) With(cov iv.Covariance) *Design {
	changed := *d
	changed.Spec.Covariance = cov
	return &changed
}

// held says which parts of a difference-in-differences the absorbed effects hold constant.
type held struct{ assignment, post bool }

// heldConstant looks for absorbed effects within whose groups assignment, the launch, or the
// treatment itself are constant, and refuses the last.
func (d *Design) heldConstant() (h held, err error) {
	exposure := d.exposure()
	for _, effect := range d.Spec.Absorb {
		if len(effect) == 0 {
			continue // refused by iv.Estimate
		}
		g, err := groupRows(d.Frame, effect)
		if err != nil {
			return h, err
		}
		if mix(exposure, g).mixed == 0 {
			return h, d.spannedBy(effect)
		}
		h.assignment = h.assignment || d.post != nil && mix(d.assigned.codes, g).mixed == 0
		h.post = h.post || d.post != nil && mix(d.post, g).mixed == 0
	}
	return h, nil
}

// exposure is the arm that each row is exposed to: its own or, before a launch, control.
func (d *Design) exposure() []int32 {
	if d.post == nil {
		return d.assigned.codes
	}
	codes := make([]int32, len(d.post))
	for i, c := range d.assigned.codes {
		switch {
		case c < 0 || d.post[i] < 0:
			codes[i] = -1
		case d.post[i] == 1:
			codes[i] = c
		}
	}
	return codes
}

// spannedBy explains that an absorbed effect leaves nothing of the treatment.
func (d *Design) spannedBy(effect iv.Effect) error {
	e := &fieldexp.Error{Op: "itt", Problem: fieldexp.Spanned, Columns: append([]string{d.Spec.Assignment}, effect...)}
	if d.post == nil {
		e.Message = fmt.Sprintf("%s effects span assignment %q: it is constant within every %s, so nothing is left to estimate its effect from", effect, d.Spec.Assignment, effect)
		e.Remedy = []fieldexp.Hint{"do not absorb them", "set {Time} and {Launch} for a difference-in-differences"}
		return e
	}
	e.Message = fmt.Sprintf("%s effects span the treatment: assignment %q from %s on is constant within every %s", effect, d.Spec.Assignment, d.launch, effect)
	e.Remedy = []fieldexp.Hint{"absorb coarser effects, such as those of unit and of period"}
	return e
}

// addColumns adds the regressors of interest and the main effects that nothing holds constant.
func (d *Design) addColumns(h held) error {
	if d.post == nil && d.assigned.numeric {
		d.Terms = []string{d.Spec.Assignment}
		return nil
	}
	d.Frame = d.Frame.Clone()
	name, remedy := d.Spec.Assignment, fieldexp.Hint("rename the column")
	if d.post != nil {
		name, remedy = d.Spec.treatedName(), "set {TreatedName} to another name"
	}
	for _, arm := range d.otherArms() {
		term := d.armTerm(name, arm)
		if err := setNew(d.Frame, term, d.assigned.indicator(arm, d.post), remedy); err != nil {
			return err
		}
		d.Terms = append(d.Terms, term)
	}
	if d.post == nil {
		return nil
	}
	if !h.assignment && !slices.Contains(d.Spec.Controls, d.Spec.Assignment) {
		if err := d.addAssignment(); err != nil {
			return err
		}
	}
	if !h.post {
		return d.addPost()
	}
	return nil
}

// otherArms lists the places of the arms but control.
func (d *Design) otherArms() []int32 {
	list := make([]int32, len(d.Arms)-1)
	for i := range list {
		list[i] = int32(i + 1)
	}
	return list
}

// armTerm names the regressor of an arm: the name alone for 0/1 assignment.
func (d *Design) armTerm(name string, arm int32) string {
	if d.assigned.numeric {
		return name
	}
	return name + "=" + d.Arms[arm].Label
}

// addAssignment makes assignment itself a regressor.
func (d *Design) addAssignment() error {
	for _, arm := range d.otherArms() {
		name := d.armTerm(d.Spec.Assignment, arm)
		if !d.assigned.numeric {
			if err := setNew(d.Frame, name, d.assigned.indicator(arm, nil), "rename the column"); err != nil {
				return err
			}
		}
		d.MainEffects = append(d.MainEffects, name)
	}
	return nil
}

// addPost makes the indicator of rows since the launch a regressor.
func (d *Design) addPost() error {
	name := d.Spec.Time + ">=" + d.launch
	if err := setNew(d.Frame, name, d.post.indicator(), "rename the column"); err != nil {
		return err
	}
	d.MainEffects = append(d.MainEffects, name)
	return nil
}

// Exposed reports whether a row's unit was assigned to an arm other than control and, in a
// difference-in-differences, the row is at or past the launch. It is not known where assignment or
// time is missing.
func (d *Design) Exposed(row int) (exposed, known bool) {
	arm := d.assigned.codes[row]
	if arm < 0 || d.post != nil && d.post[row] < 0 {
		return false, false
	}
	return arm > 0 && d.Launched(row), true
}

// Arm is the place in Arms of the arm that a row was assigned to, whether it is treated yet or not; -1 where assignment is
// missing, and in rows that the Spec leaves out.
func (d *Design) Arm(row int) int { return int(d.assigned.codes[row]) }

// Launched reports whether a row is at or past the launch; it is always so without one.
func (d *Design) Launched(row int) bool { return d.post == nil || d.post[row] == 1 }
