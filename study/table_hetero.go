package study

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/hetero"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/late"
	"github.com/fieldexp/fieldexp/report"
)

// heteroTable shows effects by group of the baseline: the effect in the first group, what each
// other adds, the effect in each, and the checks.
var heteroTable = tableKind{
	keys:  append([]string{"effect", "time_effects", "splits", "predict"}, ofModels...),
	needs: groups,
	check: func(s *Study, t *TableSpec) error {
		if err := checkSplits(s, t); err != nil {
			return err
		}
		if t.TimeEffects != "group" && s.crossSection() && !(s.ready() && t.Period != "") {
			return refuse(fmt.Sprintf("effects of periods (%s), and no column of times is named", t.TimeEffects), "name it in {Roles.Time}", "leave {TableSpec.TimeEffects} out")
		}
		return nil
	},
	plan: func(p *plan, t *TableSpec) {
		for _, k := range p.study.groupKeys(t) {
			p.model(k, t.Outcomes)
			if t.Splits > 0 {
				p.average(k.period, p.study.Baseline.Column)
				p.fix(t.Predict...)
			}
		}
	},
	build: func(ctx context.Context, r *run, t *TableSpec) ([]*Table, error) {
		var tables []*Table
		for _, k := range r.study.groupKeys(t) {
			build := r.groupTable
			if t.Splits > 0 {
				build = r.splitTable
			}
			table, err := build(ctx, k, t)
			if err != nil {
				return nil, err
			}
			tables = append(tables, table...)
		}
		if len(tables) == 2 {
			tables[1].ID += common
			tables[1].Number += ", common"
			tables[1].Title += " (period effects common to all groups)"
		}
		return tables, nil
	},
}

// groupKeys are the models of a hetero table: one, or one for each layout of time effects.
func (s *Study) groupKeys(t *TableSpec) []modelKey {
	k := s.key(ofUsageByGroup, t)
	if t.Effect == "itt" {
		k.method = ofAssignmentByGroup
	}
	k.common = t.TimeEffects == "common"
	if t.TimeEffects != "both" {
		return []modelKey{k}
	}
	common := k
	common.common = true
	return []modelKey{k, common}
}

// groupTable lays out one model by group.
func (r *run) groupTable(ctx context.Context, k modelKey, t *TableSpec) ([]*Table, error) {
	s := r.study
	fitted, err := r.fit(ctx, k, t.Outcomes)
	if err != nil {
		return nil, err
	}
	var fits []*hetero.Fit
	var columns []report.RegressionColumn
	var warnings []fieldexp.Warning
	var effects []*testedEffect
	var result *hetero.Result
	for _, name := range t.Outcomes {
		result = fitted.groups[name]
		fit, err := result.Fit(s.outcome(name).column(k))
		if err != nil {
			return nil, err
		}
		fits, warnings = append(fits, fit), append(warnings, fit.Warnings...)
		effects = append(effects, groupEffects(result, fit)...)
	}
	var tests groupTests
	notes, more, err := r.judge(ctx, k, t.Outcomes, effects, judgeMore{groups: &tests})
	if err != nil {
		return nil, err
	}
	each := len(result.Groups)
	for i, name := range t.Outcomes {
		of := effects[i*each : (i+1)*each]
		columns = append(columns, groupColumnOf(fits[i], of...))
		r.recordGroups(t.Number, name, k, fits[i], of)
		tests.addTests(&r.out.Fits[len(r.out.Fits)-1], i)
	}
	opt := s.regressionOptions(k, t)
	opt.Terms, opt.Statistics = groupRows(s.regressor(k), s.Words.Unit+"s", result.Groups, fits, k.common)
	opt.Statistics = append(opt.Statistics, tests.Rows()...)
	opt.Notes = append([]string{r.designNote(k)}, r.groupNotes(k, result)...)
	opt.Notes = append(opt.Notes, sharesNote(k, result.Groups, fits))
	if d := fits[0].Consistency.Difference; d.SE == 0 && d.Reason == "" {
		opt.Notes = append(opt.Notes, "Here the two are the same whatever the data, so that the comparison says nothing.")
	}
	opt.Notes = append(opt.Notes, weakGroupsNote(fits, "a table of kind weak-groups")...)
	table, err := r.regression(t, k, columns, opt)
	if err != nil {
		return nil, err
	}
	return r.finish(table, t, append(notes, r.warn(t, append(warnings, more...), columns)...)...), nil
}

// regressor names what the effects by group are of.
func (s *Study) regressor(k modelKey) string {
	if k.method == ofUsageByGroup {
		return capital(s.label(s.Roles.Usage))
	}
	return capital(s.label(s.Roles.Assignment))
}

// groupEffects are the effects in each group, to be judged.
func groupEffects(result *hetero.Result, fit *hetero.Fit) []*testedEffect {
	effects := make([]*testedEffect, len(fit.Impacts))
	for g, c := range fit.Impacts {
		effects[g] = &testedEffect{Fit: fit.Model, Term: result.Regressor + " in " + result.Groups[g], Name: c.Name}
	}
	return effects
}

// groupColumnOf is the column of a table of effects by group, with the evidence on the effects in the
// groups.
func groupColumnOf(fit *hetero.Fit, effects ...*testedEffect) report.RegressionColumn {
	c := fit.Consistency
	return report.RegressionColumn{Result: fit.Model, Below: linesBeneath(effects), Coefficients: slices.Concat(
		[]iv.Coefficient{fit.Base}, fit.Interactions, fit.Impacts, []iv.Coefficient{fit.Trend, c.Average, c.Pooled})}
}

// groupRows are the rows of a table of effects by group: the effect in the base group and the
// differences from it, the effects in each group, what compares them with the whole, and the
// p-values of the comparisons.
func groupRows(regressor, units string, labels []string, fits []*hetero.Fit, common bool) ([]report.Term, []report.Row) {
	fit := fits[0] // names are the same in all
	terms := []report.Term{{Name: fit.Base.Name, Label: regressor}}
	for g, c := range fit.Interactions {
		terms = append(terms, report.Term{Name: c.Name, Label: regressor + " × " + labels[g+1]})
	}
	for g, c := range fit.Impacts {
		terms = append(terms, report.Term{Name: c.Name, Label: fmt.Sprintf("Impact on %s %s", labels[g], units), Panel: "Impact by group"})
	}
	terms = append(terms,
		report.Term{Name: fit.Trend.Name, Label: "Trend per group", Panel: "Across groups"},
		report.Term{Name: fit.Consistency.Average.Name, Label: "Share-weighted average", Panel: "Across groups"},
		report.Term{Name: fit.Consistency.Pooled.Name, Label: "Pooled effect", Panel: "Across groups"})
	return terms, checkRows(fits, common)
}

// weakGroupsNote says, of effects of usage by group, where t-tests are not to be trusted, and what shows sets that
// are.
func weakGroupsNote(fits []*hetero.Fit, shows string) []string {
	lowest := math.Inf(1)
	for _, fit := range fits {
		for _, g := range fit.Groups {
			if g.FirstStageF.Null != "" {
				lowest = min(lowest, g.FirstStageF.Statistic)
			}
		}
	}
	if !(lowest < late.TrustedF) {
		return nil
	}
	return []string{fmt.Sprintf("First stages of single groups are as weak as F = %s, and a t-test has its level for certain from %g on: %s has Anderson-Rubin sets of each group.",
		brief.Number(lowest), late.TrustedF, shows)}
}

// checkRows are the p-values that compare the groups with each other and with the whole.
func checkRows(fits []*hetero.Fit, common bool) []report.Row {
	equality, difference := report.Row{Label: "p, equal effects"}, report.Row{Label: "p, average = pooled"}
	drift := report.Row{Label: "p, common = own period effects"}
	for _, fit := range fits {
		c := fit.Consistency
		equality.Cells = append(equality.Cells, pValue(fit.Equality))
		same := report.Label("same") // one estimate, whatever the data
		if c.Difference.Reason != "" {
			same = report.Missing(c.Difference.Reason)
		} else if c.Difference.SE > 0 {
			same = report.Probability(c.Difference.P)
		}
		difference.Cells = append(difference.Cells, same)
		drift.Cells = append(drift.Cells, pValue(c.Drift))
	}
	if !common {
		return []report.Row{equality, difference}
	}
	return []report.Row{equality, difference, drift}
}

// cutNote says how groups were cut.
func (r *run) cutNote(lowest string) string {
	s := r.study
	if r.groups == nil {
		return fmt.Sprintf("Groups are the values of %s.", brief.InSentence(s.Baseline.Label))
	}
	over := "all " + s.Words.Unit + "s"
	if s.Baseline.Over == "controls" {
		over = "the controls"
	}
	sizes := make([]string, len(r.groups.Units))
	for i, n := range r.groups.Units {
		sizes[i] = brief.Count(n)
	}
	return fmt.Sprintf("Groups are quantile groups of %s, %s the lowest, cut over %s (%s %ss); %s have no baseline.",
		or(r.grouped, brief.InSentence(s.Baseline.Label)), lowest, over, strings.Join(sizes, ", "), s.Words.Unit, brief.Count(r.groups.Without))
}

// groupNotes say how groups were cut and which period effects they have.
func (r *run) groupNotes(k modelKey, result *hetero.Result) []string {
	notes := []string{r.cutNote(result.Groups[0])}
	switch {
	case result.Period == "":
	case k.common:
		notes = append(notes, fmt.Sprintf("The %s effects are common to all groups: the treated of a group are compared with the controls of every group, which takes regression to the mean for heterogeneity.", result.Period))
	default:
		notes = append(notes, fmt.Sprintf("Each group has its own %s effects: the treated of a group are compared with its own controls.", result.Period))
	}
	return notes
}

// sharesNote says how the groups' effects are weighted in their average, over all outcomes, and what it is compared with.
func sharesNote(k modelKey, groups []string, fits []*hetero.Fit) string {
	of := "of the variation of assignment"
	if k.method == ofUsageByGroup {
		of = "of the first stage, the usage that assignment brought about"
	}
	weights := make([]string, len(groups))
	for g, label := range groups {
		low, high := math.Inf(1), math.Inf(-1)
		for _, fit := range fits {
			share := 100 * fit.Consistency.Shares[g]
			low, high = min(low, share), max(high, share)
		}
		weights[g] = fmt.Sprintf("%s %.1f%%", label, low)
		if from := fmt.Sprintf("%.1f", low); from != fmt.Sprintf("%.1f", high) {
			weights[g] = fmt.Sprintf("%s %s to %.1f%%", label, from, high)
		}
	}
	return fmt.Sprintf("The share-weighted average weighs the groups' effects by their parts %s, that controls and absorbed effects leave: %s. "+
		"It is compared with the pooled effect, which a model without groups has over the same rows.", of, strings.Join(weights, ", "))
}

// recordGroups keeps a model by group for the output.
func (r *run) recordGroups(table, outcome string, k modelKey, fit *hetero.Fit, effects []*testedEffect) {
	f := newGroupFit(r.opt.Words, outcome, fit)
	for _, e := range effects {
		f.add(e)
	}
	f.Table, f.TimeEffects = table, hetero.GroupSpecific.String()
	if k.common {
		f.TimeEffects = hetero.Common.String()
	}
	r.out.Fits = append(r.out.Fits, f)
}
