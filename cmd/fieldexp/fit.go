package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/late"
	"github.com/fieldexp/fieldexp/report"
	"github.com/fieldexp/fieldexp/study"
)

// fitFlags are the flags of the fit command.
type fitFlags struct {
	data, assign, usage, weights, weightsKind string
	outcomes, controls, absorb, cluster       []string
	derive, missing                           []string
	by, period, timeEffects                   string
	groups                                    int
	time, launch                              string
	se, estimator, format                     string
	level                                     float64
	keepSingletons                            bool
	inference                                 study.Inference
	fitMore
}

// fitCommand estimates one model from a CSV file.
func fitCommand(stdout, stderr io.Writer) *cobra.Command {
	var fl fitFlags
	c := &cobra.Command{
		Use:   "fit --data F --outcome y1,y2 --assign z",
		Short: "Estimate one model from a CSV file",
		Long: "Estimates effects of assignment or, with --usage, of usage that assignment moves: two-stage least squares beside its first stage, " +
			"its reduced form and the regression on usage as it was chosen. Rows of the file are the observations.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			format, err := report.ParseFormat(fl.format)
			if err != nil {
				return err
			}
			if err := checkCompanions(c); err != nil {
				return err
			}
			bar := newBar(stderr)
			result, err := fl.estimate(c.Context(), bar)
			bar.clear()
			if err != nil {
				return err
			}
			return result.write(stdout, format)
		},
	}
	f := c.Flags()
	f.StringVar(&fl.data, "data", "", "CSV file, plain or gzip")
	f.StringSliceVar(&fl.outcomes, "outcome", nil, "outcome, or several with commas")
	f.StringVar(&fl.assign, "assign", "", "assignment: 0 and 1, or the names of arms")
	f.StringVar(&fl.usage, "usage", "", "usage, instrumented by assignment")
	f.StringSliceVar(&fl.controls, "controls", nil, "control columns")
	f.StringSliceVar(&fl.absorb, "absorb", nil, "effects to absorb; a caret joins the columns of an interaction")
	f.StringSliceVar(&fl.cluster, "cluster", nil, "columns to cluster standard errors by")
	f.StringVar(&fl.weights, "weights", "", "column of weights")
	f.StringVar(&fl.weightsKind, "weights-kind", "analytic", "analytic, or frequency for counts of identical rows")
	f.StringVar(&fl.by, "by", "", "baseline: effects by quantile group of a column of numbers, or by the values of a column of text")
	f.IntVar(&fl.groups, "groups", 5, "number of quantile groups of --by")
	f.StringVar(&fl.period, "period", "", "with --by, the column whose effects are absorbed by group or in common; --time when empty")
	f.StringVar(&fl.timeEffects, "time-effects", "group", "with --by, period effects of each group's own (group) or common to all (common)")
	f.StringVar(&fl.time, "time", "", "with --launch, a column of times: assignment counts from the launch on")
	f.StringVar(&fl.launch, "launch", "", "date of the launch, as in 2024-01-23")
	f.StringVar(&fl.se, "se", "", "standard errors: cr0, cr1 (the default with --cluster), cr2, cr3 or jackknife; hc0, hc1 (the default without), hc2, hc3 or classical; "+
		"or a program's: stata, stata-iv, ivreg2, fixest, estimatr, sandwich or statsmodels")
	q := &fl.inference
	f.BoolVar(&q.AR, "ar", false, "with --usage, Anderson-Rubin confidence sets in braces, also where the first-stage F is above 104.7")
	f.BoolVar(&q.Wild, "wild", false, "wild cluster bootstrap: p in brackets, confidence set in braces")
	f.BoolVar(&q.Permute, "permute", false, "without --usage, randomisation inference: p in brackets, confidence set in braces")
	f.IntVar(&q.Draws, "draws", 0, "draws of --wild and --permute (default 9,999)")
	f.Int64Var(&q.Seed, "seed", 0, "seed of the draws and splits: the same seed gives the same digits")
	f.StringVar(&q.WeightsLaw, "weights-law", "", "weights of --wild: rademacher (the default), mammen, webb, normal or gamma")
	f.StringSliceVar(&q.Strata, "strata", nil, "with --permute or --design means, columns of the blocks within which assignment was drawn")
	f.StringVar(&q.Pairs, "pairs", "", "with --permute or --design means, column of the matched pairs within which assignment was drawn")
	f.StringVar(&q.Adjust, "adjust", "", "adjust p-values for the number of effects: "+strings.Join(study.Adjustments, ", ")+" (the last two with --wild or --permute)")
	fl.fitMore.define(c)
	f.StringVar(&fl.estimator, "estimator", "2sls", "2sls, liml or fuller")
	f.Float64Var(&fl.level, "level", 0.95, "level of confidence intervals")
	f.BoolVar(&fl.keepSingletons, "keep-singletons", false, "keep rows that are alone in an absorbed group, as R's fixest does")
	f.StringArrayVar(&fl.derive, "derive", nil, `column to compute, as in "low = rating <= 2"; may be repeated`)
	f.StringSliceVar(&fl.missing, "missing", nil, "cells that stand for a missing value (default: the empty cell, NA, NaN and null)")
	f.StringVar(&fl.format, "format", "text", "text, md, latex, html, csv or json")
	return c
}

// estimate reads the data and fits the model.
func (fl *fitFlags) estimate(ctx context.Context, bar *bar) (*fitResult, error) {
	spec, err := fl.spec()
	if err != nil {
		return nil, err
	}
	frame, err := fl.read(ctx, bar)
	if err != nil {
		return nil, err
	}
	spec.Progress = func(done, total int) { bar.show("estimating", int64(done), int64(total)) }
	var group grouping
	if fl.by != "" && fl.splits == 0 {
		if group, err = fl.cut(frame, spec); err != nil {
			return nil, err
		}
	}
	result, err := fl.fit(ctx, frame, group.column, spec)
	if err != nil {
		return nil, err
	}
	result.cut = group.note
	err = result.judge(ctx, bar, frame, func(cov iv.Covariance) (*fitResult, error) {
		other := spec
		other.Covariance = cov
		return fl.fit(ctx, frame, group.column, other)
	})
	if err != nil {
		return nil, err
	}
	return result, result.add(ctx, frame, group.column, spec)
}

// fit fits the model, by group where there is a column of groups.
func (fl *fitFlags) fit(ctx context.Context, frame *data.Frame, group string, spec itt.Spec) (result *fitResult, err error) {
	result = &fitResult{flags: fl}
	switch {
	case fl.splits > 0:
		result.splits, err = hetero.SplitEstimate(ctx, frame, fl.splitSpec(spec))
	case group != "":
		result.groups, err = hetero.Estimate(ctx, frame, fl.groupSpec(group, spec))
	case fl.design == "means":
		result.means, err = itt.DifferenceInMeans(ctx, frame, fl.meansSpec(spec))
	case fl.design == "lin":
		result.assignment, err = itt.Lin(ctx, frame, spec)
	case fl.usage != "":
		estimator, bad := study.ParseEstimator(fl.estimator)
		if bad != nil {
			return nil, bad
		}
		result.usage, err = late.Estimate(ctx, frame, late.Spec{Spec: spec, Usage: fl.usage, Estimator: estimator})
	default:
		result.assignment, err = itt.Estimate(ctx, frame, spec)
	}
	return result, err
}

// spec is the model that the flags ask for.
func (fl *fitFlags) spec() (spec itt.Spec, err error) {
	for _, flag := range []struct {
		name  string
		given bool
	}{{"--data", fl.data != ""}, {"--outcome", len(fl.outcomes) > 0}, {"--assign", fl.assign != ""}} {
		if !flag.given {
			return spec, fmt.Errorf("%s is missing: fit needs --data, --outcome and --assign", flag.name)
		}
	}
	se, err := study.ParseSE(fl.se, len(fl.cluster) > 0)
	if err != nil {
		return spec, err
	}
	weights, err := study.ParseWeightKind(fl.weightsKind)
	if err != nil {
		return spec, err
	}
	if fl.level <= 0 || fl.level >= 1 {
		return spec, fmt.Errorf("--level is %g; confidence levels lie between 0 and 1", fl.level)
	}
	for _, check := range []func() error{fl.checkInference, fl.checkDesign, fl.checkUsage, fl.checkGroups} {
		if err := check(); err != nil {
			return spec, err
		}
	}
	spec = itt.Spec{
		Outcomes: fl.outcomes, Assignment: fl.assign, ControlArm: fl.controlArm, Controls: fl.controls, Absorb: iv.Effects(fl.absorb...), KeepSingletons: fl.keepSingletons || se.KeepSingletons,
		Cluster: fl.cluster, Weights: fl.weights, WeightKind: weights, Covariance: se.Covariance, Level: fl.level,
	}
	if fl.time == "" && fl.launch == "" {
		return spec, nil
	}
	if fl.time == "" || fl.launch == "" {
		return spec, errors.New("--time and --launch make a difference-in-differences together: give both, or neither")
	}
	var launch study.Date
	if err := launch.UnmarshalTOML(fl.launch); err != nil {
		return spec, fmt.Errorf("--launch: %w", err)
	}
	spec.Time, spec.Launch = fl.time, launch.Time
	return spec, nil
}

// groupSpec is the model of effects in groups.
func (fl *fitFlags) groupSpec(group string, spec itt.Spec) hetero.Spec {
	h := hetero.Spec{Spec: spec, Usage: fl.usage, Group: group, Period: fl.period}
	h.Absorb = nil
	if fl.timeEffects == "common" {
		h.TimeEffects = hetero.Common
	}
	period := fl.period
	if period == "" {
		period = fl.time
	}
	for _, effect := range spec.Absorb {
		if effect.String() != period { // which hetero absorbs in its own way
			h.Absorb = append(h.Absorb, effect)
		}
	}
	return h
}

// read reads the columns that the model needs.
func (fl *fitFlags) read(ctx context.Context, bar *bar) (*data.Frame, error) {
	derivations := make([]data.Derivation, len(fl.derive))
	for i, text := range fl.derive {
		var err error
		if derivations[i], err = data.ParseDerivation(text); err != nil {
			return nil, fmt.Errorf("--derive: %w", err)
		}
	}
	opt := data.ReadOptions{Columns: fl.columns(derivations), MissingValues: fl.missing,
		Progress: func(done, total int64) { bar.show("reading", done, total) }}
	if fl.time != "" {
		opt.Types = map[string]data.Kind{fl.time: data.Time}
	}
	frame, err := data.ReadCSV(ctx, fl.data, opt)
	if err != nil {
		return nil, err
	}
	for _, d := range derivations {
		if err := d.Apply(frame); err != nil {
			return nil, err
		}
	}
	return frame, nil
}

// columns lists the columns of the file that the model needs, each once.
func (fl *fitFlags) columns(derivations []data.Derivation) []string {
	derived := make(map[string]bool)
	var names []string
	for _, d := range derivations {
		derived[d.Name] = true
		names = append(names, d.Columns...)
	}
	names = append(names, fl.outcomes...)
	names = append(names, fl.assign, fl.usage, fl.weights, fl.by, fl.time, fl.period, fl.inference.Pairs)
	names = slices.Concat(names, fl.controls, fl.inference.Strata, fl.profile, fl.predict)
	for _, effect := range iv.Effects(append(fl.absorb, fl.cluster...)...) {
		names = append(names, effect...)
	}
	seen := map[string]bool{"": true}
	var columns []string
	for _, name := range names {
		if !seen[name] && !derived[name] {
			columns = append(columns, name)
		}
		seen[name] = true
	}
	return columns
}
