package brief

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/iv"
)

func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 1: "1.000", -0.082: "-0.08200", 0.0000123456: "0.00001235", 0.00000123456: "1.235e-06", 9.9999: "10.00",
		12.3456: "12.35", 999.96: "1,000", 1234.5: "1,234", 507730.2: "507,730", 1e15: "1.000e+15",
		math.Inf(1): "+Inf", math.Inf(-1): "-Inf",
	} {
		if got := Number(v); got != want {
			t.Errorf("Number(%v) = %q, want %q", v, got, want)
		}
	}
	if got := Number(math.NaN()); got != "n/a" {
		t.Errorf("Number(NaN) = %q", got)
	}
}

func TestP(t *testing.T) {
	for p, want := range map[float64]string{1: "1.000", 0.05: "0.050", 0.0005: "0.001", 0.00049: "<0.001", 0: "<0.001"} {
		if got := P(p); got != want {
			t.Errorf("P(%v) = %q, want %q", p, got, want)
		}
	}
	if got := P(math.NaN()); got != "n/a" {
		t.Errorf("P(NaN) = %q", got)
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 2564606: "2,564,606"} {
		if got := Count(n); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestTest(t *testing.T) {
	for want, test := range map[string]iv.Test{
		"F(2, 30) = 4.500, p 0.020":           {Statistic: 4.5, DF1: 2, DF2: 30, P: 0.02},
		"chi-squared(2) = 9.000, p 0.011":     {Statistic: 9, DF1: 2, DF2: math.Inf(1), P: 0.0111},
		"not available, there is one cluster": {Statistic: math.NaN(), P: math.NaN(), Reason: "there is one cluster"},
	} {
		if got := Test(test); got != want {
			t.Errorf("Test(%+v) = %q, want %q", test, got, want)
		}
	}
}

// TestNotes: what is said of all fits stands alone, what is said of some is headed by their outcomes.
func TestNotes(t *testing.T) {
	const rows = 12
	missing := map[string]int{"a": 0, "b": 1, "c": 2, "d": 2, "e": 2, "f": 2, "g": 2}
	names := []string{"a", "b", "c", "d", "e", "f", "g"}
	f := &data.Frame{}
	for _, name := range append([]string{"x"}, names...) {
		v := make([]float64, rows)
		for i := range v {
			v[i] = float64(i * i % 7)
			if i < missing[name] {
				v[i] = math.NaN()
			}
		}
		if name == "x" {
			v[0], v[5] = 9, 4
		}
		if err := f.SetFloats(name, v); err != nil {
			t.Fatal(err)
		}
	}
	fits, err := iv.Estimate(context.Background(), f, iv.Spec{Outcomes: names, Exogenous: []string{"x"}, Covariance: iv.Covariance{Kind: iv.HC1, DF: iv.DFNormal}})
	if err != nil {
		t.Fatal(err)
	}
	some := fits[:4] // a, b, c and d: one row is missing in b, two in c and d
	all := Notes(fits)
	for _, c := range []struct {
		what  string
		notes []string
		want  string
	}{
		{"of one", Notes(some), "b: Dropped: 1 row with a missing value."},
		{"of two", Notes(some), "c, d: Dropped: 2 rows with a missing value."},
		{"of five", all, "c, d, e and 2 others: Dropped: 2 rows with a missing value."},
		{"of those that are the same", Notes(fits[2:]), "Dropped: 2 rows with a missing value."},
	} {
		if !slices.Contains(c.notes, c.want) {
			t.Errorf("%s: notes %q, want %q among them", c.what, c.notes, c.want)
		}
	}
	for i, note := range all {
		if slices.Contains(all[:i], note) {
			t.Errorf("%q is said twice", note)
		}
	}
}

func TestAddWarning(t *testing.T) {
	few := fieldexp.Warning{Code: "few-clusters", Message: "12 clusters"}
	other := fieldexp.Warning{Code: "few-clusters", Message: "11 clusters"}
	list := AddWarning(AddWarning(AddWarning(nil, few), other), few)
	if !slices.Equal(list, []fieldexp.Warning{few, other}) {
		t.Errorf("warnings %v, want each once", list)
	}
}
