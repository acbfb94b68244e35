package study

// usualTables are those of a study file that asks for none: what its design allows.
func (s *Study) usualTables() []TableSpec {
	tables := []TableSpec{{Kind: "summary", Title: "Summary statistics"}, {Kind: "balance", Title: "Balance of the arms"}}
	if s.Roles.Usage != "" {
		tables = append(tables, TableSpec{Kind: "usage", Title: "Usage"})
	}
	tables = append(tables, TableSpec{Kind: "itt", Title: "Effects of assignment"})
	if s.Roles.Usage != "" {
		tables = append(tables, TableSpec{Kind: "late", Title: "Effects of usage", Show: lateBlocks})
	}
	if s.Baseline.Column != "" {
		tables = append(tables, TableSpec{Kind: "hetero", Title: "Effects by " + s.Baseline.Label})
	}
	if !s.Launch.IsZero() {
		tables = append(tables, TableSpec{Kind: "event", Title: "Event study"})
	}
	return tables
}

// usualFigures are those of a study file that asks for none.
func (s *Study) usualFigures() []FigureSpec {
	var figures []FigureSpec
	if !s.crossSection() {
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
