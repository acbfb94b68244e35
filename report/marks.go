package report

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The marks that figures are made of. Each draws on the data area of a plot; points that are not
// finite are left out.

// gridMark draws a light line at each tick of the vertical axis.
type gridMark struct{}

// Plot draws the grid.
func (gridMark) Plot(c draw.Canvas, p *plot.Plot) {
	_, y := p.Transforms(&c)
	style := draw.LineStyle{Color: gridColor, Width: vg.Points(0.6)}
	for _, t := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		if at := y(t.Value); c.ContainsY(at) {
			c.StrokeLine2(style, c.Min.X, at, c.Max.X, at)
		}
	}
}

// zeroMark is a dashed line at zero, where the axis has it inside.
type zeroMark struct{}

// Plot draws the line.
func (zeroMark) Plot(c draw.Canvas, p *plot.Plot) {
	if p.Y.Min < 0 && p.Y.Max > 0 {
		_, y := p.Transforms(&c)
		c.StrokeLine2(draw.LineStyle{Color: markColor, Width: vg.Points(0.7), Dashes: dashed}, c.Min.X, y(0), c.Max.X, y(0))
	}
}

// launchMark is a dashed vertical line with a word beside its top.
type launchMark struct {
	at    float64
	label string
	style text.Style
}

// Plot draws the line, and its label on the side that has room.
func (m launchMark) Plot(c draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	at := x(m.at)
	if !c.ContainsX(at) {
		return
	}
	c.StrokeLine2(draw.LineStyle{Color: markColor, Width: vg.Points(0.8), Dashes: dashed}, at, c.Min.Y, at, c.Max.Y)
	style, gap := m.style, vg.Points(4)
	style.XAlign, style.YAlign, style.Color = draw.XLeft, draw.YTop, markColor
	if at+gap+style.Width(m.label) > c.Max.X {
		style.XAlign, gap = draw.XRight, -gap
	}
	c.FillText(style, vg.Point{X: at + gap, Y: c.Max.Y}, m.label)
}

// lineMark joins points, with a gap where one is missing.
type lineMark struct {
	x, y  []float64
	style draw.LineStyle
	steps bool // the value holds until the next point, as in a distribution function
}

// Plot draws the line.
func (m lineMark) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	var run []vg.Point
	flush := func() {
		if len(run) > 1 {
			c.StrokeLines(m.style, c.ClipLinesXY(run)...)
		}
		run = nil
	}
	for i := range m.x {
		if !drawable(m.x[i]) || !drawable(m.y[i]) {
			flush()
			continue
		}
		at := vg.Point{X: x(m.x[i]), Y: y(m.y[i])}
		if m.steps && len(run) > 0 {
			run = append(run, vg.Point{X: at.X, Y: run[len(run)-1].Y})
		}
		run = append(run, at)
	}
	flush()
}

// intervalMark draws a vertical bar without caps for each interval. An end that is not finite is at
// the edge of the plot.
type intervalMark struct {
	x, low, high []float64
	style        draw.LineStyle
}

// Plot draws the bars.
func (m intervalMark) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	for i := range m.x {
		if !drawable(m.x[i]) || m.low[i] != m.low[i] || m.high[i] != m.high[i] {
			continue
		}
		low, high := c.Min.Y, c.Max.Y
		if drawable(m.low[i]) {
			low = max(low, y(m.low[i]))
		}
		if drawable(m.high[i]) {
			high = min(high, y(m.high[i]))
		}
		c.StrokeLine2(m.style, x(m.x[i]), low, x(m.x[i]), high)
	}
}

// pointMark draws a glyph at each point.
type pointMark struct {
	x, y  []float64
	style draw.GlyphStyle
}

// Plot draws the glyphs.
func (m pointMark) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	for i := range m.x {
		if drawable(m.x[i]) && drawable(m.y[i]) {
			c.DrawGlyph(m.style, vg.Point{X: x(m.x[i]), Y: y(m.y[i])})
		}
	}
}

// bandMark fills the area between two lines.
type bandMark struct {
	x, low, high []float64
	color        color.NRGBA
}

// Plot fills each run of points without a missing one.
func (m bandMark) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	start := 0
	for i := 0; i <= len(m.x); i++ {
		if i < len(m.x) && drawable(m.x[i]) && drawable(m.low[i]) && drawable(m.high[i]) {
			continue
		}
		var edge []vg.Point
		for j := start; j < i; j++ {
			edge = append(edge, vg.Point{X: x(m.x[j]), Y: y(m.high[j])})
		}
		for j := i - 1; j >= start; j-- {
			edge = append(edge, vg.Point{X: x(m.x[j]), Y: y(m.low[j])})
		}
		if len(edge) > 2 {
			c.FillPolygon(m.color, c.ClipPolygonXY(edge))
		}
		start = i + 1
	}
}

// barMark draws bars from zero: from left to right, as high as height.
type barMark struct {
	left, right, height []float64
	color               color.NRGBA
}

// Plot draws the bars.
func (m barMark) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	for i := range m.left {
		l, r, h, base := x(m.left[i]), x(m.right[i]), y(m.height[i]), y(0)
		if h > base {
			c.FillPolygon(m.color, []vg.Point{{X: l, Y: base}, {X: r, Y: base}, {X: r, Y: h}, {X: l, Y: h}})
		}
	}
}
