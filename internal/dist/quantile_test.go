package dist

import (
	"math"
	"testing"
)

// The values are R's qf and qchisq (4.2.2) and, for the noncentral distribution, which R finds to
// fewer digits, SciPy's ncx2.sf and ncx2.ppf (1.17.1).
func TestQuantilesAgainstOthers(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		name           string
		got, want, tol float64
	}{
		{"FQuantile(0.95, 1, 39)", FQuantile(0.95, 1, 39), 4.091278557999158, 1e-12},
		{"FQuantile(0.95, 2, 59)", FQuantile(0.95, 2, 59), 3.1531232584974678, 1e-12},
		{"FQuantile(0.99, 5, 12.5)", FQuantile(0.99, 5, 12.5), 4.9577897223104435, 1e-12},
		{"FQuantile(0.5, 3, 1000)", FQuantile(0.5, 3, 1000), 0.7891968467298919, 1e-12},
		{"FQuantile(0.95, 2, inf)", FQuantile(0.95, 2, inf), 5.991464547107979 / 2, 1e-12},
		{"ChiSquaredQuantile(0.95, 1)", ChiSquaredQuantile(0.95, 1), 3.841458820694124, 1e-12},
		{"ChiSquaredQuantile(0.99, 7)", ChiSquaredQuantile(0.99, 7), 18.475306906582357, 1e-12},
		{"ChiSquaredQuantile(0.9, 2.5)", ChiSquaredQuantile(0.9, 2.5), 5.447880148383694, 1e-12},
		{"NoncentralChiSquaredTail(20, 1, 10)", NoncentralChiSquaredTail(20, 1, 10), 0.09512188899033863, 1e-12},
		{"NoncentralChiSquaredTail(5, 3.3, 7.5)", NoncentralChiSquaredTail(5, 3.3, 7.5), 0.836566348250743, 1e-12},
		{"NoncentralChiSquaredTail(200, 2, 150)", NoncentralChiSquaredTail(200, 2, 150), 0.031677500124251995, 1e-11},
		{"NoncentralChiSquaredTail(3, 4, 0.01)", NoncentralChiSquaredTail(3, 4, 0.01), 0.5590789396184821, 1e-12},
		{"NoncentralChiSquaredTail(3, 4, 0)", NoncentralChiSquaredTail(3, 4, 0), ChiSquaredTail(3, 4), 0},
		{"NoncentralChiSquaredTail(80, 1, 10)", NoncentralChiSquaredTail(80, 1, 10), 3.691011592662176e-09, 1e-12}, // by pnorm; pchisq has 8 digits here
		{"NoncentralChiSquaredQuantile(0.95, 1, 10)", NoncentralChiSquaredQuantile(0.95, 1, 10), 23.108511211606643, 1e-12},
		{"NoncentralChiSquaredQuantile(0.95, 3, 10)", NoncentralChiSquaredQuantile(0.95, 3, 10), 25.57544072256552, 1e-12},
		{"NoncentralChiSquaredQuantile(0.95, 2.7, 54)", NoncentralChiSquaredQuantile(0.95, 2.7, 54), 82.76146969876132, 1e-11},
		{"NoncentralChiSquaredQuantile(0.9, 1, 2)", NoncentralChiSquaredQuantile(0.9, 1, 2), 7.267757198380923, 1e-12},
		{"FQuantile(0, 2, 5)", FQuantile(0, 2, 5), 0, 0},
		{"FQuantile(1, 2, 5)", FQuantile(1, 2, 5), inf, 0},
	} {
		if c.got != c.want && !(math.Abs(c.got-c.want) <= c.tol*math.Abs(c.want)) {
			t.Errorf("%s = %.16g, want %.16g", c.name, c.got, c.want)
		}
	}
	for _, v := range []float64{FQuantile(1.2, 2, 3), FQuantile(0.5, 2, math.NaN()), NoncentralChiSquaredTail(1, 2, -1)} {
		if !math.IsNaN(v) {
			t.Errorf("%v outside the domain, want NaN", v)
		}
	}
}
