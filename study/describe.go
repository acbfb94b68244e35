package study

import (
	"fmt"
	"time"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/brief"
)

// checkLaunch refuses events without times, and a launch before or after all of them.
func (r *run) checkLaunch(g *gathered) error {
	if g.first > g.last {
		return &fieldexp.Error{Op: "study", Problem: fieldexp.BadColumn, Source: r.study.Data.Events, Columns: []string{r.study.Roles.Time},
			Message: fmt.Sprintf("no %s has a time: column %q is missing in every row", r.study.Words.Event, r.study.Roles.Time),
			Remedy:  []fieldexp.Hint{"name the column of times in {Roles.Time}", "check {MissingValues}"}}
	}
	launch, first, last := r.study.Launch, g.first, g.last
	if launch.IsZero() || first < launch.UnixNano() && last >= launch.UnixNano() {
		return nil
	}
	side := "before"
	if last < launch.UnixNano() {
		side = "after"
	}
	return &fieldexp.Error{Op: "study", Problem: fieldexp.LaunchOutside, Columns: []string{r.study.Roles.Time}, Remedy: []fieldexp.Hint{"check {Launch}"},
		Message: fmt.Sprintf("the launch, %s, is outside the data: it lies %s all %ss, which run from %s to %s", launch, side, r.study.Words.Event, instant(first), instant(last))}
}

// instant shows nanoseconds since 1970 as a date.
func instant(ns int64) string { return Launch{Time: time.Unix(0, ns).UTC()}.String() }

// describe says what was read.
func (r *run) describe() {
	s := r.study
	if s.sums() {
		r.describeEvents()
	} else if s.file != "" { // a table alone says it
		r.out.Data = append(r.out.Data, fmt.Sprintf("%s rows of %s.", brief.Count(r.cells[s.period()].Len()), s.source()))
	}
	r.tellReadings()
	r.tellStrangers()
}

// describeEvents says what the events came to.
func (r *run) describeEvents() {
	s := r.study
	report := r.reports[s.period()]
	r.out.Data = append(r.out.Data, fmt.Sprintf("%s %ss of %s %ss from %s to %s: %s %s.", brief.Count(int(report.Events)), s.Words.Event,
		brief.Count(report.Units), s.Words.Unit, report.First, report.Last, brief.Count(report.Cells), s.cellsWord(s.Period)))
	if report.MissingUnit > 0 {
		r.warnf("%s %ss have no %s and were left out.", brief.Count(int(report.MissingUnit)), s.Words.Event, s.Roles.Unit)
	}
	if report.MissingPeriod > 0 {
		r.warnf("%s %ss have no %s and were left out.", brief.Count(int(report.MissingPeriod)), s.Words.Event, s.Roles.Time)
	}
	r.describeArms(r.warnf)
	if note := r.launchNote(s.period(), false); note != "" {
		r.warnf("%s", note)
	}
}
