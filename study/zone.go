package study

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
)

// zone is that of the clock by which the study reads times; nil where the clock in each cell counts.
func (s *Study) zone() (*time.Location, error) {
	name := s.Data.Zone
	if name == "" {
		return nil, nil
	}
	if at, err := time.Parse("Z07:00", name); err == nil {
		_, offset := at.Zone()
		return time.FixedZone(name, offset), nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == time.Local.String() {
		return nil, refuse(fmt.Sprintf("there is no zone %q", name), `name {Data.Zone} as in "Asia/Shanghai", "Europe/Berlin" or "UTC"`, `give its offset, as in "+08:00"`)
	}
	return zone, nil
}

// settleLaunch turns a launch that was given as an instant into the time that the study's clock shows then. Without a zone
// of that clock the two cannot be compared.
func (s *Study) settleLaunch() error {
	zone, err := s.zone()
	l := &s.Launch
	if err != nil || l.Numbered || l.Time.IsZero() || l.Location() == time.UTC {
		return err
	}
	if zone == nil {
		return refuse(fmt.Sprintf("the launch, %s, has an offset, and times are read by the clock in their cells", l.Format(time.RFC3339)),
			"write {Launch} without an offset, by that clock", `name the zone of the clock in {Data.Zone}, as in "Asia/Shanghai"`)
	}
	l.Time = onClock(l.Time.In(zone))
	return nil
}

// onClock is what the clock of a time's zone shows, as if it were in UTC.
func onClock(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// tellReadings says what was found in files that a reader should know.
func (r *run) tellReadings() {
	for _, file := range r.watch.report.Files() {
		for _, c := range file.Columns {
			if c.Trimmed > 0 {
				r.warnf("Blanks around %s of %s in %s were taken away.", counted(c.Trimmed, "cell"), c.Column, filepath.Base(file.Source))
			}
			if c.Column == r.study.Roles.Time && c.Times > 0 {
				r.tellTimes(c)
			}
		}
	}
}

// tellTimes says how the column of times was read.
func (r *run) tellTimes(c data.ColumnReport) {
	if c.Order != "" {
		r.out.Data = append(r.out.Data, fmt.Sprintf("The dates of %s are read %s: %s cannot be read the other way round.", c.Column,
			strings.Replace(c.Order, "-", " ", 1), countOf(c.Decided, c.Times)))
	}
	if r.study.Data.Zone != "" {
		if c.Skipped > 0 {
			r.warnf("%s of %s are skipped by changes to summer time in %s: no clock there shows them.", countOf(c.Skipped, c.Times), c.Column, r.study.Data.Zone)
		}
		if c.Repeated > 0 {
			r.warnf("%s of %s come twice where summer time ends in %s: which of the two is meant is not known.", countOf(c.Repeated, c.Times), c.Column, r.study.Data.Zone)
		}
		return
	}
	none := c.Times
	for _, o := range c.Offsets {
		none -= o.Cells
	}
	switch {
	case len(c.Offsets) == 0 || len(c.Offsets) == 1 && none == 0 && c.Offsets[0].Seconds != 0:
		return // the clock of one place
	case len(c.Offsets) == 1 && none == 0:
		so := fmt.Sprintf("so %ss are cut in UTC", r.study.Period)
		if r.study.ready() {
			so = "the launch is taken to be in UTC"
		}
		r.warn1(fmt.Sprintf("All %s times of %s are in UTC, and %s", brief.Count(c.Times), c.Column, so),
			`for the clock of the place, name its zone in {Data.Zone}, as in "America/New_York"; for UTC, "UTC"`)
		return
	}
	var parts []string
	for _, o := range sortedOffsets(c.Offsets) {
		parts = append(parts, fmt.Sprintf("%s with %s", brief.Count(o.Cells), offsetName(o.Seconds)))
	}
	if none > 0 {
		parts = append(parts, fmt.Sprintf("%s without", brief.Count(none)))
	}
	r.warn1(fmt.Sprintf("The times of %s have different offsets (%s), which are not used: the clock in each cell counts", c.Column, strings.Join(parts, ", ")),
		`for one clock, name its zone in {Data.Zone}, as in "America/New_York"`)
}

// sortedOffsets puts offsets in order, whatever that of the rows.
func sortedOffsets(offsets []data.OffsetCount) []data.OffsetCount {
	sorted := slices.Clone(offsets)
	slices.SortFunc(sorted, func(a, b data.OffsetCount) int { return a.Seconds - b.Seconds })
	return sorted
}

// offsetName writes an offset as ISO 8601 does.
func offsetName(seconds int) string {
	return time.Time{}.In(time.FixedZone("", seconds)).Format("-07:00")
}

// countOf reads: 3 of 480 times.
func countOf(n, of int) string { return fmt.Sprintf("%s of %s times", brief.Count(n), brief.Count(of)) }

// counted is a count with its noun.
func counted(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return brief.Count(n) + " " + noun
}

// warnf adds a warning about the data.
func (r *run) warnf(format string, args ...any) {
	r.out.Warnings = append(r.out.Warnings, Warning{Message: fmt.Sprintf(format, args...)})
}

// warn1 adds a warning about the data with what can be done.
func (r *run) warn1(message string, remedy fieldexp.Hint) {
	r.warnf("%s.", fieldexp.Warning{Message: message, Remedy: remedy}.In(r.opt.Words))
}
