package itt

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/brief"
)

// controlNames are levels that name the control arm whatever the other arms are called.
var controlNames = []string{
	"control", "controls", "control group", "control arm", "pure control", "ctrl", "ctl", "comparison", "comparison group",
	"placebo", "placebo group", "placebo arm", "untreated", "not treated", "non treated", "nontreated", "no treatment", "unexposed", "unassigned",
}

// controlPairs are levels of which the first is control where the second is the only other arm.
var controlPairs = [][2]string{
	{"false", "true"}, {"f", "t"}, {"no", "yes"}, {"n", "y"}, {"off", "on"}, {"without", "with"}, {"0", "1"}, {"c", "t"}, {"c", "e"},
	{"holdout", "treatment"}, {"holdout", "treated"}, {"hold out", "treatment"}, {"hold out", "treated"}, {"waitlist", "treatment"}, {"wait list", "treatment"},
	{"disabled", "enabled"}, {"inactive", "active"},
}

// negations begin the name of an arm that is without what the other has: not selected, unexposed, no letter.
var negations = []string{"not ", "non ", "no ", "without ", "never ", "un", "non", "dis"}

// findControl is the place in levels of the control arm that their names tell, or -1 where they do not.
func findControl(levels []string) int {
	names := make([]string, len(levels))
	for i, level := range levels {
		names[i] = plainName(level)
	}
	var found []int
	for i, name := range names {
		if slices.Contains(controlNames, name) {
			found = append(found, i)
		}
	}
	switch {
	case len(found) == 1:
		return found[0]
	case len(found) > 1 || len(names) != 2:
		return -1
	}
	for i := range names {
		if negates(names[i], names[1-i]) || slices.Contains(controlPairs, [2]string{names[i], names[1-i]}) {
			return i
		}
	}
	return -1
}

// negates reports whether a name is a negation of another, of which it says at least four letters.
func negates(name, other string) bool {
	return slices.ContainsFunc(negations, func(no string) bool {
		short := len(other) < 4 && !strings.HasSuffix(no, " ")
		return !short && (name == no+other || no == "without " && name == no+strings.TrimPrefix(other, "with "))
	})
}

// plainName is a level as names are compared: in small letters, with single blanks for marks between words, and numbers
// as R and pandas may write them.
func plainName(level string) string {
	name := strings.Join(strings.Fields(strings.NewReplacer("_", " ", "-", " ", ".", " ").Replace(strings.ToLower(level))), " ")
	if number, err := strconv.ParseFloat(level, 64); err == nil {
		name = strconv.FormatFloat(number, 'g', -1, 64)
	}
	return name
}

// fold is a level without what spelling alone makes different: case, and blanks.
func fold(level string) string { return strings.Join(strings.Fields(strings.ToLower(level)), " ") }

// SameSpelling reports whether two levels of a text column differ by case or blanks only: rarely two things, and mostly
// one that was written in two ways.
func SameSpelling(a, b string) bool { return a != b && fold(a) == fold(b) }

// control finds the control arm among arms, by the name that is given or by theirs, and refuses arms of which it cannot
// be told.
func (a *assigned) control(named string) (int, error) {
	if named != "" {
		at := slices.IndexFunc(a.arms, func(arm Arm) bool { return arm.Label == named })
		if at < 0 {
			return 0, &fieldexp.Error{Op: "itt", Problem: fieldexp.BadSpec, Columns: []string{a.column},
				Message: fmt.Sprintf("assignment %q has no arm %q", a.column, named),
				Remedy:  []fieldexp.Hint{fieldexp.Hint("name one of its arms: " + listArms(a.arms, false))}}
		}
		return at, nil
	}
	labels := make([]string, len(a.arms))
	for i, arm := range a.arms {
		labels[i] = arm.Label
	}
	at := findControl(labels)
	if at < 0 && len(labels) > 1 {
		return 0, &fieldexp.Error{Op: "itt", Problem: fieldexp.NoControlArm, Columns: []string{a.column}, Count: len(labels),
			Message: fmt.Sprintf("which arm of assignment %q is control cannot be told from their names: %s", a.column, listArms(a.arms, true)),
			Remedy:  []fieldexp.Hint{fieldexp.Hint(fmt.Sprintf("name the one with which the others are compared in {ControlArm}: %s", alternativesOf(labels)))}}
	}
	return max(at, 0), nil
}

// checkSpelling refuses arms that differ by case or blanks only.
func (a *assigned) checkSpelling() error {
	var alike []Arm
	for _, arm := range a.arms {
		if slices.ContainsFunc(a.arms, func(other Arm) bool { return SameSpelling(arm.Label, other.Label) }) {
			alike = append(alike, arm)
		}
	}
	if len(alike) == 0 {
		return nil
	}
	slices.SortStableFunc(alike, func(a, b Arm) int { return cmp.Compare(fold(a.Label), fold(b.Label)) })
	return &fieldexp.Error{Op: "itt", Problem: fieldexp.BadValues, Columns: []string{a.column}, Count: len(alike),
		Message: fmt.Sprintf("arms of assignment %q differ by case or blanks only: %s", a.column, listArms(alike, true)),
		Remedy:  []fieldexp.Hint{"write each arm in one way in the file"}}
}

// alternativesOf quotes names of which one is meant, where they are few.
func alternativesOf(labels []string) string {
	quoted := make([]string, min(len(labels), 5))
	for i := range quoted {
		quoted[i] = strconv.Quote(labels[i])
	}
	if len(labels) > len(quoted) {
		return strings.Join(quoted, ", ") + " or another"
	}
	last := len(quoted) - 1
	return strings.Join(quoted[:last], ", ") + " or " + quoted[last]
}

// listArms names arms, with their rows if wanted, twenty at most. Names that hold blanks at their ends are quoted.
func listArms(arms []Arm, rows bool) string {
	var list []string
	for i, arm := range arms {
		if i == 20 {
			list = append(list, fmt.Sprintf("and %s more", brief.Count(len(arms)-i)))
			break
		}
		label := arm.Label
		if rows {
			label = fmt.Sprintf("%q (%s %s)", label, brief.Count(arm.Rows), plural("row", arm.Rows))
		}
		list = append(list, label)
	}
	return strings.Join(list, ", ")
}

// plural is a word for a number of things.
func plural(word string, n int) string {
	if n == 1 {
		return word
	}
	return word + "s"
}
