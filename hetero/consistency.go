package hetero

import (
	"context"
	"errors"
	"math"
	"slices"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/iv"
)

// Consistency holds the effects by group against the pooled effect on the same rows, and common
// period effects against group-specific ones. Its standard errors are CR1 by the first clustering
// (by row, where nothing is clustered), from the joint covariance of the models compared.
type Consistency struct {
	// Shares weigh the groups in their average: each group's part of the first stage, or, for an
	// ITT, of the residual variation of treatment.
	Shares []float64
	// Average is the share-weighted average of the impacts. It is, exactly, the pooled effect in
	// a model with the same absorbed effects, from which its standard error is.
	Average iv.Coefficient
	// Pooled is the effect of all groups taken together as a table without groups has it: the
	// absorbed effects are those of Absorb and of Period, each without the groups: of hour by group, the hour.
	Pooled iv.Coefficient
	// Difference is Average minus Pooled. With Common effects the two are one estimate whatever
	// the data, unless the groups' own levels make a difference: it is zero then, with a
	// standard error of zero and a P of NaN. So it says nothing of regression to the mean,
	// which leaves the average alone while it tilts the parts; Contrasts do.
	Difference iv.Coefficient

	// Alternative holds the impacts with group-specific period effects, and Contrasts the model's
	// impacts minus these. Only a model with Common period effects has them.
	Alternative, Contrasts []iv.Coefficient
	// Drift tests that common and group-specific period effects give the same differences between
	// groups (a Hausman test with clustered errors). Rejected, the groups moved differently
	// over time with or without treatment, and common effects take that for heterogeneity.
	Drift iv.Test
	// Gradient is the model's trend minus that with group-specific period effects.
	Gradient iv.Coefficient
}

// alarm is the p-value below which the check warns: about two standard errors.
const alarm = 0.05

// rowColumn numbers the rows, as clusters of models that have none.
const rowColumn = "row of the frame"

// checkConsistency fills in the check of every fit.
func (d *design) checkConsistency(ctx context.Context, s *steps, fits []Fit) error {
	if len(d.spec.Cluster) == 0 {
		if err := d.frame.SetCodes(rowColumn, rowCodes(d.frame.Len()), make([]string, d.frame.Len())); err != nil {
			return err
		}
	}
	pooled, err := s.estimate(ctx, d.comparable(d.together(d.pooled)))
	if err != nil {
		return err
	}
	average := pooled
	if d.averageDiffers() {
		if average, err = s.estimate(ctx, d.comparable(d.together(d.rules[d.spec.TimeEffects]))); err != nil {
			return err
		}
	}
	for i := range fits {
		c := &Consistency{}
		fits[i].Consistency = c
		if c.Shares, err = d.shares(fits[i].Model); err != nil {
			return err
		}
		if err := c.compare(d.regressor, average[i], pooled[i]); err != nil {
			return err
		}
	}
	if d.hasDrift() {
		if err := d.checkDrift(ctx, s, fits); err != nil {
			return err
		}
	}
	for i := range fits {
		fits[i].warnConsistency(d)
	}
	return nil
}

// averageDiffers reports whether the average of the groups is another estimate than the pooled
// effect: whether the model by groups holds more constant than the pooled model.
func (d *design) averageDiffers() bool {
	own := d.rules[d.spec.TimeEffects]
	return !slices.EqualFunc(own.effects, d.pooled.effects, slices.Equal) || !slices.Equal(own.others, d.pooled.others)
}

// hasDrift reports whether there are common period effects to be held against others.
func (d *design) hasDrift() bool { return d.spec.TimeEffects == Common && d.spec.period() != "" }

// comparable is a model whose covariance is clustered one way, so that it can be joined with another's.
func (d *design) comparable(m iv.Spec) iv.Spec {
	m.SkipInstrumentTests = true
	if d.isComparable() {
		return m
	}
	m.Covariance = iv.Covariance{}
	m.Cluster = []string{rowColumn}
	if len(d.spec.Cluster) > 0 {
		m.Cluster = d.spec.Cluster[:1]
	}
	return m
}

// sameRows is a comparable model whose rows are the same whatever its effects, so that effects by group which are compared
// differ by these alone.
func (d *design) sameRows(m iv.Spec) iv.Spec {
	m = d.comparable(m)
	m.KeepSingletons = true
	return m
}

// isComparable reports whether the models' own covariance is clustered one way.
func (d *design) isComparable() bool {
	kind := d.spec.Covariance.Kind
	return len(d.spec.Cluster) == 1 && (kind == iv.Default || kind.Clustered())
}

// rowCodes numbers rows.
func rowCodes(n int) []int32 {
	codes := make([]int32, n)
	for i := range codes {
		codes[i] = int32(i)
	}
	return codes
}

// compare fills in the average, the pooled effect and their difference.
func (c *Consistency) compare(regressor string, average, pooled *iv.Result) (err error) {
	if c.Average, err = average.Coefficient(regressor); err != nil {
		return err
	}
	if c.Pooled, err = pooled.Coefficient(regressor); err != nil {
		return err
	}
	c.Average.Name, c.Pooled.Name = "average of the groups", "pooled effect"
	const name = "average minus pooled"
	if average == pooled {
		c.Difference = iv.Coefficient{Name: name, DF: c.Pooled.DF, Statistic: math.NaN(), P: math.NaN()}
		return nil
	}
	joint, err := iv.Join(average, pooled)
	if err != nil {
		return err
	}
	c.Difference, err = joint.Combine(name, map[string]float64{regressor: 1}, map[string]float64{regressor: -1})
	return err
}

// checkDrift compares common with group-specific period effects.
func (d *design) checkDrift(ctx context.Context, s *steps, fits []Fit) error {
	alternative, err := s.estimate(ctx, d.sameRows(d.byGroup(GroupSpecific)))
	var refusal *fieldexp.Error
	if errors.As(err, &refusal) {
		for i := range fits {
			fits[i].Consistency.Drift = noDrift("group-specific period effects could not be estimated: " + refusal.Message)
		}
		return nil
	} else if err != nil {
		return err
	}
	again := !d.isComparable()
	models := make([]*iv.Result, len(fits))
	for i := range fits {
		models[i] = fits[i].Model
		again = again || models[i].Dropped.Singletons > 0
	}
	if again {
		if models, err = s.estimate(ctx, d.sameRows(d.byGroup(Common))); err != nil {
			return err
		}
	}
	for i := range fits {
		if err := fits[i].drift(d, models[i], alternative[i]); err != nil {
			return err
		}
	}
	return nil
}

func noDrift(reason string) iv.Test {
	return iv.Test{Null: driftNull, Statistic: math.NaN(), P: math.NaN(), Reason: reason}
}

const driftNull = "common and group-specific period effects give the same differences between groups"

// drift fills in the contrasts of one outcome.
func (f *Fit) drift(d *design, common, own *iv.Result) (err error) {
	c := f.Consistency
	terms := d.terms()
	if c.Alternative, err = impacts(own, terms, d.groups.labels); err != nil {
		c.Drift = noDrift("group-specific period effects leave nothing of a group's treatment")
		return nil
	}
	joint, err := iv.Join(common, own)
	if err != nil {
		return err
	}
	minus := func(weights map[string]float64) []map[string]float64 {
		negative := make(map[string]float64, len(weights))
		for term, w := range weights {
			negative[term] = -w
		}
		return []map[string]float64{weights, negative}
	}
	var differences [][]map[string]float64
	for k, term := range terms {
		contrast, err := joint.Combine("contrast in "+d.groups.labels[k], minus(map[string]float64{term: 1})...)
		if err != nil {
			return err
		}
		c.Contrasts = append(c.Contrasts, contrast)
		if k > 0 {
			differences = append(differences, minus(map[string]float64{term: 1, terms[0]: -1}))
		}
	}
	if c.Drift, err = joint.WaldZero(driftNull, differences...); err != nil {
		return err
	}
	if c.Gradient, err = joint.Combine("contrast of trends", minus(slope(terms))...); err != nil {
		return err
	}
	return nil
}

// warnConsistency warns of an average that is not the pooled effect, and of common period effects
// that group-specific ones contradict. For the latter it looks at the contrast of trends, since
// regression to the mean tilts the effects along the baseline: the lowest groups rise and the
// highest fall, in proportion to their distance from the mean. In simulated studies without an
// effect, two standard errors of this contrast found the drift more often than the joint test of
// all contrasts, and no more often where there was none.
func (f *Fit) warnConsistency(d *design) {
	c := f.Consistency
	if c.Difference.P < alarm {
		f.warn("pooled-differs", "print both",
			"%s: the groups' effects average to %s but the pooled effect is %s (difference %s, s.e. %s), since the groups' own levels or period effects move the whole and not only its parts (of many outcomes, one in twenty differs so by chance)",
			f.Outcome, brief.Number(c.Average.Estimate), brief.Number(c.Pooled.Estimate), brief.Number(c.Difference.Estimate), brief.Number(c.Difference.SE))
	}
	if c.Contrasts == nil || !(c.Gradient.P < alarm) {
		return
	}
	last := len(f.Impacts) - 1
	f.warn("drift", "use {GroupSpecific}", "%s: do not read these differences between groups as differences in the effect. From %s to %s the effect goes from %s to %s with common %s effects, but from %s to %s against controls of the same group; the trends differ by %s (s.e. %s, p %s). Groups made from a noisy baseline drift back to the mean whether treated or not, and common effects take that for heterogeneity",
		f.Outcome, d.groups.labels[0], d.groups.labels[last], brief.Number(f.Impacts[0].Estimate), brief.Number(f.Impacts[last].Estimate), d.spec.period(),
		brief.Number(c.Alternative[0].Estimate), brief.Number(c.Alternative[last].Estimate), brief.Number(c.Gradient.Estimate), brief.Number(c.Gradient.SE), brief.P(c.Gradient.P))
}
