package study

import (
	"context"
	"fmt"
	"io/fs"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

// The cases of this file are of one kind: numbers of a table that were of other rows, cells or models than the table's. Their
// names are folder and file of the shared cases; the data are in testdata/rows.

// rowsStudy runs a study of files in testdata/rows.
func rowsStudy(t *testing.T, text string) *Output {
	t.Helper()
	out, err := tryRows(text, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// tryRows runs a study of files in testdata/rows, some of which may be changed.
func tryRows(text string, change map[string]func(string) string) (*Output, error) {
	s, err := parse("testdata/rows/study.toml", text, func(name string) (fs.File, error) {
		edit := change[name]
		if edit == nil {
			return os.Open("testdata/rows/" + name)
		}
		content, err := os.ReadFile("testdata/rows/" + name)
		if err != nil {
			return nil, err
		}
		return textFile(edit(string(content))), nil
	})
	if err != nil {
		return nil, err
	}
	return Run(context.Background(), s, Options{})
}

// A textFile is a file in memory.
func textFile(text string) fs.File { return &memoryFile{strings.NewReader(text)} }

type memoryFile struct{ *strings.Reader }

func (f *memoryFile) Stat() (fs.FileInfo, error) { return nil, fs.ErrInvalid }
func (f *memoryFile) Close() error               { return nil }

// panelHead is the head of the studies of cases/panel.
const panelHead = `launch = 2024-01-15
[data]
events = "ev.csv"
units = "un.csv"
key = "id"
[roles]
unit = "who"
assignment = "arm"
time = "at"
usage = "used"
`

const noFigure = "[[figures]]\nkind = \"distribution\"\nvariables = [\"tenure\"]\n"

func within(t *testing.T, what string, got Number, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(float64(got)-want) <= tolerance) {
		t.Errorf("%s: %.10g, want %.10g", what, got, want)
	}
}

// TestPanelLateEvents: cases/panel/late_events.toml. The regression on usage is over events, as the others are.
func TestPanelLateEvents(t *testing.T) {
	out := rowsStudy(t, panelHead+"[[outcomes]]\ncolumn = \"y\"\n[[tables]]\nnumber = \"1\"\nkind = \"late\"\nlevel = \"events\"\nshow = [\"first-stage\", \"reduced-form\", \"late\", \"as-used\"]\n"+noFigure)
	for _, fit := range out.Fits {
		if fit.Estimator == "as used" {
			term := termOf(&fit, "used")
			within(t, "as used", term.Estimate, -0.49453, 5e-6)
			within(t, "its standard error", term.SE, 0.11187, 5e-6)
		}
		if fit.N != 669 || fit.R2 == fit.R2 {
			t.Errorf("%s: N %d, R2 %v", fit.Estimator, fit.N, fit.R2)
		}
	}
	if len(out.Fits) != 4 || !strings.Contains(strings.Join(out.Table("1").Notes, " "), "variances and covariances") {
		t.Errorf("%d fits, notes %v", len(out.Fits), out.Table("1").Notes)
	}
}

// TestPanelShareEvents: cases/panel/share_events.toml, and a share beside a mean, a lag or a figure of the same column.
func TestPanelShareEvents(t *testing.T) {
	share := "[[outcomes]]\ncolumn = \"okm\"\nstat = \"share\"\n"
	table := "[[tables]]\nnumber = \"1\"\nkind = \"itt\"\nlevel = \"events\"\noutcomes = [\"share_okm\"]\n"
	for name, study := range map[string]string{
		"default figures": share + table, "one figure": share + table + noFigure,
		"a lag":  "[controls]\nlagged = [\"okm\"]\n" + share + table,
		"a mean": share + "[[outcomes]]\ncolumn = \"okm\"\nname = \"again\"\n" + table + "[[tables]]\nnumber = \"2\"\nkind = \"itt\"\n",
	} {
		out := rowsStudy(t, panelHead+study)
		if name == "a lag" {
			continue // other rows
		}
		term := termOf(fitOf(t, out, "1", "share_okm"), treatedColumn)
		within(t, name, term.Estimate, -0.026, 5e-4)
		within(t, name, term.SE, 0.069, 5e-4)
		if n := fitOf(t, out, "1", "share_okm").N; n != 573 {
			t.Errorf("%s: N %d, want 573", name, n)
		}
	}
}

// TestPanelHourLags: cases/panel/hour_figure_lag.toml and hour_table_day_lag.toml.
func TestPanelHourLags(t *testing.T) {
	head := "period = \"hour\"\n" + panelHead + "[controls]\nlagged = [\"load\"]\n[[outcomes]]\ncolumn = \"y\"\n"
	for name, c := range map[string]struct {
		study string
		n     int
	}{
		"hour_figure_lag":    {"[[tables]]\nnumber = \"1\"\nkind = \"itt\"\n" + noFigure, 645},
		"hour_table_day_lag": {"[[tables]]\nnumber = \"1\"\nkind = \"itt\"\nperiod = \"day\"\n", 312},
		"a figure of means":  {"[[tables]]\nnumber = \"1\"\nkind = \"itt\"\nno_controls = true\n[[figures]]\nkind = \"means\"\n", 669},
	} {
		out := rowsStudy(t, head+c.study)
		if n := fitOf(t, out, "1", "y").N; n != c.n {
			t.Errorf("%s: N %d, want %d", name, n, c.n)
		}
	}
}

// TestPanelHourPooled: cases/panel/hour_pooled.toml. The pooled effect is one, whatever effects the groups have, and that of
// the table without groups, which drops the same rows.
func TestPanelHourPooled(t *testing.T) {
	out := rowsStudy(t, "period = \"hour\"\n"+panelHead+"[baseline]\ncolumn = \"y\"\ngroups = 2\n[[outcomes]]\ncolumn = \"y\"\n[[tables]]\nnumber = \"1\"\nkind = \"hetero\"\neffect = \"itt\"\ntime_effects = \"both\"\n[[tables]]\nnumber = \"2\"\nkind = \"itt\"\n"+noFigure)
	pooled := 0
	for _, fit := range out.Fits {
		for _, term := range append(slices.Clone(fit.Impacts), fit.Terms...) {
			if term.Term == "pooled effect" || fit.Table == "2" && term.Term == treatedColumn {
				within(t, "effect of table "+fit.Table, term.Estimate, 0.099298, 5e-7)
				within(t, "its standard error", term.SE, 0.126233, 5e-7)
				pooled++
			}
		}
		if fit.Table == "1" {
			total := 0.
			for _, share := range fit.Shares {
				total += float64(share)
			}
			if len(fit.Shares) != 2 || math.Abs(total-1) > 1e-12 {
				t.Errorf("shares %v", fit.Shares)
			}
		}
	}
	if pooled != 3 {
		t.Errorf("%d effects without groups, want 3", pooled)
	}
	for _, id := range []string{"1", "1-common"} {
		if notes := strings.Join(out.Table(id).Notes, " "); !strings.Contains(notes, "controls and absorbed effects leave: Q1 ") {
			t.Errorf("table %s does not say how the average is weighted: %s", id, notes)
		}
	}
}

// TestPanelDropped: cases/panel/dropped_events.toml. Where events are observed, events are dropped.
func TestPanelDropped(t *testing.T) {
	head := panelHead + "[controls]\nlagged = [\"load\"]\n[[outcomes]]\ncolumn = \"y\"\n"
	for kind, n := range map[string]int{"itt": 52, "late": 52, "first-stage": 52, "stages": 52, "weak": 52} {
		out := rowsStudy(t, head+"[[tables]]\nnumber = \"1\"\nkind = \""+kind+"\"\nlevel = \"events\"\n"+noFigure)
		for _, fit := range out.Fits {
			if fit.N != 617 || fit.Dropped.Missing != n || fit.Dropped.ZeroWeight != 0 {
				t.Errorf("%s, %s: N %d, dropped %+v", kind, fit.Estimator, fit.N, fit.Dropped)
			}
		}
		if notes := strings.Join(out.Table("1").Notes, " "); kind != "weak" && !strings.Contains(notes, "Dropped: 52 rows") {
			t.Errorf("%s: %s", kind, notes)
		}
	}
	cells := rowsStudy(t, head+"[[tables]]\nnumber = \"1\"\nkind = \"itt\"\n"+noFigure)
	if fit := fitOf(t, cells, "1", "y"); fit.Dropped.Missing != 24 {
		t.Errorf("over unit-days: dropped %+v, want 24", fit.Dropped)
	}
	balance := rowsStudy(t, panelHead+"[[outcomes]]\ncolumn = \"okm\"\n[[tables]]\nnumber = \"1\"\nkind = \"balance\"\n"+noFigure)
	fit := fitOf(t, balance, "1", "okm")
	if fit.R2 == fit.R2 || fit.N+fit.Dropped.Missing < 300 || fit.Dropped.Missing < 20 {
		t.Errorf("balance over events: N %d, dropped %+v, R2 %v", fit.N, fit.Dropped, fit.R2)
	}
}

// TestPanelEventFigure: cases/panel/event_figure.toml. The models and numbers of figures are in results.json.
func TestPanelEventFigure(t *testing.T) {
	head := panelHead + "[baseline]\ncolumn = \"y\"\ngroups = 2\n[[outcomes]]\ncolumn = \"y\"\n[[tables]]\nnumber = \"1\"\nkind = \"itt\"\n"
	figure := "[[figures]]\nnumber = \"1\"\nkind = \"KIND\"\n"
	for kind, models := range map[string]int{"event": 1, "effects": 1, "means": 0, "usage": 0} {
		out := rowsStudy(t, head+strings.ReplaceAll(figure, "KIND", kind))
		n := 0
		for _, fit := range out.Fits {
			if fit.Figure == "1" {
				n++
			}
		}
		if n != models {
			t.Errorf("%s: %d models of the figure, want %d", kind, n, models)
		}
		text, err := out.JSON()
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), `"figures": [`) || strings.Count(string(text), `"values"`) == 0 {
			t.Errorf("%s: results.json lacks the numbers of the figure", kind)
		}
	}
	twin := rowsStudy(t, head+"[[tables]]\nnumber = \"2\"\nkind = \"event\"\n"+strings.ReplaceAll(figure, "KIND", "event"))
	for _, fit := range twin.Fits {
		if fit.Figure != "" {
			t.Errorf("a model that table %s shows is told twice", fit.Table)
		}
	}
}

// TestPanelCountKnown: cases/panel/count_column.toml and known_log.toml are refused in the words of the file.
func TestPanelCountKnown(t *testing.T) {
	table := "[[tables]]\nkind = \"itt\"\n"
	for study, want := range map[string]string{
		"[[outcomes]]\ncolumn = \"y\"\nstat = \"count\"\nname = \"n\"\n" + table:                           "observed",
		"[[outcomes]]\ncolumn = \"y\"\nstat = \"known\"\ntransform = \"log\"\nname = \"k\"\n" + table:      "takes no transform",
		"[[outcomes]]\ncolumn = \"y\"\nstat = \"count\"\ntransform = \"log\"\nname = \"n\"\n" + table:      "observed",
		"[[outcomes]]\ncolumn = \"used\"\nstat = \"count\"\n[[outcomes]]\ncolumn = \"y\"\n" + table + "\n": "observed",
	} {
		_, err := tryRows(panelHead+study, nil)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "CountObserved") {
			t.Errorf("%s: %v, want %q", study, err, want)
		}
	}
	for _, twin := range []string{"[[outcomes]]\nstat = \"count\"\n", "[[outcomes]]\ncolumn = \"y\"\nstat = \"observed\"\n", "[[outcomes]]\ncolumn = \"okm\"\nstat = \"known\"\n"} {
		if _, err := tryRows(panelHead+twin+table, nil); err != nil {
			t.Errorf("%s: %v", twin, err)
		}
	}
}

// crossHead is the head of studies of one row per unit.
func crossHead(file, assignment, usage string) string {
	head := fmt.Sprintf("[data]\nevents = %q\n[roles]\nassignment = %q\n", file, assignment)
	if usage != "" {
		head += fmt.Sprintf("usage = %q\n", usage)
	}
	return head
}

// TestComplierShares: cases/edges/04-complier-shares. Shares are of the rows of each column and add up to one.
func TestComplierShares(t *testing.T) {
	out := rowsStudy(t, crossHead("compl_attr.csv", "z", "u")+"[[outcomes]]\ncolumn = \"y\"\n[[outcomes]]\ncolumn = \"y2\"\n[[tables]]\nnumber = \"1\"\nkind = \"compliers\"\n[[tables]]\nnumber = \"2\"\nkind = \"late\"\n[[figures]]\nkind = \"distribution\"\nvariables = [\"y\"]\n")
	want := map[string][2]float64{"Compliers": {0.6415, 0.56}, "Always-takers": {0.1860, 0.16}, "Never-takers": {0.1724, 0.28}}
	var total [2]float64
	for label, w := range want {
		for column, cell := range rowOf(t, out, "1", label) {
			if math.Abs(cell.Value-w[column]) > 1e-4 {
				t.Errorf("%s, column %d: %v, want %v", label, column+1, cell.Value, w[column])
			}
			total[column] += cell.Value
		}
	}
	if math.Abs(total[0]-1) > 1e-12 || math.Abs(total[1]-1) > 1e-12 {
		t.Errorf("shares add up to %v", total)
	}
	notes := strings.Join(out.Table("2").Notes, " ")
	for _, text := range []string{"in 87 to 100 assigned rows", "in 86 to 100 others", "compliers 56.0% to 64.2%", "In the model are 87 to 100 of the 100 rows that were assigned"} {
		if !strings.Contains(notes, text) {
			t.Errorf("notes lack %q: %s", text, notes)
		}
	}
	twin := rowsStudy(t, crossHead("compl_attr.csv", "z", "u")+"[[outcomes]]\ncolumn = \"y2\"\n[[tables]]\nnumber = \"2\"\nkind = \"late\"\n[[figures]]\nkind = \"distribution\"\nvariables = [\"y\"]\n")
	if notes := strings.Join(twin.Table("2").Notes, " "); strings.Contains(notes, "In the model are") || !strings.Contains(notes, "in 100 assigned rows and") {
		t.Errorf("nothing is missing: %s", notes)
	}
}

// TestAssignedNeverObserved: cases/edges/13-assigned-never-observed. Units without an event are told by arm.
func TestAssignedNeverObserved(t *testing.T) {
	study := panelHead + "[[outcomes]]\ncolumn = \"y\"\n[[tables]]\nnumber = \"1\"\nkind = \"itt\"\n[[tables]]\nnumber = \"2\"\nkind = \"summary\"\n[[tables]]\nnumber = \"3\"\nkind = \"late\"\n" + noFigure
	add := func(arm, n int) func(string) string {
		return func(units string) string {
			for i := range n {
				units += fmt.Sprintf("x%d%d,%d,5\n", arm, i, arm)
			}
			return units
		}
	}
	both := func(units string) string { return add(0, 2)(add(1, 3)(units)) }
	for name, c := range map[string]struct {
		change  func(string) string
		warning string
		model   string
	}{
		"treated":  {add(1, 8), "8 of the 20 assigned units and 0 of the 12 others of un.csv have no event in ev.csv", "12 of the 20 units that were assigned"},
		"controls": {add(0, 3), "0 of the 12 assigned units and 3 of the 15 others", "12 of the 15 units that were not assigned"},
		"both":     {both, "3 of the 15 assigned units and 2 of the 14 others", "12 of the 15 units that were assigned (168 unit-days), and 12 of the 14 units that were not assigned (168 unit-days)"},
		"twin":     {func(units string) string { return units }, "", "12 of the 12 units that were assigned"},
	} {
		out, err := tryRows(study, map[string]func(string) string{"un.csv": c.change})
		if err != nil {
			t.Fatal(err)
		}
		var warnings []string
		for _, w := range out.Warnings {
			if strings.Contains(w.Message, "have no event") {
				warnings = append(warnings, w.Message)
			}
		}
		if c.warning == "" && len(warnings) > 0 || c.warning != "" && (len(warnings) != 1 || !strings.Contains(warnings[0], c.warning)) {
			t.Errorf("%s: %q, want %q", name, warnings, c.warning)
		}
		for _, table := range []string{"1", "3"} {
			if notes := strings.Join(out.Table(table).Notes, " "); !strings.Contains(notes, c.model) {
				t.Errorf("%s: table %s lacks %q: %s", name, table, c.model, notes)
			}
		}
		if said := strings.Contains(strings.Join(out.Table("2").Notes, " "), "have no event"); said != (c.warning != "") {
			t.Errorf("%s: the summary says of units without an event: %v", name, said)
		}
	}
}

// TestUsageKnownByArm: cases/realdata/usage_missing_by_arm.toml, and others of its kind.
func TestUsageKnownByArm(t *testing.T) {
	study := crossHead("usage_missing_by_arm.csv", "z", "used") + "[[outcomes]]\ncolumn = \"y\"\n[[tables]]\nnumber = \"1\"\nkind = \"late\"\n[[figures]]\nkind = \"distribution\"\nvariables = [\"y\"]\n"
	// blank leaves usage out in every so manieth row of each arm; 0 for none.
	blank := func(every [2]int) func(string) string {
		return func(text string) string {
			lines := strings.Split(strings.TrimSpace(text), "\n")
			var seen [2]int
			for i, line := range lines[1:] {
				cells := strings.Split(line, ",")
				arm := int(cells[1][0] - '0')
				if seen[arm]++; cells[2] == "" {
					cells[2] = fmt.Sprint(arm)
				}
				if every[arm] > 0 && seen[arm]%every[arm] == 0 {
					cells[2] = ""
				}
				lines[i+1] = strings.Join(cells, ",")
			}
			return strings.Join(lines, "\n") + "\n"
		}
	}
	same := func(text string) string { return text }
	for name, c := range map[string]struct {
		change func(string) string
		want   string
	}{
		"as it is":             {same, "is known in 79.3% of the 300 rows that were treated and in 47.7% of the 300 of control"},
		"controls alone":       {blank([2]int{4, 0}), "is known in 100.0% of the 300 rows that were treated and in 75.0% of the 300 of control"},
		"assigned alone":       {blank([2]int{0, 3}), "is known in 66.7% of the 300 rows that were treated and in 100.0% of the 300 of control"},
		"a few":                {blank([2]int{100, 0}), ""},
		"as many of each arm":  {blank([2]int{5, 5}), ""},
		"twin, nothing is not": {blank([2]int{}), ""},
	} {
		out, err := tryRows(study, map[string]func(string) string{"usage_missing_by_arm.csv": c.change})
		if err != nil {
			t.Fatal(err)
		}
		notes := strings.Join(out.Table("1").Notes, " ")
		if said := strings.Contains(notes, "is known in"); said != (c.want != "") || !strings.Contains(notes, c.want) {
			t.Errorf("%s: want %q: %s", name, c.want, notes)
		}
	}
}

// TestRowsWithoutLogarithm: rows that a logarithm leaves out are told, by unit and period, by event, and of derived columns.
func TestRowsWithoutLogarithm(t *testing.T) {
	zeros := func(events string) string { // every tenth event has an outcome of zero, every hundredth one below
		lines := strings.Split(strings.TrimSpace(events), "\n")
		for i := 10; i < len(lines); i += 10 {
			cells := strings.Split(lines[i], ",")
			if cells[2] = "0"; i%100 == 0 {
				cells[2] = "-1"
			}
			lines[i] = strings.Join(cells, ",")
		}
		return strings.Join(lines, "\n") + "\n"
	}
	log := "[[outcomes]]\ncolumn = \"y\"\ntransform = \"log\"\n"
	table := "[[tables]]\nnumber = \"1\"\nkind = \"itt\"\n"
	for name, c := range map[string]struct {
		study, want string
		change      func(string) string
	}{
		"by event":  {panelHead + log + table + "level = \"events\"\n" + noFigure, "is the logarithm of y, and missing in 66 of the events, those in which that is zero (60) or in which that is negative (6).", zeros},
		"by hour":   {"period = \"hour\"\n" + panelHead + log + table + noFigure, "missing in 66 of the unit-hours", zeros},
		"by day":    {panelHead + log + table + noFigure, "of the unit-days, those in which that is zero", zeros},
		"derived":   {"derive = [\"ly = log(y)\"]\n" + panelHead + "[[outcomes]]\ncolumn = \"ly\"\n" + table + noFigure, "ly is the logarithm of y, and missing in 66 of the events", zeros},
		"twin":      {panelHead + log + table + noFigure, "", func(text string) string { return text }},
		"no logs":   {panelHead + "[[outcomes]]\ncolumn = \"y\"\n" + table + noFigure, "", zeros},
		"no events": {panelHead + "[[outcomes]]\ncolumn = \"y\"\n" + table + "level = \"events\"\n" + noFigure, "", zeros},
	} {
		out, err := tryRows(c.study, map[string]func(string) string{"ev.csv": c.change})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		notes := strings.Join(out.Table("1").Notes, " ")
		if said := strings.Contains(notes, "is the logarithm of"); said != (c.want != "") || !strings.Contains(notes, c.want) {
			t.Errorf("%s: want %q: %s", name, c.want, notes)
		}
	}
}

// TestTenthsOf91: cases/discover/dec91.csv. The unit at a cut point belongs to the group below it.
func TestTenthsOf91(t *testing.T) {
	out := rowsStudy(t, crossHead("dec91.csv", "z", "")+"[baseline]\ncolumn = \"b\"\ngroups = 10\n[[outcomes]]\ncolumn = \"y\"\n[[tables]]\nnumber = \"1\"\nkind = \"hetero\"\n[[figures]]\nkind = \"distribution\"\nvariables = [\"y\"]\n")
	for _, term := range fitOf(t, out, "1", "y").Impacts {
		switch term.Term {
		case "impact on Q7":
			within(t, term.Term, term.Estimate, 1.2813, 5e-5)
		case "impact on Q8":
			within(t, term.Term, term.Estimate, -0.57645, 1e-9)
		}
	}
}

// TestSmallOutcome: cases/edges/17-small-outcome. Digits that show an effect are kept, in every kind of table.
func TestSmallOutcome(t *testing.T) {
	tables := ""
	for i, kind := range []string{"itt", "late", "stages", "hetero", "balance", "summary", "event", "prepost"} {
		tables += fmt.Sprintf("[[tables]]\nnumber = \"%d\"\nkind = %q\n", i+1, kind)
		if kind == "prepost" {
			tables += "column = \"y\"\n"
		}
	}
	scale := func(by float64) func(string) string {
		return func(events string) string {
			lines := strings.Split(strings.TrimSpace(events), "\n")
			for i, line := range lines[1:] {
				cells := strings.Split(line, ",")
				var y float64
				fmt.Sscan(cells[2], &y)
				cells[2] = fmt.Sprint(y * by)
				lines[i+1] = strings.Join(cells, ",")
			}
			return strings.Join(lines, "\n") + "\n"
		}
	}
	study := panelHead + "[baseline]\ncolumn = \"y\"\ngroups = 2\n[[outcomes]]\ncolumn = \"y\"\n" + tables + noFigure
	for _, by := range []float64{1e-4, 1e-6, 1e-8} {
		out, err := tryRows(study, map[string]func(string) string{"ev.csv": scale(by)})
		if err != nil {
			t.Fatal(err)
		}
		text, err := out.Render(0)
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{" 0.000*", "(0.000)", "(0.00)", "-0.000"} {
			if strings.Contains(string(text), bad) {
				t.Errorf("in units of %g, %q is printed", by, bad)
			}
		}
	}
	if cell := rowOf(t, rowsStudy(t, study), "1", "Arm")[0]; math.Abs(cell.Value) < 1e-3 {
		t.Errorf("twin: an effect of %v", cell.Value)
	}
}

// TestNoVariance: cases/edges/05-degenerate-clusters and cases/newcomer/cluster-is-arm. A table has a dash and the reason in
// place of a standard error that is rounding, and so has its JSON.
func TestNoVariance(t *testing.T) {
	figure := "[[figures]]\nkind = \"distribution\"\nvariables = [\"y\"]\n"
	itt := "[[outcomes]]\ncolumn = \"y\"\n[[tables]]\nnumber = \"1\"\nkind = \"itt\"\n" + figure
	for name, study := range map[string]string{
		"plain, cr1":      crossHead("plain.csv", "z", "") + "[model]\ncluster = [\"z\"]\n" + itt,
		"plain, cr2":      crossHead("plain.csv", "z", "") + "[model]\ncluster = [\"z\"]\nse = \"cr2\"\n" + itt,
		"tiny, jackknife": crossHead("tiny.csv", "z", "") + "[model]\ncluster = [\"z\"]\nse = \"jackknife\"\n" + itt,
		"tiny, stata":     crossHead("tiny.csv", "z", "") + "[model]\ncluster = [\"z\"]\nse = \"stata\"\n" + itt,
		"an exact fit":    crossHead("plain.csv", "z", "") + "[[outcomes]]\ncolumn = \"z\"\nname = \"w\"\n[[tables]]\nnumber = \"1\"\nkind = \"itt\"\n" + figure,
	} {
		if name == "an exact fit" {
			study = "derive = [\"w = z == 1\"]\n" + strings.Replace(study, "column = \"z\"\nname = \"w\"", "column = \"w\"", 1)
		}
		out, err := tryRows(study, nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		text, err := out.Render(0)
		if err != nil {
			t.Fatal(err)
		}
		term := out.Fits[0].Terms[0]
		if !strings.Contains(string(text), "—") || out.Tables[0].Sections[0].Rows[0].Cells[0].Stars > 0 || strings.Contains(string(text), "(0.000)") || term.SE == term.SE || term.P == term.P || term.Reason == "" {
			t.Errorf("%s: %+v\n%s", name, term, text)
		}
		if strings.Contains(name, "c") && strings.Contains(name, ",") && !strings.Contains(string(text), "randomisation") {
			t.Errorf("%s: no remedy that works", name)
		}
	}
	twin := rowsStudy(t, crossHead("tiny.csv", "z", "")+"[model]\ncluster = [\"g\"]\n"+itt)
	if term := twin.Fits[0].Terms[0]; !(term.SE > 0) || term.Reason != "" {
		t.Errorf("twin: %+v", term)
	}
}

// TestFewRows: cases/realdata/stata_missing.csv. Without clusters, remedies are of rows.
func TestFewRows(t *testing.T) {
	study := "[data]\nevents = \"stata_missing.csv\"\nmissing = [\".\"]\n[roles]\nassignment = \"z\"\n[[outcomes]]\ncolumn = \"y\"\n[[tables]]\nnumber = \"1\"\nkind = \"itt\"\n[[figures]]\nkind = \"distribution\"\nvariables = [\"y\"]\n"
	for se, want := range map[string]string{"hc1": "compare with HC2 or HC3, or with randomisation inference", "hc3": "compare with randomisation inference"} {
		notes := strings.Join(rowsStudy(t, study+"[model]\nse = \""+se+"\"\n").Table("1").Notes, " ")
		if !strings.Contains(notes, want) || strings.Contains(notes, "CR2") || strings.Contains(notes, "wild cluster") {
			t.Errorf("%s: want %q: %s", se, want, notes)
		}
	}
}
