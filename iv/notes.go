package iv

import (
	"fmt"
	"math"
	"strings"
	"text/tabwriter"
)

// Notes says, in sentences for the foot of a table, how standard errors were computed, which
// effects were absorbed, and what was dropped.
func (r *Result) Notes() []string {
	notes := []string{r.covarianceNote()}
	if len(r.Effects) > 0 {
		list := make([]string, len(r.Effects))
		for i, e := range r.Effects {
			list[i] = fmt.Sprintf("%s (%s", e.Effect, grouped(e.Levels))
			if e.Nested {
				list[i] += ", nested in the clusters"
			}
			list[i] += ")"
		}
		notes = append(notes, "Absorbed effects: "+strings.Join(list, ", ")+".")
	}
	if r.Absorbing != "" {
		notes = append(notes, strings.ToUpper(r.Absorbing[:1])+r.Absorbing[1:]+".")
	}
	if r.Weights != "" {
		notes = append(notes, fmt.Sprintf("Weighted by %s (%s weights).", r.Weights, r.WeightKind))
	}
	if dropped := r.Dropped.String(); dropped != "" {
		notes = append(notes, "Dropped: "+dropped+".")
	}
	return notes
}

// String lists what was dropped; it is empty when nothing was.
func (d Dropped) String() string {
	var list []string
	for _, item := range []struct {
		n           int
		one, plural string
	}{{d.Missing, "row with a missing value", "rows with a missing value"}, {d.ZeroWeight, "row of weight zero", "rows of weight zero"},
		{d.Singletons, "row alone in an absorbed group", "rows alone in an absorbed group"}} {
		if item.n == 1 {
			list = append(list, "1 "+item.one)
		} else if item.n > 1 {
			list = append(list, grouped(item.n)+" "+item.plural)
		}
	}
	if len(d.Collinear) > 0 {
		list = append(list, "collinear "+strings.Join(d.Collinear, ", "))
	}
	return strings.Join(list, "; ")
}

// grouped writes a count with commas between thousands.
func grouped(n int) string {
	s := fmt.Sprint(n)
	for at := len(s) - 3; at > 0; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}

// String is a plain summary: the coefficients with their intervals, the fit and the notes.
func (r *Result) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s of %s\n", r.Estimator, r.Outcome)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "\testimate\ts.e.\tstatistic\tp\t%g%% interval\t\t\n", 100*r.Level)
	for _, c := range r.Coefficients() {
		fmt.Fprintf(w, "%s\t%.6g\t%.6g\t%.3f\t%.4f\t%.6g\t%.6g\t\n", c.Name, c.Estimate, c.SE, c.Statistic, c.P, c.Low, c.High)
	}
	w.Flush()
	fmt.Fprintf(&b, "N %s, R-squared %.4f", grouped(r.N), r.R2)
	if !math.IsNaN(r.WithinR2) {
		fmt.Fprintf(&b, " (within %.4f)", r.WithinR2)
	}
	for _, f := range r.PartialF() {
		if f.Reason != "" {
			fmt.Fprintf(&b, ", first-stage F not available: %s", f.Reason)
		} else {
			fmt.Fprintf(&b, ", first-stage F %.1f", f.Statistic)
		}
	}
	b.WriteString("\n" + strings.Join(r.Notes(), "\n") + "\n")
	for _, warning := range r.Warnings {
		b.WriteString("Warning: " + warning.String() + "\n")
	}
	return b.String()
}
