package study

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// eventLog makes a log of events in one file: 30 units, 28 days, two events a day, half of the units
// treated from the launch on, with arms named by text and by number.
func eventLog() string {
	r := rand.New(rand.NewPCG(5, 6))
	var b strings.Builder
	b.WriteString("id,arm,treat,when,used,y,kind,skill\n")
	first := time.Date(2024, 3, 4, 0, 0, 0, 0, time.UTC)
	for u := range 30 {
		level := r.NormFloat64()
		for day := range 28 {
			for hour := range 2 {
				used := 0
				if u%2 == 1 && day >= 14 && r.Float64() < 0.5 {
					used = 1
				}
				at := first.AddDate(0, 0, day).Add(time.Duration(9+hour) * time.Hour)
				fmt.Fprintf(&b, "u%d,%s,%d,%s,%d,%.4f,%s,%.3f\n", u, [2]string{"control", "help"}[u%2], u%2, at.Format(time.DateTime), used,
					10+level+float64(used)+r.NormFloat64(), [3]string{"a", "b", "c"}[r.IntN(3)], level)
			}
		}
	}
	return b.String()
}

const logStudy = `launch = 2024-03-18

[data]
events = "log.csv"

[roles]
unit = "id"
assignment = "treat"
time = "when"
usage = "used"
fixed = ["skill"]

[baseline]
column = "y"
groups = 2

[[outcomes]]
column = "y"
`

// TestPanels runs the same log by day, by week and by hour, without a launch, with a derived arm,
// and with groups of a column of the unit.
func TestPanels(t *testing.T) {
	const outcomes = "[[outcomes]]"
	tests := []struct {
		name  string
		edits []string // of the study file: old, new, old, new, ...
		want  []string // in the tables and the summary
	}{
		{"by day", nil, []string{"unit-days", "Day effects", "Unit effects", "Event study", "(15, 15 units)"}},
		{"by week", []string{"launch =", "period = \"week\"\nlaunch ="}, []string{"unit-weeks", "Week effects", "120 unit-weeks"}},
		{"by hour", []string{"launch =", "period = \"hour\"\nlaunch ="}, []string{"unit-hours", "Hour effects", "Day × baseline group effects"}},
		{"launch within the week", []string{"launch = 2024-03-18", "period = \"week\"\nlaunch = 2024-03-20"}, []string{"falls within the week"}},
		{"no launch", []string{"launch = 2024-03-18", "", "column = \"y\"\ngroups", "column = \"skill\"\ngroups"}, []string{"Effects of assignment", "Day effects"}},
		{"derived arm", []string{"launch =", "derive = [\"helped = arm == 'help'\"]\nlaunch =", "assignment = \"treat\"", "assignment = \"helped\""}, []string{"Helped"}},
		{"groups of a column of the unit", []string{"column = \"y\"\ngroups = 2", "column = \"skill\"\ngroups = 3\nover = \"controls\""},
			[]string{"groups of skill", "cut over the controls"}},
		{"other estimators", []string{outcomes, "[model]\nestimator = \"liml\"\nse = \"cr0\"\nlevel = 0.9\n" + outcomes}, []string{"Second stage: LIML", "CR0"}},
		{"small-sample errors", []string{outcomes, "[model]\nse = \"cr2\"\n" + outcomes}, []string{"(CR2)", "Satterthwaite degrees of freedom: Treat"}},
		{"a program's errors", []string{outcomes, "[model]\nse = \"statsmodels\"\n" + outcomes}, []string{"(CR1)", "normal distribution"}},
		{"errors without clusters", []string{outcomes, "[model]\nse = \"hc3\"\n" + outcomes}, []string{"(HC3)"}},
		{"calendar lags", []string{outcomes, "[controls]\nlagged = [\"y\"]\ncalendar = true\n" + outcomes}, []string{"Lagged y"}},
		{"other statistics", []string{outcomes, "[[tables]]\nkind = \"itt\"\n[[tables]]\nkind = \"first-stage\"\noutcomes = [\"share\"]\n" +
			"[[outcomes]]\ncolumn = \"y\"\nstat = \"observed\"\n[[outcomes]]\ncolumn = \"y\"\nstat = \"sd\"\n[[outcomes]]\ncolumn = \"y\"\nstat = \"known\"\nname = \"share\"\n" + outcomes},
			[]string{"observed y", "sd y", "share"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text := strings.NewReplacer(test.edits...).Replace(logStudy)
			out, err := runFiles(t, map[string]string{"study.toml": text, "log.csv": missingSome(eventLog())})
			if err != nil {
				t.Fatal(err)
			}
			shown := describeOutput(t, out)
			for _, want := range test.want {
				if !strings.Contains(strings.ToLower(shown), strings.ToLower(want)) {
					t.Errorf("does not show %q:\n%s", want, shown)
				}
			}
		})
	}
}

// missingSome takes the outcome out of every ninth event.
func missingSome(log string) string {
	lines := strings.Split(log, "\n")
	for i := 9; i < len(lines); i += 9 {
		if cells := strings.Split(lines[i], ","); len(cells) > 5 {
			cells[5] = "NA"
			lines[i] = strings.Join(cells, ",")
		}
	}
	return strings.Join(lines, "\n")
}

// describeOutput is what a reader of the tables sees, on single lines.
func describeOutput(t *testing.T, out *Output) string {
	t.Helper()
	text, err := out.Render(0)
	if err != nil {
		t.Fatal(err)
	}
	var warnings []string
	for _, w := range out.Warnings {
		warnings = append(warnings, w.Message)
	}
	all := slices.Concat([]string{string(text)}, out.Data, warnings)
	return strings.Join(strings.Fields(strings.Join(all, " ")), " ")
}

// TestStrangers leaves out units that the file of units does not have, says so, and refuses a file
// that has none of them.
func TestStrangers(t *testing.T) {
	units := "id,treat\n"
	for u := range 29 {
		units += fmt.Sprintf("u%d,%d\n", u, u%2)
	}
	text := strings.Replace(strings.Replace(logStudy, "fixed = [\"skill\"]\n", "", 1), `events = "log.csv"`, "events = \"log.csv\"\nunits = \"units.csv\"", 1)
	out, err := runFiles(t, map[string]string{"study.toml": text, "log.csv": eventLog(), "units.csv": units})
	if err != nil {
		t.Fatal(err)
	}
	if shown := describeOutput(t, out); !strings.Contains(shown, "1 unit of log.csv has no row in units.csv and was left out: u29") {
		t.Errorf("does not tell of the unit left out: %s", shown)
	}
	_, err = runFiles(t, map[string]string{"study.toml": text, "log.csv": eventLog(), "units.csv": strings.ReplaceAll(units, "u", "v")})
	if err == nil || !strings.Contains(err.Error(), "has none of the units of log.csv") && !strings.Contains(err.Error(), `"id"`) {
		t.Errorf("got %v", err)
	}
	_, err = runFiles(t, map[string]string{"study.toml": text, "log.csv": eventLog(), "units.csv": units + "u3,1\n"})
	if err == nil || !strings.Contains(err.Error(), "u3 has a row already, row 4") {
		t.Errorf("got %v", err)
	}
}
