package hetero

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/iv"
)

// Separated holds a model of its own for each group. Its fields are for reading.
type Separated struct {
	Regressor string // the column of usage, whose effects they are
	Groups    []string
	Fits      []SeparateFit // one for each outcome

	design   *design      // without its frame; for With
	agreeing []*iv.Result // of one effect for all groups, by outcome
}

// SeparateFit holds the groups' models of one outcome.
type SeparateFit struct {
	Outcome string
	Groups  []GroupModelFit
	// Equality tests that the effect of usage is the same in all groups: the J statistic of the model
	// of one effect for all groups whose instruments are assignment in each (they agree on one
	// effect, if there is one). It divides by no group's own first stage, as Fit.Equality does, and
	// asks only for a strong first stage of all groups together. Period effects are group-specific,
	// controls common.
	Equality iv.Test
}

// GroupModelFit is the model of one outcome in one group.
type GroupModelFit struct {
	Group      string
	Model      *iv.Result // of the group's rows alone
	Effect     iv.Coefficient
	FirstStage iv.Coefficient // the effect of assignment on usage
	// Strength is the effective F of Montiel Olea and Pflueger (2013): with one instrument, the
	// robust first-stage F, with critical values for the bias that it stands for.
	Strength iv.Strength
	// AndersonRubin is the set of the effects that the test of Anderson and Rubin (1949) does not
	// reject. It has its level however weak the first stage is: where that tells nothing, the set is
	// not an interval but two rays or the whole line.
	AndersonRubin iv.Set
}

// Separate estimates the effect of usage in each group from the rows of the group alone, with a first
// stage, an effective F and an Anderson-Rubin set of its own, and whatever else package iv has for
// a model with one endogenous column (Model); estimated with the Covariance iv.CR2, it can be given to
// bootstrap.AndersonRubin and, after its With to CR1, to bootstrap.WRE. Controls and absorbed effects have coefficients of
// their own in each group; without controls, and where what is absorbed is nested in the groups, as
// units are, the effects are those of Estimate with GroupSpecific period effects. Standard errors are
// by the group's clusters, and their degrees of freedom too.
//
// Common period effects tie the groups together, and no group then has a model of its own: they are
// refused, as is an ITT, which needs no first stage. An Anderson-Rubin test of the effect in one group would
// have to allow for all values of those in the others, and no such test is neither wrong with clustered
// errors nor too cautious to be of use; that of values of all of them together is AndersonRubin of Fit.Model, from
// Estimate, and WildAgreement tests that they are the same. The consistency check is not made.
//
// The errors are those of Estimate; one with the problem GroupModel says in which group a
// model could not be estimated.
func Separate(ctx context.Context, f *data.Frame, spec Spec) (*Separated, error) {
	switch {
	case spec.Usage == "":
		return nil, &fieldexp.Error{Op: "hetero", Problem: fieldexp.BadSpec,
			Message: "first stages by group of effects of assignment",
			Remedy:  []fieldexp.Hint{"set {Usage}"}}
	case spec.TimeEffects != GroupSpecific:
		return nil, &fieldexp.Error{Op: "hetero", Problem: fieldexp.BadSpec, Message: fmt.Sprintf("separate models of groups with %s period effects", spec.TimeEffects),
			Remedy: []fieldexp.Hint{"use {GroupSpecific}, since effects that groups share cannot be estimated within one", "test values of the effects in all groups together by {AndersonRubin} of {Model}"}}
	}
	d, err := newDesign(f, spec)
	if err != nil {
		return nil, err
	}
	counter, err := d.newCounter()
	if err != nil {
		return nil, err
	}
	s := &Separated{Regressor: d.regressor, Groups: d.groups.labels, design: d.light()}
	if _, err := counter.counts(ctx); err != nil {
		return nil, err
	}
	for _, outcome := range spec.Outcomes {
		s.Fits = append(s.Fits, SeparateFit{Outcome: outcome})
	}
	steps := &steps{d: d, total: len(d.groups.labels) + 1}
	for k, label := range d.groups.labels {
		own := d.together(d.pooled)
		own.Rows = func(row int) bool { return int(d.groups.codes[row]) == k }
		models, err := steps.estimate(ctx, own)
		if err != nil {
			return nil, inGroup(label, err)
		}
		for i, model := range models {
			fit, err := d.separateFit(label, model)
			if err != nil {
				return nil, err
			}
			s.Fits[i].Groups = append(s.Fits[i].Groups, fit)
		}
	}
	if s.agreeing, err = steps.estimate(ctx, d.model(d.exposures, []string{spec.Usage},
		d.rules[GroupSpecific])); err != nil {
		return nil, d.explain(err)
	}
	s.test()
	return s, nil
}

// test fills in the tests that the effect is the same in all groups.
func (s *Separated) test() {
	for i, model := range s.agreeing {
		s.Fits[i].Equality = model.Overidentification()
		s.Fits[i].Equality.Null = "the effect is the same in " + strings.Join(s.Groups, ", ")
	}
}

// Fit is that of an outcome. The error names the outcomes that there are.
func (s *Separated) Fit(outcome string) (*SeparateFit, error) {
	names := make([]string, len(s.Fits))
	for i := range s.Fits {
		if s.Fits[i].Outcome == outcome {
			return &s.Fits[i], nil
		}
		names[i] = s.Fits[i].Outcome
	}
	return nil, noOutcome(outcome, names)
}

// Effect is refused, since there is one for each group: use GroupEffect.
func (s *Separated) Effect(outcome string) (iv.Coefficient, error) {
	if _, err := s.Fit(outcome); err != nil {
		return iv.Coefficient{}, err
	}
	return iv.Coefficient{}, byGroup(outcome, s.Groups)
}

// GroupEffect is the effect on an outcome in a group. The error names the outcomes or groups that there are.
func (s *Separated) GroupEffect(outcome, group string) (iv.Coefficient, error) {
	fit, err := s.Fit(outcome)
	if err != nil {
		return iv.Coefficient{}, err
	}
	return groupEffect(outcome, group, s.Groups, fit.effects())
}

// effects are those in each group.
func (f *SeparateFit) effects() (list []iv.Coefficient) {
	for _, g := range f.Groups {
		list = append(list, g.Effect)
	}
	return list
}

// Effects lists the effects in the order of the outcomes and, within an outcome, of the groups.
func (s *Separated) Effects() (list []iv.Coefficient) {
	for i := range s.Fits {
		list = append(list, s.Fits[i].effects()...)
	}
	return list
}

// Notes says, in sentences for the foot of a table, how standard errors were computed in each group.
func (s *Separated) Notes() (notes []string) {
	for k, label := range s.Groups {
		var models []*iv.Result
		for _, f := range s.Fits {
			models = append(models, f.Groups[k].Model)
		}
		for _, note := range brief.Notes(models) {
			notes = append(notes, label+": "+note)
		}
	}
	return notes
}

// With is the result with another covariance, computed without the rows (see iv.Result.With): effects, first stages,
// their strength, Anderson-Rubin sets and tests change with it.
func (s *Separated) With(cov iv.Covariance) (*Separated, error) {
	changed := *s
	changed.Fits, changed.agreeing = make([]SeparateFit, len(s.Fits)), make([]*iv.Result, len(s.agreeing))
	for i, f := range s.Fits {
		changed.Fits[i].Outcome = f.Outcome
		for _, g := range f.Groups {
			model, err := g.Model.With(cov)
			if err != nil {
				return nil, inGroup(g.Group, err)
			}
			fit, err := s.design.separateFit(g.Group, model)
			if err != nil {
				return nil, err
			}
			changed.Fits[i].Groups = append(changed.Fits[i].Groups, fit)
		}
	}
	for i, model := range s.agreeing {
		var err error
		if changed.agreeing[i], err = model.With(cov); err != nil {
			return nil, err
		}
	}
	changed.test()
	return &changed, nil
}

// inGroup says in which group a model could not be estimated.
func inGroup(label string, err error) error {
	var e *fieldexp.Error
	if !errors.As(err, &e) {
		return err
	}
	return &fieldexp.Error{Op: "hetero", Problem: fieldexp.GroupModel, Group: label, Columns: e.Columns, Count: e.Count, Err: err,
		Message: fmt.Sprintf("in group %s: %s", label, e.Message), Remedy: append(slices.Clone(e.Remedy), fewerGroups)}
}

// separateFit reads the model of a group.
func (d *design) separateFit(label string, model *iv.Result) (GroupModelFit, error) {
	fit := GroupModelFit{Group: label, Model: model}
	if !slices.Contains(model.Terms, d.regressor) {
		return fit, &fieldexp.Error{Op: "hetero", Problem: fieldexp.GroupModel, Group: label,
			Columns: []string{d.regressor},
			Message: fmt.Sprintf("in group %s nothing is left of %q beside controls and effects", label, d.regressor),
			Remedy:  []fieldexp.Hint{fewerGroups}}
	}
	var err error
	if fit.Effect, err = model.Coefficient(d.regressor); err != nil {
		return fit, err
	}
	if fit.FirstStage, err = model.FirstStages[0].Coefficient(d.exposure); err != nil {
		return fit, err
	}
	fit.Effect.Name, fit.FirstStage.Name = "impact on "+label, "first stage in "+label
	fit.Strength, fit.AndersonRubin = model.EffectiveF(), model.AndersonRubinSet()
	return fit, nil
}

// String is a plain summary.
func (s *Separated) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Effects of %s in separate models of the groups\n", s.Regressor)
	for _, f := range s.Fits {
		for _, g := range f.Groups {
			fmt.Fprintf(&b, "%s, %s: %s; first stage %s (%s), effective F %s; %g%% Anderson-Rubin set %s\n", f.Outcome, g.Effect.Name, estimated(g.Effect),
				brief.Number(g.FirstStage.Estimate), brief.Number(g.FirstStage.SE), brief.Number(g.Strength.Statistic), 100*g.AndersonRubin.Level, g.AndersonRubin)
		}
		fmt.Fprintf(&b, "%s, equal effects (J): %s\n", f.Outcome, judged(f.Equality))
	}
	for _, g := range s.Fits[0].Groups {
		fmt.Fprintf(&b, "In %s: %s rows; %s\n", g.Group, brief.Count(g.Model.N), g.Model.Notes()[0])
	}
	return b.String()
}
