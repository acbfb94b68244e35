package report

import (
	"math"

	"github.com/fieldexp/fieldexp/iv"
)

// Labels of the rows that Regression writes, by which published cells find them.
const (
	RowObservations = "Observations"
	RowR2           = "R-squared"
	RowWithinR2     = "R-squared within"
	RowMeanOutcome  = "Mean of outcome"
	RowFirstStageF  = "First-stage F"
)

// statisticRows are observations, clusters, and what was asked for of the fit.
func statisticRows(columns []RegressionColumn, opt RegressionOptions) []Row {
	row := func(label string, value func(*iv.Result) Cell) Row {
		r := Row{Label: label}
		for _, c := range columns {
			if c.Result == nil {
				r.Cells = append(r.Cells, Cell{})
				continue
			}
			r.Cells = append(r.Cells, value(c.Result))
		}
		return r
	}
	rows := []Row{row(RowObservations, func(r *iv.Result) Cell { return Count(r.N) })}
	for _, column := range clusterColumns(columns) {
		label := or(opt.ClusterLabels[column], "Clusters ("+column+")")
		rows = append(rows, row(label, func(r *iv.Result) Cell {
			for _, c := range r.Clusters {
				if c.Column == column {
					return Count(c.Count)
				}
			}
			return Cell{}
		}))
	}
	ols := func(label string, value func(*iv.Result) float64) {
		r := row(label, func(r *iv.Result) Cell {
			if r.Estimator != iv.OLS || math.IsNaN(value(r)) {
				return Cell{}
			}
			return Number(value(r))
		})
		for _, c := range r.Cells {
			if c.Kind != KindBlank {
				rows = append(rows, r)
				return
			}
		}
	}
	ols(RowR2, func(r *iv.Result) float64 { return r.R2 })
	if opt.WithinR2 {
		ols(RowWithinR2, func(r *iv.Result) float64 { return r.WithinR2 })
	}
	if opt.FirstStageF {
		rows = append(rows, firstStageRows(columns)...)
	}
	if opt.MeanOutcome {
		rows = append(rows, row(RowMeanOutcome, func(r *iv.Result) Cell { return Number(r.MeanY) }))
	}
	return rows
}

// firstStageRows are the partial F of the excluded instruments: a row, or one for each endogenous
// column where there are several.
func firstStageRows(columns []RegressionColumn) []Row {
	several := false
	for _, c := range columns {
		several = several || c.Result != nil && len(c.Result.FirstStages) > 1
	}
	var rows []Row
	place := map[string]int{}
	for j, c := range columns {
		if c.Result == nil {
			continue
		}
		for i, test := range c.Result.PartialF() {
			label := RowFirstStageF
			if several {
				label += ", " + c.Result.FirstStages[i].Outcome
			}
			if _, ok := place[label]; !ok {
				place[label] = len(rows)
				rows = append(rows, Row{Label: label, Cells: make([]Cell, len(columns))})
			}
			cell := Number(test.Statistic).WithDigits(1)
			if test.Reason != "" {
				cell = Missing(test.Reason)
			}
			rows[place[label]].Cells[j] = cell
		}
	}
	return rows
}

// clusterColumns lists the columns by which any model clusters.
func clusterColumns(columns []RegressionColumn) []string {
	var names []string
	for _, c := range columns {
		if c.Result == nil {
			continue
		}
		for _, cluster := range c.Result.Clusters {
			names = appendNew(names, cluster.Column)
		}
	}
	return names
}
