package study

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/panel"
)

// readPanel reads a panel that is ready: the rows of its file are the observations, with the columns of their units where
// there is a file of these. Units by themselves are made of it only if a table needs them.
func (r *run) readPanel(ctx context.Context) (err error) {
	s := r.study
	if r.units, err = r.readUnits(ctx); err != nil {
		return err
	}
	derivations, err := s.derivations()
	if err != nil {
		return err
	}
	if derivations, err = r.deriveUnits(derivations); err != nil {
		return err
	}
	r.plan = s.newPlan(func(column string) bool { return r.units != nil && r.units.Has(column) })
	frame, err := r.readRows(ctx, derivations)
	if err != nil {
		return err
	}
	if r.units != nil {
		if err := r.addUnitColumns(frame); err != nil {
			return err
		}
	}
	if err := r.derive(frame, derivations); err != nil {
		return err
	}
	if frame, err = r.cutRows(frame); err != nil {
		return err
	}
	if err := r.readArms(frame); err != nil {
		return err
	}
	if err := r.fillRows(frame); err != nil {
		return err
	}
	if err := s.checkDates(frame); err != nil {
		return err
	}
	r.cells[s.period()] = frame
	if r.units = frame; s.needUnits() {
		if err := r.addUnitsOf(ctx, frame); err != nil {
			return err
		}
		if err := r.readArms(r.units); err != nil {
			return err
		}
	}
	if err := r.checkRowsOfUnits(frame); err != nil {
		return err
	}
	if err := r.warnOfNoArm(); err != nil {
		return err
	}
	r.ungrouped = r.addGroupsOfRows()
	if err := r.markNeverTakers(); err != nil {
		return err
	}
	r.summaries = make(map[string]*moments)
	for _, c := range r.plan.summaries {
		values, err := frame.Floats(c)
		if err != nil {
			r.lacking[c] = err
			continue
		}
		r.summaries[c] = momentsOf(values)
	}
	if err := r.addOutcomes(frame, s.period()); err != nil {
		return err
	}
	return r.addLags(frame, s.period())
}

// readRows reads the columns of the panel that the study needs.
func (r *run) readRows(ctx context.Context, derivations []data.Derivation) (*data.Frame, error) {
	s := r.study
	opt, err := s.readOptions(r.watch.report)
	if err != nil {
		return nil, err
	}
	opt.Progress = func(done, total int64) { r.opt.Progress("reading", done, total) }
	if opt.Columns = s.eventColumns(r.plan, derivations); r.units != nil {
		opt.Columns = with(opt.Columns, s.Roles.Unit)
	}
	if !s.Launch.IsZero() && !s.Launch.Numbered {
		opt.Types[s.Roles.Time] = data.Time
	}
	if r.units != nil {
		s.typeUnit(&opt)
	}
	opt.Keys = s.identifiers(derivations)
	file, name, err := r.open(ctx, s.Data.Panel)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	frame, err := data.ReadCSVFrom(ctx, file, name, opt)
	if err != nil {
		return nil, err
	}
	return frame, r.watch.check(frame, name)
}

// checkDates refuses periods that are dates such as 23/01/2024 as text, whose order is not that of time.
func (s *Study) checkDates(frame *data.Frame) error {
	_, levels, err := frame.Codes(s.Roles.Time)
	if err != nil || len(levels) == 0 {
		return nil // no text
	}
	isDate := func(text string) bool {
		parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("/.-", r) })
		return len(parts) > 2 && len(parts[0]) <= 2 && len(parts[1]) <= 2 && len(parts[2]) >= 4 && strings.Trim(parts[0]+parts[1]+parts[2][:4], "0123456789") == ""
	}
	if slices.ContainsFunc(levels, func(l string) bool { return !isDate(l) }) {
		return nil
	}
	return &fieldexp.Error{Op: "study", Problem: fieldexp.BadColumn, Columns: []string{s.Roles.Time},
		Message: fmt.Sprintf("column %q holds dates such as %s as text, which are not in the order of time", s.Roles.Time, levels[0]),
		Remedy:  []fieldexp.Hint{fieldexp.Hint(fmt.Sprintf("set the type of %s to time in {Types}", s.Roles.Time))}}
}

// addUnitColumns gives rows the columns of their units.
func (r *run) addUnitColumns(frame *data.Frame) error {
	rows, err := r.join(frame)
	if err != nil {
		return err
	}
	if err := r.noteStrangers(frame, rows); err != nil {
		return err
	}
	for _, column := range r.units.Names() {
		if !frame.Has(column) {
			if err := copyColumn(frame, r.units, column, rows); err != nil {
				return err
			}
		}
	}
	return nil
}

// needUnits reports whether a table is of units, or of what they did before and after the launch.
func (s *Study) needUnits() bool {
	ofTable := func(t TableSpec) bool { return tableKinds()[t.Kind].needs&units != 0 || t.Sample == "never-takers" }
	ofFigure := func(f FigureSpec) bool { return figureKinds()[f.Kind].needs&units != 0 }
	return slices.ContainsFunc(s.Tables, ofTable) || slices.ContainsFunc(s.Figures, ofFigure)
}

// addUnitsOf makes the units of a panel, with their means before and after the launch.
func (r *run) addUnitsOf(ctx context.Context, frame *data.Frame) error {
	s := r.study
	if s.Roles.Unit == "" || s.crossSection() {
		return nil // rows are units
	}
	p := r.plan
	p.panels = nil
	p.halves = slices.DeleteFunc(slices.Clone(p.halves), func(m panel.Measure) bool { return !isNumber(frame, m.Column) && frame.Has(m.Column) }) // groups may be text
	g, err := s.newGathered(p)
	if err != nil {
		return err
	}
	rows := frame.Clone()
	if err := g.addAfterLaunch(rows, s, r.launchOf(s.period()).UnixNano()); err != nil {
		return err
	}
	for _, c := range p.logs {
		if err := addLog(rows, logOf(c), c); err != nil {
			return err
		}
	}
	if err := g.add(ctx, rows); err != nil {
		return err
	}
	r.units = nil
	if err := r.addHalves(g.halves); err != nil {
		return err
	}
	r.counts = make(map[string]*data.Frame)
	for column, a := range g.counts {
		if r.counts[column], _, err = a.Frame(); err != nil {
			return err
		}
	}
	return nil
}

// addGroupsOfRows cuts the rows of a panel into groups of their baseline: by its values where it is text or has two, and
// else by its quantiles, over units that count once each. A baseline that varies within them is their mean before the launch.
func (r *run) addGroupsOfRows() error {
	s := r.study
	b := s.Baseline
	if b.Column == "" {
		return nil
	}
	frame := r.cells[s.period()]
	if isNumber(frame, b.Column) && s.Roles.Unit != "" && !s.Launch.IsZero() {
		varies, err := variesWithin(frame, s.Roles.Unit, b.Column)
		if err != nil {
			return err
		}
		if varies {
			return r.quantileGroups(frame)
		}
	}
	done, err := groupsOfValues(frame, b.Column)
	switch {
	case err != nil:
		return err
	case !done:
		return r.quantileGroups(frame)
	case s.needUnits() && r.units != frame:
		return r.addGroupsToUnits(frame)
	}
	return nil
}

// quantileGroups cuts the rows of a panel into groups at the quantiles of their baseline.
func (r *run) quantileGroups(frame *data.Frame) (err error) {
	s := r.study
	b := s.Baseline
	spec := panel.GroupSpec{Value: b.Column, N: b.Groups, Name: groupColumn, Unit: s.Roles.Unit}
	if spec.Unit != "" && !s.Launch.IsZero() {
		if spec.Value, err = r.baselineOfRows(frame); err != nil {
			return err
		}
	}
	if b.Over == "controls" {
		arm, err := r.armOf(frame)
		if err != nil {
			return err
		}
		spec.Over = func(row int) bool { return arm[row] == 0 }
	}
	r.groups, err = panel.Groups(frame, spec)
	if refusal := (*fieldexp.Error)(nil); errors.As(err, &refusal) && spec.Unit != "" && s.Launch.IsZero() {
		more := *refusal
		more.Remedy = append(slices.Clone(more.Remedy), "give {Time} and {Launch}, with which units are grouped by their means before the launch")
		return &more
	}
	if err == nil && s.needUnits() && r.units != frame {
		return r.addGroupsToUnits(frame)
	}
	return err
}

// baselineOfRows is the column that units are grouped by: the baseline or, where it varies within them, their means of
// it before the launch, which are added.
func (r *run) baselineOfRows(frame *data.Frame) (string, error) {
	s := r.study
	column, unit := s.Baseline.Column, s.Roles.Unit
	varies, err := variesWithin(frame, unit, column)
	if err != nil || !varies {
		return column, err
	}
	spec := panel.BaselineSpec{Unit: unit, Measures: []panel.Measure{{Column: column}}, Time: s.Roles.Time, Launch: r.launchOf(s.period())}
	if s.Launch.Numbered {
		if err := frame.SetFloats(beforeLaunch, r.beforeLaunch(frame)); err != nil {
			return "", err
		}
		spec.Time, spec.PreColumn = "", beforeLaunch
	}
	report, err := panel.Baselines(frame, spec)
	if err != nil {
		return "", err
	}
	r.grouped = fmt.Sprintf("mean %s by %s before the launch", brief.InSentence(s.label(column)), unit)
	return report.Without[0].Column, nil
}

// beforeLaunch marks rows before a launch by number.
const beforeLaunch = "before launch"

// beforeLaunch is 1 in rows before a launch by number, 0 in those since, and missing where the period is.
func (r *run) beforeLaunch(frame *data.Frame) []float64 {
	periods, err := frame.Floats(r.study.Roles.Time)
	marks := make([]float64, frame.Len())
	for i := range marks {
		switch {
		case err != nil || math.IsNaN(periods[i]):
			marks[i] = missing
		case periods[i] < r.study.Launch.Period:
			marks[i] = 1
		}
	}
	return marks
}

// addGroupsToUnits gives units the groups of their rows.
func (r *run) addGroupsToUnits(frame *data.Frame) error {
	codes, levels, err := frame.Codes(groupColumn)
	if err != nil {
		return err
	}
	rows, err := r.join(frame)
	if err != nil {
		return err
	}
	ofUnit := make([]int32, r.units.Len())
	for i := range ofUnit {
		ofUnit[i] = -1
	}
	for i, u := range rows {
		if u >= 0 {
			ofUnit[u] = codes[i]
		}
	}
	return r.units.SetCodes(groupColumn, ofUnit, levels)
}

// variesWithin reports whether a column of numbers has different values within a unit.
func variesWithin(frame *data.Frame, unit, column string) (bool, error) {
	values, err := frame.Floats(column)
	if err != nil {
		return false, err
	}
	units, err := frame.Group(unit)
	if err != nil {
		return false, err
	}
	first := slices.Repeat([]float64{missing}, len(units.Labels))
	for i, u := range units.Codes {
		switch v := values[i]; {
		case u < 0 || math.IsNaN(v):
		case math.IsNaN(first[u]):
			first[u] = v
		case first[u] != v:
			return true, nil
		}
	}
	return false, nil
}
