package iv

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/fieldexp/fieldexp"
	"github.com/fieldexp/fieldexp/internal/dist"
	"github.com/fieldexp/fieldexp/internal/symmetric"
)

// Coefficients lists all estimates in the order of Terms.
func (r *Result) Coefficients() []Coefficient {
	list := make([]Coefficient, len(r.Terms))
	for i, name := range r.Terms {
		list[i] = r.judgeTerm(i, name)
	}
	return list
}

// Coefficient is the estimate of one term. The error names the terms that there are.
func (r *Result) Coefficient(name string) (Coefficient, error) {
	i, err := r.term(name)
	if err != nil {
		return Coefficient{}, err
	}
	return r.judgeTerm(i, name), nil
}

func (r *Result) judgeTerm(i int, name string) Coefficient {
	df := r.DF
	if r.df != nil {
		df = r.df[i]
	}
	return r.judgeWith(name, r.Coef[i], r.Vcov.At(i, i), df)
}

// Combine is a linear combination of coefficients, under the given name. Satterthwaite degrees of
// freedom are its own.
func (r *Result) Combine(name string, weights map[string]float64) (Coefficient, error) {
	c := make([]float64, len(r.Terms))
	for term, w := range weights {
		i, err := r.term(term)
		if err != nil {
			return Coefficient{}, err
		}
		c[i] = w
	}
	v := mat.NewVecDense(len(c), c)
	df := r.DF
	if r.standard != nil {
		df = r.standard.Degrees(mat.NewDense(1, len(c), c)).DF
	}
	variance := mat.Inner(v, r.Vcov, v)
	if r.vanishes(v, variance) {
		variance = 0
	}
	return r.judgeWith(name, mat.Dot(v, mat.NewVecDense(len(c), r.Coef)), variance, df), nil
}

// judge puts an estimate and its variance into a Coefficient with the result's degrees of freedom.
func (r *Result) judge(name string, estimate, variance float64) Coefficient {
	return r.judgeWith(name, estimate, variance, r.DF)
}

// judgeWith is judge with other degrees of freedom.
func (r *Result) judgeWith(name string, estimate, variance, df float64) Coefficient {
	c := Coefficient{Name: name, Estimate: estimate, SE: math.Sqrt(variance), DF: df}
	if variance == 0 {
		nan := math.NaN()
		c.Reason, c.Statistic, c.P, c.Low, c.High = r.noVariance(), nan, nan, nan, nan
		if r.fit == nil || !r.fit.exact { // errors of an exact fit are zero, if there are any
			c.SE = nan
		}
		return c
	}
	c.Statistic = estimate / c.SE
	c.P = dist.TwoSided(c.Statistic, df)
	reach := dist.TQuantile(0.5+r.Level/2, df) * c.SE
	c.Low, c.High = estimate-reach, estimate+reach
	return c
}

func (r *Result) term(name string) (int, error) {
	for i, t := range r.Terms {
		if t == name {
			return i, nil
		}
	}
	message := fmt.Sprintf("the model of %q has no term %q", r.Outcome, name)
	for _, dropped := range r.Dropped.Collinear {
		if dropped == name {
			message += ": it was dropped as collinear"
		}
	}
	return 0, &fieldexp.Error{Op: "iv", Problem: fieldexp.NotAvailable, Columns: []string{name}, Message: message,
		Remedy: []fieldexp.Hint{fieldexp.Hint("name one of its terms: " + strings.Join(r.Terms, ", "))}}
}

// Wald tests the hypothesis R b = q, with one row of R for each restriction and one column for
// each term; a nil q is zero. The statistic is F with the result's degrees of freedom or, where
// those are infinite, chi-squared. With Satterthwaite degrees of freedom it is the approximate
// Hotelling test of Pustejovsky and Tipton (2018; HTZ in R's clubSandwich): the Wald statistic Q
// refers, as Q (nu-q+1)/(nu q), to F with q and nu-q+1 degrees of freedom, where nu is that of a
// Wishart matrix as variable as the covariance of the q restrictions. Null is the hypothesis
// as a sentence.
func (r *Result) Wald(null string, restrictions *mat.Dense, q []float64) Test {
	rows, cols := restrictions.Dims()
	t := Test{Null: null, DF1: float64(rows), DF2: r.DF, Statistic: math.NaN(), P: math.NaN()}
	if cols != len(r.Terms) {
		t.Reason = fmt.Sprintf("the restrictions have %d columns for %d terms", cols, len(r.Terms))
		return t
	}
	if q != nil && len(q) != rows {
		t.Reason = fmt.Sprintf("%d values for %d restrictions", len(q), rows)
		return t
	}
	if r.Covariance.Kind.Clustered() {
		for _, c := range r.Clusters {
			if c.Count <= rows {
				t.Reason = fmt.Sprintf("%d clusters of %q cannot test %d restrictions at once", c.Count, c.Column, rows)
				return t
			}
		}
	}
	var d mat.VecDense
	d.MulVec(restrictions, mat.NewVecDense(len(r.Coef), r.Coef))
	for i, v := range q {
		d.SetVec(i, d.AtVec(i)-v)
	}
	v := symmetric.Sandwich(restrictions.T(), r.Vcov)
	for i := range rows {
		if r.vanishes(mat.VecDenseCopyOf(restrictions.RowView(i)), v.At(i, i)) {
			t.Reason = r.noVariance()
			return t
		}
	}
	inverse, err := inverseOf(mat.DenseCopyOf(v))
	if err != nil {
		t.Reason = "the restrictions repeat each other, or their covariance is singular"
		return t
	}
	t.Statistic = mat.Inner(&d, inverse, &d)
	if r.standard != nil {
		return r.hotelling(t, restrictions)
	}
	if math.IsInf(r.DF, 1) {
		t.P = dist.ChiSquaredTail(t.Statistic, t.DF1)
		return t
	}
	t.Statistic /= t.DF1
	t.P = dist.FTail(t.Statistic, t.DF1, t.DF2)
	return t
}

// WaldZero tests that the coefficients of the named terms are all zero.
func (r *Result) WaldZero(names ...string) (Test, error) {
	restrictions, err := r.rowsFor(names)
	if err != nil {
		return Test{}, err
	}
	return r.Wald(strings.Join(names, ", ")+" have no effect", restrictions, nil), nil
}

// WaldEqual tests that the coefficients of the named terms are all equal.
func (r *Result) WaldEqual(names ...string) (Test, error) {
	if len(names) < 2 {
		return Test{}, &fieldexp.Error{Op: "iv", Problem: fieldexp.BadSpec, Columns: names,
			Message: "a test of equality of fewer than two terms",
			Remedy:  []fieldexp.Hint{"name two terms or more"}}
	}
	each, err := r.rowsFor(names)
	if err != nil {
		return Test{}, err
	}
	restrictions := mat.NewDense(len(names)-1, len(r.Terms), nil)
	for i := range len(names) - 1 {
		for j := range r.Terms {
			restrictions.Set(i, j, each.At(i+1, j)-each.At(0, j))
		}
	}
	return r.Wald("the effects of "+strings.Join(names, ", ")+" are equal", restrictions, nil), nil
}

// rowsFor makes a matrix with a row that picks out each named term.
func (r *Result) rowsFor(names []string) (*mat.Dense, error) {
	if len(names) == 0 {
		return nil, &fieldexp.Error{Op: "iv", Problem: fieldexp.BadSpec,
			Message: "a test of no term",
			Remedy:  []fieldexp.Hint{"name the terms to test"}}
	}
	rows := mat.NewDense(len(names), len(r.Terms), nil)
	for i, name := range names {
		j, err := r.term(name)
		if err != nil {
			return nil, err
		}
		rows.Set(i, j, 1)
	}
	return rows, nil
}

// OverallF tests that all coefficients but the constant are zero.
func (r *Result) OverallF() Test {
	var names []string
	for _, t := range r.Terms {
		if t != Constant {
			names = append(names, t)
		}
	}
	test, err := r.WaldZero(names...)
	if err != nil {
		return Test{Null: "all slopes are zero", Statistic: math.NaN(), P: math.NaN(), Reason: "the model has no slopes"}
	}
	test.Null = "all slopes are zero"
	return test
}

// PartialF tests, for each endogenous column, that the excluded instruments do not move it: the
// first-stage F with the result's covariance. It is empty for OLS. With several endogenous columns each can be
// large where the instruments move them together and cannot tell them apart; see KleibergenPaap.
func (r *Result) PartialF() []Test {
	tests, instruments := make([]Test, len(r.FirstStages)), r.Instruments()
	for i, first := range r.FirstStages {
		test, err := first.WaldZero(instruments...)
		if err != nil {
			test = Test{Statistic: math.NaN(), P: math.NaN(), Reason: err.Error()}
		}
		test.Null = fmt.Sprintf("%s do not move %s", strings.Join(instruments, ", "), first.Outcome)
		tests[i] = test
	}
	return tests
}

// EffectiveClusters is the number of equally informative clusters that would determine the
// estimate of a term as evenly as the clusters of the data do: the inverse of the sum of squares
// of their partial leverages, which are their shares of the variation in the term's regressor
// that is left after all other columns. It is about the number of clusters in a balanced
// design, and little more than the number of treated clusters where few are treated. NaN where nothing
// is clustered or clusters are single rows.
func (r *Result) EffectiveClusters(term string) (float64, error) {
	j, err := r.term(term)
	if err != nil {
		return 0, err
	}
	f := r.fit
	if f.grams == nil {
		return math.NaN(), nil
	}
	a := make([]float64, f.grams.K)
	for i, c := range f.score {
		a[c] = f.influence.At(j, i)
	}
	sum, squares := 0.0, 0.0
	for g := range r.Clusters[0].Count {
		share := f.grams.Quadratic(g, a, a)
		sum += share
		squares += share * share
	}
	return sum * sum / squares, nil
}
