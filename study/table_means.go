package study

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/report"
)

// checkDesign refuses a design of an itt table that the study does not have.
func checkDesign(s *Study, t *TableSpec) error {
	if err := oneOf("TableSpec.Design", t.Design, "regression", "means", "lin"); err != nil {
		return err
	}
	small, err := parseSmallBlocks(t.SmallBlocks)
	if err != nil {
		return err
	}
	blocks := len(s.Inference.Strata) > 0 || s.Inference.Pairs != ""
	switch {
	case t.SmallBlocks != "" && (t.Design != "means" || !blocks):
		return refuse("a rule for small blocks is of differences in means within blocks", "set {TableSpec.Design} to means, and name the blocks in {Inference.Strata} or {Inference.Pairs}", "leave {TableSpec.SmallBlocks} out")
	case small == itt.PoolSmall && s.Inference.Pairs != "":
		return refuse("the variance of matched pairs is between pairs already", "leave {TableSpec.SmallBlocks} out", "leave pairs that lost a member out by {DropSmall}")
	case t.Design == "regression":
		return nil
	case !s.Launch.IsZero():
		return refuse(fmt.Sprintf("the design %q compares arms, and a launch makes a difference-in-differences", t.Design), "leave {TableSpec.Design} out", "leave {Launch} out")
	case t.Level == "events" || t.Sample != "all":
		return refuse(fmt.Sprintf("the design %q is of all rows", t.Design), "leave {TableSpec.Level} and {TableSpec.Sample} out")
	case t.Design == "means" && len(s.Model.Cluster) > 1:
		return refuse(fmt.Sprintf("differences in means have one column of clusters, the units that were assigned, and %d are named", len(s.Model.Cluster)), "name it alone in {Model.Cluster}")
	case t.Design == "means" && (len(t.Absorb) > 0 || t.NoControls):
		return refuse("differences in means have neither fixed effects nor controls", "leave {TableSpec.Absorb} and {TableSpec.NoControls} out, and name blocks in {Inference.Strata}")
	case t.Design == "lin" && s.Inference.Permute:
		return refuse("there are no permutations of Lin's estimator", "leave {TableSpec.Design} or {Inference.Permute} out")
	}
	return nil
}

// meansSpec is the comparison of a table.
func (r *run) meansSpec(t *TableSpec) itt.MeansSpec {
	s := r.study
	small, _ := parseSmallBlocks(t.SmallBlocks) // was checked when the study was read, as the weights
	weights, _ := parseWeightKind(s.Model.WeightsKind)
	spec := itt.MeansSpec{
		Spec: itt.Spec{
			Assignment: s.Roles.Assignment,
			ControlArm: s.Roles.ControlArm,
			Weights:    s.Model.Weights,
			WeightKind: weights,
			Level:      s.Model.Level,
			Cluster:    s.Model.Cluster,
		},
		Blocks: strings.Join(s.Inference.Strata, "^"),
		Small:  small,
	}
	if s.Inference.Pairs != "" {
		spec.Blocks, spec.Pairs = s.Inference.Pairs, true
	}
	for _, name := range t.Outcomes {
		spec.Outcomes = append(spec.Outcomes, s.outcome(name).Name)
	}
	return spec
}

// meansTable compares the means of the arms by the design of the experiment.
func (r *run) meansTable(ctx context.Context, k modelKey, t *TableSpec) ([]*Table, error) {
	s := r.study
	frame, err := r.sample(k)
	if err != nil {
		return nil, err
	}
	spec := r.meansSpec(t)
	result, err := itt.DifferenceInMeans(ctx, frame, spec)
	if err != nil {
		return nil, err
	}
	q, effects := s.Inference, meansEffects(result)
	var lacks []string
	if q.Wild {
		lacks = append(lacks, "There is no wild bootstrap of differences in means: their variance is that of the design.")
	}
	q.AR, q.Wild = false, false
	if q.stepsDown() && !q.Permute {
		q.Adjust, lacks = "", append(lacks, "P-values are not adjusted by "+stepMethods[q.Adjust].String()+": there are no draws for this table.")
	}
	judged, warnings, err := q.judge(ctx, effects, resampler{Level: s.Model.Level,
		Permute: func(ctx context.Context, draw bootstrap.PermuteSpec) ([]bootstrap.PermuteEffect, *bootstrap.PermuteResult, error) {
			drawn, err := permuteMeans(ctx, frame, spec, draw)
			if err != nil {
				return nil, nil, err
			}
			return drawn.Effects, drawn, nil
		},
		Progress: func(done, total int) { r.opt.Progress("drawing", int64(done), int64(total)) }})
	if err != nil {
		return nil, err
	}
	quiet := *result
	quiet.Warnings = nil // the study words them
	m := report.Means{Words: r.opt.Words, Number: t.Number, Title: t.Title, Result: &quiet, Digits: t.Digits, ClusterLabels: s.clusterLabels(), Label: func(c string) string { return capital(s.label(c)) }}
	for i, name := range t.Outcomes {
		m.Headers, m.Below = append(m.Headers, s.outcome(name).Label), append(m.Below, linesBeneath(effects[i:i+1]))
		f := newMeansFit(r.opt.Words, name, result, result.Fits[i])
		f.Table = t.Number
		f.add(effects[i])
		r.out.Fits = append(r.out.Fits, f)
	}
	m.Notes = []string{r.designNote(k)}
	table, err := m.Table()
	if err != nil {
		return nil, err
	}
	notes := slices.Concat(judged, lacks, r.warn(t, slices.Concat(result.Warnings, warnings), nil))
	return r.finish(&Table{ID: t.Number, Table: table, Outcomes: t.Outcomes}, t, notes...), nil
}
