package brief

import (
	"math"
	"testing"

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
