package hetero

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
)

// WeakFirstStage is the first-stage F of a group below which its instrument counts as weak
// (Staiger and Stock 1997).
const WeakFirstStage = 10

// describe turns counts into what a fit says of its groups.
func (d *design) describe(counts []tally) []Group {
	list := make([]Group, len(counts))
	for k, t := range counts {
		list[k] = Group{Label: d.groups.labels[k], Rows: t.rows, TreatedRows: t.treated,
			Clusters: t.clusters, TreatedClusters: t.assignedIn, MeanUsage: math.NaN()}
		if d.usages != nil {
			list[k].MeanUsage = t.usage / float64(t.treated)
		}
	}
	return list
}

// fill reads the effects by group out of the model.
func (f *Fit) fill(d *design, model *iv.Result) (err error) {
	f.Model = model
	terms := d.terms()
	for k, term := range terms {
		if !slices.Contains(model.Terms, term) {
			label := d.groups.labels[k]
			return &fieldexp.Error{Op: "hetero", Problem: fieldexp.Spanned, Group: label, Columns: []string{d.exposure, d.groups.column, f.Outcome}, Count: f.Groups[k].Rows,
				Message: fmt.Sprintf("the effect on outcome %q in group %s of %q is not identified: controls and absorbed effects span the treatment of its %s rows",
					f.Outcome, label, d.groups.column, brief.Count(f.Groups[k].Rows)),
				Remedy: []fieldexp.Hint{"take out the controls or effects that repeat it", fewerGroups}}
		}
	}
	if f.Impacts, err = impacts(model, terms, d.groups.labels); err != nil {
		return err
	}
	f.Base = f.Impacts[0]
	f.Base.Name = d.regressor
	for k, term := range terms[1:] {
		c, err := model.Combine(d.regressor+" x "+d.groups.labels[k+1], map[string]float64{term: 1, terms[0]: -1})
		if err != nil {
			return err
		}
		f.Interactions = append(f.Interactions, c)
	}
	if f.Equality, err = model.WaldEqual(terms...); err != nil {
		return err
	}
	f.Equality.Null = "the effect is the same in " + strings.Join(d.groups.labels, ", ")
	if f.Trend, err = model.Combine("trend per group", slope(terms)); err != nil {
		return err
	}
	f.Warnings = slices.Clone(model.Warnings)
	return f.describeGroups(d)
}

// impacts are the effects in each group.
func impacts(model *iv.Result, terms, labels []string) ([]iv.Coefficient, error) {
	list := make([]iv.Coefficient, len(terms))
	for k, term := range terms {
		c, err := model.Coefficient(term)
		if err != nil {
			return nil, err
		}
		c.Name = "impact on " + labels[k]
		list[k] = c
	}
	return list, nil
}

// slope weighs terms so that their sum is the least-squares slope on their rank.
func slope(terms []string) map[string]float64 {
	middle := float64(len(terms)-1) / 2
	squares := 0.0
	for k := range terms {
		squares += (float64(k) - middle) * (float64(k) - middle)
	}
	weights := make(map[string]float64, len(terms))
	for k, term := range terms {
		weights[term] = (float64(k) - middle) / squares
	}
	return weights
}

// describeGroups adds the first stages of the groups, and warns of weak ones and of groups that
// rest on few clusters.
func (f *Fit) describeGroups(d *design) error {
	var weak, few []string
	for k := range f.Groups {
		g := &f.Groups[k]
		if d.usages != nil {
			if err := g.addFirstStage(f.Model.FirstStages[k], d.exposures[k]); err != nil {
				return err
			}
			if !(g.FirstStageF.Statistic >= WeakFirstStage) {
				weak = append(weak, fmt.Sprintf("group %s (F = %s; %s of %s rows treated, mean usage %s)",
					g.Label, brief.Number(g.FirstStageF.Statistic), brief.Count(g.TreatedRows), brief.Count(g.Rows), brief.Number(g.MeanUsage)))
			}
		}
		effective, err := f.effectiveClusters(d, k)
		if err != nil {
			return err
		}
		if effective < itt.FewEffective && !correctsForLeverage(f.Model.Covariance.Kind) {
			few = append(few, fmt.Sprintf("group %s on %.1f (%s of %s clusters assigned)",
				g.Label, effective, brief.Count(g.TreatedClusters), brief.Count(g.Clusters)))
		}
	}
	if len(weak) > 0 {
		f.warn("weak-first-stage", fewerGroups, "%s: assignment hardly moves usage in %s, so that the estimate there and its standard error are not to be trusted",
			f.Outcome, strings.Join(weak, ", "))
	}
	if len(few) > 0 {
		f.warn("few-clusters-in-group", "make fewer groups, or compare with CR2 or CR3 and Satterthwaite degrees of freedom, or with {Wild}",
			"%s: effects rest on few effective clusters, that of %s, so that their standard errors tend to be too small",
			f.Outcome, strings.Join(few, ", "))
	}
	return nil
}

// correctsForLeverage reports whether standard errors allow for few clusters already. How few they are
// then shows in their degrees of freedom, of which package iv warns.
func correctsForLeverage(kind iv.CovarianceKind) bool {
	return kind == iv.CR2 || kind == iv.CR3 || kind == iv.Jackknife
}

// addFirstStage reads the effect of the group's own exposure on the usage in it.
func (g *Group) addFirstStage(first *iv.Result, exposure string) (err error) {
	if g.FirstStage, err = first.Coefficient(exposure); err != nil {
		return err
	}
	if g.FirstStageF, err = first.WaldZero(exposure); err != nil {
		return err
	}
	g.FirstStage.Name = "first stage in " + g.Label
	g.FirstStageF.Null = fmt.Sprintf("assignment does not move usage in %s", g.Label)
	return nil
}

// effectiveClusters is the number of equally informative clusters that the effect of assignment in
// group k rests on; +Inf where nothing is clustered.
func (f *Fit) effectiveClusters(d *design, k int) (float64, error) {
	carrier := f.Model // the regression of the outcome on the exposures
	if d.usages != nil {
		carrier = f.Model.ReducedForm
	}
	if len(carrier.Clusters) == 0 {
		return math.Inf(1), nil
	}
	effective, err := carrier.EffectiveClusters(d.exposures[k])
	if err != nil || !math.IsNaN(effective) {
		return effective, err
	}
	// Clusters are so small that they count alike.
	g := &f.Groups[k]
	treated, control := float64(g.TreatedClusters), float64(g.Clusters-g.TreatedClusters)
	p := treated / (treated + control)
	return 1 / ((1-p)*(1-p)/treated + p*p/control), nil
}

func (f *Fit) warn(code string, remedy fieldexp.Hint, format string, args ...any) {
	f.Warnings = brief.AddWarning(f.Warnings, fieldexp.Warning{Code: code, Message: fmt.Sprintf(format, args...), Remedy: remedy})
}
