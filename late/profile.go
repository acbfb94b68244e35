package late

import (
	"context"
	"fmt"
	"math"
	"strings"
	"text/tabwriter"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/data"
	"github.com/fieldexp/fieldexp/internal/brief"
	"github.com/fieldexp/fieldexp/iv"
)

// Profile describes who the compliers are by what was known of them before. It does not keep the models that its means
// are from, so that it has no With: describe them again with another Covariance.
type Profile struct {
	Usage string
	Rows  []ProfileRow // in the order of the covariates
}

// ProfileRow holds the means of one covariate. A group that cannot be seen (always-takers under
// one-sided uptake) has NaN for its mean and standard error.
type ProfileRow struct {
	Covariate string
	// All is the mean over both arms, Compliers that of those whom assignment moved to use.
	All, Compliers iv.Coefficient
	// AlwaysTakers are those who used without being assigned, NeverTakers those who did not although
	// they were.
	AlwaysTakers, NeverTakers iv.Coefficient
}

// DescribeCompliers estimates the mean of each covariate among compliers, always-takers and
// never-takers, for usage that is 0 or 1. The complier mean is the coefficient of usage D in the
// two-stage regression of D times the covariate on D, with assignment as the instrument (Abadie 2003,
// theorem 3.1); it takes covariates that assignment cannot have changed. The spec's outcomes, controls
// and effects do not matter; its weights, clusters and covariance do. In a
// difference-in-differences, rows are those since the launch.
//
// The error is as in Estimate.
func DescribeCompliers(ctx context.Context, f *data.Frame, spec Spec, covariates ...string) (*Profile, error) {
	if len(covariates) == 0 {
		return nil, &fieldexp.Error{Op: "late", Problem: fieldexp.BadSpec,
			Message: "a profile of no covariate",
			Remedy:  []fieldexp.Hint{"name columns that were measured before assignment"}}
	}
	b, err := newBinary(f, spec, "complier profiles")
	if err != nil {
		return nil, err
	}
	var products []string
	for _, name := range covariates {
		x, err := b.frame.Floats(name)
		if err != nil {
			return nil, err
		}
		products = append(products, b.add(name+" of users", func(i int) float64 { return b.usage.values[i] * x[i] }))
	}
	if b.err != nil {
		return nil, b.err
	}
	m := b.design.Model()
	m.Outcomes, m.Exogenous, m.Absorb, m.Progress = products, nil, nil, nil
	m.Endogenous, m.Instruments = []string{spec.Usage}, b.design.Terms
	compliers, err := iv.Estimate(ctx, b.since(), m)
	if err != nil {
		return nil, b.usage.explain(err)
	}
	if err := b.usage.checkFirstStages(compliers); err != nil {
		return nil, err
	}
	known := func(row int) bool { return !math.IsNaN(b.usage.values[row]) }
	p := &Profile{Usage: spec.Usage}
	for i, name := range covariates {
		row := ProfileRow{Covariate: name, Compliers: compliers[i].Coefficients()[0]}
		row.Compliers.Name = name
		for _, group := range []struct {
			into *iv.Coefficient
			keep func(row int) bool
		}{
			{&row.All, known},
			{&row.AlwaysTakers, func(row int) bool { return !b.exposed(row) && b.usage.values[row] == 1 }},
			{&row.NeverTakers, func(row int) bool { return b.exposed(row) && b.usage.values[row] == 0 }},
		} {
			if *group.into, err = b.mean(ctx, name, group.keep); err != nil {
				return nil, err
			}
		}
		p.Rows = append(p.Rows, row)
	}
	return p, nil
}

func indicator(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// mean is the mean of a column over rows since the launch. It is NaN where there are too few rows or
// clusters for one, or for its standard error.
func (b *study) mean(ctx context.Context, name string, keep func(row int) bool) (iv.Coefficient, error) {
	fits, err := b.plain(ctx, nil, keep, name)
	if err != nil {
		if ctx.Err() != nil {
			return iv.Coefficient{}, ctx.Err()
		}
		return b.meanAlone(name, keep), nil
	}
	c := fits[0].Coefficients()[0]
	c.Name = name
	return c, nil
}

// meanAlone is a mean without a standard error: of a column that does not vary there, of one
// cluster, or of no row.
func (b *study) meanAlone(name string, keep func(row int) bool) iv.Coefficient {
	nan := math.NaN()
	values, err := b.frame.Floats(name)
	if err != nil {
		return iv.Coefficient{Name: name, Estimate: nan, SE: nan, Statistic: nan, P: nan, Low: nan, High: nan}
	}
	sum, mass, varies, first := 0.0, 0.0, false, nan
	for i, v := range values {
		if !b.weighs(i) || !b.design.Launched(i) || !keep(i) || math.IsNaN(v) {
			continue
		}
		w := 1.0
		if b.weights != nil {
			w = b.weights[i]
		}
		sum, mass = sum+w*v, mass+w
		if math.IsNaN(first) {
			first = v
		}
		varies = varies || v != first
	}
	c := iv.Coefficient{Name: name, Estimate: sum / mass, SE: nan, Statistic: nan, P: nan, Low: nan, High: nan}
	if mass > 0 && !varies {
		c.SE, c.Low, c.High = 0, c.Estimate, c.Estimate
	}
	return c
}

// String is a table of means with standard errors in parentheses.
func (p *Profile) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Who uses %s: means\n", p.Usage)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "\tall\t\tcompliers\t\talways-takers\t\tnever-takers\t\t\n")
	for _, row := range p.Rows {
		fmt.Fprintf(w, "%s\t", row.Covariate)
		for _, c := range []iv.Coefficient{row.All, row.Compliers, row.AlwaysTakers, row.NeverTakers} {
			if math.IsNaN(c.Estimate) {
				fmt.Fprint(w, "-\t\t")
				continue
			}
			fmt.Fprintf(w, "%s\t(%s)\t", brief.Number(c.Estimate), brief.SE(c))
		}
		fmt.Fprint(w, "\n")
	}
	w.Flush()
	return b.String()
}
