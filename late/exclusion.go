package late

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/iv"
)

// Placebo holds effects of assignment where it should have none if it matters through usage alone.
type Placebo struct {
	// Among says whose outcomes are compared.
	Among string
	// Effects are those of assignment on each outcome, in the order of Spec.Outcomes: estimates of the
	// direct effect of assignment. Joint tests that all of them are zero, each over the rows in which
	// its outcome is known (see iv.Join); it is nil unless errors are clustered by a single clustering.
	Effects []iv.Coefficient
	Joint   *iv.Test
	// FirstStages are the effects of assignment on usage over the same rows: about zero, or the comparison
	// is none. They are nil for never-takers, whose usage is zero by selection.
	FirstStages []iv.Coefficient
	Fits        []*iv.Result // the regressions of the outcomes
}

// NeverTakerContrast compares the assigned who never used with those not assigned: a check of the
// exclusion restriction, as in the placebo tables of encouragement designs. Units are the groups of the
// first cluster column, or rows without one; a unit leaves if it used in any row in which it was
// exposed to treatment. What is left is regressed on assignment with the spec's controls and effects.
//
// Never-takers choose not to use, and so differ from the average of those not assigned: in a
// cross-section the contrast confounds direct effects with that choice, unless controls account for
// it; in a difference-in-differences with effects of units it compares changes. ZeroFirstStage, for a
// group that was known before, does not have that fault. The error is as in Estimate.
func NeverTakerContrast(ctx context.Context, f *data.Frame, spec Spec) (*Placebo, error) {
	b, err := newStudy(f, spec, "a never-taker contrast")
	if err != nil {
		return nil, err
	}
	unit := func(row int) int { return row }
	units, what := b.frame.Len(), "rows"
	if len(spec.Cluster) > 0 {
		g, err := b.design.Group(iv.Effects(spec.Cluster[0])[0])
		if err != nil {
			return nil, err
		}
		unit, units, what = func(row int) int { return int(g.Codes[row]) }, g.Len(), spec.Cluster[0]+"s"
	}
	used := make([]bool, units)
	assigned := make([]bool, units)
	for i, v := range b.usage.values {
		if u := unit(i); u >= 0 && b.exposed(i) && b.weighs(i) {
			assigned[u] = true
			used[u] = used[u] || v > 0
		}
	}
	never, all := 0, 0
	for u := range used {
		if assigned[u] {
			all++
			if !used[u] {
				never++
			}
		}
	}
	if never == 0 {
		return nil, &fieldexp.Error{Op: "late", Problem: fieldexp.NoVariation, Columns: []string{spec.Usage}, Count: all,
			Message: fmt.Sprintf("each of the %s assigned %s used %q at some time: there are no never-takers", brief.Count(all), what, spec.Usage),
			Remedy:  []fieldexp.Hint{"compare a group that could not use, by {ZeroFirstStage}"}}
	}
	kept := b.frame.Filter(func(row int) bool { u := unit(row); return u >= 0 && !used[u] })
	among := fmt.Sprintf("%s of %s assigned %s that never used, and all that were not assigned", brief.Count(never), brief.Count(all), what)
	return b.placebo(ctx, kept, among, false)
}

// ZeroFirstStage estimates the effect of assignment in a group for whom it cannot have mattered through
// usage, because the group could not or did not use whatever its assignment: the rows in which the
// column is 1 (or another number but 0). The group must have been known before assignment. An effect on
// its outcomes is a direct effect of assignment, and the test of van Kippersluis and Rietveld (2018);
// its estimate and standard error are what Result.LocalToZero takes, if direct effects are alike in
// the group and beyond it.
//
// The error is as in Estimate.
func ZeroFirstStage(ctx context.Context, f *data.Frame, spec Spec, group string) (*Placebo, error) {
	b, err := newStudy(f, spec, "a group without first stage")
	if err != nil {
		return nil, err
	}
	in, err := b.frame.Floats(group)
	if err != nil {
		return nil, err
	}
	kept := b.frame.Filter(func(row int) bool { return in[row] != 0 && !math.IsNaN(in[row]) })
	if kept.Len() == 0 {
		return nil, &fieldexp.Error{Op: "late", Problem: fieldexp.NoVariation, Columns: []string{group}, Count: b.frame.Len(),
			Message: fmt.Sprintf("no row has %q other than 0", group), Remedy: []fieldexp.Hint{"make the column 1 for rows of the group"}}
	}
	return b.placebo(ctx, kept, fmt.Sprintf("%s rows with %s", brief.Count(kept.Len()), group), true)
}

// placebo regresses outcomes, and usage if asked, on assignment over the kept rows.
func (b *study) placebo(ctx context.Context, kept *data.Frame, among string, stages bool) (*Placebo, error) {
	p := &Placebo{Among: among}
	m := b.design.Model()
	m.Exogenous = slices.Concat(b.design.Terms, m.Exogenous)
	var err error
	if p.Fits, err = iv.Estimate(ctx, kept, m); err != nil {
		return nil, b.design.Explain(err)
	}
	term := b.design.Terms[0]
	var combinations [][]map[string]float64
	for i, fit := range p.Fits {
		if err := b.design.CheckTerms(fit); err != nil {
			return nil, err
		}
		c, err := fit.Coefficient(term)
		if err != nil {
			return nil, err
		}
		c.Name = fit.Outcome
		p.Effects = append(p.Effects, c)
		combination := make([]map[string]float64, i+1) // nothing of the models before
		combination[i] = map[string]float64{term: 1}
		combinations = append(combinations, combination)
	}
	if first := p.Fits[0]; first.Covariance.Kind.Clustered() && len(first.Clusters) == 1 {
		joint, err := iv.Join(p.Fits...)
		if err != nil {
			return nil, err
		}
		test, err := joint.WaldZero("assignment has no direct effect on any outcome", combinations...)
		if err != nil {
			return nil, err
		}
		p.Joint = &test
	}
	if stages {
		return p, b.placeboStages(ctx, kept, p)
	}
	return p, nil
}

// placeboStages adds the first stage of each outcome's rows. Usage that is the same in all of them is a
// first stage of exactly zero.
func (b *study) placeboStages(ctx context.Context, kept *data.Frame, p *Placebo) error {
	for _, fit := range p.Fits {
		y, err := kept.Floats(fit.Outcome)
		if err != nil {
			return err
		}
		rows := kept.Filter(func(row int) bool { return !math.IsNaN(y[row]) })
		usage, err := rows.Floats(b.spec.Usage)
		if err != nil {
			return err
		}
		m := b.design.Model()
		m.Outcomes, m.Progress = []string{b.spec.Usage}, nil
		m.Exogenous = slices.Concat(b.design.Terms, m.Exogenous)
		c := iv.Coefficient{Name: fit.Outcome, P: 1, DF: fit.DF, Statistic: math.NaN()}
		if varies(usage) {
			stage, err := iv.Estimate(ctx, rows, m)
			if err != nil {
				return b.design.Explain(err)
			}
			if c, err = stage[0].Coefficient(b.design.Terms[0]); err != nil {
				return err
			}
			c.Name = fit.Outcome
		}
		p.FirstStages = append(p.FirstStages, c)
	}
	return nil
}

func varies(values []float64) bool {
	first := math.NaN()
	for _, v := range values {
		if math.IsNaN(first) {
			first = v
		} else if !math.IsNaN(v) && v != first {
			return true
		}
	}
	return false
}

// String is a table of the contrasts.
func (p *Placebo) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Effects of assignment among %s\n", p.Among)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "\testimate\t(s.e.)\tp\t")
	if p.FirstStages != nil {
		fmt.Fprint(w, "first stage\t(s.e.)\t")
	}
	fmt.Fprintln(w)
	for i, c := range p.Effects {
		fmt.Fprintf(w, "%s\t%s\t(%s)\t%s\t", c.Name, brief.Number(c.Estimate), brief.Number(c.SE), brief.P(c.P))
		if p.FirstStages != nil {
			fmt.Fprintf(w, "%s\t(%s)\t", brief.Number(p.FirstStages[i].Estimate), brief.Number(p.FirstStages[i].SE))
		}
		fmt.Fprintln(w)
	}
	w.Flush()
	if p.Joint != nil {
		b.WriteString("Joint test that all are zero: " + brief.Test(*p.Joint) + "\n")
	}
	return b.String()
}
