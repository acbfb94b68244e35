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
	"github.com/fieldexp/fieldexp/itt"
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
	// Warnings are those of the fits and of assignment among the rows compared, each once.
	Warnings []fieldexp.Warning

	term   string       // of Fits, and of stages
	design *itt.Design  // of the rows compared
	stages []*iv.Result // of usage, one for each outcome, nil where it does not vary; nil for never-takers
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
	keep := func(row int) bool { u := unit(row); return u >= 0 && !used[u] }
	among := fmt.Sprintf("%s of %s assigned %s that never used, and all that were not assigned", brief.Count(never), brief.Count(all), what)
	return b.placebo(ctx, keep, among, false)
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
	keep, rows := func(row int) bool { return in[row] != 0 && !math.IsNaN(in[row]) }, 0
	for row := range in {
		if keep(row) {
			rows++
		}
	}
	if rows == 0 {
		return nil, &fieldexp.Error{Op: "late", Problem: fieldexp.NoVariation, Columns: []string{group}, Count: b.frame.Len(),
			Message: fmt.Sprintf("no row has %q other than 0", group), Remedy: []fieldexp.Hint{"make the column 1 for rows of the group"}}
	}
	return b.placebo(ctx, keep, fmt.Sprintf("%s rows with %s", brief.Count(rows), group), true)
}

// placebo regresses outcomes, and usage if asked, on assignment over the kept rows.
func (b *study) placebo(ctx context.Context, keep func(row int) bool, among string, stages bool) (*Placebo, error) {
	p, kept := &Placebo{Among: among, term: b.design.Terms[0]}, b.frame.Filter(keep)
	m := b.design.Model()
	m.Exogenous = slices.Concat(b.design.Terms, m.Exogenous)
	fits, err := iv.Estimate(ctx, kept, m)
	if err != nil {
		return nil, b.design.Explain(err)
	}
	for _, fit := range fits {
		if err := b.design.CheckTerms(fit); err != nil {
			return nil, err
		}
	}
	if stages {
		if err := b.placeboStages(ctx, kept, p, fits); err != nil {
			return nil, err
		}
	}
	if p.design, err = itt.NewDesign(b.source.Filter(keep), b.spec.Spec); err != nil {
		return nil, b.design.Explain(err)
	}
	return p, p.read(fits)
}

// read takes effects, their joint test, first stages and warnings from the regressions.
func (p *Placebo) read(fits []*iv.Result) (err error) {
	p.Fits, p.Effects, p.Joint, p.FirstStages = fits, nil, nil, nil
	if p.Warnings, err = p.design.Warnings(fits); err != nil {
		return err
	}
	var combinations [][]map[string]float64
	for i, fit := range fits {
		c, err := fit.Coefficient(p.term)
		if err != nil {
			return err
		}
		c.Name = fit.Outcome
		p.Effects = append(p.Effects, c)
		combination := make([]map[string]float64, i+1) // nothing of the models before
		combination[i] = map[string]float64{p.term: 1}
		combinations = append(combinations, combination)
	}
	if first := fits[0]; first.Covariance.Kind.Clustered() && len(first.Clusters) == 1 {
		joint, err := iv.Join(fits...)
		if err != nil {
			return err
		}
		test, err := joint.WaldZero("assignment has no direct effect on any outcome", combinations...)
		if err != nil {
			return err
		}
		p.Joint = &test
	}
	for i, stage := range p.stages {
		c := iv.Coefficient{P: 1, DF: fits[i].DF, Statistic: math.NaN()}
		if stage != nil {
			var err error
			if c, err = stage.Coefficient(p.term); err != nil {
				return err
			}
		}
		c.Name = fits[i].Outcome
		p.FirstStages = append(p.FirstStages, c)
	}
	return nil
}

// Fit is the regression of an outcome. The error names the outcomes that there are.
func (p *Placebo) Fit(outcome string) (*iv.Result, error) {
	return (&itt.Result{Fits: p.Fits}).Fit(outcome)
}

// Effect is the effect of assignment on an outcome.
func (p *Placebo) Effect(outcome string) (iv.Coefficient, error) {
	fit, err := p.Fit(outcome)
	if err != nil {
		return iv.Coefficient{}, err
	}
	return p.Effects[slices.Index(p.Fits, fit)], nil
}

// Notes says, in sentences for the foot of a table, who is compared and how standard errors were computed.
func (p *Placebo) Notes() []string {
	if p.Among == "" {
		return brief.Notes(p.Fits)
	}
	return append([]string{"Among " + p.Among + "."}, brief.Notes(p.Fits)...)
}

// With is the contrast with another covariance, computed without the rows; see iv.Result.With.
func (p *Placebo) With(cov iv.Covariance) (*Placebo, error) {
	with := func(list []*iv.Result) ([]*iv.Result, error) {
		changed := make([]*iv.Result, len(list))
		for i, fit := range list {
			if fit == nil {
				continue
			}
			var err error
			if changed[i], err = fit.With(cov); err != nil {
				return nil, err
			}
		}
		return changed, nil
	}
	changed := *p
	fits, err := with(p.Fits)
	if err != nil {
		return nil, err
	}
	if changed.stages, err = with(p.stages); err != nil {
		return nil, err
	}
	return &changed, changed.read(fits)
}

// placeboStages estimates the first stage over each outcome's rows. Usage that is the same in all of them has none, and
// is a first stage of exactly zero.
func (b *study) placeboStages(ctx context.Context, kept *data.Frame, p *Placebo, fits []*iv.Result) error {
	p.stages = make([]*iv.Result, len(fits))
	for i, fit := range fits {
		y, err := kept.Floats(fit.Outcome)
		if err != nil {
			return err
		}
		rows := kept.Filter(func(row int) bool { return !math.IsNaN(y[row]) })
		usage, err := rows.Floats(b.spec.Usage)
		if err != nil {
			return err
		}
		if !varies(usage) {
			continue
		}
		m := b.design.Model()
		m.Outcomes, m.Progress = []string{b.spec.Usage}, nil
		m.Exogenous = slices.Concat(b.design.Terms, m.Exogenous)
		stage, err := iv.Estimate(ctx, rows, m)
		if err != nil {
			return b.design.Explain(err)
		}
		p.stages[i] = stage[0]
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
		fmt.Fprintf(w, "%s\t%s\t(%s)\t%s\t", c.Name, brief.Number(c.Estimate), brief.SE(c), brief.P(c.P))
		if p.FirstStages != nil {
			fmt.Fprintf(w, "%s\t(%s)\t", brief.Number(p.FirstStages[i].Estimate), brief.SE(p.FirstStages[i]))
		}
		fmt.Fprintln(w)
	}
	w.Flush()
	if p.Joint != nil {
		b.WriteString("Joint test that all are zero: " + brief.Test(*p.Joint) + "\n")
	}
	for _, warning := range p.Warnings {
		b.WriteString("Warning: " + warning.String() + "\n")
	}
	return b.String()
}
