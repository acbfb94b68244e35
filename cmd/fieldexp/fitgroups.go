package main

import (
	"fmt"
	"math"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/panel"
)

// grouping is the column of groups, and how it came about.
type grouping struct {
	column string // empty for none
	note   string
}

// cut adds the groups to the frame. Units count once each, however many rows they have; a column that varies
// within them stands for their means before the launch.
func (fl *fitFlags) cut(frame *data.Frame, spec itt.Spec) (grouping, error) {
	kind, err := frame.Kind(fl.by)
	if err != nil || kind != data.Float {
		return grouping{column: fl.by}, err
	}
	groups := panel.GroupSpec{Value: fl.by, N: fl.groups, Name: fl.by + " group"}
	of := fl.by
	if len(fl.cluster) > 0 {
		groups.Unit = fl.cluster[0]
		varies, err := variesWithin(frame, groups.Unit, fl.by)
		if err != nil {
			return grouping{}, err
		}
		if varies && spec.Time != "" {
			report, err := panel.Baselines(frame, panel.BaselineSpec{Unit: groups.Unit, Measures: []panel.Measure{{Column: fl.by}}, Time: spec.Time, Launch: spec.Launch})
			if err != nil {
				return grouping{}, err
			}
			groups.Value = report.Without[0].Column
			of = "mean " + fl.by + " by " + groups.Unit + " before the launch"
		}
	}
	cut, err := panel.Groups(frame, groups)
	if err != nil {
		return grouping{}, err
	}
	return grouping{groups.Name, fmt.Sprintf("Groups are quantile groups of %s, %s the lowest.", of, cut.Labels[0])}, nil
}

// variesWithin reports whether a column has different values within a unit.
func variesWithin(frame *data.Frame, unit, column string) (bool, error) {
	values, err := frame.Floats(column)
	if err != nil {
		return false, err
	}
	units, err := frame.Group(unit)
	if err != nil {
		return false, err
	}
	first := make([]float64, len(units.Labels))
	for u := range first {
		first[u] = math.NaN()
	}
	for i, u := range units.Codes {
		switch v := values[i]; {
		case u < 0 || math.IsNaN(v):
		case math.IsNaN(first[u]):
			first[u] = v
		case first[u] != v:
			return true, nil
		}
	}
	return false, nil
}
