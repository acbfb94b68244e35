package study

import (
	"reflect"
	"strings"

	"github.com/fieldexp/fieldexp"
)

// Keys are what the settings of a study, and of the packages that it uses, are called in a study file.
func Keys() fieldexp.Words {
	words := fieldexp.Words{
		// of package data
		"MissingValues": "missing under [data]", "Layouts": "layouts under [data]", "Types": "[data.types]", "Formats": "[data.types]", "Comma": "comma under [data]",
		"MissingValues=": "missing = [%q] under [data]", "Types=": "%k = %q under [data.types]", "Formats=": "%k = %q under [data.types]",
		"Levels": "[data.levels]", "Levels=": "%k = [%q] under [data.levels]", "Comma=": "comma = %q under [data]",
		"SkipLines": "skip under [data]", "SkipLines=": "skip = %v under [data]",
		// of the models
		"Outcomes": "[[outcomes]]", "Assignment": "assignment under [roles]", "ControlArm": "control_arm under [roles]", "Usage": "usage under [roles]", "UsageBlank": "usage_blank under [roles]", "UsageBlank=": "usage_blank = %q under [roles]",
		"Unit": "unit under [roles]", "Time": "time under [roles]", "LaunchPeriod": "launch", "Controls": "current under [controls]", "Level": "level under [model]", "Absorb": "absorb under [model]", "Cluster": "cluster under [model]",
		"Weights": "weights under [model]", "Covariance": "se under [model]", "Working": "se under [model]", "KeepSingletons": "keep_singletons under [model]", "MixedClusters": "mixed_clusters under [model]",
		"Estimator": "estimator under [model]", "TwoStage": `estimator = "2sls" under [model]`, "Estimate": "a table without design",
		"Analytic": "analytic", "Step": "period", "Reference": "reference",
		// by group
		"Group": "[baseline]", "Groups": "[baseline]", "Baseline": "column under [baseline]", "GroupSpecific": `time_effects = "group"`, "Common": `time_effects = "common"`, "Splits": "splits", "Covariates": "predict",
		// of inference
		"Strata": "strata under [inference]", "Blocks": "strata under [inference]", "Pairs": "pairs under [inference]", "Draws": "draws under [inference]",
		"Wild": "wild under [inference]", "PoolSmall": `small_blocks = "pool"`, "DropSmall": `small_blocks = "drop"`, "Small": "small_blocks",
		"AndersonRubin": "a table of kind weak-groups", "Studentised": "cluster under [model]", "Variables": "variables",
		"Period": "period",
	}
	for _, at := range []struct {
		typ   reflect.Type
		under string
	}{
		{reflect.TypeFor[Study](), ""}, {reflect.TypeFor[Data](), " under [data]"}, {reflect.TypeFor[Roles](), " under [roles]"}, {reflect.TypeFor[Controls](), " under [controls]"},
		{reflect.TypeFor[Baseline](), " under [baseline]"}, {reflect.TypeFor[Model](), " under [model]"}, {reflect.TypeFor[Inference](), " under [inference]"},
		{reflect.TypeFor[Outcome](), " under [[outcomes]]"}, {reflect.TypeFor[TableSpec](), ""}, {reflect.TypeFor[FigureSpec](), ""},
	} {
		for i := range at.typ.NumField() {
			field := at.typ.Field(i)
			key := field.Tag.Get("toml")
			if key == "" {
				continue
			}
			name := strings.TrimPrefix(at.typ.Name()+"."+field.Name, "Study.")
			if _, there := words[name]; !there {
				words[name] = key + at.under
			}
		}
	}
	return words
}
