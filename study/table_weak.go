package study

import (
	"context"
	"fmt"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/report"
)

// weakTable shows what assignment is worth as an instrument of usage, a column for each outcome.
var weakTable = tableKind{
	keys:  append([]string{"level"}, ofModels...),
	needs: usage,
	arms:  true,
	check: checkModel,
	plan:  lateTable.plan,
	build: func(ctx context.Context, r *run, t *TableSpec) ([]*Table, error) {
		s := r.study
		k := s.key(ofUsage, t)
		fitted, err := r.fit(ctx, k, t.Outcomes)
		if err != nil {
			return nil, err
		}
		w := report.WeakInstruments{Words: r.opt.Words, Number: t.Number, Title: t.Title, Digits: t.Digits, Label: s.treatmentLabel, ClusterLabels: s.clusterLabels(), Notes: []string{r.designNote(k)}}
		var warnings []fieldexp.Warning
		for _, name := range t.Outcomes {
			fit, err := fitted.usage[name].Fit(s.outcome(name).column(k))
			if err != nil {
				return nil, err
			}
			if fit, err = r.shown(k, fit); err != nil {
				return nil, err
			}
			r.recordStages(t.Number, name, fit, &testedEffect{})
			w.Fits, w.Headers = append(w.Fits, allInstruments(fit)), append(w.Headers, s.outcome(name).Label)
			warnings = append(warnings, fitted.usage[name].Warnings...)
		}
		table, err := w.Table()
		if err != nil {
			return nil, err
		}
		var columns []report.RegressionColumn
		for _, fit := range w.Fits {
			columns = append(columns, report.RegressionColumn{Result: fit})
		}
		return r.finish(&Table{ID: t.Number, Table: table, Outcomes: t.Outcomes}, t, r.warn(t, warnings, columns)...), nil
	},
}

// treatmentLabel names the regressors of a study for people: the assignment from the launch on is called as the
// assignment is.
func (s *Study) treatmentLabel(column string) string {
	if column == treatedColumn {
		column = s.Roles.Assignment
	}
	return capital(s.label(column))
}

// weakGroupsTable shows the groups' own first stages, and sets of effects that hold where they are weak.
var weakGroupsTable = tableKind{
	keys:  ofModels,
	needs: usage | groups,
	plan:  func(p *plan, t *TableSpec) { p.model(p.study.key(ofUsageByGroup, t), t.Outcomes) },
	build: func(ctx context.Context, r *run, t *TableSpec) ([]*Table, error) {
		s := r.study
		k := s.key(ofUsageByGroup, t)
		frame, err := r.sample(k)
		if err != nil {
			return nil, err
		}
		spec := r.groupSpec(k, r.spec(k, t.Outcomes))
		spec.Covariance = jointly(spec.Covariance)
		separated, err := hetero.Separate(ctx, frame, spec)
		if err != nil {
			return nil, err
		}
		rows, notes, err := s.Inference.agreeingGroups(ctx, frame, spec, func(done, total int) { r.opt.Progress("drawing", int64(done), int64(total)) })
		if err != nil {
			return nil, err
		}
		g := report.SeparateGroups{Number: t.Number, Title: t.Title, Separated: separated, Tests: rows, Digits: t.Digits, Label: s.treatmentLabel,
			Notes: []string{r.designNote(k), r.cutNote(separated.Groups[0])}}
		var warnings []fieldexp.Warning
		for i, name := range t.Outcomes {
			g.Headers = append(g.Headers, s.outcome(name).Label)
			for _, group := range separated.Fits[i].Groups {
				f := newFit(r.opt.Words, estimatorName(group.Model), name, group.Model)
				f.Table, f.Group, f.Strength = t.Number, group.Group, []Strength{newStrength(group.Strength)}
				set := group.AndersonRubin // a copy, which does not hold on to the model
				f.add(&testedEffect{Name: separated.Regressor, Evidence: Evidence{AR: &set}})
				r.out.Fits = append(r.out.Fits, f)
				for _, w := range group.Model.Warnings {
					warnings = append(warnings, fieldexp.Warning{Code: w.Code, Message: fmt.Sprintf("%s, %s: %s", s.outcome(name).Label, group.Group, w.Message), Remedy: w.Remedy})
				}
			}
		}
		table, err := g.Table()
		if err != nil {
			return nil, err
		}
		return r.finish(&Table{ID: t.Number, Table: table, Outcomes: t.Outcomes}, t, append(notes, r.warn(t, warnings, nil)...)...), nil
	},
}
