package study

import "strings"

// The packages beneath speak to those who call them, and name their fields. A study's reader sets
// keys of the study file instead.
var keys = strings.NewReplacer(
	"is not in the header, but in Columns", "is not in the header, but the study needs it",
	"name it in MissingValues", "name it in missing under [data]",
	"name the cell in MissingValues", "name the cell in missing under [data]",
	"add its layout to Layouts", "add its layout to layouts under [data]",
	"name the column's type in Types", "name the column's type under [data.types]",
	"name the column's type as text", "name the column's type as text under [data.types]",
	"set Comma to", "set comma under [data] to",
	"aggregate it as a measure, or set KeepFirst to take the first value", "give it one value for each unit, in all of its rows",
	"name the level of assignment in Spec.Cluster", "name the level of assignment in cluster under [model]",
	", or set MixedClusters if assignment was drawn within clusters on purpose", "",
	"set Time and Launch for a difference-in-differences", "set launch for a difference-in-differences",
	"leave Time and Launch empty", "leave launch out",
	"leave Spec.Cluster empty", "leave cluster out",
	"with Result.Wild", "with wild under [inference]",
	"leave Pairs off where blocks are larger", "name the blocks in strata where they are larger",
	"set Pairs where every block", "name the blocks in pairs under [inference] where every block",
	"or Pairs where each holds", "or pairs where each holds",
	"Small: PoolSmall estimates", `small_blocks = "pool" estimates`,
	"and DropSmall leaves", `and "drop" leaves`,
	"Small: DropSmall", `small_blocks = "drop"`,
	"name the strata among Controls, as a column of text, or use Estimate", "name the strata in current under [controls], as a column of text, and absorb nothing",
	"ask for more Splits", "ask for more splits",
	"or use Estimate, which takes slopes", "or leave design out, which takes slopes",
	"check Launch or PreColumn, or use Covariates", "check launch, or use predict",
	", such as panel.Baselines makes", "",
	"use GroupSpecific", `use time_effects = "group"`,
)

// InKeys words a message for those who write study files.
func InKeys(message string) string { return keys.Replace(message) }
