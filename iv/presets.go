package iv

import (
	"fmt"
	"strings"

	"github.com/fieldexp/fieldexp"
)

// Preset is the convention for standard errors of another program.
type Preset int

const (
	// Stata is regress, areg and reghdfe with vce(robust) or vce(cluster): HC1 or CR1, t and F with
	// N-K or G-1 degrees of freedom. Effects nested in the clusters do not count in K (areg counts
	// them: Params = CountAll). Singletons are dropped, as by reghdfe. It is this library's
	// convention.
	Stata Preset = iota
	// StataIV is ivregress without its option small: no factor at all, normal and chi-squared.
	StataIV
	// Ivreg2 is ivreg2 without its option small, which is as StataIV.
	Ivreg2
	// Fixest is R's fixest with vcov = "hetero" or cluster: as Stata, with the factor of the smallest
	// number of clusters where there are several clusterings, and one redundant level for each absorbed
	// effect after the first. Singletons are kept.
	Fixest
	// Estimatr is lm_robust and iv_robust of R's estimatr: HC2, or CR2 with Satterthwaite degrees of
	// freedom. Singletons are kept. Its joint F tests have G-1 degrees of freedom, which DFClusters
	// gives; with this preset they are approximate Hotelling tests.
	Estimatr
	// Sandwich is vcovHC (HC3) and vcovCL (CR1, with the factor of each component where there are
	// several clusterings, and no repair) of R's sandwich with coeftest of lmtest, which refers to t
	// with N-K degrees of freedom. Every absorbed effect counts in K, since lm has them written out,
	// and singletons are kept.
	Sandwich
	// Statsmodels is Python's statsmodels with cov_type HC1 or cluster: as Sandwich, but HC1, and
	// the normal distribution (use_t = False).
	Statsmodels
)

// presetNames are the names of the presets in the order of their constants.
var presetNames = [...]string{"stata", "stata-iv", "ivreg2", "fixest", "estimatr", "sandwich", "statsmodels"}

// String is the preset's name: stata, stata-iv, ivreg2, fixest, estimatr, sandwich, statsmodels.
func (p Preset) String() string {
	if p < 0 || int(p) >= len(presetNames) {
		return fmt.Sprintf("Preset(%d)", int(p))
	}
	return presetNames[p]
}

// ParsePreset finds a preset by its name. The error is a *fieldexp.Error that lists the names.
func ParsePreset(name string) (Preset, error) {
	for p, n := range presetNames {
		if strings.EqualFold(n, name) {
			return Preset(p), nil
		}
	}
	return 0, &fieldexp.Error{Op: "iv", Problem: fieldexp.BadSpec, Message: fmt.Sprintf("no program's convention is called %q", name),
		Remedy: []fieldexp.Hint{fieldexp.Hint("use one of " + strings.Join(presetNames[:], ", "))}}
}

// Covariance is the program's covariance for errors that are clustered, or robust where they are not.
func (p Preset) Covariance(clustered bool) Covariance {
	switch p {
	case Fixest:
		return Covariance{Params: CountOnePerEffect}
	case StataIV, Ivreg2:
		return Covariance{RowFactor: Off, ClusterFactor: Off, DF: DFNormal}
	case Estimatr:
		if clustered {
			return Covariance{Kind: CR2, Params: CountAll}
		}
		return Covariance{Kind: HC2, Params: CountAll}
	case Sandwich:
		if clustered {
			return Covariance{Kind: CR1, Params: CountAll, Groups: PerComponent, DF: DFResidual, Repair: Off}
		}
		return Covariance{Kind: HC3, Params: CountAll}
	case Statsmodels:
		return Covariance{Params: CountAll, Groups: PerComponent, DF: DFNormal, Repair: Off}
	}
	return Covariance{}
}

// Set gives a spec the program's covariance and its rule on singletons.
func (p Preset) Set(s *Spec) {
	s.Covariance = p.Covariance(len(s.Cluster) > 0)
	s.KeepSingletons = p >= Fixest
}
