package main

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/fieldexp/fieldexp/report"
)

//go:embed published.csv
var publishedCSV string

// published is a number in print, as text: how many digits were printed matters.
type published struct {
	table, row, column string
	text, se, stars    string
	value, seValue     float64 // NaN where text and se are no numbers
}

// readPublished reads the numbers that are at hand.
func readPublished() ([]published, error) {
	r := csv.NewReader(strings.NewReader(publishedCSV))
	r.Comment = '#'
	records, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("published.csv: %w", err)
	}
	var list []published
	for _, f := range records[1:] {
		p := published{table: f[0], row: f[1], column: f[2], text: f[3], se: f[4], stars: f[5]}
		if p.value, err = strconv.ParseFloat(p.text, 64); err != nil {
			p.value = math.NaN() // words, such as n.s.
		}
		if p.seValue, err = strconv.ParseFloat(p.se, 64); err != nil {
			p.seValue = math.NaN() // not in print
		}
		list = append(list, p)
	}
	return list, nil
}

// cell is the number as it stands in print.
func (p published) cell() report.Cell {
	_, fraction, decimal := strings.Cut(p.text, ".")
	switch {
	case math.IsNaN(p.value):
		return report.Label(p.text)
	case !decimal:
		return report.Count(int(p.value))
	}
	return report.Printed(p.value, p.seValue, p.stars, len(fraction))
}

// inPrint finds a number; NaN where it is not at hand.
func (b *book) inPrint(table, row, column string) float64 {
	for _, p := range b.published {
		if p.table == table && p.row == row && p.column == column {
			return p.value
		}
	}
	return math.NaN()
}
