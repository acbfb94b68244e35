package report

import (
	"encoding/json"
	"slices"
	"time"
)

// The JSON of a figure is what it shows, with all digits: null stands for a gap and for an infinite end of an interval.

type jsonFigure struct {
	Kind   string            `json:"kind"`
	Title  string            `json:"title"`
	Places any               `json:"places,omitempty"` // on the horizontal axis, in the order of values
	Panels []jsonFigurePanel `json:"panels"`
}

type jsonFigurePanel struct {
	Title   string       `json:"title,omitempty"`
	Series  []jsonSeries `json:"series,omitempty"`
	Edges   []jsonNumber `json:"edges,omitempty"` // of a histogram's bins
	Samples []jsonSample `json:"samples,omitempty"`
}

type jsonSeries struct {
	Name   string       `json:"name,omitempty"`
	Values []jsonNumber `json:"values"`
	Low    []jsonNumber `json:"low,omitempty"`
	High   []jsonNumber `json:"high,omitempty"`
}

// jsonSample is a sample as it is drawn: the share in each bin, or the points of a curve.
type jsonSample struct {
	Name   string       `json:"name,omitempty"`
	N      int          `json:"n"`
	Shares []jsonNumber `json:"shares,omitempty"`
	X      []jsonNumber `json:"x,omitempty"`
	Y      []jsonNumber `json:"y,omitempty"`
}

// MarshalJSON writes what the figure shows.
func (p CoefficientPlot) MarshalJSON() ([]byte, error) {
	return json.Marshal(jsonFigure{"coefficients", p.Title, p.Groups, jsonPanels(p.Panels)})
}

// MarshalJSON writes what the figure shows.
func (p EventStudy) MarshalJSON() ([]byte, error) {
	return json.Marshal(jsonFigure{"event study", p.Title, p.Periods, jsonPanels(p.Panels)})
}

// MarshalJSON writes what the figure shows.
func (p TimeSeries) MarshalJSON() ([]byte, error) {
	dates := make([]string, len(p.Dates))
	for i, d := range p.Dates {
		dates[i] = d.Format(time.DateOnly)
	}
	return json.Marshal(jsonFigure{"time series", p.Title, dates, jsonPanels(p.Panels)})
}

// MarshalJSON writes what the figure shows: of a histogram the bins and shares, of other kinds the points of their curves.
func (p Distribution) MarshalJSON() ([]byte, error) {
	figure := jsonFigure{Kind: "distribution", Title: p.Title}
	for _, panel := range p.Panels {
		of := jsonFigurePanel{Title: or(panel.Title, panel.XLabel)}
		samples := make([][]float64, len(panel.Samples))
		for k, s := range panel.Samples {
			samples[k] = finite(s.Values)
		}
		var edges []float64
		if some := slices.DeleteFunc(slices.Clone(samples), func(s []float64) bool { return len(s) == 0 }); p.Kind == Histogram && len(some) > 0 {
			edges = bins(some, p.Bins)
			of.Edges = jsonNumbers(edges)
		}
		for k, s := range panel.Samples {
			sample := jsonSample{Name: s.Name, N: len(samples[k])}
			switch {
			case len(samples[k]) == 0:
			case p.Kind == Histogram:
				sample.Shares = jsonNumbers(shares(samples[k], edges))
			case p.Kind == Density:
				x, y := density(samples[k])
				sample.X, sample.Y = jsonNumbers(x), jsonNumbers(y)
			default:
				x, y := cumulative(samples[k])
				sample.X, sample.Y = jsonNumbers(x), jsonNumbers(y)
			}
			of.Samples = append(of.Samples, sample)
		}
		figure.Panels = append(figure.Panels, of)
	}
	return json.Marshal(figure)
}

// finite are the values that can be drawn, in ascending order.
func finite(values []float64) []float64 {
	some := slices.DeleteFunc(slices.Clone(values), func(x float64) bool { return !drawable(x) })
	slices.Sort(some)
	return some
}

func jsonPanels(panels []Panel) []jsonFigurePanel {
	list := make([]jsonFigurePanel, len(panels))
	for i, p := range panels {
		list[i].Title = p.Title
		for _, s := range p.Series {
			list[i].Series = append(list[i].Series, jsonSeries{s.Name, jsonNumbers(s.Values), jsonNumbers(s.Low), jsonNumbers(s.High)})
		}
	}
	return list
}

func jsonNumbers(values []float64) []jsonNumber {
	list := make([]jsonNumber, len(values))
	for i, v := range values {
		list[i] = jsonNumber(v)
	}
	return list
}
