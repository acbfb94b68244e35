package study

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/panel"
)

// complete fills in defaults and refuses what can be refused before any data are read.
func (s *Study) complete() error {
	if s.Data.Events == "" {
		return errors.New(`no data: name the file of events as events = "chats.csv" under [data]`)
	}
	if s.Roles.Assignment == "" {
		return errors.New(`no assignment: name its column as assignment = "treat" under [roles]`)
	}
	if s.Roles.Unit == "" && (!s.crossSection() || s.Data.Units != "") {
		return errors.New(`no unit: name the column of who is observed as unit = "agent_id" under [roles]`)
	}
	if s.Data.Key == "" {
		s.Data.Key = s.Roles.Unit
	}
	s.Period = or(s.Period, panel.Day.String())
	s.Words.Unit = or(s.Words.Unit, "unit")
	s.Words.Event = or(s.Words.Event, "event")
	if s.crossSection() && !s.Launch.IsZero() {
		return errors.New(`there is a launch and no time: name the column of when events happened as time = "start" under [roles]`)
	}
	if len(s.Outcomes) == 0 {
		return errors.New("no outcomes: add [[outcomes]] with a column")
	}
	for _, step := range []func() error{s.completeOutcomes, s.completeBaseline, s.completeModel, s.completeInference, s.checkPeriods} {
		if err := step(); err != nil {
			return err
		}
	}
	if len(s.Tables) == 0 {
		s.Tables = s.usualTables()
	}
	if len(s.Figures) == 0 {
		s.Figures = s.usualFigures()
	}
	for i := range s.Tables {
		if err := s.completeTable(&s.Tables[i], i); err != nil {
			return err
		}
	}
	for i := range s.Figures {
		if err := s.completeFigure(&s.Figures[i], i); err != nil {
			return err
		}
	}
	return s.checkUnique()
}

// completeOutcomes names and labels the outcomes.
func (s *Study) completeOutcomes() error {
	seen := make(map[string]bool)
	for i := range s.Outcomes {
		o := &s.Outcomes[i]
		if o.Stat == "" {
			o.Stat = panel.Mean.String()
		}
		stat, err := o.statistic()
		switch {
		case err != nil:
			return fmt.Errorf("outcome %d: %w", i+1, err)
		case o.Column == "" && stat != panel.Count:
			return fmt.Errorf(`outcome %d names no column: add column = "rating"`, i+1)
		case o.Transform != "" && o.Transform != "log":
			return fmt.Errorf("outcome %d: there is no transform %q; use log, or leave it out", i+1, o.Transform)
		case o.Stat == known && o.Transform != "":
			return fmt.Errorf("outcome %d: the share of events in which %s is known takes no transform", i+1, o.Column)
		case s.crossSection() && stat != panel.Mean:
			return fmt.Errorf("outcome %d: stat = %q needs several events for each unit, and the study has no time", i+1, o.Stat)
		}
		if o.Label == "" && o.Name == "" {
			o.Label = s.label(o.Column)
			if stat != panel.Mean {
				o.Label = strings.TrimSpace(o.Stat + " " + o.Label)
			}
			if o.Transform == "log" {
				o.Label = "ln(" + o.Label + ")"
			}
		}
		o.Name = or(o.Name, o.usualName(stat))
		o.Label = or(o.Label, s.label(o.Name))
		if seen[o.Name] {
			return fmt.Errorf("two outcomes are called %q; give one of them another name", o.Name)
		}
		seen[o.Name] = true
	}
	return nil
}

// usualName is made of the transform, the statistic and the column, as in ln_duration.
func (o *Outcome) usualName(stat panel.Stat) string {
	name := o.Column
	if stat != panel.Mean {
		name = strings.TrimSuffix(o.Stat+"_"+name, "_")
	}
	if o.Transform == "log" {
		name = "ln_" + name
	}
	return name
}

// completeBaseline checks the groups.
func (s *Study) completeBaseline() error {
	b := &s.Baseline
	if b.Column == "" {
		if b.Groups != 0 || b.Over != "" || b.Label != "" {
			return errors.New(`the baseline has no column: add column = "rating" under [baseline]`)
		}
		return nil
	}
	if b.Groups == 0 {
		b.Groups = 5
	}
	if b.Groups < 2 {
		return fmt.Errorf("the baseline is cut into %d groups; ask for two or more", b.Groups)
	}
	if b.Over == "" {
		b.Over = "all"
	}
	if err := oneOf("baseline.over", b.Over, "all", "controls"); err != nil {
		return err
	}
	if b.Label == "" {
		b.Label = s.label(b.Column)
		if !s.Launch.IsZero() {
			b.Label += " before the launch"
		}
	}
	return nil
}

// completeModel checks the names under [model].
func (s *Study) completeModel() error {
	m := &s.Model
	if m.NoEffects && len(m.Absorb) > 0 {
		return errors.New("model.absorb names effects and model.no_effects says there are none; leave one of them out")
	}
	if len(m.Cluster) == 0 && !s.crossSection() {
		m.Cluster = []string{s.Roles.Unit}
	}
	if m.Level == 0 {
		m.Level = 0.95
	}
	if m.Level <= 0 || m.Level >= 1 {
		return fmt.Errorf("model.level is %g; confidence levels lie between 0 and 1", m.Level)
	}
	if _, err := ParseSE(m.SE, len(m.Cluster) > 0); err != nil {
		return err
	}
	if _, err := ParseWeightKind(m.WeightsKind); err != nil {
		return err
	}
	_, err := ParseEstimator(m.Estimator)
	return err
}

// checkPeriods refuses a period that is not known.
func (s *Study) checkPeriods() error {
	if _, err := parsePeriod(s.Period); err != nil {
		return err
	}
	if s.crossSection() && (len(s.Controls.Lagged) > 0 || s.Controls.Calendar) {
		return errors.New("controls.lagged needs several periods for each unit, and the study has no time; name them under current")
	}
	return nil
}

// checkUnique refuses two tables or two figures of one number.
func (s *Study) checkUnique() error {
	seen := make(map[string]bool)
	for i := range s.Tables {
		if n := s.Tables[i].Number; seen[n] {
			return fmt.Errorf("two tables have the number %q; number them apart", n)
		} else {
			seen[n] = true
		}
	}
	clear(seen)
	for i := range s.Figures {
		if n := s.Figures[i].Number; seen[n] {
			return fmt.Errorf("two figures have the number %q; number them apart", n)
		} else {
			seen[n] = true
		}
	}
	return nil
}

// statistic is the panel's word for the outcome's statistic.
func (o *Outcome) statistic() (panel.Stat, error) {
	if o.Stat == known {
		return panel.CountObserved, nil
	}
	for stat := panel.Mean; stat <= panel.CountObserved; stat++ {
		if o.Stat == stat.String() {
			return stat, nil
		}
	}
	return 0, fmt.Errorf("there is no stat %q; use mean, share, sum, sd, count, observed or known", o.Stat)
}

// parsePeriod reads the name of a period.
func parsePeriod(name string) (panel.Period, error) {
	for p := panel.Day; p <= panel.Week; p++ {
		if p.String() == name {
			return p, nil
		}
	}
	return 0, fmt.Errorf("there is no period %q; use day, hour or week", name)
}

// ParseWeightKind reads analytic (or nothing) or frequency.
func ParseWeightKind(name string) (iv.WeightKind, error) {
	switch name {
	case "", "analytic":
		return iv.Analytic, nil
	case "frequency":
		return iv.Frequency, nil
	}
	return 0, fmt.Errorf("there is no kind of weights %q; use analytic or frequency", name)
}

// ParseEstimator reads 2sls (or nothing), liml or fuller.
func ParseEstimator(name string) (iv.Estimator, error) {
	switch strings.ToLower(name) {
	case "", "2sls":
		return iv.TwoStage, nil
	case "liml":
		return iv.LIML, nil
	case "fuller":
		return iv.Fuller, nil
	}
	return 0, fmt.Errorf("there is no estimator %q; use 2sls, liml or fuller", name)
}

// oneOf refuses a value that is not among those there are.
func oneOf(key, value string, values ...string) error {
	if slices.Contains(values, value) {
		return nil
	}
	return fmt.Errorf("%s cannot be %q; use %s", key, value, alternatives(values))
}
