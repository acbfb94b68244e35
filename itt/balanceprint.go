package itt

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/iv"
)

// Notes says, in sentences for the foot of a table, how standard errors were computed and what was
// dropped: for the variable with the most rows, where some have fewer.
func (r *BalanceResult) Notes() []string {
	var most *iv.Result
	differ := false
	for _, row := range r.Rows {
		if row.Fit == nil {
			continue
		}
		differ = differ || most != nil && row.Fit.N != most.N
		if most == nil || row.Fit.N > most.N {
			most = row.Fit
		}
	}
	if most == nil {
		return nil
	}
	notes := most.Notes()
	if differ {
		notes = append(notes, fmt.Sprintf("Factor, degrees of freedom and rows dropped are those of %s; variables with more missing values are compared over their own rows.", most.Outcome))
	}
	return notes
}

// String is the balance table as plain text, with the joint test and the warnings.
func (r *BalanceResult) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "\tN\t")
	for _, arm := range r.Arms {
		fmt.Fprintf(w, "%s: mean\t(s.d.)\t", arm.Label)
	}
	for _, arm := range r.Arms[1:] {
		fmt.Fprintf(w, "%s - %s\t(s.e.)\tp\tnormalised\t", arm.Label, r.Arms[0].Label)
	}
	fmt.Fprintln(w)
	for _, row := range r.Rows {
		fmt.Fprintf(w, "%s\t%s\t", row.Variable, brief.Count(row.N))
		for _, m := range row.Arms {
			fmt.Fprintf(w, "%s\t(%s)\t", brief.Number(m.Mean), brief.Number(m.SD))
		}
		for i, c := range row.Differences {
			fmt.Fprintf(w, "%s\t(%s)\t%s\t%s\t", brief.Number(c.Estimate), brief.SE(c), brief.P(c.P), brief.Number(row.Normalized[i]))
		}
		fmt.Fprintln(w)
	}
	w.Flush()
	fmt.Fprintf(&b, "Joint test that %s: %s", r.Joint.Null, brief.Test(r.Joint))
	if r.Joint.Reason == "" {
		fmt.Fprintf(&b, ", N %s", brief.Count(r.JointN))
	}
	b.WriteString("\n")
	for _, row := range r.Rows {
		if row.Reason != "" {
			fmt.Fprintf(&b, "%s is not compared: %s\n", row.Variable, row.Reason)
		}
	}
	for _, note := range r.Notes() {
		b.WriteString(note + "\n")
	}
	for _, warning := range r.Warnings {
		b.WriteString("Warning: " + warning.String() + "\n")
	}
	return b.String()
}
