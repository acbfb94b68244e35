package report

import (
	"fmt"
	"io"
	"time"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// TimeSeries shows means by day: of an outcome by arm, or of usage, with bars where intervals are
// given.
type TimeSeries struct {
	Title, YLabel string
	Dates         []time.Time // in order; the values of every series belong to them
	Launch        time.Time   // a dashed line stands at its beginning; none when zero
	LaunchLabel   string      // beside the line; "launch" when empty
	// Stacked fills the area under each series and puts the next one on top of it, as for the
	// shares of complete and partial usage. Values must not be negative.
	Stacked bool
	Panels  []Panel
	Style   Style
}

// Save writes the figure to a .svg, .png or .pdf file.
func (p TimeSeries) Save(path string) error { return saveFigure(p, path) }

// Render writes the figure.
func (p TimeSeries) Render(w io.Writer, f ImageFormat) error { return renderFigure(w, p, f) }

func (p TimeSeries) drawing() (*drawing, error) {
	d := &drawing{title: p.Title, style: p.Style}
	if err := checkPanels(d.name(), p.Panels, len(p.Dates), "dates"); err != nil {
		return nil, err
	}
	days := make([]float64, len(p.Dates))
	var dates span
	for i, t := range p.Dates {
		days[i] = dayNumber(t)
		dates.add(days[i])
		if i > 0 && days[i] <= days[i-1] {
			return nil, refuse(d.name(), fmt.Sprintf("date %d, %s, does not come after the one before it", i+1, t.Format(time.DateOnly)),
				"sort the dates, and keep one value for each")
		}
	}
	kind := keyLine
	if p.Stacked {
		kind = keyPatch
	}
	d.keys = seriesKeys(p.Panels, kind)
	most := 9.0 // ticks that fit under a panel
	if len(p.Panels) > 1 {
		most = 5
	}
	for _, panel := range p.Panels {
		q := newPanel(panel, "", p.YLabel, false)
		q.x, q.xTicks = dates.padded(0.015), dateTicks(dates.min, dates.max, most)
		if p.Stacked {
			if err := q.stack(d.name(), days, panel.Series); err != nil {
				return nil, err
			}
		} else {
			for k, s := range panel.Series {
				q.line(days, s, lookOf(k))
			}
		}
		if !p.Launch.IsZero() {
			q.launchAt(dayNumber(p.Launch)-0.5, p.LaunchLabel)
		}
		d.panels = append(d.panels, q)
	}
	return d, nil
}

// line draws a series as a line with points and, where it has intervals, bars.
func (q *panel) line(x []float64, s Series, l look) {
	style := draw.LineStyle{Color: l.color, Width: vg.Points(1.2), Dashes: l.dash}
	if len(s.Low) > 0 {
		q.marks = append(q.marks, intervalMark{x, s.Low, s.High, draw.LineStyle{Color: faded(l.color, 140), Width: vg.Points(1)}})
	}
	glyph := l.glyph()
	glyph.Radius = vg.Points(1.7)
	q.marks = append(q.marks, lineMark{x: x, y: s.Values, style: style}, pointMark{x, s.Values, glyph})
}

// stack draws series as areas on top of each other, from zero up.
func (q *panel) stack(figure string, x []float64, series []Series) error {
	base := make([]float64, len(x))
	var y span
	y.add(0)
	for k, s := range series {
		top := make([]float64, len(x))
		for i, v := range s.Values {
			if v < 0 {
				return refuse(figure,
					fmt.Sprintf("series %q is %g at date %d, and only what is not negative can be stacked", s.Name, v, i+1),
					"set {Stacked} to false")
			}
			top[i] = base[i] + v
		}
		y.add(top...)
		l := lookOf(k)
		q.marks = append(q.marks,
			bandMark{x, base, top, faded(l.color, 90)},
			lineMark{x: x, y: top, style: draw.LineStyle{Color: l.color, Width: vg.Points(1.2)}})
		base = top
	}
	q.y = span{0, y.padded(0.06).max, true}
	return nil
}
