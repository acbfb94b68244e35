package study

import (
	"fmt"
	"time"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/itt"
)

// checkLaunch refuses a launch before or after all events.
func (r *run) checkLaunch(g *gathered) error {
	launch, first, last := r.study.Launch, g.first, g.last
	if first > last {
		return &fieldexp.Error{Op: "study", Problem: fieldexp.BadColumn, Columns: []string{r.study.Roles.Time}, Remedy: []fieldexp.Hint{"check how missing values are marked in the file", "name another column in {Roles.Time}"},
			Message: fmt.Sprintf("column %q is missing in all %ss", r.study.Roles.Time, r.study.Words.Event)}
	}
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

// checkAssignment refuses an assignment without which there is no study: of one arm or none, with other numbers than 0 and
// 1, or of arms that have names where the study compares one with another.
func (r *run) checkAssignment() error {
	column := r.study.Roles.Assignment
	kind, err := r.units.Kind(column)
	if err != nil {
		return err
	}
	if kind != data.Float {
		return r.study.checkArms(kind)
	}
	_, err = itt.CheckAssignment(r.units, column, nil, true)
	return err
}

// instant shows nanoseconds since 1970 as a date.
func instant(ns int64) string { return Launch{Time: time.Unix(0, ns).UTC()}.String() }

// describe says what was read.
func (r *run) describe() {
	s := r.study
	if !s.sums() {
		r.out.Data = append(r.out.Data, fmt.Sprintf("%s rows of %s.", brief.Count(r.cells[s.period()].Len()), s.source()))
		return
	}
	report := r.reports[s.period()]
	r.out.Data = append(r.out.Data, fmt.Sprintf("%s %ss of %s %ss from %s to %s: %s %s.", brief.Count(int(report.Events)), s.Words.Event,
		brief.Count(report.Units), s.Words.Unit, report.First, report.Last, brief.Count(report.Cells), s.cellsWord(s.Period)))
	warn := func(format string, args ...any) {
		r.out.Warnings = append(r.out.Warnings, Warning{Message: fmt.Sprintf(format, args...)})
	}
	if report.MissingUnit > 0 {
		warn("%s %ss have no %s and were left out.", brief.Count(int(report.MissingUnit)), s.Words.Event, s.Roles.Unit)
	}
	if report.MissingPeriod > 0 {
		warn("%s %ss have no %s and were left out.", brief.Count(int(report.MissingPeriod)), s.Words.Event, s.Roles.Time)
	}
	if r.strangers > 0 {
		warn("%s %ss of %s have no row in %s and were left out.", brief.Count(r.strangers), s.Words.Unit, s.Data.Events, s.Data.Units)
	}
	if !s.Launch.IsZero() && s.period().Start(s.Launch.UnixNano()) != s.Launch.UnixNano() {
		warn("The launch, %s, falls within a %s: that %s counts as before it.", s.Launch, s.Period, s.Period)
	}
}
