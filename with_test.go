package fieldexp_test

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/late"
)

// TestWith compares every result's With with the estimation under that covariance, in all that JSON has of them: estimates,
// tests, strength, notes, warnings, specs.
func TestWith(t *testing.T) {
	ctx, f := context.Background(), experiment(t)
	cross := func(cov iv.Covariance) itt.Spec {
		s := itt.Spec{Outcomes: []string{"y", "x"}, Assignment: "z", Covariance: cov, Cluster: []string{"agent"}}
		if !cov.Kind.Clustered() {
			s.Cluster = nil
		}
		return s
	}
	differences := func(cov iv.Covariance) itt.Spec {
		s := cross(cov)
		s.Time, s.Absorb = "day", iv.Effects("agent", "day")
		return s
	}
	arms(t, f)
	cases := map[string]struct {
		estimate func(cov iv.Covariance) (any, error)
		with     func(result any, cov iv.Covariance) (any, error)
	}{
		"itt": {func(cov iv.Covariance) (any, error) { return itt.Estimate(ctx, f, differences(cov)) },
			func(r any, cov iv.Covariance) (any, error) { return r.(*itt.Result).With(cov) }},
		"balance": {func(cov iv.Covariance) (any, error) {
			s := cross(cov)
			s.Outcomes = nil
			return itt.Balance(ctx, f, itt.BalanceSpec{Spec: s, Variables: []string{"before", "town"}})
		}, func(r any, cov iv.Covariance) (any, error) { return r.(*itt.BalanceResult).With(cov) }},
		"balance of three arms": {func(cov iv.Covariance) (any, error) {
			s := cross(cov)
			s.Outcomes, s.Assignment = nil, "arm"
			return itt.Balance(ctx, f, itt.BalanceSpec{Spec: s, Variables: []string{"before", "town"}})
		}, func(r any, cov iv.Covariance) (any, error) { return r.(*itt.BalanceResult).With(cov) }},
		"events": {func(cov iv.Covariance) (any, error) {
			s := cross(cov)
			s.Time = "day"
			list, err := itt.EventStudy(ctx, f, itt.EventSpec{Spec: s, Unit: "agent"})
			if err != nil {
				return nil, err
			}
			return list[1], nil
		}, func(r any, cov iv.Covariance) (any, error) { return r.(*itt.EventResult).With(cov) }},
		"late": {func(cov iv.Covariance) (any, error) {
			return late.Estimate(ctx, f, late.Spec{Spec: cross(cov), Usage: "used"})
		},
			func(r any, cov iv.Covariance) (any, error) { return r.(*late.Result).With(cov) }},
		"late, differences": {func(cov iv.Covariance) (any, error) {
			return late.Estimate(ctx, f, late.Spec{Spec: differences(cov), Usage: "used"})
		},
			func(r any, cov iv.Covariance) (any, error) { return r.(*late.Result).With(cov) }},
		"late, weak": {func(cov iv.Covariance) (any, error) {
			return late.Estimate(ctx, f, late.Spec{Spec: cross(cov), Usage: "hardly"})
		},
			func(r any, cov iv.Covariance) (any, error) { return r.(*late.Result).With(cov) }},
		"late, three arms": {func(cov iv.Covariance) (any, error) {
			s := cross(cov)
			s.Assignment = "arm"
			return late.Estimate(ctx, f, late.Spec{Spec: s, Usage: "used", Estimator: iv.LIML})
		}, func(r any, cov iv.Covariance) (any, error) { return r.(*late.Result).With(cov) }},
		"placebo": {func(cov iv.Covariance) (any, error) {
			return late.ZeroFirstStage(ctx, f, late.Spec{Spec: cross(cov), Usage: "used"}, "apart")
		}, func(r any, cov iv.Covariance) (any, error) { return r.(*late.Placebo).With(cov) }},
		"hetero": {func(cov iv.Covariance) (any, error) {
			s := hetero.Spec{Spec: differences(cov), Usage: "used", Group: "group", SkipConsistency: true}
			s.Absorb = iv.Effects("agent")
			return hetero.Estimate(ctx, f, s)
		}, func(r any, cov iv.Covariance) (any, error) { return r.(*hetero.Result).With(cov) }},
		"separated": {func(cov iv.Covariance) (any, error) {
			s := hetero.Spec{Spec: differences(cov), Usage: "used", Group: "group"}
			s.Absorb = iv.Effects("agent")
			return hetero.Separate(ctx, f, s)
		}, func(r any, cov iv.Covariance) (any, error) { return r.(*hetero.Separated).With(cov) }},
	}
	for name, c := range cases {
		for _, pair := range [][2]iv.Covariance{
			{{Kind: iv.CR2}, {Kind: iv.CR1}}, {{Kind: iv.CR1}, {Kind: iv.CR0, DF: iv.DFNormal}},
			{{Kind: iv.Jackknife}, {Kind: iv.CR2}}, {{Kind: iv.HC1}, {Kind: iv.Classical}},
		} {
			t.Run(fmt.Sprintf("%s, %v to %v", name, pair[0].Kind, pair[1].Kind), func(t *testing.T) {
				from := ok[any](t)(c.estimate(pair[0]))
				text := fmt.Sprint(parse(t, from))
				got, want := ok[any](t)(c.with(from, pair[1])), ok[any](t)(c.estimate(pair[1]))
				same(t, "", parse(t, got), parse(t, want))
				if fmt.Sprint(parse(t, from)) != text {
					t.Error("the result that With was called on has changed")
				}
				if fmt.Sprint(parse(t, got)) == text {
					t.Error("both covariances give the same")
				}
			})
		}
	}
}

// TestWithWarnings has warnings that change with the covariance: of few clusters, and of a first stage whose F is below ten
// by one and not by another.
func TestWithWarnings(t *testing.T) {
	f := experiment(t)
	arms(t, f)
	spec := late.Spec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "z", Cluster: []string{"town"},
		MixedClusters: true, Covariance: iv.Covariance{Kind: iv.CR3}}, Usage: "hardly"}
	codes := func(r *late.Result) (list []string) {
		for _, w := range r.Warnings {
			list = append(list, w.Code)
		}
		return list
	}
	r := ok[*late.Result](t)(late.Estimate(context.Background(), f, spec))
	spec.Covariance.Kind = iv.CR0
	want := ok[*late.Result](t)(late.Estimate(context.Background(), f, spec))
	got := ok[*late.Result](t)(r.With(spec.Covariance))
	same(t, "", parse(t, got), parse(t, want))
	before, after := r.Fits[0].PartialF()[0].Statistic, got.Fits[0].PartialF()[0].Statistic
	if slices.Equal(codes(r), codes(got)) || slices.Contains(codes(r),
		"weak-first-stage") == slices.Contains(codes(got), "weak-first-stage") {
		t.Errorf("first-stage F %g and %g, warnings %v and %v: the case tells nothing", before, after, codes(r),
			codes(got))
	}
}

// arms adds a column of three arms, and one of usage that assignment hardly moves.
func arms(t *testing.T, f *data.Frame) {
	t.Helper()
	agents := ok[[]float64](t)(f.Floats("agent"))
	labels, hardly := make([]string, len(agents)), make([]float64, len(agents))
	for i, a := range agents {
		labels[i] = []string{"control", "mail", "visit"}[int(a)%3]
		// All who are assigned use, and so do most others.
		if k := int(a); k%2 == 1 || (k+k*k/5)%13 < 8 {
			hardly[i] = 1
		}
	}
	must(t, f.SetStrings("arm", labels))
	must(t, f.SetFloats("hardly", hardly))
}

// same compares two values from JSON: numbers to nine digits.
func same(t *testing.T, path string, got, want any) {
	t.Helper()
	switch w := want.(type) {
	case map[string]any:
		g, object := got.(map[string]any)
		if !object || len(g) != len(w) {
			t.Errorf("%s: %v, want %v", path, got, want)
			return
		}
		for key := range w {
			same(t, path+"."+key, g[key], w[key])
		}
	case []any:
		g, list := got.([]any)
		if !list || len(g) != len(w) {
			t.Errorf("%s: %v, want %v", path, got, want)
			return
		}
		for i := range w {
			same(t, fmt.Sprintf("%s[%d]", path, i), g[i], w[i])
		}
	case float64:
		if g, number := got.(float64); !number || math.Abs(g-w) > 1e-9*max(1, math.Abs(w)) {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	default:
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
}

// TestAccessors asks every result for effects in the same words.
func TestAccessors(t *testing.T) {
	ctx, f := context.Background(), experiment(t)
	arms(t, f)
	two := itt.Spec{Outcomes: []string{"y", "x"}, Assignment: "z", Cluster: []string{"agent"}}
	three := two
	three.Assignment = "arm"
	r, several := ok[*itt.Result](t)(itt.Estimate(ctx, f, two)), ok[*itt.Result](t)(itt.Estimate(ctx, f, three))
	usage := late.Spec{Spec: two, Usage: "used"}
	l := ok[*late.Result](t)(late.Estimate(ctx, f, usage))
	account, placebo := ok[*late.Accounting](t)(late.Account(ctx, f, usage)),
		ok[*late.Placebo](t)(late.ZeroFirstStage(ctx, f, usage, "apart"))
	means := ok[*itt.MeansResult](t)(itt.DifferenceInMeans(ctx, f, itt.MeansSpec{Spec: two}))
	comparing := itt.BalanceSpec{Spec: two, Variables: []string{"y", "x"}}
	comparing.Outcomes = nil
	balance := ok[*itt.BalanceResult](t)(itt.Balance(ctx, f, comparing))
	comparing.Assignment = "arm"
	balances := ok[*itt.BalanceResult](t)(itt.Balance(ctx, f, comparing))
	groups := hetero.Spec{Spec: two, Group: "group"}
	h := ok[*hetero.Result](t)(hetero.Estimate(ctx, f, groups))
	groups.Usage = "used"
	separated := ok[*hetero.Separated](t)(hetero.Separate(ctx, f, groups))
	splits := hetero.SplitSpec{Spec: hetero.Spec{Spec: two, Period: "day"}, Unit: "agent", Baseline: "y", N: 2,
		Splits: 2}
	splits.Time, splits.Absorb = "day", iv.Effects("agent")
	split := ok[*hetero.SplitResult](t)(hetero.SplitEstimate(ctx, f, splits))

	single := map[string]struct {
		of interface {
			Effect(string) (iv.Coefficient, error)
		}
		effects []iv.Coefficient
		notes   []string
	}{
		"itt": {r, r.Effects(), r.Notes()}, "late": {l, l.Effects(), l.Notes()}, "means": {means,
			means.Effects(), means.Notes()},
		"balance": {balance, balance.Effects(), balance.Notes()}, "placebo": {placebo, placebo.Effects,
			placebo.Notes()},
		"accounting": {account, account.Effects(), []string{""}},
	}
	for name, c := range single {
		for i, outcome := range []string{"y", "x"} {
			if got, err := c.of.Effect(outcome); err != nil || got != c.effects[i] {
				t.Errorf("%s: effect on %s is %v, %v; want %v", name, outcome, got, err, c.effects[i])
			}
		}
		if _, err := c.of.Effect("w"); err == nil || !strings.Contains(err.Error(), "y, x") {
			t.Errorf("%s: the error %v does not name the outcomes", name, err)
		}
		if len(c.effects) != 2 || len(c.notes) == 0 {
			t.Errorf("%s: effects %v, notes %v", name, c.effects, c.notes)
		}
	}
	byLabel := map[string]struct {
		one     func(string) (iv.Coefficient, error)
		each    func(outcome, label string) (iv.Coefficient, error)
		labels  []string
		effects []iv.Coefficient
		notes   []string
		instead string
	}{
		"arms": {several.Effect, several.ArmEffect, []string{"mail", "visit"}, several.Effects(),
			several.Notes(), "ArmEffect"},
		"balance by arm": {balances.Effect, balances.ArmEffect, []string{"mail", "visit"}, balances.Effects(),
			balances.Notes(), "ArmEffect"},
		"groups": {h.Effect, h.GroupEffect, h.Groups, h.Effects(), h.Notes(), "GroupEffect"},
		"models of groups": {separated.Effect, separated.GroupEffect, separated.Groups, separated.Effects(),
			separated.Notes(), "GroupEffect"},
		"splits": {split.Effect, split.GroupEffect, split.Groups, split.Effects(), split.Notes(),
			"GroupEffect"},
	}
	for name, c := range byLabel {
		for i, outcome := range []string{"y", "x"} {
			for k, label := range c.labels {
				if got, err := c.each(outcome, label); err != nil || got != c.effects[i*len(c.labels)+k] {
					t.Errorf("%s: effect on %s of %s is %v, %v; want %v", name, outcome, label, got, err,
						c.effects[i*len(c.labels)+k])
				}
			}
		}
		if len(c.effects) != 2*len(c.labels) || len(c.notes) == 0 {
			t.Errorf("%s: effects %v, notes %v", name, c.effects, c.notes)
		}
		for _, bad := range []struct {
			ask  func() (iv.Coefficient, error)
			says string
		}{
			{func() (iv.Coefficient, error) { return c.one("y") }, c.instead + ": " + strings.Join(c.labels,
				", ")},
			{func() (iv.Coefficient, error) { return c.each("w", c.labels[0]) }, "y, x"},
			{func() (iv.Coefficient, error) { return c.each("y", "none") }, strings.Join(c.labels, ", ")},
		} {
			if _, err := bad.ask(); err == nil || !strings.Contains(err.Error(), bad.says) {
				t.Errorf("%s: the error %v does not say %q", name, err, bad.says)
			}
		}
	}
	two.Time = "day"
	events := ok[[]*itt.EventResult](t)(itt.EventStudy(ctx, f, itt.EventSpec{Spec: two, Unit: "agent"}))[1]
	for i, period := range events.Periods {
		if got, err := events.Effect(period); err != nil || got != events.Effects()[i] {
			t.Errorf("the effect in period %d is %v, %v", period, got, err)
		}
	}
	if _, err := events.Effect(-1); err == nil || !strings.Contains(err.Error(), "-3 -2 0 1 2") {
		t.Errorf("the error %v does not name the periods", err)
	}
	if notes := events.Notes(); len(notes) < 2 || !strings.Contains(notes[0], "period -1") {
		t.Errorf("notes %v", notes)
	}
}
