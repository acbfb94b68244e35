package late_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/late"
)

// refused fails unless err is a *fieldexp.Error of the problem that says all parts and has a remedy.
func refused(t rapid.TB, err error, problem fieldexp.Problem, says string) {
	t.Helper()
	var e *fieldexp.Error
	if !errors.As(err, &e) || e.Op != "late" {
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

// withUsage adds columns of usage that are refused.
func withUsage(t *testing.T) *data.Frame {
	t.Helper()
	f := world(t, 9)
	z := column(t, f, "z")
	set := func(name string, value func(i int) float64) {
		values := make([]float64, len(z))
		for i := range values {
			values[i] = value(i)
		}
		must(t, f.SetFloats(name, values))
	}
	used := column(t, f, "used")
	set("nobody", func(i int) float64 { return 0 })
	set("everybody", func(i int) float64 { return 1 })
	set("unrecorded", func(i int) float64 {
		if z[i] == 0 {
			return math.NaN()
		}
		return used[i]
	})
	set("lost", func(i int) float64 {
		if z[i] == 1 {
			return math.NaN()
		}
		return float64(i % 2)
	})
	set("controlsonly", func(i int) float64 { return (1 - z[i]) * float64(i%2) })
	set("copy", func(i int) float64 { return 2*z[i] - 1 })
	set("partial", func(i int) float64 {
		if z[i] == 0 {
			return math.NaN()
		}
		return float64(i % 5)
	})
	return f
}

func TestRefusals(t *testing.T) {
	f := withUsage(t)
	with := func(usage string, change func(*itt.Spec)) late.Spec {
		s := late.Spec{Usage: usage, Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "z"}}
		if change != nil {
			change(&s.Spec)
		}
		return s
	}
	for _, c := range []struct {
		name    string
		spec    late.Spec
		problem fieldexp.Problem
		says    string
	}{
		{"no usage named", with("", nil), fieldexp.BadSpec, "no usage is named"},
		{"usage is assignment", with("z", nil), fieldexp.BadSpec, `same column "z"`},
		{"nobody used", with("nobody", nil), fieldexp.NoVariation, `"nobody" is 0 in all`},
		{"everybody used", with("everybody", nil), fieldexp.NoVariation, `"everybody" is 1 in all`},
		{"usage not recorded for controls", with("unrecorded", nil), fieldexp.UsageMissing, "rows that were not treated|set it to 0"},
		{"usage lost for the treated", with("lost", nil), fieldexp.UsageMissing, "rows that were treated|joined"},
		{"usage among controls only", with("controlsonly", nil), fieldexp.UsageReversed, `assignment "z"|wrong way round`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := late.Estimate(context.Background(), f, c.spec)
			refused(t, err, c.problem, c.says)
			_, err = late.AsUsedAmongAssigned(context.Background(), f, c.spec)
			refused(t, err, c.problem, c.says)
		})
	}
	for name, c := range map[string]struct {
		spec    late.Spec
		problem fieldexp.Problem
	}{
		"usage instrumented by nothing":       {with("used", func(s *itt.Spec) { s.Assignment = "" }), fieldexp.BadSpec},
		"assignment of one arm":               {with("used", func(s *itt.Spec) { s.Assignment = "everybody" }), fieldexp.OneArm},
		"assignment within clusters":          {with("used", func(s *itt.Spec) { s.Cluster = []string{"day"} }), fieldexp.MixedCluster},
		"effects span the instrument":         {with("used", func(s *itt.Spec) { s.Absorb = iv.Effects("agent") }), fieldexp.Spanned},
		"instrument collinear with a control": {with("used", func(s *itt.Spec) { s.Controls = []string{"x", "copy"} }), fieldexp.Spanned},
		"outcome in one arm":                  {with("used", func(s *itt.Spec) { s.Outcomes = []string{"partial"} }), fieldexp.OneArm},
		"launch outside the data":             {with("used", func(s *itt.Spec) { s.Time, s.Launch = "day", launch.AddDate(1, 0, 0) }), fieldexp.LaunchOutside},
		"one arm of several spanned by a control": {with("used", func(s *itt.Spec) {
			s.Assignment, s.Controls = "arm", []string{"istext"}
		}), fieldexp.Spanned},
	} {
		if name == "one arm of several spanned by a control" {
			codes, levels, err := f.Codes("arm")
			must(t, err)
			is := make([]float64, f.Len())
			for i, code := range codes {
				if levels[code] == "text" {
					is[i] = 1
				}
			}
			must(t, f.SetFloats("istext", is))
		}
		_, err := late.Estimate(context.Background(), f, c.spec)
		var e *fieldexp.Error
		if !errors.As(err, &e) || e.Op != "late" && e.Op != "itt" && e.Op != "data" || e.Problem != c.problem || len(e.Remedy) == 0 {
			t.Errorf("%s: error %v, want a *fieldexp.Error of %q", name, err, c.problem)
		}
	}
	var column *fieldexp.Error
	for _, usage := range []string{"unknown", "arm"} {
		if _, err := late.Estimate(context.Background(), f, with(usage, nil)); !errors.As(err, &column) {
			t.Errorf("usage %q: error %v, want a *fieldexp.Error", usage, err)
		}
	}
}

// TestNoFirstStage: usage that assignment does not move at all is refused, however rounding falls.
func TestNoFirstStage(t *testing.T) {
	for _, n := range []int{4, 12, 60} { // every arm has n rows, of which a quarter used
		columns := map[string][]float64{}
		for i := range 2 * n {
			z := float64(i / n)
			columns["z"] = append(columns["z"], z)
			columns["used"] = append(columns["used"], float64(i%n%4/3))
			columns["y"] = append(columns["y"], float64(i*i%7)+z)
			columns["x"] = append(columns["x"], float64(i%n*i%n%5)/3)
		}
		var f data.Frame
		for name, values := range columns {
			must(t, f.SetFloats(name, values))
		}
		_, err := late.Estimate(context.Background(), &f, late.Spec{Usage: "used", Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "z"}})
		refused(t, err, fieldexp.NoFirstStage, `assignment "z" does not move usage "used"`)
	}
}

// TestWarnings: weak first stages, doses and usage that assignment lowers are warned of.
func TestWarnings(t *testing.T) {
	f := world(t, 9)
	z, used := column(t, f, "z"), column(t, f, "used")
	weak, opposite := slices.Clone(used), make([]float64, len(z))
	for i := range weak {
		weak[i] = float64((i*7)%3) + 0.1*z[i]*float64(i%2)
		opposite[i] = 1 - used[i]
	}
	must(t, f.SetFloats("weak", weak))
	must(t, f.SetFloats("opposite", opposite))
	for _, c := range []struct {
		usage, code string
		want        bool
	}{
		{"weak", "weak-first-stage", true}, {"used", "weak-first-stage", false},
		{"dose", "usage-outside", true}, {"share", "usage-outside", false},
		{"opposite", "usage-lowered", true}, {"used", "usage-lowered", false},
	} {
		res := estimate(t, f, late.Spec{Usage: c.usage, Spec: itt.Spec{Outcomes: []string{"y", "y2"}, Assignment: "z", Cluster: []string{"agent"}}})
		has := slices.ContainsFunc(res.Warnings, func(w fieldexp.Warning) bool { return w.Code == c.code })
		if has != c.want {
			t.Errorf("%s: warning %q: %v, want %v", c.usage, c.code, has, c.want)
		}
		test, err := res.FirstStageF("y")
		must(t, err)
		doubtful := slices.ContainsFunc(res.Notes(), func(n string) bool { return strings.Contains(n, "104.7") })
		if want := test.Statistic >= late.WeakF && test.Statistic < late.TrustedF; doubtful != want {
			t.Errorf("%s: F %.1f, note %v", c.usage, test.Statistic, doubtful)
		}
		if text := res.String(); c.want != strings.Contains(text, "Warning: ") && c.want {
			t.Errorf("%s: the summary has no warning:\n%s", c.usage, text)
		}
	}
}

// TestStrengthNote: between a weak first stage and one beyond doubt, one note states the tF critical value at the F of
// the outcomes and the intervals that it makes; a weak one's warning states the value too.
func TestStrengthNote(t *testing.T) {
	f := world(t, 9)
	z := column(t, f, "z")
	outcomes := []string{"y", "y2"}
	at := func(strength float64) *late.Result {
		usage := make([]float64, len(z))
		for i := range usage {
			usage[i] = math.Sin(float64(7*i)) + strength*z[i]
		}
		must(t, f.SetFloats("moved", usage))
		return estimate(t, f, late.Spec{Usage: "moved", Spec: itt.Spec{Outcomes: outcomes, Assignment: "z"}})
	}
	note := func(r *late.Result) string {
		list := r.Notes()
		i := slices.IndexFunc(list, func(n string) bool { return strings.Contains(n, "tF critical value") })
		if i < 0 {
			return ""
		}
		return list[i]
	}
	shown := 0
	for _, strength := range []float64{0.05, 0.2, 0.35, 0.5, 0.8, 3} {
		r := at(strength)
		text := note(r)
		for _, fit := range r.Fits {
			tf := fit.TF()
			value := fmt.Sprintf("%.2f", iv.TFCritical(tf.F))
			switch {
			case tf.F >= late.TrustedF:
				if strings.Contains(text, fit.Outcome+" is") {
					t.Errorf("F %.1f has the note %q", tf.F, text)
				}
			case tf.F >= late.WeakF:
				shown++
				for _, want := range []string{fit.Outcome, value, "104.7", fmt.Sprintf("%.1f", tf.F), "[" + brief.Number(tf.Low) + ", " + brief.Number(tf.High) + "]"} {
					if !strings.Contains(text, want) {
						t.Errorf("F %.1f: note %q lacks %q", tf.F, text, want)
					}
				}
			default:
				if math.IsInf(iv.TFCritical(tf.F), 1) {
					value = "infinity"
				}
				if !slices.ContainsFunc(r.Warnings, func(w fieldexp.Warning) bool { return strings.Contains(w.Message, value) }) {
					t.Errorf("F %.1f: warnings %v lack %s", tf.F, r.Warnings, value)
				}
			}
		}
	}
	if shown == 0 {
		t.Error("no first stage was between weak and beyond doubt")
	}
}

// TestAmongAssignedRefusals: where the assigned all use alike there is nothing to compare.
func TestAmongAssignedRefusals(t *testing.T) {
	f := world(t, 9)
	z, used := column(t, f, "z"), column(t, f, "used")
	all, agent := make([]float64, len(z)), make([]float64, len(z))
	for i := range all {
		all[i] = z[i]
		agent[i] = used[i]
	}
	must(t, f.SetFloats("all", all))
	must(t, f.SetFloats("usedtoo", agent))
	spec := late.Spec{Usage: "all", Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "z"}}
	_, err := late.AsUsedAmongAssigned(context.Background(), f, spec)
	refused(t, err, fieldexp.NoVariation, `"all" is 1 in all`)
	spec.Usage, spec.Absorb = "used", iv.Effects("usedtoo")
	_, err = late.AsUsedAmongAssigned(context.Background(), f, spec)
	refused(t, err, fieldexp.NoVariation, `leave nothing of usage "used"`)
	spec.Controls = []string{"x"}
	_, err = late.AsUsedAmongAssigned(context.Background(), f, spec)
	refused(t, err, fieldexp.NoVariation, `with outcome "y"`)
}

func TestResultRefusals(t *testing.T) {
	f := world(t, 9)
	res := estimate(t, f, late.Spec{Usage: "used", Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "z"}})
	for _, ask := range []func() error{
		func() error { _, err := res.Effect("x"); return err },
		func() error { _, err := res.FirstStage("x"); return err },
		func() error { _, err := res.ReducedForm("x"); return err },
		func() error { _, err := res.AsUsed("x"); return err },
		func() error { _, err := res.FirstStageF("x"); return err },
	} {
		if err := ask(); err == nil || !strings.Contains(err.Error(), "name one of y") {
			t.Errorf("error %v does not name the outcomes", err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := late.Estimate(ctx, f, late.Spec{Usage: "used", Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "z"}}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context: error %v", err)
	}
}
