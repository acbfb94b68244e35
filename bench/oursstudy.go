package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/late"
	"github.com/fieldexp/fieldexp/panel"
)

// studyWork is what steps on a study leave to those after them.
type studyWork struct{ panelOfDays *data.Frame }

var launch = time.Date(2024, 1, 23, 0, 0, 0, 0, time.UTC)

// Columns of chats whose daily means are outcomes, in logs or as they are, and controls.
var (
	loggedMeans = strings.Fields("identification_time duration agent_response_time typing_time customer_response_time shift_away_time")
	plainMeans  = strings.Fields(`dissatisfied rating retrial_3d agent_messages customer_messages customer_pictures
		agent_density agent_clarity agent_diversity retrial_10m`)
	laggedMeans = []string{"concurrency", "customer_tenure"}
)

// studyOutcomes are the 16 outcomes.
func studyOutcomes() []string {
	var names []string
	for _, c := range loggedMeans {
		names = append(names, "ln_"+c)
	}
	return append(names, plainMeans...)
}

func (w *worker) readStudy(ctx context.Context) (err error) {
	w.panelOfDays, err = data.ReadCSV(ctx, filepath.Join(w.path, "chats.csv"), data.ReadOptions{})
	return err
}

// panel goes from the files to the panel by agent and day in one pass over the chats.
func (w *worker) panel(ctx context.Context) error {
	spec := panel.Spec{Unit: "agent_id", Time: "start", Launch: launch,
		Baselines: []panel.Measure{{Name: "baseline", Column: "rating"}}}
	for _, c := range slices.Concat(loggedMeans, plainMeans, laggedMeans, []string{"used"}) {
		spec.Measures = append(spec.Measures, panel.Measure{Column: c})
	}
	var derivations []data.Derivation
	for _, text := range []string{"dissatisfied = rating <= 2", "used = ai_complete + ai_partial"} {
		d, err := data.ParseDerivation(text)
		if err != nil {
			return err
		}
		derivations = append(derivations, d)
	}
	aggregator, err := panel.NewAggregator(spec)
	if err != nil {
		return err
	}
	columns := slices.Concat([]string{"agent_id", "start", "ai_complete", "ai_partial"}, loggedMeans, plainMeans[1:], laggedMeans)
	opt := data.ReadOptions{Columns: columns, Types: map[string]data.Kind{"agent_id": data.Categorical, "start": data.Time}}
	err = data.ScanCSV(ctx, filepath.Join(w.path, "chats.csv"), opt, func(chunk *data.Frame) error {
		for _, d := range derivations {
			if err := d.Apply(chunk); err != nil {
				return err
			}
		}
		return aggregator.Add(chunk)
	})
	if err != nil {
		return err
	}
	f, _, err := aggregator.Frame()
	if err != nil {
		return err
	}
	return w.complete(ctx, f)
}

// complete adds what is made of the panel's columns: logs, lags, groups, and who was assigned.
func (w *worker) complete(ctx context.Context, f *data.Frame) error {
	for _, c := range loggedMeans {
		if _, err := f.Log("ln_"+c, c, data.LogMissing); err != nil {
			return err
		}
	}
	if _, err := panel.Lag(f, panel.LagSpec{Unit: "agent_id", Period: "day", Columns: laggedMeans}); err != nil {
		return err
	}
	if _, err := panel.Groups(f, panel.GroupSpec{Value: "baseline", Unit: "agent_id", Name: "quintile"}); err != nil {
		return err
	}
	agents, err := data.ReadCSV(ctx, filepath.Join(w.path, "agents.csv"), data.ReadOptions{Columns: []string{"agent_id", "treat"}})
	if err != nil {
		return err
	}
	joined, unmatched, err := f.LeftJoin(agents, "agent_id")
	if err != nil {
		return err
	}
	if unmatched > 0 {
		return fmt.Errorf("%d rows of the panel are of agents who are not in agents.csv", unmatched)
	}
	w.panelOfDays = joined
	return nil
}

func studyControls() []string {
	var names []string
	for _, c := range laggedMeans {
		names = append(names, "lag_"+c)
	}
	return names
}

// studySpec has the conventions of fixest, so that standard errors can be compared.
func studySpec() itt.Spec {
	return itt.Spec{Outcomes: studyOutcomes(), Assignment: "treat", Time: "day", Launch: launch, Controls: studyControls(),
		Absorb: iv.Effects("agent_id", "day"), Cluster: []string{"agent_id"}, KeepSingletons: true, Covariance: iv.Fixest.Covariance(true)}
}

func (w *worker) studyITT(ctx context.Context) error {
	r, err := itt.Estimate(ctx, w.panelOfDays, studySpec())
	if err != nil {
		return err
	}
	return w.keep("itt", r.Fits, r.Term)
}

func (w *worker) studyLATE(ctx context.Context) error {
	r, err := late.Estimate(ctx, w.panelOfDays, late.Spec{Spec: studySpec(), Usage: "used"})
	if err != nil {
		return err
	}
	return w.keep("late", r.Fits, r.Usage)
}

func (w *worker) heteroCommon(ctx context.Context) error { return w.hetero(ctx, hetero.Common) }
func (w *worker) heteroGroup(ctx context.Context) error {
	return w.hetero(ctx, hetero.GroupSpecific)
}

// hetero leaves out the check of consistency, which the peers do not make.
func (w *worker) hetero(ctx context.Context, effects hetero.TimeEffects) error {
	spec := studySpec()
	r, err := hetero.Estimate(ctx, w.panelOfDays, hetero.Spec{
		Spec: itt.Spec{
			Outcomes:       spec.Outcomes,
			Assignment:     spec.Assignment,
			Controls:       spec.Controls,
			Absorb:         iv.Effects("agent_id"),
			Time:           spec.Time,
			Launch:         spec.Launch,
			Cluster:        spec.Cluster,
			KeepSingletons: true,
			Covariance:     spec.Covariance,
		},
		Usage:           "used",
		Group:           "quintile",
		Period:          "day",
		TimeEffects:     effects,
		SkipConsistency: true,
	})
	if err != nil {
		return err
	}
	for i := range r.Fits {
		fit := &r.Fits[i]
		for q, c := range fit.Impacts {
			w.Estimates[fmt.Sprintf("%s %s %s", effects, r.Groups[q], fit.Outcome)] = [2]float64{c.Estimate, c.SE}
		}
	}
	return nil
}

func (w *worker) event(ctx context.Context) error {
	studies, err := itt.EventStudy(ctx, w.panelOfDays, itt.EventSpec{
		Spec: itt.Spec{
			Outcomes:       []string{"rating"},
			Assignment:     "treat",
			Time:           "day",
			Launch:         launch,
			Controls:       studyControls(),
			KeepSingletons: true,
			Covariance:     iv.Fixest.Covariance(true),
		},
		Unit: "agent_id",
	})
	if err != nil {
		return err
	}
	r := studies[0]
	for i, period := range r.Periods {
		c := r.Coefficients[i]
		w.Estimates[fmt.Sprintf("event %d", period)] = [2]float64{c.Estimate, c.SE}
	}
	return nil
}
