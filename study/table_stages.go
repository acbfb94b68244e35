package study

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/late"
	"github.com/fieldexp/fieldexp/report"
)

// stagesTable shows the effect of usage on each outcome in a table of its own: first stage, reduced form, second stage and the
// misleading regression on usage side by side, with all their coefficients.
var stagesTable = tableKind{
	keys:  append([]string{"level", "direct"}, ofModels...),
	needs: usage,
	arms:  true,
	check: func(s *Study, t *TableSpec) error {
		if err := checkDirect(t); err != nil {
			return err
		}
		return checkModel(s, t)
	},
	plan: lateTable.plan,
	build: func(ctx context.Context, r *run, t *TableSpec) ([]*Table, error) {
		m, err := r.usageModels(ctx, t)
		if err != nil {
			return nil, err
		}
		judged, more, err := r.judge(ctx, m.key, t.Outcomes, m.effects, judgeMore{direct: t.Direct})
		if err != nil {
			return nil, err
		}
		var tables []*Table
		for i, name := range t.Outcomes {
			one := *t
			if len(t.Outcomes) > 1 {
				one.Number = strconv.Itoa(i + 1)
				if t.Number != "" {
					one.Number = t.Number + "." + one.Number
				}
			}
			warnings := append(more, m.results[i].Warnings...)
			table, err := r.stages(&one, name, m, i, judged, warnings)
			if err != nil {
				return nil, err
			}
			tables = append(tables, table...)
		}
		return tables, nil
	},
}

// stages lays out the models of one outcome, by its place among those of a table.
func (r *run) stages(t *TableSpec, name string, m *usageModels, i int, judged []string, warnings []fieldexp.Warning) ([]*Table, error) {
	s, effect, result := r.study, m.effects[i], m.results[i]
	fit := effect.Fit
	columns := []report.RegressionColumn{
		{Result: fit.FirstStages[0], Header: "First stage: " + s.label(fit.FirstStages[0].Outcome)},
		{Result: fit.ReducedForm, Header: "Reduced form"},
		{Result: fit, Header: fit.Estimator.String(), Below: linesBeneath(m.effects[i : i+1])},
		{Result: fit.AsUsed, Header: "As used: OLS"},
	}
	opt := s.regressionOptions(m.key, t)
	opt.Title, opt.FirstStageF, opt.Controls = or(t.Title, "Effects of usage on "+s.outcome(name).Label), true, nil
	opt.Notes = append([]string{r.designNote(m.key)}, s.controlNote(result.Design)...)
	opt.Notes = append(opt.Notes, r.armsNote(m.key, []string{name}, m.design)...)
	opt.Notes = append(opt.Notes, r.logNotes(m.key, []string{name})...)
	opt.Notes = append(opt.Notes, s.lateNotes(m.key, []string{"late", "as-used"}, m.results[i:i+1], []string{name})...)
	for _, row := range strengthRows([]*iv.Result{fit}, s.Inference.AR) {
		row.Cells = append([]report.Cell{{}, {}}, row.Cells...) // under the second stage
		opt.Statistics = append(opt.Statistics, row)
	}
	s.nameEffects(&opt, []*iv.Result{fit})
	opt.Words = r.opt.Words
	table, err := report.Regression(columns, opt)
	if err != nil {
		return nil, err
	}
	r.recordStages(t.Number, name, fit, effect)
	main := &r.out.Fits[len(r.out.Fits)-len(fit.FirstStages)-3] // before its first stages, reduced form and as-used regression
	for _, w := range warnings {
		main.addWarning(w.In(r.opt.Words))
	}
	return r.finish(&Table{ID: or(t.Number, "1"), Table: table}, t, append(judged, r.warn(t, warnings, columns)...)...), nil
}

// usageModels are the models of effects of usage of a table, by outcome.
type usageModels struct {
	key      modelKey
	outcomes []string
	results  []*late.Result
	effects  []*testedEffect
}

// design is that of an outcome's model.
func (m *usageModels) design(outcome string) *itt.Design {
	return m.results[slices.Index(m.outcomes, outcome)].Design
}

// usageModels estimates the models of effects of usage of a table.
func (r *run) usageModels(ctx context.Context, t *TableSpec) (*usageModels, error) {
	m := &usageModels{key: r.study.key(ofUsage, t), outcomes: t.Outcomes}
	fitted, err := r.fit(ctx, m.key, t.Outcomes)
	if err != nil {
		return nil, err
	}
	for _, name := range t.Outcomes {
		result := fitted.usage[name]
		fit, err := result.Fit(r.study.outcome(name).column(m.key))
		if err != nil {
			return nil, err
		}
		if fit, err = r.shown(m.key, fit); err != nil {
			return nil, err
		}
		m.results = append(m.results, result)
		m.effects = append(m.effects, &testedEffect{Fit: fit, Term: result.Usage, Name: result.Usage})
	}
	return m, nil
}

// neverTakers is the table that compares never-takers with controls, or a sentence on why there is none.
func (r *run) neverTakers(ctx context.Context, k modelKey, t *TableSpec, spec late.Spec) ([]*Table, string, error) {
	frame, err := r.sample(k)
	if err != nil {
		return nil, "", err
	}
	placebo, err := late.NeverTakerContrast(ctx, frame, spec)
	var none *fieldexp.Error
	if errors.As(err, &none) && none.Problem == fieldexp.NoVariation {
		return nil, "Never-takers are not compared with controls: " + none.Message + ".", nil
	}
	if err != nil {
		return nil, "", err
	}
	own := *t
	own.Title, own.Number = "Never-takers against controls", numbered(t.Number, ", never-takers")
	opt := r.study.regressionOptions(k, &own)
	opt.Terms = []report.Term{{Name: placebo.Fits[0].Terms[0], Label: capital(r.study.label(r.study.Roles.Assignment))}}
	opt.Notes = []string{placebo.Among + ". Assignment should have no effect on them if it matters through usage alone; " +
		"in a cross-section, never-takers differ by choice as well."}
	if joint := placebo.Joint; joint != nil && len(placebo.Fits) > 1 {
		opt.Notes = append(opt.Notes, "All effects zero: "+brief.Test(*joint)+".")
	}
	var columns []report.RegressionColumn
	for _, fit := range placebo.Fits {
		columns = append(columns, report.RegressionColumn{Result: fit})
	}
	table, err := r.regression(&own, k, columns, opt)
	if err != nil {
		return nil, "", err
	}
	table.ID = fmt.Sprintf("%s-never-takers", or(t.Number, "1"))
	return r.finish(table, &own, r.warn(&own, placebo.Warnings, columns)...), "", nil
}
