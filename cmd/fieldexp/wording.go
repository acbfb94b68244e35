package main

import (
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/study"
)

// flags are what the settings of a study, and of the packages that it uses, are called by those who give flags to the fit
// command. A hint that needs a setting without a flag is not printed.
var flags = fieldexp.Words{
	// of package data
	"MissingValues": "--missing", "Comma": "--comma", "Types": "--type", "Layouts": "--layout", "Formats": "--type",
	"MissingValues=": "--missing %s", "Types=": "--type %s", "Formats=": "--type %s", "Levels": "--levels", "Levels=": "--levels %s", "Comma=": "--comma %s",
	"SkipLines": "--skip", "SkipLines=": "--skip %v",
	// of the models
	"Outcomes": "--outcome", "Assignment": "--assign", "ControlArm": "--control-arm", "Usage": "--usage", "UsageBlank": "--usage-blank", "UsageBlank=": "--usage-blank %s", "Roles.UsageBlank": "--usage-blank", "CutPeriod": "--launch-period", "Time": "--time", "Launch": "--launch", "LaunchPeriod": "--launch",
	"Unit": "--cluster", "Controls": "--controls", "Level": "--level", "Absorb": "--absorb", "Cluster": "--cluster", "Weights": "--weights", "Covariance": "--se", "Working": "--se",
	"KeepSingletons": "--keep-singletons", "MixedClusters": "--mixed-clusters", "Estimator": "--estimator", "TwoStage": "--estimator 2sls", "Estimate": "no --design", "Analytic": "analytic",
	// by group
	"Group": "--by", "Groups": "--by", "Baseline": "--by", "GroupSpecific": "--time-effects group", "Common": "--time-effects common", "Period": "--period",
	"Splits": "--splits", "Covariates": "--predict", "AndersonRubin": "--weak",
	// of inference
	"Strata": "--strata", "Blocks": "--strata", "Pairs": "--pairs", "Draws": "--draws", "Wild": "--wild", "Studentised": "--cluster",
	"PoolSmall": "--small-blocks pool", "DropSmall": "--small-blocks drop", "Small": "--small-blocks",
	// of a study
	"Derive": "--derive", "Data.Panel": "--data", "Data.Missing": "--missing", "Data.MissingOnly": "--missing-only", "Data.Levels": "--levels", "Data.Skip": "--skip", "Data.Zone": "--zone", "Data.Types": "--type", "Roles.Assignment": "--assign", "Roles.ControlArm": "--control-arm", "Roles.Unit": "--cluster",
	"Roles.Time": "--time", "Roles.Usage": "--usage", "Controls.Current": "--controls", "Baseline.Column": "--by", "Baseline.Groups": "--groups",
	"Model.Absorb": "--absorb", "Model.Cluster": "--cluster", "Model.SE": "--se", "Model.Level": "--level", "Model.KeepSingletons": "--keep-singletons", "Model.MixedClusters": "--mixed-clusters",
	"Model.Weights": "--weights", "Model.WeightsKind": "--weights-kind", "Model.Estimator": "--estimator", "Outcome.Column": "--outcome",
	"Inference.AR": "--ar", "Inference.Wild": "--wild", "Inference.Permute": "--permute", "Inference.Adjust": "--adjust", "Inference.Draws": "--draws",
	"Inference.Seed": "--seed", "Inference.WeightsLaw": "--weights-law", "Inference.Strata": "--strata", "Inference.Pairs": "--pairs",
	"TableSpec.Outcomes": "--outcome", "TableSpec.Design": "--design", "TableSpec.SmallBlocks": "--small-blocks", "TableSpec.Direct": "--direct",
	"TableSpec.Splits": "--splits", "TableSpec.Predict": "--predict", "TableSpec.TimeEffects": "--time-effects", "TableSpec.Variables": "--profile", "TableSpec.Period": "--period",
}

// worded is an error in the words of the command that had it.
func worded(args []string, err error) string {
	words := study.Keys()
	if len(args) > 0 && args[0] == "fit" {
		words = flags
	}
	return strings.Join(strings.Fields(words.Say(err)), " ")
}
