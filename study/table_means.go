package study

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/report"
)

// checkDesign refuses a design of an itt table that the study does not have.
func checkDesign(s *Study, t *TableSpec) error {
	if err := oneOf("design", t.Design, "regression", "means", "lin"); err != nil {
		return err
	}
	small, err := ParseSmallBlocks(t.SmallBlocks)
	if err != nil {
		return err
	}
	blocks := len(s.Inference.Strata) > 0 || s.Inference.Pairs != ""
	switch {
	case t.SmallBlocks != "" && (t.Design != "means" || !blocks):
		return errors.New(`small_blocks is of differences in means within blocks: add design = "means", and name the blocks in strata (or pairs) under [inference]`)
	case small == itt.PoolSmall && s.Inference.Pairs != "":
		return errors.New("the variance of matched pairs is between pairs already; leave small_blocks out, or drop pairs that lost a member")
	case t.Design == "regression":
		return nil
	case !s.Launch.IsZero():
		return fmt.Errorf("design = %q compares arms, and a study with a launch is a difference-in-differences; leave design out, or launch", t.Design)
	case t.Level == "events" || t.Sample != "all":
		return fmt.Errorf("design = %q is of all cells; leave level and sample out", t.Design)
	case t.Design == "means" && len(s.Model.Cluster) > 1:
		return errors.New(`design = "means" has one column of clusters, the units that were assigned; name it alone in model.cluster`)
	case t.Design == "means" && (len(t.Absorb) > 0 || t.NoControls):
		return errors.New(`design = "means" has neither effects nor controls; leave absorb and no_controls out, and name blocks in strata under [inference]`)
	case t.Design == "lin" && s.Inference.Permute:
		return errors.New(`design = "lin" has no permutations: ask for them of a table without a design, or leave inference.permute out`)
	}
	return nil
}

// meansSpec is the comparison of a table.
func (r *run) meansSpec(t *TableSpec) itt.MeansSpec {
	s := r.study
	small, _ := ParseSmallBlocks(t.SmallBlocks) // was checked when the study was read, as the weights
	weights, _ := ParseWeightKind(s.Model.WeightsKind)
	spec := itt.MeansSpec{
		Spec: itt.Spec{
			Assignment: s.Roles.Assignment,
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
	q, effects := s.Inference, MeansEffects(result)
	var lacks []string
	if q.Wild {
		lacks = append(lacks, "There is no wild bootstrap of differences in means: their variance is that of the design.")
	}
	q.AR, q.Wild = false, false
	if q.StepsDown() && !q.Permute {
		q.Adjust, lacks = "", append(lacks, "P-values are not adjusted by "+stepMethods[q.Adjust].String()+": there are no draws for this table.")
	}
	judged, warnings, err := q.Judge(ctx, effects, Source{Level: s.Model.Level,
		Permute: func(ctx context.Context, draw bootstrap.PermuteSpec) ([]bootstrap.PermuteEffect, *bootstrap.PermuteResult, error) {
			drawn, err := PermuteMeans(ctx, frame, spec, draw)
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
	m := report.Means{Number: t.Number, Title: t.Title, Result: &quiet, Digits: t.Digits, ClusterLabels: s.clusterLabels(), Label: func(c string) string { return capital(s.label(c)) }}
	for i, name := range t.Outcomes {
		m.Headers, m.Below = append(m.Headers, s.outcome(name).Label), append(m.Below, Below(effects[i:i+1]))
		f := NewMeansFit(name, result, result.Fits[i])
		f.Table = t.Number
		f.Add(effects[i])
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
