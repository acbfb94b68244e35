package study

import (
	"context"
	"math"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/report"
)

// distributionFigure shows how variables are distributed over units, over cells of the panel since
// the launch, or over events since it, by arm; usage, over the treated alone.
var distributionFigure = figureKind{
	keys: []string{"variables", "of"},
	arms: true,
	check: func(s *Study, f *FigureSpec) error {
		f.Of = or(f.Of, "units")
		switch {
		case len(f.Variables) == 0:
			return refuse("a distribution of nothing", "name columns in {FigureSpec.Variables}")
		case s.crossSection() && f.Of != "units":
			return refuse("a study without times has units alone to count", "set {FigureSpec.Of} to units")
		}
		return oneOf("FigureSpec.Of", f.Of, "units", "cells", "events")
	},
	plan: func(p *plan, f *FigureSpec) {
		for _, v := range f.Variables {
			switch f.Of {
			case "cells":
				p.average(p.study.period(), v)
			case "events":
				p.count(v)
			}
		}
	},
	build: func(_ context.Context, r *run, f *FigureSpec) (*Figure, error) {
		s := r.study
		figure := report.Distribution{Title: f.Title}
		for _, v := range f.Variables {
			panel := report.DistributionPanel{XLabel: s.label(v)}
			for arm, name := range r.arms {
				if v == s.Roles.Usage && arm == 0 {
					continue
				}
				values, err := r.sampleOf(f.Of, v, float64(arm))
				if err != nil {
					return nil, err
				}
				panel.Samples = append(panel.Samples, report.Sample{Name: name, Values: values})
			}
			figure.Panels = append(figure.Panels, panel)
		}
		return &Figure{Figure: figure}, nil
	},
}

// sampleOf lists the values of a variable in an arm.
func (r *run) sampleOf(of, variable string, arm float64) ([]float64, error) {
	frame, since := r.units, func(int) bool { return true }
	switch of {
	case "events":
		return r.eventSample(variable, arm)
	case "cells":
		frame = r.cells[r.study.period()]
		var err error
		if since, err = r.sinceLaunch(frame); err != nil {
			return nil, err
		}
	}
	return r.inArm(frame, variable, arm, since)
}

// sinceLaunch says of rows of a panel whether they are of periods since the launch; without one all are.
func (r *run) sinceLaunch(frame *data.Frame) (func(row int) bool, error) {
	s := r.study
	if s.Launch.IsZero() {
		return func(int) bool { return true }, nil
	}
	if s.Launch.Numbered {
		periods, err := frame.Floats(s.Roles.Time)
		return func(row int) bool { return periods[row] >= s.Launch.Period }, err
	}
	times, err := frame.Instants(s.periodColumn(s.period()))
	launch := r.launchOf(s.period()).UnixNano()
	return func(row int) bool { return times[row] >= launch }, err
}

// inArm lists the values of a column in the rows of an arm for which keep is true.
func (r *run) inArm(f *data.Frame, column string, arm float64, keep func(row int) bool) ([]float64, error) {
	values, err := f.Floats(column)
	if err != nil {
		return nil, err
	}
	arms, err := r.armOf(f)
	if err != nil {
		return nil, err
	}
	var sample []float64
	for i, v := range values {
		if arms[i] == arm && keep(i) && !math.IsNaN(v) {
			sample = append(sample, v)
		}
	}
	return sample, nil
}

// eventSample repeats each value as often as it was counted since the launch.
func (r *run) eventSample(variable string, arm float64) ([]float64, error) {
	counts := r.counts[variable]
	values, err := counts.Floats(variable)
	if err != nil {
		return nil, err
	}
	after, err := counts.Floats(columnOf(sumOfAfter))
	if err != nil {
		return nil, err
	}
	units, err := r.join(counts)
	if err != nil {
		return nil, err
	}
	arms, err := r.armOf(r.units)
	if err != nil {
		return nil, err
	}
	var sample []float64
	for i, u := range units {
		if u >= 0 && arms[u] == arm {
			for range int(after[i]) {
				sample = append(sample, values[i])
			}
		}
	}
	return sample, nil
}

// beforeAfterFigure shows the densities of the treated units' means before and after the launch.
var beforeAfterFigure = figureKind{
	keys:  []string{"variables"},
	needs: launch | periods | units,
	check: func(_ *Study, f *FigureSpec) error {
		if len(f.Variables) == 0 {
			return refuse("a comparison of before and after of nothing", "name columns in {FigureSpec.Variables}")
		}
		return nil
	},
	plan: func(p *plan, f *FigureSpec) { p.halve(f.Variables...) },
	build: func(_ context.Context, r *run, f *FigureSpec) (*Figure, error) {
		figure := report.Distribution{Title: f.Title, Kind: report.Density}
		all := func(int) bool { return true }
		for _, v := range f.Variables {
			panel := report.DistributionPanel{XLabel: r.study.label(v)}
			for _, half := range []struct{ name, column string }{{"Before the launch", beforeOf(v)}, {"Since the launch", afterOf(v)}} {
				values, err := r.inArm(r.units, half.column, 1, all)
				if err != nil {
					return nil, err
				}
				panel.Samples = append(panel.Samples, report.Sample{Name: half.name, Values: values})
			}
			figure.Panels = append(figure.Panels, panel)
		}
		return &Figure{Figure: figure}, nil
	},
}
