package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestBounds: every count that a user gives has an upper bound, which is told at once: cases/hard/digits/1e9.toml,
// groups/1e9.toml, groups/max.toml, wide.py, and --groups above the number of values. The twins at the bound are not refused
// for it.
func TestBounds(t *testing.T) {
	add := func(text string) string { return strings.Replace(studyFile, "[[outcomes]]", text+"\n[[outcomes]]", 1) }
	groups := func(n string) string { return strings.Replace(studyFile, "groups = 2", "groups = "+n, 1) }
	splits := func(n string) string { return add("[[tables]]\nkind = \"hetero\"\nsplits = " + n) }
	for name, c := range map[string]struct {
		study string
		want  []string
	}{
		"groups, the largest number": {groups("9223372036854775807"), []string{"9223372036854775807 groups", "at most 1000 in groups under [baseline]"}},
		"groups, many":               {groups("1000000000"), []string{"1000000000 groups", "at most 1000"}},
		"groups, one too many":       {groups("1001"), []string{"1001 groups", "at most 1000"}},
		"groups, negative":           {groups("-5"), []string{"-5 groups", "two or more"}},
		"digits, many":               {add("[[tables]]\nkind = \"itt\"\ndigits = 1000000000"), []string{"table 1", "1000000000 decimals", "at most 17"}},
		"digits, one too many":       {add("[[tables]]\nkind = \"itt\"\ndigits = 18"), []string{"18 decimals", "at most 17"}},
		"digits, too negative":       {add("[[tables]]\nkind = \"itt\"\ndigits = -2"), []string{"-2 decimals", "-1 for whole numbers"}},
		"draws, many":                {add("[inference]\nwild = true\ndraws = 1000000000"), []string{"1000000000 draws", "at most 10000000 in draws under [inference]"}},
		"draws, negative":            {add("[inference]\nwild = true\ndraws = -1"), []string{"-1 draws", "at least 99"}},
		"splits, many":               {splits("1000000000"), []string{"1000000000 splits", "at most 10000 in splits"}},
		"splits, negative":           {splits("-1"), []string{"-1 splits", "one or more"}},
		"a number beyond all":        {groups("99999999999999999999"), []string{"study.toml", "out of range"}},
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			refused(t, c.want, "study", studyDir(t, c.study, experiment().String()))
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("refused after %v", took)
			}
		})
	}
	for name, study := range map[string]string{"digits": add("[[tables]]\nkind = \"itt\"\ndigits = 17"), "whole numbers": add("[[tables]]\nkind = \"itt\"\ndigits = -1")} {
		t.Run(name+" at the bound", func(t *testing.T) { succeed(t, "study", studyDir(t, study, experiment().String())) })
	}
	t.Run("more groups than values", func(t *testing.T) {
		file := filepath.Join(filepath.Dir(studyDir(t, studyFile, experiment().String())), "events.csv")
		for _, n := range []string{"25", "100", "1000"} {
			refused(t, []string{"24 values", "of " + n + " empty", "ask for 24 groups"}, "fit", "--data", file, "--outcome", "y", "--assign", "arm", "--cluster", "unit", "--by", "base", "--groups", n)
		}
		refused(t, []string{"100000 groups", "at most 1000 in --groups"}, "fit", "--data", file, "--outcome", "y", "--assign", "arm", "--by", "base", "--groups", "100000")
	})
}

// TestWide is cases/hard/wide.py: more columns than rows are refused before the work that grows with their square.
func TestWide(t *testing.T) {
	sheet := func(rows, columns int) (file, controls string) {
		var b strings.Builder
		var names []string
		for j := range columns {
			names = append(names, fmt.Sprint("c", j))
		}
		b.WriteString("y,arm," + strings.Join(names, ",") + "\n")
		state := uint32(1)
		for i := range rows {
			fmt.Fprintf(&b, "%d,%d", i*i%101, i%2)
			for range columns {
				state = state*1664525 + 1013904223
				fmt.Fprintf(&b, ",%d", (state>>16)%99)
			}
			b.WriteByte('\n')
		}
		file = filepath.Join(t.TempDir(), "w.csv")
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return file, strings.Join(names, ",")
	}
	for _, columns := range []int{150, 500, 2000} {
		file, controls := sheet(149, columns)
		start := time.Now()
		refused(t, []string{`outcome "y" has 149 observations for`, "fewer controls"}, "fit", "--data", file, "--outcome", "y", "--assign", "arm", "--controls", controls)
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%d columns are refused after %v", columns, took)
		}
	}
	file, controls := sheet(160, 150)
	succeed(t, "fit", "--data", file, "--outcome", "y", "--assign", "arm", "--controls", controls)
}

// TestEmptyFlags: a flag whose value an unset variable left empty is refused.
func TestEmptyFlags(t *testing.T) {
	study := studyDir(t, studyFile, experiment().String())
	file := filepath.Join(filepath.Dir(study), "events.csv")
	fit := []string{"fit", "--data", file, "--outcome", "y", "--assign", "arm"}
	for _, flag := range []string{"--cluster", "--absorb", "--controls", "--usage", "--weights", "--by", "--se", "--derive", "--strata", "--launch", "--comma", "--format"} {
		refused(t, []string{flag + " is given and empty", "leave it out"}, append(fit, flag, "")...)
	}
	refused(t, []string{"--cluster is given and empty"}, append(fit, "--cluster", "unit,")...)
	refused(t, []string{"--out is given and empty"}, "study", study, "--out", "")
	refused(t, []string{"--out is given and empty"}, "simulate", "--out", "")
	succeed(t, fit...)
	succeed(t, append(fit, "--missing", "", "--cluster", "unit")...)
}

// TestUnknownNames: names under [data.types], [labels] and [definitions] are columns.
func TestUnknownNames(t *testing.T) {
	add := func(text string) string { return studyFile + text }
	for name, c := range map[string]struct {
		study string
		want  []string
	}{
		"a type":       {add("[data.types]\nzz = \"number\"\n"), []string{`"zz" is no column of events.csv`, "[data.types]"}},
		"a near type":  {add("[data.types]\nbsae = \"number\"\n"), []string{`did you mean "base" in [data.types]`}},
		"a label":      {add("[labels]\nusedd = \"Used\"\n"), []string{`"usedd" is no column of events.csv`, `did you mean "used" in labels`}},
		"a definition": {add("[definitions]\nunit_id = \"Who\"\n"), []string{`"unit_id" is no column`, "in definitions"}},
	} {
		t.Run(name, func(t *testing.T) { refused(t, c.want, "study", studyDir(t, c.study, experiment().String())) })
	}
	known := add("[data.types]\nbase = \"number\"\n[labels]\nused = \"Use\"\nday = \"Day\"\nsum = \"Sum\"\n[definitions]\nbase = \"Level\"\n")
	succeed(t, "study", studyDir(t, strings.Replace(known, "launch =", "derive = [\"sum = y + x\"]\nlaunch =", 1), experiment().String()))
}

// TestReasons: what is refused is refused for what it is.
func TestReasons(t *testing.T) {
	blank := experiment()
	blank.set("at", func(int, string) string { return "" })
	refused(t, []string{`column "at" is missing in every row`, "check missing under [data]"}, "study", studyDir(t, studyFile, blank.String()))
	refused(t, []string{"launch 09:00:00 is a time of the day without a date", "2024-01-23 09:00:00"}, "study",
		studyDir(t, strings.Replace(studyFile, "2024-03-08", "09:00:00", 1), experiment().String()))
	study := studyDir(t, studyFile, experiment().String())
	events := filepath.Join(filepath.Dir(study), "events.csv")
	if err := os.Chmod(events, 0); err != nil {
		t.Fatal(err)
	}
	if file, err := os.Open(events); err == nil {
		file.Close() // the user may read everything
	} else {
		refused(t, []string{"events.csv", "permission denied", "ask for leave to read it"}, "study", study)
	}
	os.Remove(events)
	if os.Symlink("events.csv", events) == nil {
		refused(t, []string{"events.csv", "cannot be opened: too many levels of symbolic links"}, "study", study)
	}
}
