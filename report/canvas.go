package report

import (
	"bytes"
	"regexp"
	"slices"

	"golang.org/x/text/encoding/charmap"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgpdf"
)

// pdfCanvas writes text in the code page that PDF fonts are embedded with; the canvas beneath
// passes bytes through.
type pdfCanvas struct {
	*vgpdf.Canvas
	foreign []rune // characters outside of the code page
}

// FillString writes text; a minus sign becomes an en dash, which looks alike and is in the page.
func (c *pdfCanvas) FillString(f font.Face, at vg.Point, text string) {
	var coded []byte
	for _, r := range text {
		if string(r) == minus {
			r = '–'
		}
		code, ok := charmap.Windows1252.EncodeRune(r)
		if !ok {
			if !slices.Contains(c.foreign, r) {
				c.foreign = append(c.foreign, r)
			}
			continue
		}
		coded = append(coded, code)
	}
	c.Canvas.FillString(f, at, string(coded))
}

var pdfDate = regexp.MustCompile(`D:\d{14}`)

// undate replaces the time of writing, so that the same figure gives the same file. The
// replacement is as long, since the file refers to its parts by their position.
func undate(b *bytes.Buffer) error {
	dated := b.Bytes()
	undated := pdfDate.ReplaceAll(dated, []byte("D:20000101000000"))
	if len(undated) != len(dated) {
		return refuse("", "the date of a PDF file has an unknown form", "save it as .svg or .png")
	}
	b.Reset()
	b.Write(undated)
	return nil
}

var svgFont = regexp.MustCompile(`font-family:([^;"']+);`)

// addFontFallback names fonts for programs that have not the one that the figure was laid out with.
func addFontFallback(b *bytes.Buffer) {
	svg := svgFont.ReplaceAll(b.Bytes(), []byte(`font-family:'$1',Arial,Helvetica,'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif;`))
	b.Reset()
	b.Write(svg)
}
