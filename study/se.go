package study

import (
	"fmt"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/iv"
)

// standardErrors says how standard errors are computed: a covariance and, where it is another program's
// convention, that program's rule on rows alone in an absorbed group.
type standardErrors struct {
	iv.Covariance
	KeepSingletons bool
}

// parseSE reads the name of a kind of standard errors (classical, hc0 to hc3, cr0 to cr3, jackknife) or
// of a program whose convention they follow (stata, stata-iv, ivreg2, fixest, estimatr, sandwich,
// statsmodels), which depends on whether errors are clustered. Nothing stands for the default: CR1
// where they are and HC1 where they are not.
func parseSE(name string, clustered bool) (standardErrors, error) {
	if name == "" {
		return standardErrors{}, nil
	}
	for k := iv.Classical; k <= iv.Jackknife; k++ {
		if strings.EqualFold(k.String(), name) {
			return standardErrors{Covariance: iv.Covariance{Kind: k}}, nil
		}
	}
	preset, err := iv.ParsePreset(name)
	if err != nil {
		return standardErrors{}, refuse(fmt.Sprintf("there are no standard errors %q", name), "set {Model.SE} to classical, hc0, hc1, hc2, hc3, cr0, cr1, cr2, cr3 or jackknife", fieldexp.Hint("to the convention of a program: "+programs()))
	}
	var spec iv.Spec
	if clustered {
		spec.Cluster = []string{""} // which it is does not matter
	}
	preset.Set(&spec)
	return standardErrors{spec.Covariance, spec.KeepSingletons}, nil
}

// programs lists the programs whose conventions are known.
func programs() string {
	var names []string
	for p := iv.Stata; p <= iv.Statsmodels; p++ {
		names = append(names, p.String())
	}
	return alternatives(names)
}

// unclustered reports whether the standard errors are of a kind that has no clusters.
func (se standardErrors) unclustered() bool { return !se.Kind.Clustered() && se.Kind != iv.Default }
