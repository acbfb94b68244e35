package iv

import (
	"fmt"
	"math"
	"slices"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/moments"
)

func (r *Result) warn(code string, remedy fieldexp.Hint, format string, args ...any) {
	for _, w := range r.Warnings {
		if w.Code == code {
			return
		}
	}
	r.Warnings = append(r.Warnings, fieldexp.Warning{Code: code, Message: fmt.Sprintf(format, args...), Remedy: remedy})
}

// ofCovariance are the codes of the warnings that depend on the covariance.
var ofCovariance = []string{"few-clusters", "unequal-clusters", "repaired", "leverage-one", "few-degrees", "no-variance"}

// forgetCovariance takes back the warnings about a covariance that is to be replaced.
func (r *Result) forgetCovariance() {
	r.Warnings = slices.DeleteFunc(slices.Clone(r.Warnings), func(w fieldexp.Warning) bool { return slices.Contains(ofCovariance, w.Code) })
}

// fewClusters is the number of clusters below which CR1 standard errors tend to be too small, and
// fewCorrected that below which those that correct for leverage are not to be trusted either. The
// study in docs/coverage.md shows both.
const (
	fewClusters  = 30
	fewCorrected = 10
	// evenCorrected is the number of equal clusters that are as unequal as the data's below which
	// CR2 is not to be trusted.
	evenCorrected = 8
)

// evenness is the number of clusters of equal size that are as unequal as those of the partition.
func evenness(part moments.Partition) float64 {
	sum, squares := 0.0, 0.0
	for _, rows := range part.Sizes() {
		size := float64(rows)
		sum += size
		squares += size * size
	}
	return sum * sum / squares
}

// EvenClusters is the number of clusters of equal size that are as unequal as those of the first
// clustering: the inverse of the sum of squares of their shares of the rows. NaN where nothing is
// clustered.
func (r *Result) EvenClusters() float64 {
	if len(r.Clusters) == 0 {
		return math.NaN()
	}
	return r.fit.evenness
}

// warnClusters warns of few clusters, and of so unequal ones that they count as few.
func (r *Result) warnClusters(cov Covariance) {
	const tooSmall = "CR1 standard errors tend to be too small then"
	const remedy fieldexp.Hint = "compare with CR2 or CR3 and Satterthwaite degrees of freedom, or with a wild cluster bootstrap"
	for _, c := range r.Clusters {
		if cov.Kind.corrects() && c.Count < fewCorrected {
			r.warn("few-clusters", "compare with a wild cluster bootstrap or randomisation inference",
				"%d clusters of %q, so few that %s standard errors are not to be trusted either", c.Count, c.Column, cov.Kind)
			return
		}
		if !cov.Kind.corrects() && c.Count < fewClusters {
			r.warn("few-clusters", remedy, "%d clusters of %q; %s", c.Count, c.Column, tooSmall)
			return
		}
	}
	switch even := r.EvenClusters(); {
	case !cov.Kind.corrects() && even < fewClusters:
		r.warn("unequal-clusters", remedy, "the %d clusters of %q are as unequal in size as %.0f equal ones; %s",
			r.Clusters[0].Count, r.Clusters[0].Column, even, tooSmall)
	case cov.Kind == CR2 && even < evenCorrected:
		r.warn("unequal-clusters", "compare with CR3 or randomisation inference",
			"the %d clusters of %q are as unequal in size as %.0f equal ones, and CR2 standard errors tend to be too small then",
			r.Clusters[0].Count, r.Clusters[0].Column, even)
	}
}
