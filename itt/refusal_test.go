package itt_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
)

// office is a panel of 40 agents in 8 offices over 6 days from 2024-03-01, with columns that are
// wrong in every way that is refused.
func office(t *testing.T) *data.Frame {
	t.Helper()
	columns := map[string][]float64{}
	var day []int64
	arm, month := []string{}, []string{}
	for a := range 40 {
		for d := range 6 {
			z := float64(a % 2)
			for name, v := range map[string]float64{
				"agent": float64(a), "office": float64(a / 5), "z": z, "ones": 1, "dose": float64(a % 4), "none": math.NaN(),
				"copy": 1 - z, "y": float64((a*13+d*7)%11) + z, "x": float64((a*5 + d*3) % 7), "number": float64(d),
				"treatedonly": [2]float64{math.NaN(), float64((a*3 + d) % 5)}[a%2], "treated": 0,
			} {
				columns[name] = append(columns[name], v)
			}
			day = append(day, time.Date(2024, 3, 1+d, 0, 0, 0, 0, time.UTC).UnixNano())
			arm = append(arm, []string{"Control", "text", "voice"}[a%3])
			month = append(month, []string{"early", "late"}[d/3])
		}
	}
	f := frame(t, columns)
	must(t, f.SetInstants("day", day))
	must(t, f.SetStrings("arm", arm))
	must(t, f.SetStrings("half", month))
	return f
}

// mid splits the office's days into three before and three after.
var mid = time.Date(2024, 3, 4, 0, 0, 0, 0, time.UTC)

func TestRefusals(t *testing.T) {
	f := office(t)
	outcome := []string{"y"}
	for _, c := range []struct {
		name    string
		spec    itt.Spec
		problem fieldexp.Problem
		says    string // parts of the message, separated by |
	}{
		{"no assignment named", itt.Spec{Outcomes: outcome}, fieldexp.BadSpec, "no assignment is named"},
		{"one level", itt.Spec{Outcomes: outcome, Assignment: "ones"}, fieldexp.OneArm, `"ones" is 1 in all 240 rows`},
		{"missing everywhere", itt.Spec{Outcomes: outcome, Assignment: "none"}, fieldexp.NoAssignment, `"none" is missing in all 240 rows`},
		{"not 0/1", itt.Spec{Outcomes: outcome, Assignment: "dose"}, fieldexp.NotBinary, "holds 2, 3 beside 0 and 1|in 120 row(s)|row 13|name that of control"},
		{"unknown control arm", itt.Spec{Outcomes: outcome, Assignment: "arm", ControlArm: "tekst"}, fieldexp.BadSpec, `no arm "tekst"|name one of its arms: Control, text, voice`},
		{"control arm of numbers", itt.Spec{Outcomes: outcome, Assignment: "z", ControlArm: "0"}, fieldexp.BadSpec, "holds numbers|leave ControlArm out"},
		{"varies within cluster", itt.Spec{Outcomes: outcome, Assignment: "z", Cluster: []string{"office"}}, fieldexp.MixedCluster,
			`"z" varies within 8 of the 8 clusters of "office" (such as 0)|MixedClusters`},
		{"varies within both clusters", itt.Spec{Outcomes: outcome, Assignment: "z", Cluster: []string{"office", "day"}}, fieldexp.MixedCluster,
			`"office"|6 of the 6 clusters of "day" (such as 2024-03-01)`},
		{"launch before the data", itt.Spec{Outcomes: outcome, Assignment: "z", Time: "day", Launch: mid.AddDate(0, -1, 0)}, fieldexp.LaunchOutside,
			"the launch, 2024-02-04|from 2024-03-01 to 2024-03-06|no period is before it"},
		{"launch on the first day", itt.Spec{Outcomes: outcome, Assignment: "z", Time: "day", Launch: mid.AddDate(0, 0, -3)}, fieldexp.LaunchOutside, "no period is before it"},
		{"launch after the data", itt.Spec{Outcomes: outcome, Assignment: "z", Time: "day", Launch: mid.AddDate(1, 0, 0)}, fieldexp.LaunchOutside,
			"the launch, 2025-03-04|no period is at or after it"},
		{"launch past the calendar", itt.Spec{Outcomes: outcome, Assignment: "z", Time: "day", Launch: mid.AddDate(900, 0, 0)}, fieldexp.LaunchOutside, "2924-03-04"},
		{"launch before the calendar", itt.Spec{Outcomes: outcome, Assignment: "z", Time: "day", Launch: mid.AddDate(-900, 0, 0)}, fieldexp.LaunchOutside, "1124-03-04"},
		{"launch without time", itt.Spec{Outcomes: outcome, Assignment: "z", Launch: mid}, fieldexp.BadSpec, "set Time and Launch"},
		{"time without launch", itt.Spec{Outcomes: outcome, Assignment: "z", Time: "day"}, fieldexp.BadSpec, "set Time and Launch"},
		{"treated exists", itt.Spec{Outcomes: outcome, Assignment: "z", Time: "day", Launch: mid}, fieldexp.ColumnTaken, `column "treated" already|TreatedName`},
		{"agent effects span assignment", itt.Spec{Outcomes: outcome, Assignment: "z", Absorb: iv.Effects("day", "agent")}, fieldexp.Spanned,
			`agent effects span assignment "z"|Time and Launch for a difference-in-differences`},
		{"agent effects span arms", itt.Spec{Outcomes: outcome, Assignment: "arm", Absorb: iv.Effects("agent")}, fieldexp.Spanned, `agent effects span assignment "arm"`},
		{"effects span the treatment", itt.Spec{Outcomes: outcome, Assignment: "z", Time: "day", Launch: mid, TreatedName: "zt", Absorb: iv.Effects("agent^half")}, fieldexp.Spanned,
			"agent^half effects span the treatment|2024-03-04"},
		{"control repeats assignment", itt.Spec{Outcomes: outcome, Assignment: "z", Controls: []string{"x", "copy"}}, fieldexp.Spanned, `span "z"|"y"|take out the controls`},
		{"outcome in one arm", itt.Spec{Outcomes: []string{"treatedonly"}, Assignment: "z"}, fieldexp.OneArm, `outcome "treatedonly" is missing in all 120 rows of arm 0`},
		{"outcome in one arm, with controls", itt.Spec{Outcomes: []string{"y", "treatedonly"}, Assignment: "z", Controls: []string{"x"}, Absorb: iv.Effects("day")}, fieldexp.OneArm, `outcome "treatedonly"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := itt.Estimate(context.Background(), f, c.spec)
			refused(t, err, c.problem, c.says)
		})
	}
}

// refused fails unless err is a *fieldexp.Error of the problem that says all parts and has a remedy.
func refused(t *testing.T, err error, problem fieldexp.Problem, says string) {
	t.Helper()
	var e *fieldexp.Error
	if !errors.As(err, &e) || e.Op != "itt" {
		t.Fatalf("error %v, want a *fieldexp.Error of %q", err, problem)
	}
	if e.Problem != problem {
		t.Errorf("problem %q, want %q: %v", e.Problem, problem, err)
	}
	for _, part := range strings.Split(says, "|") {
		if !strings.Contains(e.Error(), part) {
			t.Errorf("error %q does not say %q", e.Error(), part)
		}
	}
	if len(e.Remedy) == 0 {
		t.Errorf("error %q has no remedy", e.Error())
	}
}

// TestColumnErrors checks that unknown and unfit columns are refused by name.
func TestColumnErrors(t *testing.T) {
	f := office(t)
	for name, spec := range map[string]itt.Spec{
		"unknown assignment":  {Outcomes: []string{"y"}, Assignment: "zz"},
		"assignment of times": {Outcomes: []string{"y"}, Assignment: "day"},
		"unknown cluster":     {Outcomes: []string{"y"}, Assignment: "z", Cluster: []string{"agnet"}},
		"unknown effect":      {Outcomes: []string{"y"}, Assignment: "z", Absorb: iv.Effects("dya")},
		"unknown in a pair":   {Outcomes: []string{"y"}, Assignment: "z", Absorb: iv.Effects("office^dya")},
		"unknown time":        {Outcomes: []string{"y"}, Assignment: "z", Time: "dya", Launch: mid},
		"time of numbers":     {Outcomes: []string{"y"}, Assignment: "z", Time: "number", Launch: mid},
		"unknown outcome":     {Outcomes: []string{"why"}, Assignment: "z"},
		"outcome of text":     {Outcomes: []string{"arm"}, Assignment: "z"},
	} {
		_, err := itt.Estimate(context.Background(), f, spec)
		var e *fieldexp.Error
		if !errors.As(err, &e) || e.Op != "data" && e.Op != "itt" {
			t.Errorf("%s: error %v, want a *fieldexp.Error", name, err)
		}
	}
	var e *fieldexp.Error
	if _, err := itt.Estimate(context.Background(), f, itt.Spec{Assignment: "z"}); !errors.As(err, &e) || e.Problem != fieldexp.BadSpec {
		t.Errorf("no outcome: error %v, want the engine's", err)
	}
}

// TestMixedClustersAllowed checks that a design that assigns within clusters on purpose is let through.
func TestMixedClustersAllowed(t *testing.T) {
	f := office(t)
	res := estimate(t, f, itt.Spec{Outcomes: []string{"y"}, Assignment: "z", Cluster: []string{"office"}, MixedClusters: true})
	if c := effect(t, res, "y"); c.DF != 7 || !(c.SE > 0) {
		t.Errorf("effect %+v, want one with 7 degrees of freedom", c)
	}
	// One clustering that nests the assignment is enough.
	estimate(t, f, itt.Spec{Outcomes: []string{"y"}, Assignment: "z", Cluster: []string{"office", "agent"}})
	arms, err := itt.CheckAssignment(f, "z", []string{"agent"}, false)
	if err != nil || len(arms) != 2 || arms[0] != (itt.Arm{Label: "0", Rows: 120}) || arms[1] != (itt.Arm{Label: "1", Rows: 120}) {
		t.Errorf("arms %v, error %v; want 120 rows of 0 and of 1", arms, err)
	}
	_, err = itt.CheckAssignment(f, "z", []string{"office"}, false)
	refused(t, err, fieldexp.MixedCluster, "office")
	if _, err = itt.CheckAssignment(f, "z", []string{"office"}, true); err != nil {
		t.Errorf("mixed clusters that are allowed: %v", err)
	}
	_, err = itt.CheckAssignment(f, "z", []string{"agnet"}, false)
	var e *fieldexp.Error
	if !errors.As(err, &e) || e.Op != "data" {
		t.Errorf("unknown cluster: error %v", err)
	}
}

// TestAddTreatedRefusals checks what only AddTreated can be asked.
func TestAddTreatedRefusals(t *testing.T) {
	f := office(t)
	refused(t, itt.AddTreated(f, "t", "arm", "day", mid), fieldexp.NotBinary, `"arm" holds text`)
	refused(t, itt.AddTreated(f, "t", "ones", "day", mid), fieldexp.OneArm, "ones")
	refused(t, itt.AddTreated(f, "treated", "z", "day", mid), fieldexp.ColumnTaken, "treated")
	refused(t, itt.AddTreated(f, "t", "z", "", mid), fieldexp.BadSpec, "column of times")
	never := make([]int64, f.Len())
	for i := range never {
		never[i] = data.MissingTime
	}
	must(t, f.SetInstants("never", never))
	refused(t, itt.AddTreated(f, "t", "z", "never", mid), fieldexp.LaunchOutside, "missing in every row")
}

func TestEventRefusals(t *testing.T) {
	f := office(t)
	early := column(t, f, "number")
	z := column(t, f, "z")
	relative, gap, half := make([]float64, f.Len()), make([]float64, f.Len()), make([]float64, f.Len())
	for i := range relative {
		relative[i] = early[i] - 3
		gap[i] = column(t, f, "y")[i]
		if relative[i] == -1 && z[i] == 1 {
			gap[i] = math.NaN()
		}
		half[i] = relative[i] / 2
	}
	must(t, f.SetFloats("relative", relative))
	must(t, f.SetFloats("gap", gap))
	must(t, f.SetFloats("halves", half))
	good := itt.EventSpec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "z", Time: "day", Launch: mid}, Unit: "agent"}
	if _, err := itt.EventStudy(context.Background(), f, good); err != nil {
		t.Fatal(err)
	}
	change := func(by func(*itt.EventSpec)) itt.EventSpec {
		s := good
		by(&s)
		return s
	}
	for _, c := range []struct {
		name    string
		spec    itt.EventSpec
		problem fieldexp.Problem
		says    string
	}{
		{"no outcome", change(func(s *itt.EventSpec) { s.Outcomes = nil }), fieldexp.BadSpec, "without a column of outcomes; name it in Outcomes"},
		{"no unit", change(func(s *itt.EventSpec) { s.Unit = "" }), fieldexp.BadSpec, "name it in Unit"},
		{"no period", change(func(s *itt.EventSpec) { s.Time = "" }), fieldexp.BadSpec, "name it in Time"},
		{"three arms", change(func(s *itt.EventSpec) { s.Assignment = "arm" }), fieldexp.BadSpec, "3 arms"},
		{"assignment within unit", change(func(s *itt.EventSpec) { s.Unit, s.Assignment = "office", "z" }), fieldexp.MixedCluster, "office"},
		{"no launch", change(func(s *itt.EventSpec) { s.Launch = time.Time{} }), fieldexp.BadSpec, "no launch is given"},
		{"launch for numbers", change(func(s *itt.EventSpec) { s.Time = "relative" }), fieldexp.BadSpec, "first period with treatment in LaunchPeriod"},
		{"launch outside", change(func(s *itt.EventSpec) { s.Launch = mid.AddDate(0, 1, 0) }), fieldexp.LaunchOutside, "runs from -34 to -29"},
		{"reference outside", change(func(s *itt.EventSpec) { s.Reference = -9 }), fieldexp.NoReference, "reference period -9|runs from -3 to 2"},
		{"reference in one arm", change(func(s *itt.EventSpec) { s.Outcomes, s.Reference = []string{"y", "gap"}, -1 }), fieldexp.NoReference, "20 rows of control and 0 of the other arm"},
		{"outcome missing", change(func(s *itt.EventSpec) { s.Outcomes = []string{"none"} }), fieldexp.NoReference, "no row has"},
		{"periods finer than steps", change(func(s *itt.EventSpec) { s.Step = 2; s.Reference = -1 }), fieldexp.BadSpec, "several values of \"day\"|Step"},
		{"control repeats a period", change(func(s *itt.EventSpec) { s.Absorb = iv.Effects("z^day") }), fieldexp.Spanned, "leave nothing of z by day"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := itt.EventStudy(context.Background(), f, c.spec)
			refused(t, err, c.problem, c.says)
		})
	}
	var e *fieldexp.Error
	if _, err := itt.EventStudy(context.Background(), f, itt.EventSpec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "z", Time: "halves"}, Unit: "agent"}); !errors.As(err, &e) || e.Row == 0 {
		t.Errorf("periods that are no whole numbers: error %v", err)
	}
}

func TestBalanceRefusals(t *testing.T) {
	f := office(t)
	_, err := itt.Balance(context.Background(), f, itt.BalanceSpec{Spec: itt.Spec{Assignment: "z"}})
	refused(t, err, fieldexp.NoVariables, "no variable")
	_, err = itt.Balance(context.Background(), f, itt.BalanceSpec{Spec: itt.Spec{Assignment: "ones"}, Variables: []string{"x"}})
	refused(t, err, fieldexp.OneArm, "ones")
	_, err = itt.Balance(context.Background(), f, itt.BalanceSpec{Spec: itt.Spec{Assignment: "z", Cluster: []string{"office"}}, Variables: []string{"x"}})
	refused(t, err, fieldexp.MixedCluster, "office")
	var e *fieldexp.Error
	if _, err = itt.Balance(context.Background(), f, itt.BalanceSpec{Spec: itt.Spec{Assignment: "z"}, Variables: []string{"half"}}); !errors.As(err, &e) || e.Op != "data" {
		t.Errorf("a variable of text: error %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err = itt.Balance(ctx, f, itt.BalanceSpec{Spec: itt.Spec{Assignment: "z"}, Variables: []string{"x"}}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context: error %v", err)
	}
}

func TestResultRefusals(t *testing.T) {
	f := office(t)
	res := estimate(t, f, itt.Spec{Outcomes: []string{"y"}, Assignment: "arm"})
	_, err := res.Effect("y")
	refused(t, err, fieldexp.BadSpec, "3 arms|ArmEffect|text, voice")
	_, err = res.ArmEffect("y", "fax")
	refused(t, err, fieldexp.BadSpec, `no effect of arm "fax"|beside control: text, voice`)
	for _, ask := range []func() error{
		func() error { _, err := res.Effect("x"); return err },
		func() error { _, err := res.ArmEffect("x", "text"); return err },
		func() error { _, err := res.Joint("x"); return err },
		func() error { _, err := res.ArmsEqual("x"); return err },
	} {
		refused(t, ask(), fieldexp.BadSpec, `no estimate for outcome "x"|name one of y`)
	}
}
