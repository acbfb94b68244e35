package late_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/studytest"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/late"
)

func account(t rapid.TB, f *data.Frame, spec late.Spec) *late.Accounting {
	t.Helper()
	a, err := late.Account(context.Background(), f, spec)
	if err != nil {
		t.Fatalf("Account(%+v): %v", spec, err)
	}
	return a
}

// TestWellnessAccounting reproduces the complier share and means of first-year spending in the
// Illinois Workplace Wellness Study, recomputed by 2SLS with R's estimatr.
func TestWellnessAccounting(t *testing.T) {
	for _, cell := range studytest.Wellness(t, "LATE, all") {
		if cell.Outcome != "spend_0816_0717" {
			continue
		}
		a := account(t, cell.Frame, wellness(cell, iv.Covariance{Kind: iv.HC0, DF: iv.DFNormal}))
		c, err := a.Outcome(cell.Outcome)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range []struct {
			name      string
			got, want float64
			digits    float64
		}{
			{"compliers", c.Share.Estimate, 0.61355, 5e-6}, {"control complier mean", c.Control.Estimate, 508.947, 5e-4}, {"its standard error", c.Control.SE, 73.144, 5e-4},
			{"treated complier mean", c.Treated.Estimate, 526.605, 5e-4}, {"its standard error", c.Treated.SE, 29.944, 5e-4}, {"effect", c.Effect.Estimate, 17.658, 5e-4},
			{"percent", c.Percent.Estimate, 100 * 17.658 / 508.947, 2e-4},
		} {
			studytest.Near(t, v.name, v.got, v.want, v.digits, 1)
		}
		studytest.Near(t, "always-takers", a.AlwaysTakers.Estimate, 0, 1e-12, 1)
		studytest.Near(t, "never-takers", a.NeverTakers.Estimate, 1-0.61355, 5e-6, 1)
		if !c.PercentSet.Contains(c.Percent.Estimate) || !c.PercentSet.Contains(0) || !c.PercentSet.Bounded() {
			t.Errorf("set of the percentage %v", c.PercentSet)
		}
		return
	}
	t.Error("the study has no spending")
}

// designs are designs with usage of 0 or 1: with and without controls, effects, weights, clusters, launch.
func designs() map[string]late.Spec {
	plain := late.Spec{Usage: "used", Spec: itt.Spec{Outcomes: []string{"y", "y2"}, Assignment: "z"}}
	clustered := plain
	clustered.Cluster, clustered.Controls, clustered.Weights = []string{"agent"}, []string{"x"}, "w"
	loose := clustered
	loose.Usage = "loose"
	changes := clustered
	changes.Time, changes.Launch, changes.Absorb = "day", launch, iv.Effects("agent", "day")
	return map[string]late.Spec{"plain": plain, "clustered": clustered, "two-sided": loose, "differences": changes}
}

// TestAccountingAddsUp: the effect is the difference between complier means, shares sum to one, the
// percentage is the effect over the control mean, and sets agree with tests.
func TestAccountingAddsUp(t *testing.T) {
	f := world(t, 5)
	for name, spec := range designs() {
		t.Run(name, func(t *testing.T) {
			res := estimate(t, f, spec)
			a := account(t, f, spec)
			for _, c := range a.Outcomes {
				effect, err := res.Effect(c.Outcome)
				if err != nil {
					t.Fatal(err)
				}
				studytest.Near(t, "effect", c.Effect.Estimate, effect.Estimate, same, 0)
				studytest.Near(t, "difference of means", c.Treated.Estimate-c.Control.Estimate, effect.Estimate, 1e-9, math.Abs(c.Control.Estimate))
				studytest.Near(t, "percent", c.Percent.Estimate, 100*effect.Estimate/c.Control.Estimate, 1e-9, 0)
				fit, err := res.Fit(c.Outcome)
				if err != nil {
					t.Fatal(err)
				}
				set := fit.AndersonRubinSet()
				if c.EffectSet.String() != set.String() || !c.PercentSet.Contains(c.Percent.Estimate) {
					t.Errorf("sets %v and %v", c.EffectSet, c.PercentSet)
				}
				// No effect is no percentage of anything: both sets hold zero, or neither.
				if c.PercentSet.Contains(0) != c.EffectSet.Contains(0) {
					t.Errorf("zero is in one of %v and %v", c.PercentSet, c.EffectSet)
				}
			}
			s := res.Shares
			if s.Binary {
				studytest.Near(t, "always-takers", a.AlwaysTakers.Estimate, s.AlwaysTakers, same, 1)
				studytest.Near(t, "never-takers", a.NeverTakers.Estimate, s.NeverTakers, same, 1)
			}
			if !(a.NeverTakers.SE > 0) || !strings.Contains(a.String(), "never-takers") {
				t.Errorf("accounting %v", a)
			}
		})
	}
}

// TestComplierMeansByHand computes complier means from the four cells of assignment and usage.
func TestComplierMeansByHand(t *testing.T) {
	f := world(t, 7)
	spec := late.Spec{Usage: "loose", Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "z"}}
	a := account(t, f, spec)
	z, d, y, x := column(t, f, "z"), column(t, f, "loose"), column(t, f, "y"), column(t, f, "x")
	var n, used [2]float64
	var sumY, sumX [2][2]float64 // by assignment and usage
	var cells [2][2]float64
	for i := range z {
		a, u := int(z[i]), int(d[i])
		n[a]++
		used[a] += d[i]
		cells[a][u]++
		sumY[a][u] += y[i]
		sumX[a][u] += x[i]
	}
	share := used[1]/n[1] - used[0]/n[0]
	studytest.Near(t, "treated complier mean", a.Outcomes[0].Treated.Estimate, (sumY[1][1]/n[1]-sumY[0][1]/n[0])/share, same, 1)
	studytest.Near(t, "control complier mean", a.Outcomes[0].Control.Estimate, (sumY[0][0]/n[0]-sumY[1][0]/n[1])/share, same, 1)
	p, err := late.DescribeCompliers(context.Background(), f, spec, "x")
	if err != nil {
		t.Fatal(err)
	}
	row := p.Rows[0]
	studytest.Near(t, "x of compliers", row.Compliers.Estimate, (sumX[1][1]/n[1]-sumX[0][1]/n[0])/share, same, 1)
	studytest.Near(t, "x of always-takers", row.AlwaysTakers.Estimate, sumX[0][1]/cells[0][1], same, 1)
	studytest.Near(t, "x of never-takers", row.NeverTakers.Estimate, sumX[1][0]/cells[1][0], same, 1)
	studytest.Near(t, "x of all", row.All.Estimate, (sumX[0][0]+sumX[0][1]+sumX[1][0]+sumX[1][1])/(n[0]+n[1]), same, 1)
	if !(row.Compliers.SE > 0) || !strings.Contains(p.String(), "compliers") {
		t.Errorf("profile %v", p)
	}
	one := spec
	one.Usage, one.Cluster = "used", []string{"agent"}
	if p, err = late.DescribeCompliers(context.Background(), f, one, "x"); err != nil {
		t.Fatal(err)
	}
	if c := p.Rows[0].AlwaysTakers; !math.IsNaN(c.Estimate) || !math.IsNaN(c.SE) {
		t.Errorf("always-takers under one-sided uptake: %+v", c)
	}
}

// TestViolation: bounds at zero are the estimate, sets widen with the direct effects that are allowed, and
// the breakdown value is where zero enters.
func TestViolation(t *testing.T) {
	f := world(t, 11)
	spec := late.Spec{Usage: "used", Spec: itt.Spec{Outcomes: []string{"y2"}, Assignment: "z", Cluster: []string{"agent"}, Time: "day", Launch: launch, Absorb: iv.Effects("agent", "day")}}
	res := estimate(t, f, spec)
	effect, _ := res.Effect("y2")
	fit, _ := res.Fit("y2")
	violate := func(low, high float64) late.Violation {
		t.Helper()
		v, err := res.Violate("y2", low, high)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	v := violate(0, 0)
	studytest.Near(t, "low", v.Low, effect.Estimate, same, 0)
	studytest.Near(t, "high", v.High, effect.Estimate, same, 0)
	if v.Set.String() != fit.AndersonRubinSet().String() {
		t.Errorf("set %v under exclusion, Anderson-Rubin set %v", v.Set, fit.AndersonRubinSet())
	}
	wide := violate(-0.3, 0.2)
	first, _ := res.FirstStage("y2")
	studytest.Near(t, "width", wide.High-wide.Low, 0.5/first.Estimate, 1e-9, 0)
	for _, direct := range []float64{-0.3, -0.1, 0, 0.15, 0.2} { // the union holds the set of each direct effect
		for _, p := range fit.AndersonRubinSetGiven(direct).Pieces {
			for _, end := range p {
				if !wide.Set.Contains(end) && !wide.Set.Contains(end*(1-1e-12)) {
					t.Errorf("%g, an end of the set given %g, is not in %v", end, direct, wide.Set)
				}
			}
		}
	}
	if v.Breakdown > 0 {
		if violate(-0.999*v.Breakdown, 0.999*v.Breakdown).Set.Contains(0) || !violate(-1.001*v.Breakdown, 1.001*v.Breakdown).Set.Contains(0) {
			t.Errorf("zero does not enter at %g", v.Breakdown)
		}
	} else if !v.Set.Contains(0) {
		t.Errorf("no breakdown, but %v is without zero", v.Set)
	}
	local, err := res.LocalToZero("y2", 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	studytest.Near(t, "local to zero", local.Estimate, effect.Estimate, same, 0)
	studytest.Near(t, "its standard error", local.SE, effect.SE, 1e-9, 0)
	for _, bad := range [][2]float64{{1, 0}, {math.NaN(), 1}, {0, math.Inf(1)}} {
		_, err := res.Violate("y2", bad[0], bad[1])
		refused(t, err, fieldexp.BadSpec, "direct effects")
	}
	if _, err := res.LocalToZero("y2", 0, -1); err == nil {
		t.Error("a negative deviation was taken")
	}
	if _, err := res.Violate("nothing", 0, 0); err == nil {
		t.Error("an unknown outcome was taken")
	}
}

// TestBreakdownIsPositive: in a world with a strong effect the breakdown value is positive.
func TestBreakdownIsPositive(t *testing.T) {
	f := encouragement()
	res := estimate(t, f, late.Spec{Usage: "used", Spec: itt.Spec{Outcomes: []string{"seconds"}, Assignment: "offered"}})
	v, err := res.Violate("seconds", -1, 1)
	if err != nil {
		t.Fatal(err)
	}
	reduced, _ := res.ReducedForm("seconds")
	studytest.Near(t, "breakdown", v.Breakdown, math.Min(math.Abs(reduced.Low), math.Abs(reduced.High)), 1e-9, 0)
}

// TestNeverTakers: the contrast is the regression over the kept units; a planted direct effect shows.
func TestNeverTakers(t *testing.T) {
	f := world(t, 13)
	agent, used, z := column(t, f, "agent"), column(t, f, "used"), column(t, f, "z")
	ever := map[float64]bool{}
	for i := range used {
		ever[agent[i]] = ever[agent[i]] || used[i] > 0
	}
	kept := f.Filter(func(i int) bool { return !ever[agent[i]] })
	spec := designs()["differences"]
	spec.Usage = "used"
	p, err := late.NeverTakerContrast(context.Background(), f, spec)
	if err != nil {
		t.Fatal(err)
	}
	want, err := itt.Estimate(context.Background(), kept, spec.Spec)
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range spec.Outcomes {
		w, err := want.Effect(name)
		if err != nil {
			t.Fatal(err)
		}
		studytest.Near(t, name, p.Effects[i].Estimate, w.Estimate, same, 1)
		studytest.Near(t, "standard error of "+name, p.Effects[i].SE, w.SE, same, 0)
	}
	if p.Joint == nil || math.IsNaN(p.Joint.P) || p.FirstStages != nil || !strings.Contains(p.String(), "never used") {
		t.Errorf("placebo %v", p)
	}
	// A group that is never exposed to usage: agents 0 to 3, who are not keen.
	derive := make([]float64, len(z))
	direct := make([]float64, len(z))
	for i := range z {
		if agent[i] < 20 && !ever[agent[i]] {
			derive[i] = 1
		}
		direct[i] = 3*z[i] + float64(i%7)/100
	}
	must(t, f.SetFloats("spared", derive))
	must(t, f.SetFloats("direct", direct))
	group := late.Spec{Usage: "used", Spec: itt.Spec{Outcomes: []string{"direct", "y"}, Assignment: "z", Cluster: []string{"agent"}}}
	p, err = late.ZeroFirstStage(context.Background(), f, group, "spared")
	if err != nil {
		t.Fatal(err)
	}
	studytest.Near(t, "direct effect", p.Effects[0].Estimate, 3, 0.05, 1)
	if p.FirstStages[0].Estimate != 0 || p.FirstStages[0].SE != 0 || !strings.Contains(p.String(), "first stage") {
		t.Errorf("first stage of those who never use: %+v", p.FirstStages[0])
	}
	loose := group
	loose.Usage = "loose"
	if p, err = late.ZeroFirstStage(context.Background(), f, loose, "since"); err != nil {
		t.Fatal(err)
	}
	if !(p.FirstStages[0].Estimate > 0) {
		t.Errorf("first stage since the launch: %+v", p.FirstStages[0])
	}
	_, err = late.ZeroFirstStage(context.Background(), f, group, "w0")
	var missing *fieldexp.Error
	if !errors.As(err, &missing) {
		t.Errorf("an unknown group: %v", err)
	}
	all := late.Spec{Usage: "everyone", Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "z"}}
	must(t, f.SetFloats("everyone", z))
	_, err = late.NeverTakerContrast(context.Background(), f, all)
	refused(t, err, fieldexp.NoVariation, "no never-takers|everyone")
}

// TestResponseWeights: weights sum to one, with usage of 0 and 1 there is one, and they are what the
// distributions of usage in both arms say.
func TestResponseWeights(t *testing.T) {
	f := world(t, 17)
	for name, spec := range designs() {
		t.Run(name, func(t *testing.T) {
			for _, usage := range []string{"used", "share", "dose", "loose"} {
				spec.Usage = usage
				r, err := late.ResponseWeights(context.Background(), f, spec)
				if err != nil {
					t.Fatal(err)
				}
				fit := estimate(t, f, spec).Fits[0].FirstStages[0]
				sum, moved := 0.0, 0.0
				for _, s := range r.Steps {
					sum += s.Weight.Estimate
					moved += s.Moved.Estimate
				}
				studytest.Near(t, "sum of weights", sum, 1, 1e-9, 1)
				if len(fit.Clusters) == 0 || usage == "used" { // over the rows of an outcome, which may be missing
					studytest.Near(t, "first stage", moved, fit.Coef[0], 1e-9, 1)
				}
				if steps := map[string]int{"used": 1, "loose": 1, "share": 10, "dose": 10}[usage]; len(r.Steps) != steps {
					t.Errorf("%s: %d steps, want %d", usage, len(r.Steps), steps)
				}
				if !strings.Contains(r.String(), "weight") {
					t.Errorf("response %v", r)
				}
			}
		})
	}
	plain := late.Spec{Usage: "levels", Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "z"}}
	z, dose := column(t, f, "z"), column(t, f, "dose")
	levels := make([]float64, len(z))
	var n [2]float64
	var past [2][4]float64
	for i := range z {
		levels[i] = math.Min(math.Ceil(dose[i]/2), 3) // 0 to 3
		a := int(z[i])
		n[a]++
		for l := 1; l <= 3; l++ {
			if levels[i] >= float64(l) {
				past[a][l]++
			}
		}
	}
	must(t, f.SetFloats("levels", levels))
	r, err := late.ResponseWeights(context.Background(), f, plain)
	if err != nil {
		t.Fatal(err)
	}
	total := 0.0
	for l := 1; l <= 3; l++ {
		total += past[1][l]/n[1] - past[0][l]/n[0]
	}
	for l, s := range r.Steps {
		studytest.Near(t, "moved past a level", s.Moved.Estimate, past[1][l+1]/n[1]-past[0][l+1]/n[0], same, 1)
		studytest.Near(t, "weight of a level", s.Weight.Estimate, (past[1][l+1]/n[1]-past[0][l+1]/n[0])/total, same, 1)
	}
	for _, edges := range [][]float64{{1}, {2, 1}, {0, math.NaN()}} {
		_, err := late.ResponseWeights(context.Background(), f, plain, edges...)
		refused(t, err, fieldexp.BadSpec, "edges")
	}
	if _, err := late.ResponseWeights(context.Background(), f, plain, 5, 9); err == nil {
		t.Error("a stretch that nobody reaches was taken")
	}
}

func TestAccountingRefusals(t *testing.T) {
	f := world(t, 19)
	spec := late.Spec{Usage: "share", Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "z"}}
	_, err := late.Account(context.Background(), f, spec)
	refused(t, err, fieldexp.BadSpec, "0 or 1|share")
	_, err = late.DescribeCompliers(context.Background(), f, spec, "x")
	refused(t, err, fieldexp.BadSpec, "0 or 1|share")
	spec.Usage = "used"
	_, err = late.DescribeCompliers(context.Background(), f, spec)
	refused(t, err, fieldexp.BadSpec, "no covariate")
	arms := spec
	arms.Assignment = "arm"
	_, err = late.Account(context.Background(), f, arms)
	refused(t, err, fieldexp.BadSpec, "arms")
	if _, err := account(t, f, spec).Outcome("nothing"); err == nil {
		t.Error("an unknown outcome was found")
	}
	if _, err := late.DescribeCompliers(context.Background(), f, spec, "nothing"); err == nil {
		t.Error("an unknown covariate was taken")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := late.Account(ctx, f, spec); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
