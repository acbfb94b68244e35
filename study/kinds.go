package study

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/report"
)

// A need is a part of the design that a kind of table or figure cannot do without.
type need int

const (
	usage need = 1 << iota
	groups
	launch
	periods
	units // a row of each, with what was measured before and after the launch
	dates // periods that are times
)

// A tableKind is a way to fill a table.
type tableKind struct {
	keys  []string // of the study file that it takes beside those of all tables
	needs need
	arms  bool // there may be several beside control
	// instants says that events count as before or since the launch by their own time.
	instants bool
	// check refuses what the keys alone cannot mean; nil where nothing can be wrong.
	check func(s *Study, t *TableSpec) error
	// plan says what the table needs of the data.
	plan func(p *plan, t *TableSpec)
	// build estimates and lays out.
	build func(ctx context.Context, r *run, t *TableSpec) ([]*Table, error)
}

// A figureKind is a way to draw a figure.
type figureKind struct {
	keys  []string
	needs need
	arms  bool
	check func(s *Study, f *FigureSpec) error
	plan  func(p *plan, f *FigureSpec)
	build func(ctx context.Context, r *run, f *FigureSpec) (*Figure, error)
}

// fill builds a table, unless there are more arms than it compares, and notes what became of the period that the launch
// falls within.
func (k tableKind) fill(ctx context.Context, r *run, t *TableSpec) ([]*Table, error) {
	if !k.arms {
		if err := r.twoArms(); err != nil {
			return nil, err
		}
	}
	tables, err := k.build(ctx, r, t)
	period := r.study.key(ofAssignment, t).period
	if t.Kind == "event" {
		period = r.study.eventPeriod()
	}
	notes := r.remarks
	if note := r.launchNote(period, k.instants); note != "" {
		notes = slices.Concat(notes, []string{note})
	}
	for _, table := range tables {
		table.Notes = slices.Concat(table.Notes, notes)
	}
	return tables, err
}

// draw builds a figure, unless there are more arms than it compares.
func (k figureKind) draw(ctx context.Context, r *run, f *FigureSpec) (*Figure, error) {
	if !k.arms {
		if err := r.twoArms(); err != nil {
			return nil, err
		}
	}
	return k.build(ctx, r, f)
}

var (
	ofAllTables  = []string{"number", "kind", "title", "notes", "digits"}
	ofAllFigures = []string{"number", "kind", "title", "caption"}
	ofModels     = []string{"outcomes", "period", "absorb", "no_controls"}
)

// completeTable checks a table and fills in its defaults.
func (s *Study) completeTable(t *TableSpec, i int) error {
	if t.Number == "" && !s.alone() {
		t.Number = strconv.Itoa(i + 1)
	}
	fail := func(err error) error {
		if s.alone() {
			return err
		}
		return fmt.Errorf("table %s: %w", t.Number, err)
	}
	kind, ok := tableKinds()[t.Kind]
	if !ok {
		return fail(refuse(fmt.Sprintf("there is no kind of table %q", t.Kind), fieldexp.Hint("set {TableSpec.Kind} to "+alternatives(sortedKeys(tableKinds())))))
	}
	if err := takes(t.Kind, keysSet(*t), slices.Concat(ofAllTables, kind.keys)); err != nil {
		return fail(err)
	}
	if t.Digits < report.NoDecimals || t.Digits > report.MostDigits {
		return fail(refuse(fmt.Sprintf("numbers with %d decimals", t.Digits), fieldexp.Hint(fmt.Sprintf("set {TableSpec.Digits} to at most %d, or to %d for whole numbers", report.MostDigits, report.NoDecimals))))
	}
	if err := s.has(kind.needs, t.Kind); err != nil {
		return fail(err)
	}
	t.Outcomes = s.orAllOutcomes(t.Outcomes, kind.keys)
	if !s.ready() { // there the columns of periods are those of models by group
		t.Period = or(t.Period, s.Period)
	}
	t.Level = or(t.Level, "cells")
	t.Sample = or(t.Sample, "all")
	t.Design = or(t.Design, "regression")
	t.Coefficients = or(t.Coefficients, "effects")
	t.Effect = or(t.Effect, s.usualEffect())
	t.TimeEffects = or(t.TimeEffects, "group")
	for _, err := range []error{
		s.checkOutcomes(t.Outcomes), s.checkPeriod(t.Period), s.checkEffect(t.Effect),
		oneOf("TableSpec.Level", t.Level, "cells", "events"),
		oneOf("TableSpec.Sample", t.Sample, "all", "never-takers"),
		oneOf("TableSpec.Coefficients", t.Coefficients, "effects", "all"),
		oneOf("TableSpec.TimeEffects", t.TimeEffects, "group", "common", "both"),
	} {
		if err != nil {
			return fail(err)
		}
	}
	if kind.check != nil {
		if err := kind.check(s, t); err != nil {
			return fail(err)
		}
	}
	return nil
}

// alone reports whether a study made in Go is a single table, which needs no number.
func (s *Study) alone() bool { return s.file == "" && len(s.Tables) == 1 && len(s.Figures) == 0 }

// completeFigure checks a figure and fills in its defaults.
func (s *Study) completeFigure(f *FigureSpec, i int) error {
	f.Number = or(f.Number, strconv.Itoa(i+1))
	fail := func(err error) error { return fmt.Errorf("figure %s: %w", f.Number, err) }
	kind, ok := figureKinds()[f.Kind]
	if !ok {
		return fail(refuse(fmt.Sprintf("there is no kind of figure %q", f.Kind), fieldexp.Hint("set {FigureSpec.Kind} to "+alternatives(sortedKeys(figureKinds())))))
	}
	if err := takes(f.Kind, keysSet(*f), slices.Concat(ofAllFigures, kind.keys)); err != nil {
		return fail(err)
	}
	if err := s.has(kind.needs, f.Kind); err != nil {
		return fail(err)
	}
	f.Outcomes = s.orAllOutcomes(f.Outcomes, kind.keys)
	if !s.ready() {
		f.Period = or(f.Period, s.Period)
	}
	f.Effect = or(f.Effect, s.usualEffect())
	f.TimeEffects = or(f.TimeEffects, "group")
	for _, err := range []error{
		s.checkOutcomes(f.Outcomes), s.checkPeriod(f.Period), s.checkEffect(f.Effect),
		oneOf("FigureSpec.TimeEffects", f.TimeEffects, "group", "common"),
	} {
		if err != nil {
			return fail(err)
		}
	}
	if kind.check != nil {
		if err := kind.check(s, f); err != nil {
			return fail(err)
		}
	}
	return nil
}

// has refuses a kind that needs more of the design than the study has.
func (s *Study) has(needs need, kind string) error {
	lacks := func(n need, there bool) bool { return needs&n != 0 && !there }
	switch {
	case lacks(usage, s.Roles.Usage != ""):
		return refuse(fmt.Sprintf("kind %q is of usage, and no column of usage is named", kind), "name it in {Roles.Usage}")
	case lacks(groups, s.Baseline.Column != ""):
		return refuse(fmt.Sprintf("kind %q is by group, and there is no baseline to make groups of", kind), "name its column in {Baseline.Column}")
	case lacks(periods, !s.crossSection()):
		return refuse(fmt.Sprintf("kind %q is of periods, and no column of times is named", kind), "name it in {Roles.Time}")
	case lacks(units, !s.ready() || s.crossSection() || s.Roles.Unit != ""):
		return refuse(fmt.Sprintf("kind %q is of units, and no column of units is named", kind), "name it in {Roles.Unit}")
	case lacks(dates, !s.Launch.Numbered):
		return refuse(fmt.Sprintf("kind %q is of dates, and the launch is a number", kind), "use a column of times in {Roles.Time} and a date in {Launch}")
	case lacks(launch, !s.Launch.IsZero()):
		return refuse(fmt.Sprintf("kind %q is of a launch, and there is none", kind), "name its date in {Launch}")
	}
	return nil
}

// takes refuses a key that a kind does nothing with.
func takes(kind string, set, taken []string) error {
	for _, key := range set {
		if !slices.Contains(taken, key) {
			return refuse(fmt.Sprintf("kind %q takes no key %q", kind, key), fieldexp.Hint("it takes "+strings.Join(taken, ", ")))
		}
	}
	return nil
}

// usualEffect is the effect of usage where there is usage.
func (s *Study) usualEffect() string {
	if s.Roles.Usage == "" {
		return "itt"
	}
	return "late"
}

func (s *Study) checkEffect(effect string) error {
	if effect == "late" && s.Roles.Usage == "" {
		return refuse("an effect of usage, and no column of usage is named", "name it in {Roles.Usage}")
	}
	return oneOf("TableSpec.Effect", effect, "late", "itt")
}

// orAllOutcomes are the outcomes named, or all where none is and the kind has any.
func (s *Study) orAllOutcomes(named, keys []string) []string {
	if len(named) > 0 || !slices.Contains(keys, "outcomes") {
		return named
	}
	return s.outcomeNames()
}

func (s *Study) outcomeNames() []string {
	names := make([]string, len(s.Outcomes))
	for i := range s.Outcomes {
		names[i] = s.Outcomes[i].Name
	}
	return names
}

// checkOutcomes refuses outcomes that the study does not define.
func (s *Study) checkOutcomes(names []string) error {
	for _, name := range names {
		if s.outcome(name) == nil {
			return refuse(fmt.Sprintf("there is no outcome %q", name), fieldexp.Hint("the outcomes are "+strings.Join(s.outcomeNames(), ", ")))
		}
	}
	return nil
}

func (s *Study) checkPeriod(name string) error {
	if s.ready() {
		return nil
	}
	if s.crossSection() && name != s.Period {
		return refuse(fmt.Sprintf("a period %q, and no column of times is named", name), "name it in {Roles.Time}")
	}
	_, err := parsePeriod(name)
	return err
}

func or(value, other string) string {
	if value == "" {
		return other
	}
	return value
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
