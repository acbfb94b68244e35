package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fieldexp/fieldexp/iv"
)

func render(t *testing.T, table *Table, f Format) string {
	t.Helper()
	var b bytes.Buffer
	if err := table.Render(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestBadTables(t *testing.T) {
	cases := []struct {
		name  string
		table *Table
		want  string
	}{
		{"no columns", &Table{Number: "2"}, "report: table 2: it has no columns"},
		{"too many cells", &Table{Columns: []Column{{}}, Sections: []Section{{Rows: []Row{{Label: "Assigned", Cells: make([]Cell, 2)}}}}},
			`row "Assigned" has 2 cells, but there are 1 columns`},
		{"spanner past the end", &Table{Title: "ITT", Columns: []Column{{}}, Spanners: []Spanner{{Label: "Speed", From: 0, To: 1}}},
			`table "ITT": spanner "Speed" runs from column 0 to 1`},
		{"spanner backwards", &Table{Columns: make([]Column, 3), Spanners: []Spanner{{From: 2, To: 1}}}, "runs from column 2 to 1"},
		{"unknown kind", &Table{Columns: make([]Column, 1), Sections: []Section{{Rows: []Row{{Label: "N", Cells: []Cell{{Kind: 99}}}}}}}, `row "N" has a cell of CellKind(99)`},
		{"negative spanner", &Table{Columns: make([]Column, 3), Spanners: []Spanner{{From: -1, To: 1}}}, "runs from column -1 to 1"},
	}
	for _, c := range cases {
		for f := Text; f <= JSON; f++ {
			var b bytes.Buffer
			err := c.table.Render(&b, f)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s as %s: error %v, want %q", c.name, f, err, c.want)
			}
			if b.Len() > 0 {
				t.Errorf("%s as %s: wrote %q before the error", c.name, f, b.String())
			}
			if err := RenderAll(&b, []*Table{besideTable(), c.table}, f); err == nil {
				t.Errorf("%s as %s in a document: no error", c.name, f)
			}
		}
	}
}

func TestFormats(t *testing.T) {
	for f := Text; f <= JSON; f++ {
		for _, name := range []string{f.String(), f.Ext(), strings.ToUpper(f.String())} {
			if got, err := ParseFormat(name); err != nil || got != f {
				t.Errorf("ParseFormat(%q) = %v, %v", name, got, err)
			}
		}
	}
	if _, err := ParseFormat("docx"); err == nil || !strings.Contains(err.Error(), "text, md, latex, html, csv, json") {
		t.Errorf("docx: %v", err)
	}
	for _, bad := range []Format{-1, 6} {
		var b bytes.Buffer
		if err := besideTable().Render(&b, bad); err == nil {
			t.Errorf("%s: no error", bad)
		}
		if err := RenderAll(&b, nil, bad); err == nil {
			t.Errorf("RenderAll as %s: no error", bad)
		}
	}
}

// brokenWriter takes nothing.
type brokenWriter struct{}

var errFull = errors.New("disk full")

func (brokenWriter) Write([]byte) (int, error) { return 0, errFull }

func TestWriteErrors(t *testing.T) {
	if err := besideTable().Render(brokenWriter{}, Text); !errors.Is(err, errFull) || !strings.Contains(err.Error(), "table 3 as text") {
		t.Errorf("Render: %v", err)
	}
	if err := RenderAll(brokenWriter{}, []*Table{besideTable()}, HTML); !errors.Is(err, errFull) {
		t.Errorf("RenderAll: %v", err)
	}
	if err := (&Page{Title: "Study"}).Render(brokenWriter{}); !errors.Is(err, errFull) || !strings.Contains(err.Error(), "Study") {
		t.Errorf("Page.Render: %v", err)
	}

	file := filepath.Join(t.TempDir(), "taken")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(file, "table.txt") // a file stands where a directory must
	err := WriteFile(path, []*Table{besideTable()}, Text)
	var at *fs.PathError
	if err == nil || errors.As(err, &at) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "can be written to") {
		t.Errorf("WriteFile: %v", err)
	}
	if err := TablesPage("Tables", nil).Save(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("Page.Save: %v", err)
	}
}

func TestWriteFileMakesDirectories(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out", "tables", "t3.txt")
	if err := WriteFile(path, []*Table{besideTable()}, Text); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := render(t, besideTable(), Text); string(got) != want {
		t.Errorf("file holds %q, want %q", got, want)
	}
}

func TestShortRowsAreBlankAtTheEnd(t *testing.T) {
	table := &Table{Columns: make([]Column, 2), Sections: []Section{{Rows: []Row{{Label: "Agent effects", Cells: []Cell{Mark(true)}}, {Label: "Controls"}}}}}
	text := render(t, table, Text)
	for _, want := range []string{"\nAgent effects   Y\n", "\nControls\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func TestNotANumberIsExplained(t *testing.T) {
	nan := math.NaN()
	table := &Table{Columns: make([]Column, 4), Sections: []Section{{Rows: []Row{
		{Cells: []Cell{Estimate(nan, nan, nan), Number(nan), Missing("usage does not vary"), {Kind: KindCount, Value: nan}}},
		{Cells: []Cell{Probability(nan), Estimate(1, nan, nan).With(PValue("p", nan)), Missing("usage does not vary")}},
	}}}}
	for f := Text; f <= HTML; f++ {
		s := render(t, table, f)
		if strings.Contains(s, "NaN") {
			t.Errorf("%s prints NaN:\n%s", f, s)
		}
		for _, want := range []string{"could not be computed", "usage does not vary"} {
			if strings.Count(s, want) != 1 {
				t.Errorf("%s says %q %d times, want once:\n%s", f, want, strings.Count(s, want), s)
			}
		}
	}
}

func TestJSONTakesAnything(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	table := &Table{Columns: make([]Column, 2), Sections: []Section{{Rows: []Row{{Cells: []Cell{
		Estimate(nan, inf, nan).With(ConfidenceSet("AR", setOf([2]float64{-inf, 0.1})), ConfidenceSet("empty", setOf()), PValue("p", nan)),
		Number(0.1 + 0.2).Beside(Number(-inf)),
	}}}}}}
	var got struct {
		Sections []struct {
			Rows []struct {
				Cells []struct {
					Value, SE *float64
					Below     []struct {
						Name  string
						Value *float64
						Set   [][2]*float64
					}
					Published struct{ Value *float64 }
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(render(t, table, JSON)), &got); err != nil {
		t.Fatal(err)
	}
	cells := got.Sections[0].Rows[0].Cells
	if cells[0].Value != nil || cells[0].SE != nil || cells[1].Published.Value != nil {
		t.Errorf("what is not a number is not null: %+v", cells)
	}
	if cells[1].Value == nil || *cells[1].Value != 0.1+0.2 {
		t.Errorf("digits are lost: %v", cells[1].Value)
	}
	set := cells[0].Below[0].Set
	if len(set) != 1 || set[0][0] != nil || set[0][1] == nil || *set[0][1] != 0.1 {
		t.Errorf("set: %v", set)
	}
	if empty := cells[0].Below[1].Set; empty == nil || len(empty) != 0 {
		t.Errorf("an empty set is %v, want []", empty)
	}
	document, err := json.Marshal(map[string]*Table{"table": table})
	if err != nil || !json.Valid(document) {
		t.Errorf("as part of a document: %v", err)
	}
}

func TestConfidenceSets(t *testing.T) {
	inf := math.Inf(1)
	cases := []struct {
		set  [][2]float64
		want string
	}{
		{nil, "∅"},
		{[][2]float64{{-0.1, 0.25}}, "{−0.100, 0.250}"},
		{[][2]float64{{-inf, inf}}, "{(−∞, ∞)}"},
		{[][2]float64{{-inf, -1}, {2, inf}}, "{(−∞, −1.000] ∪ [2.000, ∞)}"},
		{[][2]float64{{0, 1}, {2, 3}}, "{[0.000, 1.000] ∪ [2.000, 3.000]}"},
	}
	for _, c := range cases {
		got := textDialect.cell((&Table{}).lineToken(ConfidenceSet("AR", setOf(c.set...)), 3))
		if got != c.want {
			t.Errorf("%v printed as %s, want %s", c.set, got, c.want)
		}
	}
	none := ConfidenceSet("AR", iv.Set{Reason: "there are no instruments"})
	if got := textDialect.cell((&Table{}).lineToken(none, 3)); got != dash || none.exact() != "" || none.json().Set != nil {
		t.Errorf("a set that could not be computed is %s, %q and %v", got, none.exact(), none.json().Set)
	}
}

func TestWithLeavesTheCellAsItWas(t *testing.T) {
	base := Estimate(1, 1, 1).With(PValue("a", 0.1))
	first, second := base.With(PValue("b", 0.2)), base.With(PValue("c", 0.3))
	if len(base.Below) != 1 || first.Below[1].Name != "b" || second.Below[1].Name != "c" {
		t.Errorf("lines are shared: %v %v %v", base.Below, first.Below, second.Below)
	}
}

// The points of a column's numbers stand one under the other, whatever the numbers.
func TestTextAlignsDecimalPoints(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(-9999, 9999), 1, 6).Draw(t, "values")
		header := rapid.StringMatching(`[a-z评分 ]{0,30}`).Draw(t, "header")
		table := &Table{Columns: []Column{{Header: header}, {}}, Sections: []Section{{}}}
		for _, x := range values {
			p := rapid.Float64Range(0, 0.2).Draw(t, "p")
			table.Sections[0].Rows = append(table.Sections[0].Rows, Row{Label: "a.b", Cells: []Cell{{}, Estimate(x, math.Abs(x)/2, p)}})
		}
		var b bytes.Buffer
		if err := table.Render(&b, Text); err != nil {
			t.Fatal(err)
		}
		point := -1
		parts := strings.Split(b.String(), "\n"+textRule)
		for _, l := range strings.Split(parts[len(parts)-2], "\n") {
			i := strings.LastIndexByte(l, '.')
			if i < 0 {
				continue
			}
			at := displayWidth(l[:i])
			if point >= 0 && at != point {
				t.Fatalf("a point at %d, another at %d:\n%s", point, at, b.String())
			}
			point = at
		}
		if point < 0 {
			t.Fatalf("no numbers in\n%s", b.String())
		}
	})
}

// No line of a text table is wider than its rules, but for a title or notes of a narrow table.
func TestTextFitsItsRules(t *testing.T) {
	for _, table := range []*Table{effectsTable(), besideTable(), labelsTable()} {
		width := 0
		for _, l := range strings.Split(render(t, table, Text), "\n") {
			if strings.HasPrefix(l, textRule) {
				width = max(width, displayWidth(l))
			}
			if w := displayWidth(l); w > max(width, textNotesWidth) {
				t.Errorf("a line of %d in a table of %d: %s", w, width, l)
			}
		}
	}
}

func TestWrap(t *testing.T) {
	cases := []struct {
		s     string
		width int
		want  string
	}{
		{"", 5, ""},
		{"one two three", 7, "one two/three"},
		{"identification", 5, "identification"},
		{"a identification b", 5, "a/identification/b"},
		{"平均客服评分", 4, "平均/客服/评分"},
		{"平均 评分", 4, "平均/评分"},
		{"评分", 1, "评/分"},
	}
	for _, c := range cases {
		if got := strings.Join(wrap(c.s, c.width), "/"); got != c.want {
			t.Errorf("wrap(%q, %d) = %q, want %q", c.s, c.width, got, c.want)
		}
	}
}
