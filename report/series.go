package report

import (
	"fmt"
	"io"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/fieldexp/fieldexp"
)

// Panel is one pair of axes of a figure, usually one outcome.
type Panel struct {
	Title  string
	YLabel string // the figure's when empty
	Series []Series
}

// Series is a row of values, one for each group, period or date, with their intervals if they
// have any. A NaN leaves a gap; an infinite end of an interval is drawn to the edge.
type Series struct {
	Name      string // in the legend, when there are several
	Values    []float64
	Low, High []float64 // both empty, or as long as Values
}

// CoefficientPlot shows estimates by group, such as effects by quantile of baseline performance,
// with confidence intervals. Several series stand side by side within a group.
type CoefficientPlot struct {
	Title, XLabel, YLabel string
	Groups                []string // names of the places on the horizontal axis
	Panels                []Panel
	Style                 Style
}

// Save writes the figure to a .svg, .png or .pdf file.
func (p CoefficientPlot) Save(path string) error { return saveFigure(p, path) }

// Render writes the figure.
func (p CoefficientPlot) Render(w io.Writer, f ImageFormat) error { return renderFigure(w, p, f) }

func (p CoefficientPlot) drawing() (*drawing, error) {
	d := &drawing{title: p.Title, style: p.Style}
	if err := checkPanels(d.name(), p.Panels, len(p.Groups), "groups"); err != nil {
		return nil, err
	}
	d.keys = seriesKeys(p.Panels, keyPoint)
	for _, panel := range p.Panels {
		q := newPanel(panel, p.XLabel, p.YLabel, true)
		q.x, q.xTicks = span{-0.6, float64(len(p.Groups)) - 0.4, true}, categoryTicks(p.Groups)
		for k, s := range panel.Series {
			q.estimates(dodge(positions(len(p.Groups)), k, len(panel.Series)), s, lookOf(k))
		}
		d.panels = append(d.panels, q)
	}
	return d, nil
}

// EventStudy shows estimates by period relative to the launch, with confidence intervals. Period 0
// is the first under treatment; a dashed line stands before it.
type EventStudy struct {
	Title, XLabel, YLabel string
	Note                  string // under the title, such as the joint test of the periods before
	Periods               []int
	// References are the periods whose effect is zero by construction; they are drawn hollow.
	References  []int
	LaunchLabel string // beside the line; "launch" when empty
	Panels      []Panel
	Style       Style
}

// Save writes the figure to a .svg, .png or .pdf file.
func (p EventStudy) Save(path string) error { return saveFigure(p, path) }

// Render writes the figure.
func (p EventStudy) Render(w io.Writer, f ImageFormat) error { return renderFigure(w, p, f) }

func (p EventStudy) drawing() (*drawing, error) {
	d := &drawing{title: p.Title, note: p.Note, style: p.Style}
	if err := checkPanels(d.name(), p.Panels, len(p.Periods), "periods"); err != nil {
		return nil, err
	}
	d.keys = seriesKeys(p.Panels, keyPoint)
	var periods, references span
	at, zero := make([]float64, len(p.Periods)), []float64{}
	for i, period := range p.Periods {
		at[i] = float64(period)
		periods.add(at[i])
	}
	for _, period := range p.References {
		zero = append(zero, float64(period))
		references.add(float64(period))
	}
	if references.any {
		periods.add(references.min, references.max)
	}
	for _, panel := range p.Panels {
		q := newPanel(panel, p.XLabel, p.YLabel, true)
		q.x, q.xTicks = span{periods.min - 0.7, periods.max + 0.7, true}, numberTicks{about: 8}
		q.launchAt(-0.5, p.LaunchLabel)
		for k, s := range panel.Series {
			q.estimates(dodge(at, k, len(panel.Series)), s, lookOf(k))
		}
		q.marks = append(q.marks, pointMark{zero, make([]float64, len(zero)), draw.GlyphStyle{Color: markColor, Radius: vg.Points(2.6), Shape: draw.RingGlyph{}}})
		d.panels = append(d.panels, q)
	}
	return d, nil
}

// newPanel makes a panel whose vertical axis holds all values, the finite ends of their intervals,
// and zero where asked.
func newPanel(of Panel, xLabel, yLabel string, zero bool) *panel {
	var y span
	if zero {
		y.add(0)
	}
	for _, s := range of.Series {
		y.add(s.Values...)
		y.add(s.Low...)
		y.add(s.High...)
	}
	return &panel{title: of.Title, xLabel: xLabel, yLabel: or(of.YLabel, yLabel), y: y.padded(0.06)}
}

// estimates draws a series as points on bars.
func (q *panel) estimates(x []float64, s Series, l look) {
	if len(s.Low) > 0 {
		q.marks = append(q.marks, intervalMark{x, s.Low, s.High, draw.LineStyle{Color: l.color, Width: vg.Points(1.2)}})
	}
	q.marks = append(q.marks, pointMark{x, s.Values, l.glyph()})
}

// launchAt puts the line of the launch, and room above the values for its label.
func (q *panel) launchAt(x float64, label string) {
	q.launch = &launchMark{at: x, label: or(tidy(label), "launch")}
	q.y.max += 0.07 * (q.y.max - q.y.min)
}

// positions are 0, 1, 2, ...
func positions(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(i)
	}
	return x
}

// dodge moves series k of n aside, so that they do not cover each other.
func dodge(x []float64, k, n int) []float64 {
	apart := math.Min(0.16, 0.7/float64(n))
	moved := make([]float64, len(x))
	for i := range x {
		moved[i] = x[i] + apart*(float64(k)-float64(n-1)/2)
	}
	return moved
}

// seriesKeys is the legend: the names of series, which panels share by position.
func seriesKeys(panels []Panel, kind keyKind) []key {
	var keys []key
	for _, panel := range panels {
		for k, s := range panel.Series {
			if k == len(keys) {
				keys = append(keys, key{s.Name, lookOf(k), kind})
			}
		}
	}
	return keys
}

// checkPanels reports series that do not fit their axis or have nothing to draw.
func checkPanels(figure string, panels []Panel, places int, what string) error {
	if len(panels) == 0 || places == 0 {
		return refuse(figure, "there is nothing to draw", fieldexp.Hint("give it a panel with a series, and "+what))
	}
	for i, panel := range panels {
		name := panel.Title
		if name == "" {
			name = fmt.Sprint(i + 1)
		}
		if len(panel.Series) == 0 {
			return refuse(figure, fmt.Sprintf("panel %s has no series", name), "give it one in {Series}")
		}
		for k, s := range panel.Series {
			series := s.Name
			if series == "" {
				series = fmt.Sprint(k + 1)
			}
			at := fmt.Sprintf("panel %s, series %s", name, series)
			if len(s.Values) != places {
				return refuse(figure, fmt.Sprintf("%s has %d values for %d %s", at, len(s.Values), places, what), "give one for each")
			}
			if len(s.Low) != len(s.High) || len(s.Low) > 0 && len(s.Low) != places {
				return refuse(figure,
					fmt.Sprintf("%s has %d lower and %d upper ends of intervals for %d values", at, len(s.Low), len(s.High), places),
					"give both for each")
			}
			if !slices.ContainsFunc(s.Values, drawable) {
				return refuse(figure, at+" has no finite value to draw", "leave it out")
			}
		}
	}
	return nil
}
