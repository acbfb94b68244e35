package study

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/report"
)

// TestTextControlIsMarked: the row of controls of which each is text has a Y where the model has their levels.
func TestTextControlIsMarked(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,z,y,sex\n")
	for i := range 40 {
		fmt.Fprintf(&b, "%d,%d,%d.%d,%s\n", i, i%2, i*i%11, i%10, []string{"f", "m", "m"}[i/2%3])
	}
	text := "[data]\nevents = \"e.csv\"\n[roles]\nunit = \"id\"\nassignment = \"z\"\n[controls]\ncurrent = [\"sex\"]\n[[outcomes]]\ncolumn = \"y\"\n" +
		"[[tables]]\nkind = \"itt\"\n[[tables]]\nkind = \"itt\"\nno_controls = true\n"
	out := ran(t, map[string]string{"study.toml": text, "e.csv": b.String()})
	marked := func(table int) bool {
		for _, section := range out.Tables[table].Sections {
			for _, row := range section.Rows {
				if row.Label == "Sex" {
					return row.Cells[0].Kind == report.Mark(true).Kind && row.Cells[0].Value == report.Mark(true).Value
				}
			}
		}
		return false
	}
	if !marked(0) || marked(1) {
		t.Errorf("with the control %v, without %v", marked(0), marked(1))
	}
}

// TestUsageBlankByGroup: where usage is blank for those not assigned, a table by group says that, and not that its groups
// have one arm.
func TestUsageBlankByGroup(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(eventLog()), "\n")
	for i, line := range lines[1:] {
		if cells := strings.Split(line, ","); cells[2] == "0" {
			cells[4] = ""
			lines[i+1] = strings.Join(cells, ",")
		}
	}
	err := refusalOf(t, map[string]string{"study.toml": logStudy + "[[tables]]\nkind = \"hetero\"\n", "log.csv": strings.Join(lines, "\n")})
	if err == nil || !strings.Contains(err.Error(), `usage_blank = "zero" under [roles]`) {
		t.Errorf("error %v", err)
	}
}
