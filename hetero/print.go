package hetero

import (
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/iv"
)

// Notes says, in sentences for the foot of a table, what the groups and their period effects are,
// what was left out, and how standard errors were computed.
func (r *Result) Notes() []string {
	if len(r.Groups) == 0 {
		return nil
	}
	last := len(r.Groups) - 1
	note := fmt.Sprintf("Groups: %s, %d from %s (the base) to %s", r.GroupColumn, len(r.Groups), r.Groups[0], r.Groups[last])
	if r.Ungrouped.Rows > 0 {
		note += "; left out for want of a group: " + counted(r.Ungrouped.Rows, "row")
		if r.Ungrouped.Clusters > 0 {
			note += fmt.Sprintf(" (of %s)", counted(r.Ungrouped.Clusters, "cluster"))
		}
	}
	notes := []string{note + "."}
	if r.Period != "" {
		notes = append(notes, fmt.Sprintf("Effects of %s: %s.", r.Period, r.TimeEffects))
	}
	models := make([]*iv.Result, len(r.Fits))
	for i := range r.Fits {
		models[i] = r.Fits[i].Model
	}
	return append(notes, brief.Notes(models)...)
}

// String is a compact summary: for each outcome the base, the interactions, the impacts, the tests
// and the consistency check; then the notes and the warnings.
func (r *Result) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Effects of %s by %s (%s)\n", r.Regressor, r.GroupColumn, r.Fits[0].Model.Estimator)
	for i := range r.Fits {
		r.Fits[i].write(&b)
	}
	writeRemarks(&b, r.Notes(), r.Warnings)
	return b.String()
}

// writeRemarks ends a print: notes, then warnings.
func writeRemarks(out io.Writer, notes []string, warnings []fieldexp.Warning) {
	fmt.Fprintln(out, strings.Join(notes, "\n"))
	for _, warning := range warnings {
		fmt.Fprintln(out, "Warning: "+warning.String())
	}
}

// write prints the block of one outcome.
func (f *Fit) write(out io.Writer) {
	var table strings.Builder
	f.writeTable(&table)
	for line := range strings.Lines(table.String()) {
		fmt.Fprintln(out, strings.TrimRight(line, " \n"))
	}
	fmt.Fprintf(out, "Equal effects: %s. Trend per group: %s.\n", judged(f.Equality), estimated(f.Trend))
	if f.Consistency != nil {
		f.Consistency.write(out)
	}
}

// writeTable prints the effects, the impacts beside what they rest on.
func (f *Fit) writeTable(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "\n%s\testimate\t(s.e.)\t%g%% interval\tp\trows\t", f.Outcome, 100*f.Model.Level)
	clustered, used := len(f.Model.Clusters) > 0, f.Model.FirstStages != nil
	if clustered {
		fmt.Fprint(w, "clusters\tassigned\t")
	}
	if used {
		fmt.Fprint(w, "usage\tfirst-stage F\t")
	}
	fmt.Fprintln(w)
	line := func(c iv.Coefficient) {
		fmt.Fprintf(w, "%s\t%s\t(%s)\t[%s, %s]\t%s\t", c.Name, brief.Number(c.Estimate), brief.SE(c), brief.Number(c.Low), brief.Number(c.High), brief.P(c.P))
	}
	blank := "\t"
	if clustered {
		blank += "\t\t"
	}
	if used {
		blank += "\t\t"
	}
	for _, c := range append([]iv.Coefficient{f.Base}, f.Interactions...) {
		line(c)
		fmt.Fprintln(w, blank)
	}
	for k, c := range f.Impacts {
		line(c)
		g := &f.Groups[k]
		fmt.Fprintf(w, "%s\t", brief.Count(g.Rows))
		if clustered {
			fmt.Fprintf(w, "%s\t%s\t", brief.Count(g.Clusters), brief.Count(g.TreatedClusters))
		}
		if used {
			fmt.Fprintf(w, "%s\t%s\t", brief.Number(g.MeanUsage), brief.Number(g.FirstStageF.Statistic))
		}
		fmt.Fprintln(w)
	}
	w.Flush()
}

// write prints the lines of the check.
func (c *Consistency) write(out io.Writer) {
	shares := make([]string, len(c.Shares))
	for k, s := range c.Shares {
		shares[k] = fmt.Sprintf("%.3f", s)
	}
	fmt.Fprintf(out, "Average of the groups (shares %s): %s. Pooled effect: %s.", strings.Join(shares, ", "), estimated(c.Average), estimated(c.Pooled))
	if math.IsNaN(c.Difference.P) {
		fmt.Fprint(out, " They are one estimate by construction.\n")
	} else {
		fmt.Fprintf(out, " Difference: %s.\n", estimated(c.Difference))
	}
	if c.Drift.Null == "" {
		return
	}
	fmt.Fprintf(out, "Against group-specific period effects: %s", judged(c.Drift))
	if c.Drift.Reason == "" {
		fmt.Fprintf(out, "; trends differ by %s; impacts there", estimated(c.Gradient))
		for k, a := range c.Alternative {
			separator := " "
			if k > 0 {
				separator = ", "
			}
			fmt.Fprint(out, separator+brief.Number(a.Estimate))
		}
	}
	fmt.Fprint(out, ".\n")
}

// counted writes a count with its noun.
func counted(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return brief.Count(n) + " " + noun
}

// estimated writes an estimate with its standard error and p-value.
func estimated(c iv.Coefficient) string {
	return fmt.Sprintf("%s (%s), p %s", brief.Number(c.Estimate), brief.SE(c), brief.P(c.P))
}

// judged writes a test's statistic with its degrees of freedom and p-value, or why there is none.
func judged(t iv.Test) string {
	if t.Reason != "" {
		return "not available, " + t.Reason
	}
	if math.IsInf(t.DF2, 1) {
		return fmt.Sprintf("chi-squared(%g) %s, p %s", t.DF1, brief.Number(t.Statistic), brief.P(t.P))
	}
	return fmt.Sprintf("F(%g, %s) %s, p %s", t.DF1, degrees(t.DF2), brief.Number(t.Statistic), brief.P(t.P))
}

// degrees writes degrees of freedom, which need not be whole.
func degrees(df float64) string {
	if df == math.Trunc(df) {
		return fmt.Sprintf("%g", df)
	}
	return fmt.Sprintf("%.1f", df)
}
