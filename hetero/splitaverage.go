package hetero

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/iv"
)

// average joins the models of the splits.
func (f *SplitFit) average(d *design, models []*iv.Result) (err error) {
	joint, err := iv.Join(models...)
	if err != nil {
		return err
	}
	terms := d.terms()
	combine := func(name string, weights map[string]float64) (c iv.Coefficient) {
		if err == nil {
			c, err = joint.Combine(name, mean(weights, len(models))...)
		}
		return c
	}
	var differences [][]map[string]float64
	for k, term := range terms {
		f.Impacts = append(f.Impacts, combine("impact on "+d.groups.labels[k], map[string]float64{term: 1}))
		if k > 0 {
			contrast := map[string]float64{term: 1, terms[0]: -1}
			f.Interactions = append(f.Interactions, combine(d.regressor+" x "+d.groups.labels[k], contrast))
			differences = append(differences, mean(contrast, len(models)))
		}
	}
	f.Base = f.Impacts[0]
	f.Base.Name = d.regressor
	f.Trend = combine("trend per group", slope(terms))
	if err != nil {
		return err
	}
	if f.Equality, err = joint.WaldZero("the effect is the same in "+strings.Join(d.groups.labels, ", "), differences...); err != nil {
		return err
	}
	if err := f.spread(terms, models); err != nil || d.usages == nil {
		return err
	}
	return f.firstStages(d, models)
}

// mean gives each of several models an equal part of the weights.
func mean(weights map[string]float64, models int) []map[string]float64 {
	part := make(map[string]float64, len(weights))
	for term, w := range weights {
		part[term] = w / float64(models)
	}
	return slices.Repeat([]map[string]float64{part}, models)
}

// spread lists the impacts of every model, and how much their averages owe to the draw of the splits.
func (f *SplitFit) spread(terms []string, models []*iv.Result) error {
	for _, m := range models {
		row := make([]float64, len(terms))
		for k, term := range terms {
			c, err := m.Coefficient(term)
			if err != nil {
				return err
			}
			row[k] = c.Estimate
		}
		f.Estimates = append(f.Estimates, row)
	}
	splits := len(models) / 2
	f.MonteCarloSE = make([]float64, len(terms))
	for k := range terms {
		squares := 0.0
		for i := range splits {
			v := (f.Estimates[2*i][k]+f.Estimates[2*i+1][k])/2 - f.Impacts[k].Estimate
			squares += v * v
		}
		f.MonteCarloSE[k] = math.Sqrt(squares / float64(splits-1) / float64(splits)) // NaN for one split
	}
	return nil
}

// firstStages averages the effect of each group's exposure on the usage in it.
func (f *SplitFit) firstStages(d *design, models []*iv.Result) error {
	for k, exposure := range d.exposures {
		stages := make([]*iv.Result, len(models))
		for i, m := range models {
			stages[i] = m.FirstStages[k]
		}
		joint, err := iv.Join(stages...)
		if err != nil {
			return err
		}
		c, err := joint.Combine("first stage in "+d.groups.labels[k], mean(map[string]float64{exposure: 1}, len(models))...)
		if err != nil {
			return err
		}
		f.FirstStages = append(f.FirstStages, c)
	}
	return nil
}

// warnSpread warns of averages over too few splits.
func (r *SplitResult) warnSpread() {
	for i := range r.Fits {
		f := &r.Fits[i]
		for k, c := range f.Impacts {
			if f.MonteCarloSE[k] > c.SE/4 {
				r.Warnings = append(r.Warnings, fieldexp.Warning{Code: "few-splits", Message: fmt.Sprintf(
					"%s: the average in %s still depends on the draw of the splits (Monte Carlo s.e. %.2g beside a standard error of %.2g)", f.Outcome, r.Groups[k], f.MonteCarloSE[k], c.SE),
					Remedy: "ask for more {Splits}"})
				break
			}
		}
	}
}
