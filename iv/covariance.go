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
	// HC2 divides each squared residual by 1-h, where h is the row's leverage in the regression
	// with all absorbed indicators written out (MacKinnon and White 1985): unbiased where
	// errors have equal variances. With weights, h is the leverage of the weighted regression.
	HC2
	// HC3 divides by (1-h)^2: about the jackknife over rows.
	HC3
	// CR2 is the bias-reduced clustered covariance of Bell and McCaffrey (2002) in the form of
	// Pustejovsky and Tipton (2018): each cluster's residuals are multiplied by the inverse root
	// of its block of the residual maker. With one clustering, tests refer to Satterthwaite
	// degrees of freedom, each contrast to its own. R's clubSandwich and estimatr. With endogenous
	// columns the residual maker is that of the fitted regressors, as there; so it is for LIML
	// and Fuller, which neither of them has: the maker of two-stage least squares, with the
	// residuals and the bread of the estimator.
	CR2
	// CR3 multiplies them by the inverse itself. For least squares it is the sum of squares of
	// what leaving each cluster out changes in the estimates: conservative. R's clubSandwich; with
	// endogenous columns the fitted regressors count as given, as there.
	CR3
	// Jackknife is (G-1)/G times the sum of squared deviations of the estimates without each
	// cluster from the estimates or, with CentreMean, from their own mean. For least squares around
	// the estimates it is CR3 times (G-1)/G. Two-stage estimates are computed anew, first stage and
	// all, without each cluster; so are those of LIML, with the root that is then the smallest, and of
	// Fuller, whose correction of the root stays that of the whole sample. Tests refer to t with
	// G-1 degrees of freedom. R's summclust, and Stata's vce(jackknife) with CentreMean.
	Jackknife
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
	case HC2:
		return "HC2"
	case HC3:
		return "HC3"
	case CR2:
		return "CR2"
	case CR3:
		return "CR3"
	case Jackknife:
		return "jackknife"
	}
	return fmt.Sprintf("CovarianceKind(%d)", int(k))
}

// Clustered reports whether the kind sums over clusters.
func (k CovarianceKind) Clustered() bool {
	return k == CR0 || k == CR1 || k.corrects()
}

// corrects reports whether the kind corrects for the leverage of clusters.
func (k CovarianceKind) corrects() bool { return k == CR2 || k == CR3 || k == Jackknife }

// rowFactor reports whether the kind usually has the factor made of N and K.
func (k CovarianceKind) rowFactor() bool { return k == Classical || k == HC1 || k == CR1 }

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

// String is usual, on or off.
func (t Toggle) String() string {
	return named("Toggle", int(t), "usual", "on", "off")
}

// ParamCount says which parameters the factor (N-1)/(N-K) counts.
type ParamCount int

const (
	// CountNotNested counts the coefficients and the absorbed effects that are not nested in a
	// cluster, plus one where some are nested: reghdfe's rule.
	CountNotNested ParamCount = iota
	// CountAll counts the coefficients and all absorbed effects: the regression with explicit
	// dummies, R's lm and estimatr.
	CountAll
	// CountCoefficients counts the coefficients alone.
	CountCoefficients
	// CountOnePerEffect is CountNotNested with one redundant level for each absorbed effect after the
	// first, however many there are: fixest's default. It differs where effects repeat each other
	// more than once, as agents and quintile-by-day do.
	CountOnePerEffect
)

// String is what is counted: not nested, all, coefficients or one per effect.
func (c ParamCount) String() string {
	return named("ParamCount", int(c), "not nested", "all", "coefficients", "one per effect")
}

// GroupFactor says which number of clusters enters G/(G-1) when there are several clusterings.
type GroupFactor int

const (
	// MinG uses the smallest number of clusters for every component: fixest, reghdfe.
	MinG GroupFactor = iota
	// PerComponent gives each component of the inclusion-exclusion sum its own factor: R's
	// sandwich and Python's statsmodels.
	PerComponent
)

// String is smallest or per component.
func (g GroupFactor) String() string {
	return named("GroupFactor", int(g), "smallest", "per component")
}

// DFRule says which distribution tests and intervals refer to.
type DFRule int

const (
	// DFUsual is t with G-1 degrees of freedom where errors are clustered (the smallest G of
	// several) and N-K where they are not. CR2 and CR3 by a single clustering have Satterthwaite's.
	DFUsual DFRule = iota
	// DFResidual is t with N-K degrees of freedom throughout.
	DFResidual
	// DFNormal is the normal distribution, and chi-squared for joint tests: Stata's ivregress
	// without small.
	DFNormal
	// DFSatterthwaite gives every coefficient and contrast its own degrees of freedom: those of the
	// chi-squared variable with the mean and variance that the variance estimate has when errors are
	// independent (Bell and McCaffrey 2002). Joint tests are Pustejovsky and Tipton's (2018)
	// approximate Hotelling tests. It needs a single clustering.
	DFSatterthwaite
	// DFClusters is t with G-1 degrees of freedom for every clustered covariance, CR2 and CR3 too.
	DFClusters
)

// String is the rule's name: usual, residual, normal, satterthwaite or clusters.
func (r DFRule) String() string {
	return named("DFRule", int(r), "usual", "residual", "normal", "satterthwaite", "clusters")
}

// WorkingModel says for which errors CR2 is unbiased, and under which Satterthwaite degrees of
// freedom are computed, in a model with analytic weights. Without weights, and with frequency
// weights, both are the same.
type WorkingModel int

const (
	// EqualVariances: errors have one variance whatever the weights. It is the default of R's
	// clubSandwich for lm with weights, and what estimatr does.
	EqualVariances WorkingModel = iota
	// InverseWeights: variances are inversely proportional to the weights, for which weighted
	// least squares is efficient: the rows are means of as many events as the weight says. It is
	// CR2 of the unweighted regression of columns multiplied by the roots of the weights, and
	// its leverage is that of HC2 and HC3 in every program. (Adjustments that make CR2 unbiased are
	// not unique: clubSandwich with inverse_var = TRUE takes another one for the same errors.)
	InverseWeights
)

// String describes the model.
func (w WorkingModel) String() string {
	switch w {
	case EqualVariances:
		return "equal variances"
	case InverseWeights:
		return "variances inverse to the weights"
	}
	return fmt.Sprintf("WorkingModel(%d)", int(w))
}

// Centring says what the jackknife's deviations are taken from.
type Centring int

const (
	// CentreEstimate takes them from the estimates: CR3 of MacKinnon, Nielsen and Webb (2023),
	// Stata's vce(jackknife, mse), R's summclust.
	CentreEstimate Centring = iota
	// CentreMean takes them from the mean of the estimates without each cluster: CR3J of
	// MacKinnon, Nielsen and Webb, Stata's vce(jackknife).
	CentreMean
)

// String is what the centre is: estimate or mean.
func (c Centring) String() string {
	return named("Centring", int(c), "estimate", "mean")
}

// Covariance says how standard errors and tests are computed. The zero value is this library's
// convention: CR1 with min-G where errors are clustered, HC1 where they are not, and t with G-1 or N-K degrees
// of freedom. The other fields reproduce what other programs do by default; see Preset.
type Covariance struct {
	Kind CovarianceKind
	// Params says what K counts.
	Params ParamCount
	// RowFactor is the part of the factor made of N and K: N/(N-K) or (N-1)/(N-K). It is on for
	// Classical, HC1 and CR1.
	RowFactor Toggle
	// ClusterFactor is the part made of the number of clusters: G/(G-1), which is on for CR1, or
	// (G-1)/G for the jackknife, for which it is on.
	ClusterFactor Toggle
	// Groups says which G enters it when there are several clusterings.
	Groups GroupFactor
	DF     DFRule
	// Repair replaces the negative eigenvalues that a multi-way covariance can have by zero. It
	// is on; off, the standard errors that it would have mended are NaN, as R's sandwich and
	// Python's statsmodels have them.
	Repair Toggle
	// Working is the working model of CR2 and of Satterthwaite degrees of freedom in a model with
	// analytic weights.
	Working WorkingModel
	// Centre says what the jackknife's deviations are taken from.
	Centre Centring
}

// adjusts reports whether the covariance needs the cross-products of clusters with all their
// columns.
func (c Covariance) adjusts() bool { return c.Kind.corrects() || c.DF == DFSatterthwaite }

// satterthwaite reports whether each contrast has its own degrees of freedom.
func (c Covariance) satterthwaite(clusterings int) bool {
	return c.DF == DFSatterthwaite || c.DF == DFUsual && clusterings == 1 && (c.Kind == CR2 || c.Kind == CR3)
}

func (t Toggle) or(usual bool) bool {
	if t == Usual {
		return usual
	}
	return t == On
}

// named is a constant's name or, for a number that is none, the type with the number.
func named(kind string, value int, names ...string) string {
	if value < 0 || value >= len(names) {
		return fmt.Sprintf("%s(%d)", kind, value)
	}
	return names[value]
}
