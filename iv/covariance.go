package iv

import "fmt"

// CovarianceKind names an estimator of the covariance of the estimates.
type CovarianceKind int

const (
	// Default is CR1 when the errors are clustered and HC1 when they are not.
	Default CovarianceKind = iota
	// Classical assumes independent errors of equal variance: sigma^2 (X'X)^-1.
	Classical
	// HC0 is White's heteroskedasticity-robust sandwich, without a small-sample factor.
	HC0
	// HC1 is HC0 times N/(N-K): Stata's vce(robust).
	HC1
	// CR0 is the cluster-robust sandwich of Liang and Zeger, without a small-sample factor.
	CR0
	// CR1 is CR0 times G/(G-1) (N-1)/(N-K): Stata's vce(cluster).
	CR1
)

// String is the name that tables print.
func (k CovarianceKind) String() string {
	switch k {
	case Default:
		return "default"
	case Classical:
		return "classical"
	case HC0:
		return "HC0"
	case HC1:
		return "HC1"
	case CR0:
		return "CR0"
	case CR1:
		return "CR1"
	}
	return fmt.Sprintf("CovarianceKind(%d)", int(k))
}

// Clustered reports whether the kind sums over clusters.
func (k CovarianceKind) Clustered() bool { return k == CR0 || k == CR1 }

// Toggle switches a part of a small-sample factor on or off.
type Toggle int

const (
	// Usual leaves the part as the covariance's kind has it.
	Usual Toggle = iota
	// On applies the part.
	On
	// Off leaves it out.
	Off
)

// ParamCount says which parameters the factor (N-1)/(N-K) counts.
type ParamCount int

const (
	// CountNotNested counts the coefficients and the absorbed effects that are not nested in a
	// cluster, plus one where some are nested: reghdfe's rule and fixest's default.
	CountNotNested ParamCount = iota
	// CountAll counts the coefficients and all absorbed effects: the regression with explicit
	// dummies, R's lm and estimatr.
	CountAll
	// CountCoefficients counts the coefficients alone.
	CountCoefficients
)

// GroupFactor says which number of clusters enters G/(G-1) when there are several clusterings.
type GroupFactor int

const (
	// MinG uses the smallest number of clusters for every component: fixest, reghdfe.
	MinG GroupFactor = iota
	// PerComponent gives each component of the inclusion-exclusion sum its own factor: R's
	// sandwich and Python's statsmodels.
	PerComponent
)

// DFRule says which distribution tests and intervals refer to.
type DFRule int

const (
	// DFUsual is t with G-1 degrees of freedom where errors are clustered (the smallest G of
	// several) and N-K where they are not.
	DFUsual DFRule = iota
	// DFResidual is t with N-K degrees of freedom throughout.
	DFResidual
	// DFNormal is the normal distribution, and chi-squared for joint tests: Stata's ivregress
	// without small.
	DFNormal
)

// Covariance says how standard errors and tests are computed. The zero value is this library's
// convention: CR1 with min-G where errors are clustered, HC1 where they are not, and t with G-1 or N-K degrees
// of freedom. The other fields reproduce what other programs do by default.
type Covariance struct {
	Kind CovarianceKind
	// Params says what K counts.
	Params ParamCount
	// RowFactor is the part of the factor made of N and K: N/(N-K) or (N-1)/(N-K). It is on for
	// Classical, HC1 and CR1.
	RowFactor Toggle
	// ClusterFactor is the part made of the number of clusters, G/(G-1). It is on for CR1.
	ClusterFactor Toggle
	// Groups says which G enters it when there are several clusterings.
	Groups GroupFactor
	DF     DFRule
	// Repair replaces the negative eigenvalues that a multi-way covariance can have by zero. It
	// is on; off, the standard errors that it would have mended are NaN, as R's sandwich and
	// Python's statsmodels have them.
	Repair Toggle
}

func (t Toggle) or(usual bool) bool {
	if t == Usual {
		return usual
	}
	return t == On
}
