package late

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/dist"
	"github.com/fieldexp/fieldexp/iv"
)

// Violation is what is left of an effect of usage when assignment may also matter directly: as
// when an offer cheers or annoys those who do not take it up.
type Violation struct {
	Outcome string
	// DirectLow and DirectHigh are the direct effects of assignment on the outcome that are allowed for.
	DirectLow, DirectHigh float64
	Low, High             float64 // the effects of usage that they imply at the estimates
	Set                   iv.Set  // every effect that is not rejected under some direct effect between them
	// Breakdown is the size of the direct effect from which on "no effect of usage" is not rejected; zero
	// where it is not rejected under exclusion.
	Breakdown float64
}

// Violate bounds the effect of usage on an outcome when assignment has a direct effect on it between
// low and high, in units of the outcome: exclusion holds at zero. The bounds are the two-stage estimates
// of the outcome less the direct effect; Set is the union over all direct effects in between of the
// Anderson-Rubin sets, in closed form (the union of confidence intervals of Conley, Hansen and
// Rossi 2012, with sets that hold for weak instruments too). Breakdown says how large a direct effect
// it takes to explain the intention-to-treat effect away.
//
// NeverTakerContrast and ZeroFirstStage estimate what direct effects there may be.
func (r *Result) Violate(outcome string, low, high float64) (Violation, error) {
	v := Violation{Outcome: outcome, DirectLow: low, DirectHigh: high}
	if !(low <= high) || math.IsInf(low, 0) || math.IsInf(high, 0) {
		return v, &fieldexp.Error{Op: "late", Problem: fieldexp.BadSpec, Columns: []string{r.Usage}, Message: fmt.Sprintf("direct effects from %g to %g", low, high),
			Remedy: []fieldexp.Hint{"give the smallest and the largest direct effect of assignment on the outcome, such as -0.1 and 0.1"}}
	}
	reduced, err := r.ReducedForm(outcome)
	if err != nil {
		return v, err
	}
	first, err := r.FirstStage(outcome)
	if err != nil {
		return v, err
	}
	fit, err := r.Fit(outcome)
	if err != nil {
		return v, err
	}
	a, b := (reduced.Estimate-low)/first.Estimate, (reduced.Estimate-high)/first.Estimate
	v.Low, v.High = min(a, b), max(a, b)
	reach := dist.TQuantile(0.5+fit.Level/2, reduced.DF) * reduced.SE
	v.Breakdown = max(math.Abs(reduced.Estimate)-reach, 0)
	// A value of the effect is in the set if what it leaves of the reduced form is as near as the
	// critical value to some direct effect: to the smallest, to the largest, or to one between.
	v.Set = union(fit.AndersonRubinSetGiven(low), fit.AndersonRubinSetGiven(high), iv.Set{Pieces: [][2]float64{{v.Low, v.High}}, Level: fit.Level})
	return v, nil
}

// union joins sets of the same level.
func union(sets ...iv.Set) iv.Set {
	joined := iv.Set{Level: sets[0].Level}
	var pieces [][2]float64
	for _, s := range sets {
		if s.Reason != "" {
			return s
		}
		pieces = append(pieces, s.Pieces...)
	}
	slices.SortFunc(pieces, func(a, b [2]float64) int { return cmp.Compare(a[0], b[0]) })
	for _, p := range pieces {
		if n := len(joined.Pieces); n > 0 && p[0] <= joined.Pieces[n-1][1] {
			joined.Pieces[n-1][1] = max(joined.Pieces[n-1][1], p[1])
		} else {
			joined.Pieces = append(joined.Pieces, p)
		}
	}
	return joined
}

// LocalToZero is the effect of usage on an outcome when the direct effect of assignment is itself
// uncertain, normal with a mean and a standard deviation: the mean is taken out of the reduced form,
// and the uncertainty added to the standard error (Conley, Hansen and Rossi 2012, section III.C; van
// Kippersluis and Rietveld 2018 take mean and deviation from a group whose first stage is zero, as
// ZeroFirstStage estimates them).
func (r *Result) LocalToZero(outcome string, mean, deviation float64) (iv.Coefficient, error) {
	fit, err := r.Fit(outcome)
	if err != nil {
		return iv.Coefficient{}, err
	}
	return fit.EffectGiven(mean, deviation)
}
