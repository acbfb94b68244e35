package study

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp"
)

// handed reads a case of testdata/arms; edits are of its study file.
func handed(t *testing.T, folder, study string, edits ...string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	list, err := os.ReadDir(filepath.Join("testdata", "arms", folder))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range list {
		text, err := os.ReadFile(filepath.Join("testdata", "arms", folder, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[entry.Name()] = string(text)
	}
	files["study.toml"] = strings.NewReplacer(append(edits, `"chats.csv"`, `"chats.csv.gz"`)...).Replace(files[study])
	return files
}

// ran runs files that must not be refused.
func ran(t *testing.T, files map[string]string) *Output {
	t.Helper()
	out, err := runFiles(t, files)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// warned reports whether a warning about the data says something.
func warned(out *Output, what string) bool {
	return slices.ContainsFunc(out.Warnings, func(w Warning) bool { return w.Table == "" && strings.Contains(w.Message, what) })
}

// sameFits compares the models of two runs, the terms in order, and the p-values of permutations.
func sameFits(t *testing.T, what string, got, want *Output, within float64) {
	t.Helper()
	if len(got.Fits) != len(want.Fits) || len(got.Tables) != len(want.Tables) {
		t.Fatalf("%s: %d fits in %d tables, want %d in %d", what, len(got.Fits), len(got.Tables), len(want.Fits), len(want.Tables))
	}
	near := func(what string, a, b float64) {
		if unknown := math.IsNaN(a) && math.IsNaN(b); !unknown && !(math.Abs(a-b) <= within) {
			t.Errorf("%s is %.15g, want %.15g", what, a, b)
		}
	}
	for i, f := range got.Fits {
		w := want.Fits[i]
		if f.N != w.N || len(f.Terms) != len(w.Terms) {
			t.Errorf("%s, %s: N %d with %d terms, want %d with %d", what, f.Outcome, f.N, len(f.Terms), w.N, len(w.Terms))
			continue
		}
		if len(f.Impacts) != len(w.Impacts) {
			t.Errorf("%s: %d effects by group, want %d", what, len(f.Impacts), len(w.Impacts))
			continue
		}
		for k, c := range f.Impacts {
			near(fmt.Sprintf("%s: %s in table %s", what, c.Term, f.Table), float64(c.Estimate), float64(w.Impacts[k].Estimate))
			near(fmt.Sprintf("%s: standard error of %s in table %s", what, c.Term, f.Table), float64(c.SE), float64(w.Impacts[k].SE))
		}
		for k, c := range f.Terms {
			near(fmt.Sprintf("%s: estimate of %s in table %s", what, c.Term, f.Table), float64(c.Estimate), float64(w.Terms[k].Estimate))
			near(fmt.Sprintf("%s: standard error of %s in table %s", what, c.Term, f.Table), float64(c.SE), float64(w.Terms[k].SE))
			if c.Permutation != nil && w.Terms[k].Permutation != nil {
				near(what+": p of permutations", float64(c.Permutation.P), float64(w.Terms[k].Permutation.P))
			} else if (c.Permutation == nil) != (w.Terms[k].Permutation == nil) {
				t.Errorf("%s: permutations in one of the two", what)
			}
		}
	}
}

// TestTextAssignment: arms with names in a study from events give what 0 and 1 give, in all usual tables and figures,
// whichever of the pairs of names they have; where names do not tell control, it is asked for.
func TestTextAssignment(t *testing.T) {
	want := ran(t, map[string]string{"study.toml": logStudy, "log.csv": eventLog()})
	text := strings.Replace(logStudy, "assignment = \"treat\"", "assignment = \"arm\"", 1)
	for _, names := range [][2]string{{"control", "help"}, {"FALSE", "TRUE"}, {"placebo", "drug"}, {"Not assigned", "Assigned"}} {
		log := strings.NewReplacer(",control,", ","+names[0]+",", ",help,", ","+names[1]+",").Replace(eventLog())
		got := ran(t, map[string]string{"study.toml": text, "log.csv": log})
		sameFits(t, names[0], got, want, 1e-10)
		if len(got.Figures) != len(want.Figures) || warned(got, "arm") {
			t.Errorf("%v: %d figures, want %d; warnings %v", names, len(got.Figures), len(want.Figures), got.Warnings)
		}
		if shown := describeOutput(t, got); !strings.Contains(shown, "against the control arm "+names[0]) || !strings.Contains(shown, "arm: "+names[1]) ||
			!strings.Contains(shown, fmt.Sprintf("15 units were assigned to %s and 15 units were assigned to %s; 15 and 15 were seen.", names[1], names[0])) {
			t.Errorf("%v: does not name the arms: %s", names, shown)
		}
	}
	log := strings.NewReplacer(",control,", ",blue,", ",help,", ",green,").Replace(eventLog())
	_, err := runFiles(t, map[string]string{"study.toml": text, "log.csv": log})
	var refusal *fieldexp.Error
	if !errors.As(err, &refusal) || refusal.Problem != fieldexp.NoControlArm || !strings.Contains(err.Error(), `"blue" (15 rows), "green" (15 rows); name the one with which the others are compared in control_arm under [roles]`) {
		t.Errorf("arms without a known name: %v", err)
	}
	named := strings.Replace(text, "fixed =", "control_arm = \"blue\"\nfixed =", 1)
	sameFits(t, "control named", ran(t, map[string]string{"study.toml": named, "log.csv": log}), want, 1e-10)
}

// threeArms is a log in which a third of the units is held out.
func threeArms() string {
	lines := strings.Split(strings.TrimSpace(eventLog()), "\n")
	for i, line := range lines[1:] {
		cells := strings.Split(line, ",")
		if u, _ := strconv.Atoi(cells[0][1:]); u%6 == 4 {
			cells[1] = "holdout"
		}
		lines[i+1] = strings.Join(cells, ",")
	}
	return strings.Join(lines, "\n") + "\n"
}

// TestSeveralArms: tables that can compare several arms do, each with control; the others say that they compare two, and
// the way out that they name gives what leaving the third arm out of the file gives.
func TestSeveralArms(t *testing.T) {
	text := strings.Replace(logStudy, "assignment = \"treat\"", "assignment = \"arm\"", 1)
	several := text
	for _, kind := range []string{"summary", "balance", "usage", "itt", "late"} {
		several += "[[tables]]\nkind = \"" + kind + "\"\n"
	}
	out := ran(t, map[string]string{"study.toml": several + "[[figures]]\nkind = \"means\"\n", "log.csv": threeArms()})
	shown := describeOutput(t, out)
	for _, want := range []string{"arm: control", "arm: help", "arm: holdout", "control help Difference p holdout Difference p N", "Effects are against the control arm control"} {
		if !strings.Contains(shown, want) {
			t.Errorf("does not show %q: %s", want, shown)
		}
	}
	if terms := fitOf(t, out, "4", "y").Terms; len(terms) != 2 || !strings.HasSuffix(terms[0].Term, "=help") || !strings.HasSuffix(terms[1].Term, "=holdout") {
		t.Errorf("terms %v", terms)
	}
	for _, kind := range []string{"hetero", "event", "weak-groups", "prepost"} {
		table := "[[tables]]\nkind = \"" + kind + "\"\n"
		if kind == "prepost" {
			table += "column = \"y\"\n"
		}
		err := refusalOf(t, map[string]string{"study.toml": text + table + "[[figures]]\nkind = \"means\"\n", "log.csv": threeArms()})
		if want := `compares two arms, and assignment "arm" has 3: control, help, holdout`; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one that says %q", kind, err, want)
		}
	}
	derived := strings.Replace(text, "launch =", "derive = ['t = arm == \"help\"', 'c = arm == \"control\"', 'both = t + c', 'treat2 = t / both']\nlaunch =", 1)
	derived = strings.Replace(derived, "assignment = \"arm\"", "assignment = \"treat2\"", 1)
	var kept []string
	for _, line := range strings.Split(threeArms(), "\n") {
		if !strings.Contains(line, ",holdout,") {
			kept = append(kept, line)
		}
	}
	tables := "[[tables]]\nkind = \"itt\"\n[[tables]]\nkind = \"event\"\n[[tables]]\nkind = \"hetero\"\n"
	derived = strings.Replace(derived, "column = \"y\"\ngroups = 2", "column = \"skill\"\ngroups = 2\nover = \"controls\"", 1)
	plain := strings.Replace(text, "column = \"y\"\ngroups = 2", "column = \"skill\"\ngroups = 2\nover = \"controls\"", 1)
	sameFits(t, "the way out", ran(t, map[string]string{"study.toml": derived + tables, "log.csv": threeArms()}),
		ran(t, map[string]string{"study.toml": plain + tables, "log.csv": strings.Join(kept, "\n")}), 1e-10)
}

// TestRowsAndNames: shuffling the rows and renaming the arms with control named leaves estimates, standard errors and
// exact p-values.
func TestRowsAndNames(t *testing.T) {
	draw := rand.New(rand.NewPCG(3, 4))
	sheet := "id,arm,y,site\n"
	var rows []string
	for u := range 12 {
		rows = append(rows, fmt.Sprintf("u%d,%s,%.6f,s%d", u, []string{"control", "treatment"}[u%2], float64(u%2)/2+draw.NormFloat64(), u%3))
	}
	text := "[data]\nevents = \"d.csv\"\n[roles]\nunit = \"id\"\nassignment = \"arm\"\n[inference]\npermute = true\n[[outcomes]]\ncolumn = \"y\"\n[[tables]]\nkind = \"itt\"\n"
	study := strings.Replace(text, "[inference]", "[model]\ncluster = [\"id\"]\n[inference]", 1)
	want := ran(t, map[string]string{"study.toml": study, "d.csv": sheet + strings.Join(rows, "\n")})
	if p := fitOf(t, want, "1", "y").Terms[0].Permutation; p == nil || !p.Enumerated {
		t.Fatalf("the permutations are not all: %+v", p)
	}
	for range 8 {
		draw.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		mixed := sheet + strings.Join(rows, "\n")
		sameFits(t, "shuffled", ran(t, map[string]string{"study.toml": study, "d.csv": mixed}), want, 1e-10)
		renamed := strings.NewReplacer(",control,", ",zeta,", ",treatment,", ",alpha,").Replace(mixed)
		named := strings.Replace(study, "assignment =", "control_arm = \"zeta\"\nassignment =", 1)
		sameFits(t, "renamed", ran(t, map[string]string{"study.toml": named, "d.csv": renamed}), want, 1e-10)
	}
}

// TestOneSpelling: an indicator that takes one spelling of a level for 1 and leaves another for 0 is refused with counts
// (cases 19-derive-from-text and newcomer/arm-case); one whose spellings are all named is not, and says which levels are 0.
func TestOneSpelling(t *testing.T) {
	sheet := handed(t, "19-derive-from-text", "")["derive_arm.csv"]
	study := func(derive, assign string) map[string]string {
		return map[string]string{"derive_arm.csv": sheet, "study.toml": "derive = [" + derive + "]\n[data]\nevents = \"derive_arm.csv\"\nmissing = [\".\"]\n[roles]\nassignment = \"" + assign +
			"\"\n[[outcomes]]\ncolumn = \"y\"\n[[tables]]\nkind = \"itt\"\n"}
	}
	_, err := runFiles(t, study(`'tr = arm == "treatment"'`, "tr"))
	for _, want := range []string{`"treatment" (26 rows)`, `"TREATMENT" (1 row)`, `"Treatment" (1 row)`, `"treatment " (1 row)`, `a = arm == "treatment", b = arm == "TREATMENT", c = a + b`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one that says %s", err, want)
		}
	}
	_, err = runFiles(t, study("", "arm"))
	if err == nil || !strings.Contains(err.Error(), `differ by case or blanks only: "TREATMENT" (1 row), "Treatment" (1 row), "treatment" (26 rows), "treatment " (1 row)`) {
		t.Errorf("as arms: %v", err)
	}
	out := ran(t, study(`'a = arm == "treatment"', 'b = arm == "Treatment"', 'c = arm == "TREATMENT"', 'd = arm == "treatment "', 'tr = a + b + c + d'`, "tr"))
	if got := fitOf(t, out, "1", "y"); got.N != 57 {
		t.Errorf("spellings added up: N %d, want 57", got.N)
	}
	other := map[string]string{"log.csv": threeArms(), "study.toml": strings.NewReplacer("launch =", "derive = ['helped = arm == \"help\"', 'a = kind == \"a\"']\nlaunch =", "\"treat\"", "\"helped\"").Replace(logStudy)}
	out = ran(t, other)
	if !warned(out, `Control is made of several arms: helped is 1 where arm is "help" (840 events), and 0 where it is "control" (560 events), "holdout" (280 events).`) {
		t.Errorf("a third arm among the controls: warnings %v", out.Warnings)
	}
	if data := strings.Join(out.Data, " "); !strings.Contains(data, `A is 1 where kind is "a" (`) || warned(out, "kind") {
		t.Errorf("an indicator that is not assignment: %q, warnings %v", data, out.Warnings)
	}
	other["log.csv"] = eventLog()
	if out = ran(t, other); warned(out, "several") || !strings.Contains(strings.Join(out.Data, " "), `0 where it is "control" (840 events).`) {
		t.Errorf("two arms: %q, warnings %v", out.Data, out.Warnings)
	}
	lagged := map[string]string{"log.csv": eventLog(), "study.toml": strings.Replace(other["study.toml"], "[baseline]", "[controls]\nlagged = [\"kind\"]\n[baseline]", 1)}
	if out = ran(t, lagged); !strings.Contains(strings.Join(out.Data, " "), `0 where it is "control" (840 events).`) {
		t.Errorf("beside a control that is no number: %q", out.Data)
	}
	other["study.toml"] = strings.Replace(other["study.toml"], `kind == "a"`, `kind == "d"`, 1)
	if out = ran(t, other); !warned(out, `No event has kind "d", of which a is derived: its levels are "`) {
		t.Errorf("a level that is not there: warnings %v", out.Warnings)
	}
}

// TestUsageKnownUnevenly: usage that is known of one arm more often is a warning (case realdata/usage_missing_by_arm),
// usage that is missing as often in both is none.
func TestUsageKnownUnevenly(t *testing.T) {
	files := handed(t, "realdata", "usage_missing_by_arm.toml")
	const says = "is known in 79.3% of the 300 rows that were treated and in 47.7% of the 300 of control"
	if shown := describeOutput(t, ran(t, files)); !strings.Contains(shown, says) {
		t.Errorf("does not say %q: %s", says, shown)
	}
	for share := 2; share < 6; share++ {
		lines := strings.Split(strings.TrimSpace(files["usage_missing_by_arm.csv"]), "\n")
		for i, line := range lines[1:] {
			cells := strings.Split(line, ",")
			switch cells[2] = cells[1]; {
			case i/2%share == 0:
				cells[2] = ""
			case i/2%7 == 0:
				cells[2] = "0"
			}
			lines[i+1] = strings.Join(cells, ",")
		}
		even := map[string]string{"study.toml": files["study.toml"], "usage_missing_by_arm.csv": strings.Join(lines, "\n")}
		even["study.toml"] += "[[tables]]\nkind = \"late\"\n"
		if shown := describeOutput(t, ran(t, even)); strings.Contains(shown, "is known in") {
			t.Errorf("one in %d missing in both arms: %s", share, shown)
		}
	}
}

// TestNoArm: units without an arm are a warning with their count (case hard: units.csv with the arm empty for 12 of 24); none are
// not.
func TestNoArm(t *testing.T) {
	text := strings.NewReplacer("fixed = [\"skill\"]\n", "", `events = "log.csv"`, "events = \"log.csv\"\nunits = \"units.csv\"", "\"treat\"", "\"offer\"").Replace(logStudy)
	for _, c := range []struct {
		without int
		warns   bool
	}{{0, false}, {2, true}, {3, true}, {15, true}} {
		units := "id,offer\n"
		for u := range 30 {
			arm := []string{"no", "yes"}[u%2]
			if u < c.without {
				arm = ""
			}
			units += fmt.Sprintf("u%d,%s\n", u, arm)
		}
		out := ran(t, map[string]string{"study.toml": text, "log.csv": eventLog(), "units.csv": units})
		if got := warned(out, fmt.Sprintf("%d of 30 units have no offer", c.without)); got != c.warns {
			t.Errorf("%d units without an arm: warned %v; %v", c.without, got, out.Warnings)
		}
	}
}

// TestFixedTextAndTwoValues: what used to stop a study does not: the assignment among fixed columns (case
// 10-fixed-without-units-file), columns of text among them and among controls (text_control), groups of two values (pupils_in_classes).
func TestFixedTextAndTwoValues(t *testing.T) {
	plain := ran(t, handed(t, "10-fixed-without-units-file", "study.toml", `fixed = ["arm"]`, ""))
	for _, fixed := range []string{`fixed = ["arm"]`, `fixed = ["arm", "site"]`} {
		out := ran(t, handed(t, "10-fixed-without-units-file", "study.toml", `fixed = ["arm"]`, fixed))
		if len(out.Tables) != 4 || len(out.Figures) != len(plain.Figures) {
			t.Errorf("%s: %d tables, %d figures", fixed, len(out.Tables), len(out.Figures))
		}
		compareTerms(t, fixed, fitOf(t, out, "3", "secs").Terms, fitOf(t, plain, "3", "secs").Terms)
		if shown := describeOutput(t, out); strings.Contains(shown, "site: ") != strings.Contains(fixed, "site") {
			t.Errorf("%s: %s", fixed, shown)
		}
	}
	out := ran(t, handed(t, "realdata", "text_control.toml"))
	if sex := cellOf(t, out, "2", "Units", "sex: Male"); len(out.Tables) != 3 || sex.Value != 0.42 {
		t.Errorf("%d tables; the share of men among controls is %v", len(out.Tables), sex.Value)
	}
	files := handed(t, "realdata", "text_control.toml")
	files["study.toml"] = "[data]\nevents = \"pupils_in_classes.csv\"\n[roles]\nassignment = \"z\"\n[model]\ncluster = [\"class\"]\n[baseline]\ncolumn = \"girl\"\n[[outcomes]]\ncolumn = \"y\"\n[[tables]]\nkind = \"hetero\"\n"
	if shown := describeOutput(t, ran(t, files)); !strings.Contains(shown, "Impact on girl=1 units") {
		t.Errorf("groups of girl 0/1: %s", shown)
	}
	levels := strings.NewReplacer("column = \"y\"\ngroups = 2", "column = \"site\"", `fixed = ["skill"]`, `fixed = ["skill", "site"]`).Replace(logStudy)
	log := strings.Split(strings.TrimSpace(eventLog()), "\n")
	for i := range log {
		if log[i] += ",site"; i > 0 {
			u, _ := strconv.Atoi(strings.Split(log[i], ",")[0][1:])
			log[i] = strings.TrimSuffix(log[i], "site") + []string{"Porto", "Cork"}[u/2%2]
		}
	}
	if shown := describeOutput(t, ran(t, map[string]string{"study.toml": levels, "log.csv": strings.Join(log, "\n")})); !strings.Contains(shown, "Impact on Porto units") || !strings.Contains(shown, "site: Porto") {
		t.Errorf("groups of text: %s", shown)
	}
}

// TestDrawsByName: what is drawn at random is the same in another order of rows: permutations to the last draw, splits, and
// splits with a predicted baseline, with arms renamed and control named, too.
func TestDrawsByName(t *testing.T) {
	draw := rand.New(rand.NewPCG(9, 9))
	study := strings.Replace(logStudy, "\"treat\"", "\"arm\"", 1)
	study = strings.Replace(study, "[baseline]", "[inference]\npermute = true\ndraws = 199\n[baseline]", 1) +
		"[[tables]]\nkind = \"itt\"\n[[tables]]\nkind = \"hetero\"\nsplits = 3\n[[tables]]\nkind = \"hetero\"\nsplits = 3\npredict = [\"skill\"]\n[[figures]]\nkind = \"means\"\n"
	want := ran(t, map[string]string{"study.toml": study, "log.csv": eventLog()})
	if p := fitOf(t, want, "1", "y").Terms[0].Permutation; len(want.Refused) > 0 || p == nil || p.Enumerated || len(want.Fits) < 3 {
		t.Fatalf("refused %v, permutations %+v, %d fits", want.Refused, p, len(want.Fits))
	}
	lines := strings.Split(strings.TrimSpace(eventLog()), "\n")
	for range 3 {
		draw.Shuffle(len(lines)-1, func(i, j int) { lines[i+1], lines[j+1] = lines[j+1], lines[i+1] })
		mixed := strings.Join(lines, "\n")
		sameFits(t, "shuffled", ran(t, map[string]string{"study.toml": study, "log.csv": mixed}), want, 1e-10)
		renamed := strings.NewReplacer(",control,", ",zeta,", ",help,", ",alpha,").Replace(mixed)
		named := strings.Replace(study, "fixed =", "control_arm = \"zeta\"\nfixed =", 1)
		sameFits(t, "renamed", ran(t, map[string]string{"study.toml": named, "log.csv": renamed}), want, 1e-10)
	}
}
