package report

import (
	"bytes"
	"strings"
)

var markdownDialect = dialect{
	number: realMinus,
	symbol: escapeMarkdown,
	words:  escapeMarkdown,
	stars:  func(n int) string { return strings.Repeat(`\*`, n) },
}

// writeMarkdown writes the grid as a table of GitHub's Markdown. That has one row of headings and
// no spanning cells, so the headings over a column are stacked in it.
func writeMarkdown(b *bytes.Buffer, g *grid) {
	if g.title != "" {
		b.WriteString("**" + escapeMarkdown(g.title) + "**\n\n")
	}
	if g.refusal != "" {
		b.WriteString(escapeMarkdown(g.refusal) + "\n")
		if notes := paragraph(g.notes); notes != "" {
			b.WriteString("\n" + escapeMarkdown(notes) + "\n")
		}
		return
	}
	row := func(label string, cells []string) {
		b.WriteString("| " + label + " | " + strings.Join(cells, " | ") + " |\n")
	}
	headings := make([][]string, len(g.align))
	for _, heads := range g.heads {
		for _, h := range heads {
			for j := h.from; j <= h.to && h.text != ""; j++ {
				headings[j] = append(headings[j], escapeMarkdown(h.text))
			}
		}
	}
	cells, marks := make([]string, len(g.align)), make([]string, len(g.align))
	for j, h := range headings {
		cells[j], marks[j] = strings.Join(h, "<br>"), ":---:"
		if g.align[j] == AlignLeft {
			marks[j] = ":---"
		}
	}
	row(escapeMarkdown(g.stub), cells)
	row(":---", marks)
	for _, s := range g.sections {
		if s.title != "" {
			row("**"+escapeMarkdown(s.title)+"**", make([]string, len(g.align)))
		}
		for _, r := range s.rows {
			label := strings.Repeat("&emsp;", r.indent) + escapeMarkdown(r.label)
			for _, tokens := range r.lines {
				for j, t := range tokens {
					cells[j] = markdownDialect.cell(t)
				}
				row(label, cells)
				label = ""
			}
		}
	}
	if notes := paragraph(g.notes); notes != "" {
		b.WriteString("\n" + escapeMarkdown(notes) + "\n")
	}
}

// escapeMarkdown keeps a label from being read as markup. Angle brackets and ampersands become
// entities, since Markdown lets HTML through; the rest is escaped with a backslash.
func escapeMarkdown(s string) string { return markdownEscapes.Replace(s) }

var markdownEscapes = strings.NewReplacer(
	"&", "&amp;", "<", "&lt;", ">", "&gt;", "|", `\|`, `\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`,
	"{", `\{`, "}", `\}`, "[", `\[`, "]", `\]`, "#", `\#`, "~", `\~`, "$", `\$`, "!", `\!`,
)
