package study

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/panel"
)

// Check refuses what can be refused before any data are read, and fills in defaults: what Load does with a
// study file, for a Study made in Go. Run checks what has not been.
func (s *Study) Check() error {
	if s.checked {
		return nil
	}
	if err := s.complete(); err != nil {
		return s.in(err)
	}
	s.checked = true
	return nil
}

// in says in which study file an error is, in the keys of that file.
func (s *Study) in(err error) error {
	if s.file == "" || errors.Is(err, context.Canceled) {
		return err
	}
	return &fileError{s.file, err}
}

// fileError is an error in a study file or its data, in the keys of the file.
type fileError struct {
	file string
	err  error
}

func (e *fileError) Error() string { return "study: " + e.file + ": " + Keys().Say(e.err) }
func (e *fileError) Unwrap() error { return e.err }

// complete fills in defaults and refuses what contradicts itself.
func (s *Study) complete() error {
	switch {
	case s.Data.Events == "" && s.Data.Panel == "":
		return refuse("a study without data", "name the file of events in {Data.Events}", "that of a panel in {Data.Panel}")
	case s.Data.Events != "" && s.Data.Panel != "":
		return refuse("a file of events and a panel are both named", "name one of them, in {Data.Events} or in {Data.Panel}")
	case s.Roles.Assignment == "":
		return refuse("a study without an assignment", "name its column in {Roles.Assignment}")
	case s.Roles.Unit == "" && (s.sums() || s.Data.Units != ""):
		return refuse("a study without a unit", "name the column of who is observed in {Roles.Unit}")
	case !s.ready() && s.Launch.Numbered:
		return refuse("launches by number are those of a panel, each row of which is an observation", "name the file in {Data.Panel}, and leave {Data.Events} out")
	}
	s.Roles.UsageBlank = or(s.Roles.UsageBlank, "missing")
	if err := oneOf("Roles.UsageBlank", s.Roles.UsageBlank, "missing", "zero"); err != nil {
		return err
	}
	if s.Data.Key == "" {
		s.Data.Key = s.Roles.Unit
	}
	s.Period = or(s.Period, panel.Day.String())
	s.CutPeriod = or(s.CutPeriod, "drop")
	if err := oneOf("CutPeriod", s.CutPeriod, "drop", "before", "after"); err != nil {
		return err
	}
	s.Words.Unit = or(s.Words.Unit, "unit")
	if s.ready() {
		s.Words.Event = or(s.Words.Event, "row")
	}
	s.Words.Event = or(s.Words.Event, "event")
	if s.crossSection() && !s.Launch.IsZero() {
		return refuse("a launch without a column of times", "name the column of when it was observed in {Roles.Time}", "leave {Launch} out")
	}
	if s.ready() && s.Roles.Unit == "" {
		switch {
		case !s.Launch.IsZero() && len(s.Model.Absorb) == 0 && !s.Model.NoEffects:
			return refuse("models of a panel with a launch absorb effects of units, and no column of units is named", "name it in {Roles.Unit}", "name what to absorb in {Model.Absorb}")
		case len(s.Controls.Lagged) > 0:
			return refuse("lagged controls are those of a unit's period before, and no column of units is named", "name it in {Roles.Unit}")
		}
	}
	if len(s.Outcomes) == 0 {
		return refuse("a study without outcomes", "name a column in {Outcome.Column}")
	}
	for _, step := range []func() error{s.settleLaunch, s.completeOutcomes, s.completeBaseline, s.completeModel, s.completeInference, s.checkPeriods} {
		if err := step(); err != nil {
			return err
		}
	}
	if s.Tables == nil {
		s.Tables = s.usualTables()
	}
	if s.Figures == nil && s.file != "" { // a study made in Go has the figures that it names
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
			return refuse(fmt.Sprintf("outcome %d names no column", i+1), "name it in {Outcome.Column}")
		case o.Column != "" && stat == panel.Count:
			return refuse(fmt.Sprintf("outcome %d: a count of all events takes no column, and %q is named", i+1, o.Column), "leave {Outcome.Column} out", "set {Outcome.Stat} to observed, the number of events in which the column is known")
		case o.Transform != "" && o.Transform != "log":
			return refuse(fmt.Sprintf("outcome %d: there is no transform %q", i+1, o.Transform), "set {Outcome.Transform} to log", "leave it out")
		case o.Stat == known && o.Transform != "":
			return refuse(fmt.Sprintf("outcome %d: the share of events in which %s is known takes no transform", i+1, o.Column), "leave {Outcome.Transform} out")
		case !s.sums() && stat != panel.Mean:
			return refuse(fmt.Sprintf("outcome %d: the statistic %q is of several events of each unit, and each row is an observation", i+1, o.Stat), "leave {Outcome.Stat} out", "name the file in {Data.Events} and the times in {Roles.Time}")
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
			return refuse(fmt.Sprintf("two outcomes are called %q", o.Name), "give one of them another name in {Outcome.Name}")
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
			return refuse("a baseline without a column", "name it in {Baseline.Column}")
		}
		return nil
	}
	if b.Groups == 0 {
		b.Groups = 5
	}
	if b.Groups < 2 {
		return refuse(fmt.Sprintf("the baseline is cut into %d groups", b.Groups), "ask for two or more in {Baseline.Groups}")
	}
	if b.Groups > panel.MostGroups {
		return refuse(fmt.Sprintf("the baseline is cut into %d groups", b.Groups), fieldexp.Hint(fmt.Sprintf("ask for at most %d in {Baseline.Groups}", panel.MostGroups)))
	}
	if b.Over == "" {
		b.Over = "all"
	}
	if err := oneOf("Baseline.Over", b.Over, "all", "controls"); err != nil {
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
		return refuse("fixed effects are named, and there are said to be none", "leave {Model.Absorb} or {Model.NoEffects} out")
	}
	se, err := parseSE(m.SE, len(m.Cluster) > 0)
	if err != nil {
		return err
	}
	if se.unclustered() && len(m.Cluster) > 0 {
		return refuse(fmt.Sprintf("%s standard errors with clusters %s", se.Kind, strings.Join(m.Cluster, ", ")), "leave {Model.Cluster} out", "set {Model.SE} to cr0, cr1, cr2 or cr3")
	}
	if len(m.Cluster) == 0 && !s.crossSection() && s.Roles.Unit != "" {
		m.Cluster = []string{s.Roles.Unit}
	}
	if m.Level == 0 {
		m.Level = 0.95
	}
	if m.Level <= 0 || m.Level >= 1 {
		return refuse(fmt.Sprintf("a confidence level of %g", m.Level), "set {Model.Level} between 0 and 1")
	}
	if _, err := parseWeightKind(m.WeightsKind); err != nil {
		return err
	}
	_, err = parseEstimator(m.Estimator)
	return err
}

// checkPeriods refuses a period that is not known.
func (s *Study) checkPeriods() error {
	if _, err := parsePeriod(s.Period); err != nil {
		return err
	}
	if s.crossSection() && (len(s.Controls.Lagged) > 0 || s.Controls.Calendar) {
		return refuse("lagged controls need several periods of each unit, and no column of times is named", "name them in {Controls.Current}")
	}
	return nil
}

// checkUnique refuses two tables or two figures of one number.
func (s *Study) checkUnique() error {
	seen := make(map[string]bool)
	for _, n := range s.tableIDs() {
		if seen[n] {
			return refuse(fmt.Sprintf("two tables have the number %q", n), "number them apart in {TableSpec.Number}")
		} else {
			seen[n] = true
		}
	}
	clear(seen)
	for i := range s.Figures {
		if n := s.Figures[i].Number; seen[n] {
			return refuse(fmt.Sprintf("two figures have the number %q", n), "number them apart in {FigureSpec.Number}")
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
	return 0, refuse(fmt.Sprintf("there is no statistic %q", o.Stat), "set {Outcome.Stat} to mean, share, sum, sd, count, observed or known")
}

// parsePeriod reads the name of a period.
func parsePeriod(name string) (panel.Period, error) {
	for p := panel.Day; p <= panel.Week; p++ {
		if p.String() == name {
			return p, nil
		}
	}
	return 0, refuse(fmt.Sprintf("there is no period %q", name), "set {Period} to day, hour or week")
}

// parseWeightKind reads analytic (or nothing) or frequency.
func parseWeightKind(name string) (iv.WeightKind, error) {
	switch name {
	case "", "analytic":
		return iv.Analytic, nil
	case "frequency":
		return iv.Frequency, nil
	}
	return 0, refuse(fmt.Sprintf("there is no kind of weights %q", name), "set {Model.WeightsKind} to analytic or frequency")
}

// parseEstimator reads 2sls (or nothing), liml or fuller.
func parseEstimator(name string) (iv.Estimator, error) {
	switch strings.ToLower(name) {
	case "", "2sls":
		return iv.TwoStage, nil
	case "liml":
		return iv.LIML, nil
	case "fuller":
		return iv.Fuller, nil
	}
	return 0, refuse(fmt.Sprintf("there is no estimator %q", name), "set {Model.Estimator} to 2sls, liml or fuller")
}

// oneOf refuses a value that is not among those there are.
func oneOf(setting, value string, values ...string) error {
	if slices.Contains(values, value) {
		return nil
	}
	return refuse(fmt.Sprintf("%q is not one of the choices", value), fieldexp.Hint("set {"+setting+"} to "+alternatives(values)))
}
