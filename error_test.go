package fieldexp_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/fieldexp/fieldexp"
)

// oneCluster is an error with a file, a column and two ways out, of which one speaks of two settings.
func oneCluster() *fieldexp.Error {
	return &fieldexp.Error{Op: "iv", Problem: fieldexp.FewClusters, Columns: []string{"firm"}, Count: 812,
		Message: `cluster column "firm" has a single cluster in the 812 rows used`,
		Remedy:  []fieldexp.Hint{"cluster by the unit that was assigned", "leave {Cluster} out and set {Covariance} to {HC1}"}}
}

func TestErrorWords(t *testing.T) {
	const problem = `cluster column "firm" has a single cluster in the 812 rows used`
	flags := fieldexp.Words{"Cluster": "--cluster", "Covariance": "--se", "HC1": "hc1"}
	cell := &fieldexp.Error{Op: "data", Source: "chats.csv", Line: 12, Columns: []string{"rating"}, Message: `"bad" is not a number`}
	for name, c := range map[string]struct {
		err   *fieldexp.Error
		words fieldexp.Words
		want  string
	}{
		"Go":                     {oneCluster(), nil, problem + "; cluster by the unit that was assigned, or leave Cluster out and set Covariance to HC1"},
		"flags":                  {oneCluster(), flags, problem + "; cluster by the unit that was assigned, or leave --cluster out and set --se to hc1"},
		"a word is lacking":      {oneCluster(), fieldexp.Words{"Cluster": "--cluster"}, problem + "; cluster by the unit that was assigned"},
		"no words":               {oneCluster(), fieldexp.Words{}, problem + "; cluster by the unit that was assigned"},
		"no hint is left":        {&fieldexp.Error{Message: "m", Remedy: []fieldexp.Hint{"set {Cluster}"}}, fieldexp.Words{}, "m"},
		"an empty hint":          {&fieldexp.Error{Message: "m", Remedy: []fieldexp.Hint{""}}, nil, "m"},
		"a place in a file":      {cell, nil, `chats.csv, line 12, column "rating": "bad" is not a number`},
		"a file":                 {&fieldexp.Error{Source: "a.csv", Message: "is empty"}, nil, "a.csv: is empty"},
		"a line without columns": {&fieldexp.Error{Source: "a.csv", Line: 3, Message: "has 4 fields"}, nil, "a.csv, line 3: has 4 fields"},
	} {
		if got := c.err.In(c.words); got != c.want {
			t.Errorf("%s: %s\nwant %s", name, got, c.want)
		}
	}
	if got, want := oneCluster().Error(), "iv: "+oneCluster().In(nil); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := (&fieldexp.Error{Message: "m"}).Error(); got != "m" {
		t.Errorf("%q without a package, want m", got)
	}
}

func TestSay(t *testing.T) {
	words := fieldexp.Words{"Cluster": "cluster"}
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"a refusal":         {oneCluster(), oneCluster().In(words)},
		"a wrapped refusal": {fmt.Errorf("table 2: %w", oneCluster()), "table 2: " + oneCluster().In(words)},
		"another error":     {errors.New("iv: Cluster"), "iv: Cluster"},
		"a refusal of a refusal": {&fieldexp.Error{Op: "hetero", Message: "in group Q1: " + oneCluster().Message, Remedy: oneCluster().Remedy, Err: oneCluster()},
			"in group Q1: " + oneCluster().In(words)},
	} {
		if got := words.Say(c.err); got != c.want {
			t.Errorf("%s: %s\nwant %s", name, got, c.want)
		}
	}
	cause := errors.New("disk full")
	if err := (&fieldexp.Error{Message: "cannot be written", Err: cause}); !errors.Is(err, cause) {
		t.Error("the cause is lost")
	}
}

func TestHint(t *testing.T) {
	words := fieldexp.Words{"Cluster": "cluster", "Spec.Level": "level"}
	for hint, c := range map[fieldexp.Hint]struct {
		inGo, inWords string
		ok            bool
		settings      string
	}{
		"absorb coarser effects":     {"absorb coarser effects", "absorb coarser effects", true, "[]"},
		"set {Cluster}":              {"set Cluster", "set cluster", true, "[Cluster]"},
		"{Cluster} and {Spec.Level}": {"Cluster and Spec.Level", "cluster and level", true, "[Cluster Spec.Level]"},
		"set {Usage}":                {"set Usage", "", false, "[Usage]"},
		"one of {0, 1}":              {"one of {0, 1}", "one of {0, 1}", true, "[]"},
		"an {open brace":             {"an {open brace", "an {open brace", true, "[]"},
	} {
		if got, ok := hint.In(nil); got != c.inGo || !ok {
			t.Errorf("%q in Go: %q, %v, want %q", hint, got, ok, c.inGo)
		}
		if got, ok := hint.In(words); ok != c.ok || ok && got != c.inWords {
			t.Errorf("%q in words: %q, %v, want %q, %v", hint, got, ok, c.inWords, c.ok)
		}
		if got := fmt.Sprint(hint.Settings()); got != c.settings {
			t.Errorf("%q: settings %s, want %s", hint, got, c.settings)
		}
	}
}

func TestWarning(t *testing.T) {
	w := fieldexp.Warning{Code: "few-splits", Message: "y: the average depends on the draw", Remedy: "ask for more {Splits}"}
	for _, c := range []struct {
		words fieldexp.Words
		want  string
	}{
		{nil, w.Message + ": ask for more Splits"},
		{fieldexp.Words{"Splits": "splits"}, w.Message + ": ask for more splits"},
		{fieldexp.Words{}, w.Message},
	} {
		if got := w.In(c.words); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
	if w.String() != w.In(nil) {
		t.Errorf("String gives %s", w)
	}
	if got := (fieldexp.Warning{Message: "m"}).String(); got != "m" {
		t.Errorf("%q without a remedy, want m", got)
	}
}

// TestSetting: settings with values are written to be pasted, as keys, as flags and as Go.
func TestSetting(t *testing.T) {
	keys := fieldexp.Words{"MissingValues=": "missing = [%q] under [data]", "Formats=": "%k = %q under [data.types]", "SkipLines=": "skip = %v"}
	flags := fieldexp.Words{"MissingValues=": "--missing %s", "Formats=": "--type %s", "SkipLines=": "--skip %v"}
	for _, c := range []struct {
		hint              fieldexp.Hint
		inKeys, inFlags   string
		inGo              string
		keysSay, flagsSay bool
	}{
		{fieldexp.Setting("MissingValues", "", "."), `missing = ["."] under [data]`, "--missing .", `MissingValues = "."`, true, true},
		{fieldexp.Setting("MissingValues", "", "N/A", "a b", `"`), `missing = ["N/A", "a b", "\""] under [data]`, `--missing 'N/A,a b,""""'`, `MissingValues = "N/A", "a b", "\""`, true, true},
		{fieldexp.Setting("MissingValues", "", "1,5", "}"), `missing = ["1,5", "}"] under [data]`, `--missing '"1,5",}'`, `MissingValues = "1,5", "}"`, true, true},
		{fieldexp.Setting("MissingValues", "", "a\tb\x1b"), `missing = ["a\tb\u001B"] under [data]`, "--missing 'a\tb\x1b'", `MissingValues = "a\tb\u001B"`, true, true},
		{fieldexp.Setting("Formats", "y", "yes/no"), `y = "yes/no" under [data.types]`, "--type y=yes/no", `Formats["y"] = "yes/no"`, true, true},
		{fieldexp.Setting("Formats", "Net pay]=", "currency"), `"Net pay]=" = "currency" under [data.types]`, "--type 'Net pay]==currency'", `Formats["Net pay]="] = "currency"`, true, true},
		{fieldexp.Setting("SkipLines", "", "2"), "skip = 2", "--skip 2", `SkipLines = "2"`, true, true},
		{fieldexp.Setting("Levels", "y", "."), "", "", `Levels["y"] = "."`, false, false},
	} {
		for _, in := range []struct {
			words fieldexp.Words
			want  string
			ok    bool
		}{{keys, c.inKeys, c.keysSay}, {flags, c.inFlags, c.flagsSay}, {nil, c.inGo, true}} {
			if text, ok := ("read it by " + c.hint + ".").In(in.words); ok != in.ok || ok && text != "read it by "+in.want+"." {
				t.Errorf("%s: %q, %v, want %q", c.hint, text, ok, in.want)
			}
		}
		if names := c.hint.Settings(); len(names) != 1 {
			t.Errorf("%s has settings %q", c.hint, names)
		}
	}
	for _, hint := range []fieldexp.Hint{`{Cluster="a}`, `{Cluster=a}`, `{Cluster["a"]}`, `{Cluster["a"]="b"`, "{cluster}", "{", "}{"} {
		if text, ok := hint.In(keys); !ok || text != string(hint) {
			t.Errorf("%s is not left alone: %s", hint, text)
		}
	}
}
