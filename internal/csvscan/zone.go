package csvscan

import "time"

// OffsetCount counts the cells of a column that have an offset.
type OffsetCount struct {
	Seconds int32 // east of Greenwich
	Cells   int
}

// Clockwork is what a column of times holds beside what its clock shows.
type Clockwork struct {
	Offsets  []OffsetCount // of cells that have one, in the order of the first cell of each
	Skipped  int           // times that a change of the zone's offset passes over, but for midnights, which may be dates
	Repeated int           // times that such a change shows twice, likewise
	Missing  int           // cells without a time

	last int // of Offsets, for the next cell
}

// reset forgets the cells that were counted.
func (w *Clockwork) reset() { *w = Clockwork{Offsets: w.Offsets[:0]} }

// count counts a cell with an offset.
func (w *Clockwork) count(seconds int32, cells int) {
	if w.last < len(w.Offsets) && w.Offsets[w.last].Seconds == seconds {
		w.Offsets[w.last].Cells += cells
		return
	}
	for i := range w.Offsets {
		if w.Offsets[i].Seconds == seconds {
			w.Offsets[i].Cells += cells
			w.last = i
			return
		}
	}
	w.last = len(w.Offsets)
	w.Offsets = append(w.Offsets, OffsetCount{seconds, cells})
}

// Add adds the counts of another part of the column, which comes after this one.
func (w *Clockwork) Add(other *Clockwork) {
	for _, o := range other.Offsets {
		w.count(o.Seconds, o.Cells)
	}
	w.Skipped += other.Skipped
	w.Repeated += other.Repeated
	w.Missing += other.Missing
}

// mover moves times to a zone. It keeps the stretch of constant offset that it met last, since
// the times of a log are close together.
type mover struct {
	zone     *time.Location
	from, to int64 // seconds since 1970 UTC
	offset   int64 // of the zone in between, in seconds
}

// Times that are this far inside a stretch are neither skipped nor repeated.
const margin = 2 * 86400

// move is the time of the zone's clock for a cell. With an offset the cell is an instant; without, it
// is a time of that clock already.
func (m *mover) move(ns int64, offset int32, w *Clockwork) int64 {
	seconds := ns / int64(time.Second)
	if ns%int64(time.Second) < 0 {
		seconds--
	}
	if offset != NoOffset {
		m.find(seconds - int64(offset))
		return ns + (m.offset-int64(offset))*int64(time.Second)
	}
	if at := seconds - m.offset; at-margin >= m.from && at+margin < m.to || seconds%86400 == 0 {
		return ns
	}
	m.find(seconds + margin)
	after := m.offset
	m.find(seconds - margin)
	before := m.offset
	switch early, late := m.shows(seconds, before), after != before && m.shows(seconds, after); {
	case early && late:
		w.Repeated++
	case !early && !late:
		w.Skipped++
	}
	return ns
}

// find makes sure that an instant lies in the current stretch.
func (m *mover) find(seconds int64) {
	if seconds >= m.from && seconds < m.to {
		return
	}
	at := time.Unix(seconds, 0).In(m.zone)
	_, offset := at.Zone()
	start, end := at.ZoneBounds()
	m.from, m.to, m.offset = start.Unix(), end.Unix(), int64(offset)
	if start.IsZero() {
		m.from = -1 << 62
	}
	if end.IsZero() {
		m.to = 1 << 62
	}
}

// shows reports whether the zone's clock shows a time when its offset is the given one.
func (m *mover) shows(seconds, offset int64) bool {
	m.find(seconds - offset)
	return m.offset == offset
}
