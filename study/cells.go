package study

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/panel"
)

// cellWatch looks at what the cells of the files mean, while they are read: codes for missing among the levels of columns of
// text are refused, and numbers that look like such codes are warned of.
type cellWatch struct {
	study     *Study
	report    *data.ReadReport
	levels    map[string][]string // columns whose levels count, with the codes that are levels
	numbers   []string            // columns that are numbers, where they are not text
	floats    []string            // columns that must be
	sentinels []fieldexp.Warning

	// of the file that is read in chunks
	codes    []*data.LevelCodes
	watching []*data.SentinelWatch
}

// newCellWatch finds what columns the study groups by, and which it takes for numbers.
func (s *Study) newCellWatch() (*cellWatch, error) {
	w := &cellWatch{study: s, report: new(data.ReadReport), levels: make(map[string][]string)}
	derivations, err := s.derivations()
	if err != nil {
		return nil, err
	}
	ofLevels := slices.Concat([]string{s.Roles.Unit, s.Data.Key, s.Roles.Assignment, s.Baseline.Column}, s.groupingColumns(), s.Roles.Fixed, s.Controls.Current)
	numbers := slices.Concat([]string{s.Roles.Usage, s.Baseline.Column}, s.Controls.Current, s.Controls.Lagged)
	w.floats = append(slices.Clone(s.Controls.Lagged), s.Roles.Usage)
	for _, d := range derivations {
		if d.Op != data.OpIndicator || !d.Quoted {
			w.floats = with(w.floats, d.Columns...)
		}
	}
	for _, o := range s.Outcomes {
		numbers = append(numbers, o.Column)
		if stat, err := o.statistic(); err == nil && stat != panel.CountObserved && stat != panel.Count {
			w.floats = with(w.floats, o.Column)
		}
	}
	for _, t := range s.Tables {
		ofLevels = append(ofLevels, t.Column)
		numbers = append(numbers, t.Variables...)
	}
	for _, d := range derivations {
		ofLevels = append(ofLevels, d.Columns...)
		numbers = append(numbers, d.Columns...)
	}
	for _, column := range ofLevels {
		w.levels[column] = s.Data.Levels[column]
	}
	delete(w.levels, "")
	if s.Roles.ControlArm != "" {
		w.levels[s.Roles.Assignment] = append(slices.Clone(w.levels[s.Roles.Assignment]), s.Roles.ControlArm)
	}
	for _, d := range derivations {
		if d.Quoted {
			w.levels[d.Columns[0]] = append(slices.Clone(w.levels[d.Columns[0]]), d.Text)
		}
	}
	grouped := append(s.groupingColumns(), s.Roles.Unit, s.Roles.Time, s.Roles.Assignment, s.Data.Key, "")
	for _, column := range numbers {
		if !slices.Contains(grouped, column) {
			w.numbers = with(w.numbers, column)
		}
	}
	return w, nil
}

// check looks at a file that was read at once.
func (w *cellWatch) check(f *data.Frame, name string) error {
	w.begin(f.Names())
	if err := w.add(f); err != nil {
		return err
	}
	for _, column := range f.Names() {
		if named, ok := w.levels[column]; ok {
			if err := f.CheckLevels(column, named...); err != nil {
				return err
			}
		}
	}
	return w.end(name)
}

// begin begins with a file of some columns.
func (w *cellWatch) begin(columns []string) {
	w.codes, w.watching = nil, nil
	for _, column := range columns {
		if named, ok := w.levels[column]; ok {
			w.codes = append(w.codes, &data.LevelCodes{Column: column, Named: named})
		}
		if slices.Contains(w.numbers, column) {
			w.watching = append(w.watching, &data.SentinelWatch{Column: column})
		}
	}
}

// add looks at some rows of the file.
func (w *cellWatch) add(f *data.Frame) error {
	if arm := w.study.Roles.Assignment; f.Has(arm) {
		if err := f.CheckNumbers(arm, w.levels[arm]...); err != nil {
			return err
		}
	}
	if err := f.CheckFloats(w.floats...); err != nil {
		return err
	}
	for _, codes := range w.codes {
		if err := codes.Add(f); err != nil {
			return err
		}
	}
	for _, watch := range w.watching {
		if kind, err := f.Kind(watch.Column); err != nil || kind != data.Float {
			continue
		}
		values, err := f.Floats(watch.Column)
		if err != nil {
			return err
		}
		watch.Add(values)
	}
	return nil
}

// end refuses what the file's levels have of codes, and keeps what there is to warn of.
func (w *cellWatch) end(name string) error {
	for _, codes := range w.codes {
		err := codes.Check()
		if refusal := (*fieldexp.Error)(nil); errors.As(err, &refusal) {
			refusal.Source = name
		}
		if err != nil {
			return err
		}
	}
	for _, watch := range w.watching {
		if warning, ok := watch.Warning(); ok {
			w.sentinels = append(w.sentinels, warning)
		}
	}
	return nil
}

// checkNames refuses types and levels of columns that no file has.
func (w *cellWatch) checkNames() error {
	names := w.report.Names()
	check := func(columns []string, setting fieldexp.Hint) error {
		for _, column := range columns {
			if slices.Contains(names, column) {
				continue
			}
			hint := fieldexp.Hint("take it out of " + setting)
			if best := nearest(column, names); best != "" {
				hint = fieldexp.Hint(fmt.Sprintf("did you mean %q?", best))
			}
			return &fieldexp.Error{Op: "study", Problem: fieldexp.NoColumn, Columns: []string{column},
				Message: fmt.Sprintf("no file has a column %q", column), Remedy: []fieldexp.Hint{hint}}
		}
		return nil
	}
	if err := check(sortedKeys(w.study.Data.Types), "{Types}"); err != nil {
		return err
	}
	return check(sortedKeys(w.study.Data.Levels), "{Levels}")
}

// warn adds the warnings to the output of a run.
func (w *cellWatch) warn(r *run) {
	for _, warning := range w.sentinels {
		message := warning.In(r.opt.Words)
		r.warnf("%s.", strings.ToUpper(message[:1])+message[1:])
	}
	if unmatched := w.report.Unmatched(); len(unmatched) > 0 {
		quoted := make([]string, len(unmatched))
		for i, text := range unmatched {
			quoted[i] = fmt.Sprintf("%q", text)
		}
		stand := "stand"
		if len(quoted) == 1 {
			stand = "stands"
		}
		r.warnf("No cell that was read is %s, which %s for missing.", alternatives(quoted), stand)
	}
}
