package iv

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/internal/dist"
	"github.com/fieldexp/fieldexp/internal/symmetric"
)

// EffectiveF is the effective first-stage F statistic of Montiel Olea and Pflueger (2013) for one
// endogenous column: pi'Z'Z pi over the trace of Z'Z times the covariance of pi, under the result's
// covariance with its small-sample factor. With one instrument it is the robust first-stage F.
// Unlike the critical values of Stock and Yogo, its own hold for errors that are heteroskedastic or
// correlated within clusters: an F above them rejects, at the 5% level, that the (Nagar) bias of
// two-stage least squares exceeds a share of that of a worst case in which instruments tell
// nothing. They come in two forms: those that use how reduced form and first stage vary together, and
// simplified, larger ones that do not.
//
// It is weakivtest in Stata. Set the covariance's RowFactor and ClusterFactor Off (CR0, HC0) for the
// uncorrected statistic.
func (r *Result) EffectiveF() Strength {
	const name = "effective F"
	e, reason := r.evidence()
	if reason != "" {
		return unavailable(name, reason)
	}
	if e.p > 1 {
		return unavailable(name, "it is defined for one endogenous column; the Kleibergen-Paap statistic is for several")
	}
	var chol mat.Cholesky
	if !chol.Factorize(e.gram) {
		return unavailable(name, "the instruments are too nearly collinear")
	}
	var lower mat.TriDense
	chol.LTo(&lower)
	root := mat.DenseCopyOf(lower.T()) // root' root = Z'Z: instruments are scaled to Z'Z = I
	scaled := func(block *mat.Dense) *mat.Dense {
		var s mat.Dense
		s.Product(root, block, root.T())
		return &s
	}
	w := worstCase{w1: symmetric.Of(scaled(e.block(0, 0))), w12: symmetric.Of(scaled(e.block(0, 1))), w2: symmetric.Of(scaled(e.block(1, 1)))}
	pi := e.first().ColView(0)
	if !(mat.Trace(w.w2) > 0) {
		return unavailable(name, r.FirstStages[0].noVariance())
	}
	s := Strength{Name: name, Statistic: mat.Inner(pi, e.gram, pi) / mat.Trace(w.w2)}
	bias, ok := w.bias()
	for _, form := range []struct {
		criterion string
		bias      float64
	}{{"worst-case bias", bias}, {"worst-case bias, simplified", 1}} {
		if ok {
			for _, tolerated := range []float64{0.05, 0.10, 0.20, 0.30} {
				s.Critical = append(s.Critical, Critical{form.criterion, tolerated, w.critical(form.bias/tolerated, 0.05)})
			}
		}
	}
	return s
}

// worstCase holds the covariances of reduced form (w1) and first stage (w2), and the symmetric part
// of that between them (w12), when instruments are scaled to Z'Z = I.
type worstCase struct{ w1, w12, w2 *mat.SymDense }

// critical is the critical value of the effective F at the given level when the mean of the
// statistic less one is at most x: a noncentral chi-squared with Patnaik's degrees of freedom over
// these (theorem 2 and remark 4 of the paper).
func (w worstCase) critical(x, level float64) float64 {
	values, _, ok := symmetric.Eigen(w.w2)
	if !ok {
		return math.NaN()
	}
	trace, squares := 0.0, 0.0
	for _, v := range values {
		trace += v
		squares += v * v
	}
	df := trace * trace * (1 + 2*x) / (squares + 2*x*trace*values[len(values)-1])
	return dist.NoncentralChiSquaredQuantile(1-level, df, x*df) / df
}

// bias is the largest ratio of the Nagar bias of two-stage least squares to its worst-case
// benchmark, over all effects b and all directions of the first stage (theorem 1 of the paper). A
// direction enters through an eigenvalue, so that only b = scale tan(angle) is searched: on a fine
// mesh, then by golden section around its best point.
func (w worstCase) bias() (float64, bool) {
	trace := mat.Trace(w.w2)
	scale := math.Sqrt(mat.Trace(w.w1) / trace)
	if !(scale > 0) || math.IsInf(scale, 0) {
		return 0, false
	}
	at := func(angle float64) float64 {
		c, s := math.Cos(angle), scale*math.Sin(angle)
		var s12, part mat.SymDense // of the outcome less b times the endogenous column, all times c
		s12.ScaleSym(c, w.w12)
		part.ScaleSym(-s, w.w2)
		s12.AddSym(&s12, &part)
		values, _, ok := symmetric.Eigen(&s12)
		if !ok {
			return math.NaN()
		}
		t := mat.Trace(&s12)
		nagar := max(math.Abs(t-2*values[0]), math.Abs(t-2*values[len(values)-1])) / trace
		benchmark := math.Sqrt((c*c*mat.Trace(w.w1) - 2*c*s*mat.Trace(w.w12) + s*s*trace) / trace)
		return nagar / benchmark
	}
	const mesh = 360
	best, place := math.Inf(-1), 0
	for i := range mesh {
		if v := at(math.Pi * (float64(i)/mesh - 0.5)); v > best {
			best, place = v, i
		}
	}
	low, high := math.Pi*(float64(place-1)/mesh-0.5), math.Pi*(float64(place+1)/mesh-0.5)
	golden := (math.Sqrt(5) - 1) / 2
	for high-low > 1e-10 {
		a, b := high-golden*(high-low), low+golden*(high-low)
		if at(a) > at(b) {
			high = b
		} else {
			low = a
		}
	}
	best = max(best, at((low+high)/2))
	return min(best, 1), !math.IsNaN(best)
}
