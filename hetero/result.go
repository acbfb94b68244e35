package hetero

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/iv"
)

// Result holds effects by group. Its fields are for reading.
type Result struct {
	// Regressor is the column whose effects they are: usage or, for an ITT, the assignment (from
	// the launch on, where there is one).
	Regressor string
	// GroupColumn is the column of groups, and Groups lists them in their order; the first is
	// the base.
	GroupColumn string
	Groups      []string
	TimeEffects TimeEffects
	Period      string // the column whose effects are absorbed; empty for none
	// Ungrouped counts what was left out for want of a group.
	Ungrouped Ungrouped
	Fits      []Fit // one for each outcome, in the order of Spec.Outcomes
	// Warnings are those of the design and of all fits, each once.
	Warnings []fieldexp.Warning

	design *design // without its frame; for With
}

// Ungrouped counts what has no group, such as units that were not observed before the launch.
type Ungrouped struct {
	Rows     int
	Clusters int // of the first clustering, with no group in any row; 0 where nothing is clustered
}

// Fit holds the effects on one outcome by group.
type Fit struct {
	Outcome string
	// Model is the regression that the effects are of: its terms "<regressor> in <group>" are the
	// impacts. Whatever package iv offers for a result (another covariance, other tests) can be
	// had from it, but for tests of instruments: those of each group are had from Separate.
	Model *iv.Result

	Base         iv.Coefficient   // the effect in the first group
	Interactions []iv.Coefficient // the effect in each other group minus that in the first
	Impacts      []iv.Coefficient // the effect in each group

	// Equality tests that the effect is the same in all groups: a Wald F test with the degrees of
	// freedom of Spec.Covariance or, with CR2 and CR3, the approximate Hotelling test (AHT).
	Equality iv.Test
	// Trend is the slope of the effects on the rank of the group: the least-squares line through
	// the impacts, each counted once. It is the linear contrast, and finds effects that rise or
	// fall with the baseline with more power than Equality, which looks for any difference.
	Trend iv.Coefficient

	Groups []Group
	// Consistency holds the group effects against the pooled effect; nil if it was skipped.
	Consistency *Consistency
	Warnings    []fieldexp.Warning
}

// Fit is that of an outcome. The error names the outcomes that there are.
func (r *Result) Fit(outcome string) (*Fit, error) {
	names := make([]string, len(r.Fits))
	for i := range r.Fits {
		if r.Fits[i].Outcome == outcome {
			return &r.Fits[i], nil
		}
		names[i] = r.Fits[i].Outcome
	}
	return nil, noOutcome(outcome, names)
}

// Effect is refused, since there is one for each group: use GroupEffect.
func (r *Result) Effect(outcome string) (iv.Coefficient, error) {
	if _, err := r.Fit(outcome); err != nil {
		return iv.Coefficient{}, err
	}
	return iv.Coefficient{}, byGroup(outcome, r.Groups)
}

// GroupEffect is the effect on an outcome in a group. The error names the outcomes or groups that there are.
func (r *Result) GroupEffect(outcome, group string) (iv.Coefficient, error) {
	fit, err := r.Fit(outcome)
	if err != nil {
		return iv.Coefficient{}, err
	}
	return groupEffect(outcome, group, r.Groups, fit.Impacts)
}

// Effects lists the effects in the order of the outcomes and, within an outcome, of the groups.
func (r *Result) Effects() (list []iv.Coefficient) {
	for _, f := range r.Fits {
		list = append(list, f.Impacts...)
	}
	return list
}

// byGroup refuses to speak of the effect on an outcome that has one in each group.
func byGroup(outcome string, groups []string) error {
	return &fieldexp.Error{Op: "hetero", Problem: fieldexp.BadSpec, Columns: []string{outcome}, Count: len(groups),
		Message: fmt.Sprintf("effects on %q are by group, so there is not one effect", outcome),
		Remedy: []fieldexp.Hint{fieldexp.Hint("name the group in {GroupEffect}: " +
			strings.Join(groups, ", "))}}
}

// groupEffect is the effect of a group among those of all.
func groupEffect(outcome, group string, groups []string, effects []iv.Coefficient) (iv.Coefficient, error) {
	if k := slices.Index(groups, group); k >= 0 {
		return effects[k], nil
	}
	return iv.Coefficient{}, &fieldexp.Error{Op: "hetero", Problem: fieldexp.BadSpec,
		Columns: []string{outcome}, Group: group,
		Message: fmt.Sprintf("there is no effect on %q in group %q", outcome, group),
		Remedy:  []fieldexp.Hint{fieldexp.Hint("name one of " + strings.Join(groups, ", "))}}
}

// noOutcome says that nothing was estimated for an outcome.
func noOutcome(outcome string, outcomes []string) error {
	return &fieldexp.Error{Op: "hetero", Problem: fieldexp.BadSpec, Columns: []string{outcome},
		Message: fmt.Sprintf("there is no estimate for outcome %q", outcome),
		Remedy:  []fieldexp.Hint{fieldexp.Hint("name one of " + strings.Join(outcomes, ", "))}}
}

// With is the result with another covariance, computed without the rows (see iv.Result.With):
// impacts, interactions, tests and first stages change with it. The consistency check keeps its
// own.
func (r *Result) With(cov iv.Covariance) (*Result, error) {
	changed := *r
	changed.Fits = make([]Fit, len(r.Fits))
	for i, f := range r.Fits {
		model, err := f.Model.With(cov)
		if err != nil {
			return nil, err
		}
		fit := Fit{Outcome: f.Outcome, Groups: slices.Clone(f.Groups), Consistency: f.Consistency}
		if err := fit.fill(r.design, model); err != nil {
			return nil, err
		}
		if fit.Consistency != nil {
			fit.warnConsistency(r.design)
		}
		changed.Fits[i] = fit
	}
	changed.collectWarnings()
	return &changed, nil
}

// collectWarnings lists the warnings of the design and of the fits, each once.
func (r *Result) collectWarnings() {
	r.Warnings = slices.Clone(r.design.warnings)
	for _, f := range r.Fits {
		for _, w := range f.Warnings {
			r.Warnings = brief.AddWarning(r.Warnings, w)
		}
	}
}
