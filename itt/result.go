package itt

import (
	"fmt"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/iv"
)

// Result holds intention-to-treat effects. Its fields are for reading.
type Result struct {
	Design *Design
	// Term is the regressor of interest; with several arms, that of the first after control
	// (Design.Terms has all).
	Term string
	// Fits are the regressions, one for each outcome in the order of Spec.Outcomes.
	Fits []*iv.Result
	// Warnings are those of the fits and of the design, each once.
	Warnings []fieldexp.Warning
}

// Fit is the regression of an outcome.
func (r *Result) Fit(outcome string) (*iv.Result, error) {
	return pick(r.Fits, outcome)
}

// pick finds the result of an outcome. The error names the outcomes that there are.
func pick(fits []*iv.Result, outcome string) (*iv.Result, error) {
	names := make([]string, len(fits))
	for i, fit := range fits {
		if fit.Outcome == outcome {
			return fit, nil
		}
		names[i] = fit.Outcome
	}
	return nil, &fieldexp.Error{Op: "itt", Problem: fieldexp.BadSpec, Columns: []string{outcome},
		Message: fmt.Sprintf("there is no estimate for outcome %q", outcome), Remedy: []fieldexp.Hint{fieldexp.Hint("name one of " + strings.Join(names, ", "))}}
}

// Effect is the effect of assignment on an outcome. With several arms it is refused: use ArmEffect.
func (r *Result) Effect(outcome string) (iv.Coefficient, error) {
	fit, err := r.Fit(outcome)
	if err != nil {
		return iv.Coefficient{}, err
	}
	if len(r.Design.Terms) > 1 {
		return iv.Coefficient{}, severalArms(r.Design.Spec.Assignment, r.Design.Arms)
	}
	return fit.Coefficient(r.Term)
}

// ArmEffect is the effect, on an outcome, of being assigned to an arm rather than to control.
func (r *Result) ArmEffect(outcome, arm string) (iv.Coefficient, error) {
	fit, err := r.Fit(outcome)
	if err != nil {
		return iv.Coefficient{}, err
	}
	i, err := armAt(r.Design.Spec.Assignment, r.Design.Arms, arm)
	if err != nil {
		return iv.Coefficient{}, err
	}
	return fit.Coefficient(r.Design.Terms[i-1])
}

// severalArms refuses to speak of the effect of an assignment that has one for each arm.
func severalArms(assignment string, arms []Arm) error {
	return &fieldexp.Error{Op: "itt", Problem: fieldexp.BadSpec, Columns: []string{assignment}, Count: len(arms),
		Message: fmt.Sprintf("assignment %q has %d arms, so there is not one effect", assignment, len(arms)),
		Remedy:  []fieldexp.Hint{fieldexp.Hint("name the arm in {ArmEffect}: " + strings.Join(armLabels(arms)[1:], ", "))}}
}

// armAt is the place of an arm beside control.
func armAt(assignment string, arms []Arm, label string) (int, error) {
	for i, arm := range arms {
		if i > 0 && arm.Label == label {
			return i, nil
		}
	}
	return 0, &fieldexp.Error{Op: "itt", Problem: fieldexp.BadSpec, Columns: []string{assignment},
		Message: fmt.Sprintf("assignment %q has no effect of arm %q", assignment, label),
		Remedy:  []fieldexp.Hint{fieldexp.Hint("name one of its arms beside control: " + strings.Join(armLabels(arms)[1:], ", "))}}
}

func armLabels(arms []Arm) []string {
	list := make([]string, len(arms))
	for i, arm := range arms {
		list[i] = arm.Label
	}
	return list
}

// Effects lists the effects in the order of the outcomes and, within an outcome, of the arms.
func (r *Result) Effects() []iv.Coefficient {
	var list []iv.Coefficient
	for _, fit := range r.Fits {
		for _, c := range fit.Coefficients() {
			for _, term := range r.Design.Terms {
				if c.Name == term {
					list = append(list, c)
				}
			}
		}
	}
	return list
}

// Joint tests that no arm has an effect on the outcome.
func (r *Result) Joint(outcome string) (iv.Test, error) {
	fit, err := r.Fit(outcome)
	if err != nil {
		return iv.Test{}, err
	}
	return fit.WaldZero(r.Design.Terms...)
}

// ArmsEqual tests that all arms have the same effect on the outcome. It needs two arms beside
// control.
func (r *Result) ArmsEqual(outcome string) (iv.Test, error) {
	fit, err := r.Fit(outcome)
	if err != nil {
		return iv.Test{}, err
	}
	return fit.WaldEqual(r.Design.Terms...)
}

// With is the result with another covariance, which is then that of the design's spec, too; see iv.Result.With.
func (r *Result) With(cov iv.Covariance) (*Result, error) {
	changed := *r
	changed.Design = r.Design.With(cov)
	changed.Fits = make([]*iv.Result, len(r.Fits))
	var err error
	for i, fit := range r.Fits {
		if changed.Fits[i], err = fit.With(cov); err != nil {
			return nil, err
		}
	}
	changed.Warnings, err = changed.Design.Warnings(changed.Fits)
	return &changed, err
}
