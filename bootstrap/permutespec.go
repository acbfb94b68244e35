package bootstrap

import (
	"fmt"
	"slices"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// Statistic is what randomisation inference compares between the data and the re-drawn assignments.
type Statistic int

const (
	// Studentised compares t statistics, with the clustered (or robust) standard error of each
	// draw. The test is exact for the sharp null that assignment changes nothing for anybody, and
	// in large experiments also holds its level when only the average effect is zero.
	Studentised Statistic = iota
	// Plain compares coefficients, as R's ri2 and Stata's ritest do: exact for the sharp null, and
	// not more than that.
	Plain
)

// String names the statistic.
func (s Statistic) String() string {
	switch s {
	case Studentised:
		return "t statistic"
	case Plain:
		return "coefficient"
	}
	return fmt.Sprintf("Statistic(%d)", int(s))
}

// PermuteSpec says which effects of assignment to test, and how assignment was drawn. Outcomes and
// Assignment are required, and Unit is whenever it was not each row that was assigned. The zero value
// of every other field is a sound default: 9,999 draws, complete randomisation of the units,
// studentised statistics.
type PermuteSpec struct {
	Outcomes []string
	// Assignment is a column of numbers: 0 and 1, or a dose. Of an experiment with more arms, compare
	// two at a time by filtering the frame.
	Assignment string
	// Post, when set, names a column by which assignment is multiplied: the indicator of the time
	// after the launch makes the model a difference-in-differences. What the arms and periods have in
	// common belongs into Absorb or Controls.
	Post string

	Controls []string    // text enters as indicators of its levels
	Absorb   []iv.Effect // effects of units, strata, periods

	Weights    string // column of weights; none when empty
	WeightKind iv.WeightKind

	// Unit is the column of the units that assignment was drawn for; when empty, each row is one.
	// Assignment must be constant within them. All units of the frame with a known assignment
	// are re-drawn, whether or not an outcome is known for them.
	Unit string
	// Strata names the columns within whose combinations the units were drawn: each has as many
	// units of each arm in every draw as in the data.
	Strata []string
	// Pairs is the column of matched pairs, of which one unit each was assigned.
	Pairs string
	// Own replaces random draws by the analyst's, for designs that are none of these: a row for
	// each draw, with the assignment of every unit in the order of OwnUnits (the units' labels), or
	// of the frame's rows where Unit is empty. Draws and Seed are not used.
	Own      [][]float64
	OwnUnits []string
	// OwnAll says that Own lists every assignment that could have been drawn, once each and the
	// data's among them: p-values are shares then.
	OwnAll bool

	Statistic Statistic
	// Cluster is the column by which standard errors are clustered; when empty, Unit. Without
	// either they are HC1. Units must be nested in it.
	Cluster string

	Draws int    // number of draws; 0 means 9,999
	Seed  uint64 // start of the random numbers

	Tail  Tail
	PRule PRule
	Ties  Ties
	Level float64 // of confidence sets; 0 means 0.95
	NoSet bool    // leaves out the confidence sets

	// Progress, when set, is told how many of the draws are done. It is called from one
	// goroutine at a time.
	Progress func(done, total int)
}

// check refuses specs that no data could satisfy, and fills in the defaults.
func (s *PermuteSpec) check(f *data.Frame) error {
	if s.Draws == 0 {
		s.Draws = defaultDraws
	}
	if s.Own != nil {
		s.Draws = len(s.Own)
	}
	if s.Level == 0 {
		s.Level = 0.95
	}
	if s.Cluster == "" {
		s.Cluster = s.Unit
	}
	if err := s.checkRoles(); err != nil {
		return err
	}
	switch {
	case s.Draws < minDraws && !s.OwnAll:
		return bad(fieldexp.BadSpec, fmt.Sprintf("%d draws", s.Draws), fieldexp.Hint(fmt.Sprintf("ask for at least %d (where there are fewer assignments, they are enumerated)", minDraws)),
			fieldexp.Hint(fmt.Sprintf("leave {Draws} out for %d", defaultDraws)))
	case s.OwnAll && len(s.Own) == 0:
		return bad(fieldexp.BadSpec, "all draws of your own are said to be given, and there are none",
			"list every assignment that could have been drawn in {Own}")
	case s.Own != nil && (len(s.Strata) > 0 || s.Pairs != ""):
		return bad(fieldexp.BadSpec, "draws of your own and strata or pairs",
			"leave {Strata} and {Pairs} out, since the draws say how assignment was drawn")
	case s.Own != nil && s.Unit != "" && s.OwnUnits == nil:
		return bad(fieldexp.BadSpec, "draws of your own without the order of the units",
			fieldexp.Hint("list the labels of "+s.Unit+" in {OwnUnits}, in the order of the draws' columns"))
	case s.OwnUnits != nil && (s.Own == nil || s.Unit == ""):
		return bad(fieldexp.BadSpec, "units of your own draws without the draws or without a column of units",
			"set {Own}, {OwnUnits} and {Unit}", "leave {OwnUnits} out")
	case len(s.Strata) > 0 && s.Pairs != "":
		return bad(fieldexp.BadSpec, "both strata and pairs", "name one of {Strata} and {Pairs}, since pairs are strata of two")
	case !(s.Level > 0 && s.Level < 1):
		return bad(fieldexp.BadSpec, fmt.Sprintf("a confidence level of %g", s.Level), "give a share between 0 and 1, such as 0.95")
	case s.Tail < Symmetric || s.Tail > EqualTailed || s.PRule < PlusOne || s.PRule > Share || s.Ties < TiesCount || s.Ties > TiesExcluded || s.Statistic < Studentised || s.Statistic > Plain:
		return bad(fieldexp.BadSpec, "an unknown statistic, tail, rule for p-values or rule for ties",
			"use the constants of {Statistic}, {Tail}, {PRule} and {Ties}")
	case s.WeightKind == iv.Frequency && s.Weights != "" && s.Unit == "":
		return bad(fieldexp.BadSpec, "frequency weights where each row is a unit of assignment",
			"write the rows out, since a row that stands for several units cannot be assigned as one",
			"name {Unit}")
	}
	kind, err := f.Kind(s.Assignment)
	if err != nil {
		return err
	}
	if kind != data.Float {
		return bad(fieldexp.BadSpec,
			fmt.Sprintf("assignment %q is a column of %s, not of numbers", s.Assignment, kind),
			"make an indicator of the arm whose effect is wanted, and keep the rows of that arm and control in {Rows}")
	}
	return nil
}

// checkRoles refuses columns without a role or with two.
func (s *PermuteSpec) checkRoles() error {
	if len(s.Outcomes) == 0 {
		return bad(fieldexp.BadSpec, "no outcome is named", "set {Outcomes}")
	}
	if s.Assignment == "" {
		return bad(fieldexp.BadSpec, "no assignment is named", "set {Assignment}")
	}
	named := slices.Concat(s.Outcomes, []string{s.Assignment}, s.Controls)
	if s.Post != "" && !slices.Contains(s.Controls, s.Post) {
		named = append(named, s.Post)
	}
	for i, name := range named {
		if slices.Contains(named[:i], name) {
			return bad(fieldexp.BadSpec,
				fmt.Sprintf("column %q is named twice among outcomes, assignment and controls", name),
				"give each column one role")
		}
	}
	return nil
}

// rule is the way from counts to p-values and sets.
func (s *PermuteSpec) rule() *WildSpec {
	return &WildSpec{Tail: s.Tail, PRule: s.PRule, Ties: s.Ties, Level: s.Level}
}
