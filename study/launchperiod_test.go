package study

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fieldexp/fieldexp/report"
)

// midweek is the study of a log by week, launched on a Wednesday.
var midweek = strings.Replace(logStudy, "launch = 2024-03-18", "period = \"week\"\nlaunch = 2024-03-20", 1)

// withoutDays leaves the events of some days out of a log.
func withoutDays(log string, out func(day time.Time) bool) string {
	var kept []string
	for i, line := range strings.Split(log, "\n") {
		if i > 0 && line != "" {
			if at, _ := time.Parse(time.DateTime, strings.Split(line, ",")[3]); out(at) {
				continue
			}
		}
		kept = append(kept, line)
	}
	return strings.Join(kept, "\n")
}

func ofLaunchWeek(day time.Time) bool { return day.Day() >= 18 && day.Day() < 25 }

// TestLaunchWithinPeriod: the period that the launch falls within is left out of models, which are then those over a log
// without its events; the notes of every table count it. As before or after, it is as if the launch were at its end or start.
func TestLaunchWithinPeriod(t *testing.T) {
	tables := "[controls]\nlagged = [\"used\"]\n[[tables]]\nkind = \"itt\"\n[[tables]]\nkind = \"late\"\n[[tables]]\nkind = \"event\"\n"
	study := strings.Replace(midweek, "column = \"y\"\ngroups = 2", "column = \"skill\"\ngroups = 2", 1)
	whole := strings.Replace(study, "launch = 2024-03-20", "launch = 2024-03-25", 1)
	got := ran(t, map[string]string{"study.toml": study + tables, "log.csv": eventLog()})
	sameFits(t, "drop", got, ran(t, map[string]string{"study.toml": whole + tables, "log.csv": withoutDays(eventLog(), ofLaunchWeek)}), 1e-10)
	for _, table := range got.Tables {
		if notes := strings.Join(table.Notes, " "); !strings.Contains(notes, "falls within the week that begins on 2024-03-18, whose 30 unit-weeks (420 events) are left out") {
			t.Errorf("table %s does not count what is left out: %s", table.ID, notes)
		}
	}
	for rule, launch := range map[string]string{"before": "2024-03-25", "after": "2024-03-18"} {
		usual := strings.Replace(midweek, "launch =", "launch_period = \""+rule+"\"\nlaunch =", 1)
		a := ran(t, map[string]string{"study.toml": usual, "log.csv": eventLog()})
		b := ran(t, map[string]string{"study.toml": strings.Replace(midweek, "2024-03-20", launch, 1), "log.csv": eventLog()})
		event := a.Tables[len(a.Tables)-1]
		if rule == "before" { // the cut period is never the reference
			if !strings.Contains(strings.Join(event.Notes, " "), "week -2 is the reference") {
				t.Errorf("before: %v", event.Notes)
			}
			cut := func(f Fit) bool { return f.Table == event.ID }
			a.Fits, b.Fits = slices.DeleteFunc(a.Fits, cut), slices.DeleteFunc(b.Fits, cut)
		}
		sameFits(t, rule, a, b, 1e-10)
		if notes := strings.Join(a.Tables[3].Notes, " "); !strings.Contains(notes, "unit-weeks (420 events) count as "+rule+" it.") {
			t.Errorf("%s: %s", rule, notes)
		}
	}
	for _, launch := range []string{"2024-03-18", "2024-03-25"} {
		out := ran(t, map[string]string{"study.toml": strings.Replace(midweek, "2024-03-20", launch, 1), "log.csv": eventLog()})
		if shown := describeOutput(t, out); strings.Contains(shown, "falls within") {
			t.Errorf("launch on Monday %s: %s", launch, shown)
		}
	}
	_, err := runFiles(t, map[string]string{"study.toml": strings.Replace(midweek, "launch =", "launch_period = \"skip\"\nlaunch =", 1), "log.csv": eventLog()})
	if err == nil || !strings.Contains(err.Error(), "set launch_period to drop, before or after") {
		t.Errorf("a rule that there is not: %v", err)
	}
}

// TestLaunchWithinDay: events count by their own time where the launch falls within a day, in the tables of units and of
// events alike (case panel/launch_in_day: 157 events of the treated since 11:00, mean 0.5414, as many as in the mix).
func TestLaunchWithinDay(t *testing.T) {
	out := ran(t, handed(t, "launch-in-day", "launch_in_day.toml"))
	row := out.Table("1").Sections[0].Rows[0]
	if row.Cells[0].Value != 72 || row.Cells[3].Value != 157 || math.Abs(row.Cells[4].Value-0.5414) > 5e-5 {
		t.Errorf("usage %v, want 72 unit-days, and 157 events with mean 0.5414", row.Cells)
	}
	mix := out.Table("2").Sections[1].Rows[0]
	if before, after := mix.Cells[0].Value+mix.Cells[1].Value, mix.Cells[2].Value+mix.Cells[3].Value; before != 355 || after != 314 {
		t.Errorf("%v events before and %v since the launch, want 355 and 314", before, after)
	}
	for _, table := range out.Tables {
		if !strings.Contains(strings.Join(table.Notes, " "), "24 unit-days (44 events)") {
			t.Errorf("table %s: %v", table.ID, table.Notes)
		}
	}
}

// TestReference: the last whole period before the launch that both arms are seen in is the reference, and named: Friday
// (case 08-reference-period-unobserved, newcomer/monday-launch), the week before the one of the launch
// (case 09-launch-within-week, newcomer/midweek-launch), the day before without a gap.
func TestReference(t *testing.T) {
	out := ran(t, handed(t, "08-reference-period-unobserved", "study.toml"))
	event := out.Tables[len(out.Tables)-1]
	if notes := strings.Join(event.Notes, " "); len(out.Tables) != 7 || !strings.Contains(notes, "day -3 is the reference") {
		t.Errorf("%d tables, %s", len(out.Tables), notes)
	}
	out = ran(t, handed(t, "09-launch-within-week", "study.toml"))
	event = out.Tables[len(out.Tables)-1]
	notes := strings.Join(event.Notes, " ")
	if !strings.Contains(notes, "week -1 is the reference") || !strings.Contains(notes, "24 unit-weeks (672 events) are left out") {
		t.Errorf("notes %s", notes)
	}
	for _, term := range fitOf(t, out, event.ID, "secs").Terms { // the true effect is -0.3, and nothing before
		want := 0.0
		if !strings.Contains(term.Term, "=-") {
			want = -0.3
		}
		if off := math.Abs(float64(term.Estimate) - want); off > 0.05 || strings.HasSuffix(term.Term, "=0") {
			t.Errorf("%s is %v, want about %v", term.Term, term.Estimate, want)
		}
	}
	sundays := func(day time.Time) bool { return day.Weekday() == time.Sunday }
	saturdays := func(day time.Time) bool { return day.Weekday() == time.Sunday || day.Weekday() == time.Saturday }
	for _, c := range []struct {
		closed func(time.Time) bool
		key    string
		want   string
	}{{func(time.Time) bool { return false }, "", "day -1 is the reference"}, {sundays, "", "day -2 is the reference"}, {saturdays, "", "day -3 is the reference"},
		{sundays, "reference = -5\n", "day -5 is the reference"}} {
		text := logStudy + "[[tables]]\nkind = \"event\"\n" + c.key + "[[figures]]\nkind = \"event\"\n" + c.key
		out := ran(t, map[string]string{"study.toml": text, "log.csv": withoutDays(eventLog(), c.closed)})
		if notes := strings.Join(out.Tables[0].Notes, " "); !strings.Contains(notes, c.want) {
			t.Errorf("want %q: %s", c.want, notes)
		}
	}
	err := refusalOf(t, map[string]string{"study.toml": logStudy + "[[tables]]\nkind = \"event\"\nreference = -1\n", "log.csv": withoutDays(eventLog(), sundays)})
	if err == nil || !strings.Contains(err.Error(), "leave reference out") {
		t.Errorf("a reference that is not seen: %v", err)
	}
}

// TestReadyWithinPeriod: in a panel that is ready a week of dates that are a week apart is cut like one of events; dates of
// waves, which are not, are left as they are.
func TestReadyWithinPeriod(t *testing.T) {
	panel := func(dates []string) string {
		var b strings.Builder
		b.WriteString("id,treat,date,y\n")
		for u := range 12 {
			for d, date := range dates {
				fmt.Fprintf(&b, "u%d,%d,%s,%d\n", u, u%2, date, (u*u*7+d*d*5+u*d*3)%11)
			}
		}
		return b.String()
	}
	text := "launch = 2024-03-20\n[data]\npanel = \"panel.csv\"\n[roles]\nunit = \"id\"\nassignment = \"treat\"\ntime = \"date\"\n[[outcomes]]\ncolumn = \"y\"\n[[tables]]\nkind = \"itt\"\n"
	weeks := []string{"2024-03-04", "2024-03-11", "2024-03-18", "2024-03-25", "2024-04-01"}
	waves := []string{"2024-01-08", "2024-03-18", "2024-03-25", "2024-06-09"}
	for name, c := range map[string]struct {
		dates []string
		study string
		n     int
		cut   bool
	}{
		"weeks":         {weeks, text, 48, true},
		"weeks, before": {weeks, "launch_period = \"before\"\n" + text, 60, true},
		"Monday":        {weeks, strings.Replace(text, "03-20", "03-18", 1), 60, false},
		"waves":         {waves, text, 48, false},
		"days":          {[]string{"2024-03-18", "2024-03-19", "2024-03-20", "2024-03-21"}, text, 48, false},
		"within a day":  {[]string{"2024-03-18", "2024-03-19", "2024-03-20", "2024-03-21"}, strings.Replace(text, "2024-03-20", "2024-03-20 11:00:00", 1), 36, true},
	} {
		out := ran(t, map[string]string{"study.toml": c.study, "panel.csv": panel(c.dates)})
		notes := strings.Join(out.Tables[0].Notes, " ")
		if n := fitOf(t, out, "1", "y").N; n != c.n || strings.Contains(notes, "falls within") != c.cut {
			t.Errorf("%s: N %d, want %d; %s", name, n, c.n, notes)
		}
	}
}

// TestUsageBlank: blanks of usage where there was no access are zeros if the study says so, with what a file of zeros gives;
// otherwise the refusal proposes it (cases 14-usage-blank-for-controls, newcomer/usage-blank).
func TestUsageBlank(t *testing.T) {
	blank := func(log string, all bool) string {
		lines := strings.Split(strings.TrimSpace(log), "\n")
		for i, line := range lines[1:] {
			if cells := strings.Split(line, ","); cells[2] == "0" || all && cells[3] < "2024-03-18" {
				cells[4] = ""
				lines[i+1] = strings.Join(cells, ",")
			}
		}
		return strings.Join(lines, "\n") + "\n"
	}
	declared := strings.Replace(logStudy, "usage =", "usage_blank = \"zero\"\nusage =", 1)
	units := "id,treat,skill\n"
	for u := range 30 {
		units += fmt.Sprintf("u%d,%d,%d\n", u, u%2, u*7%11)
	}
	inUnits := strings.NewReplacer(`fixed = ["skill"]`, "", `"log.csv"`, "\"log.csv\"\nunits = \"units.csv\"")
	text := strings.NewReplacer("\"treat\"", "\"arm\"")
	for name, change := range map[string]func(string) string{
		"events alone": func(s string) string { return s }, "file of units": func(s string) string { return inUnits.Replace(s) },
		"named arms": func(s string) string {
			return strings.Replace(text.Replace(s), "assignment =", "control_arm = \"control\"\nassignment =", 1)
		},
	} {
		want := ran(t, map[string]string{"study.toml": change(logStudy), "log.csv": eventLog(), "units.csv": units})
		for _, all := range []bool{false, true} {
			got := ran(t, map[string]string{"study.toml": change(declared), "log.csv": blank(eventLog(), all), "units.csv": units})
			sameFits(t, name, got, want, 1e-10)
			for _, table := range []int{0, 2} {
				for i, section := range want.Tables[table].Sections {
					if !slices.EqualFunc(got.Tables[table].Sections[i].Rows, section.Rows, func(a, b report.Row) bool {
						return a.Label == b.Label && slices.EqualFunc(a.Cells, b.Cells, func(a, b report.Cell) bool { return a.Value == b.Value || math.IsNaN(a.Value) && math.IsNaN(b.Value) })
					}) {
						t.Errorf("%s: table %d: %v, want %v", name, table+1, got.Tables[table].Sections[i], section)
					}
				}
			}
			if !strings.Contains(strings.Join(got.Data, " "), "events without access was read as 0.") {
				t.Errorf("%s: does not say how many were read as 0: %q", name, got.Data)
			}
		}
		err := refusalOf(t, map[string]string{"study.toml": change(logStudy), "log.csv": blank(eventLog(), true), "units.csv": units})
		if err == nil || !strings.Contains(err.Error(), `by usage_blank = "zero" under [roles]`) {
			t.Errorf("%s, not declared: %v", name, err)
		}
	}
	panel := dailyPanel(t, eventLog())
	ready := strings.NewReplacer(`events = "log.csv"`, `panel = "panel.csv"`, `time = "when"`, `time = "date"`)
	lines := strings.Split(strings.TrimSpace(panel), "\n")
	head := strings.Split(lines[0], ",")
	used, treat := slices.Index(head, "used"), slices.Index(head, "treat")
	for i, line := range lines[1:] {
		if cells := strings.Split(line, ","); cells[treat] == "0" {
			cells[used] = ""
			lines[i+1] = strings.Join(cells, ",")
		}
	}
	sameFits(t, "ready", ran(t, map[string]string{"study.toml": ready.Replace(declared), "panel.csv": strings.Join(lines, "\n")}),
		ran(t, map[string]string{"study.toml": ready.Replace(logStudy), "panel.csv": panel}), 1e-10)

	sheet := []string{"id,z,used,y"}
	zeros := slices.Clone(sheet)
	for u := range 40 {
		used, y := u%2*(u/2%3&1), (u*u*7+u*3)%11
		filled := fmt.Sprintf("u%d,%d,%d,%d", u, u%2, used, y)
		if zeros = append(zeros, filled); u%2 == 0 {
			filled = fmt.Sprintf("u%d,0,,%d", u, y)
		}
		sheet = append(sheet, filled)
	}
	cross := "[data]\nevents = \"d.csv\"\n[roles]\nunit = \"id\"\nassignment = \"z\"\nusage = \"used\"\n[[outcomes]]\ncolumn = \"y\"\n"
	sameFits(t, "without times", ran(t, map[string]string{"study.toml": strings.Replace(cross, "usage =", "usage_blank = \"zero\"\nusage =", 1), "d.csv": strings.Join(sheet, "\n")}),
		ran(t, map[string]string{"study.toml": cross, "d.csv": strings.Join(zeros, "\n")}), 1e-10)

	err := refusalOf(t, handed(t, "14-usage-blank-for-controls", "study.toml"))
	if err == nil || !strings.Contains(err.Error(), `usage "used" is missing in all rows of the control arm`) || !strings.Contains(err.Error(), `usage_blank = "zero" under [roles]`) {
		t.Errorf("case 14: %v", err)
	}
	if out := ran(t, handed(t, "14-usage-blank-for-controls", "study.toml", "usage = \"used\"", "usage = \"used\"\nusage_blank = \"zero\"")); len(out.Tables) != 7 {
		t.Errorf("case 14, declared: %d tables", len(out.Tables))
	}
}
