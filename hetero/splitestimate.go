package hetero

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/panel"
)

// Names of the columns that a split adds.
const (
	splitValue = "baseline of the split"
	splitGroup = "group of the split"
)

// SplitEstimate estimates effects by group where the data that make the groups do not enter the
// estimation. There are two kinds of split.
//
// By default each unit's rows before the launch are halved at random: the mean of Baseline in one half
// groups the units, and the other half enters the estimation with the rows after the launch. Luck in the
// defining half says nothing about luck in the other, and so the groups do not return to the mean
// between the rows that are compared: Common period effects no longer count that return as an
// effect (see the package documentation for what a split does not mend).
//
// With Covariates, Baseline is predicted from them, by least squares over a random half of the control
// units (its mean by unit, after the launch if one is given); these units make the groups and do not
// enter the estimation, the other controls and all treated units do. This is the repeated split
// sample of Abadie, Chingos and West (2018), for experiments without outcomes before treatment:
// a prediction that knows the controls' own outcomes would sort the lucky among them into the highest
// group. (Their leave-one-out estimator is Predict with Estimate.)
//
// Halves are used both ways, and impacts averaged over splits. What is averaged is the effect in
// groups made of half the information, less well sorted than groups from all of it: a gradient of the effects
// in the true baseline comes out flatter. Standard errors add up, by cluster, what it contributes to
// all splits, and take the groups' cut points as given, as those of Estimate do. In simulated studies
// without an effect the 5% test of equality, with Common period effects and three groups, rejected in 8
// to 9% of those with 90 units and in 6% of those with 300.
//
// With Covariates, the halves also depend on each other through their predictions, which no sum over clusters
// shows: it rejected a flat trend in 7 to 10% of simulated studies with 120 units. Variances are therefore made larger by
// the number of units over that of the units that enter the estimation, about 4/3 with equal arms. Standard
// errors were right then with 12 covariates (0.185 where the estimates spread by 0.186), and 2 to 11% too large
// with fewer or with more units.
//
// The model of a split is that of Estimate over the rows that do not make its groups, and counts these
// alone among its observations and clusters. A cluster adds nothing to splits in which it has no row,
// and degrees of freedom are those of the split with the fewest clusters (see iv.Join).
//
// The same seed and order of rows give the same splits. The errors are those of Estimate and of
// panel.Groups.
func SplitEstimate(ctx context.Context, f *data.Frame, spec SplitSpec) (*SplitResult, error) {
	if err := spec.check(); err != nil {
		return nil, err
	}
	if spec.Rows != nil {
		f, spec.Rows = f.Filter(spec.Rows), nil
	}
	s := &splitter{spec: spec, frame: f}
	if err := s.prepare(); err != nil {
		return nil, err
	}
	models := make([][]*iv.Result, len(spec.Outcomes)) // by outcome, then split
	r := &SplitResult{TimeEffects: spec.TimeEffects, Spec: spec}
	r.Units, r.Undivided = s.divided()
	var d *design
	for split := range spec.Splits {
		s.draw(split)
		for half := range 2 {
			var err error
			if d, err = s.design(half); err != nil {
				return nil, err
			}
			results, err := s.estimate(ctx, d, 2*split+half)
			if err != nil {
				return nil, err
			}
			for i, model := range results {
				models[i] = append(models[i], model)
			}
		}
	}
	r.Regressor, r.Groups, r.Warnings = d.regressor, d.groups.labels, d.warnings
	for i, outcome := range spec.Outcomes {
		fit := SplitFit{Outcome: outcome, Level: models[i][0].Level}
		if err := fit.average(d, models[i]); err != nil {
			return nil, err
		}
		r.Fits = append(r.Fits, fit)
	}
	r.warnSpread()
	return r, nil
}

// splitter makes groups from one part of the data after the other.
type splitter struct {
	spec  SplitSpec
	frame *data.Frame
	units data.Grouping
	value []float64 // Baseline by row

	rows      [][]int    // of each unit: what can be halved, before the launch
	order     []int      // units in the order of their names, in which they are drawn
	predictor *predictor // with Covariates
	defines   [2][]bool  // by row: whether it makes the groups, in either half
}

// prepare reads the columns that splits are made of.
func (s *splitter) prepare() (err error) {
	if s.units, err = s.frame.Group(s.spec.Unit); err != nil {
		return err
	}
	if s.value, err = s.frame.Floats(s.spec.Baseline); err != nil {
		return err
	}
	for h := range s.defines {
		s.defines[h] = make([]bool, s.frame.Len())
	}
	before, err := before(s.frame, s.spec.PreColumn, s.spec.Spec.Spec)
	if err != nil {
		return err
	}
	if len(s.spec.Covariates) > 0 {
		s.predictor, err = newPredictor(s.frame, PredictSpec{Outcome: s.spec.Baseline, Assignment: s.spec.Assignment, ControlArm: s.spec.ControlArm, Unit: s.spec.Unit,
			Covariates: s.spec.Covariates}, s.units, before)
		return err
	}
	s.rows, s.order = make([][]int, s.units.Len()), brief.OrderLevels(s.units.Labels)
	for i, u := range s.units.Codes {
		if u >= 0 && before(i) && !math.IsNaN(s.value[i]) {
			s.rows[u] = append(s.rows[u], i)
		}
	}
	times, err := s.times()
	if err != nil {
		return err
	}
	for u, rows := range s.rows {
		if len(rows) < 2 {
			s.rows[u] = nil
			continue
		}
		if times != nil {
			slices.SortStableFunc(rows, func(a, b int) int {
				return cmp.Or(cmp.Compare(times(a), times(b)), cmp.Compare(s.value[a], s.value[b]))
			})
		}
	}
	if units, _ := s.divided(); units == 0 {
		return &fieldexp.Error{Op: "hetero", Problem: fieldexp.NoGroup, Columns: []string{s.spec.Baseline, s.spec.Unit},
			Message: fmt.Sprintf("no unit of %q has two known values of %q before the launch", s.spec.Unit, s.spec.Baseline),
			Remedy:  []fieldexp.Hint{"give a panel of several periods before the launch: check {Launch}", "mark its rows in {PreColumn}", "predict the baseline by {Covariates}"}}
	}
	return nil
}

// times gives the times of rows, in the order of which those of a unit are drawn, so that draws do not depend on the order
// of rows; it is nil without a column of times.
func (s *splitter) times() (func(row int) float64, error) {
	column := s.spec.Time
	if column == "" {
		return nil, nil
	}
	kind, err := s.frame.Kind(column)
	if err != nil {
		return nil, err
	}
	if kind == data.Time {
		times, err := s.frame.Instants(column)
		return func(row int) float64 { return float64(times[row]) }, err
	}
	values, err := s.frame.Floats(column)
	return func(row int) float64 { return values[row] }, err
}

// divided counts the units that have a group, and those that have none.
func (s *splitter) divided() (units, others int) {
	seen := make([]bool, s.units.Len())
	for _, u := range s.units.Codes {
		if u < 0 || seen[u] {
			continue
		}
		seen[u] = true
		if s.predictor != nil && s.predictor.known(int(u)) || s.predictor == nil && s.rows[u] != nil {
			units++
		} else {
			others++
		}
	}
	return units, others
}

// draw halves what makes the groups at random.
func (s *splitter) draw(split int) {
	random := stream(s.spec.Seed, split)
	for h := range s.defines {
		clear(s.defines[h])
	}
	if s.predictor != nil {
		first := s.predictor.halve(random)
		for i, u := range s.units.Codes {
			if u >= 0 && s.predictor.usable[u] {
				s.defines[0][i], s.defines[1][i] = first[u], !first[u]
			}
		}
		return
	}
	for _, u := range s.order {
		rows := s.rows[u]
		random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		for at, row := range rows {
			half := 0
			if at >= len(rows)/2 {
				half = 1
			}
			s.defines[half][row] = true
		}
	}
}

// design groups units by one half, and leaves that half out of the estimation.
func (s *splitter) design(half int) (*design, error) {
	values, err := s.baseline(half)
	if err != nil {
		return nil, err
	}
	f := s.frame.Clone()
	for _, name := range []string{splitValue, splitGroup} {
		if f.Has(name) {
			return nil, &fieldexp.Error{Op: "hetero", Problem: fieldexp.ColumnTaken, Columns: []string{name},
				Message: fmt.Sprintf("the frame has a column %q already", name),
				Remedy:  []fieldexp.Hint{"rename it"}}
		}
	}
	if err := f.SetFloats(splitValue, values); err != nil {
		return nil, err
	}
	if _, err := panel.Groups(f, panel.GroupSpec{Value: splitValue, Unit: s.spec.Unit, N: s.spec.N, Name: splitGroup}); err != nil {
		return nil, err
	}
	spec := s.spec.Spec
	spec.Group = splitGroup
	defines := s.defines[half]
	spec.Rows = func(row int) bool { return !defines[row] }
	d, err := newDesign(f, spec)
	if err != nil {
		return nil, err
	}
	if len(d.groups.labels) != s.spec.N {
		return nil, &fieldexp.Error{Op: "hetero", Problem: fieldexp.EmptyGroup,
			Columns: []string{s.spec.Baseline}, Count: len(d.groups.labels),
			Message: "a group of a split has no unit",
			Remedy:  []fieldexp.Hint{"make fewer groups"}}
	}
	return d, nil
}

// baseline is by row what one half says of the unit.
func (s *splitter) baseline(half int) ([]float64, error) {
	byUnit := make([]float64, s.units.Len())
	if s.predictor != nil {
		uses := make([]bool, s.units.Len())
		for i, u := range s.units.Codes {
			if u >= 0 && s.defines[half][i] {
				uses[u] = true
			}
		}
		var err error
		if byUnit, err = s.predictor.predict(uses, false); err != nil {
			return nil, err
		}
	} else {
		for u, rows := range s.rows {
			sum, n := 0.0, 0.0
			for _, row := range rows {
				if s.defines[half][row] {
					sum, n = sum+s.value[row], n+1
				}
			}
			byUnit[u] = sum / n // missing where there is none
		}
	}
	return spread(byUnit, s.units), nil
}

// estimate estimates the model of every outcome in one split.
func (s *splitter) estimate(ctx context.Context, d *design, done int) ([]*iv.Result, error) {
	steps := &steps{d: d, done: done, total: 2 * s.spec.Splits}
	models, err := steps.estimate(ctx, d.byGroup(s.spec.TimeEffects))
	var e *fieldexp.Error
	if errors.As(err, &e) {
		return nil, &fieldexp.Error{Op: "hetero", Problem: fieldexp.GroupModel, Columns: e.Columns,
			Count: e.Count, Err: err,
			Message: fmt.Sprintf("split %d: %s", done/2+1, e.Message),
			Remedy:  append(slices.Clone(e.Remedy), "make fewer groups")}
	} else if err != nil {
		return nil, err
	}
	for _, m := range models {
		for k, term := range d.terms() {
			if !slices.Contains(m.Terms, term) {
				return nil, &fieldexp.Error{Op: "hetero", Problem: fieldexp.Spanned, Group: d.groups.labels[k], Columns: []string{m.Outcome},
					Message: fmt.Sprintf("split %d: the effect on outcome %q in group %s is not identified", done/2+1, m.Outcome, d.groups.labels[k]), Remedy: []fieldexp.Hint{fewerGroups}}
			}
		}
	}
	if s.predictor == nil {
		return models, nil
	}
	return s.allowForPrediction(models, done%2), nil
}

// allowForPrediction makes the variances of the models of a half larger, for the units that made its groups (see
// SplitEstimate): as factors, which what clusters contribute to averages over splits is multiplied by.
func (s *splitter) allowForPrediction(models []*iv.Result, half int) []*iv.Result {
	made := make([]bool, s.units.Len())
	for i, u := range s.units.Codes {
		if u >= 0 && s.defines[half][i] {
			made[u] = true
		}
	}
	all, entering := 0., 0.
	for u := range made {
		if s.predictor.seen[u] && s.predictor.known(u) {
			all++
			if !made[u] {
				entering++
			}
		}
	}
	larger := func(m *iv.Result) *iv.Result {
		scaled := *m
		scaled.Factor *= all / entering
		return &scaled
	}
	list := make([]*iv.Result, len(models))
	for i, m := range models {
		list[i] = larger(m)
		list[i].FirstStages = make([]*iv.Result, len(m.FirstStages))
		for k, first := range m.FirstStages {
			list[i].FirstStages[k] = larger(first)
		}
	}
	return list
}
