package study

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/internal/parallel"
	"github.com/fieldexp/fieldexp/itt"
	"github.com/fieldexp/fieldexp/iv"
	"github.com/fieldexp/fieldexp/report"
)

// balanceTable compares variables between the arms before treatment: those of units over the
// units, the others over the events before the launch.
var balanceTable = tableKind{
	instants: true,
	keys:     []string{"variables"},
	needs:    units,
	arms:     true,
	check: func(s *Study, t *TableSpec) error {
		if s.Roles.Unit == "" && !s.crossSection() {
			return refuse("a balance table without units", "name their column in {Roles.Unit}")
		}
		return nil
	},
	plan: func(p *plan, t *TableSpec) { p.halve(p.balanceVariables(t)...) },
	build: func(ctx context.Context, r *run, t *TableSpec) ([]*Table, error) {
		s := r.study
		table := s.newTable(t)
		table.Unnumbered, table.Stub = true, "Variable"
		table.Columns = []report.Column{{Header: r.arms[0]}}
		for arm := 1; arm < len(r.arms); arm++ {
			table.Columns = append(table.Columns, report.Column{Header: r.armLabel(arm)}, report.Column{Header: "Difference"}, report.Column{Header: "p"})
		}
		table.Columns = append(table.Columns, report.Column{Header: "N"})
		variables, passed, err := r.levelsOf(r.plan.balanceVariables(t))
		if err != nil {
			return nil, err
		}
		rows, joint, err := r.balance(ctx, variables)
		if err != nil {
			return nil, err
		}
		ofUnits := report.Section{Title: s.Words.units()}
		ofEvents := report.Section{Title: s.Words.events() + " before the launch"}
		var fits []*iv.Result
		for _, v := range variables {
			section, row := &ofUnits, rows[v]
			if !r.plan.ofUnit(v) {
				section = &ofEvents
			}
			section.Rows = append(section.Rows, balanceRow(s.label(v), row, len(r.arms)))
			if row.Fit != nil {
				fits = append(fits, row.Fit)
				fit := row.Fit
				if !r.plan.ofUnit(v) {
					fit = countingEvents(fit, r.eventsBefore)
				}
				r.record(t.Number, "ols", v, fit)
			}
		}
		for _, section := range []report.Section{ofUnits, ofEvents} {
			if len(section.Rows) > 0 {
				table.Sections = append(table.Sections, section)
			}
		}
		cells := slices.Concat(make([]report.Cell, len(table.Columns)-3), []report.Cell{statistic(joint.Joint), pValue(joint.Joint), report.Count(joint.JointN)})
		table.Sections = append(table.Sections, report.Section{Rows: []report.Row{{Label: "Joint F over " + s.Words.Unit + "s, p", Cells: cells}}})
		table.Notes = append(table.Notes, "Means by arm; the difference and its standard error are from a regression on "+brief.InSentence(s.label(s.Roles.Assignment))+".")
		if len(ofEvents.Rows) > 0 {
			table.Notes = append(table.Notes, capital(s.Words.Event)+"s count once each, with standard errors clustered by "+strings.Join(s.labels(r.unitClusters()), " and ")+".")
		}
		if len(passed) > 0 {
			table.Notes = append(table.Notes, fmt.Sprintf("Not compared, as they are text of more than %d levels: %s.", mostLevels, strings.Join(s.labels(passed), ", ")))
		}
		if len(fits) > 0 {
			table.Notes = append(table.Notes, brief.Notes(fits[:1])[0])
		}
		return r.finish(table, t), nil
	},
}

// balanceVariables are the variables asked for or, where none is, the fixed columns of units and,
// with a launch, the outcomes before it.
func (p *plan) balanceVariables(t *TableSpec) []string {
	if len(t.Variables) > 0 {
		return t.Variables
	}
	s := p.study
	variables := with(nil, s.Roles.Fixed...)
	if s.Launch.IsZero() {
		variables = with(variables, s.Controls.Current...)
	}
	variables = slices.DeleteFunc(variables, func(c string) bool { return c == s.Roles.Assignment })
	if s.Launch.IsZero() {
		return variables
	}
	for _, o := range s.Outcomes {
		if o.Column != "" {
			variables = with(variables, o.Column)
		}
	}
	return with(variables, s.Controls.Lagged...)
}

// mostLevels is how many levels a column of text has at most to be compared between arms.
const mostLevels = 10

// levelsOf puts, in the place of columns of text of the units, indicators of all their levels but the first, which are
// added to the units. Columns with too many are passed over.
func (r *run) levelsOf(variables []string) (list, passed []string, err error) {
	for _, v := range variables {
		if kind, err := r.units.Kind(v); !r.plan.ofUnit(v) || err != nil || kind != data.Categorical {
			list = append(list, v)
			continue
		}
		codes, levels, err := r.units.Codes(v)
		if err != nil {
			return nil, nil, err
		}
		var seen []string
		for level, n := range parallel.Count(codes, len(levels)) {
			if n > 0 {
				seen = append(seen, levels[level])
			}
		}
		if len(seen) > mostLevels {
			passed = append(passed, v)
			continue
		}
		slices.Sort(seen)
		for _, level := range seen[min(1, len(seen)):] {
			name := v + ": " + level
			if !r.units.Has(name) {
				if err := (data.Derivation{Name: name, Op: data.OpIndicator, Columns: []string{v}, Quoted: true, Text: level}).Apply(r.units); err != nil {
					return nil, nil, err
				}
			}
			list, r.plan.fixed = append(list, name), with(r.plan.fixed, name)
		}
	}
	return list, passed, nil
}

// balance compares variables between the arms: those of events over the events, and all over the units, which tests
// that together they do not predict assignment.
func (r *run) balance(ctx context.Context, variables []string) (rows map[string]itt.BalanceRow, overUnits *itt.BalanceResult, err error) {
	spec := r.balanceSpec()
	var ofEvents []string
	for _, v := range variables {
		if r.plan.ofUnit(v) {
			spec.Variables = append(spec.Variables, v)
		} else {
			spec.Variables, ofEvents = append(spec.Variables, beforeOf(v)), append(ofEvents, v)
		}
	}
	if overUnits, err = itt.Balance(ctx, r.units, spec); err != nil {
		return nil, nil, err
	}
	rows = make(map[string]itt.BalanceRow)
	for i, v := range variables {
		rows[v] = overUnits.Rows[i]
	}
	batches, err := byWeights(r.units, ofEvents, func(v string) []string { return []string{nBeforeOf(v)} })
	if err != nil {
		return nil, nil, err
	}
	for _, batch := range batches {
		spec.Variables, spec.Weights, spec.WeightKind = nil, nBeforeOf(batch[0]), iv.Frequency
		for _, v := range batch {
			spec.Variables = append(spec.Variables, beforeOf(v))
		}
		result, err := itt.Balance(ctx, r.units, spec)
		if err != nil {
			return nil, nil, err
		}
		for i, v := range batch {
			rows[v] = result.Rows[i]
		}
	}
	return rows, overUnits, nil
}

// balanceSpec compares variables over the units.
func (r *run) balanceSpec() itt.BalanceSpec {
	s := r.study
	spec := itt.BalanceSpec{Spec: itt.Spec{Assignment: s.Roles.Assignment, ControlArm: s.Roles.ControlArm, Level: s.Model.Level}}
	if s.crossSection() {
		weights, _ := parseWeightKind(s.Model.WeightsKind)
		spec.Absorb, spec.Cluster = iv.Effects(s.Model.Absorb...), s.Model.Cluster
		spec.Weights, spec.WeightKind = s.Model.Weights, weights
	} else {
		spec.Cluster = r.unitClusters()
	}
	return spec
}

// unitClusters are the clusters of comparisons of units: those of the study's models where each unit is in one, as in sites
// that were assigned whole, and else the units.
func (r *run) unitClusters() []string {
	clusters := r.study.Model.Cluster
	if len(clusters) > 0 && !slices.ContainsFunc(clusters, func(c string) bool { return !r.units.Has(c) }) {
		return clusters
	}
	return []string{r.study.Roles.Unit}
}

// balanceRow is the comparison of a variable between arms.
func balanceRow(label string, row itt.BalanceRow, arms int) report.Row {
	var cells []report.Cell
	for arm := range arms {
		m := row.Arms[arm]
		cells = append(cells, number(m.Mean, m.N > 0, "an arm has no value"))
		switch {
		case arm == 0:
		case row.Reason != "":
			cells = append(cells, report.Missing(row.Reason), report.Missing(row.Reason))
		default:
			d := row.Differences[arm-1]
			cells = append(cells, estimate(d), report.Probability(d.P))
		}
	}
	return report.Row{Label: label, Cells: append(cells, report.Count(row.N))}
}
