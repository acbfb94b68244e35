package itt

import (
	"fmt"
	"math"
	"slices"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/iv"
)

// FewEffective is the number of effective clusters of an effect of assignment below which its CR1
// standard error is not to be trusted. A balanced design has about as many effective clusters as
// clusters; one with few treated clusters has about as many as are treated, however many controls
// there are (Carter, Schnepel and Steigerwald 2017; MacKinnon and Webb 2018).
const FewEffective = 20

// FewEffectiveCorrected is that number for standard errors that correct for leverage: CR2, CR3 and the
// jackknife. The study in docs/coverage.md shows both.
const FewEffectiveCorrected = 8

// Warnings collects, each once, the warnings of the fits and one for each regressor of interest
// that rests on fewer than FewEffective (or FewEffectiveCorrected) effective clusters (code "few-treated-clusters"), or
// effective rows where nothing is clustered ("few-treated-rows"). Fits that warn of few clusters
// altogether are warned of again only if even half of those are not effective. The fits must have
// the design's Terms.
func (d *Design) Warnings(fits []*iv.Result) ([]fieldexp.Warning, error) {
	var list []fieldexp.Warning
	for _, fit := range fits {
		for _, w := range fit.Warnings {
			list = brief.AddWarning(list, w)
		}
		for i, term := range d.Terms {
			w, few, err := d.fewTreated(fit, term, int32(i+1))
			if err != nil {
				return nil, err
			}
			if few {
				list = brief.AddWarning(list, w)
			}
		}
	}
	return list, nil
}

// fewTreated judges the effective number of clusters of a term, the regressor of an arm.
func (d *Design) fewTreated(fit *iv.Result, term string, arm int32) (w fieldexp.Warning, few bool, err error) {
	effective, err := fit.EffectiveClusters(term)
	if err != nil {
		return w, false, err
	}
	if math.IsNaN(effective) { // no clusters, or such small ones that they count alike
		if effective, err = d.evenClusters(fit, arm); err != nil {
			return w, false, err
		}
	}
	why, enough := "one arm has few of them, or they are very unequal, and robust standard errors tend to be too small then", FewEffective
	w.Remedy = "compare with CR2 or CR3 and Satterthwaite degrees of freedom, a wild cluster bootstrap, or randomisation inference"
	switch fit.Covariance.Kind {
	case iv.CR2, iv.CR3, iv.Jackknife:
		why, enough = fmt.Sprintf("one arm has few of them, or they are very unequal, and even %s standard errors are not to be trusted then", fit.Covariance.Kind), FewEffectiveCorrected
		w.Remedy = "compare with randomisation inference"
	}
	if len(fit.Clusters) == 0 {
		w.Code, w.Remedy = "few-treated-rows", "compare with HC2 or HC3, or with randomisation inference"
		if kind := fit.Covariance.Kind; kind == iv.HC2 || kind == iv.HC3 {
			w.Remedy = "compare with randomisation inference"
		}
		w.Message = fmt.Sprintf("the estimate of %q says as much as %.1f rows of equal weight out of %s: %s", term, effective, brief.Count(fit.N), why)
		if math.Round(effective) >= float64(fit.N) {
			w.Message = fmt.Sprintf("the estimate of %q rests on %s rows, and robust standard errors tend to be too small with so few", term, brief.Count(fit.N))
		}
		return w, effective < float64(enough), nil
	}
	clusters := fit.Clusters[0]
	w.Code = "few-treated-clusters"
	w.Message = fmt.Sprintf("the estimate of %q rests on %.1f effective clusters out of %s of %q: %s", term, effective, brief.Count(clusters.Count), clusters.Column, why)
	said := func(code string) bool {
		return slices.ContainsFunc(fit.Warnings, func(w fieldexp.Warning) bool { return w.Code == code })
	}
	few = effective < float64(enough) && !(said("few-clusters") && effective >= float64(clusters.Count)/2) && !said("no-variance")
	return w, few, nil
}

// evenClusters is the effective number of clusters of an arm's effect if all clusters (rows, where
// there are none) with an observed outcome say as much as each other: with G1 in the arm and G0 in
// control, 1/((1-p)^2/G1 + p^2/G0) for p = G1/(G0+G1).
func (d *Design) evenClusters(fit *iv.Result, arm int32) (float64, error) {
	outcome, err := d.Frame.Floats(fit.Outcome)
	if err != nil {
		return 0, err
	}
	var g data.Grouping
	if len(fit.Clusters) > 0 {
		if g, err = groupRows(d.Frame, iv.Effects(fit.Clusters[0].Column)[0]); err != nil {
			return 0, err
		}
	}
	seen := make([]bool, g.Len())
	var count [2]float64 // in control, in the arm
	for i, c := range d.assigned.codes {
		if c != 0 && c != arm || math.IsNaN(outcome[i]) {
			continue
		}
		if g.Codes != nil {
			if g.Codes[i] < 0 || seen[g.Codes[i]] {
				continue
			}
			seen[g.Codes[i]] = true
		}
		count[min(c, 1)]++
	}
	p := count[1] / (count[0] + count[1])
	return 1 / ((1-p)*(1-p)/count[1] + p*p/count[0]), nil
}
