package study

import (
	"fmt"
	"slices"
	"time"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/panel"
)

// A cutPeriod is a period that the launch falls within: neither before it nor after it.
type cutPeriod struct {
	start, end int64
	name       string // day, hour or week
	cells      int    // of the panel, and
	events     int    // of the data within them
}

// cutOf is the period of a panel of events that the launch falls within, if there is one.
func (s *Study) cutOf(p panel.Period) (c cutPeriod, cut bool) {
	if s.Launch.IsZero() || s.Launch.Numbered || !s.sums() {
		return c, false
	}
	at := s.Launch.UnixNano()
	c.start, c.name = p.Start(at), p.String()
	c.end = c.start + int64(p.Length())
	return c, c.start != at
}

// cutOf is the period of the study's panel that the launch falls within, with what is in it.
func (r *run) cutOf(p panel.Period) (cutPeriod, bool) {
	c, cut := r.cuts[p]
	return c, cut
}

// launchOf is when treatment begins in a panel: at the start of the period that the launch falls within if that counts as
// after it.
func (r *run) launchOf(p panel.Period) time.Time {
	if c, cut := r.cutOf(p); cut && r.study.CutPeriod == "after" {
		return time.Unix(0, c.start).UTC()
	}
	return r.study.Launch.Time
}

// since is what notes call that time.
func (r *run) since(p panel.Period) string {
	if r.study.Launch.Numbered {
		return r.study.Launch.String()
	}
	return Launch{Time: r.launchOf(p)}.String()
}

// launchOfEvents is the instant from which on events count as since the launch: its own or, where the period of the
// study that it falls within counts as before or after it, the end or the start of that.
func (s *Study) launchOfEvents() int64 {
	c, cut := s.cutOf(s.period())
	switch {
	case cut && s.CutPeriod == "after":
		return c.start
	case cut && s.CutPeriod == "before":
		return c.end
	}
	return s.Launch.UnixNano()
}

// cutCells takes the cells of the period that the launch falls within out of a panel, unless they count as before or
// after it.
func (r *run) cutCells(f *data.Frame, p panel.Period) (*data.Frame, error) {
	c, cut := r.study.cutOf(p)
	if !cut {
		return f, nil
	}
	times, err := f.Instants(r.study.periodColumn(p))
	if err != nil {
		return nil, err
	}
	events, err := f.Floats(eventCount)
	if err != nil {
		return nil, err
	}
	for i, t := range times {
		if t == c.start {
			c.cells, c.events = c.cells+1, c.events+int(events[i])
		}
	}
	return r.drop(f, p, c, times), nil
}

// drop keeps what is cut in mind, and leaves its rows out if they are to be dropped.
func (r *run) drop(f *data.Frame, p panel.Period, c cutPeriod, times []int64) *data.Frame {
	r.cuts[p] = c
	if r.study.CutPeriod != "drop" || c.cells == 0 {
		return f
	}
	return f.Filter(func(row int) bool { return times[row] != c.start })
}

// cutRows is cutCells for a panel that is ready, whose periods are hours, days or weeks if its times are that far apart
// throughout.
func (r *run) cutRows(f *data.Frame) (*data.Frame, error) {
	s := r.study
	if s.Launch.IsZero() || s.Launch.Numbered {
		return f, nil
	}
	times, err := f.Instants(s.Roles.Time)
	if err != nil {
		return nil, err
	}
	g, err := f.Group(s.Roles.Time)
	if err != nil {
		return nil, err
	}
	starts := make([]int64, g.Len())
	for i, p := range g.Codes {
		if p >= 0 {
			starts[p] = times[i]
		}
	}
	slices.Sort(starts)
	step, ok := spacing(starts)
	at := s.Launch.UnixNano()
	i, there := slices.BinarySearch(starts, at)
	if !ok || there || i == 0 || at-starts[i-1] >= int64(step.Length()) {
		return f, nil
	}
	c := cutPeriod{start: starts[i-1], name: step.String()}
	c.end = c.start + int64(step.Length())
	for _, t := range times {
		if t == c.start {
			c.cells++
		}
	}
	return r.drop(f, s.period(), c, times), nil
}

// spacing is the length of periods whose starts, three or more, are whole hours, days or weeks apart and next to each
// other at least once.
func spacing(starts []int64) (panel.Period, bool) {
	if len(starts) < 3 {
		return 0, false
	}
	least := starts[1] - starts[0]
	for i := range starts[1:] {
		least = min(least, starts[i+1]-starts[i])
	}
	for _, p := range []panel.Period{panel.Hour, panel.Day, panel.Week} {
		step := int64(p.Length())
		if least == step && !slices.ContainsFunc(starts, func(t int64) bool { return (t-starts[0])%step != 0 }) {
			return p, true
		}
	}
	return 0, false
}

// launchNote says what became of the period that the launch falls within; empty where it falls within none.
func (r *run) launchNote(p panel.Period, ofEvents bool) string {
	s := r.study
	c, cut := r.cutOf(p)
	if !cut {
		return ""
	}
	text := fmt.Sprintf("The launch, %s, falls within the %s that begins on %s", s.Launch, c.name, instant(c.start))
	cells := brief.Count(c.cells) + " " + s.cellsWord(c.name)
	if s.ready() {
		cells = fmt.Sprintf("%s %ss", brief.Count(c.cells), s.Words.Event)
	} else {
		cells += fmt.Sprintf(" (%s %ss)", brief.Count(c.events), s.Words.Event)
	}
	switch {
	case s.CutPeriod != "drop":
		return text + ", whose " + cells + " count as " + s.CutPeriod + " it."
	case ofEvents:
		return text + ", whose " + cells + " are left out of models; here " + s.Words.Event + "s count by their own time."
	}
	return text + ", whose " + cells + " are left out."
}
