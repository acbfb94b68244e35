package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// cases are the handed inputs of which studies have tests, too.
var cases = filepath.Join("..", "..", "study", "testdata", "arms")

// TestFitOrderOfRows: the same rows in another order have the same table (cases 03-control-arm-by-row-order,
// text_arms_control_first and text_arms_treated_first), with the design means too.
func TestFitOrderOfRows(t *testing.T) {
	for _, c := range []struct{ first, second, args, shows string }{
		{"03-control-arm-by-row-order/ord_TRUE_fwd.csv", "03-control-arm-by-row-order/ord_TRUE_rev.csv", "--assign z --cluster site", "z=TRUE 0.592"},
		{"03-control-arm-by-row-order/ord_TRUE_fwd.csv", "03-control-arm-by-row-order/ord_TRUE_rev.csv", "--assign z --control-arm TRUE", "z=FALSE −0.592"},
		{"03-control-arm-by-row-order/ord_TRUE_fwd.csv", "03-control-arm-by-row-order/ord_TRUE_rev.csv", "--assign z --design means --control-arm TRUE", "−0.592"},
		{"realdata/text_arms_control_first.csv", "realdata/text_arms_treated_first.csv", "--assign lottery", "lottery=Selected 1.136***"},
	} {
		var shown [2]string
		for i, file := range []string{c.first, c.second} {
			text, _ := succeed(t, append([]string{"fit", "--data", filepath.Join(cases, file), "--outcome", "y"}, strings.Fields(c.args)...)...)
			shown[i] = strings.Join(strings.Fields(text), " ")
		}
		if strings.Contains(c.args, "means") { // a mean that lies between two last digits goes either way
			shown[0], shown[1] = strings.Replace(shown[0], "2.536 ", "2.537 ", 1), strings.Replace(shown[1], "2.536 ", "2.537 ", 1)
		}
		if shown[0] != shown[1] || !strings.Contains(shown[0], c.shows) {
			t.Errorf("%s: %s\nand in the other order %s\nwant %q", c.args, shown[0], shown[1], c.shows)
		}
	}
}

// TestFitArms: what is asked of arms, blanks and launches in flags.
func TestFitArms(t *testing.T) {
	file := func(text string) string {
		name := filepath.Join(t.TempDir(), "d.csv")
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return name
	}
	blank := "arm,y,used\n"
	for i := range 40 {
		used := []string{"", "1", "", "0"}[i%4]
		blank += []string{"old tool", "new tool"}[i%2] + "," + []string{"1", "3", "2", "2.5", "0"}[i%5] + "," + used + "\n"
	}
	data := file(blank)
	fit := []string{"fit", "--data", data, "--outcome", "y", "--assign", "arm"}
	refused(t, []string{`which arm of assignment "arm" is control`, `"new tool" (20 rows), "old tool" (20 rows)`, "--control-arm"}, fit...)
	fit = append(fit, "--control-arm", "old tool", "--usage", "used")
	refused(t, []string{`usage "used" is missing in all`, "by --usage-blank zero"}, fit...)
	text, _ := succeed(t, append(fit, "--usage-blank", "zero")...)
	if shown := strings.Join(strings.Fields(text), " "); !strings.Contains(shown, "Blank used of 20 rows without access was read as 0.") {
		t.Error(shown)
	}
	refused(t, []string{"set --usage-blank to missing or zero"}, append(fit, "--usage-blank", "none")...)
	refused(t, []string{"--usage-blank does nothing without --usage"}, "fit", "--data", data, "--outcome", "y", "--assign", "arm", "--usage-blank", "zero")
	refused(t, []string{"--launch-period does nothing without --launch"}, "fit", "--data", data, "--outcome", "y", "--assign", "arm", "--launch-period", "after")

	weeks := "id,z,week,y\n"
	for u := range 10 {
		for d, week := range []string{"2024-03-04", "2024-03-11", "2024-03-18", "2024-03-25"} {
			weeks += string(rune('a'+u)) + "," + string(rune('0'+u%2)) + "," + week + "," + string(rune('0'+(u*u*7+d*d*5+u*d*3)%9)) + "\n"
		}
	}
	fit = strings.Fields("fit --outcome y --assign z --cluster id --absorb id,week --time week --launch 2024-03-20 --data " + file(weeks))
	for rule, want := range map[string]string{"": "whose 10 rows are left out.", "before": "whose 10 rows count as before it.", "after": "whose 10 rows count as after it."} {
		args := fit
		if rule != "" {
			args = append(args[:len(args):len(args)], "--launch-period", rule)
		}
		if text, _ := succeed(t, args...); !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
			t.Errorf("--launch-period %q does not say %q: %s", rule, want, text)
		}
	}
}
