package study

import (
	"cmp"
	"context"
	"fmt"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/report"
)

// ittTable shows the effects of assignment, a column for each outcome.
var ittTable = tableKind{
	keys:  append([]string{"level", "sample", "design", "small_blocks", "coefficients"}, ofModels...),
	arms:  true,
	check: func(s *Study, t *TableSpec) error { return cmp.Or(checkModel(s, t), checkDesign(s, t)) },
	plan:  func(p *plan, t *TableSpec) { p.model(p.study.key(ofAssignment, t), t.Outcomes) },
	build: func(ctx context.Context, r *run, t *TableSpec) ([]*Table, error) {
		s := r.study
		k := s.key(ofAssignment, t)
		if t.Design == "means" {
			return r.meansTable(ctx, k, t)
		}
		fitted, err := r.fit(ctx, k, t.Outcomes)
		if err != nil {
			return nil, err
		}
		var columns []report.RegressionColumn
		var warnings []fieldexp.Warning
		var effects []*testedEffect
		var result *itt.Result
		for _, name := range t.Outcomes {
			result = fitted.assignment[name]
			fit, err := result.Fit(s.outcome(name).column(k))
			if err != nil {
				return nil, err
			}
			if fit, err = r.shown(k, fit); err != nil {
				return nil, err
			}
			warnings = append(warnings, result.Warnings...)
			for _, term := range result.Design.Terms {
				effects = append(effects, &testedEffect{Fit: fit, Term: term, Name: term})
			}
		}
		notes, more, err := r.judge(ctx, k, t.Outcomes, effects, judgeMore{})
		if err != nil {
			return nil, err
		}
		each := len(result.Design.Terms)
		for i, name := range t.Outcomes {
			of := effects[i*each : (i+1)*each]
			columns = append(columns, report.RegressionColumn{Result: of[0].Fit, Below: linesBeneath(of)})
			r.record(t.Number, "ols", name, of[0].Fit, of...)
		}
		opt := s.regressionOptions(k, t)
		if t.Coefficients == "all" {
			opt.Controls = nil
		} else {
			opt.Terms = s.armTerms(result.Design, "", "")
		}
		opt.WithinR2 = s.ready() && len(r.effects(k)) > 0
		opt.Notes = append([]string{r.designNote(k)}, s.controlNote(result.Design)...)
		opt.Notes = append(opt.Notes, r.armsNote(k, t.Outcomes, func(name string) *itt.Design { return fitted.assignment[name].Design })...)
		if k.lin {
			opt.Notes = append(opt.Notes, "Controls have slopes of their own in each arm, and the effect is that at their means (Lin 2013).")
		}
		table, err := r.regression(t, k, columns, opt)
		if err != nil {
			return nil, err
		}
		return r.finish(table, t, append(notes, r.warn(t, append(warnings, more...), columns)...)...), nil
	},
}

// checkModel refuses models of events that their panel cannot give.
func checkModel(s *Study, t *TableSpec) error {
	if t.Sample == "never-takers" && s.Roles.Usage == "" {
		return refuse("a sample of never-takers, and no column of usage is named", "name it in {Roles.Usage}")
	}
	if t.Level != "events" {
		return nil
	}
	se, _ := parseSE(s.Model.SE, true)
	switch {
	case !s.sums():
		return refuse("a table at the level of events, and each row is an observation", "leave {TableSpec.Level} out")
	case se.unclustered():
		return refuse("a table at the level of events has clustered standard errors", "set {Model.SE} to cr1")
	case s.Model.Weights != "":
		return refuse("a table at the level of events weights by the number of events, and other weights are named", "leave {Model.Weights} or {TableSpec.Level} out")
	}
	for _, name := range t.Outcomes {
		if o := s.outcome(name); o.Stat != "mean" && o.Stat != "share" && o.Stat != known {
			return refuse(fmt.Sprintf("a table at the level of events has outcomes that are means, and %s has the statistic %q", name, o.Stat), "leave it out of {TableSpec.Outcomes}")
		}
	}
	return nil
}
