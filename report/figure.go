package report

import "io"

// ImageFormat is a way to write figures.
type ImageFormat int

const (
	// SVG is a drawing that scales.
	SVG ImageFormat = iota
	// PNG is an image of 200 dots per inch.
	PNG
	// PDF is a page as large as the figure.
	PDF
)

// Figure is what can be drawn: a CoefficientPlot, an EventStudy, a TimeSeries, a Distribution.
type Figure interface {
	// Save writes the figure to a file, whose extension (.svg, .png, .pdf) says the format.
	Save(path string) error
	// Render writes the figure.
	Render(w io.Writer, f ImageFormat) error
}
