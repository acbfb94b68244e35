package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/report"
)

// The names under which published.csv lists its specifications.
const (
	publishedITT   = "ITT, all"
	publishedLATE  = "LATE, all"
	publishedNaive = "OLS on usage, treated only"
)

// cell is a published estimate as it stands in print.
type cell struct {
	estimate, se, stars string
	n                   float64
}

// publication holds the published cells by specification and outcome, and counts those that came
// out to every printed digit.
type publication struct {
	cells     map[[2]string]cell
	agreed    int
	disagreed []string
}

// readPublished reads the published numbers as text, since how many digits were printed matters.
func readPublished(ctx context.Context, dir string) (*publication, error) {
	columns := []string{"estimand", "outcome", "estimate", "se", "stars"}
	types := map[string]data.Kind{}
	for _, c := range columns {
		types[c] = data.Categorical
	}
	f, err := data.ReadCSV(ctx, filepath.Join(dir, "published.csv"), data.ReadOptions{Types: types})
	if err != nil {
		return nil, err
	}
	n, err := f.Floats("n")
	if err != nil {
		return nil, err
	}
	text := make([][]string, len(columns))
	for j, name := range columns {
		codes, levels, err := f.Codes(name)
		if err != nil {
			return nil, err
		}
		text[j] = make([]string, len(codes))
		for i, c := range codes {
			if c >= 0 {
				text[j][i] = levels[c]
			}
		}
	}
	p := &publication{cells: map[[2]string]cell{}}
	for i := range f.Len() {
		p.cells[[2]string{text[0][i], text[1][i]}] = cell{text[2][i], text[3][i], text[4][i], n[i]}
	}
	return p, nil
}

// compare checks an estimate against print, digit for digit, and returns the printed cell.
func (p *publication) compare(specification, outcome string, estimate, se float64, n int) (report.Cell, error) {
	c, ok := p.cells[[2]string{specification, outcome}]
	if !ok {
		return report.Cell{}, fmt.Errorf("published.csv has no %q of %s", specification, outcome)
	}
	printed, err := strconv.ParseFloat(c.estimate, 64)
	if err != nil {
		return report.Cell{}, fmt.Errorf("published.csv, %q of %s: %w", specification, outcome, err)
	}
	printedSE, err := strconv.ParseFloat(c.se, 64)
	if err != nil {
		return report.Cell{}, fmt.Errorf("published.csv, %q of %s: %w", specification, outcome, err)
	}
	digits := decimals(c.estimate)
	if rounds(estimate, c.estimate) && rounds(se, c.se) && float64(n) == c.n {
		p.agreed++
	} else {
		p.disagreed = append(p.disagreed, fmt.Sprintf("%s of %s: computed %.6g (%.6g), N %d; printed %s (%s), N %.0f",
			specification, outcome, estimate, se, n, c.estimate, c.se, c.n))
	}
	return report.Printed(printed, printedSE, c.stars, digits), nil
}

// rounds reports whether v, rounded to the decimals that were printed, is what was printed.
func rounds(v float64, printed string) bool {
	want, err := strconv.ParseFloat(printed, 64)
	return err == nil && math.Abs(v-want) <= 0.5*math.Pow(10, -float64(decimals(printed)))*(1+1e-9)
}

func decimals(printed string) int {
	if at := strings.IndexByte(printed, '.'); at >= 0 {
		return len(printed) - at - 1
	}
	return 0
}

// summary says how many published cells came out, and fails if any did not.
func (p *publication) summary(w io.Writer) error {
	total := p.agreed + len(p.disagreed)
	fmt.Fprintf(w, "Of %d published cells, %d come out to every printed digit (estimate, standard error and N).\n", total, p.agreed)
	if len(p.disagreed) > 0 {
		return fmt.Errorf("%d of %d published cells do not come out: %s", len(p.disagreed), total, strings.Join(p.disagreed, "; "))
	}
	return nil
}
