package study

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/itt"
)

// permuteDesign draws the assignment of a design again, by the units that the spec names, and tests its
// effects on the design's outcomes. Besides Unit the spec says how to draw; the model is the
// design's, of which standard errors by Unit studentise.
func permuteDesign(ctx context.Context, d *itt.Design, spec bootstrap.PermuteSpec) (*bootstrap.PermuteResult, error) {
	of, frame := d.Spec, d.Frame
	if len(d.Arms) > 2 {
		labels := make([]string, len(d.Arms))
		for i, arm := range d.Arms {
			labels[i] = arm.Label
		}
		return nil, &fieldexp.Error{Op: "study", Problem: fieldexp.ManyArms, Columns: []string{of.Assignment}, Count: len(d.Arms),
			Message: fmt.Sprintf("permutations compare two arms, and assignment %q has %d: %s", of.Assignment, len(d.Arms), strings.Join(labels, ", ")),
			Remedy: []fieldexp.Hint{fieldexp.Hint(fmt.Sprintf("compare one arm with all others by {Derive}, as in %s",
				data.Derivation{Name: "treat", Op: data.OpIndicator, Columns: []string{of.Assignment}, Quoted: true, Text: labels[1]}))}}
	}
	if d.Arms[0].Label != "0" {
		var err error
		if frame, of.Assignment, err = withIndicator(d); err != nil {
			return nil, err
		}
	}
	spec.Outcomes, spec.Assignment, spec.Controls, spec.Absorb = of.Outcomes, of.Assignment, slices.Clone(of.Controls), of.Absorb
	spec.Weights, spec.WeightKind = of.Weights, of.WeightKind
	if of.Time == "" {
		return permuteRows(ctx, frame, of.Rows, spec)
	}
	ofArms := func(name string) bool {
		return name == d.Spec.Assignment || strings.HasPrefix(name, d.Spec.Assignment+"=")
	}
	if slices.ContainsFunc(d.MainEffects, ofArms) || slices.ContainsFunc(of.Controls, ofArms) {
		return nil, refuse("permutations of a difference-in-differences need fixed effects that hold the arms' own levels constant, since the arms are drawn again", "absorb the effects of units in {Absorb}")
	}
	frame = frame.Clone()
	post := make([]float64, frame.Len())
	for i := range post {
		switch _, known := d.Exposed(i); {
		case !known:
			post[i] = math.NaN()
		case d.Launched(i):
			post[i] = 1
		}
	}
	spec.Post = sinceLaunch
	if len(d.MainEffects) > 0 { // no effect of periods is absorbed
		spec.Controls = append(spec.Controls, sinceLaunch)
	}
	if err := frame.SetFloats(sinceLaunch, post); err != nil {
		return nil, err
	}
	return permuteRows(ctx, frame, of.Rows, spec)
}

// withIndicator is the frame of a design with arms that have names, with a column that is 1 in the arm that is not control.
func withIndicator(d *itt.Design) (*data.Frame, string, error) {
	values := make([]float64, d.Frame.Len())
	for i := range values {
		if values[i] = float64(d.Arm(i)); values[i] < 0 {
			values[i] = math.NaN()
		}
	}
	frame, name := d.Frame.Clone(), d.Spec.Assignment+" is "+d.Arms[1].Label
	return frame, name, frame.SetFloats(name, values)
}

// permuteRows permutes over some rows of a frame; all where rows is nil.
func permuteRows(ctx context.Context, frame *data.Frame, rows func(row int) bool, spec bootstrap.PermuteSpec) (*bootstrap.PermuteResult, error) {
	if rows != nil {
		frame = frame.Filter(rows)
	}
	return bootstrap.Permute(ctx, frame, spec)
}

// sinceLaunch names the indicator of rows since the launch.
const sinceLaunch = "since the launch"
