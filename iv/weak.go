package iv

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp/internal/symmetric"
)

// Strength is a first-stage statistic that says how strongly instruments move the endogenous
// columns, with the values that it should exceed.
type Strength struct {
	Name      string
	Statistic float64 // in the form of an F statistic; NaN where Reason says why there is none
	Reason    string
	// Critical lists what Statistic should exceed, by what is tolerated when it does; it is empty where
	// no critical values are known for as many instruments and endogenous columns.
	Critical []Critical
}

// Critical is a critical value of a measure of strength, at the 5% level.
type Critical struct {
	// Criterion says what is bounded: "2SLS bias" relative to that of least squares, "2SLS size" or "LIML
	// size" of a nominal 5% t-test, or "worst-case bias", also in a "simplified" form.
	Criterion string
	Tolerated float64 // the bound: a share of bias, or a size
	Value     float64
}

// String is a line such as: Cragg-Donald F 21.3; critical values: 2SLS size 0.1: 16.38, 0.15: 8.96.
func (s Strength) String() string {
	if s.Reason != "" {
		return s.Name + " not available: " + s.Reason
	}
	text, criterion := fmt.Sprintf("%s %.4g", s.Name, s.Statistic), ""
	var list []string
	for _, c := range s.Critical {
		item := fmt.Sprintf("%g: %.2f", c.Tolerated, c.Value)
		if c.Criterion != criterion {
			criterion = c.Criterion
			item = criterion + " " + item
		}
		list = append(list, item)
	}
	if len(list) == 0 {
		return text
	}
	return text + "; critical values: " + strings.Join(list, ", ")
}

func unavailable(name, reason string) Strength {
	return Strength{Name: name, Statistic: math.NaN(), Reason: reason}
}

// noTest is a test that cannot be computed.
func noTest(null, reason string) Test {
	return Test{Null: null, Statistic: math.NaN(), P: math.NaN(), Reason: reason}
}

// CraggDonald is the statistic of Cragg and Donald (1993): the smallest eigenvalue of the matrix
// that generalises the first-stage F statistic to several endogenous columns, and that statistic
// itself with one. It takes errors to be independent with equal variances, whatever the covariance
// of the result, and divides residuals by N-K. The critical values are Stock and Yogo's (2005) for
// the result's estimator, for up to 30 instruments: they hold under the same assumption.
//
// It is the Cragg-Donald Wald F statistic of Stata's ivreg2 and what estat firststage prints.
func (r *Result) CraggDonald() Strength {
	const name = "Cragg-Donald F"
	if reason := r.uninstrumented(); reason != "" {
		return unavailable(name, reason)
	}
	e := &evidence{system: r.system}
	e.l, e.p = r.system.coef.Dims()
	e.p--
	k := r.ReducedForm.params(Covariance{Kind: Classical, Params: r.Covariance.Params})
	if r.N <= k {
		return unavailable(name, fmt.Sprintf("%d observations for %d parameters", r.N, k))
	}
	gram, err := inverseOf(mat.DenseCopyOf(r.system.inverse))
	if err != nil {
		return unavailable(name, "the instruments are too nearly collinear")
	}
	moved := symmetric.Sandwich(e.first(), gram)
	noise := mat.NewSymDense(e.p, nil)
	noise.CopySym(r.system.errors.SliceSym(1, 1+e.p))
	noise.ScaleSym(1/float64(r.N-k), noise)
	root, ok := smallestRoot(moved, noise)
	if !ok {
		return unavailable(name, "a first stage fits exactly")
	}
	return Strength{Name: name, Statistic: root / float64(e.l), Critical: stockYogo(r.Estimator, e.p, e.l)}
}

// smallestRoot is the smallest root of det(a - root b); b must be positive definite.
func smallestRoot(a, b *mat.SymDense) (float64, bool) {
	var chol mat.Cholesky
	if !chol.Factorize(b) {
		return 0, false
	}
	var lower mat.TriDense
	chol.LTo(&lower)
	var half, ratio mat.Dense
	if half.Solve(&lower, a) != nil || ratio.Solve(&lower, half.T()) != nil {
		return 0, false
	}
	values, _, ok := symmetric.Eigen(symmetric.Of(&ratio))
	if !ok {
		return 0, false
	}
	return values[0], true
}

// KleibergenPaap is the rk statistic of Kleibergen and Paap (2006) in its Wald form, divided by the
// number of instruments: what becomes of the Cragg-Donald statistic under the result's covariance,
// robust or clustered, with its small-sample factor. With one endogenous column it is the
// first-stage F statistic of PartialF, but for the factor that an approximate Hotelling test (CR2, CR3) of
// several instruments has. The critical values are Stock and Yogo's for CraggDonald, with
// which it is usually compared; they are derived for errors with equal variances, and EffectiveF has
// some that are not.
//
// It is the Kleibergen-Paap Wald rk F statistic of Stata's ivreg2 and ivreghdfe.
func (r *Result) KleibergenPaap() Strength {
	const name = "Kleibergen-Paap rk Wald F"
	e, reason := r.evidence()
	if reason != "" {
		return unavailable(name, reason)
	}
	v := mat.NewSymDense(e.l*e.p, nil)
	v.CopySym(e.joint.SliceSym(e.l, e.l*(1+e.p)))
	statistic, ok := e.rank(v)
	if !ok {
		return unavailable(name, "the covariance of the first stages is singular")
	}
	return Strength{Name: name, Statistic: statistic / float64(e.l), Critical: stockYogo(r.Estimator, e.p, e.l)}
}

// UnderIdentification tests that the instruments move fewer combinations of the endogenous columns
// than there are columns, so that the effects are not identified: Kleibergen and Paap's (2006) rk
// statistic in its LM form, whose covariance is that of first stages in which instruments move
// nothing, under the result's covariance without a small-sample factor or correction for leverage. It
// refers to chi-squared with L-p+1 degrees of freedom. With a classical covariance it is Anderson's (1951) canonical
// correlations test.
//
// It is the underidentification test of Stata's ivreg2.
func (r *Result) UnderIdentification() Test {
	const null = "the instruments do not identify the effects"
	e, reason := r.uncovered()
	if reason != "" {
		return noTest(null, reason)
	}
	v := plain(r.system.null)
	if r.Covariance.Kind == Classical {
		total := e.endogenousProducts()
		total.ScaleSym(1/e.n, total)
		v = kronecker(total, r.system.inverse)
	}
	statistic, ok := e.rank(v)
	if !ok {
		return noTest(null, "the covariance of the first stages is singular")
	}
	return chiSquared(null, statistic, e.l-e.p+1)
}

// endogenousProducts is the cross-products of the endogenous columns net of exogenous ones.
func (e *evidence) endogenousProducts() *mat.SymDense {
	total := symmetric.Sandwich(e.first(), e.gram)
	for i := range e.p {
		for j := i; j < e.p; j++ {
			total.SetSym(i, j, total.At(i, j)+e.errors.At(1+i, 1+j))
		}
	}
	return total
}

// rank is the statistic of Kleibergen and Paap for the hypothesis that the first stages have rank
// p-1, when their coefficients, one stage below the other, have covariance v. Coefficients are scaled
// by roots of the cross-products of instruments and endogenous columns, so that their singular
// values are canonical correlations; the statistic is the quadratic form of the part that belongs to
// the smallest (equations 19 to 21 of the paper).
func (e *evidence) rank(v *mat.SymDense) (float64, bool) {
	var z, d mat.Cholesky
	if !z.Factorize(e.gram) || !d.Factorize(e.endogenousProducts()) {
		return 0, false
	}
	var lower, upper, inverse mat.TriDense
	z.LTo(&lower)
	d.UTo(&upper)
	if inverse.InverseTri(&upper) != nil {
		return 0, false
	}
	var theta mat.Dense
	theta.Product(lower.T(), e.first(), &inverse)
	var svd mat.SVD
	if !svd.Factorize(&theta, mat.SVDFull) {
		return 0, false
	}
	var u, w mat.Dense
	svd.UTo(&u)
	svd.VTo(&w)
	left := u.Slice(0, e.l, e.p-1, e.l) // L x (L-p+1)
	right := w.Slice(0, e.p, e.p-1, e.p)
	var smallest mat.Dense
	smallest.Product(left.T(), &theta, right)
	// The same combination of the coefficients as they are: (right' inverse' x left' lower') vec.
	var rows, columns, to mat.Dense
	rows.Mul(left.T(), lower.T())
	columns.Mul(&inverse, right)
	to.Kronecker(columns.T(), &rows)
	statistic := form(mat.VecDenseCopyOf(smallest.ColView(0)), symmetric.Sandwich(to.T(), v))
	return statistic, !math.IsNaN(statistic)
}
