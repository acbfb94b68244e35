package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fieldexp/fieldexp/report"
	"github.com/fieldexp/fieldexp/study"
)

// fitFlags are the flags of the fit command.
type fitFlags struct {
	data, assign, usage, weights, weightsKind string
	usageBlank, launchPeriod                  string
	outcomes, controls, absorb, cluster       []string
	derive, missing, missingOnly, layouts     []string
	levels                                    []string
	skip                                      int
	types                                     map[string]string
	comma, zone                               string
	by, period, timeEffects                   string
	groups                                    int
	time, launch                              string
	se, estimator, format                     string
	level                                     float64
	keepSingletons, mixedClusters             bool
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
			if len(fl.missingOnly) == 0 && c.Flags().Changed("missing-only") {
				fl.missingOnly = []string{""} // the empty cell alone
			}
			s, err := fl.study()
			if err != nil {
				return err
			}
			bar := newBar(stderr)
			result, err := study.Run(c.Context(), s, study.Options{Progress: bar.show, Words: flags, TablesOnly: format != report.JSON, Unsaved: true})
			bar.clear()
			if err != nil {
				return err
			}
			text, err := result.Render(format)
			if err != nil {
				return err
			}
			if _, err = stdout.Write(text); err != nil {
				return err
			}
			tellData(stderr, result)
			return refusals(result)
		},
	}
	f := c.Flags()
	f.StringVar(&fl.data, "data", "", "CSV file, plain or gzip")
	f.StringSliceVar(&fl.outcomes, "outcome", nil, "outcome, or several with commas")
	f.StringVar(&fl.assign, "assign", "", "assignment: 0 and 1, or the names of arms")
	f.StringVar(&fl.usage, "usage", "", "usage, instrumented by assignment")
	f.StringVar(&fl.usageBlank, "usage-blank", "missing", "with --usage, what a blank cell of it means in control and before the launch: missing, or zero where there was no access")
	f.StringSliceVar(&fl.controls, "controls", nil, "control columns")
	f.StringSliceVar(&fl.absorb, "absorb", nil, "effects to absorb; a caret joins the columns of an interaction")
	f.StringSliceVar(&fl.cluster, "cluster", nil, "columns to cluster standard errors by")
	f.StringVar(&fl.weights, "weights", "", "column of weights")
	f.StringVar(&fl.weightsKind, "weights-kind", "analytic", "analytic, or frequency for counts of identical rows")
	f.StringVar(&fl.by, "by", "", "baseline: effects by quantile group of a column of numbers, or by the values of a column of text")
	f.IntVar(&fl.groups, "groups", 5, "number of quantile groups of --by")
	f.StringVar(&fl.period, "period", "", "with --by, the column whose effects are absorbed by group or in common; --time when empty")
	f.StringVar(&fl.timeEffects, "time-effects", "group", "with --by, period effects of each group's own (group) or common to all (common)")
	f.StringVar(&fl.time, "time", "", "with --launch, a column of times or of numbered periods: assignment counts from the launch on")
	f.StringVar(&fl.launch, "launch", "", "date of the launch by the clock of the data, as in 2024-01-23, or number of the first period with treatment")
	f.StringVar(&fl.launchPeriod, "launch-period", "drop", "with --launch, what becomes of an hour, day or week that it falls within: drop, or count it as before or after")
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
	f.BoolVar(&fl.mixedClusters, "mixed-clusters", false, "assignment may vary within clusters, where it was drawn within them on purpose")
	f.BoolVar(&fl.keepSingletons, "keep-singletons", false, "keep rows that are alone in an absorbed group, as R's fixest does")
	f.StringArrayVar(&fl.derive, "derive", nil, `column to compute, as in "low = rating <= 2"; may be repeated`)
	f.StringSliceVar(&fl.missing, "missing", nil, "cells that stand for a missing value, beside the empty cell, NA, NaN and null")
	f.StringSliceVar(&fl.missingOnly, "missing-only", nil, "cells that stand for a missing value, in place of the empty cell, NA, NaN and null")
	f.StringArrayVar(&fl.levels, "levels", nil, "codes for missing that are levels of a column, as in `column=None`; may be repeated")
	f.IntVar(&fl.skip, "skip", 0, "lines before the header, such as a title")
	f.StringVar(&fl.comma, "comma", "", "separator of the file: one character, or tab (default: a comma)")
	f.StringToStringVar(&fl.types, "type", nil, "types of columns where what is inferred is wrong: `column=number`, text or time; or how its numbers are written: "+
		"decimal-comma, thousands, percent, currency, yes/no or duration")
	f.StringArrayVar(&fl.layouts, "layout", nil, "layout of times, as in \"%d/%m/%Y %H:%M\", DD/MM/YYYY, day-first or month-first; may be repeated (default: ISO 8601, or dates whose order shows)")
	f.StringVar(&fl.zone, "zone", "", "zone of the clock that times are read by, as in Asia/Shanghai (default: the clock in each cell, whatever its offset)")
	f.StringVar(&fl.format, "format", "text", "text, md, latex, html, csv or json")
	return c
}

// study is the study that the flags ask for: a table of effects, and those beside it, over rows that are the
// observations.
func (fl *fitFlags) study() (*study.Study, error) {
	for _, flag := range []struct {
		name  string
		given bool
	}{{"--data", fl.data != ""}, {"--outcome", len(fl.outcomes) > 0}, {"--assign", fl.assign != ""}} {
		if !flag.given {
			return nil, fmt.Errorf("%s is missing: fit needs --data, --outcome and --assign", flag.name)
		}
	}
	if err := fl.check(); err != nil {
		return nil, err
	}
	levels, err := columnLists(fl.levels)
	if err != nil {
		return nil, err
	}
	s := &study.Study{
		Data: study.Data{Panel: fl.data, Missing: fl.missing, MissingOnly: fl.missingOnly, Levels: levels, Comma: fl.comma, Skip: fl.skip,
			Types: fl.types, Layouts: fl.layouts, Zone: fl.zone},
		Derive:    fl.derive,
		Roles:     study.Roles{Assignment: fl.assign, ControlArm: fl.controlArm, Time: fl.time, Usage: fl.usage, UsageBlank: fl.usageBlank},
		CutPeriod: fl.launchPeriod,
		Controls:  study.Controls{Current: fl.controls},
		Model: study.Model{Absorb: fl.absorb, NoEffects: len(fl.absorb) == 0, Cluster: fl.cluster, SE: fl.se, Level: fl.level, KeepSingletons: fl.keepSingletons, MixedClusters: fl.mixedClusters,
			Weights: fl.weights, WeightsKind: fl.weightsKind, Estimator: fl.estimator},
		Inference: fl.inference,
	}
	if fl.by != "" {
		s.Baseline = study.Baseline{Column: fl.by, Groups: fl.groups, Label: fl.by}
	}
	if len(fl.cluster) > 0 {
		s.Roles.Unit = fl.cluster[0]
	}
	if fl.launch != "" {
		if s.Launch, err = study.ParseLaunch(fl.launch); err != nil {
			return nil, err
		}
	}
	for _, outcome := range fl.outcomes {
		s.Outcomes = append(s.Outcomes, study.Outcome{Column: outcome, Label: outcome})
	}
	s.Tables = fl.tables()
	return s, s.Check()
}

// tables are those that the flags ask for, the effects first.
func (fl *fitFlags) tables() []study.TableSpec {
	var tables []study.TableSpec
	switch {
	case fl.by != "":
		t := study.TableSpec{Kind: "hetero", Title: "Effects by group of " + fl.by, Period: fl.period, Splits: fl.splits, Predict: fl.predict, TimeEffects: fl.timeEffects}
		tables = append(tables, t)
	case fl.usage != "":
		tables = append(tables, study.TableSpec{Kind: "stages", Direct: fl.direct})
	default:
		t := study.TableSpec{Kind: "itt", Title: "Effects of assignment", Coefficients: "all"}
		t.Design, t.SmallBlocks = fl.design, fl.smallBlocks
		if fl.design == "means" {
			t.Title, t.Coefficients = "Differences in means", ""
		}
		tables = append(tables, t)
	}
	if fl.weak && fl.by != "" {
		tables = append(tables, study.TableSpec{Kind: "weak-groups", Title: "Each group by itself", Period: fl.period})
	} else if fl.weak {
		tables = append(tables, study.TableSpec{Kind: "weak", Title: "What the instruments are worth"})
	}
	if fl.compliers {
		tables = append(tables, study.TableSpec{Kind: "compliers", Title: "Compliers", Variables: fl.profile})
	}
	return tables
}
