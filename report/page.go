package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html"
	"io"
	"strings"
)

// Page is an HTML report in one file: its style and figures are inside it.
type Page struct {
	Title string
	Lead  string // a paragraph under the title
	Parts []Part
}

// Part is a piece of a page. Whichever of its fields are set are shown, in their order.
type Part struct {
	Heading string
	Text    string // paragraphs, separated by empty lines
	Table   *Table
	Figure  Figure // drawn as SVG
	Caption string // under the figure
	// Refusal says why there is no such figure, and stands in its place.
	Refusal string
}

//go:embed page.css
var pageStyle string

// TablesPage is a page of tables under a title.
func TablesPage(title string, tables []*Table) *Page {
	p := &Page{Title: title}
	for _, t := range tables {
		p.Parts = append(p.Parts, Part{Table: t})
	}
	return p
}

// Render writes the page as HTML.
func (p *Page) Render(w io.Writer) error {
	var b bytes.Buffer
	if err := p.write(&b); err != nil {
		return err
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return unwritten(fmt.Sprintf("writing page %q", p.Title), err)
	}
	return nil
}

// Save writes the page to a file, and makes its directory if there is none.
func (p *Page) Save(path string) error {
	var b bytes.Buffer
	if err := p.write(&b); err != nil {
		return err
	}
	return writeFile(path, b.Bytes())
}

func (p *Page) write(b *bytes.Buffer) error {
	title := html.EscapeString(tidy(p.Title))
	fmt.Fprintf(b, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"+
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>%s</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n",
		title, pageStyle)
	if title != "" {
		fmt.Fprintf(b, "<h1>%s</h1>\n", title)
	}
	writeParagraphs(b, "lead", p.Lead)
	for _, part := range p.Parts {
		if part.Heading != "" {
			fmt.Fprintf(b, "<h2>%s</h2>\n", html.EscapeString(tidy(part.Heading)))
		}
		writeParagraphs(b, "", part.Text)
		if part.Table != nil {
			b.WriteString("<div class=\"table\">\n")
			if err := part.Table.render(b, HTML); err != nil {
				return err
			}
			b.WriteString("</div>\n")
		}
		if part.Refusal != "" {
			fmt.Fprintf(b, "<figure>\n<p>%s</p>\n", html.EscapeString(sentence(part.Refusal)))
			writeHTMLCaption(b, part.Caption)
		}
		if part.Figure != nil {
			if err := writeHTMLFigure(b, part.Figure, part.Caption); err != nil {
				return err
			}
		}
	}
	b.WriteString("</main>\n</body>\n</html>\n")
	return nil
}

// writeParagraphs writes text, of which an empty line ends a paragraph.
func writeParagraphs(b *bytes.Buffer, class, text string) {
	open := "<p>"
	if class != "" {
		open = `<p class="` + class + `">`
	}
	for _, p := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		if p = tidy(p); p != "" {
			b.WriteString(open + html.EscapeString(p) + "</p>\n")
		}
	}
}

// writeHTMLFigure puts the figure's SVG into the page.
func writeHTMLFigure(b *bytes.Buffer, f Figure, caption string) error {
	var svg bytes.Buffer
	if err := f.Render(&svg, SVG); err != nil {
		return err
	}
	s := svg.String()
	b.WriteString("<figure>\n" + s[strings.Index(s, "<svg"):])
	writeHTMLCaption(b, caption)
	return nil
}

// writeHTMLCaption ends a figure with its caption.
func writeHTMLCaption(b *bytes.Buffer, caption string) {
	if caption != "" {
		fmt.Fprintf(b, "<figcaption>%s</figcaption>\n", html.EscapeString(tidy(caption)))
	}
	b.WriteString("</figure>\n")
}
