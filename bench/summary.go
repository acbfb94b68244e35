package main

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// summary is what the runs of a program on a task come to.
type summary struct {
	runs   []record
	absent string // why there is no run
}

// summaries gathers runs by task, program and processors.
type summaries map[[2]string]map[int]*summary

func summarise(list []record) summaries {
	all := summaries{}
	for _, r := range list {
		key := [2]string{r.Task, r.Program}
		if all[key] == nil {
			all[key] = map[int]*summary{}
		}
		s := all[key][r.Processors]
		if s == nil {
			s = new(summary)
			all[key][r.Processors] = s
		}
		if r.Absent == "" {
			s.runs = append(s.runs, r)
		} else {
			s.absent = r.Absent
		}
	}
	return all
}

// of is the summary of a program on the most processors it was run on, and nil if it was not run.
func (all summaries) of(task, program string) *summary {
	byProcessors := all[[2]string{task, program}]
	if len(byProcessors) == 0 {
		return nil
	}
	return byProcessors[slices.Max(slices.Collect(maps.Keys(byProcessors)))].ran()
}

// on is the summary of ours on so many processors, and nil if it was not run on them.
func (all summaries) on(task string, processors int) *summary {
	return all[[2]string{task, ours}][processors].ran()
}

// failure is why a peer that is there could not do a task; empty if it could or was not asked to.
func (all summaries) failure(task, program string) string {
	for _, s := range all[[2]string{task, program}] {
		if reason, failed := strings.CutPrefix(s.absent, failedPrefix); failed && s.ran() == nil {
			return reason
		}
	}
	return ""
}

// last is the last run.
func (s *summary) last() *record { return &s.runs[len(s.runs)-1] }

// ran is the summary if it has runs, and nil if not.
func (s *summary) ran() *summary {
	if s == nil || len(s.runs) == 0 {
		return nil
	}
	return s
}

// seconds is the median time of steps; NaN if they were not done.
func (s *summary) seconds(steps ...string) float64 {
	return s.median(func(r *record) (float64, bool) { return r.spent(steps...) })
}

// processor is the median of their processor time; NaN if it is not known.
func (s *summary) processor(steps ...string) float64 {
	return s.median(func(r *record) (float64, bool) { return r.used(steps...) })
}

// bytes is the median of the peak memory.
func (s *summary) bytes() float64 {
	return s.median(func(r *record) (float64, bool) { return float64(r.Bytes), true })
}

// median is that of the runs that have a value.
func (s *summary) median(of func(*record) (float64, bool)) float64 {
	var values []float64
	for i := range s.runs {
		if v, ok := of(&s.runs[i]); ok {
			values = append(values, v)
		}
	}
	return median(values)
}

// agreement is how far the estimates of two programs agree: the largest of their differences, relative to the larger of
// the estimate and its standard error, and of those of their standard errors, NaN if they have no estimate in common.
// Those that only one of them has are lacking.
type agreement struct {
	largest  float64
	compared int
	lacking  []string
}

// agree compares the last runs, since what programs estimate may have been mended between runs.
func agree(a, b *summary) agreement {
	g := agreement{largest: math.NaN()}
	ours, theirs := a.last().Estimates, b.last().Estimates
	for name, x := range ours {
		y, ok := theirs[name]
		if !ok {
			g.lacking = append(g.lacking, name)
			continue
		}
		g.compared++
		d := max(math.Abs(x[0]-y[0])/max(math.Abs(y[0]), y[1]), math.Abs(x[1]-y[1])/y[1])
		if !(g.largest >= d) {
			g.largest = d
		}
	}
	for name := range theirs {
		if _, ok := ours[name]; !ok {
			g.lacking = append(g.lacking, name)
		}
	}
	slices.Sort(g.lacking)
	return g
}

// compares is how many estimates were compared, and how many were not for want of the other side's.
func (g *agreement) compares() string {
	switch {
	case len(g.lacking) > 0:
		return fmt.Sprintf("%d, **%d LACKING**", g.compared, len(g.lacking))
	case g.compared == 0: // nothing is estimated, as in reading
		return ""
	}
	return fmt.Sprint(g.compared)
}

// lacks is an error that names the peers' tasks whose estimates were not all compared; nil if there is none.
func (all summaries) lacks(list []task) error {
	var failed []error
	for _, t := range list {
		our := all.of(t.name, ours)
		for _, name := range t.peers {
			their := all.of(t.name, name)
			if our == nil || their == nil {
				continue
			}
			if g := agree(our, their); len(g.lacking) > 0 {
				failed = append(failed, fmt.Errorf("%s of %s: %d estimates compared, and %d lacking on one side, such as %q",
					t.name, name, g.compared, len(g.lacking), g.lacking[0]))
			}
		}
	}
	return errors.Join(failed...)
}

// identical says whether all numbers of all runs are the same to the last bit.
func identical(runs []record) bool {
	for _, r := range runs[1:] {
		for name, x := range runs[0].Estimates {
			if y, ok := r.Estimates[name]; !ok || x != y {
				return false
			}
		}
		for name, x := range runs[0].Simulated {
			if y, ok := r.Simulated[name]; !ok || x != y {
				return false
			}
		}
	}
	return true
}

// median of no values is NaN.
func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
