package iv

import (
	"fmt"
	"math"

	"github.com/fieldexp/fieldexp"
)

// EffectGiven is the two-stage estimate of one effect with one instrument when the instrument's direct
// effect on the outcome is not zero but normal with a mean and a standard deviation (Conley, Hansen
// and Rossi 2012, local to zero): the estimate for the outcome less the mean direct effect, with its
// own variance under the result's covariance (with the jackknife, that of reduced form and first stage to
// first order) plus the square of the deviation over the first stage.
func (r *Result) EffectGiven(mean, deviation float64) (Coefficient, error) {
	refuse := func(message string, remedy fieldexp.Hint) (Coefficient, error) {
		return Coefficient{}, &fieldexp.Error{Op: "iv", Problem: fieldexp.NotAvailable,
			Columns: []string{r.Outcome},
			Message: message,
			Remedy:  []fieldexp.Hint{remedy}}
	}
	if !(deviation >= 0) || math.IsNaN(mean) || math.IsInf(mean, 0) || math.IsInf(deviation, 0) {
		return refuse(fmt.Sprintf("a direct effect with mean %g and standard deviation %g", mean, deviation),
			"give a finite mean and a finite deviation of zero or more")
	}
	e, reason := r.evidence()
	if reason == "" && (e.l != 1 || e.p != 1) {
		reason = fmt.Sprintf("there are %d instruments and %d endogenous columns", e.l, e.p)
	}
	if reason != "" {
		return refuse("an effect given a direct effect of the instrument: "+reason,
			"name one column in {Endogenous} and one in {Instruments}")
	}
	first := e.coef.At(0, 1)
	b := (e.coef.At(0, 0) - mean) / first
	_, v := e.combined(against([]float64{b}))
	return r.judgeWith(r.Terms[0], b, (v.At(0, 0)+deviation*deviation)/(first*first), e.df), nil
}
