package main

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/late"
	"github.com/fieldexp/fieldexp/panel"
)

// tableJSON is a table of the fit command's JSON.
type tableJSON struct {
	Title    string
	Notes    []string
	Sections []struct {
		Title string
		Rows  []struct {
			Label string
			Cells []struct {
				Kind      string
				Value, SE float64
				Below     []struct {
					Name  string
					Value float64
					Set   [][2]*float64
				}
			}
		}
	}
}

// value is that of the cell of a row and column, in the section of a title or of any if that is empty.
func (d *tableJSON) value(t *testing.T, section, row string, column int) float64 {
	t.Helper()
	for _, s := range d.Sections {
		for _, r := range s.Rows {
			if r.Label == row && (section == "" || s.Title == section) {
				return r.Cells[column].Value
			}
		}
	}
	t.Fatalf("table %q has no row %q in section %q", d.Title, row, section)
	return 0
}

// tablesBeside runs the fit command and returns the tables that stand beside those of the effects.
func tablesBeside(t *testing.T, file, args string) []tableJSON {
	t.Helper()
	stdout, _ := succeed(t, append([]string{"fit", "--data", file, "--format", "json"}, strings.Fields(args)...)...)
	var document struct{ Tables []tableJSON }
	if err := json.Unmarshal([]byte(stdout), &document); err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(document.Tables, func(d tableJSON) bool { return strings.HasPrefix(d.Title, "Effects ") })
}

// usageSpec is the model that these tests ask for.
func usageSpec(outcomes ...string) late.Spec {
	return late.Spec{Spec: itt.Spec{Outcomes: outcomes, Assignment: "arm", Cluster: []string{"unit"}}, Usage: "used"}
}

// TestFitMeans compares differences in means with the library, and their permutations and adjustment.
func TestFitMeans(t *testing.T) {
	file, f := experimentFile(t)
	got := evidence(t, "arm", file, "--outcome y,x --assign arm --cluster unit --design means --permute --draws 199 --seed 3 --adjust holm")
	ctx := context.Background()
	want, err := itt.DifferenceInMeans(ctx, f, itt.MeansSpec{Spec: itt.Spec{Outcomes: []string{"y", "x"}, Assignment: "arm", Cluster: []string{"unit"}}})
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := bootstrap.Permute(ctx, f, bootstrap.PermuteSpec{Outcomes: []string{"y", "x"}, Assignment: "arm", Unit: "unit", Draws: 199, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	adjusted, err := bootstrap.Adjust([]float64{drawn.Effects[0].P, drawn.Effects[1].P}, bootstrap.Holm)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range want.Effects() {
		agrees(t, "estimate", got[i].Estimate, c.Estimate)
		agrees(t, "standard error", got[i].SE, c.SE)
		agrees(t, "permutation p", got[i].Permutation.P, drawn.Effects[i].P)
		agrees(t, "adjusted p", got[i].Adjusted.P, adjusted[i])
	}
	text, _ := succeed(t, "fit", "--data", file, "--outcome", "y", "--assign", "arm", "--cluster", "unit", "--design", "means", "--strata", "half", "--derive", "half = base <= 0")
	for _, row := range []string{"Mean of control", "Blocks weighted by precision", "Blocks (half)", "blocked and clustered"} {
		if !strings.Contains(text, row) {
			t.Errorf("no %q in\n%s", row, text)
		}
	}
}

// TestFitLin compares Lin's estimator with the library.
func TestFitLin(t *testing.T) {
	file, f := experimentFile(t)
	got := evidence(t, "arm", file, "--outcome y --assign arm --cluster unit --design lin --controls x,base --se cr2")[0]
	want, err := itt.Lin(context.Background(), f, itt.Spec{Outcomes: []string{"y"}, Assignment: "arm", Controls: []string{"x", "base"}, Cluster: []string{"unit"},
		Covariance: iv.Covariance{Kind: iv.CR2}})
	if err != nil {
		t.Fatal(err)
	}
	c, err := want.Effect("y")
	if err != nil {
		t.Fatal(err)
	}
	agrees(t, "estimate", got.Estimate, c.Estimate)
	agrees(t, "standard error", got.SE, c.SE)
}

// TestFitWeak compares the report on the instruments with the library, for one instrument and for two arms.
func TestFitWeak(t *testing.T) {
	file, f := experimentFile(t)
	table := tablesBeside(t, file, "--outcome y,x --assign arm --usage used --cluster unit --weak")[0]
	r, err := late.Estimate(context.Background(), f, usageSpec("y", "x"))
	if err != nil {
		t.Fatal(err)
	}
	for i, fit := range r.Fits {
		for row, want := range map[string]float64{
			"First-stage F": fit.PartialF()[0].Statistic, "Effective F": fit.EffectiveF().Statistic, "Kleibergen-Paap rk F": fit.KleibergenPaap().Statistic,
			"Cragg-Donald F": fit.CraggDonald().Statistic, "p, instruments do not identify": fit.UnderIdentification().P, "tF critical value of |t|": fit.TF().Critical,
			"p, Anderson-Rubin": fit.AndersonRubin(0).P, "p, used as good as assigned": fit.WuHausman().P, "Used": fit.Coefficients()[0].Estimate,
		} {
			agrees(t, row, table.value(t, "", row, i), want)
		}
	}
	text, _ := succeed(t, strings.Fields("fit --data ../../testdata/golden/experiment.csv --outcome y --assign topic --usage used --weak --control-arm t1")...)
	for _, want := range []string{"topic=t0", "p, instruments agree (J)", "against the control arm t1"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// TestFitSetsWhereUntrusted: Anderson-Rubin sets stand beneath effects whose first-stage F is below the one from
// which on a t-test has its level, without being asked for, and only there.
func TestFitSetsWhereUntrusted(t *testing.T) {
	const file = "../../testdata/golden/experiment.csv"
	f, err := data.ReadCSV(context.Background(), file, data.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, usage := range []string{"used", "share"} {
		r, err := late.Estimate(context.Background(), f, late.Spec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "assigned", Cluster: []string{"agent"}}, Usage: usage})
		if err != nil {
			t.Fatal(err)
		}
		strength := r.Fits[0].PartialF()[0].Statistic
		if trusted := strength >= late.TrustedF; trusted != (usage == "used") || strength < late.WeakF {
			t.Fatalf("F of %s is %g: one is to be trusted, the other neither trusted nor weak", usage, strength)
		}
		got := evidence(t, usage, file, "--outcome y --assign assigned --cluster agent --usage "+usage)[0]
		if usage == "used" {
			if got.AR != nil {
				t.Errorf("a trusted effect has the set %+v", got.AR)
			}
			continue
		}
		want := r.Fits[0].AndersonRubinSet()
		if got.AR == nil || len(got.AR.Pieces) != 1 {
			t.Fatalf("the set is %+v", got.AR)
		}
		agrees(t, "low", *got.AR.Pieces[0][0], want.Pieces[0][0])
		agrees(t, "high", *got.AR.Pieces[0][1], want.Pieces[0][1])
	}
}

// TestFitCompliers compares the accounting, the profile and the bounds with the library.
func TestFitCompliers(t *testing.T) {
	file, f := experimentFile(t)
	tables := tablesBeside(t, file, "--outcome y --assign arm --usage used --cluster unit --compliers --profile base")
	if len(tables) != 2 { // everybody assigned used at some time
		t.Fatalf("%d tables", len(tables))
	}
	ctx := context.Background()
	a, err := late.Account(ctx, f, usageSpec("y"))
	if err != nil {
		t.Fatal(err)
	}
	o := a.Outcomes[0]
	for row, want := range map[string]float64{"Compliers": o.Share.Estimate, "Never-takers": a.NeverTakers.Estimate, "Without usage": o.Control.Estimate, "With usage": o.Treated.Estimate,
		"Effect": o.Effect.Estimate, "In percent of the mean without": o.Percent.Estimate} {
		agrees(t, row, tables[0].value(t, "", row, 0), want)
	}
	p, err := late.DescribeCompliers(ctx, f, usageSpec("y"), "base")
	if err != nil {
		t.Fatal(err)
	}
	agrees(t, "mean of compliers", tables[1].value(t, "", "Base", 1), p.Rows[0].Compliers.Estimate)
	if notes := strings.Join(tables[1].Notes, " "); !strings.Contains(notes, "there are no never-takers") {
		t.Errorf("the notes say nothing of never-takers: %s", notes)
	}

	got := evidence(t, "used", file, "--outcome y --assign arm --usage used --cluster unit --direct=-0.1,0.2")[0]
	r, err := late.Estimate(ctx, f, usageSpec("y"))
	if err != nil {
		t.Fatal(err)
	}
	v, err := r.Violate("y", -0.1, 0.2)
	if err != nil {
		t.Fatal(err)
	}
	d := got.Direct
	if d == nil || d.Low != -0.1 || d.High != 0.2 {
		t.Fatalf("the bounds are %+v", d)
	}
	agrees(t, "lower bound", d.Bounds[0], v.Low)
	agrees(t, "upper bound", d.Bounds[1], v.High)
	agrees(t, "breakdown", d.Breakdown, v.Breakdown)
	agrees(t, "set", *d.Set.Pieces[0][0], v.Set.Pieces[0][0])
}

// TestFitResponseWeights: where usage has many levels, --compliers says how they are weighed.
func TestFitResponseWeights(t *testing.T) {
	const file = "../../testdata/golden/experiment.csv"
	table := tablesBeside(t, file, "--outcome y --assign assigned --usage share --cluster agent --compliers")[0]
	f, err := data.ReadCSV(context.Background(), file, data.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := late.ResponseWeights(context.Background(), f, late.Spec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "assigned", Cluster: []string{"agent"}}, Usage: "share"})
	if err != nil {
		t.Fatal(err)
	}
	rows := table.Sections[0].Rows
	if len(rows) != len(r.Steps) {
		t.Fatalf("%d rows for %d steps", len(rows), len(r.Steps))
	}
	for i, step := range r.Steps {
		agrees(t, "moved", rows[i].Cells[0].Value, step.Moved.Estimate)
		agrees(t, "weight", rows[i].Cells[1].Value, step.Weight.Estimate)
	}
}

// TestFitGroups compares the bootstrap of usage by group, the groups' own models, splits, and groups of means before
// the launch with the library.
func TestFitGroups(t *testing.T) {
	file, f := experimentFile(t)
	ctx := context.Background()
	const args = "--outcome y --assign arm --usage used --cluster unit --time at --launch 2024-03-08 --absorb unit --by y --groups 2 "
	launch := time.Date(2024, 3, 8, 0, 0, 0, 0, time.UTC)
	report, err := panel.Baselines(f, panel.BaselineSpec{Unit: "unit", Measures: []panel.Measure{{Column: "y"}}, Time: "at", Launch: launch})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := panel.Groups(f, panel.GroupSpec{Value: report.Without[0].Column, N: 2, Name: "half", Unit: "unit"}); err != nil {
		t.Fatal(err)
	}
	spec := hetero.Spec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "arm", Absorb: iv.Effects("unit"), Time: "at", Launch: launch, Cluster: []string{"unit"}}, Usage: "used", Group: "half"}

	got := evidence(t, "impact on", file, args+"--wild --draws 199 --seed 4")
	kept := spec
	kept.Covariance = iv.Covariance{Kind: iv.Jackknife, Working: iv.InverseWeights}
	r, err := hetero.Estimate(ctx, f, kept)
	if err != nil {
		t.Fatal(err)
	}
	wild, err := r.Wild(ctx, bootstrap.WildSpec{Draws: 199, Seed: 4})
	if err != nil {
		t.Fatal(err)
	}
	for g, test := range wild.Fits[0].Impacts {
		agrees(t, "impact", got[g].Estimate, r.Fits[0].Impacts[g].Estimate)
		agrees(t, "wild p", got[g].Wild.P, test.P)
		if got[g].Wild.Set != nil {
			t.Errorf("the effect of usage has a set that is of assignment: %+v", got[g].Wild.Set)
		}
	}

	ofAssignment := kept
	ofAssignment.Usage = ""
	if r, err = hetero.Estimate(ctx, f, ofAssignment); err != nil {
		t.Fatal(err)
	}
	if wild, err = r.Wild(ctx, bootstrap.WildSpec{Draws: 199, Seed: 4}); err != nil {
		t.Fatal(err)
	}
	text, _ := succeed(t, append([]string{"fit", "--data", file}, strings.Fields(strings.Replace(args, "--usage used", "", 1)+"--wild --draws 199 --seed 4")...)...)
	for label, p := range map[string]float64{"p, equal effects (wild)": wild.Fits[0].Equality.P, "p, no trend (wild)": wild.Fits[0].Trend.P} {
		if row := strings.Join(strings.Fields(text), " "); !strings.Contains(row, fmt.Sprintf("%s %.3f", label, p)) {
			t.Errorf("no %s of %.3f in\n%s", label, p, text)
		}
	}

	s, err := hetero.Separate(ctx, f, spec)
	if err != nil {
		t.Fatal(err)
	}
	table := tablesBeside(t, file, args+"--weak --wild --draws 199 --seed 4")[0]
	agreement, err := hetero.WildAgreement(ctx, f, kept, bootstrap.WildSpec{Draws: 199, Seed: 4})
	if err != nil {
		t.Fatal(err)
	}
	agrees(t, "wild p of equal effects", table.value(t, "", "p, equal effects (wild)", 0), agreement[0].P)
	for g, label := range s.Groups {
		agrees(t, "effective F", table.value(t, "Effective F", label, 0), s.Fits[0].Groups[g].Strength.Statistic)
		agrees(t, "effect", table.value(t, "Effect of used", label, 0), s.Fits[0].Groups[g].Effect.Estimate)
	}

	split := hetero.SplitSpec{Spec: spec, Unit: "unit", Baseline: "y", N: 2, Splits: 2, Seed: 9}
	split.Group = ""
	halves, err := hetero.SplitEstimate(ctx, f, split)
	if err != nil {
		t.Fatal(err)
	}
	for g, e := range evidence(t, "impact on", file, args+"--splits 2 --seed 9") {
		agrees(t, "impact over splits", e.Estimate, halves.Fits[0].Impacts[g].Estimate)
		agrees(t, "its standard error", e.SE, halves.Fits[0].Impacts[g].SE)
	}
	text, _ = succeed(t, append([]string{"fit", "--data", filepath.Clean(file)}, strings.Fields(args)...)...)
	if !strings.Contains(strings.Join(strings.Fields(text), " "), "quantile groups of mean y by unit before the launch") {
		t.Errorf("the notes do not say how groups were made:\n%s", text)
	}
}
