package iv

import (
	"fmt"
	"math"
	"strings"
)

// covarianceNote is one sentence on the standard errors.
func (r *Result) covarianceNote() string {
	s := "Standard errors: "
	switch kind := r.Covariance.Kind; {
	case kind == Classical:
		s += "classical (equal variances)"
	case !kind.Clustered():
		s += "heteroskedasticity-robust (" + kind.String() + ")"
	default:
		s += r.clusteredNote()
	}
	s += fmt.Sprintf("; factor %.6g with K = %d", r.Factor, r.K)
	switch {
	case r.Satterthwaite():
		return s + "; t with Satterthwaite degrees of freedom of each coefficient or contrast, joint tests approximate Hotelling."
	case math.IsInf(r.DF, 1):
		return s + "; normal distribution."
	}
	return s + fmt.Sprintf("; t with %s degrees of freedom.", grouped(int(math.Round(r.DF))))
}

// clusteredNote names the clusters and how they enter.
func (r *Result) clusteredNote() string {
	list := make([]string, len(r.Clusters))
	for i, c := range r.Clusters {
		list[i] = fmt.Sprintf("%s (%s)", c.Column, grouped(c.Count))
	}
	s := "clustered by " + strings.Join(list, " and ") + ", " + r.Covariance.Kind.String()
	if len(r.Clusters) > 1 {
		if r.Covariance.Groups == PerComponent {
			s += " with a factor per component"
		} else {
			s += " with the factor of the smallest number of clusters"
		}
	}
	if r.Covariance.Kind == Jackknife {
		s += map[Centring]string{CentreEstimate: " around the estimates", CentreMean: " around the mean of the estimates without each"}[r.Covariance.Centre]
	}
	if (r.Covariance.Kind == CR2 || r.Satterthwaite()) && r.Weights != "" && r.WeightKind == Analytic {
		s += " for " + r.Covariance.Working.String()
	}
	return s
}
