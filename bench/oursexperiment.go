package main

import (
	"context"
	"fmt"

	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/late"
	"github.com/fieldexp/fieldexp/panel"
)

// experimentWork is what steps on an experiment's file leave to those after them.
type experimentWork struct {
	frame  *data.Frame
	models []*iv.Result // with the effects as columns
}

// draws of the bootstrap and of the permutations.
const (
	bootstrapDraws   = 9_999
	permutationDraws = 10_000
)

func experimentControls() []string { return []string{"c1", "c2", "c3", "c4"} }

func outcomes(n int) []string {
	names := make([]string, n)
	for j := range names {
		names[j] = fmt.Sprintf("y%d", j+1)
	}
	return names
}

func experimentSpec(outcomeCount int) itt.Spec {
	return itt.Spec{Outcomes: outcomes(outcomeCount), Assignment: "assigned", Controls: experimentControls(),
		Absorb: iv.Effects("day", "issue_type"), Cluster: []string{"agent_id"}}
}

func (w *worker) read(ctx context.Context) (err error) {
	w.frame, err = data.ReadCSV(ctx, w.path, data.ReadOptions{})
	return err
}

func (w *worker) itt(ctx context.Context) error   { return w.fitITT(ctx, "itt", experimentSpec(1)) }
func (w *worker) itt10(ctx context.Context) error { return w.fitITT(ctx, "itt", experimentSpec(10)) }

func (w *worker) fitITT(ctx context.Context, name string, spec itt.Spec) error {
	r, err := itt.Estimate(ctx, w.frame, spec)
	if err != nil {
		return err
	}
	return w.keep(name, r.Fits, r.Term)
}

func (w *worker) late10(ctx context.Context) error {
	r, err := late.Estimate(ctx, w.frame, late.Spec{Spec: experimentSpec(10), Usage: "used"})
	if err != nil {
		return err
	}
	return w.keep("late", r.Fits, r.Usage)
}

// split cuts rows, not agents, at the quartiles, as the peers do.
func (w *worker) split(ctx context.Context) error {
	f := w.frame.Clone()
	if _, err := panel.Groups(f, panel.GroupSpec{Value: "baseline", N: 4, Name: "quartile"}); err != nil {
		return err
	}
	quartile, levels, err := f.Codes("quartile")
	if err != nil {
		return err
	}
	for q, level := range levels {
		spec := experimentSpec(10)
		spec.Rows = func(row int) bool { return quartile[row] == int32(q) }
		if err := w.fitITT(ctx, "itt "+level, spec); err != nil {
			return err
		}
	}
	return nil
}

// group is one pass over the file, without a frame of its rows: for each agent and day the means of
// all numbers, and the count of issue types.
func (w *worker) group(ctx context.Context) error {
	spec := panel.Spec{Unit: "agent_id", PeriodColumn: "day", Measures: []panel.Measure{{Column: "issue_type", Stat: panel.CountObserved}}}
	for _, name := range experimentColumns {
		switch name {
		case "agent_id", "day", "issue_type":
		default:
			spec.Measures = append(spec.Measures, panel.Measure{Column: name})
		}
	}
	aggregator, err := panel.NewAggregator(spec)
	if err != nil {
		return err
	}
	if err := data.ScanCSV(ctx, w.path, data.ReadOptions{}, aggregator.Add); err != nil {
		return err
	}
	cells, _, err := aggregator.Frame()
	if err != nil {
		return err
	}
	total := 0.
	values, err := cells.Floats("y10")
	if err != nil {
		return err
	}
	for _, v := range values {
		total += v
	}
	w.Estimates["cells"] = [2]float64{float64(cells.Len()), 1}
	w.Estimates["mean of y10"] = [2]float64{total / float64(cells.Len()), 1}
	return nil
}

// model has the effects as columns, since they are not nested in the clusters.
func (w *worker) model(ctx context.Context) error   { return w.fitColumns(ctx, 1) }
func (w *worker) model10(ctx context.Context) error { return w.fitColumns(ctx, 10) }

func (w *worker) fitColumns(ctx context.Context, n int) error {
	f := w.frame.Clone()
	if err := f.AsCategorical("day"); err != nil {
		return err
	}
	spec := experimentSpec(n)
	spec.Controls, spec.Absorb = append(spec.Controls, "day", "issue_type"), nil
	r, err := itt.Estimate(ctx, f, spec)
	if err != nil {
		return err
	}
	w.models = r.Fits
	return w.keep("model", r.Fits, r.Term)
}

func (w *worker) wild(ctx context.Context) error      { return w.bootstrap(ctx, "wild", true) }
func (w *worker) wildSet(ctx context.Context) error   { return w.bootstrap(ctx, "wild set", false) }
func (w *worker) wild10Set(ctx context.Context) error { return w.bootstrap(ctx, "wild ten", false) }

// bootstrap tests the effects on all outcomes of the models, with their confidence sets unless noSet.
func (w *worker) bootstrap(ctx context.Context, name string, noSet bool) error {
	var list []bootstrap.Hypothesis
	for _, m := range w.models {
		list = append(list, bootstrap.Hypothesis{Result: m, Null: []bootstrap.Restriction{{Term: "assigned"}}})
	}
	results, err := bootstrap.WildAll(ctx, list, bootstrap.WildSpec{Draws: bootstrapDraws, NoSet: noSet})
	if err != nil {
		return err
	}
	for i, r := range results {
		w.Estimates[name+" statistic "+w.models[i].Outcome] = [2]float64{r.Statistic, 1}
		w.Simulated[name+" p "+w.models[i].Outcome] = r.P
	}
	return nil
}

func (w *worker) permute(ctx context.Context) error {
	return w.permutations(ctx, "permute", bootstrap.Plain)
}

func (w *worker) permuteT(ctx context.Context) error {
	return w.permutations(ctx, "permute t", bootstrap.Studentised)
}

func (w *worker) permutations(ctx context.Context, name string, statistic bootstrap.Statistic) error {
	spec := experimentSpec(1)
	r, err := bootstrap.Permute(ctx, w.frame, bootstrap.PermuteSpec{Outcomes: spec.Outcomes, Assignment: spec.Assignment, Controls: spec.Controls,
		Absorb: spec.Absorb, Unit: "agent_id", Statistic: statistic, Draws: permutationDraws, NoSet: true})
	if err != nil {
		return err
	}
	for _, e := range r.Effects {
		w.Simulated[name+" p "+e.Outcome] = e.P
	}
	return nil
}

// keep records the coefficient of a term in all fits.
func (w *worker) keep(name string, fits []*iv.Result, term string) error {
	for _, fit := range fits {
		c, err := fit.Coefficient(term)
		if err != nil {
			return err
		}
		w.Estimates[name+" "+fit.Outcome] = [2]float64{c.Estimate, c.SE}
	}
	return nil
}
