package study

import "slices"

// usualTables are those of a study file that asks for none: what its design allows.
func (s *Study) usualTables() []TableSpec {
	tables := []TableSpec{{Kind: "summary", Title: "Summary statistics"}}
	known := !s.Launch.IsZero() || len(s.Roles.Fixed)+len(s.Controls.Current) > 0
	if known && (!s.ready() || s.Roles.Unit != "" || s.crossSection()) { // there is something from before assignment
		tables = append(tables, TableSpec{Kind: "balance", Title: "Balance of the arms"})
	}
	if s.Roles.Usage != "" {
		tables = append(tables, TableSpec{Kind: "usage", Title: "Usage"})
	}
	add := func(t TableSpec) {
		for outcomes := range slices.Chunk(s.outcomeNames(), mostColumns) {
			t.Outcomes = outcomes
			tables = append(tables, t)
		}
	}
	add(TableSpec{Kind: "itt", Title: "Effects of assignment"})
	if s.Roles.Usage != "" {
		add(TableSpec{Kind: "late", Title: "Effects of usage", Show: lateBlocks})
	}
	if s.Baseline.Column != "" {
		add(TableSpec{Kind: "hetero", Title: "Effects by " + s.Baseline.Label})
	}
	if !s.Launch.IsZero() {
		add(TableSpec{Kind: "event", Title: "Event study"})
	}
	return tables
}

// mostColumns is how many outcomes a usual table has at most: as many as a page is wide.
const mostColumns = 6

// usualFigures are those of a study file that asks for none.
func (s *Study) usualFigures() []FigureSpec {
	var figures []FigureSpec
	if !s.crossSection() && !s.Launch.Numbered && (!s.ready() || !s.Launch.IsZero()) { // whose periods are known to be times
		if s.Roles.Usage != "" {
			figures = append(figures, FigureSpec{Kind: "usage", Title: "Usage"})
		}
		figures = append(figures, FigureSpec{Kind: "means", Title: "Means by arm"})
	}
	if !s.Launch.IsZero() {
		figures = append(figures, FigureSpec{Kind: "event", Title: "Event study"})
	}
	if s.Baseline.Column != "" {
		figures = append(figures, FigureSpec{Kind: "effects", Title: "Effects by " + s.Baseline.Label})
	}
	return figures
}
