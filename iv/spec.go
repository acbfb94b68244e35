package iv

import (
	"fmt"
	"strings"
)

// Constant is the name of the intercept among a result's terms.
const Constant = "Constant"

// Effect is a set of absorbed indicators: one for each value of a column or, when it names two
// columns or more, one for each combination of their values (agent; day; quintile x day).
type Effect []string

// String joins the columns with a caret, as in day^quintile.
func (e Effect) String() string { return strings.Join(e, "^") }

// Effects makes effects from their names; a caret joins the columns of an interaction, as in
// Effects("agent", "day^quintile").
func Effects(names ...string) []Effect {
	effects := make([]Effect, len(names))
	for i, n := range names {
		effects[i] = strings.Split(n, "^")
	}
	return effects
}

// Estimator is a member of the k-class family of estimators.
type Estimator int

const (
	// TwoStage is two-stage least squares; without endogenous columns it is ordinary least squares.
	TwoStage Estimator = iota
	// LIML is limited-information maximum likelihood, less biased than TwoStage where instruments are many or
	// weak. Its robust covariances have the fitted regressors in their meat and the k-class bread, as
	// those of Stata's ivregress; they do not allow for many instruments (Bekker 1994).
	LIML
	// Fuller is Fuller's (1977) modification of LIML, which has moments, with the constant of
	// Spec.FullerAlpha.
	Fuller
	// OLS is ordinary least squares. Results carry it; a Spec need not.
	OLS
)

// String is the short name that tables print.
func (e Estimator) String() string {
	switch e {
	case TwoStage:
		return "2SLS"
	case LIML:
		return "LIML"
	case Fuller:
		return "Fuller"
	case OLS:
		return "OLS"
	}
	return fmt.Sprintf("Estimator(%d)", int(e))
}

// WeightKind says what a weight means.
type WeightKind int

const (
	// Analytic weights say how precise a row is (a mean of w events, a share of days covered).
	// N counts rows. Stata's aweight and pweight, R's lm weights.
	Analytic WeightKind = iota
	// Frequency weights say how many identical rows a row stands for. They must be whole numbers,
	// and N is their sum. Stata's fweight.
	Frequency
)

// String is analytic or frequency.
func (k WeightKind) String() string {
	return named("WeightKind", int(k), "analytic", "frequency")
}

// Spec says which linear model to estimate. Only Outcomes is required; the zero value of every
// other field is a sound default.
//
// Float columns enter as they are. A Categorical column in Exogenous enters as indicators of its
// levels but the first that occurs, named column=level.
type Spec struct {
	// Rows, when set, tells which rows of the frame the models are over. They are the models of the
	// frame's Filter by it, without its copy of every column: for one group of rows after the other.
	// It may be called from several goroutines at once.
	Rows func(row int) bool

	Outcomes    []string // one model for each; the work that they share is done once
	Exogenous   []string // assignment (unless it is an instrument) and controls
	Endogenous  []string // usage
	Instruments []string // excluded instruments: assignment

	// NoConstant leaves out the intercept. Absorbed effects take its place in any case.
	NoConstant bool

	// Absorb lists effects that are removed from every column before the estimation. The
	// estimates are those of the regression with all the indicators written out.
	Absorb []Effect
	// KeepSingletons keeps rows that are alone in an absorbed group. They say nothing about the
	// estimates, but count in N and in the number of clusters, as in R's fixest. By default they
	// are dropped, repeatedly, as in Stata's reghdfe.
	KeepSingletons bool

	// Cluster lists the columns by which errors may be correlated. With several, the covariance
	// is multi-way. Rows with a missing cluster are dropped.
	Cluster []string

	Weights    string // column of weights; none when empty
	WeightKind WeightKind

	// SkipInstrumentTests leaves out what tests of instruments, and sets that hold where they are weak, are
	// computed from: a good part of the work where several columns are endogenous. The tests then say
	// that it is missing; PartialF does not need it.
	SkipInstrumentTests bool

	Estimator   Estimator
	FullerAlpha float64 // constant of Fuller's estimator; 0 means 1, which makes it about unbiased

	// Covariance says how standard errors are computed; its zero value is CR1 where Cluster is
	// set and HC1 where it is not.
	Covariance Covariance
	// Level is that of confidence intervals; 0 means 0.95.
	Level float64

	// Sampled, when set, is told before models are estimated over which rows they are: n of the frame, of which row
	// gives the i-th. It is called once for all outcomes that are known in the same rows, perhaps from several
	// goroutines at once. It returns the regressors, or instruments, that vary between one cluster and all others alone:
	// how clusters differ from each other does not show how far their estimates may be off, and these have no standard
	// errors by cluster.
	Sampled func(outcomes []string, n int, row func(i int) int) (alone []string)

	// Progress, when set, is told how many of the total steps are done. It is called from one
	// goroutine at a time.
	Progress func(done, total int)
}
