package main

import (
	"strings"

	"github.com/fieldexp/fieldexp/study"
)

// flags are the fields of the packages beneath as flags of the fit command.
var flags = strings.NewReplacer(
	"is not in the header, but in Columns", "is not in the header",
	"name it in MissingValues", "name it in --missing",
	"name the cell in MissingValues", "name the cell in --missing",
	"name the level of assignment in Spec.Cluster", "name the level of assignment with --cluster",
	", or set MixedClusters if assignment was drawn within clusters on purpose", "",
	"set Time and Launch for a difference-in-differences", "set --time and --launch for a difference-in-differences",
	"leave Time and Launch empty", "leave --time and --launch out",
	"leave Spec.Cluster empty", "leave --cluster out",
	"with Result.Wild", "with --wild",
	"leave Pairs off where blocks are larger", "use --strata where blocks are larger",
	"set Pairs where every block", "use --pairs where every block",
	"or Pairs where each holds", "or --pairs where each holds",
	"Small: PoolSmall estimates", "--small-blocks pool estimates",
	"and DropSmall leaves", "and drop leaves",
	"Small: DropSmall", "--small-blocks drop",
	"read FirstStages and ReducedForm of Fit, whose terms are the arms", "keep the rows of control and one arm",
	"ask for more Splits", "ask for more --splits",
	"or use Estimate, which takes slopes", "or leave --design out, which takes slopes",
	"check Launch or PreColumn, or use Covariates", "check --launch, or use --predict",
	", such as panel.Baselines makes", "",
	"make a baseline of it first, or leave Unit empty to group rows",
	"give --time and --launch, with which units are grouped by their means before the launch, or leave --cluster out to group rows",
	"weights_law", "--weights-law",
	"estimate by TwoStage", "use --estimator 2sls",
	"use GroupSpecific", "use --time-effects group",
)

// worded is an error in the words of the command that had it.
func worded(args []string, err error) string {
	message := strings.Join(strings.Fields(err.Error()), " ")
	if len(args) > 0 && args[0] == "fit" {
		return flags.Replace(message)
	}
	return study.InKeys(message)
}
