package iv

import (
	"fmt"
	"math"
	"sort"
	"sync"

	"gonum.org/v1/gonum/stat/distuv"
)

// TF is the tF procedure of Lee, McCrary, Moreira and Porter (2022): a 5% t-test and 95% interval of
// the effect whose critical value depends on the first-stage F, so that they have their level
// however weak the one instrument and however strong the endogeneity.
type TF struct {
	F        float64 // first stage, under the result's covariance
	Critical float64 // of |t|: from 1.96 at F >= 104.7 to infinity at F <= 3.84
	// SE is the standard error times Critical/1.96: the estimate plus or minus 1.96 of it is the interval.
	SE        float64
	Low, High float64
	Rejects   bool   // whether no effect is rejected at the 5% level
	Reason    string // why there is none; the numbers are NaN then
}

// TF computes the tF interval, for one endogenous column and one instrument. It refers to the normal
// distribution. AndersonRubinSet is the alternative that has no first stage to be judged first.
func (r *Result) TF() TF {
	none := func(reason string) TF {
		nan := math.NaN()
		return TF{F: nan, Critical: nan, SE: nan, Low: nan, High: nan, Reason: reason}
	}
	if reason := r.uninstrumented(); reason != "" {
		return none(reason)
	}
	if l, p := r.system.coef.Dims(); l != 1 || p != 2 {
		return none(fmt.Sprintf("it is defined for one instrument and one endogenous column, and there are %d and %d", l, p-1))
	}
	first := r.PartialF()[0]
	if first.Reason != "" {
		return none(first.Reason)
	}
	c := r.judge(r.Terms[0], r.Coef[0], r.Vcov.At(0, 0))
	t := TF{F: first.Statistic, Critical: TFCritical(first.Statistic)}
	t.SE = c.SE * t.Critical / distuv.UnitNormal.Quantile(0.975)
	t.Low, t.High = c.Estimate-t.Critical*c.SE, c.Estimate+t.Critical*c.SE
	t.Rejects = math.Abs(c.Estimate/c.SE) > t.Critical
	return t
}

// TFCritical is the critical value of |t| at the 5% level for a first-stage F: the function that
// table 3 of Lee, McCrary, Moreira and Porter (2022) prints, computed to about nine digits.
//
// With perfect endogeneity, the worst case, the t-ratio is f(f-m)/m, where f ~ N(m, 1) is the t-ratio of
// the first stage. For each m the procedure rejects above some b > m and below some -a, and the two
// tails have 5% together. Where the tail below has no weight left, b - m is the 95% quantile, and the
// critical value b(b-m)/m has a closed form.
func TFCritical(f float64) float64 {
	x := math.Sqrt(f)
	switch curve := tfCurve(); {
	case math.IsNaN(f):
		return math.NaN()
	case x <= curve[0].border:
		return math.Inf(1)
	case x < curve[len(curve)-1].border:
		lag := curve.lag(x)
		return x * lag / (x - lag)
	}
	lag := distuv.UnitNormal.Quantile(0.95)
	return max(x*lag/(x-lag), distuv.UnitNormal.Quantile(0.975))
}

// tfPoint is a border of the rejection region: f0 above which the procedure rejects when the mean
// is f0-lag.
type tfPoint struct{ border, lag float64 }

type tfPoints []tfPoint

// tfCurve computes the borders from the smallest mean up. Both borders of a mean m lie on the curve of
// critical values: that below is the border a above of a smaller mean g, and since the critical value
// at a is a(a-g)/g and also a(a+m)/m, 1/m = 1/g - 2/a. So each point of the curve gives one further up.
// It starts with the expansion b = z + z m^2/2 for means near zero, and ends where the tail below
// is less than rounding.
var tfCurve = sync.OnceValue(func() tfPoints {
	const start, perStep = 0.005, 128
	normal := distuv.UnitNormal
	z := normal.Quantile(0.975)
	points := tfPoints{{z, z}}
	next := 1 / (1/start - 2/z)
	for i := range perStep {
		m := 1 / (1/start + (1/next-1/start)*float64(i)/perStep)
		b := z + z*m*m/2
		points = append(points, tfPoint{b, b - m})
	}
	for from := 1; ; from++ {
		p := points[from]
		m := 1 / (1/(p.border-p.lag) - 2/p.border)
		below := normal.CDF(-p.border - m)
		lag := -normal.Quantile(0.05 - below)
		points = append(points, tfPoint{m + lag, lag})
		if below < 1e-16 {
			return points
		}
	}
})

// lag interpolates the curve by a parabola.
func (points tfPoints) lag(x float64) float64 {
	at := sort.Search(len(points), func(i int) bool { return points[i].border > x })
	at = min(max(at-1, 0), len(points)-3)
	p, q, r := points[at], points[at+1], points[at+2]
	return p.lag*(x-q.border)*(x-r.border)/((p.border-q.border)*(p.border-r.border)) +
		q.lag*(x-p.border)*(x-r.border)/((q.border-p.border)*(q.border-r.border)) +
		r.lag*(x-p.border)*(x-q.border)/((r.border-p.border)*(r.border-q.border))
}
