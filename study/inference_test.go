package study

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/iv"
)

// inferenceStudy asks for tables of the log under [inference].
func inferenceStudy(keys, tables string) map[string]string {
	outcomes := "[[outcomes]]\ncolumn = \"y\"\nstat = \"sum\"\n[[outcomes]]"
	return map[string]string{"log.csv": eventLog(), "study.toml": strings.Replace(logStudy, "[[outcomes]]", "[inference]\n"+keys+"\n"+tables+outcomes, 1)}
}

const (
	ittKind   = "[[tables]]\nkind = \"itt\"\n"
	lateKind  = "[[tables]]\nkind = \"late\"\n"
	byITT     = "[[tables]]\nkind = \"hetero\"\neffect = \"itt\"\n"
	byUsage   = "[[tables]]\nkind = \"hetero\"\n"
	ofEvents  = "level = \"events\"\noutcomes = [\"y\"]\n"
	firstKind = "[[tables]]\nkind = \"first-stage\"\n"
)

// evidenceOf lists the evidence in the fits of a table, and what its notes say.
func evidenceOf(out *Output, table string) (list []Evidence, terms []Term, notes string) {
	for _, fit := range out.Fits {
		for _, term := range slices.Concat(fit.Terms, fit.Impacts) {
			if e := term.Evidence; fit.Table == table && e != (Evidence{}) {
				list, terms = append(list, e), append(terms, term)
			}
		}
	}
	return list, terms, strings.Join(out.Table(table).Notes, " ")
}

// TestInference asks for all there is, by table.
func TestInference(t *testing.T) {
	out, err := runFiles(t, inferenceStudy("ar = true\nwild = true\ndraws = 199\nseed = 5\nweights_law = \"webb\"\nadjust = \"romano-wolf\"",
		ittKind+ittKind+ofEvents+lateKind+lateKind+ofEvents+byITT+byUsage+firstKind))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		table    string
		n        int
		ar, wild bool
		notes    []string
	}{
		{"1", 2, false, true, []string{"wild cluster bootstrap", "199 draws of Webb weights, seed 5", "Romano-Wolf from the wild bootstrap"}},
		{"2", 1, false, true, []string{"30 clusters"}},
		{"3", 2, true, true, []string{"wild restricted efficient", "Anderson-Rubin"}},
		{"4", 1, true, true, []string{"Anderson-Rubin"}},
		{"5", 4, false, true, []string{"number of effects (4)"}},
		{"6", 4, false, true, []string{"of no effect of assignment in the group", "number of effects (4)"}},
		{"7", 0, false, false, nil},
	}
	for _, test := range tests {
		list, terms, notes := evidenceOf(out, test.table)
		if len(list) != test.n {
			t.Errorf("table %s has evidence on %d effects, want %d", test.table, len(list), test.n)
		}
		for i, e := range list {
			if (e.AR != nil) != test.ar || (e.Wild != nil) != test.wild || e.Permutation != nil || (e.Adjusted != nil) != test.wild {
				t.Errorf("table %s: %+v", test.table, e)
				continue
			}
			if got, want := float64(e.Wild.Statistic), float64(terms[i].Statistic); test.table != "6" && math.Abs(got-want) > 1e-8*math.Abs(want) { // there it is of assignment
				t.Errorf("table %s: the bootstrap tests t = %.12g, and the table has %.12g", test.table, got, want)
			}
			if e.Adjusted.P < e.Wild.P || e.Adjusted.Hypotheses != test.n {
				t.Errorf("table %s: p %g, adjusted %+v", test.table, e.Wild.P, e.Adjusted)
			}
		}
		for _, want := range test.notes {
			if !strings.Contains(notes, want) {
				t.Errorf("the notes of table %s do not say %q: %s", test.table, want, notes)
			}
		}
	}
	var rows []string
	for _, section := range out.Table("3").Sections {
		for _, row := range section.Rows {
			rows = append(rows, row.Label)
		}
	}
	if !slices.Contains(rows, "Effective F") {
		t.Errorf("table 3 has the rows %v", rows)
	}
}

// TestInferencePermutes draws assignment again for the tables of assignment alone.
func TestInferencePermutes(t *testing.T) {
	out, err := runFiles(t, inferenceStudy("permute = true\ndraws = 199\nadjust = \"westfall-young\"", ittKind+ittKind+ofEvents+lateKind+firstKind))
	if err != nil {
		t.Fatal(err)
	}
	for table, n := range map[string]int{"1": 2, "2": 1, "3": 0} {
		list, terms, notes := evidenceOf(out, table)
		if len(list) != n {
			t.Errorf("table %s has evidence on %d effects, want %d", table, len(list), n)
		}
		for i, e := range list {
			if got, want := float64(e.Permutation.Statistic), float64(terms[i].Statistic); math.Abs(got-want) > 1e-8*math.Abs(want) {
				t.Errorf("table %s: the permutations test t = %.12g, and the table has %.12g", table, got, want)
			}
		}
		if n > 0 && !strings.Contains(notes, "re-drawn over 30 units of id, 199 draws, seed 0") {
			t.Errorf("the notes of table %s: %s", table, notes)
		}
	}
}

// TestInferenceAdjusts allows for the effects of each table in the p-values of its t tests.
func TestInferenceAdjusts(t *testing.T) {
	out, err := runFiles(t, inferenceStudy("adjust = \"holm\"", ittKind+lateKind+byUsage))
	if err != nil {
		t.Fatal(err)
	}
	for table, n := range map[string]int{"1": 2, "2": 2, "3": 4} {
		list, terms, _ := evidenceOf(out, table)
		if len(list) != n {
			t.Fatalf("table %s has %d adjusted p-values, want %d", table, len(list), n)
		}
		p := make([]float64, n)
		for i := range terms {
			p[i] = float64(terms[i].P)
		}
		want, err := bootstrap.Adjust(p, bootstrap.Holm)
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range list {
			if float64(e.Adjusted.P) != want[i] || e.Adjusted.Of != "t" {
				t.Errorf("table %s: %+v, want %g", table, e.Adjusted, want[i])
			}
		}
	}
}

// TestEvidenceJSON: what was not asked for is absent, infinite ends are null, an empty set is empty.
func TestEvidenceJSON(t *testing.T) {
	plain, err := json.Marshal(Term{})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"ar", "wild", "permutation", "adjusted"} {
		if strings.Contains(string(plain), `"`+key+`"`) {
			t.Errorf("a term without evidence has %q: %s", key, plain)
		}
	}
	sets, err := json.Marshal([]iv.Set{{Pieces: [][2]float64{{math.Inf(-1), 2}}, Level: 0.9}, {Level: 0.9}})
	if err != nil {
		t.Fatal(err)
	}
	if want := `[{"pieces":[[null,2]],"level":0.9},{"pieces":[],"level":0.9}]`; string(sets) != want {
		t.Errorf("sets are %s, want %s", sets, want)
	}
}
