package study

import (
	"context"
	"fmt"
	"slices"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/panel"
	"github.com/fieldexp/fieldexp/report"
)

// eventTable shows the effect of assignment in each period around the launch, and whether the arms
// moved alike before it.
var eventTable = tableKind{
	keys:  []string{"outcomes"},
	needs: launch | periods,
	arms:  true,
	plan:  func(p *plan, t *TableSpec) { p.model(p.study.eventKey(), t.Outcomes) },
	build: func(ctx context.Context, r *run, t *TableSpec) ([]*Table, error) {
		s := r.study
		k := s.eventKey()
		fitted, err := r.fit(ctx, k, t.Outcomes)
		if err != nil {
			return nil, err
		}
		var columns []report.RegressionColumn
		var terms []eventTerm
		var warnings []fieldexp.Warning
		joint := []report.Row{{Label: "F, none before the launch"}, {Label: "p"}}
		for _, name := range t.Outcomes {
			result := fitted.events[name]
			for i, period := range result.Periods {
				terms = with(terms, eventTerm{period, result.Coefficients[i].Name})
			}
			columns, warnings = append(columns, report.RegressionColumn{Result: result.Fit}), append(warnings, result.Warnings...)
			joint[0].Cells = append(joint[0].Cells, statistic(result.PreTrend))
			joint[1].Cells = append(joint[1].Cells, pValue(result.PreTrend))
			r.record(t.Number, "ols", name, result.Fit)
		}
		slices.SortFunc(terms, func(a, b eventTerm) int { return a.period - b.period })
		opt := s.regressionOptions(k, t)
		for _, term := range terms {
			when := "Before the launch"
			if term.period >= 0 {
				when = "Since the launch"
			}
			opt.Terms = append(opt.Terms, report.Term{Name: term.name, Label: fmt.Sprintf("%s %+d", capital(s.eventPeriod().String()), term.period), Panel: when})
		}
		opt.Statistics = joint
		opt.Notes = []string{fmt.Sprintf("Effects of %s by %s, counted from the launch; %s -1 is the reference.",
			brief.InSentence(s.label(s.Roles.Assignment)), s.eventPeriod(), s.eventPeriod())}
		table, err := r.regression(t, k, columns, opt)
		if err != nil {
			return nil, err
		}
		return r.finish(table, t, r.warn(t, warnings, columns)...), nil
	},
}

// An eventTerm is the regressor of a period, counted from the launch.
type eventTerm struct {
	period int
	name   string
}

// eventKey is the model whose panel an event study uses.
func (s *Study) eventKey() modelKey { return modelKey{method: aroundLaunch, period: s.eventPeriod()} }

// eventPeriod is the study's period, or the day where events are summed up by the hour, of which there are too many.
func (s *Study) eventPeriod() panel.Period {
	if s.ready() {
		return s.period()
	}
	if p := s.period(); p != panel.Hour {
		return p
	}
	return panel.Day
}

// eventSpec is the model of event studies.
func (r *run) eventSpec(k modelKey, of itt.Spec) itt.EventSpec {
	spec := itt.EventSpec{Spec: of, Unit: r.study.Roles.Unit, Step: k.period}
	spec.Absorb, spec.TreatedName = nil, ""
	return spec
}
