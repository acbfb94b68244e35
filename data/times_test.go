package data

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/fieldexp/fieldexp"
)

// readBoth reads a text at once and in a scan of small blocks, and returns the times of column t and the report of
// it, which must be the same.
func readBoth(t *testing.T, input string, opt ReadOptions) (times []string, report ColumnReport, err error) {
	t.Helper()
	last := func(r *ReadReport) (of ColumnReport) {
		for _, file := range r.Files() {
			of = file.Columns[slices.IndexFunc(file.Columns, func(r ColumnReport) bool { return r.Column == "t" })]
		}
		return of
	}
	shown := func(f *Frame) (times []string) {
		instants, err := f.Instants("t")
		if err != nil {
			t.Fatal(err)
		}
		for _, ns := range instants {
			if ns == MissingTime {
				times = append(times, "")
			} else {
				times = append(times, time.Unix(0, ns).UTC().Format(time.DateTime))
			}
		}
		return times
	}
	var whole, chunks ReadReport
	opt.Report, opt.blockSize = &whole, 64
	f, err := ReadCSVFrom(t.Context(), strings.NewReader(input), "test.csv", opt)
	var scanned []string
	opt.Report = &chunks
	for _, r := range []io.Reader{strings.NewReader(input), io.MultiReader(strings.NewReader(input))} { // one that can seek, one that cannot
		scanned = nil
		again := ScanCSVFrom(t.Context(), r, "test.csv", opt, func(chunk *Frame) error {
			scanned = append(scanned, shown(chunk)...)
			return nil
		})
		if _, seeks := r.(io.Seeker); seeks && fmt.Sprint(again) != fmt.Sprint(err) || (again == nil) != (err == nil) {
			t.Errorf("a scan says %v, reading says %v", again, err)
		}
	}
	if err != nil {
		return nil, ColumnReport{}, err
	}
	times = shown(f)
	if !slices.Equal(times, scanned) || fmt.Sprint(last(&whole)) != fmt.Sprint(last(&chunks)) {
		t.Errorf("a scan gives %v, %+v; reading gives %v, %+v", scanned, last(&chunks), times, last(&whole))
	}
	return times, last(&whole), nil
}

// column is a file with a column t.
func columnOf(cells ...string) string { return "t,x\n" + strings.Join(cells, ",1\n") + ",1\n" }

func TestOffsetsAreReadAndIgnored(t *testing.T) {
	asTime := map[string]Kind{"t": Time}
	for _, c := range []struct{ cell, want string }{
		{"2024-01-23 17:23:00-05", "-18000"}, {"2024-01-23 17:23:00-0500", "-18000"}, {"2024-01-23 17:23:00-05:00", "-18000"},
		{"2024-01-23T17:23:00.000000-0500", "-18000"}, {"2024-01-23T17:23:00+0000", "0"}, {"2024-01-23T17:23:00Z", "0"},
		{"2024-01-23 17:23+05:30", "19800"}, {"2024-01-23 17:23:00 +0200", "7200"}, {"2024-01-23 17:23:00 UTC", "0"},
		{"2024-01-23 17:23:00 EST", ""}, {"2024-01-23 17:23:00", ""}, {"2024-01-23T17:23", ""},
	} {
		times, report, err := readBoth(t, columnOf(c.cell, "", c.cell), ReadOptions{Types: asTime})
		if err != nil {
			t.Errorf("%s: %v", c.cell, err)
			continue
		}
		want, offsets := []string{"2024-01-23 17:23:00", "", "2024-01-23 17:23:00"}, "[]"
		if c.want != "" {
			offsets = "[{" + c.want + " 2}]"
		}
		if !slices.Equal(times, want) || fmt.Sprint(report.Offsets) != offsets || report.Times != 2 {
			t.Errorf("%s: %v, %+v", c.cell, times, report)
		}
	}
}

func TestZoneMovesInstants(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	times, report, err := readBoth(t, columnOf("2024-01-18T05:00:00Z", "2024-07-18T04:00:00Z", "2024-01-18 12:00:00+01", "2024-01-18 00:00:00",
		"2024-03-10 02:30:00", "2024-11-03 01:30:00", "", "2024-11-03T05:30:00Z"), ReadOptions{Types: map[string]Kind{"t": Time}, Zone: zone})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"2024-01-18 00:00:00", "2024-07-18 00:00:00", "2024-01-18 06:00:00", "2024-01-18 00:00:00", "2024-03-10 02:30:00", "2024-11-03 01:30:00", "", "2024-11-03 01:30:00"}
	if !slices.Equal(times, want) || report.Skipped != 1 || report.Repeated != 1 || report.Times != 7 || fmt.Sprint(report.Offsets) != "[{0 3} {3600 1}]" {
		t.Errorf("%v, %+v", times, report)
	}
}

func TestOrderOfDayAndMonth(t *testing.T) {
	long := slices.Repeat([]string{"03/04/2024 08:15"}, 200) // more than a block
	for _, c := range []struct {
		name    string
		cells   []string
		order   string
		decided int
		first   string
	}{
		{"day first", []string{"03/04/2024 08:15", "23/01/2024 09:00"}, "day-first", 1, "2024-04-03 08:15:00"},
		{"month first", []string{"03/04/2024 08:15", "01/23/2024 09:00"}, "month-first", 1, "2024-03-04 08:15:00"},
		{"found late", append(slices.Clone(long), "12/31/2024 23:59"), "month-first", 1, "2024-03-04 08:15:00"},
		{"missing first", append(slices.Repeat([]string{"NA"}, 5), "31.12.2024", "13.1.2024"), "day-first", 2, ""},
		{"narrow fields", []string{"3/4/2024 8:05", "23/1/2024 19:00"}, "day-first", 1, "2024-04-03 08:05:00"},
		{"halves of the day", []string{"3/4/2024 8:05 PM", "1/23/2024 9:00 AM"}, "month-first", 1, "2024-03-04 20:05:00"},
		{"dashes", []string{"03-04-2024", "28-02-2024"}, "day-first", 1, "2024-04-03 00:00:00"},
		{"ISO dates among them", []string{"03/04/2024", "2024-01-05", "28/02/2024"}, "day-first", 1, "2024-04-03 00:00:00"},
		{"ISO dates alone", []string{"2024-04-03", "2024-01-05"}, "", 0, "2024-04-03 00:00:00"},
	} {
		times, report, err := readBoth(t, columnOf(c.cells...), ReadOptions{Types: map[string]Kind{"t": Time}})
		if err != nil || len(times) != len(c.cells) || times[0] != c.first || report.Order != c.order || report.Decided != c.decided {
			t.Errorf("%s: %v, %+v, %v", c.name, times, report, err)
		}
	}
	for _, c := range []struct {
		name  string
		cells []string
		want  string
	}{
		{"either", []string{"03/04/2024", "05/06/2024", ""},
			`data: test.csv: column "t" has dates such as 03/04/2024, which may all begin with the day or with the month (2 cells); name "day-first" in Layouts, or "month-first"`},
		{"both", []string{"23/01/2024", "24/01/2024", "01/23/2024", "05/06/2024"},
			`data: test.csv: column "t" has 2 dates that can only begin with the day and 1 date that can only begin with the month; write all dates in one order`},
		{"no date later", []string{"23/01/2024", "soon"}, `data: test.csv, line 3, column "t": "soon" is not a time in any of the layouts (1 of 2 cells); add its layout to Layouts, as in "%d/%m/%Y %H:%M" (%y for a year of two digits), ` +
			`or read it as missing by MissingValues = "soon", or read the column as text by Types["t"] = "text"`},
		{"no date of the calendar", []string{"31/02/2024"}, `data: test.csv, line 2, column "t": "31/02/2024" is not a time in any of the layouts (1 of 1 cell); add its layout to Layouts, as in "%d/%m/%Y %H:%M" (%y for a year of two digits), ` +
			`or read it as missing by MissingValues = "31/02/2024", or read the column as text by Types["t"] = "text"`},
	} {
		_, _, err := readBoth(t, columnOf(c.cells...), ReadOptions{Types: map[string]Kind{"t": Time}})
		wantError(t, err, c.want)
	}
}

func TestLayoutsInAnyNotation(t *testing.T) {
	const want = "2024-04-03 08:05:09"
	for _, c := range []struct{ layout, cell, want string }{
		{"%d/%m/%Y %H:%M:%S", "03/04/2024 08:05:09", want}, {"%d/%m/%Y %H:%M:%S", "3/4/2024 8:05:09", want}, {"%F %T", "2024-04-03 08:05:09", want},
		{"%m/%d/%y %I:%M:%S %p", "04/03/24 08:05:09 AM", want}, {"%d %b %Y %H:%M:%OS", "03 Apr 2024 08:05:09.25", want}, {"%Y-%m-%dT%H:%M:%S.%f", "2024-04-03T08:05:09.123456", want},
		{"%Y-%m-%dT%H:%M:%S%z", "2024-04-03T08:05:09+0200", want}, {"%Y-%m-%dT%H:%M:%S%z", "2024-04-03T08:05:09+02:00", want}, {"%-d.%-m.%Y %H:%M:%S", "3.4.2024 08:05:09", want},
		{"%Y%m%d %H%M%S", "20240403 080509", want}, {"%A, %d %B %Y %T", "Wednesday, 03 April 2024 08:05:09", want}, {"%Y-%j %T", "2024-094 08:05:09", want},
		{"DD/MM/YYYY HH:mm:ss", "03/04/2024 08:05:09", want}, {"dd/mm/yyyy hh:mm:ss", "03/04/2024 08:05:09", want}, {"M/D/YYYY h:mm:ss A", "4/3/2024 8:05:09 AM", want},
		{"yyyy-MM-dd'T'HH:mm:ss.SSS", "2024-04-03T08:05:09.250", want}, {"YYYY-MM-DDTHH:mm:ssZ", "2024-04-03T08:05:09+02:00", want}, {"D MMM YYYY HH:mm:ss", "3 Apr 2024 08:05:09", want},
		{"02/01/2006 15:04:05", "03/04/2024 08:05:09", want}, {"Jan 2, 2006", "Apr 3, 2024", "2024-04-03 00:00:00"}, {"iso", "2024-04-03 08:05:09", want},
		{"day-first", "03/04/2024 08:05:09", want}, {"month-first", "04/03/2024 08:05:09", want}, {"day-first", "3.4.2024 8:05", "2024-04-03 08:05:00"}, {"MM/yyyy", "04/2024", "2024-04-01 00:00:00"},
	} {
		times, _, err := readBoth(t, "t\n\""+c.cell+"\"\n", ReadOptions{Types: map[string]Kind{"t": Time}, Layouts: []string{c.layout}})
		if err != nil || times[0] != c.want {
			t.Errorf("%s reads %s as %v, %v; want %s", c.layout, c.cell, times, err, c.want)
		}
	}
	for _, c := range []struct{ layout, at string }{
		{"%d/%m/%Q", "%Q"}, {"%d/%", "%"}, {"dayfirst", "y"}, {"", ""}, {"789", "789"}, {"yyyy-qq", "qq"}, {"- -", "- -"}, {"%s", "%s"},
	} {
		_, err := ReadCSVFrom(t.Context(), strings.NewReader("t\n1\n"), "test.csv", ReadOptions{Layouts: []string{c.layout}})
		var refusal *fieldexp.Error
		if !errors.As(err, &refusal) || refusal.Problem != fieldexp.BadSpec || !strings.Contains(refusal.Message, fmt.Sprintf("%q", c.at)) {
			t.Errorf("layout %q: %v", c.layout, err)
		}
	}
}

func TestKeysAreText(t *testing.T) {
	input := "id,z\n 7,1\n007,1\n07 ,0\n7,1\n1e3,1\n1000,1\n1000.0,0\nb,0\n\" a \",0\n12,1\nNA,1\n"
	opt := ReadOptions{Keys: []string{"id", "elsewhere"}, Report: new(ReadReport)}
	f, err := ReadCSVFrom(t.Context(), strings.NewReader(input), "test.csv", opt)
	if err != nil {
		t.Fatal(err)
	}
	codes, levels, err := f.Codes("id")
	if err != nil {
		t.Fatal(err)
	}
	if want := "[007 07 7 12 1000 1000.0 1e3 a b]"; fmt.Sprint(levels) != want {
		t.Errorf("levels %v, want %s", levels, want)
	}
	if want := "[2 0 1 2 6 4 5 8 7 3 -1]"; fmt.Sprint(codes) != want {
		t.Errorf("codes %v, want %s", codes, want)
	}
	if report := opt.Report.Files()[0].Columns; report[0].Trimmed != 3 || report[1].Trimmed != 0 {
		t.Errorf("report %+v", opt.Report.Files())
	}
	opt.Types = map[string]Kind{"id": Float}
	if _, err := ReadCSVFrom(t.Context(), strings.NewReader("id,z\n007,1\n7,0\n"), "test.csv", opt); err != nil || opt.Report.Files()[1].Columns[0].Trimmed != 0 {
		t.Errorf("a key declared a number: %v, %+v", err, opt.Report.Files()[1].Columns)
	}
}

// Rows are of one group if the texts of their keys are the same, whatever forms of numbers are among them; and levels
// are in one order, whatever that of the rows.
func TestKeysGroupByText(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	forms := []string{"%d", "%d", "%d", "%03d", "%d.0", "+%d", "-%d", "%de0", "u%d", "%d0000000000", "%d00000000000000", "0", "", " %d", "%d ", "\"%d\"", "\" %d\""}
	kinds := make(map[Kind]int)
	for range 400 {
		some := forms[:1+r.IntN(len(forms))]
		var b strings.Builder
		var texts []string
		b.WriteString("id,x\n")
		for range 1 + r.IntN(120) {
			form := some[r.IntN(len(some))]
			cell := form
			if strings.Contains(form, "%") {
				cell = fmt.Sprintf(form, r.IntN(12))
			}
			b.WriteString(cell + ",1\n")
			texts = append(texts, strings.Trim(strings.Trim(cell, "\""), " "))
		}
		f, err := ReadCSVFrom(t.Context(), strings.NewReader(b.String()), "test.csv", ReadOptions{Keys: []string{"id"}, blockSize: 64})
		if err != nil {
			t.Fatal(err)
		}
		kind, _ := f.Kind("id")
		kinds[kind]++
		groups, err := f.Group("id")
		if err != nil {
			t.Fatal(err)
		}
		for i, text := range texts {
			switch c := groups.Codes[i]; {
			case text == "" && c >= 0, text != "" && c < 0, c >= 0 && groups.Labels[c] != text:
				t.Fatalf("row %d, %q, is in group %d of %q; file\n%s", i+1, text, c, groups.Labels, b.String())
			}
		}
		sorted := slices.Clone(groups.Labels)
		r.Shuffle(len(sorted), func(i, j int) { sorted[i], sorted[j] = sorted[j], sorted[i] })
		if sorted = sortLevels(nil, sorted); !slices.Equal(sorted, groups.Labels) {
			t.Fatalf("levels %q, in order %q", groups.Labels, sorted)
		}
	}
	if kinds[Float] < 20 || kinds[Categorical] < 20 {
		t.Errorf("kinds %v", kinds)
	}
}

func TestKeysThatLostDigits(t *testing.T) {
	for text, lost := range map[string]bool{"8.81235E+15": true, "1.23457E+11": true, "1E+12": true, "1.5e+11": true, "4.5E+18": true,
		"1e+05": false, "1.5e+05": false, "1e15": false, "22E1": false, "1e3": false, "12E+11": false, "E+12": false, ".5E+12": false, "a.1E+12": false, "1.E+1x": false,
		"1.23456789012E+11": false, "8812350000000000": false, "+12": false, "": false, "1.2E+": false} {
		if lostDigits(text) != lost {
			t.Errorf("lostDigits(%q) is %v", text, !lost)
		}
	}
	input := "id,z\n17,1\n8.81235E+15,1\n8.81236E+15,0\n8.81235E+15,1\n"
	opt := ReadOptions{Keys: []string{"id"}}
	_, err := ReadCSVFrom(t.Context(), strings.NewReader(input), "test.csv", opt)
	wantError(t, err, `data: test.csv: row 2, column "id": the identifier 8.81235E+15 has lost digits in a spreadsheet, as have 3 cells of 2 such identifiers: units that differ in them would be one; `+
		"write the identifiers with all their digits, as text")
	err = ScanCSVFrom(context.Background(), strings.NewReader(input), "test.csv", opt, func(*Frame) error { return nil })
	wantError(t, err, `data: test.csv: row 2, column "id": the identifier 8.81235E+15 has lost digits in a spreadsheet: units that differ in them would be one; `+
		"write the identifiers with all their digits, as text")
}

// TestCountedTimes: seconds or days that were counted are not proposed to be missing.
func TestCountedTimes(t *testing.T) {
	for _, cell := range []string{"1704788340", "45296.5"} {
		_, err := ReadCSVFrom(t.Context(), strings.NewReader("t,x\n"+cell+",1\n"), "test.csv", ReadOptions{Types: map[string]Kind{"t": Time}})
		if err == nil || !strings.Contains(err.Error(), "numbers are not read as times") || strings.Contains(err.Error(), "as missing") {
			t.Errorf("%s: %v", cell, err)
		}
	}
}
