package late_test

import (
	"context"
	"testing"

	"github.com/fieldexp/fieldexp/internal/studytest"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/late"
)

// agree is what the project promises against fixest on the study, from its chats.
const agree = 1e-7

// TestStudyLATE reproduces the 16 two-stage fits of the simulated study, whose usage is a share.
func TestStudyLATE(t *testing.T) {
	fits := studytest.Fits(t, "late")
	if len(fits) != 16 {
		t.Fatalf("%d reference fits, want 16", len(fits))
	}
	spec := late.Spec{Usage: "usage", Spec: itt.Spec{Assignment: "arm", Controls: []string{"lconc", "lbyears"},
		Absorb: iv.Effects("worker", "day"), Cluster: []string{"worker"}, KeepSingletons: true,
		Time: "day", Launch: studytest.Launch}}
	for _, ref := range fits {
		spec.Outcomes = append(spec.Outcomes, ref.Outcome)
	}
	res := estimate(t, studytest.Panel(t), spec)
	for _, ref := range fits {
		fit, err := res.Fit(ref.Outcome)
		if err != nil {
			t.Fatal(err)
		}
		if fit.N != ref.N || len(fit.Terms) != len(ref.Terms) {
			t.Errorf("%s: N %d and terms %v, want %d and %d", ref.Outcome, fit.N, fit.Terms, ref.N, len(ref.Terms))
		}
		for _, want := range ref.Terms {
			name := want.Term
			if name == "fit_usage" {
				name = "usage"
			}
			got, err := fit.Coefficient(name)
			if err != nil {
				t.Fatal(err)
			}
			studytest.Near(t, ref.Outcome+": "+name, got.Estimate, want.Estimate, agree, want.SE)
			studytest.Near(t, ref.Outcome+": standard error of "+name, got.SE, want.SE, agree, 0)
		}
	}
	// The reduced forms are the intention-to-treat fits.
	for _, ref := range studytest.Fits(t, "itt") {
		reduced, err := res.ReducedForm(ref.Outcome)
		if err != nil {
			t.Fatal(err)
		}
		studytest.Near(t, ref.Outcome+": reduced form", reduced.Estimate, ref.Terms[0].Estimate, agree, ref.Terms[0].SE)
		studytest.Near(t, ref.Outcome+": standard error of the reduced form", reduced.SE, ref.Terms[0].SE, agree, 0)
	}
}

// TestExperiment compares two-stage least squares on the simulated experiment with R's estimatr
// and fixest: clustered, with controls, with absorbed effects, with two clusterings.
func TestExperiment(t *testing.T) {
	refs := studytest.Golden(t)
	f := studytest.Experiment(t)
	controls := []string{"c1", "c2", "c3", "c4"}
	agents := append(controls[:4:4], "baseline", "tenure")
	base := itt.Spec{Outcomes: []string{"y1"}, Assignment: "assigned", Cluster: []string{"agent_id"}}
	adjusted, absorbed, twoWay := base, base, base
	adjusted.Controls = agents
	absorbed.Controls, absorbed.Absorb, absorbed.KeepSingletons = controls, iv.Effects("day", "issue_type"), true
	twoWay = absorbed
	twoWay.Cluster = []string{"agent_id", "day"}
	all := iv.Covariance{Params: iv.CountAll}
	cr0 := iv.Covariance{Kind: iv.CR0, Params: iv.CountAll}
	for _, c := range []struct {
		key  string
		spec itt.Spec
		cov  iv.Covariance
	}{
		{"iv_robust_just0_stata", base, all}, {"iv_robust_just0_CR0", base, cr0},
		{"iv_robust_just_stata", adjusted, all}, {"iv_robust_just_CR0", adjusted, cr0},
		{"iv_robust_FE_stata", absorbed, all},
		{"feols_IV_noFE_y1", adjusted, iv.Covariance{}}, {"feols_IV_2way_FE_y1", twoWay, iv.Covariance{}},
	} {
		spec := late.Spec{Spec: c.spec, Usage: "used"}
		spec.Covariance = c.cov
		res := estimate(t, f, spec)
		ref, ok := refs[c.key]
		if !ok || len(ref.Coef) == 0 {
			t.Fatalf("no reference %s", c.key)
		}
		studytest.Compare(t, res.Fits[0], ref)
		if ref.FirstStage != nil {
			test, err := res.FirstStageF("y1")
			if err != nil {
				t.Fatal(err)
			}
			studytest.Near(t, c.key+": first-stage F", test.Statistic, ref.FirstStage.Value, 1e-8, 0)
			studytest.Near(t, c.key+": its degrees of freedom", test.DF2, ref.FirstStage.Dendf, 0, 0)
		}
	}
	spec := late.Spec{Spec: absorbed, Usage: "used"}
	spec.Outcomes = []string{"y1", "y2", "y3", "y4", "y5", "y6", "y7", "y8", "y9", "y10"}
	for _, fit := range estimate(t, f, spec).Fits {
		studytest.Compare(t, fit, refs["feols_IV_FE_cluster_"+fit.Outcome])
	}
}

// TestJobsII compares first stage, reduced form and LATE of the job search intervention JOBS II,
// whose uptake is one-sided: 372 of 600 attended.
func TestJobsII(t *testing.T) {
	items := studytest.Items(t, "jobs2")
	f := studytest.Read(t, "jobs2", "jobs2.csv")
	spec := late.Spec{Usage: "comply", Spec: itt.Spec{Outcomes: []string{"depress2"}, Assignment: "treat"}}
	raw := estimate(t, f, spec)
	spec.Controls = []string{"depress1"}
	adjusted := estimate(t, f, spec)
	for _, c := range []struct {
		id    string
		res   *late.Result
		value func(*late.Result, string) (iv.Coefficient, error)
	}{
		{"LATE_raw", raw, (*late.Result).Effect}, {"FS", raw, (*late.Result).FirstStage},
		{"LATE", adjusted, (*late.Result).Effect}, {"ITT", adjusted, (*late.Result).ReducedForm},
	} {
		got, err := c.value(c.res, "depress2")
		if err != nil {
			t.Fatal(err)
		}
		studytest.CompareItem(t, got, c.res.Fits[0].N, items[c.id])
	}
	s := raw.Shares
	if !s.Binary || !s.OneSided || s.Assigned != 600 || s.NotAssigned != 299 {
		t.Errorf("shares %+v, want one-sided uptake by 600 assigned and 299 others", s)
	}
	for _, v := range []struct {
		name      string
		got, want float64
	}{{"compliers", s.Compliers, 372. / 600}, {"never-takers", s.NeverTakers, 228. / 600}, {"always-takers", s.AlwaysTakers, 0},
		{"never use", s.NeverUse, 228. / 600}, {"always use", s.AlwaysUse, 372. / 600}} {
		studytest.Near(t, v.name, v.got, v.want, 1e-14, 1)
	}
}

// TestNewHaven reproduces the complier effect of the New Haven canvass with Stata's robust standard
// error, and its first stage and reduced form, whose printed standard errors are HC3.
func TestNewHaven(t *testing.T) {
	items := studytest.Items(t, "gerber_green")
	f := studytest.Read(t, "gerber_green", "newhaven_fedai_box5.csv")
	res := estimate(t, f, late.Spec{Usage: "cntany", Spec: itt.Spec{Outcomes: []string{"v98"}, Assignment: "persngrp",
		Covariance: iv.Covariance{Kind: iv.HC0, DF: iv.DFNormal}}})
	effect, err := res.Effect("v98")
	if err != nil {
		t.Fatal(err)
	}
	studytest.CompareItem(t, effect, res.Fits[0].N, items["Box5.6_CACE"])
	first, err := res.FirstStage("v98")
	if err != nil {
		t.Fatal(err)
	}
	studytest.Near(t, "first stage", first.Estimate, items["Box5.5_ITTD"].Computed.Coef, 1e-8, 0)
	reduced, err := res.ReducedForm("v98")
	if err != nil {
		t.Fatal(err)
	}
	studytest.Near(t, "reduced form", reduced.Estimate, items["Box5.4_ITT"].Computed.Coef, 1e-8, 0)
}

// TestWellness reproduces the complier effects of the Illinois Workplace Wellness Study's Table 4
// (Stata's ivregress robust: no factor, z) and, beside them, what usage among the treated alone
// would have suggested, to every digit that is printed.
func TestWellness(t *testing.T) {
	normal := iv.Covariance{Kind: iv.HC0, DF: iv.DFNormal}
	cells := studytest.Wellness(t, "LATE, all")
	if len(cells) != 13 {
		t.Fatalf("%d cells, want 13", len(cells))
	}
	for _, cell := range cells {
		res := estimate(t, cell.Frame, wellness(cell, normal))
		effect, err := res.Effect(cell.Outcome)
		if err != nil {
			t.Fatal(err)
		}
		studytest.CompareCell(t, effect, res.Fits[0].N, cell)
		if !res.Shares.OneSided || !res.Shares.Binary {
			t.Errorf("%s: uptake %v, want one-sided and 0/1", cell.Outcome, res.Shares)
		}
	}
	cells = studytest.Wellness(t, "OLS on usage, treated only")
	if len(cells) != 13 {
		t.Fatalf("%d cells, want 13", len(cells))
	}
	for _, cell := range cells {
		fits, err := late.AsUsedAmongAssigned(context.Background(), cell.Frame, wellness(cell, iv.Covariance{}))
		if err != nil {
			t.Fatal(err)
		}
		c, err := fits[0].Coefficient("usage")
		if err != nil {
			t.Fatal(err)
		}
		studytest.CompareCell(t, c, fits[0].N, cell)
	}
}

func wellness(cell studytest.Cell, cov iv.Covariance) late.Spec {
	return late.Spec{Usage: "usage", Spec: itt.Spec{Outcomes: []string{cell.Outcome}, Assignment: "treat",
		Weights: cell.Weights, Covariance: cov}}
}
