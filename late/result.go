package late

import (
	"fmt"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
)

// Result holds effects of usage with what they rest on. Its fields are for reading.
type Result struct {
	Design *itt.Design
	Usage  string // the term whose coefficient is the effect
	// Term is the instrument: assignment, or assignment from the launch on; with several arms,
	// that of the first after control (Design.Terms has all).
	Term string
	// Fits are the regressions of the second stage, one for each outcome in the order of
	// Spec.Outcomes. Each carries its FirstStages, ReducedForm and AsUsed regression.
	Fits []*iv.Result
	// Shares describe uptake over the rows of the first outcome's model; SharesOf has those of the others.
	Shares Shares
	// Warnings are those of the fits, of assignment and of usage, each once.
	Warnings []fieldexp.Warning

	lowest, highest float64 // usage
	shares          map[string]Shares
	uneven          []fieldexp.Warning // that usage is known of one arm more often, if it is
}

// SharesOf describes uptake over the rows of an outcome's model. The error names the outcomes that there are.
func (r *Result) SharesOf(outcome string) (Shares, error) {
	if _, err := r.Fit(outcome); err != nil {
		return Shares{}, err
	}
	return r.shares[outcome], nil
}

// sharesNote tells the shares of all outcomes.
func (r *Result) sharesNote() string {
	var list []Shares
	for _, fit := range r.Fits {
		list = append(list, r.shares[fit.Outcome])
	}
	return DescribeShares(list...)
}

// Fit is the second stage of an outcome.
func (r *Result) Fit(outcome string) (*iv.Result, error) {
	return (&itt.Result{Fits: r.Fits}).Fit(outcome)
}

// Effect is the effect of usage on an outcome: the second stage.
func (r *Result) Effect(outcome string) (iv.Coefficient, error) {
	return r.coefficient(outcome, r.Usage, func(fit *iv.Result) *iv.Result { return fit })
}

// Effects lists the effects in the order of the outcomes.
func (r *Result) Effects() []iv.Coefficient {
	var list []iv.Coefficient
	for _, fit := range r.Fits {
		list = append(list, fit.Coefficients()[0]) // endogenous columns come first
	}
	return list
}

// With is the result with another covariance, which is then that of the design's spec, too, computed without the rows
// (see iv.Result.With): both stages, the reduced form and the as-used regression change with it, and what is said of
// the strength of first stages.
func (r *Result) With(cov iv.Covariance) (*Result, error) {
	changed := *r
	changed.Design, changed.Fits, changed.Warnings = r.Design.With(cov), make([]*iv.Result, len(r.Fits)), nil
	for i, fit := range r.Fits {
		var err error
		if changed.Fits[i], err = fit.With(cov); err != nil {
			return nil, err
		}
	}
	return &changed, changed.warn()
}

// FirstStage is the effect of assignment on usage, over the rows of an outcome. With several arms
// it is refused: read FirstStages of Fit.
func (r *Result) FirstStage(outcome string) (iv.Coefficient, error) {
	return r.instrument(outcome, func(fit *iv.Result) *iv.Result { return fit.FirstStages[0] })
}

// ReducedForm is the effect of assignment on an outcome: the intention-to-treat effect, with the
// second stage's kind of covariance. With several arms it is refused: read ReducedForm of Fit.
func (r *Result) ReducedForm(outcome string) (iv.Coefficient, error) {
	return r.instrument(outcome, func(fit *iv.Result) *iv.Result { return fit.ReducedForm })
}

// AsUsed is the coefficient of usage by ordinary least squares, which is no effect: those who use
// differ from those who do not.
func (r *Result) AsUsed(outcome string) (iv.Coefficient, error) {
	return r.coefficient(outcome, r.Usage, func(fit *iv.Result) *iv.Result { return fit.AsUsed })
}

// FirstStageF tests that assignment does not move usage over the rows of an outcome, with the
// result's covariance: robust, or clustered, where that is.
func (r *Result) FirstStageF(outcome string) (iv.Test, error) {
	fit, err := r.Fit(outcome)
	if err != nil {
		return iv.Test{}, err
	}
	return fit.PartialF()[0], nil
}

// instrument is the coefficient of the only instrument.
func (r *Result) instrument(outcome string, stage func(*iv.Result) *iv.Result) (iv.Coefficient, error) {
	if n := len(r.Design.Terms); n > 1 {
		return iv.Coefficient{}, &fieldexp.Error{Op: "late", Problem: fieldexp.BadSpec, Columns: []string{r.Usage, r.Design.Spec.Assignment}, Count: n,
			Message: fmt.Sprintf("assignment %q has %d arms beside control, so there is not one coefficient", r.Design.Spec.Assignment, n),
			Remedy:  []fieldexp.Hint{"read {FirstStages} and {ReducedForm} of {Fit}, whose terms are the arms"}}
	}
	return r.coefficient(outcome, r.Term, stage)
}

func (r *Result) coefficient(outcome, term string, stage func(*iv.Result) *iv.Result) (iv.Coefficient, error) {
	fit, err := r.Fit(outcome)
	if err != nil {
		return iv.Coefficient{}, err
	}
	return stage(fit).Coefficient(term)
}
