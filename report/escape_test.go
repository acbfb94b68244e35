package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"html"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

var hardLabels = []string{
	"plain", "", `a & b < c > "d" 'e'`, "100%_#$^~{}\\", "|pipe|\\|", "`code` *bold* [link](x)", "=1+1", "a\nb\r\nc\td",
	"<script>alert(1)</script>", "</td></table>", "]]>", "&amp;&#x3c;", "--- '' ,,\"", "评分\u200b", "\x00\xff\x1b[31m", "\\\\", "[x]", "*", "$$x$$", "-", "—−",
	"\\end{document}", "\\input{x}", "{", "}", "'''", "----",
}

// FuzzLabels gives a label to every place of a table that takes one, and reads every format back.
func FuzzLabels(f *testing.F) {
	for _, s := range hardLabels {
		f.Add(s)
	}
	f.Fuzz(checkLabel)
}

func TestLabels(t *testing.T) {
	for _, s := range hardLabels {
		checkLabel(t, s)
	}
}

func checkLabel(t *testing.T, label string) {
	table := &Table{
		Number: label, Title: label, Stub: label,
		Columns:  []Column{{Header: label, Number: label}, {Header: label, Align: AlignLeft}},
		Spanners: []Spanner{{Label: label, From: 0, To: 1}},
		Sections: []Section{{Title: label, Rows: []Row{{Label: label, Cells: []Cell{
			Label(label), Missing(label).Beside(Label(label)),
		}}}}},
		Notes: []string{label},
	}
	text := render(t, table, Text)
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' || r == 0x7f }) || !utf8.ValidString(text) {
		t.Errorf("text lets a control character through: %q", text)
	}
	checkMarkdown(t, label, render(t, table, Markdown))
	checkLaTeX(t, label)
	checkLaTeXRows(t, render(t, table, LaTeX))
	checkHTML(t, label, render(t, table, HTML))
	checkCSV(t, label, render(t, table, CSV))
	checkJSON(t, label, render(t, table, JSON))
	var page bytes.Buffer
	if err := (&Page{Title: label, Lead: label, Parts: []Part{{Heading: label, Text: label, Table: table}}}).Render(&page); err != nil {
		t.Fatal(err)
	}
	checkHTML(t, label, page.String())
}

// checkMarkdown splits rows at the pipes that are not escaped, as GitHub does, and takes the
// escapes off.
func checkMarkdown(t *testing.T, label, got string) {
	var rows [][]string
	for _, l := range strings.Split(got, "\n") {
		if !strings.HasPrefix(l, "| ") {
			continue
		}
		var cells []string
		cell := ""
		for i := 0; i < len(l); i++ {
			switch {
			case l[i] == '\\' && i+1 < len(l):
				cell += l[i : i+2]
				i++
			case l[i] == '|':
				cells = append(cells, strings.TrimSpace(cell))
				cell = ""
			default:
				cell += l[i : i+1]
			}
		}
		rows = append(rows, cells[1:])
	}
	want := tidy(label)
	for i, r := range rows {
		if len(r) != 4 {
			t.Errorf("Markdown row %d has %d cells, want 4: %q", i, len(r), r)
			return
		}
	}
	last := rows[len(rows)-1]
	for _, j := range []int{0, 1, 3} {
		if s := unescapeMarkdown(last[j]); s != want {
			t.Errorf("Markdown cell %q reads %q, want %q", last[j], s, want)
		}
	}
}

func unescapeMarkdown(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' {
			i++
		}
		b.WriteByte(s[i])
	}
	return html.UnescapeString(b.String())
}

// checkLaTeX takes the escapes off, and finds no special character that is not one.
func checkLaTeX(t *testing.T, label string) {
	known := []struct{ latex, is string }{
		{`\textbackslash{}`, `\`}, {`\textasciicircum{}`, "^"}, {`\textasciitilde{}`, "~"}, {`\textless{}`, "<"},
		{`\textgreater{}`, ">"}, {`\textbar{}`, "|"}, {`\textasciigrave{}`, "`"}, {`\symbol{34}`, `"`}, {`\textemdash{}`, dash},
		{`\textendash{}`, "–"}, {"$-$", minus}, {`$\times$`, "×"}, {`$\cdot$`, "·"}, {`$\pm$`, "±"}, {`\textsuperscript{2}`, "²"},
		{`\textsuperscript{3}`, "³"}, {`$\infty$`, infinity}, {`$\leq$`, "≤"}, {`$\geq$`, "≥"},
		{`\{`, "{"}, {`\}`, "}"}, {`\$`, "$"}, {`\&`, "&"}, {`\#`, "#"}, {`\_`, "_"}, {`\%`, "%"}, {"{}", ""},
	}
	want := tidy(label)
	escaped := escapeLaTeX(want)
	if strings.Contains(escaped, "--") || strings.Contains(escaped, "''") {
		t.Errorf("LaTeX %q has a ligature", escaped)
	}
	var back strings.Builder
next:
	for rest := escaped; rest != ""; {
		for _, k := range known {
			if after, ok := strings.CutPrefix(rest, k.latex); ok {
				back.WriteString(k.is)
				rest = after
				continue next
			}
		}
		if strings.ContainsRune("\\{}$&#_%^~", rune(rest[0])) {
			t.Errorf("LaTeX %q has a bare %c", escaped, rest[0])
			return
		}
		back.WriteByte(rest[0])
		rest = rest[1:]
	}
	if back.String() != want {
		t.Errorf("LaTeX %q reads %q, want %q", escaped, back.String(), want)
	}
}

// checkLaTeXRows finds that rows have their three separators, and that none begins with what the
// end of the row before would take for its argument.
func checkLaTeXRows(t *testing.T, got string) {
	_, body, _ := strings.Cut(got, "\\toprule\n")
	body, _, _ = strings.Cut(body, "\\bottomrule")
	for _, row := range strings.Split(body, "\\\\\n") {
		row = strings.TrimSpace(row)
		if strings.HasPrefix(row, "[") || strings.HasPrefix(row, "*") {
			t.Errorf("LaTeX row %q is taken for an argument", row)
		}
		n := strings.Count(row, "&") - strings.Count(row, `\&`)
		if !strings.Contains(row, "multicolumn") && row != "" && n != 3 {
			t.Errorf("LaTeX row %q has %d separators, want 3", row, n)
		}
	}
	if strings.Count(got, `\end{document}`) > 0 || strings.Count(got, `\end{table}`) != 1 {
		t.Errorf("LaTeX lets a label end the table:\n%s", got)
	}
}

// checkHTML reads the markup with every element closed, and finds the label where it was put.
func checkHTML(t *testing.T, label, got string) {
	// The only elements of ours that need no end.
	closed := strings.NewReplacer("<!DOCTYPE html>", "", "<br>", "<br/>", `"utf-8">`, `"utf-8"/>`, `scale=1">`, `scale=1"/>`).Replace(got)
	d := xml.NewDecoder(strings.NewReader(closed))
	var open []string
	var texts []string
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Errorf("HTML of the label %q does not parse: %v", label, err)
			return
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			open = append(open, tok.Name.Local)
			if tok.Name.Local == "script" {
				t.Errorf("HTML lets an element of the label %q through", label)
			}
			texts = append(texts, "")
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(texts) > 0 {
				texts[len(texts)-1] += string(tok)
			}
		}
	}
	want := tidy(label)
	if want == "" || len(open) > 0 {
		return
	}
	// caption or title, stub, header, spanner, panel, row, two cells and more
	n := 0
	for _, s := range texts {
		if strings.TrimSpace(s) == want {
			n++
		}
	}
	if n < 7 {
		t.Errorf("HTML has the label %q %d times, want 7 or more", want, n)
	}
}

func checkCSV(t *testing.T, label, got string) {
	records, err := csv.NewReader(strings.NewReader(got)).ReadAll()
	if err != nil {
		t.Errorf("CSV does not parse: %v\n%s", err, got)
		return
	}
	want := strings.ReplaceAll(label, "\r\n", "\n") // encoding/csv reads the one as the other
	for _, r := range records[1:] {
		for _, name := range []string{"table", "panel", "row", "header", "text"} {
			if s := r[slices.Index(records[0], name)]; s != want {
				t.Errorf("CSV %s reads %q, want %q", name, s, want)
			}
		}
	}
	if len(records) != 3 {
		t.Errorf("CSV has %d records, want 3", len(records))
	}
}

func checkJSON(t *testing.T, label, got string) {
	var table struct {
		Title    string
		Columns  []struct{ Header string }
		Sections []struct{ Rows []struct{ Label string } }
	}
	if err := json.Unmarshal([]byte(got), &table); err != nil {
		t.Errorf("JSON does not parse: %v\n%s", err, got)
		return
	}
	want := validUTF8(label)
	if table.Title != want || table.Columns[0].Header != want || table.Sections[0].Rows[0].Label != want {
		t.Errorf("JSON reads %q, want %q", table.Title, want)
	}
}

// validUTF8 replaces each broken byte, as encoding/json does.
func validUTF8(s string) string { return string([]rune(s)) }
