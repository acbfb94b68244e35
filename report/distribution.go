package report

import (
	"fmt"
	"io"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// DistributionKind says how a Distribution shows samples.
type DistributionKind int

const (
	// Histogram shows the share of each sample in a number of bins, side by side.
	Histogram DistributionKind = iota
	// Density shows Gaussian kernel densities with R's default bandwidth.
	Density
	// CDF shows empirical distribution functions.
	CDF
)

// String is the word for the vertical axis.
func (k DistributionKind) String() string {
	switch k {
	case Histogram:
		return "Share"
	case Density:
		return "Density"
	case CDF:
		return "Cumulative share"
	}
	return fmt.Sprintf("DistributionKind(%d)", int(k))
}

// Distribution compares the distributions of samples, such as the arms of an experiment or
// the weeks before and after its launch.
type Distribution struct {
	Title  string
	Kind   DistributionKind
	Panels []DistributionPanel
	// Bins is about how many bins a histogram has. When 0, a few whole numbers have a bin each, and
	// anything else the square root of the sample size, at most 30.
	Bins  int
	Style Style
}

// DistributionPanel is one variable.
type DistributionPanel struct {
	Title, XLabel string
	Samples       []Sample
}

// Sample is a named set of values; those that are not finite are left out.
type Sample struct {
	Name   string
	Values []float64
}

// Save writes the figure to a .svg, .png or .pdf file.
func (p Distribution) Save(path string) error { return saveFigure(p, path) }

// Render writes the figure.
func (p Distribution) Render(w io.Writer, f ImageFormat) error { return renderFigure(w, p, f) }

func (p Distribution) drawing() (*drawing, error) {
	d := &drawing{title: p.Title, style: p.Style}
	if p.Kind < Histogram || p.Kind > CDF {
		return nil, refuse(d.name(), p.Kind.String()+" is not a kind of distribution", "use {Histogram}, {Density} or {CDF}")
	}
	if len(p.Panels) == 0 {
		return nil, refuse(d.name(), "there is nothing to draw", "give it a panel with a sample in {Panels}")
	}
	kind := keyLine
	if p.Kind == Histogram {
		kind = keyPatch
	}
	for i, panel := range p.Panels {
		var samples [][]float64
		for k, s := range panel.Samples {
			values := finite(s.Values)
			if len(values) == 0 {
				return nil, refuse(d.name(),
					fmt.Sprintf("sample %q of panel %d has no finite value to draw", s.Name, i+1),
					"leave it out")
			}
			samples = append(samples, values)
			if k == len(d.keys) {
				d.keys = append(d.keys, key{s.Name, lookOf(k), kind})
			}
		}
		if len(samples) == 0 {
			return nil, refuse(d.name(), fmt.Sprintf("panel %d has no sample", i+1), "give it one in {Samples}")
		}
		d.panels = append(d.panels, p.panel(panel, samples))
	}
	return d, nil
}

func (p Distribution) panel(of DistributionPanel, samples [][]float64) *panel {
	q := &panel{title: of.Title, xLabel: of.XLabel, yLabel: p.Kind.String()}
	switch p.Kind {
	case Histogram:
		q.histogram(samples, bins(samples, p.Bins))
	case Density:
		q.curves(samples, density, false)
	case CDF:
		q.curves(samples, cumulative, true)
	}
	return q
}

// histogram draws the shares of the samples side by side within each bin.
func (q *panel) histogram(samples [][]float64, edges []float64) {
	var y span
	y.add(0)
	for k, s := range samples {
		height := shares(s, edges)
		y.add(height...)
		left, right := make([]float64, len(height)), make([]float64, len(height))
		for i := range height {
			width := edges[i+1] - edges[i]
			bar := 0.88 * width / float64(len(samples))
			left[i] = edges[i] + 0.06*width + bar*float64(k)
			right[i] = left[i] + bar
		}
		q.marks = append(q.marks, barMark{left, right, height, lookOf(k).color})
	}
	q.x = span{edges[0], edges[len(edges)-1], true}
	q.y = span{0, y.padded(0.06).max, true}
}

// curves draws a function of each sample.
func (q *panel) curves(samples [][]float64, curve func([]float64) (x, y []float64), steps bool) {
	var xs, ys span
	ys.add(0)
	type line struct{ x, y []float64 }
	var lines []line
	for _, s := range samples {
		x, y := curve(s)
		xs.add(x...)
		ys.add(y...)
		lines = append(lines, line{x, y})
	}
	q.x, q.y = xs.padded(0.02), span{0, ys.padded(0.06).max, true}
	for k, l := range lines {
		if steps { // the function is zero before its first step and one after its last
			l.x = append(append([]float64{q.x.min}, l.x...), q.x.max)
			l.y = append(append([]float64{0}, l.y...), 1)
		}
		style := draw.LineStyle{Color: lookOf(k).color, Width: vg.Points(1.3), Dashes: lookOf(k).dash}
		q.marks = append(q.marks, lineMark{x: l.x, y: l.y, style: style, steps: steps})
	}
}
