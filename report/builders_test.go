package report

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/late"
)

// offered is an experiment of forty rows: half were offered, and three quarters of those used.
func offered(t *testing.T) *data.Frame {
	t.Helper()
	f := new(data.Frame)
	columns := map[string][]float64{}
	for i := range 40 {
		assigned := float64(i % 2)
		used := 0.0
		if i%2 == 1 && i%8 != 7 {
			used = 1
		}
		noise := math.Sin(float64(3 * i))
		columns["y"] = append(columns["y"], 2+used+noise)
		columns["offer"] = append(columns["offer"], assigned)
		columns["used"] = append(columns["used"], used)
		columns["age"] = append(columns["age"], 30+5*math.Cos(float64(i)))
		columns["site"] = append(columns["site"], float64(i/20))
		columns["second"] = append(columns["second"], float64(i%4/2))
	}
	for name, values := range columns {
		if err := f.SetFloats(name, values); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func lateSpec() late.Spec {
	return late.Spec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "offer"}, Usage: "used"}
}

// rendered is a table as text.
func rendered(t *testing.T, table *Table, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := table.Render(&b, Text); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWeakInstruments(t *testing.T) {
	f := offered(t)
	ctx := context.Background()
	r, err := late.Estimate(ctx, f, lateSpec())
	if err != nil {
		t.Fatal(err)
	}
	table, err := WeakInstruments{Title: "Strength", Fits: r.Fits, Headers: []string{"Outcome"}, Label: strings.ToUpper}.Table()
	text := rendered(t, table, err)
	for _, want := range []string{"Outcome", "First stage: USED", "OFFER", "tF critical value of |t|", "p, USED as good as assigned", "Observations"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "(J)") {
		t.Errorf("one instrument is tested against itself:\n%s", text)
	}
	effect := cell(t, table, "USED", 0)
	if len(effect.Below) != 2 || effect.Below[0].Name != "tF interval" || effect.Below[1].Name != "Anderson-Rubin set" {
		t.Errorf("beneath the effect: %+v", effect.Below)
	}
	two, err := iv.Estimate(ctx, f, iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"used"}, Instruments: []string{"offer", "second"}})
	if err != nil {
		t.Fatal(err)
	}
	table, err = WeakInstruments{Fits: two}.Table()
	text = rendered(t, table, err)
	if below := cell(t, table, "used", 0).Below; len(below) != 2 || below[0].Name != "conditional LR set" || !strings.Contains(text, "p, conditional LR") {
		t.Errorf("two instruments have %+v beneath the effect", below)
	}
	if !strings.Contains(text, "p, instruments agree (J)") || strings.Contains(text, "tF critical") || !strings.Contains(text, "second") {
		t.Errorf("two instruments:\n%s", text)
	}
	ols, err := iv.Estimate(ctx, f, iv.Spec{Outcomes: []string{"y"}, Exogenous: []string{"offer"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (WeakInstruments{Fits: ols}).Table(); err == nil || !strings.Contains(err.Error(), "0 first stages") {
		t.Errorf("least squares: %v", err)
	}
	if _, err := (WeakInstruments{}).Table(); err == nil {
		t.Error("no error without a model")
	}
}

// TestWeakInstrumentsOfNoStrength: an instrument that moves nothing has the whole line for both sets.
func TestWeakInstrumentsOfNoStrength(t *testing.T) {
	fits, err := iv.Estimate(context.Background(), offered(t), iv.Spec{Outcomes: []string{"y"}, Endogenous: []string{"used"}, Instruments: []string{"age"}})
	if err != nil {
		t.Fatal(err)
	}
	table, err := WeakInstruments{Fits: fits}.Table()
	text := rendered(t, table, err)
	if strings.Count(text, "{(−∞, ∞)}") != 2 || !strings.Contains(text, "∞") {
		t.Errorf("the sets are bounded:\n%s", text)
	}
}

func TestCompliersTables(t *testing.T) {
	f := offered(t)
	ctx := context.Background()
	a, err := late.Account(ctx, f, lateSpec())
	if err != nil {
		t.Fatal(err)
	}
	table, err := Compliers{Title: "Who", Accounting: a, Headers: []string{"Outcome"}}.Table()
	text := rendered(t, table, err)
	if got := cell(t, table, "Compliers", 0); got.Value != 0.75 || got.Below[0].Kind != LineNumber {
		t.Errorf("the share of compliers is %+v", got)
	}
	if c := cell(t, table, "With usage", 0).Value - cell(t, table, "Without usage", 0).Value - cell(t, table, "Effect", 0).Value; math.Abs(c) > 1e-12 {
		t.Errorf("means and effect differ by %g:\n%s", c, text)
	}
	p, err := late.DescribeCompliers(ctx, f, lateSpec(), "age")
	if err != nil {
		t.Fatal(err)
	}
	table, err = ComplierProfile{Profile: p, Label: strings.ToUpper}.Table()
	text = rendered(t, table, err)
	if c := cell(t, table, "AGE", 2); c.Kind != KindMissing || !strings.Contains(text, "nobody used without being assigned") {
		t.Errorf("always-takers are %+v:\n%s", c, text)
	}
	w, err := late.ResponseWeights(ctx, f, lateSpec())
	if err != nil {
		t.Fatal(err)
	}
	table, err = ResponseWeights{Response: w}.Table()
	if text = rendered(t, table, err); cell(t, table, "0 to 1", 1).Value != w.Steps[0].Weight.Estimate {
		t.Errorf("the weight is another:\n%s", text)
	}
}

func TestMeans(t *testing.T) {
	r, err := itt.DifferenceInMeans(context.Background(), offered(t), itt.MeansSpec{Spec: itt.Spec{Outcomes: []string{"y", "age"}, Assignment: "offer"}, Blocks: "site"})
	if err != nil {
		t.Fatal(err)
	}
	below := []map[string][]Line{{"offer": {PValue("permutation p", 0.25)}}, {}}
	table, err := Means{Title: "Means", Result: r, Headers: []string{"Outcome", "Age"}, Below: below}.Table()
	text := rendered(t, table, err)
	c := r.Fits[0].Effects[0]
	if got := cell(t, table, "offer", 0); got.Value != c.Estimate || got.SE != c.SE || len(got.Below) != 1 {
		t.Errorf("the effect is %+v, want %+v", got, c)
	}
	for _, want := range []string{"Mean of control", "[0.250]", "Blocks weighted by precision", "Blocks (site)", "Degrees of freedom", "Age"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func TestGroupTables(t *testing.T) {
	f := offered(t)
	ctx := context.Background()
	if err := f.SetStrings("group", strings.Split(strings.Repeat("a,b,b,a,", 10), ",")[:40]); err != nil {
		t.Fatal(err)
	}
	spec := hetero.Spec{Spec: itt.Spec{Outcomes: []string{"y"}, Assignment: "offer"}, Usage: "used", Group: "group"}
	s, err := hetero.Separate(ctx, f, spec)
	if err != nil {
		t.Fatal(err)
	}
	table, err := SeparateGroups{Title: "Groups", Separated: s, Headers: []string{"Outcome"}}.Table()
	text := rendered(t, table, err)
	for _, want := range []string{"First stage: used", "Effective F", "Effect of used", "p, equal effects (J)", "HC1", "Observations"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	ids := make([]float64, f.Len())
	for i := range ids {
		ids[i] = float64(i)
	}
	if err := f.SetFloats("id", ids); err != nil {
		t.Fatal(err)
	}
	spec.Group = ""
	r, err := hetero.SplitEstimate(ctx, f, hetero.SplitSpec{Spec: spec, Unit: "id", Baseline: "y", Covariates: []string{"age"}, N: 2, Splits: 3})
	if err != nil {
		t.Fatal(err)
	}
	table, err = SplitGroups{Title: "Splits", Result: r, Headers: []string{"Outcome"}}.Table()
	text = rendered(t, table, err)
	if got := cell(t, table, "Impact on Q2", 0).Value; got != r.Fits[0].Impacts[1].Estimate || !strings.Contains(text, "That splits are random moves an impact by at most") {
		t.Errorf("the impact is %g:\n%s", got, text)
	}
}
