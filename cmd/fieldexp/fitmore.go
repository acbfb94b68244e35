package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/study"
)

// fitMore are the flags of the fit command that ask for other estimators, or for more than effects.
type fitMore struct {
	controlArm, design, smallBlocks string
	weak, compliers                 bool
	profile, predict                []string
	direct                          []float64
	splits                          int
}

// define defines the flags.
func (fl *fitMore) define(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&fl.controlArm, "control-arm", "", "arm of a text --assign to compare with (default: control, or the first)")
	f.StringVar(&fl.design, "design", "regression", "regression; means for differences in means with the variance of the design (--strata, --pairs, --cluster); lin for controls with slopes by arm")
	f.StringVar(&fl.smallBlocks, "small-blocks", "", "with --design means, blocks in which an arm has fewer than two units: refuse (the default), pool or drop them")
	f.BoolVar(&fl.weak, "weak", false, "with --usage, a table of what the instruments are worth: effective F, Kleibergen-Paap, tF and Anderson-Rubin sets; with --by, of each group's own")
	f.BoolVar(&fl.compliers, "compliers", false, "with --usage, tables of whose effect it is: shares and means of compliers (or weights of levels of usage), and never-takers against controls")
	f.StringSliceVar(&fl.profile, "profile", nil, "with --compliers, columns from before assignment to describe compliers by")
	f.Float64SliceVar(&fl.direct, "direct", nil, "with --usage, bounds if assignment has a direct effect on the outcome between `two numbers`, as in --direct=-0.1,0.1")
	f.Lookup("direct").DefValue = "" // which help leaves out
	f.IntVar(&fl.splits, "splits", 0, "with --by, random splits: groups from one part of the data, effects from the other (20 are enough for most)")
	f.StringSliceVar(&fl.predict, "predict", nil, "with --splits, columns that predict the baseline, where nothing was observed before the launch")
}

// companions are flags that mean nothing without another.
var companions = []struct{ flag, needs string }{
	{"groups", "by"}, {"period", "by"}, {"time-effects", "by"}, {"splits", "by"}, {"predict", "splits"}, {"estimator", "usage"}, {"profile", "compliers"},
	{"weights-kind", "weights"},
}

// checkCompanions refuses a flag that does nothing for want of another.
func checkCompanions(c *cobra.Command) error {
	for _, pair := range companions {
		if c.Flags().Changed(pair.flag) && !c.Flags().Changed(pair.needs) {
			return fmt.Errorf("--%s does nothing without --%s: give both, or neither", pair.flag, pair.needs)
		}
	}
	return nil
}

// A clash is a flag that was given, and cannot be beside another.
type clash struct {
	flag  string
	given bool
}

// given lists the flags that were given.
func given(clashes ...clash) string {
	var list []string
	for _, c := range clashes {
		if c.given {
			list = append(list, c.flag)
		}
	}
	return strings.Join(list, ", ")
}

// checkDesign refuses a comparison that contradicts other flags.
func (fl *fitFlags) checkDesign() error {
	if _, err := study.ParseSmallBlocks(fl.smallBlocks); err != nil {
		return errors.New(strings.Replace(err.Error(), "small_blocks", "--small-blocks", 1))
	}
	q := &fl.inference
	if fl.smallBlocks != "" && (fl.design != "means" || len(q.Strata) == 0 && q.Pairs == "") {
		return errors.New("--small-blocks is of blocks: ask for --design means and name them with --strata or --pairs")
	}
	var clashes string
	switch fl.design {
	case "regression":
		return nil
	case "means":
		clashes = given(clash{"--controls", len(fl.controls) > 0}, clash{"--absorb", len(fl.absorb) > 0}, clash{"--se", fl.se != ""}, clash{"--wild", q.Wild},
			clash{"--keep-singletons", fl.keepSingletons})
		if len(fl.cluster) > 1 {
			return fmt.Errorf("--design means has one column of clusters, the units that were assigned, and --cluster names %d", len(fl.cluster))
		}
	case "lin":
		clashes = given(clash{"--absorb", len(fl.absorb) > 0}, clash{"--permute", q.Permute})
		if len(fl.controls) == 0 {
			return errors.New("--design lin gives controls slopes of their own in each arm: name them with --controls")
		}
	default:
		return fmt.Errorf("--design cannot be %q; use regression, means or lin", fl.design)
	}
	if clashes = strings.Trim(clashes+", "+given(clash{"--usage", fl.usage != ""}, clash{"--by", fl.by != ""}, clash{"--time", fl.time != ""}), ", "); clashes != "" {
		return fmt.Errorf("--design %s does without %s: leave it out, or leave --design out", fl.design, clashes)
	}
	return nil
}

// checkUsage refuses what is of usage where there is none.
func (fl *fitFlags) checkUsage() error {
	asked := given(clash{"--weak", fl.weak}, clash{"--compliers", fl.compliers}, clash{"--direct", len(fl.direct) > 0})
	switch {
	case asked != "" && fl.usage == "":
		return fmt.Errorf("%s: these are of the effect of usage: name its column with --usage", asked)
	case fl.by != "" && (fl.compliers || len(fl.direct) > 0):
		return errors.New("--compliers and --direct are of the effect on all: leave --by out")
	case len(fl.direct) > 0 && (len(fl.direct) != 2 || fl.direct[0] > fl.direct[1]):
		return errors.New("--direct is the least and the largest direct effect of assignment on the outcome: give two numbers, as in --direct=-0.1,0.1")
	case len(fl.direct) > 0 && len(fl.outcomes) != 1:
		return fmt.Errorf("--direct is in units of the outcome, and there are %d: name one with --outcome", len(fl.outcomes))
	}
	return nil
}

// checkGroups refuses what contradicts effects by group.
func (fl *fitFlags) checkGroups() error {
	q := &fl.inference
	switch {
	case fl.timeEffects != "group" && fl.timeEffects != "common":
		return fmt.Errorf("--time-effects cannot be %q; use group or common", fl.timeEffects)
	case fl.splits < 0:
		return fmt.Errorf("--splits is %d: ask for one or more, of which each is used both ways", fl.splits)
	case fl.by != "" && fl.controlArm != "":
		return errors.New("--control-arm is of arms that are compared on all, and effects by group are of one arm and control: derive an --assign of 0 and 1, or leave --by out")
	case fl.by != "" && !strings.EqualFold(fl.estimator, "2sls"):
		return fmt.Errorf("--estimator %s is of the effect on all, and effects by group are by two-stage least squares: leave --estimator or --by out", fl.estimator)
	case fl.splits == 0:
		return nil
	case len(fl.cluster) != 1:
		return errors.New("--splits divides what is known of each unit: name the column of units, alone, with --cluster")
	case fl.launch == "" && len(fl.predict) == 0:
		return errors.New("--splits halves what was before the launch: give --time and --launch or, to group units by a prediction, columns with --predict")
	}
	if clashes := given(clash{"--weak", fl.weak}, clash{"--wild", q.Wild}, clash{"--adjust", q.Adjust != ""}); clashes != "" {
		return fmt.Errorf("averages over splits have their own joint covariance, and no %s: leave it out, or leave --splits out", clashes)
	}
	return nil
}

// meansSpec is the comparison of means.
func (fl *fitFlags) meansSpec(of itt.Spec) itt.MeansSpec {
	small, _ := study.ParseSmallBlocks(fl.smallBlocks) // was checked
	spec := itt.MeansSpec{
		Spec:   of,
		Blocks: strings.Join(fl.inference.Strata, "^"),
		Small:  small,
	}
	spec.Covariance = iv.Covariance{}
	if fl.inference.Pairs != "" {
		spec.Blocks, spec.Pairs = fl.inference.Pairs, true
	}
	return spec
}

// splitSpec is the model of effects by group, averaged over splits.
func (fl *fitFlags) splitSpec(of itt.Spec) hetero.SplitSpec {
	return hetero.SplitSpec{Spec: fl.groupSpec("", of), Unit: fl.cluster[0], Baseline: fl.by, Covariates: fl.predict, N: fl.groups, Splits: fl.splits,
		Seed: uint64(fl.inference.Seed)}
}
