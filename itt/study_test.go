package itt_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fieldexp/fieldexp/internal/studytest"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
)

const (
	// agree is what the project promises against fixest on the study, from its chats.
	agree = 1e-7
	// stopped is for the standard errors of the event study; see TestStudyEvent.
	stopped = 5e-7
)

// TestStudyITT reproduces the 16 intention-to-treat fits of the simulated study, from its chats.
func TestStudyITT(t *testing.T) {
	fits := studytest.Fits(t, "itt")
	if len(fits) != 16 {
		t.Fatalf("%d reference fits, want 16", len(fits))
	}
	spec := itt.Spec{Assignment: "arm", Controls: []string{"lconc", "lbyears"}, Absorb: iv.Effects("worker", "day"),
		Cluster: []string{"worker"}, KeepSingletons: true, Time: "day", Launch: studytest.Launch}
	for _, ref := range fits {
		spec.Outcomes = append(spec.Outcomes, ref.Outcome)
	}
	res, err := itt.Estimate(context.Background(), studytest.Panel(t), spec)
	if err != nil {
		t.Fatal(err)
	}
	if added := res.Design.MainEffects; len(added) != 0 {
		t.Errorf("added %v although agent and day effects hold them constant", added)
	}
	for _, ref := range fits {
		fit, err := res.Fit(ref.Outcome)
		if err != nil {
			t.Fatal(err)
		}
		if fit.N != ref.N {
			t.Errorf("%s: N %d, want %d", ref.Outcome, fit.N, ref.N)
		}
		if len(fit.Terms) != len(ref.Terms) {
			t.Errorf("%s: terms %v, want %d", ref.Outcome, fit.Terms, len(ref.Terms))
		}
		for _, want := range ref.Terms {
			name := want.Term
			if name == "treat" {
				name = res.Term
			}
			got, err := fit.Coefficient(name)
			if err != nil {
				t.Fatal(err)
			}
			what := ref.Outcome + ": " + name
			studytest.Near(t, what, got.Estimate, want.Estimate, agree, want.SE)
			studytest.Near(t, what+": standard error", got.SE, want.SE, agree, 0)
		}
		effect, err := res.Effect(ref.Outcome)
		if err != nil {
			t.Fatal(err)
		}
		if effect.Estimate != fit.Coef[0] {
			t.Errorf("%s: Effect %v is not the fit's %v", ref.Outcome, effect.Estimate, fit.Coef[0])
		}
	}
}

// TestStudyEvent reproduces the event study of the rating. fixest removes effects by iteration and
// stops when the means that are left are below 1e-6, which its standard errors show here in their
// seventh digit; TestEventWithDummies compares ours with the regression that has all dummies.
func TestStudyEvent(t *testing.T) {
	ref := studytest.Fits(t, "event")[0]
	res := eventStudy(t, studytest.Panel(t), studyEvent(ref.Outcome))
	if res.Fit.N != ref.N || len(res.Fit.Terms) != len(ref.Terms) {
		t.Errorf("N %d and %d terms, want %d and %d", res.Fit.N, len(res.Fit.Terms), ref.N, len(ref.Terms))
	}
	estimates, low, high := res.Series()
	compared := 0
	for _, want := range ref.Terms {
		label, ok := strings.CutSuffix(want.Term, ":arm")
		if !ok {
			continue // a control
		}
		period, err := strconv.Atoi(label[strings.LastIndex(label, ":")+1:])
		if err != nil {
			t.Fatal(err)
		}
		i := slices.Index(res.Periods, period)
		if i < 0 {
			t.Errorf("period %d is missing", period)
			continue
		}
		c := res.Coefficients[i]
		studytest.Near(t, want.Term, c.Estimate, want.Estimate, agree, want.SE)
		studytest.Near(t, want.Term+": standard error", c.SE, want.SE, stopped, 0)
		if estimates[i] != c.Estimate || low[i] != c.Low || high[i] != c.High {
			t.Errorf("the series at period %d is %v [%v, %v], want %v", period, estimates[i], low[i], high[i], c)
		}
		compared++
	}
	if compared != 54 || len(res.Periods) != 54 {
		t.Errorf("compared %d of %d periods, want 54: -27 to 27 without the reference", compared, len(res.Periods))
	}
	if !slices.IsSorted(res.Periods) || slices.Contains(res.Periods, -1) {
		t.Errorf("periods %v, want them ascending and without the reference", res.Periods)
	}
	if res.PreTrend.DF1 != 26 || res.PreTrend.DF2 != 249 || !(res.PreTrend.P > 0.01) {
		t.Errorf("pre-trend %+v, want F(26, 249) that does not reject: assignment was random", res.PreTrend)
	}
}

func studyEvent(outcome string) itt.EventSpec {
	return itt.EventSpec{
		Spec: itt.Spec{
			Outcomes:       []string{outcome},
			Assignment:     "arm",
			Time:           "day",
			Launch:         studytest.Launch,
			Controls:       []string{"lconc", "lbyears"},
			KeepSingletons: true,
		},
		Unit: "worker",
	}
}

// TestEventWithDummies compares the event study of the rating with the regression that writes out
// all effects and all products of assignment and day, counting parameters alike.
func TestEventWithDummies(t *testing.T) {
	spec := studyEvent("rating")
	spec.Covariance = iv.Covariance{Params: iv.CountAll}
	res := eventStudy(t, studytest.Panel(t), spec)
	f := studytest.Panel(t).Clone()
	days, err := f.Instants("day")
	must(t, err)
	arm := column(t, f, "arm")
	model := iv.Spec{Outcomes: []string{"rating"}, Cluster: []string{"worker"}, Covariance: spec.Covariance}
	for _, period := range res.Periods {
		values := make([]float64, f.Len())
		for i, day := range days {
			if day == studytest.Launch.AddDate(0, 0, period).UnixNano() {
				values[i] = arm[i]
			}
		}
		name := strconv.Itoa(period)
		must(t, f.SetFloats(name, values))
		model.Exogenous = append(model.Exogenous, name)
	}
	model.Exogenous = append(model.Exogenous, "lconc", "lbyears", "worker", "date")
	dates := make([]string, f.Len())
	for i, day := range days {
		dates[i] = time.Unix(0, day).UTC().Format(time.DateOnly)
	}
	must(t, f.SetStrings("date", dates))
	fits, err := iv.Estimate(context.Background(), f, model)
	must(t, err)
	var before []string
	for i, period := range res.Periods {
		want, err := fits[0].Coefficient(strconv.Itoa(period))
		must(t, err)
		if period < 0 {
			before = append(before, want.Name)
		}
		got := res.Coefficients[i]
		studytest.Near(t, fmt.Sprintf("period %d", period), got.Estimate, want.Estimate, 1e-9, want.SE)
		studytest.Near(t, fmt.Sprintf("standard error of period %d", period), got.SE, want.SE, 1e-9, 0)
	}
	want, err := fits[0].WaldZero(before...)
	must(t, err)
	studytest.Near(t, "pre-trend F", res.PreTrend.Statistic, want.Statistic, 1e-9, 0)
	studytest.Near(t, "pre-trend p", res.PreTrend.P, want.P, 1e-9, 0)
}

// TestExperiment compares least squares on the simulated experiment with R's estimatr and fixest.
func TestExperiment(t *testing.T) {
	refs := studytest.Golden(t)
	f := studytest.Experiment(t)
	controls := []string{"c1", "c2", "c3", "c4"}
	base := itt.Spec{Outcomes: []string{"y1"}, Assignment: "assigned", Cluster: []string{"agent_id"}}
	adjusted, absorbed := base, base
	adjusted.Controls = append(controls[:4:4], "baseline", "tenure")
	absorbed.Controls, absorbed.Absorb = controls, iv.Effects("day", "issue_type")
	weighted, robust, twoWay := adjusted, adjusted, absorbed
	weighted.Weights = "w"
	robust.Cluster = nil
	twoWay.Cluster = []string{"agent_id", "day"}
	weightedFE := absorbed
	weightedFE.Weights = "w"
	all := iv.Covariance{Params: iv.CountAll}
	cr0 := iv.Covariance{Kind: iv.CR0, Params: iv.CountAll}
	for _, c := range []struct {
		key  string
		spec itt.Spec
		cov  iv.Covariance
	}{
		{"lm_robust_f0_stata", base, all}, {"lm_robust_f0_CR0", base, cr0},
		{"lm_robust_f1_stata", adjusted, all}, {"lm_robust_f1_CR0", adjusted, cr0},
		{"lm_robust_FE_stata", absorbed, all}, {"lm_robust_FE_CR0", absorbed, cr0},
		{"lm_robust_f1_weighted_stata", weighted, all}, {"lm_robust_f1_weighted_CR0", weighted, cr0},
		{"lm_robust_f1_HC0", robust, iv.Covariance{Kind: iv.HC0}}, {"lm_robust_f1_HC1", robust, iv.Covariance{}},
		{"lm_robust_f1_classical", robust, iv.Covariance{Kind: iv.Classical}},
		{"feols_noFE_cluster", adjusted, iv.Covariance{}}, {"feols_weighted_FE", weightedFE, iv.Covariance{}},
	} {
		spec := c.spec
		spec.Covariance = c.cov
		compare(t, estimate(t, f, spec).Fits[0], refs, c.key)
	}
	var many []string
	for i := 1; i <= 10; i++ {
		many = append(many, fmt.Sprintf("y%d", i))
	}
	for _, c := range []struct {
		key  string // with the outcome's name in it
		spec itt.Spec
		cov  iv.Covariance
	}{
		{"lm_robust_f1_%s_stata", adjusted, all}, {"feols_FE_cluster_%s", absorbed, iv.Covariance{}}, {"feols_FE_2way_%s", twoWay, iv.Covariance{}},
	} {
		spec := c.spec
		spec.Outcomes, spec.Covariance = many, c.cov
		for _, fit := range estimate(t, f, spec).Fits {
			compare(t, fit, refs, fmt.Sprintf(c.key, fit.Outcome))
		}
	}
}

func compare(t *testing.T, fit *iv.Result, refs map[string]studytest.Reference, key string) {
	t.Helper()
	ref, ok := refs[key]
	if !ok || len(ref.Coef) == 0 {
		t.Fatalf("no reference %s", key)
	}
	studytest.Compare(t, fit, ref)
}

// TestJobsII compares the effect of being offered the workshop.
func TestJobsII(t *testing.T) {
	items := studytest.Items(t, "jobs2")
	f := studytest.Read(t, "jobs2", "jobs2.csv")
	res := estimate(t, f, itt.Spec{Outcomes: []string{"depress2"}, Assignment: "treat", Controls: []string{"depress1"}})
	studytest.CompareItem(t, effect(t, res, "depress2"), res.Fits[0].N, items["ITT"])
	uptake := estimate(t, f, itt.Spec{Outcomes: []string{"comply"}, Assignment: "treat"})
	studytest.CompareItem(t, effect(t, uptake, "comply"), uptake.Fits[0].N, items["FS"])
}

// TestWellness reproduces the intention-to-treat effects of the Illinois Workplace Wellness Study's
// Table 3 to every digit that is printed.
func TestWellness(t *testing.T) {
	cells := studytest.Wellness(t, "ITT, all")
	if len(cells) != 26 {
		t.Fatalf("%d cells, want 26", len(cells))
	}
	for _, cell := range cells {
		res := estimate(t, cell.Frame, itt.Spec{Outcomes: []string{cell.Outcome}, Assignment: "treat", Weights: cell.Weights})
		studytest.CompareCell(t, effect(t, res, cell.Outcome), res.Fits[0].N, cell)
	}
}
