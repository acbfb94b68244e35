package studytest

import (
	"context"
	"math"
	"strconv"
	"strings"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/refdata"
	"github.com/fieldexp/fieldexp/iv"
)

// Cell is a published cell of the Illinois Workplace Wellness Study, with the frame of the file
// that holds its outcome. The frame has the column usage: whether the health-risk assessment, which
// was open to the assigned alone, was completed.
type Cell struct {
	Estimand, Outcome, Weights string
	Estimate, SE, N, Stars     string // as printed
	Frame                      *data.Frame
}

// Wellness reads the cells of Tables 3 and 4 with an estimand: "ITT, all", "LATE, all" or "OLS on
// usage, treated only".
func Wellness(t TB, estimand string) []Cell {
	t.Helper()
	frames := wellnessFrames(t)
	published, err := data.ReadCSV(context.Background(), refdata.Path(t, "wellness", "published.csv"), data.ReadOptions{
		MissingOnly: []string{},
		Types: map[string]data.Kind{"estimand": data.Categorical, "outcome": data.Categorical, "weights": data.Categorical,
			"estimate": data.Categorical, "se": data.Categorical, "n": data.Categorical, "stars": data.Categorical}})
	check(t, err)
	text := func(column string, row int) string {
		codes, levels, err := published.Codes(column)
		check(t, err)
		if codes[row] < 0 {
			return ""
		}
		return levels[codes[row]]
	}
	var cells []Cell
	for i := range published.Len() {
		if text("estimand", i) != estimand {
			continue
		}
		c := Cell{Estimand: estimand, Outcome: text("outcome", i), Weights: text("weights", i),
			Estimate: text("estimate", i), SE: text("se", i), N: text("n", i), Stars: text("stars", i)}
		for _, f := range frames {
			if f.Has(c.Outcome) {
				c.Frame = f
			}
		}
		if c.Frame == nil {
			t.Fatalf("no file has outcome %q", c.Outcome)
		}
		cells = append(cells, c)
	}
	return cells
}

func wellnessFrames(t TB) []*data.Frame {
	t.Helper()
	var frames []*data.Frame
	for _, name := range []string{"claims", "firm_admin", "online_surveys", "marathon"} {
		f := Read(t, "wellness", name+".csv.gz")
		Derive(t, f, "usage", []string{"treat", "hra_c_yr1"}, func(x []float64) float64 {
			if x[0] == 0 && math.IsNaN(x[1]) {
				return 0
			}
			return x[1]
		})
		frames = append(frames, f)
	}
	return frames
}

// CompareCell holds an estimate against a cell, to every digit that was printed.
func CompareCell(t TB, got iv.Coefficient, n int, cell Cell) {
	t.Helper()
	for _, v := range []struct {
		name, want string
		got        float64
	}{{"estimate", cell.Estimate, got.Estimate}, {"standard error", cell.SE, got.SE}, {"N", cell.N, float64(n)}} {
		_, fraction, _ := strings.Cut(v.want, ".")
		printed := strconv.FormatFloat(v.got, 'f', len(fraction), 64)
		if zero := strconv.FormatFloat(0, 'f', len(fraction), 64); printed == "-"+zero {
			printed = zero
		}
		if printed != v.want {
			t.Errorf("%s, %s: %s %s (%v), printed %s", cell.Estimand, cell.Outcome, v.name, printed, v.got, v.want)
		}
	}
	stars := ""
	for _, level := range []float64{0.10, 0.05, 0.01} {
		if got.P < level {
			stars += "*"
		}
	}
	if stars != cell.Stars {
		t.Errorf("%s, %s: stars %q (p %v), printed %q", cell.Estimand, cell.Outcome, stars, got.P, cell.Stars)
	}
}
