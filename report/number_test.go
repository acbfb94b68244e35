package report

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestDecimal(t *testing.T) {
	cases := []struct {
		x      float64
		digits int
		small  SmallNumbers
		want   string
	}{
		{0.12345, 3, SmallAsZero, "0.123"},
		{-0.0004, 3, SmallAsZero, "0.000"},
		{math.Copysign(0, -1), 3, SmallAsZero, "0.000"},
		{-0.4, 0, SmallAsZero, "0"},
		{-0.0005001, 3, SmallAsZero, "-0.001"},
		{1316.62, 1, SmallAsZero, "1316.6"},
		{0.000123, 3, SmallDigits, "0.00012"},
		{-0.0000456, 3, SmallDigits, "-0.000046"},
		{0.0123, 3, SmallDigits, "0.012"},
		{1e-12, 3, SmallDigits, "1.00e-12"},
		{0, 3, SmallDigits, "0.000"},
		{-1.26e-5, 3, SmallScientific, "-1.26e-05"},
		{0.5, 3, SmallScientific, "0.500"},
		{2.5e9, 3, SmallAsZero, "2.500e+09"},
		{999999999.5, 1, SmallAsZero, "999999999.5"},
		{math.Inf(-1), 3, SmallAsZero, "-∞"},
		{math.NaN(), 3, SmallAsZero, "—"},
	}
	for _, c := range cases {
		if got := decimal(c.x, c.digits, c.small); got != c.want {
			t.Errorf("decimal(%g, %d, %d) = %q, want %q", c.x, c.digits, c.small, got, c.want)
		}
	}
}

func TestDigitsOption(t *testing.T) {
	for digits, want := range map[int]string{0: "2.718", 5: "2.71828", NoDecimals: "3"} {
		if got := Decimal(math.E, digits); got != want {
			t.Errorf("Decimal(e, %d) = %q, want %q", digits, got, want)
		}
	}
}

func TestDecimalRoundsToItsLastPlace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float64Range(-1e6, 1e6).Draw(t, "x")
		digits := rapid.IntRange(0, 8).Draw(t, "digits")
		s := decimal(x, digits, SmallAsZero)
		back, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(back-x) > 0.5*math.Pow10(-digits)*(1+1e-6)+1e-9 {
			t.Fatalf("%g printed as %s", x, s)
		}
		if strings.HasPrefix(s, "-") && back == 0 {
			t.Fatalf("%g printed with a sign as %s", x, s)
		}
	})
}

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 2564606: "2,564,606", -12345: "-12,345", -999: "-999"} {
		if got := Thousands(n); got != want {
			t.Errorf("Thousands(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestProbability(t *testing.T) {
	for p, want := range map[float64]string{0.0123: "0.012", 0.00049: "<0.001", 0: "0.000", 1: "1.000"} {
		got := textDialect.cell(token{pieces: probabilityPieces(p, 3)})
		if got != want {
			t.Errorf("p = %g printed as %q, want %q", p, got, want)
		}
	}
}

func TestStars(t *testing.T) {
	for p, want := range map[float64]int{0: 3, 0.00999: 3, 0.01: 2, 0.0499: 2, 0.05: 1, 0.0999: 1, 0.1: 0, 1: 0} {
		if got := Stars(p); got != want {
			t.Errorf("Stars(%g) = %d, want %d", p, got, want)
		}
	}
	if got := Stars(math.NaN()); got != 0 {
		t.Errorf("Stars(NaN) = %d, want 0", got)
	}
}

func TestEstimateAndItsErrorShareTheirLastPlace(t *testing.T) {
	table := &Table{Columns: []Column{{}}, Small: SmallDigits}
	tokens := table.tokens(Estimate(0.0000123, 0.004, 0.5))
	if got := textDialect.cell(tokens[0]) + " " + textDialect.cell(tokens[1]); got != "0.000012 (0.004000)" {
		t.Errorf("got %s", got)
	}
}
