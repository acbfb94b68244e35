package study

import (
	"context"
	"fmt"
	"slices"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/late"
	"github.com/fieldexp/fieldexp/report"
)

// lateBlocks are what a late table can show, in the order in which it does.
var lateBlocks = []string{"first-stage", "reduced-form", "late", "as-used"}

// lateTable shows effects of usage, a column for each outcome, with the blocks that it is asked for.
var lateTable = tableKind{
	keys:  append([]string{"level", "show", "direct"}, ofModels...),
	needs: usage,
	arms:  true,
	check: func(s *Study, t *TableSpec) error {
		if err := checkDirect(t); err != nil {
			return err
		}
		if len(t.Show) == 0 {
			t.Show = []string{"first-stage", "late"}
		}
		for _, block := range t.Show {
			if err := oneOf("TableSpec.Show", block, lateBlocks...); err != nil {
				return err
			}
		}
		return checkModel(s, t)
	},
	plan:  func(p *plan, t *TableSpec) { p.model(p.study.key(ofUsage, t), t.Outcomes) },
	build: buildLate,
}

// firstStageTable is a late table of the first stage alone.
var firstStageTable = tableKind{
	keys:  append([]string{"level"}, ofModels...),
	needs: usage,
	arms:  true,
	check: func(s *Study, t *TableSpec) error {
		t.Show = []string{"first-stage"}
		return checkModel(s, t)
	},
	plan:  lateTable.plan,
	build: buildLate,
}

func buildLate(ctx context.Context, r *run, t *TableSpec) ([]*Table, error) {
	s := r.study
	m, err := r.usageModels(ctx, t)
	if err != nil {
		return nil, err
	}
	k, effects := m.key, m.effects
	var columns []report.RegressionColumn
	var warnings []fieldexp.Warning
	var result *late.Result
	for _, result = range m.results {
		warnings = append(warnings, result.Warnings...)
	}
	var judged []string
	if slices.Contains(t.Show, "late") {
		var more []fieldexp.Warning
		if judged, more, err = r.judge(ctx, k, t.Outcomes, effects, judgeMore{direct: t.Direct}); err != nil {
			return nil, err
		}
		warnings = append(warnings, more...)
	}
	var fits []*iv.Result
	for i, name := range t.Outcomes {
		fit := effects[i].Fit
		column := report.RegressionColumn{Result: fit, Below: map[string][]report.Line{"late " + result.Usage: effects[i].lines()}}
		for _, block := range t.Show {
			column.Coefficients = append(column.Coefficients, stageCoefficients(block, fit)...)
		}
		columns, fits = append(columns, column), append(fits, fit)
		r.recordStages(t.Number, name, fit, effects[i])
	}
	opt := s.regressionOptions(k, t)
	opt.FirstStageF = true
	opt.Statistics = strengthRows(fits, s.Inference.AR)
	for _, block := range lateBlocks {
		if slices.Contains(t.Show, block) {
			opt.Terms = append(opt.Terms, s.stageTerms(block, result, columns[0].Result.Estimator)...)
		}
	}
	opt.Notes = append([]string{r.designNote(k)}, s.controlNote(result.Design)...)
	opt.Notes = append(opt.Notes, r.armsNote(k, t.Outcomes, m.design)...)
	opt.Notes = append(opt.Notes, s.lateNotes(k, t.Show, m.results, t.Outcomes)...)
	table, err := r.regression(t, k, columns, opt)
	if err != nil {
		return nil, err
	}
	return r.finish(table, t, append(judged, r.warn(t, warnings, columns)...)...), nil
}

// checkDirect refuses direct effects of assignment that are no range, or of several outcomes.
func checkDirect(t *TableSpec) error {
	switch {
	case len(t.Direct) == 0:
	case len(t.Direct) != 2 || t.Direct[0] > t.Direct[1]:
		return refuse(fmt.Sprintf("%d numbers for the least and the largest direct effect of assignment on the outcome, in this order", len(t.Direct)), "give two numbers in {TableSpec.Direct}, such as -0.1 and 0.1")
	case len(t.Outcomes) != 1:
		return refuse(fmt.Sprintf("direct effects are in units of the outcome, and there are %d outcomes", len(t.Outcomes)), "name one in {TableSpec.Outcomes}", "leave {TableSpec.Direct} out")
	case len(t.Show) > 0 && !slices.Contains(t.Show, "late"):
		return refuse("direct effects bound the effect of usage, which the table does not show", `add "late" to {TableSpec.Show}`)
	}
	return nil
}

// stage is the regression that a block of a late table shows.
func stage(block string, fit *iv.Result) *iv.Result {
	switch block {
	case "first-stage":
		return fit.FirstStages[0]
	case "reduced-form":
		return fit.ReducedForm
	case "as-used":
		return fit.AsUsed
	}
	return fit
}

// stageCoefficients are the coefficients of a block under names of their own.
func stageCoefficients(block string, fit *iv.Result) []iv.Coefficient {
	list := stage(block, fit).Coefficients()
	for i := range list {
		list[i].Name = block + " " + list[i].Name
	}
	return list
}

// stageTerms are the rows of a block.
func (s *Study) stageTerms(block string, result *late.Result, estimator iv.Estimator) []report.Term {
	usage := []report.Term{{Name: block + " " + result.Usage, Label: capital(s.label(s.Roles.Usage))}}
	switch block {
	case "first-stage":
		return s.armTerms(result.Design, "First stage: "+brief.InSentence(s.label(s.Roles.Usage)), block+" ")
	case "reduced-form":
		return s.armTerms(result.Design, "Reduced form: intention to treat", block+" ")
	case "as-used":
		usage[0].Panel = "As used: OLS on usage that was chosen"
	default:
		usage[0].Panel = "Second stage: " + estimator.String()
	}
	return usage
}

// lateNotes explain the blocks that there are.
func (s *Study) lateNotes(k modelKey, show []string, results []*late.Result, outcomes []string) []string {
	usage, assignment := brief.InSentence(s.label(s.Roles.Usage)), brief.InSentence(s.label(s.Roles.Assignment))
	var notes []string
	if slices.Contains(show, "late") {
		notes = append(notes, capital(usage)+" is instrumented by "+assignment+": its effect is that on those whom assignment moves to use.")
	}
	if slices.Contains(show, "as-used") {
		notes = append(notes, "As used compares those who use with those who do not, who differ for other reasons too: it is no effect.")
	}
	return append(notes, s.sharesNote(k, results, outcomes))
}

// sharesNote describes uptake over the rows of the outcomes' models.
func (s *Study) sharesNote(k modelKey, results []*late.Result, outcomes []string) string {
	var list []late.Shares
	for i, name := range outcomes {
		if shares, err := results[i].SharesOf(s.outcome(name).column(k)); err == nil { // which is there
			list = append(list, shares)
		}
	}
	return late.DescribeShares(list...)
}
