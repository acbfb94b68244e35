package bootstrap

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// JointPermutation is a test that assignment has no effect on any of several outcomes.
type JointPermutation struct {
	Outcomes []string
	// Largest is the largest absolute statistic, which is strong against one large effect, and
	// LargestP its p-value.
	Largest, LargestP float64
	// Quadratic is the sum of the squared statistics after they are made uncorrelated by their
	// covariance over the draws and the data, which is strong against several small effects; NaN
	// where outcomes repeat each other. QuadraticP is its p-value.
	Quadratic, QuadraticP float64
	// The Monte Carlo standard errors of the p-values; zero for an enumeration.
	LargestSE, QuadraticSE float64
	Reason                 string // why Quadratic could not be computed; empty otherwise
}

// Joint tests the outcomes together, all of them if none is named, in the draws that they share. The
// statistics are functions of the draws and the data that do not single the data out, so that the tests
// are exact for the sharp null, as Permute's are. Young (2019) calls them omnibus tests.
//
// The error is a *fieldexp.Error for an outcome that was not tested.
func (r *PermuteResult) Joint(outcomes ...string) (*JointPermutation, error) {
	if len(outcomes) == 0 {
		outcomes = r.Spec.Outcomes
	}
	j := &JointPermutation{Outcomes: outcomes, Quadratic: math.NaN(), QuadraticP: math.NaN(), QuadraticSE: math.NaN()}
	q := len(outcomes)
	// One row for each draw, the last for the data.
	rows := mat.NewDense(r.Draws+1, q, nil)
	for i, name := range outcomes {
		e, err := r.Effect(name)
		if err != nil {
			return nil, err
		}
		for b, t := range e.Statistics {
			rows.Set(b, i, t)
		}
		rows.Set(r.Draws, i, e.Statistic)
	}
	statistics := make([]float64, r.Draws+1)
	for b := range statistics {
		for _, t := range rows.RawRowView(b) {
			statistics[b] = math.Max(statistics[b], math.Abs(t)) // NaN where one is
		}
	}
	j.Largest = statistics[r.Draws]
	j.LargestP, j.LargestSE = r.judge(statistics)
	last := r.Draws + 1
	if r.Enumerated { // the data are among the draws
		last--
	}
	inverse, ok := precision(rows.Slice(0, last, 0, q).(*mat.Dense))
	if !ok {
		j.Reason = fmt.Sprintf("the statistics of %v repeat each other in the draws", outcomes)
		return j, nil
	}
	for b := range statistics {
		row := rows.RowView(b)
		statistics[b] = mat.Inner(row, inverse, row)
	}
	j.Quadratic = statistics[r.Draws]
	j.QuadraticP, j.QuadraticSE = r.judge(statistics)
	return j, nil
}

// judge is the p-value of the last statistic among the others.
func (r *PermuteResult) judge(statistics []float64) (p, se float64) {
	counts := Counts{Draws: r.Draws, Enumerated: r.Enumerated}
	for _, draw := range statistics[:r.Draws] {
		counts.add(draw, statistics[r.Draws])
	}
	p = r.Spec.rule().symmetric(&counts)
	return p, standardError(p, Symmetric, &counts)
}

// precision inverts the second moments of the rows, leaving undefined rows out.
func precision(rows *mat.Dense) (*mat.SymDense, bool) {
	n, q := rows.Dims()
	moments := mat.NewSymDense(q, nil)
	for b := range n {
		row := rows.RawRowView(b)
		if math.IsNaN(mat.Sum(rows.RowView(b))) {
			continue
		}
		for i := range q {
			for j := i; j < q; j++ {
				moments.SetSym(i, j, moments.At(i, j)+row[i]*row[j]/float64(n))
			}
		}
	}
	unit := make([]float64, q)
	for i := range unit {
		if unit[i] = 1 / math.Sqrt(moments.At(i, i)); math.IsInf(unit[i], 0) {
			return nil, false
		}
	}
	scaled := mat.NewSymDense(q, nil)
	for i := range q {
		for j := i; j < q; j++ {
			scaled.SetSym(i, j, moments.At(i, j)*unit[i]*unit[j])
		}
	}
	var chol mat.Cholesky
	const condition = 1e10
	if !chol.Factorize(scaled) || chol.Cond() > condition {
		return nil, false
	}
	inverse := mat.NewSymDense(q, nil)
	if chol.InverseTo(inverse) != nil {
		return nil, false
	}
	for i := range q {
		for j := i; j < q; j++ {
			inverse.SetSym(i, j, inverse.At(i, j)*unit[i]*unit[j])
		}
	}
	return inverse, true
}
