package itt

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/fieldexp/fieldexp/internal/brief"
)

// Notes says, in sentences for the foot of a table, what the effects are of, how standard errors
// were computed, and what was absorbed, added and dropped, as far as it holds for all outcomes.
func (r *Result) Notes() []string {
	return slices.Concat(r.Design.Notes(), r.Design.ModelNotes(), brief.Notes(r.Fits))
}

// Notes says, in sentences, what the design compares and what it added to the model. A design that was not read
// against a frame has none.
func (d *Design) Notes() []string {
	if d == nil || d.assigned == nil {
		return nil
	}
	labels := make([]string, len(d.Arms))
	for i, arm := range d.Arms {
		labels[i] = fmt.Sprintf("%s (%s rows)", arm.Label, brief.Count(arm.Rows))
	}
	note := fmt.Sprintf("Assignment: %s, %s.", d.Spec.Assignment, strings.Join(labels, ", "))
	if !d.assigned.numeric {
		note = fmt.Sprintf("Assignment: %s, %s against the control arm %s.", d.Spec.Assignment, strings.Join(labels[1:], ", "), labels[0])
	}
	notes := []string{note}
	if d.post != nil {
		notes = append(notes, fmt.Sprintf("Difference-in-differences: treated from %s on (%s).", d.launch, d.Spec.Time))
	}
	if d.interacted && len(d.Spec.Controls) > 0 {
		notes = append(notes, fmt.Sprintf("Lin's estimator: %s less their means, with a slope in each arm.", strings.Join(d.Spec.Controls, ", ")))
	}
	if len(d.MainEffects) > 0 {
		notes = append(notes, fmt.Sprintf("Added as regressors, since no absorbed effect holds them constant: %s.", strings.Join(d.MainEffects, ", ")))
	}
	return notes
}

// String is a compact summary: a line for each effect, the notes, the warnings.
func (r *Result) String() string {
	var b strings.Builder
	what := "Intention-to-treat effects"
	if r.Design.post != nil {
		what += ", difference-in-differences"
	}
	if r.Design.interacted {
		what += " (Lin's estimator)"
	}
	fmt.Fprintf(&b, "%s of %s\n", what, r.Design.Spec.Assignment)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "\testimate\t(s.e.)\t%g%% interval\tp\tN\t\n", 100*r.Fits[0].Level)
	terms := r.Design.Terms
	for i, c := range r.Effects() { // outcome by outcome, arm by arm
		fit := r.Fits[i/len(terms)]
		name := fit.Outcome
		if len(terms) > 1 {
			name += ", " + r.Design.Arms[1+i%len(terms)].Label
		}
		fmt.Fprintf(w, "%s\t%s\t(%s)\t[%s, %s]\t%s\t%s\t\n", name, brief.Number(c.Estimate), brief.SE(c),
			brief.Number(c.Low), brief.Number(c.High), brief.P(c.P), brief.Count(fit.N))
	}
	w.Flush()
	b.WriteString(strings.Join(r.Notes(), "\n") + "\n")
	for _, warning := range r.Warnings {
		b.WriteString("Warning: " + warning.String() + "\n")
	}
	return b.String()
}
