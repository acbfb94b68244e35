package study

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
)

// identifiers are the columns by which rows are grouped or joined and that nothing takes for numbers: they go by the text of
// their cells.
func (s *Study) identifiers(derivations []data.Derivation) []string {
	columns := with([]string{s.Roles.Unit, s.Data.Key}, s.groupingColumns()...)
	numbers := slices.Concat([]string{"", s.Roles.Assignment, s.Roles.Usage, s.Roles.Time, s.Model.Weights, s.Baseline.Column},
		s.Controls.Lagged, s.Controls.Current)
	for _, o := range s.Outcomes {
		numbers = append(numbers, o.Column)
	}
	for _, t := range s.Tables {
		numbers = slices.Concat(numbers, t.Variables, t.Predict, slices.Concat(t.Steps...))
	}
	for _, f := range s.Figures {
		numbers = append(numbers, f.Variables...)
	}
	for _, d := range derivations {
		numbers = append(numbers, d.Columns...)
	}
	return slices.DeleteFunc(columns, func(c string) bool { return slices.Contains(numbers, c) })
}

// keyKind is the type of the unit's column in the file of units: the one declared for it under either of its names, or text.
func (s *Study) keyKind(declared map[string]data.Kind) data.Kind {
	for _, name := range []string{s.Data.Key, s.Roles.Unit} {
		if kind, ok := declared[name]; ok {
			return kind
		}
	}
	return data.Categorical
}

// typeUnit gives the unit of the rows the type that it has in the file of units, which has its own name for it.
func (s *Study) typeUnit(opt *data.ReadOptions) {
	kind := s.keyKind(opt.Types)
	delete(opt.Types, s.Data.Key)
	opt.Types[s.Roles.Unit] = kind
}

// noteStrangers notes the units of the rows that have no row among the units; rows says which row each has. None but
// strangers are refused.
func (r *run) noteStrangers(f *data.Frame, rows []int) error {
	group, err := f.Group(r.study.Roles.Unit)
	if err != nil {
		return err
	}
	strange := make([]bool, len(group.Labels))
	known := false
	for i, c := range group.Codes {
		if c >= 0 {
			strange[c] = rows[i] < 0
			known = known || rows[i] >= 0
		}
	}
	for c, label := range group.Labels {
		if strange[c] {
			r.strangers = append(r.strangers, label)
		}
	}
	if len(r.strangers) == 0 {
		return nil
	}
	if r.byNumber = r.strangersByNumber(); known {
		return nil
	}
	s := r.study
	e := &fieldexp.Error{Op: "study", Problem: fieldexp.BadKey, Source: s.Data.Units, Columns: []string{s.Data.Key},
		Message: fmt.Sprintf("has none of the %ss of %s, such as %s", s.Words.Unit, s.source(), r.strangers[0]), Remedy: []fieldexp.Hint{"check that both files name them alike"}}
	if r.byNumber > 0 {
		e.Message += ", but some would match as numbers"
		e.Remedy = append(e.Remedy, s.asNumbers())
	}
	return e
}

// asNumbers is the remedy for keys that match as numbers and not as text.
func (s *Study) asNumbers() fieldexp.Hint {
	return "read both as numbers by " + fieldexp.Setting("Types", s.Roles.Unit, data.Float.String())
}

// strangersByNumber counts the strangers whose identifier is that of a unit if both are taken for numbers.
func (r *run) strangersByNumber() int {
	units, err := r.units.Group(r.study.Roles.Unit)
	if err != nil {
		return 0
	}
	number := func(text string) float64 {
		if v, err := strconv.ParseFloat(text, 64); err == nil {
			return v
		}
		return math.NaN()
	}
	known := make(map[float64]bool, len(units.Labels))
	for _, label := range units.Labels {
		known[number(label)] = true
	}
	n := 0
	for _, label := range r.strangers {
		if known[number(label)] {
			n++
		}
	}
	return n
}

// namedFew is how many of several identifiers are named.
const namedFew = 5

// tellStrangers says which units of the rows have no row among the units.
func (r *run) tellStrangers() {
	if len(r.strangers) == 0 {
		return
	}
	s := r.study
	names := strings.Join(r.strangers[:min(namedFew, len(r.strangers))], ", ")
	if more := len(r.strangers) - namedFew; more > 0 {
		names += fmt.Sprintf(" and %s more", brief.Count(more))
	}
	verb := "have"
	if len(r.strangers) == 1 {
		verb = "has"
	}
	r.warnf("%s of %s %s no row in %s and %s left out: %s.", counted(len(r.strangers), s.Words.Unit), s.source(), verb, s.Data.Units, was(len(r.strangers)), names)
	if n := r.byNumber; n > 0 {
		r.warn1(fmt.Sprintf("%s of them would have a row if identifiers were numbers", brief.Count(n)), s.asNumbers())
	}
}

// was is the verb of a count.
func was(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

// checkRowsOfUnits refuses a cross-section in which a unit stands in several rows that count as units, or in both arms. Several
// rows are a warning where a file of units gives the arms, and in a panel, whose rows may be of anything.
func (r *run) checkRowsOfUnits(frame *data.Frame) error {
	s := r.study
	if s.Roles.Unit == "" || !s.crossSection() {
		return nil
	}
	units, err := frame.Group(s.Roles.Unit)
	if err != nil {
		return err
	}
	first := make([]int, len(units.Labels)) // row of each unit, counted from 1
	repeated, twice, again := make([]bool, len(units.Labels)), 0, 0
	for i, u := range units.Codes {
		switch {
		case u < 0:
		case first[u] == 0:
			first[u] = i + 1
		case !repeated[u]:
			repeated[u] = true
			if twice++; again == 0 {
				again = i + 1
			}
		}
	}
	switch {
	case twice == 0:
		return nil
	case areMeasures(units.Labels):
		r.warn1(fmt.Sprintf("%s, named as the %s, holds numbers that are not whole, such as %s, as measures do; each row counts by itself", s.Roles.Unit, s.Words.Unit, units.Labels[0]),
			"name the column of who is observed in {Roles.Unit}")
		return nil
	}
	if err := r.checkOneArm(frame, units, first); err != nil || slices.Contains(s.Model.Cluster, s.Roles.Unit) {
		return err
	}
	message := fmt.Sprintf("%s %s in several rows, such as %s in rows %d and %d, and each row counts by itself", counted(twice, s.Words.Unit), stands(twice),
		units.Labels[units.Codes[again-1]], first[units.Codes[again-1]], again)
	if s.ready() || s.Data.Units != "" {
		r.warn1(message, fieldexp.Hint(fmt.Sprintf("name %s in {Model.Cluster}", s.Roles.Unit)))
		return nil
	}
	return &fieldexp.Error{Op: "study", Problem: fieldexp.BadKey, Columns: []string{s.Roles.Unit}, Count: twice, Message: message,
		Remedy: []fieldexp.Hint{fieldexp.Hint(fmt.Sprintf("name %s in {Model.Cluster} too", s.Roles.Unit)), "name when the rows were observed in {Roles.Time}", fieldexp.Hint("keep one row for each " + s.Words.Unit)}}
}

func stands(n int) string {
	if n == 1 {
		return "stands"
	}
	return "stand"
}

// areMeasures reports whether most texts are numbers that are not whole, as no identifiers are.
func areMeasures(labels []string) bool {
	n := 0
	for _, label := range labels {
		if v, err := strconv.ParseFloat(label, 64); err == nil && v != math.Trunc(v) {
			n++
		}
	}
	return 2*n > len(labels)
}

// checkOneArm refuses a unit that has rows in several arms. Models of a panel see to that themselves.
func (r *run) checkOneArm(frame *data.Frame, units data.Grouping, first []int) error {
	s := r.study
	if s.ready() || s.Model.MixedClusters {
		return nil
	}
	arms, err := frame.Group(s.Roles.Assignment)
	if err != nil {
		return err
	}
	for i, u := range units.Codes {
		if u < 0 || arms.Codes[i] < 0 {
			continue
		}
		before := arms.Codes[first[u]-1]
		if before < 0 {
			first[u] = i + 1
		} else if before != arms.Codes[i] {
			return &fieldexp.Error{Op: "study", Problem: fieldexp.BadKey, Columns: []string{s.Roles.Unit, s.Roles.Assignment},
				Message: fmt.Sprintf("%s %s is in two arms: %s is %s in row %d and %s in row %d", s.Words.Unit, units.Labels[u], s.Roles.Assignment,
					arms.Labels[before], first[u], arms.Labels[arms.Codes[i]], i+1),
				Remedy: []fieldexp.Hint{fieldexp.Hint("keep one row for each " + s.Words.Unit), "set {Model.MixedClusters} where assignment was drawn row by row"}}
		}
	}
	return nil
}
