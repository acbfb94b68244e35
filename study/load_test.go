package study

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// minimal is a study file that is right.
const minimal = `launch = 2024-03-08

[data]
events = "events.csv"

[roles]
unit = "unit"
assignment = "arm"
time = "at"
usage = "used"

[[outcomes]]
column = "y"
`

// load writes a study file and reads it.
func load(t *testing.T, text string) (*Study, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "study.toml")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return Load(path)
}

// TestLoadRefuses gives study files that are wrong, and asks for the line or the key and a remedy.
func TestLoadRefuses(t *testing.T) {
	tests := []struct {
		name, old, new string
		want           []string
	}{
		{"unknown key at the top", "launch =", "lunch =", []string{"line 1", `"lunch"`, `"launch"`}},
		{"unknown key in a table", "usage =", "useage =", []string{"line 10", `"roles.useage"`, `"usage"`}},
		{"unknown key in an array of tables", "column =", "colunm =", []string{"line 13", `"outcomes.colunm"`, `"column"`}},
		{"unknown key in an inline table", "[[outcomes]]\ncolumn = \"y\"", "", []string{"outcomes"}},
		{"unknown table", "[roles]", "[rolls]", []string{"line 6", `"rolls"`, `"roles"`}},
		{"syntax", "= \"at\"", "= \"at", []string{"line 9"}},
		{"wrong type", "usage = \"used\"", "usage = 3", []string{"line 10", "roles.usage", "string"}},
		{"no date", "2024-03-08", `"in March"`, []string{"line 1", "in March is not a date", "2024-01-23"}},
		{"no events", `events = "events.csv"`, "", []string{"without data", "events under [data]", "panel under [data]"}},
		{"no assignment", `assignment = "arm"`, "", []string{"without an assignment", "assignment under [roles]"}},
		{"no unit", `unit = "unit"`, "", []string{"without a unit", "unit under [roles]"}},
		{"launch without time", `time = "at"`, "", []string{"a launch without a column of times", "time under [roles]"}},
		{"no outcomes", "[[outcomes]]\ncolumn = \"y\"", "", []string{"without outcomes", "column under [[outcomes]]"}},
		{"outcome without column", `column = "y"`, `label = "y"`, []string{"outcome 1 names no column"}},
		{"unknown statistic", `column = "y"`, "column = \"y\"\nstat = \"mode\"", []string{`statistic "mode"`, "stat under [[outcomes]]", "mean"}},
		{"unknown transform", `column = "y"`, "column = \"y\"\ntransform = \"sqrt\"", []string{`transform "sqrt"`, "log"}},
		{"two outcomes of one name", "[[outcomes]]", "[[outcomes]]\ncolumn = \"y\"\n[[outcomes]]", []string{`two outcomes are called "y"`}},
		{"unknown period", "launch =", "period = \"month\"\nlaunch =", []string{`period "month"`, "day, hour or week"}},
		{"unknown covariance", "[roles]", "[model]\nse = \"cr9\"\n[roles]", []string{`"cr9"`, "cr1"}},
		{"unknown key of inference", "[roles]", "[inference]\nwilt = true\n[roles]", []string{"line 7", `"inference.wilt"`, `"wild"`}},
		{"draws of nothing", "[roles]", "[inference]\ndraws = 999\n[roles]", []string{"draws are of the bootstrap", "wild under [inference] or permute under [inference]"}},
		{"negative seed", "[roles]", "[inference]\nwild = true\nseed = -1\n[roles]", []string{"seed is -1", "0 or more"}},
		{"too few draws", "[roles]", "[inference]\nwild = true\ndraws = 9\n[roles]", []string{"9 draws", "at least 99"}},
		{"unknown weights", "[roles]", "[inference]\nwild = true\nweights_law = \"t\"\n[roles]", []string{`weights "t"`, "weights_law under [inference]", "webb"}},
		{"weights of nothing", "[roles]", "[inference]\nweights_law = \"webb\"\n[roles]", []string{"weights_law", "ask for wild under [inference]"}},
		{"unknown adjustment", "[roles]", "[inference]\nadjust = \"tukey\"\n[roles]", []string{`"tukey" is not one of the choices`, "adjust under [inference]", "holm"}},
		{"step-down without draws", "[roles]", "[inference]\nadjust = \"westfall-young\"\n[roles]", []string{"westfall-young", "ask for wild under [inference] or permute under [inference]"}},
		{"strata of nothing", "[roles]", "[inference]\nstrata = [\"site\"]\n[roles]", []string{"strata", "ask for permute under [inference]"}},
		{"sets without usage", "usage = \"used\"", "[inference]\nar = true", []string{"leave ar under [inference] out", "usage under [roles]"}},
		{"bootstrap by two clusterings", "[roles]", "[inference]\nwild = true\n[model]\ncluster = [\"unit\", \"day\"]\n[roles]", []string{"wild under [inference]", "one column in cluster under [model]"}},
		{"bootstrap without clusters", "[roles]", "[inference]\nwild = true\n[model]\nse = \"hc2\"\n[roles]", []string{"wild under [inference]", "se under [model]"}},
		{"bootstrap of LIML", "[roles]", "[inference]\nwild = true\n[model]\nestimator = \"liml\"\n[roles]", []string{"wild under [inference]", "LIML", "estimator under [model] to 2sls"}},
		{"level out of bounds", "[roles]", "[model]\nlevel = 95.0\n[roles]", []string{"level of 95", "set level under [model]"}},
		{"effects and none", "[roles]", "[model]\nabsorb = [\"unit\"]\nno_effects = true\n[roles]", []string{"absorb under [model]", "no_effects under [model]"}},
		{"groups of nothing", "[roles]", "[baseline]\ngroups = 5\n[roles]", []string{"baseline without a column", "column under [baseline]"}},
		{"one group", "[roles]", "[baseline]\ncolumn = \"y\"\ngroups = 1\n[roles]", []string{"1 groups"}},
		{"unknown kind of table", "[[outcomes]]", "[[tables]]\nkind = \"ols\"\n[[outcomes]]", []string{"table 1", `"ols"`, "itt"}},
		{"key of another kind", "[[outcomes]]", "[[tables]]\nkind = \"itt\"\nshow = [\"late\"]\n[[outcomes]]", []string{"table 1", `no key "show"`}},
		{"unknown outcome", "[[outcomes]]", "[[tables]]\nkind = \"itt\"\noutcomes = [\"z\"]\n[[outcomes]]", []string{"table 1", `no outcome "z"`, "y"}},
		{"unknown block", "[[outcomes]]", "[[tables]]\nkind = \"late\"\nshow = [\"third-stage\"]\n[[outcomes]]", []string{"third-stage", "first-stage"}},
		{"unknown design", "[[outcomes]]", "[[tables]]\nkind = \"itt\"\ndesign = \"anova\"\n[[outcomes]]", []string{"table 1", `"anova" is not one of the choices`, "set design to", "means or lin"}},
		{"means around a launch", "[[outcomes]]", "[[tables]]\nkind = \"itt\"\ndesign = \"means\"\n[[outcomes]]", []string{"table 1", "difference-in-differences", "leave design out"}},
		{"small blocks of nothing", "[[outcomes]]", "[[tables]]\nkind = \"itt\"\nsmall_blocks = \"pool\"\n[[outcomes]]", []string{"small_blocks", "strata"}},
		{"unknown rule for small blocks", "[[outcomes]]", "[[tables]]\nkind = \"itt\"\nsmall_blocks = \"merge\"\n[[outcomes]]", []string{`no rule "merge"`, "set small_blocks to", "drop"}},
		{"one direct effect", "[[outcomes]]", "[[tables]]\nkind = \"late\"\ndirect = [0.1]\n[[outcomes]]", []string{"direct", "two numbers"}},
		{"direct effect that is not shown", "[[outcomes]]", "[[tables]]\nkind = \"late\"\ndirect = [-0.1, 0.1]\nshow = [\"first-stage\"]\noutcomes = [\"y\"]\n[[outcomes]]", []string{"direct", `"late" to show`}},
		{"prediction without splits", "[[outcomes]]", "[baseline]\ncolumn = \"y\"\n[[tables]]\nkind = \"hetero\"\npredict = [\"x\"]\n[[outcomes]]", []string{"leave predict out", "20 in splits"}},
		{"splits over controls", "[[outcomes]]", "[baseline]\ncolumn = \"y\"\nover = \"controls\"\n[[tables]]\nkind = \"hetero\"\nsplits = 2\n[[outcomes]]", []string{"splits", "over under [baseline]"}},
		{"seed of nothing", "[roles]", "[inference]\nseed = 3\n[roles]", []string{"seed", "ask for wild under [inference]"}},
		{"groups without baseline", "[[outcomes]]", "[[tables]]\nkind = \"hetero\"\n[[outcomes]]", []string{"by group", "column under [baseline]"}},
		{"two tables of one number", "[[outcomes]]", "[[tables]]\nkind = \"itt\"\nnumber = \"2\"\n[[tables]]\nkind = \"late\"\n[[outcomes]]", []string{"two tables", `"2"`}},
		{"predictors without steps", "[[outcomes]]", "[[tables]]\nkind = \"predictors\"\n[[outcomes]]", []string{"steps"}},
		{"mix without column", "[[outcomes]]", "[baseline]\ncolumn = \"y\"\n[[tables]]\nkind = \"mix\"\n[[outcomes]]", []string{"of no column", "name one in column"}},
		{"events without clusters", "[[outcomes]]", "[model]\nse = \"hc1\"\n[[tables]]\nkind = \"itt\"\nlevel = \"events\"\n[[outcomes]]", []string{"clustered standard errors"}},
		{"unknown kind of figure", "[[outcomes]]", "[[figures]]\nkind = \"pie\"\n[[outcomes]]", []string{"figure 1", `"pie"`, "means"}},
		{"figure without variables", "[[outcomes]]", "[[figures]]\nkind = \"distribution\"\n[[outcomes]]", []string{"variables"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text := strings.Replace(minimal, test.old, test.new, 1)
			if text == minimal {
				t.Fatal("the test changes nothing")
			}
			_, err := load(t, text)
			if err == nil {
				t.Fatal("no error")
			}
			for _, w := range append(test.want, "study.toml") {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("does not say %q: %v", w, err)
				}
			}
		})
	}
	if _, err := Load("nowhere.toml"); err == nil || !strings.Contains(err.Error(), "nowhere.toml: there is no such study file") {
		t.Errorf("a missing study file: %v", err)
	}
}

// TestLineOfInlineTable finds a key within an array of inline tables.
func TestLineOfInlineTable(t *testing.T) {
	text := strings.Replace(minimal, "[[outcomes]]\ncolumn = \"y\"\n", "", 1)
	_, err := load(t, "outcomes = [\n  {column = \"y\"},\n  {column = \"z\", lable = \"Z\"},\n]\n"+text)
	if err == nil || !strings.Contains(err.Error(), "line 3") || !strings.Contains(err.Error(), `"label"`) {
		t.Errorf("got %v", err)
	}
}

// TestUsual checks what a short study file gets without asking.
func TestUsual(t *testing.T) {
	s, err := load(t, strings.Replace(minimal, "[[outcomes]]", "[baseline]\ncolumn = \"y\"\n[[outcomes]]\ncolumn = \"seconds\"\ntransform = \"log\"\n[[outcomes]]", 1))
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, table := range s.Tables {
		kinds = append(kinds, table.Number+" "+table.Kind)
	}
	if got, want := strings.Join(kinds, ", "), "1 summary, 2 balance, 3 usage, 4 itt, 5 late, 6 hetero, 7 event"; got != want {
		t.Errorf("tables are %s, want %s", got, want)
	}
	if o := s.Outcomes[0]; o.Name != "ln_seconds" || o.Label != "ln(seconds)" {
		t.Errorf("the outcome is called %q, %q", o.Name, o.Label)
	}
	if s.Launch.String() != "2024-03-08" || s.Period != "day" || s.Model.Cluster[0] != "unit" || s.Baseline.Groups != 5 {
		t.Errorf("defaults: %+v", s)
	}
}
