package study

import (
	"fmt"
	"strings"
	"testing"
)

// A tidy cross-section: rows are units, with an arm, an outcome and a group.
func crossSectionRows(ids ...string) string {
	var b strings.Builder
	b.WriteString("id,z,y,g\n")
	for i, id := range ids {
		fmt.Fprintf(&b, "%s,%d,%d.%d,g%d\n", id, i%2, i%5, i%7, i%3)
	}
	return b.String()
}

func ids(n int, form string) (list []string) {
	for i := range n {
		list = append(list, fmt.Sprintf(form, i))
	}
	return list
}

const crossSectionStudy = "[data]\nevents = \"e.csv\"\n[roles]\nunit = \"id\"\nassignment = \"z\"\n[[outcomes]]\ncolumn = \"y\"\n[[tables]]\nkind = \"itt\"\n"

// Identifiers in the cases discover's id_*, panel_r, edges/12, hard/blank_ids and realdata/repeated_units.
func TestIdentifiersOfCases(t *testing.T) {
	discover := func(study string, keys string, files ...string) map[string]string {
		all := map[string]string{"study.toml": strings.Replace(caseFile(t, "discover/"+study), "[roles]", keys+"[roles]", 1)}
		for _, file := range files {
			all[file] = caseFile(t, "discover/"+file)
		}
		return all
	}
	const rows = "40 units stand in several rows, such as 100000 in rows 1 and 2, and each row counts by itself: name id in cluster under [model]."
	hard := map[string]string{"local.csv": caseFile(t, "hard/blank_ids.csv"), "study.toml": caseFile(t, "hard/local.toml")}
	repeated := caseFile(t, "realdata/repeated_units.toml") + "[[tables]]\nkind = \"itt\"\n"
	for _, c := range []caseOf{
		{name: "id_plain", files: discover("id_plain.toml", "", "e.csv", "u.csv"), estimate: "0.831 (0.144)", n: 160, warnings: []string{rows}},
		{name: "id_num", files: discover("id_num.toml", "", "e.csv", "u_r.csv"), estimate: "0.831 (0.144)", n: 160, warnings: []string{rows}},
		{name: "id_r", files: discover("id_r.toml", "", "e.csv", "u_r.csv"), estimate: "0.830 (0.183)", n: 108, warnings: []string{rows,
			"13 units of e.csv have no row in u_r.csv and were left out: 100000, 200000, 300000, 400000, 500000 and 8 more.",
			"13 of them would have a row if identifiers were numbers: read both as numbers by id = \"number\" under [data.types]."}},
		{name: "id_part", files: discover("id_part.toml", "", "e.csv", "u_part.csv"), estimate: "0.763 (0.165)", n: 116, warnings: []string{rows,
			"11 units of e.csv have no row in u_part.csv and were left out: 3000000, 3100000, 3200000, 3300000, 3400000 and 6 more."}},
		{name: "panel_r", files: discover("panel_r.toml", "", "pe.csv", "pu.csv"), estimate: "0.687 (0.279)", n: 130, warnings: []string{
			"11 units of pe.csv have no row in pu.csv and were left out: 100000, 1000000, 200000, 2000000, 300000 and 6 more.",
			"11 of them would have a row if identifiers were numbers: read both as numbers by u = \"number\" under [data.types]."}},
		{name: "panel_r by numbers", files: discover("panel_r.toml", "types = { u = \"number\" }\n", "pe.csv", "pu.csv"), estimate: "0.744 (0.185)", n: 240},
		{name: "edges/12", files: map[string]string{"agents.csv": caseFile(t, "edges-12/agents.csv"), "study.toml": caseFile(t, "edges-12/study.toml")},
			refusal: "unit w03 is in two arms: arm is 1 in row 4 and 0 in row 25; keep one row for each unit, or set mixed_clusters under [model] where assignment was drawn row by row"},
		{name: "hard/blank_ids", files: hard, estimate: "1.002 (0.004)", n: 96, warnings: []string{"Blanks around 32 cells of unit in local.csv were taken away."}},
		{name: "repeated_units", files: map[string]string{"repeated_units.csv": caseFile(t, "realdata/repeated_units.csv"), "study.toml": repeated},
			refusal: "100 units stand in several rows, such as 0 in rows 1 and 2, and each row counts by itself; name student in cluster under [model] too, " +
				"or name when the rows were observed in time under [roles], or keep one row for each unit"},
		{name: "repeated_units by cluster", files: map[string]string{"repeated_units.csv": caseFile(t, "realdata/repeated_units.csv"), "study.toml": repeated + "[model]\ncluster = [\"student\"]\n"},
			estimate: "0.045 (0.206)", n: 400},
	} {
		c.run(t)
	}
}

// Units are apart by their text and together by it, in a cross-section.
func TestIdentifiersOfRows(t *testing.T) {
	two := func(rows string, keys string) map[string]string {
		return map[string]string{"e.csv": rows, "study.toml": strings.Replace(crossSectionStudy, "[roles]", keys+"[roles]", 1)}
	}
	const estimate, n = "0.01 (0.38)", 60
	for _, c := range []caseOf{
		{name: "names", files: two(crossSectionRows(ids(60, "u%02d")...), ""), estimate: estimate, n: n},
		{name: "numbers", files: two(crossSectionRows(ids(60, "%d")...), ""), estimate: estimate, n: n},
		{name: "zeros before", files: two(crossSectionRows(append(ids(30, "%d"), ids(30, "%03d")...)...), ""), estimate: estimate, n: n},
		{name: "zeros before, declared numbers", files: two(crossSectionRows(append(ids(30, "%d"), ids(30, "%03d")...)...), "types = { id = \"number\" }\n"),
			refusal: "30 units stand in several rows, such as 0 in rows 1 and 31, and each row counts by itself; name id in cluster under [model] too, or name when the rows were observed in time under [roles], or keep one row for each unit"},
		{name: "in two arms, as numbers", files: two(crossSectionRows(append(ids(29, "%d"), ids(31, "%03d")...)...), "types = { id = \"number\" }\n"),
			refusal: "unit 0 is in two arms: z is 0 in row 1 and 1 in row 30; keep one row for each unit, or set mixed_clusters under [model] where assignment was drawn row by row"},
		{name: "exponents", files: two(crossSectionRows(append(ids(30, "%de3"), ids(30, "%d000")...)...), ""), estimate: estimate, n: n},
		{name: "blanks", files: two(crossSectionRows(append(ids(58, "%d"), " a", "b ")...), ""), estimate: estimate, n: n, warnings: []string{"Blanks around 2 cells of id in e.csv were taken away."}},
		{name: "blanks make one of two", files: two(crossSectionRows(append(ids(58, "%d"), "56 ", " 57")...), ""),
			refusal: "2 units stand in several rows, such as 56 in rows 57 and 59, and each row counts by itself; name id in cluster under [model] too, or name when the rows were observed in time under [roles], or keep one row for each unit"},
		{name: "cut by a spreadsheet", files: two(crossSectionRows(ids(60, "8.%05dE+15")...), ""),
			refusal: `e.csv: row 1, column "id": the identifier 8.00000E+15 has lost digits in a spreadsheet, as have 60 cells of 60 such identifiers: units that differ in them would be one; write the identifiers with all their digits, as text`},
		{name: "measures", files: two(strings.ReplaceAll(crossSectionRows(append(ids(30, "%d.5"), ids(30, "%d.5")...)...), "\n0.5", "\n-0.25"), ""), estimate: estimate, n: n,
			warnings: []string{"id, named as the unit, holds numbers that are not whole, such as -0.25, as measures do; each row counts by itself: name the column of who is observed in unit under [roles]."}},
		{name: "as R writes them", files: two(crossSectionRows(append(ids(50, "%d"), ids(10, "%de+05")...)...), ""), estimate: estimate, n: n},
	} {
		c.run(t)
	}
}

// Groups by text: clusters, absorbed effects and strata that are numbers too keep apart what the cells keep apart, and a
// column with a role as a number stays one.
func TestGroupsAreText(t *testing.T) {
	cell := func(form func(g int) string) string {
		var b strings.Builder
		b.WriteString("id,z,y,g\n")
		for i := range 60 {
			fmt.Fprintf(&b, "u%d,%d,%d.%d,%s\n", i, i%2, i*i%11, i%7, form(i/4))
		}
		return b.String()
	}
	names := cell(func(g int) string { return fmt.Sprintf("g%d", g) })
	alike := cell(func(g int) string { return []string{"7", "007", "7.0", "07", "70e-1"}[g%5] + strings.Repeat("0", g/5) })
	for _, model := range []string{"cluster = [\"g\"]", "absorb = [\"g\"]", "absorb = [\"g\"]\nse = \"hc2\"", "cluster = [\"g\"]\nse = \"cr2\""} {
		var terms [2]string
		for i, rows := range []string{names, alike} {
			out, err := runFiles(t, map[string]string{"e.csv": rows, "study.toml": crossSectionStudy + "[model]\nmixed_clusters = true\n" + model + "\n"})
			if err != nil {
				t.Fatal(err)
			}
			fit := out.Fits[0]
			terms[i] = fmt.Sprintf("%.10g (%.10g), %d, %d", float64(fit.Terms[0].Estimate), float64(fit.Terms[0].SE), fit.N, fit.K)
		}
		if terms[0] != terms[1] {
			t.Errorf("%s: %s by names, %s by numbers alike", model, terms[0], terms[1])
		}
	}
	numbers := cell(func(g int) string { return fmt.Sprint(g) })
	out, err := runFiles(t, map[string]string{"e.csv": numbers, "study.toml": crossSectionStudy + "[model]\nmixed_clusters = true\ncluster = [\"g\"]\n[controls]\ncurrent = [\"g\"]\n"})
	if err != nil || len(out.Fits[0].Terms) < 2 {
		t.Errorf("a cluster that is a control, too: %v", err)
	}
}

// Draws and estimates do not depend on the order of rows, nor on numbers being written as names.
func TestOrderOfRowsDoesNotMatter(t *testing.T) {
	header, rows, _ := strings.Cut(strings.TrimSpace(crossSectionRows(ids(60, "%d")...)), "\n")
	lines := strings.Split(rows, "\n")
	turned := make([]string, len(lines))
	for i, line := range lines {
		turned[(i*7+13)%len(lines)] = line
	}
	study := strings.Replace(crossSectionStudy, "[[outcomes]]", "[model]\nabsorb = [\"g\"]\ncluster = [\"id\"]\n[inference]\nwild = true\npermute = true\ndraws = 199\nstrata = [\"g\"]\n[[outcomes]]", 1)
	var shown [3]string
	for i, text := range []string{strings.Join(lines, "\n"), strings.Join(turned, "\n"), strings.Join(lines, "\n") + "\n"} {
		out, err := runFiles(t, map[string]string{"e.csv": header + "\n" + text + "\n", "study.toml": study})
		if err != nil {
			t.Fatal(err)
		}
		term := out.Fits[0].Terms[0]
		shown[i] = fmt.Sprintf("%.9f %.9f %.9f %.9f", float64(term.Estimate), float64(term.SE), float64(term.Wild.P), float64(term.Permutation.P))
	}
	if shown[0] != shown[1] || shown[0] != shown[2] {
		t.Errorf("%q", shown)
	}
}

// Dates as text are not in the order of time.
func TestPeriodsThatAreDatesAsText(t *testing.T) {
	rows := strings.ReplaceAll("id,z,y,t\n1,0,1,DD/01/2024\n1,0,2,13/02/2024\n2,1,1,DD/01/2024\n2,1,3,13/02/2024\n3,1,1,DD/01/2024\n3,1,2,13/02/2024\n", "DD", "03")
	study := strings.Replace(crossSectionStudy, `events = "e.csv"`, `panel = "e.csv"`, 1)
	study = strings.Replace(study, "assignment", "time = \"t\"\nassignment", 1)
	caseOf{name: "dates as text", files: map[string]string{"e.csv": rows, "study.toml": study},
		refusal: `column "t" holds dates such as 03/01/2024 as text, which are not in the order of time; set the type of t to time in [data.types]`}.run(t)
}

// Keys of two files that are one number in two forms join when they are declared numbers, under either of their names; undeclared,
// those that do not match as text are named with the way out.
func TestKeysOfTwoFiles(t *testing.T) {
	var events strings.Builder
	events.WriteString("id,y,when\n")
	for i := range 60 {
		fmt.Fprintf(&events, "%d,%d.%d,%d\n", 1000*(i+1), i%5, i%7, 1)
	}
	units := func(form string, text bool) string {
		var b strings.Builder
		b.WriteString("no,z\n")
		for i := range 60 {
			if text {
				fmt.Fprintf(&b, form+",%d\n", 1000*(i+1), i%2)
			} else {
				fmt.Fprintf(&b, form+",%d\n", float64(1000*(i+1)), i%2)
			}
		}
		return b.String()
	}
	const estimate, none = "0.01 (0.38)", "u.csv: has none of the units of e.csv, such as 1000"
	for _, c := range []struct {
		name, units string
		matched     bool
	}{{"plain", units("%d", true), true}, {"blanks", units(" %d ", true), true}, {"quotes", units("\"%d\"", true), true},
		{"pandas with a missing id", units("%.1f", false), false}, {"exponents", units("%e", false), false}, {"zeros before", units("%07d", true), false}} {
		for _, source := range []string{"events", "panel"} {
			for _, types := range []string{"", "types = { id = \"number\" }\n", "types = { no = \"number\" }\n"} {
				study := strings.Replace(crossSectionStudy, "events = \"e.csv\"\n", source+" = \"e.csv\"\nunits = \"u.csv\"\nkey = \"no\"\n"+types, 1)
				want := caseOf{name: c.name + " " + source + " " + types, files: map[string]string{"study.toml": study, "e.csv": events.String(), "u.csv": c.units}, estimate: estimate, n: 60}
				if c.name == "blanks" {
					want.warnings = []string{"Blanks around 60 cells of no in u.csv were taken away."}
				}
				if !c.matched && types == "" {
					want.refusal = none + ", but some would match as numbers; check that both files name them alike, or read both as numbers by id = \"number\" under [data.types]"
				}
				want.run(t)
			}
		}
	}
	others := strings.ReplaceAll(units("%d", true), "000,", "001,")
	caseOf{name: "other units", refusal: none + "; check that both files name them alike", files: map[string]string{"e.csv": events.String(), "u.csv": others,
		"study.toml": strings.Replace(crossSectionStudy, "events = \"e.csv\"\n", "events = \"e.csv\"\nunits = \"u.csv\"\nkey = \"no\"\n", 1)}}.run(t)
}
