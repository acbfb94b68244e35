package study

import (
	"context"
	"fmt"

	"github.com/fieldexp/fieldexp/late"
	"github.com/fieldexp/fieldexp/report"
)

// compliersTable says whose effect an effect of usage is. Where usage is 0 or 1 in all cells it accounts for
// compliers, always-takers and never-takers, and describes them by variables if any are named; where it
// has more levels, it says how the effect per unit weighs them.
var compliersTable = tableKind{
	keys:  append([]string{"variables"}, ofModels...),
	needs: usage,
	arms:  true,
	plan: func(p *plan, t *TableSpec) {
		p.model(p.study.key(ofUsage, t), t.Outcomes)
		p.fix(t.Variables...)
	},
	build: func(ctx context.Context, r *run, t *TableSpec) ([]*Table, error) {
		s := r.study
		k := s.key(ofUsage, t)
		frame, err := r.sample(k)
		if err != nil {
			return nil, err
		}
		fitted, err := r.fit(ctx, k, t.Outcomes)
		if err != nil {
			return nil, err
		}
		result := fitted.usage[t.Outcomes[0]]
		spec := late.Spec{Spec: r.spec(k, t.Outcomes), Usage: s.Roles.Usage}
		spec.Covariance = jointly(spec.Covariance)
		var results []*late.Result
		for _, name := range t.Outcomes {
			results = append(results, fitted.usage[name])
		}
		notes := []string{r.designNote(k), s.sharesNote(k, results, t.Outcomes)}
		if !result.Shares.Binary {
			if len(t.Variables) > 0 {
				return nil, refuse("compliers can be described where usage is 0 or 1 in every row, and here it has more levels", "leave {TableSpec.Variables} out")
			}
			response, err := late.ResponseWeights(ctx, frame, spec)
			if err != nil {
				return nil, err
			}
			table, err := report.ResponseWeights{Number: t.Number, Title: t.Title, Response: response, Digits: t.Digits, Notes: notes}.Table()
			if err != nil {
				return nil, err
			}
			return r.withNeverTakers(ctx, k, t, spec, r.finish(&Table{ID: t.Number, Table: table}, t))
		}
		accounting, err := late.Account(ctx, frame, spec)
		if err != nil {
			return nil, err
		}
		c := report.Compliers{Number: t.Number, Title: t.Title, Accounting: accounting, Digits: t.Digits, Notes: notes}
		for _, name := range t.Outcomes {
			c.Headers = append(c.Headers, s.outcome(name).Label)
		}
		table, err := c.Table()
		if err != nil {
			return nil, err
		}
		tables := r.finish(&Table{ID: t.Number, Table: table, Outcomes: t.Outcomes}, t)
		if len(t.Variables) > 0 {
			who, err := r.describeCompliers(ctx, k, t, spec)
			if err != nil {
				return nil, err
			}
			tables = append(tables, who...)
		}
		return r.withNeverTakers(ctx, k, t, spec, tables)
	},
}

// withNeverTakers adds the contrast of never-takers with controls to the tables of a panel; where events are summed up, a
// table with sample = "never-takers" has it.
func (r *run) withNeverTakers(ctx context.Context, k modelKey, t *TableSpec, spec late.Spec, tables []*Table) ([]*Table, error) {
	if !r.study.ready() {
		return tables, nil
	}
	more, why, err := r.neverTakers(ctx, k, t, spec)
	if err != nil {
		return nil, err
	}
	if why != "" {
		last := tables[len(tables)-1]
		last.Notes = append(last.Notes, why)
	}
	return append(tables, more...), nil
}

// numbered is a number with something behind it; nothing where there is no number.
func numbered(number, behind string) string {
	if number == "" {
		return ""
	}
	return number + behind
}

// describeCompliers is the second table of compliers: who they are by what was known before.
func (r *run) describeCompliers(ctx context.Context, k modelKey, t *TableSpec, spec late.Spec) ([]*Table, error) {
	s := r.study
	frame, err := r.withUnits(r.cells[k.period], t.Variables)
	if err != nil {
		return nil, err
	}
	profile, err := late.DescribeCompliers(ctx, frame, spec, t.Variables...)
	if err != nil {
		return nil, err
	}
	table, err := report.ComplierProfile{Number: numbered(t.Number, ", who"), Title: fmt.Sprintf("%s: who they are", t.Title), Profile: profile, Digits: t.Digits,
		Label: func(c string) string { return capital(s.label(c)) }, Notes: []string{r.designNote(k)}}.Table()
	if err != nil {
		return nil, err
	}
	return r.finish(&Table{ID: t.Number + "-who", Table: table}, t), nil
}
