package report

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgpdf"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/fieldexp/fieldexp"
)

// ImageFormat is a way to write figures.
type ImageFormat int

const (
	// SVG is a drawing that scales. Its text is text; a program that shows it without the bundled
	// font takes the one of its own that is nearest.
	SVG ImageFormat = iota
	// PNG is an image of 200 dots per inch.
	PNG
	// PDF is a page as large as the figure, with its font inside.
	PDF
)

var imageFormats = []string{"svg", "png", "pdf"}

// String is the extension of a file in the format, without its dot.
func (f ImageFormat) String() string {
	if f < 0 || int(f) >= len(imageFormats) {
		return fmt.Sprintf("ImageFormat(%d)", int(f))
	}
	return imageFormats[f]
}

// ParseImageFormat reads the name of a format: svg, png or pdf.
func ParseImageFormat(name string) (ImageFormat, error) {
	for i, n := range imageFormats {
		if strings.EqualFold(strings.TrimPrefix(name, "."), n) {
			return ImageFormat(i), nil
		}
	}
	return 0, refuse("", fmt.Sprintf("%q is not an image format", name), oneOf(imageFormats))
}

// Figure is what can be drawn: a CoefficientPlot, an EventStudy, a TimeSeries, a Distribution. The
// same figure gives the same bytes each time.
type Figure interface {
	// Save writes the figure to a file, whose extension (.svg, .png, .pdf) says the format, and
	// makes its directory if there is none.
	Save(path string) error
	// Render writes the figure.
	Render(w io.Writer, f ImageFormat) error
}

// drawer is a figure that says what is to be drawn.
type drawer interface{ drawing() (*drawing, error) }

func saveFigure(d drawer, path string) error {
	format, err := ParseImageFormat(filepath.Ext(path))
	if err != nil {
		return refuse("", fmt.Sprintf("the name of %q does not end in .svg, .png or .pdf", path), "give it the end of its format")
	}
	var b bytes.Buffer
	if err := writeFigure(&b, d, format); err != nil {
		return err
	}
	return writeFile(path, b.Bytes())
}

func renderFigure(w io.Writer, d drawer, format ImageFormat) error {
	var b bytes.Buffer
	if err := writeFigure(&b, d, format); err != nil {
		return err
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return unwritten(fmt.Sprintf("writing a figure as %s", format), err)
	}
	return nil
}

const dotsPerInch = 200

// writeFigure draws onto the canvas of a format.
func writeFigure(b *bytes.Buffer, d drawer, format ImageFormat) error {
	what, err := d.drawing()
	if err != nil {
		return err
	}
	width, height := what.size()
	switch format {
	case PNG:
		c := pngCanvas{vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(dotsPerInch))}
		return finish(b, what, c, format)
	case PDF:
		c := &pdfCanvas{Canvas: vgpdf.New(width, height)}
		if err := finish(b, what, c, format); err != nil {
			return err
		}
		if len(c.foreign) > 0 {
			return glyphError(what.name(), c.foreign, "save it as .svg or .png, since PDF figures hold western text only")
		}
		return undate(b)
	case SVG:
		if err := finish(b, what, vgsvg.New(width, height), format); err != nil {
			return err
		}
		addFontFallback(b)
		return nil
	}
	return refuse("", format.String()+" is not an image format", oneOf(imageFormats))
}

// finish draws and writes, and reports characters that an image would show as empty boxes.
func finish(b *bytes.Buffer, d *drawing, c vg.CanvasWriterTo, format ImageFormat) error {
	missing, err := d.draw(draw.New(c))
	if err != nil {
		return err
	}
	if len(missing) > 0 && format != SVG {
		return glyphError(d.name(), missing, "save it as .svg", "set {Font} to a font that has them")
	}
	_, err = c.WriteTo(b)
	return err
}

func glyphError(figure string, missing []rune, remedy ...fieldexp.Hint) error {
	return &fieldexp.Error{Op: "report", Problem: fieldexp.NoGlyph, Message: fmt.Sprintf("%s: the font has no %q", figure, string(missing)), Remedy: remedy}
}
