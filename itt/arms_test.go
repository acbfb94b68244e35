package itt_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/studytest"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/panel"
)

// TestControlByName: the names of arms tell which is control, in either order of rows; where they do not it is asked for,
// with levels and counts.
func TestControlByName(t *testing.T) {
	for _, c := range []struct{ control, others string }{
		{"control", "treatment"}, {"Control", "Treatment"}, {"CONTROL", "a b"}, {"control", "treatment holdout"}, {"ctrl", "treat"},
		{"FALSE", "TRUE"}, {"False", "True"}, {"F", "T"}, {"no", "yes"}, {"N", "Y"}, {"Off", "On"}, {"0", "1"}, {"0.0", "1.0"},
		{"untreated", "treated"}, {"Not treated", "Treated"}, {"not_treated", "treated"}, {"non-treated", "treated"}, {"no treatment", "treatment"},
		{"placebo", "drug"}, {"Placebo", "10mg 20mg"}, {"Not assigned", "Assigned"}, {"unassigned", "assigned"}, {"not exposed", "exposed"}, {"Unexposed", "Exposed"},
		{"Not selected", "Selected"}, {"no letter", "letter"}, {"uninvited", "invited"}, {"without tool", "with tool"}, {"holdout", "treatment"}, {"C", "T"},
	} {
		arms := append([]string{c.control}, strings.Fields(c.others)...)
		if len(arms) == 3 && strings.HasSuffix(c.control, "tool") {
			arms = []string{c.control, c.others}
		}
		for _, order := range [][]string{arms, reversed(arms)} {
			var f data.Frame
			must(t, f.SetStrings("arm", slices.Concat(order, order, order[:1])))
			got, err := itt.CheckAssignment(&f, "arm", nil, false)
			if err != nil || got[0].Label != c.control {
				t.Errorf("%q: arms %v, %v, want %q first", order, got, err, c.control)
			}
		}
	}
	for _, arms := range [][]string{{"A", "B"}, {"a", "b", "c"}, {"control", "placebo"}, {"blue", "green"}, {"0", "1", "2"}, {"yes", "no", "maybe"}, {"der", "under"}, {"1", "2"}} {
		var f data.Frame
		must(t, f.SetStrings("arm", slices.Concat(arms, arms[1:])))
		_, err := itt.CheckAssignment(&f, "arm", nil, false)
		refused(t, err, fieldexp.NoControlArm, fmt.Sprintf("%q (1 row)|%q (2 rows)|ControlArm", arms[0], arms[1]))
		if got, _, err := itt.ArmsOf(&f, "arm", arms[1]); err != nil || got[0].Label != arms[1] {
			t.Errorf("%q with the control arm %q: %v, %v", arms, arms[1], got, err)
		}
	}
}

// TestSpellingOfArms: arms that differ by case or blanks only are refused with their counts, whichever is named control;
// names that differ otherwise are not.
func TestSpellingOfArms(t *testing.T) {
	for name, arms := range map[string][]string{
		"case": {"control", "treatment", "Treatment"}, "blank at the end": {"control", "treatment", "treatment "},
		"blanks within": {"control", "new tool", "new  tool"}, "of control": {"Control", "control", "a"},
	} {
		for _, control := range []string{"", arms[0]} {
			var f data.Frame
			must(t, f.SetStrings("arm", slices.Concat(arms, arms)))
			_, _, err := itt.ArmsOf(&f, "arm", control)
			refused(t, err, fieldexp.BadValues, "differ by case or blanks only|(2 rows)")
			if strings.Contains(err.Error(), `"control" (`) != (name == "of control") {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	var f data.Frame
	must(t, f.SetStrings("arm", []string{"control", "treatment", "treatment2", "treatments"}))
	if _, _, err := itt.ArmsOf(&f, "arm", ""); err != nil {
		t.Error(err)
	}
}

func reversed(list []string) []string {
	list = slices.Clone(list)
	slices.Reverse(list)
	return list
}

// TestRowsAndNamesDoNotMatter: in another order of rows, and with other names of arms where the control arm is named,
// effects and standard errors are the same.
func TestRowsAndNamesDoNotMatter(t *testing.T) {
	f := office(t)
	draw := rand.New(rand.NewPCG(7, 1))
	want := estimate(t, f, itt.Spec{Outcomes: []string{"y"}, Assignment: "arm", Controls: []string{"x"}, Cluster: []string{"agent"}})
	codes, levels, err := f.Codes("arm")
	must(t, err)
	names := map[string]string{"Control": "zz", "text": "B", "voice": "a"}
	for range 20 {
		rows := draw.Perm(f.Len())
		shuffled := f.Take(rows)
		arms := make([]string, len(rows))
		for i, row := range rows {
			if codes[row] >= 0 {
				arms[i] = names[levels[codes[row]]]
			}
		}
		must(t, shuffled.SetStrings("renamed", arms))
		for assignment, control := range map[string]string{"arm": "", "renamed": "zz"} {
			got := estimate(t, shuffled, itt.Spec{Outcomes: []string{"y"}, Assignment: assignment, ControlArm: control, Controls: []string{"x"}, Cluster: []string{"agent"}})
			for _, arm := range []string{"text", "voice"} {
				name := arm
				if assignment == "renamed" {
					name = names[arm]
				}
				a, err := want.ArmEffect("y", arm)
				must(t, err)
				b, err := got.ArmEffect("y", name)
				must(t, err)
				studytest.Near(t, name, b.Estimate, a.Estimate, same, 1)
				studytest.Near(t, name+" s.e.", b.SE, a.SE, same, 0)
			}
		}
	}
}

// TestEventReference: the reference is the last whole period before the launch that is observed in both arms, of each
// outcome by itself; one that is asked for must be such a period.
func TestEventReference(t *testing.T) {
	f := office(t)
	number, z, y := column(t, f, "number"), column(t, f, "z"), column(t, f, "y")
	without := func(none func(i int) bool) []float64 {
		values := slices.Clone(y)
		for i := range values {
			if none(i) {
				values[i] = math.NaN()
			}
		}
		return values
	}
	must(t, f.SetFloats("shut", without(func(i int) bool { return number[i] == 2 })))                 // nobody the day before
	must(t, f.SetFloats("one arm", without(func(i int) bool { return number[i] == 2 && z[i] == 0 }))) // one arm alone
	must(t, f.SetFloats("alone", without(func(i int) bool { return number[i] < 3 && z[i] == 1 })))    // no control with treated
	spec := itt.EventSpec{Spec: itt.Spec{Outcomes: []string{"y", "shut", "one arm"}, Assignment: "z", Time: "day", Launch: mid}, Unit: "agent"}
	together, err := itt.EventStudy(context.Background(), f, spec)
	must(t, err)
	for i, want := range []int{-1, -2, -2} {
		if got := together[i]; got.Reference != want || !strings.Contains(got.Notes()[0], fmt.Sprintf("period %d.", want)) {
			t.Errorf("%s: reference %d, notes %q, want %d", got.Outcome, got.Reference, got.Notes()[0], want)
		}
		named := spec
		named.Outcomes, named.Reference = spec.Outcomes[i:i+1], want
		if again := eventStudy(t, f, named); !slices.EqualFunc(again.Coefficients, together[i].Coefficients, func(a, b iv.Coefficient) bool { return a == b }) {
			t.Errorf("%s: effects are not those with the reference %d named", again.Outcome, want)
		}
	}
	spec.Outcomes = []string{"alone"}
	_, err = itt.EventStudy(context.Background(), f, spec)
	refused(t, err, fieldexp.NoReference, `no whole period before the launch|"alone"|runs from -3 to 2`)

	noon := spec
	noon.Outcomes, noon.Launch = []string{"y"}, mid.Add(-12*time.Hour)
	if got := eventStudy(t, f, noon); got.Reference != -2 {
		t.Errorf("a launch at noon of the day before: reference %d, want -2", got.Reference)
	}
	noon.Reference = -1
	_, err = itt.EventStudy(context.Background(), f, noon)
	refused(t, err, fieldexp.NoReference, "the launch falls within the reference period -1|leave Reference out")
	if noon.Step != panel.Day {
		t.Error("the step is not a day")
	}
}
