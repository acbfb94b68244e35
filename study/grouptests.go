package study

import (
	"context"
	"slices"

	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/report"
)

// groupTests are tests by the wild bootstrap of effects by group.
type groupTests struct {
	Impacts []*bootstrap.WildResult // of each effect, by outcome and then by group
	// Equality and Trend are of each outcome, and nil for effects of usage: see hetero.WildAgreement.
	Equality, Trend []*bootstrap.WildResult
}

// wildByGroup tests effects by group, those of usage by the effects of assignment: outcomes one by one or, to step
// down over their draws, together.
func wildByGroup(ctx context.Context, result *hetero.Result, spec bootstrap.WildSpec, together bool) (*groupTests, error) {
	each := 1
	if together {
		each = len(result.Fits)
	}
	tests := new(groupTests)
	for fits := range slices.Chunk(result.Fits, each) {
		some := *result
		some.Fits = fits
		wild, err := some.Wild(ctx, spec)
		if err != nil {
			return nil, err
		}
		for _, fit := range wild.Fits {
			tests.Impacts = append(tests.Impacts, fit.Impacts...)
			if fit.Equality != nil {
				tests.Equality, tests.Trend = append(tests.Equality, fit.Equality), append(tests.Trend, fit.Trend)
			}
		}
	}
	return tests, nil
}

// Rows are the p-values of the tests that compare the groups, if there are any.
func (t *groupTests) Rows() (rows []report.Row) {
	for _, test := range []struct {
		label   string
		results []*bootstrap.WildResult
	}{{"p, equal effects (wild)", t.Equality}, {"p, no trend (wild)", t.Trend}} {
		if len(test.results) > 0 {
			rows = append(rows, wildRow(test.label, test.results))
		}
	}
	return rows
}

// agreeingGroups tests that the effect of usage is the same in all groups, however weak their first stages, if the wild
// bootstrap is asked for. It returns a row of p-values, one for each outcome, and sentences on it.
func (q *Inference) agreeingGroups(ctx context.Context, frame *data.Frame, spec hetero.Spec, progress func(done, total int)) ([]report.Row, []string, error) {
	if !q.Wild {
		return nil, nil, nil
	}
	draws, err := q.wildSpec(progress)
	if err != nil {
		return nil, nil, err
	}
	spec.Covariance = forDraws
	results, err := hetero.WildAgreement(ctx, frame, spec, draws)
	if err != nil {
		return nil, nil, err
	}
	notes := []string{"The wild test holds however weak the first stages are: its p-value is the largest that one effect for all groups has."}
	for _, r := range results {
		notes = with(notes, r.Notes()[:2]...)
	}
	return []report.Row{wildRow("p, equal effects (wild)", results)}, notes, nil
}

// wildRow is a row of p-values of the wild bootstrap, one for each outcome.
func wildRow(label string, results []*bootstrap.WildResult) report.Row {
	row := report.Row{Label: label}
	for _, r := range results {
		row.Cells = append(row.Cells, report.Probability(r.P))
	}
	return row
}

// addTests gives the tests of an outcome, by its place, to its fit.
func (t *groupTests) addTests(f *Fit, outcome int) {
	for _, results := range [][]*bootstrap.WildResult{t.Equality, t.Trend} {
		if len(results) > 0 {
			f.Tests = append(f.Tests, wildTest(results[outcome]))
		}
	}
}

// wildTest describes a test by draws, which has no degrees of freedom.
func wildTest(r *bootstrap.WildResult) Test {
	return Test{Null: r.Null + " (" + r.Method + ")", Statistic: Number(r.Statistic), DF1: Number(missing), DF2: Number(missing), P: Number(r.P)}
}
