package main

import (
	"context"
	"encoding/json"
	"math"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/late"
)

// evidenceTerm is a term of the fit command's JSON with the evidence on it.
type evidenceTerm struct {
	Term              string
	Estimate, SE, P   float64
	Statistic         float64
	Wild, Permutation *drawsJSON
	AR                *setJSON
	Direct            *struct {
		Low, High, Breakdown float64
		Bounds               [2]float64
		Set                  setJSON
	}
	Adjusted *struct {
		Method, Of string
		Hypotheses int
		P          float64
	}
}

type drawsJSON struct {
	Weights      string
	Statistic, P float64
	Draws        int
	Enumerated   bool
	Seed         uint64
	Set          *setJSON
}

type setJSON struct {
	Pieces [][2]*float64
	Level  float64
}

// evidence runs the fit command and returns the terms of a name, of the first fit of each outcome.
func evidence(t *testing.T, term, file string, args string) []evidenceTerm {
	t.Helper()
	stdout, _ := succeed(t, append([]string{"fit", "--data", file, "--format", "json"}, strings.Fields(args)...)...)
	var document struct {
		Fits []struct {
			Outcome        string
			Terms, Impacts []evidenceTerm
		}
	}
	if err := json.Unmarshal([]byte(stdout), &document); err != nil {
		t.Fatal(err)
	}
	var list []evidenceTerm
	seen := map[string]bool{}
	for _, fit := range document.Fits {
		for _, e := range slices.Concat(fit.Terms, fit.Impacts) {
			if !seen[fit.Outcome] && strings.HasPrefix(e.Term, term) {
				list = append(list, e)
			}
		}
		seen[fit.Outcome] = true
	}
	if len(list) == 0 {
		t.Fatalf("no term %s", term)
	}
	return list
}

// experimentFile writes the small experiment and reads it back.
func experimentFile(t *testing.T) (string, *data.Frame) {
	t.Helper()
	file := filepath.Join(filepath.Dir(studyDir(t, studyFile, experiment().String())), "events.csv")
	f, err := data.ReadCSV(context.Background(), file, data.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return file, f
}

// agrees compares numbers that take different ways to the same.
func agrees(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-9*math.Max(1, math.Abs(want))) {
		t.Errorf("%s is %.15g, want %.15g", what, got, want)
	}
}

// TestFitWild compares the command with the library: p-values, sets and Romano-Wolf's p-values of
// two outcomes in common draws.
func TestFitWild(t *testing.T) {
	file, f := experimentFile(t)
	got := evidence(t, "arm", file, "--outcome y,x --assign arm --cluster unit --wild --draws 499 --seed 7 --weights-law webb --adjust romano-wolf")
	ctx := context.Background()
	r, err := itt.Estimate(ctx, f, itt.Spec{Outcomes: []string{"y", "x"}, Assignment: "arm", Cluster: []string{"unit"}})
	if err != nil {
		t.Fatal(err)
	}
	var observed []float64
	var draws [][]float64
	for i, fit := range r.Fits {
		want, err := bootstrap.Wild(ctx, fit, bootstrap.WildSpec{Term: "arm", Draws: 499, Seed: 7, Weights: bootstrap.Webb})
		if err != nil {
			t.Fatal(err)
		}
		w := got[i].Wild
		if w == nil || w.Draws != 499 || w.Seed != 7 || w.Weights != "Webb" || w.Enumerated || len(w.Set.Pieces) != 1 || w.Set.Level != 0.95 {
			t.Fatalf("the wild bootstrap of %s is %+v", fit.Outcome, w)
		}
		agrees(t, "p", w.P, want.P)
		agrees(t, "low", *w.Set.Pieces[0][0], want.Set.Pieces[0][0])
		agrees(t, "high", *w.Set.Pieces[0][1], want.Set.Pieces[0][1])
		observed, draws = append(observed, want.Statistic), append(draws, want.Statistics)
	}
	steps, err := bootstrap.StepDown(observed, draws, bootstrap.StepSpec{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		if a := got[i].Adjusted; a == nil || a.Method != "Romano-Wolf" || a.Of != "wild" || a.Hypotheses != 2 {
			t.Errorf("adjusted: %+v", a)
		} else {
			agrees(t, "adjusted p", a.P, steps.P[i])
		}
	}
}

// TestFitWildCrossing: effects that cross the clusters are kept for the bootstrap whatever the standard
// errors, which change nothing about it.
func TestFitWildCrossing(t *testing.T) {
	file, _ := experimentFile(t)
	const args = "--outcome y --assign arm --controls x --absorb at --cluster unit --wild --draws 299"
	usual, corrected := evidence(t, "arm", file, args)[0], evidence(t, "arm", file, args+" --se cr2")[0]
	if usual.SE == corrected.SE {
		t.Error("CR2 has the standard error of CR1")
	}
	agrees(t, "p", corrected.Wild.P, usual.Wild.P)
	agrees(t, "statistic", usual.Wild.Statistic*usual.SE, usual.Estimate)
	other := evidence(t, "arm", file, args+" --seed 1")[0]
	if slices.Equal(other.Wild.Set.Pieces[0][:], usual.Wild.Set.Pieces[0][:]) || *other.Wild.Set.Pieces[0][0] == *usual.Wild.Set.Pieces[0][0] {
		t.Error("another seed gives the same draws")
	}
}

// TestFitUsage compares Anderson-Rubin sets and the WRE bootstrap with the library's.
func TestFitUsage(t *testing.T) {
	file, f := experimentFile(t)
	const args = "--outcome y --assign arm --usage used --cluster unit --ar --wild --draws 199 --adjust holm"
	got := evidence(t, "used", file, args)[0]
	ctx := context.Background()
	r, err := late.Estimate(ctx, f, late.Spec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "arm", Cluster: []string{"unit"}}, Usage: "used"})
	if err != nil {
		t.Fatal(err)
	}
	set := r.Fits[0].AndersonRubinSet()
	if got.AR == nil || len(got.AR.Pieces) != len(set.Pieces) || got.AR.Level != 0.95 {
		t.Fatalf("the set is %+v, want %v", got.AR, set)
	}
	agrees(t, "low", *got.AR.Pieces[0][0], set.Pieces[0][0])
	agrees(t, "high", *got.AR.Pieces[0][1], set.Pieces[0][1])
	want, err := bootstrap.WRE(ctx, r.Fits[0], bootstrap.WildSpec{Term: "used", Draws: 199})
	if err != nil {
		t.Fatal(err)
	}
	agrees(t, "p of WRE", got.Wild.P, want.P)
	agrees(t, "adjusted p", got.Adjusted.P, want.P)
	stdout, _ := succeed(t, append([]string{"fit", "--data", file}, strings.Fields(args)...)...)
	for _, w := range []string{"Effective F", "critical value", "[0.", "{", "Anderson-Rubin", "wild restricted efficient bootstrap", "199 draws of Rademacher weights", "seed 0"} {
		if !strings.Contains(strings.Join(strings.Fields(stdout), " "), w) {
			t.Errorf("does not show %q:\n%s", w, stdout)
		}
	}
}

// TestFitUsageCorrected: the sets have the covariance of the standard errors, CR2 and the jackknife included;
// beside HC3, which is of one model alone, they are those of HC1 and say so.
func TestFitUsageCorrected(t *testing.T) {
	file, f := experimentFile(t)
	for _, c := range []struct {
		cluster  []string
		se, says string
		kind     iv.CovarianceKind
	}{{[]string{"unit"}, "cr2", "set in braces", iv.CR2}, {[]string{"unit"}, "jackknife", "set in braces", iv.Jackknife}, {nil, "hc3", "set (HC1) in braces", iv.HC1}} {
		args := "--outcome y --assign arm --usage used --ar --se " + c.se
		if c.cluster != nil {
			args += " --cluster unit"
		}
		r, err := late.Estimate(context.Background(), f, late.Spec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "arm", Cluster: c.cluster, Covariance: iv.Covariance{Kind: c.kind}}, Usage: "used"})
		if err != nil {
			t.Fatal(err)
		}
		got, want := evidence(t, "used", file, args)[0], r.Fits[0].AndersonRubinSet()
		for end := range 2 {
			agrees(t, c.se, *got.AR.Pieces[0][end], want.Pieces[0][end])
		}
		stdout, _ := succeed(t, append([]string{"fit", "--data", file}, strings.Fields(args)...)...)
		if text := strings.Join(strings.Fields(stdout), " "); !strings.Contains(text, "Anderson-Rubin confidence "+c.says) || strings.Contains(text, "Effective F (HC1)") != (c.se == "hc3") {
			t.Errorf("does not say %q:\n%s", c.says, stdout)
		}
	}
}

// TestFitRays: a set that is not an interval has null at its infinite ends.
func TestFitRays(t *testing.T) {
	file, _ := experimentFile(t)
	got := evidence(t, "noise", file, "--outcome y --assign arm --usage noise --derive noise=x*w --cluster unit --ar")[0]
	outer := got.AR.Pieces
	if outer[0][0] != nil || outer[len(outer)-1][1] != nil {
		t.Errorf("usage that assignment does not move has the set %v", outer)
	}
}

// TestFitPermute: the statistic of the data is the t of the model, however periods are held constant;
// p-values are those of the library.
func TestFitPermute(t *testing.T) {
	file, f := experimentFile(t)
	got := evidence(t, "arm", file, "--outcome y,x --assign arm --cluster unit --permute --draws 299 --seed 3 --adjust westfall-young")
	want, err := bootstrap.Permute(context.Background(), f, bootstrap.PermuteSpec{Outcomes: []string{"y", "x"}, Assignment: "arm", Unit: "unit", Draws: 299, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	observed, draws := want.Common()
	steps, err := bootstrap.StepDown(observed, draws, want.StepSpec(bootstrap.WestfallYoung))
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range want.Effects {
		p := got[i].Permutation
		agrees(t, "p", p.P, e.P)
		agrees(t, "t", p.Statistic, got[i].Statistic)
		agrees(t, "low", *p.Set.Pieces[0][0], e.Set.Pieces[0][0])
		agrees(t, "adjusted p", got[i].Adjusted.P, steps.P[i])
	}
	for _, args := range []string{"--absorb unit,at", "--absorb unit", "--absorb unit --controls w"} {
		e := evidence(t, "treated", file, "--outcome y --assign arm --cluster unit --time at --launch 2024-03-08 --permute --draws 99 "+args)[0]
		agrees(t, "t with "+args, e.Permutation.Statistic, e.Statistic)
	}
	stdout, _ := succeed(t, strings.Fields("fit --data "+file+" --outcome y --assign arm --cluster unit --permute --draws 99 --derive high=base>0 --strata high")...)
	if text := strings.Join(strings.Fields(stdout), " "); !strings.Contains(text, "within 2 strata of high, 99 draws, seed 0") {
		t.Errorf("does not say how assignment was drawn:\n%s", stdout)
	}
}

// TestFitAdjust adjusts the p-values of t tests, over outcomes and over groups.
func TestFitAdjust(t *testing.T) {
	file, _ := experimentFile(t)
	for name, method := range map[string]bootstrap.Adjustment{"bonferroni": bootstrap.Bonferroni, "holm": bootstrap.Holm, "hochberg": bootstrap.Hochberg,
		"hommel": bootstrap.Hommel, "sidak": bootstrap.Sidak, "holm-sidak": bootstrap.HolmSidak, "bh": bootstrap.BH, "by": bootstrap.BY, "sharpened-q": bootstrap.SharpenedQ} {
		got := evidence(t, "impact", file, "--outcome y,x --assign arm --cluster unit --by base --groups 2 --adjust "+name)
		if len(got) != 4 {
			t.Fatalf("%d effects, want those in two groups on two outcomes", len(got))
		}
		p := make([]float64, len(got))
		for i := range got {
			p[i] = got[i].P
		}
		want, err := bootstrap.Adjust(p, method)
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			agrees(t, name, got[i].Adjusted.P, want[i])
			if a := got[i].Adjusted; a.Method != method.String() || a.Of != "t" || a.Hypotheses != 4 {
				t.Errorf("%s: %+v", name, a)
			}
		}
	}
}

// TestFitGroupsWild bootstraps the effects in groups, as coefficients of the model.
func TestFitGroupsWild(t *testing.T) {
	file, _ := experimentFile(t)
	got := evidence(t, "impact", file, "--outcome y --assign arm --cluster unit --by base --groups 2 --wild --draws 199 --adjust romano-wolf")
	for _, e := range got {
		agrees(t, "t of "+e.Term, e.Wild.Statistic, e.Statistic)
		if e.Adjusted.P < e.Wild.P {
			t.Errorf("%s: adjusted p %g below p %g", e.Term, e.Adjusted.P, e.Wild.P)
		}
	}
	if len(got) != 2 {
		t.Errorf("%d effects with evidence, want 2", len(got))
	}
}

// TestFitInferenceIsDeterministic gives the same bytes on one processor and on several.
func TestFitInferenceIsDeterministic(t *testing.T) {
	file, _ := experimentFile(t)
	run := func(processors int) string {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
		stdout := ""
		for _, args := range []string{"--outcome y,x --wild --draws 999 --adjust romano-wolf", "--outcome y --usage used --wild --draws 299", "--outcome y,x --permute --draws 999"} {
			out, _ := succeed(t, append([]string{"fit", "--data", file, "--assign", "arm", "--cluster", "unit", "--format", "json"}, strings.Fields(args)...)...)
			stdout += out
		}
		return stdout
	}
	if run(1) != run(2) {
		t.Error("one processor and two give different digits")
	}
}

// TestCommandKnowsAllCovariances runs every kind of standard errors by its name.
func TestCommandKnowsAllCovariances(t *testing.T) {
	file, _ := experimentFile(t)
	for kind := iv.Classical; kind <= iv.Jackknife; kind++ {
		args := []string{"--data", file, "--outcome", "y", "--assign", "arm", "--se", strings.ToLower(kind.String())}
		if kind.Clustered() {
			args = append(args, "--cluster", "unit")
		}
		if got := fitOf(t, args...).Fits[0].SE; got != kind.String() {
			t.Errorf("--se %s gives %s", kind, got)
		}
	}
}
