package report

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A drawing is a figure settled: panels in a grid, under one title, over one legend.
type drawing struct {
	title  string
	note   string // under the title
	panels []*panel
	keys   []key
	style  Style
}

// A panel is one pair of axes with what is drawn on them.
type panel struct {
	title, xLabel, yLabel string
	x, y                  span
	xTicks, yTicks        plot.Ticker // numbers where nil
	marks                 []plot.Plotter
	launch                *launchMark
}

// A key is an entry of the legend.
type key struct {
	name string
	look look
	kind keyKind
}

type keyKind int

const (
	keyPoint keyKind = iota // a glyph on a bar
	keyLine
	keyPatch
)

const (
	outerMargin = 6 // points
	panelGap    = 14
)

// name is how messages refer to the figure.
func (d *drawing) name() string { return figureName(d.title) }

func figureName(title string) string {
	if title == "" {
		return "figure"
	}
	return fmt.Sprintf("figure %q", tidy(title))
}

// grid is the number of rows and columns of panels.
func (d *drawing) grid() (rows, columns int) {
	columns = min(len(d.panels), 3)
	if len(d.panels) == 4 {
		columns = 2
	}
	return (len(d.panels) + columns - 1) / columns, columns
}

// size is that of the style, or one that suits the panels.
func (d *drawing) size() (width, height vg.Length) {
	rows, columns := d.grid()
	w, h := 6.2, 3.8
	if columns > 1 {
		w, h = 3.1*float64(columns), 2.7*float64(rows)
	}
	if d.style.Width > 0 {
		w = d.style.Width
	}
	if d.style.Height > 0 {
		h = d.style.Height
	}
	return vg.Length(w) * vg.Inch, vg.Length(h) * vg.Inch
}

// draw draws the whole figure and returns the characters that its font lacks.
func (d *drawing) draw(c draw.Canvas) (missing []rune, err error) {
	w, err := newWriter(d.style.Font)
	if err != nil {
		return nil, err
	}
	c = draw.Crop(c, outerMargin, -outerMargin, outerMargin, -outerMargin)
	if title := tidy(d.title); title != "" {
		style := w.style(titleSize)
		style.YAlign = draw.YTop
		c.FillText(style, vg.Point{X: c.Center().X, Y: c.Max.Y}, title)
		c = draw.Crop(c, 0, 0, 0, -style.Height(title)-vg.Points(6))
	}
	if note := tidy(d.note); note != "" {
		style := w.style(noteSize)
		style.YAlign, style.Color = draw.YTop, markColor
		c.FillText(style, vg.Point{X: c.Center().X, Y: c.Max.Y + vg.Points(2)}, note)
		c = draw.Crop(c, 0, 0, 0, -style.Height(note)-vg.Points(4))
	}
	c = draw.Crop(c, 0, 0, d.drawLegend(c, w), 0)

	rows, columns := d.grid()
	plots := make([][]*plot.Plot, rows)
	for i := range plots {
		plots[i] = make([]*plot.Plot, columns)
	}
	title := w.style(labelSize)
	var above vg.Length // room for the titles of panels
	for i, p := range d.panels {
		q := p.plot(w)
		if i%columns > 0 && p.yLabel == d.panels[i-1].yLabel {
			q.Y.Label.Text = "" // the panel to the left says it
		}
		plots[i/columns][i%columns] = q
		if p.title != "" {
			above = title.Height(tidy(p.title)) + vg.Points(3)
		}
	}
	tiles := draw.Tiles{Rows: rows, Cols: columns, PadTop: above, PadX: panelGap, PadY: panelGap + above}
	for i, row := range plot.Align(plots, tiles, c) {
		for j, tile := range row {
			if plots[i][j] == nil {
				continue
			}
			plots[i][j].Draw(tile)
			area := plots[i][j].DataCanvas(tile)
			c.FillText(title, vg.Point{X: area.Center().X, Y: area.Max.Y + above/2 + vg.Points(3)}, tidy(d.panels[i*columns+j].title))
		}
	}
	return w.missing, nil
}

// plot makes the axes of a panel.
func (p *panel) plot(w *writer) *plot.Plot {
	q := plot.New()
	q.BackgroundColor = nil
	q.TextHandler = w
	q.X.Min, q.X.Max, q.Y.Min, q.Y.Max = p.x.min, p.x.max, p.y.min, p.y.max
	dressAxis(&q.X, w, p.xLabel, p.xTicks, draw.XCenter, draw.YTop)
	dressAxis(&q.Y, w, p.yLabel, p.yTicks, draw.XRight, draw.YCenter)
	q.Add(gridMark{}, zeroMark{})
	q.Add(p.marks...)
	if p.launch != nil {
		m := *p.launch
		m.style = w.style(noteSize)
		q.Add(m)
	}
	return q
}

// dressAxis gives an axis its thin grey line, its ticks and its label.
func dressAxis(a *plot.Axis, w *writer, label string, ticks plot.Ticker, x text.XAlignment, y text.YAlignment) {
	line := draw.LineStyle{Color: axisColor, Width: vg.Points(0.6)}
	a.LineStyle = line
	a.Padding = 0
	a.Label.Text = tidy(label)
	a.Label.TextStyle = w.style(labelSize)
	a.Label.TextStyle.YAlign = draw.YBottom
	a.Label.Padding = vg.Points(4)
	a.Tick.Label = w.style(tickSize)
	a.Tick.Label.XAlign, a.Tick.Label.YAlign = x, y
	a.Tick.LineStyle = line
	a.Tick.Length = vg.Points(3)
	a.Tick.Marker = ticks
	if ticks == nil {
		a.Tick.Marker = numberTicks{about: 5}
	}
}
