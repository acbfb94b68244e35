package study

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/panel"
	"github.com/fieldexp/fieldexp/report"
)

// eventTable shows the effect of assignment in each period around the launch, and whether the arms
// moved alike before it.
var eventTable = tableKind{
	keys:  []string{"outcomes", "reference"},
	needs: launch | periods,
	plan:  func(p *plan, t *TableSpec) { p.model(p.study.eventKey(t.Reference), t.Outcomes) },
	build: func(ctx context.Context, r *run, t *TableSpec) ([]*Table, error) {
		s := r.study
		k := s.eventKey(t.Reference)
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
		opt.Notes = []string{fmt.Sprintf("Effects of %s by %s, counted from the launch; %s.",
			brief.InSentence(s.label(s.Roles.Assignment)), s.eventPeriod(), r.referenceNote(fitted, t.Outcomes))}
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
func (s *Study) eventKey(reference int) modelKey {
	return modelKey{method: aroundLaunch, period: s.eventPeriod(), reference: reference}
}

// referenceNote names the reference, which outcomes that are seen in other periods may have for themselves.
func (r *run) referenceNote(f *fitted, outcomes []string) string {
	var references []int
	of := make(map[int][]string)
	for _, name := range outcomes {
		reference := f.events[name].Reference
		references = with(references, reference)
		of[reference] = append(of[reference], brief.InSentence(r.study.outcome(name).Label))
	}
	parts := make([]string, len(references))
	for i, reference := range references {
		parts[i] = fmt.Sprintf("%s %d is the reference", r.study.eventPeriod(), reference)
		if len(references) > 1 {
			parts[i] += " of " + strings.Join(of[reference], ", ")
		}
	}
	return strings.Join(parts, ", ")
}

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
	spec := itt.EventSpec{Spec: of, Unit: r.study.Roles.Unit, Step: k.period, Reference: k.reference}
	if c, cut := r.cutOf(k.period); cut && r.study.CutPeriod == "drop" {
		spec.Launch = time.Unix(0, c.start).UTC() // the period that is left out is 0
	}
	spec.Absorb, spec.TreatedName = nil, ""
	return spec
}
