package itt

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/fieldexp/fieldexp/internal/brief"
)

// Series is the estimates and the bounds of their confidence intervals in the order of Periods, as
// figures take them.
func (r *EventResult) Series() (estimates, low, high []float64) {
	for _, c := range r.Coefficients {
		estimates = append(estimates, c.Estimate)
		low = append(low, c.Low)
		high = append(high, c.High)
	}
	return estimates, low, high
}

// Notes says, in sentences for the foot of a table, with what the effects are compared, how standard errors were
// computed, and what was absorbed and dropped.
func (r *EventResult) Notes() []string {
	if r.Fit == nil {
		return nil
	}
	return append([]string{fmt.Sprintf("Effects are relative to period %d.", r.Reference)}, r.Fit.Notes()...)
}

// String is a compact summary: a line for each period, the pre-trend test, notes and warnings.
func (r *EventResult) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Event study of %s, relative to period %d\n", r.Outcome, r.Reference)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "period\testimate\t(s.e.)\t%g%% interval\tp\t\n", 100*r.Fit.Level)
	for i, c := range r.Coefficients {
		fmt.Fprintf(w, "%d\t%s\t(%s)\t[%s, %s]\t%s\t\n", r.Periods[i], brief.Number(c.Estimate), brief.SE(c), brief.Number(c.Low), brief.Number(c.High), brief.P(c.P))
	}
	w.Flush()
	fmt.Fprintf(&b, "Test that %s: %s\n", r.PreTrend.Null, brief.Test(r.PreTrend))
	fmt.Fprintf(&b, "N %s\n%s\n", brief.Count(r.Fit.N), strings.Join(r.Fit.Notes(), "\n"))
	for _, warning := range r.Warnings {
		b.WriteString("Warning: " + warning.String() + "\n")
	}
	return b.String()
}
