package report

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

// panelFrame is a panel of 12 agents over 8 days with an assignment, usage and two outcomes, the
// second of them missing at times.
func panelFrame(t *testing.T) *data.Frame {
	t.Helper()
	const agents, days = 12, 8
	columns := map[string][]float64{}
	var agent, day []string
	for i := range agents {
		for d := range days {
			treated := 0.0
			if i%2 == 1 && d >= 4 {
				treated = 1
			}
			usage := treated * float64((i*d)%3) / 2
			noise := math.Sin(float64(7*i*i + 13*d*d + i*d))
			rating := 3 + 0.5*usage + 0.1*float64(d) + noise
			if (i+d)%5 == 0 {
				rating = math.NaN()
			}
			agent, day = append(agent, "a"+string(rune('A'+i))), append(day, "d"+string(rune('0'+d)))
			for name, v := range map[string]float64{
				"treated": treated, "usage": usage, "load": math.Cos(float64(i + 3*d*i)), "twice": 2 * treated,
				"duration": 5 - 0.2*usage + 0.3*noise, "rating": rating, "share": 1 + float64(d%2),
			} {
				columns[name] = append(columns[name], v)
			}
		}
	}
	f := &data.Frame{}
	for _, name := range []string{"treated", "usage", "load", "twice", "duration", "rating", "share"} {
		if err := f.SetFloats(name, columns[name]); err != nil {
			t.Fatal(err)
		}
	}
	for name, values := range map[string][]string{"agent": agent, "day": day} {
		if err := f.SetStrings(name, values); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func estimate(t *testing.T, spec iv.Spec) []*iv.Result {
	t.Helper()
	results, err := iv.Estimate(context.Background(), panelFrame(t), spec)
	if err != nil {
		t.Fatal(err)
	}
	return results
}

var within = []iv.Effect{{"agent"}, {"day"}}

// sideBySide has the columns of a table of one outcome: reduced form, first stage, second stage,
// as used.
func sideBySide(t *testing.T) []RegressionColumn {
	late := estimate(t, iv.Spec{
		Outcomes: []string{"rating"}, Endogenous: []string{"usage"}, Instruments: []string{"treated"}, Exogenous: []string{"load"},
		Absorb: within, Cluster: []string{"agent"},
	})[0]
	return []RegressionColumn{
		{Result: late.ReducedForm, Header: "ITT"}, {Result: late.FirstStages[0], Header: "Usage"},
		{Result: late, Header: "LATE", Published: map[string]Cell{"GenAI usage": Printed(0.5, 0.21, "**", 3), RowObservations: Count(80)}},
		{Result: late.AsUsed, Header: "As used"}, {Reason: "not estimated: no such file", Header: "Hourly"},
	}
}

func TestRegressionGolden(t *testing.T) {
	table, err := Regression(sideBySide(t), RegressionOptions{
		Number: "4", Title: "Rating", Terms: []Term{{Name: "treated", Label: "Assigned"}, {Name: "usage", Label: "GenAI usage"}},
		Controls:      []Controls{{Label: "Lagged load", Terms: []string{"load"}}},
		EffectLabels:  map[string]string{"agent": "Agent effects"},
		ClusterLabels: map[string]string{"agent": "Agents"}, FirstStageF: true, WithinR2: true, MeanOutcome: true,
		Statistics: []Row{{Label: "Control mean", Cells: []Cell{Number(3.25)}}},
		Notes:      []string{"Agent-day panel"},
	})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "regression.txt", []byte(render(t, table, Text)))
}

// cell finds a cell by the label of its row.
func cell(t *testing.T, table *Table, label string, column int) Cell {
	t.Helper()
	for _, s := range table.Sections {
		for _, r := range s.Rows {
			if r.Label == label {
				return r.Cells[column]
			}
		}
	}
	t.Fatalf("no row %q", label)
	return Cell{}
}

func TestRegressionShowsTheResult(t *testing.T) {
	columns := sideBySide(t)
	table, err := Regression(columns, RegressionOptions{FirstStageF: true})
	if err != nil {
		t.Fatal(err)
	}
	late := columns[2].Result
	want, err := late.Coefficient("usage")
	if err != nil {
		t.Fatal(err)
	}
	got := cell(t, table, "usage", 2)
	if got.Value != want.Estimate || got.SE != want.SE || got.P != want.P || got.Stars != Stars(want.P) {
		t.Errorf("cell %+v, want %+v", got, want)
	}
	if n := cell(t, table, RowObservations, 2); n.Value != float64(late.N) {
		t.Errorf("N is %g, want %d", n.Value, late.N)
	}
	if f := cell(t, table, RowFirstStageF, 2); f.Value != late.PartialF()[0].Statistic {
		t.Errorf("F is %g, want %g", f.Value, late.PartialF()[0].Statistic)
	}
	if r2 := cell(t, table, RowR2, 2); r2.Kind != KindBlank {
		t.Errorf("2SLS has an R-squared: %+v", r2)
	}
	if r2 := cell(t, table, RowR2, 0); r2.Value != columns[0].Result.R2 {
		t.Errorf("R-squared is %g, want %g", r2.Value, columns[0].Result.R2)
	}
	if c := cell(t, table, "usage", 4); c.Kind != KindMissing || c.Text != columns[4].Reason {
		t.Errorf("a column without a result shows %+v", c)
	}
	for _, effect := range []string{"Agent effects", "Day effects"} {
		for j := range 4 {
			if c := cell(t, table, effect, j); c.Kind != KindMark {
				t.Errorf("column %d has no %s", j+1, effect)
			}
		}
	}
	if c := cell(t, table, "Clusters (agent)", 0); c.Value != 12 {
		t.Errorf("%g clusters, want 12", c.Value)
	}
}

func TestRegressionNotes(t *testing.T) {
	both := estimate(t, iv.Spec{Outcomes: []string{"duration", "rating"}, Exogenous: []string{"treated", "twice", "load"}, Absorb: within, Cluster: []string{"agent"}, Weights: "share"})
	robust := estimate(t, iv.Spec{Outcomes: []string{"duration"}, Exogenous: []string{"treated", "load"}})
	classical := estimate(t, iv.Spec{Outcomes: []string{"duration"}, Exogenous: []string{"treated", "load"}, Covariance: iv.Covariance{Kind: iv.Classical, DF: iv.DFNormal}})
	twoWay := estimate(t, iv.Spec{Outcomes: []string{"duration"}, Exogenous: []string{"treated", "load"}, Cluster: []string{"agent", "day"}, Covariance: iv.Covariance{Groups: iv.PerComponent}})
	table, err := Regression([]RegressionColumn{{Result: both[0]}, {Result: both[1]}, {Result: robust[0]}, {Result: classical[0]}, {Result: twoWay[0]}}, RegressionOptions{})
	if err != nil {
		t.Fatal(err)
	}
	notes := strings.Join(table.Notes, "\n")
	for _, want := range []string{
		"(1), (2): Standard errors in parentheses, clustered by agent (CR1); small-sample factor 1.2051 to 1.2374", "; t with 11 degrees of freedom",
		"(3): Standard errors in parentheses, robust to heteroskedasticity (HC1); small-sample factor", "t with 93 degrees of freedom",
		"(4): Standard errors in parentheses, classical (errors of equal variance)", "normal distribution",
		"(5): Standard errors in parentheses, clustered by agent and day (CR1) with a factor for each component",
		"(1), (2): Weighted by share", "(1), (2): Dropped as collinear: twice", "\nDropped: 0 to 19 rows with a missing value\n",
		"Warning: ",
	} {
		if !strings.Contains(notes, want) {
			t.Errorf("no %q in the notes:\n%s", want, notes)
		}
	}
	if strings.Count(notes, "twice") != 1 {
		t.Errorf("a dropped column is named more than once:\n%s", notes)
	}
	if strings.Count(notes, "clustered by agent (CR1)") != 1 {
		t.Errorf("columns with the same covariance have a note each:\n%s", notes)
	}
}

func TestRegressionTerms(t *testing.T) {
	columns := sideBySide(t)
	late := columns[2].Result
	half, err := late.Combine("half the usage", map[string]float64{"usage": 0.5})
	if err != nil {
		t.Fatal(err)
	}
	columns[2].Coefficients = []iv.Coefficient{half}
	columns[2].Below = map[string][]Line{"half the usage": {PValue("wild p", 0.25)}}
	statistics := []Row{{Label: "Published", Cells: []Cell{Number(1)}}}
	columns[0].Published = map[string]Cell{"Published": Number(2)}
	table, err := Regression(columns, RegressionOptions{
		Terms: []Term{
			{Name: "treated", Label: "Effect"}, {Name: "usage", Label: "Effect"}, // share a row
			{Name: "half the usage", Label: "Effect", Panel: "Impact", Indent: 1},
		},
		Statistics: statistics,
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(table.Sections[0].Rows) != 1 || table.Sections[1].Title != "Impact" || table.Sections[1].Rows[0].Indent != 1 {
		t.Fatalf("sections: %+v", table.Sections[:2])
	}
	if got, want := cell(t, table, "Effect", 0).Value, columns[0].Result.Coef[0]; got != want {
		t.Errorf("assigned is %g, want %g", got, want)
	}
	if got := table.Sections[1].Rows[0].Cells[2]; got.Value != half.Estimate || len(got.Below) != 1 {
		t.Errorf("the combination is %+v, want %+v", got, half)
	}
	if statistics[0].Cells[0].Published != nil || cell(t, table, "Published", 0).Published == nil {
		t.Error("a published cell is put into the caller's row, or not into the table's")
	}
}

func TestBadRegressions(t *testing.T) {
	columns := sideBySide(t)
	cases := []struct {
		columns []RegressionColumn
		opt     RegressionOptions
		want    string
	}{
		{nil, RegressionOptions{Number: "3"}, "table 3: it has no columns"},
		{[]RegressionColumn{columns[0], {}}, RegressionOptions{}, "column 2 has no result"},
		{columns, RegressionOptions{Terms: []Term{{Name: "Treated"}}}, `no column has the term "Treated"; name one of treated, load, usage`},
	}
	for _, c := range cases {
		if _, err := Regression(c.columns, c.opt); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

func TestSeveralEndogenousColumns(t *testing.T) {
	f := panelFrame(t)
	load, err := f.Floats("load")
	if err != nil {
		t.Fatal(err)
	}
	treated, _ := f.Floats("treated")
	usage, _ := f.Floats("usage")
	high, assignedHigh := make([]float64, len(load)), make([]float64, len(load))
	for i := range load {
		high[i], assignedHigh[i] = usage[i]*load[i], treated[i]*load[i]
	}
	for name, v := range map[string][]float64{"usage x load": high, "treated x load": assignedHigh} {
		if err := f.SetFloats(name, v); err != nil {
			t.Fatal(err)
		}
	}
	results, err := iv.Estimate(context.Background(), f, iv.Spec{
		Outcomes: []string{"duration"}, Endogenous: []string{"usage", "usage x load"}, Instruments: []string{"treated", "treated x load"}, Absorb: within, Cluster: []string{"agent"},
	})
	if err != nil {
		t.Fatal(err)
	}
	table, err := Regression([]RegressionColumn{{Result: results[0]}}, RegressionOptions{FirstStageF: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"usage", "usage x load"} {
		if c := cell(t, table, RowFirstStageF+", "+name, 0); !(c.Value > 0) {
			t.Errorf("F of %s: %+v", name, c)
		}
	}
}

func TestDescribe(t *testing.T) {
	f := &data.Frame{}
	nan := math.NaN()
	for name, v := range map[string][]float64{"x": {1, nan, 2, 6}, "one": {nan, 5, nan, nan}, "none": {nan, nan, nan, nan}} {
		if err := f.SetFloats(name, v); err != nil {
			t.Fatal(err)
		}
	}
	r, err := Describe(f, "x", "")
	if err != nil || r.Label != "x" || r.N != 3 || r.Mean != 3 || math.Abs(r.SD-math.Sqrt(7)) > 1e-15 {
		t.Errorf("%+v, %v", r, err)
	}
	if r, _ := Describe(f, "one", "One"); r.Label != "One" || r.N != 1 || r.Mean != 5 || !math.IsNaN(r.SD) {
		t.Errorf("%+v", r)
	}
	if r, _ := Describe(f, "none", ""); r.N != 0 || !math.IsNaN(r.Mean) {
		t.Errorf("%+v", r)
	}
	if _, err := Describe(f, "y", ""); err == nil {
		t.Error("no error for a column that is not there")
	}
}

func TestBalance(t *testing.T) {
	contrast := Contrast{Difference: 1, SE: 0.5, P: 0.04}
	b := Balance{Title: "Balance", Arms: []string{"Control", "Nudge", "Training"}, Rows: []BalanceRow{
		{Label: "tenure", Panel: "Agents", Means: []float64{1, 2, 3}, Contrasts: []Contrast{contrast, {Reason: "tenure does not vary"}}, N: 30},
		{Label: "rating", Panel: "Chats", Means: []float64{1, 2, 3}, SDs: []float64{1, 1, 1}, Contrasts: []Contrast{contrast, contrast}, N: 300},
	}}
	table, err := b.Table()
	if err != nil {
		t.Fatal(err)
	}
	text := render(t, table, Text)
	for _, want := range []string{"Agents\n", "Chats\n", "1.000**", "tenure does not vary", "Nudge"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	b.Rows[0].Means = b.Rows[0].Means[:2]
	if _, err := b.Table(); err == nil || !strings.Contains(err.Error(), `row "tenure" has 2 means`) {
		t.Errorf("too few means: %v", err)
	}
	b.Arms = b.Arms[:1]
	if _, err := b.Table(); err == nil || !strings.Contains(err.Error(), "two arms or more") {
		t.Errorf("one arm: %v", err)
	}
}

// TestRegressionSatterthwaite: degrees of freedom that are each coefficient's own stand in the notes
// by the labels of the rows, over the columns that have them.
func TestRegressionSatterthwaite(t *testing.T) {
	spec := iv.Spec{Outcomes: []string{"rating", "duration"}, Exogenous: []string{"treated", "load"}, Absorb: within, Cluster: []string{"agent"}}
	usual := estimate(t, spec)[0]
	spec.Covariance.Kind = iv.CR2
	fits := estimate(t, spec)
	table, err := Regression([]RegressionColumn{{Result: fits[0]}, {Result: fits[1]}, {Result: usual}}, RegressionOptions{
		Terms: []Term{{Name: "treated", Label: "Treated"}}})
	if err != nil {
		t.Fatal(err)
	}
	var df [2]float64
	for i, fit := range fits {
		c, err := fit.Coefficient("treated")
		if err != nil {
			t.Fatal(err)
		}
		df[i] = c.DF
	}
	notes := strings.Join(table.Notes, "\n")
	for _, want := range []string{
		"(1), (2): Standard errors in parentheses, clustered by agent (CR2); small-sample factor 1.0000; t with Satterthwaite degrees of freedom of each coefficient",
		fmt.Sprintf("(1), (2): Satterthwaite degrees of freedom: Treated %.1f to %.1f", min(df[0], df[1]), max(df[0], df[1])),
		"(3): Standard errors in parentheses, clustered by agent (CR1)", "t with 11 degrees of freedom",
	} {
		if !strings.Contains(notes, want) {
			t.Errorf("no %q in\n%s", want, notes)
		}
	}
	if df[0] == 11 || df[0] == df[1] {
		t.Errorf("degrees of freedom %v are not the coefficients' own", df)
	}
}
