package study

import "strconv"

// usualTables are those of a study file that asks for none: what its design allows.
func (s *Study) usualTables() []TableSpec {
	tables := []TableSpec{{Kind: "summary", Title: "Summary statistics"}, {Kind: "balance", Title: "Balance"}}
	if s.Roles.Usage != "" {
		tables = append(tables, TableSpec{Kind: "usage", Title: "Usage"})
	}
	tables = append(tables, TableSpec{Kind: "itt", Title: "Intention-to-treat effects"})
	if s.Roles.Usage != "" {
		tables = append(tables, TableSpec{Kind: "late", Title: "Effects of usage", Show: blocks})
	}
	if s.Baseline.Column != "" {
		tables = append(tables, TableSpec{Kind: "hetero", Title: "Effects by " + s.Baseline.Label})
	}
	if !s.Launch.IsZero() {
		tables = append(tables, TableSpec{Kind: "event", Title: "Trends before the launch"})
	}
	for i := range tables {
		tables[i].Number = strconv.Itoa(i + 1)
	}
	return tables
}

// usualFigures are those of a study file that asks for none.
func (s *Study) usualFigures() []FigureSpec {
	var figures []FigureSpec
	if s.Roles.Usage != "" && !s.crossSection() {
		figures = append(figures, FigureSpec{Kind: "usage", Title: "Usage"})
	}
	if !s.crossSection() {
		figures = append(figures, FigureSpec{Kind: "means", Title: "Means by arm"})
	}
	if !s.Launch.IsZero() {
		figures = append(figures, FigureSpec{Kind: "event", Title: "Event study"})
	}
	if s.Baseline.Column != "" {
		figures = append(figures, FigureSpec{Kind: "effects", Title: "Effects by " + s.Baseline.Label})
	}
	for i := range figures {
		figures[i].Number = strconv.Itoa(i + 1)
	}
	return figures
}
