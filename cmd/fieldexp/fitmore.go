package main

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
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
	f.StringVar(&fl.controlArm, "control-arm", "", "arm of a text --assign to compare with (default: the one whose name says that it is control)")
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
	{"weights-kind", "weights"}, {"usage-blank", "usage"}, {"launch-period", "launch"},
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

// check refuses flags that contradict each other. What a study could not do either, it refuses itself.
func (fl *fitFlags) check() error {
	q := &fl.inference
	switch {
	case (fl.time == "") != (fl.launch == ""):
		return errors.New("--time and --launch make a difference-in-differences together: give both, or neither")
	case q.AR && (fl.usage == "" || fl.by != ""):
		return errors.New("--ar is of the effect of usage: give --usage, and leave --by out")
	case q.Permute && (fl.usage != "" || fl.by != ""):
		return errors.New("--permute tests effects of assignment: leave --usage and --by out")
	}
	return cmp.Or(fl.checkDesign(), fl.checkUsage(), fl.checkSplits())
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
	if fl.design == "regression" {
		return nil
	}
	q := &fl.inference
	clashes := []clash{{"--usage", fl.usage != ""}, {"--by", fl.by != ""}, {"--time", fl.time != ""}, {"--absorb", len(fl.absorb) > 0}}
	switch fl.design {
	case "means":
		clashes = append(clashes, clash{"--controls", len(fl.controls) > 0}, clash{"--se", fl.se != ""}, clash{"--wild", q.Wild}, clash{"--keep-singletons", fl.keepSingletons})
	case "lin":
		clashes = append(clashes, clash{"--permute", q.Permute})
		if len(fl.controls) == 0 {
			return errors.New("--design lin gives controls slopes of their own in each arm: name them with --controls")
		}
	}
	if list := given(clashes...); list != "" {
		return fmt.Errorf("--design %s does without %s: leave it out, or leave --design out", fl.design, list)
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
	}
	return nil
}

// checkSplits refuses what averages over splits do not have.
func (fl *fitFlags) checkSplits() error {
	if fl.splits == 0 {
		return nil
	}
	q := &fl.inference
	if len(fl.cluster) != 1 {
		return errors.New("--splits divides what is known of each unit: name the column of units, alone, with --cluster")
	}
	if list := given(clash{"--weak", fl.weak}, clash{"--wild", q.Wild}, clash{"--adjust", q.Adjust != ""}); list != "" {
		return fmt.Errorf("averages over splits have their own joint covariance, and no %s: leave it out, or leave --splits out", list)
	}
	return nil
}

// columnLists reads column=value, of which a column may have several.
func columnLists(list []string) (map[string][]string, error) {
	var all map[string][]string
	for _, text := range list {
		column, value, ok := strings.Cut(text, "=")
		if !ok || column == "" {
			return nil, fmt.Errorf("--levels %q: write column=level, as in --levels site=None", text)
		}
		if all == nil {
			all = make(map[string][]string)
		}
		all[column] = append(all[column], strings.Split(value, ",")...)
	}
	return all, nil
}
