package hetero

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/parallel"
	"github.com/fieldexp/fieldexp/iv"
)

// addColumns adds the columns of each group's exposure and usage, and makes both missing in rows
// without a group, so that pooled models use the same rows.
func (d *design) addColumns() (err error) {
	if d.exposures, err = d.split(d.exposure, true); err != nil {
		return err
	}
	if d.spec.Usage != "" {
		if d.usages, err = d.split(d.spec.Usage, true); err != nil {
			return err
		}
	}
	for _, name := range d.assignment.MainEffects {
		names, err := d.split(name, false)
		if err != nil {
			return err
		}
		own := &d.rules[GroupSpecific].others
		*own = append(*own, names...)
		// Each group's arms differ before the launch in their own way, but the step at the
		// launch is a period effect.
		if !d.isAssignment(name) {
			names = []string{name}
		}
		common := &d.rules[Common].others
		*common = append(*common, names...)
	}
	d.pooled.others = slices.Clone(d.assignment.MainEffects)
	for _, r := range []*rule{&d.pooled, &d.rules[Common], &d.rules[GroupSpecific]} {
		r.others = append(r.others, d.spec.Controls...)
	}
	return nil
}

// isAssignment reports whether a main effect is that of assignment and not of the launch.
func (d *design) isAssignment(main string) bool {
	return main == d.spec.Assignment || main == d.spec.Assignment+"="+d.assignment.Arms[1].Label
}

// split adds a column for each group, that is the named column in the group's rows, 0 in others,
// and missing in rows without a group. With mask, the named column is made missing there, too.
func (d *design) split(name string, mask bool) ([]string, error) {
	values, err := d.frame.Floats(name)
	if err != nil {
		return nil, err
	}
	columns := make([][]float64, len(d.groups.labels))
	for k := range columns {
		columns[k] = make([]float64, len(values))
	}
	masked := make([]float64, len(values))
	// The context is never cancelled, so there is no error.
	_ = parallel.Blocks(context.Background(), len(values), func(from, to int) {
		for i := from; i < to; i++ {
			g, v := d.groups.codes[i], values[i]
			if g < 0 {
				v = math.NaN()
			}
			masked[i] = v
			if v == v {
				columns[g][i] = v
				continue
			}
			for k := range columns {
				columns[k][i] = v
			}
		}
	})
	names := make([]string, len(columns))
	for k, label := range d.groups.labels {
		names[k] = name + " in " + label
		if d.frame.Has(names[k]) {
			return nil, &fieldexp.Error{Op: "hetero", Problem: fieldexp.ColumnTaken, Columns: []string{names[k]},
				Message: fmt.Sprintf("the frame has a column %q already", names[k]), Remedy: []fieldexp.Hint{"rename it"}}
		}
		if err := d.frame.SetFloats(names[k], columns[k]); err != nil {
			return nil, err
		}
	}
	if mask {
		return names, d.frame.SetFloats(name, masked)
	}
	return names, nil
}

// terms are the regressors whose coefficients are the effects in each group.
func (d *design) terms() []string {
	if d.usages != nil {
		return d.usages
	}
	return d.exposures
}

// byGroup is the model of the effects by group. Tests of its instruments would be of all groups at once, and Separate
// has those of each.
func (d *design) byGroup(t TimeEffects) iv.Spec {
	m := d.model(d.exposures, d.usages, d.rules[t])
	m.SkipInstrumentTests = true
	return m
}

// together is the model of one effect for all groups.
func (d *design) together(r rule) iv.Spec {
	if d.usages == nil {
		return d.model([]string{d.exposure}, nil, r)
	}
	return d.model([]string{d.exposure}, []string{d.spec.Usage}, r)
}

// model regresses on the exposures or, where there are usages, instruments these with them. The
// exposures come last, so that they drop out if the other columns span them.
func (d *design) model(exposures, usages []string, r rule) iv.Spec {
	s := &d.spec
	m := iv.Spec{
		Outcomes: s.Outcomes, Exogenous: slices.Clone(r.others), Rows: s.Rows, Absorb: r.effects, KeepSingletons: s.KeepSingletons,
		Cluster: s.Cluster, Weights: s.Weights, WeightKind: s.WeightKind, Covariance: s.Covariance, Level: s.Level,
	}
	if usages == nil {
		m.Exogenous = append(m.Exogenous, exposures...)
		return m
	}
	m.Endogenous, m.Instruments, m.Estimator, m.FullerAlpha = usages, exposures, s.Estimator, s.FullerAlpha
	return m
}

// explain says which group's treatment is not identified, where that is why iv refused the model.
func (d *design) explain(err error) error {
	var e *fieldexp.Error
	if !errors.As(err, &e) || e.Problem != fieldexp.Collinear && e.Problem != fieldexp.UnderIdentified {
		return err
	}
	return &fieldexp.Error{Op: "hetero", Problem: fieldexp.Spanned, Columns: e.Columns, Err: err,
		Message: "the effect in some group is not identified: " + e.Message, Remedy: append(slices.Clone(e.Remedy), fewerGroups)}
}
