package report

import (
	"image/color"
	"slices"

	xfont "golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/fieldexp/fieldexp"
)

// Style changes the size and font of a figure. Its zero value is right for a page of a journal.
type Style struct {
	Width, Height float64 // inches; 0 for what suits the number of panels
	// Font is the content of a TrueType or OpenType file to use in place of the bundled Liberation
	// Sans, which has western letters only.
	Font []byte
}

// Okabe and Ito's colours, which readers with any kind of colour vision tell apart.
var palette = []color.NRGBA{
	{0, 114, 178, 255}, {213, 94, 0, 255}, {0, 158, 115, 255}, {204, 121, 167, 255}, {230, 159, 0, 255}, {86, 180, 233, 255}, {60, 60, 60, 255},
}

var (
	inkColor  = color.NRGBA{34, 34, 34, 255}
	axisColor = color.NRGBA{140, 140, 140, 255}
	gridColor = color.NRGBA{232, 232, 232, 255}
	markColor = color.NRGBA{110, 110, 110, 255} // zero and launch lines
)

const (
	titleSize = 12
	labelSize = 10
	tickSize  = 9
	noteSize  = 8.5
)

var (
	dashed  = []vg.Length{vg.Points(4), vg.Points(3)}
	pattern = [][]vg.Length{nil, {vg.Points(5), vg.Points(2.5)}, {vg.Points(1.5), vg.Points(2)}, {vg.Points(6), vg.Points(2), vg.Points(1.5), vg.Points(2)}}
	shapes  = []draw.GlyphDrawer{draw.CircleGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{}, diamond{}}
)

// look is how series i is drawn: apart in colour, in shape and in line.
type look struct {
	color color.NRGBA
	shape draw.GlyphDrawer
	dash  []vg.Length
}

func lookOf(i int) look {
	return look{palette[i%len(palette)], shapes[i%len(shapes)], pattern[i%len(pattern)]}
}

// faded is a colour that lets what is beneath show through.
func faded(c color.NRGBA, alpha uint8) color.NRGBA {
	c.A = alpha
	return c
}

// diamond is a filled square on its corner.
type diamond struct{}

// DrawGlyph draws the diamond.
func (diamond) DrawGlyph(c *draw.Canvas, s draw.GlyphStyle, at vg.Point) {
	r := s.Radius * 1.25
	c.FillPolygon(s.Color, []vg.Point{{X: at.X, Y: at.Y + r}, {X: at.X + r, Y: at.Y}, {X: at.X, Y: at.Y - r}, {X: at.X - r, Y: at.Y}})
}

// writer sets the text of one figure, and notes the characters that its font lacks.
type writer struct {
	text.Plain
	face    font.Font
	missing []rune
}

// newWriter makes a writer with the bundled font, or with that of the style.
func newWriter(own []byte) (*writer, error) {
	faces := liberation.Collection()
	face := font.Font{Typeface: "Liberation", Variant: "Sans"}
	if len(own) > 0 {
		f, err := opentype.Parse(own)
		if err != nil {
			return nil, &fieldexp.Error{Op: "report", Problem: fieldexp.BadFile, Message: "the font is not a TrueType or OpenType font: " + err.Error(),
				Remedy: []fieldexp.Hint{"read another file into {Font}", "leave {Font} out"}, Err: err}
		}
		face = font.Font{Typeface: "Own", Variant: "Sans"}
		faces = append(slices.Clone(faces), font.Face{Font: face, Face: f})
	}
	return &writer{Plain: text.Plain{Fonts: font.NewCache(faces)}, face: face}, nil
}

// Draw draws text, and notes what the font lacks.
func (w *writer) Draw(c vg.Canvas, s string, style text.Style, at vg.Point) {
	face := w.Fonts.Lookup(style.Font, style.Font.Size)
	var buf sfnt.Buffer
	for _, r := range s {
		if i, err := face.Face.GlyphIndex(&buf, r); r != '\n' && (err != nil || i == 0) && !slices.Contains(w.missing, r) {
			w.missing = append(w.missing, r)
		}
	}
	w.Plain.Draw(c, s, style, at)
}

// style is that of text of a size, centred on its place.
func (w *writer) style(size font.Length) text.Style {
	f := font.From(w.face, size)
	f.Style, f.Weight = xfont.StyleNormal, xfont.WeightNormal
	return text.Style{Color: inkColor, Font: f, Handler: w, XAlign: draw.XCenter, YAlign: draw.YCenter}
}
