package study

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/late"
	"github.com/fieldexp/fieldexp/report"
)

// trialSheet is a cross-section: 120 units in blocks of eight, half of each assigned, of whom most use.
func trialSheet() string {
	r := rand.New(rand.NewPCG(7, 8))
	var b strings.Builder
	b.WriteString("id,offered,used,dose,y,age,block\n")
	for i := range 120 {
		offered, used := i%2, 0
		if offered == 1 && r.Float64() < 0.7 {
			used = 1
		}
		age := 30 + 10*r.NormFloat64()
		fmt.Fprintf(&b, "%d,%d,%d,%.3f,%.4f,%.2f,b%d\n", i, offered, used, float64(used)*r.Float64(), 2+float64(used)+0.02*age+r.NormFloat64(), age, i/8)
	}
	return b.String()
}

const trialStudy = `[data]
events = "trial.csv"

[roles]
unit = "id"
assignment = "offered"
usage = "used"

[controls]
current = ["age"]

[baseline]
column = "age"
groups = 2

[inference]
strata = ["block"]

[[outcomes]]
column = "y"
`

// trial runs the cross-section with tables, and reads its data.
func trial(t *testing.T, tables string, edits ...string) (*Output, *data.Frame) {
	t.Helper()
	out, err := runFiles(t, map[string]string{"trial.csv": trialSheet(), "study.toml": strings.NewReplacer(edits...).Replace(trialStudy) + tables})
	if err != nil {
		t.Fatal(err)
	}
	f, err := data.ReadCSVFrom(context.Background(), strings.NewReader(trialSheet()), "trial.csv", data.ReadOptions{Types: map[string]data.Kind{"id": data.Categorical}})
	if err != nil {
		t.Fatal(err)
	}
	return out, f
}

// cellOf is the first cell of a row of a table.
func cellOf(t *testing.T, out *Output, table, section, row string) report.Cell {
	t.Helper()
	shown := out.Table(table)
	if shown == nil {
		t.Fatalf("there is no table %s", table)
	}
	for _, s := range shown.Sections {
		for _, r := range s.Rows {
			if r.Label == row && (section == "" || section == s.Title) {
				return r.Cells[0]
			}
		}
	}
	t.Fatalf("table %s has no row %q", table, row)
	return report.Cell{}
}

func same(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-9*math.Max(1, math.Abs(want))) {
		t.Errorf("%s is %.15g, want %.15g", what, got, want)
	}
}

// TestDesigns compares tables by the design of the experiment with the library.
func TestDesigns(t *testing.T) {
	out, f := trial(t, "[[tables]]\nkind = \"itt\"\ndesign = \"means\"\n[[tables]]\nkind = \"itt\"\ndesign = \"lin\"\n[[tables]]\nkind = \"itt\"\n")
	ctx := context.Background()
	means, err := itt.DifferenceInMeans(ctx, f, itt.MeansSpec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "offered"}, Blocks: "block"})
	if err != nil {
		t.Fatal(err)
	}
	got := cellOf(t, out, "1", "", "Offered")
	same(t, "difference in means", got.Value, means.Effects()[0].Estimate)
	same(t, "its standard error", got.SE, means.Effects()[0].SE)
	same(t, "mean by precision", cellOf(t, out, "1", "Blocks weighted by precision", "Offered").Value, means.Fits[0].Strata[0].Precision.Estimate)

	spec := itt.Spec{Outcomes: []string{"y"}, Assignment: "offered", Controls: []string{"age"}}
	lin, err := itt.Lin(ctx, f, spec)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := itt.Estimate(ctx, f, spec)
	if err != nil {
		t.Fatal(err)
	}
	for table, r := range map[string]*itt.Result{"2": lin, "3": plain} {
		c, err := r.Effect("y")
		if err != nil {
			t.Fatal(err)
		}
		same(t, "estimate of table "+table, cellOf(t, out, table, "", "Offered").Value, c.Estimate)
	}
	if fit := out.Fits[0]; fit.Estimator != "difference in means" || fit.N != 120 || fit.SE != "design: blocked" || fit.Terms[0].Term != "offered" {
		t.Errorf("the comparison of means is %+v", fit)
	}
}

// TestUsageTables compares tables on the instrument and on compliers with the library.
func TestUsageTables(t *testing.T) {
	const tables = "[[tables]]\nkind = \"itt\"\ndesign = \"means\"\n[[tables]]\nkind = \"weak\"\n[[tables]]\nkind = \"compliers\"\ntitle = \"Compliers\"\nvariables = [\"age\"]\n" +
		"[[tables]]\nkind = \"late\"\ndirect = [-0.2, 0.1]\n[[tables]]\nkind = \"weak-groups\"\n"
	out, f := trial(t, tables)
	ctx := context.Background()
	spec := late.Spec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "offered", Controls: []string{"age"}}, Usage: "used"}
	r, err := late.Estimate(ctx, f, spec)
	if err != nil {
		t.Fatal(err)
	}
	fit := r.Fits[0]
	same(t, "effective F", cellOf(t, out, "2", "", "Effective F").Value, fit.EffectiveF().Statistic)
	same(t, "Anderson-Rubin p", cellOf(t, out, "2", "", "p, Anderson-Rubin").Value, fit.AndersonRubin(0).P)
	a, err := late.Account(ctx, f, spec)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "mean of compliers without", cellOf(t, out, "3", "", "Without usage").Value, a.Outcomes[0].Control.Estimate)
	p, err := late.DescribeCompliers(ctx, f, spec, "age")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "mean age of all", cellOf(t, out, "3-who", "", "Age").Value, p.Rows[0].All.Estimate)
	v, err := r.Violate("y", -0.2, 0.1)
	if err != nil {
		t.Fatal(err)
	}
	list, _, notes := evidenceOf(out, "4")
	if len(list) != 1 || list[0].Direct == nil || !strings.Contains(notes, "between -0.2 and 0.1") {
		t.Fatalf("bounds are %+v; %s", list, notes)
	}
	same(t, "lower bound", float64(list[0].Direct.Bounds[0]), v.Low)
	same(t, "breakdown", float64(list[0].Direct.Breakdown), v.Breakdown)
	groups := 0
	for _, fit := range out.Fits {
		if fit.Table == "5" && fit.Group != "" {
			groups++
		}
	}
	if groups != 2 || cellOf(t, out, "5", "Effect of used", "Q1").Kind != report.KindEstimate {
		t.Errorf("%d models of groups", groups)
	}

	out, f = trial(t, "[[tables]]\nkind = \"itt\"\ndesign = \"means\"\n[[tables]]\nkind = \"compliers\"\n", `usage = "used"`, `usage = "dose"`)
	spec.Usage = "dose"
	w, err := late.ResponseWeights(ctx, f, spec)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "usage moved in the lowest stretch", out.Table("2").Sections[0].Rows[0].Cells[0].Value, w.Steps[0].Moved.Estimate)
}

// ofTables are the fits of an output that tables show.
func ofTables(out *Output) []Fit {
	return slices.DeleteFunc(slices.Clone(out.Fits), func(f Fit) bool { return f.Table == "" })
}

// TestSplits compares effects over splits with the library, by a prediction and by halves of the time before the
// launch.
func TestSplits(t *testing.T) {
	out, f := trial(t, "[[tables]]\nkind = \"hetero\"\neffect = \"itt\"\nsplits = 2\npredict = [\"age\"]\n", "column = \"age\"\ngroups", "column = \"y\"\ngroups", "strata = [\"block\"]", "seed = 5")
	want, err := hetero.SplitEstimate(context.Background(), f, hetero.SplitSpec{Unit: "id", Baseline: "y", Covariates: []string{"age"}, N: 2, Splits: 2, Seed: 5,
		Spec: hetero.Spec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "offered", Controls: []string{"age"}}}})
	if err != nil {
		t.Fatal(err)
	}
	got := cellOf(t, out, "1", "", "Impact on Q1")
	same(t, "impact", got.Value, want.Fits[0].Impacts[0].Estimate)
	same(t, "its standard error", got.SE, want.Fits[0].Impacts[0].SE)

	out, err = runFiles(t, map[string]string{"log.csv": eventLog(), "study.toml": logStudy + "[[tables]]\nkind = \"hetero\"\nsplits = 2\n"})
	if err != nil {
		t.Fatal(err)
	}
	if notes := strings.Join(out.Table("1").Notes, " "); !strings.Contains(notes, "mean y in a random half of a unit's rows before the launch") || len(ofTables(out)) != 1 {
		t.Errorf("%d fits; %s", len(out.Fits), notes)
	}
	if cell := cellOf(t, out, "1", "First stage by group", "Q2"); !(cell.Value > 0.2) {
		t.Errorf("the first stage is %+v", cell)
	}
}
