package late_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/late"
)

// TestSharesOf: uptake is described over the rows of each outcome's model.
func TestSharesOf(t *testing.T) {
	f := world(t, 21)
	y, used := column(t, f, "y"), column(t, f, "used")
	part := make([]float64, len(y))
	for i := range y {
		if part[i] = y[i]; used[i] == 0 && i%3 == 0 { // known less often of those who did not use
			part[i] = math.NaN()
		}
	}
	must(t, f.SetFloats("part", part))
	spec := late.Spec{Usage: "used", Spec: itt.Spec{Outcomes: []string{"y", "part"}, Assignment: "z", Cluster: []string{"agent"}}}
	res := estimate(t, f, spec)
	for _, outcome := range spec.Outcomes {
		alone := spec
		alone.Outcomes = []string{outcome}
		values := column(t, f, outcome)
		want := estimate(t, f.Filter(func(row int) bool { return values[row] == values[row] }), alone).Shares
		got, err := res.SharesOf(outcome)
		must(t, err)
		if got != want {
			t.Errorf("%s: %+v, want %+v", outcome, got, want)
		}
	}
	whole, _ := res.SharesOf("y")
	some, _ := res.SharesOf("part")
	if whole == some || res.Shares != whole {
		t.Errorf("shares %+v and %+v", whole, some)
	}
	if text := late.DescribeShares(whole, some); !strings.Contains(text, " to ") || text == whole.String() || late.DescribeShares(whole, whole) != whole.String() {
		t.Errorf("in a range: %s", text)
	}
	if _, err := res.SharesOf("other"); err == nil {
		t.Error("an outcome that there is not has shares")
	}
	account, err := late.Account(context.Background(), f, spec)
	must(t, err)
	for _, o := range account.Outcomes {
		always := o.AlwaysTakers.Estimate
		if sum := o.PlainShare.Estimate + always + o.NeverTakers.Estimate; math.Abs(sum-1) > 1e-12 {
			t.Errorf("%s: shares add up to %v", o.Outcome, sum)
		}
	}
}

// TestPlaceboWarnings: contrasts of never-takers, and of those who could not use, carry the warnings of any effect.
func TestPlaceboWarnings(t *testing.T) {
	f := world(t, 13)
	spec := designs()["differences"]
	spec.Usage = "used"
	p, err := late.NeverTakerContrast(context.Background(), f, spec)
	must(t, err)
	agent, used := column(t, f, "agent"), column(t, f, "used")
	ever := map[float64]bool{}
	for i := range used {
		ever[agent[i]] = ever[agent[i]] || used[i] > 0
	}
	want, err := itt.Estimate(context.Background(), f.Filter(func(i int) bool { return !ever[agent[i]] }), spec.Spec)
	must(t, err)
	if len(p.Warnings) != len(want.Warnings) || len(p.Warnings) == 0 {
		t.Fatalf("warnings %v, want %v", p.Warnings, want.Warnings)
	}
	for i, w := range want.Warnings {
		if p.Warnings[i] != w {
			t.Errorf("warning %v, want %v", p.Warnings[i], w)
		}
	}
	if !strings.Contains(p.String(), "Warning: ") {
		t.Errorf("%s", p)
	}
}
