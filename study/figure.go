package study

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/report"
)

// Figure is a figure of a study.
type Figure struct {
	ID, Title, Caption string
	// Refusal says why there is no such figure; Figure is nil then.
	Refusal string
	report.Figure
}

// figureKinds lists the kinds of figures by their names in the study file.
func figureKinds() map[string]figureKind {
	return map[string]figureKind{
		"means":        meansFigure,
		"usage":        usageFigure,
		"event":        eventFigure,
		"effects":      effectsFigure,
		"distribution": distributionFigure,
		"before-after": beforeAfterFigure,
	}
}

// meansFigure shows outcomes by arm and period.
var meansFigure = figureKind{
	keys:  []string{"outcomes"},
	arms:  true,
	needs: periods | dates,
	plan:  func(p *plan, f *FigureSpec) { p.observe(p.study.eventPeriod(), f.Outcomes...) },
	build: func(_ context.Context, r *run, f *FigureSpec) (*Figure, error) {
		s := r.study
		lines, err := r.newLines()
		if err != nil {
			return nil, err
		}
		figure := report.TimeSeries{Title: f.Title, Dates: lines.dates, Launch: s.Launch.Time}
		for _, name := range f.Outcomes {
			o := s.outcome(name)
			panel := report.Panel{Title: o.Label}
			for arm, name := range r.arms {
				series, err := lines.series(name, o.Name, func(a float64) bool { return a == float64(arm) }, false)
				if err != nil {
					return nil, err
				}
				panel.Series = append(panel.Series, series)
			}
			figure.Panels = append(figure.Panels, panel)
		}
		return &Figure{Figure: figure}, nil
	},
}

// usageFigure shows the treated units' usage by period, with 95% bars.
var usageFigure = figureKind{
	keys:  []string{"variables", "stacked"},
	needs: usage | periods | dates,
	plan: func(p *plan, f *FigureSpec) {
		p.average(p.study.eventPeriod(), p.study.usageVariables(f.Variables)...)
	},
	build: func(_ context.Context, r *run, f *FigureSpec) (*Figure, error) {
		s := r.study
		lines, err := r.newLines()
		if err != nil {
			return nil, err
		}
		lines.since(r.launchOf(s.eventPeriod()))
		figure := report.TimeSeries{Title: f.Title, YLabel: "Mean over treated " + s.Words.Unit + "s", Dates: lines.dates, Stacked: f.Stacked}
		panel := report.Panel{}
		for _, v := range s.usageVariables(f.Variables) {
			series, err := lines.series(s.label(v), v, func(a float64) bool { return a == 1 }, !f.Stacked)
			if err != nil {
				return nil, err
			}
			panel.Series = append(panel.Series, series)
		}
		figure.Panels = []report.Panel{panel}
		return &Figure{Figure: figure}, nil
	},
}

// lines are means by period over the cells of a panel.
type lines struct {
	r     *run
	arm   []float64
	of    []int32 // the period of each row, before the first for one left out
	first int32
	dates []time.Time // from the first on
}

func (r *run) newLines() (*lines, error) {
	frame := r.cells[r.study.eventPeriod()]
	times, err := frame.Instants(r.study.periodColumn(r.study.eventPeriod()))
	if err != nil {
		return nil, err
	}
	periods, err := frame.Group(r.study.periodColumn(r.study.eventPeriod()))
	if err != nil {
		return nil, err
	}
	l := &lines{r: r, of: periods.Codes, dates: make([]time.Time, periods.Len())}
	if l.arm, err = r.armOf(frame); err != nil {
		return nil, err
	}
	for i, p := range l.of {
		if p >= 0 {
			l.dates[p] = time.Unix(0, times[i]).UTC()
		}
	}
	return l, nil
}

// since leaves out the periods before the launch.
func (l *lines) since(launch time.Time) {
	first := slices.IndexFunc(l.dates, func(t time.Time) bool { return !t.Before(launch) })
	if first <= 0 {
		return
	}
	l.dates, l.first = l.dates[first:], int32(first)
}

// series is the mean of a column by period over the rows of some arms, with 95% intervals for
// units that are drawn independently if bars are wanted.
func (l *lines) series(name, column string, in func(arm float64) bool, bars bool) (report.Series, error) {
	values, err := l.r.cells[l.r.study.eventPeriod()].Floats(column)
	if err != nil {
		return report.Series{}, err
	}
	byPeriod := make([][]float64, len(l.dates))
	for i, v := range values {
		if p := l.of[i] - l.first; p >= 0 && in(l.arm[i]) && !math.IsNaN(v) {
			byPeriod[p] = append(byPeriod[p], v)
		}
	}
	s := report.Series{Name: name}
	for _, v := range byPeriod {
		m := momentsOf(v)
		mean, reach := missing, missing
		if m.n > 0 {
			mean, reach = m.mean, 1.96*m.sd()/math.Sqrt(float64(m.n))
		}
		s.Values = append(s.Values, mean)
		if bars {
			s.Low, s.High = append(s.Low, mean-reach), append(s.High, mean+reach)
		}
	}
	return s, nil
}

// eventFigure shows the effect of assignment in each period around the launch.
var eventFigure = figureKind{
	keys:  []string{"outcomes", "reference"},
	needs: launch | periods,
	plan:  func(p *plan, f *FigureSpec) { p.model(p.study.eventKey(f.Reference), f.Outcomes) },
	build: func(ctx context.Context, r *run, f *FigureSpec) (*Figure, error) {
		s := r.study
		fitted, err := r.fit(ctx, s.eventKey(f.Reference), f.Outcomes)
		if err != nil {
			return nil, err
		}
		figure := report.EventStudy{Title: f.Title, XLabel: capital(s.eventPeriod().String()) + "s since the launch"}
		effects := make(map[string]map[int]iv.Coefficient)
		for _, name := range f.Outcomes {
			result := fitted.events[name]
			if !r.hasEventTable(name) {
				r.recordFigure(f.Number, newFit(r.opt.Words, "ols", name, result.Fit))
			}
			figure.References = with(figure.References, result.Reference)
			effects[name] = make(map[int]iv.Coefficient)
			for i, period := range result.Periods {
				effects[name][period] = result.Coefficients[i]
				figure.Periods = with(figure.Periods, period)
			}
			if t := result.PreTrend; len(f.Outcomes) == 1 && t.Reason == "" {
				figure.Note = fmt.Sprintf("All before the launch zero: F(%g, %.0f) = %.2f, p = %.3f", t.DF1, t.DF2, t.Statistic, t.P)
			}
		}
		slices.Sort(figure.Periods)
		for _, name := range f.Outcomes {
			var series report.Series
			for _, period := range figure.Periods {
				c, ok := effects[name][period]
				if !ok {
					c = iv.Coefficient{Estimate: missing, Low: missing, High: missing}
				}
				series.Values, series.Low, series.High = append(series.Values, c.Estimate), append(series.Low, c.Low), append(series.High, c.High)
			}
			figure.Panels = append(figure.Panels, report.Panel{Title: s.outcome(name).Label, Series: []report.Series{series}})
		}
		return &Figure{Figure: figure}, nil
	},
}

// hasEventTable reports whether a table shows the event study of an outcome.
func (r *run) hasEventTable(outcome string) bool {
	return slices.ContainsFunc(r.study.Tables, func(t TableSpec) bool { return t.Kind == "event" && slices.Contains(t.Outcomes, outcome) })
}

// effectsFigure shows effects by group.
var effectsFigure = figureKind{
	keys:  []string{"outcomes", "period", "effect", "time_effects"},
	needs: groups,
	plan:  func(p *plan, f *FigureSpec) { p.glance(p.study.figureKey(f), f.Outcomes) },
	build: func(ctx context.Context, r *run, f *FigureSpec) (*Figure, error) {
		s := r.study
		k := s.figureKey(f)
		known := func(name string) bool { return r.impacts[k][name] != nil }
		if slices.ContainsFunc(f.Outcomes, func(name string) bool { return !known(name) }) {
			fitted, err := r.fit(ctx, k, f.Outcomes)
			if err != nil {
				return nil, err
			}
			for _, name := range f.Outcomes {
				fit, err := fitted.groups[name].Fit(s.outcome(name).column(k))
				if err != nil {
					return nil, err
				}
				r.recordFigure(f.Number, newGroupFit(r.opt.Words, name, fit))
			}
		}
		figure := report.CoefficientPlot{Title: f.Title, XLabel: s.Baseline.Label, Groups: r.groupLabels()}
		for _, name := range f.Outcomes {
			var series report.Series
			for _, c := range r.impacts[k][name] {
				series.Values, series.Low, series.High = append(series.Values, c.Estimate), append(series.Low, c.Low), append(series.High, c.High)
			}
			figure.Panels = append(figure.Panels, report.Panel{Title: s.outcome(name).Label, Series: []report.Series{series}})
		}
		return &Figure{Figure: figure}, nil
	},
}

// figureKey is the model of effects by group of a figure.
func (s *Study) figureKey(f *FigureSpec) modelKey {
	return s.groupKeys(&TableSpec{Period: f.Period, Effect: f.Effect, TimeEffects: f.TimeEffects})[0]
}
