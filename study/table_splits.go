package study

import (
	"context"
	"fmt"
	"slices"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/report"
)

// mostSplits is how many splits there are at most.
const mostSplits = 10_000

// checkSplits refuses splits that the study's design does not allow.
func checkSplits(s *Study, t *TableSpec) error {
	switch {
	case t.Splits < 0:
		return refuse(fmt.Sprintf("%d splits", t.Splits), "ask for one or more in {TableSpec.Splits}, of which each is used both ways")
	case t.Splits > mostSplits:
		return refuse(fmt.Sprintf("%d splits", t.Splits), fieldexp.Hint(fmt.Sprintf("ask for at most %d in {TableSpec.Splits}; 20 are enough for most", mostSplits)))
	case t.Splits == 0 && len(t.Predict) > 0:
		return refuse("columns that predict the baseline are of splits, in which one part of the controls predicts that of the others", "ask for 20 in {TableSpec.Splits}", "leave {TableSpec.Predict} out")
	case t.Splits == 0:
		return nil
	case len(t.Predict) == 0 && s.Launch.IsZero():
		return refuse("splits halve what was before the launch, and there is none", "name its date in {Launch}", "name columns in {TableSpec.Predict}, to group units by a prediction", "leave {TableSpec.Splits} out")
	case s.Baseline.Over == "controls":
		return refuse("splits cut groups over all units", "leave {Baseline.Over} out")
	case s.Roles.Unit == "":
		return refuse("splits are of units, and no column of units is named", "name it in {Roles.Unit}")
	case len(s.Model.Cluster) > 1:
		return refuse("splits are joined by the clusters that they have in common", "name one column in {Model.Cluster}")
	}
	return nil
}

// splitTable lays out effects by group, averaged over splits of the data.
func (r *run) splitTable(ctx context.Context, k modelKey, t *TableSpec) ([]*Table, error) {
	s := r.study
	frame, err := r.sample(k)
	if err != nil {
		return nil, err
	}
	baseline := s.Baseline.Column
	if frame, err = r.withUnits(frame, append(slices.Clone(t.Predict), baseline)); err != nil {
		return nil, err
	}
	spec := hetero.SplitSpec{Spec: r.groupSpec(k, r.spec(k, t.Outcomes)), Unit: s.Roles.Unit, Baseline: baseline, Covariates: t.Predict,
		N: s.Baseline.Groups, Splits: t.Splits, Seed: uint64(s.Inference.Seed)}
	spec.Group = ""
	spec.Progress = func(done, total int) { r.opt.Progress("splitting", int64(done), int64(total)) }
	result, err := hetero.SplitEstimate(ctx, frame, spec)
	if err != nil {
		return nil, err
	}
	quiet := *result
	quiet.Warnings = nil // the study words them
	g := report.SplitGroups{Words: r.opt.Words, Number: t.Number, Title: t.Title, Result: &quiet, Digits: t.Digits, Label: s.treatmentLabel, Notes: []string{r.designNote(k)}}
	for i, name := range t.Outcomes {
		g.Headers = append(g.Headers, s.outcome(name).Label)
		f := newSplitFit(r.opt.Words, name, result, &result.Fits[i])
		f.Table = t.Number
		r.out.Fits = append(r.out.Fits, f)
	}
	table, err := g.Table()
	if err != nil {
		return nil, err
	}
	return r.finish(&Table{ID: t.Number, Table: table, Outcomes: t.Outcomes}, t, r.warn(t, result.Warnings, nil)...), nil
}

// withUnits is a panel with columns of its units that it does not have yet.
func (r *run) withUnits(f *data.Frame, columns []string) (*data.Frame, error) {
	var missing []string
	for _, c := range columns {
		if !f.Has(c) {
			missing = append(missing, c)
		}
	}
	if len(missing) == 0 {
		return f, nil
	}
	rows, err := r.join(f)
	if err != nil {
		return nil, err
	}
	f = f.Clone()
	for _, c := range missing {
		if err := copyColumn(f, r.units, c, rows); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// newSplitFit describes effects by group that are averaged over splits. The name of the outcome may be one that
// people know it by; empty stands for the column's own.
func newSplitFit(words fieldexp.Words, outcome string, r *hetero.SplitResult, fit *hetero.SplitFit) Fit {
	f := Fit{Outcome: or(outcome, fit.Outcome), Estimator: "average over splits", Clusters: map[string]int{}, SE: r.Spec.Covariance.Kind.String(),
		Factor: Number(missing), R2: Number(missing), TimeEffects: r.TimeEffects.String(), Warnings: []string{}, Dropped: Dropped{Collinear: []string{}},
		Tests: []Test{newTest(fit.Equality)}}
	f.Impacts = append(f.Impacts, newTerm(fit.Base))
	for _, c := range slices.Concat(fit.Interactions, fit.Impacts) {
		f.Impacts = append(f.Impacts, newTerm(c))
	}
	f.Impacts = append(f.Impacts, newTerm(fit.Trend))
	for _, w := range r.Warnings {
		f.addWarning(w.In(words))
	}
	return f
}
