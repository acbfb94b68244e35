package iv

import (
	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/leverage"
)

// Result is an estimated linear model: the one result type that the packages built on this one
// take. Its fields are for reading.
type Result struct {
	Outcome   string
	Estimator Estimator
	// Kappa is the k-class parameter: 0 for OLS, 1 for 2SLS, the smallest characteristic root
	// for LIML, and that less alpha/(N-all parameters of the reduced form) for Fuller.
	Kappa float64

	// Terms names the coefficients in their order: endogenous columns, exogenous columns, Constant.
	Terms []string
	// Coef holds the estimates in the order of Terms.
	Coef []float64
	// Vcov is their covariance.
	Vcov *mat.SymDense

	Covariance Covariance // as used: Kind is never Default
	Level      float64    // of confidence intervals
	// DF is the degrees of freedom of t statistics; +Inf stands for the normal distribution. With
	// Satterthwaite degrees of freedom (see Satterthwaite) each coefficient and contrast has its
	// own, and DF, which is then G-1, enters no test.
	DF float64
	// Factor is the small-sample factor that multiplies the sandwich; with several clusterings
	// and a factor per component, that of the first.
	Factor float64

	N        int            // observations: rows used or, with frequency weights, their sum
	Rows     int            // rows of the frame, or of it those of Spec.Rows
	K        int            // parameters that the factor counts
	Clusters []ClusterCount // in the order of Spec.Cluster
	Effects  []EffectCount  // in the order of Spec.Absorb

	RSS        float64 // (weighted) sum of squared residuals
	R2         float64 // share of the variance around the mean (around zero without a constant) explained; with endogenous columns it can be negative
	AdjR2      float64
	WithinR2   float64 // the same within the absorbed effects; NaN where nothing is absorbed
	Sigma      float64 // root mean squared error, sqrt(RSS/(N-all parameters))
	MeanY      float64 // (weighted) mean of the outcome over the rows used
	Weights    string
	WeightKind WeightKind
	Dropped    Dropped
	Warnings   []fieldexp.Warning
	Absorbing  string // how effects were absorbed when it was not exactly; empty otherwise

	// FirstStages holds, where there are endogenous columns, the regression of each on the
	// instruments and exogenous columns over the same rows; nil for OLS.
	FirstStages []*Result
	// ReducedForm is the regression of the outcome on instruments and exogenous columns; nil for OLS.
	ReducedForm *Result
	// AsUsed is the OLS regression of the outcome on the endogenous and exogenous columns, which
	// takes usage as if it had been assigned; nil for OLS.
	AsUsed *Result

	fit *fit // cross-products and scores, from which other covariances are computed
	// system is the reduced form with its joint covariance, from which instruments are tested; nil for OLS.
	system *system

	df         []float64          // Satterthwaite degrees of freedom of each term; nil for others
	standard   *leverage.Adjusted // from which those of contrasts are computed
	influences *mat.Dense         // of clusters on the estimates, where corrected for leverage
}

// ClusterCount is the number of clusters of one clustering.
type ClusterCount struct {
	Column string
	Count  int
}

// EffectCount describes one absorbed effect.
type EffectCount struct {
	Effect    Effect
	Levels    int  // groups that occur in the rows used
	Redundant int  // of which these are spanned by the effects before it
	Nested    bool // each group lies within one cluster
}

// Dropped counts what did not enter the estimation, and why.
type Dropped struct {
	Missing    int // rows with a missing value in a column of the model
	ZeroWeight int // rows with a weight of zero
	Singletons int // rows alone in an absorbed group
	// Collinear names columns that others of the model, or the absorbed effects, span.
	Collinear []string
}

// Coefficient is an estimate with what it takes to judge it.
type Coefficient struct {
	Name      string
	Estimate  float64
	SE        float64
	DF        float64 // +Inf for the normal distribution
	Statistic float64 // t, or z where DF is infinite
	P         float64 // two-sided
	Low, High float64 // confidence interval at the result's level
	// Reason says why there is no standard error to judge the estimate by; all numbers that rest on one are NaN then. SE is
	// NaN, too, but for a fit without residuals, where it is zero.
	Reason string
}

// Test is a test of a joint hypothesis.
type Test struct {
	Null      string  // the hypothesis as a sentence
	Statistic float64 // F, or chi-squared where DF2 is infinite
	DF1, DF2  float64
	P         float64
	// Reason says why the test could not be computed; Statistic and P are NaN then.
	Reason string
}
