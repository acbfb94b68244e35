package itt

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/iv"
)

// Notes says, in sentences for the foot of a table, what was compared, by which variance, and what
// was left out.
func (r *MeansResult) Notes() []string {
	if len(r.Arms) == 0 {
		return nil
	}
	labels := make([]string, len(r.Arms))
	for i, arm := range r.Arms {
		labels[i] = fmt.Sprintf("%s (%s rows)", arm.Label, brief.Count(arm.Rows))
	}
	notes := []string{
		fmt.Sprintf("Assignment: %s, %s; control is %s.", r.Spec.Assignment, strings.Join(labels, ", "), r.Arms[0].Label),
		r.varianceNote(),
	}
	if r.Spec.Weights != "" {
		notes = append(notes, fmt.Sprintf("Weighted by %s (%s weights).", r.Spec.Weights, r.Spec.WeightKind))
	}
	for _, fit := range r.Fits {
		if dropped := fit.Dropped.String(); dropped != "" {
			notes = append(notes, fmt.Sprintf("Dropped of %s: %s.", fit.Outcome, dropped))
		}
	}
	return notes
}

// varianceNote names the variance and the degrees of freedom.
func (r *MeansResult) varianceNote() string {
	variance := map[MeansDesign]string{
		SimpleDesign:         "Neyman's, by arm",
		ClusteredDesign:      fmt.Sprintf("CR2 by arm, clustered by %s", r.Spec.cluster()),
		BlockedDesign:        fmt.Sprintf("Neyman's within blocks of %s", r.Spec.Blocks),
		BlockClusteredDesign: fmt.Sprintf("CR2 within blocks of %s, clustered by %s", r.Spec.Blocks, r.Spec.cluster()),
		PairedDesign:         fmt.Sprintf("between pairs of %s", r.Spec.Blocks),
		PairClusteredDesign:  fmt.Sprintf("between pairs of %s, clusters of %s", r.Spec.Blocks, r.Spec.cluster()),
	}[r.Design]
	if r.Spec.Small == PoolSmall {
		variance += ", and between blocks with a single unit in an arm"
	}
	df := "of the design"
	switch {
	case r.Spec.DF == WelchDF || r.Spec.DF == UsualDF && r.Design == SimpleDesign:
		df = "by Welch and Satterthwaite"
	case r.Spec.DF == UsualDF && r.Design == ClusteredDesign:
		df = "by Bell and McCaffrey"
	}
	return fmt.Sprintf("Design: %s. Variance: %s; t with degrees of freedom %s.", r.Design, variance, df)
}

// String lists what was left out; it is empty when nothing was.
func (d MeansDropped) String() string {
	list := []string{iv.Dropped{Missing: d.Missing, ZeroWeight: d.ZeroWeight}.String()}
	if list[0] == "" {
		list = nil
	}
	if d.Blocks > 0 {
		list = append(list, fmt.Sprintf("%s block(s) with too few units in an arm (%s rows)", brief.Count(d.Blocks), brief.Count(d.BlockRows)))
	}
	return strings.Join(list, "; ")
}

// String is a compact summary: a line for each effect, and a second one for its
// precision-weighted twin where that differs, the notes, the warnings.
func (r *MeansResult) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Differences in means by %s\n", r.Spec.Assignment)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "\tcontrol\testimate\t(s.e.)\t%g%% interval\tdf\tp\tN\t\n", 100*r.Fits[0].Level)
	for _, fit := range r.Fits {
		for i, effect := range fit.Effects {
			name := fit.Outcome
			if len(fit.Effects) > 1 {
				name += ", " + r.Arms[i+1].Label
			}
			line(w, name, brief.Number(fit.Arms[0].Mean), effect, brief.Count(fit.N))
			if fit.Strata != nil && fit.Strata[i].Precision != effect {
				line(w, "by precision", "", fit.Strata[i].Precision, brief.Count(fit.N))
			}
		}
	}
	w.Flush()
	b.WriteString(strings.Join(r.Notes(), "\n") + "\n")
	for _, warning := range r.Warnings {
		b.WriteString("Warning: " + warning.String() + "\n")
	}
	return b.String()
}

// line writes a coefficient as a row of cells.
func line(w *tabwriter.Writer, name, control string, c iv.Coefficient, n string) {
	fmt.Fprintf(w, "%s\t%s\t%s\t(%s)\t[%s, %s]\t%s\t%s\t%s\t\n", name, control, brief.Number(c.Estimate), brief.SE(c),
		brief.Number(c.Low), brief.Number(c.High), brief.Number(c.DF), brief.P(c.P), n)
}
