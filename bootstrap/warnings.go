package bootstrap

import (
	"fmt"
	"math"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/iv"
)

// The limits below which tests stop holding their level are those of the Monte Carlo study in
// docs/coverage.md.
const (
	// fewEffective is the number of effective clusters of a coefficient from which on the wild
	// bootstrap may be trusted, and of equal clusters that are as unequal as the data's. Where it is
	// more than ofClusters of all clusters, they are merely few.
	fewEffective = 8
	ofClusters   = 0.75
	// fewUnits is the number of units in the smaller arm from which on randomisation inference on t
	// statistics may be trusted for an average effect, and evenArms the share of units in it from
	// which on coefficients may.
	fewUnits = 5
	evenArms = 0.4
)

// warnDesign warns of designs in which the wild bootstrap does not hold its level.
func (r *WildResult) warnDesign(model *iv.Result) error {
	if len(model.Clusters) != 1 {
		return nil
	}
	few := min(fewEffective, ofClusters*float64(model.Clusters[0].Count))
	if even := model.EvenClusters(); even < few {
		r.warn("unequal-clusters", "compare with CR3 or randomisation inference",
			"the %d clusters of %q are as unequal in size as %.0f equal ones, and the wild bootstrap rejects too often then",
			model.Clusters[0].Count, model.Clusters[0].Column, even)
	}
	if len(r.Spec.Null) != 1 || r.Spec.Null[0].Term == "" {
		return nil
	}
	term := r.Spec.Null[0].Term
	effective, err := model.EffectiveClusters(term)
	if err != nil || !(effective < few) {
		return err
	}
	what := "rejects too rarely where effects are alike, and too often where they vary"
	if r.Spec.Unrestricted {
		what = "rejects too often unless it imposes the null"
	}
	r.warn("few-effective-clusters", "compare with CR2 or CR3 and Satterthwaite degrees of freedom, or randomisation inference",
		"%q rests on %.1f effective clusters out of %d of %q (few are treated, or they are very unequal), and the wild bootstrap %s",
		term, effective, model.Clusters[0].Count, model.Clusters[0].Column, what)
	return nil
}

// warnArms warns of designs in which the test of the sharp null says little of an average effect.
func (r *PermuteResult) warnArms(assigned []float64) {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range assigned {
		low, high = math.Min(low, v), math.Max(high, v)
	}
	arms := [2]int{}
	for _, v := range assigned {
		switch v {
		case low:
			arms[0]++
		case high:
			arms[1]++
		default:
			return // a dose has no arms
		}
	}
	smaller := min(arms[0], arms[1])
	add := func(code string, remedy fieldexp.Hint, format string, args ...any) {
		r.Warnings = append(r.Warnings, fieldexp.Warning{Code: code, Message: fmt.Sprintf(format, args...), Remedy: remedy})
	}
	switch {
	case smaller < fewUnits:
		add("few-units", "",
			"only %d of %d units are in one arm: the test is exact for the null that assignment changes nothing for anybody, but where effects vary it rejects too often that they are zero on average",
			smaller, len(assigned))
	case r.Spec.Statistic == Plain && float64(smaller) < evenArms*float64(len(assigned)):
		add("unequal-arms", "set {Statistic} to {Studentised}, which compares t statistics",
			"%d of %d units are in one arm and coefficients are compared, so that where effects vary the test rejects too often that they are zero on average, however many units there are", smaller, len(assigned))
	}
}
