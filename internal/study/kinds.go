package study

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// tableKinds lists the kinds of tables with the keys that each takes beside those of all.
var tableKinds = map[string][]string{
	"summary":     {"variables"},
	"usage":       {"variables"},
	"itt":         {"outcomes", "period", "level", "sample", "absorb", "no_controls"},
	"first-stage": {"outcomes", "period", "level", "absorb", "no_controls"},
	"late":        {"outcomes", "period", "level", "absorb", "no_controls", "show"},
	"hetero":      {"outcomes", "period", "absorb", "no_controls", "effect", "time_effects"},
	"event":       {"outcomes", "period", "absorb", "no_controls"},
	"balance":     {"variables"},
	"predictors":  {"steps"},
	"prepost":     {"column"},
	"mix":         {"column"},
}

// figureKinds does the same for figures.
var figureKinds = map[string][]string{
	"means":   {"outcomes", "period"},
	"usage":   {"variables", "period"},
	"event":   {"outcomes", "period"},
	"effects": {"outcomes", "period", "effect", "time_effects"},
}

var (
	ofAllTables  = []string{"number", "kind", "title", "notes", "digits"}
	ofAllFigures = []string{"number", "kind", "title"}
	blocks       = []string{"first-stage", "reduced-form", "late", "as-used"}
)

// needs is what a kind of table or figure cannot do without.
func (s *Study) needs(kind string) error {
	missing := ""
	switch {
	case s.Roles.Usage == "" && slices.Contains([]string{"usage", "first-stage", "late", "predictors"}, kind):
		missing = "usage, and roles.usage names no column"
	case s.Baseline.Column == "" && slices.Contains([]string{"hetero", "effects", "prepost", "mix"}, kind):
		missing = "groups, and the study has no [baseline]"
	case s.Launch.IsZero() && slices.Contains([]string{"event", "prepost", "mix", "predictors"}, kind):
		missing = "a launch, and the study has none"
	case s.crossSection() && kind == "means":
		missing = "periods, and the study has no time"
	}
	if missing == "" {
		return nil
	}
	return fmt.Errorf("a %s needs %s", kind, missing)
}

// completeTable checks a table and fills in its defaults.
func (s *Study) completeTable(t *TableSpec, i int) error {
	if t.Number == "" {
		t.Number = strconv.Itoa(i + 1)
	}
	fail := func(err error) error { return fmt.Errorf("table %s: %w", t.Number, err) }
	taken, ok := tableKinds[t.Kind]
	if !ok {
		return fail(fmt.Errorf("there is no kind %q; use %s", t.Kind, alternatives(sortedKeys(tableKinds))))
	}
	if err := takes(t.Kind, keysSet(*t), append(taken, ofAllTables...)); err != nil {
		return fail(err)
	}
	if err := s.needs(t.Kind); err != nil {
		return fail(err)
	}
	t.Outcomes = s.orAllOutcomes(t.Outcomes, taken)
	t.Period = or(t.Period, s.Period)
	t.Level = or(t.Level, "cells")
	t.Sample = or(t.Sample, "all")
	t.Effect = s.effect(t.Effect)
	t.TimeEffects = or(t.TimeEffects, "group")
	switch {
	case t.Kind == "first-stage":
		t.Show = []string{"first-stage"}
	case len(t.Show) == 0:
		t.Show = []string{"first-stage", "late"}
	}
	for _, b := range t.Show {
		if err := oneOf("show", b, blocks...); err != nil {
			return fail(err)
		}
	}
	checks := []error{
		s.checkOutcomes(t.Outcomes), s.checkPeriod(t.Period),
		oneOf("level", t.Level, "cells", "events"),
		oneOf("sample", t.Sample, "all", "never-takers"),
		oneOf("effect", t.Effect, "late", "itt"),
		oneOf("time_effects", t.TimeEffects, "group", "common", "both"),
	}
	switch {
	case t.Effect == "late" && s.Roles.Usage == "" && t.Kind == "hetero":
		checks = append(checks, fmt.Errorf(`effect = "late" needs usage, and roles.usage names no column`))
	case t.Sample == "never-takers" && s.Roles.Usage == "":
		checks = append(checks, fmt.Errorf(`sample = "never-takers" needs usage, and roles.usage names no column`))
	case t.Level == "events" && s.crossSection():
		checks = append(checks, fmt.Errorf(`level = "events" needs several events for each unit, and the study has no time`))
	case (t.Kind == "prepost" || t.Kind == "mix") && t.Column == "":
		checks = append(checks, fmt.Errorf("a %s table names no column", t.Kind))
	case t.Kind == "predictors" && len(t.Steps) == 0:
		checks = append(checks, fmt.Errorf(`a predictors table needs steps, such as steps = [["male", "age"], ["ln tenure"]]`))
	}
	for _, err := range checks {
		if err != nil {
			return fail(err)
		}
	}
	return nil
}

// completeFigure checks a figure and fills in its defaults.
func (s *Study) completeFigure(f *FigureSpec, i int) error {
	if f.Number == "" {
		f.Number = strconv.Itoa(i + 1)
	}
	fail := func(err error) error { return fmt.Errorf("figure %s: %w", f.Number, err) }
	taken, ok := figureKinds[f.Kind]
	if !ok {
		return fail(fmt.Errorf("there is no kind %q; use %s", f.Kind, alternatives(sortedKeys(figureKinds))))
	}
	if err := takes(f.Kind, keysSet(*f), append(taken, ofAllFigures...)); err != nil {
		return fail(err)
	}
	if err := s.needs(f.Kind); err != nil {
		return fail(err)
	}
	f.Outcomes = s.orAllOutcomes(f.Outcomes, taken)
	f.Period = or(f.Period, s.Period)
	f.Effect = s.effect(f.Effect)
	f.TimeEffects = or(f.TimeEffects, "group")
	for _, err := range []error{
		s.checkOutcomes(f.Outcomes), s.checkPeriod(f.Period), oneOf("effect", f.Effect, "late", "itt"),
		oneOf("time_effects", f.TimeEffects, "group", "common"),
	} {
		if err != nil {
			return fail(err)
		}
	}
	return nil
}

// takes refuses a key that a kind does nothing with.
func takes(kind string, set, taken []string) error {
	for _, key := range set {
		if !slices.Contains(taken, key) {
			return fmt.Errorf("a %s takes no key %q; it takes %s", kind, key, strings.Join(taken, ", "))
		}
	}
	return nil
}

// effect is the effect that groups are compared by: late where there is usage.
func (s *Study) effect(name string) string {
	if name == "" && s.Roles.Usage == "" {
		return "itt"
	}
	return or(name, "late")
}

// orAllOutcomes are the outcomes named, or all where none is and the kind has any.
func (s *Study) orAllOutcomes(named, taken []string) []string {
	if len(named) > 0 || !slices.Contains(taken, "outcomes") {
		return named
	}
	for i := range s.Outcomes {
		named = append(named, s.Outcomes[i].Name)
	}
	return named
}

// checkOutcomes refuses outcomes that the study does not define.
func (s *Study) checkOutcomes(names []string) error {
	for _, name := range names {
		if s.outcome(name) == nil {
			return fmt.Errorf("there is no outcome %q; the outcomes are %s", name, strings.Join(s.orAllOutcomes(nil, []string{"outcomes"}), ", "))
		}
	}
	return nil
}

func (s *Study) checkPeriod(name string) error {
	if s.crossSection() && name != s.Period {
		return fmt.Errorf("period = %q, but the study has no time", name)
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
