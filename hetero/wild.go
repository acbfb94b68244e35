package hetero

import (
	"context"
	"fmt"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/bootstrap"
	"github.com/fieldexp/fieldexp/internal/brief"
)

// Wild holds wild cluster bootstrap tests of effects by group. Its fields are for reading.
type Wild struct {
	// Regressor is the column whose effects are tested: the exposure to assignment, even where the
	// result is about usage (see Result.Wild).
	Regressor string
	Groups    []string
	Fits      []WildFit // one for each outcome
}

// WildFit holds the tests of one outcome.
type WildFit struct {
	Outcome string
	Impacts []*bootstrap.WildResult // that the effect in a group is zero
	// Equality tests that the effect is the same in all groups, and Trend that it neither rises
	// nor falls with the group (see Fit.Trend).
	Equality, Trend *bootstrap.WildResult
}

// Wild tests by the wild cluster bootstrap, restricted unless the spec says otherwise, that the effect
// is zero in each group, that it is the same in all, and that it has no trend. The draws are common
// to all groups and outcomes, so that Wild.StepDown can adjust for their number; outcomes that are missing
// in some clusters have the weights of theirs. The spec's Term, Value and Null are not used.
//
// Period effects cross the clusters, and have to be among the columns: estimate with the Covariance
// iv.CR2 (or CR3, Jackknife), which keeps them, whatever is printed afterwards.
//
// For effects of usage the tests are those of the reduced form, the effects of assignment in the groups:
// assignment that changes nothing in a group is usage without effect there, and the test has its level
// however weak the first stage. Equal effects of assignment are not equal effects of usage, though, where
// groups use it unequally: Equality and Trend are nil then. WildAgreement tests that, as do Fit.Equality with
// iv.CR2 and SeparateFit.Equality.
//
// The error is a *fieldexp.Error, also for a spec that names a hypothesis, or that of ctx.
func (r *Result) Wild(ctx context.Context, spec bootstrap.WildSpec) (*Wild, error) {
	if err := nothingNamed(spec); err != nil {
		return nil, err
	}
	d := r.design
	list := r.hypotheses()
	results, err := bootstrap.WildAll(ctx, list, spec)
	if err != nil {
		return nil, err
	}
	w := &Wild{Regressor: d.exposure, Groups: r.Groups}
	each := len(list) / len(r.Fits)
	for i, f := range r.Fits {
		tests := results[i*each : (i+1)*each]
		fit := WildFit{Outcome: f.Outcome, Impacts: tests[:len(r.Groups)]}
		for k, test := range fit.Impacts {
			test.Null = fmt.Sprintf("%s has no effect in %s", d.exposure, r.Groups[k])
		}
		if d.usages == nil {
			fit.Equality, fit.Trend = tests[each-2], tests[each-1]
			fit.Equality.Null, fit.Trend.Null = f.Equality.Null, "the effects have no trend from group to group"
		}
		w.Fits = append(w.Fits, fit)
	}
	return w, nil
}

// hypotheses lists those of each outcome: no effect in a group and, for effects of assignment,
// equality and no trend.
func (r *Result) hypotheses() (list []bootstrap.Hypothesis) {
	d := r.design
	for i := range r.Fits {
		model := r.Fits[i].Model
		if d.usages != nil {
			model = model.ReducedForm
		}
		for _, term := range d.exposures {
			list = append(list, bootstrap.Hypothesis{Result: model, Null: []bootstrap.Restriction{{Term: term}}})
		}
		if d.usages != nil {
			continue
		}
		var equal []bootstrap.Restriction
		for _, term := range d.exposures[1:] {
			equal = append(equal, bootstrap.Restriction{Combination: map[string]float64{term: 1, d.exposures[0]: -1}})
		}
		list = append(list, bootstrap.Hypothesis{Result: model, Null: equal},
			bootstrap.Hypothesis{Result: model, Null: []bootstrap.Restriction{{Combination: slope(d.exposures)}}})
	}
	return list
}

// StepDown holds p-values of the effects in all groups on all outcomes that allow for their number.
type StepDown struct {
	Outcomes, Groups []string
	P                [][]float64 // adjusted: by outcome, then group
	Unadjusted       [][]float64 // of each alone, from the same draws
	Result           *bootstrap.StepResult
}

// StepDown adjusts the tests of the groups' effects, over groups times outcomes, by the step-down
// procedure of Romano and Wolf (2005, 2016) or of Westfall and Young (1993): the adjusted p-value of an
// effect is the chance that any of those not yet rejected would look as strong if none were there. It
// is R's wildrwolf. The method is that of the spec; how p-values are counted is the draws'.
func (w *Wild) StepDown(method bootstrap.StepMethod) (*StepDown, error) {
	var observed []float64
	var draws [][]float64
	s := &StepDown{Groups: w.Groups}
	first := w.Fits[0].Impacts[0]
	for _, f := range w.Fits {
		s.Outcomes = append(s.Outcomes, f.Outcome)
		for _, test := range f.Impacts {
			observed = append(observed, test.Statistic)
			draws = append(draws, test.Statistics)
		}
	}
	var err error
	s.Result, err = bootstrap.StepDown(observed, draws, bootstrap.StepSpec{Method: method,
		PRule: first.Spec.PRule, Ties: first.Spec.Ties, Enumerated: first.Counts.Enumerated})
	if err != nil {
		return nil, err
	}
	for i, n := 0, len(w.Groups); i < len(w.Fits); i++ {
		s.P = append(s.P, s.Result.P[i*n:(i+1)*n])
		s.Unadjusted = append(s.Unadjusted, s.Result.Unadjusted[i*n:(i+1)*n])
	}
	return s, nil
}

// Notes says, for the foot of a table, how p-values were adjusted.
func (s *StepDown) Notes() []string {
	if s.Result == nil {
		return nil
	}
	return []string{fmt.Sprintf("P-values adjusted for %s in %s by %s, stepping down over %s common to all.",
		counted(len(s.Outcomes), "outcome"), counted(len(s.Groups), "group"), s.Result.Spec.Method, counted(s.Result.Draws, "draw"))}
}

// Notes says, for the foot of a table, how p-values were computed.
func (w *Wild) Notes() []string {
	if len(w.Fits) == 0 {
		return nil
	}
	return w.Fits[0].Impacts[0].Notes()
}

// Fit is the tests of an outcome. The error names the outcomes that there are.
func (w *Wild) Fit(outcome string) (*WildFit, error) {
	names := make([]string, len(w.Fits))
	for i := range w.Fits {
		if w.Fits[i].Outcome == outcome {
			return &w.Fits[i], nil
		}
		names[i] = w.Fits[i].Outcome
	}
	return nil, noOutcome(outcome, names)
}

// String is a plain summary of the tests.
func (w *Wild) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Effects of %s by group: wild cluster bootstrap\n", w.Regressor)
	for _, f := range w.Fits {
		for k, test := range f.Impacts {
			fmt.Fprintf(&b, "%s, impact on %s: %s, t %s, p %s", f.Outcome, w.Groups[k], brief.Number(test.Estimate), brief.Number(test.Statistic), brief.P(test.P))
			if test.Set.Reason == "" {
				fmt.Fprintf(&b, ", %g%% set %s", 100*test.Level, brief.Set(test.Set))
			}
			b.WriteString("\n")
		}
		if f.Equality != nil {
			fmt.Fprintf(&b, "%s, equal effects: F %s, p %s; no trend: t %s, p %s\n", f.Outcome,
				brief.Number(f.Equality.Statistic), brief.P(f.Equality.P), brief.Number(f.Trend.Statistic), brief.P(f.Trend.P))
		}
	}
	writeRemarks(&b, w.Notes(), w.warnings())
	return b.String()
}

// warnings are those of all tests, each once.
func (w *Wild) warnings() (list []fieldexp.Warning) {
	for _, f := range w.Fits {
		for _, test := range append(f.Impacts[:len(f.Impacts):len(f.Impacts)], f.Equality, f.Trend) {
			if test == nil {
				continue
			}
			for _, warning := range test.Warnings {
				list = brief.AddWarning(list, warning)
			}
		}
	}
	return list
}
