package hetero_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/internal/studytest"
	"github.com/fieldexp/fieldexp/iv"
)

// TestNoControlsAfterLaunch: a group whose controls are gone after the launch has no comparison of
// its own. Common period effects borrow the other groups' controls, and the check says that it
// cannot be made; group-specific ones refuse.
func TestNoControlsAfterLaunch(t *testing.T) {
	f := world{seed: 41, units: 90, periods: 6, groups: 3, skill: 1, noise: 1, effect: 1}.frame(t)
	arm, pre, row := studytest.Floats(t, f, "arm"), studytest.Floats(t, f, "pre"), -1
	edit(t, f, "y", func(g string, v float64) float64 {
		if row++; g == "Q2" && arm[row] == 0 && pre[row] == 0 {
			return math.NaN()
		}
		return v
	})
	for _, usage := range []string{"", "use"} {
		spec := worldSpec(hetero.Common)
		spec.Usage = usage
		r := estimate(t, f, spec)
		check := r.Fits[0].Consistency
		if check.Drift.Reason == "" || !math.IsNaN(check.Drift.P) || check.Contrasts != nil {
			t.Errorf("usage %q: drift %+v, want the reason why there is none", usage, check.Drift)
		}
		if !strings.Contains(r.String(), "Against group-specific period effects: not available, group-specific period effects") {
			t.Errorf("the summary does not say so:\n%s", r)
		}
		spec.TimeEffects = hetero.GroupSpecific
		_, err := hetero.Estimate(context.Background(), f, spec)
		var e *fieldexp.Error
		if !errors.As(err, &e) || e.Problem != fieldexp.Spanned || !strings.Contains(err.Error(), "Q2") {
			t.Errorf("usage %q: error %v, want that Q2 is not identified", usage, err)
		}
		var cause *fieldexp.Error
		if usage != "" && (e == nil || !errors.As(e.Err, &cause) || cause.Problem != fieldexp.UnderIdentified) {
			t.Errorf("error %v has no cause in package iv", err)
		}
	}
}

// TestSmallClusters: clusters of two rows, whose cross-products are not kept, are counted instead.
func TestSmallClusters(t *testing.T) {
	f := world{seed: 42, units: 12_000, periods: 2, groups: 3, skill: 1, noise: 0.1, effect: 1}.frame(t)
	units, _, err := f.Codes("unit")
	if err != nil {
		t.Fatal(err)
	}
	treat, row := studytest.Floats(t, f, "treat"), -1
	edit(t, f, "treat", func(g string, v float64) float64 {
		if row++; g == "Q3" && units[row]%1200 != 1 {
			return 0
		}
		return treat[row]
	})
	spec := worldSpec(hetero.GroupSpecific)
	spec.Controls = []string{"c1", "c2"}
	r := estimate(t, f, spec)
	if effective, err := r.Fits[0].Model.EffectiveClusters("use in Q3"); err != nil || !math.IsNaN(effective) {
		t.Fatalf("%v effective clusters (%v): this test is for clusters too small to know", effective, err)
	}
	g := r.Fits[0].Groups[2]
	if !hasWarning(r.Warnings, "few-clusters-in-group") || g.TreatedClusters > 8 {
		t.Errorf("group %+v and warnings %v, want one of few clusters", g, r.Warnings)
	}
}

// TestSummary: the summary shows what a group rests on, as far as it applies.
func TestSummary(t *testing.T) {
	f := world{seed: 43, units: 90, periods: 6, groups: 3, skill: 1, noise: 1, effect: 1}.frame(t)
	codes, labels, err := f.Codes("q")
	if err != nil {
		t.Fatal(err)
	}
	units, _, err := f.Codes("unit")
	if err != nil {
		t.Fatal(err)
	}
	some := make([]int32, len(codes))
	for i, c := range codes {
		if some[i] = c; units[i] == 5 {
			some[i] = -1
		}
	}
	if err := f.SetCodes("q", some, labels); err != nil {
		t.Fatal(err)
	}
	spec := worldSpec(hetero.GroupSpecific)
	text := estimate(t, f, spec).String()
	for _, want := range []string{"Effects of use by q (2SLS)", "use x Q2", "impact on Q3", "first-stage F", "assigned", "Equal effects: F(2, 88)",
		"Difference:", "left out for want of a group: 6 rows (of 1 cluster)", "Effects of period: group-specific."} {
		if !strings.Contains(text, want) {
			t.Errorf("the summary does not say %q:\n%s", want, text)
		}
	}
	for line := range strings.Lines(text) {
		if strings.TrimRight(line, " \n")+"\n" != line {
			t.Errorf("trailing blanks in %q", line)
		}
	}
	spec.Cluster, spec.Usage, spec.Covariance = nil, "", iv.Covariance{DF: iv.DFNormal}
	text = estimate(t, f, spec).String()
	for _, want := range []string{"Effects of treat by q (OLS)", "Equal effects: chi-squared(2)", "HC1"} {
		if !strings.Contains(text, want) {
			t.Errorf("the summary does not say %q:\n%s", want, text)
		}
	}
	for _, not := range []string{"clusters", "first-stage", "NaN"} {
		if strings.Contains(text, not) {
			t.Errorf("the summary says %q:\n%s", not, text)
		}
	}
	for rule, want := range map[hetero.TimeEffects]string{hetero.GroupSpecific: "group-specific", hetero.Common: "common", 9: "TimeEffects(9)"} {
		if rule.String() != want {
			t.Errorf("%d is %q, want %q", rule, rule, want)
		}
	}
}

// TestGroupOrder: numbers and numbered words are in the order of their numbers, words as they are.
func TestGroupOrder(t *testing.T) {
	f := world{seed: 44, units: 90, periods: 6, groups: 3, skill: 1, noise: 1, effect: 1}.frame(t)
	codes, _, err := f.Codes("q")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ levels, want string }{
		{"Q10 Q9 Q1", "Q1 Q9 Q10"}, {"3 20 -1.5", "-1.5 3 20"}, {"low-3 low-2 low-1", "low-1 low-2 low-3"},
		{"low middle high", "low middle high"}, {"a2 b1 c0", "a2 b1 c0"}, {"Q2 Q1 rest", "Q2 Q1 rest"},
	} {
		if err := f.SetCodes("q", codes, strings.Fields(c.levels)); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(estimate(t, f, worldSpec(hetero.GroupSpecific)).Groups, " "); got != c.want {
			t.Errorf("levels %s are in the order %s, want %s", c.levels, got, c.want)
		}
	}
}
