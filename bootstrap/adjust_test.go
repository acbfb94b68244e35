package bootstrap_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/internal/refdata"
)

// adjusted is Adjust without an error to handle.
func adjusted(t rapid.TB, p []float64, method bootstrap.Adjustment) []float64 {
	t.Helper()
	out, err := bootstrap.Adjust(p, method)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestAdjustGolden compares every adjustment of the reference file: R's p.adjust and statsmodels'
// multipletests over ten outcomes.
func TestAdjustGolden(t *testing.T) {
	results := refdata.Experiment(t)
	methods := map[string]bootstrap.Adjustment{
		"bonferroni": bootstrap.Bonferroni, "holm": bootstrap.Holm, "hochberg": bootstrap.Hochberg, "simes-hochberg": bootstrap.Hochberg,
		"hommel": bootstrap.Hommel, "sidak": bootstrap.Sidak, "holm-sidak": bootstrap.HolmSidak,
		"BH": bootstrap.BH, "fdr_bh": bootstrap.BH, "BY": bootstrap.BY, "fdr_by": bootstrap.BY,
		// The two-stage method of Benjamini and Hochberg is not offered. Its first stage rejects nothing
		// here, and so it is the one-stage method.
		"fdr_tsbh": bootstrap.BH,
	}
	compared := 0
	for _, row := range []string{"vcovBS_none", "sm_multipletests"} {
		var fields map[string]json.RawMessage
		must(t, json.Unmarshal(results[row], &fields))
		var p []float64
		must(t, json.Unmarshal(fields["p"], &p))
		for name, value := range fields {
			if slices.Contains([]string{"id", "package", "version", "call", "p"}, name) {
				continue
			}
			var want []float64
			must(t, json.Unmarshal(value, &want))
			var got []float64
			if method, ok := methods[name]; ok {
				got = adjusted(t, p, method)
			} else if name == "fdr_tsbky" {
				var err error
				got, err = bootstrap.TwoStageQ(p, 0.05)
				must(t, err)
			} else {
				t.Fatalf("%s/%s is not compared", row, name)
			}
			for i := range want {
				near(t, fmt.Sprintf("%s/%s[%d]", row, name, i), got[i], want[i], 1e-12)
			}
			compared++
		}
	}
	if compared != 15 {
		t.Errorf("%d adjustments compared, want 15", compared)
	}
}

// TestAdjustKnown is the example of Benjamini and Hochberg (1995), with what R's p.adjust says of it.
func TestAdjustKnown(t *testing.T) {
	p := []float64{0.0459, 0.0001, 0.0298, 0.0004, 0.0278, 0.0019, 0.0201, 0.0095, 0.0344, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1}
	for method, want := range map[bootstrap.Adjustment][]float64{
		bootstrap.Bonferroni: {0.6885, 0.0015, 0.447, 0.006},
		bootstrap.Holm:       {0.3213, 0.0015, 0.278, 0.0056},
		bootstrap.BH:         {0.0765, 0.0015, 0.06386, 0.003},
	} {
		got := adjusted(t, p, method)
		for i, v := range want {
			if math.Abs(got[i]-v) > 5e-5 {
				t.Errorf("%s of p-value %d: %g, want %g", method, i+1, got[i], v)
			}
		}
	}
}

// drawP draws some p-values, with ties.
func drawP(t *rapid.T) []float64 {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) float64 {
		return math.Pow(float64(rapid.IntRange(0, 40).Draw(t, "p"))/40, 3)
	}), 1, 7).Draw(t, "list")
}

// TestAdjustIsClosedTesting: Holm's method rejects what the closure of Bonferroni's test does, Hommel's what
// that of Simes's does, and Hochberg's lies between.
func TestAdjustIsClosedTesting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawP(t)
		holm, hommel := make([]float64, len(p)), make([]float64, len(p))
		for set := 1; set < 1<<len(p); set++ {
			var in []float64
			for i, v := range p {
				if set>>i&1 == 1 {
					in = append(in, v)
				}
			}
			slices.Sort(in)
			n := float64(bits.OnesCount(uint(set)))
			simes := 1.0
			for i, v := range in {
				simes = math.Min(simes, n*v/float64(i+1))
			}
			for i := range p {
				if set>>i&1 == 1 {
					holm[i], hommel[i] = math.Max(holm[i], math.Min(1, n*in[0])), math.Max(hommel[i], simes)
				}
			}
		}
		gotHolm, gotHommel, hochberg := adjusted(t, p, bootstrap.Holm), adjusted(t, p, bootstrap.Hommel), adjusted(t, p, bootstrap.Hochberg)
		for i := range p {
			if math.Abs(gotHolm[i]-holm[i]) > 1e-12 || math.Abs(gotHommel[i]-hommel[i]) > 1e-12 {
				t.Errorf("%v: Holm %v, want %v; Hommel %v, want %v", p, gotHolm, holm, gotHommel, hommel)
			}
			if hochberg[i] > holm[i]+1e-12 || hochberg[i] < hommel[i]-1e-12 {
				t.Errorf("%v: Hochberg %v is not between Hommel %v and Holm %v", p, hochberg, hommel, holm)
			}
		}
	})
}

// twoStageRejections lists what the procedure of Benjamini, Krieger and Yekutieli rejects at a rate.
func twoStageRejections(p []float64, rate float64) []bool {
	n := len(p)
	sorted := slices.Sorted(slices.Values(p))
	bh := func(rate, of float64) int {
		for r := n; r > 0; r-- {
			if sorted[r-1]*of <= float64(r)*rate*(1+1e-12) {
				return r
			}
		}
		return 0
	}
	first := bh(rate/(1+rate), float64(n))
	second := first
	if first > 0 && first < n {
		second = bh(rate/(1+rate), float64(n-first))
	}
	rejected := make([]bool, n)
	for i, v := range p {
		rejected[i] = second > 0 && v <= sorted[second-1]
	}
	return rejected
}

// TestTwoStage compares q-values with the procedure itself: the sharpened ones on a grid of rates, as in
// Anderson's program, the others at their level.
func TestTwoStage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawP(t)
		q := adjusted(t, p, bootstrap.SharpenedQ)
		for step := 1; step < 100; step++ {
			rate := float64(step)/100 - 1e-5 // not at a value that small p-values share
			at, err := bootstrap.TwoStageQ(p, rate)
			if err != nil {
				t.Fatal(err)
			}
			for i, rejected := range twoStageRejections(p, rate) {
				if rejected != (q[i] <= rate) || rejected != (at[i] <= rate) {
					t.Fatalf("%v at %g: p-value %d is rejected: %v, its q-value is %g, %g at this level", p, rate, i+1, rejected, q[i], at[i])
				}
			}
		}
	})
}

// TestAdjustProperties: order is kept, adjusted values are p-values, and do not depend on the order given.
func TestAdjustProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawP(t)
		order := rapid.Permutation(slices.Collect(func(yield func(int) bool) {
			for i := range p {
				if !yield(i) {
					return
				}
			}
		})).Draw(t, "order")
		shuffled := make([]float64, len(p))
		for i, o := range order {
			shuffled[i] = p[o]
		}
		for method := bootstrap.Bonferroni; method <= bootstrap.SharpenedQ; method++ {
			q, s := adjusted(t, p, method), adjusted(t, shuffled, method)
			for i := range p {
				if s[i] != q[order[i]] {
					t.Fatalf("%s of %v depends on the order", method, p)
				}
				if q[i] < 0 || q[i] > 1 || method != bootstrap.SharpenedQ && q[i] < p[i]-1e-12 {
					t.Fatalf("%s of %v is %v", method, p, q)
				}
				for j := range p {
					if p[i] < p[j] && q[i] > q[j] {
						t.Fatalf("%s of %v reverses an order: %v", method, p, q)
					}
				}
			}
		}
	})
}

func TestAdjustBadInput(t *testing.T) {
	for name, c := range map[string]struct {
		p      []float64
		method bootstrap.Adjustment
		want   string
	}{
		"missing":        {[]float64{0.1, math.NaN()}, bootstrap.Holm, "p-value 2 of 2 is NaN"},
		"negative":       {[]float64{-0.1}, bootstrap.BH, "p-value 1 of 1 is -0.1"},
		"above one":      {[]float64{0.1, 0.2, 1.2}, bootstrap.BH, "p-value 3 of 3 is 1.2"},
		"unknown method": {[]float64{0.1}, bootstrap.SharpenedQ + 1, "Adjustment(9) is not an adjustment"},
	} {
		if _, err := bootstrap.Adjust(c.p, c.method); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
	if _, err := bootstrap.TwoStageQ([]float64{0.1}, 0); err == nil {
		t.Error("a rate of zero is accepted")
	}
	if out, err := bootstrap.Adjust(nil, bootstrap.Holm); err != nil || len(out) != 0 {
		t.Errorf("no p-values: %v, %v", out, err)
	}
}
