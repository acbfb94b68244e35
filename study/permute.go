package study

import (
	"context"
	"math"
	"slices"

	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/itt"
)

// Permute draws the assignment of a design again, by the units that the spec names, and tests its
// effects on the design's outcomes. Besides Unit the spec says how to draw; the model is the
// design's, of which standard errors by Unit studentise.
func Permute(ctx context.Context, d *itt.Design, spec bootstrap.PermuteSpec) (*bootstrap.PermuteResult, error) {
	of, frame := d.Spec, d.Frame
	spec.Outcomes, spec.Assignment, spec.Controls, spec.Absorb = of.Outcomes, of.Assignment, slices.Clone(of.Controls), of.Absorb
	spec.Weights, spec.WeightKind = of.Weights, of.WeightKind
	if of.Time == "" {
		return permuteRows(ctx, frame, of.Rows, spec)
	}
	if slices.Contains(d.MainEffects, of.Assignment) || slices.Contains(of.Controls, of.Assignment) {
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

// permuteRows permutes over some rows of a frame; all where rows is nil.
func permuteRows(ctx context.Context, frame *data.Frame, rows func(row int) bool, spec bootstrap.PermuteSpec) (*bootstrap.PermuteResult, error) {
	if rows != nil {
		frame = frame.Filter(rows)
	}
	return bootstrap.Permute(ctx, frame, spec)
}

// sinceLaunch names the indicator of rows since the launch.
const sinceLaunch = "since the launch"
