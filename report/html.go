package report

import (
	"bytes"
	"fmt"
	"html"
	"strings"
)

var htmlDialect = dialect{
	number: htmlNumber,
	symbol: html.EscapeString,
	words:  html.EscapeString,
	// The page's style takes signs and stars out of the line, so that numbers stay centred over
	// their standard errors.
	minus: `<span class="sign">` + minus + "</span>",
	stars: func(n int) string { return `<span class="stars">` + asterisks(n) + "</span>" },
}

// writeHTML writes the grid as a table element: caption, headings with their scope, a body for
// each section, notes in the foot. The classes are those that the page's style dresses.
func writeHTML(b *bytes.Buffer, g *grid, t *Table) {
	b.WriteString("<table class=\"fieldexp\">\n")
	if g.title != "" {
		fmt.Fprintf(b, "<caption>%s</caption>\n", htmlCaption(t))
	}
	if g.refusal != "" {
		fmt.Fprintf(b, "<tbody>\n<tr><td class=\"text\">%s</td></tr>\n</tbody>\n", html.EscapeString(g.refusal))
		writeHTMLNotes(b, g, 1)
		b.WriteString("</table>\n")
		return
	}
	b.WriteString("<thead>\n")
	for i, heads := range g.heads {
		stub := ""
		if i == len(g.heads)-1 {
			stub = g.stub
		}
		b.WriteString("<tr>" + htmlHeading("col", 1, "", stub))
		for _, h := range heads {
			scope, class := "col", ""
			if h.to > h.from {
				scope = "colgroup"
			}
			if h.rule {
				class = "spanner"
			} else if g.align[h.from] == AlignLeft {
				class = "text"
			}
			b.WriteString(htmlHeading(scope, h.to-h.from+1, class, h.text))
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</thead>\n")
	for _, s := range g.sections {
		b.WriteString("<tbody>\n")
		if s.title != "" {
			fmt.Fprintf(b, "<tr><th class=\"panel\" scope=\"rowgroup\" colspan=\"%d\">%s</th></tr>\n",
				len(g.align)+1, html.EscapeString(s.title))
		}
		for _, r := range s.rows {
			writeHTMLRow(b, g, r)
		}
		b.WriteString("</tbody>\n")
	}
	writeHTMLNotes(b, g, len(g.align)+1)
	b.WriteString("</table>\n")
}

// writeHTMLNotes writes the notes over all columns.
func writeHTMLNotes(b *bytes.Buffer, g *grid, columns int) {
	if notes := paragraph(g.notes); notes != "" {
		fmt.Fprintf(b, "<tfoot>\n<tr><td colspan=\"%d\">%s</td></tr>\n</tfoot>\n", columns, htmlNotes(notes))
	}
}

// htmlHeading is a heading cell, or an empty plain cell where there is nothing to head.
func htmlHeading(scope string, columns int, class, text string) string {
	span := ""
	if columns > 1 {
		span = fmt.Sprintf(` colspan="%d"`, columns)
	}
	if text == "" {
		return "<td" + span + "></td>"
	}
	if class != "" {
		span += fmt.Sprintf(` class="%s"`, class)
	}
	return fmt.Sprintf(`<th scope="%s"%s><span>%s</span></th>`, scope, span, html.EscapeString(text))
}

// writeHTMLRow writes a row, with the lines of a cell beneath each other in it.
func writeHTMLRow(b *bytes.Buffer, g *grid, r gridRow) {
	indent := ""
	if r.indent > 0 {
		indent = fmt.Sprintf(` style="padding-left:%dem"`, r.indent)
	}
	fmt.Fprintf(b, `<tr><th scope="row"%s>%s</th>`, indent, html.EscapeString(r.label))
	for j, align := range g.align {
		var lines []string
		for _, tokens := range r.lines {
			if t := tokens[j]; !t.blank() {
				lines = append(lines, htmlDialect.cell(t))
			}
		}
		class := ""
		if align == AlignLeft {
			class = ` class="text"`
		}
		b.WriteString("<td" + class + ">" + strings.Join(lines, "<br>") + "</td>")
	}
	b.WriteString("</tr>\n")
}

func htmlCaption(t *Table) string {
	number, title := tidy(t.Number), html.EscapeString(tidy(t.Title))
	if number == "" {
		return title
	}
	caption := "<b>Table " + html.EscapeString(number) + "</b>"
	if title == "" {
		return caption
	}
	return caption + " " + title
}

// htmlNotes sets the word that begins the notes in italics.
func htmlNotes(notes string) string {
	return "<i>Notes:</i>" + html.EscapeString(strings.TrimPrefix(notes, "Notes:"))
}

// htmlNumber prints a number with a real minus and a raised exponent.
func htmlNumber(s string) string {
	mantissa, exponent, scientific := strings.Cut(s, "e")
	if !scientific {
		return realMinus(mantissa)
	}
	return realMinus(mantissa) + " × 10<sup>" + realMinus(exponentDigits(exponent)) + "</sup>"
}
