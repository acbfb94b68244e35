package report

import (
	"math"

	"github.com/fieldexp/fieldexp/iv"
)

// setOf is a confidence set of pieces.
func setOf(pieces ...[2]float64) iv.Set { return iv.Set{Pieces: pieces, Level: 0.95} }

// The tables that the tests print. Their numbers are published ones and made-up ones.

// effectsTable has all that a regression table needs: spanners, panels, marks, counts, stars,
// lines beneath estimates, indents, a dash and notes.
func effectsTable() *Table {
	usage := Row{Label: "GenAI usage", Cells: []Cell{
		Estimate(-0.3234, 0.0461, 0.00001).With(PValue("wild p", 0.0004), ConfidenceSet("AR set", setOf([2]float64{-0.414, -0.233}))),
		Estimate(-0.0421, 0.0203, 0.038).With(PValue("wild p", 0.041), ConfidenceSet("AR set", setOf([2]float64{-0.082, -0.002}))),
		Estimate(-0.0539, 0.0211, 0.0106).With(PValue("wild p", 0.012), ConfidenceSet("AR set", setOf())),
		Estimate(0.1842, 0.0788, 0.0194).With(PValue("wild p", 0.022), ConfidenceSet("AR set", setOf([2]float64{math.Inf(-1), -2}, [2]float64{0.03, math.Inf(1)}))),
		Estimate(-0.00021, 0.0089, 0.98).With(PValue("wild p", 0.979), ConfidenceSet("AR set", setOf([2]float64{-0.018, 0.017}))),
	}}
	return &Table{
		Number: "4", Title: "The effect of usage on speed and quality",
		Columns: []Column{{Header: "Log identification time"}, {Header: "Log duration"}, {Header: "Dissatisfied"}, {Header: "Rating"}, {Header: "Retrial"}},
		Spanners: []Spanner{
			{Label: "Speed", From: 0, To: 1}, {Label: "Quality", From: 2, To: 4}, {Label: "Second stage (2SLS)", From: 0, To: 4},
		},
		Sections: []Section{
			{Rows: []Row{usage, {Label: "Lagged concurrency", Indent: 1, Cells: []Cell{
				Estimate(0.0123, 0.0009, 0), Estimate(0.0456, 0.001, 0), Estimate(0, 0.002, 1), {}, Missing("concurrency does not vary"),
			}}}},
			{Title: "Panel B. What the columns hold", Rows: []Row{
				{Label: "Agent effects", Cells: []Cell{Mark(true), Mark(true), Mark(true), Mark(true), Mark(true)}},
				{Label: "Day effects", Cells: []Cell{Mark(true), Mark(true), Mark(true), Mark(false), Mark(true)}},
				{Label: "Observations", Cells: []Cell{Count(125821), Count(126365), Count(97354), Count(97354), Count(126365)}},
				{Label: "Agents", Cells: []Cell{Count(5938), Count(5940), Count(5871), Count(5871), Count(940)}},
				{Label: "First-stage F", Cells: []Cell{Number(1316.6).WithDigits(1), Number(1316.6).WithDigits(1), Number(1060.9).WithDigits(1), Number(1060.9).WithDigits(1), Number(1316.6).WithDigits(1)}},
			}},
		},
		Notes: []string{"Standard errors clustered by agent (CR1) in parentheses; t with 5,939 degrees of freedom", "Wild bootstrap p-values in brackets, Anderson-Rubin sets in braces."},
	}
}

// besideTable has published numbers beside computed ones.
func besideTable() *Table {
	return &Table{
		Number: "3", Title: "Intention to treat", Stub: "Outcome on assignment",
		Columns: []Column{{Header: "Identification time"}, {Header: "Rating"}, {Header: "Mean"}},
		Sections: []Section{{Rows: []Row{
			{Label: "Assigned", Cells: []Cell{
				Estimate(-0.0794, 0.0118, 0).Beside(Printed(-0.082, 0.012, "***", 3)),
				Estimate(0.0441, 0.0181, 0.015).Beside(Printed(0.042, math.NaN(), "**", 3)),
				Number(3.4912).WithDigits(2),
			}},
			{Label: "Observations", Cells: []Cell{Count(125744).Beside(Count(125821)), Count(97301).Beside(Count(97354)), Count(97301)}},
		}}},
	}
}

// labelsTable has labels that every format must escape, and wide characters.
func labelsTable() *Table {
	return &Table{
		Title: `100% <b>"R&D"</b> | a_b^c $x$ #1 ~ {k} \n`, Stub: "变量", Unnumbered: true,
		Columns: []Column{{Header: "定义", Align: AlignLeft}, {Header: "平均评分 & 标准差"}},
		Sections: []Section{{Title: "*面板* [A]", Rows: []Row{
			{Label: "评分", Cells: []Cell{Label("1 to 5; 客服评分"), Number(3.49).WithDigits(2)}},
			{Label: "=SUM(A1)|x", Cells: []Cell{Label(`<script>alert("x")</script>`), Probability(0.00002)}},
			{Label: "[0.1] `code`", Cells: []Cell{Label("$\\alpha$ -- it's"), Estimate(-1.5, math.NaN(), math.NaN())}},
		}}},
		Notes: []string{"50% of _agents_ | https://example.org/?a=1&b=2"},
	}
}
