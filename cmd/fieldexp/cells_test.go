package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// cells is the file of an input, which is named by the folders that it came from.
func cells(name string) string { return filepath.Join("testdata", "cells", filepath.FromSlash(name)) }

// effect is that of the first term of the first model, with its standard error and rows.
type effect struct {
	estimate, se float64
	rows         int
}

// fitEffect runs fit, which must succeed.
func fitEffect(t *testing.T, args ...string) (e effect, stderr string) {
	t.Helper()
	stdout, stderr := succeed(t, append(append([]string{"fit"}, args...), "--format", "json")...)
	var result struct {
		Fits []struct {
			N     int
			Terms []struct{ Estimate, SE float64 }
		}
	}
	if err := json.Unmarshal([]byte(stdout), &result); err != nil || len(result.Fits) == 0 {
		t.Fatalf("%v: %s", err, stdout)
	}
	fit := result.Fits[0]
	return effect{fit.Terms[0].Estimate, fit.Terms[0].SE, fit.N}, stderr
}

// check compares the estimate and the rows.
func (e effect) check(t *testing.T, estimate, tolerance float64, rows int) {
	t.Helper()
	if math.Abs(e.estimate-estimate) > tolerance || e.rows != rows {
		t.Errorf("%v over %d rows, want %v over %d", e.estimate, e.rows, estimate, rows)
	}
}

var flagInMessage = regexp.MustCompile(`by (--(?:missing|type|comma|skip|levels)) ('[^']*'|[^\s;]*[^\s;,.]|\.)`)

// pasted adds to the arguments the first flag that a refusal proposes.
func pasted(t *testing.T, args []string) []string {
	t.Helper()
	status, _, stderr := command(args...)
	match := flagInMessage.FindStringSubmatch(stderr)
	if status == 0 || match == nil {
		t.Fatalf("fieldexp %s: status %d, no flag in %q", strings.Join(args, " "), status, stderr)
	}
	return append(args, match[1], strings.Trim(match[2], "'"))
}

var dotCell = regexp.MustCompile(`(?m)(^|,)\.(,|$)`)

// TestCodesAmongNumbers: edges/02 and 15, hard/bad_cell, realdata stata_missing. A column of numbers with a code for missing
// is not text.
func TestCodesAmongNumbers(t *testing.T) {
	dot := []string{"--data", cells("02-missing-code-as-arm/mz_dot.csv"), "--outcome", "y", "--assign", "z"}
	refused(t, []string{"mz_dot.csv, line 2", `column "z"`, `"." is not a number (6 of 40 cells)`, "--missing ."}, append([]string{"fit"}, dot...)...)
	e, stderr := fitEffect(t, append(dot, "--missing", ".")...)
	if e.check(t, 0.799, 5e-4, 34); math.Abs(e.se-0.350) > 5e-4 || !strings.Contains(stderr, "6 of 40 rows have no z") {
		t.Errorf("standard error %v, want 0.350; %s", e.se, stderr)
	}
	if e, _ := fitEffect(t, append(dot, "--missing", "-999,.")...); e.rows != 34 {
		t.Errorf("a second code leaves %d rows", e.rows)
	}
	refusedInPart(t, []string{"chats.csv, line 79", `column "secs"`, `"." is not a number (1 of 1,344 cells)`, `missing = ["."] under [data]`},
		"study", cells("15-unnamed-cell/study.toml"))
	refused(t, []string{"events.csv, line 3", `column "y"`, `"N/A" is not a number (1 of 96 cells)`, `missing = ["N/A"] under [data]`},
		"study", cells("bad_cell/study.toml"))
	stata := []string{"--data", cells("realdata/stata_missing.csv"), "--outcome", "y", "--assign", "z"}
	refused(t, []string{"stata_missing.csv, line 4", `column "y"`, `"." is not a number (1 of 7 cells)`, "--missing ."}, append([]string{"fit"}, stata...)...)
	e, _ = fitEffect(t, append(stata, "--missing", ".")...)
	e.check(t, -1./3, 1e-12, 6)

	body, err := os.ReadFile(cells("02-missing-code-as-arm/mz_dot.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{"NULL", "#N/A", "N/A", "None", ".a", ".z", `\N`, "-", "?", "nan", "x"} {
		file := filepath.Join(t.TempDir(), "f.csv")
		write(t, file, dotCell.ReplaceAllString(string(body), "${1}"+strings.ReplaceAll(code, "$", "$$")+"$2"))
		args := []string{"fit", "--data", file, "--outcome", "y", "--assign", "z"}
		args = pasted(t, args)
		if e, _ := fitEffect(t, args[1:]...); e.rows != 34 {
			t.Errorf("%s: %d rows by %q", code, e.rows, args[7:])
		}
	}
}

// TestCodesAmongLevels: a code among the levels of text is refused with its count until it is named.
func TestCodesAmongLevels(t *testing.T) {
	var b strings.Builder
	b.WriteString("y,arm,site,z\n")
	arms, sites := []string{"treatment", "control", "None"}, []string{"north", "south", "N/A", "west", "-"}
	for i := range 60 {
		fmt.Fprintf(&b, "%d.%d,%s,%s,%d\n", i%7, i%10, arms[i%3], sites[i%5], i%2)
	}
	file := filepath.Join(t.TempDir(), "f.csv")
	write(t, file, b.String())
	fit := []string{"fit", "--data", file, "--outcome", "y"}
	refused(t, []string{"f.csv, line 4", `column "arm"`, `has "None" in 20 of 60 cells`, "--missing None", "--levels arm=None"}, append(fit, "--assign", "arm")...)
	refused(t, []string{"f.csv, line 4", `column "site"`, `has "-" in 12, "N/A" in 12 of 60 cells`, "--missing -,N/A", "--levels site=-,N/A"},
		append(fit, "--assign", "z", "--cluster", "site", "--mixed-clusters")...)
	for _, c := range []struct {
		rows int
		args []string
	}{
		{60, []string{"--assign", "arm", "--levels", "arm=None", "--control-arm", "control"}}, {60, []string{"--assign", "arm", "--control-arm", "None"}},
		{36, []string{"--assign", "z", "--absorb", "site", "--missing", "N/A,-"}},
		{60, []string{"--assign", "z", "--absorb", "site", "--levels", "site=N/A", "--levels", "site=-"}}, {60, []string{"--assign", "z"}},
	} {
		if e, stderr := fitEffect(t, append(fit[1:], c.args...)...); e.rows != c.rows || stderr != "" {
			t.Errorf("%q: %d rows, want %d; %s", c.args, e.rows, c.rows, stderr)
		}
	}
	e, stderr := fitEffect(t, append(fit[1:], "--assign", "arm", "--missing", "None", "--control-arm", "control")...)
	if e.rows != 40 || !strings.Contains(stderr, "20 of 60 rows have no arm") {
		t.Errorf("arms without None: %d rows, want 40; %s", e.rows, stderr)
	}
	refused(t, []string{`no file has a column "sites"`, `did you mean "site"?`}, append(fit, "--assign", "z", "--levels", "sites=-")...)
	refused(t, []string{"column=level"}, append(fit, "--assign", "z", "--levels", "None")...)
}

// TestMissingAdds: --missing adds to the cells that are missing anyway, --missing-only replaces them; numbers are
// compared as numbers; a code that no cell is, is named.
func TestMissingAdds(t *testing.T) {
	hiv := []string{"--data", cells("realdata/missing_code.csv"), "--outcome", "y", "--assign", "z", "--controls", "hiv"}
	for code, want := range map[string]int{"-1": 198, "-1.0": 198, "-01.00": 198, "-1e0": 198} {
		if e, stderr := fitEffect(t, append(hiv, "--missing="+code)...); e.rows != want || strings.Contains(stderr, "No cell") {
			t.Errorf("%s: %d rows, want %d; %s", code, e.rows, want, stderr)
		}
	}
	e, stderr := fitEffect(t, append(hiv, "--missing=-2,-1")...)
	if e.rows != 198 || !strings.Contains(stderr, `No cell that was read is "-2"`) || strings.Contains(stderr, `"-1"`) {
		t.Errorf("%d rows: %s", e.rows, stderr)
	}
	file := filepath.Join(t.TempDir(), "f.csv")
	write(t, file, "y,z\n1,0\n2,1\n,0\nNA,1\n-9,0\n4,0\n3,1\n7,1\n5,0\n6,1\n")
	fit := []string{"--data", file, "--outcome", "y", "--assign", "z"}
	for args, want := range map[string]int{"": 8, "--missing=-9": 7, "--missing-only=NA,": 8, "--missing-only=NA,,-9": 7} {
		if e, _ := fitEffect(t, append(fit, strings.Fields(args)...)...); e.rows != want {
			t.Errorf("%s: %d rows, want %d", args, e.rows, want)
		}
	}
	refused(t, []string{`line 5, column "y"`, `"NA" is not a number (1 of 9 cells)`}, append([]string{"fit"}, append(fit, "--missing-only=")...)...)
}

// TestSentinels: edges/06 and realdata missing_code. Codes for missing among numbers are warned of by count.
func TestSentinels(t *testing.T) {
	args := []string{"--data", cells("06-sentinel-999/miss_y_m999.csv"), "--outcome", "y", "--assign", "z", "--cluster", "site"}
	e, stderr := fitEffect(t, args...)
	if e.rows != 40 || !strings.Contains(stderr, `Column "y" has -999 in 6 of 40 rows`) || !strings.Contains(stderr, "by --missing -999") {
		t.Errorf("%d rows: %s", e.rows, stderr)
	}
	e, stderr = fitEffect(t, append(args, "--missing", "-999")...)
	if e.check(t, 0.592, 5e-4, 34); math.Abs(e.se-0.376) > 5e-4 || stderr != "" {
		t.Errorf("standard error %v, want 0.376; %s", e.se, stderr)
	}
	hiv := []string{"--data", cells("realdata/missing_code.csv"), "--outcome", "y", "--assign", "z", "--controls", "hiv"}
	if _, stderr := fitEffect(t, hiv...); !strings.Contains(stderr, `Column "hiv" has -1 in 102 of 300 rows`) {
		t.Errorf("of 102 cells of -1 nothing is said: %s", stderr)
	}
	for code, said := range map[string]bool{"99": true, "-9": true, "9999": true, "777": true, "4": false} {
		file := filepath.Join(t.TempDir(), "f.csv")
		var b strings.Builder
		b.WriteString("y,z,age\n")
		for i := range 50 {
			age := fmt.Sprint(1 + i%5)
			if i%20 == 3 {
				age = code
			}
			fmt.Fprintf(&b, "%d,%d,%s\n", i%7, i%2, age)
		}
		write(t, file, b.String())
		_, stderr := fitEffect(t, "--data", file, "--outcome", "y", "--assign", "z", "--controls", "age")
		if warned := strings.Contains(stderr, fmt.Sprintf(`Column "age" has %s in 3 of 50 rows`, code)); warned != said || !said && stderr != "" {
			t.Errorf("%s: %s", code, stderr)
		}
	}
}

// TestTextsOfNumbers: discover deccomma, thousands, pct, td_duck and bool. The refusal proposes the declaration by which the
// column is read; the effects are means of the texts, computed apart.
func TestTextsOfNumbers(t *testing.T) {
	for _, c := range []struct {
		file, args string
		runs       int
		estimate   float64
		rows       int
	}{
		{"deccomma", "", 2, 0.06463862179487179, 200}, {"thousands", "", 1, 0.6463862179487023, 200}, {"pct", "", 1, 0.06463862179487179, 200},
		{"td_duck", "", 1, 10.432692307692307, 200}, {"bool_yes", "--type z=yes/no", 1, 0.16935483870967, 199},
		{"bool_py", "--type z=yes/no", 1, 0.16935483870967, 199}, {"bool_num", "", 0, 0.16935483870967, 199},
	} {
		args := append([]string{"fit", "--data", cells("discover/" + c.file + ".csv"), "--outcome", "y", "--assign", "z"}, strings.Fields(c.args)...)
		for range c.runs {
			args = pasted(t, args)
		}
		e, stderr := fitEffect(t, args[1:]...)
		if c.rows == 199 { // as of 0 and 1 in bool_num
			c.estimate = boolEffect(t)
		}
		if e.check(t, c.estimate, 1e-12, c.rows); stderr != "" {
			t.Errorf("%s: %s", c.file, stderr)
		}
	}
	refused(t, []string{"deccomma.csv, line 2", `column "y"`, `"-0,312"`, "200 of 200 cells", `y = "decimal-comma" under [data.types]`}, "study", cells("discover/dec.toml"))
	refused(t, []string{"bool_py.csv, line 2", "is not a number", `= "yes/no" under [data.types]`}, "study", cells("discover/bool.toml"))
	for cell, kind := range map[string]string{"$1,200.50": "currency", "(1,200.50)": "thousands", "12 %": "percent", "1.234,5 €": "decimal-comma currency", "T": "yes/no"} {
		file := filepath.Join(t.TempDir(), "f.csv")
		write(t, file, "y;z\n"+strings.Repeat(cell+";0\n"+cell+";1\n", 3))
		args := []string{"fit", "--data", file, "--outcome", "y", "--assign", "z", "--comma", ";"}
		refused(t, []string{"line 2", "6 of 6 cells", "y=" + kind}, args...)
	}
	refused(t, []string{`there is no type "percents"`, "decimal-comma, thousands, percent"}, "fit", "--data", cells("discover/pct.csv"), "--outcome", "y", "--assign", "z", "--type", "y=percents")
}

// TestColumnsAtOnce: what keeps several columns from being numbers is said in one refusal, with all that it takes.
func TestColumnsAtOnce(t *testing.T) {
	bool := []string{"fit", "--data", cells("discover/bool_py.csv"), "--outcome", "y", "--assign", "z", "--usage", "u"}
	refused(t, []string{`column "u"`, `column "y"`, "read these by --type u=yes/no and --type y=yes/no"}, bool...)
	succeed(t, append(bool, "--type", "u=yes/no", "--type", "y=yes/no", "--type", "z=yes/no")...)
	dir := t.TempDir()
	var b strings.Builder
	b.WriteString("who,day,treat,y,pay,lag,used\n")
	for i := range 400 {
		y, pay, lag := fmt.Sprint(i%7), fmt.Sprintf("\"$1,%03d.50\"", (37*i)%1000), fmt.Sprint(i%5)
		switch {
		case i%50 == 13:
			y = "N/A"
		case i%90 == 20:
			pay = "."
		case i%80 == 30:
			lag = "?"
		}
		fmt.Fprintf(&b, "u%d,2024-03-%02d,%d,%s,%s,%s,%d\n", i%40, 1+i/40, i%2, y, pay, lag, i%40/20)
	}
	write(t, filepath.Join(dir, "e.csv"), b.String())
	study := "launch = 2024-03-06\n[data]\nevents = \"e.csv\"\n%s[roles]\nunit = \"who\"\nassignment = \"treat\"\ntime = \"day\"\n[controls]\nlagged = [\"lag\"]\n" +
		"[[outcomes]]\ncolumn = \"y\"\n[[outcomes]]\ncolumn = \"pay\"\n[[tables]]\nkind = \"itt\"\n"
	file := filepath.Join(dir, "study.toml")
	write(t, file, fmt.Sprintf(study, ""))
	refused(t, []string{`e.csv, line 32, column "lag": "?" is not a number (4 of 400 cells)`, `line 15, column "y": "N/A" is not a number (8 of 400 cells)`, `line 2, column "pay": "$1,000.50"`,
		`read these by pay = "currency" under [data.types] and missing = ["?", "N/A", "."] under [data]`}, "study", file)
	write(t, file, fmt.Sprintf(study, "missing = [\"?\", \"N/A\", \".\"]\ntypes = { pay = \"currency\" }\n"))
	if stdout, stderr := succeed(t, "study", file); strings.Count(stdout, "Table ") != 1 || strings.Contains(stderr, "No cell") {
		t.Errorf("%s\n%s", stdout, stderr)
	}
}

// boolEffect is the difference of the means of y in bool_num.csv, over the rows that have both.
func boolEffect(t *testing.T) float64 {
	t.Helper()
	body, err := os.ReadFile(cells("discover/bool_num.csv"))
	if err != nil {
		t.Fatal(err)
	}
	var sum, n [2]float64
	for _, line := range strings.Split(strings.TrimSpace(string(body)), "\n")[1:] {
		if f := strings.Split(line, ","); f[0] != "" && f[2] != "" {
			arm := f[0][0] - '0'
			sum[arm] += float64(f[2][0] - '0')
			n[arm]++
		}
	}
	return sum[1]/n[1] - sum[0]/n[0]
}

// TestNotCSV: edges/16 and 20, realdata semicolon. Files are named for what they are, with the way in.
func TestNotCSV(t *testing.T) {
	for file, want := range map[string][]string{
		"16-not-a-csv/utf16.csv": {"is text in UTF-16", "UTF-8"}, "16-not-a-csv/hdr_sep.csv": {`the line "sep=,"`, "--skip 1"},
		"16-not-a-csv/cr_only.csv": {"carriage return"}, "16-not-a-csv/semicolon.csv": {"--comma ';'"}, "realdata/semicolon.csv": {"--comma ';'"},
		"20-nul-and-latin1/nul.csv": {"line 3", `column "site"`, `"1\x00" holds a NUL byte`}, "20-nul-and-latin1/latin1site.csv": {"line 2", `"Malm\xf61" is not UTF-8`, "UTF-8"},
	} {
		refused(t, want, "fit", "--data", cells(file), "--outcome", "y", "--assign", "z", "--cluster", "site")
	}
	for _, file := range []string{"16-not-a-csv/hdr_sep.csv", "16-not-a-csv/semicolon.csv", "realdata/semicolon.csv"} {
		args := pasted(t, []string{"fit", "--data", cells(file), "--outcome", "y", "--assign", "z"})
		if e, _ := fitEffect(t, args[1:]...); e.rows < 4 {
			t.Errorf("%s: %d rows", file, e.rows)
		}
	}
	file := filepath.Join(t.TempDir(), "f.csv")
	for _, title := range []string{"Trial of June\n\n", "Trial of June,,\n", "\"Trial; June\"\nwave 2\n"} {
		write(t, file, title+"y,z,x\n1,0,3\n2,1,4\n3,0,5\n4,1,5\n5,1,6\n")
		args := pasted(t, []string{"fit", "--data", file, "--outcome", "y", "--assign", "z"})
		if strings.Count(title, "\n") == 2 && strings.Contains(title, "wave") {
			args = args[:len(args)-2]
			args = append(args, "--skip", "2")
		}
		if e, _ := fitEffect(t, args[1:]...); e.rows != 5 {
			t.Errorf("%q: %d rows", title, e.rows)
		}
	}
}

// write writes a file.
func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestNamesWithBlanks: newcomer space-column. The name of a column with blanks is proposed between backquotes, which work.
func TestNamesWithBlanks(t *testing.T) {
	file := filepath.Join(t.TempDir(), "f.csv")
	write(t, file, "y,Experiment Group\n1,treatment\n2,control\n3,treatment\n5,control\n4,treatment\n7,control\n")
	fit := []string{"--data", file, "--outcome", "y", "--assign", "treated", "--derive"}
	refused(t, []string{"write the name between backquotes: `Experiment Group`"}, append(append([]string{"fit"}, fit...), `treated = Experiment Group == "treatment"`)...)
	e, _ := fitEffect(t, append(fit, "treated = `Experiment Group` == \"treatment\"")...)
	e.check(t, 8./3-14./3, 1e-12, 6)
	for derive, proposed := range map[string]bool{"x = Net pay - y": true, "x = y - Net pay": false, "x = y ^ 2": false} {
		_, _, stderr := command(append(append([]string{"fit"}, fit...), derive)...)
		if strings.Contains(stderr, "backquotes: `Net pay`") != proposed || strings.Contains(stderr, "`y ^") {
			t.Errorf("%s: %s", derive, stderr)
		}
	}
}
