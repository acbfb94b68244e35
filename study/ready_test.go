package study

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
)

// dailyPanel is the panel that a log of events makes by day, as a file: means of usage and outcome, the arm by number and
// by name, the day as a date and as a number.
func dailyPanel(t *testing.T, log string) string {
	t.Helper()
	type cell struct{ used, y, n float64 }
	cells := make(map[string]*cell)
	var order []string
	for _, line := range strings.Split(strings.TrimSpace(log), "\n")[1:] {
		f := strings.Split(line, ",")
		key := strings.Join([]string{f[0], f[1], f[2], f[3][:10], f[7]}, ",")
		if cells[key] == nil {
			cells[key], order = new(cell), append(order, key)
		}
		used, err := strconv.ParseFloat(f[4], 64)
		if err != nil {
			t.Fatal(err)
		}
		y, err := strconv.ParseFloat(f[5], 64)
		if err != nil {
			t.Fatal(err)
		}
		c := cells[key]
		c.used, c.y, c.n = c.used+used, c.y+y, c.n+1
	}
	var b strings.Builder
	b.WriteString("id,arm,treat,date,skill,used,y,number\n")
	for i, key := range order {
		c := cells[key]
		fmt.Fprintf(&b, "%s,%.17g,%.17g,%d\n", key, c.used/c.n, c.y/c.n, 100+i%28)
	}
	return b.String()
}

// modelsOnly asks for the tables of models, of events or of a ready panel.
const modelsOnly = `
[[tables]]
kind = "itt"
[[tables]]
kind = "late"
show = ["first-stage", "reduced-form", "late", "as-used"]
[[tables]]
kind = "hetero"
[[tables]]
kind = "event"
`

// TestReadyPanel: a panel that is ready gives the estimates of the events that it was made from, with its periods as dates
// and as numbers, and with arms that have names.
func TestReadyPanel(t *testing.T) {
	log := eventLog()
	want, err := runFiles(t, map[string]string{"study.toml": logStudy + modelsOnly, "log.csv": log})
	if err != nil {
		t.Fatal(err)
	}
	dated := strings.NewReplacer(`events = "log.csv"`, `panel = "panel.csv"`, `time = "when"`, `time = "date"`).Replace(logStudy + modelsOnly)
	for name, text := range map[string]string{
		"dates":   dated,
		"numbers": strings.NewReplacer("launch = 2024-03-18", "launch = 114", `time = "date"`, `time = "number"`).Replace(dated),
		"arms":    strings.Replace(dated, `assignment = "treat"`, "assignment = \"arm\"\ncontrol_arm = \"control\"", 1),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := runFiles(t, map[string]string{"study.toml": text + "[[figures]]\nkind = \"event\"\n[[figures]]\nkind = \"effects\"\n", "panel.csv": dailyPanel(t, log)})
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Fits) != len(want.Fits) {
				t.Fatalf("%d models, want %d", len(got.Fits), len(want.Fits))
			}
			for i, fit := range got.Fits {
				w := want.Fits[i]
				if fit.N != w.N || fit.Estimator != w.Estimator || len(fit.Terms) != len(w.Terms) || len(fit.Impacts) != len(w.Impacts) {
					t.Fatalf("model %d is %s of %d rows with %d terms, want %s of %d with %d", i, fit.Estimator, fit.N, len(fit.Terms), w.Estimator, w.N, len(w.Terms))
				}
				compareTerms(t, fmt.Sprintf("table %s, %s", fit.Table, fit.Estimator), fit.Terms, w.Terms)
				compareTerms(t, fmt.Sprintf("table %s, impacts", fit.Table), fit.Impacts, w.Impacts)
			}
		})
	}
}

// compareTerms compares estimates and standard errors term by term.
func compareTerms(t *testing.T, what string, got, want []Term) {
	t.Helper()
	for k, c := range got {
		w := want[k]
		for _, v := range [][2]Number{{c.Estimate, w.Estimate}, {c.SE, w.SE}} {
			if d := math.Abs(float64(v[0] - v[1])); d > 1e-9*math.Max(float64(w.SE), 1e-6) {
				t.Errorf("%s, %s: %v, want %v", what, c.Term, v[0], v[1])
			}
		}
	}
}

// TestReadyPanelTables: the other tables and figures of a panel stand, with and without dates, and what needs more says what.
func TestReadyPanelTables(t *testing.T) {
	panel := dailyPanel(t, eventLog())
	base := strings.NewReplacer(`events = "log.csv"`, `panel = "panel.csv"`, `time = "when"`, `time = "date"`).Replace(logStudy)
	for name, c := range map[string]struct {
		edits []string
		want  []string
	}{
		"usual tables":       {nil, []string{"Summary statistics", "Balance of the arms", "Effects of assignment", "Event study", "840 rows of panel.csv"}},
		"numbers":            {[]string{"launch = 2024-03-18", "launch = 114", `time = "date"`, `time = "number"`}, []string{"Treat is 1 for the treated from 114 on", "Event study"}},
		"without a launch":   {[]string{"launch = 2024-03-18", "", "column = \"y\"\ngroups", "column = \"skill\"\ngroups"}, []string{"Effects of assignment", "Date effects"}},
		"without times":      {[]string{"launch = 2024-03-18", "", `time = "date"`, "", "column = \"y\"\ngroups", "column = \"skill\"\ngroups"}, []string{"Effects of usage", "Effects by skill"}},
		"groups of text":     {[]string{"column = \"y\"\ngroups = 2", "column = \"arm\""}, nil},
		"lags":               {[]string{"[baseline]", "[controls]\nlagged = [\"used\"]\n[baseline]"}, []string{"Lagged used"}},
		"all of the kinds":   {[]string{"[[outcomes]]", "[[tables]]\nkind = \"stages\"\n[[tables]]\nkind = \"weak\"\n[[tables]]\nkind = \"weak-groups\"\n[[tables]]\nkind = \"compliers\"\n[[tables]]\nkind = \"usage\"\n[[tables]]\nkind = \"prepost\"\ncolumn = \"y\"\n[[outcomes]]"}, []string{"As used: OLS", "Effective F"}},
		"a file of units":    {[]string{`panel = "panel.csv"`, "panel = \"panel.csv\"\nunits = \"units.csv\"", `fixed = ["skill"]`, `fixed = ["site"]`}, []string{"site"}},
		"statistic of rows":  {[]string{"[[outcomes]]\n", "[[outcomes]]\nstat = \"sum\"\n"}, nil},
		"level of events":    {[]string{"[[outcomes]]", "[[tables]]\nkind = \"itt\"\nlevel = \"events\"\n[[outcomes]]"}, nil},
		"events and a panel": {[]string{`panel = "panel.csv"`, "panel = \"panel.csv\"\nevents = \"log.csv\""}, nil},
		"usage of dates":     {[]string{"launch = 2024-03-18", "launch = 114", `time = "date"`, `time = "number"`, "[[outcomes]]", "[[figures]]\nkind = \"usage\"\n[[outcomes]]"}, nil},
		"named arms":         {[]string{`assignment = "treat"`, `assignment = "arm"`, "[[outcomes]]", "[[tables]]\nkind = \"balance\"\n[[outcomes]]"}, []string{"control help Difference"}},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.NewReplacer(c.edits...).Replace(base)
			units := "id,site\n"
			for u := range 30 {
				units += fmt.Sprintf("u%d,%d\n", u, u%3)
			}
			out, err := runFiles(t, map[string]string{"study.toml": text, "panel.csv": panel, "units.csv": units})
			if name == "groups of text" { // the arms: every group has one
				if err != nil || len(out.Refused) == 0 || !strings.Contains(out.Refused[0].Reason, "has one arm only") {
					t.Errorf("error %v, refusals %v, want one that says that a group has one arm only", err, out.Refused)
				}
				return
			}
			if c.want == nil {
				refusals := map[string]string{"statistic of rows": "each row is an observation", "level of events": "leave level out",
					"events and a panel": "name one of them", "usage of dates": "the launch is a number"}
				if err == nil || !strings.Contains(err.Error(), refusals[name]) {
					t.Errorf("error %v, want one that says %q", err, refusals[name])
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			shown := describeOutput(t, out)
			for _, want := range c.want {
				if !strings.Contains(shown, want) {
					t.Errorf("does not show %q:\n%s", want, shown)
				}
			}
		})
	}
}
