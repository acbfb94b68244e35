package study

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/report"
)

// predictorsTable regresses the treated units' usage on what was known of them before the launch;
// each column adds a step of variables. A variable is a column of the units or a mean before the
// launch, or "ln" or "high" (above the median of the treated) and such a column.
var predictorsTable = tableKind{
	instants: true,
	keys:     []string{"steps"},
	needs:    usage | launch | periods | units,
	check: func(s *Study, t *TableSpec) error {
		if len(t.Steps) == 0 {
			return refuse("a table of predictors without steps", "list in {TableSpec.Steps} what each column adds")
		}
		return nil
	},
	plan: func(p *plan, t *TableSpec) {
		for _, step := range t.Steps {
			for _, v := range step {
				p.halve(newPredictor(v).column)
			}
		}
	},
	build: func(ctx context.Context, r *run, t *TableSpec) ([]*Table, error) {
		s := r.study
		frame, err := r.treatedUnits(t)
		if err != nil {
			return nil, err
		}
		var terms []string
		var columns []report.RegressionColumn
		for _, step := range t.Steps {
			for _, v := range step {
				terms = append(terms, s.predictorLabel(v))
			}
			results, err := iv.Estimate(ctx, frame, iv.Spec{Outcomes: []string{predicted}, Exogenous: slices.Clone(terms), Level: s.Model.Level})
			if err != nil {
				return nil, err
			}
			columns = append(columns, report.RegressionColumn{Result: results[0], Header: capital(s.label(s.Roles.Usage))})
			r.record(t.Number, "ols", s.Roles.Usage, results[0])
		}
		opt := s.regressionOptions(modelKey{noControls: true}, t)
		for _, term := range append(terms, iv.Constant) {
			opt.Terms = append(opt.Terms, report.Term{Name: term})
		}
		opt.Notes = []string{fmt.Sprintf("Treated %ss with %ss before and since the launch; %s is the mean over each one's %ss since the launch. High is above the median of the treated.",
			s.Words.Unit, s.Words.Event, brief.InSentence(s.label(s.Roles.Usage)), s.Words.Event)}
		table, err := report.Regression(columns, opt)
		if err != nil {
			return nil, err
		}
		return r.finish(&Table{ID: t.Number, Table: table}, t), nil
	},
}

// predicted is usage since the launch.
const predicted = "usage since the launch"

// A predictor is a column with a transform.
type predictor struct{ transform, column string }

func newPredictor(text string) predictor {
	if transform, column, ok := strings.Cut(text, " "); ok && (transform == "ln" || transform == "high") {
		return predictor{transform, strings.TrimSpace(column)}
	}
	return predictor{"", text}
}

// predictorLabel names a predictor for people.
func (s *Study) predictorLabel(text string) string {
	switch p := newPredictor(text); p.transform {
	case "ln":
		return "ln(" + brief.InSentence(s.label(p.column)) + ")"
	case "high":
		return "High " + brief.InSentence(s.label(p.column))
	}
	return s.label(text)
}

// treatedUnits are the treated units for which usage and every predictor are known, with the
// predictors as columns under their labels.
func (r *run) treatedUnits(t *TableSpec) (*data.Frame, error) {
	s := r.study
	arm, err := r.armOf(r.units)
	if err != nil {
		return nil, err
	}
	used, err := r.units.Floats(afterOf(s.Roles.Usage))
	if err != nil {
		return nil, err
	}
	names := []string{predicted}
	columns := [][]float64{used}
	for _, step := range t.Steps {
		for _, v := range step {
			p := newPredictor(v)
			column := p.column
			if !r.plan.ofUnit(column) {
				column = beforeOf(column)
			}
			values, err := r.units.Floats(column)
			if err != nil {
				return nil, err
			}
			names, columns = append(names, s.predictorLabel(v)), append(columns, p.apply(values, arm))
		}
	}
	var rows []int
	for i := range arm {
		known := arm[i] == 1 && !slices.ContainsFunc(columns, func(c []float64) bool { return math.IsNaN(c[i]) })
		if known {
			rows = append(rows, i)
		}
	}
	frame := new(data.Frame)
	for j, name := range names {
		if err := frame.SetFloats(name, take(columns[j], rows, missing)); err != nil {
			return nil, err
		}
	}
	return frame, nil
}

// apply transforms a column; the median of high is over the treated.
func (p predictor) apply(values, arm []float64) []float64 {
	if p.transform == "" {
		return values
	}
	var treated []float64
	for i, v := range values {
		if arm[i] == 1 && !math.IsNaN(v) {
			treated = append(treated, v)
		}
	}
	middle := median(treated)
	out := make([]float64, len(values))
	for i, v := range values {
		switch {
		case math.IsNaN(v), p.transform == "ln" && v <= 0:
			out[i] = missing
		case p.transform == "ln":
			out[i] = math.Log(v)
		case v > middle:
			out[i] = 1
		}
	}
	return out
}

// median is NaN of none.
func median(values []float64) float64 {
	n := len(values)
	if n == 0 {
		return missing
	}
	values = slices.Clone(values)
	slices.Sort(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}
