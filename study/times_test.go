package study

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/fieldexp/fieldexp"
)

// caseFile is an input of testdata.
func caseFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// dataWarnings are the warnings of an output that are about times and identifiers: those of the data, but for what
// says that arms or events lack units.
func dataWarnings(out *Output) (messages []string) {
	for _, w := range out.Warnings {
		if !w.ofModel && !strings.Contains(w.Message, "have no arm") && !strings.Contains(w.Message, "have no event") {
			messages = append(messages, w.Message)
		}
	}
	return messages
}

// A caseOf is a study with what is right of its first fit, or how it is refused.
type caseOf struct {
	name     string
	files    map[string]string
	estimate string // and standard error, as they are printed
	n        int
	warnings []string
	data     string // a sentence on what was read
	refusal  string
}

// run checks the case.
func (c caseOf) run(t *testing.T) {
	t.Helper()
	out, err := runFiles(t, c.files)
	if c.refusal != "" {
		if err == nil || !strings.HasSuffix(err.Error(), c.refusal) {
			t.Errorf("%s: error\n%v\nwant\n%s", c.name, err, c.refusal)
		}
		var refusal *fieldexp.Error
		if !errors.As(err, &refusal) || len(refusal.Remedy) == 0 {
			t.Errorf("%s: no remedy: %v", c.name, err)
		}
		return
	}
	if err != nil {
		t.Errorf("%s: %v", c.name, err)
		return
	}
	fit, digits := out.Fits[0], len(c.estimate[strings.IndexByte(c.estimate, '.')+1:strings.IndexByte(c.estimate, ' ')])
	term := fit.Terms[0]
	if got := fmt.Sprintf("%.*f (%.*f)", digits, float64(term.Estimate), digits, float64(term.SE)); got != c.estimate || fit.N != c.n {
		t.Errorf("%s: %s over %d rows, want %s over %d", c.name, got, fit.N, c.estimate, c.n)
	}
	if got := dataWarnings(out); !slices.Equal(got, c.warnings) {
		t.Errorf("%s: warnings\n%s\nwant\n%s", c.name, strings.Join(got, "\n"), strings.Join(c.warnings, "\n"))
	}
	if c.data != "" && !slices.Contains(out.Data, c.data) {
		t.Errorf("%s: %q, want %q", c.name, out.Data, c.data)
	}
}

const utcWarning = `All 480 times of t are in UTC, and so days are cut in UTC: for the clock of the place, name its zone in zone under [data], as in "America/New_York"; for UTC, "UTC".`

// discoverTimes is the day-panel study of discover's files of times.
func discoverTimes(t *testing.T, file, launch, keys string) map[string]string {
	return map[string]string{file: caseFile(t, "discover/"+file), "study.toml": "launch = " + launch + "\n[data]\nevents = \"" + file + "\"\n" + keys +
		"\n[roles]\nunit = \"u\"\nassignment = \"a\"\ntime = \"t\"\n[[outcomes]]\ncolumn = \"y\"\n[[tables]]\nkind = \"itt\"\n"}
}

// Times with offsets, from the cases edges/01, hard/zone, hard/year2040, hard/time_missing and discover's time_*.
func TestClocksOfCases(t *testing.T) {
	edges := map[string]string{"agents.csv": caseFile(t, "edges-01/agents.csv"), "chats.csv": caseFile(t, "edges-01/chats.csv"),
		"study.toml": caseFile(t, "edges-01/study.toml") + "\n[[tables]]\nkind = \"itt\"\n"}
	plain := map[string]string{"agents.csv": edges["agents.csv"], "study.toml": edges["study.toml"], "chats.csv": strings.ReplaceAll(edges["chats.csv"], "-05:00,", ",")}
	hard := func(study, events, at string) map[string]string {
		return map[string]string{"study.toml": caseFile(t, "hard/"+study), at: caseFile(t, "hard/"+events)}
	}
	shifted := regexp.MustCompile(`launch = .*`).ReplaceAllString(caseFile(t, "hard/local.toml"), "launch = 2040-03-07")
	for _, c := range []caseOf{
		{name: "edges/01", files: edges, estimate: "-0.28922 (0.09745)", n: 336},
		{name: "edges/01 without offsets", files: plain, estimate: "-0.28922 (0.09745)", n: 336},
		{name: "hard/zone local", files: hard("local.toml", "local.csv", "local.csv"), estimate: "1.002 (0.004)", n: 96},
		{name: "hard/zone", files: hard("zone.toml", "events.csv", "events.csv"), estimate: "1.002 (0.004)", n: 96},
		{name: "hard/zone_launch", files: hard("zone_launch.toml", "events.csv", "events.csv"),
			refusal: `study.toml: the launch, 2024-03-07T00:00:00+08:00, has an offset, and times are read by the clock in their cells; write launch without an offset, by that clock, ` +
				`or name the zone of the clock in zone under [data], as in "Asia/Shanghai"`},
		{name: "hard/zone_launch with its zone", files: map[string]string{"events.csv": caseFile(t, "hard/events.csv"),
			"study.toml": strings.Replace(caseFile(t, "hard/zone_launch.toml"), "[data]", "[data]\nzone = \"Asia/Shanghai\"", 1)}, estimate: "1.002 (0.004)", n: 96},
		{name: "hard/year2040", files: map[string]string{"local.csv": caseFile(t, "hard/year2040.csv"), "study.toml": shifted}, estimate: "1.002 (0.004)", n: 96},
		{name: "hard/time_missing", files: hard("zone.toml", "time_missing.csv", "events.csv"),
			refusal: `no event has a time: column "at" is missing in every row; name the column of times in time under [roles], or check missing under [data]`},
		{name: "time_iso", files: discoverTimes(t, "time_iso.csv", "2024-01-23", ""), estimate: "0.744 (0.185)", n: 240},
		{name: "time_duckdb", files: discoverTimes(t, "time_duckdb.csv", "2024-01-23", ""), estimate: "0.744 (0.185)", n: 240},
		{name: "time_polars", files: discoverTimes(t, "time_polars.csv", "2024-01-23", ""), estimate: "0.744 (0.185)", n: 240},
		{name: "time_fwrite", files: discoverTimes(t, "time_fwrite.csv", "2024-01-23", ""), estimate: "0.640 (0.196)", n: 264, warnings: []string{utcWarning}},
		{name: "time_fwrite in its zone", files: discoverTimes(t, "time_fwrite.csv", "2024-01-23", `zone = "America/New_York"`), estimate: "0.744 (0.185)", n: 240},
		{name: "time_fwrite in UTC", files: discoverTimes(t, "time_fwrite.csv", "2024-01-23", `zone = "UTC"`), estimate: "0.640 (0.196)", n: 264},
		{name: "time_fwrite at its offset", files: discoverTimes(t, "time_fwrite.csv", "2024-01-23", `zone = "-05:00"`), estimate: "0.744 (0.185)", n: 240},
		{name: "time_iso in a zone", files: discoverTimes(t, "time_iso.csv", "2024-01-23", `zone = "America/New_York"`), estimate: "0.744 (0.185)", n: 240},
		{name: "time_polars in a zone", files: discoverTimes(t, "time_polars.csv", "2024-01-23T05:00:00Z", `zone = "America/New_York"`), estimate: "0.744 (0.185)", n: 240},
		{name: "a launch in text", files: discoverTimes(t, "time_duckdb.csv", `"2024-01-23 00:00:00-05"`, `zone = "America/New_York"`), estimate: "0.744 (0.185)", n: 240},
		{name: "a launch in UTC without a zone", files: discoverTimes(t, "time_fwrite.csv", "2024-01-23T05:00:00Z", ""),
			refusal: `the launch, 2024-01-23T05:00:00Z, has an offset, and times are read by the clock in their cells; write launch without an offset, by that clock, or name the zone of the clock in zone under [data], as in "Asia/Shanghai"`},
		{name: "a launch that is a time of day", files: discoverTimes(t, "time_iso.csv", "09:00:00", ""),
			refusal: `launch 09:00:00 is a time of the day without a date; write Launch as 2024-01-23 09:00:00`},
		{name: "no zone", files: discoverTimes(t, "time_iso.csv", "2024-01-23", `zone = "America/New York"`),
			refusal: `there is no zone "America/New York"; name zone under [data] as in "Asia/Shanghai", "Europe/Berlin" or "UTC", or give its offset, as in "+08:00"`},
		{name: "the machine's zone", files: discoverTimes(t, "time_iso.csv", "2024-01-23", `zone = "Local"`),
			refusal: `there is no zone "Local"; name zone under [data] as in "Asia/Shanghai", "Europe/Berlin" or "UTC", or give its offset, as in "+08:00"`},
		{name: "one layout", files: discoverTimes(t, "time_iso.csv", "2024-01-23", `layouts = "iso"`), refusal: `a list is needed; put the text in brackets`},
	} {
		c.run(t)
	}
	with, err := runFiles(t, edges)
	if err != nil {
		t.Fatal(err)
	}
	without, err := runFiles(t, plain)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := with.Fits[0].Terms, without.Fits[0].Terms; fmt.Sprint(a) != fmt.Sprint(b) {
		t.Errorf("a constant offset changes estimates: %v, %v", a, b)
	}
}

// clockLog is the events of eventLog, whose launch is in the night from one summer time to another, with times that write
// produces.
func clockLog(write func(at time.Time, row int) string) string {
	lines := strings.Split(strings.TrimSpace(eventLog()), "\n")
	for i, line := range lines[1:] {
		fields := strings.Split(line, ",")
		at, _ := time.Parse(time.DateTime, fields[3])
		fields[3] = write(at, i)
		lines[i+1] = strings.Join(fields, ",")
	}
	return strings.Join(lines, "\n") + "\n"
}

// clockStudy is the study of a clockLog.
func clockStudy(keys string) string {
	return strings.Replace(logStudy, "[data]\n", "[data]\n"+keys+"\n", 1) + "[[tables]]\nkind = \"itt\"\n"
}

// The same clock, written in many ways, makes the same panel.
func TestClocksInManyForms(t *testing.T) {
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	at := func(layout string) func(time.Time, int) string {
		return func(at time.Time, _ int) string { return at.Format(layout) }
	}
	inZone := func(layout string, zone *time.Location) func(time.Time, int) string {
		return func(at time.Time, _ int) string {
			return time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), 0, 0, newYork).In(zone).Format(layout)
		}
	}
	const estimate = "0.401 (0.081)"
	offsets := "for one clock, name its zone in zone under [data], as in \"America/New_York\"."
	orderSaid := "The dates of when are read %s: 1,140 of 1,680 times cannot be read the other way round."
	for _, c := range []caseOf{
		{name: "ISO", files: map[string]string{"log.csv": clockLog(at(time.DateTime))}},
		{name: "an offset of its own", files: map[string]string{"log.csv": clockLog(func(at time.Time, _ int) string { return at.Format("2006-01-02T15:04:05") + "+05:45" })}},
		{name: "New York with offsets", files: map[string]string{"log.csv": clockLog(inZone(time.RFC3339, newYork))},
			warnings: []string{"The times of when have different offsets (360 with -05:00, 1,320 with -04:00), which are not used: the clock in each cell counts: " + offsets}},
		{name: "some with offsets", files: map[string]string{"log.csv": clockLog(func(at time.Time, row int) string {
			return at.Format(time.DateTime) + []string{"", "+02", "Z", "+00:00"}[row%4]
		})}, warnings: []string{"The times of when have different offsets (840 with +00:00, 420 with +02:00, 420 without), which are not used: the clock in each cell counts: " + offsets}},
		{name: "New York in UTC", files: map[string]string{"log.csv": clockLog(inZone(time.RFC3339, time.UTC)), "study.toml": clockStudy(`zone = "America/New_York"`)}},
		{name: "New York with offsets, in its zone", files: map[string]string{"log.csv": clockLog(inZone("2006-01-02 15:04:05-0700", newYork)), "study.toml": clockStudy(`zone = "America/New_York"`)}},
		{name: "New York by its clock, in its zone", files: map[string]string{"log.csv": clockLog(at(time.DateTime)), "study.toml": clockStudy(`zone = "America/New_York"`)}},
		{name: "skipped", files: map[string]string{"study.toml": clockStudy(`zone = "America/New_York"`), "log.csv": clockLog(func(at time.Time, _ int) string {
			return at.Add(-7 * time.Hour).Format(time.DateTime) // two and three o'clock in the night
		})}, warnings: []string{"30 of 1,680 times of when are skipped by changes to summer time in America/New_York: no clock there shows them."}},
		{name: "repeated", files: map[string]string{"study.toml": clockStudy(`zone = "Australia/Hobart"`), "log.csv": clockLog(func(at time.Time, _ int) string {
			return at.AddDate(0, 0, 28).Add(-7 * time.Hour).Format(time.DateTime)
		})}, warnings: []string{"30 of 1,680 times of when come twice where summer time ends in Australia/Hobart: which of the two is meant is not known."}},
		{name: "day first", files: map[string]string{"log.csv": clockLog(at("02/01/2006 15:04"))}, data: fmt.Sprintf(orderSaid, "day first")},
		{name: "month first", files: map[string]string{"log.csv": clockLog(at("1/2/2006 3:04 PM"))}, data: fmt.Sprintf(orderSaid, "month first")},
		{name: "points", files: map[string]string{"log.csv": clockLog(at("2.1.2006 15:04"))}, data: fmt.Sprintf(orderSaid, "day first")},
		{name: "strptime", files: map[string]string{"log.csv": clockLog(at("02/01/2006 15:04")), "study.toml": clockStudy(`layouts = ["%d/%m/%Y %H:%M"]`)}},
		{name: "letters", files: map[string]string{"log.csv": clockLog(at("02/01/2006 15:04")), "study.toml": clockStudy(`layouts = ["DD/MM/YYYY HH:mm"]`)}},
		{name: "a name", files: map[string]string{"log.csv": clockLog(at("02/01/2006 15:04")), "study.toml": clockStudy(`layouts = ["day-first"]`)}},
	} {
		c.estimate, c.n = estimate, 840
		if c.files["study.toml"] == "" {
			c.files["study.toml"] = clockStudy("")
		}
		if c.name == "repeated" {
			c.files["study.toml"] = strings.Replace(c.files["study.toml"], "2024-03-18", "2024-04-15", 1)
		}
		c.run(t)
	}
	either := func(at time.Time, _ int) string { return fmt.Sprintf("%02d/03/2024", at.Day()%12+1) }
	caseOf{name: "either", files: map[string]string{"log.csv": clockLog(either), "study.toml": clockStudy("")},
		refusal: `log.csv: column "when" has dates such as 05/03/2024, which may all begin with the day or with the month (1680 cells); name "day-first" in layouts under [data], or "month-first"`}.run(t)
}

// A date in a study file is a date, whatever the zone of the machine and the season.
func TestLaunchIsADate(t *testing.T) {
	text := "launch = %s\n[data]\nevents = \"e.csv\"\n[roles]\nunit = \"u\"\nassignment = \"a\"\ntime = \"t\"\n[[outcomes]]\ncolumn = \"y\"\n"
	for _, c := range []struct{ launch, want string }{
		{"2024-01-23", "2024-01-23"}, {"2024-07-23", "2024-07-23"}, {"2024-07-23 09:30:00", "2024-07-23 09:30:00"}, {"2024-07-23T00:30:00", "2024-07-23 00:30:00"},
		{"2018-11-04", "2018-11-04"}, // a midnight that São Paulo skipped
		{`"2024-01-23 09:30"`, "2024-01-23 09:30:00"},
	} {
		s, err := load(t, fmt.Sprintf(text, c.launch))
		if err != nil {
			t.Fatal(err)
		}
		if s.Launch.String() != c.want || s.Launch.Location() != time.UTC {
			t.Errorf("launch %s is %s in %s", c.launch, s.Launch, s.Launch.Location())
		}
	}
	if os.Getenv("LAUNCH_IS_A_DATE") != "" {
		return
	}
	for _, zone := range []string{"America/New_York", "America/Sao_Paulo", "Asia/Kolkata", "Pacific/Auckland", "UTC"} {
		c := exec.Command(os.Args[0], "-test.run=^TestLaunchIsADate$", "-test.v")
		c.Env = append(os.Environ(), "TZ="+zone, "LAUNCH_IS_A_DATE=1")
		if text, err := c.CombinedOutput(); err != nil || !strings.Contains(string(text), "--- PASS: TestLaunchIsADate") {
			t.Errorf("in %s: %v\n%s", zone, err, text)
		}
	}
}

// A launch made in Go is a clock time in UTC and an instant elsewhere.
func TestLaunchInGo(t *testing.T) {
	made := func(at time.Time, zone string) (*Study, error) {
		s := &Study{Data: Data{Events: "e.csv", Zone: zone}, Roles: Roles{Unit: "u", Assignment: "a", Time: "t"}, Launch: Launch{Time: at}, Outcomes: []Outcome{{Column: "y"}}}
		return s, s.Check()
	}
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		at         time.Time
		zone, want string
	}{
		{time.Date(2024, 3, 7, 0, 0, 0, 0, time.UTC), "", "2024-03-07"},
		{time.Date(2024, 3, 7, 0, 0, 0, 0, time.UTC), "Asia/Shanghai", "2024-03-07"},
		{time.Date(2024, 3, 7, 0, 0, 0, 0, shanghai), "Asia/Shanghai", "2024-03-07"},
		{time.Date(2024, 3, 7, 0, 0, 0, 0, shanghai), "UTC", "2024-03-06 16:00:00"},
	} {
		if s, err := made(c.at, c.zone); err != nil || s.Launch.String() != c.want || s.Check() != nil {
			t.Errorf("%s in %q: %s, %v", c.at, c.zone, s.Launch, err)
		}
	}
	if _, err := made(time.Date(2024, 3, 7, 0, 0, 0, 0, shanghai), ""); err == nil {
		t.Error("an instant without a zone of the clock is taken")
	}
}
