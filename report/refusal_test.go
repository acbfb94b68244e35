package report

import (
	"strings"
	"testing"
)

// TestRefusal puts the reason in the place of a table, in every format, escaped as labels are.
func TestRefusal(t *testing.T) {
	table := &Table{Number: "6", Title: "Effects & groups", Refusal: "Not available: group <Q1> of \"a_b\" has one arm only; make fewer groups", Notes: []string{"Simulated"}}
	for format, want := range map[Format][]string{
		Text:     {"Table 6. Effects & groups\n", "group <Q1> of \"a_b\" has one arm only; make fewer groups.\n", "Notes: Simulated."},
		Markdown: {"**Table 6. Effects &amp; groups**", `group &lt;Q1&gt; of "a\_b"`},
		LaTeX:    {`\caption{Effects \& groups}`, `a\_b`, `\end{table}`},
		HTML:     {"<caption><b>Table 6</b> Effects &amp; groups</caption>", "group &lt;Q1&gt;", "</table>"},
		CSV:      {"6,,,,,refusal,", `"Not available: group <Q1> of ""a_b"" has one arm only; make fewer groups"`},
		JSON:     {`"refusal": "Not available: group <Q1>`, `"columns": []`},
	} {
		text := render(t, table, format)
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s does not hold %q:\n%s", format, w, text)
			}
		}
	}
	table.Columns = []Column{{}}
	var b strings.Builder
	if err := table.Render(&b, Text); err == nil || !strings.Contains(err.Error(), "no such table") {
		t.Errorf("a refusal beside cells: %v", err)
	}
}
