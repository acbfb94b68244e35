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
