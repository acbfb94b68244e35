package report

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
)

var latexDialect = dialect{
	number: latexNumber,
	symbol: latexSymbol,
	words:  escapeLaTeX,
	// Signs and stars hang to the sides, so that numbers stay centred over their standard errors.
	minus: `\llap{$-$}`,
	stars: func(n int) string { return `\rlap{$^{` + asterisks(n) + `}$}` },
}

const (
	latexHeaderWrap = 16 // characters after which a header is broken
	latexFloats     = 12 // tables after which a document starts a page; LaTeX holds back 18 at most
)

// writeLaTeX writes the grid as a floating table with booktabs rules.
func writeLaTeX(b *bytes.Buffer, g *grid, t *Table) {
	b.WriteString("\\begin{table}[htbp]\n\\centering\n")
	if t.Number != "" {
		fmt.Fprintf(b, "\\renewcommand{\\thetable}{%s}\n", escapeLaTeX(tidy(t.Number)))
	}
	if t.Number != "" || t.Title != "" {
		fmt.Fprintf(b, "\\setlength{\\belowcaptionskip}{4pt}\n\\caption{%s}\n", escapeLaTeX(tidy(t.Title)))
	}
	if label := latexLabel(t.Number); label != "" {
		fmt.Fprintf(b, "\\label{tab:%s}\n", label)
	}
	if g.refusal != "" {
		b.WriteString("\\begin{minipage}{0.8\\linewidth}\n" + escapeLaTeX(g.refusal) + "\n")
		if notes := paragraph(g.notes); notes != "" {
			b.WriteString("\n\\smallskip\n\\footnotesize " + escapeLaTeX(notes) + "\n")
		}
		b.WriteString("\\end{minipage}\n\\end{table}\n")
		return
	}
	b.WriteString(latexSize(measure(g, textCells(g)).total()))
	// The table is set in a box, so that its notes can be made as wide as it is.
	b.WriteString("\\setbox0=\\hbox{%\n\\begin{tabular}{l" + latexColumns(g.align) + "}\n\\toprule\n")
	for i, heads := range g.heads {
		stub := ""
		if i == len(g.heads)-1 {
			stub = latexRowStart(escapeLaTeX(g.stub))
		}
		writeLaTeXHeads(b, stub, heads)
	}
	for _, s := range g.sections {
		b.WriteString("\\midrule\n")
		if s.title != "" {
			fmt.Fprintf(b, "\\multicolumn{%d}{l}{%s} \\\\\n", len(g.align)+1, escapeLaTeX(s.title))
		}
		for _, r := range s.rows {
			label := latexRowStart(strings.Repeat(`\quad `, r.indent) + escapeLaTeX(r.label))
			for _, tokens := range r.lines {
				b.WriteString(label)
				for _, t := range tokens {
					b.WriteString(" & " + latexDialect.cell(t))
				}
				b.WriteString(" \\\\\n")
				label = ""
			}
		}
	}
	b.WriteString("\\bottomrule\n\\end{tabular}}\n\\leavevmode\\copy0\n")
	if notes := paragraph(g.notes); notes != "" {
		fmt.Fprintf(b, "\n\\smallskip\n\\ifdim\\wd0<0.6\\linewidth \\wd0=0.6\\linewidth\\fi\n"+
			"\\begin{minipage}{\\wd0}\n\\footnotesize %s\n\\end{minipage}\n", escapeLaTeX(notes))
	}
	b.WriteString("\\end{table}\n")
}

// writeLaTeXHeads writes a row of headings and the partial rules beneath it.
func writeLaTeXHeads(b *bytes.Buffer, stub string, heads []head) {
	b.WriteString(stub)
	var rules strings.Builder
	for _, h := range heads {
		text, width := escapeLaTeX(h.text), h.to-h.from+1
		if lines := wrap(h.text, latexHeaderWrap*width); len(lines) > 1 {
			for i, l := range lines {
				lines[i] = latexRowStart(escapeLaTeX(l))
			}
			text = `\shortstack{` + strings.Join(lines, `\\`) + "}"
		}
		if width > 1 {
			text = fmt.Sprintf(`\multicolumn{%d}{c}{%s}`, width, text)
		}
		b.WriteString(" & " + text)
		if h.rule {
			fmt.Fprintf(&rules, "\\cmidrule(lr){%d-%d}\n", h.from+2, h.to+2)
		}
	}
	b.WriteString(" \\\\\n" + rules.String())
}

// writeLaTeXDocument writes a document with a table on each float, which compiles as it is.
func writeLaTeXDocument(b *bytes.Buffer, tables []*Table) error {
	var body bytes.Buffer
	for i, t := range tables {
		if i > 0 && i%latexFloats == 0 {
			body.WriteString("\\clearpage\n")
		}
		if err := t.render(&body, LaTeX); err != nil {
			return err
		}
		body.WriteByte('\n')
	}
	b.WriteString("\\documentclass[11pt]{article}\n")
	if strings.ContainsFunc(body.String(), func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		b.WriteString("\\usepackage{ctex} % for Chinese labels: compile with xelatex\n")
	} else {
		b.WriteString("\\usepackage[T1]{fontenc}\n\\usepackage[utf8]{inputenc}\n\\usepackage{textcomp}\n\\IfFileExists{lmodern.sty}{\\usepackage{lmodern}}{}\n")
	}
	b.WriteString("\\usepackage[margin=2cm]{geometry}\n\\usepackage{booktabs}\n\\begin{document}\n\n")
	b.Write(body.Bytes())
	b.WriteString("\\end{document}\n")
	return nil
}

// latexSize makes a table smaller that has more characters to a line than fit on a page.
func latexSize(width int) string {
	switch {
	case width > 150:
		return "\\tiny\n\\setlength{\\tabcolsep}{2pt}\n"
	case width > 118:
		return "\\scriptsize\n\\setlength{\\tabcolsep}{2.5pt}\n"
	case width > 100:
		return "\\footnotesize\n\\setlength{\\tabcolsep}{3pt}\n"
	case width > 84:
		return "\\small\n\\setlength{\\tabcolsep}{4pt}\n"
	}
	return ""
}

func latexColumns(align []Align) string {
	var b strings.Builder
	for _, a := range align {
		if a == AlignLeft {
			b.WriteByte('l')
		} else {
			b.WriteByte('c')
		}
	}
	return b.String()
}

// latexLabel keeps what is safe in the name of a reference.
func latexLabel(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-') {
			return r
		}
		return -1
	}, s)
}

// latexNumber sets a number in math.
func latexNumber(s string) string {
	mantissa, exponent, scientific := strings.Cut(s, "e")
	mantissa = strings.ReplaceAll(mantissa, infinity, `\infty`)
	mantissa = strings.ReplaceAll(mantissa, ",", "{,}")
	if scientific {
		mantissa += `\times 10^{` + exponentDigits(exponent) + "}"
	}
	return "$" + mantissa + "$"
}

// exponentDigits turns the -05 of 1e-05 into -5.
func exponentDigits(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign = "-"
	}
	return sign + strings.TrimLeft(s, "+-0")
}

func latexSymbol(s string) string {
	switch s {
	case dash:
		return `\textemdash{}`
	case "{":
		return `\{`
	case "}":
		return `\}`
	case "<":
		return `\textless{}`
	case " ∪ ":
		return ` $\cup$ `
	case "∅":
		return `$\emptyset$`
	}
	return s
}

// escapeLaTeX keeps a label from being read as commands, arguments or ligatures.
func escapeLaTeX(s string) string {
	s = latexEscapes.Replace(s)
	for _, twice := range []string{"--", "''"} { // two passes part three in a row
		apart := twice[:1] + "{}" + twice[1:]
		s = strings.ReplaceAll(strings.ReplaceAll(s, twice, apart), twice, apart)
	}
	return s
}

var latexEscapes = strings.NewReplacer(
	`\`, `\textbackslash{}`, "{", `\{`, "}", `\}`, "$", `\$`, "&", `\&`, "#", `\#`, "_", `\_`, "%", `\%`,
	"^", `\textasciicircum{}`, "~", `\textasciitilde{}`, "<", `\textless{}`, ">", `\textgreater{}`,
	"|", `\textbar{}`, "`", `\textasciigrave{}`, `"`, `\symbol{34}`,
	dash, `\textemdash{}`, "–", `\textendash{}`, minus, "$-$", "×", `$\times$`, "·", `$\cdot$`, "±", `$\pm$`,
	"²", `\textsuperscript{2}`, "³", `\textsuperscript{3}`, infinity, `$\infty$`, "≤", `$\leq$`, "≥", `$\geq$`,
)

// latexRowStart keeps what begins a line of a table from being read as the argument of the \\ that
// ended the line before.
func latexRowStart(s string) string {
	if strings.HasPrefix(s, "[") || strings.HasPrefix(s, "*") {
		return "{}" + s
	}
	return s
}
