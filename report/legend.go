package report

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	keyWidth = 20 // points
	keyGap   = 5  // between a key and its name
	keySpace = 18 // between entries
)

// drawLegend sets the keys in centred rows at the foot of the canvas, outside of the data, and
// returns the height they take. A single series needs no key.
func (d *drawing) drawLegend(c draw.Canvas, w *writer) vg.Length {
	if len(d.keys) < 2 {
		return 0
	}
	style := w.style(tickSize)
	style.XAlign = draw.XLeft
	entry := func(k key) vg.Length { return vg.Points(keyWidth+keyGap) + style.Width(tidy(k.name)) }
	var rows [][]key
	used := c.Size().X + 1
	for _, k := range d.keys {
		if used += vg.Points(keySpace) + entry(k); used > c.Size().X {
			rows = append(rows, nil)
			used = entry(k)
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], k)
	}
	height := style.Height("x") * 1.4
	for i, row := range rows {
		width := vg.Points(keySpace) * vg.Length(len(row)-1)
		for _, k := range row {
			width += entry(k)
		}
		x, y := c.Center().X-width/2, c.Min.Y+height*(vg.Length(len(rows)-i)-0.5)
		for _, k := range row {
			k.draw(c, vg.Point{X: x, Y: y})
			c.FillText(style, vg.Point{X: x + vg.Points(keyWidth+keyGap), Y: y + style.FontExtents().Descent}, tidy(k.name))
			x += entry(k) + vg.Points(keySpace)
		}
	}
	return height*vg.Length(len(rows)) + vg.Points(7)
}

// draw draws a sample of the series from the point to the right.
func (k key) draw(c draw.Canvas, at vg.Point) {
	end := at.X + vg.Points(keyWidth)
	middle := vg.Point{X: (at.X + end) / 2, Y: at.Y}
	switch k.kind {
	case keyPatch:
		half := vg.Points(4)
		c.FillPolygon(k.look.color, []vg.Point{
			{X: at.X + half, Y: at.Y - half}, {X: end - half, Y: at.Y - half}, {X: end - half, Y: at.Y + half}, {X: at.X + half, Y: at.Y + half},
		})
	case keyLine:
		c.StrokeLine2(draw.LineStyle{Color: k.look.color, Width: vg.Points(1.3), Dashes: k.look.dash}, at.X, at.Y, end, at.Y)
	default:
		c.StrokeLine2(draw.LineStyle{Color: k.look.color, Width: vg.Points(1.2)}, middle.X, at.Y-vg.Points(6), middle.X, at.Y+vg.Points(6))
		c.DrawGlyph(k.look.glyph(), middle)
	}
}

// glyph is the point of a series.
func (l look) glyph() draw.GlyphStyle {
	return draw.GlyphStyle{Color: l.color, Radius: vg.Points(2.6), Shape: l.shape}
}
