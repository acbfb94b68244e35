package report_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/report"
)

// A table written out by hand.
func Example() {
	table := &report.Table{
		Number: "3", Title: "The effect of assignment",
		Columns:  []report.Column{{Header: "Log identification time"}, {Header: "Rating"}, {Header: "Retrial"}},
		Spanners: []report.Spanner{{Label: "Quality", From: 1, To: 2}},
		Sections: []report.Section{
			{Rows: []report.Row{{Label: "Assigned", Cells: []report.Cell{
				report.Estimate(-0.0821, 0.0119, 5e-12), report.Estimate(0.0423, 0.0181, 0.0194), report.Estimate(-0.0002, 0.0022, 0.93),
			}}}},
			{Rows: []report.Row{
				{Label: "Agent and day effects", Cells: []report.Cell{report.Mark(true), report.Mark(true), report.Mark(true)}},
				{Label: "Observations", Cells: []report.Cell{report.Count(125821), report.Count(97354), report.Count(126365)}},
			}},
		},
		Notes: []string{"Standard errors in parentheses, clustered by agent (CR1)"},
	}
	if err := table.Render(os.Stdout, report.Text); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Table 3. The effect of assignment
	// ────────────────────────────────────────────────────────
	//                                             Quality
	//                                        ─────────────────
	//                             Log
	//                        identification
	//                             time        Rating   Retrial
	//                             (1)          (2)       (3)
	// ────────────────────────────────────────────────────────
	// Assigned                 −0.082***      0.042**   0.000
	//                          (0.012)       (0.018)   (0.002)
	// ────────────────────────────────────────────────────────
	// Agent and day effects        Y            Y         Y
	// Observations              125,821       97,354   126,365
	// ────────────────────────────────────────────────────────
	// Notes: Standard errors in parentheses, clustered by agent
	// (CR1). * p<.10, ** p<.05, *** p<.01.
}

// Two models of the same experiment side by side: the effect of being assigned to the assistant,
// and the effect of using it.
func ExampleRegression() {
	f := experiment()
	ctx := context.Background()
	itt, err := iv.Estimate(ctx, f, iv.Spec{Outcomes: []string{"rating"}, Exogenous: []string{"assigned", "tenure"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	late, err := iv.Estimate(ctx, f, iv.Spec{
		Outcomes: []string{"rating"}, Exogenous: []string{"tenure"}, Endogenous: []string{"usage"}, Instruments: []string{"assigned"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	table, err := report.Regression([]report.RegressionColumn{
		{Result: itt[0], Header: "ITT"},
		{Result: late[0], Header: "LATE"},
	}, report.RegressionOptions{
		Title:       "Rating",
		Terms:       []report.Term{{Name: "assigned", Label: "Assigned"}, {Name: "usage", Label: "Usage"}},
		Controls:    []report.Controls{{Label: "Tenure", Terms: []string{"tenure"}}},
		FirstStageF: true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := table.Render(os.Stdout, report.Text); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Rating
	// ────────────────────────────────────
	//                   ITT        LATE
	//                   (1)        (2)
	// ────────────────────────────────────
	// Assigned        0.305***
	//                (0.057)
	// Usage                       0.610***
	//                            (0.115)
	// ────────────────────────────────────
	// Tenure             Y          Y
	// ────────────────────────────────────
	// Observations      400        400
	// R-squared       0.080
	// First-stage F             198.3
	// ────────────────────────────────────
	// Notes: Standard errors in parentheses, robust to
	// heteroskedasticity (HC1); small-sample factor 1.0076; t with
	// 397 degrees of freedom. * p<.10, ** p<.05, *** p<.01.
}

// experiment is a small experiment with a known effect: half of the treated use the assistant, and
// it is worth 0.4 to those who do.
func experiment() *data.Frame {
	const n = 400
	columns := map[string][]float64{"assigned": make([]float64, n), "usage": make([]float64, n), "tenure": make([]float64, n), "rating": make([]float64, n)}
	for i := range n {
		assigned := float64(i % 2)
		usage := assigned * float64(i/2%2)
		tenure := float64(i*37%100) / 10
		columns["assigned"][i], columns["usage"][i], columns["tenure"][i] = assigned, usage, tenure
		columns["rating"][i] = 3.5 + 0.4*usage + 0.02*tenure + 0.8*math.Sin(float64(i*i))
	}
	f := &data.Frame{}
	for _, name := range []string{"assigned", "usage", "tenure", "rating"} {
		if err := f.SetFloats(name, columns[name]); err != nil {
			panic(err)
		}
	}
	return f
}

// Labels keep their meaning in every format.
func ExampleTable_Render() {
	table := &report.Table{
		Columns:  []report.Column{{Header: "R&D | 100%"}},
		Sections: []report.Section{{Rows: []report.Row{{Label: "评分", Cells: []report.Cell{report.Estimate(-1.25, 0.5, 0.0124)}}}}},
	}
	for _, f := range []report.Format{report.Markdown, report.CSV} {
		if err := table.Render(os.Stdout, f); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// |  | R&amp;D \| 100%<br>(1) |
	// | :--- | :---: |
	// | 评分 | −1.250\*\* |
	// |  | (0.500) |
	//
	// Notes: \* p&lt;.10, \*\* p&lt;.05, \*\*\* p&lt;.01.
	// table,panel,row,column,header,kind,value,se,p,stars,text,published,published_se,published_stars,published_text
	// ,,评分,1,R&D | 100%,estimate,-1.25,0.5,0.0124,**,,,,,
}

// A figure is saved in the format that the name of the file ends in.
func ExampleCoefficientPlot() {
	figure := report.CoefficientPlot{
		Title: "Effect by quintile", YLabel: "Effect on rating", Groups: []string{"Q1", "Q2", "Q3", "Q4", "Q5"},
		Panels: []report.Panel{{Series: []report.Series{{
			Values: []float64{0.25, 0.19, 0.21, 0.12, 0.08},
			Low:    []float64{-0.14, -0.2, -0.16, -0.24, -0.3},
			High:   []float64{0.64, 0.58, 0.58, 0.48, 0.46},
		}}}},
	}
	dir, err := os.MkdirTemp("", "report")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "quintiles.svg")
	if err := figure.Save(path); err != nil {
		fmt.Println(err)
		return
	}
	info, err := os.Stat(path)
	fmt.Println(info.Size() > 0, err)
	// Output: true <nil>
}

func ExampleBalance() {
	table, err := report.Balance{
		Title: "Balance before launch", Arms: []string{"Control", "Treated"},
		Rows: []report.BalanceRow{
			{Label: "Tenure (days)", Means: []float64{123.1, 124.6}, SDs: []float64{53.8, 54.1}, N: 5940,
				Contrasts: []report.Contrast{{Difference: 1.5, SE: 1.4, P: 0.284}}},
			{Label: "Male", Means: []float64{0.18, 0.17}, SDs: []float64{0.38, 0.38}, N: 5940,
				Contrasts: []report.Contrast{{Difference: -0.01, SE: 0.0099, P: 0.31}}},
		},
	}.Table()
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := table.Render(os.Stdout, report.Text); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Balance before launch
	// ───────────────────────────────────────────────────────────
	//                    Mean (SD)
	//                ──────────────────
	// Variable       Control   Treated   Difference    p      N
	// ───────────────────────────────────────────────────────────
	// Tenure (days)  123.100   124.600     1.500     0.284  5,940
	//                (53.800)  (54.100)   (1.400)
	// Male             0.180     0.170    −0.010     0.310  5,940
	//                 (0.380)   (0.380)   (0.010)
	// ───────────────────────────────────────────────────────────
	// Notes: * p<.10, ** p<.05, *** p<.01.
}

func ExampleSummary() {
	table := report.Summary{
		Number: "1", Title: "Summary statistics",
		Rows: []report.SummaryRow{
			{Label: "rating", Definition: "1 to 5", N: 388102, Mean: 3.4871, SD: 1.8023, Published: &report.SummaryRow{N: 388793, Mean: 3.49, SD: 1.8}},
			{Label: "concurrency", Definition: "chats in hand at the start", N: 2564265, Mean: 2.6795, SD: 1.0702},
		},
	}.Table()
	if err := table.Render(os.Stdout, report.Text); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Table 1. Summary statistics
	// ───────────────────────────────────────────────────────────────────────────────────────────────────────
	//              Definition                           N                   Mean                  SD
	//                                          ────────────────────  ───────────────────  ───────────────────
	// Variable                                 Computed   Published  Computed  Published  Computed  Published
	// ───────────────────────────────────────────────────────────────────────────────────────────────────────
	// rating       1 to 5                        388,102   388,793     3.49      3.49       1.80      1.80
	// concurrency  chats in hand at the start  2,564,265               2.68                 1.07
	// ───────────────────────────────────────────────────────────────────────────────────────────────────────
}
