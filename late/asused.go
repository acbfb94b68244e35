package late

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
)

// AsUsedAmongAssigned regresses each outcome by ordinary least squares on usage, controls and
// absorbed effects over the rows that were treated alone: those assigned to an arm other than
// control and, in a difference-in-differences, at or past the launch. It is what a study without
// controls would have reported, and no effect of usage: the assigned choose whether to use. Set
// against Estimate, it shows how far that choice misleads (Jones, Molitor and Reif 2019, table 4).
//
// The results' coefficient of interest is the term named by the spec's Usage; its Estimator does
// not matter.
func AsUsedAmongAssigned(ctx context.Context, f *data.Frame, spec Spec) ([]*iv.Result, error) {
	d, err := itt.NewDesign(f, spec.Spec)
	if err != nil {
		return nil, err
	}
	weights, err := spec.weights(f)
	if err != nil {
		return nil, err
	}
	u, err := readUsage(d, spec.Usage, weights)
	if err != nil {
		return nil, err
	}
	if s := u.exposed; s.lowest == s.highest {
		return nil, u.sameAmongAssigned()
	}
	model := d.Model()
	model.Rows = func(row int) bool {
		exposed, _ := d.Exposed(row)
		return exposed
	}
	model.Exogenous = append([]string{spec.Usage}, spec.Controls...) // main effects are constant here
	fits, err := iv.Estimate(ctx, d.Frame, model)
	var e *fieldexp.Error
	if errors.As(err, &e) && e.Problem == fieldexp.Collinear && slices.Contains(e.Columns, spec.Usage) {
		return nil, u.spannedAmongAssigned("", err)
	}
	if err != nil {
		return nil, err
	}
	for _, fit := range fits {
		if !slices.Contains(fit.Terms, spec.Usage) {
			return nil, u.spannedAmongAssigned(fit.Outcome, nil)
		}
	}
	return fits, nil
}

func (u *usage) sameAmongAssigned() error {
	return &fieldexp.Error{Op: "late", Problem: fieldexp.NoVariation, Columns: []string{u.column, u.design.Spec.Assignment}, Count: u.exposed.known(),
		Message: fmt.Sprintf("usage %q is %g in all %s treated rows", u.column, u.exposed.lowest, brief.Count(u.exposed.known())),
		Remedy:  []fieldexp.Hint{"measure usage by its amount, if those who were assigned differ in it"}}
}

func (u *usage) spannedAmongAssigned(outcome string, cause error) error {
	over := ""
	if outcome != "" {
		over = fmt.Sprintf(" with outcome %q", outcome)
	}
	return &fieldexp.Error{Op: "late", Problem: fieldexp.NoVariation, Columns: []string{u.column}, Err: cause,
		Message: fmt.Sprintf("over the treated rows%s, controls and absorbed effects leave nothing of usage %q", over, u.column),
		Remedy:  []fieldexp.Hint{"take out the controls or effects that repeat it"}}
}
