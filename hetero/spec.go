package hetero

import (
	"fmt"
	"slices"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
)

// TimeEffects says whether groups share the effects of the periods.
type TimeEffects int

const (
	// GroupSpecific gives each group its own effect of each period: the treated units of a group
	// are compared with the controls of the same group. It is the default.
	GroupSpecific TimeEffects = iota
	// Common makes the effects of the periods the same in all groups: the treated units of a
	// group are compared with the controls of all groups. It mistakes regression to the mean for
	// heterogeneity (see the package documentation); it is here because published tables use it.
	Common
)

// String is the word that tables print.
func (t TimeEffects) String() string {
	switch t {
	case GroupSpecific:
		return "group-specific"
	case Common:
		return "common"
	}
	return fmt.Sprintf("TimeEffects(%d)", int(t))
}

// Spec says which effects to estimate by group: the spec of an intention-to-treat effect, the column of groups
// and, for effects of usage, that of usage. Outcomes, Assignment and Group are required; the zero value of every
// other field is a sound default. Assignment has two arms; of several, keep the rows of control and of one
// other in Rows. Controls have the same coefficient in every group, and Absorb lists the fixed effects that all groups
// have in common: those of units, of issues. The period's belong in Period.
type Spec struct {
	itt.Spec
	// Usage is the column of what units did with what they were assigned. Set, the effects are
	// those of usage, instrumented by assignment in each group (LATE); empty, they are those of
	// assignment (ITT).
	Usage string
	// Estimator is two-stage least squares unless it says otherwise, of effects of usage.
	Estimator   iv.Estimator
	FullerAlpha float64 // constant of Fuller's estimator; 0 means 1

	// Group is the column of groups, such as the quintiles Q1 to Q5 that panel.Groups makes of a
	// baseline. Rows without a group are left out and counted.
	//
	// The groups are in the order of the column's levels or, if these are numbers or a word and
	// a number (Q1, Q2, ..., Q10), in that of the numbers; the first is the base.
	//
	// The baseline must be measured before the launch. One that is measured after it is itself
	// an outcome, and effects by its groups are biased; nothing in the data can show this.
	Group string
	// Period is the column of the panel's periods. Its fixed effects are absorbed, by group or in
	// common as TimeEffects says. Empty means Time; without both, no fixed effect of periods is absorbed.
	Period      string
	TimeEffects TimeEffects
	// SkipConsistency leaves out the check of the group effects against the pooled effect, which
	// costs two more estimations.
	SkipConsistency bool
}

// period is the column whose effects are absorbed; empty for none.
func (s *Spec) period() string {
	if s.Period == "" {
		return s.Time
	}
	return s.Period
}

// periodEffect is the common effect of the period, if there is one.
func (s *Spec) periodEffect() []iv.Effect {
	if s.period() == "" {
		return nil
	}
	return []iv.Effect{{s.period()}}
}

// otherEffects are those to absorb beside the period's, which may be named among them too.
func (s *Spec) otherEffects() (effects []iv.Effect) {
	for _, e := range s.Absorb {
		if s.period() == "" || !slices.Equal(e, iv.Effect{s.period()}) {
			effects = append(effects, e)
		}
	}
	return effects
}

// withoutGroups are the other effects of a model without groups: each without the column of groups.
func (s *Spec) withoutGroups() (effects []iv.Effect) {
	for _, e := range s.otherEffects() {
		e = slices.DeleteFunc(slices.Clone(e), func(column string) bool { return column == s.Group })
		if len(e) > 0 && !slices.ContainsFunc(effects, func(o iv.Effect) bool { return slices.Equal(o, e) }) {
			effects = append(effects, e)
		}
	}
	return effects
}

// check refuses specs that no data could satisfy.
func (s *Spec) check() error {
	bad := func(message string, remedy fieldexp.Hint, columns ...string) error {
		return &fieldexp.Error{Op: "hetero", Problem: fieldexp.BadSpec, Columns: columns,
			Message: message,
			Remedy:  []fieldexp.Hint{remedy}}
	}
	switch {
	case len(s.Outcomes) == 0:
		return bad("no outcome is named", "set {Outcomes}")
	case s.Group == "":
		return bad("no group is named", "set {Group} to a column of groups, such as quantile groups of a baseline")
	case s.TimeEffects != GroupSpecific && s.TimeEffects != Common:
		return bad(fmt.Sprintf("unknown time effects %v", s.TimeEffects), "use {GroupSpecific} or {Common}")
	case s.Usage != "" && s.Usage == s.Assignment:
		return bad(fmt.Sprintf("column %q is named as usage and as assignment", s.Usage),
			"leave {Usage} out for effects of assignment", s.Usage)
	}
	for _, role := range []struct{ name, what string }{{s.Usage, "usage"}, {s.Assignment, "assignment"}, {s.Group, "the group"}} {
		if role.name != "" && slices.Contains(s.Outcomes, role.name) {
			return bad(fmt.Sprintf("column %q is named as an outcome and as %s", role.name, role.what),
				"give each column one role", role.name)
		}
	}
	for _, name := range s.Controls {
		if name == s.Usage || name == s.Group {
			return bad(fmt.Sprintf("column %q is named as a control and as usage or group", name),
				"give each column one role, since each group's own level is in the model already", name)
		}
	}
	return nil
}
