package late

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/fieldexp/fieldexp/internal/brief"
)

// Notes says, in sentences for the foot of a table, what was compared, how usage was taken up, how
// standard errors were computed, and which first stages are strong but not beyond doubt.
func (r *Result) Notes() []string {
	notes := slices.Concat(r.Design.Notes(), r.Design.ModelNotes(), []string{r.sharesNote()}, brief.Notes(r.Fits))
	if note := r.strengthNote(); note != "" {
		notes = append(notes, note)
	}
	return notes
}

// String is a compact summary: for each outcome the effect of usage beside the reduced form, the
// first stage and the as-used regression, then the notes and the warnings.
func (r *Result) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Effects of %s (%s), assignment %s\n", r.Usage, r.Fits[0].Estimator, r.Design.Spec.Assignment)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "\testimate\t(s.e.)\t%g%% interval\tp\t", 100*r.Fits[0].Level)
	single := len(r.Design.Terms) == 1
	if single {
		fmt.Fprint(w, "reduced form\tfirst stage\t")
	}
	fmt.Fprintln(w, "F\tas used\tN\t")
	for i, c := range r.Effects() {
		fit := r.Fits[i]
		fmt.Fprintf(w, "%s\t%s\t(%s)\t[%s, %s]\t%s\t", fit.Outcome, brief.Number(c.Estimate), brief.SE(c), brief.Number(c.Low), brief.Number(c.High), brief.P(c.P))
		if single { // an instrument comes first among the terms of first stage and reduced form
			fmt.Fprintf(w, "%s\t%s\t", brief.Number(fit.ReducedForm.Coef[0]), brief.Number(fit.FirstStages[0].Coef[0]))
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t\n", brief.Number(fit.PartialF()[0].Statistic), brief.Number(fit.AsUsed.Coef[0]), brief.Count(fit.N))
	}
	w.Flush()
	b.WriteString(strings.Join(r.Notes(), "\n") + "\n")
	for _, warning := range r.Warnings {
		b.WriteString("Warning: " + warning.String() + "\n")
	}
	return b.String()
}
