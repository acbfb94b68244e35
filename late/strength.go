package late

import (
	"fmt"
	"math"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/iv"
)

// WeakF is the first-stage F below which a result warns that its instrument is weak: the rule of
// Staiger and Stock (1997).
const WeakF = 10

// TrustedF is the first-stage F with one instrument from which a 5% t-test of the effect has its
// level, whatever the endogeneity (Lee, McCrary, Moreira and Porter 2022).
const TrustedF = 104.7

// warnWeak warns of a first stage that is weak by the F that is seen. A weak one can come with a large F by
// chance, and then with an estimate that is off by chance too: what is between WeakF and TrustedF is noted.
func (r *Result) warnWeak() {
	for _, fit := range r.Fits {
		f := fit.PartialF()[0].Statistic
		if !(f < WeakF) {
			continue
		}
		bound := fmt.Sprintf("a 5%% t-test has its level from F = %g on", TrustedF)
		if len(r.Design.Terms) == 1 {
			bound += ", and at this F with a critical value of " + critical(f)
		}
		r.Warnings = brief.AddWarning(r.Warnings, fieldexp.Warning{Code: "weak-first-stage", Message: fmt.Sprintf(
			"assignment moves usage %q weakly: the first-stage F of outcome %q is %.1f, below %d, so that the estimate is biased toward the as-used regression and its interval is too short (%s)",
			r.Usage, fit.Outcome, f, WeakF, bound), Remedy: "report the intention-to-treat effect, or an Anderson-Rubin interval"})
	}
}

// critical is the critical value of |t| by the tF procedure, as a word.
func critical(f float64) string {
	if c := iv.TFCritical(f); !math.IsInf(c, 1) {
		return fmt.Sprintf("%.2f", c)
	}
	return "infinity"
}

// strengthNote says what a t-test and its interval are worth where first stages are strong but not beyond
// doubt; empty where there are none, and with several arms, for which it is not known.
func (r *Result) strengthNote() string {
	if len(r.Design.Terms) > 1 {
		return ""
	}
	var names []string
	var intervals []string
	lowest, highest := math.Inf(1), math.Inf(-1)
	for _, fit := range r.Fits {
		t := fit.TF()
		if t.Reason != "" || t.F < WeakF || t.F >= TrustedF {
			continue
		}
		names = append(names, fit.Outcome)
		intervals = append(intervals, fmt.Sprintf("[%s, %s]", brief.Number(t.Low), brief.Number(t.High)))
		lowest, highest = math.Min(lowest, t.F), math.Max(highest, t.F)
	}
	if len(names) == 0 {
		return ""
	}
	size, limit := fmt.Sprintf("%.1f", lowest), critical(lowest)
	if upper := fmt.Sprintf("%.1f", highest); upper != size {
		size, limit = size+" to "+upper, limit+" to "+critical(highest)
	}
	const most = 3 // intervals that a note can hold
	instead := "95% intervals are that much longer"
	switch {
	case len(names) == 1:
		instead = "the 95% interval is " + intervals[0]
	case len(names) <= most:
		instead = "the 95% intervals are " + strings.Join(intervals, ", ")
	}
	return fmt.Sprintf("The first-stage F of %s is %s: if usage is strongly endogenous, intervals by the t-test may be too short. With the tF critical value at this F, %s instead of 1.96, %s (Lee et al. 2022: nothing to correct from F = %g on); Anderson-Rubin sets hold as well.",
		strings.Join(names, ", "), size, limit, instead, TrustedF)
}
