package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"codeberg.org/go-fonts/liberation/liberationserifregular"
	"pgregory.net/rapid"
)

func drawn(t *testing.T, f Figure, format ImageFormat) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.Render(&b, format); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestFiguresAreTheSameEachTime(t *testing.T) {
	for name, f := range figures() {
		for format := SVG; format <= PDF; format++ {
			if format != SVG && name != "quintiles" && name != "adherence" {
				continue // every kind of mark once, since images take long
			}
			if !bytes.Equal(drawn(t, f, format), drawn(t, f, format)) {
				t.Errorf("%s as %s differs from one time to the next", name, format)
			}
		}
	}
}

func TestFiguresAreDrawnAtOnce(t *testing.T) {
	want := map[ImageFormat][]byte{}
	for f := SVG; f <= PDF; f++ {
		want[f] = drawn(t, usageByDay(), f)
	}
	var group sync.WaitGroup
	for f := SVG; f <= PDF; f++ {
		for range 2 {
			group.Go(func() {
				var b bytes.Buffer
				if err := usageByDay().Render(&b, f); err != nil || !bytes.Equal(b.Bytes(), want[f]) {
					t.Errorf("%s differs when several are drawn at once (%v)", f, err)
				}
			})
		}
	}
	group.Wait()
}

func TestPNGHas200DotsPerInch(t *testing.T) {
	image, err := png.Decode(bytes.NewReader(drawn(t, usageByDay(), PNG)))
	if err != nil {
		t.Fatal(err)
	}
	if size := image.Bounds().Size(); size.X != 1240 || size.Y != 640 {
		t.Errorf("6.2 by 3.2 inches are %v dots", size)
	}
}

func TestPDFIsOne(t *testing.T) {
	got := drawn(t, eventStudy(), PDF)
	if !bytes.HasPrefix(got, []byte("%PDF-")) || !bytes.Contains(got, []byte("%%EOF")) || !bytes.Contains(got, []byte("D:20000101000000")) {
		t.Errorf("not a PDF without a date: %.60q ...", got)
	}
}

func TestSVGHasItsText(t *testing.T) {
	p := quintilePlot()
	p.Title = `Usage <by> "quintile" & 评分`
	texts := map[string]int{}
	var last string
	svg := drawn(t, p, SVG)
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			last = tok.Name.Local
		case xml.CharData:
			if last == "text" {
				texts[strings.TrimSpace(string(tok))]++
			}
		}
	}
	for text, n := range map[string]int{p.Title: 1, "Mean rating": 1, "Q5": 5, "Effect of usage": 2, "Common day effects": 1, "−0.2": 3} {
		if texts[text] != n {
			t.Errorf("text %q stands %d times, want %d", text, texts[text], n)
		}
	}
	if !bytes.Contains(svg, []byte("'Liberation Sans',Arial")) {
		t.Error("no font to fall back on")
	}
}

func TestFigureFormats(t *testing.T) {
	for f := SVG; f <= PDF; f++ {
		if got, err := ParseImageFormat("." + strings.ToUpper(f.String())); err != nil || got != f {
			t.Errorf("ParseImageFormat(%s) = %v, %v", f, got, err)
		}
	}
	if _, err := ParseImageFormat("gif"); err == nil || !strings.Contains(err.Error(), "svg, png, pdf") {
		t.Errorf("gif: %v", err)
	}
	if err := usageByDay().Render(io.Discard, 9); err == nil {
		t.Error("format 9: no error")
	}
	if err := usageByDay().Render(brokenWriter{}, SVG); !errors.Is(err, errFull) {
		t.Errorf("broken writer: %v", err)
	}
}

func TestSave(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "figures", "usage.svg")
	if err := usageByDay().Save(path); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, drawn(t, usageByDay(), SVG)) {
		t.Errorf("the file is not the drawing (%v)", err)
	}
	for _, bad := range []string{filepath.Join(dir, "usage"), filepath.Join(dir, "usage.jpg"), filepath.Join(path, "inside.png")} {
		if err := usageByDay().Save(bad); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestMissingGlyphs(t *testing.T) {
	p := usageByDay()
	p.Title = "使用 by day"
	for format, remedy := range map[ImageFormat]string{PNG: "save it as .svg", PDF: "save it as .svg"} {
		err := p.Render(io.Discard, format)
		if err == nil || !strings.Contains(err.Error(), "使用") || !strings.Contains(err.Error(), remedy) {
			t.Errorf("%s: %v", format, err)
		}
	}
	if err := p.Render(io.Discard, SVG); err != nil {
		t.Errorf("SVG: %v", err)
	}
	p.Title = "Ω by day" // in the font, but not in the code page of PDF
	if err := p.Render(io.Discard, PNG); err != nil {
		t.Errorf("PNG: %v", err)
	}
	if err := p.Render(io.Discard, PDF); err == nil || !strings.Contains(err.Error(), "Ω") {
		t.Errorf("PDF: %v", err)
	}
	p.Style.Font = []byte("not a font")
	if err := p.Render(io.Discard, SVG); err == nil || !strings.Contains(err.Error(), "another file into Font") {
		t.Errorf("font: %v", err)
	}
}

func TestBadFigures(t *testing.T) {
	nan := math.NaN()
	day := func(d int) time.Time { return time.Date(2024, 1, d, 0, 0, 0, 0, time.UTC) }
	one := func(s ...Series) []Panel { return []Panel{{Title: "Rating", Series: s}} }
	cases := []struct {
		name   string
		figure Figure
		want   string
	}{
		{"empty", CoefficientPlot{Title: "Effects"}, `figure "Effects": there is nothing to draw`},
		{"no groups", CoefficientPlot{Panels: one(Series{})}, "figure: there is nothing to draw"},
		{"no series", CoefficientPlot{Groups: []string{"Q1"}, Panels: one()}, "panel Rating has no series"},
		{"too few values", CoefficientPlot{Groups: []string{"Q1", "Q2"}, Panels: one(Series{Name: "LATE", Values: []float64{1}})}, "series LATE has 1 values for 2 groups"},
		{"one-sided interval", CoefficientPlot{Groups: []string{"Q1"}, Panels: one(Series{Values: []float64{1}, Low: []float64{0}})}, "1 lower and 0 upper ends"},
		{"all NaN", CoefficientPlot{Groups: []string{"Q1"}, Panels: []Panel{{Series: []Series{{Values: []float64{nan}}}}}}, "panel 1, series 1 has no finite value"},
		{"infinite", EventStudy{Periods: []int{0}, Panels: one(Series{Values: []float64{math.Inf(1)}})}, "no finite value"},
		{"event study of nothing", EventStudy{}, "give it a panel with a series, and periods"},
		{"dates out of order", TimeSeries{Dates: []time.Time{day(2), day(1)}, Panels: one(Series{Values: []float64{1, 2}})}, "date 2, 2024-01-01, does not come after"},
		{"date twice", TimeSeries{Dates: []time.Time{day(2), day(2)}, Panels: one(Series{Values: []float64{1, 2}})}, "does not come after"},
		{"negative stack", TimeSeries{Dates: []time.Time{day(1)}, Stacked: true, Panels: one(Series{Name: "Partial", Values: []float64{-1}})}, `series "Partial" is -1 at date 1`},
		{"no dates", TimeSeries{}, "dates"},
		{"no panels", Distribution{Title: "Tenure"}, "give it a panel with a sample"},
		{"no samples", Distribution{Panels: []DistributionPanel{{}}}, "panel 1 has no sample"},
		{"empty sample", Distribution{Panels: []DistributionPanel{{Samples: []Sample{{Name: "Control", Values: []float64{nan}}}}}}, `sample "Control" of panel 1 has no finite value`},
		{"kind", Distribution{Kind: 7}, "DistributionKind(7)"},
	}
	for _, c := range cases {
		err := c.figure.Render(io.Discard, SVG)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "report: ") {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
		if err := (&Page{Parts: []Part{{Figure: c.figure}}}).Render(io.Discard); err == nil {
			t.Errorf("%s in a page: no error", c.name)
		}
	}
}

// hardNumbers draws what numbers may come to a figure.
func hardNumbers(t *rapid.T, name string, n int) []float64 {
	return rapid.SliceOfN(rapid.OneOf(
		rapid.Float64Range(-5, 5), rapid.Float64(), rapid.Just(math.NaN()), rapid.Just(math.Inf(1)), rapid.Just(math.Inf(-1)),
		rapid.Just(0.0), rapid.Just(1e12), rapid.Just(-1e-12), rapid.Just(5e-324), rapid.Just(1e15+1),
	), n, n).Draw(t, name)
}

// Whatever the numbers, a figure is drawn or refused with a reason.
func TestFiguresTakeAnyNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 4).Draw(t, "n")
		s := []Series{{Values: hardNumbers(t, "values", n), Low: hardNumbers(t, "low", n), High: hardNumbers(t, "high", n)}, {Values: hardNumbers(t, "second", n)}}
		var groups []string
		var periods []int
		var dates []time.Time
		for i := range n {
			groups = append(groups, strings.Repeat("long name ", i))
			periods = append(periods, i-2)
			dates = append(dates, time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, i*rapid.IntRange(1, 400).Draw(t, "months"), i))
		}
		f := rapid.SampledFrom([]Figure{
			CoefficientPlot{Groups: groups, Panels: []Panel{{Series: s}}},
			EventStudy{Periods: periods, References: []int{-9}, Panels: []Panel{{Series: s}}},
			TimeSeries{Dates: dates, Launch: dates[0], Panels: []Panel{{Series: s}}},
			Distribution{Kind: Histogram, Panels: []DistributionPanel{{Samples: []Sample{{Values: s[0].Values}, {Values: s[1].Values}}}}},
			Distribution{Kind: Density, Panels: []DistributionPanel{{Samples: []Sample{{Values: s[0].Values}}}}},
			Distribution{Kind: CDF, Panels: []DistributionPanel{{Samples: []Sample{{Values: s[0].Values}}}}},
		}).Draw(t, "figure")
		var b bytes.Buffer
		err := f.Render(&b, SVG)
		if err == nil && bytes.Contains(b.Bytes(), []byte("NaN")) {
			t.Fatalf("%T draws NaN", f)
		}
		if err != nil && !strings.Contains(err.Error(), "no finite value") && !strings.Contains(err.Error(), "does not come after") {
			t.Fatal(err)
		}
	})
}

func TestOwnFont(t *testing.T) {
	p := usageByDay()
	p.Style.Font = liberationserifregular.TTF
	for f := SVG; f <= PDF; f++ {
		if bytes.Equal(drawn(t, p, f), drawn(t, usageByDay(), f)) {
			t.Errorf("%s has the font of every figure", f)
		}
	}
	if !bytes.Contains(drawn(t, p, SVG), []byte("'Liberation Serif',Arial")) {
		t.Error("SVG does not name the font")
	}
}
