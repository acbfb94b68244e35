package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestBadInput gives the study command data and study files that cannot be right. Each must end
// with status 1 and one paragraph that names what is wrong and what to do, before anything is
// printed; or, where some tables can be had, in the place of the others.
func TestBadInput(t *testing.T) {
	replace := func(old, new string) func(string) string {
		return func(s string) string { return strings.Replace(s, old, new, 1) }
	}
	constant := func(value string) func(int, string) string { return func(int, string) string { return value } }
	add := func(text string) func(string) string {
		return func(s string) string { return strings.Replace(s, "[[outcomes]]", text+"\n[[outcomes]]", 1) }
	}
	tests := []struct {
		name   string
		study  func(string) string // changes the study file
		sheet  func(*sheet)        // changes the data
		events func(string) string // changes the text of the data
		some   bool                // tables are refused, and others are printed
		want   []string
	}{
		{name: "missing file", study: replace(`"events.csv"`, `"evnets.csv"`), want: []string{"evnets.csv", "check the name"}},
		{name: "empty file", events: func(string) string { return "" }, want: []string{"events.csv", "empty"}},
		{name: "header alone", events: func(s string) string { return s[:strings.Index(s, "\n")+1] }, want: []string{"events.csv", "no rows"}},
		{name: "ragged row", events: replace("\nu00,0,2024-03-03 11:00:00,", "\nu00,0,2024-03-03 11:00:00,extra,"), want: []string{"events.csv", "line 3", "9 fields", "8"}},
		{name: "duplicate header", events: replace("unit,arm,at,used,y,x", "unit,arm,at,used,y,y"), want: []string{"events.csv", `"y"`, "twice"}},
		{name: "unknown column", study: replace(`column = "y"`+"\ngroups", `column = "yy"`+"\ngroups"), want: []string{`"yy"`, "did you mean", `"y"`}},
		{name: "text in a numeric column", study: add("[data.types]\ny = \"number\"\n"),
			sheet: func(s *sheet) { s.rows[4][4] = "n/a" }, want: []string{"events.csv", "line 6", `"y"`, `"n/a" is not a number`, `missing = ["n/a"] under [data]`}},
		{name: "all-missing outcome", some: true, study: func(s string) string { return s + "\n[[outcomes]]\ncolumn = \"w\"\n" },
			sheet: func(s *sheet) { s.set("w", constant("")) }, want: []string{`"w"`, "missing"}},
		{name: "assignment with one level", sheet: func(s *sheet) { s.set("arm", constant("1")) }, want: []string{`"arm"`, "is 1 in all"}},
		{name: "assignment that is not 0 or 1", sheet: func(s *sheet) {
			s.set("arm", func(i int, old string) string {
				if i >= 30 && i < 60 {
					return "2"
				}
				return old
			})
		}, want: []string{`"arm"`, "2 beside 0 and 1"}},
		{name: "assignment varies within unit", sheet: func(s *sheet) { s.rows[3][1] = "1" }, want: []string{`"arm"`, "varies within 1 of 24 units"}},
		{name: "one cluster", some: true, study: add("[model]\ncluster = [\"country\"]"), sheet: func(s *sheet) {
			s.header = append(s.header, "country")
			for i := range s.rows {
				s.rows[i] = append(s.rows[i], "NL")
			}
		}, events: nil, want: []string{"country", "cluster"}},
		{name: "usage without variation", some: true, sheet: func(s *sheet) { s.set("used", constant("0")) }, want: []string{`"used"`, "usage"}},
		{name: "effects that absorb the treatment", some: true, study: add("[model]\nabsorb = [\"unit^day\"]"), want: []string{"unit^day", "span", "absorb coarser effects"}},
		{name: "control that repeats the treatment", some: true, study: func(s string) string {
			s = strings.Replace(s, "lagged = [\"x\"]", "current = [\"treated\"]", 1)
			return strings.Replace(s, "launch", "derive = [\"since = at >= \\\"2024-03-08\\\"\", \"treated = since * arm\"]\nlaunch", 1)
		}, want: []string{"treated", "span", "take out"}},
		{name: "negative weights", some: true, study: add("[model]\nweights = \"x\""), want: []string{`"x"`, "negative"}},
		{name: "weights of zero", some: true, study: add("[model]\nweights = \"w\""), sheet: func(s *sheet) { s.set("w", constant("0")) }, want: []string{`"w"`, "zero"}},
		{name: "infinite values", sheet: func(s *sheet) { s.rows[7][4] = "inf" }, want: []string{`"y"`, "infinite"}},
		{name: "launch outside the data", study: replace("2024-03-08", "2030-01-01"),
			want: []string{"launch, 2030-01-01", "outside the data", "2024-03-03", "2024-03-12", "check launch"}},
		{name: "time that cannot be read", sheet: func(s *sheet) { s.rows[0][2] = "3 March" }, want: []string{"events.csv", "line 2", `"at"`, "3 March"}},
		{name: "groups that cannot be cut", some: true, study: replace("groups = 2", "groups = 30"), want: []string{"30", "groups"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			study, data := studyFile, experiment()
			if test.sheet != nil {
				test.sheet(data)
			}
			if test.study != nil {
				study = test.study(study)
			}
			events := data.String()
			if test.events != nil {
				events = test.events(events)
			}
			check := refused
			if test.some {
				check = refusedInPart
			}
			check(t, test.want, "study", studyDir(t, study, events))
		})
	}
}

// TestBadFit does the same for the fit command.
func TestBadFit(t *testing.T) {
	file := filepath.Join(filepath.Dir(studyDir(t, studyFile, experiment().String())), "events.csv")
	fit := func(args ...string) []string { return append([]string{"fit", "--data", file}, args...) }
	tests := []struct {
		name string
		args []string
		want []string
	}{
		{"no outcome", fit("--assign", "arm"), []string{"--outcome is missing"}},
		{"missing file", []string{"fit", "--data", "nowhere.csv", "--outcome", "y", "--assign", "arm"}, []string{"nowhere.csv", "there is no such file"}},
		{"unknown column", fit("--outcome", "y", "--assign", "amr"), []string{`"amr"`, `did you mean "arm"`}},
		{"unknown covariance", fit("--outcome", "y", "--assign", "arm", "--se", "hc9"), []string{`"hc9"`, "cr1"}},
		{"clustered without cluster", fit("--outcome", "y", "--assign", "arm", "--se", "cr1"), []string{"CR1", "cluster"}},
		{"CR2 without cluster", fit("--outcome", "y", "--assign", "arm", "--se", "cr2"), []string{"CR2", "name the level of assignment in --cluster"}},
		{"HC2 with clusters", fit("--outcome", "y", "--assign", "arm", "--cluster", "unit", "--se", "hc2"), []string{"HC2", "leave --cluster out"}},
		{"unknown program", fit("--outcome", "y", "--assign", "arm", "--se", "spss"), []string{`"spss"`, "cr2", "fixest", "estimatr"}},
		{"AR without usage", fit("--outcome", "y", "--assign", "arm", "--ar"), []string{"--ar", "--usage"}},
		{"AR by group", fit("--outcome", "y", "--assign", "arm", "--usage", "used", "--by", "base", "--ar"), []string{"--ar", "leave --by out"}},
		{"wild without cluster", fit("--outcome", "y", "--assign", "arm", "--wild"), []string{"--wild", "0 columns of clusters", "--cluster"}},
		{"wild with two clusterings", fit("--outcome", "y", "--assign", "arm", "--cluster", "unit,at", "--wild"), []string{"--wild", "2 columns of clusters", "name one"}},
		{"wild of LIML", fit("--outcome", "y", "--assign", "arm", "--usage", "used", "--estimator", "liml", "--cluster", "unit", "--wild"), []string{"LIML", "2sls"}},
		{"permutations of usage", fit("--outcome", "y", "--assign", "arm", "--usage", "used", "--cluster", "unit", "--permute"), []string{"--permute", "leave --usage"}},
		{"permutations that move the arms' levels", fit("--outcome", "y", "--assign", "arm", "--time", "at", "--launch", "2024-03-08", "--cluster", "unit", "--permute"),
			[]string{"permutations of a difference-in-differences", "absorb the effects of units"}},
		{"unknown strata", fit("--outcome", "y", "--assign", "arm", "--cluster", "unit", "--permute", "--strata", "sex"), []string{`"sex"`}},
		{"strata that vary within units", fit("--outcome", "y", "--assign", "arm", "--cluster", "unit", "--permute", "--strata", "used"), []string{"used", "unit"}},
		{"strata without permutations", fit("--outcome", "y", "--assign", "arm", "--strata", "base"), []string{"strata", "permute"}},
		{"strata and pairs", fit("--outcome", "y", "--assign", "arm", "--permute", "--strata", "base", "--pairs", "w"), []string{"strata and pairs", "one of them"}},
		{"negative seed", fit("--outcome", "y", "--assign", "arm", "--cluster", "unit", "--wild", "--seed", "-1"), []string{"seed is -1"}},
		{"too few draws", fit("--outcome", "y", "--assign", "arm", "--cluster", "unit", "--wild", "--draws", "10"), []string{"10 draws", "at least 99"}},
		{"draws of nothing", fit("--outcome", "y", "--assign", "arm", "--draws", "999"), []string{"draws", "--wild or --permute"}},
		{"unknown weights", fit("--outcome", "y", "--assign", "arm", "--cluster", "unit", "--wild", "--weights-law", "cauchy"), []string{`no bootstrap weights "cauchy"`, "set --weights-law to", "webb"}},
		{"weights of nothing", fit("--outcome", "y", "--assign", "arm", "--weights-law", "webb"), []string{"wild"}},
		{"unknown adjustment", fit("--outcome", "y", "--assign", "arm", "--adjust", "scheffe"), []string{`"scheffe"`, "holm", "romano-wolf"}},
		{"Romano-Wolf without draws", fit("--outcome", "y", "--assign", "arm", "--adjust", "romano-wolf"), []string{"romano-wolf", "--wild or --permute"}},
		{"two kinds of draws to adjust", fit("--outcome", "y", "--assign", "arm", "--cluster", "unit", "--wild", "--permute", "--adjust", "holm"), []string{"leave one of them out"}},
		{"step-down over other clusters of usage", fit("--outcome", "y,odd", "--assign", "arm", "--usage", "used", "--cluster", "unit", "--derive", "odd=log(base)", "--wild", "--adjust", "romano-wolf"),
			[]string{`"y" and "odd"`, "24 and ", "not the same", "set --adjust to holm"}},
		{"unknown format", fit("--outcome", "y", "--assign", "arm", "--format", "pdf"), []string{`"pdf"`, "latex"}},
		{"unknown flag", fit("--outcomes", "y"), []string{"--outcomes"}},
		{"launch without time", fit("--outcome", "y", "--assign", "arm", "--launch", "2024-03-08"), []string{"--time and --launch"}},
		{"launch that is no date", fit("--outcome", "y", "--assign", "arm", "--time", "at", "--launch", "soon"), []string{"soon is not a date"}},
		{"launch outside the data", fit("--outcome", "y", "--assign", "arm", "--time", "at", "--launch", "2020-03-08"), []string{"outside the data"}},
		{"treatment absorbed", fit("--outcome", "y", "--assign", "arm", "--absorb", "unit"), []string{"unit effects span", "arm"}},
		{"instrument among the controls", fit("--outcome", "y", "--assign", "arm", "--usage", "used", "--controls", "arm"), []string{"arm"}},
		{"assignment varies within cluster", fit("--outcome", "y", "--assign", "used", "--cluster", "unit"), []string{"used", "unit", "varies"}},
		{"negative weights", fit("--outcome", "y", "--assign", "arm", "--weights", "x"), []string{`"x"`, "negative"}},
		{"derivation that cannot be read", fit("--outcome", "y", "--assign", "arm", "--derive", "z = y +"), []string{"--derive"}},
		{"unknown design", fit("--outcome", "y", "--assign", "arm", "--design", "anova"), []string{`"anova" is not one of the choices`, "set --design to", "lin"}},
		{"means with controls", fit("--outcome", "y", "--assign", "arm", "--design", "means", "--controls", "x", "--se", "hc2"), []string{"does without --controls, --se", "leave --design out"}},
		{"means of usage", fit("--outcome", "y", "--assign", "arm", "--design", "means", "--usage", "used"), []string{"--design means", "without --usage"}},
		{"means by two clusterings", fit("--outcome", "y", "--assign", "arm", "--design", "means", "--cluster", "unit,at"), []string{"differences in means", "2 are named", "alone in --cluster"}},
		{"means in blocks with one unit in an arm", fit("--outcome", "y", "--assign", "arm", "--design", "means", "--cluster", "unit", "--strata", "base"),
			[]string{`"base"`, "--small-blocks pool", "--small-blocks drop"}},
		{"small blocks of nothing", fit("--outcome", "y", "--assign", "arm", "--small-blocks", "pool"), []string{"--small-blocks", "--strata"}},
		{"unknown rule for small blocks", fit("--outcome", "y", "--assign", "arm", "--design", "means", "--strata", "base", "--small-blocks", "merge"), []string{`no rule "merge"`, "set --small-blocks to", "drop"}},
		{"lin without controls", fit("--outcome", "y", "--assign", "arm", "--design", "lin"), []string{"--design lin", "--controls"}},
		{"lin with effects", fit("--outcome", "y", "--assign", "arm", "--design", "lin", "--controls", "x", "--absorb", "unit"), []string{"--design lin", "without --absorb"}},
		{"instruments of nothing", fit("--outcome", "y", "--assign", "arm", "--weak", "--compliers"), []string{"--weak, --compliers", "--usage"}},
		{"profile of nobody", fit("--outcome", "y", "--assign", "arm", "--usage", "used", "--profile", "base"), []string{"--profile", "without --compliers"}},
		{"estimator of assignment", fit("--outcome", "y", "--assign", "arm", "--estimator", "liml"), []string{"--estimator", "without --usage"}},
		{"groups of nothing", fit("--outcome", "y", "--assign", "arm", "--groups", "4"), []string{"--groups", "without --by"}},
		{"compliers by group", fit("--outcome", "y", "--assign", "arm", "--usage", "used", "--compliers", "--by", "base"), []string{"--compliers", "leave --by out"}},
		{"one direct effect", fit("--outcome", "y", "--assign", "arm", "--usage", "used", "--direct", "0.1"), []string{"--direct", "two numbers"}},
		{"direct effects on two outcomes", fit("--outcome", "y,x", "--assign", "arm", "--usage", "used", "--direct=-0.1,0.1"), []string{"--direct", "there are 2"}},
		{"splits without groups", fit("--outcome", "y", "--assign", "arm", "--cluster", "unit", "--splits", "3"), []string{"--splits", "without --by"}},
		{"splits of nothing before", fit("--outcome", "y", "--assign", "arm", "--cluster", "unit", "--by", "y", "--splits", "3"), []string{"--splits", "--launch", "--predict"}},
		{"splits without units", fit("--outcome", "y", "--assign", "arm", "--by", "y", "--splits", "3", "--predict", "base"), []string{"--splits", "--cluster"}},
		{"splits and draws", fit("--outcome", "y", "--assign", "arm", "--cluster", "unit", "--by", "y", "--splits", "3", "--predict", "base", "--wild"), []string{"no --wild", "leave --splits out"}},
		{"prediction without splits", fit("--outcome", "y", "--assign", "arm", "--cluster", "unit", "--by", "y", "--predict", "base"), []string{"--predict", "without --splits"}},
		{"seed of nothing", fit("--outcome", "y", "--assign", "arm", "--seed", "3"), []string{"--seed", "--wild"}},
		{"groups of what varies", fit("--outcome", "y", "--assign", "arm", "--cluster", "unit", "--by", "x"), []string{`"x"`, "varies within unit", "--time and --launch"}},
		{"one group", fit("--outcome", "y", "--assign", "arm", "--by", "base", "--groups", "1"), []string{"1 groups", "two or more"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { refused(t, test.want, test.args...) })
	}
	t.Run("profile of many levels", func(t *testing.T) {
		refusedInPart(t, []string{"table 2 (compliers)", "--profile", "more levels"}, fit("--outcome", "y", "--assign", "arm", "--usage", "dose", "--derive", "dose = used * base", "--compliers", "--profile", "base")...)
	})
}

// TestUnwritable asks for output where none can be written.
func TestUnwritable(t *testing.T) {
	study := studyDir(t, studyFile, experiment().String())
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	refused(t, []string{"cannot be written", filepath.Join(file, "out"), "choose a directory"}, "study", study, "--out", filepath.Join(file, "out"))
	refused(t, []string{"cannot be written", "choose a directory"}, "simulate", "--agents", "20", "--out", filepath.Join(file, "out"))
	refused(t, []string{"--out"}, "simulate", "--agents", "20")
	refused(t, []string{"at least"}, "simulate", "--agents", "3", "--out", t.TempDir())
	refused(t, []string{`"nothing"`, "no-effect"}, "simulate", "--preset", "nothing", "--out", t.TempDir())
}

// refusedInPart runs the program and expects status 1, tables on standard output with the reason in the place of what
// cannot be had, and lines on standard error that say it, of which one holds every one of the words.
func refusedInPart(t *testing.T, want []string, args ...string) {
	t.Helper()
	status, stdout, stderr := command(args...)
	if status != 1 {
		t.Errorf("exit status %d, want 1; stderr: %s", status, stderr)
	}
	said := slices.ContainsFunc(strings.Split(stderr, "\n"), func(line string) bool {
		lacks := func(word string) bool { return !strings.Contains(line, word) }
		return strings.HasPrefix(line, "fieldexp: ") && !slices.ContainsFunc(want, lacks)
	})
	if !said {
		t.Errorf("no line says all of %q: %s", want, stderr)
	}
	if got, refused := strings.Count(stdout, "\nNot available: "), strings.Count(stderr, "table "); got != refused || got == 0 {
		t.Errorf("%d tables have a reason in their place, and %d are listed: %s", got, refused, stdout)
	}
	if tables := strings.Count("\n"+stdout, "\nTable "); tables <= strings.Count(stdout, "\nNot available: ") {
		t.Errorf("no table is left of %d", tables)
	}
}

// refused runs the program and expects status 1, nothing on standard output, and one line on
// standard error that holds every one of the words.
func refused(t *testing.T, want []string, args ...string) {
	t.Helper()
	status, stdout, stderr := command(args...)
	if status != 1 {
		t.Errorf("exit status %d, want 1; stderr: %s", status, stderr)
	}
	if stdout != "" {
		t.Errorf("wrote to standard output: %.200s", stdout)
	}
	if !strings.HasPrefix(stderr, "fieldexp: ") || strings.Count(stderr, "\n") != 1 || strings.Contains(stderr, "Usage:") {
		t.Errorf("not one paragraph: %s", stderr)
	}
	for _, w := range want {
		if !strings.Contains(stderr, w) {
			t.Errorf("does not say %q: %s", w, stderr)
		}
	}
	if testing.Verbose() {
		t.Log(stderr)
	}
}
