package report

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A document with the hardest labels compiles.
func TestLaTeXCompiles(t *testing.T) {
	latex, err := exec.LookPath("pdflatex")
	if err != nil {
		t.Skip("pdflatex is not installed")
	}
	tables := []*Table{effectsTable(), besideTable()}
	for _, label := range hardLabels {
		label = strings.Map(func(r rune) rune { // what fonts of a plain installation hold
			if r > 0x7e && r != '—' && r != '−' {
				return -1
			}
			return r
		}, label)
		tables = append(tables, &Table{
			Number: label, Title: label, Stub: label, Columns: []Column{{Header: label}, {Header: label + " " + strings.Repeat("m", 20)}},
			Sections: []Section{{Title: label, Rows: []Row{{Label: label, Cells: []Cell{Label(label), Number(-1e12)}}}}},
			Notes:    []string{label},
		})
	}
	for range 60 { // more than LaTeX can hold back
		tables = append(tables, effectsTable())
	}
	dir := t.TempDir()
	if err := WriteFile(filepath.Join(dir, "tables.tex"), tables, LaTeX); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(latex, "-interaction=nonstopmode", "-halt-on-error", "-draftmode", "tables.tex")
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		s := string(out)
		if i := strings.Index(s, "\n!"); i >= 0 {
			s = s[i:]
		}
		t.Errorf("pdflatex: %v%s", err, s)
	}
}
