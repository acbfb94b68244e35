package dist

import (
	"math"
	"testing"
)

// The values are R 4.2.2's: 2*pt(-t, df), qt, pf(lower.tail = FALSE), pchisq(lower.tail = FALSE).
func TestAgainstR(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"TwoSided(0.3, 399)", TwoSided(0.3, 399), 0.76433338598436662},
		{"TwoSided(2.1, 29)", TwoSided(2.1, 29), 0.044541958036290442},
		{"TwoSided(18.178, 399)", TwoSided(18.178, 399), 3.1589448264760214e-54},
		{"TwoSided(45, 399)", TwoSided(45, 399), 2.0886133767704199e-158},
		{"TwoSided(12, 5)", TwoSided(12, 5), 7.0894925171615278e-05},
		{"TwoSided(1e-06, 7)", TwoSided(1e-06, 7), 0.99999923001709834},
		{"TwoSided(3, 1.5)", TwoSided(3, 1.5), 0.13354775425491328},
		{"TwoSided(2.5, inf)", TwoSided(2.5, inf), 0.01241933065155227},
		{"TwoSided(25, inf)", TwoSided(25, inf), 6.1133934127651232e-138},
		{"TQuantile(0.975, 399)", TQuantile(0.975, 399), 1.9659272959208813},
		{"TQuantile(0.975, 29)", TQuantile(0.975, 29), 2.0452296421327034},
		{"TQuantile(0.995, 3)", TQuantile(0.995, 3), 5.8409093097333544},
		{"TQuantile(0.6, 2)", TQuantile(0.6, 2), 0.28867513459481314},
		{"TQuantile(0.025, 12.5)", TQuantile(0.025, 12.5), -2.1691859427125411},
		{"TQuantile(0.9999999, 8)", TQuantile(0.9999999, 8), 16.320703794655593},
		{"TQuantile(0.975, inf)", TQuantile(0.975, inf), 1.9599639845400536},
		{"FTail(1.3, 4, 30)", FTail(1.3, 4, 30), 0.29240354395132034},
		{"FTail(83.386, 7, 399)", FTail(83.386, 7, 399), 3.8178711516634489e-74},
		{"FTail(644.4256, 2, 399)", FTail(644.4256, 2, 399), 1.0988246749743746e-125},
		{"FTail(0.01, 3, 8)", FTail(0.01, 3, 8), 0.99851147778909699},
		{"FTail(2000, 1, 50)", FTail(2000, 1, 50), 5.4430295258078173e-42},
		{"FTail(3.2, 5, inf)", FTail(3.2, 5, inf), 0.0068440739224204308},
		{"ChiSquaredTail(300, 4)", ChiSquaredTail(300, 4), 1.083439491947826e-63},
		{"ChiSquaredTail(0.02, 3)", ChiSquaredTail(0.02, 3), 0.99925224466060891},
	} {
		if math.Abs(c.got-c.want) > 1e-12*math.Abs(c.want) {
			t.Errorf("%s = %.16g, R has %.16g", c.name, c.got, c.want)
		}
	}
}

func TestQuantileInvertsTail(t *testing.T) {
	for _, df := range []float64{1, 2, 5.5, 29, 399, 1e6} {
		for _, p := range []float64{0.6, 0.9, 0.975, 0.995, 0.99999} {
			q := TQuantile(p, df)
			// The logarithms of gamma that the tail is made of lose digits as df grows.
			tolerance := (1e-13 + 1e-15*df) * (1 - p)
			if got := TwoSided(q, df) / 2; math.Abs(got-(1-p)) > tolerance {
				t.Errorf("df %g: P(T > TQuantile(%g)) = %.17g", df, p, got)
			}
		}
	}
}

func TestUndefined(t *testing.T) {
	nan := math.NaN()
	for name, got := range map[string]float64{
		"TwoSided":       TwoSided(nan, 3),
		"FTail":          FTail(nan, 1, 2),
		"FTail df":       FTail(1, 0, 2),
		"ChiSquaredTail": ChiSquaredTail(nan, 2),
	} {
		if !math.IsNaN(got) {
			t.Errorf("%s of an undefined statistic = %g, want NaN", name, got)
		}
	}
}

// TestEnds: tails are one at the left end and zero at infinity, and half of a symmetric distribution is below its centre.
func TestEnds(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"TwoSided(0, 5)", TwoSided(0, 5), 1},
		{"TwoSided(inf, 5)", TwoSided(inf, 5), 0},
		{"TwoSided(-inf, 5)", TwoSided(-inf, 5), 0},
		{"TQuantile(0.5, 5)", TQuantile(0.5, 5), 0},
		{"TQuantile(1, 5)", TQuantile(1, 5), inf},
		{"FTail(0, 2, 5)", FTail(0, 2, 5), 1},
		{"FTail(-1, 2, 5)", FTail(-1, 2, 5), 1},
		{"FTail(inf, 2, 5)", FTail(inf, 2, 5), 0},
		{"ChiSquaredTail(0, 2)", ChiSquaredTail(0, 2), 1},
		{"ChiSquaredTail(inf, 2)", ChiSquaredTail(inf, 2), 0},
		{"NoncentralChiSquaredTail(0, 2, 1)", NoncentralChiSquaredTail(0, 2, 1), 1},
	} {
		if c.got != c.want {
			t.Errorf("%s = %g, want %g", c.name, c.got, c.want)
		}
	}
}
