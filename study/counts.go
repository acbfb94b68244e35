package study

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/panel"
)

// seen counts the units of each arm that were assigned, control first, and of them those with an event.
func (r *run) seen() (assigned, seen []int) {
	assigned, seen = make([]int, len(r.arms)), make([]int, len(r.arms))
	of, err := r.armOf(r.units)
	if err != nil {
		return assigned, seen // was found when the arms were read
	}
	for i, a := range of {
		for arm := range r.arms {
			if a == float64(arm) {
				assigned[arm]++
				if r.observed[i] {
					seen[arm]++
				}
			}
		}
	}
	return assigned, seen
}

// describeArms says how many units of each arm were seen, and warns of those that were not.
func (r *run) describeArms(warn func(format string, args ...any)) {
	s := r.study
	assigned, seen := r.seen()
	var were, saw, unseen []string // the control arm last
	for i := range r.arms {
		arm := (i + 1) % len(r.arms)
		what, of := fmt.Sprintf("%s %s assigned", counted(assigned[arm], s.Words.Unit), was(assigned[arm])), fmt.Sprintf("assigned %ss", s.Words.Unit)
		switch {
		case r.named:
			what, of = fmt.Sprintf("%s %s assigned to %s", counted(assigned[arm], s.Words.Unit), was(assigned[arm]), r.arms[arm]), fmt.Sprintf("%ss of %s", s.Words.Unit, r.arms[arm])
		case arm == 0:
			what, of = brief.Count(assigned[arm])+" "+was(assigned[arm])+" not", "others"
		}
		were, saw = append(were, what), append(saw, brief.Count(seen[arm]))
		unseen = append(unseen, fmt.Sprintf("%s of the %s %s", brief.Count(assigned[arm]-seen[arm]), brief.Count(assigned[arm]), of))
	}
	r.out.Data = append(r.out.Data, joinAnd(were)+"; "+joinAnd(saw)+" were seen.")
	if !slices.Equal(seen, assigned) {
		warn("%s of %s have no %s in %s: if access moved who is seen, effects on those seen are not those of access. Compare who left in the arms.",
			joinAnd(unseen), s.Data.Units, s.Words.Event, s.Data.Events)
	}
}

// joinAnd joins the parts of a sentence.
func joinAnd(parts []string) string {
	last := len(parts) - 1
	return strings.Join(parts[:last], ", ") + " and " + parts[last]
}

// unseenNote says in a summary of the units how many of them have no event.
func (r *run) unseenNote() []string {
	unseen := 0
	for _, seen := range r.observed {
		if !seen {
			unseen++
		}
	}
	if !r.study.sums() || unseen == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s of the %s %ss have no %s.", brief.Count(unseen), brief.Count(len(r.observed)), r.study.Words.Unit, r.study.Words.Event)}
}

// armsNote says what of each arm the models of a table are over: of events that are summed up, always; of other rows, where
// some of an arm are left out.
func (r *run) armsNote(k modelKey, outcomes []string, design func(outcome string) *itt.Design) []string {
	s := r.study
	what := s.cellsWord(k.period.String())
	if k.events {
		what = s.Words.Event + "s"
	}
	var arms []itt.Arm
	var rows, units []span
	for _, name := range outcomes {
		d := design(name)
		counts := d.InModel(s.outcome(name).column(k))
		if counts == nil {
			return nil
		}
		if arms == nil {
			arms, rows, units = d.Arms, make([]span, len(counts)), make([]span, len(counts))
		}
		for arm, c := range counts {
			rows[arm].add(c.Rows)
			units[arm].add(c.Clusters)
		}
	}
	complete := true
	parts := make([]string, len(arms))
	byUnit := s.sums() && len(s.Model.Cluster) > 0 && s.Model.Cluster[0] == s.Roles.Unit
	var assigned []int
	if byUnit {
		assigned, _ = r.seen()
	}
	for arm, a := range arms {
		name := "in arm " + a.Label
		if len(arms) == 2 && a.Label == "0" {
			name = "not assigned"
		} else if len(arms) == 2 && a.Label == "1" {
			name = "assigned"
		}
		if byUnit {
			parts[arm] = fmt.Sprintf("%s of the %s %ss that were %s (%s %s)", units[arm], brief.Count(assigned[arm]), s.Words.Unit, name, rows[arm], what)
			continue
		}
		parts[arm] = fmt.Sprintf("%s of the %s rows that were %s", rows[arm], brief.Count(a.Rows), name)
		complete = complete && rows[arm] == span{a.Rows, a.Rows, true}
	}
	if !byUnit && (complete || s.sums()) {
		return nil
	}
	for i, j := 0, len(parts)-1; i < j; i, j = i+1, j-1 { // the control arm last
		parts[i], parts[j] = parts[j], parts[i]
	}
	return []string{"In the model are " + strings.Join(parts, ", and ") + "."}
}

// span is the least and the largest of some counts.
type span struct {
	low, high int
	any       bool
}

func (s *span) add(n int) {
	if !s.any {
		s.low, s.high, s.any = n, n, true
	}
	s.low, s.high = min(s.low, n), max(s.high, n)
}

// String is the count, or the range of several.
func (s span) String() string {
	if s.low == s.high {
		return brief.Count(s.low)
	}
	return brief.Count(s.low) + " to " + brief.Count(s.high)
}

// unlogged counts values that have no logarithm.
type unlogged struct {
	of             string // the column whose logarithm is taken
	zero, negative int
}

// add takes in values.
func (u *unlogged) add(values []float64) {
	for _, v := range values {
		if v == 0 {
			u.zero++
		} else if v < 0 {
			u.negative++
		}
	}
}

// addLogs counts what the derivations of a frame, or of a chunk of one, leave without a logarithm.
func addLogs(counts map[string]*unlogged, f *data.Frame, d data.Derivation) error {
	if d.Op != data.OpLog || d.Rule != data.LogMissing {
		return nil
	}
	values, err := f.Floats(d.Columns[0])
	if err != nil {
		return err
	}
	if counts[d.Name] == nil {
		counts[d.Name] = &unlogged{of: d.Columns[0]}
	}
	counts[d.Name].add(values)
	return nil
}

// say tells of what is missing since it has no logarithm; empty where nothing is.
func (u *unlogged) say(s *Study, name, rows string) string {
	if u == nil || u.zero+u.negative == 0 {
		return ""
	}
	var which []string
	if u.zero > 0 {
		which = append(which, fmt.Sprintf("in which that is zero (%s)", brief.Count(u.zero)))
	}
	if u.negative > 0 {
		which = append(which, fmt.Sprintf("in which that is negative (%s)", brief.Count(u.negative)))
	}
	return fmt.Sprintf("%s is the logarithm of %s, and missing in %s of the %s, those %s.", name, brief.InSentence(s.label(u.of)), brief.Count(u.zero+u.negative), rows, strings.Join(which, " or "))
}

// logNotes say of the outcomes of a table how many rows their logarithms leave out.
func (r *run) logNotes(k modelKey, outcomes []string) (notes []string) {
	s := r.study
	for _, name := range outcomes {
		o := s.outcome(name)
		counts, rows := r.unlogged[o.Column], s.Words.Event+"s"
		switch {
		case o.Transform != "log":
		case k.events:
			counts = r.unlogged[logOf(o.Column)]
		default:
			counts, rows = r.cellsUnlogged[periodOutcome{k.period, name}], s.cellsWord(k.period.String())
		}
		if note := counts.say(s, o.Label, rows); note != "" {
			notes = append(notes, note)
		}
	}
	return notes
}

// periodOutcome is an outcome by unit and period.
type periodOutcome struct {
	period  panel.Period
	outcome string
}
